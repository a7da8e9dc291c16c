"""Changing orders over HTTP: what a change would do, the change itself, taking it back."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from manciple.app.order_changes import preview_change
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.ordering.change.order_change import (
    AddedLine,
    ChangeOrder,
    ChangeState,
    LineChange,
    OrderChange,
    WithdrawOrderChange,
)
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, json, paged, shown
from manciple.web.api.bodies import (
    Body,
    DecimalText,
    MoneyBody,
    Name,
    NoteBody,
    QuantityBody,
    Text,
)
from manciple.web.api.problems import api_router

router = api_router()


class PriceBody(Body):
    """An amount of one currency for so much of one unit."""

    amount: DecimalText
    currency: Currency
    per: QuantityBody

    def to_price(self) -> Price:
        """Make the kernel's price of it."""
        money = Money(Decimal(self.amount), self.currency)
        return Price(money, self.per.to_quantity())


class LineChangeBody(Body):
    """What is wanted of one line; what is left out stays. ``quantity`` is the whole, no step."""

    line: Name
    quantity: QuantityBody | None = None
    price: PriceBody | None = None
    needed_by: date | None = None
    cancel: bool = False


class AddedLineBody(Body):
    """Something more from the same supplier, at the agreement's price of the day."""

    item: Name
    quantity: QuantityBody
    needed_by: date


class ChangeBody(Body):
    """A change of an order: of lines, by added lines, or ``cancel``: all that has not come.

    ``added_cost`` is what the supplier charges for it, billed as ``added_cost_code``: the order
    plans that charge from then on. ``added_cost_by`` names the carrier or broker that bills it
    in the supplier's place.
    """

    reason: Text
    lines: Annotated[tuple[LineChangeBody, ...], Field(max_length=500)] = ()
    add: Annotated[tuple[AddedLineBody, ...], Field(max_length=500)] = ()
    cancel: bool = False
    added_cost: MoneyBody | None = None
    added_cost_code: Annotated[str, Field(min_length=1, max_length=40)] = "fee"
    added_cost_by: Name | None = None


def act_of(number: str, body: ChangeBody) -> ChangeOrder:
    """Make the act of what a caller sent."""
    return ChangeOrder(
        order=number,
        reason=body.reason,
        lines=tuple(
            LineChange(
                line=line.line,
                quantity=line.quantity.to_quantity() if line.quantity else None,
                price=line.price.to_price() if line.price else None,
                needed_by=line.needed_by,
                cancel=line.cancel,
            )
            for line in body.lines
        ),
        add=tuple(
            AddedLine(
                item=line.item, quantity=line.quantity.to_quantity(), needed_by=line.needed_by
            )
            for line in body.add
        ),
        cancel=body.cancel,
        added_cost=body.added_cost.to_money() if body.added_cost else None,
        added_cost_code=body.added_cost_code,
        added_cost_by=body.added_cost_by,
    )


@router.post("/purchase-orders/{number}/changes/preview", tags=["orders"])
def preview(number: str, body: ChangeBody, asker: Asker) -> Response:
    """Show what a change would make of the order, and who would have to agree; nothing is kept."""
    order = asker.found(PurchaseOrder, number).document
    return json(preview_change(asker.app, asker.actor, order, act_of(number, body)))


@router.post("/purchase-orders/{number}/changes", status_code=201, tags=["orders"])
def change(number: str, body: ChangeBody, asker: Asker) -> Response:
    """Change an order: at once inside policy's limits, else when people have agreed."""
    asker.found(PurchaseOrder, number)
    reply = asker.apply(act_of(number, body), about=Ref(PurchaseOrder.KIND, number))
    return asker.told(reply, OrderChange, 201)


@router.get("/order-changes", tags=["orders"])
def changes(
    asker: Asker,
    state: ChangeState | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List changes of orders, newest first."""
    page = asker.app.documents.page(
        OrderChange, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/order-changes/{number}", tags=["orders"])
def order_change(number: str, asker: Asker) -> Response:
    """Show a change: before and after line by line, every test, and what became of it."""
    return shown(asker.found(OrderChange, number))


@router.post("/order-changes/{number}/withdraw", tags=["orders"])
def withdraw(number: str, body: NoteBody, asker: Asker) -> Response:
    """Take a change back before people have decided on it."""
    del body
    asker.found(OrderChange, number)
    about = Ref(OrderChange.KIND, number)
    return asker.answer(WithdrawOrderChange(change=number), OrderChange, about=about)
