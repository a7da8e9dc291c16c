"""Nudges and forwarded approvals over HTTP."""

from fastapi import Response

from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.nudging import NudgeApprover
from manciple.approvals.questions import AnswerQuestion, AskRequester
from manciple.approvals.request import Approval
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Ref
from manciple.web.api.asking import Asker
from manciple.web.api.bodies import Body, Name, NoteBody, Text
from manciple.web.api.problems import api_router

router = api_router()


class ForwardBody(Body):
    """To whom an approval is forwarded, and why it is theirs."""

    to: Name
    note: Text
    step: int | None = None


@router.post("/approvals/{number}/forward", tags=["approvals"])
def forward(number: str, body: ForwardBody, asker: Asker) -> Response:
    """Give the open step to somebody else who may decide it; its due time stays."""
    asker.found(Approval, number)
    act = ForwardApproval(approval=number, to=body.to, note=body.note, step=body.step)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, number))


class AskBody(Body):
    """What the requester is to tell before a decision."""

    question: Text
    step: int | None = None


class AnswerBody(Body):
    """The answer to all that is asked."""

    answer: Text


@router.post("/approvals/{number}/ask", tags=["approvals"])
def ask(number: str, body: AskBody, asker: Asker) -> Response:
    """Ask the requester something before deciding; nothing is decided, and no clock stops."""
    asker.found(Approval, number)
    act = AskRequester(approval=number, question=body.question, step=body.step)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, number))


@router.post("/approvals/{number}/answer", tags=["approvals"])
def answer(number: str, body: AnswerBody, asker: Asker) -> Response:
    """Answer what approvers asked; each gets a fresh link by mail."""
    asker.found(Approval, number)
    act = AnswerQuestion(approval=number, answer=body.answer)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, number))


@router.post("/requisitions/{number}/nudge", tags=["requisitions"])
def nudge(number: str, body: NoteBody, asker: Asker) -> Response:
    """Remind whoever has to decide on a requisition of the caller's; once in 24 hours."""
    need = asker.found(Requisition, number).document
    name = need.approval or number
    act = NudgeApprover(approval=name, note=body.note)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, name))
