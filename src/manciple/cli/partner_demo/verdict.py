"""The facts held against the table: every order is right, wrong or stuck.

Stuck: something of ours that the order needs has not been done. Wrong: everything was done, and
somebody's books say something else than the table.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from manciple.adapters.partners.expected import ExpectedEnd, ExpectedLine, ExpectedOrder
from manciple.adapters.partners.mock_edi import PartnerLine, PartnerOrder
from manciple.cli.partner_demo.facts import ErpLine, Facts, Found

_NOTHING = Decimal(0)


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


def judge(end: ExpectedEnd, orders: tuple[ExpectedOrder, ...], found: Found) -> Verdict:
    """Compare every order, then what concerns the whole."""
    verdict = Verdict()
    for order in orders:
        facts = found.orders[order.reference]
        tally = verdict.tallies.setdefault(order.behaviour, Tally())
        tally.orders += 1
        tally.exceptions += facts.cases
        if stuck := tuple(_stuck(facts)):
            tally.stuck[order.reference] = stuck
            continue
        differences = list(_differences(order, facts))
        verdict.differences += differences
        if differences:
            tally.wrong.add(order.reference)
        else:
            tally.right += 1
    for behaviour, owed in found.unacknowledged.items():
        if len(owed) != end.unacknowledged:
            verdict.differences.append(
                Difference(
                    order="all", behaviour=behaviour, where="partner: documents without our 997",
                    expected=str(end.unacknowledged), actual=", ".join(owed[:10]),
                )
            )  # fmt: skip
    verdict.differences += [
        Difference(order="all", behaviour="", where="astray", expected="nothing", actual=each)
        for each in found.astray
    ]
    return verdict


def _stuck(facts: Facts) -> Iterator[str]:
    if facts.number is None:
        yield "no order was made of the requisition"
        return
    if facts.erp is None:
        yield f"{facts.number} is not in the ERP"
    if facts.partner is None:
        yield f"{facts.number} is not at the partner"
    yield from facts.waiting


def _differences(order: ExpectedOrder, facts: Facts) -> Iterator[Difference]:
    assert facts.partner is not None
    assert facts.erp is not None
    for where, expected, actual in (
        *_at_partner(order, facts.partner),
        *_in_erp(order, facts.erp),
        ("ERP: invoices posted", sorted(order.payables), list(facts.posted)),
        ("finance: payables", sorted(order.payables), list(facts.payables)),
        ("exceptions", sorted(order.exceptions), sorted(facts.cases)),
    ):
        if expected != actual:
            yield Difference(
                order=order.reference, behaviour=order.behaviour, where=where,
                expected=_text(expected), actual=_text(actual),
            )  # fmt: skip


Compared = tuple[str, Any, Any]
"""Whose figure, what the table says, what was found."""


def _at_partner(order: ExpectedOrder, there: PartnerOrder) -> Iterator[Compared]:
    yield "partner: status", order.status, there.status
    yield "partner: invoices", list(order.invoices), [total for _, total in there.invoices]
    kept = {line.line: line for line in there.lines}
    yield "partner: lines", sorted(line.line for line in order.lines), sorted(kept)
    for line in order.lines:
        if line.line in kept:
            yield from _line_at_partner(line, kept[line.line])


def _line_at_partner(line: ExpectedLine, there: PartnerLine) -> Iterator[Compared]:
    """A balance that has followed is confirmed in its record by then; the 855 said less."""
    followed = line.shipped > line.confirmed
    where = f"partner: line {line.line}"
    yield f"{where} item", line.item, there.item
    yield f"{where} ordered", line.ordered, there.ordered
    yield f"{where} status", "IA" if followed else line.status, there.status
    yield f"{where} confirmed", line.ordered if followed else line.confirmed, there.confirmed
    yield f"{where} shipped", line.shipped, there.shipped
    yield f"{where} billed", line.billed, there.billed


def _in_erp(order: ExpectedOrder, there: Mapping[str, ErpLine]) -> Iterator[Compared]:
    yield "ERP: lines", sorted(line.line for line in order.lines), sorted(there)
    for line in order.lines:
        kept = there.get(line.line)
        if kept is None:
            continue
        where = f"ERP: line {line.line}"
        yield f"{where} ordered", line.ordered, kept.ordered
        yield f"{where} cancelled", _NOTHING, kept.cancelled
        yield f"{where} confirmed", line.confirmed, kept.confirmed
        yield f"{where} received", line.shipped, kept.received
        yield f"{where} accepted", line.shipped, kept.accepted
        yield f"{where} invoiced", order.invoiced_in_erp(line), kept.invoiced


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
