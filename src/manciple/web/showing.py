"""How a value stands on a page: a unit by the trade's short name, never by its code.

    12 XCS -> 12 CA      132.00 USD per XCS -> 132.00 USD per CA

Source: X12 004010, data element 355: ``CA`` is a case, where UN/ECE Rec 21 writes ``XCS``.
"""

from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit, to_x12


def shown(value: object) -> object:
    """Give what a page writes for a value; all but units, quantities and prices as they are."""
    if isinstance(value, Unit):
        return to_x12(value)
    if isinstance(value, Quantity):
        return f"{value.value.normalize():f} {to_x12(value.unit)}"
    if isinstance(value, Price):
        per = f"{value.per.value.normalize():f} " if value.per.value != 1 else ""
        money = f"{value.money.amount:f} {value.money.currency.value}"
        return f"{money} per {per}{to_x12(value.per.unit)}"
    return value
