"""Handlers of questions between approver and requester: load, decide, save."""

from manciple.approvals import decision, questions
from manciple.approvals.directory import Directory
from manciple.approvals.questions import (
    AnswerQuestion,
    AskRequester,
    QuestionAnswered,
    QuestionAsked,
)
from manciple.approvals.request import Approval
from manciple.kernel.messages import Role
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_ASKERS = frozenset({Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE, Role.BUYER})


def handles() -> tuple[Handles, ...]:
    """Give the acts."""
    return (
        Handles(act=AskRequester, handle=_ask, by=frozenset({Role.APPROVER}), reads=_named),
        Handles(act=AnswerQuestion, handle=_answer, by=_ASKERS, reads=_named),
    )


def _named(act: AskRequester | AnswerQuestion) -> tuple[Ref, ...]:
    return (Ref(Approval.KIND, act.approval),)


def _ask(work: Work, act: AskRequester) -> Ref:
    known, directory = work.get(Approval, act.approval), Directory(work.peek)
    step = decision.step_to_decide(known, act.step)
    power = decision.power_to_reject(known, step, by=work.actor, directory=directory, at=work.at)
    approval = questions.asked(known, step, power, text=act.question, at=work.at)
    event = QuestionAsked(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        step=step.number,
        by=work.actor.id,
        requester=approval.requester,
        question=approval.questions[-1].text,
    )
    work.save(approval, event, touches=(approval.subject,))
    return ref(approval)


def _answer(work: Work, act: AnswerQuestion) -> Ref:
    known = decision.still_pending(work.get(Approval, act.approval))
    open_before = known.open_questions
    approval = questions.answered(known, by=work.actor, text=act.answer, at=work.at)
    event = QuestionAnswered(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        by=work.actor.id,
        seats=tuple(dict.fromkeys(each.seat for each in open_before)),
        answer=act.answer.strip(),
    )
    work.save(approval, event, touches=(approval.subject,))
    return ref(approval)
