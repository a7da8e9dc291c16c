"""How far an order line is, read from its order and its ledger; never stored.

    approved -> released -> sent -> acknowledged -> shipped -> received -> invoiced -> closed
                                                                               cancelled

The furthest step that anything says counts: goods that came without a ship notice are received.
A draft has no order line yet; it is a line of its requisition. Quantities are the truth and this
is a reading of them, so that order of arrival cannot matter. Source: domain rule P-01.
"""

from collections.abc import Mapping
from enum import StrEnum, auto

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger, Stage
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    AnswerState,
    OrderLine,
    OrderState,
    PurchaseOrder,
)


class LineStep(StrEnum):
    """The steps of a line's life, in their order; the last two end it."""

    APPROVED = auto()
    RELEASED = auto()
    SENT = auto()
    ACKNOWLEDGED = auto()
    SHIPPED = auto()
    RECEIVED = auto()
    INVOICED = auto()
    CLOSED = auto()
    CANCELLED = auto()


class Extent(StrEnum):
    """How much of the line a step is true of; an answer may also change or reject it."""

    FULL = auto()
    PART = auto()
    CHANGED = auto()
    REJECTED = auto()


_ANSWERS = {
    AnswerState.FULL: Extent.FULL,
    AnswerState.PARTIAL: Extent.PART,
    AnswerState.CHANGED: Extent.CHANGED,
    AnswerState.REJECTED: Extent.REJECTED,
}
_WORDS = {
    Extent.PART: " in part",
    Extent.CHANGED: " with changes",
    Extent.REJECTED: " and rejected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """The furthest step of a line, and how much of it has come so far."""

    step: LineStep
    extent: Extent = Extent.FULL

    def __str__(self) -> str:
        """Write it for people: ``received in part``."""
        return f"{self.step.value}{_WORDS.get(self.extent, '')}"


def line_state(order: PurchaseOrder, line: OrderLine, ledger: LineLedger) -> LineState:
    """Say how far a line is; ``ledger`` is its own, with at least what was ordered.

    Invoiced and received are in full when nothing of it is outstanding: what was cancelled,
    short-closed or returned for good is not waited for.
    """
    came, nothing = ledger.total(Stage.RECEIVED), Quantity.zero(ledger.unit)
    if not came and (order.state is OrderState.CANCELLED or ledger.wanted <= nothing):
        return LineState(step=LineStep.CANCELLED)
    if order.state is OrderState.CLOSED:
        return LineState(step=LineStep.CLOSED)
    return _moved(ledger) or _spoken(order, line)


def _moved(ledger: LineLedger) -> LineState | None:
    """Read the goods and their invoices; None while nothing moved."""
    steps = (
        (LineStep.INVOICED, ledger.invoiced_net, ledger.invoiced_net >= _to_bill(ledger)),
        (LineStep.RECEIVED, ledger.total(Stage.RECEIVED), not ledger.open_to_receive),
        (LineStep.SHIPPED, ledger.total(Stage.SHIPPED), not ledger.open_to_ship),
    )
    for step, quantity, is_full in steps:
        if quantity.value > 0:
            return LineState(step=step, extent=Extent.FULL if is_full else Extent.PART)
    return None


def _spoken(order: PurchaseOrder, line: OrderLine) -> LineState:
    """Read what was said: the supplier's answer, else whether it was told."""
    if line.answer is not None:
        return LineState(step=LineStep.ACKNOWLEDGED, extent=_ANSWERS[line.answer.state])
    if order.sent_revision >= line.revision:
        return LineState(step=LineStep.SENT)
    is_released = order.state not in BEFORE_SENDING
    return LineState(step=LineStep.RELEASED if is_released else LineStep.APPROVED)


def states_of(
    order: PurchaseOrder | None, books: Mapping[str, LineLedger]
) -> Mapping[str, LineState]:
    """Say of every line of an order how far it is, by line number, in line order."""
    if order is None:
        return {}
    return {
        line.number: line_state(order, line, books[line.number])
        for line in order.lines
        if line.number in books
    }


def _to_bill(ledger: LineLedger) -> Quantity:
    """Give what will have been billed in the end: all that is wanted and not going back."""
    kept = ledger.wanted + ledger.total(Stage.TO_BE_REPLACED) - ledger.total(Stage.RETURNED)
    return kept - ledger.total(Stage.SHORT_CLOSED)
