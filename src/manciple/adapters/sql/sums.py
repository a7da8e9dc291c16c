"""Sums of the facts by day and hour, kept with the facts, so that a figure reads days, not lines.

    span "day", "hour"    everybody's facts, from whose instant on
    span "cell"           those of one day, site, supplier and flow

Only what counts (``done``) is summed, of the headline of each metric. Beside the sums lie the
values themselves in ascending order (of durations the value, of ages the business time), so that a
percentile over any span is exact: sorted runs are merged, no fact is read. A period is whole days,
the whole hours around them, and the few facts of the two hours that it cuts:

    start |facts|hours...|days..............................|hours...|facts| until

Sums follow from the facts and can be made again from them, see `remake`; while they are not of
this version, figures are read from the facts.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Final, NamedTuple

from manciple.adapters.sql.engine import Row, Session
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.definition import Measure
from manciple.intelligence.metrics.fact import DAY, Fact, FactState
from manciple.intelligence.metrics.figure import HOUR
from manciple.kernel.records import dataclass
from manciple.runtime.work import StoreError

VERSION: Final = 2
"""Of what is summed and how: sums of another version are made anew."""
_KEPT: Final[Mapping[str, Measure]] = {each.id: each.measure for each in registry.DEFINITIONS}
_COUNTS = "n, total, part, whole, spread"
_KEY = "metric, span, start, site, supplier, flow, unit"


class SumsError(StoreError):
    """Sums that do not fit the facts; they can be made again from them, see `remake`."""


class Key(NamedTuple):
    """What one sum is of."""

    metric: str
    span: str
    start: int
    site: str
    supplier: str
    flow: str
    unit: str


@dataclass(slots=True)
class Sum:
    """What the facts of one key come to.

    Attributes:
        spread: the values of which there are percentiles, ascending; empty of other measures.
    """

    n: int = 0
    total: int = 0
    part: int = 0
    whole: int = 0
    spread: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(slots=True)
class _Change:
    n: int = 0
    total: int = 0
    part: int = 0
    whole: int = 0
    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)

    def add(self, fact: Fact, sign: int) -> None:
        self.n += sign
        self.total += sign * (fact.value or 0)
        self.part += sign * (fact.part or 0)
        self.whole += sign * (fact.whole or 0)
        value = ranked_value(_KEPT[fact.metric], fact.value, fact.business)
        if value is not None:
            (self.new if sign > 0 else self.gone).append(value)


def ranked_value(measure: Measure, value: int | None, business: int | None) -> int | None:
    """Give of which number of a fact there are percentiles; None where there are none."""
    if measure is Measure.DURATION:
        return value
    return business if measure is Measure.AGE else None


# ---- writing ----------------------------------------------------------------------------------


def keep(session: Session, book: Book) -> None:
    """Bring the sums up to what a batch changed; the facts are kept already.

    Raises:
        SumsError: they do not hold what the batch takes out. Nothing of them was changed.
    """
    if not is_made(session):
        remake(session)
        return
    changes: dict[Key, _Change] = {}
    for name, after in book.facts.items():
        if name[0] in _KEPT:
            _note(changes, book.was[name], -1)
            _note(changes, after[0] if after else None, 1)
    _write(session, changes)


def is_made(session: Session) -> bool:
    """Say whether the sums are there and of this version."""
    row = session.one("select version from metric_progress where name = 'sums'")
    return row is not None and row[0] == VERSION


def remake(session: Session) -> None:
    """Make all sums again from the facts."""
    session.write("delete from metric_sum")
    for metric in _KEPT:
        changes: dict[Key, _Change] = {}
        rows = session.rows(
            "select metric, key, state, opened_at, at, value, business, part, whole, unit, "
            "site, supplier, flow, reason from metric_fact where metric = ? and state = 'done'",
            (metric,),
        )
        for row in rows:
            _note(changes, Fact(*row), 1)
        _write(session, changes)
    session.write(
        "insert into metric_progress (name, version, seq, at) values ('sums', ?, 0, 0) "
        "on conflict (name) do update set version = excluded.version",
        (VERSION,),
    )


def _note(changes: dict[Key, _Change], fact: Fact | None, sign: int) -> None:
    if fact is None or fact.state != FactState.DONE or fact.at is None:
        return
    for key in _keys(fact, fact.at):
        change = changes.get(key)
        if change is None:
            change = changes[key] = _Change()
        change.add(fact, sign)


def _keys(fact: Fact, at: int) -> Iterator[Key]:
    day = at - at % DAY
    yield Key(fact.metric, "day", day, "", "", "", fact.unit)
    yield Key(fact.metric, "hour", at - at % HOUR, "", "", "", fact.unit)
    yield Key(fact.metric, "cell", day, fact.site, fact.supplier, fact.flow, fact.unit)


def _write(session: Session, changes: Mapping[Key, _Change]) -> None:
    gone: list[Key] = []
    kept: list[tuple[object, ...]] = []
    for key, change in changes.items():
        row = session.one(_ONE, key)
        was = _sum(row) if row else Sum()
        n = was.n + change.n
        spread = _changed(was.spread, change, key)
        if n < 0:
            raise SumsError(f"the sums of {key} hold fewer than are taken out: make them anew")
        if not n:
            gone.append(key)
            continue
        sums = (n, was.total + change.total, was.part + change.part, was.whole + change.whole)
        kept.append((*key, *sums, _bytes(spread)))
    with session.together():
        session.write_all(_DROP, gone)
        session.write_all(_KEEP, kept)


def _changed(spread: "array[int]", change: _Change, key: Key) -> "array[int]":
    """Take values out and put others in; the order stays."""
    if not change.gone and not change.new:
        return spread
    values = array("q", sorted([*spread, *change.new]))
    for value in change.gone:
        place = bisect_left(values, value)
        if place == len(values) or values[place] != value:
            raise SumsError(f"the sums of {key} do not hold {value}: make them anew")
        del values[place]
    return values


_ONE = (
    f"select {_COUNTS} from metric_sum where metric = ? and span = ? and start = ? "  # noqa: S608  our own words; values are bound
    "and site = ? and supplier = ? and flow = ? and unit = ?"
)
_DROP = (
    "delete from metric_sum where metric = ? and span = ? and start = ? "
    "and site = ? and supplier = ? and flow = ? and unit = ?"
)
_KEEP = (
    f"insert into metric_sum ({_KEY}, {_COUNTS}) values ({', '.join('?' * 12)}) "  # noqa: S608  our own words; values are bound
    f"on conflict ({_KEY}) do update set n = excluded.n, total = excluded.total, "
    "part = excluded.part, whole = excluded.whole, spread = excluded.spread"
)


# ---- reading ----------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A part of a period, and from what it is read: a span, or ``fact``."""

    source: str
    start: int
    until: int


def pieces(start: int, until: int, *, whole: bool) -> tuple[Piece, ...]:
    """Take a period apart; with ``whole`` hours are summed too, else days alone, by cell.

    >>> [each.source for each in pieces(HOUR // 2, 2 * DAY + HOUR, whole=True)]
    ['fact', 'hour', 'day', 'hour']
    """
    found: list[Piece] = []
    steps = (("day", DAY), ("hour", HOUR)) if whole else (("cell", DAY),)
    _apart(found, start, until, steps)
    return tuple(each for each in sorted(found, key=lambda each: each.start))


def _apart(found: list[Piece], start: int, until: int, steps: tuple[tuple[str, int], ...]) -> None:
    if start >= until:
        return
    if not steps:
        found.append(Piece("fact", start, until))
        return
    (source, size), *further = steps
    first, last = -(-start // size) * size, until // size * size
    if first >= last:
        _apart(found, start, until, tuple(further))
        return
    _apart(found, start, first, tuple(further))
    found.append(Piece(source, first, last))
    _apart(found, last, until, tuple(further))


def read(
    session: Session, metrics: Sequence[str], piece: Piece, where: str, values: Iterable[object]
) -> Iterator[tuple[Key, Sum]]:
    """Give the sums of a piece; ``where`` narrows it further, by columns of the key."""
    rows = session.rows(
        f"select {_KEY}, {_COUNTS} from metric_sum where {session.among('metric')} "  # noqa: S608  our own words; values are bound
        f"and span = ? and start >= ? and start < ?{where}",
        (session.keys(metrics), piece.source, piece.start, piece.until, *values),
    )
    for row in rows:
        yield Key(*row[:7]), _sum(row[7:])


def facts(
    session: Session, metrics: Sequence[str], piece: Piece, where: str, values: Iterable[object]
) -> Iterator[tuple[Key, Sum]]:
    """Give the facts of a piece, each as the sum of itself."""
    rows = session.rows(
        "select metric, at, site, supplier, flow, unit, value, business, part, whole "  # noqa: S608  our own words; values are bound
        f"from metric_fact where {session.among('metric')} and state = 'done' "
        f"and at >= ? and at < ?{where}",
        (session.keys(metrics), piece.start, piece.until, *values),
    )
    for metric, at, site, supplier, flow, unit, value, business, part, whole in rows:
        ranked = ranked_value(_KEPT[metric], value, business)
        spread = array("q", () if ranked is None else (ranked,))
        yield (
            Key(metric, piece.source, at, site, supplier, flow, unit),
            Sum(1, value or 0, part or 0, whole or 0, spread),
        )


def _sum(row: Row) -> Sum:
    n, total, part, whole, data = row
    spread = array("q")
    spread.frombytes(data)
    if sys.byteorder == "big":
        spread.byteswap()
    return Sum(int(n), int(total), int(part), int(whole), spread)


def _bytes(spread: "array[int]") -> bytes:
    if sys.byteorder == "big":
        spread = spread[:]
        spread.byteswap()
    return spread.tobytes()
