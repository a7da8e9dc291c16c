"""Closing an order: every line satisfied, what is missing small enough to give up, all invoiced.

    ordered 108, received 106, close tolerance 2 %  -> 2 EA short-closed, closed when 106 invoiced
    ordered 108, received 105                       -> 3 EA stay open

Lines are closed together with the order and not before: an order whose rest comes after all takes
it in, in whatever order the receipts arrive. Source: domain rules P-01 and D-21.
"""

from collections.abc import Mapping
from datetime import datetime

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.tolerance import Tolerance
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import OrderState, PurchaseOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Whether an order can be closed, what closing posts, and why it can't.

    Attributes:
        order: the order as it is then.
        waits_for: one sentence per line that keeps the order open; empty when it is closed.
    """

    order: PurchaseOrder
    postings: tuple[Posting, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Say whether the order is closed."""
        return not self.waits_for


def close(
    order: PurchaseOrder,
    *,
    ledgers: Mapping[str, LineLedger],
    tolerances: Mapping[str, Tolerance],
    at: datetime,
) -> Closing:
    """Close the order if every line is satisfied and invoiced; otherwise say what it waits for.

    ``tolerances`` by line number; the close tolerance's lower side is of the ordered quantity.
    """
    if order.state not in {OrderState.SHIPPED, OrderState.RECEIVED}:
        return Closing(order=order, waits_for=(f"{order.id} is {order.state.value}",))
    waits_for: list[str] = []
    postings: list[Posting] = []
    for line in order.lines:
        ledger = ledgers[line.number]
        missing = ledger.open_to_receive
        if not _is_small(missing, ledger, tolerances[line.number]):
            waits_for.append(f"line {line.number}: {missing} still to come")
        elif ledger.invoiced_net < ledger.billable:
            unbilled = ledger.billable - ledger.invoiced_net
            waits_for.append(f"line {line.number}: {unbilled} not invoiced")
        elif missing:
            postings.append(_short_closed(order, line.number, missing, at))
    if waits_for:
        return Closing(order=order, waits_for=tuple(waits_for))
    closed = moved(moved(order, OrderState.RECEIVED), OrderState.CLOSED)
    return Closing(order=closed, postings=tuple(postings))


def _is_small(missing: Quantity, ledger: LineLedger, tolerance: Tolerance) -> bool:
    """Say whether what is missing may be given up; nothing of a line that never came."""
    if not missing:
        return True
    if not ledger.total(Stage.RECEIVED):
        return False
    ordered = ledger.total(Stage.ORDERED).value
    return tolerance.test(ordered, ordered - missing.value).inside


def _short_closed(order: PurchaseOrder, line: str, missing: Quantity, at: datetime) -> Posting:
    return Posting(
        stage=Stage.SHORT_CLOSED,
        line=line,
        quantity=missing,
        stated=missing,
        source=f"order/{order.id}/{line}/close",
        reason="below the close tolerance",
        effective=at.date(),
    )
