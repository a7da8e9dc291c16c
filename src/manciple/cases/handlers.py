"""Handlers of cases: load, decide, save, and keep the worklist and the timer in step."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from manciple.cases import life
from manciple.cases.case import (
    OWNERS,
    Case,
    CaseEscalated,
    CaseOpened,
    CaseReassigned,
    CaseReopened,
    CaseResolved,
    CaseTurned,
    CaseUpdated,
    EscalateCase,
    OpenCase,
    ReassignCase,
    ReopenCase,
    ResolveCase,
    Routing,
    TurnCase,
    WithdrawCase,
)
from manciple.cases.cause import LEADS_TO, cause_of
from manciple.cases.discrepancy import Code
from manciple.cases.playbook import NO_PLAYBOOKS, Playbook, Playbooks
from manciple.cases.ports import Anything, CalendarFor, Resolutions
from manciple.governance.people import Person
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Task, Work

_ITSELF = frozenset({Role.SYSTEM})
_TIMER = "escalate"
_PRIORITY = {Lane.CRITICAL: 10, Lane.STANDARD: 50, Lane.BULK: 90}
_ESCALATED = 5
"""How much earlier in its lane an escalated case stands."""


def handles(
    register: Register,
    calendar_for: CalendarFor,
    resolutions: Resolutions | None = None,
    playbooks: Playbooks = NO_PLAYBOOKS,
) -> tuple[Handles, ...]:
    """Give the acts of this room; policy routes cases, the calendar gives due times.

    ``resolutions`` says what can be done as things stand; without it, all that policy allows.
    Each case is worked by the playbook of the day on which it is opened.
    """
    ways = resolutions or Anything()

    def open_case(work: Work, act: OpenCase) -> Ref:
        return _open(work, act, register, calendar_for, playbooks)

    def reopen(work: Work, act: ReopenCase) -> Ref:
        return _reopen_by(work, act, register, calendar_for)

    def resolve(work: Work, act: ResolveCase) -> Ref:
        return _resolve(work, act, ways)

    return (
        Handles(act=OpenCase, handle=open_case, by=_ITSELF),
        Handles(act=ResolveCase, handle=resolve, by=OWNERS, reads=_case_of),
        Handles(act=ReassignCase, handle=_reassign, by=OWNERS, reads=_case_of),
        Handles(act=ReopenCase, handle=reopen, by=OWNERS, reads=_case_of),
        Handles(act=TurnCase, handle=_turn, by=OWNERS, reads=_case_of),
        Handles(act=WithdrawCase, handle=_withdraw, by=_ITSELF),
        Handles(act=EscalateCase, handle=_escalate, by=_ITSELF, reads=_case_of),
    )


def _case_of(
    act: ResolveCase | ReassignCase | EscalateCase | ReopenCase | TurnCase,
) -> tuple[Ref, ...]:
    return (Ref(Case.KIND, act.case),)


def case_id(code: Code, subject: Ref, line: str | None) -> str:
    """Give the id of the one case about this kind of thing, with this document, on this line."""
    return number("CASE", *life.case_key(code, subject, line))


def _open(
    work: Work,
    act: OpenCase,
    register: Register,
    calendar_for: CalendarFor,
    playbooks: Playbooks,
) -> Ref:
    name = case_id(act.code, act.subject, act.discrepancy.line)
    known = work.find(Case, name)
    playbook = playbooks.at(act.code, work.at.date())
    if known is not None and known.is_open:
        return _tell_again(work, act, known, playbook)
    routing, due_at = _routing(work, act, register, calendar_for)
    act = _on_thread(work, act)
    if known is not None:
        return _reopen(work, act, known, routing, due_at, playbook)
    case = life.opened(
        act,
        number=name,
        routing=routing,
        due_at=due_at,
        at=work.at,
        correlation=work.correlation,
        playbook=playbook,
        cause=cause_of(act.code, act.discrepancy.line, _cases_about(work, act)),
    )
    event = CaseOpened(
        case=case.id,
        code=case.code,
        subject=case.subject,
        thread=case.thread,
        owner_role=case.owner_role,
        due_at=case.due_at,
        site=case.site,
        supplier=case.supplier,
        lane=case.lane,
        line=case.discrepancy.line,
        cause=case.cause,
        root=case.root,
    )
    work.save(case, event, touches=(case.subject,))
    if case.thread:
        work.link(case.thread, ref(case), case.id, life.about(case.subject))
    _wait(work, case)
    return ref(case)


def _on_thread(work: Work, act: OpenCase) -> OpenCase:
    """Give a case that names no thread the one on which its document lies, if there is one."""
    if act.thread:
        return act
    return replace(act, thread=next(iter(work.threads(str(act.subject))), ""))


def _cases_about(work: Work, act: OpenCase) -> Iterator[Case]:
    """Give the cases about the same document and those related to it, each once."""
    if act.code not in LEADS_TO:
        return
    seen: set[str] = set()
    for subject in (act.subject, *act.related):
        for found in work.refs(life.about(subject)):
            case = work.peek(Case, found.id) if found.id not in seen else None
            seen.add(found.id)
            if case is not None:
                yield case


def _routing(
    work: Work, act: OpenCase | Case, register: Register, calendar_for: CalendarFor
) -> tuple[Routing, datetime]:
    facts = {"code": act.code.value, "lane": act.lane.value}
    routing = life.routed(register.decide("exception_routing", facts, at=work.at))
    return routing, calendar_for(work, act.site).due(work.at, routing.time)


def _tell_again(work: Work, act: OpenCase, known: Case, playbook: Playbook | None) -> Ref:
    case = life.told_again(known, act, at=work.at, playbook=playbook)
    event = CaseUpdated(case=case.id, code=case.code, subject=case.subject, thread=case.thread)
    work.save(case, event, touches=(case.subject,))
    work.put_task(_task(case))
    return ref(case)


def _reopen(
    work: Work,
    act: OpenCase,
    known: Case,
    routing: Routing,
    due_at: datetime,
    playbook: Playbook | None,
) -> Ref:
    case = life.reopened(
        known,
        act,
        routing=routing,
        due_at=due_at,
        at=work.at,
        correlation=work.correlation,
        playbook=playbook,
    )
    event = CaseReopened(
        case=case.id,
        code=case.code,
        subject=case.subject,
        thread=case.thread,
        owner_role=case.owner_role,
        due_at=case.due_at,
    )
    work.save(case, event, touches=(case.subject,))
    _wait(work, case)
    return ref(case)


def _reopen_by(work: Work, act: ReopenCase, register: Register, calendar_for: CalendarFor) -> Ref:
    known = _known(work, act.case)
    routing, due_at = _routing(work, known, register, calendar_for)
    case = life.reopened_by(known, act, routing=routing, due_at=due_at, by=work.actor, at=work.at)
    event = CaseReopened(
        case=case.id,
        code=case.code,
        subject=case.subject,
        thread=case.thread,
        owner_role=case.owner_role,
        due_at=case.due_at,
        by=work.actor.id,
        reason=act.reason,
    )
    work.save(case, event, touches=(case.subject,))
    _wait(work, case)
    return ref(case)


def _turn(work: Work, act: TurnCase) -> Ref:
    case = life.turn(_known(work, act.case), act, by=work.actor, at=work.at)
    event = CaseTurned(
        case=case.id,
        code=case.code,
        thread=case.thread,
        turn=act.turn,
        by=work.actor.id,
        note=act.note,
    )
    work.save(case, event)
    return ref(case)


def _wait(work: Work, case: Case) -> None:
    """Put an open case on its owner's list, and set the end of its time."""
    work.put_task(_task(case))
    due = EscalateCase(case=case.id, due_at=case.due_at)
    work.timer(ref(case), _TIMER, case.due_at, due)


def _resolve(work: Work, act: ResolveCase, ways: Resolutions) -> Ref:
    known = _known(work, act.case)
    case = life.resolve(known, act, hindered=ways.hindered(work, known), by=work.actor, at=work.at)
    ways.check(known, act.resolution, act.terms)
    return _settle(work, case, minutes=act.minutes)


def _withdraw(work: Work, act: WithdrawCase) -> Ref | None:
    known = work.find(Case, case_id(act.code, act.subject, act.line))
    if known is None or not known.is_open:
        return None
    return _settle(work, life.withdraw(known, act.note, by=work.actor, at=work.at))


def _settle(work: Work, case: Case, *, minutes: Decimal | None = None) -> Ref:
    assert case.resolution is not None
    event = CaseResolved(
        case=case.id,
        code=case.code,
        subject=case.subject,
        thread=case.thread,
        resolution=case.resolution.kind,
        discrepancy=case.discrepancy,
        note=case.resolution.note,
        by=case.resolution.by,
        terms=case.resolution.terms,
        roles=tuple(sorted(work.actor.roles)),
        minutes=minutes,
        root_cause=case.root_cause,
        cause=case.cause,
        root=case.root,
        opened_at=case.opened_at,
    )
    work.save(case, event, touches=(case.subject,))
    work.drop_task(case.id)
    work.cancel_timer(ref(case), _TIMER)
    return ref(case)


def _reassign(work: Work, act: ReassignCase) -> Ref:
    known = _known(work, act.case)
    person = work.peek(Person, act.owner)
    case = life.reassign(known, person, name=act.owner, by=work.actor, at=work.at)
    event = CaseReassigned(
        case=case.id,
        thread=case.thread,
        owner=act.owner,
        owner_role=case.owner_role,
        by=work.actor.id,
    )
    work.save(case, event)
    work.put_task(_task(case))
    return ref(case)


def _escalate(work: Work, act: EscalateCase) -> Ref | None:
    known = work.find(Case, act.case)
    if known is None or not life.must_escalate(known, act):
        return None
    case = life.escalate(known, at=work.at)
    event = CaseEscalated(
        case=case.id,
        code=case.code,
        subject=case.subject,
        thread=case.thread,
        from_role=known.owner_role,
        to_role=case.owner_role,
    )
    work.save(case, event, touches=(case.subject,))
    work.put_task(_task(case))
    return ref(case)


def _known(work: Work, name: str) -> Case:
    case = work.find(Case, name)
    if case is None:
        raise refuse("UNKNOWN_CASE", f"there is no case {name}", field="case")
    return case


def _task(case: Case) -> Task:
    earlier = _ESCALATED if case.escalated_at else 0
    return Task(
        id=case.id,
        list="case",
        subject=ref(case),
        title=case.title,
        role=case.owner_role.value,
        owner=case.owner,
        opened_at=case.opened_at,
        due_at=case.due_at,
        site=case.site,
        supplier=case.supplier,
        priority=_PRIORITY[case.lane] - earlier,
    )
