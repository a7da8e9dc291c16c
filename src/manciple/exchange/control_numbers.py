"""Control numbers of a partner's files: which came, which are missing, which came before.

    first .......... last          every number between them came, but for what is `missing`
    12 13 14 __ 16 17              15 is missing since 16 came; it is told when its window is over

A number names a file (ISA13) or a group (GS06); which of them a partner counts without a gap is
partner data, because some skip numbers by habit. What is missing may only be late: nothing is
told before the window has passed, and what arrives after all heals the gap.

Source: X12.5, interchange control structures: ISA13 and GS06 identify a file or group of their
sender; nine digits, so that 999999999 is followed by 1.
"""

from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.records import dataclass, replace

LAST = 999_999_999
"""The highest control number; the next one is 1. Source: X12 004010, elements I12 and 28."""
LONGEST_GAP = 1_000
"""A longer jump is a new count, not so many lost files: one event says so, no case is opened."""
MOST_RANGES = 50
"""So many missing ranges are remembered of a sender; the oldest is forgotten first, and told."""


class Counted(StrEnum):
    """Which numbers a partner counts without a gap."""

    FILES = auto()
    """ISA13, over all files of one sender's address."""
    GROUPS = auto()
    """GS06, for each sender's code and kind of group by itself."""
    NOTHING = auto()
    """Numbers are skipped by habit: a missing one means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNote:
    """A control number that stood in a file, and whose count it belongs to.

    Attributes:
        scope: ``ISA ZZ:QUAYSIDE`` or ``GS QUAYSIDE PR``: the sender, and the kind of group.
    """

    scope: str
    number: int
    element: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Numbers that did not come, both ends included.

    Attributes:
        due: when it is told that they are missing, unless they come before.
    """

    first: int
    last: int
    since: datetime
    due: datetime
    is_told: bool = False

    def __str__(self) -> str:
        """Write the range as people read it."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


class Arrival(StrEnum):
    """What a number that came means for its count."""

    BEGUN = auto()
    NEXT = auto()
    SKIPPED = auto()
    HEALED = auto()
    REPEATED = auto()
    EARLIER = auto()
    RESTARTED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSequence:
    """The count of one sender: what came last, and what never came.

    Attributes:
        missing: ascending by number; ranges do not touch.
    """

    KIND: ClassVar[str] = "control-sequence"

    id: str
    partner: str
    scope: str
    first: int
    last: int
    missing: tuple[Missing, ...] = ()

    @property
    def state(self) -> str:
        """The one word that lists show: ``whole``, ``waiting`` for numbers, or a ``gap``."""
        if any(each.is_told for each in self.missing):
            return "gap"
        return "waiting" if self.missing else "whole"

    @property
    def supplier(self) -> str:
        """The supplier whose count this is, for rights."""
        return self.partner

    @property
    def told(self) -> tuple[Missing, ...]:
        """The missing numbers that somebody was told of."""
        return tuple(each for each in self.missing if each.is_told)


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteControlGap:
    """The window for missing numbers is over: tell, unless they came."""

    sequence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptControlGap:
    """Decide that missing numbers will never come: the partner said so, or never sent them."""

    sequence: str
    reason: str


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNumberCounted:
    """A partner's control number came and was counted."""

    sequence: str
    partner: str
    scope: str
    number: int
    arrival: Arrival
    interchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlGapFound:
    """Control numbers of a partner are missing, and their window is over."""

    sequence: str
    partner: str
    scope: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlGapHealed:
    """Nothing that was told missing is missing any more."""

    sequence: str
    partner: str
    how: str


# ---- rules ------------------------------------------------------------------------------------


def sequence_id(partner: str, scope: str) -> str:
    """Name the count of one sender of a partner."""
    return number("CN", partner, scope)


def begun(partner: str, note: ControlNote) -> ControlSequence:
    """Begin a count with the first number that came; what was before it is not known."""
    return ControlSequence(
        id=sequence_id(partner, note.scope),
        partner=partner,
        scope=note.scope,
        first=note.number,
        last=note.number,
    )


def arrived(
    sequence: ControlSequence, came: int, *, at: datetime, window: timedelta
) -> tuple[ControlSequence, Arrival]:
    """Count a number that came; numbers between the last one and it begin to be missed."""
    if came > sequence.last:
        return _above(sequence, came, at=at, window=window)
    if any(each.first <= came <= each.last for each in sequence.missing):
        return _healed(sequence, came), Arrival.HEALED
    if came < sequence.first or _wraps(sequence, came):
        if _wraps(sequence, came) or sequence.first - came > LONGEST_GAP:
            return replace(sequence, first=came, last=came), Arrival.RESTARTED
        return sequence, Arrival.EARLIER
    return sequence, Arrival.REPEATED


def _wraps(sequence: ControlSequence, came: int) -> bool:
    """Say whether a small number follows the highest there is."""
    return came <= LONGEST_GAP and sequence.last > LAST - LONGEST_GAP


def _above(
    sequence: ControlSequence, came: int, *, at: datetime, window: timedelta
) -> tuple[ControlSequence, Arrival]:
    skipped = came - sequence.last - 1
    if not skipped:
        return replace(sequence, last=came), Arrival.NEXT
    if skipped > LONGEST_GAP:
        return replace(sequence, first=came, last=came), Arrival.RESTARTED
    gap = Missing(first=sequence.last + 1, last=came - 1, since=at, due=at + window)
    missing = (*sequence.missing, gap)[-MOST_RANGES:]
    return replace(sequence, last=came, missing=missing), Arrival.SKIPPED


def _healed(sequence: ControlSequence, came: int) -> ControlSequence:
    parts: list[Missing] = []
    for each in sequence.missing:
        if not each.first <= came <= each.last:
            parts.append(each)
            continue
        if each.first < came:
            parts.append(replace(each, last=came - 1))
        if came < each.last:
            parts.append(replace(each, first=came + 1))
    return replace(sequence, missing=tuple(parts))


def told_by(sequence: ControlSequence, at: datetime) -> ControlSequence:
    """Note as told what has been missing for its whole window; due exactly now is over."""
    missing = tuple(
        replace(each, is_told=True) if each.due <= at else each for each in sequence.missing
    )
    return replace(sequence, missing=missing)


def next_due(sequence: ControlSequence) -> datetime | None:
    """Say when somebody is told next; None when nothing waits to be told."""
    return min((each.due for each in sequence.missing if not each.is_told), default=None)


def accepted(sequence: ControlSequence) -> ControlSequence:
    """Wait no longer for what was told missing.

    Raises:
        Refused: NO_GAP, nothing was told missing.
    """
    if not sequence.told:
        raise refuse(
            "NO_GAP",
            f"nothing is missing in the count {sequence.scope} of {sequence.partner}",
            field="number",
        )
    return replace(sequence, missing=tuple(m for m in sequence.missing if not m.is_told))
