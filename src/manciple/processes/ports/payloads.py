"""Which record each verb carries."""

from collections.abc import Mapping
from types import MappingProxyType

from manciple.processes.ports.books import (
    ErpInvoice,
    ErpOrder,
    ErpOrderChange,
    ErpPromises,
    ErpReceipt,
    ErpReturn,
)
from manciple.processes.ports.finance import CashForecast, Commitment, ExpectedCredit, Payable
from manciple.processes.ports.transports import InboundFile, OutboundMessage
from manciple.processes.ports.warehouse import InboundNotice, InboundReschedule, OutboundReturn

PAYLOADS: Mapping[str, type] = MappingProxyType(
    {
        "erp.create_order": ErpOrder,
        "erp.change_order": ErpOrderChange,
        "erp.confirm_lines": ErpPromises,
        "erp.post_receipt": ErpReceipt,
        "erp.post_return": ErpReturn,
        "erp.post_invoice": ErpInvoice,
        "wms.expect": InboundNotice,
        "wms.reschedule": InboundReschedule,
        "wms.send_back": OutboundReturn,
        "finance.commit": Commitment,
        "finance.forecast": CashForecast,
        "finance.payable": Payable,
        "finance.expect_credit": ExpectedCredit,
        "edi.send": OutboundMessage,
        "inbound.read": InboundFile,
    }
)
"""The payload record of each verb."""
