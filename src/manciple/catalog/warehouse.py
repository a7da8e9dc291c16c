"""Which warehouse of another company keeps the goods of a site, if one does.

A site without such a warehouse has one of its own, and our warehouse system speaks for it.
"""

from typing import ClassVar

from manciple.kernel.records import dataclass
from manciple.runtime.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWarehouse:
    """The partner who keeps the goods of a site; kept with the partner's registration."""

    KIND: ClassVar[str] = "site-warehouse"

    id: str
    partner: str | None

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "known" if self.partner else "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWarehouseNamed:
    """A partner keeps the goods of a site, or no longer does."""

    site: str
    partner: str | None


def warehouse_at(work: Work, site: str) -> str | None:
    """Give the partner who keeps the goods of a site; None when its warehouse is our own."""
    known = work.peek(SiteWarehouse, site)
    return known.partner if known else None
