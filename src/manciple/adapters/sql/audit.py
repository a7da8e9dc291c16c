"""The audit: recomputes all of history from its kept bytes and names the first record that lies.

    verify(engine, now) -> Verified(events, unsealed, oldest_unsealed, chained, heads, broken)

Streaming: whatever the length of history, it holds one batch of rows and one hash a tree level.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.runtime.chain import GENESIS, MerkleTree, chained_root, link
from manciple.runtime.history import read
from manciple.runtime.rows import micros, moment

_PAGE = 2000
_EVENTS = (
    "select stream, version, type, hash, body, at, seq from event "
    "where (stream, version) > (?, ?) order by stream, version limit ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first record that does not fit.

    Attributes:
        what: ``event`` (its bytes or columns were changed), ``link`` (an event is missing or out
            of order), ``head`` (the document's row is not the head of its stream), ``seal``.
        where: ``purchase-order/PO-1/3``, or ``seal 1..500``.
    """

    what: str
    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What an audit found.

    Attributes:
        unsealed_age: how old the oldest event is that no seal covers yet.
        chained: the last chained root, in hex, over the whole sequence of commits.
        heads: the root over all streams' heads, in hex; no order of commits changes it.
    """

    events: int = 0
    streams: int = 0
    seals: int = 0
    unsealed: int = 0
    unsealed_age: timedelta = timedelta(0)
    chained: str = ""
    heads: str = ""
    broken: Broken | None = None


class _BrokenError(MancipleError):
    def __init__(self, what: str, where: str, text: str) -> None:
        super().__init__(f"{what} {where}: {text}")
        self.broken = Broken(what=what, where=where, text=text)


def verify(engine: sa.Engine, now: datetime) -> Verified:
    """Check every event, link, head and seal; `Verified.broken` names the first that is wrong."""
    with reading(engine) as session:
        try:
            events, streams, heads = _check_streams(session)
            _check_heads(session, streams)
            seals, chained = _check_seals(session)
        except _BrokenError as found:
            return Verified(broken=found.broken)
        unsealed, oldest = session.rows("select count(*), min(at) from event where seq is null")[0]
    return Verified(
        events=events,
        streams=streams,
        seals=seals,
        unsealed=unsealed,
        unsealed_age=now - moment(oldest) if oldest is not None else timedelta(0),
        chained=chained.hex(),
        heads=heads.hex(),
    )


def _check_streams(session: Session) -> tuple[int, int, bytes]:
    """Walk every stream by its versions; gives events, streams and the heads' root."""
    tree, events = MerkleTree(), 0
    stream, version, head = "", 0, GENESIS
    for row in _events(session):
        if row[0] != stream:
            if stream:
                _check_head(session, stream, version, head)
                tree.add(stream.encode() + b"\0" + head)
            stream, version, head = row[0], 0, GENESIS
        version += 1
        if row[1] != version:
            raise _BrokenError("link", f"{stream}/{version}", f"missing; {row[1]} follows")
        if not isinstance(row[3], bytes) or not isinstance(row[4], bytes):
            raise _BrokenError("event", f"{stream}/{version}", "its bytes were replaced by text")
        if link(head, row[4]) != row[3]:
            raise _BrokenError("event", f"{stream}/{version}", "its bytes do not give its hash")
        _check_columns(row)
        head = row[3]
        events += 1
    if stream:
        _check_head(session, stream, version, head)
        tree.add(stream.encode() + b"\0" + head)
    return events, tree.leaves, tree.root()


def _events(session: Session) -> Iterator[Row]:
    last: tuple[str, int] = ("", 0)
    while rows := session.rows(_EVENTS, (*last, _PAGE)):
        yield from rows
        last = (rows[-1][0], rows[-1][1])


def _check_columns(row: Row) -> None:
    told = read(row[4])
    wanted = (told.stream, told.version, told.type, micros(told.at))
    if wanted != (row[0], row[1], row[2], row[5]):
        raise _BrokenError("event", f"{row[0]}/{row[1]}", "its columns differ from its bytes")


def _check_head(session: Session, stream: str, version: int, head: bytes) -> None:
    row = session.one("select version, head from document where ref = ?", (stream,))
    if row is None:
        raise _BrokenError("head", stream, "the stream has no document")
    if (row[0], row[1]) != (version, head):
        raise _BrokenError(
            "head", stream, f"the document is at version {row[0]}, its stream ends at {version}"
        )


def _check_heads(session: Session, streams: int) -> None:
    row = session.one(
        "select ref from document d where not exists "
        "(select 1 from event e where e.stream = d.ref) order by ref limit 1"
    )
    count = session.rows("select count(*) from document")[0][0]
    if row is not None or count != streams:
        where = row[0] if row is not None else f"{count} documents"
        raise _BrokenError("head", where, f"{streams} streams have events")


def _check_seals(session: Session) -> tuple[int, bytes]:
    chained, last, count = GENESIS, 0, 0
    sql = "select first, last, root, chained from seal where last > ? order by last limit 100"
    while seals := session.rows(sql, (last,)):
        for first, end, root, told in seals:
            where = f"{first}..{end}"
            if first != last + 1:
                raise _BrokenError("seal", where, f"the seal before it ends at {last}")
            tree = MerkleTree()
            for seq, leaf in _sealed(session, first, end):
                if seq != first + tree.leaves:
                    raise _BrokenError("seal", where, f"no event has number {first + tree.leaves}")
                tree.add(leaf)
            chained = chained_root(chained, root)
            if tree.leaves != end - first + 1 or tree.root() != root or chained != told:
                raise _BrokenError("seal", where, "its root is not the root of its events")
            last = end
            count += 1
    extra = session.rows("select count(*) from event where seq > ?", (last,))[0][0]
    if extra:
        raise _BrokenError("seal", f"{last + 1}..", f"{extra} numbered events have no seal")
    return count, chained


def _sealed(session: Session, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    sql = "select seq, hash from event where seq >= ? and seq <= ? order by seq limit ?"
    at = first
    while rows := session.rows(sql, (at, last, _PAGE)):
        yield from ((seq, leaf) for seq, leaf in rows)
        at = rows[-1][0] + 1
