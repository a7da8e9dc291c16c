"""Drawing: which receipts the lines of invoices draw on, and how much of each is still unbilled.

    received 40 on the 3rd and 60 on the 8th; billed 50, then 30
    the first draws 40 + 10, the second 30; 20 of the 8th are not billed yet

First come, first billed: by receipt date, receipt number and line. What a line names, a receipt or
a shipment, is served first, for all lines of its invoice, before any that names nothing. A return
takes from the receipt that it names, else from the newest. Never more than came, never more than
is billed; the same facts give the same answer. Source: domain rule D-18 with its ruling in 4.7 B.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger, Stage

ZERO = Decimal(0)
_SHIPMENT = "shipment "


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one receipt brought on an order line and was not returned, in the base unit.

    Attributes:
        shipment: the supplier's shipment that it came with; None when nobody said.
    """

    day: date
    receipt: str
    line: str
    quantity: Decimal
    shipment: str | None = None

    @property
    def rank(self) -> tuple[date, str, str]:
        """Give the place in the queue: by date, then receipt number, then line."""
        return (self.day, self.receipt, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What one line of one invoice bills on an order line, in the base unit.

    Attributes:
        at: the line's place on its invoice.
        names: a receipt or a shipment; empty when it names none.
    """

    invoice: str
    at: int
    quantity: Decimal
    names: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """So much of one receipt is billed by one invoice line."""

    receipt: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Who draws on what, and what is left.

    Attributes:
        lines: by invoice and place on it; a line may draw less than it bills.
        left: what of each delivery nobody bills, oldest first; nothing of it is left out.
    """

    lines: Mapping[tuple[str, int], tuple[Drawn, ...]]
    left: tuple[Delivery, ...]


def deliveries(ledger: LineLedger) -> tuple[Delivery, ...]:
    """Give what came on an order line and is kept, oldest first, from its postings."""
    came: dict[str, Delivery] = {}
    for posting in ledger.postings:
        if posting.stage is Stage.RECEIVED:
            receipt = _receipt_of(posting.source)
            so_far = came[receipt].quantity if receipt in came else ZERO
            told = posting.reason or ""
            came[receipt] = Delivery(
                day=posting.effective,
                receipt=receipt,
                line=posting.line,
                quantity=so_far + posting.quantity.value,
                shipment=told.removeprefix(_SHIPMENT) if told.startswith(_SHIPMENT) else None,
            )
    left = {each.receipt: each.quantity for each in came.values()}
    newest_first = sorted(came.values(), key=lambda each: each.rank, reverse=True)
    returns = [p for p in ledger.postings if p.stage is Stage.RETURNED]
    named = [(p, n) for p in returns if (n := _named(p.source)) in left]
    nameless = [(p, "") for p in returns if _named(p.source) not in left]
    for posting, name in (*named, *nameless):
        back = posting.quantity.value
        own = [each for each in newest_first if each.receipt == name]
        for each in (*own, *newest_first):
            taken = min(back, left[each.receipt])
            left[each.receipt] -= taken
            back -= taken
    return tuple(
        Delivery(
            day=each.day,
            receipt=each.receipt,
            line=each.line,
            quantity=left[each.receipt],
            shipment=each.shipment,
        )
        for each in reversed(newest_first)
    )


def draw(
    came: Iterable[Delivery], billed: Sequence[Billed], *, credited: Decimal = ZERO
) -> Drawing:
    """Share receipts out to invoice lines; ``billed`` in the order in which invoices come first.

    ``credited`` goods were billed for nothing: they are taken off the last lines.
    """
    queue = sorted(came, key=lambda each: each.rank)
    left = [each.quantity for each in queue]
    wanted = _less(billed, credited)
    found: dict[tuple[str, int], list[Drawn]] = {(b.invoice, b.at): [] for b in billed}
    for invoice in dict.fromkeys(each.invoice for each in billed):
        lines = [each for each in billed if each.invoice == invoice]
        passes = [(line, True) for line in lines if line.names]
        passes += [(line, False) for line in lines]
        for line, by_name in passes:
            key = (line.invoice, line.at)
            for place, delivery in enumerate(queue):
                if by_name and line.names not in (delivery.receipt, delivery.shipment):
                    continue
                taken = min(wanted[key], left[place])
                if taken > 0:
                    left[place] -= taken
                    wanted[key] -= taken
                    found[key].append(Drawn(receipt=delivery.receipt, quantity=taken))
    return Drawing(
        lines={key: tuple(rows) for key, rows in found.items()},
        left=tuple(
            Delivery(
                day=each.day,
                receipt=each.receipt,
                line=each.line,
                quantity=rest,
                shipment=each.shipment,
            )
            for each, rest in zip(queue, left, strict=True)
            if rest
        ),
    )


def _less(billed: Sequence[Billed], credited: Decimal) -> dict[tuple[str, int], Decimal]:
    wanted = {(each.invoice, each.at): each.quantity for each in billed}
    for each in reversed(billed):
        taken = min(credited, wanted[each.invoice, each.at])
        wanted[each.invoice, each.at] -= taken
        credited -= taken
    return wanted


def _receipt_of(source: str) -> str:
    """Give the receipt's number from ``receipt/NUMBER/LINE``; numbers may hold a slash."""
    return source.removeprefix("receipt/").rpartition("/")[0] or source


def _named(source: str) -> str:
    """Give the receipt that a return's posting names at its end; empty when it names none."""
    return source.partition("@")[2]
