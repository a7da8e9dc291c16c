"""Questions: an approver asks the requester before deciding, and gets an answer.

    asked Monday 9:00, due Tuesday 12:00 -- question 9:30, answer 11:00 -- due Tuesday 12:00

A question decides nothing and stops no clock: reminders and escalation go on, or asking would be
a way around the due time. Whoever may say no to a step may ask; one question of a seat is open at
a time. House rule; who may act on a step is A-05 and A-08.
"""

from datetime import datetime

from manciple.approvals.decision import Power
from manciple.approvals.request import Approval, Question, Step
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref

LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequester:
    """Ask the requester something before deciding; nothing is decided, and no clock stops."""

    approval: str
    question: str
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Answer what an approver asked; only who asked for the approval may."""

    approval: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked:
    """An approver wants to know something before deciding."""

    approval: str
    subject: Ref
    thread: str
    step: int
    by: str
    requester: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered:
    """The requester answered what approvers had asked.

    Attributes:
        seats: the approvers whose questions it answers.
    """

    approval: str
    subject: Ref
    thread: str
    by: str
    seats: tuple[str, ...]
    answer: str


def asked(approval: Approval, step: Step, power: Power, *, text: str, at: datetime) -> Approval:
    """Put a question to the requester.

    Raises:
        Refused: it is empty or too long, or the seat's last question is not answered yet.
    """
    _check(text, "question")
    seat = power.on_behalf_of or power.by
    if any(each.seat == seat and each.step == step.number for each in approval.open_questions):
        raise refuse(
            "QUESTION_OPEN",
            f"{approval.requester} has not answered the last question yet",
            field="question",
            fix="wait for the answer, or decide without it",
        )
    new = Question(step=step.number, by=power.by, seat=seat, text=text.strip(), at=at)
    return replace(approval, questions=(*approval.questions, new))


def answered(approval: Approval, *, by: Actor, text: str, at: datetime) -> Approval:
    """Answer every open question in one.

    Raises:
        Refused: it is another's request, nothing is asked, or the answer is empty or too long.
    """
    if by.id != approval.requester:
        raise refuse(
            "NOT_YOUR_REQUISITION",
            f"{approval.requester} was asked, not {by.id}",
            field="approval",
            fix=f"ask {approval.requester} to answer",
        )
    if not approval.open_questions:
        raise refuse(
            "NO_QUESTION",
            f"nobody asks anything about {approval.id}",
            field="approval",
            fix="look whose turn it is",
        )
    _check(text, "answer")
    told = tuple(
        each if each.answered_at else replace(each, answer=text.strip(), answered_at=at)
        for each in approval.questions
    )
    return replace(approval, questions=told)


def _check(text: str, field: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST:
        raise refuse(
            "TEXT_WANTED",
            f"1 to {LONGEST} characters are wanted",
            field=field,
            fix="write it in a sentence or two",
        )
