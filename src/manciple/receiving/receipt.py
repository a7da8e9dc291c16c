"""A receipt says what the warehouse counted at the dock, against one order.

    counted -> booked         received; what is damaged is received but not accepted
            -> quarantined    the part above the tolerance is put aside and stands in no ledger

    ordered 100, tolerance 5 %: 104 in a first receipt, 3 in a second -> received 104 + 1, aside 2

The tolerance is of the ordered quantity and holds for all receipts of the line together; only the
excess is put aside, and the ordered quantity never changes. The same receipt number counts once.

    ordered 100 BOLT-8, BOLT-9 agreed to come instead: 60 BOLT-8 and 40 BOLT-9 -> received 60 + 40

A substitute fills the line for which it comes, and keeps its own number; an item that nobody
agreed to is put aside.

    3 aside, and the planner takes them in -> receipt D-1+1: received 3; D-1 has none aside

What is taken in later is booked as of the day on which it came, under a number of its own. Source:
domain rules D-21 with its rulings in 4.7, and D-22.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import ClassVar

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.catalog.site import works_for
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass, replace
from manciple.kernel.tolerance import Tolerance
from manciple.kernel.units import is_integer
from manciple.ordering.allowances import allowed_above
from manciple.ordering.in_force import goods_of, is_repriced
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, shipment_source
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    ENDED,
    OrderLine,
    OrderState,
    PurchaseOrder,
)
from manciple.runtime.effects import Lane

_ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@/#&+-]{0,79}\Z")
"""How a number of an item is written, as the API has it: the dock's page takes no other."""


class Condition(StrEnum):
    """In what state goods arrived."""

    GOOD = auto()
    DAMAGED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """So much of one order line arrived in such a condition; a line may come several times.

    Attributes:
        item: our number of what came, where it is not the item ordered.
    """

    line: str
    quantity: Quantity
    condition: Condition = Condition.GOOD
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipt:
    """Book what the warehouse counted.

    Attributes:
        receipt: the warehouse's number.
        received: the day, by the site's own calendar.
        shipment: the supplier's shipment that this receipt empties, where the warehouse knows
            it; then what was announced and did not come is told.
    """

    receipt: str
    order: str
    site: str
    received: date
    lines: tuple[ReceivedLine, ...]
    shipment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLine:
    """What a receipt means for one order line and one item, in the base unit.

    Attributes:
        item: what was ordered.
        came: the item that came instead of it; None: the item ordered. Source: D-22.
        counted: what came in all: received and quarantined.
        accepted: received in good condition.
        quarantined: above the tolerance, or an item that nobody agreed to; put aside until
            somebody decides.
        moved: what was put aside at first and stands in a later receipt now.
    """

    line: str
    item: str
    counted: Quantity
    stated: Quantity
    received: Quantity
    accepted: Quantity
    quarantined: Quantity
    came: str | None = None
    moved: Quantity | None = None

    @property
    def bought(self) -> str:
        """The item that came."""
        return self.came or self.item


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInAside:
    """Take in what a receipt put aside of one line and one item.

    Attributes:
        item: our number of what came.
        beyond: somebody wants it although it is more than may be received.
    """

    order: str
    receipt: str
    line: str
    item: str
    beyond: bool = False


class ReceiptState(StrEnum):
    """What became of a receipt."""

    BOOKED = auto()
    QUARANTINED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the warehouse counted, and how it was booked.

    Attributes:
        told: the lines as they came; a second message with this number must say the same.
        by: who counted them, or the system that told; empty in receipts from before it was kept.
    """

    KIND: ClassVar[str] = "receipt"

    id: str
    thread: str
    order: str
    site: str
    supplier: str
    state: ReceiptState
    received: date
    shipment: str | None
    told: tuple[ReceivedLine, ...]
    lines: tuple[BookedLine, ...]
    recorded_at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceived:
    """Goods of an order arrived."""

    receipt: str
    order: str
    thread: str
    site: str
    supplier: str
    received: date
    lines: tuple[BookedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideReceived:
    """What a receipt had put aside stands in a later one."""

    receipt: str
    order: str
    thread: str
    line: str
    item: str
    quantity: Quantity
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived:
    """Some or all of an order is here; complete when nothing more is expected."""

    order: str
    thread: str
    receipt: str
    lines: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDiscrepancyFound:
    """Something arrived that should not have, or did not arrive that should."""

    order: str
    thread: str
    receipt: str
    supplier: str
    site: str
    lane: Lane
    discrepancy: Discrepancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a receipt changes: the document, the order, the ledger, and what is to be told."""

    receipt: Receipt
    order: PurchaseOrder
    postings: tuple[Posting, ...]
    discrepancies: tuple[Discrepancy, ...]
    is_complete: bool


def require_order(
    order: PurchaseOrder | None, act: RecordReceipt, *, actor: Actor
) -> PurchaseOrder:
    """Give the order if it is one that goods can arrive for, at this site, told by its people.

    Raises:
        Refused: UNKNOWN_ORDER, WRONG_SITE or NOT_YOUR_SITE.
    """
    if order is None or order.state in BEFORE_SENDING:
        raise refuse(
            "UNKNOWN_ORDER",
            f"no order {act.order} is under way",
            field="order",
            fix="check the order number",
        )
    if not works_for(actor, act.site):
        raise refuse(
            "NOT_YOUR_SITE",
            f"{actor.id} works for {', '.join(actor.sites)}, not for {act.site}",
            field="site",
            fix="let the receiving site record it",
        )
    if order.site != act.site:
        raise refuse(
            "WRONG_SITE",
            f"{order.id} is to be delivered to {order.site}, not to {act.site}",
            field="site",
            fix="send the goods on, or record the receipt at the site of the order",
        )
    return order


def require_same(known: Receipt, act: RecordReceipt) -> None:
    """Let a repeat pass that says the same; it has been booked already.

    Raises:
        Refused: RECEIPT_CHANGED, the same number was booked with other contents.
    """
    what, field = "", "receipt"
    if (known.order, known.told) != (act.order, act.lines):
        what = "other lines"
    elif act.shipment is not None and act.shipment != known.shipment:
        what, field = f"shipment {known.shipment or '(none)'}", "shipment"
    elif act.received != known.received:
        what, field = f"{known.received} as its day", "received"
    if what:
        raise refuse(
            "RECEIPT_CHANGED",
            f"receipt {act.receipt} was booked before for {known.order} with {what}",
            field=field,
            fix="record a correction under its own number",
        )


def book(
    order: PurchaseOrder,
    act: RecordReceipt,
    *,
    ledgers: Mapping[str, LineLedger],
    tolerances: Mapping[str, Tolerance],
    at: datetime,
    by: str = "",
    beyond: bool = False,
) -> Booking:
    """Book a receipt; ledgers and over-receipt tolerances by line number.

    ``beyond``: somebody takes in more than the tolerance allows.

    Raises:
        Refused: with every fault of every line; nothing of the receipt is booked then.
    """
    lines = tuple(_all_booked(order, act, ledgers, tolerances, beyond=beyond))
    receipt = Receipt(
        id=act.receipt,
        thread=order.thread,
        order=order.id,
        site=order.site,
        supplier=order.supplier,
        state=(
            ReceiptState.QUARANTINED
            if any(line.quarantined for line in lines)
            else ReceiptState.BOOKED
        ),
        received=act.received,
        shipment=act.shipment,
        told=act.lines,
        lines=lines,
        recorded_at=at,
        by=by,
    )
    postings = tuple(_postings(order, receipt))
    after = dict(ledgers)
    for posting in postings:
        after[posting.line] = after[posting.line].post(posting)
    is_complete = all(not ledger.open_to_receive for ledger in after.values())
    to = OrderState.RECEIVED if is_complete else OrderState.SHIPPED
    return Booking(
        receipt=receipt,
        order=moved(order, to) if postings else order,
        postings=postings,
        discrepancies=(*_excess(order, lines, ledgers), *_missing(order, receipt, ledgers)),
        is_complete=is_complete,
    )


def taken_in(
    order: PurchaseOrder, known: Receipt, act: TakeInAside, *, leaving: Quantity, number: str
) -> tuple[Receipt, RecordReceipt] | None:
    """Give a receipt without what it had aside, and the receipt in which that is to be booked.

    Good goods go first, as they did when it was counted. ``leaving`` of the line stays aside: it
    goes back. None where nothing may be taken in: the order has ended, nobody agreed to the item,
    or nothing of it is aside.
    """
    line = order.line(act.line)
    booked = next((e for e in known.lines if (e.line, e.bought) == (act.line, act.item)), None)
    if line is None or booked is None or order.state in ENDED or not _is_agreed(order, booked):
        return None
    free = booked.quarantined - leaving
    if free.value <= 0:
        return None
    before = booked.moved or Quantity.zero(line.base_unit)
    fine = _recounted(line, known, booked, {Condition.GOOD})
    good = fine - min(fine, booked.accepted + before)
    parts = ((min(good, free), Condition.GOOD), (free - min(good, free), Condition.DAMAGED))
    left = replace(booked, quarantined=booked.quarantined - free, moved=before + free)
    lines = tuple(left if each is booked else each for each in known.lines)
    is_clear = not any(each.quarantined for each in lines)
    later = RecordReceipt(
        receipt=number,
        order=known.order,
        site=known.site,
        received=known.received,
        lines=tuple(
            ReceivedLine(line=act.line, quantity=quantity, condition=condition, item=booked.came)
            for quantity, condition in parts
            if quantity
        ),
    )
    state = ReceiptState.BOOKED if is_clear else ReceiptState.QUARANTINED
    return replace(known, lines=lines, state=state), later


def packs_differ(order: PurchaseOrder, known: Receipt, act: TakeInAside) -> Discrepancy | None:
    """Tell of goods that were counted in packs of the item ordered before theirs were known."""
    line = order.line(act.line)
    booked = next((e for e in known.lines if (e.line, e.bought) == (act.line, act.item)), None)
    if line is None or booked is None or not _is_agreed(order, booked):
        return None
    now = _recounted(line, known, booked, set(Condition))
    if now == booked.counted:
        return None
    return Discrepancy(
        code=Code.UNIT_CONFLICT,
        line=line.number,
        expected=str(now),
        actual=str(booked.counted),
        variance=str(booked.counted - now),
        text=(
            f"{booked.stated} of {act.item} were booked as {booked.counted}; in its own packs they"
            f" are {now}: nothing of it is taken in"
        ),
    )


def _recounted(
    line: OrderLine, known: Receipt, booked: BookedLine, conditions: Collection[Condition]
) -> Quantity:
    """Add up what a receipt counted of a line and item, in the base unit, by its packs now."""
    goods = line.bought_as(booked.came)
    return total(
        (
            goods.counted(told.quantity)
            for told in known.told
            if told.line == booked.line
            and (told.item or line.item) == booked.bought
            and told.condition in conditions
        ),
        line.base_unit,
    )


_Parts = list[tuple[ReceivedLine, Quantity]]


def _all_booked(
    order: PurchaseOrder,
    act: RecordReceipt,
    ledgers: Mapping[str, LineLedger],
    tolerances: Mapping[str, Tolerance],
    *,
    beyond: bool,
) -> Iterable[BookedLine]:
    """Book item by item; what is ordered takes its room on a line before what comes instead."""
    taken: dict[str, Quantity] = {}
    for line, came, parts in _counted(order, act):
        none = Quantity.zero(line.base_unit)
        room = room_left(order, line, ledgers[line.number], tolerances[line.number])
        room = max(room - taken.get(line.number, none), none)
        if beyond:
            room = total((quantity for _, quantity in parts), line.base_unit)
        if came is not None and line.substitute(came) is None:
            room = none
        booked = _booked(line, came, parts, room)
        taken[line.number] = taken.get(line.number, none) + booked.received
        yield booked


def _counted(
    order: PurchaseOrder, act: RecordReceipt
) -> list[tuple[OrderLine, str | None, _Parts]]:
    """Sort what was counted to lines and items, in base units; refuse with every fault at once."""
    if not act.receipt.strip():
        raise refuse("NO_NUMBER", "a receipt needs the warehouse's number", field="receipt")
    if not act.lines:
        raise refuse("NO_LINES", "a receipt needs at least one line", field="lines")
    parts: dict[tuple[str, str | None], _Parts] = {}
    faults: list[Reason] = []
    for index, told in enumerate(act.lines):
        try:
            line, quantity = _line(order, told, f"lines.{index}")
        except Refused as refusal:
            faults.extend(refusal.reasons)
        else:
            came = None if told.item == line.item else told.item
            parts.setdefault((line.number, came), []).append((told, quantity))
    if faults:
        raise Refused(*faults)
    return [
        (line, came, parts[number, came])
        for line in order.lines
        for number, came in sorted(parts, key=lambda place: place[1] is not None)
        if number == line.number
    ]


def _line(order: PurchaseOrder, told: ReceivedLine, where: str) -> tuple[OrderLine, Quantity]:
    line = order.line(told.line)
    if line is None:
        there = ", ".join(each.number for each in order.lines)
        raise refuse(
            "UNKNOWN_LINE",
            f"{order.id} has no line {told.line}: {there}",
            field=f"{where}.line",
            fix="name a line of the order",
        )
    if told.quantity.value <= 0:
        raise refuse(
            "BAD_QUANTITY",
            f"{told.quantity} can't be received",
            field=f"{where}.quantity",
            fix="state more than zero; a return is another document",
        )
    if told.item is not None and not _ITEM.match(told.item):
        raise refuse(
            "BAD_ITEM",
            f"{told.item[:40]!r} is no number of an item",
            field=f"{where}.item",
            fix="letters, digits, blanks and . _ : @ / # & + -, 80 at most",
        )
    try:
        return line, line.bought_as(told.item).counted(told.quantity)
    except Refused as refusal:
        first = refusal.reasons[0]
        raise refuse(
            first.code, first.message, field=f"{where}.quantity", rule=first.rule, fix=first.fix
        ) from refusal


def _booked(line: OrderLine, came: str | None, parts: _Parts, room: Quantity) -> BookedLine:
    """Split what was counted into received and put aside; good goods are taken in first."""
    counted = total((quantity for _, quantity in parts), line.base_unit)
    good = total((q for told, q in parts if told.condition is Condition.GOOD), line.base_unit)
    received = min(counted, room)
    units = {told.quantity.unit for told, _ in parts}
    stated = (
        total((told.quantity for told, _ in parts), units.pop()) if len(units) == 1 else counted
    )
    return BookedLine(
        line=line.number,
        item=line.item,
        counted=counted,
        stated=stated,
        received=received,
        accepted=min(good, received),
        quarantined=counted - received,
        came=came,
    )


def room_left(
    order: PurchaseOrder, line: OrderLine, ledger: LineLedger, tolerance: Tolerance
) -> Quantity:
    """Say how much more of a line may come in: up to what is wanted and the tolerance above it.

    An order that has ended takes nothing in. The limit is a whole number where units are counted.
    """
    none = Quantity.zero(line.base_unit)
    if order.state in ENDED:
        return none
    ordered = ledger.total(Stage.ORDERED).value
    asked = max(ledger.wanted, _asked(order, line, ledger))
    wanted = asked + ledger.total(Stage.TO_BE_REPLACED)
    limit = wanted.value + allowed_above(ordered, tolerance) if wanted else Decimal(0)
    if is_integer(line.base_unit):
        limit = limit.to_integral_value("ROUND_FLOOR")
    left = round(limit - ledger.total(Stage.RECEIVED).value, 6)
    whole = left.to_integral_value()
    return max(Quantity(whole if whole == left else left, line.base_unit), none)


def _asked(order: PurchaseOrder, line: OrderLine, ledger: LineLedger) -> Quantity:
    """Give how much was wanted when the last goods on their way left. Source: rule P-02."""
    if not is_repriced(order, line.number) or not ledger.total(Stage.SHIPPED):
        return ledger.wanted
    return goods_of(order, line, ledger).wanted(ledger.total(Stage.SHIPPED).value)


def _postings(order: PurchaseOrder, receipt: Receipt) -> Iterable[Posting]:
    for line in receipt.lines:
        for stage, quantity in (
            (Stage.RECEIVED, line.received),
            (Stage.ACCEPTED, line.accepted),
        ):
            if quantity:
                yield Posting(
                    stage=stage,
                    line=line.line,
                    quantity=quantity,
                    stated=line.stated if quantity == line.counted else quantity,
                    source=f"receipt/{receipt.id}/{_place(order, line)}",
                    reason=f"shipment {receipt.shipment}" if receipt.shipment else None,
                    effective=receipt.received,
                    item=line.came,
                )


def _place(order: PurchaseOrder, booked: BookedLine) -> str:
    """Name a line of a receipt: ``1``, and ``1+2`` where line 1's second substitute came."""
    line = order.line(booked.line)
    if booked.came is None or line is None:
        return booked.line
    at = [each.item for each in line.substitutes].index(booked.came)
    return f"{booked.line}+{at + 1}"


def _excess(
    order: PurchaseOrder, lines: Iterable[BookedLine], ledgers: Mapping[str, LineLedger]
) -> Iterable[Discrepancy]:
    """Tell what was put aside, and what was damaged."""
    for line in lines:
        ledger = ledgers[line.line]
        if line.came is not None and not _is_agreed(order, line):
            yield Discrepancy(
                code=Code.SUBSTITUTION,
                line=line.line,
                expected=line.item,
                actual=line.came,
                variance=f"+{line.quarantined}",
                text=(
                    f"{line.came} came instead of {line.item}, and nobody agreed to it:"
                    f" {line.quarantined} are put aside"
                ),
            )
        elif line.quarantined:
            here = ledger.total(Stage.RECEIVED) + line.counted
            ended = f"; the order is {order.state.value}" if order.state in ENDED else ""
            yield Discrepancy(
                code=Code.OVER_RECEIPT,
                line=line.line,
                expected=str(ledger.wanted),
                actual=str(here),
                variance=f"+{line.quarantined}",
                amount=_worth(order, line.line, line.quarantined, line.came),
                text=f"{line.quarantined} above what may be received are put aside{ended}",
            )
        damaged = line.received - line.accepted
        if damaged:
            yield Discrepancy(
                code=Code.SHORT_RECEIPT,
                line=line.line,
                expected=str(line.received),
                actual=str(line.accepted),
                variance=f"-{damaged}",
                amount=_worth(order, line.line, damaged, line.came),
                text=f"{damaged} arrived damaged and are not accepted",
            )


def _is_agreed(order: PurchaseOrder, booked: BookedLine) -> bool:
    """Say whether what came is what was ordered, or was agreed to come instead."""
    line = order.line(booked.line)
    if line is None:
        return False
    return booked.came is None or line.substitute(booked.came) is not None


def _missing(
    order: PurchaseOrder, receipt: Receipt, ledgers: Mapping[str, LineLedger]
) -> Iterable[Discrepancy]:
    """Tell what the shipment announced and this receipt, which empties it, did not bring."""
    if receipt.shipment is None:
        return
    counted: dict[str, Quantity] = {}
    for booked in receipt.lines:
        so_far = counted.get(booked.line)
        counted[booked.line] = booked.counted if so_far is None else so_far + booked.counted
    for line in order.lines:
        announced = total(
            (
                posting.quantity
                for posting in ledgers[line.number].postings
                if posting.stage is Stage.SHIPPED
                and posting.source == shipment_source(receipt.shipment, line.number)
            ),
            line.base_unit,
        )
        came = counted.get(line.number, Quantity.zero(line.base_unit))
        if came < announced:
            yield Discrepancy(
                code=Code.SHORT_RECEIPT,
                line=line.number,
                expected=str(announced),
                actual=str(came),
                variance=str(came - announced),
                amount=_worth(order, line.number, announced - came),
                text=f"shipment {receipt.shipment} announced {announced}, {came} came",
            )


def _worth(
    order: PurchaseOrder, number: str, quantity: Quantity, came: str | None = None
) -> Money | None:
    line = order.line(number)
    return line.bought_as(came).estimate(quantity) if line else None
