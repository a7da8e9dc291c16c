"""What a supplier's page reads: over the trace index and the index of suppliers."""

import sqlalchemy as sa

from manciple.adapters.sql.engine import reading
from manciple.exchange.queries import OpenOrder, OrderPapers
from manciple.invoicing.invoice import Invoice
from manciple.ordering.purchase_order import ENDED, PurchaseOrder
from manciple.runtime.bus import Answer
from manciple.runtime.codec import decode
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.ship_notice import ShipNotice

_MOST = 200
_PAPERS = (
    "select distinct d.kind, d.body, d.made, d.id from trace t join document d on d.ref = t.ref "
    "where t.thread = ? and d.supplier = ? and d.kind in ('acknowledgment', 'ship-notice', "
    "'invoice') order by d.made, d.id limit ?"
)
_OPEN = (
    "select body from document where kind = 'purchase-order' and supplier = ? and id <> ? "
    "and state not in ('closed', 'cancelled', 'placed', 'refused') "
    "order by made desc, id desc limit ?"
)


class SqlSupplierPapers:
    """Reads papers for a supplier; the supplier is part of every question."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def of_order(self, order: str, *, thread: str, supplier: str) -> OrderPapers:
        """Give the answers, ship notices and invoices of an order."""
        found: dict[str, list[bytes]] = {}
        with reading(self._engine) as session:
            for kind, body, _, _ in session.rows(_PAPERS, (thread, supplier, _MOST)):
                found.setdefault(kind, []).append(body)
        answers = (decode(body, Acknowledgment) for body in found.get("acknowledgment", ()))
        notices = (decode(body, ShipNotice) for body in found.get("ship-notice", ()))
        invoices = (decode(body, Invoice) for body in found.get("invoice", ()))
        return OrderPapers(
            answers=tuple(each for each in answers if each.order == order),
            shipments=tuple(each for each in notices if each.order == order),
            invoices=tuple(each for each in invoices if order in each.orders),
        )

    def was_done(self, key: str) -> bool:
        """Say whether the command of that key was applied, and not refused."""
        with reading(self._engine) as session:
            row = session.one("select reply from command where key = ?", (key,))
        return row is not None and not decode(row[0], Answer).refusals

    def open_orders(self, supplier: str, *, but: str, limit: int) -> tuple[OpenOrder, ...]:
        """Give a supplier's orders that are not closed, the newest first."""
        with reading(self._engine) as session:
            rows = session.rows(_OPEN, (supplier, but, min(limit, _MOST)))
        orders = (decode(row[0], PurchaseOrder) for row in rows)
        return tuple(_open(each) for each in orders if each.state not in ENDED)


def _open(order: PurchaseOrder) -> OpenOrder:
    live = [line for line in order.lines if not line.is_given_up]
    return OpenOrder(
        order=order.id,
        revision=order.revision,
        state=order.state.value,
        lines=len(live),
        unanswered=sum(not line.is_answered for line in live),
        needed_by=min((line.needed_by for line in live), default=order.ordered_on),
    )
