"""Judging one order line: what was answered to it, added up and compared with the order.

    ordered 108 EA; answered IA 5 CA, IB 4 CA  -> confirmed 60, backordered 48: SHORTAGE

Quantities of several answers to one line add up. What was not stated is not zero: one answer
without a quantity takes the rest of the line; a changed quantity that is not stated is unclear.

Source: domain rules P-03, P-04 and D-25, with the rulings of 4.7.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import date

from manciple.cases.discrepancy import Code, Discrepancy
from manciple.kernel.errors import Refused
from manciple.kernel.money import MoneyError
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass, replace
from manciple.ordering.allowances import Allowance
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import OrderLine
from manciple.supplying.acknowledgment import (
    AnsweredLine,
    AnswerStatus,
    ComparedLine,
    Delivery,
    LineAnswer,
    LineOutcome,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAllowances:
    """How much an answer to a line may differ in quantity, price and date."""

    quantity: Allowance
    price: Allowance
    date: Allowance


@dataclass(slots=True)
class _Said:
    """What was said about a line, sorted; None stands for a quantity not stated."""

    confirmed: list[tuple[Quantity | None, date | None]] = field(default_factory=list)
    backordered: list[Quantity | None] = field(default_factory=list)
    rejected: list[Quantity | None] = field(default_factory=list)
    words: list[AnswerStatus] = field(default_factory=list)
    is_rest_backordered: bool = False
    unclear: list[str] = field(default_factory=list)
    stated: list[Quantity] = field(default_factory=list)
    price: Price | None = None
    substitute: str | None = None


class LineJudge:
    """Judges what was answered to one order line."""

    def __init__(self, line: OrderLine, ledger: LineLedger, allowances: AnswerAllowances) -> None:
        self.line, self.allowances = line, allowances
        self.wanted = ledger.wanted
        self.none = Quantity.zero(line.base_unit)

    def judge(
        self, answered: Sequence[AnsweredLine]
    ) -> tuple[ComparedLine, tuple[Discrepancy, ...]]:
        """Add up all that was answered to the line, and name what lies outside tolerance."""
        said = _Said()
        try:
            for each in answered:
                self._hear(each, said)
        except Refused as refusal:
            conflict = self._discrepancy(Code.UNIT_CONFLICT, text=refusal.reasons[0].message)
            return self._pending(said), (conflict,)
        if said.unclear:
            return self._pending(said), tuple(
                self._discrepancy(Code.UNREADABLE, text=text) for text in said.unclear
            )
        if not (said.confirmed or said.backordered or said.rejected):
            return self._unanswered(said)
        return self._weigh(self._sum(said), said)

    def _hear(self, answered: AnsweredLine, said: _Said) -> None:
        """Sort one answered line; quantities become base units, or it is refused."""
        said.price = said.price or answered.price
        repeated = None if answered.ordered is None else self.line.counted(answered.ordered)
        is_only = len(answered.answers) == 1
        for answer in answered.answers:
            said.words.append(answer.status)
            said.price = answer.price or said.price
            said.substitute = answer.substitute or said.substitute
            quantity = None if answer.quantity is None else self.line.counted(answer.quantity)
            if answer.quantity is not None:
                said.stated.append(answer.quantity)
            self._sort(answer, quantity, repeated if is_only else None, said)

    def _sort(
        self,
        answer: LineAnswer,
        quantity: Quantity | None,
        repeated: Quantity | None,
        said: _Said,
    ) -> None:
        match answer.status:
            case (
                AnswerStatus.ACCEPT
                | AnswerStatus.CHANGE_PRICE
                | AnswerStatus.CHANGE_DATE
                | AnswerStatus.CHANGE_MIXED
                | AnswerStatus.SUBSTITUTE
            ):
                new = quantity if quantity is not None else repeated
                said.confirmed.append((new, answer.promised))
            case AnswerStatus.CHANGE_QTY:
                new = quantity if quantity is not None else repeated
                if new is None or (quantity is None and new == self.wanted):
                    said.unclear.append("the quantity is changed, but the new one is not stated")
                else:
                    said.confirmed.append((new, answer.promised))
            case AnswerStatus.BACKORDER_PARTIAL:
                if quantity is None:
                    said.unclear.append("a part is shipped, but how much is not stated")
                else:
                    said.confirmed.append((quantity, answer.promised))
                    said.is_rest_backordered = True
            case AnswerStatus.BACKORDER_FULL:
                said.backordered.append(quantity)
            case AnswerStatus.REJECT:
                said.rejected.append(quantity)
            case AnswerStatus.UNKNOWN:
                said.unclear.append("the answer's code is not known")
            case AnswerStatus.PENDING | AnswerStatus.HOLD:
                pass

    def _sum(self, said: _Said) -> ComparedLine:
        """Add up what was said; one quantity that was not stated takes the rest of the line."""
        unit = self.line.base_unit
        stated = total(
            (
                quantity
                for quantity in (
                    *(q for q, _ in said.confirmed),
                    *said.backordered,
                    *said.rejected,
                )
                if quantity is not None
            ),
            unit,
        )
        rests = iter((max(self.wanted - stated, self.none),))
        schedule = tuple(
            Delivery(quantity=_or_rest(quantity, rests, self.none), promised=promised)
            for quantity, promised in said.confirmed
        )
        backordered = total((_or_rest(q, rests, self.none) for q in said.backordered), unit)
        rejected = total((_or_rest(q, rests, self.none) for q in said.rejected), unit)
        confirmed = total((each.quantity for each in schedule), unit)
        unsaid = max(self.wanted - confirmed - backordered - rejected, self.none)
        if said.is_rest_backordered and not said.backordered:
            backordered, unsaid = backordered + unsaid, self.none
        days = [each.promised for each in schedule if each.promised is not None]
        return ComparedLine(
            line=self.line.number,
            item=self.line.item,
            wanted=self.wanted,
            confirmed=confirmed,
            backordered=backordered,
            rejected=rejected,
            unsaid=unsaid,
            outcome=LineOutcome.ACCEPTED,
            words=tuple(said.words),
            schedule=tuple(each for each in schedule if each.quantity),
            promised=max(days) if days else None,
            substitute=said.substitute,
            stated=said.stated[0] if len(said.stated) == 1 and confirmed else None,
        )

    def _weigh(
        self, line: ComparedLine, said: _Said
    ) -> tuple[ComparedLine, tuple[Discrepancy, ...]]:
        """Compare sums, price and date with the order, and name what lies outside."""
        price, price_findings = self._price(said, line)
        line = replace(line, price=price)
        quantity_findings = tuple(self._quantity(line))
        other = (*price_findings, *self._date(line), *self._substitution(line))
        found = (*quantity_findings, *other)
        cites = tuple(
            sorted(
                each.cite
                for each in (
                    self.allowances.quantity,
                    self.allowances.price,
                    self.allowances.date,
                )
                if each.cite
            )
        )
        outcome = self._outcome(line, found)
        return replace(line, outcome=outcome, is_within=not found, cites=cites), found

    def _outcome(self, line: ComparedLine, found: Sequence[Discrepancy]) -> LineOutcome:
        codes = {each.code for each in found}
        if line.rejected and not line.confirmed and not line.backordered:
            return LineOutcome.REJECTED
        if codes & {Code.SHORTAGE, Code.REJECTED_LINE}:
            return LineOutcome.PARTIAL
        return LineOutcome.CHANGED if codes else LineOutcome.ACCEPTED

    def _quantity(self, line: ComparedLine) -> Iterable[Discrepancy]:
        assert line.confirmed is not None
        if line.rejected:
            yield self._discrepancy(
                Code.REJECTED_LINE,
                expected=line.wanted,
                actual=line.wanted - line.rejected,
                text=f"{line.rejected} of {line.wanted} are rejected",
            )
        result = self.allowances.quantity.tolerance.test(line.wanted.value, line.confirmed.value)
        if result.inside:
            return
        missing = line.backordered + line.unsaid
        if line.confirmed > line.wanted:
            text = f"more is confirmed than was ordered: {result.reason}"
            yield self._discrepancy(
                Code.OVER_SHIPMENT, expected=line.wanted, actual=line.confirmed, text=text
            )
        elif missing:
            yield self._discrepancy(
                Code.SHORTAGE,
                expected=line.wanted,
                actual=line.confirmed,
                text=f"{_remainder(line)}; {result.reason}",
            )

    def _price(
        self, said: _Said, line: ComparedLine
    ) -> tuple[Price | None, tuple[Discrepancy, ...]]:
        if said.price is None:
            return None, ()
        agreed = self.line.price_in_base(self.line.price)
        try:
            named = self.line.price_in_base(said.price)
        except Refused as refusal:
            text = f"the price is per an unknown unit: {refusal.reasons[0].message}"
            return None, (self._discrepancy(Code.UNIT_CONFLICT, text=text),)
        if same_price(agreed, named):
            return named, ()
        if named.money.currency is not agreed.money.currency:
            text = f"the price is in {named.money.currency}, the order in {agreed.money.currency}"
            found = Discrepancy(
                code=Code.PRICE_VARIANCE,
                line=self.line.number,
                expected=str(self.line.price),
                actual=str(said.price),
                text=text,
            )
            return named, (found,)
        result = self.allowances.price.tolerance.test(agreed.unit_amount, named.unit_amount)
        if not result.holds:
            return named, ()
        difference = None
        with suppress(MoneyError):
            confirmed = line.confirmed or self.none
            difference = (named.of(confirmed) - agreed.of(confirmed)).rounded()
        return named, (
            Discrepancy(
                code=Code.PRICE_VARIANCE,
                line=self.line.number,
                expected=str(self.line.price),
                actual=str(said.price),
                variance=f"{round(result.variance, 6):+f} per {self.line.base_unit.value}",
                amount=difference,
                text=f"the price named is not the one ordered: {result.reason}",
            ),
        )

    def _date(self, line: ComparedLine) -> Iterable[Discrepancy]:
        if line.promised is None:
            return
        days = (line.promised - self.line.needed_by).days
        allowance = self.allowances.date
        if -allowance.days_early <= days <= allowance.days_late:
            return
        allowed = f"{allowance.days_early} days early to {allowance.days_late} days late"
        yield Discrepancy(
            code=Code.DATE_CHANGE,
            line=self.line.number,
            expected=self.line.needed_by.isoformat(),
            actual=line.promised.isoformat(),
            variance=f"{days:+d} days",
            text=f"promised {days:+d} days from the day needed; allowed is {allowed}",
        )

    def _substitution(self, line: ComparedLine) -> Iterable[Discrepancy]:
        if AnswerStatus.SUBSTITUTE in line.words or line.substitute:
            instead = line.substitute or "another item, not named"
            yield Discrepancy(
                code=Code.SUBSTITUTION,
                line=self.line.number,
                expected=self.line.supplier_item or self.line.item,
                actual=instead,
                text=f"instead of {self.line.item} comes {instead}",
            )

    def _unanswered(self, said: _Said) -> tuple[ComparedLine, tuple[Discrepancy, ...]]:
        """Nothing was confirmed or refused: contact, or a line on hold."""
        if AnswerStatus.HOLD not in said.words:
            return self._pending(said), ()
        held = replace(self._pending(said), outcome=LineOutcome.HELD)
        text = "the supplier holds the line and waits for something from us"
        found = self._discrepancy(Code.NO_ACKNOWLEDGMENT, expected=self.wanted, text=text)
        return held, (found,)

    def _pending(self, said: _Said) -> ComparedLine:
        return ComparedLine(
            line=self.line.number,
            item=self.line.item,
            wanted=self.wanted,
            confirmed=None,
            backordered=self.none,
            rejected=self.none,
            unsaid=self.wanted,
            outcome=LineOutcome.PENDING,
            words=tuple(said.words),
        )

    def _discrepancy(
        self,
        code: Code,
        *,
        expected: Quantity | None = None,
        actual: Quantity | None = None,
        text: str,
    ) -> Discrepancy:
        difference = None if expected is None or actual is None else actual - expected
        return Discrepancy(
            code=code,
            line=self.line.number,
            expected="" if expected is None else str(expected),
            actual="" if actual is None else str(actual),
            variance="" if difference is None else _signed(difference),
            amount=None if difference is None else self.line.estimate(_size(difference)),
            text=text,
        )


def same_price(one: Price, other: Price) -> bool:
    """Say whether two prices in one unit are exactly the same, whatever they are per."""
    return (
        one.money.currency is other.money.currency
        and one.money.amount * other.per.value == other.money.amount * one.per.value
    )


def _or_rest(quantity: Quantity | None, rests: Iterable[Quantity], none: Quantity) -> Quantity:
    """Give the quantity stated, or the rest of the line to the first that stated none."""
    return next(iter(rests), none) if quantity is None else quantity


def _remainder(line: ComparedLine) -> str:
    """Say what becomes of what is not confirmed."""
    parts = []
    if line.backordered:
        parts.append(f"{line.backordered} backordered")
    if line.unsaid:
        parts.append(f"nothing said about {line.unsaid}")
    return " and ".join(parts)


def _size(quantity: Quantity) -> Quantity:
    return max(quantity, -quantity)


def _signed(quantity: Quantity) -> str:
    return f"{'+' if quantity.value > 0 else ''}{quantity}"
