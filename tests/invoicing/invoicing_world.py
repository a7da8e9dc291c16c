"""Builders for the invoicing tests: orders, invoices, policy, and a bus with goods that move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

from manciple.adapters.memory import MemoryBus
from manciple.catalog import handlers as catalog
from manciple.catalog.item import ItemId, ItemScheme, Pack
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.invoicing import handlers as invoicing
from manciple.invoicing.intake import taken_in
from manciple.invoicing.invoice import (
    Charge,
    Invoice,
    InvoicedLine,
    InvoiceRegistered,
    MatchInvoice,
    MatchOrder,
    RegisterInvoice,
)
from manciple.invoicing.limits import Limits
from manciple.invoicing.matching import Orders, OrderView, match, placed
from manciple.invoicing.result import Check, CheckName, MatchResult
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering import handlers as ordering
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import (
    OrderLine,
    OrderState,
    PlaceOrder,
    PurchaseOrder,
    RecordOrderInErp,
)
from manciple.policy.register import Register, load_tables
from manciple.runtime.bus import Handles, Reacts, Registry, Reply
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)
EACH, CASE, KILO = Unit.EACH, Unit.CASE, Unit.KILOGRAM
USD, EUR = Currency.USD, Currency.EUR
SUPPLIER = "acme"

CLERK = Actor(id="clara", roles=(Role.AP_CLERK,))
LEAD = Actor(id="lea", roles=(Role.AP_LEAD,))
BUYER = Actor(id="ben", roles=(Role.BUYER,))
WAREHOUSE = Actor(id="wim", roles=(Role.WAREHOUSE_LEAD,))
VENDOR = Actor(id="acme-edi", roles=(Role.SUPPLIER,), supplier=SUPPLIER)

TABLES = """\
table: tolerances
version: "t"
effective_from: 2026-01-01
owner: Test
description: Tolerances of a test.
hit: first
inputs:
  - {{name: test, type: text}}
  - {{name: category, type: text}}
  - {{name: supplier, type: text}}
outputs:
  - {{name: percent_upper, type: decimal, optional: true}}
  - {{name: absolute_upper, type: decimal, optional: true}}
  - {{name: percent_lower, type: decimal, optional: true}}
  - {{name: absolute_lower, type: decimal, optional: true}}
  - {{name: mode, type: text, values: [stricter, looser, percent-only, absolute-only]}}
rows:
{rows}
"""
KINDS = Path(__file__).parents[2] / "policies" / "match_kind.yaml"


def policy(
    *rows: str, kinds: str | None = None, more: Mapping[str, str] | None = None
) -> Register:
    """Tolerance rows such as ``invoice_price: percent_upper 2, mode percent-only``.

    ``more`` holds whole tables by file name.
    """
    listed = [_row(number, row) for number, row in enumerate(rows or ("none: mode stricter",))]
    tolerances = TABLES.format(rows="\n".join(listed)).encode()
    match_kind = KINDS.read_bytes() if kinds is None else dedent(kinds).encode()
    others = {name: dedent(text).encode() for name, text in (more or {}).items()}
    return load_tables({"tolerances.yaml": tolerances, "match_kind.yaml": match_kind, **others})


def _row(number: int, row: str) -> str:
    test, _, legs = row.partition(": ")
    then = ", ".join(": ".join(leg.strip().split(" ")) for leg in legs.split(","))
    return f"  - {{id: t{number}, when: {{test: {test}}}, then: {{{then}}}, because: Test.}}"


TWO_WAY = """\
    table: match_kind
    version: "k"
    effective_from: 2026-01-01
    owner: Test
    description: Every line is held against the order alone.
    hit: first
    inputs:
      - {name: category, type: text}
    outputs:
      - {name: kind, type: text, values: [2-way, 3-way]}
      - {name: level, type: text}
    rows:
      - {id: k1, when: {}, then: {kind: 2-way, level: company}, because: Test.}
    """
TWO_PERCENT = (
    "invoice_price: percent_upper 2, mode percent-only",
    "invoice_line_amount: percent_upper 2, absolute_upper 15.00, mode stricter",
    "invoice_total: percent_upper 2, mode percent-only",
)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), USD)


def quantity(text: str) -> Quantity:
    number, unit = text.split()
    return Quantity(Decimal(number), {"EA": EACH, "CA": CASE, "KG": KILO}[unit])


def price(text: str, currency: Currency = USD) -> Price:
    """``10.00``, or ``30.00 / 100 EA``."""
    amount, _, per = text.partition(" / ")
    return Price(Money(Decimal(amount), currency), quantity(per or "1 EA"))


def an_order_line(
    number: str = "1", stated: str = "100 EA", *, at: str = "10.00", item: str | None = None
) -> OrderLine:
    quoted = quantity(stated)
    size = 24 if quoted.unit is CASE else 1
    return OrderLine(
        number=number,
        item=item or f"bolt-{number}",
        description="Bolt",
        category="fasteners",
        supplier_item=f"A-{item or number}",
        stated=quoted,
        base=Quantity(quoted.value * size, EACH),
        price=price(at),
        needed_by=DAY,
        packs=(Pack(unit=CASE, base=Decimal(24)),),
        gtin=f"0400000000{number}",
    )


def an_order(
    *lines: OrderLine, name: str = "PO-1", supplier: str = SUPPLIER, currency: Currency = USD
) -> PurchaseOrder:
    lines = lines or (an_order_line(),)
    return PurchaseOrder(
        id=name,
        thread="requisition/REQ-1",
        requisition="REQ-1",
        supplier=supplier,
        site="chicago",
        currency=currency,
        revision=1,
        lines=lines,
        total=Money.zero(currency),
        lane=Lane.STANDARD,
        state=OrderState.SENT,
        ordered_on=DAY,
    )


def a_line(
    stated: str = "100 EA",
    *,
    at: str = "10.00",
    number: str = "1",
    line: str | None = "1",
    order: str | None = None,
    items: tuple[ItemId, ...] = (),
    amount: str | None = None,
) -> InvoicedLine:
    return InvoicedLine(
        number=number,
        order=order,
        line=line,
        items=items,
        quantity=quantity(stated),
        price=price(at),
        amount=None if amount is None else usd(amount),
    )


def supplier_item(name: str) -> ItemId:
    return ItemId(ItemScheme.SUPPLIER, name)


def a_bill(
    *lines: InvoicedLine,
    number: str = "INV-1",
    dated: date = DAY,
    order: str | None = "PO-1",
    credit: bool = False,
    charges: tuple[Charge, ...] = (),
    tax: str | None = None,
    total: str | None = None,
    supplier: str = SUPPLIER,
) -> RegisterInvoice:
    return RegisterInvoice(
        supplier=supplier,
        number=number,
        date=dated,
        currency=USD,
        lines=lines or (() if charges else (a_line(),)),
        order=order,
        charges=charges,
        tax=None if tax is None else usd(tax),
        total=None if total is None else usd(total),
        credit=credit,
    )


# --- the matcher alone


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One order with its ledger, to match invoices on without a store."""

    order: PurchaseOrder
    register: Register
    postings: tuple[Posting, ...] = ()
    requester: str | None = None

    def with_goods(self, stage: Stage, amount: str, line: str = "1") -> "Bench":
        bought = self.order.line(line)
        assert bought is not None
        stated = quantity(amount)
        posting = Posting(
            stage=stage,
            line=line,
            quantity=bought.to_base(stated),
            stated=stated,
            source=f"{stage}/{len(self.postings)}",
            effective=DAY,
        )
        return replace(self, postings=(*self.postings, posting))

    def kept(self, act: RegisterInvoice, *, name: str = "INV-A") -> Invoice:
        invoice = taken_in(act, name=name, number_key=name, at=AT)
        return placed(invoice, self.orders())

    def orders(self, *papers: Invoice) -> Orders:
        ledgers = {
            line.number: LineLedger(
                line=line.number,
                unit=line.base_unit,
                postings=tuple(p for p in self._all(papers) if p.line == line.number),
            )
            for line in self.order.lines
        }
        name = self.order.id
        view = OrderView(
            order=self.order, ledgers=ledgers, papers=papers, requester=self.requester
        )
        return Orders(views={name: view}, names={name: (name,)})

    def _all(self, papers: Sequence[Invoice]) -> Iterable[Posting]:
        yield from self.postings
        for line in self.order.lines:
            yield Posting(
                stage=Stage.ORDERED,
                line=line.number,
                quantity=line.base,
                stated=line.stated,
                source=f"order/{line.number}",
                effective=DAY,
            )
        for paper in papers:
            for billed in paper.lines:
                if billed.posted and billed.place is not None:
                    yield Posting(
                        stage=Stage.CREDITED if paper.credit else Stage.INVOICED,
                        line=billed.place.line,
                        quantity=billed.posted,
                        stated=billed.stated.quantity,
                        source=f"invoice/{paper.id}/{billed.number}",
                        effective=DAY,
                    )

    def match(self, act: RegisterInvoice, *others: Invoice) -> MatchResult:
        invoice = self.kept(act)
        limits = Limits(register=self.register, at=AT)
        return match(invoice, self.orders(*others, invoice), limits)


def bench(
    *rows: str,
    order: PurchaseOrder | None = None,
    kinds: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Bench:
    return Bench(order=order or an_order(), register=policy(*rows, kinds=kinds, more=more))


def check_of(result: MatchResult, name: CheckName) -> Check:
    checks = (*result.checks, *(check for line in result.lines for check in line.checks))
    (found,) = (check for check in checks if check.name is name)
    return found


def codes(result: MatchResult) -> set[str]:
    return {hold.code.value for hold in result.holds}


# --- the room on a bus


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveGoods:
    """Goods come, or go back: what receiving does, for tests of this room."""

    order: str
    stage: Stage
    quantity: str
    paper: str
    line: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsMoved:
    """Goods came or went back."""

    order: str


def _move_goods(work: Work, act: MoveGoods) -> Ref:
    order = work.get(PurchaseOrder, act.order)
    line = order.line(act.line)
    assert line is not None
    stated = quantity(act.quantity)
    posting = Posting(
        stage=act.stage,
        line=act.line,
        quantity=line.to_base(stated),
        stated=stated,
        source=act.paper,
        effective=DAY,
    )
    work.append(order.id, posting)
    work.save(order, GoodsMoved(order=order.id))
    return Ref(PurchaseOrder.KIND, order.id)


def _match_when_registered(work: Work, event: InvoiceRegistered) -> Iterable[object]:
    return (MatchInvoice(invoice=event.invoice),)


def _match_when_moved(work: Work, event: GoodsMoved) -> Iterable[object]:
    return (MatchOrder(order=event.order),)


class Room:
    """The invoicing room with one supplier and one order, on the store in memory."""

    def __init__(
        self,
        *rows: str,
        lines: tuple[OrderLine, ...] = (),
        more: Mapping[str, str] | None = None,
    ) -> None:
        register = policy(*rows, more=more)
        self.duties: dict[str, str] = {}
        handles = (
            *catalog.handles(),
            *ordering.handles(register),
            *invoicing.handles(register, duties=lambda _, __: self.duties),
            Handles(act=MoveGoods, handle=_move_goods, by=frozenset({Role.SYSTEM})),
        )
        reacts = (
            Reacts(event=InvoiceRegistered, react=_match_when_registered),
            Reacts(event=GoodsMoved, react=_match_when_moved),
        )
        self.bus = MemoryBus(Registry.of(handles, reacts))
        self.count = 0
        for name in (SUPPLIER, "rival"):
            supplier = Supplier(id=name, name=name.title(), currency=USD)
            self.ask(RegisterSupplier(supplier=supplier))
        self.order = self.place(*(lines or (an_order_line(),)))

    def place(
        self, *lines: OrderLine, requisition: str = "REQ-1", supplier: str = SUPPLIER
    ) -> str:
        act = PlaceOrder(
            requisition=requisition,
            thread=f"requisition/{requisition}",
            supplier=supplier,
            site="chicago",
            currency=USD,
            lines=lines,
        )
        placed_ = self.ask(act).subject
        assert placed_ is not None
        self.ask(RecordOrderInErp(order=placed_.id, erp_number=f"45-{requisition}"))
        return placed_.id

    def ask(self, act: object, *, by: Actor = SYSTEM, key: str | None = None) -> Reply:
        reply = self.try_(act, by=by, key=key)
        assert reply.is_done, reply.refusals
        return reply

    def try_(self, act: object, *, by: Actor = SYSTEM, key: str | None = None) -> Reply:
        self.count += 1
        at = AT + timedelta(minutes=self.count)
        command = Command(key=key or f"k{self.count}", act=act, actor=by, at=at)
        (reply,) = self.bus.apply([command]).replies
        return reply

    def bill(self, *lines: InvoicedLine, key: str | None = None, **more: object) -> Invoice:
        """Register an invoice on the room's order and give it as it stands then."""
        act = a_bill(*lines, order=self.order, **more)  # type: ignore[arg-type]
        reply = self.ask(act, key=key)
        assert reply.subject is not None
        return self.bus.get(Invoice, reply.subject.id)

    def receive(self, amount: str, *, paper: str | None = None, line: str = "1") -> None:
        self._move(Stage.RECEIVED, amount, paper, line)

    def send_back(self, amount: str, *, paper: str | None = None, line: str = "1") -> None:
        self._move(Stage.RETURNED, amount, paper, line)

    def _move(self, stage: Stage, amount: str, paper: str | None, line: str) -> None:
        source = paper or f"paper-{self.count}"
        self.ask(
            MoveGoods(order=self.order, stage=stage, quantity=amount, paper=source, line=line),
            key=paper,
        )

    def now(self, invoice: Invoice) -> Invoice:
        return self.bus.get(Invoice, invoice.id)

    def ledger(self, line: str = "1") -> LineLedger:
        rows = self.bus.records(Posting, self.order)
        return LineLedger(
            line=line, unit=EACH, postings=tuple(row for row in rows if row.line == line)
        )


def open_codes(invoice: Invoice) -> list[str]:
    return [hold.name for hold in invoice.open_holds]
