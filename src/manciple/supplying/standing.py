"""What an answer changes: the promises that stand, the ledger, and what somebody must look at.

The latest statement about a line stands. Which is the latest follows from what the supplier put
on its answers, not from the order in which they came in; between two of the same instant the one
that came last stands. An answer of an older revision is kept and changes nothing.

Source: domain rules P-02 and P-03; field lesson 3.4, "pinned to revision".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import reduce
from operator import add

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import (
    Answer,
    AnswerState,
    OrderLine,
    OrderState,
    PurchaseOrder,
    moved,
)
from manciple.supplying.acknowledgment import (
    AcknowledgmentState,
    ComparedLine,
    LineOutcome,
    PromiseChange,
    RecordAcknowledgment,
)
from manciple.supplying.compare import Comparison, same_price
from manciple.supplying.matching import match_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an answer changes.

    Attributes:
        order: the order with the promises that stand now.
        postings: ACKNOWLEDGED steps; none where the confirmed quantity stays.
        answered: the lines on which this answer stands now.
        changes: the lines of which something else is to be expected than before.
        planner: what a planner must look at; one for the whole answer.
        others: what somebody else must look at.
        state: what the answer amounts to, now that it is known which of it counts.
    """

    order: PurchaseOrder
    postings: tuple[Posting, ...] = ()
    answered: tuple[str, ...] = ()
    changes: tuple[PromiseChange, ...] = ()
    planner: Discrepancy | None = None
    others: tuple[Discrepancy, ...] = ()
    state: AcknowledgmentState


def check(act: RecordAcknowledgment) -> None:
    """Accept an answer's numbers, or refuse them.

    Raises:
        Refused: BAD_QUANTITY, a quantity is below zero.
    """
    for index, line in enumerate(act.lines):
        for quantity in (line.ordered, *(answer.quantity for answer in line.answers)):
            if quantity is not None and quantity.value < 0:
                raise refuse(
                    "BAD_QUANTITY",
                    f"{quantity} is below zero",
                    field=f"lines.{index}.quantity",
                    fix="state zero or more",
                )


def revision_answered(
    order: PurchaseOrder, act: RecordAcknowledgment, ledgers: Mapping[str, LineLedger]
) -> int:
    """Say which revision of the order is answered: the one stated, else by the quantities.

    Raises:
        Refused: UNKNOWN_REVISION, the order never had it.
    """
    if act.revision is not None:
        if not 1 <= act.revision <= order.revision:
            raise refuse(
                "UNKNOWN_REVISION",
                f"{order.id} has revisions 1 to {order.revision}, not {act.revision}",
                field="revision",
                rule="P-02",
                fix="answer a revision that was sent",
            )
        return act.revision
    revisions = [order.revision]
    for answered in act.lines:
        line = match_line(order, answered.line, answered.items).line
        if line is None or answered.ordered is None:
            continue
        try:
            repeated = line.to_base(answered.ordered)
        except Refused:
            continue
        if repeated != ledgers[line.number].wanted and repeated in _earlier(ledgers[line.number]):
            revisions.append(line.revision - 1)
    return min(revisions)


def _earlier(ledger: LineLedger) -> list[Quantity]:
    """List what the order asked for on this line before each of its changes."""
    wanted, earlier = Quantity.zero(ledger.unit), []
    for posting in ledger.postings:
        if posting.stage is Stage.ORDERED:
            wanted = wanted + posting.quantity
        elif posting.stage is Stage.CANCELLED:
            earlier.append(wanted)
            wanted = wanted - posting.quantity
    return earlier


def stale(order: PurchaseOrder, revision: int) -> Discrepancy:
    """Say that an answer is about an older revision."""
    return Discrepancy(
        code=Code.STALE_ACKNOWLEDGMENT,
        expected=f"revision {order.revision}",
        actual=f"revision {revision}",
        text=f"the answer is to revision {revision}; the order stands at {order.revision}",
    )


def stated_at(act: RecordAcknowledgment) -> tuple[str, ...]:
    """Give when the supplier said it, in a form that can be stored and compared."""
    sent = "" if act.sent_at is None else act.sent_at.astimezone(UTC).isoformat()
    return ("" if act.issued is None else act.issued.isoformat(), sent)


def stand(
    order: PurchaseOrder,
    act: RecordAcknowledgment,
    comparison: Comparison,
    *,
    acknowledgment: str,
    ledgers: Mapping[str, LineLedger],
    at: datetime,
) -> Effect:
    """Let an answer to the order's present revision stand where no later one does."""
    when = stated_at(act)
    said = [line for line in comparison.lines if line.confirmed is not None]
    counting = [line for line in said if _counts(order, line, when)]
    if said and not counting:
        return Effect(order=order, state=AcknowledgmentState.SUPERSEDED)
    passed = {line.line for line in said} - {line.line for line in counting}
    news = _news(order, counting)
    changes = tuple(_change(order, line) for line in counting if _differs(order, line))
    found = [d for d in comparison.discrepancies if _is_news(d, passed, news, said)]
    answers = {line.line: _answer(order, line, acknowledgment, when) for line in counting}
    source = f"acknowledgment/{acknowledgment}"
    effective = act.issued or at.date()
    postings = _postings(counting, ledgers, source=source, effective=effective)
    return Effect(
        order=_answered(order, counting, answers),
        postings=postings,
        answered=tuple(answers),
        changes=changes,
        planner=_one([d for d in found if d.code in _PLANNERS]) if changes else None,
        others=_gathered(order, [d for d in found if d.code not in _PLANNERS]),
        state=comparison.state,
    )


_PLANNERS = (Code.SHORTAGE, Code.DATE_CHANGE)
"""What a planner looks at, the weightier first."""


def _counts(order: PurchaseOrder, line: ComparedLine, when: tuple[str, ...]) -> bool:
    """Say whether no later answer to this line is here already."""
    standing = _line(order, line.line).answer
    return standing is None or when >= standing.stated_at


def _news(order: PurchaseOrder, lines: Iterable[ComparedLine]) -> set[str]:
    """Name the lines answered for the first time, or otherwise than before."""
    return {
        line.line
        for line in lines
        if _line(order, line.line).answer is None or _differs(order, line)
    }


def _is_news(
    discrepancy: Discrepancy, passed: set[str], news: set[str], said: Sequence[ComparedLine]
) -> bool:
    """Say whether a discrepancy is new: not of a line that a later answer, or the same, covers."""
    if discrepancy.line in passed:
        return False
    return discrepancy.line in news or discrepancy.line not in {line.line for line in said}


def _differs(order: PurchaseOrder, compared: ComparedLine) -> bool:
    """Say whether something else is to be expected of a line than before this answer."""
    line = _line(order, compared.line)
    standing = line.answer
    before = standing.confirmed if standing else compared.wanted
    if compared.confirmed != before:
        return True
    if compared.promised is not None and compared.promised != _expected_on(line):
        return True
    price = standing.price if standing and standing.price else line.price_in_base(line.price)
    return compared.price is not None and not same_price(compared.price, price)


def _change(order: PurchaseOrder, compared: ComparedLine) -> PromiseChange:
    line = _line(order, compared.line)
    confirmed = compared.confirmed or Quantity.zero(line.base_unit)
    return PromiseChange(
        line=line.number,
        item=line.item,
        ordered=compared.wanted,
        confirmed=confirmed,
        short=max(compared.wanted - confirmed, Quantity.zero(line.base_unit)),
        promised_before=_expected_on(line),
        promised=compared.promised or line.promise,
        price=compared.price,
        schedule=compared.schedule,
    )


def _expected_on(line: OrderLine) -> date:
    return line.promise or line.needed_by


def _answer(
    order: PurchaseOrder, line: ComparedLine, acknowledgment: str, when: tuple[str, ...]
) -> Answer:
    assert line.confirmed is not None
    return Answer(
        acknowledgment=acknowledgment,
        revision=order.revision,
        stated_at=when,
        state=_STATES[line.outcome],
        confirmed=line.confirmed,
        price=line.price,
    )


_STATES: Mapping[LineOutcome, AnswerState] = {
    LineOutcome.ACCEPTED: AnswerState.FULL,
    LineOutcome.CHANGED: AnswerState.CHANGED,
    LineOutcome.PARTIAL: AnswerState.PARTIAL,
    LineOutcome.REJECTED: AnswerState.REJECTED,
}


def _postings(
    lines: Iterable[ComparedLine],
    ledgers: Mapping[str, LineLedger],
    *,
    source: str,
    effective: date,
) -> tuple[Posting, ...]:
    """Give the steps to the new totals: an answer restates the one before it."""
    steps = []
    for line in lines:
        assert line.confirmed is not None
        posting = Posting(
            stage=Stage.ACKNOWLEDGED,
            line=line.line,
            quantity=line.confirmed,
            stated=line.stated or line.confirmed,
            source=f"{source}/{line.line}",
            reason=f"instead comes {line.substitute}" if line.substitute else None,
            effective=effective,
        )
        steps.append(ledgers[line.line].step(posting))
    return tuple(step for step in steps if step.quantity)


def _answered(
    order: PurchaseOrder, lines: Iterable[ComparedLine], answers: Mapping[str, Answer]
) -> PurchaseOrder:
    """Give the order with its answered lines; it is acknowledged when the first line is."""
    if not answers:
        return order
    promised = {line.line: line.promised for line in lines}
    changed = replace(
        order,
        lines=tuple(
            replace(
                line,
                answer=answers[line.number],
                promise=promised[line.number] or line.promise,
                first_promise=line.first_promise or promised[line.number],
            )
            if line.number in answers
            else line
            for line in order.lines
        ),
    )
    if changed.is_answered:
        changed = replace(changed, acknowledged_revision=changed.revision)
    return moved(changed, OrderState.ACKNOWLEDGED)


def _line(order: PurchaseOrder, number: str) -> OrderLine:
    found = order.line(number)
    assert found is not None
    return found


def _one(found: Sequence[Discrepancy]) -> Discrepancy | None:
    """Join what one answer says into one discrepancy, under the weightiest code."""
    if not found:
        return None
    code = next(code for code in _PLANNERS if any(each.code is code for each in found))
    weighty = [each for each in found if each.code is code]
    notes = [each for each in found if each.code is not code]
    first = weighty[0]
    if len(weighty) > 1:
        first = replace(
            first,
            line=None,
            expected=_listed(weighty, "expected"),
            actual=_listed(weighty, "actual"),
            variance=_listed(weighty, "variance"),
            amount=_sum(weighty),
            text=_texts(weighty),
        )
    return replace(first, text=f"{first.text}; {_texts(notes)}") if notes else first


def _gathered(order: PurchaseOrder, found: Sequence[Discrepancy]) -> tuple[Discrepancy, ...]:
    """Make one discrepancy of an order that is rejected as a whole; leave the others by line."""
    rejected = [each for each in found if each.code is Code.REJECTED_LINE and each.line]
    live = [line for line in order.lines if not line.is_given_up]
    if len(rejected) < 2 or len(rejected) < len(live):  # noqa: PLR2004  one line is one
        return tuple(found)
    whole = replace(
        rejected[0],
        line=None,
        expected=_listed(rejected, "expected"),
        actual=_listed(rejected, "actual"),
        variance=_listed(rejected, "variance"),
        amount=_sum(rejected),
        text=f"every line is rejected: {_texts(rejected)}",
    )
    return (whole, *(each for each in found if each not in rejected))


def _listed(found: Iterable[Discrepancy], name: str) -> str:
    return "; ".join(f"line {each.line}: {getattr(each, name)}" for each in found)


def _texts(found: Iterable[Discrepancy]) -> str:
    return "; ".join(f"line {each.line}: {each.text}" for each in found)


def _sum(found: Iterable[Discrepancy]) -> Money | None:
    amounts = [each.amount for each in found if each.amount is not None]
    return reduce(add, amounts) if amounts else None
