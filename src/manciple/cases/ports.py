"""What cases need from outside: the working hours of a site, and what resolutions can do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from manciple.cases.case import Case
from manciple.kernel.calendar import BusinessCalendar
from manciple.runtime.documents import Document
from manciple.runtime.work import Work

D = TypeVar("D", bound=Document)
R = TypeVar("R")

CalendarFor = Callable[[Work, str], BusinessCalendar]
"""Give the working calendar of a site, by the site's id."""


class Standing(Protocol):
    """How things stand: documents and records, read and never changed."""

    @property
    def at(self) -> datetime:
        """The instant at which they stand so."""
        ...

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Read a document, or None."""
        ...

    def records(self, kind: type[R], owner: str, /) -> tuple[R, ...]:
        """Give all rows of a type under ``owner``, in the order in which they were added."""
        ...


class Resolutions(Protocol):
    """What resolutions can do about the documents that cases are about."""

    def hindered(self, standing: Standing, case: Case) -> Mapping[str, str]:
        """Say which of the resolutions that policy allows can't be done now, and why."""
        ...

    def check(self, case: Case, resolution: str, terms: Mapping[str, str]) -> None:
        """See that a decision says what its resolution needs, and nothing else.

        Raises:
            Refused: UNKNOWN_TERM, MISSING_TERM.
        """
        ...


class Anything:
    """Resolutions that nothing hinders and that need no further words."""

    def hindered(self, standing: Standing, case: Case) -> Mapping[str, str]:
        """Hinder none."""
        del standing, case
        return {}

    def check(self, case: Case, resolution: str, terms: Mapping[str, str]) -> None:
        """Take any words."""
        del case, resolution, terms
