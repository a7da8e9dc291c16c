"""Approving by mail: whoever is asked is written to, with every line and a link of their own.

StepAssigned, PoolAsked, ApprovalEscalated, ApproverReminded -> a letter to whoever may act now
StepApproved, VoteRecorded, ApprovalRejected, ApprovalVoided -> CloseLink: their links open no more

The letter says what is decided on, how much it is, why this person, and by when. The link opens a
page that says the same and asks; opening it decides nothing.
"""

from collections.abc import Iterable
from hashlib import sha256

from manciple.approvals import decision
from manciple.approvals.asking import open_step
from manciple.approvals.directory import Directory
from manciple.approvals.request import (
    Approval,
    ApprovalEscalated,
    ApprovalRejected,
    ApprovalVoided,
    ApproverReminded,
    PoolAsked,
    Step,
    StepApproved,
    StepAssigned,
    VoteRecorded,
)
from manciple.governance.link import APPROVAL_DAYS, CloseLink, Link, LinkState, Purpose, link_id
from manciple.governance.linking import give, mailing_of
from manciple.governance.mailing import Mailing
from manciple.governance.people import Person
from manciple.kernel.words import is_address
from manciple.ordering.change.order_change import OrderChange
from manciple.ordering.revision import LineRevision
from manciple.processes.letters import local, said, said_price
from manciple.processes.ports.mail import MAIL, SEND, Letter, Table
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.bus import Reacts
from manciple.runtime.codec import encode
from manciple.runtime.documents import Document, Ref, ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work

_ONCE = (
    "The link is for you alone, and for one decision. Opening it decides nothing: the page shows "
    "the same facts and asks."
)
_CHANGE = ("Line", "Quantity", "Price", "Needed by")
_ALONE = (_ONCE, "You can also decide signed in, under Approvals.")


def shown_of(approval: Approval, subject: Document | None) -> str:
    """Give a mark of what an approver is shown: another amount or another line is another mark."""
    lines = subject.lines if isinstance(subject, Requisition | OrderChange) else ()
    return sha256(encode((approval.amount, approval.revision, lines))).hexdigest()[:32]


def subject_of(work: Work, approval: Approval) -> Requisition | OrderChange | None:
    """Give the document that an approval decides on."""
    match approval.subject.kind:
        case Requisition.KIND:
            return work.peek(Requisition, approval.subject.id)
        case OrderChange.KIND:
            return work.peek(OrderChange, approval.subject.id)
        case _:
            return None


def asked(work: Work, event: StepAssigned | PoolAsked | ApprovalEscalated) -> Iterable[object]:
    """Somebody is asked: write to whoever of them may act."""
    approval = work.get(Approval, event.approval)
    step = open_step(approval)
    mailing = mailing_of(work)
    if step is None or mailing is None:
        return ()
    names = step.seats_left if step.panel else (step.approver,)
    for name in names:
        write(work, approval, step, name, mailing, opening="waits for your decision")
    return ()


def reminded(work: Work, event: ApproverReminded) -> Iterable[object]:
    """Half the time is over: write once more, with a fresh link."""
    approval = work.get(Approval, event.approval)
    step = open_step(approval)
    mailing = mailing_of(work)
    if step is not None and mailing is not None and step.number == event.step:
        opening = "still waits for your decision"
        write(work, approval, step, event.approver, mailing, opening=opening)
    return ()


def write(
    work: Work,
    approval: Approval,
    step: Step,
    name: str,
    mailing: Mailing,
    *,
    opening: str,
    more: tuple[tuple[str, str], ...] = (),
) -> None:
    """Write to whoever decides in somebody's seat, with a fresh link; ``more`` is told first."""
    directory = Directory(work.peek)
    owner = decision.on_whose_list(approval, name, directory=directory, at=work.at)
    person = work.peek(Person, owner)
    if person is None or not person.active or not is_address(person.email):
        return
    known = work.peek(Link, link_id(Purpose.APPROVAL, ref(approval), step.number, owner))
    is_open = known is not None and known.state is LinkState.OPEN
    if known is not None and is_open and known.issued_at == work.at:
        return  # two of a panel lent their power to one person: one letter
    subject = subject_of(work, approval)
    link = give(
        work,
        purpose=Purpose.APPROVAL,
        subject=ref(approval),
        part=step.number,
        bearer=owner,
        lasts=APPROVAL_DAYS,
        shown=shown_of(approval, subject),
    )
    letter = Letter(
        to=person.email,
        sender=mailing.sender,
        house=mailing.name,
        address=mailing.address,
        at=work.at,
        subject=f"To approve: {approval.amount}, {approval.title}",
        paragraphs=(f"Good day {person.name},", f"{approval.title} {opening}."),
        facts=(*more, *_facts(approval, step, name, owner, mailing, link)),
        table=_table(subject),
        button="See it and decide",
        link=link.claims,
        closing=_ALONE,
    )
    work.effect(
        Effect(
            key=f"{link.id}:{link.serial}:{SEND}",
            endpoint=MAIL,
            verb=SEND,
            subject=Ref(Link.KIND, link.id),
            payload=letter,
            lane=approval.lane,
        )
    )


def _facts(
    approval: Approval, step: Step, name: str, owner: str, mailing: Mailing, link: Link
) -> tuple[tuple[str, str], ...]:
    why = step.why if name == owner else f"{step.why}; you act for {name}"
    due = () if step.due_at is None else (("Decide by", local(step.due_at, mailing.zone)),)
    return (
        ("Amount", str(approval.amount)),
        ("Asked for by", approval.requester),
        ("Site", approval.site),
        ("Category", approval.category),
        ("Why you", why or step.role),
        *due,
        ("The link holds until", local(link.expires_at, mailing.zone)),
    )


def _table(subject: Requisition | OrderChange | None) -> Table | None:
    """Give every line, however many there are."""
    if isinstance(subject, Requisition):
        head = ("Line", "Item", "Quantity", "Supplier", "Price", "Amount", "Needed by")
        rows = tuple(
            (str(line.number), f"{line.item} {line.description}".strip(), said(line.stated),
             line.supplier, said_price(line.price), str(line.extended), str(line.needed_by))
            for line in subject.lines
        )  # fmt: skip
        return Table(head=head, rows=rows)
    if isinstance(subject, OrderChange):
        return Table(head=_CHANGE, rows=tuple(_changed(each) for each in subject.lines))
    return None


def _changed(each: LineRevision) -> tuple[str, ...]:
    was, now = each.before or each.after, each.after
    return (
        each.line,
        _both(said(was.stated), said(now.stated)),
        _both(said_price(was.price), said_price(now.price)),
        _both(str(was.needed_by), str(now.needed_by)),
    )


def _both(before: str, after: str) -> str:
    return after if before == after else f"{after} (was {before})"


# ---- the end of links -------------------------------------------------------------------------


def decided(work: Work, event: StepApproved | VoteRecorded) -> Iterable[object]:
    """A step or a seat is decided: its links open nothing any more."""
    approval = work.get(Approval, event.approval)
    step = next(each for each in approval.steps if each.number == event.step)
    is_vote = isinstance(event, VoteRecorded)
    names = {event.by, event.on_behalf_of or event.by} if is_vote else {*step.asked, event.by}
    yield from _closing(work, approval, step, names, f"decided by {event.by}")


def ended(work: Work, event: ApprovalRejected | ApprovalVoided) -> Iterable[object]:
    """The approval is over: none of its links opens anything."""
    approval = work.get(Approval, event.approval)
    how = f"rejected by {event.by}" if isinstance(event, ApprovalRejected) else event.reason
    for step in approval.steps:
        names = {*step.asked, step.acted_by or step.approver}
        yield from _closing(work, approval, step, names, how)


def _closing(
    work: Work, approval: Approval, step: Step, names: set[str], how: str
) -> Iterable[object]:
    directory = Directory(work.peek)
    takers = {
        decision.on_whose_list(approval, name, directory=directory, at=work.at) for name in names
    }
    for name in sorted(names | takers):
        found = link_id(Purpose.APPROVAL, ref(approval), step.number, name)
        if work.peek(Link, found) is not None:
            yield CloseLink(link=found, how=how)


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which people approve by mail."""
    return (
        Reacts(event=StepAssigned, react=asked),
        Reacts(event=PoolAsked, react=asked),
        Reacts(event=ApprovalEscalated, react=asked),
        Reacts(event=ApproverReminded, react=reminded),
        Reacts(event=StepApproved, react=decided),
        Reacts(event=VoteRecorded, react=decided),
        Reacts(event=ApprovalRejected, react=ended),
        Reacts(event=ApprovalVoided, react=ended),
    )
