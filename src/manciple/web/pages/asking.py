"""What a request form says, read field by field into one act; and its faults beside its fields.

stock         item  quantity  unit  needed_by
maintenance   the same, for an asset, by what its standstill means; or a part in words
emergency     the same, with what happened, and for which asset or customer order
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from manciple.catalog.item import Item
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.requisitioning.planned import RequestedCharge
from manciple.requisitioning.pricing import NON_STOCK_FLOW
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    Downtime,
    RequestedLine,
    SubmitRequisition,
)
from manciple.web.language import gettext, said
from manciple.web.pages.forms import Form, number_in

_COMMON: Final = (
    "site", "item", "quantity", "unit", "needed_by", "note", "charge", "amount", "billed_by",
)  # fmt: skip
CHARGES: Final = (("freight", said("freight")), ("duty", said("duty")), ("fee", said("fee")))
"""The charges that a form offers to plan."""
_CODED: Final = ("description", "price", "supplier", "cost_centre", "account")
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "stock": (*_COMMON, "supplier", "customer_waiting"),
    "maintenance": (*_COMMON, "asset", "downtime", *_CODED),
    "emergency": (*_COMMON, "cause", "asset", "customer_order", *_CODED),
}
"""The fields of each form."""
FIELDS: Final = frozenset({"kind", *(name for names in KINDS.values() for name in names)})
_USUAL: Final = (Unit.EACH, Unit.CASE, Unit.BOX, Unit.PACK, Unit.METRE, Unit.KILOGRAM, Unit.HOUR)


def act_of(form: Form, *, today: date) -> SubmitRequisition:
    """Make the act that a form asks for.

    Raises:
        Refused: with every field that cannot be read.
    """
    kind = form.text("kind")
    faults: list[Reason] = []
    unit = _unit(form.text("unit") or Unit.EACH.value, faults)
    amount = _number(form.text("quantity"), "quantity", gettext("How many?"), faults)
    day = _day(form.text("needed_by"), today if kind == "emergency" else None, faults)
    price = _price(form.text("price"), unit, faults) if kind != "stock" else None
    downtime = _downtime(form.text("downtime"), faults) if kind == "maintenance" else None
    planned = _planned(form, faults)
    if not form.text("item"):
        message = gettext("Which item? Its number, or the beginning of its name.")
        faults.append(_fault("ITEM_MISSING", message, "item"))
    if faults or amount is None or day is None or unit is None:
        raise Refused(*faults)
    in_words = price is not None or bool(form.text("cost_centre"))
    line = RequestedLine(
        item=form.text("item"),
        quantity=Quantity(amount, unit),
        needed_by=day,
        supplier=form.text("supplier") or None,
        cost_centre=form.text("cost_centre") or None if kind != "stock" else None,
        account=form.text("account") or None if kind != "stock" else None,
        description=form.text("description") or None if kind != "stock" else None,
        price=price,
    )
    flow = {"emergency": EMERGENCY_FLOW}.get(kind, NON_STOCK_FLOW if in_words else "direct")
    return SubmitRequisition(
        site=form.text("site"),
        flow=flow,
        lines=(line,),
        note=form.text("note") or None,
        customer_waiting=kind == "stock" and form.text("customer_waiting") == "yes",
        cause=form.text("cause") or None if kind == "emergency" else None,
        asset=form.text("asset") or None if kind != "stock" else None,
        customer_order=form.text("customer_order") or None if kind == "emergency" else None,
        downtime=downtime,
        planned=planned,
    )


def beside(
    reasons: Iterable[Reason], fields: Iterable[str]
) -> tuple[dict[str, tuple[Reason, ...]], tuple[Reason, ...]]:
    """Put each fault beside its field; what belongs to none of them stands above the form."""
    known = set(fields)
    errors: dict[str, tuple[Reason, ...]] = {}
    others: list[Reason] = []
    for reason in reasons:
        parts = reason.field.split(".")
        name = next((part for part in reversed(parts) if part in known), "")
        if parts[0] == "planned" and name not in {"amount", "billed_by"}:
            name = "charge"
        if name:
            errors[name] = (*errors.get(name, ()), reason)
        else:
            others.append(reason)
    return errors, tuple(others)


def units_of(item: Item | None, typed: str) -> tuple[Unit, ...]:
    """Give the units to choose from: the item's own where it is known."""
    own = (item.base_unit, *(pack.unit for pack in item.packs)) if item else _USUAL
    known = {each.value for each in Unit}
    more = (Unit(typed),) if typed in known and item is None else ()
    return tuple(dict.fromkeys((*own, *more)))


def _unit(text: str, faults: list[Reason]) -> Unit | None:
    try:
        return Unit(text)
    except ValueError:
        faults.append(_fault("UNIT", gettext("Choose one of the units."), "unit"))
        return None


def _number(text: str, name: str, wanted: str, faults: list[Reason]) -> Decimal | None:
    number = number_in(text)
    if number is None:
        message = wanted if not text else gettext("“%(text)s” is no number.") % {"text": text}
        faults.append(_fault("NUMBER", message, name))
        return None
    if not number:
        faults.append(_fault("NUMBER", gettext("It has to be above zero."), name))
        return None
    return number


def _day(text: str, default: date | None, faults: list[Reason]) -> date | None:
    if not text and default is not None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = gettext("By which day? Write 2026-07-20.")
        faults.append(_fault("DATE", message, "needed_by"))
        return None


def _planned(form: Form, faults: list[Reason]) -> tuple[RequestedCharge, ...]:
    """Read the charge that is planned beside the goods: an amount says that there is one."""
    text = form.text("amount")
    if not text:
        if form.text("billed_by"):
            message = gettext("How much will they bill? Write 120.00.")
            faults.append(_fault("CHARGES", message, "amount"))
        return ()
    example = gettext("“%(code)s” is no currency. Write 120.00 USD.")
    amount = _money(text, "amount", example, faults)
    if amount is None:
        return ()
    charge = RequestedCharge(
        code=form.text("charge") or CHARGES[0][0],
        amount=amount,
        billed_by=form.text("billed_by") or None,
    )
    return (charge,)


def _price(text: str, unit: Unit | None, faults: list[Reason]) -> Price | None:
    """Read a price for one of the unit: ``90.00`` or ``90.00 USD``."""
    if not text:
        return None
    example = gettext("“%(code)s” is no currency. Write 90.00 USD.")
    amount = _money(text, "price", example, faults)
    if amount is None or unit is None:
        return None
    return Price(amount, Quantity(Decimal(1), unit))


def _money(text: str, field: str, no_currency: str, faults: list[Reason]) -> Money | None:
    """Read ``120.00 USD``, dollars where no currency stands; what is wrong joins the faults."""
    stated, _, code = text.partition(" ")
    number = _number(stated, field, "", faults)
    try:
        currency = Currency(code.strip() or Currency.USD.value)
    except ValueError:
        faults.append(_fault("CURRENCY", no_currency % {"code": code}, field))
        return None
    return None if number is None else Money(number, currency)


def _downtime(text: str, faults: list[Reason]) -> Downtime | None:
    if text in set(Downtime):
        return Downtime(text)
    message = gettext("What does its lack do to the asset?")
    faults.append(_fault("DOWNTIME", message, "downtime"))
    return None


def _fault(code: str, message: str, name: str) -> Reason:
    return Reason(code=code, message=message, field=name)
