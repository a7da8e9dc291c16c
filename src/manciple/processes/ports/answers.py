"""What every port answers: done, accepted or rejected; pages; health; a stale version."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Generic, TypeVar

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.runtime.effects import OutcomeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What the other system answered to one write: done, accepted for later, or rejected.

    Attributes:
        reference: the other system's own number; None if it gave none.
        version: what a conditional write must quote; None if it has no versions.
        reason: why it said no, in its own words, cut to a readable length.
    """

    outcome: OutcomeKind
    reference: str | None = None
    version: str | None = None
    reason: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, in order, and where to go on; ``cursor`` is kept even on the last page."""

    rows: tuple[T, ...]
    cursor: str
    more: bool


def every(read: Callable[[str], Page[T]], cursor: str = "") -> Iterator[T]:
    """Read a list to its end, page by page.

    >>> tuple(every(lambda cursor: Page(rows=(1, 2), cursor="2", more=False)))
    (1, 2)
    """
    more = True
    while more:
        page = read(cursor)
        yield from page.rows
        cursor, more = page.cursor, page.more


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the other system can be reached and knows us, its version, and its clock's lead."""

    reachable: bool
    authorized: bool
    version: str
    clock_offset: timedelta
    detail: str = ""


class ConflictError(MancipleError):
    """Somebody else changed the document since it was read; it is never written over."""

    def __init__(self, reference: str, wanted: str, stands: str) -> None:
        """Name the document, the version that was quoted and the one that stands."""
        super().__init__(f"{reference} is at version {stands}, not {wanted}: read it again")
        self.reference, self.wanted, self.stands = reference, wanted, stands
