"""Control numbers over HTTP: partners' counts, what is missing in them, and files sent again."""

from typing import Annotated, Literal

from fastapi import Query, Response

from manciple.exchange.control_numbers import AcceptControlGap, ControlSequence
from manciple.exchange.interchange import Interchange
from manciple.exchange.resending import ResendInterchange
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, paged, shown
from manciple.web.api.bodies import ReasonBody
from manciple.web.api.problems import api_router

router = api_router()


@router.get("/control-numbers", tags=["interchanges"])
def counts(
    asker: Asker,
    state: Literal["whole", "waiting", "gap"] | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List the counts of partners' control numbers; state ``gap`` where numbers are missing."""
    page = asker.app.documents.page(
        ControlSequence, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/control-numbers/{number}", tags=["interchanges"])
def count(number: str, asker: Asker) -> Response:
    """Show one sender's count: what came last, and what never came."""
    return shown(asker.found(ControlSequence, number))


@router.post("/control-numbers/{number}/accept", tags=["interchanges"])
def accept(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Decide that the missing numbers will never come."""
    asker.found(ControlSequence, number)
    act = AcceptControlGap(sequence=number, reason=body.reason)
    return asker.answer(act, ControlSequence, about=Ref(ControlSequence.KIND, number))


@router.post("/interchanges/{number}/resend", tags=["interchanges"])
def resend(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Hand a file of ours over once more: the very bytes, under the same control number."""
    asker.found(Interchange, number)
    act = ResendInterchange(interchange=number, reason=body.reason)
    return asker.answer(act, Interchange, about=Ref(Interchange.KIND, number))
