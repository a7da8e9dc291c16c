"""Returns to suppliers over HTTP, and what was received and is not invoiced."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from manciple.receiving.receipt import Condition
from manciple.receiving.supplier_return import (
    AuthoriseReturn,
    PickReturn,
    RefuseReturn,
    RequestReturn,
    ReturnedLine,
    ReturnReason,
    ReturnState,
    Settlement,
    ShipReturn,
    SupplierReturn,
    WithdrawReturn,
    WriteOffReturn,
)
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, Asking, paged, shown
from manciple.web.api.bodies import PERCENT, Body, Name, Note, QuantityBody, ReasonBody
from manciple.web.api.problems import api_router

router = api_router()
Limit = Annotated[int, Query(ge=1, le=200)]


class ReturnedLineBody(Body):
    """So much of one order line is to go back; ``aside``: the dock put it aside as too much."""

    line: Name
    quantity: QuantityBody
    condition: Condition = Condition.GOOD
    receipt: Name | None = None
    aside: bool = False


class ReturnBody(Body):
    """Goods of an order that are to go back, why, and for what."""

    order: Name
    lines: Annotated[tuple[ReturnedLineBody, ...], Field(min_length=1, max_length=500)]
    reason: ReturnReason
    settlement: Settlement = Settlement.REFUND
    note: Note = ""


class AuthoriseBody(Body):
    """The supplier's number for a return, and the share that it keeps for restocking."""

    authorisation: Name
    restocking_percent: Annotated[str, Field(pattern=PERCENT, examples=["15"])] = "0"


class PickBody(Body):
    """The day on which the goods were taken from the shelf."""

    picked: date


class ShipBody(Body):
    """The day on which the goods left, and who carries them."""

    shipped: date
    carrier: Name | None = None


@router.post("/returns", status_code=201, tags=["returns"])
def request_return(body: ReturnBody, asker: Asker) -> Response:
    """Ask that goods of an order go back to their supplier."""
    act = RequestReturn(
        order=body.order,
        lines=tuple(
            ReturnedLine(
                line=line.line,
                quantity=line.quantity.to_quantity(),
                condition=line.condition,
                receipt=line.receipt,
                aside=line.aside,
            )
            for line in body.lines
        ),
        reason=body.reason,
        settlement=body.settlement,
        note=body.note,
    )
    return asker.answer(act, SupplierReturn)


@router.get("/goods-received-not-invoiced", tags=["invoices"])
def unbilled(asker: Asker, after: After = None, limit: Limit = 50) -> Response:
    """List what was received and nobody billed, by receipt, with its age and value.

    ``limit`` counts orders, oldest first; go on while there is an ``after``.
    """
    page = asker.app.unbilled.page(
        on=asker.app.clock.now().date(), scope=scope_of(asker.actor), after=after, limit=limit
    )
    return paged(page)


@router.get("/returns", tags=["returns"])
def returns(
    asker: Asker, state: ReturnState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List returns, newest first."""
    page = asker.app.documents.page(
        SupplierReturn, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/returns/{number}", tags=["returns"])
def one_return(number: str, asker: Asker) -> Response:
    """Show a return with its lines and what is credited of them."""
    return shown(asker.found(SupplierReturn, number))


def _step(asker: Asking, number: str, act: object) -> Response:
    asker.found(SupplierReturn, number)
    return asker.answer(act, SupplierReturn, about=Ref(SupplierReturn.KIND, number))


@router.post("/returns/{number}/authorise", tags=["returns"])
def authorise(number: str, body: AuthoriseBody, asker: Asker) -> Response:
    """Note that the supplier takes the goods back, under its number and for its fee."""
    act = AuthoriseReturn(
        rtv=number,
        authorisation=body.authorisation,
        restocking_percent=Decimal(body.restocking_percent),
    )
    return _step(asker, number, act)


@router.post("/returns/{number}/refuse", tags=["returns"])
def refuse_return(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Note that the supplier does not take the goods back."""
    return _step(asker, number, RefuseReturn(rtv=number, reason=body.reason))


@router.post("/returns/{number}/withdraw", tags=["returns"])
def withdraw(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Keep the goods after all."""
    return _step(asker, number, WithdrawReturn(rtv=number, reason=body.reason))


@router.post("/returns/{number}/pick", tags=["returns"])
def pick(number: str, body: PickBody, asker: Asker) -> Response:
    """Note that the goods were taken from the shelf: nobody else can have them any more."""
    return _step(asker, number, PickReturn(rtv=number, picked=body.picked))


@router.post("/returns/{number}/ship", tags=["returns"])
def ship(number: str, body: ShipBody, asker: Asker) -> Response:
    """Note that the goods left: they count as returned, and the credit's clock starts."""
    return _step(asker, number, ShipReturn(rtv=number, shipped=body.shipped, carrier=body.carrier))


@router.post("/returns/{number}/write-off", tags=["returns"])
def write_off(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Expect no more credit for what went back."""
    return _step(asker, number, WriteOffReturn(rtv=number, reason=body.reason))
