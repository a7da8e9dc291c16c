"""Which open rows of a worklist are meant: by site, supplier, due time; to list or to count them.

A tally counts no further than a bound, so that a tab over a long list costs what a short one does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_COUNTED: Final = 100
"""Rows that a tally counts at most: one that reaches it is shown as ``99+``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Conditions on the rows of a worklist; what is None or empty is no condition.

    Attributes:
        since, before: due at or after the one, and before the other; rows without a due time
            are within neither.
        sites: of these alone. It narrows what the reader may see and never widens it.
        priority: exactly this.
        words: each stands somewhere in the title, in small letters.
    """

    since: datetime | None = None
    before: datetime | None = None
    sites: tuple[str, ...] | None = None
    supplier: str = ""
    priority: int | None = None
    words: tuple[str, ...] = ()


ANY: Final = Narrow()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one tab counts.

    Attributes:
        list: the worklist, as ``approval``.
        owner, roles: what a person owns, and what waits unowned for one of the roles; None is
            everybody's.
    """

    list: str
    owner: str | None = None
    roles: tuple[str, ...] = ()
    narrow: Narrow = ANY
