"""Which kinds of document each code of exception is about."""

from collections.abc import Mapping

from manciple.approvals.request import Approval
from manciple.cases.discrepancy import Code
from manciple.exchange.control_numbers import ControlSequence
from manciple.exchange.interchange import Interchange, Quarantined
from manciple.invoicing.invoice import Invoice
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes.exceptions.remedy import Remedies, Remedy
from manciple.receiving.receipt import Receipt
from manciple.receiving.supplier_return import SupplierReturn

_ORDER = (PurchaseOrder.KIND,)
ENDPOINT = "endpoint"
"""What is referred to when a connection is meant: it has a name, and no document."""
_SPECIAL: Mapping[Code, tuple[str, ...]] = {
    Code.INVOICE_MISMATCH: (Invoice.KIND,),
    Code.DUPLICATE: (Invoice.KIND,),
    Code.UNREADABLE: (Quarantined.KIND, PurchaseOrder.KIND),
    Code.UNKNOWN_ORDER: (Quarantined.KIND, PurchaseOrder.KIND),
    Code.UNIT_CONFLICT: (Quarantined.KIND, PurchaseOrder.KIND),
    Code.ERP_REJECTED: (
        PurchaseOrder.KIND,
        Receipt.KIND,
        Invoice.KIND,
        SupplierReturn.KIND,
    ),
    Code.CREDIT_OVERDUE: (SupplierReturn.KIND,),
    Code.CONTROL_GAP: (ControlSequence.KIND,),
    Code.ENDPOINT_DOWN: (ENDPOINT,),
    Code.APPROVER_GAP: (Approval.KIND,),
    Code.DELIVERY_FAILED: (
        Interchange.KIND,
        PurchaseOrder.KIND,
        Receipt.KIND,
        Invoice.KIND,
        SupplierReturn.KIND,
    ),
}


def subjects(code: Code) -> tuple[str, ...]:
    """Give the kinds of document that exceptions of a code are about; mostly an order."""
    return _SPECIAL.get(code, _ORDER)


def remedies_for(code: Code, resolution: str, ways: Remedies) -> tuple[Remedy, ...]:
    """Give what a resolution does about the documents that a code is about."""
    found = (ways.find(resolution, kind) for kind in subjects(code))
    return tuple(dict.fromkeys(remedy for remedy in found if remedy is not None))
