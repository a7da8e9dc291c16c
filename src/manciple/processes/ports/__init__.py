"""What we ask of other systems: the payload of each effect, and the ports that carry it out.

    effect row --bytes--> endpoint --record--> ErpPort | WmsPort | FinancePort | TransportPort

A payload is canonical: our ids and numbers, quantities in the item's base unit, exact decimals.
An adapter turns it into the other system's words; nothing of that system comes further in.

Every port method that writes takes ``key``, our idempotency key, gives a ``Submitted``, and raises
``OSError`` when nobody can know whether it happened. Source: architecture decision D6, rule X-01.
"""

from manciple.processes.ports.answers import ConflictError, Health, Page, Submitted, every
from manciple.processes.ports.books import (
    CancelledLine,
    ErpInvoice,
    ErpInvoiceCharge,
    ErpInvoiceLine,
    ErpOrder,
    ErpOrderChange,
    ErpOrderLine,
    ErpPromises,
    ErpReceipt,
    ErpReceiptLine,
    LineTermsNow,
    PromisedLine,
    RaisedLine,
)
from manciple.processes.ports.erp import (
    Capabilities,
    ChangeWay,
    DocumentKind,
    ErpChange,
    ErpDocument,
    ErpLineTotals,
    ErpPort,
    ErpRef,
    Feed,
    InvoiceWay,
    ReceiptWay,
)
from manciple.processes.ports.finance import (
    CashForecast,
    CashLine,
    Commitment,
    FinancePort,
    FinanceTotals,
    ForecastWeek,
    Payable,
    PayableRow,
)
from manciple.processes.ports.masters import (
    ErpItem,
    ErpItemPack,
    ErpOffer,
    ErpSite,
    ErpStock,
    ErpSupplier,
)
from manciple.processes.ports.payloads import PAYLOADS
from manciple.processes.ports.transports import (
    Delivered,
    DeliveryRefusedError,
    InboundFile,
    OutboundMessage,
    TransportPort,
)
from manciple.processes.ports.warehouse import (
    Condition,
    InboundLine,
    InboundNotice,
    InboundReschedule,
    WarehouseReceipt,
    WarehouseReceiptLine,
    WarehouseTotals,
    WmsPort,
)

__all__ = [
    "PAYLOADS",
    "CancelledLine",
    "Capabilities",
    "CashForecast",
    "CashLine",
    "ChangeWay",
    "Commitment",
    "Condition",
    "ConflictError",
    "Delivered",
    "DeliveryRefusedError",
    "DocumentKind",
    "ErpChange",
    "ErpDocument",
    "ErpInvoice",
    "ErpInvoiceCharge",
    "ErpInvoiceLine",
    "ErpItem",
    "ErpItemPack",
    "ErpLineTotals",
    "ErpOffer",
    "ErpOrder",
    "ErpOrderChange",
    "ErpOrderLine",
    "ErpPort",
    "ErpPromises",
    "ErpReceipt",
    "ErpReceiptLine",
    "ErpRef",
    "ErpSite",
    "ErpStock",
    "ErpSupplier",
    "Feed",
    "FinancePort",
    "FinanceTotals",
    "ForecastWeek",
    "Health",
    "InboundFile",
    "InboundLine",
    "InboundNotice",
    "InboundReschedule",
    "InvoiceWay",
    "LineTermsNow",
    "OutboundMessage",
    "Page",
    "Payable",
    "PayableRow",
    "PromisedLine",
    "RaisedLine",
    "ReceiptWay",
    "Submitted",
    "TransportPort",
    "WarehouseReceipt",
    "WarehouseReceiptLine",
    "WarehouseTotals",
    "WmsPort",
    "every",
]
