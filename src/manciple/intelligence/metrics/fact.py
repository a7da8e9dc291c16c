"""Facts: what one thing contributes to one metric. They are rows, so all is words and numbers.

Instants and durations are microseconds (since 1970, in UTC), quantities and money millionths.

    done    counts in the period that holds ``at``; at an instant still to come it counts from then
    open    not finished: it is as old as the asker's clock says, and its value is not known
    out     left out, for ``reason``; counted, so that everybody sees how many
"""

from enum import StrEnum, auto
from typing import NamedTuple

DAY = 86_400_000_000
"""Microseconds of a day."""


class FactState(StrEnum):
    """Whether a fact counts."""

    DONE = auto()
    OPEN = auto()
    OUT = auto()


class Fact(NamedTuple):
    """One thing measured.

    Attributes:
        metric: the series: a metric's id, or a variant's ``metric/variant``.
        key: what was measured, ``PO-4T0C9M2K7QWE/1``.
        opened_at: when the clock started; None where there is none.
        at: the instant by which it falls into a period; None while open.
        value: a duration; 1 or 0 for a share; millionths of 1 for a rate.
        business: a duration in open hours of the place whose people had to act; an age in
            business days, each of 24 hours.
        part, whole: of a rate or of money: 94 of 108; None where that has no meaning.
        unit: of ``part`` and ``whole``: a unit of measure or a currency.
        reason: why it is out; else a word by which it can be told apart.
    """

    metric: str
    key: str
    state: str
    opened_at: int | None = None
    at: int | None = None
    value: int | None = None
    business: int | None = None
    part: int | None = None
    whole: int | None = None
    unit: str = ""
    site: str = ""
    supplier: str = ""
    flow: str = ""
    reason: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Give what tells it from every other fact."""
        return (self.metric, self.key)


class Restatement(NamedTuple):
    """A figure of a day that was over changed, and which event changed it.

    Attributes:
        sequence, event, at: the event that did it.
        day: the day (UTC, days since 1970) whose figure is another now.
        old, new: what the fact said of that day, None where it said nothing.
    """

    sequence: int
    event: str
    at: int
    metric: str
    key: str
    day: int
    old: int | None
    new: int | None
    site: str
    supplier: str
    flow: str


def said_of(fact: Fact | None, day: int) -> tuple[object, ...] | None:
    """Give what a fact contributes to a day; None if it contributes nothing."""
    if fact is None or fact.state != FactState.DONE or fact.at is None or fact.at // DAY != day:
        return None
    return (fact.value, fact.business, fact.part, fact.whole, fact.site, fact.supplier, fact.flow)


def restated(
    old: Fact | None, new: Fact | None, *, sequence: int, event: str, at: int
) -> tuple[Restatement, ...]:
    """Tell what a change of a fact does to days that are over when the event happens.

    A day is over when the event happened on a later one, by UTC. A fact that moves from one day
    that is over to another restates both.
    """
    known = new or old
    assert known is not None
    found = []
    days = sorted({each.at // DAY for each in (old, new) if each is not None and each.at})
    for day in days:
        before, after = said_of(old, day), said_of(new, day)
        if day >= at // DAY or before == after:
            continue
        found.append(
            Restatement(
                sequence=sequence,
                event=event,
                at=at,
                metric=known.metric,
                key=known.key,
                day=day,
                old=old.value if before is not None and old is not None else None,
                new=new.value if after is not None and new is not None else None,
                site=known.site,
                supplier=known.supplier,
                flow=known.flow,
            )
        )
    return tuple(found)
