"""Changing an order: what will not come is cancelled, in a new revision of the order.

    ordered 108, confirmed 96, shipped 40   -> cancel beyond CONFIRMED: 12    beyond DELIVERED: 68

Nothing that was shipped or received is ever cancelled. Source: domain rule P-02.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import (
    MOVES,
    Beyond,
    Cancelled,
    CancelRemainder,
    OrderLine,
    OrderState,
    PurchaseOrder,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A new revision of an order, with what it posts and what it gives up."""

    order: PurchaseOrder
    postings: tuple[Posting, ...]
    cancelled: tuple[Cancelled, ...]


def cancel_remainder(
    order: PurchaseOrder,
    act: CancelRemainder,
    *,
    ledgers: Mapping[str, LineLedger],
    at: datetime,
) -> Change:
    """Give up what will not come, and make a new revision of the order.

    Raises:
        Refused: the order's life does not allow it, a line is not there, or nothing is left to
            cancel on the lines named.
    """
    _require_alive(order)
    lines = _named(order, act.lines)
    rests = {line.number: _rest(line, ledgers[line.number], act.beyond) for line in lines}
    given_up = {number: rest for number, rest in rests.items() if rest.value > 0}
    if not given_up:
        raise refuse(
            "NOTHING_TO_CANCEL",
            f"nothing beyond what was {act.beyond.value} is left on {order.id}"
            f" line {', '.join(rests)}",
            field="lines",
            rule="P-02",
            fix="name other lines, or cancel beyond what was delivered",
        )
    revision = order.revision + 1
    postings = tuple(
        Posting(
            stage=Stage.CANCELLED,
            line=number,
            quantity=rest,
            stated=rest,
            source=f"order/{order.id}/{number}/revision {revision}",
            reason=act.reason,
            effective=at.date(),
        )
        for number, rest in given_up.items()
    )
    after = {
        number: ledger.post(posting) if (posting := _of(postings, number)) else ledger
        for number, ledger in ledgers.items()
    }
    return Change(
        order=_revised(order, revision, given_up, after, act.reason),
        postings=postings,
        cancelled=tuple(Cancelled(line=n, quantity=q) for n, q in given_up.items()),
    )


def _require_alive(order: PurchaseOrder) -> None:
    """Let only an order be changed that the ERP has answered and that is not at its end."""
    if OrderState.CANCELLED in MOVES[order.state]:
        return
    fix = (
        "try again when the ERP has answered"
        if order.state is OrderState.PLACED
        else "nothing of it is open any more"
    )
    raise refuse(
        "WRONG_STATE",
        f"{order.id} is {order.state.value} and can't be changed",
        field="order",
        rule="P-02",
        fix=fix,
    )


def _named(order: PurchaseOrder, numbers: tuple[str, ...]) -> tuple[OrderLine, ...]:
    """Give the lines named, or all of them when none is."""
    unknown = [number for number in numbers if order.line(number) is None]
    if unknown:
        there = ", ".join(line.number for line in order.lines)
        raise Refused(
            *(
                Reason(
                    code="UNKNOWN_LINE",
                    message=f"{order.id} has no line {number}: {there}",
                    field="lines",
                    fix="name lines of the order",
                )
                for number in unknown
            )
        )
    return tuple(line for line in order.lines if not numbers or line.number in numbers)


def _rest(line: OrderLine, ledger: LineLedger, beyond: Beyond) -> Quantity:
    """Say how much of a line can be given up; none or less than none when nothing can."""
    delivered = max(ledger.total(Stage.SHIPPED), ledger.total(Stage.RECEIVED))
    if beyond is Beyond.DELIVERED:
        return ledger.wanted - ledger.total(Stage.SHORT_CLOSED) - delivered
    if line.answer is None:
        return Quantity.zero(line.base_unit)
    return ledger.wanted - ledger.total(Stage.SHORT_CLOSED) - max(line.answer.confirmed, delivered)


def _revised(
    order: PurchaseOrder,
    revision: int,
    given_up: Mapping[str, Quantity],
    after: Mapping[str, LineLedger],
    reason: str,
) -> PurchaseOrder:
    """Give the order at its new revision: the touched lines wait for an answer again."""
    lines = tuple(
        _touched(line, revision, after[line.number]) if line.number in given_up else line
        for line in order.lines
    )
    worth = Money.zero(order.currency)
    for line in lines:
        worth = worth + line.worth(after[line.number].wanted)
    revised = replace(order, revision=revision, lines=lines, total=worth)
    if all(ledger.wanted.value <= 0 for ledger in after.values()):
        return replace(moved(revised, OrderState.CANCELLED), reason=reason)
    if all(ledger.open_to_receive.value <= 0 for ledger in after.values()):
        return moved(revised, OrderState.RECEIVED)
    return revised


def _touched(line: OrderLine, revision: int, ledger: LineLedger) -> OrderLine:
    is_given_up = ledger.wanted.value <= 0
    return replace(line, revision=revision, answer=None, is_given_up=is_given_up)


def _of(postings: tuple[Posting, ...], line: str) -> Posting | None:
    return next((posting for posting in postings if posting.line == line), None)
