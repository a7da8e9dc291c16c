"""What pages read about needs: whose they are, and how an order came of each."""

from typing import Protocol

from manciple.kernel.records import dataclass
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.queries import Page, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The person under whom this row lies stated a need."""

    requisition: str


class Needs(Protocol):
    """Reads the needs that somebody stated."""

    def raised_by(
        self, person: str, *, after: str | None = None, limit: int = 50
    ) -> Page[Stored[Requisition]]:
        """Give a person's requisitions, newest first."""
        ...
