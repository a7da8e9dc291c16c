"""A no to a change: what was agreed before holds, and somebody must decide what now.

    revision 2: 108 -> 96, the supplier's 865 rejects line 1   -> revision 1 holds for line 1

A supplier that rejects a change does not reject the line. Source: domain rule P-02, ruling 4.7 B:
the latest revision that was delivered and not rejected.
"""

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.kernel.records import dataclass, replace
from manciple.ordering.purchase_order import Answer, AnswerState, OrderLine, PurchaseOrder
from manciple.ordering.revision import rejected, terms_at
from manciple.supplying.acknowledgment import LineOutcome, RecordAcknowledgment
from manciple.supplying.compare import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """The lines on which a change was rejected, and the rest of the answer."""

    lines: tuple[str, ...]
    rest: Comparison


def refusals(order: PurchaseOrder, act: RecordAcknowledgment, comparison: Comparison) -> Refusals:
    """Take the noes to the newest change out of an answer; the rest is an answer like any."""
    revision = order.revision_of(order.revision)
    if not act.is_change or revision is None:
        return Refusals(lines=(), rest=comparison)
    lines = tuple(
        line.line
        for line in comparison.lines
        if line.outcome is LineOutcome.REJECTED and revision.touches(line.line)
    )
    rest = replace(
        comparison,
        lines=tuple(line for line in comparison.lines if line.line not in lines),
        discrepancies=tuple(each for each in comparison.discrepancies if each.line not in lines),
    )
    return Refusals(lines=lines, rest=rest)


def fallen_back(
    order: PurchaseOrder,
    lines: tuple[str, ...],
    *,
    acknowledgment: str,
    said: tuple[str, ...],
) -> PurchaseOrder:
    """Note on the order that the newest change was rejected on these lines."""
    if not lines:
        return order
    revisions = rejected(order.revisions, order.revision, lines)
    noted = replace(order, revisions=revisions)
    changed = tuple(
        _answered(noted, line, acknowledgment, said) if line.number in lines else line
        for line in order.lines
    )
    return replace(noted, lines=changed)


def _answered(
    order: PurchaseOrder, line: OrderLine, acknowledgment: str, said: tuple[str, ...]
) -> OrderLine:
    """Give the line its answer: no to the change, so what was asked before is what comes."""
    before = terms_at(order.revisions, line.number, order.revision, now=line.terms)
    answer = Answer(
        acknowledgment=acknowledgment,
        revision=order.revision,
        stated_at=said,
        state=AnswerState.REJECTED,
        confirmed=before.wanted,
    )
    return replace(line, answer=answer)


def told(order: PurchaseOrder, line: str) -> Discrepancy:
    """Say that the supplier rejects a change of a line, and what holds instead."""
    found = order.line(line)
    assert found is not None, f"{line} was answered"
    before = terms_at(order.revisions, line, order.revision, now=found.terms)
    return Discrepancy(
        code=Code.REJECTED_LINE,
        line=line,
        expected=f"revision {order.revision}: {found.terms.stated} at {found.terms.price}",
        actual=f"as before: {before.stated} at {before.price}",
        text=f"the supplier rejects revision {order.revision}; what it ships is held against"
        f" {before.stated} at {before.price} for {before.needed_by}",
    )
