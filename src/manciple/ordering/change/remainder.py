"""The remainder: what will not come is given up, in a new revision of the order.

    ordered 108, confirmed 96, shipped 40   -> cancel beyond CONFIRMED: 12    beyond DELIVERED: 68

Nothing that was shipped or received is ever cancelled. Source: domain rule P-02.
"""

from collections.abc import Mapping

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import replace
from manciple.ordering.change.revising import (
    Cause,
    Change,
    Edit,
    gone,
    require_alive,
    revise,
    stated_like,
)
from manciple.ordering.line_ledger import LineLedger, Stage
from manciple.ordering.purchase_order import Beyond, CancelRemainder, OrderLine, PurchaseOrder


def cancel_remainder(
    order: PurchaseOrder,
    act: CancelRemainder,
    *,
    ledgers: Mapping[str, LineLedger],
    cause: Cause,
) -> Change:
    """Give up what will not come, and make a new revision of the order.

    Raises:
        Refused: the order's life does not allow it, a line is not there, or nothing is left to
            cancel on the lines named.
    """
    require_alive(order)
    lines = named(order, act.lines)
    rests = {line.number: rest_of(line, ledgers[line.number], act.beyond) for line in lines}
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
    edits = [
        _less(line, ledgers[line.number].wanted - given_up[line.number])
        for line in lines
        if line.number in given_up
    ]
    return revise(order, edits, ledgers=ledgers, cause=cause)


def named(order: PurchaseOrder, numbers: tuple[str, ...]) -> tuple[OrderLine, ...]:
    """Give the lines named, or all of them when none is.

    Raises:
        Refused: UNKNOWN_LINE, once for each.
    """
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


def _less(line: OrderLine, wanted: Quantity) -> Edit:
    terms = replace(line.terms, wanted=wanted, stated=stated_like(line, wanted))
    return Edit(line=line.number, terms=terms)


def rest_of(line: OrderLine, ledger: LineLedger, beyond: Beyond) -> Quantity:
    """Say how much of a line can be given up; none or less than none when nothing can."""
    asked = ledger.wanted - ledger.total(Stage.SHORT_CLOSED)
    if beyond is Beyond.DELIVERED:
        return asked - gone(ledger)
    if line.answer is None:
        return Quantity.zero(line.base_unit)
    return asked - max(line.answer.confirmed, gone(ledger))
