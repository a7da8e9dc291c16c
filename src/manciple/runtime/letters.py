"""Effects as those who run the lines to other systems see them: waiting, failed, dead, by error.

    dead letters -> groups      the same error, counted once, whatever numbers stand in it
    an effect    -> attempts    what became of each, and when the next one is

Nothing here changes anything.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Protocol

from manciple.kernel.records import dataclass
from manciple.runtime.effects import EffectEntry
from manciple.runtime.queries import Page, Whole

HOURS: Final = 24
"""Hours of traffic that are looked back on."""
MOST_GROUPED: Final = 2000
"""Dead letters that are read to be grouped, the newest; the rest are counted."""


class Shown(StrEnum):
    """Which effects a list shows."""

    WAITING = "waiting"
    DEAD = "dead"
    REJECTED = "rejected"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An effect as a list shows it: without its payload.

    Attributes:
        next_at: when it is tried next; None when it is settled.
        error: what the other side, or the line, said last; empty when it said nothing bad.
    """

    key: str
    endpoint: str
    lane: str
    verb: str
    subject: str
    state: str
    attempts: int
    asked_at: datetime
    next_at: datetime | None
    settled_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one attempt.

    Attributes:
        said: ``done``, ``accepted``, ``rejected``, ``unknown``; ``untold`` when this program
            could not take in what was said.
        next_at: when it was to be tried next; None when this one settled it.
        place: where it stands among all attempts that were ever noted; a later one is greater.
    """

    number: int
    at: datetime
    said: str
    detail: Mapping[str, Any]
    next_at: datetime | None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What went over one endpoint in the last day, by hour, the newest last.

    Attributes:
        settled: effects that ended in each hour, whichever way.
        done: effects that were done in all of them.
        failed: attempts that got no answer, or a no.
    """

    settled: tuple[int, ...]
    done: int
    failed: int

    @property
    def share(self) -> int | None:
        """Give the failed attempts in percent of all that ended; None when none did."""
        ended = self.done + self.failed
        return None if not ended else (100 * self.failed + ended // 2) // ended


QUIET: Final = Traffic(settled=(0,) * HOURS, done=0, failed=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Dead letters with one error at one endpoint.

    Attributes:
        id: names the group for as long as the error reads the same.
        error: the newest letter's, in full.
        letters: newest first.
    """

    id: str
    endpoint: str
    verb: str
    error: str
    letters: tuple[Letter, ...]

    @property
    def newest(self) -> datetime | None:
        """When the last of them died."""
        return self.letters[0].settled_at

    @property
    def oldest(self) -> datetime | None:
        """When the first of them died."""
        return self.letters[-1].settled_at


class Letters(Protocol):
    """Who reads effects for people: pages and doors read through this."""

    def entry(self, key: str) -> EffectEntry | None:
        """Give one effect whole, with its payload; None when there is none of this key."""
        ...

    def attempts(self, key: str, *, newest: int, before: int | None = None) -> tuple[Attempt, ...]:
        """Give what became of the newest attempts of an effect, the first first.

        ``before``: of those alone whose place is below. One that was done at its first attempt has
        no row of its own: the effect says it.
        """
        ...

    def page(
        self, shown: Shown, *, endpoint: str | None = None, after: str | None = None, limit: int
    ) -> Page[Letter]:
        """Give effects: those that wait by when they are due, the others newest first."""
        ...

    def dead(self, *, endpoint: str | None = None, most: int = MOST_GROUPED) -> Whole[Letter]:
        """Give the newest dead letters, and how many more there are."""
        ...

    def traffic(self, now: datetime) -> Mapping[str, Traffic]:
        """Give the last day's traffic by endpoint; who had none is not there."""
        ...


_GIVEN_UP: Final = re.compile(r"^given up after \d+ attempts: ")
_NAMES: Final = re.compile(
    r"\b[0-9a-f]{12,}\b|\b[A-Z]{1,8}-[A-Z0-9][A-Z0-9:_.-]*|0x[0-9a-f]+|\d+(?:[.,:]\d+)*"
)


def likened(error: str) -> str:
    """Give an error without the numbers and names in it, so that alike ones are the same."""
    return _NAMES.sub("#", _GIVEN_UP.sub("", error)).strip()


def group_id(letter: Letter) -> str:
    """Name the group of a dead letter: its endpoint, its verb and its error."""
    text = f"{letter.endpoint}\0{letter.verb}\0{likened(letter.error)}"
    return sha256(text.encode()).hexdigest()[:16]


def grouped(letters: Iterable[Letter]) -> tuple[LetterGroup, ...]:
    """Put dead letters together by their error, the largest group first."""
    found: dict[str, list[Letter]] = {}
    for letter in letters:
        found.setdefault(group_id(letter), []).append(letter)
    groups = (
        LetterGroup(
            id=name,
            endpoint=rows[0].endpoint,
            verb=rows[0].verb,
            error=_GIVEN_UP.sub("", rows[0].error),
            letters=tuple(rows),
        )
        for name, rows in found.items()
    )
    return tuple(sorted(groups, key=lambda each: (-len(each.letters), each.endpoint, each.id)))


def error_in(result: Mapping[str, Any] | None) -> str:
    """Give what went wrong, as an outcome's detail tells it."""
    return str((result or {}).get("reason") or "")
