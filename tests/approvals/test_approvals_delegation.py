from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from manciple.approvals.authority import RegisterAuthority
from manciple.approvals.delegation import Delegate, Delegation, RevokeDelegation
from manciple.approvals.request import (
    ApprovalEscalated,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalState,
    Approve,
    Reject,
    StepApproved,
)
from manciple.approvals.settings import ApprovalSettings
from manciple.governance.people import DeactivatePerson
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency, Money
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    MONDAY,
    PEOPLE,
    World,
    a_person,
    an_authority,
    current,
    usd,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


FOREVER = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=23, minutes=59)))


def a_loan(
    to: str = "dee",
    *,
    start: datetime = MONDAY,
    end: datetime = MONDAY + DAY,
    cap: Money | None = None,
    sites: tuple[str, ...] = (),
    document_types: tuple[str, ...] = (),
    of: str | None = None,
) -> Delegate:
    return Delegate(
        to_person=to,
        start=start,
        end=end,
        cap=cap,
        sites=sites,
        document_types=document_types,
        from_person=of,
    )


def test_a_delegate_decides_and_the_history_says_for_whom() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan())

    world.must("dee", Approve(approval=approval.id))

    (approved,) = world.bus.happened(StepApproved)
    assert (approved.by, approved.on_behalf_of) == ("dee", "ana")
    step = world.approval(approval).steps[0]
    assert (step.acted_by, step.on_behalf_of) == ("dee", "ana")
    assert world.bus.happened(ApprovalGranted)


def test_a_delegate_may_say_no_for_the_delegator() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan())

    world.must("dee", Reject(approval=approval.id, reason="duplicate"))

    (rejected,) = world.bus.happened(ApprovalRejected)
    assert (rejected.by, rejected.on_behalf_of) == ("dee", "ana")


def test_the_delegator_may_still_decide() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan())

    world.must("ana", Approve(approval=approval.id))

    assert world.approval(approval).steps[0].on_behalf_of is None


@pytest.mark.parametrize(
    ("instant", "is_valid"),
    [
        (MONDAY + HOUR - INSTANT, False),
        (MONDAY + HOUR, True),
        (MONDAY + 2 * HOUR - INSTANT, True),
        (MONDAY + 2 * HOUR, False),
    ],
)
def test_a_delegation_holds_from_its_start_until_before_its_end(
    instant: datetime, is_valid: bool
) -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan(start=MONDAY + HOUR, end=MONDAY + 2 * HOUR))

    codes = world.codes("dee", Approve(approval=approval.id), at=instant)

    assert codes == (() if is_valid else ("NOT_YOUR_STEP",))


@pytest.mark.parametrize(("amount", "codes"), [("1000", ()), ("1000.01", ("LIMIT_TOO_LOW",))])
def test_the_cap_itself_is_inside(amount: str, codes: tuple[str, ...]) -> None:
    world = World()
    approval = world.ask(amount)
    world.must("ana", a_loan(cap=usd("1000")))

    assert world.codes("dee", Approve(approval=approval.id)) == codes


def test_a_cap_bounds_agreement_on_the_way_too() -> None:
    world = World()
    approval = world.ask("6000")
    world.must("ana", a_loan(cap=usd("5000")))

    assert world.codes("dee", Approve(approval=approval.id)) == ("LIMIT_TOO_LOW",)


def test_without_an_own_limit_the_delegators_limit_counts() -> None:
    world = World()
    approval = world.ask("5000")
    world.must("ana", a_loan())

    assert world.codes("dee", Approve(approval=approval.id)) == ()


@pytest.mark.parametrize(
    ("own", "codes"), [("399.99", ("LIMIT_TOO_LOW",)), ("400", ()), (None, ("LIMIT_TOO_LOW",))]
)
def test_the_own_limit_counts_when_the_company_requires_it(
    own: str | None, codes: tuple[str, ...]
) -> None:
    settings = ApprovalSettings(delegate_own_limit=True)
    dee = an_authority("dee", "helper", limit=own)
    world = World(settings=settings, authorities=(*AUTHORITIES, dee))
    approval = world.ask("400")
    world.must("ana", a_loan())

    assert world.codes("dee", Approve(approval=approval.id)) == codes


def test_a_delegation_reaches_its_sites_and_document_types_only() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan(sites=("W2",)))
    world.must("ana", a_loan(document_types=("invoice",)))
    assert world.codes("dee", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)

    world.must("ana", a_loan(sites=("W1", "W2"), document_types=("requisition",)))

    assert world.codes("dee", Approve(approval=approval.id)) == ()


def test_a_delegation_does_not_apply_to_the_delegates_own_request() -> None:
    world = World()
    world.must("ana", a_loan("rex"))

    approval = world.ask("400", requester="rex")

    assert [task.owner for task in world.bus.tasks()] == ["ana"]
    assert world.codes("rex", Approve(approval=approval.id)) == ("SELF_APPROVAL",)
    world.fire(MONDAY + DAY)
    assert [event.now for event in world.bus.happened(ApprovalEscalated)] == ["fay"]


def test_a_second_entry_of_the_requester_is_no_way_around() -> None:
    twin = replace(a_person("rex2", "W1"), email="rex@example.com")
    world = World(people=(*PEOPLE, twin))
    approval = world.ask("400")
    world.must("ana", a_loan("rex2"))

    assert world.codes("rex2", Approve(approval=approval.id)) == ("SELF_APPROVAL",)
    assert [task.owner for task in world.bus.tasks()] == ["ana"]


def test_what_was_lent_cannot_be_lent_on() -> None:
    eve = a_person("eve", "W1")
    dee = an_authority("dee", "helper", limit="1")
    world = World(people=(*PEOPLE, eve), authorities=(*AUTHORITIES, dee))
    approval = world.ask("400")
    world.must("ana", a_loan("dee"))
    world.must("dee", a_loan("eve"))

    assert world.codes("eve", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)


@pytest.mark.parametrize("who", ["ana", "dee"])
def test_a_delegation_ends_when_either_leaves(who: str) -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan())
    dee = world.actor("dee")

    world.must(ADMIN, DeactivatePerson(person=who))

    assert world.codes(dee, Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)
    owner = "fay" if who == "ana" else "ana"
    assert [task.owner for task in world.bus.tasks()] == [owner]


@pytest.mark.parametrize(
    ("loan", "codes"),
    [
        (a_loan(start=MONDAY), ()),
        (a_loan(start=MONDAY - INSTANT), ("DELEGATION_RETRO",)),
        (a_loan(start=MONDAY + DAY, end=MONDAY + DAY), ("DELEGATION_EMPTY",)),
        (
            a_loan(start=MONDAY - DAY, end=MONDAY),
            ("DELEGATION_EXPIRED", "DELEGATION_RETRO"),
        ),
        (a_loan("ana"), ("DELEGATION_TO_SELF",)),
        (a_loan("nobody"), ("NOT_FOUND",)),
        (a_loan("una"), ("NOT_AN_APPROVER",)),
        (a_loan(cap=usd("5000")), ()),
        (a_loan(cap=usd("5000.01")), ("ABOVE_OWN_LIMIT",)),
        (a_loan(cap=usd("0")), ("CAP",)),
        (a_loan(cap=usd("0.001")), ("CAP",)),
        (a_loan(end=FOREVER), ("TOO_FAR_AHEAD",)),
        (a_loan(start=FOREVER - DAY, end=FOREVER), ("TOO_FAR_AHEAD", "TOO_FAR_AHEAD")),
        (a_loan(cap=Money(usd("5").amount, Currency.EUR)), ("ABOVE_OWN_LIMIT",)),
        (a_loan(of="ben"), ("NOT_YOUR_POWER",)),
        (a_loan(start=MONDAY.replace(tzinfo=None)), ("NAIVE_TIME",)),
    ],
)
def test_a_wrong_delegation_is_refused_with_every_reason(
    loan: Delegate, codes: tuple[str, ...]
) -> None:
    una = a_person("una", "W1", roles=(Role.BUYER,))
    world = World(people=(*PEOPLE, una))

    assert world.codes("ana", loan) == codes
    assert len(world.bus.documents(Delegation)) == (0 if codes else 1)


def test_whoever_has_no_power_has_none_to_lend() -> None:
    assert World().codes("dee", a_loan("ana")) == ("NO_AUTHORITY",)


def test_delegations_in_a_circle_are_refused_however_long_the_circle() -> None:
    world = World()
    world.must("ana", a_loan("ben"))
    assert world.codes("ben", a_loan("ana")) == ("DELEGATION_CYCLE",)
    world.must("ben", a_loan("fay"))
    assert world.codes("fay", a_loan("ana")) == ("DELEGATION_CYCLE",)

    assert world.codes("fay", a_loan("ana", start=MONDAY + DAY, end=MONDAY + 2 * DAY)) == ()


def test_an_administrator_may_set_a_delegation_for_somebody_away() -> None:
    world = World()
    approval = world.ask("400")

    world.must(ADMIN, a_loan(of="ana"))

    assert world.codes("dee", Approve(approval=approval.id)) == ()


def test_open_tasks_move_to_the_delegate_at_the_start_and_back_at_the_end() -> None:
    world = World()
    world.ask("150", category="chemicals")
    world.must("ana", a_loan(start=MONDAY + HOUR, end=MONDAY + 2 * HOUR))
    owners = []
    for after in (HOUR - INSTANT, HOUR, 2 * HOUR):
        world.fire(MONDAY + after)
        owners += [task.owner for task in world.bus.tasks()]

    assert owners == ["ana", "dee", "ana"]


def test_a_task_above_the_cap_stays_with_the_delegator() -> None:
    world = World()
    world.must("ana", a_loan(cap=usd("399.99")))

    world.ask("400")

    assert [task.owner for task in world.bus.tasks()] == ["ana"]


def test_a_revoked_delegation_ends_at_once() -> None:
    world = World()
    approval = world.ask("400")
    loan = world.must("ana", a_loan())
    assert [task.owner for task in world.bus.tasks()] == ["dee"]
    assert world.codes("ben", RevokeDelegation(id=loan.id)) == ("NOT_YOUR_DELEGATION",)

    world.must("ana", RevokeDelegation(id=loan.id))

    assert world.codes("dee", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)
    assert [task.owner for task in world.bus.tasks()] == ["ana"]
    assert world.codes("ana", RevokeDelegation(id=loan.id)) == ("ALREADY_REVOKED",)
    assert not [timer for timer in world.bus.timers() if timer.document == loan]


def test_a_delegators_limit_lowered_later_bounds_the_delegate() -> None:
    alone = an_authority("ana", "branch_manager", limit="5000")
    world = World(authorities=(alone,))
    approval = world.ask("400")
    world.must("ana", a_loan())

    lower = an_authority("ana", "branch_manager", limit="399.99")
    world.must(ADMIN, RegisterAuthority(authority=lower))

    assert world.codes("dee", Approve(approval=approval.id)) == ("HELD",)
    assert world.approval(approval).state is ApprovalState.PENDING


def test_after_escalation_the_delegate_of_the_first_may_still_act() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", a_loan(end=MONDAY + 3 * DAY))
    world.fire(MONDAY + DAY)
    assert current(world.approval(approval)).approver == "fay"

    world.must("dee", Approve(approval=approval.id))

    assert world.approval(approval).steps[0].on_behalf_of == "ana"
