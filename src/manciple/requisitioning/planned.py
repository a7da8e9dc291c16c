"""Planned charges: what an order expects to be billed beside its goods, and by whom.

    freight 120.00 on ACME's order, billed by ACME          the goods' supplier bills it
    freight 250.00 on ACME's order, billed by SWIFT         a carrier does: a service line

A charge that was planned is held against the plan when it is billed, as a line is held against
its order line; one that nobody planned goes by the policy table ``charges``. Source: domain rule
D-09. Planned charges are part of what is committed and approved. Source: domain rule A-01.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from manciple.approvals.directory import Peek
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import Reason
from manciple.kernel.money import Currency, Money
from manciple.kernel.records import dataclass

MOST = 20
"""No requisition plans more charges; a longer list is goods."""
MOST_AMOUNT = Decimal(10) ** 9
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}\Z")
_WRITTEN = re.compile(
    r"(?P<code>[A-Za-z][A-Za-z0-9_]*) +(?P<amount>[0-9]{1,12}(\.[0-9]{1,6})?) +"
    r"(?P<currency>[A-Z]{3})( +on (?P<supplier>.+?))?( +by (?P<billed_by>.+))?\Z"
)
_NEVER = frozenset({"rounding", "tax", "allowance"})
"""What is no charge that can be planned: it belongs to the tax, or is given and not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCharge:
    """A charge that somebody plans.

    Attributes:
        code: what it is for, in our words: ``freight``, ``duty``, ``fee``.
        amount: above zero, untaxed.
        supplier: on whose order it is; None: on the only one that there will be.
        billed_by: the third party that bills it, a carrier or a customs broker; None: the
            supplier of the goods does.
    """

    code: str
    amount: Money
    supplier: str | None = None
    billed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCharge:
    """A charge as it stands on a requisition or an order, untaxed.

    Attributes:
        supplier: on whose order it is.
        billed_by: who bills it: the same, or a third party.
        revision: the revision of the order that planned it.
    """

    code: str
    amount: Money
    supplier: str
    billed_by: str
    revision: int = 1

    @property
    def is_third_party(self) -> bool:
        """Say whether somebody else than the supplier of the goods bills it."""
        return self.billed_by != self.supplier


def is_code(text: str) -> bool:
    """Say whether a word can name a planned charge: small letters, digits and underscores."""
    return bool(_CODE.match(text)) and text not in _NEVER


def is_amount(money: Money) -> bool:
    """Say whether so much can be planned: above zero, in whole minor units, not too much."""
    return 0 < money.amount <= MOST_AMOUNT and money.rounded() == money


def planned(asked: Iterable[RequestedCharge], suppliers: Sequence[str]) -> Iterator[PlannedCharge]:
    """Put charges, which have no fault, on the orders of their suppliers."""
    for each in asked:
        supplier = each.supplier or suppliers[0]
        yield PlannedCharge(
            code=each.code,
            amount=each.amount,
            supplier=supplier,
            billed_by=each.billed_by or supplier,
        )


def of_supplier(charges: Iterable[PlannedCharge], supplier: str) -> tuple[PlannedCharge, ...]:
    """Give the charges that belong on a supplier's order."""
    return tuple(each for each in charges if each.supplier == supplier)


def sum_of(charges: Iterable[PlannedCharge], currency: Currency) -> Money:
    """Add up what charges come to."""
    return sum((each.amount for each in charges), Money.zero(currency))


def parse(text: str) -> RequestedCharge | None:
    """Read ``freight 120.00 USD``, with ``on SUPPLIER`` and ``by CARRIER`` where they are said.

    None when it is not written so.
    """
    found = _WRITTEN.match(text.strip())
    if found is None or found["currency"] not in set(Currency):
        return None
    return RequestedCharge(
        code=found["code"].lower(),
        amount=Money(Decimal(found["amount"]), Currency(found["currency"])),
        supplier=found["supplier"],
        billed_by=found["billed_by"],
    )


def faults(
    asked: Sequence[RequestedCharge], suppliers: Sequence[str], *, currency: Currency, peek: Peek
) -> Iterator[Reason]:
    """Give what is wrong with planned charges; fields are ``planned.N.code``, N from 0.

    Args:
        asked: the charges.
        suppliers: of the lines, each once.
        currency: of the requisition.
        peek: finds who bills them.
    """
    if len(asked) > MOST:
        message = f"{len(asked)} planned charges are more than {MOST}"
        yield _fault("TOO_MANY_CHARGES", "planned", message, "plan their sum")
    seen: dict[tuple[str, str | None, str | None], int] = {}
    for at, each in enumerate(asked[:MOST]):
        yield from _faults(each, f"planned.{at}", suppliers, currency=currency, peek=peek)
        key = (each.code, each.supplier, each.billed_by)
        if key in seen:
            message = f"{each.code} is planned as charge {seen[key] + 1} already"
            yield _fault("CHARGE_TWICE", f"planned.{at}.code", message, "plan the sum of both")
        seen.setdefault(key, at)


def _faults(
    each: RequestedCharge, where: str, suppliers: Sequence[str], *, currency: Currency, peek: Peek
) -> Iterator[Reason]:
    if not is_code(each.code):
        message = f"{each.code[:40]!r} is no name of a charge"
        fix = "one word in small letters: freight, duty, fee"
        yield _fault("CHARGE_CODE", f"{where}.code", message, fix)
    amount = each.amount
    if amount.currency is not currency:
        message = f"a planned charge is in {currency.value}, not {amount.currency.value}"
        yield _fault("CURRENCY", f"{where}.amount", message, f"state it in {currency.value}")
    elif not is_amount(amount):
        said = f"{amount.amount:f} {amount.currency.value}"
        message = f"{said} cannot be planned: above zero, in whole minor units"
        yield _fault("CHARGES", f"{where}.amount", message, "state what is expected: 120.00")
    if each.supplier is None and len(suppliers) > 1:
        message = f"{each.code} could be on the order of {' or '.join(suppliers)}"
        fix = "name the supplier on whose order it is"
        yield _fault("CHARGE_SUPPLIER", f"{where}.supplier", message, fix)
    elif each.supplier is not None and suppliers and each.supplier not in suppliers:
        message = f"no line is ordered from {each.supplier}"
        fix = f"one of: {', '.join(suppliers)}"
        yield _fault("CHARGE_SUPPLIER", f"{where}.supplier", message, fix)
    if each.billed_by is not None and peek(Supplier, each.billed_by) is None:
        message = f"there is no supplier {each.billed_by!r}, who would bill {each.code}"
        fix = "register the carrier or broker as a supplier first"
        yield _fault("SUPPLIER_UNKNOWN", f"{where}.billed_by", message, fix)


def _fault(code: str, field: str, message: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=field, rule="D-09", fix=fix)
