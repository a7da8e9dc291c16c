"""The facts held against the table: every order is right, wrong or stuck.

Stuck: something of ours that the order needs has not been done. Wrong: everything was done, and
somebody's books say something else than the table.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from manciple.adapters.partners.expected import ExpectedEnd, ExpectedLine, ExpectedOrder
from manciple.adapters.partners.mock_edi import PartnerLine, PartnerOrder
from manciple.cli.partner_demo.facts import ErpLine, Facts, Found

Compared = tuple[str, Any, Any]
"""Whose figure, what the table says, what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Somebody's books say something else than the table.

    Attributes:
        order: the table's reference; ``all`` where it is about the whole run.
        where: whose books, and which figure.
    """

    order: str
    behaviour: str
    where: str
    expected: str
    actual: str


@dataclass(slots=True)
class Tally:
    """One behaviour's orders, counted."""

    orders: int = 0
    right: int = 0
    exceptions: Counter[str] = field(default_factory=Counter)
    stuck: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Verdict:
    """How the whole run ended."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether nothing is wrong and nothing stuck."""
        return not self.differences and not any(each.stuck for each in self.tallies.values())

    def compare(self, order: str, behaviour: str, compared: Compared) -> bool:
        """Note a figure that is not the table's; say whether it is."""
        where, expected, actual = compared
        if expected != actual:
            self.differences.append(
                Difference(
                    order=order, behaviour=behaviour, where=where,
                    expected=worded(expected), actual=worded(actual),
                )
            )  # fmt: skip
        return bool(expected == actual)

    def settle(
        self, tally: Tally, order: str, behaviour: str, compared: Iterable[Compared]
    ) -> None:
        """Count an order right or wrong by all its figures."""
        same = [self.compare(order, behaviour, each) for each in compared]
        if all(same):
            tally.right += 1
        else:
            tally.wrong.add(order)


def judge(end: ExpectedEnd, orders: tuple[ExpectedOrder, ...], found: Found) -> Verdict:
    """Compare every order, then what concerns the whole."""
    verdict = Verdict()
    for order in orders:
        facts = found.orders[order.reference]
        tally = verdict.tallies.setdefault(order.behaviour, Tally())
        tally.orders += 1
        tally.exceptions += facts.cases
        if stuck := tuple(_stuck(order, facts)):
            tally.stuck[order.reference] = stuck
            continue
        verdict.settle(tally, order.reference, order.behaviour, _compared(order, facts))
    for behaviour, owed in found.unacknowledged.items():
        if len(owed) != end.unacknowledged:
            verdict.differences.append(
                Difference(
                    order="all", behaviour=behaviour, where="partner: documents without our 997",
                    expected=str(end.unacknowledged), actual=", ".join(owed[:10]),
                )
            )  # fmt: skip
    astray = (*found.astray, *_elsewhere(end, found))
    verdict.differences += [
        Difference(order="all", behaviour="", where="astray", expected="nothing", actual=each)
        for each in astray
    ]
    return verdict


def _elsewhere(end: ExpectedEnd, found: Found) -> Iterator[str]:
    """Say which cases about no order the table does not name, or are left open, or never came."""
    for case in found.elsewhere:
        if case.is_open or case.code.value not in end.elsewhere:
            state = "open" if case.is_open else "closed"
            yield f"case {case.code.value} about no order, {state}: {case.title}"
    for code in end.elsewhere:
        if all(case.code.value != code for case in found.elsewhere):
            yield f"no case {code} about no order"


def _stuck(order: ExpectedOrder, facts: Facts) -> Iterator[str]:
    if facts.number is None:
        yield "no order was made of the requisition"
        return
    if facts.erp is None:
        yield f"{facts.number} is not in the ERP"
    if facts.partner is None:
        yield f"{facts.number} is not at the partner"
    yield from facts.waiting
    if order.still_open is not None:
        left = Counter(facts.still_open) - Counter(order.still_open)
        yield from (f"{code} is still open" for code in sorted(left.elements()))


def _compared(order: ExpectedOrder, facts: Facts) -> Iterator[Compared]:
    assert facts.partner is not None
    assert facts.erp is not None
    yield from _at_partner(order, facts.partner)
    yield from _in_erp(order, facts.erp)
    yield "ERP: invoices posted", sorted(order.payables), list(facts.posted)
    yield "finance: payables", sorted(order.payables), list(facts.payables)
    yield "exceptions", sorted(order.exceptions), sorted(facts.cases)
    yield "partner: papers that our 997 rejected", order.rejected, facts.rejected
    if order.still_open is not None:  # a bill that is held counts as billed: its paper is here
        for line in order.lines:
            due = line.erp.received - line.erp.invoiced
            waits = facts.unbilled.get(line.line, Decimal(0))
            yield f"ours: line {line.line} received and not invoiced", due, waits


def _at_partner(order: ExpectedOrder, there: PartnerOrder) -> Iterator[Compared]:
    yield "partner: status", order.status, there.status
    yield "partner: invoices", list(order.invoices), [total for _, total in there.invoices]
    yield from lines_at_partner(order.lines, there)


def lines_at_partner(lines: tuple[ExpectedLine, ...], there: PartnerOrder) -> Iterator[Compared]:
    """Compare lines with the partner's own record of them."""
    kept = {line.line: line for line in there.lines}
    yield "partner: lines", sorted(line.line for line in lines), sorted(kept)
    for line in lines:
        if line.line in kept:
            yield from _line_at_partner(line, kept[line.line])


def _line_at_partner(line: ExpectedLine, there: PartnerLine) -> Iterator[Compared]:
    where = f"partner: line {line.line}"
    yield f"{where} item", line.item, there.item
    yield f"{where} ordered", line.there.ordered, there.ordered
    yield f"{where} status", line.there.status, there.status
    yield f"{where} confirmed", line.there.confirmed, there.confirmed
    yield f"{where} shipped", line.there.shipped, there.shipped
    yield f"{where} billed", line.there.billed, there.billed


def _in_erp(order: ExpectedOrder, there: Mapping[str, ErpLine]) -> Iterator[Compared]:
    yield "ERP: lines", sorted(line.line for line in order.lines), sorted(there)
    for line in order.lines:
        kept = there.get(line.line)
        if kept is None:
            continue
        where = f"ERP: line {line.line}"
        yield f"{where} ordered", line.ordered, kept.ordered
        yield f"{where} cancelled", line.erp.cancelled, kept.cancelled
        yield f"{where} confirmed", line.erp.confirmed, kept.confirmed
        yield f"{where} received", line.erp.received, kept.received
        yield f"{where} accepted", line.erp.received, kept.accepted
        yield f"{where} invoiced", line.erp.invoiced, kept.invoiced


def worded(value: Any) -> str:
    """Write a figure as people read it."""
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value) or "none"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
