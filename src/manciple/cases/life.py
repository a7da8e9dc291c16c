"""A case's life: routed by policy, opened, told again, given away, escalated, settled.

There is never a case without exactly one owner: where no row of policy speaks, it is the process
owner's.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from manciple.cases.aging import Turn, turned
from manciple.cases.case import (
    OVERTAKEN,
    Case,
    CaseState,
    EscalateCase,
    LogEntry,
    OpenCase,
    ReopenCase,
    Resolution,
    ResolveCase,
    Routing,
    TurnCase,
)
from manciple.cases.cost import Touch
from manciple.cases.discrepancy import Code
from manciple.cases.playbook import Playbook
from manciple.governance.people import Person
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import replace
from manciple.policy.ruling import Ruling
from manciple.runtime.documents import Ref

_MOST_MINUTES = 6000
"""Minutes of work that one settling may claim: a hundred hours, more is a slip."""
_UNROUTED = Routing(
    owner_role=Role.PROCESS_OWNER,
    time=timedelta(hours=8),
    resolutions=("accept", "dispute", "discard"),
    playbook="No row of exception_routing speaks for this; settle it and add the row.",
    ruling=None,
)


def routed(ruling: Ruling) -> Routing:
    """Read a ruling of the table ``exception_routing``; on a hold the process owner has it."""
    if ruling.held:
        return replace(_UNROUTED, ruling=ruling.record())
    hours = ruling.decimal("sla_hours") or Decimal(0)
    return Routing(
        owner_role=Role(ruling.text("owner_role")),
        time=timedelta(seconds=int(hours * 3600)),
        resolutions=ruling.texts("resolutions"),
        playbook=ruling.text("playbook"),
        ruling=ruling.record(),
    )


def case_key(code: Code, subject: Ref, line: str | None) -> tuple[str, ...]:
    """Give the words that make two tellings one case: what went wrong, where, on which line."""
    return (code.value, str(subject), line or "")


def about(subject: Ref) -> str:
    """Give the key of the trace index under which the cases about a document stand."""
    return f"about:{subject}"


def opened(
    act: OpenCase,
    *,
    number: str,
    routing: Routing,
    due_at: datetime,
    at: datetime,
    correlation: str,
    playbook: Playbook | None = None,
    cause: Case | None = None,
) -> Case:
    """Make a case; ``cause`` is the case that led to it."""
    text = act.discrepancy.text or act.title
    return Case(
        id=number,
        code=act.code,
        thread=act.thread,
        subject=act.subject,
        title=act.title,
        discrepancy=act.discrepancy,
        site=act.site,
        supplier=act.supplier,
        lane=act.lane,
        owner_role=routing.owner_role,
        routed_role=routing.owner_role,
        owner=None,
        state=CaseState.OPEN,
        opened_at=at,
        due_at=due_at,
        resolutions=routing.resolutions,
        playbook=routing.playbook,
        playbook_version=playbook.version if playbook else "",
        ruling=routing.ruling,
        correlation=correlation,
        log=(LogEntry(at=at, by="manciple", text=f"opened: {text}"),),
        cause=cause.id if cause else None,
        root=cause.root_id if cause else "",
        waits=turned((), _first_turn(playbook), at=at),
    )


def _first_turn(playbook: Playbook | None) -> Turn:
    return Turn(playbook.waits_on) if playbook else Turn.US


def told_again(
    case: Case, act: OpenCase, *, at: datetime, playbook: Playbook | None = None
) -> Case:
    """Note newer figures of an open case; its owner and its due time stay.

    The move is again whose it was at the opening: what was waited for has been said.
    """
    text = f"told again: {act.discrepancy.text or act.title}"
    return replace(
        case,
        title=act.title,
        discrepancy=act.discrepancy,
        waits=turned(case.waits, _first_turn(playbook), at=at),
        log=(*case.log, LogEntry(at=at, by="manciple", text=text)),
    )


def reopened(
    case: Case,
    act: OpenCase,
    *,
    routing: Routing,
    due_at: datetime,
    at: datetime,
    correlation: str,
    playbook: Playbook | None = None,
) -> Case:
    """Open a settled case again: a new due time and the routing of today; its age goes on."""
    text = f"opened again: {act.discrepancy.text or act.title}"
    told = replace(
        case,
        title=act.title,
        discrepancy=act.discrepancy,
        lane=act.lane,
        correlation=correlation,
        playbook_version=playbook.version if playbook else "",
    )
    return _open_again(
        told,
        routing=routing,
        due_at=due_at,
        entry=LogEntry(at=at, by="manciple", text=text),
        turn=_first_turn(playbook),
    )


def reopened_by(
    case: Case, act: ReopenCase, *, routing: Routing, due_at: datetime, by: Actor, at: datetime
) -> Case:
    """Open a settled case again because somebody says that it is not settled; the move is ours.

    Raises:
        Refused: NOT_YOUR_CASE; ALREADY_OPEN; NO_REASON.
    """
    require_owner(case, by)
    if case.is_open:
        raise refuse(
            "ALREADY_OPEN", f"case {case.id} is open", field="case", fix="nothing is to be done"
        )
    if not act.reason.strip():
        raise refuse("NO_REASON", "opening a case again needs a reason", field="reason",
                     fix="say why it is not settled")  # fmt: skip
    entry = LogEntry(at=at, by=by.id, text=f"opened again: {act.reason}")
    return _open_again(case, routing=routing, due_at=due_at, entry=entry, turn=Turn.US)


def _open_again(
    case: Case, *, routing: Routing, due_at: datetime, entry: LogEntry, turn: Turn
) -> Case:
    assert case.resolution is not None
    return replace(
        case,
        owner_role=routing.owner_role,
        routed_role=routing.owner_role,
        owner=None,
        state=CaseState.OPEN,
        due_at=due_at,
        resolutions=routing.resolutions,
        playbook=routing.playbook,
        resolution=None,
        ruling=routing.ruling,
        escalated_at=None,
        reopened=case.reopened + 1,
        waits=turned(case.waits, turn, at=entry.at),
        earlier=(*case.earlier, case.resolution),
        log=(*case.log, entry),
    )


def turn(case: Case, act: TurnCase, *, by: Actor, at: datetime) -> Case:
    """Note whose move it is.

    Raises:
        Refused: NOT_YOUR_CASE; ALREADY_RESOLVED.
    """
    require_owner(case, by)
    _require_open(case)
    whose = "the supplier's" if act.turn is Turn.SUPPLIER else "ours"
    text = f"the move is {whose}{f' ({act.note})' if act.note else ''}"
    return replace(
        case,
        waits=turned(case.waits, act.turn, at=at),
        log=(*case.log, LogEntry(at=at, by=by.id, text=text)),
    )


def resolve(
    case: Case, act: ResolveCase, *, hindered: Mapping[str, str], by: Actor, at: datetime
) -> Case:
    """Settle a case; ``hindered`` says what can't be done as things stand, and why.

    Raises:
        Refused: NOT_YOUR_CASE; ALREADY_RESOLVED; RESOLUTION_NOT_ALLOWED, with the allowed ones.
    """
    require_owner(case, by)
    _require_open(case)
    if act.resolution not in case.resolutions or act.resolution in hindered:
        allowed = ", ".join(each for each in case.resolutions if each not in hindered) or "none"
        why = hindered.get(act.resolution, "policy does not allow it")
        raise refuse(
            "RESOLUTION_NOT_ALLOWED",
            f"{case.code.value} can't be settled by {act.resolution!r}: {why}; "
            f"allowed are: {allowed}",
            field="resolution",
            rule=case.ruling.cite() if case.ruling else "",
            fix=f"choose one of: {allowed}",
        )
    decided = Resolution(
        kind=act.resolution, note=act.note, by=by.id, at=at, terms=dict(act.terms)
    )
    touched = replace(case, root_cause=act.root_cause or case.root_cause)
    if act.minutes is not None:
        touch = Touch(by=by.id, role=case.owner_role, at=at, minutes=_told(act.minutes))
        touched = replace(touched, touches=(*case.touches, touch))
    return _settled(touched, decided)


def _told(minutes: Decimal) -> Decimal:
    if not (minutes.is_finite() and 0 < minutes <= _MOST_MINUTES):
        raise refuse(
            "BAD_MINUTES",
            f"{minutes} minutes of work: more than 0 and at most {_MOST_MINUTES} are wanted",
            field="minutes",
            fix="leave it out when nobody knows",
        )
    return minutes


def withdraw(case: Case, note: str, *, by: Actor, at: datetime) -> Case:
    """Settle an open case that events have overtaken."""
    return _settled(case, Resolution(kind=OVERTAKEN, note=note, by=by.id, at=at))


def _settled(case: Case, resolution: Resolution) -> Case:
    note = f" ({resolution.note})" if resolution.note else ""
    text = f"settled: {resolution.kind}{note}"
    return replace(
        case,
        state=CaseState.RESOLVED,
        resolution=resolution,
        waits=turned(case.waits, Turn.US, at=resolution.at),
        log=(*case.log, LogEntry(at=resolution.at, by=resolution.by, text=text)),
    )


def reassign(case: Case, person: Person | None, *, name: str, by: Actor, at: datetime) -> Case:
    """Give a case to a person who holds the owner's role, or is the process owner.

    Raises:
        Refused: NOT_YOUR_CASE; ALREADY_RESOLVED; BAD_OWNER, the person can't own it.
    """
    require_owner(case, by)
    _require_open(case)
    role = _role_of(case, person)
    if person is None or role is None:
        raise refuse(
            "BAD_OWNER",
            f"{name} can't own this case: an active {case.owner_role.value}"
            f"{f' of {case.site}' if case.site else ''} is wanted",
            field="owner",
            fix=f"name somebody who is {case.owner_role.value} or process_owner there",
        )
    text = f"given to {person.id}"
    return replace(
        case,
        owner=person.id,
        owner_role=role,
        log=(*case.log, LogEntry(at=at, by=by.id, text=text)),
    )


def escalate(case: Case, *, at: datetime) -> Case:
    """Hand an open case to the process owner; the role that missed its time is kept."""
    text = f"not settled by {case.owner or case.owner_role.value} in time"
    return replace(
        case,
        owner_role=Role.PROCESS_OWNER,
        owner=None,
        escalated_at=at,
        log=(*case.log, LogEntry(at=at, by="manciple", text=text)),
    )


def must_escalate(case: Case | None, act: EscalateCase) -> bool:
    """Say whether a timer still means this case: open, not escalated, and not reopened since."""
    return (
        case is not None
        and case.is_open
        and case.escalated_at is None
        and case.due_at == act.due_at
    )


_OVER_ALL = (Role.PROCESS_OWNER, Role.ADMIN)


def require_owner(case: Case, actor: Actor) -> None:
    """Let the owner act: a holder of the role at the site, the person, or the process owner.

    This program itself may, too, and so may the role that policy named after an escalation.

    Raises:
        Refused: NOT_YOUR_CASE.
    """
    at_site = not case.site or not actor.sites or case.site in actor.sites
    is_owner = actor.id == case.owner or actor.has(case.owner_role, case.routed_role)
    if actor.has(Role.SYSTEM) or (at_site and (is_owner or actor.has(*_OVER_ALL))):
        return
    raise refuse(
        "NOT_YOUR_CASE",
        f"case {case.id} belongs to {case.owner or case.owner_role.value}"
        f"{f' of {case.site}' if case.site else ''}",
        field="case",
        fix="ask its owner",
    )


def _require_open(case: Case) -> None:
    if not case.is_open:
        assert case.resolution is not None
        raise refuse(
            "ALREADY_RESOLVED",
            f"case {case.id} was settled by {case.resolution.by}: {case.resolution.kind}",
            field="case",
            fix="nothing is left to do",
        )


def _role_of(case: Case, person: Person | None) -> Role | None:
    """Give the role as which a person can own a case, the owner's own role first."""
    if person is None or not person.active or (case.site and not person.works_at(case.site)):
        return None
    wanted = (case.owner_role, case.routed_role, Role.PROCESS_OWNER)
    return next((role for role in wanted if role in person.roles), None)
