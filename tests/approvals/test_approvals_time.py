from datetime import UTC, datetime, timedelta

from manciple.approvals.authority import RegisterAuthority
from manciple.approvals.escalation import EscalateApproval, RemindApprover
from manciple.approvals.request import (
    ApprovalEscalated,
    ApprovalGranted,
    ApprovalState,
    Approve,
    ApproverGapFound,
    ApproverReminded,
    Reject,
    RerouteApproval,
    StepApproved,
)
from manciple.governance.people import DeactivatePerson
from manciple.kernel.messages import SYSTEM
from tests.approvals.approvals_world import (
    ADMIN,
    AUTHORITIES,
    MONDAY,
    World,
    an_authority,
    current,
)

CLOSING = MONDAY + timedelta(hours=8)
INSTANT = timedelta(microseconds=1)


def test_reminders_come_at_half_and_at_four_fifths_of_the_time() -> None:
    world = World()
    world.ask("400")

    world.fire(MONDAY + timedelta(hours=4) - INSTANT)
    assert world.bus.happened(ApproverReminded) == ()
    world.fire(MONDAY + timedelta(hours=4))
    world.fire(MONDAY + timedelta(hours=6, minutes=24))

    told = [(event.percent, event.approver) for event in world.bus.happened(ApproverReminded)]
    assert told == [(50, "ana"), (80, "ana")]


def test_the_due_time_is_closing_time_and_not_the_next_opening() -> None:
    assert current(World().ask("400")).due_at == CLOSING


def test_the_clock_of_a_task_given_outside_hours_starts_at_the_next_opening() -> None:
    world = World()
    world.now = datetime(2026, 7, 10, 20, tzinfo=UTC)  # Friday night

    approval = world.ask("150", category="chemicals")

    assert current(approval).due_at == datetime(2026, 7, 13, 12, tzinfo=UTC)


def test_nothing_escalates_at_the_due_instant_and_all_does_an_instant_later() -> None:
    world = World()
    approval = world.ask("400")

    world.fire(CLOSING)
    assert world.bus.happened(ApprovalEscalated) == ()
    world.fire(CLOSING + INSTANT)

    (escalated,) = world.bus.happened(ApprovalEscalated)
    assert (escalated.before, escalated.now) == ("ana", "fay")
    step = current(world.approval(approval))
    assert step.asked == ("fay", "ana")
    assert step.due_at == CLOSING + timedelta(days=1)
    assert [task.owner for task in world.bus.tasks()] == ["fay"]


def test_a_decision_at_the_due_instant_is_in_time() -> None:
    world = World()
    approval = world.ask("400")

    world.must("ana", Approve(approval=approval.id), at=CLOSING)
    world.fire(CLOSING + timedelta(days=3))

    assert [event.in_time for event in world.bus.happened(StepApproved)] == [True]
    assert world.bus.happened(ApprovalEscalated) == ()


def test_a_decision_an_instant_after_the_due_time_is_late() -> None:
    world = World()
    approval = world.ask("400")

    world.must("ana", Approve(approval=approval.id), at=CLOSING + INSTANT)

    assert [event.in_time for event in world.bus.happened(StepApproved)] == [False]


def test_the_first_may_still_act_and_the_next_is_then_told() -> None:
    world = World()
    approval = world.ask("400")
    world.fire(CLOSING + INSTANT)

    world.must("ana", Approve(approval=approval.id, step=1))

    assert world.codes("fay", Approve(approval=approval.id, step=1)) == ("ALREADY_DECIDED",)
    assert len(world.bus.happened(ApprovalGranted)) == 1
    assert world.bus.tasks() == ()


def test_the_next_may_act_first_and_the_first_is_then_told() -> None:
    world = World()
    approval = world.ask("6000")
    world.fire(CLOSING + INSTANT)
    world.must("fay", Approve(approval=approval.id, step=1))

    assert world.codes("ana", Reject(approval=approval.id, reason="duplicate")) == (
        "ALREADY_DECIDED",
    )
    assert world.approval(approval).state is ApprovalState.PENDING


def test_escalation_goes_on_upward_and_ends_with_a_gap_while_all_may_still_act() -> None:
    world = World()
    approval = world.ask("400")

    for days in range(1, 6):
        world.fire(MONDAY + timedelta(days=days, hours=12))

    assert [event.now for event in world.bus.happened(ApprovalEscalated)] == ["fay", "cho"]
    assert len(world.bus.happened(ApproverGapFound)) == 1
    assert world.approval(approval).state is ApprovalState.PENDING
    assert world.bus.timers() == ()
    world.must("ana", Approve(approval=approval.id))
    assert world.approval(approval).state is ApprovalState.GRANTED
    assert world.approval(approval).gap == ""


def test_escalation_skips_those_whose_limit_is_too_low() -> None:
    low = an_authority("fay", "finance_controller", limit="399.99", manager="cho")
    world = World(authorities=(AUTHORITIES[0], low, AUTHORITIES[3]))
    world.ask("400")

    world.fire(CLOSING + INSTANT)

    assert [event.now for event in world.bus.happened(ApprovalEscalated)] == ["cho"]


def test_escalation_never_asks_the_requester() -> None:
    world = World()
    world.ask("400", requester="fay")

    world.fire(CLOSING + INSTANT)

    assert [event.now for event in world.bus.happened(ApprovalEscalated)] == ["cho"]


def test_an_overdue_gap_is_closed_by_rerouting_when_somebody_is_there() -> None:
    world = World(authorities=AUTHORITIES[:3])
    approval = world.ask("6000")
    world.must("ana", Approve(approval=approval.id))
    world.fire(MONDAY + timedelta(days=1, hours=12))
    assert world.approval(approval).gap
    world.must(ADMIN, RegisterAuthority(authority=AUTHORITIES[3]))

    world.must(ADMIN, RerouteApproval(approval=approval.id))

    assert current(world.approval(approval)).asked == ("cho", "fay")
    assert world.approval(approval).gap == ""


def test_when_the_next_leaves_the_first_is_asked_again() -> None:
    world = World(authorities=AUTHORITIES[:3])
    approval = world.ask("400")
    world.fire(CLOSING + INSTANT)

    world.must(ADMIN, DeactivatePerson(person="fay"))

    assert current(world.approval(approval)).approver == "ana"
    world.must("ana", Approve(approval=approval.id))
    assert world.approval(approval).state is ApprovalState.GRANTED


def test_a_new_assignment_has_its_own_clock() -> None:
    world = World()
    approval = world.ask("6000")

    world.must("ana", Approve(approval=approval.id), at=MONDAY + timedelta(hours=7))

    assert current(world.approval(approval)).due_at == MONDAY + timedelta(days=1, hours=7)
    world.fire(CLOSING + INSTANT)
    assert world.bus.happened(ApprovalEscalated) == ()


def test_the_first_whose_limit_was_lowered_meanwhile_may_no_longer_have_the_final_say() -> None:
    world = World()
    approval = world.ask("400")
    world.fire(CLOSING + INSTANT)
    lower = an_authority("ana", "branch_manager", limit="399.99", manager="fay")
    world.must(ADMIN, RegisterAuthority(authority=lower))

    assert world.codes("ana", Approve(approval=approval.id)) == ("LIMIT_TOO_LOW",)
    assert world.codes("ana", Reject(approval=approval.id, reason="duplicate")) == ()


def test_the_first_who_left_meanwhile_can_no_longer_act() -> None:
    world = World()
    approval = world.ask("400")
    ana = world.actor("ana")
    world.fire(CLOSING + INSTANT)
    world.must(ADMIN, DeactivatePerson(person="ana"))

    assert world.codes(ana, Approve(approval=approval.id)) == ("NOT_YOUR_STEP",)


def test_a_timer_of_an_earlier_assignment_changes_nothing() -> None:
    world = World()
    approval = world.ask("400")
    before = MONDAY - timedelta(hours=1)

    for act in (
        EscalateApproval(approval=approval.id, step=1, assigned_at=before),
        EscalateApproval(approval=approval.id, step=2, assigned_at=MONDAY),
        RemindApprover(approval=approval.id, step=1, assigned_at=before, percent=50),
    ):
        assert world.codes(SYSTEM, act) == ()

    assert world.approval(approval) == approval
    assert world.bus.happened(ApproverReminded) == ()
