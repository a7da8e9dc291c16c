"""A long, valid, sealed history in bulk: orders that were lived once and are told many times.

    python -m bench.history sqlite:///FILE --orders 100000

Twenty-four orders are played for real, from need to payable; their rows are then written again
and again under other names, control numbers and times. Bytes are hashed, chained and sealed anew
by the product's own functions, and its own verifier reads the result. Answers to commands and
sent effects are left out: retention would have deleted them long ago.
"""

import argparse
import hashlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from bench.cycles_world import in_world
from rich.progress import Progress
from tests.databases import sqlite_file

from manciple.adapters.sql.audit import Verified, verify
from manciple.adapters.sql.engine import Session, open_engine, reading, transaction
from manciple.runtime.chain import GENESIS, chained_root, link, merkle
from manciple.runtime.history import read

STEM = 24
"""Orders that are played for real."""
APART = timedelta(hours=12)
"""Between the times of one telling and the next, backwards from the first day."""
SEALED = 2000
"""Events under one seal, as the sealer does it."""
_CODE = re.compile(r"^[A-Z]+-([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{8})$")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)"
_CONTROL = r"(?<!\d)0000\d{5}(?!\d)"
_KEPT = ("document", "event", "trace", "posting", "assigned", "blob")
_TIMES = frozenset({"at", "made", "opened_at", "due_at", "settled_at", "next_at"})
_PER_TELLING = 1000
"""Control numbers and the like that one telling may use up."""


def _moved(text: str, back: timedelta) -> str:
    """Give an instant of the telling."""
    at = datetime.fromisoformat(text) - back
    plain = at.astimezone(UTC).isoformat()
    return plain.removesuffix("+00:00") + "Z" if text.endswith("Z") else plain


def _counted(text: str, telling: int) -> str:
    """Give a number of the same width, out of the way of those that a run will take."""
    return f"{int(text) + 10_000_000 + telling * _PER_TELLING:0{len(text)}d}"


def _coded(text: str, telling: int) -> str:
    """Give another code of the same letters and length."""
    number = int.from_bytes(hashlib.sha256(f"{text}/{telling}".encode()).digest()[:5], "big")
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(len(text)))


def _whole(text: str, telling: int) -> str:
    """Give another code of twelve, whose last eight stand for themselves elsewhere."""
    return _coded(text[:4], telling) + _coded(text[4:], telling)


def _hashed(text: str, telling: int) -> str:
    return hashlib.sha256(f"{text}/{telling}".encode()).hexdigest()


def _prefixed(letters: int, text: str, telling: int) -> str:
    return text[:letters] + _far(text[letters:], telling)


def dotted(text: str, telling: int) -> str:
    return f"{text}.{telling}"


@dataclass(slots=True)
class Names:
    """What must be called otherwise in each telling, and how."""

    of: dict[str, Callable[[str, int], str]] = field(default_factory=dict)
    pattern: "re.Pattern[str]" = field(default_factory=lambda: re.compile("(?!)"))
    apart: timedelta = APART

    def compile(self) -> None:
        """Look for the names that are known by now."""
        known = "|".join(re.escape(each) for each in sorted(self.of, key=len, reverse=True))
        self.pattern = re.compile(f"({known}|{_INSTANT}|{_CONTROL})")

    def renamed(self, token: str, telling: int) -> str:
        """Give what is called otherwise its name in a telling."""
        rule = self.of.get(token)
        if rule is not None:
            return rule(token, telling)
        if "T" in token:
            return _moved(token, telling * self.apart)
        return _counted(token, telling)


class _Telling(dict[str, str]):
    """The names of one telling, worked out when they are first met."""

    def __init__(self, names: Names, telling: int) -> None:
        super().__init__()
        self._names, self._telling = names, telling

    def __missing__(self, token: str) -> str:
        new = self[token] = self._names.renamed(token, self._telling)
        return new


@dataclass(frozen=True, slots=True)
class Text:
    """A text taken apart: what stays at even places, what is renamed at odd ones."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str, names: Names) -> "Text":
        """Take a text apart."""
        return cls(tuple(names.pattern.split(text)))

    def told(self, telling: _Telling) -> str:
        """Give the text of a telling."""
        parts = list(self.parts)
        parts[1::2] = [telling[each] for each in parts[1::2]]
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Told:
    """One event that is told."""

    stream: Text
    version: int
    type: str
    body: Text
    at: int


@dataclass(frozen=True, slots=True)
class Stem:
    """The rows of the orders that were lived, ready to be told again."""

    names: Names
    events: tuple[Told, ...]
    documents: tuple[tuple[Any, ...], ...]
    blobs: tuple[tuple[str, Text], ...]
    others: Mapping[str, tuple[tuple[Text | int | None, ...], ...]]
    columns: Mapping[str, tuple[str, ...]]


def lived(folder: Path) -> Stem:
    """Play the stem and take its rows apart."""
    url = sqlite_file(folder)
    in_world(url, folder / "stem", STEM, tick=timedelta(hours=4), first=1_000_000)
    engine = open_engine(url)
    with reading(engine) as session:
        stem = _taken(session)
    engine.dispose()
    return stem


def _taken(session: Session) -> Stem:
    bodies = session.rows("select stream, version, type, body, at from event order by n")
    events = [row for row in bodies if not _is_furniture(read(row[3]).correlation)]
    streams = {row[0] for row in events}
    names = named(session, streams)

    def text(value: object) -> Text | int | None:
        if isinstance(value, bytes):
            return Text.of(value.decode(), names)
        if isinstance(value, str):
            return Text.of(value, names)
        if value is None or isinstance(value, int):
            return value
        raise TypeError(f"no column of a telling holds {value!r}")

    columns = {name: _columns(session, name) for name in _KEPT}
    head = columns["document"].index("head")
    documents = tuple(
        tuple(None if place == head else text(value) for place, value in enumerate(row))
        for row in _rows(session, "document", columns["document"])
        if row[0] in streams
    )
    blobs = tuple(
        (digest, Text.of(data.decode(), names))
        for digest, data in session.rows("select digest, data from blob order by digest")
    )
    others = {
        name: tuple(
            tuple(text(value) for value in row) for row in _rows(session, name, columns[name])
        )
        for name in ("trace", "posting", "assigned")
    }
    return Stem(
        names=names,
        events=tuple(
            Told(Text.of(row[0], names), row[1], row[2], Text.of(row[3].decode(), names), row[4])
            for row in events
        ),
        documents=documents,
        blobs=blobs,
        others=others,
        columns=columns,
    )


def _is_furniture(correlation: str) -> bool:
    return correlation.startswith(("furnish:", "erp-feed:"))


def named(session: Session, streams: set[str]) -> Names:
    """Find everything by which one order is told from another."""
    names = Names()
    for stream in sorted(streams):
        kind, _, name = stream.partition("/")
        if found := _CODE.match(name):
            names.of[found[2]] = _coded
            # Invoice numbers are compared without the leading zeros of their digits.
            names.of[re.sub(r"(?<!\d)0+", "", found[2])] = _coded
            names.of[found[1] + found[2]] = lambda text, k: (
                _coded(text[:4], k) + _coded(text[4:], k)
            )
        elif kind == "taken-message":
            names.of[name] = _hashed
    for (key,) in session.rows("select distinct key from trace order by key"):
        if found := re.fullmatch(r"(\D*)(\d{7,10})", key):
            names.of.setdefault(key, partial(_prefixed, len(found[1])))
    for (key,) in session.rows("select key from command order by key"):
        if found := re.search(r"need:\d+", key):
            names.of[found[0]] = dotted
    names.compile()
    return names


def _far(text: str, telling: int) -> str:
    """Give a number of another system, of the same width."""
    if text.startswith("0000"):
        return _counted(text, telling)
    number = int.from_bytes(hashlib.sha256(f"{text}/{telling}".encode()).digest()[:8], "big")
    return f"{text[0]}{number % 10 ** (len(text) - 1):0{len(text) - 1}d}"


def _columns(session: Session, table: str) -> tuple[str, ...]:
    """Give a table's columns but its running number."""
    rows = session.rows(f"select name from pragma_table_info('{table}')")
    return tuple(row[0] for row in rows if row[0] != "n")


def _rows(session: Session, table: str, columns: Sequence[str]) -> list[Any]:
    return session.rows(f"select {', '.join(columns)} from {table} order by 1, 2, 3")


class Teller:
    """Writes tellings into a database, sealed as it goes."""

    def __init__(self, stem: Stem, engine: sa.Engine) -> None:
        """Write after what is there; its events must be sealed."""
        self.stem, self._engine = stem, engine
        with reading(engine) as session:
            last = session.one("select last, chained from seal order by last desc limit 1")
        self._last, self._chained = last or (0, GENESIS)

    def tell(self, tellings: Sequence[int]) -> int:
        """Write some tellings in one transaction; gives how many events they have."""
        events: list[tuple[Any, ...]] = []
        rows: dict[str, list[tuple[Any, ...]]] = {}
        for number in tellings:
            self._one(number, events, rows)
        count = len(events)
        with transaction(self._engine) as session:
            for name, told in rows.items():
                _insert(session, name, self.stem.columns[name], told)
            columns = ("stream", "version", "type", "hash", "body", "at", "seq")
            numbered = [(*row, self._last + n) for n, row in enumerate(events, 1)]
            _insert(session, "event", columns, numbered)
            for start in range(0, count, SEALED):
                self._seal(session, [row[3] for row in events[start : start + SEALED]])
        return count

    def _seal(self, session: Session, heads: Sequence[bytes]) -> None:
        root = merkle(heads)
        self._chained = chained_root(self._chained, root)
        first, self._last = self._last + 1, self._last + len(heads)
        row = (first, self._last, root, self._chained, 0)
        _insert(session, "seal", ("first", "last", "root", "chained", "at"), [row])

    def _one(
        self, number: int, events: list[tuple[Any, ...]], rows: dict[str, list[tuple[Any, ...]]]
    ) -> None:
        stem = self.stem
        shift = number * (stem.names.apart // timedelta(microseconds=1))
        telling = _Telling(stem.names, number)
        digests: dict[str, str] = {}
        for digest, content in stem.blobs:
            data = content.told(telling).encode()
            digests[digest] = hashlib.sha256(data).hexdigest()
            rows.setdefault("blob", []).append((digests[digest], 0, data))
        heads: dict[str, bytes] = {}
        for event in stem.events:
            stream = event.stream.told(telling)
            body = _digested(event.body.told(telling), digests).encode()
            head = heads[stream] = link(heads.get(stream, GENESIS), body)
            events.append((stream, event.version, event.type, head, body, event.at - shift))
        for row in stem.documents:
            told = self._told("document", row, telling, shift)
            told["head"] = heads[told["ref"]]
            told["body"] = _digested(told["body"], digests).encode()
            rows.setdefault("document", []).append(tuple(told.values()))
        for name, others in stem.others.items():
            rows.setdefault(name, []).extend(
                tuple(self._told(name, row, telling, shift).values()) for row in others
            )

    def _told(
        self, table: str, row: Sequence[Text | int | None], telling: _Telling, shift: int
    ) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for column, value in zip(self.stem.columns[table], row, strict=True):
            if isinstance(value, Text):
                told[column] = value.told(telling)
            elif column in _TIMES and value is not None:
                told[column] = value - shift
            else:
                told[column] = value
        return told


def _digested(text: str, digests: Mapping[str, str]) -> str:
    if '"digest"' in text:
        for old, new in digests.items():
            text = text.replace(old, new)
    return text


def _insert(
    session: Session, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if session.is_postgres:
        cursor = session._connection.cursor()  # noqa: SLF001  no door of the house writes in bulk
        with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    session.write_all(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)


def fill(url: str, orders: int, *, stem: Stem, progress: bool = False) -> int:
    """Fill a migrated database with so many orders at least; gives the events written."""
    engine = open_engine(url, synchronous="OFF")
    teller, total = Teller(stem, engine), 0
    with Progress(disable=not progress) as bar:
        task = bar.add_task("orders", total=orders)
        for batch in _batches(1, -(-orders // STEM), 20):
            total += teller.tell(batch)
            bar.advance(task, STEM * len(batch))
    with transaction(engine) as session:
        session.write("analyze")
    engine.dispose()
    return total


def _batches(first: int, last: int, size: int) -> Iterator[range]:
    for start in range(first, last + 1, size):
        yield range(start, min(start + size, last + 1))


def check(url: str) -> Verified:
    """Have the product's own verifier read everything."""
    engine = open_engine(url)
    try:
        return verify(engine, datetime.now(UTC))
    finally:
        engine.dispose()


def main(argv: Sequence[str] | None = None) -> int:
    """Fill a database and verify it."""
    parser = argparse.ArgumentParser(prog="python -m bench.history")
    parser.add_argument("url")
    parser.add_argument("--orders", type=int, default=100_000)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        count = fill(asked.url, asked.orders, stem=lived(Path(folder)), progress=True)
    verified = check(asked.url)
    print(f"{count} events written; {verified}")
    return 0 if verified.broken is None else 1


if __name__ == "__main__":
    sys.exit(main())
