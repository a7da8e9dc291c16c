"""Warehouses of other companies, and suppliers who want to know what we counted.

ShipNoticeReceived    -> SendPaper 943, where the site's goods are kept by a partner
GoodsReceived         -> SendPaper 861, to a supplier whose profile asks for it
WarehouseOrderPlaced  -> SendPaper 940
WarehouseShipped      -> OpenCase SHORT_RECEIPT, when the warehouse sent less than asked
"""

from collections.abc import Iterable

from manciple.cases.case import OpenCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.catalog.warehouse import warehouse_at
from manciple.exchange.papers import (
    SendPaper,
    receiving_advice,
    transfer_notice,
    warehouse_order,
)
from manciple.exchange.partner import Partner
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import Stage, ledgers_of, shipment_source
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import GoodsReceived, Receipt
from manciple.receiving.warehouse_order import (
    WarehouseOrder,
    WarehouseOrderPlaced,
    WarehouseShipped,
)
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work
from manciple.supplying.ship_notice import ShipNotice, ShipNoticeReceived


def announce(work: Work, event: ShipNoticeReceived) -> Iterable[object]:
    """Goods are on their way to a warehouse of another company: it is told which."""
    warehouse = warehouse_at(work, event.site)
    if warehouse is None or not event.lines:
        return
    notice = work.get(ShipNotice, event.ship_notice)
    order = work.get(PurchaseOrder, event.order)
    yield SendPaper(
        partner=warehouse,
        message="943",
        paper=transfer_notice(notice, order),
        about=ref(notice),
        thread=order.thread,
    )


def advise(work: Work, event: GoodsReceived) -> Iterable[object]:
    """A supplier that asks for it is told what we counted, and what is wrong with it."""
    partner = work.peek(Partner, event.supplier)
    if partner is None or not partner.receiving_advice:
        return
    receipt = work.get(Receipt, event.receipt)
    order = work.get(PurchaseOrder, event.order)
    yield SendPaper(
        partner=partner.id,
        message="861",
        paper=receiving_advice(receipt, order, missing=_missing(work, receipt)),
        about=ref(receipt),
        thread=order.thread,
    )


def _missing(work: Work, receipt: Receipt) -> dict[str, Quantity]:
    """Say, by line, what the receipt's shipment announced and the receipt did not bring."""
    if receipt.shipment is None:
        return {}
    counted = {line.line: line.counted for line in receipt.lines}
    found: dict[str, Quantity] = {}
    for line, ledger in ledgers_of(work, receipt.order).items():
        source = shipment_source(receipt.shipment, line)
        announced = Quantity.zero(ledger.unit)
        for posting in ledger.postings:
            if posting.stage is Stage.SHIPPED and posting.source == source:
                announced += posting.quantity
        gone = announced - counted.get(line, Quantity.zero(ledger.unit))
        if gone.value > 0:
            found[line] = gone
    return found


def ask_warehouse(work: Work, event: WarehouseOrderPlaced) -> Iterable[object]:
    """The warehouse is asked to send the goods out."""
    order = work.get(WarehouseOrder, event.order)
    threads = work.threads(order.id)
    yield SendPaper(
        partner=order.warehouse,
        message="940",
        paper=warehouse_order(order),
        about=ref(order),
        thread=threads[0] if threads else "",
    )


def sent_short(work: Work, event: WarehouseShipped) -> Iterable[object]:
    """The warehouse did not send all that it was asked for."""
    if not event.short:
        return
    threads = work.threads(event.order)
    text = f"{event.warehouse} sent less than asked: {'; '.join(event.short)}"
    yield OpenCase(
        code=Code.SHORT_RECEIPT,
        subject=Ref(WarehouseOrder.KIND, event.order),
        thread=threads[0] if threads else "",
        title=f"{event.order}: {text}",
        discrepancy=Discrepancy(code=Code.SHORT_RECEIPT, text=text),
        site=event.site,
    )


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table about warehouses of other companies."""
    return (
        Reacts(event=ShipNoticeReceived, react=announce),
        Reacts(event=GoodsReceived, react=advise),
        Reacts(event=WarehouseOrderPlaced, react=ask_warehouse),
        Reacts(event=WarehouseShipped, react=sent_short),
    )
