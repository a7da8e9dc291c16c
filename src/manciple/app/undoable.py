"""What a person can take back for some seconds, and what becomes of the rows that it added.

Acts whose effects leave the house. A page asks for ``undo_seconds``; a program does not, and what
it asks for leaves at once. An act that touches a kind or a row which is not listed here is done
like any other, and no undo is offered for it.
"""

from manciple.app.undo_table import UNDONE
from manciple.approvals.delegation import Delegation
from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.request import Approval, Approve, Assigned, Reject
from manciple.approvals.spending import WINDOW, Commitment
from manciple.cases.case import Case, ResolveCase
from manciple.governance.link import Link
from manciple.governance.notice import Notice, NoticeMail
from manciple.invoicing.duplicates import InvoiceNumber
from manciple.invoicing.holds import ReleaseHold
from manciple.invoicing.invoice import Invoice, RejectInvoice
from manciple.invoicing.part import ReleasePart
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import replace
from manciple.ordering.change.order_change import ChangeOrder, OrderChange
from manciple.ordering.line_ledger import Posting
from manciple.ordering.purchase_order import CancelRemainder, PurchaseOrder
from manciple.ordering.queries import ItemOrdered
from manciple.receiving.supplier_return import SupplierReturn
from manciple.requisitioning.emergency import EmergencySite
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.undoing import Undoing
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.chasing import Chase
from manciple.supplying.expedite import Expediting


def _against_posting(posting: Posting, undo: str) -> Posting:
    """Post the same with a minus, so that every sum is what it was."""
    return replace(
        posting,
        quantity=_minus(posting.quantity),
        stated=_minus(posting.stated),
        source=f"undo/{undo}",
        reason="taken back",
    )


def _minus(quantity: Quantity) -> Quantity:
    return Quantity(-quantity.value, quantity.unit)


def _against_commitment(row: Commitment, _undo: str) -> Commitment:
    return replace(row, amount=-row.amount)


UNDOING = Undoing(
    acts=frozenset(
        {
            Approve,
            CancelRemainder,
            ChangeOrder,
            ForwardApproval,
            Reject,
            RejectInvoice,
            ReleaseHold,
            ReleasePart,
            ResolveCase,
        }
    ),
    kinds={
        each.KIND: each
        for each in (
            Acknowledgment,
            Approval,
            Case,
            Chase,
            Delegation,
            EmergencySite,
            Expediting,
            Invoice,
            InvoiceNumber,
            Link,
            OrderChange,
            PurchaseOrder,
            Requisition,
            SupplierReturn,
        )
    },
    ledgers={Posting: _against_posting, Commitment: _against_commitment},
    indexes=frozenset({Assigned, ItemOrdered, Notice, NoticeMail}),
    counters=(WINDOW,),
    instead=UNDONE,
)
