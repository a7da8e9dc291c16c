"""Writing the sealed history as OCEL 2.0: JSON, XML or SQLite, however long it is.

    sealed events, a batch at a time -> a working file of SQLite -> the log, row by row

The log needs to know every type before its first event and every object's changes at once, so the
history is gathered in a working file first; neither step holds more than a batch in memory. The
same history gives the same bytes (of SQLite: the same rows).

Source: OCEL (Object-Centric Event Log) 2.0 Specification, Berti et al., 2023: section 7 (SQLite),
section 8 (XML), section 9 (JSON).
"""

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum, auto
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
import sqlalchemy as sa

from manciple.adapters.sql.engine import reading
from manciple.intelligence.ocel import Kind, OcelEvent, event_of, is_exported, type_of
from manciple.kernel.records import dataclass
from manciple.runtime import history

BATCH = 1000
"""Events in memory at a time."""
_START = "1970-01-01T00:00:00Z"
_JSON = msgspec.json.Encoder(decimal_format="number")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 can't carry, section 2.2."""


_Kinds = Mapping[tuple[str, str, str], str]


class Format(StrEnum):
    """The three forms of an OCEL 2.0 log."""

    JSON = auto()
    XML = auto()
    SQLITE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: up to which event, and how many of everything."""

    sequence: int
    events: int
    objects: int
    event_relations: int
    object_relations: int


def export(engine: sa.Engine, form: Format, target: Path) -> Exported:
    """Write all that is sealed now to a file, which is replaced when all of it is written.

    Args:
        engine: the database that holds the history.
        form: the form of the log.
        target: the file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".ocel-") as folder:
        work = _Work(Path(folder) / "work.db")
        try:
            sequence = _gather(engine, work)
            match form:
                case Format.JSON:
                    with partial.open("w", encoding="utf-8", newline="\n") as out:
                        _write_json(work, out)
                case Format.XML:
                    with partial.open("w", encoding="utf-8", newline="\n") as out:
                        _write_xml(work, out)
                case Format.SQLITE:
                    _write_sqlite(work, partial)
            counts = work.counts(sequence)
            partial.replace(target)
        finally:
            work.close()
            partial.unlink(missing_ok=True)
    return counts


# ---- gathering --------------------------------------------------------------------------------

_SCHEMA = """
create table event (n integer primary key, id text, type text, time text);
create table event_value (event int, place int, name text, kind text, value text,
                          primary key (event, place)) without rowid;
create table event_object (event int, place int, object text, qualifier text,
                           primary key (event, place)) without rowid;
create table object (id text primary key, type text) without rowid;
create table object_value (object text, name text, n int, time text, kind text, value text,
                           primary key (object, name, n)) without rowid;
create table latest (object text, name text, value text, primary key (object, name))
    without rowid;
create table object_object (source text, target text, qualifier text,
                            primary key (source, target, qualifier)) without rowid;
create table attribute (of text, type text, name text, kind text,
                        primary key (of, type, name)) without rowid;
"""


class _Work:
    """The working file."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = off")
        self.db.execute("pragma synchronous = off")
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        self.db.close()

    def rows(self, sql: str, values: Iterable[object] = ()) -> Iterator[Any]:
        """Read row by row."""
        return iter(self.db.execute(sql, tuple(values)))

    def counts(self, sequence: int) -> Exported:
        """Count what was gathered."""
        names = ("event", "object", "event_object", "object_object")
        found = [self.db.execute(f"select count(*) from {name}").fetchone()[0] for name in names]  # noqa: S608  our own words; values are bound
        return Exported(
            sequence=sequence,
            events=found[0],
            objects=found[1],
            event_relations=found[2],
            object_relations=found[3],
        )

    def add(self, event: OcelEvent) -> None:
        """Gather one event, the objects that it touches, and what it says of its own."""
        run, number = self.db.execute, int(event.id)
        run("insert into event values (?, ?, ?, ?)", (number, event.id, event.type, event.time))
        for place, value in enumerate(event.attributes):
            run(
                "insert into event_value values (?, ?, ?, ?, ?)",
                (number, place, value.name, value.kind.value, value.value),
            )
            self._know("event", event.type, value.name, value.kind)
        for place, relation in enumerate(event.relations):
            self._object(relation.id)
            run(
                "insert into event_object values (?, ?, ?, ?)",
                (number, place, relation.id, relation.qualifier),
            )
            if event.is_first and relation.id != event.about:
                self._join(event.about, relation.id, relation.qualifier)
        for part, whole in event.parts:
            self._object(part)
            self._object(whole)
            self._join(part, whole, "part of")
        self._tell(event, number)

    def _tell(self, event: OcelEvent, number: int) -> None:
        """Keep what the event says of the object in whose stream it is, where it is new."""
        kind = type_of(event.about)
        for value in event.attributes:
            if value.name in {"actor", "door"}:
                continue
            row = self.db.execute(
                "select value from latest where object = ? and name = ?",
                (event.about, value.name),
            ).fetchone()
            if row is not None and row[0] == value.value:
                continue
            self.db.execute(
                "insert or replace into latest values (?, ?, ?)",
                (event.about, value.name, value.value),
            )
            self.db.execute(
                "insert into object_value values (?, ?, ?, ?, ?, ?)",
                (event.about, value.name, number, event.time, value.kind.value, value.value),
            )
            self._know("object", kind, value.name, value.kind)

    def _object(self, identity: str) -> None:
        self.db.execute(
            "insert or ignore into object values (?, ?)", (identity, type_of(identity))
        )

    def _join(self, source: str, target: str, qualifier: str) -> None:
        self.db.execute(
            "insert or ignore into object_object values (?, ?, ?)", (source, target, qualifier)
        )

    def _know(self, of: str, kind: str, name: str, value: Kind) -> None:
        """Note an attribute of a type; one that comes in several kinds is text."""
        self.db.execute(
            "insert into attribute values (?, ?, ?, ?) on conflict (of, type, name) "
            "do update set kind = 'string' where kind <> excluded.kind",
            (of, kind, name, value.value),
        )

    def kinds(self) -> _Kinds:
        """Give the kind of each attribute's values, by event or object, type and name."""
        return {
            (of, kind, name): value
            for of, kind, name, value in self.rows("select of, type, name, kind from attribute")
        }

    def types(self, of: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Give the types of events or objects, each with its attributes."""
        found: dict[str, list[tuple[str, str]]] = {
            row[0]: []
            for row in self.rows(f"select distinct type from {of} order by 1")  # noqa: S608  our own words; values are bound
        }
        for kind, name, value in self.rows(
            "select type, name, kind from attribute where of = ? order by 1, 2", (of,)
        ):
            found[kind].append((name, value))
        return list(found.items())


def _gather(engine: sa.Engine, work: _Work) -> int:
    """Read all that is sealed now, a batch at a time; gives the newest sequence."""
    with reading(engine) as session:
        row = session.one("select last from seal order by last desc limit 1")
    last, after = int(row[0]) if row else 0, 0
    work.db.execute("begin")
    while after < last:
        with reading(engine) as session:
            rows = session.rows(
                "select seq, stream, body from event where seq > ? and seq <= ? "
                "order by seq limit ?",
                (after, last, BATCH),
            )
        for sequence, stream, body in rows:
            if is_exported(stream):
                work.add(event_of(sequence, history.read(body)))
        after = int(rows[-1][0])
    work.db.execute("commit")
    return last


# ---- reading the working file -----------------------------------------------------------------


def _events(work: _Work) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """Give each event with its values and relations."""
    for event in work.rows("select n, id, type, time from event order by n"):
        values = list(
            work.rows(
                "select name, value from event_value where event = ? order by place", (event[0],)
            )
        )
        relations = list(
            work.rows(
                "select object, qualifier from event_object where event = ? order by place",
                (event[0],),
            )
        )
        yield event[1:], values, relations


def _objects(work: _Work) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """Give each object with its values over time, and the objects that it is related to.

    An attribute has one value at one time: of several at the same instant the last stands.
    Source: OCEL 2.0 Specification, section 4, Definition 2: values are a function of the time.
    """
    for identity, kind in work.rows("select id, type from object order by id"):
        told = work.rows(
            "select name, time, value from object_value where object = ? order by n, name",
            (identity,),
        )
        last = {(name, time): value for name, time, value in told}
        values = [(name, time, value) for (name, time), value in last.items()]
        related = list(
            work.rows(
                "select target, qualifier from object_object where source = ? order by 1, 2",
                (identity,),
            )
        )
        yield (identity, kind), values, related


# ---- JSON -------------------------------------------------------------------------------------


def _write_json(work: _Work, out: IO[str]) -> None:
    """Write the log as JSON. Source: OCEL 2.0 Specification, section 9, JSON Schema."""
    kinds = work.kinds()
    out.write('{"objectTypes":')
    out.write(_dumped(_types_json(work, "object")))
    out.write(',"eventTypes":')
    out.write(_dumped(_types_json(work, "event")))
    out.write(',"objects":[')
    for place, ((identity, kind), values, related) in enumerate(_objects(work)):
        attributes = [
            {"name": name, "time": time, "value": _plain(value, kinds["object", kind, name])}
            for name, time, value in values
        ]
        row = {"id": identity, "type": kind, "attributes": attributes,
               "relationships": _relations_json(related)}  # fmt: skip
        out.write(("," if place else "") + "\n" + _dumped(row))
    out.write('],"events":[')
    for place, ((identity, kind, time), values, relations) in enumerate(_events(work)):
        attributes = [
            {"name": name, "value": _plain(value, kinds["event", kind, name])}
            for name, value in values
        ]
        row = {"id": identity, "type": kind, "time": time, "attributes": attributes,
               "relationships": _relations_json(relations)}  # fmt: skip
        out.write(("," if place else "") + "\n" + _dumped(row))
    out.write("]}\n")


def _dumped(value: object) -> str:
    return _JSON.encode(value).decode()


def _types_json(work: _Work, of: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": each, "type": kind} for each, kind in attributes]}
        for name, attributes in work.types(of)
    ]


def _relations_json(relations: Iterable[Any]) -> list[dict[str, str]]:
    return [{"objectId": identity, "qualifier": qualifier} for identity, qualifier in relations]


def _plain(value: str, kind: str) -> object:
    """Give a value as JSON says its kind; a decimal is a number with all its digits.

    Source: OCEL 2.0 Specification, section 9: a value is of the type that its declaration names.
    """
    match kind:
        case "integer":
            return int(value)
        case "float":
            return Decimal(value)
        case "boolean":
            return value == "true"
        case _:
            return value


# ---- XML --------------------------------------------------------------------------------------


def _write_xml(work: _Work, out: IO[str]) -> None:
    """Write the log as XML. Source: OCEL 2.0 Specification, section 8, XML Schema."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<log>\n')
    for of in ("object", "event"):
        out.write(f"<{of}-types>\n")
        for name, attributes in work.types(of):
            inside = "".join(
                f"<attribute name={_quoted(each)} type={_quoted(kind)}/>"
                for each, kind in attributes
            )
            out.write(f"<{of}-type name={_quoted(name)}><attributes>{inside}</attributes>")
            out.write(f"</{of}-type>\n")
        out.write(f"</{of}-types>\n")
    out.write("<objects>\n")
    for (identity, kind), values, related in _objects(work):
        inside = "".join(
            f"<attribute name={_quoted(name)} time={_quoted(time)}>{_text(value)}</attribute>"
            for name, time, value in values
        )
        out.write(f"<object id={_quoted(identity)} type={_quoted(kind)}>")
        out.write(f"<attributes>{inside}</attributes>{_relations_xml(related)}</object>\n")
    out.write("</objects>\n<events>\n")
    for (identity, kind, time), values, relations in _events(work):
        inside = "".join(
            f"<attribute name={_quoted(name)}>{_text(value)}</attribute>" for name, value in values
        )
        head = f"<event id={_quoted(identity)} type={_quoted(kind)} time={_quoted(time)}>"
        out.write(f"{head}<attributes>{inside}</attributes>{_relations_xml(relations)}</event>\n")
    out.write("</events>\n</log>\n")


def _relations_xml(relations: Iterable[Any]) -> str:
    inside = "".join(
        f"<relationship object-id={_quoted(identity)} qualifier={_quoted(qualifier)}/>"
        for identity, qualifier in relations
    )
    return f"<objects>{inside}</objects>"


def _text(value: str) -> str:
    return escape(_UNFIT.sub("\ufffd", value))


def _quoted(value: str) -> str:
    return quoteattr(_UNFIT.sub("\ufffd", value))


# ---- SQLite -----------------------------------------------------------------------------------

_COLUMNS = {
    "string": "TEXT", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
}  # fmt: skip


def _write_sqlite(work: _Work, path: Path) -> None:
    """Write the log as a SQLite file. Source: OCEL 2.0 Specification, section 7."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("pragma journal_mode = off")
        db.execute("begin")
        maps = {of: _tables(db, work, of) for of in ("event", "object")}
        kinds = work.kinds()
        _fill_events(db, work, maps["event"], kinds)
        _fill_objects(db, work, maps["object"], kinds)
        db.execute("commit")
    finally:
        db.close()


def _tables(db: sqlite3.Connection, work: _Work, of: str) -> dict[str, str]:
    """Make the tables of events or objects; gives the table of each type."""
    db.execute(f"create table {of} (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)")
    db.execute(f"create table {of}_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)")
    if of == "event":
        db.execute(
            "create table event_object (ocel_event_id TEXT, ocel_object_id TEXT, "
            "ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier))"
        )
    else:
        db.execute(
            "create table object_object (ocel_source_id TEXT, ocel_target_id TEXT, "
            "ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier))"
        )
    tables = {}
    for name, attributes in work.types(of):
        mapped = re.sub(r"\W", "_", name)
        tables[name] = f"{of}_{mapped}"
        columns = "".join(f', "{each}" {_COLUMNS[kind]}' for each, kind in attributes)
        changed = ", ocel_changed_field TEXT" if of == "object" else ""
        db.execute(
            f'create table "{of}_{mapped}" (ocel_id TEXT, ocel_time TIMESTAMP{changed}{columns})'
        )
        db.execute(f"insert into {of}_map_type values (?, ?)", (name, mapped))  # noqa: S608  our own words; values are bound
    return tables


def _fill_events(
    db: sqlite3.Connection, work: _Work, tables: dict[str, str], kinds: _Kinds
) -> None:
    for (identity, kind, time), values, relations in _events(work):
        db.execute("insert into event values (?, ?)", (identity, kind))
        stored = {name: _stored(value, kinds["event", kind, name]) for name, value in values}
        named = {"ocel_id": identity, "ocel_time": time, **stored}
        _insert(db, tables[kind], named)
        for each, qualifier in relations:
            db.execute("insert into event_object values (?, ?, ?)", (identity, each, qualifier))


def _fill_objects(
    db: sqlite3.Connection, work: _Work, tables: dict[str, str], kinds: _Kinds
) -> None:
    """Write first values in one row at the start of time, and each change in a row of its own."""
    for (identity, kind), values, related in _objects(work):
        db.execute("insert into object values (?, ?)", (identity, kind))
        _insert(db, tables[kind], {"ocel_id": identity, "ocel_time": _START})
        for name, time, value in values:
            change = {"ocel_id": identity, "ocel_time": time, "ocel_changed_field": name}
            stored = _stored(value, kinds["object", kind, name])
            _insert(db, tables[kind], {**change, name: stored})
        for each, qualifier in related:
            db.execute("insert into object_object values (?, ?, ?)", (identity, each, qualifier))


def _stored(value: str, kind: str) -> str | int:
    """Give a value as SQLite keeps its kind: it has no booleans, so they are 1 and 0.

    Source: SQLite documentation, "Datatypes In SQLite", section 2.1.
    """
    return int(value == "true") if kind == "boolean" else value


def _insert(db: sqlite3.Connection, table: str, named: Mapping[str, str | int]) -> None:
    columns = ", ".join(f'"{name}"' for name in named)
    marks = ", ".join("?" * len(named))
    db.execute(f'insert into "{table}" ({columns}) values ({marks})', tuple(named.values()))  # noqa: S608  names of our records
