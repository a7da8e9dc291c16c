"""Comparing an answer with the order: line by line, in base units, with tolerances.

    ordered 108 EA; answered IA 5 CA, IB 4 CA  -> confirmed 60, backordered 48, short 48
    accept 9 CA, but 31.00 where 30.00 was ordered -> confirmed 108, PRICE_VARIANCE

Source: domain rules P-03, P-04 and D-25, with the rulings of 4.7.
"""

from collections.abc import Iterable, Mapping, Sequence

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.kernel.records import dataclass, replace
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.matching import match_line
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.supplying.acknowledgment import (
    AcknowledgmentState,
    AnsweredLine,
    AnswerStatus,
    ComparedLine,
    Header,
    LineAnswer,
    LineOutcome,
    RecordAcknowledgment,
)
from manciple.supplying.line_judge import AnswerAllowances, LineJudge


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An answer compared with the order.

    Attributes:
        lines: the order lines that the answer speaks of, in the order's sequence.
        discrepancies: by line, outside tolerance.
        findings: what was odd about the answer as a whole.
    """

    lines: tuple[ComparedLine, ...]
    discrepancies: tuple[Discrepancy, ...]
    findings: tuple[str, ...]
    state: AcknowledgmentState


def compare(
    order: PurchaseOrder,
    act: RecordAcknowledgment,
    *,
    ledgers: Mapping[str, LineLedger],
    allowances: Mapping[str, AnswerAllowances],
) -> Comparison:
    """Compare an answer with the order as it stands; ledgers and allowances by line number."""
    named, strangers = _named(order, act.lines)
    spoken = _spoken_for(order, act, named)
    found: list[Discrepancy] = list(strangers)
    lines: list[ComparedLine] = []
    for line in order.lines:
        if line.number in spoken:
            judge = LineJudge(line, ledgers[line.number], allowances[line.number])
            compared, discrepancies = judge.judge(spoken[line.number])
            lines.append(compared)
            found.extend(discrepancies)
    findings = tuple(stranger.text for stranger in strangers)
    contradiction = _contradiction(act, lines)
    if contradiction:
        found.extend(contradiction)
        findings = (*findings, *(each.text for each in contradiction))
    if act.header is Header.ACCEPT:
        found, denied = _denied(found)
        findings = (*findings, *denied)
    return Comparison(
        lines=tuple(lines),
        discrepancies=tuple(found),
        findings=findings,
        state=_state(order, lines),
    )


def _named(
    order: PurchaseOrder, answered: Iterable[AnsweredLine]
) -> tuple[dict[str, list[AnsweredLine]], list[Discrepancy]]:
    """Sort answered lines to the order lines that they mean; the others are discrepancies."""
    named: dict[str, list[AnsweredLine]] = {}
    strangers = []
    for each in answered:
        match = match_line(order, each.line, each.items)
        if match.line is None:
            text = f"an answered line fits no line of the order: {match.text}"
            strangers.append(Discrepancy(code=Code.UNKNOWN_ORDER, line=each.line, text=text))
        else:
            named.setdefault(match.line.number, []).append(each)
    return named, strangers


_ACCEPTED = LineAnswer(status=AnswerStatus.ACCEPT)
_REJECTED = LineAnswer(status=AnswerStatus.REJECT)
_OF_ALL = {
    Header.ACCEPT: _ACCEPTED,
    Header.REJECT: _REJECTED,
    Header.HOLD: LineAnswer(status=AnswerStatus.HOLD),
}


def _spoken_for(
    order: PurchaseOrder, act: RecordAcknowledgment, named: Mapping[str, list[AnsweredLine]]
) -> Mapping[str, Sequence[AnsweredLine]]:
    """Give for every line that the answer speaks of what it says, by line or by header.

    The header speaks for all lines only where no line answers. Source: ruling P-03 header, 4.7 A.
    """
    spoken: dict[str, Sequence[AnsweredLine]] = dict(named)
    live = _spoken_of(order, act)
    answer = _of_all(act.header, named)
    if answer is not None:
        for number in live:
            lines = _lines(named if answer is _ACCEPTED else {}, number)
            spoken[number] = [_with(each, answer) for each in lines]
    elif act.header is Header.EXCEPTIONS:
        for number in live:
            if number not in spoken:
                spoken[number] = [AnsweredLine(line=number, answers=(_ACCEPTED,))]
    elif act.header in {Header.DETAIL, Header.COUNTER}:
        for number, lines in named.items():
            spoken[number] = [_detailed(each) for each in lines]
    return spoken


def _of_all(header: Header, named: Mapping[str, list[AnsweredLine]]) -> LineAnswer | None:
    """Give what a head says of every line; None where lines speak for themselves."""
    if header is Header.COUNTER:
        return None if named else _REJECTED
    has_answers = any(each.answers for lines in named.values() for each in lines)
    return None if has_answers else _OF_ALL.get(header)


def _spoken_of(order: PurchaseOrder, act: RecordAcknowledgment) -> list[str]:
    """Give the lines that a head can speak for: of a change order only those that it touches."""
    if act.is_change:
        return [line.number for line in order.lines if line.revision == order.revision]
    return [line.number for line in order.lines if not line.is_given_up]


def _lines(named: Mapping[str, list[AnsweredLine]], number: str) -> Sequence[AnsweredLine]:
    return named.get(number) or [AnsweredLine(line=number)]


def _with(line: AnsweredLine, answer: LineAnswer) -> AnsweredLine:
    return line if line.answers else replace(line, answers=(answer,))


def _detailed(line: AnsweredLine) -> AnsweredLine:
    """Read a line without a code under a header that announces details: they are the answer."""
    if line.answers or line.ordered is None:
        return line
    return replace(line, answers=(LineAnswer(status=AnswerStatus.CHANGE_MIXED),))


def _contradiction(
    act: RecordAcknowledgment, lines: Sequence[ComparedLine]
) -> tuple[Discrepancy, ...]:
    """Find a head that says no over lines that say yes; the lines have won already."""
    accepted = [line.line for line in lines if line.confirmed is not None and line.confirmed]
    if act.header is not Header.REJECT or not accepted:
        return ()
    text = f"the head rejects the order, but lines {', '.join(accepted)} are confirmed"
    discrepancy = Discrepancy(
        code=Code.REJECTED_LINE, expected="confirmed", actual="rejected by the head", text=text
    )
    return (discrepancy,)


def _denied(found: Sequence[Discrepancy]) -> tuple[list[Discrepancy], tuple[str, ...]]:
    """Say of a line's no that the head says yes; the line has won already.

    Source: ruling P-03 header, 4.7 A: a contradiction is a finding on the case.
    """
    lines = [each.line for each in found if each.code is Code.REJECTED_LINE and each.line]
    if not lines:
        return list(found), ()
    told = [
        replace(each, text=f"{each.text}, though the head accepts the order")
        if each.code is Code.REJECTED_LINE and each.line
        else each
        for each in found
    ]
    return told, (f"the head accepts the order, but lines {', '.join(lines)} are rejected",)


def _state(order: PurchaseOrder, lines: Sequence[ComparedLine]) -> AcknowledgmentState:
    """Sum the lines' outcomes up."""
    outcomes = {line.line: line.outcome for line in lines}
    answered = set(outcomes.values()) - {LineOutcome.PENDING, LineOutcome.HELD}
    live = {line.number for line in order.lines if not line.is_given_up}
    is_whole = all(outcomes.get(number, LineOutcome.PENDING) in answered for number in live)
    if not answered:
        return AcknowledgmentState.PENDING
    if answered == {LineOutcome.REJECTED} and is_whole:
        return AcknowledgmentState.REJECTED
    if not is_whole or answered & {LineOutcome.PARTIAL, LineOutcome.REJECTED}:
        return AcknowledgmentState.PARTIAL
    if LineOutcome.CHANGED in answered:
        return AcknowledgmentState.CHANGED
    return AcknowledgmentState.ACCEPTED
