"""An order's life: it is placed, recorded in the ERP, sent; who may see it; what moves it on.

The allowed steps stand in ``purchase_order.MOVES``. A document that comes late, or twice, moves
nothing back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import add

from manciple.catalog.outlook import outlook_id
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Currency, MoneyError
from manciple.kernel.records import replace
from manciple.ordering.line_ledger import Posting, Stage
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    MOST,
    MOVES,
    OrderLine,
    OrderState,
    PlacedLine,
    PlaceOrder,
    PurchaseOrder,
)
from manciple.ordering.queries import ItemOrdered
from manciple.ordering.revision import delivered
from manciple.requisitioning.planned import PlannedCharge, is_code


def place(act: PlaceOrder, *, number: str, at: datetime) -> PurchaseOrder:
    """Make an order of an act.

    Raises:
        Refused: no lines, a line twice, a price in another currency, or quantities that don't
            agree with each other.
    """
    if not act.lines:
        raise refuse("NO_LINES", "an order needs at least one line", field="lines")
    seen: set[str] = set()
    for line in act.lines:
        _check_line(line, act.currency, seen)
        seen.add(line.number)
    for charge in act.planned:
        _check_charge(charge, act)
    try:
        worth = reduce(add, (line.worth(line.base) for line in act.lines))
    except MoneyError as problem:
        raise refuse("BAD_AMOUNT", str(problem), field="lines", fix="order less") from problem
    return PurchaseOrder(
        id=number,
        thread=act.thread,
        requisition=act.requisition,
        supplier=act.supplier,
        site=act.site,
        currency=act.currency,
        revision=1,
        lines=act.lines,
        total=worth,
        lane=act.lane,
        state=OrderState.PLACED,
        ordered_on=at.date(),
        planned=act.planned,
    )


def _check_charge(charge: PlannedCharge, act: PlaceOrder) -> None:
    amount = charge.amount
    if amount.currency is not act.currency or amount.amount <= 0 or not is_code(charge.code):
        raise refuse(
            "CHARGES",
            f"{charge.code} {amount} can't be planned on an order in {act.currency.value}",
            field="planned",
            rule="D-09",
            fix="name the charge, and state what is expected, above zero, in that currency",
        )


def _check_line(line: OrderLine, currency: Currency, seen: set[str]) -> None:
    where = f"lines.{line.number}"
    if line.number in seen:
        raise refuse("LINE_TWICE", f"line {line.number} is given twice", field=where)
    if not 0 < line.base.value <= MOST:
        text = f"{line.base} can't be ordered: above zero and at most {MOST:f} is wanted"
        raise refuse("BAD_QUANTITY", text, field=where)
    if line.price.money.currency is not currency:
        raise refuse(
            "CURRENCY",
            f"the price is in {line.price.money.currency.value}, the order in {currency.value}",
            field=f"{where}.price",
        )
    if line.to_base(line.stated) != line.base:
        raise refuse(
            "UOM",
            f"{line.stated} is {line.to_base(line.stated)}, not {line.base}",
            field=f"{where}.stated",
            rule="D-11",
            fix="state the order quantity in whole packs of the item",
        )


def ordered(order: PurchaseOrder) -> tuple[Posting, ...]:
    """Give the postings with which an order opens its lines' ledgers."""
    return tuple(
        Posting(
            stage=Stage.ORDERED,
            line=line.number,
            quantity=line.base,
            stated=line.stated,
            source=f"order/{order.id}/{line.number}",
            effective=order.ordered_on,
        )
        for line in order.lines
    )


def placed_lines(order: PurchaseOrder) -> tuple[PlacedLine, ...]:
    """Tell what each line of a new order asks for."""
    return tuple(
        PlacedLine(
            line=line.number,
            item=line.item,
            category=line.category,
            ordered=line.base,
            amount=line.worth(line.base),
            needed_by=line.needed_by,
        )
        for line in order.lines
    )


def by_item(
    order: PurchaseOrder, lines: Iterable[OrderLine]
) -> tuple[tuple[str, ItemOrdered], ...]:
    """Give the rows by which lines are found by item and site, each with its ``site:item``."""
    return tuple(
        (
            outlook_id(order.site, line.item),
            ItemOrdered(
                purchase_order=order.id,
                line=line.number,
                supplier=order.supplier,
                quantity=line.base,
                ordered_on=order.ordered_on,
            ),
        )
        for line in lines
    )


def moved(order: PurchaseOrder, to: OrderState) -> PurchaseOrder:
    """Take an order to a state if its life allows the step; a late document moves nothing."""
    return replace(order, state=to) if to in MOVES[order.state] else order


def reopened(order: PurchaseOrder) -> PurchaseOrder:
    """Expect goods again on an order that had all of them: what went back is to be replaced.

    The one step backwards of an order's life. Source: domain rule D-16.
    """
    if order.state in {OrderState.RECEIVED, OrderState.CLOSED}:
        return replace(order, state=OrderState.SHIPPED)
    return order


def record_in_erp(order: PurchaseOrder, erp_number: str) -> PurchaseOrder:
    """Note the ERP's number; the same number again changes nothing.

    Raises:
        Refused: the order stands in the ERP under another number, or was cancelled.
    """
    if order.erp_number == erp_number:
        return order
    if order.erp_number is not None or order.state not in BEFORE_SENDING:
        raise refuse(
            "ERP_NUMBER",
            f"{order.id} is {order.state.value} with ERP number {order.erp_number},"
            f" now {erp_number} came",
            field="erp_number",
            fix="find out in the ERP which of the two is the order",
        )
    return replace(moved(order, OrderState.RECORDED), erp_number=erp_number, reason=None)


def refuse_by_erp(order: PurchaseOrder, reason: str) -> PurchaseOrder:
    """Note that the ERP refused the order.

    Raises:
        Refused: the ERP has taken the order before.
    """
    if order.state not in BEFORE_SENDING:
        raise refuse("WRONG_STATE", f"{order.id} is {order.state.value}", field="order")
    return replace(order, state=OrderState.REFUSED, reason=reason)


def send(
    order: PurchaseOrder, revision: int, *, at: datetime, heard: Mapping[str, int]
) -> PurchaseOrder:
    """Note that a revision left for the supplier; an older one than noted changes nothing.

    ``heard`` is how many postings each line has by now.

    Raises:
        Refused: the order is not in the ERP yet, or has no such revision.
    """
    if order.state in BEFORE_SENDING or not 1 <= revision <= order.revision:
        raise refuse(
            "WRONG_STATE",
            f"revision {revision} of {order.id} can't have been sent: it is {order.state.value}"
            f" at revision {order.revision}",
            field="revision",
        )
    if revision <= order.sent_revision:
        return order
    return replace(
        moved(order, OrderState.SENT),
        sent_at=at,
        sent_revision=revision,
        revisions=delivered(order.revisions, revision, at=at, heard=heard),
    )


def require_supplier(
    order: PurchaseOrder | None, *, name: str, supplier: str, actor: Actor
) -> PurchaseOrder:
    """Give the order if it is this supplier's and has gone out; to others it does not exist.

    An order that is not there, that is another supplier's, or that no supplier can have seen yet
    is refused in the same words, so nobody learns of a number that is not theirs.

    Raises:
        Refused: UNKNOWN_ORDER.
    """
    speaks_for = actor.supplier if actor.has(Role.SUPPLIER) else supplier
    visible = order is not None and order.state not in BEFORE_SENDING
    if order is not None and visible and order.supplier == supplier == speaks_for:
        return order
    raise refuse(
        "UNKNOWN_ORDER",
        f"supplier {supplier} has no order {name}",
        field="order",
        fix="check the order number",
    )
