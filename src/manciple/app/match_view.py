"""An invoice beside its orders and receipts, line by line, with every figure's arithmetic.

    ordered    9 CA x 12 = 108 EA     x 10 USD = 1080 USD
    received   108 EA of D-1          x 10 USD = 1080 USD
    billed     9 CA x 12 = 108 EA     x 10.1666.. USD = 1098 USD

Nothing is decided here: the figures are those of the match that was kept, put next to what they
were made of, and a tolerance is traced to its row of policy.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from manciple.app.application import Application
from manciple.cases.case import Case
from manciple.cases.discrepancy import Code
from manciple.cases.life import case_key
from manciple.invoicing.conversion import (
    Unconvertible,
    in_base,
    price_in_base,
    shown,
    unit_size,
)
from manciple.invoicing.drawing import deliveries
from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.invoice import Invoice, InvoiceLine
from manciple.invoicing.result import Check, CheckOutcome, MatchedLine
from manciple.invoicing.substituted import billed_as
from manciple.invoicing.variance import is_amount, rounded
from manciple.kernel.identity import number
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import LineLedger, Stage, ledgers
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.policy.conditions import Anything
from manciple.policy.describe import condition_text
from manciple.policy.register import Register
from manciple.policy.table import DecisionTable
from manciple.policy.table import Row as PolicyRow
from manciple.runtime.documents import Ref

_OF_CHARGES = frozenset({HoldCode.CHARGE, HoldCode.CREDIT_EXCESS})
"""Holds of a paper as a whole that are about its charges, a third party's services among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a line: what it says, in the base unit, priced and extended.

    Attributes:
        stated: as the paper says it, ``9 CA``; empty when there is none of it.
        base: in the base unit; None when it cannot be said.
        conversion: how the one became the other, ``9 CA x 12 = 108 EA``; empty when they are one.
        price: as the paper says it; empty where there is none.
        each: the price of one base unit, exact; empty where there is none.
        product: quantity times price, exact, written out; empty where either is unknown.
        amount: the same in whole minor units, rounded once; None where it is not known.
        is_rounded: the amount differs from the exact product.
    """

    stated: str = ""
    base: Quantity | None = None
    conversion: str = ""
    price: str = ""
    each: str = ""
    product: str = ""
    amount: Money | None = None
    is_rounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What one receipt brought of the line, and how much of it this invoice draws on."""

    receipt: str
    day: date
    kept: Quantity
    drawn: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a tolerance comes from.

    Attributes:
        special: what makes the row one for a special case, ``supplier SUP-05``; empty for the
            row that holds for everybody.
        remark: what is added to the row's own figure, ``half of its percent``.
    """

    cite: str
    table: str
    version: str
    row: str
    because: str
    special: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One test, and the row of policy that said how much is allowed; None: none was asked."""

    check: Check
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One invoice line beside its order line and what was received of it.

    Attributes:
        before: billed by papers that come first, less credits; None before a match.
        is_service: it bills a charge that an order plans, and no goods.
        waits: such a charge is held, with the whole paper.
    """

    number: str
    item: str
    description: str
    place: str
    order: str
    matched: MatchedLine | None
    ordered: Side
    received: Side
    billed: Side
    before: Quantity | None
    came: tuple[Came, ...]
    kind: Source | None
    tests: tuple[Tested, ...]
    holds: tuple[Hold, ...]
    is_service: bool = False
    waits: bool = False

    @property
    def agrees(self) -> bool:
        """Say whether nobody needs to look: compared, every test passed, nothing held open.

        A service is compared with the whole paper, beside the charges.
        """
        passed = all(each.check.outcome is CheckOutcome.PASSED for each in self.tests)
        is_held = self.waits or any(each.is_open for each in self.holds)
        is_compared = self.matched is not None or self.is_service
        return is_compared and passed and not is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """All of an invoice's match.

    Attributes:
        holds: those of the invoice as a whole.
        orders: what it bills, by our number, in line order.
        sites: where those go.
        cases: open exceptions about it.
    """

    lines: tuple[LineView, ...]
    tests: tuple[Tested, ...]
    holds: tuple[Hold, ...]
    orders: tuple[PurchaseOrder, ...]
    sites: tuple[str, ...]
    cases: tuple[Case, ...]

    @property
    def troubled(self) -> tuple[LineView, ...]:
        """Give the lines that somebody must look at, in the paper's order."""
        return tuple(each for each in self.lines if not each.agrees)

    @property
    def agreeing(self) -> tuple[LineView, ...]:
        """Give the other lines."""
        return tuple(each for each in self.lines if each.agrees)


def look(app: Application, invoice: Invoice) -> MatchView:
    """Put an invoice beside what it bills; the same number of questions however many lines."""
    orders = app.documents.many(PurchaseOrder, invoice.orders)
    books = {
        name: ledgers(postings) for name, postings in app.payables.postings(tuple(orders)).items()
    }
    names = [
        number("CASE", *case_key(code, Ref(Invoice.KIND, invoice.id), None))
        for code in (Code.INVOICE_MISMATCH, Code.DUPLICATE)
    ]
    cases = app.documents.many(Case, names).values()
    return beside(
        invoice, orders, books, app.definitions.register,
        cases=tuple(case for case in cases if case.is_open),
    )  # fmt: skip


def beside(
    invoice: Invoice,
    orders: Mapping[str, PurchaseOrder],
    books: Mapping[str, Mapping[str, LineLedger]],
    register: Register,
    *,
    cases: tuple[Case, ...] = (),
) -> MatchView:
    """Put an invoice beside these orders and their ledgers, by order and line."""
    sources = _Sources(register)
    result = invoice.match
    matched = {line.line: line for line in result.lines} if result is not None else {}
    return MatchView(
        lines=tuple(
            _line(invoice, line, matched.get(line.number), orders, books, sources)
            for line in invoice.lines
        ),
        tests=sources.of(result.checks if result is not None else ()),
        holds=tuple(hold for hold in invoice.holds if hold.line is None),
        orders=tuple(orders.values()),
        sites=tuple(dict.fromkeys(order.site for order in orders.values())),
        cases=cases,
    )


def _line(
    invoice: Invoice,
    line: InvoiceLine,
    matched: MatchedLine | None,
    orders: Mapping[str, PurchaseOrder],
    books: Mapping[str, Mapping[str, LineLedger]],
    sources: "_Sources",
) -> LineView:
    order = orders.get(line.place.order) if line.place is not None else None
    bought = order.line(line.place.line) if order is not None and line.place is not None else None
    ledger = books.get(order.id, {}).get(bought.number) if order and bought else None
    names = ", ".join(f"{each.scheme.value} {each.id}" for each in line.stated.items)
    return LineView(
        number=line.number,
        item=bought.item if bought is not None else names,
        description=bought.description if bought is not None else "",
        place=str(line.place or line.service or ""),
        order=line.order or "",
        matched=matched,
        ordered=_ordered(bought, matched, ledger) if bought is not None else Side(),
        received=_received(bought, ledger) if bought is not None else Side(),
        billed=_billed(
            invoice, line, matched, None if bought is None else billed_as(bought, line.stated)
        ),
        before=matched.before if matched is not None else None,
        came=tuple(_came(bought, ledger, matched)) if bought and ledger else (),
        kind=sources.find(matched.ruling) if matched is not None else None,
        tests=sources.of(matched.checks if matched is not None else ()),
        holds=tuple(hold for hold in invoice.holds if hold.line == line.number),
        is_service=line.service is not None,
        waits=line.service is not None
        and any(hold.line is None and hold.code in _OF_CHARGES for hold in invoice.open_holds),
    )


def _ordered(bought: OrderLine, matched: MatchedLine | None, ledger: LineLedger | None) -> Side:
    """Give the order's side: what stands ordered now, less what was cancelled."""
    base = matched.ordered if matched is not None else ledger.wanted if ledger else bought.base
    stated = bought.stated if bought.base == base else base
    return _side(stated, base, bought.price, bought)


def _received(bought: OrderLine, ledger: LineLedger | None) -> Side:
    """Give what was received and kept, at the order's price."""
    if ledger is None:
        return Side()
    back = ledger.total(Stage.RETURNED)
    side = _side(ledger.billable, ledger.billable, bought.price, bought)
    if not back:
        return side
    told = f"{ledger.total(Stage.RECEIVED)} - {back} = {ledger.billable}"
    return Side(
        stated=side.stated, base=side.base, conversion=told, each=side.each,
        product=side.product, amount=side.amount, is_rounded=side.is_rounded,
    )  # fmt: skip


def _billed(
    invoice: Invoice, line: InvoiceLine, matched: MatchedLine | None, bought: OrderLine | None
) -> Side:
    stated = line.stated
    if bought is None:
        exact = _product(stated.quantity, stated.price)
        return Side(
            stated=str(stated.quantity), price=str(stated.price),
            amount=stated.amount or (_money(exact, invoice.currency) if exact else None),
        )  # fmt: skip
    base = line.posted if line.posted is not None else in_base(stated.quantity, bought)
    known = base if isinstance(base, Quantity) else None
    side = _side(stated.quantity, known, stated.price, bought)
    amount = matched.amount if matched is not None else stated.amount
    if amount is None:
        return side
    return Side(
        stated=side.stated, base=side.base, conversion=side.conversion, price=side.price,
        each=side.each, product=side.product, amount=amount,
        is_rounded=side.is_rounded and side.amount == amount,
    )  # fmt: skip


def _side(stated: Quantity, base: Quantity | None, price: Price, bought: OrderLine) -> Side:
    each = price_in_base(price, bought)
    currency = price.money.currency
    conversion = ""
    if base is not None and stated.unit is not base.unit:
        size = unit_size(stated.unit, bought)
        times = "" if isinstance(size, Unconvertible) else f" x {shown(size)}"
        conversion = f"{stated}{times} = {base}"
    if base is None or isinstance(each, Unconvertible):
        return Side(stated=str(stated), base=base, conversion=conversion, price=str(price))
    exact = each * Fraction(base.value)
    amount = _money(exact, currency)
    return Side(
        stated=str(stated),
        base=base,
        conversion=conversion,
        price=str(price),
        each=f"{shown(each)} {currency.value}",
        product=f"{base} x {shown(each)} = {shown(exact)} {currency.value}",
        amount=amount,
        is_rounded=amount is not None and Fraction(amount.amount) != exact,
    )


def _product(quantity: Quantity, price: Price) -> Fraction | None:
    if quantity.unit is not price.per.unit:
        return None
    return Fraction(price.money.amount) * Fraction(quantity.value) / Fraction(price.per.value)


def _money(exact: Fraction, currency: Currency) -> Money | None:
    return rounded(exact, currency) if is_amount(exact) else None


def _came(bought: OrderLine, ledger: LineLedger, matched: MatchedLine | None) -> Iterator[Came]:
    drawn = {each.receipt: each.quantity for each in matched.receipts} if matched else {}
    for each in deliveries(ledger):
        yield Came(
            receipt=each.receipt,
            day=each.day,
            kept=Quantity(each.quantity, bought.base_unit),
            drawn=Quantity(drawn.get(each.receipt, each.quantity * 0), bought.base_unit),
        )


class _Sources:
    """Finds the row of policy that a test cites."""

    def __init__(self, register: Register) -> None:
        """Look in these tables."""
        self._register = register

    def of(self, checks: Iterable[Check]) -> tuple[Tested, ...]:
        """Give each test with its source."""
        return tuple(Tested(check=check, source=self.find(check.ruling)) for check in checks)

    def find(self, ruling: str) -> Source | None:
        """Take ``tolerances 2026-01/r05, half of its percent`` apart, and look the row up."""
        cite, _, remark = ruling.partition(", ")
        name, _, rest = cite.partition(" ")
        version, _, row_id = rest.rpartition("/")
        if not version:
            return None
        for compiled in self._register.versions.get(name, ()):
            if compiled.table.version == version:
                found = next((row for row in compiled.table.rows if row.id == row_id), None)
                return Source(
                    cite=cite, table=name, version=version, row=row_id, remark=remark,
                    because=found.because if found is not None else "",
                    special=_special(compiled.table, found) if found is not None else "",
                )  # fmt: skip
        return Source(
            cite=cite, table=name, version=version, row=row_id, because="", special="",
            remark=remark,
        )  # fmt: skip


def _special(table: DecisionTable, row: PolicyRow) -> str:
    """Say for what special case a row was written: all its conditions but the test's name."""
    said = [
        f"{column.name} {condition_text(cell)}"
        for column, cell in zip(table.inputs, row.when, strict=True)
        if column.name not in {"test", "charge"} and not isinstance(cell, Anything)
    ]
    return ", ".join(said)
