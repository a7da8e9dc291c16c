"""Agreeing that another item may come on an order line, and at what price.

    ordered BOLT-8 at 2.50; ACME/BOLT-9 agreed at 2.52      -> BOLT-9 may come, at 2.52
    no agreement over BOLT-9, and no price stated           -> refused: no price is not a price
    2.60, and policy lets a supplier's price rise by 2 %    -> refused: first commit to more

Source: domain rule D-22; the day of the price P-08; how much dearer it may be without anybody's
approval D-25, the policy test ``ack_price``.
"""

from datetime import datetime

from manciple.catalog import packs
from manciple.catalog.agreement import Agreement, agreement_id
from manciple.catalog.item import Item
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Role
from manciple.kernel.price import Price
from manciple.kernel.records import dataclass, replace
from manciple.kernel.tolerance import Tolerance
from manciple.ordering.allowances import Test, allowance
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    ENDED,
    OrderLine,
    PurchaseOrder,
)
from manciple.ordering.substitute import Substitute
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_BY = frozenset({Role.BUYER, Role.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeSubstitute:
    """Agree that another item may come on an order line instead of the one ordered.

    Attributes:
        item: our number of it.
        price: what it costs; None: what the agreement with the supplier says on the day of the
            order.
        signed_by: who decided it, where this program carries the decision out.
    """

    order: str
    line: str
    item: str
    price: Price | None = None
    reason: str = ""
    signed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituteAgreed:
    """Another item may come on an order line, at a price of its own."""

    order: str
    thread: str
    line: str
    item: str
    substitute: str
    price: Price
    basis: str
    by: str
    reason: str


def agreed(
    order: PurchaseOrder,
    act: AgreeSubstitute,
    *,
    item: Item | None,
    agreement: Agreement | None,
    dearer: Tolerance,
    by: str,
    at: datetime,
) -> PurchaseOrder:
    """Give the order with a substitute on one of its lines; itself where that is agreed already.

    ``item`` and ``agreement`` are the registered records of the substitute, or None where there
    is none; ``dearer`` says how far its price may be above the line's.

    Raises:
        Refused: UNKNOWN_LINE, ORDER_ENDED, SAME_ITEM, UNKNOWN_ITEM, UOM, NO_AGREED_PRICE,
            BAD_PRICE, UOM_UNKNOWN or DEARER.
    """
    line = _line(order, act)
    goods = _goods(line, act, item)
    price, basis = _price(order, act, agreement)
    standing = line.substitute(act.item)
    new = Substitute(
        item=goods.id,
        description=goods.description,
        category=goods.category,
        supplier_item=None if agreement is None else agreement.supplier_item,
        gtin=goods.gtin,
        price=price,
        packs=goods.packs,
        basis=basis,
        agreed_by=by,
        agreed_at=at,
    )
    if (
        standing is not None
        and replace(new, agreed_by=standing.agreed_by, agreed_at=standing.agreed_at) == standing
    ):
        return order
    _affordable(line, new, dearer)
    others = tuple(each for each in line.substitutes if each.item != new.item)
    now = replace(line, substitutes=(*others, new))
    return replace(
        order, lines=tuple(now if each.number == now.number else each for each in order.lines)
    )


def _line(order: PurchaseOrder, act: AgreeSubstitute) -> OrderLine:
    if order.state in BEFORE_SENDING | ENDED:
        raise refuse(
            "ORDER_ENDED",
            f"{order.id} is {order.state.value}: nothing can come on it",
            field="order",
            rule="D-22",
            fix="order the other item anew",
        )
    line = order.line(act.line)
    if line is None:
        there = ", ".join(each.number for each in order.lines)
        raise refuse(
            "UNKNOWN_LINE",
            f"{order.id} has no line {act.line}: {there}",
            field="line",
            fix="name a line of the order",
        )
    return line


def _goods(line: OrderLine, act: AgreeSubstitute, item: Item | None) -> Item:
    if act.item == line.item:
        raise refuse(
            "SAME_ITEM",
            f"{act.item} is what line {line.number} orders",
            field="item",
            rule="D-22",
            fix="name the item that comes instead",
        )
    if item is None:
        raise refuse(
            "UNKNOWN_ITEM",
            f"there is no item {act.item}: it could not be stocked",
            field="item",
            rule="D-22",
            fix="register the item first, or name it by our number",
        )
    if item.base_unit is not line.base_unit:
        raise refuse(
            "UOM",
            f"{item.id} is kept in {item.base_unit.value}, line {line.number} in"
            f" {line.base_unit.value}: they can't be counted together",
            field="item",
            rule="D-22",
            fix="order it on a line of its own",
        )
    return item


def _price(
    order: PurchaseOrder, act: AgreeSubstitute, agreement: Agreement | None
) -> tuple[Price, str]:
    if act.price is not None:
        price, basis = act.price, "stated"
    elif agreement is not None and agreement.covers(order.ordered_on):
        price, basis = agreement.price, f"agreement {agreement.id}"
    else:
        raise refuse(
            "NO_AGREED_PRICE",
            f"{order.supplier} has agreed no price of {act.item} for {order.ordered_on}",
            field="price",
            rule="D-22",
            fix="state the price, or register the agreement",
        )
    if price.money.currency is not order.currency or price.money.amount < 0:
        raise refuse(
            "BAD_PRICE",
            f"{price} is no price in {order.currency.value}, the order's currency",
            field="price",
            rule="D-22",
            fix=f"state it in {order.currency.value}, zero or more",
        )
    return price, basis


def _affordable(line: OrderLine, new: Substitute, dearer: Tolerance) -> None:
    """Refuse what commits to more than anybody may be billed without being asked."""
    try:
        price = packs.price_in_base(new.price, base_unit=line.base_unit, packs=new.packs)
    except Refused as refusal:
        first = refusal.reasons[0]
        raise refuse(first.code, first.message, field="price", rule="D-22", fix=first.fix) from (
            refusal
        )
    ordered = line.price_in_base(line.price).unit_amount
    result = dearer.test(ordered, price.unit_amount)
    if price.unit_amount > ordered and not result.inside:
        raise refuse(
            "DEARER",
            f"{new.item} costs {price.unit_amount.normalize():f} a {line.base_unit.value}, line"
            f" {line.number} {ordered.normalize():f}: {result.reason}",
            field="price",
            rule="D-22",
            fix="change the price of the line first, which asks whoever must approve it",
        )


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the act; the register answers how much dearer a substitute may be."""

    def agree(work: Work, act: AgreeSubstitute) -> Ref:
        order = work.get(PurchaseOrder, act.order)
        line = order.line(act.line)
        by = act.signed_by if work.actor.has(Role.SYSTEM) else None
        now = agreed(
            order,
            act,
            item=work.peek(Item, act.item),
            agreement=work.peek(Agreement, agreement_id(order.supplier, act.item)),
            dearer=allowance(
                register,
                Test.ACK_PRICE,
                category="" if line is None else line.category,
                supplier=order.supplier,
                at=work.at,
            ).tolerance,
            by=by or work.actor.id,
            at=work.at,
        )
        if now != order:
            work.save(now, _told(now, act))
        return ref(now)

    return (Handles(act=AgreeSubstitute, handle=agree, by=_BY, reads=_order_of),)


def _order_of(act: AgreeSubstitute) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


def _told(order: PurchaseOrder, act: AgreeSubstitute) -> SubstituteAgreed:
    line = order.line(act.line)
    assert line is not None, "it was agreed on this line"
    new = line.substitutes[-1]
    return SubstituteAgreed(
        order=order.id,
        thread=order.thread,
        line=line.number,
        item=line.item,
        substitute=new.item,
        price=new.price,
        basis=new.basis,
        by=new.agreed_by,
        reason=act.reason,
    )
