"""An approval's life under anything that people and time may do: no dead end, no way around."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from manciple.approvals import decision
from manciple.approvals.authority import Authority, RegisterAuthority
from manciple.approvals.delegation import Delegate
from manciple.approvals.request import (
    Approval,
    ApprovalState,
    Approve,
    Reject,
    RerouteApproval,
    StepKind,
    StepState,
    VoidApproval,
)
from manciple.approvals.routing import Ask, covers
from manciple.governance.people import DeactivatePerson, Person, RegisterPerson, actor_of
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM
from manciple.runtime.bus import Reply
from tests.approvals.approvals_world import ADMIN, World, a_person, an_authority, current

NAMES = ("ana", "ben", "fay", "cho", "dee", "rex")
people = st.sampled_from(NAMES)
hours = st.sampled_from([0, 1, 3, 8, 30, 80])
FINE = frozenset(
    {
        "ALREADY_DECIDED", "SELF_APPROVAL", "NOT_YOUR_STEP", "LIMIT_TOO_LOW", "HELD", "NOT_YET",
        "INACTIVE", "ALREADY_INACTIVE", "NO_AUTHORITY", "DELEGATION_TO_SELF", "DELEGATION_CYCLE",
        "NOT_FOUND", "OWN_ACCESS", "NOT_AN_APPROVER",
    }
)  # fmt: skip


class ApprovalMachine(RuleBasedStateMachine):
    """People approve, reject, lend, leave and come back while the clock runs."""

    @initialize(
        amount=st.sampled_from(["400", "6000", "30000", "90000", "2000000"]),
        category=st.sampled_from(["mro", "chemicals", "art"]),
        requester=people,
    )
    def start(self, amount: str, category: str, requester: str) -> None:
        self.world = World()
        self.requester = requester
        self.id = self.world.ask(amount, category=category, requester=requester).id

    @property
    def approval(self) -> Approval:
        return self.world.bus.get(Approval, self.id)

    def do(self, actor: object, act: object) -> None:
        who = ADMIN if actor is None else actor
        assert not isinstance(who, str) or self.is_active(who)
        reply: Reply = self.world.do(who, act)  # type: ignore[arg-type]
        assert {reason.code for reason in reply.refusals} <= FINE

    def is_active(self, name: str) -> bool:
        return self.world.bus.get(Person, name).active

    @rule(name=people)
    def approve(self, name: str) -> None:
        if self.is_active(name):
            self.do(name, Approve(approval=self.id))

    @rule(name=people, reason=st.sampled_from(["duplicate", "over_budget"]))
    def reject(self, name: str, reason: str) -> None:
        if self.is_active(name) and len(self.world.bus.events()) % 3 == 0:
            self.do(name, Reject(approval=self.id, reason=reason))

    @rule(giver=people, taker=people, length=hours)
    def delegate(self, giver: str, taker: str, length: int) -> None:
        if self.is_active(giver):
            end = self.world.now + timedelta(hours=length + 1)
            self.do(giver, Delegate(to_person=taker, start=self.world.now, end=end))

    @rule(name=people)
    def leave(self, name: str) -> None:
        self.do(None, DeactivatePerson(person=name))

    @rule(name=people)
    def come_back(self, name: str) -> None:
        self.do(None, RegisterPerson(person=a_person(name, "W1")))

    @rule(name=people, limit=st.sampled_from(["0", "5000", "100000"]))
    def set_limit(self, name: str, limit: str) -> None:
        known = self.world.peek(Authority, name)
        roles = known.roles if known else ()
        manager = known.manager if known else "cho"
        new = an_authority(name, *roles, limit=limit, manager=None if name == "cho" else manager)
        self.do(None, RegisterAuthority(authority=new))

    @rule()
    def reroute(self) -> None:
        self.do(None, RerouteApproval(approval=self.id))

    @rule(after=hours)
    def pass_time(self, after: int) -> None:
        self.world.fire(timedelta(hours=after))

    @rule()
    def withdraw(self) -> None:
        if len(self.world.bus.events()) % 5 == 0:
            self.do(SYSTEM, VoidApproval(approval=self.id, reason="withdrawn"))

    @invariant()
    def the_requester_never_decides(self) -> None:
        for step in self.approval.steps:
            assert self.requester not in (step.acted_by, step.on_behalf_of, *step.asked)

    @invariant()
    def somebody_can_act_or_a_gap_is_told(self) -> None:
        approval = self.approval
        if not approval.is_pending:
            assert self.world.bus.tasks() == ()
            return
        if current_is_open(approval):
            assert self.can_approve() or approval.gap
            assert len(self.world.bus.tasks()) == 1
        else:
            assert approval.gap
            assert self.world.bus.tasks() == ()

    def can_approve(self) -> list[str]:
        able = []
        step = current(self.approval)
        for name in NAMES:
            try:
                decision.power_to_approve(
                    self.approval,
                    step,
                    by=actor_of(self.world.bus.get(Person, name)),
                    directory=self.world.directory(),
                    settings=self.world.settings,
                    at=self.world.now,
                )
            except Refused:
                continue
            able.append(name)
        return able

    @invariant()
    def a_grant_has_every_yes_and_one_final(self) -> None:
        approval = self.approval
        if approval.state is ApprovalState.GRANTED:
            assert [step.state for step in approval.steps] == [StepState.APPROVED] * len(
                approval.steps
            )
            assert approval.steps[-1].kind is StepKind.FINAL

    @invariant()
    def an_open_final_step_stands_before_a_sufficient_limit(self) -> None:
        approval = self.approval
        if not approval.is_pending or not current_is_open(approval):
            return
        step = current(approval)
        if step.kind is StepKind.FINAL:
            power = self.world.peek(Authority, step.approver)
            assert covers(power, Ask.of(approval))


def current_is_open(approval: Approval) -> bool:
    step = approval.current
    return step is not None and step.state is StepState.PENDING


TestApprovalMachine = ApprovalMachine.TestCase
TestApprovalMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
