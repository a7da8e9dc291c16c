"""What an invoice that may be paid comes to: lines, charges and tax that add up to its total."""

from manciple.invoicing.invoice import ROUNDING, Charge, Invoice
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """What one invoice line bills on its order line, untaxed; zero of it on a credit of money."""

    order: str
    line: str
    quantity: Quantity
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """An invoice in figures that add up; positive on a credit note too.

    Attributes:
        charges: as stated, the lines that bill a service, and one with the code ``rounding`` where
            the total needs it.
    """

    lines: tuple[SettledLine, ...]
    charges: tuple[Charge, ...]
    tax: Money
    total: Money


def settlement(invoice: Invoice) -> Settlement:
    """Give an invoice's figures from its match; the stated total wins by a rounding charge.

    Meant for an invoice that is payable: every line is matched, and the paper adds up within what
    policy allows, or its owner released it.
    """
    matched = () if invoice.match is None else invoice.match.lines
    zero = Money.zero(invoice.currency)
    lines = tuple(
        SettledLine(
            order=line.order,
            line=line.order_line,
            quantity=line.billed,
            amount=line.amount if line.amount is not None else zero,
        )
        for line in matched
    )
    tax = invoice.tax if invoice.tax is not None else zero
    services = () if invoice.match is None else invoice.match.services
    stated = (
        *invoice.charges,
        *(
            Charge(code=x.code, description=f"{x.code} of {x.order}", amount=x.amount)
            for x in services
        ),
    )
    parts = (*(line.amount for line in lines), *(each.amount for each in stated), tax)
    reckoned = sum(parts, zero)
    total = invoice.total if invoice.total is not None else reckoned
    charges = stated
    if total != reckoned:
        difference = Charge(code=ROUNDING, description="Rounding", amount=total - reckoned)
        charges = (*charges, difference)
    return Settlement(lines=lines, charges=charges, tax=tax, total=total)
