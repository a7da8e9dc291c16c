"""Why things go wrong in the end: the closed list of root causes.

A root cause is said by whoever settles an exception; nobody guesses one. Until it is said it is
not known, which is not the same as UNKNOWN: looked for, and not found.
"""

from collections.abc import Mapping
from enum import StrEnum


class RootCause(StrEnum):
    """What lay at the bottom of an exception."""

    SUPPLIER_SHORT = "SUPPLIER_SHORT"
    SUPPLIER_OVER = "SUPPLIER_OVER"
    SUPPLIER_LATE = "SUPPLIER_LATE"
    SUPPLIER_SILENT = "SUPPLIER_SILENT"
    SUPPLIER_REFUSES = "SUPPLIER_REFUSES"
    SUPPLIER_SUBSTITUTES = "SUPPLIER_SUBSTITUTES"
    SUPPLIER_PRICE = "SUPPLIER_PRICE"
    SUPPLIER_BILLING = "SUPPLIER_BILLING"
    SUPPLIER_ERROR = "SUPPLIER_ERROR"
    CARRIER = "CARRIER"
    PARTNER_FORMAT = "PARTNER_FORMAT"
    PARTNER_CONNECTION = "PARTNER_CONNECTION"
    CROSSED_IN_TRANSIT = "CROSSED_IN_TRANSIT"
    OUR_MASTER_DATA = "OUR_MASTER_DATA"
    OUR_PACK_DATA = "OUR_PACK_DATA"
    OUR_MAP = "OUR_MAP"
    OUR_ORDER_LATE = "OUR_ORDER_LATE"
    OUR_WAREHOUSE = "OUR_WAREHOUSE"
    PRICE_LIST_LATE = "PRICE_LIST_LATE"
    RECEIPT_MISSING = "RECEIPT_MISSING"
    RECEIPT_NOT_POSTED = "RECEIPT_NOT_POSTED"
    BOOKED_BY_HAND = "BOOKED_BY_HAND"
    ORDER_OUTSIDE = "ORDER_OUTSIDE"
    DEMAND_CHANGED = "DEMAND_CHANGED"
    PERIOD_CLOSED = "PERIOD_CLOSED"
    ABSENCE = "ABSENCE"
    ERP_DOWN = "ERP_DOWN"
    SYSTEM_DOWN = "SYSTEM_DOWN"
    UNKNOWN = "UNKNOWN"


MEANINGS: Mapping[RootCause, str] = {
    RootCause.SUPPLIER_SHORT: "the supplier had less than it was asked for",
    RootCause.SUPPLIER_OVER: "the supplier sent more than it was asked for",
    RootCause.SUPPLIER_LATE: "the supplier did not keep, or could not offer, the day",
    RootCause.SUPPLIER_SILENT: "the supplier did not answer",
    RootCause.SUPPLIER_REFUSES: "the supplier does not want to deliver this, or to us",
    RootCause.SUPPLIER_SUBSTITUTES: "the supplier no longer has the item and sends another",
    RootCause.SUPPLIER_PRICE: "the supplier asks another price than was agreed",
    RootCause.SUPPLIER_BILLING: "the supplier billed twice, too early or the wrong order",
    RootCause.SUPPLIER_ERROR: "a slip of the supplier that it has taken back or mended",
    RootCause.CARRIER: "lost, damaged or delayed on the way",
    RootCause.PARTNER_FORMAT: "the partner's messages are not as agreed",
    RootCause.PARTNER_CONNECTION: "the way between the partner and us did not work",
    RootCause.CROSSED_IN_TRANSIT: "two messages crossed: neither side could have known",
    RootCause.OUR_MASTER_DATA: "our items, suppliers, prices, addresses or authorities were wrong",
    RootCause.OUR_PACK_DATA: "our packs or units were wrong",
    RootCause.OUR_MAP: "our map of the partner's messages was wrong",
    RootCause.OUR_ORDER_LATE: "we ordered too late for the lead time",
    RootCause.OUR_WAREHOUSE: "miscounted, misplaced or booked late in our warehouse",
    RootCause.PRICE_LIST_LATE: "an agreed price was not in our price list in time",
    RootCause.RECEIPT_MISSING: "the goods were here and not booked when the invoice came",
    RootCause.RECEIPT_NOT_POSTED: "a receipt did not get from the warehouse into the ERP",
    RootCause.BOOKED_BY_HAND: "somebody booked past the process",
    RootCause.ORDER_OUTSIDE: "the order was placed outside of the process",
    RootCause.DEMAND_CHANGED: "the need had changed before the answer came",
    RootCause.PERIOD_CLOSED: "a period in the books was closed",
    RootCause.ABSENCE: "whoever had to act was away, and nobody stood in",
    RootCause.ERP_DOWN: "the ERP could not be reached",
    RootCause.SYSTEM_DOWN: "another system could not be reached",
    RootCause.UNKNOWN: "looked for, and not found",
}
"""What each root cause means, for whoever chooses one."""
