"""Goods received and not invoiced (GR/IR): what is here, kept, and billed by nobody yet, by age.

    received 40 on the 3rd and 60 on the 8th, 50 billed:   50 of the 8th wait for their bill

Invoices draw on the oldest receipts first, so what is left is as young as it can be; held invoices
count as billed, for their paper is here. Source: domain rules D-06 and D-18.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from manciple.invoicing.drawing import Billed, deliveries, draw
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import PurchaseOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbilled:
    """So much of one receipt of one order line that no invoice bills.

    Attributes:
        days: calendar days since the receipt, 0 on its day.
        item: what came; the item ordered where a receipt brought that and another one too.
        value: at the price of what came, rounded once; None when no book could hold it, or when
            the receipt brought more than one item and nobody can tell which of them is left.
    """

    order: str
    line: str
    item: str
    supplier: str
    site: str
    receipt: str
    received: date
    days: int
    quantity: Quantity
    value: Money | None


def unbilled(
    order: PurchaseOrder, ledgers: Mapping[str, LineLedger], *, on: date
) -> Iterator[Unbilled]:
    """Give what of an order waits for its bill on a day, line by line, oldest receipt first."""
    for line in order.lines:
        ledger = ledgers.get(line.number)
        if ledger is None:
            continue
        net = max(ledger.invoiced_net, Quantity.zero(line.base_unit))
        billed = Billed(invoice="", at=0, quantity=net.value)
        for left in draw(deliveries(ledger), (billed,)).left:
            quantity = Quantity(left.quantity, line.base_unit)
            bought = line.bought_as(ledger.came_as(left.receipt))
            is_mixed = bool(line.substitutes) and ledger.is_mixed(left.receipt)
            yield Unbilled(
                order=order.id,
                line=line.number,
                item=bought.item,
                supplier=order.supplier,
                site=order.site,
                receipt=left.receipt,
                received=left.day,
                days=(on - left.day).days,
                quantity=quantity,
                value=None if is_mixed else bought.estimate(quantity),
            )
