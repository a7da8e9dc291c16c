"""A ship notice says what is on its way, in which packages, before it arrives.

    announced -> noticed     every line found its order line and stands in the ledger as shipped
              -> held        some line could not be placed or counted; the others stand

The same shipment of an order counts once; its newest statement says when it comes. More than is
open is posted as told, and told: inside the over-receipt tolerance as a warning, above it as a
discrepancy. Source: domain rule P-07 with its ruling in 4.7 B.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import ClassVar

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.catalog.item import ItemId
from manciple.kernel.days import require_near
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass
from manciple.kernel.tolerance import Tolerance
from manciple.ordering.allowances import allowed_above
from manciple.ordering.in_force import wanted_when
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, shipment_source
from manciple.ordering.matching import match_line
from manciple.ordering.purchase_order import OrderLine, OrderState, PurchaseOrder
from manciple.ordering.revision import left_at
from manciple.runtime.effects import Lane

_ZONES = timedelta(days=1)
"""How far ahead of UTC an envelope's own clock may be: X12 states no zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedLine:
    """A line as the supplier ships it.

    Attributes:
        line: our line number as repeated; None when not stated.
        packages: the numbers (SSCC) of the packages that hold it.
    """

    line: str | None
    items: tuple[ItemId, ...] = ()
    quantity: Quantity
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShipNotice:
    """Take in what a supplier says is on its way for an order.

    Attributes:
        shipment: the supplier's number of the shipment.
        expected: the day of arrival, as the supplier expects it.
        source, place: the interchange, and where it stands in there.
        sent_at: the instant that its envelope states; orders two statements of one shipment.
    """

    order: str
    supplier: str
    shipment: str
    shipped: date | None
    expected: date | None
    carrier: str | None
    lines: tuple[ShippedLine, ...]
    source: str
    place: str
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedLine:
    """How much of one order line is on its way, in the base unit, over all its packages."""

    line: str
    item: str
    quantity: Quantity
    stated: Quantity
    packages: tuple[str, ...] = ()


class ShipNoticeState(StrEnum):
    """What became of a ship notice."""

    NOTICED = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNotice:
    """What a supplier said is on its way.

    Attributes:
        told: the lines as they came; a second notice of this shipment must say the same.
        lines: what they mean for the order's lines.
        dated_at: when it was said that the goods are ``expected`` on that day.
    """

    KIND: ClassVar[str] = "ship-notice"

    id: str
    thread: str
    order: str
    supplier: str
    shipment: str
    state: ShipNoticeState
    shipped: date | None
    expected: date | None
    carrier: str | None
    told: tuple[ShippedLine, ...]
    lines: tuple[NoticedLine, ...]
    source: str
    place: str
    received_at: datetime
    dated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNoticeReceived:
    """Goods are on their way; ``warnings`` name lines over the order but inside tolerance."""

    ship_notice: str
    order: str
    thread: str
    shipment: str
    supplier: str
    site: str
    shipped: date | None
    expected: date | None
    carrier: str | None
    lines: tuple[NoticedLine, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRescheduled:
    """The supplier said anew on which day a shipment comes: on another, or still on the same."""

    ship_notice: str
    order: str
    thread: str
    shipment: str
    supplier: str
    site: str
    expected: date
    before: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped:
    """Some or all of an order is on its way."""

    order: str
    thread: str
    ship_notice: str
    lines: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNoticeDiscrepancyFound:
    """A ship notice holds something that somebody must look at."""

    order: str
    thread: str
    ship_notice: str
    supplier: str
    site: str
    lane: Lane
    discrepancy: Discrepancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What a ship notice changes: the notice, the order, the ledger, and what is to be told."""

    notice: ShipNotice
    order: PurchaseOrder
    postings: tuple[Posting, ...]
    warnings: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...]


def require_same(known: ShipNotice, act: RecordShipNotice) -> None:
    """Let a repeat pass that says the same; it has been counted already.

    Raises:
        Refused: SHIPMENT_CHANGED, the same shipment was told with other lines.
    """
    if known.told != act.lines:
        raise refuse(
            "SHIPMENT_CHANGED",
            f"shipment {act.shipment} of order {act.order} was told before with other lines",
            field="shipment",
            rule="P-07",
            fix="send a correction under its own shipment number",
        )


def retold(known: ShipNotice, act: RecordShipNotice, *, at: datetime) -> ShipNotice | None:
    """Give a known notice with the day that a later statement names; None if it changes nothing.

    The statement that was sent last stands, in whichever order they come; of two that were sent
    at one instant the one with the later day. One that names no day leaves the day as it was. An
    envelope from more than a day ahead counts as sent now: else nobody could correct it.

    Raises:
        Refused: the day lies years off.
    """
    if act.expected is None:
        return None
    require_near((act.expected, "expected"), today=at.date())
    said = _said_at(act, at)
    if known.expected is not None and (said, act.expected) <= (
        known.dated_at or known.received_at,
        known.expected,
    ):
        return None
    return replace(known, expected=act.expected, dated_at=said)


def rescheduled(known: ShipNotice, now: ShipNotice, site: str) -> ShipmentRescheduled:
    """Tell a notice's day beside the one before."""
    assert now.expected is not None, "a notice is told anew with a day"
    return ShipmentRescheduled(
        ship_notice=now.id,
        order=now.order,
        thread=now.thread,
        shipment=now.shipment,
        supplier=now.supplier,
        site=site,
        expected=now.expected,
        before=known.expected,
    )


def _said_at(act: RecordShipNotice, at: datetime) -> datetime:
    return at if act.sent_at is None or act.sent_at - at > _ZONES else act.sent_at


def ship(
    order: PurchaseOrder,
    act: RecordShipNotice,
    *,
    name: str,
    ledgers: Mapping[str, LineLedger],
    tolerances: Mapping[str, Tolerance],
    at: datetime,
) -> Shipping:
    """Count what is on its way; ledgers and over-receipt tolerances by line number.

    Raises:
        Refused: the notice has no shipment number or no lines, ships less than nothing, or names
            a day that lies years off.
    """
    _check(act, at.date())
    placed, discrepancies = _placed(order, act.lines)
    lines = tuple(_noticed(line, parts) for line, parts in placed)
    state = ShipNoticeState.HELD if discrepancies else ShipNoticeState.NOTICED
    warnings: list[str] = []
    for each in lines:
        left = left_at(act.shipped or at.date(), heard=at)
        finding = _over(order, each, ledgers[each.line], tolerances[each.line], left=left)
        if isinstance(finding, Discrepancy):
            discrepancies.append(finding)
        elif finding:
            warnings.append(finding)
    notice = ShipNotice(
        id=name,
        thread=order.thread,
        order=order.id,
        supplier=order.supplier,
        shipment=act.shipment,
        state=state,
        shipped=act.shipped,
        expected=act.expected,
        carrier=act.carrier,
        told=act.lines,
        lines=lines,
        source=act.source,
        place=act.place,
        received_at=at,
        dated_at=None if act.expected is None else _said_at(act, at),
    )
    return Shipping(
        notice=notice,
        order=moved(order, OrderState.SHIPPED) if lines else order,
        postings=tuple(_posting(notice, each, at) for each in lines),
        warnings=tuple(warnings),
        discrepancies=tuple(discrepancies),
    )


def _check(act: RecordShipNotice, today: date) -> None:
    if not act.shipment.strip():
        raise refuse("NO_SHIPMENT", "a ship notice needs a shipment number", field="shipment")
    if not act.lines:
        raise refuse("NO_LINES", "a ship notice needs at least one line", field="lines")
    for index, line in enumerate(act.lines):
        if line.quantity.value < 0:
            raise refuse(
                "BAD_QUANTITY",
                f"line {line.line or index + 1}: {line.quantity} can't be shipped",
                field=f"lines.{index}.quantity",
                fix="state zero or more",
            )
    require_near((act.shipped, "shipped"), (act.expected, "expected"), today=today)


_Parts = list[tuple[ShippedLine, Quantity]]


def _placed(
    order: PurchaseOrder, told: Iterable[ShippedLine]
) -> tuple[list[tuple[OrderLine, _Parts]], list[Discrepancy]]:
    """Sort shipped lines to order lines, in base units; what can't be placed is a discrepancy."""
    parts: dict[str, _Parts] = {}
    discrepancies = []
    for each in told:
        match = match_line(order, each.line, each.items)
        if match.line is None:
            text = f"a shipped line fits no line of the order: {match.text}"
            unknown = Discrepancy(
                code=Code.UNKNOWN_ORDER, line=each.line, actual=str(each.quantity), text=text
            )
            discrepancies.append(unknown)
            continue
        try:
            quantity = match.line.counted(each.quantity)
        except Refused as refusal:
            conflict = Discrepancy(
                code=Code.UNIT_CONFLICT,
                line=match.line.number,
                actual=str(each.quantity),
                text=refusal.reasons[0].message,
            )
            discrepancies.append(conflict)
            continue
        if quantity:
            parts.setdefault(match.line.number, []).append((each, quantity))
    return [(line, parts[line.number]) for line in order.lines if line.number in parts], (
        discrepancies
    )


def _noticed(line: OrderLine, parts: Sequence[tuple[ShippedLine, Quantity]]) -> NoticedLine:
    """Add up one order line over its packages; several packages are one quantity."""
    quantity = total((part for _, part in parts), line.base_unit)
    units = {told.quantity.unit for told, _ in parts}
    stated = (
        total((told.quantity for told, _ in parts), units.pop()) if len(units) == 1 else quantity
    )
    packages = tuple(dict.fromkeys(name for told, _ in parts for name in told.packages))
    return NoticedLine(
        line=line.number, item=line.item, quantity=quantity, stated=stated, packages=packages
    )


def _over(
    order: PurchaseOrder,
    line: NoticedLine,
    ledger: LineLedger,
    tolerance: Tolerance,
    *,
    left: datetime,
) -> Discrepancy | str | None:
    """Compare all that was shipped with all that is wanted; equal to the limit is a warning.

    What was wanted when the goods left counts, where a change has asked for less since (P-02).
    """
    ordered = order.line(line.line)
    assert ordered is not None, f"{line.line} was placed before"
    asked = max(ledger.wanted, wanted_when(order, ordered, left=left))
    wanted = asked + ledger.total(Stage.TO_BE_REPLACED)
    shipped = ledger.total(Stage.SHIPPED) + line.quantity
    over = shipped - wanted
    if over.value <= 0:
        return None
    allowed = allowed_above(ledger.total(Stage.ORDERED).value, tolerance)
    text = f"shipped {shipped} in all, {over} above the {wanted} wanted; allowed is {allowed:f}"
    if over.value <= allowed:
        return f"line {line.line}: {text}"
    return Discrepancy(
        code=Code.OVER_SHIPMENT,
        line=line.line,
        expected=str(wanted),
        actual=str(shipped),
        variance=f"+{over}",
        text=text,
    )


def _posting(notice: ShipNotice, line: NoticedLine, at: datetime) -> Posting:
    return Posting(
        stage=Stage.SHIPPED,
        line=line.line,
        quantity=line.quantity,
        stated=line.stated,
        source=shipment_source(notice.shipment, line.line),
        effective=notice.shipped or at.date(),
    )
