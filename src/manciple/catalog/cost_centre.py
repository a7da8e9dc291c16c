"""A cost centre pays for what is not stocked; it names the accounts that may be booked on it."""

import re
from typing import ClassVar

from manciple.kernel.errors import Reason
from manciple.kernel.records import dataclass
from manciple.kernel.words import bad_name, bad_word

ACCOUNT = re.compile(r"[0-9]{3,10}\Z")
"""An account of the general ledger, as the ERP numbers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCentre:
    """Who pays for what is bought for use and not for stock.

    Attributes:
        site: the site that it belongs to; empty for the whole company.
        accounts: the accounts that may be booked on it; none means any account.
        closed: nothing new may be booked on it; what was ordered before goes on.
    """

    KIND: ClassVar[str] = "cost-centre"

    id: str
    name: str
    site: str = ""
    accounts: tuple[str, ...] = ()
    closed: bool = False

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "closed" if self.closed else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCostCentre:
    """Make a cost centre known, or replace what was known of it."""

    cost_centre: CostCentre


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCentreRegistered:
    """A cost centre can be booked on; or it was changed or closed."""

    cost_centre: str
    closed: bool
    is_new: bool


def faults(centre: CostCentre) -> tuple[Reason, ...]:
    """List everything that is wrong with a cost centre's record."""
    found = []
    if why := bad_name(centre.id):
        found.append(_fault("id", why, "give its number"))
    if why := bad_word(centre.name) or ("" if centre.name.strip() else "it is empty"):
        found.append(_fault("name", why, "give its name"))
    for place, account in enumerate(centre.accounts):
        if not ACCOUNT.match(account):
            message = f"{account!r} is not an account: 3 to 10 digits"
            found.append(_fault(f"accounts.{place}", message, "number it as the ERP does"))
    return tuple(found)


def _fault(field: str, message: str, fix: str) -> Reason:
    return Reason(code="BAD_COST_CENTRE", message=message, field=f"cost_centre.{field}", fix=fix)
