"""Revisions: what each change made of an order's lines, and which one holds for which goods.

    1   108 EA at 30.00                       delivered 2 March
    2    96 EA                                delivered 4 March, rejected by the supplier
    3   108 EA at 31.00                       delivered 9 March

    shipped 3 March -> 1      shipped 5 March -> 1 (2 was rejected)      shipped 10 March -> 3

Source: domain rule P-02 with its ruling in 4.7 B: the latest revision that was delivered before
the goods left and that the supplier did not reject; without a ship date the receipt's date counts.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """What a revision asks for on one line.

    Attributes:
        wanted: how much in all, in the item's base unit; nothing when it was given up.
        stated: the same as people and partners say it: ``9 CA``.
    """

    wanted: Quantity
    stated: Quantity
    price: Price
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRevision:
    """What a revision made of one line; a line without ``before`` was added."""

    line: str
    before: LineTerms | None
    after: LineTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of an order, from the second revision on.

    Attributes:
        lines: the lines that it touches, in the order's sequence; the others stay as they were.
        by: who changed it; of an approved change, who asked for it.
        change: the order change that was decided on; empty for a remainder that was cancelled.
        is_told: a paper of its own goes to the supplier. False: it only agrees to what the
            supplier had proposed, and has held since the supplier said so.
        delivered_at: when the supplier had it; None before.
        heard: how many postings of each line it touches were there when it was delivered: what
            they say moved before it.
        rejected: the lines on which the supplier said no to it.
    """

    number: int
    at: datetime
    by: str
    reason: str
    lines: tuple[LineRevision, ...]
    change: str = ""
    is_told: bool = True
    delivered_at: datetime | None = None
    rejected: tuple[str, ...] = ()
    heard: tuple[tuple[str, int], ...] = ()

    def heard_of(self, line: str) -> int:
        """Say how many postings of a line were there when the supplier got this revision."""
        return dict(self.heard).get(line, 0)

    def touches(self, line: str) -> bool:
        """Say whether it changed anything on a line."""
        return any(each.line == line for each in self.lines)


Revisions = tuple[Revision, ...]


def left_at(day: date, *, heard: datetime) -> datetime:
    """Give the latest instant at which goods of a ship day can have left.

    A day is stated without a time: its end (UTC) counts, but never later than the word of it.
    """
    end = datetime.combine(day, time(), UTC) + timedelta(days=1)
    return min(end, heard)


def in_force(revisions: Revisions, *, left: datetime) -> int:
    """Give the number of the latest revision that the supplier had before the goods left."""
    known = (r.number for r in revisions if r.delivered_at is not None and r.delivered_at < left)
    return max(known, default=1)


def terms_at(revisions: Revisions, line: str, number: int, *, now: LineTerms) -> LineTerms:
    """Give what a revision asks for on a line; where the supplier rejected it, what held before.

    ``now`` is what the newest revision asks for: the answer for a line that nobody ever changed,
    and for one that did not stand on the order yet.
    """
    touching = [
        (revision, each) for revision in revisions for each in revision.lines if each.line == line
    ]
    held = [
        each.after
        for revision, each in touching
        if revision.number <= number and line not in revision.rejected
    ]
    if held:
        return held[-1]
    first = touching[0][1].before if touching else now
    return first or now


def delivered(
    revisions: Revisions, number: int, *, at: datetime, heard: Mapping[str, int]
) -> Revisions:
    """Note that the supplier has a revision; what was noted before stays.

    ``heard`` is how many postings each line has by now.
    """
    return tuple(
        replace(each, delivered_at=at, heard=tuple(sorted(heard.items())))
        if each.number == number and each.delivered_at is None
        else each
        for each in revisions
    )


def rejected(revisions: Revisions, number: int, lines: Iterable[str]) -> Revisions:
    """Note the lines on which the supplier says no to a revision."""
    named = tuple(lines)
    return tuple(
        replace(each, rejected=tuple(dict.fromkeys((*each.rejected, *named))))
        if each.number == number
        else each
        for each in revisions
    )


def next_to_tell(revisions: Revisions, *, sent: int) -> Revision | None:
    """Give the first revision that the supplier must still be told; none before the order itself.

    They are told one after the other: a change of an order that has not arrived is no use.
    """
    if sent < 1:
        return None
    waiting = (each for each in revisions if each.is_told and each.number > sent)
    return next(waiting, None)
