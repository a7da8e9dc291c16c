"""The other systems as endpoints: ERP, warehouse, finance, partners, and our own reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from manciple.adapters.erp.endpoint import ErpEndpoint
from manciple.adapters.erp.reference import ReferenceErpAdapter
from manciple.adapters.finance.adapter import ReferenceFinanceAdapter, finance_endpoint
from manciple.adapters.house import HouseEndpoint
from manciple.adapters.inbound import InboundEndpoint
from manciple.adapters.link_keys import KeyRing
from manciple.adapters.mail.endpoint import MailEndpoint, Post
from manciple.adapters.mail.post import SmtpPost
from manciple.adapters.reference.line import HttpLine, Line
from manciple.adapters.transports.endpoint import EdiEndpoint
from manciple.adapters.transports.folder import FolderTransport
from manciple.adapters.wms.adapter import ReferenceWmsAdapter, wms_endpoint
from manciple.processes.ports import TransportPort
from manciple.processes.ports.mail import MAIL
from manciple.runtime.effects import Endpoint
from manciple.runtime.work import NotFoundError
from manciple.settings import Settings


@dataclass(slots=True)
class Systems:
    """What is out there, as this installation reaches it.

    Attributes:
        transports: by partner, where not a folder.
        link_keys: what signs and proves links.
        post: the way to the mail server; None: letters wait.
    """

    partners: Path
    link_keys: KeyRing
    erp: ReferenceErpAdapter | None = None
    wms: ReferenceWmsAdapter | None = None
    finance: ReferenceFinanceAdapter | None = None
    post: Post | None = None
    transports: dict[str, TransportPort] = field(default_factory=dict)
    _folders: dict[str, FolderTransport] = field(default_factory=dict)

    @classmethod
    def over(
        cls,
        settings: Settings,
        *,
        erp: Line | None = None,
        wms: Line | None = None,
        finance: Line | None = None,
    ) -> "Systems":
        """Reach the systems over these lines, or else over the addresses of the settings."""
        to_erp = erp or (HttpLine(settings.erp_url) if settings.erp_url else None)
        to_wms = wms or (HttpLine(settings.wms_url) if settings.wms_url else None)
        to_finance = finance or (HttpLine(settings.finance_url) if settings.finance_url else None)
        return cls(
            partners=settings.partners,
            erp=ReferenceErpAdapter(to_erp) if to_erp else None,
            wms=ReferenceWmsAdapter(to_wms) if to_wms else None,
            finance=ReferenceFinanceAdapter(to_finance) if to_finance else None,
            link_keys=KeyRing(settings.home, told=settings.link_keys),
            post=SmtpPost.at(settings.smtp_url) if settings.smtp_url else None,
        )

    def transport(self, partner: str) -> TransportPort:
        """Give the way by which files reach a partner."""
        if partner in self.transports:
            return self.transports[partner]
        if partner not in self._folders:
            self._folders[partner] = FolderTransport(self.partners / partner, partner=partner)
        return self._folders[partner]


class EndpointRegister:
    """Endpoints by name; ``edi:ACME`` is served by ``edi``."""

    def __init__(self, systems: Systems, inbound: InboundEndpoint, house: HouseEndpoint) -> None:
        """Serve what these systems can do, and what this program does for itself."""
        served: dict[str, Endpoint] = {
            "inbound": inbound,
            "house": house,
            "edi": EdiEndpoint(systems.transport),
        }
        if systems.erp is not None:
            served["erp"] = ErpEndpoint(systems.erp)
        if systems.wms is not None:
            served["wms"] = wms_endpoint(systems.wms)
        if systems.finance is not None:
            served["finance"] = finance_endpoint(systems.finance)
        if systems.post is not None:
            served[MAIL] = MailEndpoint(systems.post, systems.link_keys.keys)
        self._served: Mapping[str, Endpoint] = served

    def endpoint(self, name: str) -> Endpoint:
        """Give the endpoint of that name.

        Raises:
            NotFoundError: none serves it.
        """
        found = self._served.get(name) or self._served.get(name.partition(":")[0])
        if found is None:
            raise NotFoundError("endpoint", name)
        return found

    def names(self) -> Sequence[str]:
        """Give the registered names, sorted."""
        return sorted(self._served)
