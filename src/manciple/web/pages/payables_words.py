"""What accounts payable calls things: causes, owners, and what would clear a hold."""

from collections.abc import Mapping
from typing import Final

from manciple.invoicing.holds import HoldCode
from manciple.invoicing.result import CheckName
from manciple.kernel.messages import Role
from manciple.web.language import said

CAUSES: Final[Mapping[HoldCode, str]] = {
    HoldCode.PRICE: said("Price"),
    HoldCode.PRICE_CUMULATIVE: said("Price, over all invoices"),
    HoldCode.QTY_RECEIVED: said("More than was received"),
    HoldCode.QTY_ORDERED: said("More than was ordered"),
    HoldCode.AMOUNT: said("Does not add up"),
    HoldCode.TAX: said("Tax"),
    HoldCode.CHARGE: said("Charge"),
    HoldCode.DUPLICATE: said("Duplicate"),
    HoldCode.NO_PO: said("No order line"),
    HoldCode.UOM: said("Unit"),
    HoldCode.FX_RATE: said("Currency"),
    HoldCode.CREDIT_EXCESS: said("Credit too large"),
}
"""Why an invoice waits, in two words."""

CLEARED_BY: Final[Mapping[HoldCode, tuple[str, ...]]] = {
    HoldCode.PRICE: (
        said("The order is changed to the price, from the day on which the goods left"),
        said("The supplier credits the difference and the buyer releases it with a reason"),
        said("The buyer accepts the price and releases it with a reason"),
    ),
    HoldCode.PRICE_CUMULATIVE: (
        said("A credit for the drift over all invoices of the order line"),
        said("The buyer accepts the drift and releases it with a reason"),
    ),
    HoldCode.QTY_RECEIVED: (
        said("The missing goods are received: the next receipt matches again by itself"),
        said("A credit note for what did not come: it matches again by itself"),
        said("The warehouse lead says that the goods are here, and releases it with a reason"),
    ),
    HoldCode.QTY_ORDERED: (
        said("The order is changed to the quantity"),
        said("A credit note for what was never ordered"),
        said("The buyer accepts the quantity and releases it with a reason"),
    ),
    HoldCode.AMOUNT: (
        said("The supplier sends a paper that adds up, and this one is sent back"),
        said("Accounts payable takes the stated figure and releases it with a reason"),
    ),
    HoldCode.TAX: (
        said(
            "The rate or the code that proves the treatment is registered, and it is matched again"
        ),
        said("Accounts payable accepts the tax and releases it with a reason"),
    ),
    HoldCode.CHARGE: (
        said("A row of the table of charges accepts or allocates it, and it is matched again"),
        said("The buyer accepts the charge and releases it with a reason"),
    ),
    HoldCode.DUPLICATE: (
        said("It is sent back as a duplicate"),
        said("The lead of accounts payable says that it is a paper of its own, with a reason"),
    ),
    HoldCode.NO_PO: (said("Somebody names the order line that it bills"), said("It is sent back")),
    HoldCode.UOM: (
        said("The item gets the pack that is billed, and the invoice is matched again"),
        said("It is sent back"),
    ),
    HoldCode.FX_RATE: (
        said(
            "Accounts payable checks the price in its own currency and releases it with a reason"
        ),
        said("The supplier bills in the currency of the order, and this paper is sent back"),
    ),
    HoldCode.CREDIT_EXCESS: (
        said("The invoice that it credits comes: it matches again by itself"),
        said("It is sent back"),
    ),
}
"""What would end a hold, the cure by facts before the signature."""

ROLES: Final[Mapping[str, str]] = {
    Role.AP_CLERK.value: said("AP clerk"),
    Role.AP_LEAD.value: said("AP lead"),
    Role.BUYER.value: said("Buyer"),
    Role.WAREHOUSE_LEAD.value: said("Warehouse lead"),
    Role.REQUESTER.value: said("Requester"),
    Role.PLANNER.value: said("Planner"),
    Role.QUALITY.value: said("Quality"),
    Role.INTEGRATION.value: said("Integration"),
    Role.PROCESS_OWNER.value: said("Process owner"),
    Role.STEWARD.value: said("Data steward"),
    Role.APPROVER.value: said("Approver"),
    Role.MAINTENANCE.value: said("Maintenance"),
    Role.ADMIN.value: said("Administrator"),
}
"""Whose turn it is."""

TESTS: Final[Mapping[CheckName, str]] = {
    CheckName.INVOICE_PRICE: said("Price per unit"),
    CheckName.INVOICE_LINE_AMOUNT: said("Price over the line"),
    CheckName.INVOICE_QUANTITY: said("Received and kept"),
    CheckName.ORDERED_QUANTITY: said("Ordered"),
    CheckName.CUMULATIVE_PRICE: said("Drift over all invoices"),
    CheckName.LINE_ARITHMETIC: said("Quantity x price"),
    CheckName.INVOICE_TOTAL: said("Goods in all"),
    CheckName.TAX: said("Tax in all"),
    CheckName.TAX_GROUP: said("Tax of one rate"),
    CheckName.TAX_CODE: said("Proof of the treatment"),
    CheckName.TOTAL_ARITHMETIC: said("Sum of the paper"),
    CheckName.CREDIT: said("Credited of invoiced"),
    CheckName.CHARGE: said("Charge"),
    CheckName.FREIGHT: said("Planned charge"),
}
"""What one test compares."""

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "received": (said("Received"), "moving"),
    "held": (said("On hold"), "trouble"),
    "payable": (said("Payable"), "done"),
    "posted": (said("Posted"), "done"),
    "rejected": (said("Sent back"), "waiting"),
}
"""How far an invoice is, in a word and a shape."""

assert set(CAUSES) == set(CLEARED_BY) == set(HoldCode)
assert set(TESTS) == set(CheckName)
