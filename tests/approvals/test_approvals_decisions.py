from dataclasses import replace
from datetime import timedelta

import pytest

from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.request import (
    Approval,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalRerouted,
    ApprovalState,
    ApprovalVoided,
    Approve,
    ApproverGapFound,
    Reject,
    RejectionReason,
    RerouteApproval,
    RerouteTasksOf,
    StepApproved,
    StepState,
    VoidApproval,
)
from manciple.governance.people import DeactivatePerson, RegisterPerson
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    PEOPLE,
    World,
    a_person,
    a_request,
    an_authority,
    chain,
    current,
    usd,
)


def test_the_last_yes_grants_and_leaves_no_task_and_no_timer() -> None:
    world = World()
    approval = world.ask("6000")

    world.must("ana", Approve(approval=approval.id, note="needed"))
    assert [task.owner for task in world.bus.tasks()] == ["fay"]
    world.must("fay", Approve(approval=approval.id))

    found = world.approval(approval)
    assert found.state is ApprovalState.GRANTED
    assert found.decided_at == world.now
    assert [(s.acted_by, s.state) for s in found.steps] == [
        ("ana", StepState.APPROVED),
        ("fay", StepState.APPROVED),
    ]
    assert found.steps[0].note == "needed"
    (granted,) = world.bus.happened(ApprovalGranted)
    assert (granted.amount, granted.revision) == (usd("6000"), 1)
    assert world.bus.tasks() == ()
    assert world.bus.timers() == ()


def test_a_step_waits_for_the_one_before_it() -> None:
    world = World()
    approval = world.ask("6000")

    assert world.codes("fay", Approve(approval=approval.id, step=2)) == ("NOT_YET",)
    assert world.codes("fay", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)
    assert world.codes("ana", Approve(approval=approval.id, step=3)) == ("NOT_FOUND",)


def test_whoever_was_not_asked_cannot_decide() -> None:
    world = World()
    approval = world.ask("400")

    assert world.codes("ben", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)
    assert world.codes("cho", Reject(approval=approval.id, reason="duplicate")) == (
        "NOT_YOUR_STEP",
    )


def test_a_decided_approval_is_not_decided_again() -> None:
    world = World()
    approval = world.ask("400")
    world.must("ana", Approve(approval=approval.id))

    assert world.codes("ana", Approve(approval=approval.id)) == ("ALREADY_DECIDED",)
    assert world.codes("ana", Reject(approval=approval.id, reason="duplicate")) == (
        "ALREADY_DECIDED",
    )
    assert world.codes(SYSTEM, VoidApproval(approval=approval.id, reason="late")) == (
        "ALREADY_DECIDED",
    )
    assert world.codes(ADMIN, RerouteApproval(approval=approval.id)) == ("ALREADY_DECIDED",)


def test_whoever_acted_hears_so_while_the_next_step_is_open() -> None:
    world = World()
    approval = world.ask("6000")
    world.must("ana", Approve(approval=approval.id))

    assert world.codes("ana", Approve(approval=approval.id)) == ("ALREADY_DECIDED",)
    assert world.codes("ana", Approve(approval=approval.id, step=1)) == ("ALREADY_DECIDED",)


def test_the_requester_cannot_decide_even_with_every_role() -> None:
    world = World()
    approval = world.ask("400")
    everything = Actor(id="rex", roles=(Role.REQUESTER, Role.APPROVER, Role.ADMIN))

    assert world.codes(everything, Approve(approval=approval.id)) == ("SELF_APPROVAL",)
    assert world.codes(everything, Reject(approval=approval.id, reason="duplicate")) == (
        "SELF_APPROVAL",
    )


def test_acting_on_behalf_of_the_requester_is_the_requester_acting() -> None:
    world = World()
    approval = world.ask("400")
    actor = replace(world.actor("ana"), on_behalf_of="rex")

    assert world.codes(actor, Approve(approval=approval.id)) == ("SELF_APPROVAL",)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.APPROVER, Role.SYSTEM)]
)
def test_only_approvers_pass_the_door(role: Role) -> None:
    world = World()
    approval = world.ask("400")

    assert world.codes(Actor(id="ana", roles=(role,)), Approve(approval=approval.id)) != ()

    assert world.approval(approval).state is ApprovalState.PENDING


def test_no_door_may_request_void_or_escalate() -> None:
    world = World()
    approval = world.ask("400")

    for act in (
        a_request("1"),
        VoidApproval(approval=approval.id, reason="x"),
        RerouteTasksOf(person="ana"),
    ):
        assert world.codes(ADMIN, act) != ()
    assert world.codes("ana", RerouteApproval(approval=approval.id)) != ()


@pytest.mark.parametrize("reason", [code.value for code in RejectionReason])
def test_each_reason_code_ends_the_approval(reason: str) -> None:
    world = World()
    approval = world.ask("6000")

    world.must("ana", Reject(approval=approval.id, reason=reason, note="see mail"))

    found = world.approval(approval)
    assert (found.state, found.reason) == (ApprovalState.REJECTED, reason)
    assert [step.state for step in found.steps] == [StepState.REJECTED, StepState.VOID]
    assert [event.by for event in world.bus.happened(ApprovalRejected)] == ["ana"]
    assert world.bus.tasks() == ()
    assert world.bus.timers() == ()


def test_a_rejection_without_a_known_reason_changes_nothing() -> None:
    world = World()
    approval = world.ask("400")

    assert world.codes("ana", Reject(approval=approval.id, reason="")) == ("REASON_CODE",)
    assert world.codes("ana", Reject(approval=approval.id, reason="because")) == ("REASON_CODE",)
    assert world.codes("ana", Reject(approval=approval.id, reason="other")) == ("NOTE_WANTED",)
    assert world.approval(approval) == approval


def test_a_note_has_an_end() -> None:
    world = World()
    approval = world.ask("400")

    assert world.codes("ana", Approve(approval=approval.id, note="x" * 2001)) == ("NOTE_LENGTH",)
    assert world.codes("ana", Approve(approval=approval.id, note="x" * 2000)) == ()


def test_a_limit_lowered_since_moves_the_open_step_upward() -> None:
    world = World()
    approval = world.ask("400")

    lower = an_authority("ana", "branch_manager", limit="399.99", manager="fay")
    world.must(ADMIN, RegisterAuthority(authority=lower))

    assert chain(world.approval(approval)) == [("fay", "final")]
    assert [task.owner for task in world.bus.tasks()] == ["fay"]
    assert world.codes("ana", Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)


def test_a_withdrawn_approval_is_void_and_off_every_list() -> None:
    world = World()
    approval = world.ask("400")

    world.must(SYSTEM, VoidApproval(approval=approval.id, reason="withdrawn"))

    assert world.approval(approval).state is ApprovalState.VOID
    assert [event.reason for event in world.bus.happened(ApprovalVoided)] == ["withdrawn"]
    assert (world.bus.tasks(), world.bus.timers()) == ((), ())
    assert world.codes("ana", Approve(approval=approval.id)) == ("ALREADY_DECIDED",)


def test_a_held_approval_cannot_be_decided_by_anybody() -> None:
    world = World()
    approval = world.ask("10", category="art")

    assert world.codes("cho", Approve(approval=approval.id)) == ("HELD",)
    assert world.codes("cho", Reject(approval=approval.id, reason="duplicate")) == ("HELD",)


def test_an_approval_that_is_not_there_is_named() -> None:
    assert World().codes("ana", Approve(approval="APR-0")) == ("NOT_FOUND",)


def test_open_tasks_of_somebody_who_left_go_to_another_holder_of_the_role_at_once() -> None:
    eve = an_authority("eve", "branch_manager", limit="5000", manager="fay")
    world = World(people=(*PEOPLE, a_person("eve", "W1")), authorities=(*AUTHORITIES, eve))
    approval = world.ask("400")

    world.must(ADMIN, DeactivatePerson(person="ana"))

    assert chain(world.approval(approval)) == [("eve", "final")]
    assert [task.owner for task in world.bus.tasks()] == ["eve"]
    (moved,) = world.bus.happened(ApprovalRerouted)
    assert (moved.before, moved.now) == ("ana", "eve")
    assert "can no longer be asked" in moved.why


def test_without_another_holder_the_task_goes_upward() -> None:
    world = World()
    approval = world.ask("6000")

    world.must(ADMIN, DeactivatePerson(person="ana"))

    assert current(world.approval(approval)).approver == "fay"


def test_without_anybody_left_the_approval_is_held_with_a_gap() -> None:
    world = World(authorities=(an_authority("ana", "branch_manager", limit="5000"),))
    approval = world.ask("400")

    world.must(ADMIN, DeactivatePerson(person="ana"))

    found = world.approval(approval)
    assert found.state is ApprovalState.PENDING
    assert current(found).state is StepState.WAITING
    assert len(world.bus.happened(ApproverGapFound)) == 1
    assert (world.bus.tasks(), world.bus.timers()) == ((), ())


def test_somebody_who_left_before_their_turn_is_replaced_when_it_comes() -> None:
    world = World()
    approval = world.ask("6000")
    world.must(ADMIN, DeactivatePerson(person="fay"))

    world.must("ana", Approve(approval=approval.id))

    assert current(world.approval(approval)).approver == "cho"
    world.must("cho", Approve(approval=approval.id))
    assert world.approval(approval).state is ApprovalState.GRANTED


def test_a_gap_on_the_way_keeps_what_was_approved_and_is_closed_by_rerouting() -> None:
    world = World(authorities=AUTHORITIES[:3])
    approval = world.ask("6000")
    world.must(ADMIN, DeactivatePerson(person="fay"))
    world.must("ana", Approve(approval=approval.id))
    assert world.approval(approval).gap

    world.must(ADMIN, RegisterAuthority(authority=AUTHORITIES[3]))
    gil = an_authority("gil", "finance_controller", limit="9000")
    world.must(ADMIN, RegisterPerson(person=a_person("gil")))
    world.must(ADMIN, RegisterAuthority(authority=gil))
    world.must(ADMIN, RerouteApproval(approval=approval.id))

    found = world.approval(approval)
    assert found.steps[0].acted_by == "ana"
    assert current(found).approver == "gil"
    assert found.gap == ""


def test_tasks_of_somebody_who_moved_to_another_site_move_too() -> None:
    world = World()
    approval = world.ask("400")

    world.must(ADMIN, RegisterPerson(person=a_person("ana", "W2")))

    assert current(world.approval(approval)).approver == "fay"


def test_an_entry_changed_without_effect_leaves_the_task_alone() -> None:
    world = World()
    approval = world.ask("400")

    world.must(ADMIN, RegisterPerson(person=a_person("ana", "W1", "W2")))

    assert world.approval(approval) == approval


def test_rerouting_a_chain_that_nobody_has_touched_finds_it_anew() -> None:
    world = World()
    approval = world.ask("400")
    eve = an_authority("eve", "branch_manager", limit="400")
    world.must(ADMIN, RegisterPerson(person=a_person("eve", "W1")))
    world.must(ADMIN, RegisterAuthority(authority=eve))

    world.must(ADMIN, RerouteApproval(approval=approval.id))

    assert chain(world.approval(approval)) == [("eve", "final")]
    assert [task.owner for task in world.bus.tasks()] == ["eve"]


def test_the_history_tells_who_approved_what_in_which_kind() -> None:
    world = World()
    approval = world.ask("6000")
    world.must("ana", Approve(approval=approval.id))
    world.must("fay", Approve(approval=approval.id))

    told = [(e.by, e.kind.value, e.in_time) for e in world.bus.happened(StepApproved)]

    assert told == [("ana", "concur", True), ("fay", "final", True)]


@pytest.mark.parametrize(
    ("authority", "code"),
    [
        (an_authority("zed", "branch_manager", limit="1"), "NOT_FOUND"),
        (an_authority("una", "branch_manager", limit="1"), "NOT_AN_APPROVER"),
        (an_authority("ana", "branch_manager", limit="1", manager="ana"), "OWN_MANAGER"),
        (an_authority("ana", " ", limit="1"), "EMPTY_ROLE"),
        (an_authority("ana", "branch_manager", limit="-0.01"), "LIMIT_NEGATIVE"),
    ],
)
def test_a_wrong_power_is_refused(authority: Authority, code: str) -> None:
    world = World(people=(*PEOPLE, a_person("una", "W1", roles=(Role.BUYER,))))

    assert world.codes(ADMIN, RegisterAuthority(authority=authority)) == (code,)


def test_two_limits_of_one_kind_are_refused() -> None:
    twice = Authority(
        id="ana",
        roles=("branch_manager",),
        limits=(Limit(amount=usd(1)), Limit(amount=usd(2))),
    )

    assert World().codes(ADMIN, RegisterAuthority(authority=twice)) == ("LIMIT_TWICE",)


def test_of_equally_specific_limits_the_lowest_counts() -> None:
    power = Authority(
        id="ana",
        roles=(),
        limits=(
            Limit(category="mro", amount=usd(900)),
            Limit(site="W1", amount=usd(700)),
            Limit(amount=usd(5000)),
        ),
    )

    assert power.limit(document_type="requisition", category="mro", site="W1") == usd(700)
    assert power.limit(document_type="requisition", category="mro", site="W2") == usd(900)
    assert power.limit(document_type="invoice", category="ink", site="W2") == usd(5000)


def test_the_closest_limit_counts_even_when_it_is_higher() -> None:
    power = Authority(
        id="ana", roles=(), limits=(Limit(amount=usd(100)), Limit(category="mro", amount=usd(900)))
    )

    assert power.limit(document_type="requisition", category="mro", site="W1") == usd(900)
    assert power.limit(document_type="requisition", category="ink", site="W1") == usd(100)


def test_a_role_taken_away_is_no_longer_asked() -> None:
    world = World()
    world.must(ADMIN, RegisterAuthority(authority=an_authority("ana", limit="5000")))

    assert chain(world.ask("400")) == []
    assert world.bus.happened(ApproverGapFound)


def test_a_refused_request_leaves_nothing_behind() -> None:
    world = World()
    before = len(world.bus.events())

    with pytest.raises(Refused):
        world.must(SYSTEM, a_request("-1"))

    assert len(world.bus.events()) == before
    assert world.bus.documents(Approval) == ()


def test_a_task_says_where_it_belongs_and_by_when_it_is_due() -> None:
    world = World()
    approval = world.ask("400")

    (task,) = world.bus.tasks("approval")

    assert (task.id, task.role, task.site) == (f"{approval.id}:1", "branch_manager", "W1")
    assert task.due_at == world.now + timedelta(hours=8)


def test_of_two_decisions_in_one_commit_the_first_counts() -> None:
    world = World()
    approval = world.ask("400")
    act = Approve(approval=approval.id, step=1)
    commands = [
        Command(key=key, act=act, actor=world.actor("ana"), at=world.now) for key in ("a", "b")
    ]

    first, second = world.bus.apply(commands).replies

    assert first.is_done
    assert [reason.code for reason in second.refusals] == ["ALREADY_DECIDED"]
    assert len(world.bus.happened(ApprovalGranted)) == 1
