"""Requisitions, approvals and delegations over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Body as RawBody
from fastapi import Query, Response

from manciple.approvals.delegation import Delegate, Delegation, RevokeDelegation
from manciple.approvals.request import Approval, Approve, Reject, RerouteApproval
from manciple.kernel.errors import Reason, refuse
from manciple.requisitioning.batch import Keep, RequisitionBatch, SubmitRequisitions
from manciple.requisitioning.intake import Problem, read_csv
from manciple.requisitioning.requisition import (
    RequestedLine,
    Requisition,
    RequisitionState,
    SubmitRequisition,
    WithdrawRequisition,
)
from manciple.runtime import codec
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, json, paged, shown
from manciple.web.api.bodies import (
    ApproveBody,
    DelegationBody,
    NoteBody,
    RejectBody,
    RequisitionBody,
)
from manciple.web.api.problems import api_router, problem, status_of

router = api_router()


def act_of(body: RequisitionBody) -> SubmitRequisition:
    """Make the act of what a caller sent."""
    return SubmitRequisition(
        site=body.site,
        flow=body.flow,
        lines=tuple(
            RequestedLine(
                item=line.item,
                quantity=line.quantity.to_quantity(),
                needed_by=line.needed_by,
                supplier=line.supplier,
                cost_centre=line.cost_centre,
                account=line.account,
                description=line.description,
                price=line.price.to_price() if line.price else None,
            )
            for line in body.lines
        ),
        reference=body.reference,
        note=body.note,
        customer_waiting=body.customer_waiting,
        cause=body.cause,
        asset=body.asset,
        customer_order=body.customer_order,
        downtime=body.downtime,
        planned=tuple(each.to_charge() for each in body.planned),
    )


@router.post("/requisitions", status_code=201, tags=["requisitions"])
def submit(body: RequisitionBody, asker: Asker) -> Response:
    """Raise a requisition; it is priced, routed and waits for its approvals."""
    return asker.answer(act_of(body), Requisition)


@router.post("/requisitions/preview", tags=["requisitions"])
def preview(body: RequisitionBody, asker: Asker) -> Response:
    """Show what a requisition would cost, who would approve it and why; nothing is kept."""
    return json(asker.app.preview(asker.actor, act_of(body)))


@router.post("/requisitions/import", status_code=201, tags=["requisitions"])
def import_csv(
    data: Annotated[bytes, RawBody(media_type="text/csv")],
    asker: Asker,
    rows: Annotated[str, Query(pattern="^(all|good)$")] = "all",
) -> Response:
    """Raise requisitions from a CSV file: all rows or none, or the good rows.

    Every bad row is named by row and column. With ``rows=all`` one bad row stops everything.
    """
    intake = read_csv(data)
    if (intake.problems and rows == "all") or not intake.requests:
        return _nothing_made(intake.problems)
    reply = asker.apply(SubmitRequisitions(requests=intake.requests, keep=Keep(rows)))
    if not reply.is_done:
        problems = (*intake.problems, *map(intake.located, reply.refusals))
        return _nothing_made(problems, reply.refusals)
    subject = reply.subject
    batch = asker.app.peek(RequisitionBatch, subject.id) if subject else None
    omitted = [intake.left_out(each) for each in batch.omitted] if batch else []
    made = batch.requisitions if batch else ()
    return json({"requisitions": made, "problems": (*intake.problems, *omitted)}, 201)


def _nothing_made(problems: Sequence[Problem], why: Sequence[Reason] = ()) -> Response:
    """Answer that no row was taken: the problems by row and column, as refusals and as a table."""
    reasons = [
        Reason(
            code=each.code,
            message=f"row {each.row}: {each.message}",
            field=each.column,
            fix=each.fix,
        )
        for each in problems
    ] or [
        Reason(code="NO_REQUESTS", message="the file holds no row", fix="Add rows below the head.")
    ]
    more = {"requisitions": [], "problems": codec.plain(tuple(problems))}
    return problem(status_of(why), reasons, more=more)


@router.get("/requisitions", tags=["requisitions"])
def requisitions(
    asker: Asker,
    state: RequisitionState | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List requisitions, newest first."""
    page = asker.app.documents.page(
        Requisition, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/requisitions/{number}", tags=["requisitions"])
def requisition(number: str, asker: Asker) -> Response:
    """Show a requisition."""
    return shown(asker.found(Requisition, number))


@router.post("/requisitions/{number}/withdraw", tags=["requisitions"])
def withdraw(number: str, body: NoteBody, asker: Asker) -> Response:
    """Take a requisition back before it is approved."""
    del body
    asker.found(Requisition, number)
    about = Ref(Requisition.KIND, number)
    return asker.answer(WithdrawRequisition(requisition=number), Requisition, about=about)


@router.get("/approvals", tags=["approvals"])
def approvals(
    asker: Asker,
    whose: Annotated[str, Query(pattern="^(mine|all)$")] = "mine",
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List open approval steps: the caller's own and delegated, or all within the scope."""
    mine = whose == "mine"
    return paged(asker.app.approval_inbox(asker.actor, mine=mine, after=after, limit=limit))


@router.get("/approvals/{number}", tags=["approvals"])
def approval(number: str, asker: Asker) -> Response:
    """Show an approval: its chain, who did what, and the policy row that asked for it."""
    return shown(asker.found(Approval, number))


@router.post("/approvals/{number}/approve", tags=["approvals"])
def approve(number: str, body: ApproveBody, asker: Asker) -> Response:
    """Approve a step."""
    asker.found(Approval, number)
    act = Approve(approval=number, step=body.step, note=body.note, with_others=body.with_others)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, number))


@router.post("/approvals/{number}/reject", tags=["approvals"])
def reject(number: str, body: RejectBody, asker: Asker) -> Response:
    """Reject; a reason is needed."""
    asker.found(Approval, number)
    act = Reject(approval=number, reason=body.reason, note=body.note)
    return asker.answer(act, Approval, about=Ref(Approval.KIND, number))


@router.post("/approvals/{number}/reroute", tags=["approvals"])
def reroute(number: str, body: NoteBody, asker: Asker) -> Response:
    """Find the approvers of a pending approval anew, with today's people and policy."""
    del body
    asker.found(Approval, number)
    about = Ref(Approval.KIND, number)
    return asker.answer(RerouteApproval(approval=number), Approval, about=about)


@router.post("/delegations", status_code=201, tags=["approvals"])
def delegate(body: DelegationBody, asker: Asker) -> Response:
    """Let somebody act for somebody, for a time, within a scope and a cap."""
    if body.start.tzinfo is None or body.end.tzinfo is None:
        raise refuse(
            "BAD_VALUE",
            "start and end need a time zone",
            field="start",
            fix="Write 2026-07-01T08:00:00Z, for example.",
        )
    act = Delegate(
        from_person=body.from_person,
        to_person=body.to_person,
        document_types=body.document_types,
        sites=body.sites,
        cap=body.cap.to_money() if body.cap else None,
        start=body.start,
        end=body.end,
    )
    return asker.answer(act, Delegation)


@router.post("/delegations/{number}/revoke", tags=["approvals"])
def revoke(number: str, body: NoteBody, asker: Asker) -> Response:
    """End a delegation now."""
    del body
    about = Ref(Delegation.KIND, number)
    return asker.answer(RevokeDelegation(id=number), Delegation, about=about)
