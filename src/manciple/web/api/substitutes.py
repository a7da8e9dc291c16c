"""Agreeing over HTTP that another item may come on an order line."""

from fastapi import Response

from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.substituting import AgreeSubstitute
from manciple.runtime.documents import Ref
from manciple.web.api.asking import Asker
from manciple.web.api.bodies import Body, Name, Text
from manciple.web.api.order_changes import PriceBody
from manciple.web.api.problems import api_router

router = api_router()


class SubstituteBody(Body):
    """The item that may come instead, by our number; no price: what its agreement says."""

    line: Name
    item: Name
    price: PriceBody | None = None
    reason: Text


@router.post("/purchase-orders/{number}/substitutes", tags=["orders"])
def agree_substitute(number: str, body: SubstituteBody, asker: Asker) -> Response:
    """Agree that another item may come on an order line, at a price of its own."""
    asker.found(PurchaseOrder, number)
    act = AgreeSubstitute(
        order=number,
        line=body.line,
        item=body.item,
        price=None if body.price is None else body.price.to_price(),
        reason=body.reason,
    )
    return asker.answer(act, PurchaseOrder, about=Ref(PurchaseOrder.KIND, number))
