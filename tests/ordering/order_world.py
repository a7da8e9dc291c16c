"""A small world for tests: two items, one supplier, one order under way, and a policy of its own.

order of 108 EA bolts (9 CA of 12) and 50 EA nuts by default; all tolerances in one place below
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import count

from manciple.adapters.memory import MemoryBus
from manciple.cases.handlers import handles as case_handles
from manciple.catalog.calendars import calendar_of_site
from manciple.catalog.handlers import handles as catalog_handles
from manciple.catalog.item import Pack
from manciple.governance.handlers import handles as governance_handles
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.handlers import handles as ordering_handles
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, invariants, ledgers
from manciple.ordering.purchase_order import (
    OrderLine,
    PlaceOrder,
    PurchaseOrder,
    RecordOrderInErp,
    RecordOrderSent,
)
from manciple.policy.register import Register, load_tables
from manciple.receiving.handlers import handles as receiving_handles
from manciple.runtime.bus import Handles, Reacts, Registry, Reply
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work
from manciple.supplying.handlers import handles as supplying_handles

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
NEEDED = date(2026, 11, 20)
BUYER = Actor(id="bo", roles=(Role.BUYER,))
PLANNER = Actor(id="pam", roles=(Role.PLANNER,), sites=("HUB",))
DOCK = Actor(id="wms", roles=(Role.WAREHOUSE_SYSTEM,))
ACME = Actor(id="acme", roles=(Role.SUPPLIER,), supplier="ACME")
ZETA = Actor(id="zeta", roles=(Role.SUPPLIER,), supplier="ZETA")

TOLERANCES = b"""
table: tolerances
version: "test"
effective_from: 2026-01-01
owner: tests
description: fasteners have every tolerance, all else has none
hit: first
inputs:
  - {name: test, type: text}
  - {name: category, type: text}
  - {name: supplier, type: text}
outputs:
  - {name: percent_upper, type: decimal, optional: true}
  - {name: absolute_upper, type: decimal, optional: true}
  - {name: percent_lower, type: decimal, optional: true}
  - {name: absolute_lower, type: decimal, optional: true}
  - {name: mode, type: text}
  - {name: days_early, type: decimal, optional: true}
  - {name: days_late, type: decimal, optional: true}
rows:
  - id: t1
    when: {test: ack_quantity, category: fasteners}
    then: {absolute_upper: 3, absolute_lower: 3, mode: absolute-only}
  - id: t2
    when: {test: ack_price, category: fasteners}
    then: {percent_upper: 2, percent_lower: 2, mode: percent-only}
  - id: t3
    when: {test: ack_date, category: fasteners}
    then: {mode: stricter, days_early: 5, days_late: 2}
  - id: t4
    when: {test: receipt_over, category: fasteners}
    then: {percent_upper: 5, mode: percent-only}
  - id: t5
    when: {test: close, category: fasteners}
    then: {percent_lower: 2, mode: percent-only}
"""
ROUTING = b"""
table: exception_routing
version: "test"
effective_from: 2026-01-01
owner: tests
description: shortages to the planner, prices to the buyer; nothing else is routed
hit: first
inputs:
  - {name: code, type: text}
  - {name: lane, type: text}
outputs:
  - {name: owner_role, type: text}
  - {name: sla_hours, type: decimal}
  - {name: resolutions, type: list}
  - {name: playbook, type: text}
rows:
  - id: x1
    when: {code: SHORTAGE, lane: standard}
    then:
      owner_role: planner
      sla_hours: 9
      resolutions: [accept, cancel_remainder]
      playbook: look
  - id: x2
    when: {code: PRICE_VARIANCE}
    then: {owner_role: buyer, sla_hours: 4.5, resolutions: [accept, dispute], playbook: compare}
"""
REAPPROVAL = b"""
table: reapproval
version: "test"
effective_from: 2026-01-01
owner: tests
description: 5 % a change, 8 % in all; prices and quantities by their amount alone
hit: first
inputs:
  - {name: test, type: text}
  - {name: category, type: text}
  - {name: supplier, type: text}
outputs:
  - {name: percent_upper, type: decimal, optional: true}
  - {name: absolute_upper, type: decimal, optional: true}
  - {name: mode, type: text}
rows:
  - id: a1
    when: {test: amount_last}
    then: {percent_upper: 5, mode: stricter}
  - id: a2
    when: {test: amount_first}
    then: {percent_upper: 8, mode: stricter}
  - id: a3
    when: {}
    then: {percent_upper: 1000, mode: percent-only}
"""


@cache
def a_register() -> Register:
    return load_tables(
        {
            "tolerances.yaml": TOLERANCES,
            "exception_routing.yaml": ROUTING,
            "reapproval.yaml": REAPPROVAL,
        }
    )


def q(value: str | int | Decimal, unit: Unit = Unit.EACH) -> Quantity:
    return Quantity(Decimal(value), unit)


def cases(value: str | int) -> Quantity:
    return q(value, Unit.CASE)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def a_line(
    number: str = "1",
    stated: Quantity | None = None,
    *,
    item: str = "BOLT-8",
    category: str = "fasteners",
    price: Price | None = None,
) -> OrderLine:
    """A line of bolts: 30.00 USD per case of 12, 9 cases unless said otherwise."""
    stated = cases(9) if stated is None else stated
    packs = (Pack(unit=Unit.CASE, base=Decimal(12)),)
    base = q(stated.value * 12) if stated.unit is Unit.CASE else stated
    return OrderLine(
        number=number,
        item=item,
        description="a thing",
        category=category,
        supplier_item=f"A-{item}",
        stated=stated,
        base=base,
        price=price or Price(usd("30.00"), cases(1)),
        needed_by=NEEDED,
        packs=packs,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostInvoiced:
    """Posts what an invoice posts, as the room for invoices would."""

    order: str
    line: str
    quantity: Quantity


def _post(work: Work, act: PostInvoiced) -> Ref | None:
    posting = Posting(
        stage=Stage.INVOICED,
        line=act.line,
        quantity=act.quantity,
        stated=act.quantity,
        source=f"invoice/{work.key}/{act.line}",
        effective=work.at.date(),
    )
    work.append(act.order, posting)
    return None


@dataclass(slots=True)
class World:
    """The rooms of this test over one store in memory, and a clock that only the test moves."""

    reacts: Sequence[Reacts] = ()
    now: datetime = NOW
    bus: MemoryBus = field(init=False)
    _keys: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        register = a_register()
        rows = (
            *catalog_handles(),
            *governance_handles(),
            *ordering_handles(register),
            *supplying_handles(register),
            *receiving_handles(register),
            *case_handles(register, calendar_of_site),
            Handles(act=PostInvoiced, handle=_post, by=frozenset({Role.SYSTEM})),
        )
        self.bus = MemoryBus(Registry.of(rows, self.reacts))

    def tell(self, act: object, actor: Actor = SYSTEM, *, cause: str = "") -> Reply:
        key = f"k{next(self._keys)}"
        command = Command(key=key, act=act, actor=actor, at=self.now, correlation=cause)
        return self.bus.apply([command]).replies[0]

    def does(self, act: object, actor: Actor = SYSTEM, *, cause: str = "") -> str:
        """Tell an act that must be done; gives the id of its document."""
        reply = self.tell(act, actor, cause=cause)
        assert reply.is_done, reply.refusals
        return reply.subject.id if reply.subject else ""

    def refuses(self, act: object, actor: Actor = SYSTEM) -> list[str]:
        """Tell an act that must be refused; gives the codes of the reasons."""
        before = len(self.bus.events())
        reply = self.tell(act, actor)
        assert len(self.bus.events()) == before
        return [reason.code for reason in reply.refusals]

    def place(self, *lines: OrderLine, site: str = "HUB", lane: Lane = Lane.STANDARD) -> str:
        requisition = f"REQ-{next(self._keys)}"
        return self.does(
            PlaceOrder(
                requisition=requisition,
                thread=f"requisition/{requisition}",
                supplier="ACME",
                site=site,
                currency=Currency.USD,
                lines=lines or (a_line(),),
                lane=lane,
            )
        )

    def an_order(self, *lines: OrderLine) -> str:
        """An order that the supplier has."""
        order = self.place(*lines)
        self.does(RecordOrderInErp(order=order, erp_number=f"E{order[-4:]}"))
        self.does(RecordOrderSent(order=order, revision=1, interchange="OUT-1"))
        return order

    def order(self, name: str) -> PurchaseOrder:
        return self.bus.get(PurchaseOrder, name)

    def ledger(self, order: str, line: str = "1") -> LineLedger:
        return ledgers(self.bus.records(Posting, order))[line]

    def total(self, order: str, stage: Stage, line: str = "1") -> Quantity:
        return self.ledger(order, line).total(stage)

    def happened(self) -> list[str]:
        return [event.type for event in self.bus.events()]

    def check(self) -> None:
        """Every ledger of every order keeps its laws."""
        for order in self.bus.documents(PurchaseOrder):
            for ledger in ledgers(self.bus.records(Posting, order.id)).values():
                assert invariants(ledger) == ()
