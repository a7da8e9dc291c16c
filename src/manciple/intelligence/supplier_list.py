"""Suppliers as a list: who they are, what is open with them, what is late."""

from datetime import datetime
from typing import Protocol

from manciple.catalog.supplier import Supplier
from manciple.kernel.records import dataclass
from manciple.runtime.queries import Page, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRow:
    """One supplier, with its open lines, those that are late, and its open exceptions."""

    supplier: Supplier
    lines: int
    late: int
    exceptions: int


class SupplierList(Protocol):
    """Who lists suppliers: pages read through this."""

    def page(
        self, *, text: str, scope: Scope, now: datetime, after: str | None, limit: int
    ) -> Page[SupplierRow]:
        """Give suppliers by number, those after the number ``after``.

        ``text`` stands in number or name; counts are of what the scope may see.
        """
        ...
