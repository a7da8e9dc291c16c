"""An order's file: every paper about one purchase order, as the order's page reads it.

    order + ledger | acknowledgments | ship notices | receipts | invoices
    messages in and out | changes | exceptions | what was hurried | who approved it

Papers of other orders on the same thread are left out.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from manciple.approvals.request import Approval
from manciple.cases.case import Case
from manciple.exchange.interchange import Interchange
from manciple.intelligence.tracing import TraceLine
from manciple.invoicing.invoice import Invoice
from manciple.kernel.records import dataclass
from manciple.ordering.change.order_change import OrderChange
from manciple.ordering.line_ledger import LineLedger, Stage
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.receiving.receipt import Receipt
from manciple.requisitioning.requisition import Requisition
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.chasing import Chase
from manciple.supplying.expedite import Expediting
from manciple.supplying.ship_notice import ShipNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """All papers about one order, each kind in the order in which its papers came.

    Attributes:
        ledgers: by line number.
        messages: partner files in and out that carried a paper of this order.
        approvals: of the need that it came from, then of its changes.
        need: the requisition that it came from; None when it is gone.
    """

    order: PurchaseOrder
    ledgers: Mapping[str, LineLedger]
    acknowledgments: tuple[Acknowledgment, ...] = ()
    notices: tuple[ShipNotice, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    messages: tuple[Interchange, ...] = ()
    changes: tuple[OrderChange, ...] = ()
    cases: tuple[Case, ...] = ()
    approvals: tuple[Approval, ...] = ()
    need: Requisition | None = None
    chase: Chase | None = None
    expediting: Expediting | None = None

    def open_cases(self, line: str | None = None) -> tuple[Case, ...]:
        """Give the exceptions that are open, of one line those that may concern it."""
        return tuple(
            case
            for case in self.cases
            if case.is_open and (line is None or case.discrepancy.line in {None, line})
        )

    def answers_to(self, revision: int) -> tuple[Acknowledgment, ...]:
        """Give the acknowledgments that answered a revision."""
        return tuple(each for each in self.acknowledgments if each.revision == revision)

    def message(self, source: str) -> Interchange | None:
        """Give the partner file that a paper came from, by the paper's ``source``."""
        name = source.removeprefix("interchange/")
        return next((each for each in self.messages if each.id == name), None)

    def flow(self, line: OrderLine) -> TraceLine:
        """Give a line's quantities from ordered to invoiced, for drawing.

        A stage that no document has stated is None: unknown is not zero.
        """
        ledger = self.ledgers[line.number]
        stated = {posting.stage for posting in ledger.postings}

        def of(stage: Stage) -> Decimal | None:
            return ledger.total(stage).value if stage in stated else None

        return TraceLine(
            line=line.number,
            item=line.item,
            description=line.description,
            unit=line.base_unit.value,
            ordered=ledger.total(Stage.ORDERED).value,
            cancelled=of(Stage.CANCELLED),
            acknowledged=of(Stage.ACKNOWLEDGED),
            shipped=of(Stage.SHIPPED),
            received=of(Stage.RECEIVED),
            accepted=of(Stage.ACCEPTED),
            returned=of(Stage.RETURNED),
            short_closed=of(Stage.SHORT_CLOSED),
            invoiced=of(Stage.INVOICED),
            credited=of(Stage.CREDITED),
            open=ledger.open_to_receive.value,
            received_not_invoiced=ledger.received_not_invoiced.value,
            price=str(line.price),
        )


class OrderFiles(Protocol):
    """Who gives an order's file: pages read through this."""

    def read(self, order: PurchaseOrder) -> OrderFile:
        """Give the file of an order that the asker may see."""
        ...
