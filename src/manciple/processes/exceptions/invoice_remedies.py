"""Remedies of invoices: send one back, or leave it until facts change it."""

from collections.abc import Iterable

from manciple.cases.case import CaseResolved
from manciple.invoicing.invoice import Invoice, RejectInvoice
from manciple.processes.exceptions.remedy import Remedy
from manciple.runtime.work import Work

_INVOICE = (Invoice.KIND,)


def send_back(work: Work, event: CaseResolved) -> Iterable[object]:
    """Send a disputed invoice back: it is not paid."""
    del work
    yield RejectInvoice(invoice=event.subject.id, reason=event.note or "disputed")


def remedies() -> tuple[Remedy, ...]:
    """Give the remedies of invoices."""
    return (
        Remedy(
            name="dispute",
            on=_INVOICE,
            effect="The invoice goes back to the supplier and is never paid.",
            act=send_back,
        ),
        Remedy(name="release", on=_INVOICE, effect="Each hold is released by its own owner."),
        Remedy(
            name="await_balance",
            on=_INVOICE,
            effect="The invoice waits; the next receipt matches it again.",
        ),
    )
