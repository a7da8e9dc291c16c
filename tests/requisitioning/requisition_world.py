"""A small catalog and company for the tests of requisitions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from manciple.adapters.memory import MemoryBus
from manciple.approvals import handlers as approvals
from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.request import ApprovalGranted, ApprovalRejected, VoidApproval
from manciple.catalog import handlers as catalog
from manciple.catalog.agreement import Agreement, RegisterAgreement
from manciple.catalog.calendars import calendar_of_site
from manciple.catalog.item import Item, Pack, RegisterItem
from manciple.catalog.site import RegisterSite, Site
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.governance import handlers as governance
from manciple.governance.people import Person, RegisterPerson
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.policy.register import Register, load_tables
from manciple.requisitioning import handlers
from manciple.requisitioning.drafting import approval_request
from manciple.requisitioning.requisition import (
    ApproveRequisition,
    RejectRequisition,
    RequestedLine,
    Requisition,
    RequisitionSubmitted,
    RequisitionWithdrawn,
    SubmitRequisition,
)
from manciple.runtime.bus import Reacts, Registry, Reply
from manciple.runtime.documents import Document, Ref
from manciple.runtime.work import Work

D = TypeVar("D", bound=Document)
POLICIES = Path(__file__).parents[2] / "policies"
REGISTER: Register = load_tables(
    {
        name: (POLICIES / name).read_bytes()
        for name in ("approval_routing.yaml", "criticality.yaml", "spend_windows.yaml")
    }
)
TODAY = date(2026, 7, 6)
NOW = datetime(2026, 7, 6, 15, tzinfo=UTC)
ADMIN = Actor(id="root", roles=(Role.ADMIN,))
REX = Actor(id="rex", roles=(Role.REQUESTER,), sites=("W1",))
ANA = Actor(id="ana", roles=(Role.APPROVER,), sites=("W1",))
OFFICE = BusinessCalendar(zone="UTC", hours=(*(((time(8), time(16)),) * 5), None, None))


def usd(amount: str | int) -> Money:
    return Money(Decimal(amount), Currency.USD)


def each(value: str | int) -> Quantity:
    return Quantity(Decimal(value), Unit.EACH)


def cases(value: str | int) -> Quantity:
    return Quantity(Decimal(value), Unit.CASE)


BOLT = Item(
    id="BOLT-8",
    description="Bolt M8",
    category="fasteners",
    base_unit=Unit.EACH,
    packs=(Pack(unit=Unit.CASE, base=Decimal(12)),),
)
GLOVE = Item(id="GLOVE-L", description="Glove L", category="safety", base_unit=Unit.PAIR)
DRILL = Item(
    id="DRILL-1", description="Drill", category="tools", base_unit=Unit.EACH, stocked=False
)
ITEMS = (BOLT, GLOVE, DRILL)
SUPPLIERS = (
    Supplier(id="ACME", name="Acme", currency=Currency.USD, channel="edi"),
    Supplier(id="BOLTCO", name="Boltco", currency=Currency.USD, channel="edi"),
    Supplier(id="EUROBOLT", name="Eurobolt", currency=Currency.EUR),
    Supplier(id="BLOCKED", name="Blocked", currency=Currency.USD, blocked=True),
)


def an_agreement(
    supplier: str,
    item: str = "BOLT-8",
    *,
    price: Price | None = None,
    unit: Unit = Unit.CASE,
    valid_from: date = date(2026, 1, 1),
    valid_to: date | None = None,
    minimum: Quantity | None = None,
    preferred: bool = False,
) -> Agreement:
    return Agreement(
        id=f"{supplier}/{item}",
        supplier=supplier,
        item=item,
        supplier_item=f"{supplier[:2]}-{item}",
        price=price or Price(usd("30.00"), cases(1)),
        order_unit=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        minimum=minimum,
        preferred=preferred,
    )


def a_glove_agreement(price: str = "4.00") -> Agreement:
    pair = Quantity(Decimal(1), Unit.PAIR)
    return an_agreement("ACME", "GLOVE-L", price=Price(usd(price), pair), unit=Unit.PAIR)


AGREEMENTS = (an_agreement("ACME"), a_glove_agreement())


def a_line(
    item: str = "BOLT-8",
    quantity: Quantity | None = None,
    *,
    needed_by: date = date(2026, 7, 20),
    supplier: str | None = None,
) -> RequestedLine:
    return RequestedLine(
        item=item,
        quantity=each(12) if quantity is None else quantity,
        needed_by=needed_by,
        supplier=supplier,
    )


def a_submission(
    *lines: RequestedLine,
    site: str = "W1",
    flow: str = "direct",
    reference: str | None = None,
    note: str | None = None,
    charges: Money | None = None,
    customer_waiting: bool = False,
) -> SubmitRequisition:
    return SubmitRequisition(
        site=site,
        flow=flow,
        lines=lines or (a_line(),),
        reference=reference,
        note=note,
        charges=charges,
        customer_waiting=customer_waiting,
    )


@dataclass
class World:
    """A bus with a catalog, a branch manager and the joints between need and approval."""

    agreements: Iterable[Agreement] = AGREEMENTS
    items: Iterable[Item] = ITEMS
    flows: tuple[str, ...] = ("direct",)
    zone: str = "America/Chicago"
    bus: MemoryBus = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        rows = (
            *governance.handles(),
            *catalog.handles(),
            *approvals.handles(register=REGISTER, calendar_for=calendar_of_site),
            *handlers.handles(register=REGISTER, flows=self.flows),
        )
        self.bus = MemoryBus(Registry.of(rows, (*approvals.reacts(), *JOINTS)))
        acts: list[object] = [
            RegisterSite(site=Site(id="W1", name="One", company="C", zone=self.zone)),
            RegisterSite(site=Site(id="W2", name="Two", company="C")),
            *(RegisterSupplier(supplier=supplier) for supplier in SUPPLIERS),
            *(RegisterItem(item=item) for item in self.items),
            *(RegisterAgreement(agreement=agreement) for agreement in self.agreements),
            RegisterPerson(person=person(REX)),
            RegisterPerson(person=person(ANA)),
            RegisterAuthority(
                authority=Authority(
                    id="ana",
                    roles=("branch_manager", "category_manager"),
                    limits=(Limit(amount=usd("5000")),),
                )
            ),
        ]
        for act in acts:
            self.must(act, ADMIN)

    def do(self, act: object, actor: Actor = REX, *, at: datetime = NOW) -> Reply:
        self.count += 1
        command = Command(key=f"k{self.count}", act=act, actor=actor, at=at)
        return self.bus.apply([command]).replies[0]

    def must(self, act: object, actor: Actor = REX, *, at: datetime = NOW) -> Ref:
        reply = self.do(act, actor, at=at)
        if not reply.is_done:
            raise Refused(*reply.refusals)
        assert reply.subject is not None
        return reply.subject

    def faults(
        self, act: object, actor: Actor = REX, *, at: datetime = NOW
    ) -> list[tuple[str, str]]:
        return [(each.code, each.field) for each in self.do(act, actor, at=at).refusals]

    def submit(self, *lines: RequestedLine, at: datetime = NOW) -> Requisition:
        name = self.must(a_submission(*lines), at=at).id
        return self.bus.get(Requisition, name)

    def peek(self, kind: type[D], name: str, /) -> D | None:
        if not any(each.id == name for each in self.bus.documents(kind)):
            return None
        return self.bus.get(kind, name)


def person(actor: Actor) -> Person:
    return Person(
        id=actor.id,
        name=actor.id,
        email=f"{actor.id}@example.com",
        roles=actor.roles,
        sites=actor.sites,
    )


def _ask(work: Work, event: RequisitionSubmitted) -> Iterable[object]:
    return (approval_request(work.get(Requisition, event.requisition)),)


def _approve(_work: Work, event: ApprovalGranted) -> Iterable[object]:
    return (ApproveRequisition(requisition=event.subject.id, approval=event.approval),)


def _reject(_work: Work, event: ApprovalRejected) -> Iterable[object]:
    rejected = RejectRequisition(
        requisition=event.subject.id, approval=event.approval, reason=event.reason.value
    )
    return (rejected,)


def _void(work: Work, event: RequisitionWithdrawn) -> Iterable[object]:
    approval = work.get(Requisition, event.requisition).approval
    return (VoidApproval(approval=approval or "", reason="withdrawn"),)


JOINTS = (
    Reacts(event=RequisitionSubmitted, react=_ask),
    Reacts(event=ApprovalGranted, react=_approve),
    Reacts(event=ApprovalRejected, react=_reject),
    Reacts(event=RequisitionWithdrawn, react=_void),
)
