"""Who may say yes is never guessed, and what is at stake never has to be known.

One table says which fact of authority is missing; whatever it is, nothing is approved: not at
once, not by anybody who tries, and not by time. Another says which facts of service are missing;
whatever they are, every exception has its place in the queue.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from manciple.approvals.authority import RegisterAuthority
from manciple.approvals.delegation import Delegate
from manciple.approvals.request import (
    Approval,
    ApprovalGranted,
    ApprovalState,
    Approve,
    ApproverGapFound,
    RequestApproval,
    Spend,
    StepApproved,
    approval_number,
)
from manciple.cases.impact import Stake, Term, Weights, ranked
from manciple.catalog.calendars import calendar_of_site
from manciple.governance.people import DeactivatePerson, RegisterPerson
from manciple.kernel.messages import SYSTEM, Role
from manciple.kernel.money import Currency, Money
from manciple.policy.register import load_tables
from manciple.policy.ruling import PolicyError
from manciple.requisitioning.emergency import caps_at
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    MONDAY,
    PEOPLE,
    REGISTER,
    World,
    a_request,
    an_authority,
    current,
    usd,
)

MONTH = timedelta(days=30)
AT_THE_SITE = tuple(replace(person, sites=("W1",)) for person in PEOPLE)
NO_LIMITS = tuple(replace(each, limits=()) for each in AUTHORITIES)
NO_ROLES = tuple(replace(each, roles=()) for each in AUTHORITIES)
NO_MANAGERS = tuple(replace(each, manager=None) for each in AUTHORITIES)
ONLY_CHEMICALS = tuple(
    replace(each, limits=tuple(replace(row, category="chemicals") for row in each.limits[:1]))
    for each in AUTHORITIES
)


def everybody_left(world: World) -> None:
    for person in world.people:
        world.must(ADMIN, DeactivatePerson(person=person.id))


def nobody_approves_any_more(world: World) -> None:
    for person in world.people:
        moved = replace(person, roles=(Role.REQUESTER,))
        world.must(ADMIN, RegisterPerson(person=moved))


def limits_are_taken_away(world: World) -> None:
    for each in NO_LIMITS:
        world.must(ADMIN, RegisterAuthority(authority=each))


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A fact of authority that is not there, and the request that would need it."""

    amount: str = "400"
    category: str = "mro"
    site: str = "W1"
    spends: tuple[Spend, ...] = ()
    world: Callable[[], World] = World
    change: Callable[[World], None] = field(default=lambda _: None)

    def request(self) -> RequestApproval:
        """Write what is asked for."""
        asked = a_request(self.amount, category=self.category, site=self.site)
        return replace(asked, spends=self.spends)


BOUGHT = Spend(supplier="ACME", item="BOLT", category="mro", amount=usd(10))
MISSING = {
    "nobody has a limit": Missing(world=lambda: World(authorities=NO_LIMITS)),
    "nobody holds the role": Missing(world=lambda: World(authorities=NO_ROLES)),
    "nobody has an authority": Missing(world=lambda: World(authorities=())),
    "nobody is registered": Missing(world=lambda: World(people=(PEOPLE[-1],), authorities=())),
    "nobody stands above who has too little": Missing(
        amount="6000",
        world=lambda: World(
            authorities=(
                an_authority("ana", "branch_manager", limit="5000"),
                an_authority("fay", "finance_controller", limit="5999.99"),
            )
        ),
    ),
    "the manager is nobody we know": Missing(
        world=lambda: World(
            authorities=(an_authority("ana", "branch_manager", limit="399.99", manager="zoe"),)
        )
    ),
    "the limit is for another category": Missing(world=lambda: World(authorities=ONLY_CHEMICALS)),
    "the role's holders have left": Missing(change=everybody_left),
    "the role's holders approve no more": Missing(change=nobody_approves_any_more),
    "nobody works at the site": Missing(site="W9", world=lambda: World(people=AT_THE_SITE)),
    "the category is unknown": Missing(amount="10", category="moonrock"),
    "no row speaks of the category": Missing(amount="10", category="art"),
    "there is no policy": Missing(amount="10", world=lambda: World(register=load_tables({}))),
    "nobody says which windows hold": Missing(amount="10", spends=(BOUGHT,)),
}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING.keys())
def test_what_is_missing_of_authority_never_approves(missing: Missing) -> None:
    world = missing.world()
    actors = [world.actor(person.id) for person in world.people]
    missing.change(world)
    act = missing.request()

    world.must(SYSTEM, act)

    name = approval_number(act.subject, act.revision)
    found = world.bus.get(Approval, name)
    assert (found.state, found.steps) == (ApprovalState.PENDING, ())
    assert found.gap
    assert len(world.bus.happened(ApproverGapFound)) == 1
    for who in (*actors, SYSTEM):
        assert world.codes(who, Approve(approval=name)), who
    world.fire(MONTH)
    assert world.bus.get(Approval, name).state is ApprovalState.PENDING
    assert not world.bus.happened(StepApproved)
    assert not world.bus.happened(ApprovalGranted)


def test_the_same_request_is_granted_where_nothing_is_missing() -> None:
    world = World()
    approval = world.ask("400")

    world.must("ana", Approve(approval=approval.id))

    assert world.approval(approval).state is ApprovalState.GRANTED
    assert world.ask("10").state is ApprovalState.GRANTED


LOST = {
    "the limits": limits_are_taken_away,
    "the people": everybody_left,
    "the right to approve": nobody_approves_any_more,
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize("delegate", [False, True])
def test_what_is_lost_while_it_waits_approves_nothing(
    lose: Callable[[World], None], *, delegate: bool
) -> None:
    """The approver was asked in good order; a deputy has no more than the one who lent."""
    world = World()
    approval = world.ask("400")
    if delegate:
        loan = Delegate(to_person="dee", start=MONDAY, end=MONDAY + MONTH)
        world.must("ana", loan)
    actors = {person.id: world.actor(person.id) for person in world.people}

    lose(world)

    who = "dee" if delegate else "ana"
    assert world.codes(actors[who], Approve(approval=approval.id))
    world.fire(MONTH)
    assert world.approval(approval).state is ApprovalState.PENDING
    assert not world.bus.happened(ApprovalGranted)


def test_a_limit_or_an_amount_that_nobody_can_convert_is_refused() -> None:
    world = World()
    euros = Money(Decimal(5000), Currency.EUR)
    (row,) = AUTHORITIES[0].limits
    power = replace(AUTHORITIES[0], limits=(replace(row, amount=euros),))

    assert world.codes(ADMIN, RegisterAuthority(authority=power)) == ("LIMIT_CURRENCY",)
    assert world.codes(SYSTEM, a_request("10", currency=Currency.EUR)) == ("CURRENCY",)
    assert not world.bus.happened(ApprovalGranted)


def test_without_a_calendar_it_waits_by_office_hours() -> None:
    """No hours are no reason to pass it, and none to let it lie: 8 hours from Monday, 08:00."""
    world = World(calendars=calendar_of_site)

    approval = world.ask("400")

    assert approval.state is ApprovalState.PENDING
    assert current(approval).due_at == MONDAY + timedelta(hours=8)
    world.fire(MONTH)
    assert not world.bus.happened(ApprovalGranted)


def test_an_emergency_without_known_caps_is_not_bought() -> None:
    with pytest.raises(PolicyError):
        caps_at("W1", REGISTER, MONDAY, like=usd(1))


# ---- what is at stake


WEIGHTS = Weights(
    stock_out=Decimal(100),
    horizon=Decimal(14),
    customer_order=Decimal(25),
    customer_value=Decimal(100),
    discount=Decimal(10),
    currency=Currency.USD,
)
NOW = datetime(2026, 7, 6, 8, tzinfo=UTC)


def a_stake(name: str, *, stock: bool, customers: bool, discount: bool) -> Stake:
    """Make an exception of which some terms are told and the others are not."""
    told = {Term.STOCK_OUT: stock, Term.CUSTOMERS: customers, Term.DISCOUNT: discount}
    return Stake(
        case=name,
        opened_at=NOW,
        due_at=NOW,
        minutes=Decimal(10),
        days_to_stock_out=Fraction(7) if stock else None,
        customer_orders=2 if customers else None,
        discount=usd(20) if discount else None,
        unknown={term: "nobody tells" for term, is_told in told.items() if not is_told},
        notes={},
    )


EVERY = [
    a_stake(f"{n}", stock=stock, customers=customers, discount=discount)
    for n, (stock, customers, discount) in enumerate(product((False, True), repeat=3))
]


@pytest.mark.parametrize("stakes", [*([each] for each in EVERY), EVERY])
def test_what_is_missing_of_service_keeps_nothing_out_of_the_queue(stakes: list[Stake]) -> None:
    lines = ranked(stakes, WEIGHTS)

    assert {line.stake.case for line in lines} == {each.case for each in stakes}
    for line in lines:
        unknown = {term.term for term in line.terms if term.points is None}
        assert unknown == set(line.stake.unknown)
        if len(stakes) > 1:
            assert line.impact == Fraction(102, 10), "not knowing lifts nobody and sinks nobody"
