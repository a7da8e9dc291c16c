"""What receipts and invoices post in the reference ERP: debits positive, credits negative.

    receipt   INVENTORY  +price x quantity      GRNI  -price x quantity
    return    GRNI       +price x quantity      INVENTORY  -price x quantity (when shipped)
    invoice   GRNI       +price x quantity      AP    -total
              VARIANCE   +what is billed otherwise, FREIGHT, TAX

A credit note posts the same with the signs turned.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from manciple.adapters.reference.books import Writer
from manciple.adapters.reference.web import RefusalError

_CENT = Decimal("0.01")


class Account(StrEnum):
    """The accounts that purchasing touches."""

    INVENTORY = "INVENTORY"
    GRNI = "GRNI"
    AP = "AP"
    VARIANCE = "VARIANCE"
    CHARGES = "CHARGES"
    TAX = "TAX"


def value(price: str, per: str, quantity: Decimal) -> Decimal:
    """Value a quantity at an order line's price, to the cent."""
    return (Decimal(price) * quantity / Decimal(per)).quantize(_CENT, ROUND_HALF_UP)


def post(
    writer: Writer, document: str, currency: str, entries: Iterable[tuple[Account, Decimal]]
) -> None:
    """Write a document's entries; they must balance."""
    rows = [(document, account, f"{amount:f}", currency) for account, amount in entries if amount]
    if sum((Decimal(row[2]) for row in rows), Decimal(0)):
        raise RefusalError(422, "unbalanced", f"the entries of {document} do not balance")
    writer.many(
        "INSERT INTO ledger (document, account, amount, currency) VALUES (?, ?, ?, ?)", rows
    )


def refuse_closed(writer: Writer, day: str, where: str) -> None:
    """Refuse to post into a closed month."""
    if writer.one("SELECT 1 FROM closed_period WHERE month = ?", day[:7]) is not None:
        raise RefusalError(422, "period-closed", f"{where}: {day[:7]} is closed", where=where)
