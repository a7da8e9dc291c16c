"""A match in lines of text: what was compared with what, what was allowed, and what now waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from manciple.invoicing.discount import Discount
from manciple.invoicing.holds import Hold
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.part import Part
from manciple.invoicing.parting import left as left_of
from manciple.invoicing.parting import waiting
from manciple.invoicing.result import (
    AllocatedCharge,
    Check,
    CheckOutcome,
    MatchedLine,
    MatchResult,
    ServedOrder,
)

_WORDS = {
    CheckOutcome.PASSED: "ok   ",
    CheckOutcome.WARNED: "warn ",
    CheckOutcome.HELD: "HOLD ",
}


def explain(result: MatchResult) -> tuple[str, ...]:
    """Tell a match line by line, each test with its arithmetic and the policy row that decided."""
    return (
        *(text for line in result.lines for text in _line(line)),
        *(_service(each) for each in result.services),
        *([] if not result.checks else ["invoice as a whole"]),
        *(_check(check) for check in result.checks),
        *(_allocated(charge) for charge in result.charges),
        *(_before_tests(hold) for hold in result.holds if not _is_tested(hold, result)),
    )


def explain_invoice(invoice: Invoice, *, at: datetime | None = None) -> tuple[str, ...]:
    """Tell an invoice's match and, hold by hold, who must act or who released it.

    With ``at``, the clock of its discount too, as it stands at that instant.
    """
    what = "credit note" if invoice.credit else "invoice"
    head = f"{what} {invoice.number} of {invoice.supplier} ({invoice.id}): {invoice.state.value}"
    told = explain(invoice.match) if invoice.match is not None else ("not matched yet",)
    return (
        head,
        *told,
        *(_hold(hold) for hold in invoice.holds),
        *_parts(invoice),
        *_terms(invoice, at),
    )


def _parts(invoice: Invoice) -> Iterator[str]:
    """Tell what is released and may be paid, and what still waits, and for what."""
    for part in invoice.parts:
        what = (
            ", ".join(f"{each.quantity} of line {each.line}" for each in part.lines) or "charges"
        )
        by = f" by {part.by}" if part.by else ""
        rows = f"; {', '.join(part.rulings)}" if part.rulings else ""
        yield (
            f"part {part.number} released {part.at:%Y-%m-%d %H:%M}{by}: {what}; {_sum(part)}"
            f" (D-06{rows}); ERP {part.erp_number or 'not yet'},"
            f" finance {part.finance_number or 'not yet'}"
        )
    if not invoice.parts or invoice.is_settled:
        return
    for line in waiting(invoice):
        causes = [h.name for h in invoice.open_holds if h.line in {line.line, None}]
        why = ", ".join(causes) or "the last part"
        yield f"still waits: {line.quantity} of line {line.line}, {line.amount}: {why}"
    yield f"still waits in all: {left_of(invoice)}"


def _sum(part: Part) -> str:
    lines = " + ".join(str(each.amount) for each in part.lines) or "nothing"
    charges = f" + charges {part.charges}" if part.charges else ""
    tax = f" + tax {part.tax}" if part.tax else ""
    return f"{lines}{charges}{tax} = {part.total}"


def _terms(invoice: Invoice, at: datetime | None) -> Iterator[str]:
    terms = invoice.terms
    if terms is None:
        return
    due = f"due on {invoice.due}" if invoice.due else f"due when the {terms.base} is known"
    yield f"payment terms {terms}: {due} (D-20)"
    found = invoice.discount
    if found is None:
        return
    worth = terms.worth_a_year
    a_year = "" if worth is None else f", worth {percent(worth)} % a year"
    less = f"{found.percent:f} % of {found.of} = {found.amount}" if found.of else "of no known sum"
    yield f"  discount {less}{a_year}: {_stands(invoice, found, at)}"


def percent(share: Fraction) -> str:
    """Write a share in percent, to one place, half up: ``37.2``."""
    tenths = (2 * share * 1000 + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


def _stands(invoice: Invoice, found: Discount, at: datetime | None) -> str:
    lost = found.lost
    if lost is not None:
        why = f"while {', '.join(lost.holds)} waited" if lost.holds else "the paper came too late"
        by = f" ({', '.join(dict.fromkeys(lost.rulings))})" if lost.rulings else ""
        return f"lost at the end of {found.until}, {why}; whose delay: {lost.blame.value}{by}"
    if found.until is None or found.lapses_at is None:
        return "no last day yet: the day that the terms count from is not known"
    if invoice.is_settled:
        return f"in time, to be had until {found.until}, that day included"
    clock = "" if at is None else f", {left(found.lapses_at - at)} left"
    return f"at risk, to be had until {found.until}, that day included{clock}"


def left(span: timedelta) -> str:
    """Write a span in whole days and hours, rounded down; none when it is over."""
    hours = max(span // timedelta(hours=1), 0)
    return f"{hours // 24} days {hours % 24} hours"


def _line(line: MatchedLine) -> Iterator[str]:
    billable = "" if line.billable is None else f", received and kept {line.billable}"
    yield (
        f"line {line.line} bills {line.billed} of order {line.order} line {line.order_line}:"
        f" ordered {line.ordered}{billable}, billed before {line.before};"
        f" {line.kind.value} set at level {line.level} ({line.ruling})"
    )
    if line.receipts:
        drawn = ", ".join(
            f"{each.quantity.normalize():f} of {each.receipt}" for each in line.receipts
        )
        yield f"  draws on {drawn}, first come, first billed (D-18)"
    for each in line.instead:
        yield (
            f"  {each.quantity} of it are {each.item}, which came instead: {each.price}"
            f" (D-22; {each.basis})"
        )
    if line.variances is not None:
        parts = line.variances
        yield (
            f"  variances: price {parts.price} + quantity {parts.quantity}"
            f" = {parts.total} (D-07: Qi x Pi - Qr x Po)"
        )
    yield from (_check(check) for check in line.checks)


def _check(check: Check) -> str:
    return f"  {_WORDS[check.outcome]} {check.code.value:<16} {check.name}: {check.arithmetic}"


def _service(each: ServedOrder) -> str:
    return (
        f"line {each.line} bills a service: {each.code} {each.amount} of order {each.order}, which"
        " plans it for this supplier; no goods (D-09)"
    )


def _allocated(charge: AllocatedCharge) -> str:
    shares = " + ".join(f"{each.amount} of line {each.line}" for each in charge.shares)
    return (
        f"  {charge.code} {charge.amount} = {shares}, by what the lines bill; unit prices do not"
        f" change (D-09; {charge.ruling})"
    )


def _is_tested(hold: Hold, result: MatchResult) -> bool:
    checks = (*result.checks, *(check for line in result.lines for check in line.checks))
    return any(check.code is hold.code and check.line == hold.line for check in checks)


def _before_tests(hold: Hold) -> str:
    where = "the invoice" if hold.line is None else f"line {hold.line}"
    might = "".join(
        f"; perhaps order {each.order} line {each.line} ({', '.join(each.reasons)})"
        for each in hold.candidates
    )
    return f"  {_WORDS[CheckOutcome.HELD]} {hold.code.value:<16} {where}: {hold.text}{might}"


def _hold(hold: Hold) -> str:
    if hold.is_open:
        return f"{hold.name} waits for {hold.owner or hold.owner_role.value}: {hold.variance}"
    return f"{hold.name} released by {hold.released_by}: {hold.release_reason}"
