"""Several asked at once, and the pool behind everybody: rules A-12 and A-10 on both sides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from manciple.approvals.delegation import Delegate
from manciple.approvals.request import (
    Approval,
    ApprovalState,
    Approve,
    ApproverGapFound,
    PoolAsked,
    Reject,
    StepState,
    VoteRecorded,
)
from manciple.approvals.routing import Join
from manciple.governance.people import DeactivatePerson
from manciple.policy.register import load_tables
from manciple.policy.ruling import PolicyError
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    MONDAY,
    PEOPLE,
    ROUTING,
    World,
    a_person,
    an_authority,
    current,
)

QUALITY = ("qia", "qon", "qum")


def a_world(join: str, **limits: str) -> World:
    """Three of quality, asked at once as the row says, with the final word up to 5 000."""
    row = f"""
  - id: r99
    when: {{category: art}}
    then: {{steps: [], final_role: quality, sla_hours: "8", joins: ["quality: {join}"]}}
"""
    text = ROUTING.replace(b"rows:\n", b"  - {name: joins, type: list, optional: true}\nrows:\n")
    register = load_tables({"approval_routing.yaml": text + row.encode()})
    people = (*PEOPLE, *(a_person(name, "W1") for name in QUALITY))
    powers = (an_authority(name, "quality", limit=limits.get(name, "5000")) for name in QUALITY)
    return World(people=people, authorities=(*AUTHORITIES, *powers), register=register)


def say(world: World, approval: Approval, *names: str) -> ApprovalState:
    for name in names:
        world.must(name, Approve(approval=approval.id))
    return world.approval(approval).state


def no(world: World, approval: Approval, *names: str) -> ApprovalState:
    for name in names:
        world.must(name, Reject(approval=approval.id, reason="not_needed"))
    return world.approval(approval).state


@pytest.mark.parametrize(("join", "enough"), [("any", 1), ("2", 2), ("3", 3), ("all", 3)])
def test_so_many_yes_are_enough_and_one_less_is_not(join: str, enough: int) -> None:
    world = a_world(join)
    approval = world.ask("900", category="art")
    assert current(approval).panel == QUALITY
    assert {task.owner for task in world.bus.tasks("approval")} == set(QUALITY)

    if enough > 1:
        assert say(world, approval, *QUALITY[: enough - 1]) is ApprovalState.PENDING
        assert {task.owner for task in world.bus.tasks("approval")} == set(QUALITY[enough - 1 :])
    assert say(world, approval, QUALITY[enough - 1]) is ApprovalState.GRANTED
    assert not world.bus.tasks("approval")
    assert len(world.bus.happened(VoteRecorded)) == enough - 1


@pytest.mark.parametrize("join", ["any", "2", "all"])
def test_one_no_ends_it_by_default(join: str) -> None:
    world = a_world(join)

    assert no(world, world.ask("900", category="art"), "qia") is ApprovalState.REJECTED


@pytest.mark.parametrize(("join", "allowed"), [("any", 2), ("2", 1), ("all", 0)])
def test_where_it_collects_it_ends_as_soon_as_enough_cannot_be_reached(
    join: str, allowed: int
) -> None:
    world = a_world(f"{join} collect")
    approval = world.ask("900", category="art")

    assert no(world, approval, *QUALITY[:allowed]) is ApprovalState.PENDING
    assert no(world, approval, QUALITY[allowed]) is ApprovalState.REJECTED
    assert not world.bus.tasks("approval")


def test_a_quorum_is_met_beside_a_no_where_it_collects() -> None:
    world = a_world("2 collect")
    approval = world.ask("900", category="art")

    no(world, approval, "qon")

    assert say(world, approval, "qia", "qum") is ApprovalState.GRANTED
    votes = [(vote.by, vote.yes) for vote in world.approval(approval).steps[0].votes]
    assert votes == [("qon", False), ("qia", True), ("qum", True)]


def test_one_person_has_one_vote_own_and_lent_together() -> None:
    world = a_world("2")
    lent = Delegate(to_person="qon", start=world.now, end=world.now + timedelta(days=9))
    world.must("qia", lent)
    approval = world.ask("900", category="art")

    assert say(world, approval, "qon") is ApprovalState.PENDING
    assert world.codes("qon", Approve(approval=approval.id)) == ("ALREADY_DECIDED",)
    assert world.codes("qon", Reject(approval=approval.id, reason="not_needed")) == (
        "ALREADY_DECIDED",
    )
    assert say(world, approval, "qum") is ApprovalState.GRANTED


def test_a_seat_that_a_delegate_used_is_used() -> None:
    world = a_world("2")
    lent = Delegate(to_person="dee", start=world.now, end=world.now + timedelta(days=9))
    world.must("qia", lent)
    approval = world.ask("900", category="art")

    assert say(world, approval, "dee") is ApprovalState.PENDING
    assert world.codes("qia", Approve(approval=approval.id)) == ("ALREADY_DECIDED",)


def test_a_no_needs_a_reason_code() -> None:
    world = a_world("2 collect")
    approval = world.ask("900", category="art")

    assert world.codes("qia", Reject(approval=approval.id, reason="")) == ("REASON_CODE",)
    assert not world.approval(approval).steps[0].votes


def test_only_limits_that_cover_the_amount_have_a_seat() -> None:
    world = a_world("2", qon="899.99")

    assert current(world.ask("900", category="art")).panel == ("qia", "qum")
    assert world.ask("5000.01", category="art").gap


def test_a_quorum_above_the_seats_is_a_gap_and_never_granted() -> None:
    assert a_world("4").ask("900", category="art").gap


def test_who_leaves_takes_the_seat_along() -> None:
    world = a_world("2")
    approval = world.ask("900", category="art")

    world.must(ADMIN, DeactivatePerson(person="qia"))
    assert not world.approval(approval).gap
    world.must(ADMIN, DeactivatePerson(person="qon"))

    assert "1 of 3 quality can be asked, 2 are needed" in world.approval(approval).gap
    assert world.approval(approval).state is ApprovalState.PENDING


@pytest.mark.parametrize("text", ["", "some", "0", "2 gather", "-1", "all all"])
def test_a_join_that_nobody_can_read_holds(text: str) -> None:
    with pytest.raises(PolicyError):
        Join.read(text)
    assert "cannot be asked" in a_world(text).ask("900", category="art").gap


# ---- the pool (A-10) ----------------------------------------------------------------------------


def a_pool(*names: str, limit: str = "100000") -> World:
    """Nobody but the pool may approve above 25 000: the chief has left."""
    people = (*PEOPLE, *(a_person(name) for name in names))
    powers = tuple(an_authority(name, "approval_pool", limit=limit) for name in names)
    world = World(people=people, authorities=(*AUTHORITIES, *powers))
    world.must(ADMIN, DeactivatePerson(person="cho"))
    return world


def test_a_gap_is_told_at_once_and_the_pool_is_asked() -> None:
    world = a_pool("pia", "pol")
    approval = world.ask("60000")

    assert len(world.bus.happened(ApproverGapFound)) == 1
    (asked,) = world.bus.happened(PoolAsked)
    assert (asked.members, asked.needed) == (("pia", "pol"), 2)
    assert [each.rule for each in approval.findings] == ["A-10"]
    assert say(world, approval, "pia") is ApprovalState.PENDING
    assert say(world, approval, "pol") is ApprovalState.GRANTED


@pytest.mark.parametrize(("bound", "needed"), [("60000", 1), ("59999.99", 2)])
def test_above_the_bound_two_members_must_agree(bound: str, needed: int) -> None:
    world = a_pool("pia", "pol")
    assert world.settings.pool_two_above == 10_000
    people, powers = world.people, world.authorities
    settings = replace(world.settings, pool_two_above=type(world.settings.pool_two_above)(bound))
    world = World(people=people, authorities=powers, settings=settings)
    world.must(ADMIN, DeactivatePerson(person="cho"))

    assert current(world.ask("60000")).needed == needed


def test_one_member_is_too_few_above_the_bound_and_it_stays_held() -> None:
    approval = a_pool("pia").ask("60000")

    assert approval.gap
    assert approval.current is None


def test_members_without_a_sufficient_limit_are_no_pool() -> None:
    assert a_pool("pia", "pol", limit="59999.99").ask("60000").gap
    assert not a_pool("pia", "pol", limit="60000").ask("60000").gap


def test_an_overdue_step_goes_to_the_pool_and_the_first_may_still_act() -> None:
    world = a_pool("pia", "pol")
    approval = world.ask("9000")
    assert say(world, approval, "ana") is ApprovalState.PENDING
    assert current(world.approval(approval)).approver == "fay"

    world.fire(MONDAY + timedelta(days=2))

    step = current(world.approval(approval))
    assert (step.role, step.panel, step.needed) == ("approval_pool", ("pia", "pol"), 1)
    assert world.approval(approval).steps[0].state is StepState.APPROVED
    assert say(world, approval, "fay") is ApprovalState.GRANTED
