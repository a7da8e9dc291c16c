"""What an answer changes: the promises that stand, the ledger, and what somebody must look at.

The latest statement about a line stands. Which is the latest follows from what the supplier put
on its answers, not from the order in which they came in; between two of the same instant the one
that came last stands. An answer of an older revision is kept and changes nothing.

Source: domain rules P-02 and P-03; field lesson 3.4, "pinned to revision".
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import reduce
from operator import add

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.kernel.days import require_near
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.money import Money, MoneyError
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.matching import match_line
from manciple.ordering.purchase_order import (
    Answer,
    AnswerState,
    OrderLine,
    OrderState,
    PurchaseOrder,
)
from manciple.supplying.acknowledgment import (
    AcknowledgmentState,
    ComparedLine,
    LineOutcome,
    LinePromise,
    PromiseChange,
    RecordAcknowledgment,
)
from manciple.supplying.compare import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an answer changes.

    Attributes:
        order: the order with the promises that stand now.
        postings: ACKNOWLEDGED steps; none where the confirmed quantity stays.
        answered: the lines on which this answer stands now.
        changes: the lines of which something else is to be expected than before.
        promises: what was promised of each line that the answer speaks of.
        planner: what a planner must look at; one for the whole answer.
        others: what somebody else must look at.
        state: what the answer amounts to, now that it is known which of it counts.
    """

    order: PurchaseOrder
    postings: tuple[Posting, ...] = ()
    answered: tuple[str, ...] = ()
    changes: tuple[PromiseChange, ...] = ()
    promises: tuple[LinePromise, ...] = ()
    planner: Discrepancy | None = None
    others: tuple[Discrepancy, ...] = ()
    state: AcknowledgmentState


def check(act: RecordAcknowledgment, today: date) -> None:
    """Accept an answer's numbers and days, or refuse them.

    Raises:
        Refused: BAD_QUANTITY, a quantity is below zero; TOO_FAR_AHEAD, a day lies years off.
    """
    days: list[tuple[date | None, str]] = [(act.issued, "issued")]
    for index, line in enumerate(act.lines):
        days += [(answer.promised, f"lines.{index}.promised") for answer in line.answers]
        for quantity in (line.ordered, *(answer.quantity for answer in line.answers)):
            if quantity is not None and quantity.value < 0:
                raise refuse(
                    "BAD_QUANTITY",
                    f"line {line.line or index + 1}: {quantity} is below zero",
                    field=f"lines.{index}.quantity",
                    fix="state zero or more",
                )
    require_near(*days, today=today)


def refuse_stale(order: PurchaseOrder, revision: int) -> None:
    """Say that another revision was answered than the newest, and change nothing.

    Raises:
        Refused: STALE_REVISION, always.
    """
    raise refuse(
        "STALE_REVISION",
        f"{order.id} has changed: it is at revision {order.revision}, and this answers revision "
        f"{revision}",
        field="revision",
        rule="P-02",
        fix="read what has changed, then answer the new revision",
    )


def check_once(order: PurchaseOrder, act: RecordAcknowledgment, revision: int) -> None:
    """Accept an answer that is the first one to its lines, where only such a one is taken.

    Raises:
        Refused: STALE_REVISION, the order has a newer revision; ALREADY_ANSWERED, a line has its
            answer to this one.
    """
    if not act.once:
        return
    if revision < order.revision:
        refuse_stale(order, revision)
    for each in act.lines:
        line = match_line(order, each.line, each.items).line
        if line is not None and line.is_answered:
            raise refuse(
                "ALREADY_ANSWERED",
                f"line {line.number} of {order.id} is answered already",
                field=f"line-{line.number}",
                rule="P-03",
                fix="to change an answer, speak to the buyer",
            )


def noted(comparison: Comparison, act: RecordAcknowledgment) -> Comparison:
    """Put the supplier's own words beside what differs."""
    said = {note.line: note.text for note in act.notes}
    return replace(
        comparison,
        discrepancies=tuple(
            replace(each, text=f"{each.text}; the supplier says: {said[each.line]}")
            if each.line in said
            else each
            for each in comparison.discrepancies
        ),
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
    revisions = [told(order)]
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


def told(order: PurchaseOrder) -> int:
    """Give the newest revision that the supplier can have answered: one that it was told."""
    waiting = (each for each in order.revisions if each.delivered_at is None and each.is_told)
    first = next(waiting, None)
    return order.revision if first is None else first.number - 1


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
    """Let an answer to the order's present revision stand where no later one does.

    Of a line that is here in full, or was given up, nothing is expected any more: its promise
    does not change. What is told is what is new: a discrepancy of a line on which a later answer
    stands, or the same answer stood already, is not told again.
    """
    when = stated_at(act)
    said = {line.line: line for line in comparison.lines if line.confirmed is not None}
    counting = {name: line for name, line in said.items() if _counts(order, line, when)}
    answers = {name: _answer(order, line, acknowledgment, when) for name, line in counting.items()}
    after = _answered(order, said, answers, when)
    over = {name for name in said if not ledgers[name].open_to_receive}
    awaited = {name: line for name, line in said.items() if name not in over}
    changes = tuple(_changes(order, after, awaited, counting))
    news = {name for name in counting if _line(order, name).answer is None}
    news |= {change.line for change in changes if change.line in counting}
    moved_days = {change.line for change in changes if change.line not in counting}
    found = [
        each
        for each in comparison.discrepancies
        if each.line not in said
        or each.line in news
        or (each.line in moved_days and each.code is Code.DATE_CHANGE)
    ]
    is_passed = bool(said) and not counting
    return Effect(
        order=after,
        postings=_postings(
            counting.values(),
            ledgers,
            source=f"acknowledgment/{acknowledgment}",
            effective=act.issued or at.date(),
        ),
        answered=tuple(answers),
        changes=changes,
        promises=tuple(_promise(_line(after, name), line) for name, line in said.items()),
        planner=_one([d for d in found if d.code in _PLANNERS and d.line not in over]),
        others=_gathered(order, [each for each in found if each.code not in _PLANNERS]),
        state=AcknowledgmentState.SUPERSEDED if is_passed else comparison.state,
    )


_PLANNERS = (Code.SHORTAGE, Code.DATE_CHANGE)
"""What a planner looks at, the weightier first."""


def _counts(order: PurchaseOrder, line: ComparedLine, when: tuple[str, ...]) -> bool:
    """Say whether no later answer to this line is here already."""
    standing = _line(order, line.line).answer
    return standing is None or when >= standing.stated_at


def _changes(
    before: PurchaseOrder,
    after: PurchaseOrder,
    said: Mapping[str, ComparedLine],
    counting: Mapping[str, ComparedLine],
) -> Iterable[PromiseChange]:
    """Tell the lines of which something else is to be expected than before this answer."""
    for name, compared in said.items():
        was, now = _line(before, name), _line(after, name)
        wanted = compared.wanted
        if _expectation(was, wanted) == _expectation(now, wanted):
            continue
        confirmed = now.answer.confirmed if now.answer else wanted
        yield PromiseChange(
            line=name,
            item=now.item,
            ordered=wanted,
            confirmed=confirmed,
            short=max(wanted - confirmed, Quantity.zero(wanted.unit)),
            promised_before=was.expected_on,
            promised=now.promise,
            price=compared.price if name in counting else None,
            schedule=compared.schedule if name in counting else (),
        )


def _expectation(line: OrderLine, wanted: Quantity) -> tuple[Quantity, date, Fraction, str]:
    """Say what is expected of a line: so much, on such a day, at such a price per base unit."""
    answer = line.answer
    price = answer.price if answer and answer.price else line.price_in_base(line.price)
    each = Fraction(price.money.amount) / Fraction(price.per.value)
    quantity = answer.confirmed if answer else wanted
    return (quantity, line.expected_on, each, price.money.currency.value)


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


def _promise(line: OrderLine, said: ComparedLine) -> LinePromise:
    return LinePromise(
        line=line.number,
        stated=said.promised,
        promised=line.promise,
        first=line.first_promise,
        confirmed=line.answer.confirmed if line.answer else None,
        substitute=said.substitute,
    )


def _answered(
    order: PurchaseOrder,
    said: Mapping[str, ComparedLine],
    answers: Mapping[str, Answer],
    when: tuple[str, ...],
) -> PurchaseOrder:
    """Give the order with its answered lines; it is acknowledged when the first line is.

    A date counts by itself: the latest statement that names one stands, the earliest was first.
    """
    changed = replace(
        order,
        lines=tuple(
            replace(
                _dated(line, said[line.number].promised, when),
                answer=answers.get(line.number, line.answer),
            )
            if line.number in said
            else line
            for line in order.lines
        ),
    )
    if changed.is_answered:
        changed = replace(changed, acknowledged_revision=changed.revision)
    return moved(changed, OrderState.ACKNOWLEDGED) if answers else changed


def _dated(line: OrderLine, promised: date | None, when: tuple[str, ...]) -> OrderLine:
    if promised is None:
        return line
    if line.promise is None or when >= line.promise_at:
        line = replace(line, promise=promised, promise_at=when)
    if line.first_promise is None or when < line.first_promise_at:
        line = replace(line, first_promise=promised, first_promise_at=when)
    return line


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
    with suppress(MoneyError):
        return reduce(add, amounts) if amounts else None
    return None
