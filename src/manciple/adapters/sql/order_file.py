"""An order's file in a constant number of statements: what lies on its thread, its ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa

from manciple.adapters.sql.engine import Session, reading
from manciple.adapters.sql.records import RecordTable
from manciple.approvals.request import Approval
from manciple.cases.case import Case
from manciple.exchange.interchange import Interchange
from manciple.intelligence.order_file import OrderFile
from manciple.invoicing.invoice import Invoice
from manciple.ordering.change.order_change import OrderChange
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import Receipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.codec import decode
from manciple.runtime.documents import Document, Ref, ref
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.chasing import Chase
from manciple.supplying.expedite import Expediting
from manciple.supplying.ship_notice import ShipNotice

D = TypeVar("D", bound=Document)
_POSTINGS = RecordTable.of("posting", Posting)
_KINDS = (
    Acknowledgment, Approval, Case, Chase, Expediting, Interchange, Invoice, OrderChange,
    Receipt, Requisition, ShipNotice,
)  # fmt: skip
_Papers = Mapping[str, Sequence[bytes]]


class SqlOrderFiles:
    """Reads orders' files."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def read(self, order: PurchaseOrder) -> OrderFile:
        """Give the file of an order that the asker may see."""
        with reading(self._engine) as session:
            papers = _papers(session, order)
            rows = session.rows(_POSTINGS.select, (order.id,))
        found = _Found(papers)
        changes = found.all(
            OrderChange, lambda e: e.asked_at, only=lambda each: each.order == order.id
        )
        subjects = {str(ref(each)) for each in changes} | {order.thread, str(ref(order))}
        return OrderFile(
            order=order,
            ledgers=ledgers(_POSTINGS.record(row) for row in rows),
            acknowledgments=found.all(
                Acknowledgment, lambda e: e.received_at, only=lambda each: each.order == order.id
            ),
            notices=found.all(
                ShipNotice, lambda e: e.received_at, only=lambda each: each.order == order.id
            ),
            receipts=found.all(
                Receipt, lambda e: e.recorded_at, only=lambda each: each.order == order.id
            ),
            invoices=found.all(
                Invoice, lambda e: e.registered_at, only=lambda each: order.id in each.orders
            ),
            messages=found.all(
                Interchange, lambda e: e.at, only=lambda each: _carries(each, order.id)
            ),
            changes=changes,
            cases=found.all(
                Case, lambda e: e.opened_at, only=lambda each: _concerns(each, order, found)
            ),
            approvals=found.all(
                Approval,
                lambda e: e.requested_at,
                only=lambda each: str(each.subject) in subjects,
            ),
            need=next(iter(found.all(Requisition, lambda e: e.submitted_at)), None),
            chase=next(iter(found.all(Chase, lambda e: e.id, only=_is(order))), None),
            expediting=next(iter(found.all(Expediting, lambda e: e.id, only=_is(order))), None),
        )


def _papers(session: Session, order: PurchaseOrder) -> _Papers:
    """Give the bodies of the documents on the order's thread, and of its own, by kind."""
    own = [str(Ref(kind, order.id)) for kind in (Chase.KIND, Expediting.KIND)]
    kinds = session.keys([kind.KIND for kind in _KINDS])
    rows = session.rows(
        "select kind, body from document where "  # noqa: S608  our own words; values are bound
        f"ref in (select ref from trace where thread = ? union all {session.words}) "
        f"and {session.among('kind')}",
        (order.thread, session.keys(own), kinds),
    )
    papers: dict[str, list[bytes]] = {}
    for kind, body in rows:
        papers.setdefault(kind, []).append(body)
    return papers


class _Found:
    """The papers, decoded by kind when they are asked for."""

    def __init__(self, papers: _Papers) -> None:
        self._papers = papers

    def all(
        self,
        kind: type[D],
        by: Callable[[D], object],
        *,
        only: Callable[[D], bool] = lambda _: True,
    ) -> tuple[D, ...]:
        """Give the papers of a kind in an order of their own; equals by their number."""
        decoded: Iterable[D] = (decode(body, kind) for body in self._papers.get(kind.KIND, ()))
        kept = [each for each in decoded if only(each)]
        return tuple(sorted(kept, key=lambda each: (by(each), each.id)))


def _carries(kept: Interchange, order: str) -> bool:
    return kept.order == order or any(order in note.orders for note in kept.messages)


def _is(order: PurchaseOrder) -> Callable[[Document], bool]:
    return lambda each: each.id == order.id


def _concerns(case: Case, order: PurchaseOrder, found: _Found) -> bool:
    """Say whether an exception is about the order, or about a paper of it alone."""
    subject = case.subject
    if subject.kind == PurchaseOrder.KIND:
        return subject.id == order.id
    if subject.kind == Invoice.KIND:
        invoices = found.all(Invoice, lambda e: e.id, only=lambda each: order.id in each.orders)
        return any(each.id == subject.id for each in invoices)
    if subject.kind == Interchange.KIND:
        files = found.all(Interchange, lambda e: e.id, only=lambda e: _carries(e, order.id))
        return any(each.id == subject.id for each in files)
    return subject == Ref.parse(order.thread)
