"""Expediting over HTTP: ask a supplier, hurry a line with cost and cause, see what was hurried."""

from typing import Annotated, Literal

from fastapi import Query, Response

from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.queries import scope_of
from manciple.supplying.asking import AskSupplier
from manciple.supplying.chasing import Chase
from manciple.supplying.expedite import ExpediteCause, ExpediteLine, Expediting
from manciple.web.api.asking import After, Asker, paged
from manciple.web.api.bodies import Body, MoneyBody, Name, Note, NoteBody
from manciple.web.api.problems import api_router

router = api_router()


class ExpediteBody(Body):
    """What hurrying a line costs, and why it must be; ``override`` where it seems unfounded."""

    line: Name
    cost: MoneyBody
    cause: ExpediteCause
    override: Note = ""


@router.post("/purchase-orders/{number}/ask", tags=["orders"])
def ask(number: str, body: NoteBody, asker: Asker) -> Response:
    """Remind the supplier of the answers and the goods that it owes on an order."""
    asker.found(PurchaseOrder, number)
    return asker.answer(AskSupplier(order=number, note=body.note), Chase)


@router.post("/purchase-orders/{number}/expedite", tags=["orders"])
def expedite(number: str, body: ExpediteBody, asker: Asker) -> Response:
    """Pay so that a line comes sooner; one that is neither late nor unanswered needs a reason."""
    asker.found(PurchaseOrder, number)
    act = ExpediteLine(
        order=number,
        line=body.line,
        cost=body.cost.to_money(),
        cause=body.cause,
        override=body.override,
    )
    return asker.answer(act, Expediting)


@router.get("/expedites", tags=["orders"])
def expedites(
    asker: Asker,
    state: Literal["open", "closed"] | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List orders of which something was hurried, newest first, with cost and cause."""
    page = asker.app.documents.page(
        Expediting, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)
