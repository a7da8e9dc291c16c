"""Invariants that can fail: our totals against those that others keep by themselves.

    ledger          the laws of every order line's ledger (P-01)
    erp_orders      ordered, cancelled, received and invoiced, against the ERP's own books
    wms_receipts    received, against the warehouse's own sums
    finance_payables every payable invoice stands once in finance, with its amount
    parts           each cent of an invoice is released once; the parts add up to it (D-06)
    erp_invoices    every posted invoice stands once in the ERP
    owners          every open case has exactly one owner

Figures are compared only where nothing is on its way: an effect that waits is counted as waiting.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from manciple.adapters.sql.engine import reading
from manciple.app.application import Application
from manciple.cases.case import Case
from manciple.invoicing.invoice import Invoice, InvoiceState
from manciple.invoicing.part import part_key
from manciple.invoicing.parting import breaches
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, invariants, ledgers
from manciple.ordering.purchase_order import BEFORE_SENDING, PurchaseOrder
from manciple.processes.ports import DocumentKind, Page
from manciple.receiving.receipt import Receipt
from manciple.runtime.documents import Document
from manciple.runtime.queries import MOST_ROWS

T = TypeVar("T")
D = TypeVar("D", bound=Document)


Books = Mapping[str, Mapping[str, LineLedger]]
"""Every order's ledgers by line."""


@dataclass(slots=True)
class Check:
    """One invariant: how many things were compared, and which do not agree."""

    checked: int = 0
    broken: list[str] = field(default_factory=list)

    def expect(self, agrees: bool, what: str) -> None:  # noqa: FBT001
        """Count one comparison."""
        self.checked += 1
        if not agrees:
            self.broken.append(what)


def check(app: Application) -> dict[str, Check]:
    """Compare everything that can be compared."""
    books = {order.id: ledgers(app.store.records(Posting, order.id)) for order in _all(
        app, PurchaseOrder)}  # fmt: skip
    waiting = _waiting(app)
    return {
        "ledger": _ledger(books),
        "erp_orders": _erp_orders(app, books, waiting),
        "wms_receipts": _wms(app, books),
        "finance_payables": _finance(app, waiting),
        "parts": _parts(app),
        "erp_invoices": _erp_invoices(app, waiting),
        "owners": _owners(app),
    }


def _all(app: Application, kind: type[D]) -> Iterator[D]:
    after: str | None = None
    while True:
        page = app.documents.page(kind, after=after, limit=MOST_ROWS)
        for row in page.rows:
            yield row.document
        if page.after is None:
            return
        after = page.after


def _pages(read: Callable[[str], Page[T]]) -> Iterator[T]:
    cursor = ""
    while True:
        page = read(cursor)
        yield from page.rows
        if not page.more:
            return
        cursor = page.cursor


def _waiting(app: Application) -> set[str]:
    """Subjects of effects that are not settled yet."""
    with reading(app.store.engine) as session:
        rows = session.rows("select distinct subject from effect where state <> 'done'")
    return {row[0] for row in rows}


def _ledger(books: Books) -> Check:
    check = Check()
    for order, lines in books.items():
        for line, ledger in lines.items():
            breaches = invariants(ledger)
            texts = "; ".join(breach.text for breach in breaches)
            check.expect(not breaches, f"{order}/{line}: {texts}")
    return check


def _erp_orders(app: Application, books: Books, waiting: set[str]) -> Check:
    check = Check()
    if app.systems.erp is None:
        return check
    theirs = {(row.order, row.line): row for row in _pages(app.systems.erp.totals)}
    paid = _posted(app)
    for order in _all(app, PurchaseOrder):
        if order.state in BEFORE_SENDING or f"purchase-order/{order.id}" in waiting:
            continue
        for line, ledger in books[order.id].items():
            row = theirs.get((order.id, line))
            if row is None:
                check.expect(False, f"{order.id}/{line} is not in the ERP")
                continue
            pairs = [
                ("ordered", ledger.total(Stage.ORDERED), row.ordered),
                ("cancelled", ledger.total(Stage.CANCELLED), row.cancelled),
                ("received", ledger.total(Stage.RECEIVED), row.received),
                ("returned", ledger.total(Stage.RETURNED), row.returned),
                ("accepted", ledger.total(Stage.ACCEPTED), row.accepted),
                ("invoiced", paid.get((order.id, line), Quantity.zero(ledger.unit)), row.invoiced),
            ]
            for name, ours, erp in pairs:
                check.expect(ours == erp, f"{order.id}/{line} {name}: ours {ours}, ERP {erp}")
    return check


def _posted(app: Application) -> dict[tuple[str, str], Quantity]:
    """What invoices that the ERP has taken bill, by order line; credits count the other way."""
    sums: dict[tuple[str, str], Quantity] = {}
    for invoice in _all(app, Invoice):
        for part in invoice.parts:
            for each in part.lines if part.erp_number is not None else ():
                place = (each.order, each.order_line)
                sums[place] = sums[place] + each.quantity if place in sums else each.quantity
        if invoice.parts or invoice.erp_number is None:
            continue
        for line in invoice.lines:
            if line.place is None or line.posted is None:
                continue
            place = (line.place.order, line.place.line)
            billed = -line.posted if invoice.credit else line.posted
            sums[place] = sums[place] + billed if place in sums else billed
    return sums


def _wms(app: Application, books: Books) -> Check:
    check = Check()
    if app.systems.wms is None:
        return check
    put_aside = _put_aside(app)
    for row in _pages(app.systems.wms.totals):
        ledger = books.get(row.order, {}).get(row.line)
        if ledger is None:
            check.expect(not row.received, f"{row.order}/{row.line} is only in the warehouse")
            continue
        ours = ledger.total(Stage.RECEIVED)
        aside = put_aside.get((row.order, row.line), Quantity.zero(ours.unit))
        check.expect(
            ours + aside == row.received,
            f"{row.order}/{row.line}: ours {ours} and {aside} aside, there {row.received}",
        )
    return check


def _put_aside(app: Application) -> dict[tuple[str, str], Quantity]:
    """What receipts put into quarantine, by order line."""
    sums: dict[tuple[str, str], Quantity] = {}
    for receipt in _all(app, Receipt):
        for row in receipt.lines:
            place = (receipt.order, row.line)
            sums[place] = sums[place] + row.quarantined if place in sums else row.quarantined
    return sums


def _finance(app: Application, waiting: set[str]) -> Check:
    check = Check()
    if app.systems.finance is None:
        return check
    rows = list(_pages(app.systems.finance.payables))
    theirs = {row.invoice: row for row in rows}
    check.expect(len(theirs) == len(rows), "an invoice stands twice in finance")
    for invoice in _all(app, Invoice):
        is_waiting = f"invoice/{invoice.id}" in waiting
        for key, owed, amount in _owed(invoice):
            row = theirs.pop(key, None)
            if is_waiting:
                continue
            has = row.number if row else "none"
            text = f"{key} is {'owed' if owed else invoice.state.value}, finance has {has}"
            check.expect(owed == (row is not None), text)
            if row is not None and amount is not None:
                check.expect(
                    abs(row.amount.amount) == abs(amount.amount),
                    f"{key}: ours {amount}, finance {row.amount}",
                )
    check.expect(not theirs, f"only in finance: {', '.join(sorted(theirs)[:5])}")
    return check


def _owed(invoice: Invoice) -> Iterator[tuple[str, bool, Money | None]]:
    """Give what finance should have: the invoice, or its parts and not the invoice as well."""
    is_whole = not invoice.parts
    yield invoice.id, is_whole and invoice.state is InvoiceState.POSTED, invoice.total
    for part in invoice.parts:
        yield part_key(invoice.id, part.number), part.erp_number is not None, part.total


def _parts(app: Application) -> Check:
    check = Check()
    for invoice in _all(app, Invoice):
        if invoice.parts:
            found = breaches(invoice)
            check.expect(not found, f"{invoice.id}: {'; '.join(found)}")
    return check


def _erp_invoices(app: Application, waiting: set[str]) -> Check:
    check = Check()
    erp = app.systems.erp
    if erp is None:
        return check
    for invoice in _all(app, Invoice):
        if f"invoice/{invoice.id}" in waiting:
            continue
        is_whole = invoice.is_settled and not invoice.parts
        keys = [(invoice.id, is_whole)]
        keys += [(part_key(invoice.id, part.number), True) for part in invoice.parts]
        for key, owed in keys:
            there = erp.get(DocumentKind.INVOICE, key)
            number = there.ref.number if there else "none"
            text = f"{key} is {invoice.state.value}, the ERP has {number}"
            check.expect(owed == (there is not None), text)
    return check


def _owners(app: Application) -> Check:
    check = Check()
    owners = {task.id: task.role for task in app.store.tasks("case")}
    for case in _all(app, Case):
        if case.is_open:
            check.expect(bool(owners.get(case.id)), f"{case.id} has no owner")
    return check
