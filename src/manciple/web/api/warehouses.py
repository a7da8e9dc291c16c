"""Warehouses of other companies and suppliers' stock over HTTP."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from manciple.receiving.warehouse_order import (
    OrderFromWarehouse,
    WarehouseLine,
    WarehouseOrder,
    WarehouseOrderState,
    WarehousePurpose,
)
from manciple.runtime.queries import scope_of
from manciple.supplying.supplier_stock import SupplierStock
from manciple.web.api.asking import After, Asker, paged, shown
from manciple.web.api.bodies import Body, Name, QuantityBody
from manciple.web.api.problems import api_router

router = api_router()
Limit = Annotated[int, Query(ge=1, le=200)]


class WarehouseLineBody(Body):
    """One line that a warehouse is to send out."""

    item: Name
    quantity: QuantityBody


class WarehouseOrderBody(Body):
    """Goods that a warehouse of another company is to send out."""

    site: Name
    purpose: WarehousePurpose
    to: Name
    about: Name
    wanted: date
    lines: Annotated[tuple[WarehouseLineBody, ...], Field(min_length=1, max_length=500)]


@router.post("/warehouse-orders", status_code=201, tags=["warehouses"])
def order(body: WarehouseOrderBody, asker: Asker) -> Response:
    """Have a warehouse of another company send goods out: an X12 940."""
    lines = tuple(
        WarehouseLine(line=str(n), item=line.item, quantity=line.quantity.to_quantity())
        for n, line in enumerate(body.lines, 1)
    )
    act = OrderFromWarehouse(
        site=body.site,
        purpose=body.purpose,
        to=body.to,
        about=body.about,
        wanted=body.wanted,
        lines=lines,
    )
    return asker.answer(act, WarehouseOrder)


@router.get("/warehouse-orders", tags=["warehouses"])
def orders(
    asker: Asker, state: WarehouseOrderState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List orders to warehouses of other companies, newest first."""
    page = asker.app.documents.page(
        WarehouseOrder, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/warehouse-orders/{number}", tags=["warehouses"])
def one(number: str, asker: Asker) -> Response:
    """Show what a warehouse is to send out, and what it did."""
    return shown(asker.found(WarehouseOrder, number))


@router.get("/supplier-stock", tags=["suppliers"])
def stock(
    asker: Asker,
    state: Literal["available", "none", "unknown"] | None = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List what suppliers said they have, newest statement first; each with its instant."""
    page = asker.app.documents.page(
        SupplierStock, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/supplier-stock/{number:path}", tags=["suppliers"])
def stock_of(number: str, asker: Asker) -> Response:
    """Show what a supplier said it has of an item: ``SUPPLIER/buyer/ITEM``."""
    return shown(asker.found(SupplierStock, number))
