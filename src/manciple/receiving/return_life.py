"""The steps of a return's life, each given or refused with its reason.

See ``supplier_return`` for the states. No clock here: days and times are told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from manciple.catalog.site import require_site
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass, replace
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import BEFORE_SENDING, OrderLine, PurchaseOrder
from manciple.receiving.supplier_return import (
    MOVES,
    PENDING,
    AuthoriseReturn,
    KeptLine,
    RecordReturnCredit,
    RequestReturn,
    Returnable,
    ReturnedLine,
    ReturnState,
    Settlement,
    ShipReturn,
    SupplierReturn,
)

MOST_PERCENT = Decimal(100)
"""A supplier cannot keep more than the goods are worth."""
NOTHING = Decimal(0)
"""What a supplier may keep where no row of policy says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What policy says of a return, and which row.

    Attributes:
        credit_days: calendar days from shipping to credit, the last one included.
        most_restocking: the highest share that a supplier may keep; None: any.
    """

    credit_days: int
    most_restocking: Decimal | None
    ruling: str


def require_returnable(
    order: PurchaseOrder | None, act: RequestReturn, *, actor: Actor
) -> PurchaseOrder:
    """Give the order if goods of it may go back, on the word of people of its site.

    Raises:
        Refused: UNKNOWN_ORDER or NOT_YOUR_SITE.
    """
    if order is None or order.state in BEFORE_SENDING:
        raise refuse(
            "UNKNOWN_ORDER",
            f"no order {act.order} has brought anything",
            field="order",
            fix="check the order number",
        )
    require_site(actor, order.site)
    return order


def requested(
    order: PurchaseOrder,
    act: RequestReturn,
    *,
    name: str,
    ledgers: Mapping[str, LineLedger],
    known: Returnable,
    others: Sequence[SupplierReturn],
    terms: Terms,
    actor: Actor,
    at: datetime,
) -> SupplierReturn:
    """Ask for a return: no more than is here and is not on its way back already.

    ``known`` is what was put aside at the dock, ``others`` are the order's other returns.

    Raises:
        Refused: with every fault of every line.
    """
    if not act.lines:
        raise refuse("NO_LINES", "a return needs at least one line", field="lines")
    faults: list[Reason] = []
    lines: list[KeptLine] = []
    asked: dict[tuple[str, bool], Quantity] = {}
    for index, told in enumerate(act.lines):
        try:
            kept = _kept(order, act, told, ledgers, f"lines.{index}")
            key = (kept.line, kept.aside)
            so_far = asked.get(key, Quantity.zero(kept.quantity.unit)) + kept.quantity
            room = _room(kept, ledgers, known, others)
            _require_room(kept, so_far, room, f"lines.{index}")
        except Refused as refusal:
            faults.extend(refusal.reasons)
        else:
            asked[key] = so_far
            lines.append(kept)
    if faults:
        raise Refused(*faults)
    return SupplierReturn(
        id=name,
        thread=order.thread,
        order=order.id,
        site=order.site,
        supplier=order.supplier,
        lane=order.lane,
        state=ReturnState.REQUESTED,
        reason=act.reason,
        settlement=act.settlement,
        lines=tuple(lines),
        requested_by=actor.id,
        requested_at=at,
        credit_days=terms.credit_days,
        most_restocking=terms.most_restocking,
        ruling=terms.ruling,
        note=act.note,
    )


def _kept(
    order: PurchaseOrder,
    act: RequestReturn,
    told: ReturnedLine,
    ledgers: Mapping[str, LineLedger],
    where: str,
) -> KeptLine:
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
            f"{told.quantity} can't go back",
            field=f"{where}.quantity",
            fix="state more than zero",
        )
    if told.aside and act.settlement is Settlement.REPLACEMENT:
        raise refuse(
            "NOTHING_TO_REPLACE",
            f"line {told.line} was put aside as too much; nobody replaces that",
            field=f"{where}.aside",
            rule="D-16",
            fix="send it back for a refund, which needs no credit",
        )
    ledger = ledgers.get(line.number)
    came = None if ledger is None or told.aside else ledger.came_as(told.receipt)
    bought = line.bought_as(came)
    base = _in_base(bought, told.quantity, where)
    return KeptLine(
        line=line.number,
        item=bought.item,
        quantity=base,
        stated=told.quantity,
        condition=told.condition,
        receipt=told.receipt,
        aside=told.aside,
        worth=Money.zero(order.currency) if told.aside else bought.worth(base),
        credited=Quantity.zero(base.unit),
    )


def _in_base(line: OrderLine, quantity: Quantity, where: str) -> Quantity:
    try:
        return line.counted(quantity)
    except Refused as refusal:
        first = refusal.reasons[0]
        raise refuse(
            first.code, first.message, field=f"{where}.quantity", rule=first.rule, fix=first.fix
        ) from refusal


def _room(
    kept: KeptLine,
    ledgers: Mapping[str, LineLedger],
    known: Returnable,
    others: Sequence[SupplierReturn],
) -> Quantity:
    """Say how much of a line can still go back: what is here, less what is promised to go."""
    unit = kept.quantity.unit
    rows = [
        (other, line)
        for other in others
        for line in other.lines
        if line.line == kept.line and line.aside is kept.aside
    ]
    going = total((line.quantity for other, line in rows if other.state in PENDING), unit)
    if kept.aside:
        there = total((a.quantity for a in known.aside if a.line == kept.line), unit)
        left = {ReturnState.SHIPPED, ReturnState.SETTLED}
        gone = total((line.quantity for other, line in rows if other.state in left), unit)
        return there - gone - going
    return ledgers[kept.line].billable - going


def _require_room(kept: KeptLine, asked: Quantity, room: Quantity, where: str) -> None:
    if asked <= room:
        return
    what = "put aside" if kept.aside else "received and kept"
    raise refuse(
        "TOO_MUCH",
        f"{asked} of line {kept.line} are to go back, {room} of it are {what}",
        field=f"{where}.quantity",
        rule="D-16",
        fix="return no more than is here and is not on its way back",
    )


def authorised(was: SupplierReturn, act: AuthoriseReturn, *, actor: Actor) -> SupplierReturn:
    """Give the return that the supplier takes back; its fee is rounded once.

    Raises:
        Refused: WRONG_STATE, NOT_YOUR_RETURN, NO_NUMBER, or a restocking share above what policy
            accepts; equal to it is accepted.
    """
    require_theirs(was, actor)
    require_step(was, ReturnState.AUTHORISED)
    if not act.authorisation.strip():
        raise refuse(
            "NO_NUMBER",
            "an authorisation needs the supplier's number",
            field="authorisation",
            fix="ask the supplier for the number that goes on the parcel",
        )
    most = MOST_PERCENT if was.most_restocking is None else was.most_restocking
    if not 0 <= act.restocking_percent <= most:
        raise refuse(
            "RESTOCKING_FEE",
            f"{act.restocking_percent:f} % is to be kept, {most.normalize():f} % at most is"
            f" accepted ({was.ruling or 'no row'})",
            field="restocking_percent",
            rule="D-16",
            fix="settle the fee with the supplier, or withdraw the return",
        )
    fee = _share(was.worth, act.restocking_percent)
    return replace(
        was,
        state=ReturnState.AUTHORISED,
        authorisation=act.authorisation.strip(),
        restocking_percent=act.restocking_percent,
        fee=fee,
    )


def _share(worth: Money, percent: Decimal) -> Money:
    return Money(worth.amount * percent / 100, worth.currency).rounded()


def picked(was: SupplierReturn, day: date) -> SupplierReturn:
    """Give the return whose goods are off the shelf.

    Raises:
        Refused: WRONG_STATE.
    """
    require_step(was, ReturnState.PICKED)
    return replace(was, state=ReturnState.PICKED, picked=day)


def shipped(was: SupplierReturn, act: ShipReturn) -> SupplierReturn:
    """Give the return whose goods left: a credit is expected so many days from then.

    Raises:
        Refused: WRONG_STATE, or a day before that of the picking.
    """
    require_step(was, ReturnState.SHIPPED)
    if was.picked is not None and act.shipped < was.picked:
        raise refuse(
            "BAD_DAY",
            f"shipped on {act.shipped}, but picked on {was.picked} only",
            field="shipped",
            fix="check the day",
        )
    by = act.shipped + timedelta(days=was.credit_days)
    expects = was.is_refund and not was.is_credited
    now = replace(was, shipped=act.shipped, carrier=act.carrier, credit_by=by if expects else None)
    return replace(now, state=ReturnState.SHIPPED if expects else ReturnState.SETTLED)


def credited(was: SupplierReturn, act: RecordReturnCredit) -> SupplierReturn:
    """Give the return with what is credited of it, restated in all; settled when that is all.

    A return that is settled already only takes note.
    """
    lines = tuple(
        replace(line, credited=told.quantity)
        for line, told in zip(was.lines, act.lines, strict=True)
    )
    now = replace(was, lines=lines, credits=act.credits)
    if was.state is ReturnState.SHIPPED and now.is_credited:
        return replace(now, state=ReturnState.SETTLED)
    return now


def ended(was: SupplierReturn, to: ReturnState, reason: str) -> SupplierReturn:
    """Give the return that ends here, with the reason.

    Raises:
        Refused: WRONG_STATE or NO_REASON.
    """
    require_step(was, to)
    if not reason.strip():
        raise refuse("NO_REASON", "this needs a reason", field="reason", fix="say why")
    return replace(was, state=to, why=reason)


def require_step(was: SupplierReturn, to: ReturnState) -> None:
    """Let only the steps be taken that a return's life allows.

    Raises:
        Refused: WRONG_STATE, with the steps that are allowed.
    """
    if to not in MOVES[was.state]:
        allowed = ", ".join(sorted(each.value for each in MOVES[was.state])) or "none"
        raise refuse(
            "WRONG_STATE",
            f"{was.id} is {was.state.value} and can't be {to.value}; it can be: {allowed}",
            field="return",
            rule="D-16",
            fix="look at the return as it stands now",
        )


def require_theirs(was: SupplierReturn, actor: Actor) -> None:
    """Let a supplier speak of its own returns only, and others of their sites'.

    Raises:
        Refused: NOT_YOUR_SUPPLIER or NOT_YOUR_SITE.
    """
    speaks_for_one = actor.supplier is not None or actor.has(Role.SUPPLIER)
    if speaks_for_one and actor.supplier != was.supplier:
        raise refuse(
            "NOT_YOUR_SUPPLIER",
            f"{actor.id} speaks for {actor.supplier or 'no supplier'}, not for {was.supplier}",
            field="return",
            fix="answer your own returns only",
        )
    require_site(actor, was.site)


# ---- postings ---------------------------------------------------------------------------------


def postings(now: SupplierReturn, order: PurchaseOrder) -> Iterable[Posting]:
    """Give what the ledger gains when a return is shipped; what was put aside was never in it."""
    for at, line in enumerate(now.lines):
        if line.aside or now.shipped is None:
            continue
        ordered = order.line(line.line)
        stages = [Stage.RETURNED]
        if now.settlement is Settlement.REPLACEMENT:
            stages.append(Stage.TO_BE_REPLACED)
        for stage in stages:
            yield Posting(
                stage=stage,
                line=line.line,
                quantity=line.quantity,
                stated=line.stated,
                source=f"return/{now.id}/{line.line}/{at + 1}"
                + (f"@{line.receipt}" if line.receipt is not None else ""),
                reason=now.reason.value,
                effective=now.shipped,
                item=None if ordered is None or ordered.item == line.item else line.item,
            )
