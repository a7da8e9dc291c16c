"""A case has exactly one owner, a due time in open hours, and ends by an allowed resolution."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.cases.case import (
    Case,
    CaseEscalated,
    CaseOpened,
    CaseReassigned,
    CaseReopened,
    CaseResolved,
    CaseState,
    CaseUpdated,
    EscalateCase,
    OpenCase,
    ReassignCase,
    ResolveCase,
    WithdrawCase,
)
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.governance.people import DeactivatePerson, Person, RegisterPerson
from manciple.kernel.messages import Actor, Role
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane
from tests.ordering.order_world import NOW, World

ORDER = Ref("purchase-order", "PO-1")
PLANNER = Actor(id="pam", roles=(Role.PLANNER,), sites=("HUB",))
BUYER = Actor(id="bo", roles=(Role.BUYER,))
OWNER = Actor(id="olga", roles=(Role.PROCESS_OWNER,))
ADMIN = Actor(id="root", roles=(Role.ADMIN,))
MONDAY_15 = NOW


def something(
    code: Code = Code.SHORTAGE,
    *,
    line: str | None = "1",
    lane: Lane = Lane.STANDARD,
    actual: str = "96 EA",
    subject: Ref = ORDER,
) -> OpenCase:
    return OpenCase(
        code=code,
        subject=subject,
        thread="requisition/REQ-1",
        title=f"{code.value} on PO-1",
        discrepancy=Discrepancy(code=code, line=line, expected="108 EA", actual=actual),
        site="HUB",
        supplier="ACME",
        lane=lane,
    )


def the_case(world: World) -> Case:
    [case] = world.bus.documents(Case)
    return case


def person(name: str, *roles: Role, sites: tuple[str, ...] = ()) -> RegisterPerson:
    entry = Person(id=name, name=name, email=f"{name}@example.com", roles=roles, sites=sites)
    return RegisterPerson(person=entry)


def test_policy_gives_a_case_its_owner_its_time_and_its_resolutions() -> None:
    world = World()

    case = world.does(something(), cause="ack-4711")

    opened = the_case(world)
    assert (opened.owner_role, opened.owner) == (Role.PLANNER, None)
    assert opened.resolutions == ("accept", "cancel_remainder")
    assert opened.playbook == "look"
    assert opened.ruling is not None
    assert opened.ruling.cite() == "exception_routing test/x1"
    assert opened.correlation == "ack-4711"
    assert world.bus.threads(case) == ("requisition/REQ-1",)
    [event] = world.bus.happened(CaseOpened)
    assert (event.line, event.owner_role) == ("1", Role.PLANNER)


def test_the_owner_has_open_hours_and_nights_do_not_count() -> None:
    world = World()

    world.does(something())

    due = datetime(2026, 11, 3, 15, tzinfo=UTC)
    assert the_case(world).due_at == due
    [timer] = world.bus.timers()
    assert timer.due_at == due
    [task] = world.bus.tasks("case")
    assert (task.role, task.owner, task.due_at, task.site) == ("planner", None, due, "HUB")


def test_what_no_row_speaks_for_belongs_to_the_process_owner() -> None:
    world = World()

    world.does(something(Code.ERP_REJECTED))
    world.does(something(lane=Lane.BULK, line="2"))

    assert {case.owner_role for case in world.bus.documents(Case)} == {Role.PROCESS_OWNER}
    rulings = [case.ruling.cite() for case in world.bus.documents(Case) if case.ruling]
    assert rulings == ["exception_routing test/no row"] * 2


def test_the_same_thing_told_again_is_one_case_with_newer_figures() -> None:
    world = World()
    world.does(something())
    world.now += timedelta(hours=1)

    world.does(something(actual="84 EA"))

    case = the_case(world)
    assert case.discrepancy.actual == "84 EA"
    assert case.opened_at == MONDAY_15
    assert case.due_at == datetime(2026, 11, 3, 15, tzinfo=UTC)
    assert [entry.text.split(":")[0] for entry in case.log] == ["opened", "told again"]
    assert len(world.bus.happened(CaseOpened)) == len(world.bus.happened(CaseUpdated)) == 1
    assert len(world.bus.tasks("case")) == 1


@pytest.mark.parametrize(
    "other",
    [
        something(Code.DATE_CHANGE),
        something(line="2"),
        something(line=None),
        something(subject=Ref("purchase-order", "PO-2")),
    ],
)
def test_another_code_line_or_document_is_another_case(other: OpenCase) -> None:
    world = World()
    world.does(something())

    world.does(other)

    assert len(world.bus.documents(Case)) == 2


def test_a_case_is_settled_by_an_allowed_resolution() -> None:
    world = World()
    case = world.does(something())

    act = ResolveCase(case=case, resolution="cancel_remainder", note="ZETA has it")
    world.does(act, PLANNER)

    settled = the_case(world)
    assert settled.state is CaseState.RESOLVED
    assert settled.resolution is not None
    assert (settled.resolution.kind, settled.resolution.by) == ("cancel_remainder", "pam")
    [event] = world.bus.happened(CaseResolved)
    assert (event.resolution, event.note) == ("cancel_remainder", "ZETA has it")
    assert event.discrepancy.code is Code.SHORTAGE
    assert world.bus.tasks() == ()
    assert world.bus.timers() == ()


def test_a_resolution_that_is_not_allowed_is_refused_with_the_allowed_ones() -> None:
    world = World()
    case = world.does(something())

    reply = world.tell(ResolveCase(case=case, resolution="resend"), PLANNER)

    [reason] = reply.refusals
    assert reason.code == "RESOLUTION_NOT_ALLOWED"
    assert "allowed are: accept, cancel_remainder" in reason.message
    assert reason.rule == "exception_routing test/x1"
    assert the_case(world).is_open


def test_a_settled_case_cannot_be_settled_or_given_away_again() -> None:
    world = World()
    case = world.does(something())
    world.does(ResolveCase(case=case, resolution="accept"), PLANNER)

    again = ResolveCase(case=case, resolution="accept")
    assert world.refuses(again, PLANNER) == ["ALREADY_RESOLVED"]
    assert world.refuses(ReassignCase(case=case, owner="pam"), PLANNER) == ["ALREADY_RESOLVED"]
    assert world.refuses(replace(again, case="CASE-NONE"), PLANNER) == ["UNKNOWN_CASE"]


@pytest.mark.parametrize("actor", [OWNER, ADMIN, PLANNER, replace(PLANNER, sites=())])
def test_the_owner_and_those_above_may_settle(actor: Actor) -> None:
    world = World()
    case = world.does(something())

    world.does(ResolveCase(case=case, resolution="accept"), actor)

    assert not the_case(world).is_open


@pytest.mark.parametrize("actor", [BUYER, replace(PLANNER, sites=("WEST",))])
def test_somebody_elses_case_is_left_alone(actor: Actor) -> None:
    world = World()
    case = world.does(something())

    act = ResolveCase(case=case, resolution="accept")

    assert world.refuses(act, actor) == ["NOT_YOUR_CASE"]
    assert world.refuses(ReassignCase(case=case, owner="bo"), actor) == ["NOT_YOUR_CASE"]


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REQUESTER, Role.AUDITOR])
def test_suppliers_requesters_and_auditors_settle_nothing(role: Role) -> None:
    world = World()
    case = world.does(something())

    act = ResolveCase(case=case, resolution="accept")

    assert world.refuses(act, Actor(id="x", roles=(role,))) == ["FORBIDDEN"]
    assert world.refuses(something(), Actor(id="x", roles=(role,))) == ["FORBIDDEN"]


def test_a_settled_case_opens_again_when_it_goes_wrong_again_and_its_age_goes_on() -> None:
    world = World()
    case = world.does(something())
    world.does(ResolveCase(case=case, resolution="accept"), PLANNER)
    world.now += timedelta(days=1)

    assert world.does(something(actual="60 EA"), cause="ack-4712") == case

    again = the_case(world)
    assert again.is_open
    assert (again.reopened, again.opened_at, again.resolution) == (1, MONDAY_15, None)
    assert again.due_at == datetime(2026, 11, 4, 15, tzinfo=UTC)
    assert again.correlation == "ack-4712"
    assert len(world.bus.happened(CaseReopened)) == 1
    assert len(world.bus.tasks("case")) == len(world.bus.timers()) == 1


def test_a_case_not_settled_in_time_goes_to_the_process_owner() -> None:
    world = World()
    case = world.does(something())
    [timer] = world.bus.timers()

    world.now = timer.due_at - timedelta(seconds=1)
    world.bus.fire(world.now)
    assert the_case(world).owner_role is Role.PLANNER

    world.now = timer.due_at
    world.bus.fire(world.now)
    escalated = the_case(world)
    assert (escalated.owner_role, escalated.routed_role) == (Role.PROCESS_OWNER, Role.PLANNER)
    [event] = world.bus.happened(CaseEscalated)
    assert (event.from_role, event.to_role) == (Role.PLANNER, Role.PROCESS_OWNER)
    [task] = world.bus.tasks("case")
    assert (task.role, task.priority) == ("process_owner", 45)
    world.does(ResolveCase(case=case, resolution="accept"), PLANNER)


def test_a_late_timer_says_nothing_about_a_case_that_was_settled_or_opened_again() -> None:
    world = World()
    case = world.does(something())
    first = the_case(world).due_at
    world.does(ResolveCase(case=case, resolution="accept"), PLANNER)

    world.does(EscalateCase(case=case, due_at=first))
    world.now += timedelta(days=1)
    world.does(something())
    world.does(EscalateCase(case=case, due_at=first))
    world.does(EscalateCase(case="CASE-NONE", due_at=first))

    assert world.bus.happened(CaseEscalated) == ()


def test_a_case_is_given_to_somebody_who_can_own_it() -> None:
    world = World()
    case = world.does(something())
    world.does(person("pia", Role.PLANNER, sites=("HUB",)))
    world.does(person("olga", Role.PROCESS_OWNER))

    world.does(ReassignCase(case=case, owner="pia"), PLANNER)
    assert (the_case(world).owner, the_case(world).owner_role) == ("pia", Role.PLANNER)
    [task] = world.bus.tasks("case")
    assert task.owner == "pia"

    world.does(ReassignCase(case=case, owner="olga"), PLANNER)
    assert (the_case(world).owner, the_case(world).owner_role) == ("olga", Role.PROCESS_OWNER)
    assert [each.owner for each in world.bus.happened(CaseReassigned)] == ["pia", "olga"]


def test_a_case_is_not_given_to_somebody_who_cannot_own_it() -> None:
    world = World()
    case = world.does(something())
    for act in (
        person("bea", Role.BUYER),
        person("west", Role.PLANNER, sites=("WEST",)),
        person("gone", Role.PLANNER),
        DeactivatePerson(person="gone"),
    ):
        world.does(act)

    for name in ("bea", "west", "gone", "nobody"):
        assert world.refuses(ReassignCase(case=case, owner=name), PLANNER) == ["BAD_OWNER"]


def test_a_case_that_events_have_overtaken_is_withdrawn_quietly() -> None:
    world = World()
    overtaken = WithdrawCase(code=Code.SHORTAGE, subject=ORDER, line="1", note="all came")
    world.does(overtaken)
    case = world.does(something())

    world.does(overtaken)
    world.does(overtaken)

    assert the_case(world).resolution is not None
    [event] = world.bus.happened(CaseResolved)
    assert (event.case, event.resolution, event.by) == (case, "overtaken", "manciple")
    assert world.bus.tasks() == ()


def test_critical_cases_stand_before_standard_and_bulk() -> None:
    world = World()
    for line, lane in enumerate((Lane.BULK, Lane.CRITICAL, Lane.STANDARD)):
        world.does(something(Code.PRICE_VARIANCE, line=str(line), lane=lane))

    assert [task.priority for task in world.bus.tasks("case")] == [10, 50, 90]


steps = st.one_of(
    st.sampled_from(
        [
            something(),
            something(Code.PRICE_VARIANCE),
            something(Code.ERP_REJECTED, line=None),
            WithdrawCase(code=Code.SHORTAGE, subject=ORDER, line="1", note="overtaken"),
        ]
    ),
    st.tuples(st.sampled_from(["accept", "dispute", "nonsense"]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["pia", "olga", "nobody"]), st.integers(0, 2)),
    st.integers(1, 30),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(steps, max_size=15))
def test_every_open_case_has_exactly_one_owner_always(
    happenings: list[OpenCase | WithdrawCase | tuple[str, int] | int],
) -> None:
    world = World()
    world.does(person("pia", Role.PLANNER, Role.BUYER))
    world.does(person("olga", Role.PROCESS_OWNER))

    for each in happenings:
        cases = world.bus.documents(Case)
        match each:
            case int():
                world.now += timedelta(hours=each)
                world.bus.fire(world.now)
            case (str() as word, int() as index) if cases:
                name = cases[index % len(cases)].id
                is_person = word in {"pia", "olga", "nobody"}
                act = (
                    ReassignCase(case=name, owner=word)
                    if is_person
                    else ResolveCase(case=name, resolution=word)
                )
                world.tell(act, ADMIN)
            case OpenCase() | WithdrawCase():
                world.does(each)
            case _:
                continue
        tasks = {task.id: task for task in world.bus.tasks("case")}
        still_open = {case.id: case for case in world.bus.documents(Case) if case.is_open}
        assert tasks.keys() == still_open.keys()
        for name, task in tasks.items():
            assert task.role == still_open[name].owner_role.value
            assert task.owner == still_open[name].owner
            assert Role(task.role) in {Role.PLANNER, Role.BUYER, Role.PROCESS_OWNER}
