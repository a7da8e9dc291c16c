"""Notices derived from what happens: in the page for whom it concerns, by mail as they wish.

StepAssigned, ApprovalEscalated, ApproverReminded   -> who is asked (the letter is the approval's)
CaseOpened, CaseReopened, CaseEscalated             -> whoever holds the owner's role
CaseReassigned                                      -> the new owner
RequisitionApproved, RequisitionRejected            -> the requester

A notice for a role lies with the role. Only those who asked for mail are written to, from the
list of their role. What policy calls urgent waits for no digest and no quiet hours.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from manciple.approvals.request import (
    Approval,
    ApprovalEscalated,
    ApproverReminded,
    StepAssigned,
)
from manciple.cases.case import Case, CaseEscalated, CaseOpened, CaseReassigned, CaseReopened
from manciple.governance import notice as notices
from manciple.governance.linking import mailing_of
from manciple.governance.mailing import Mailing
from manciple.governance.notice import (
    Cadence,
    DigestAssembled,
    Notice,
    NoticeKind,
    NoticeMail,
    Notifying,
    SendDigest,
    Subscribers,
)
from manciple.governance.people import Person
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.kernel.words import is_address
from manciple.policy.register import Register
from manciple.processes.letters import local
from manciple.processes.ports.mail import MAIL, SEND, Letter, Table
from manciple.requisitioning.requisition import (
    Requisition,
    RequisitionApproved,
    RequisitionRejected,
)
from manciple.runtime.bus import Handles, Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Effect, Lane
from manciple.runtime.work import Work

_OWN = ("How you are told is yours to say: Notifications, Settings.",)
_TIMER = "digest"
TABLE: Final = "notice_delivery"
"""The decision table that says which letters wait for nothing."""
AT_ONCE: Final = "at_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something to be told.

    Attributes:
        owner: a person, or ``role:planner``.
        stamp: what makes one telling of the thing different from the next.
        by_mail: whether this is written by mail at all; approvals have letters of their own.
    """

    owner: str
    kind: NoticeKind
    subject: Ref
    title: str
    path: str
    site: str
    lane: Lane
    stamp: str
    by_mail: bool = True


def step_assigned(work: Work, event: StepAssigned) -> Iterable[object]:
    """Somebody is asked."""
    return of_approval(work, event.approval, event.approver, NoticeKind.ASKED)


def escalated(work: Work, event: ApprovalEscalated) -> Iterable[object]:
    """Somebody is asked because nobody else answered."""
    return of_approval(work, event.approval, event.now, NoticeKind.ESCALATED)


def reminded(work: Work, event: ApproverReminded) -> Iterable[object]:
    """Somebody has not answered yet."""
    return of_approval(work, event.approval, event.approver, NoticeKind.REMINDED)


def of_approval(work: Work, name: str, person: str, kind: NoticeKind) -> Iterable[object]:
    """Tell somebody of an approval; its letters are others' to write."""
    approval = work.get(Approval, name)
    told = Told(
        owner=person,
        kind=kind,
        subject=ref(approval),
        title=f"{approval.amount}: {approval.title}",
        path=f"/approvals/{name}",
        site="",
        lane=approval.lane,
        stamp=str(work.version(approval)),
        by_mail=False,
    )
    return tell(work, told)


def case_opened(
    register: Register, work: Work, event: CaseOpened | CaseReopened
) -> Iterable[object]:
    """Something went wrong: whoever holds the role of its owner should know."""
    return _case(register, work, event.case, NoticeKind.OPENED)


def case_escalated(register: Register, work: Work, event: CaseEscalated) -> Iterable[object]:
    """It was not settled in time."""
    return _case(register, work, event.case, NoticeKind.ESCALATED)


def case_reassigned(register: Register, work: Work, event: CaseReassigned) -> Iterable[object]:
    """Somebody was given a case."""
    return _case(register, work, event.case, NoticeKind.ASSIGNED)


def _case(register: Register, work: Work, name: str, kind: NoticeKind) -> Iterable[object]:
    case = work.get(Case, name)
    told = Told(
        owner=case.owner or f"role:{case.owner_role.value}",
        kind=kind,
        subject=ref(case),
        title=case.title,
        path=f"/exceptions/{name}",
        site=case.site,
        lane=case.lane,
        stamp=str(work.version(case)),
    )
    return tell(work, told, register)


def need_decided(
    register: Register, work: Work, event: RequisitionApproved | RequisitionRejected
) -> Iterable[object]:
    """The requester learns what became of a need."""
    need = work.get(Requisition, event.requisition)
    is_yes = isinstance(event, RequisitionApproved)
    said = "approved" if is_yes else "rejected"
    told = Told(
        owner=need.requester,
        kind=NoticeKind.DECIDED,
        subject=ref(need),
        title=f"{need.id} is {said}: {need.total}",
        path=f"/requests/{need.id}",
        site="",
        lane=need.lane,
        stamp=said,
    )
    return tell(work, told, register)


def tell(work: Work, told: Told, register: Register | None = None) -> Iterable[object]:
    """Keep the notice, and write to those who wish it; without policy nothing is written."""
    notice = Notice(
        subject=str(told.subject),
        kind=told.kind,
        title=told.title,
        path=told.path,
        site=told.site,
        at=work.at,
    )
    work.append(told.owner, notice)
    mailing = mailing_of(work) if told.by_mail else None
    if mailing is not None and register is not None:
        urgent = _urgent(register, told, work.at)
        for name in _readers(work, told):
            _post(work, told, name, mailing, urgent)
    return ()


def _urgent(register: Register, told: Told, at: datetime) -> str:
    """Say why a letter waits for nothing, as its row of policy does; empty if it may wait."""
    facts = {"lane": told.lane.value, "kind": told.kind.value}
    ruling = register.decide(TABLE, facts, at=at)
    if ruling.outputs.get("delivery") != AT_ONCE:
        return ""
    return next(row.because for row in register.table(TABLE, at=at).rows if row.id == ruling.row)


def _readers(work: Work, told: Told) -> tuple[str, ...]:
    role = told.owner.removeprefix("role:")
    if role == told.owner:
        return (told.owner,)
    listed = work.peek(Subscribers, role)
    return listed.people if listed else ()


def _post(work: Work, told: Told, name: str, mailing: Mailing, urgent: str) -> None:
    """Write to one person at once, or put it by for their digest, or leave it.

    ``urgent`` says why it waits neither for a digest nor for the end of quiet hours.
    """
    wants = work.peek(Notifying, name)
    person = work.peek(Person, name)
    if wants is None or wants.cadence is Cadence.NONE or not _may_know(person, told):
        return
    assert person is not None
    row = NoticeMail(
        subject=str(told.subject), kind=told.kind, title=told.title, path=told.path, at=work.at
    )
    if wants.cadence is Cadence.DIGEST and not urgent:
        due = notices.next_digest(wants, work.at)
        work.append(f"{name}@{due.isoformat()}", row)
        work.timer(ref(wants), _TIMER, due, SendDigest(person=name, due=due))
        return
    about = f"{name}>{told.subject}"
    if not notices.is_told_again(work.records(NoticeMail, about), told.kind, work.at):
        return
    key = f"notice:{told.subject}:{told.stamp}:{told.kind.value}:{name}:{SEND}"
    letter = Letter(
        to=person.email,
        sender=mailing.sender,
        house=mailing.name,
        address=mailing.address,
        at=work.at,
        subject=told.title,
        paragraphs=(f"Good day {person.name},", told.title),
        facts=(
            ("Since", local(work.at, wants.zone)),
            ("Site", told.site or "none"),
            *((("Why at once", urgent),) if urgent else ()),
        ),
        button="Open it",
        path=told.path,
        closing=_OWN,
    )
    due = work.at if urgent else notices.arrives_at(wants, work.at)
    # the thing's own line of letters: none waits behind one about something else
    work.effect(_effect(key, told.subject, letter, told.lane, due))
    work.append(about, replace(row, effect=key))


def _effect(key: str, subject: Ref, letter: Letter, lane: Lane, due: datetime) -> Effect:
    return Effect(
        key=key, endpoint=MAIL, verb=SEND, subject=subject, payload=letter, lane=lane, due_at=due
    )


def _may_know(person: Person | None, told: Told) -> bool:
    """Say whether a letter may go: they are here, work at the site, and still hold the role."""
    if person is None or not person.active or not is_address(person.email):
        return False
    role = told.owner.removeprefix("role:")
    holds = role == told.owner or Role(role) in person.roles
    return holds and (not told.site or person.works_at(told.site))


def send_digest(work: Work, act: SendDigest) -> Ref | None:
    """Write in one letter what happened since the last digest, each thing once."""
    wants, person = work.find(Notifying, act.person), work.peek(Person, act.person)
    mailing = mailing_of(work)
    if wants is None or person is None or mailing is None or not person.active:
        return None
    rows: dict[str, NoticeMail] = {}
    for row in work.records(NoticeMail, f"{act.person}@{act.due.isoformat()}"):
        rows.pop(row.subject, None)
        rows[row.subject] = row
    if not rows or not is_address(person.email):
        return None
    work.save(wants, DigestAssembled(person=person.id, due=act.due, count=len(rows)))
    letter = Letter(
        to=person.email,
        sender=mailing.sender,
        house=mailing.name,
        address=mailing.address,
        at=work.at,
        subject=f"{len(rows)} thing{'s' * (len(rows) != 1)} since your last digest",
        paragraphs=(f"Good day {person.name},", "this happened since your last digest."),
        table=Table(
            head=("What", "When", "Where"),
            rows=tuple(
                (row.title, local(row.at, wants.zone), f"{mailing.address}{row.path}")
                for row in rows.values()
            ),
        ),
        button="See all",
        path="/notifications",
        closing=_OWN,
    )
    key = f"digest:{person.id}:{act.due.isoformat()}:{SEND}"
    work.effect(_effect(key, ref(wants), letter, Lane.BULK, work.at))
    return ref(wants)


def handles() -> tuple[Handles, ...]:
    """Give the act of the digest's timer."""
    return (Handles(act=SendDigest, handle=send_digest, by=frozenset({Role.SYSTEM})),)


def reacts(register: Register) -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which people are told."""
    return (
        Reacts(event=StepAssigned, react=step_assigned),
        Reacts(event=ApprovalEscalated, react=escalated),
        Reacts(event=ApproverReminded, react=reminded),
        Reacts(event=CaseOpened, react=partial(case_opened, register)),
        Reacts(event=CaseReopened, react=partial(case_opened, register)),
        Reacts(event=CaseEscalated, react=partial(case_escalated, register)),
        Reacts(event=CaseReassigned, react=partial(case_reassigned, register)),
        Reacts(event=RequisitionApproved, react=partial(need_decided, register)),
        Reacts(event=RequisitionRejected, react=partial(need_decided, register)),
    )
