"""What the exchange needs from elsewhere: somebody who writes an order as a partner reads it."""

from datetime import datetime
from typing import Protocol

from manciple.catalog.site import Site
from manciple.exchange.mapping.document import PartnerDocument
from manciple.exchange.partner import Partner
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.revision import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A file ready to go; or the reasons why it can't be written."""

    content: bytes | None
    reasons: tuple[str, ...] = ()


class Composer(Protocol):
    """Writes orders, their revisions and other papers as one partner reads them."""

    def __call__(
        self,
        order: PurchaseOrder,
        partner: Partner,
        site: Site,
        *,
        control: int,
        at: datetime,
        revision: Revision | None = None,
    ) -> Composed:
        """Write the file under our control number; the same inputs give the same bytes.

        Without a revision it is the order itself; with one it is what the partner's profile
        wants to be told of a change.
        """
        ...

    def paper(
        self,
        document: PartnerDocument,
        message: str,
        partner: Partner,
        *,
        control: int,
        at: datetime,
    ) -> Composed:
        """Write any paper as one message of this set; the same inputs give the same bytes."""
        ...
