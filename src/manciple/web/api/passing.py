"""Nudges and forwarded approvals over HTTP."""

from fastapi import Response

from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.nudging import NudgeApprover
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


@router.post("/requisitions/{number}/nudge", tags=["requisitions"])
def nudge(number: str, body: NoteBody, asker: Asker) -> Response:
    """Remind whoever has to decide on a requisition of the caller's; once in 24 hours."""
    need = asker.found(Requisition, number).document
    name = need.approval or number
    act = NudgeApprover(approval=name, note=body.note)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, name))
