"""The follower: brings the facts of the metrics up to the newest sealed event, batch by batch.

    while follower.follow(now): ...      one batch each; 0 when done, or when another does it

    lease (a commit) -> read sealed events, let the rules change the book -> keep (a commit)

Nothing is locked while the rules work, so that nobody who writes waits for them. The last commit
keeps the lives, the facts, what was restated and how far it came, unless somebody else, after the
lease had run out, came further meanwhile. So a process that dies has followed the batch or not,
and the next goes on from there. What was made by rules of another version is thrown away and made
again from event 1.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from manciple.adapters.sql import sums
from manciple.adapters.sql.engine import Row, Session, look_at, reading, transaction
from manciple.intelligence.metrics.book import KINDS as LIVES
from manciple.intelligence.metrics.book import Book, Life
from manciple.intelligence.metrics.fact import Fact, Restatement
from manciple.intelligence.metrics.following import KINDS, VERSION, follow, keys_of
from manciple.intelligence.metrics.told import Told
from manciple.runtime import history
from manciple.runtime.codec import decode, encode
from manciple.runtime.rows import micros
from manciple.runtime.undoing import Undo

MOST = 1000
"""Events of one batch."""
LEASE = timedelta(seconds=10)
_log = logging.getLogger(__name__)
_OFFERS = f"{Undo.KIND}/"
REMEMBERED = 20_000
"""Lives that stay in memory between batches, the oldest let go first."""
_TABLES = ("metric_life", "metric_fact", "metric_restatement", "metric_sum", "metric_progress")


class Follower:
    """Follows the sealed history; of all that run, the one that holds the lease does."""

    def __init__(self, engine: sa.Engine, *, holder: str = "", most: int = MOST) -> None:
        """Follow the history of a database under a holder's name."""
        self._engine, self._most = engine, most
        self._holder = holder or uuid.uuid4().hex
        self._reached = -1
        self._lives: dict[str, Life | None] = {}

    def follow(self, now: datetime) -> int:
        """Follow one batch; gives how many events."""
        try:
            return self._follow(now)
        except BaseException:
            self._lives.clear()  # what it says was not kept
            raise

    def _follow(self, now: datetime) -> int:
        if not self._begin(now):
            return 0
        with reading(self._engine) as session:
            rows = session.rows(
                "select seq, stream, body from event where seq > ? order by seq limit ?",
                (self._reached, self._most),
            )
            rows = _settled(rows, now)
            if not rows:
                return 0
            book = self._batch(session, rows)
        last, at = int(rows[-1][0]), micros(history.read(rows[-1][2]).at)
        with transaction(self._engine) as session:
            if not self._is_first(session):
                self._lives.clear()
                return 0
            self._keep(session, book)
            session.write(
                "insert into metric_progress (name, version, seq, at) values ('facts', ?, ?, ?) "
                "on conflict (name) do update set version = excluded.version, "
                "seq = excluded.seq, at = excluded.at",
                (VERSION, last, at),
            )
        self._lives.update(book.changed)
        self._reached = last
        return len(rows)

    def _begin(self, now: datetime) -> bool:
        """Take the lease and learn how far it came; says whether there is something to follow."""
        reached = _progress(look_at(self._engine, _PROGRESS)) or 0
        if look_at(self._engine, "select 1 from event where seq = ?", (reached + 1,)) is None:
            return False
        with transaction(self._engine) as session:
            if not self._hold(session, now):
                return False
            start = _progress(session.one(_PROGRESS))
            if start is None:
                _clear(session)
        if (start or 0) != self._reached:
            self._lives.clear()
        self._reached = start or 0
        return True

    def _is_first(self, session: Session) -> bool:
        """Say whether nobody came further since; whoever asks is alone until the commit."""
        session.one(f"select token from lease where name = 'metrics'{session.for_update}")  # noqa: S608  our own words; values are bound
        row = session.one(_PROGRESS)
        return row == (VERSION, self._reached) if self._reached else row is None

    def follow_all(self, now: datetime) -> int:
        """Follow everything that is sealed; gives how many events."""
        total = 0
        while count := self.follow(now):
            total += count
        return total

    def forget(self) -> None:
        """Throw everything away that was followed, so that the next batch starts at event 1."""
        with transaction(self._engine) as session:
            _clear(session)
        self._reached = -1

    def _batch(self, session: Session, rows: Sequence[Row]) -> Book:
        """Let a batch of events change a book."""
        heard = [
            Told.of(seq, history.read(body))
            for seq, stream, body in rows
            if stream.partition("/")[0] in KINDS
        ]
        told = _standing(session, heard)
        known = self._known(session, told)

        def load(key: str) -> Life | None:
            if key not in known:
                known.update(_lives(session, (key,)))
            return known[key]

        book = Book(load)
        for each in told:
            follow(each, book)
        return book

    def _known(self, session: Session, told: Iterable[Told]) -> dict[str, Life | None]:
        """Give the lives that are remembered, with those that the events will surely ask for."""
        known = self._lives
        if len(known) > REMEMBERED:
            for key in list(known)[: REMEMBERED // 4]:
                del known[key]
        keys = {key for each in told for key in keys_of(each) if key not in known}
        if keys:
            known.update(_lives(session, sorted(keys)))
        return known

    def _keep(self, session: Session, book: Book) -> None:
        gone = [name for name, kept in book.facts.items() if kept is None]
        kept = [_fact(*each) for each in book.facts.values() if each is not None]
        lives = [(key, encode(life)) for key, life in book.changed.items()]
        with session.together():
            session.write_all(_KEEP_LIFE, lives)
            session.write_all("delete from metric_fact where metric = ? and key = ?", gone)
            session.write_all(_KEEP_FACT, kept)
            session.write_all(_KEEP_RESTATEMENT, [_restatement(each) for each in book.restated])
        try:
            sums.keep(session, book)
        except sums.SumsError:
            _log.exception("metrics: the sums are made anew from the facts")
            sums.remake(session)

    def _hold(self, session: Session, now: datetime) -> bool:
        """Take or keep the lease; on PostgreSQL its row is locked until the commit."""
        session.write(
            "insert into lease (name, token, until) values ('metrics', '', 0) "
            "on conflict do nothing"
        )
        row = session.one(
            f"select token, until from lease where name = 'metrics'{session.for_update}"  # noqa: S608  our own words; values are bound
        )
        if row is not None and row[0] not in ("", self._holder) and row[1] > micros(now):
            return False
        session.write(
            "update lease set token = ?, until = ? where name = 'metrics'",
            (self._holder, micros(now + LEASE)),
        )
        return True


def _settled(rows: list[Row], now: datetime) -> list[Row]:
    """Give the events up to the first act that can still be taken back.

    Only what stands is counted; so a figure is at most as late as an undo takes.
    """
    open_keys = {
        offer.data["key"]
        for _, stream, body in rows
        if stream.startswith(_OFFERS)
        and (offer := history.read(body)).type == "UndoOffered"
        and datetime.fromisoformat(offer.data["until"]) > now
    }
    if not open_keys:
        return rows
    for place, (_, _, body) in enumerate(rows):
        if Told.of(0, history.read(body)).root in open_keys:
            return rows[:place]
    return rows


def _standing(session: Session, heard: Sequence[Told]) -> list[Told]:
    """Leave out what was taken back, and the taking back: neither counts for anything."""
    if not heard:
        return []
    found = session.rows(
        "select body from document where kind = ? and state = 'undone' and made between ? and ?",
        (Undo.KIND, min(each.at for each in heard), max(each.at for each in heard)),
    )
    undone = {decode(body, Undo).key for (body,) in found}
    return [each for each in heard if each.root not in undone and each.type != "ActUndone"]


_PROGRESS = "select version, seq from metric_progress where name = 'facts'"


def _progress(row: Row | None) -> int | None:
    """Read how far it came; None when the rules were of another version, or nothing is there."""
    return int(row[1]) if row is not None and row[0] == VERSION else None


def _clear(session: Session) -> None:
    for name in _TABLES:
        session.write(f"delete from {name}")  # noqa: S608  names of our own


def _lives(session: Session, keys: Sequence[str]) -> dict[str, Life | None]:
    """Load what is remembered under these keys; None for those under which nothing is."""
    sql = f"select key, body from metric_life where {session.among('key')}"  # noqa: S608  our own words; values are bound
    found: dict[str, Life | None] = dict.fromkeys(keys)
    for key, body in session.rows(sql, (session.keys(keys),)):
        found[key] = decode(body, LIVES[key.partition("/")[0]])
    return found


_COLUMNS = (
    "metric, key, state, opened_at, at, value, business, part, whole, unit, site, supplier, "
    "flow, reason, seq"
)
_CHANGED = ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS.split(", ")[2:])
_KEEP_LIFE = (
    "insert into metric_life (key, body) values (?, ?) "
    "on conflict (key) do update set body = excluded.body"
)
_KEEP_FACT = (
    f"insert into metric_fact ({_COLUMNS}) values ({', '.join('?' * 15)}) "  # noqa: S608  our own words; values are bound
    f"on conflict (metric, key) do update set {_CHANGED}"
)
_KEEP_RESTATEMENT = (
    "insert into metric_restatement "
    "(seq, event, at, metric, key, day, old, new, site, supplier, flow) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _fact(fact: Fact, sequence: int) -> tuple[object, ...]:
    return (*fact, sequence)


def _restatement(each: Restatement) -> tuple[object, ...]:
    return tuple(each)
