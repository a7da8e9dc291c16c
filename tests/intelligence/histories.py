"""Histories told by hand: events with just the fields that the rules of metrics read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.intelligence.metrics.following import follow
from manciple.intelligence.metrics.told import Told
from manciple.runtime.rows import micros

REQ, PO = "requisition/REQ-1", "PO-1"
ALWAYS_OPEN = {
    "zone": "UTC",
    "hours": [["00:00:00", "00:00:00"]] * 5 + [None, None],
    "holidays": [],
}


def each(number: str) -> dict[str, str]:
    return {"value": number, "unit": "EA"}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Give an instant of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@dataclass(slots=True)
class History:
    """Events told one after the other, and the facts that follow."""

    book: Book = field(default_factory=lambda: Book(lambda _: None))
    sequence: int = 0

    def tell(
        self,
        kind: str,
        when: datetime,
        stream: str,
        data: Mapping[str, Any],
        *,
        actor: str = "manciple",
        door: str = "process",
        key: str = "",
    ) -> None:
        self.sequence += 1
        told = Told(
            sequence=self.sequence,
            type=kind,
            stream=stream,
            at=micros(when),
            key=key or f"key-{self.sequence}",
            actor=actor,
            door=door,
            data=data,
        )
        follow(told, self.book)

    def facts(self, series: str, state: FactState | None = None) -> list[Fact]:
        kept = [entry[0] for entry in self.book.facts.values() if entry is not None]
        return [f for f in kept if f.metric == series and state in {None, f.state}]

    def fact(self, series: str, key: str) -> Fact:
        (found,) = [fact for fact in self.facts(series) if fact.key == key]
        return found

    # ---- the usual events -----------------------------------------------------------------

    def site(self, name: str = "ATL") -> None:
        self.tell("CalendarRegistered", at(1), "calendar/week",
                  {"calendar": "week", "hours": ALWAYS_OPEN})  # fmt: skip
        self.tell("SiteRegistered", at(1), f"site/{name}", {"site": name, "calendar": "week"})

    def submitted(self, when: datetime, *, lines: int = 1, requisition: str = "REQ-1") -> None:
        self.tell(
            "RequisitionSubmitted", when, f"requisition/{requisition}",
            {"requisition": requisition, "thread": f"requisition/{requisition}", "site": "ATL",
             "flow": "direct", "lines": lines},
            actor="rita", door="api",
        )  # fmt: skip

    def placed(
        self, when: datetime, *, ordered: tuple[str, ...] = ("100",), needed_by: str = "2026-03-11"
    ) -> None:
        rows = [
            {"line": str(n), "item": "VALVE", "category": "pipe", "ordered": each(quantity),
             "amount": usd("10.00"), "needed_by": needed_by}
            for n, quantity in enumerate(ordered, 1)
        ]  # fmt: skip
        self.tell("OrderPlaced", when, f"purchase-order/{PO}",
                  {"order": PO, "thread": REQ, "site": "ATL", "supplier": "BLUE",
                   "requisition": "REQ-1", "lines": rows})  # fmt: skip
        self.tell("RequisitionOrdered", when, REQ, {"requisition": "REQ-1", "thread": REQ})

    def released(self, when: datetime) -> None:
        self.order_event("OrderRecordedInErp", when)

    def sent(self, when: datetime, revision: int = 1) -> None:
        self.order_event("OrderSent", when, revision=revision)

    def answered(
        self, when: datetime, *lines: str, revision: int = 1, promises: tuple[Any, ...] = ()
    ) -> None:
        self.order_event("OrderAnswered", when, lines=lines, revision=revision, promises=promises)

    def promised(
        self, when: datetime, first: str, *, promised: str = "", confirmed: str = "100"
    ) -> None:
        """Have line 1 answered with a promise."""
        row = {"line": "1", "first": first, "promised": promised or first,
               "confirmed": each(confirmed)}  # fmt: skip
        self.answered(when, "1", promises=(row,))

    def changed(
        self, when: datetime, revision: int, given_up: Mapping[str, str], **how: Any
    ) -> None:
        rows = [{"line": line, "quantity": each(quantity)} for line, quantity in given_up.items()]
        self.order_event("OrderChanged", when, how=how, revision=revision, cancelled=rows)

    def shipped(self, when: datetime, quantity: str) -> None:
        self.tell("ShipNoticeReceived", when, "ship-notice/ASN-1",
                  {"order": PO, "lines": [{"line": "1", "quantity": each(quantity)}]})  # fmt: skip

    def received(self, day: int, quantity: str) -> None:
        self.tell("GoodsReceived", at(day, 12), f"receipt/R-{self.sequence}",
                  {"order": PO, "received": at(day).date().isoformat(),
                   "lines": [{"line": "1", "received": each(quantity)}]})  # fmt: skip

    def order_event(
        self, kind: str, when: datetime, *, how: Mapping[str, Any] | None = None, **data: Any
    ) -> None:
        self.tell(kind, when, f"purchase-order/{PO}", {"order": PO, "thread": REQ} | data,
                  **(how or {}))  # fmt: skip


def an_order(*, ordered: tuple[str, ...] = ("100",), needed_by: str = "2026-03-11") -> History:
    """Tell of an order that was submitted, placed, released and sent on Monday the 2nd."""
    history = History()
    history.site()
    history.submitted(at(2, 8), lines=len(ordered))
    history.placed(at(2, 9), ordered=ordered, needed_by=needed_by)
    history.released(at(2, 10))
    history.sent(at(2, 11))
    return history
