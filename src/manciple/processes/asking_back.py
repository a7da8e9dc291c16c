"""Questions on their way: the requester is written to, and the answer goes to whoever asked.

QuestionAsked    -> the requester's notice and letter; the asker's link is used up
QuestionAnswered -> the asker's notice, and a letter with a fresh link to decide by
"""

from collections.abc import Iterable

from manciple.approvals import decision
from manciple.approvals.asking import open_step
from manciple.approvals.directory import Directory
from manciple.approvals.questions import QuestionAnswered, QuestionAsked
from manciple.approvals.request import Approval
from manciple.governance.link import CloseLink, Link, Purpose, link_id
from manciple.governance.linking import mailing_of
from manciple.governance.notice import NoticeKind
from manciple.governance.people import Person
from manciple.kernel.words import is_address
from manciple.processes.approving_by_mail import write
from manciple.processes.notifying import of_approval
from manciple.processes.ports.mail import MAIL, SEND, Letter
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work


def asked(work: Work, event: QuestionAsked) -> Iterable[object]:
    """Tell the requester; whoever asked by a link gets a fresh one with the answer."""
    approval = work.get(Approval, event.approval)
    of_approval(work, event.approval, event.requester, NoticeKind.ASKED)
    _write(work, approval, event)
    link = link_id(Purpose.APPROVAL, ref(approval), event.step, event.by)
    if work.peek(Link, link) is not None:
        yield CloseLink(link=link, how=f"{event.by} asked a question")


def answered(work: Work, event: QuestionAnswered) -> Iterable[object]:
    """Tell whoever asked, with the answer and a fresh link, if the step is still theirs."""
    approval = work.get(Approval, event.approval)
    step, mailing = open_step(approval), mailing_of(work)
    if step is None:
        return ()
    told = tuple(each for each in approval.questions if each.answered_at == work.at)
    for name in event.seats:
        if name not in step.asked:
            continue
        owner = decision.on_whose_list(approval, name, directory=Directory(work.peek), at=work.at)
        of_approval(work, event.approval, owner, NoticeKind.REMINDED)
        if mailing is not None:
            facts = tuple(("You asked", each.text) for each in told if each.seat == name)
            write(
                work, approval, step, name, mailing,
                opening=f"has an answer by {event.by}, and waits for your decision",
                more=(*facts, ("The answer", event.answer)),
            )  # fmt: skip
    return ()


def _write(work: Work, approval: Approval, event: QuestionAsked) -> None:
    person, mailing = work.peek(Person, event.requester), mailing_of(work)
    if mailing is None or person is None or not person.active or not is_address(person.email):
        return
    letter = Letter(
        to=person.email,
        sender=mailing.sender,
        house=mailing.name,
        address=mailing.address,
        at=work.at,
        subject=f"A question about {approval.title}",
        paragraphs=(
            f"Good day {person.name},",
            f"{event.by} wants to know something before deciding about {approval.title}.",
        ),
        facts=(("The question", event.question), ("Amount", str(approval.amount))),
        button="Answer it",
        path=f"/approvals/{approval.id}",
        closing=("The time to decide goes on meanwhile, so an early answer helps.",),
    )
    key = f"question:{approval.id}:{work.version(approval)}:{SEND}"
    work.effect(
        Effect(
            key=key, endpoint=MAIL, verb=SEND, subject=ref(approval), payload=letter,
            lane=approval.lane,
        )
    )  # fmt: skip


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table."""
    return (
        Reacts(event=QuestionAsked, react=asked),
        Reacts(event=QuestionAnswered, react=answered),
    )
