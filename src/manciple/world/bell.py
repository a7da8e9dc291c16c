"""The bell: reads the public event feed and says who has something to do, as a mail would.

    GET /v1/events?after=n -> Told(person, kind) for people, Ordered and Ended for planners' books

What a page of it costs is one request however many people there are; nobody looks at an empty
list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from manciple.kernel.records import dataclass
from manciple.world.client import Api
from manciple.world.journal import Journal
from manciple.world.people import Office

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody has something on a list."""

    person: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A requisition became an order."""

    requisition: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Nothing more comes of a requisition or an order."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """An order gave something up: pieces by order line."""

    order: str
    lines: Mapping[str, int]


News = Told | Placed | Dropped | Cut


@dataclass(slots=True)
class Bell:
    """Reads the feed from where it last stopped; the journal notes every event of it."""

    office: Office
    journal: Journal
    after: int = 0
    _sites: dict[str, str] = field(default_factory=dict)

    def ring(self, api: Api) -> Iterator[News]:
        """Read what happened since the last time."""
        while rows := api.get(f"/v1/events?after={self.after}&limit={_PAGE}")["rows"]:
            for row in rows:
                self.after = row["n"]
                actor = self.office.person(row["body"]["actor"])
                self.journal.note(row, is_person=actor is not None)
                yield from self._news(row["type"], row | {"data": row["body"]["data"]})
            if len(rows) < _PAGE:
                return

    def _news(self, kind: str, body: Mapping[str, Any]) -> Iterator[News]:  # noqa: C901  one arm an event
        match kind:
            case "StepAssigned" | "ApproverReminded":
                yield from self._person(body["data"]["approver"], "approval", body)
            case "ApprovalEscalated" | "ApprovalRerouted":
                yield from self._person(body["data"]["now"], "approval", body)
            case "CaseOpened":
                self._sites[body["data"]["case"]] = body["data"]["site"]
                yield from self._role(body["data"]["owner_role"], "case", body)
            case "CaseReopened":
                yield from self._role(body["data"]["owner_role"], "case", body)
            case "CaseEscalated":
                yield from self._role(body["data"]["to_role"], "case", body)
            case "CaseReassigned":
                yield from self._person(body["data"]["owner"], "case", body)
            case "InvoiceHeld":
                owners = dict.fromkeys(hold["owner_role"] for hold in body["data"]["holds"])
                for role in owners:
                    yield from self._role(role, "hold", body)
            case "OrderPlaced":
                data = body["data"]
                yield Placed(requisition=data["requisition"], order=data["order"])
            case "OrderChanged":
                cut = {each["line"]: int(Decimal(each["quantity"]["value"]))
                       for each in body["data"]["cancelled"]}  # fmt: skip
                yield Cut(order=body["data"]["order"], lines=cut)
            case "OrderClosed":
                yield Dropped(name=body["data"]["order"])
            case "RequisitionRejected" | "RequisitionWithdrawn":
                yield Dropped(name=body["data"]["requisition"])

    def _person(self, name: str, kind: str, body: Mapping[str, Any]) -> Iterator[News]:
        person = self.office.person(name)
        if person is not None:
            yield Told(person=person.id, kind=kind, at=datetime.fromisoformat(body["at"]))

    def _role(self, role: str, kind: str, body: Mapping[str, Any]) -> Iterator[News]:
        data = body["data"]
        about = data.get("case") or data.get("invoice") or ""
        site = data.get("site") or self._sites.get(about, "")
        person = self.office.in_charge(role, site, about)
        if person is not None:
            yield Told(person=person.id, kind=kind, at=datetime.fromisoformat(body["at"]))
