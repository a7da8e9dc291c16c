"""Handlers of orders to a warehouse of another company: load, decide, save."""

from manciple.catalog.warehouse import warehouse_at
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.receiving import warehouse_order as wo
from manciple.receiving.warehouse_order import WarehouseOrder
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_ASKERS = frozenset({Role.WAREHOUSE_LEAD, Role.BUYER, Role.PLANNER, Role.SYSTEM})


def _order(work: Work, act: wo.OrderFromWarehouse) -> Ref:
    wo.check_order(act, work.at.date())
    warehouse = warehouse_at(work, act.site)
    if warehouse is None:
        raise refuse(
            "NO_WAREHOUSE",
            f"no partner keeps goods for {act.site}",
            field="site",
            fix=f"add {act.site} to the sites of the warehouse's partner profile",
        )
    order = WarehouseOrder(
        id=number("WO", work.key),
        site=act.site,
        warehouse=warehouse,
        purpose=act.purpose,
        to=act.to,
        about=act.about,
        wanted=act.wanted,
        lines=act.lines,
        placed_at=work.at,
    )
    event = wo.WarehouseOrderPlaced(
        order=order.id, warehouse=warehouse, site=act.site, purpose=act.purpose, to=act.to
    )
    work.save(order, event)
    for thread in work.threads(act.about):
        work.link(thread, ref(order), order.id)
    return ref(order)


def _shipped(work: Work, act: wo.RecordWarehouseShipment) -> Ref:
    known = work.find(WarehouseOrder, act.order)
    if known is None:
        raise refuse("UNKNOWN_ORDER", f"we never asked a warehouse for {act.order}", field="W0602")
    told = wo.shipped(known, act)
    if told != known:
        event = wo.WarehouseShipped(
            order=told.id,
            warehouse=told.warehouse,
            site=told.site,
            shipment=told.shipment,
            lines=told.sent,
            short=wo.short_of(told),
        )
        work.save(told, event)
    return ref(told)


def handles() -> tuple[Handles, ...]:
    """Give the acts about orders to a warehouse of another company."""
    return (
        Handles(act=wo.OrderFromWarehouse, handle=_order, by=_ASKERS),
        Handles(act=wo.RecordWarehouseShipment, handle=_shipped, by=frozenset({Role.SYSTEM})),
    )
