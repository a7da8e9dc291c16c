"""A value of any record type, for acts that are fired only to be refused at the door."""

import collections.abc
import dataclasses
import types
import typing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin

from manciple.catalog.terms import PaymentTerms
from manciple.exchange.partner import Address
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit

_PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    bool: False,
    bytes: b"x",
    Decimal: Decimal(1),
    date: date(2026, 3, 2),
    datetime: datetime(2026, 3, 2, tzinfo=UTC),
    time: time(8),
    timedelta: timedelta(hours=1),
    Any: None,
    object: None,
    types.NoneType: None,
    Money: Money(Decimal(1), Currency.USD),
    Quantity: Quantity(Decimal(1), Unit.EACH),
    Address: Address(qualifier="ZZ", interchange_id="XX", group_id="XX"),
    BusinessCalendar: BusinessCalendar(zone="UTC", hours=((time(8), time(17)),) * 7),
    PaymentTerms: PaymentTerms(text="net 30"),
    Price: Price(Money(Decimal(1), Currency.USD), Quantity(Decimal(1), Unit.EACH)),
}


def sample(kind: Any) -> Any:  # noqa: PLR0911  one line a kind
    """Give some value of a type; where a record checks its values, one that passes."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin = get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        return None if types.NoneType in get_args(kind) else sample(get_args(kind)[0])
    if origin is typing.Literal:
        return get_args(kind)[0]
    if origin is tuple:
        args = get_args(kind)
        return () if Ellipsis in args else tuple(sample(each) for each in args)
    if origin is collections.abc.Mapping:
        return {}
    if origin is not None:
        return sample(origin)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        values = {each.name: sample(hints[each.name]) for each in dataclasses.fields(kind)}
        return kind(**values)
    return kind()
