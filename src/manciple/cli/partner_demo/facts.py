"""The facts at the end: mock-edi's own records, the ERP's and finance's own database files.

None of them passes through our program: the files are opened with SQLite alone. Only the codes of
cases, and what still waits, are ours to tell.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from manciple.adapters.partners.mock_edi import PartnerOrder
from manciple.adapters.sql.engine import reading
from manciple.app import Application
from manciple.cases.case import Case
from manciple.cli.partner_demo.days import Days
from manciple.cli.partner_demo.firm import CLERK, Trading
from manciple.cli.partner_demo.house import House
from manciple.exchange.interchange import Interchange, Quarantined
from manciple.invoicing.invoice import Invoice
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import Receipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Document
from manciple.runtime.queries import MOST_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpLine:
    """An order line as the ERP's own tables have it."""

    ordered: Decimal
    cancelled: Decimal
    confirmed: Decimal | None
    received: Decimal
    accepted: Decimal
    invoiced: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What everybody says of one order of the table.

    Attributes:
        number: our order's number; None while there is none.
        partner: mock-edi's own record; None if it has none.
        erp: the ERP's lines by number; None if it has no such order.
        posted: totals of the ERP's invoices that bill the order, sorted.
        payables: amounts of finance's payables that name the order, sorted.
        cases: how many cases of each code were ever opened about it.
        still_open: codes of those that are open.
        rejected: how many of mock-edi's papers about it our 997 rejected, by mock-edi's archive.
        unbilled: how much of each line (EA) we list as received and not invoiced.
        waiting: what of ours is not done yet.
    """

    reference: str
    number: str | None
    partner: PartnerOrder | None
    erp: Mapping[str, ErpLine] | None
    posted: tuple[Decimal, ...]
    payables: tuple[Decimal, ...]
    cases: Counter[str]
    still_open: tuple[str, ...]
    rejected: int
    unbilled: Mapping[str, Decimal]
    waiting: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """All facts; of no order of the table are cases ``elsewhere``, and all that is ``astray``."""

    orders: dict[str, Facts] = field(default_factory=dict)
    unacknowledged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: list[Case] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)


def gather(house: House, days: Days) -> Found:
    """Ask everybody."""
    found = Found()
    numbers = {ref: _order_of(house.app, need) for ref, need in days.raised.items()}
    by_number = {number: ref for ref, number in numbers.items() if number is not None}
    cases = _cases(house.app, by_number, found)
    waiting = _waiting(house.app, by_number, found)
    unbilled = _unbilled(house)
    erp = _Erp(house.settings.home / "erp.sqlite")
    payables = _payables(house.settings.home / "finance.sqlite")
    suppliers = {trading.behaviour: trading for trading in house.tradings}
    for order in days.orders:
        number = numbers.get(order.reference)
        found.orders[order.reference] = Facts(
            reference=order.reference,
            number=number,
            partner=_asked(house, suppliers[order.behaviour], number),
            erp=erp.lines.get(number or ""),
            posted=tuple(sorted(erp.posted.get(number or "", ()))),
            payables=tuple(sorted(payables.get(number or "", ()))),
            cases=Counter(case.code.value for case in cases.get(order.reference, ())),
            still_open=tuple(
                sorted(case.code.value for case in cases.get(order.reference, ()) if case.is_open)
            ),
            rejected=_rejected(house, suppliers[order.behaviour], number),
            unbilled=unbilled.get(number or "", {}),
            waiting=tuple(waiting.get(order.reference, ())),
        )
    for trading in house.tradings:
        partner = house.partners[trading.behaviour]
        found.unacknowledged[trading.behaviour] = partner.unacknowledged(trading.ours)
        there = {each.number for each in partner.orders(trading.ours)}
        found.astray += [
            f"{trading.theirs} has an order {number} that nobody raised"
            for number in sorted(there - set(by_number))
        ]
    found.astray += [
        f"the ERP has an order {number} that nobody raised"
        for number in sorted(set(erp.lines) - set(by_number))
    ]
    return found


def _asked(house: House, trading: Trading, number: str | None) -> PartnerOrder | None:
    if number is None:
        return None
    return house.partners[trading.behaviour].order(number, trading.ours)


def _rejected(house: House, trading: Trading, number: str | None) -> int:
    if number is None:
        return 0
    papers = house.partners[trading.behaviour].documents(trading.ours, number)
    return sum(paper.answer == "rejected" for paper in papers)


def _order_of(app: Application, need: str) -> str | None:
    """Give the order that a requisition became: a name, under which others are asked."""
    requisition = app.peek(Requisition, need)
    return requisition.orders[0] if requisition and requisition.orders else None


# ---- other systems' files -------------------------------------------------------------------


class _Erp:
    """The ERP's tables, read from its file."""

    def __init__(self, file: Path) -> None:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as books:
            orders = dict(books.execute("SELECT number, external FROM purchase_order"))
            sums = {
                name: _sums(books.execute(f"SELECT {keys}, {value} FROM {table}"))  # noqa: S608  ours
                for name, keys, value, table in (
                    ("cancelled", "po, line", "quantity", "cancellation"),
                    ("received", "po, line", "received", "receipt_line"),
                    ("accepted", "po, line", "accepted", "receipt_line"),
                    ("invoiced", "po, line", "quantity", "invoice_line"),
                )
            }
            self.lines: dict[str, dict[str, ErpLine]] = {name: {} for name in orders.values()}
            rows = books.execute("SELECT po, line, ordered, confirmed FROM order_line")
            for po, line, ordered, confirmed in rows:
                self.lines[orders[po]][line] = ErpLine(
                    ordered=Decimal(ordered),
                    confirmed=None if confirmed is None else Decimal(confirmed),
                    **{name: by.get((po, line), Decimal(0)) for name, by in sums.items()},
                )
            self.posted: dict[str, list[Decimal]] = {}
            rows = books.execute(
                "SELECT DISTINCT l.po, i.number, i.total FROM invoice i"
                " JOIN invoice_line l ON l.invoice = i.number"
            )
            for po, _, total in rows:
                self.posted.setdefault(orders[po], []).append(Decimal(total))


def _sums(rows: sqlite3.Cursor) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for po, line, value in rows:
        found[po, line] = found.get((po, line), Decimal(0)) + Decimal(value)
    return found


def _payables(file: Path) -> dict[str, list[Decimal]]:
    """Finance's payables by our order's number, read from its file."""
    found: dict[str, list[Decimal]] = {}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as books:
        for orders, amount in books.execute("SELECT orders, amount FROM payable"):
            for order in str(orders).split():
                found.setdefault(order, []).append(Decimal(amount))
    return found


def _unbilled(house: House) -> dict[str, dict[str, Decimal]]:
    """Read our list of goods received and not invoiced, as accounts payable reads it."""
    found: dict[str, dict[str, Decimal]] = {}
    api, after, more = house.api(CLERK), "", True
    while more:
        page = api.get(f"/v1/goods-received-not-invoiced?limit=200{after}")
        for row in page["rows"]:
            lines = found.setdefault(row["order"], {})
            quantity = Decimal(row["quantity"]["value"])
            lines[row["line"]] = lines.get(row["line"], Decimal(0)) + quantity
        after, more = f"&after={page['after']}", page["after"] is not None
    return found


# ---- ours -----------------------------------------------------------------------------------


def _cases(app: Application, by_number: Mapping[str, str], found: Found) -> dict[str, list[Case]]:
    cases: dict[str, list[Case]] = {}
    after: str | None = None
    while True:
        page = app.documents.page(Case, after=after, limit=MOST_ROWS)
        for row in page.rows:
            case = row.document
            places = _orders_named(app, case.subject.kind, case.subject.id)
            references = [by_number[place] for place in places if place in by_number]
            for reference in references:
                cases.setdefault(reference, []).append(case)
            if not references:
                found.elsewhere.append(case)
        if page.after is None:
            return cases
        after = page.after


def _waiting(app: Application, by_number: Mapping[str, str], found: Found) -> dict[str, list[str]]:
    """What of ours is not done: effects that wait, failed or died."""
    waits: dict[str, list[str]] = {}
    with reading(app.store.engine) as session:
        rows = session.rows("select key, state, subject from effect where state <> 'done'")
    for key, state, subject in rows:
        kind, _, name = str(subject).partition("/")
        places = _orders_named(app, kind, name)
        references = [by_number[place] for place in places if place in by_number]
        for reference in references:
            waits.setdefault(reference, []).append(f"{key} is {state}")
        if not references:
            found.astray.append(f"{key} is {state}")
    return waits


_KINDS: tuple[type[Document], ...] = (
    PurchaseOrder, Invoice, Receipt, Interchange, Quarantined, Requisition,
)  # fmt: skip


def _orders_named(app: Application, kind: str, name: str) -> tuple[str, ...]:  # noqa: PLR0911  one each
    """Give the orders that a document is about."""
    wanted = next((each for each in _KINDS if kind == each.KIND), None)
    document = app.peek(wanted, name) if wanted is not None else None
    match document:
        case PurchaseOrder():
            return (document.id,)
        case Invoice(order=stated) if stated is not None and not document.orders:
            return (stated,)  # one that was never matched
        case Invoice() | Requisition():
            return document.orders
        case Receipt():
            return (document.order,)
        case Interchange():
            named = tuple(order for message in document.messages for order in message.orders)
            return (document.order,) if document.order else named
        case Quarantined():
            return _orders_named(app, Interchange.KIND, document.interchange)
        case _:
            return ()
