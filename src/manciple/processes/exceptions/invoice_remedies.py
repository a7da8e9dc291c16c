"""Remedies of invoices: release its holds, send it back, or leave it until facts change it."""

from collections.abc import Iterable

from manciple.cases.case import Case, CaseResolved
from manciple.cases.ports import Standing
from manciple.invoicing.holds import CURED_BY_FACTS, Hold, ReleaseHold
from manciple.invoicing.invoice import UNSETTLED, Invoice, RejectInvoice
from manciple.kernel.errors import refuse
from manciple.processes.exceptions.remedy import Remedy
from manciple.runtime.work import Work

_INVOICE = (Invoice.KIND,)


def settled(standing: Standing, case: Case) -> str:
    """Nothing can be done about an invoice that is decided."""
    invoice = standing.peek(Invoice, case.subject.id)
    if invoice is None or invoice.state in UNSETTLED:
        return ""
    return f"the invoice is {invoice.state.value}"


def unsignable(standing: Standing, case: Case) -> str:
    """Some holds are cured by facts alone: no signature clears them."""
    if why := settled(standing, case):
        return why
    invoice = standing.peek(Invoice, case.subject.id)
    held = _open(invoice) if invoice else ()
    if not held:
        return "no hold is open"
    facts = [f"{hold.name}: {CURED_BY_FACTS[hold.code]}" for hold in held if _is_fact(hold)]
    return f"facts alone cure {'; '.join(facts)}" if facts else ""


def release_all(work: Work, event: CaseResolved) -> Iterable[object]:
    """Release every open hold in the name of whoever decided, if all of them are theirs.

    Raises:
        Refused: NOT_YOUR_HOLD, others own some of them; NO_REASON.
    """
    held = _open(work.get(Invoice, event.subject.id))
    others = [f"{hold.name} ({hold.owner_role.value})" for hold in held if not _may(hold, event)]
    if others:
        raise refuse(
            "NOT_YOUR_HOLD",
            f"others own {', '.join(others)}",
            field="resolution",
            rule="D-23",
            fix="release your own; the exception ends by itself with the last hold",
        )
    for hold in held:
        yield ReleaseHold(
            invoice=event.subject.id,
            code=hold.code,
            line=hold.line,
            reason=event.note,
            signed_by=event.by,
        )


def send_back(work: Work, event: CaseResolved) -> Iterable[object]:
    """Send a disputed invoice back: it is not paid."""
    del work
    yield RejectInvoice(invoice=event.subject.id, reason=event.note or "disputed")


def _open(invoice: Invoice) -> tuple[Hold, ...]:
    return tuple(hold for hold in invoice.holds if hold.is_open)


def _is_fact(hold: Hold) -> bool:
    return hold.code in CURED_BY_FACTS


def _may(hold: Hold, event: CaseResolved) -> bool:
    return hold.owner_role in event.roles


def remedies() -> tuple[Remedy, ...]:
    """Give the remedies of invoices."""
    return (
        Remedy(
            name="dispute",
            on=_INVOICE,
            effect="The invoice goes back and is never paid. The supplier is told why if it reads "
            "mail or text files; otherwise you tell it.",
            hinders=settled,
            act=send_back,
        ),
        Remedy(
            name="release",
            on=_INVOICE,
            effect="Every open hold is released, with the note as the reason, if all are yours.",
            hinders=unsignable,
            act=release_all,
        ),
        Remedy(
            name="await_balance",
            on=_INVOICE,
            effect="The invoice stays held; the next receipt, credit or change matches it again.",
            hinders=settled,
        ),
    )
