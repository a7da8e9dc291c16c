"""A small company for the tests of approvals: two sites, five approvers, one requester."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from manciple.adapters.memory import MemoryBus
from manciple.approvals import handlers
from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.directory import Directory
from manciple.approvals.ports import CalendarFor
from manciple.approvals.request import (
    Approval,
    CategoryAmount,
    RequestApproval,
    Step,
    approval_number,
)
from manciple.approvals.settings import ApprovalSettings
from manciple.governance import handlers as governance
from manciple.governance.people import Person, RegisterPerson, actor_of
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.money import Currency, Money
from manciple.policy.register import Register, load_tables
from manciple.runtime.bus import Registry, Reply
from manciple.runtime.documents import Document, Ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work

D = TypeVar("D", bound=Document)

ROUTING = b"""
table: approval_routing
version: "2026-01"
effective_from: "2026-01-01"
owner: Finance policy board
description: Who approves what, for tests.
hit: first
inputs:
  - {name: document_type, type: text, values: [requisition]}
  - {name: flow, type: text}
  - {name: category, type: text, values: [mro, chemicals, safety, art]}
  - {name: site, type: text}
  - {name: lane, type: text, values: [critical, standard, bulk]}
  - {name: amount, type: decimal, unit: USD}
outputs:
  - {name: steps, type: list}
  - {name: sla_hours, type: decimal, optional: "true"}
  - {name: final_role, type: text, optional: "true"}
rows:
  - {id: r00, when: {category: chemicals, amount: "[0..100)"}, then: {steps: []}}
  - id: r01
    when: {category: chemicals, amount: "[100..5000]"}
    then: {steps: [branch_manager], sla_hours: "4", final_role: category_manager}
  - {id: r02, when: {category: "mro, safety", amount: "[0..250)"}, then: {steps: []}}
  - id: r03
    when: {category: "mro, safety", amount: "[250..5000]"}
    then: {steps: [], sla_hours: "8", final_role: branch_manager}
  - id: r04
    when: {category: "mro, safety, chemicals", amount: "(5000..50000]"}
    then: {steps: [branch_manager], sla_hours: "8", final_role: finance_controller}
  - id: r05
    when: {category: "mro, safety, chemicals", amount: "> 50000"}
    then: {steps: [branch_manager, finance_controller], sla_hours: "8", final_role: cfo}
"""
REGISTER: Register = load_tables({"approval_routing.yaml": ROUTING})
OFFICE = BusinessCalendar(zone="UTC", hours=(*(((time(8), time(16)),) * 5), None, None))
MONDAY = datetime(2026, 7, 6, 8, tzinfo=UTC)
ADMIN = Actor(id="root", roles=(Role.ADMIN,))


def usd(amount: str | int) -> Money:
    return Money(Decimal(amount), Currency.USD)


def calendar_for(_work: Work, _site: str) -> BusinessCalendar:
    return OFFICE


def a_person(name: str, *sites: str, roles: tuple[Role, ...] = (Role.APPROVER,)) -> Person:
    return Person(
        id=name, name=name.title(), email=f"{name}@example.com", roles=roles, sites=sites
    )


def an_authority(
    name: str, *roles: str, limit: str | None, manager: str | None = None, **limits: str
) -> Authority:
    rows = [Limit(amount=usd(limit))] if limit is not None else []
    rows += [Limit(category=category, amount=usd(each)) for category, each in limits.items()]
    return Authority(id=name, roles=roles, limits=tuple(rows), manager=manager)


PEOPLE = (
    a_person("ana", "W1"),
    a_person("ben", "W1"),
    a_person("fay"),
    a_person("cho"),
    a_person("dee", "W1"),
    a_person("rex", "W1", roles=(Role.REQUESTER, Role.APPROVER)),
)
AUTHORITIES = (
    an_authority("ana", "branch_manager", limit="5000", manager="fay"),
    an_authority("ben", "category_manager", limit="10000", chemicals="2000", manager="fay"),
    an_authority("fay", "finance_controller", limit="25000", manager="cho"),
    an_authority("cho", "cfo", limit="1000000"),
)


@dataclass
class World:
    """A bus with people, and the words in which the tests speak."""

    settings: ApprovalSettings = field(default_factory=ApprovalSettings)
    people: Sequence[Person] = PEOPLE
    authorities: Sequence[Authority] = AUTHORITIES
    register: Register = REGISTER
    calendars: CalendarFor = calendar_for
    bus: MemoryBus = field(init=False)
    now: datetime = MONDAY
    count: int = 0

    def __post_init__(self) -> None:
        rows = (
            *governance.handles(),
            *handlers.handles(
                register=self.register, calendar_for=self.calendars, settings=self.settings
            ),
        )
        self.bus = MemoryBus(Registry.of(rows, handlers.reacts()))
        for person in self.people:
            self.must(ADMIN, RegisterPerson(person=person))
        for authority in self.authorities:
            self.must(ADMIN, RegisterAuthority(authority=authority))

    def do(self, actor: Actor | str, act: object, *, at: datetime | None = None) -> Reply:
        self.count += 1
        who = actor if isinstance(actor, Actor) else self.actor(actor)
        self.now = at or self.now
        command = Command(key=f"k{self.count}", act=act, actor=who, at=self.now)
        return self.bus.apply([command]).replies[0]

    def must(self, actor: Actor | str, act: object, *, at: datetime | None = None) -> Ref:
        reply = self.do(actor, act, at=at)
        if not reply.is_done:
            raise Refused(*reply.refusals)
        assert reply.subject is not None
        return reply.subject

    def codes(
        self, actor: Actor | str, act: object, *, at: datetime | None = None
    ) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.do(actor, act, at=at).refusals)

    def actor(self, name: str) -> Actor:
        return actor_of(self.bus.get(Person, name))

    def ask(
        self,
        amount: str,
        *,
        category: str = "mro",
        site: str = "W1",
        requester: str = "rex",
        shares: tuple[CategoryAmount, ...] = (),
    ) -> Approval:
        """Request an approval for rex at W1 and give it."""
        act = a_request(
            amount,
            category=category,
            site=site,
            requester=requester,
            shares=shares,
            subject=f"REQ-{self.count}",
        )
        self.must(SYSTEM, act)
        return self.bus.get(Approval, approval_number(act.subject, act.revision))

    def approval(self, approval: Approval) -> Approval:
        return self.bus.get(Approval, approval.id)

    def peek(self, kind: type[D], name: str, /) -> D | None:
        if not any(each.id == name for each in self.bus.documents(kind)):
            return None
        return self.bus.get(kind, name)

    def directory(self) -> Directory:
        return Directory(self.peek)

    def fire(self, after: timedelta | datetime) -> None:
        self.now = after if isinstance(after, datetime) else self.now + after
        self.bus.fire(self.now)


def a_request(
    amount: str,
    *,
    category: str = "mro",
    site: str = "W1",
    requester: str = "rex",
    revision: int = 1,
    subject: str = "REQ-1",
    shares: tuple[CategoryAmount, ...] = (),
    currency: Currency = Currency.USD,
) -> RequestApproval:
    return RequestApproval(
        subject=Ref("requisition", subject),
        thread=f"requisition/{subject}",
        title=f"{subject} for {site}",
        document_type="requisition",
        flow="direct",
        amount=Money(Decimal(amount), currency),
        category=category,
        site=site,
        requester=requester,
        revision=revision,
        lane=Lane.STANDARD,
        shares=shares,
    )


def chain(approval: Approval) -> list[tuple[str, str]]:
    return [(step.approver, step.kind.value) for step in approval.steps]


def current(approval: Approval) -> Step:
    step = approval.current
    assert step is not None
    return step
