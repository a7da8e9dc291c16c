"""Sites and suppliers with the calendars by which they work, read together for many of them.

`read_places(documents, sites=("ATL", "DFW"), suppliers=("BLUE",))` asks the database three times;
`calendar_of_site(places, "ATL")` asks it nothing any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from manciple.catalog.calendars import Calendar
from manciple.catalog.site import Site
from manciple.catalog.supplier import Supplier
from manciple.runtime.documents import Document
from manciple.runtime.queries import Documents

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Places:
    """Documents that were read together, asked for one by one."""

    documents: Mapping[type[object], Mapping[str, Any]]

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Give a site, a supplier or a calendar, or None."""
        found: D | None = self.documents[kind].get(name)
        return found


def read_places(documents: Documents, *, sites: Iterable[str], suppliers: Iterable[str]) -> Places:
    """Read sites, suppliers and the calendars of both, in three questions however many."""
    docks = documents.many(Site, sorted({*sites} - {""}))
    sellers = documents.many(Supplier, sorted({*suppliers} - {""}))
    names = {each.calendar for each in docks.values()}
    names |= {each.calendar for each in sellers.values()}
    calendars = documents.many(Calendar, sorted(names - {""}))
    return Places({Site: docks, Supplier: sellers, Calendar: calendars})
