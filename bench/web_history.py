"""A house with much open work, for measuring pages: exceptions, holds, approvals, letters, papers.

    python -m bench.web_history sqlite:///FILE --orders 100000

A day of the tests' small company is lived once, through its doors, and told again and again as
`bench.history` does, with what hangs on its documents: worklists, notices, effects, timers, facts.
One of everything (a return, a delegation, a signed link, ...) stands once, in no telling.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from bench.history import Stem, Teller, Text, Told, dotted, named
from rich.progress import Progress
from tests.api.installation import Installation, installed
from tests.api.small_company import PEOPLE
from tests.api.supplier_side import SupplierSide
from tests.api.test_api_permissions import Subjects
from tests.scenarios.office import agree, raise_need
from tests.web.signed_in import with_passwords

from manciple.adapters.reference.switches import Mode
from manciple.adapters.sql import sums
from manciple.adapters.sql.audit_trail import SqlAuditTrail
from manciple.adapters.sql.engine import Session, open_engine, reading, transaction
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.schema import TABLES
from manciple.adapters.sql.sealer import Sealer
from manciple.world.desk import ReceivedOrder

APART = timedelta(minutes=24)
"""Between the times of one telling and the next: a hundred thousand orders are three months."""
NEEDS = 7
"""Needs of a day, each of one line from each of three suppliers."""
_TABLES = {
    "trace": ("key", "thread", "ref"),
    "posting": (),
    "assigned": (),
    "commitment": (),
    "notice": (),
    "raised": (),
    "item_ordered": (),
    "lead_time": (),
    "task": ("id",),
    "timer": ("key",),
    "effect": ("key",),
    "attempt": (),
    "metric_fact": ("metric", "key"),
}
"""What hangs on documents, with the names of its key; a running number is given anew."""
_SERIAL = 7_000_000_000
_PAPER = re.compile(r"[A-Z]7\d{9}$")
"""Numbers of suppliers' papers in the day: each telling has its own hundred thousand."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A day that was lived: the database as it was left, and what of it is told again.

    Attributes:
        names: one thing of each noun, to be looked at.
        orders, exceptions: how many of each one telling has, the exceptions open.
    """

    url: str
    stem: Stem
    names: Mapping[str, str]
    at: datetime
    orders: int
    exceptions: int

    def tellings(self, orders: int, exceptions: int) -> int:
        """Say how often the day is told for so many orders and open exceptions at least."""
        return max(-(-orders // self.orders), -(-exceptions // self.exceptions))


def lived(home: Path, copy: Callable[[Installation], str]) -> Lived:
    """Live the day; ``copy`` gives the address of a database with what was there before it."""
    with installed(home) as house:
        with_passwords(house, *(each.id for each in PEOPLE if each.supplier is None))
        names = Subjects(house).names
        _follow(house)
        url, mark = copy(house), int(house.own("select max(n) from event")[0][0])
        kept = {name: _whole(house, name) for name in (*_TABLES, "blob")}
        _day(house)
        _follow(house)
        with reading(house.app.store.engine) as session:
            stem = _taken(session, mark, kept)
        at = house.clock.now()
    states = [row[stem.columns["document"].index("state")] for row in stem.documents]
    kinds = [row[stem.columns["document"].index("kind")] for row in stem.documents]
    told = [
        (kind.parts[0], state.parts[0])
        for kind, state in zip(kinds, states, strict=True)
        if isinstance(kind, Text) and isinstance(state, Text)
    ]
    return Lived(
        url=url,
        stem=stem,
        names=names,
        at=at,
        orders=sum(1 for kind, _ in told if kind == "purchase-order"),
        exceptions=told.count(("case", "open")),
    )


def _follow(house: Installation) -> None:
    house.wait(minutes=1)  # who followed before holds on for some seconds
    now, engine = house.clock.now(), house.app.store.engine
    Sealer(engine).seal_all(now)
    Follower(engine).follow_all(now)
    SqlAuditTrail(engine).follow_all(now)


def _whole(house: Installation, table: str) -> frozenset[tuple[Any, ...]]:
    return frozenset(house.own(f"select * from {table}"))


def _day(house: Installation) -> None:
    """Let orders be made, and half of them go wrong in all the ways that a day knows."""
    suppliers = {name: SupplierSide(house, name) for name in ("ADLER", "BLUE", "COBALT")}
    for place, desk in enumerate(suppliers.values(), 5):
        desk.control = place * 1000
    raise_need(house, (("VALVE", "240"),))
    off = {"sender": "a@example.com", "address": "http://manciple.invalid", "is_on": False}
    assert house.post("root", "/v1/mailing", off).status == 200
    known = {order.number for desk in suppliers.values() for order in desk.orders()}
    for _ in range(NEEDS):
        agree(house, raise_need(house, (("ANCHOR", "20"), ("VALVE", "12"), ("SOLVENT", "6"))))
    for name, desk in suppliers.items():
        came = [order for order in desk.orders() if order.number not in known]
        for place, order in enumerate(came):
            _answered(house, desk, order, place, serial=_SERIAL + ord(name[0]) * 100 + place)
    raise_need(house, (("VALVE", "240"),))
    house.switch(house.erp, Mode.REFUSE, reason="cost centre closed")
    agree(house, raise_need(house, (("BOLT", "300"),)))
    house.switch(house.erp, Mode.OFF)


def _answered(
    house: Installation, desk: SupplierSide, order: ReceivedOrder, place: int, *, serial: int
) -> None:
    """Have a supplier answer an order as its place in the day says."""
    number = f"A{serial}"
    if place == 0:
        desk.drop(desk.acknowledgment(order, number=number))
        desk.drop(desk.ship_notice(order, f"S{serial}"))
        ordered = {line.line: int(line.ordered * 12) for line in order.lines}
        house.count_at_dock(f"R{serial}", order.number, ordered)
        desk.drop(desk.invoice(order, f"X{serial}"))
    elif place == 1:
        desk.drop(desk.acknowledgment(order, {"1": 0}, number=number))
    elif place == 2:
        dear = {line.line: f"{line.price * 2:f}" for line in order.lines}
        desk.drop(desk.acknowledgment(order, prices=dear, number=number))
    elif place == 3:
        desk.drop(desk.acknowledgment(order, number=number, late=21))
    elif place == 4:
        desk.drop(desk.invoice(order, f"X{serial}"))


def _numbered(text: str, telling: int) -> str:
    """Give a paper's number in another telling."""
    return f"{text[0]}{int(text[1:]) + telling * 100_000:010d}"


def _taken(session: Session, mark: int, kept: Mapping[str, frozenset[tuple[Any, ...]]]) -> Stem:
    """Take apart what came after the mark; what was there before is left as it is."""
    rows = session.rows(
        "select stream, version, type, body, at from event where n > ? and stream not in "
        "(select stream from event where n <= ?) order by n",
        (mark, mark),
    )
    streams = {row[0] for row in rows}
    names = named(session, streams)
    names.apart = APART
    for stream in streams:
        kind, _, name = stream.partition("/")
        if kind == "receipt":
            names.of[name] = dotted
    for (key,) in session.rows("select distinct key from trace order by key"):
        if _PAPER.match(key):
            names.of[key] = _numbered
    names.compile()

    def text(value: object) -> Any:
        if isinstance(value, bytes):
            return Text.of(value.decode(), names)
        return Text.of(value, names) if isinstance(value, str) else value

    columns = {name: _columns(session, name) for name in ("document", "event", "blob", *_TABLES)}
    head = columns["document"].index("head")
    documents = tuple(
        tuple(None if place == head else text(value) for place, value in enumerate(row))
        for row in session.rows(f"select {', '.join(columns['document'])} from document")
        if row[0] in streams
    )
    others = {}
    for name, key in _TABLES.items():
        new = [row for row in session.rows(f"select * from {name}") if row not in kept[name]]
        skipped = 0 if "n" not in _all_columns(session, name) else 1
        taken = (tuple(text(value) for value in row[skipped:]) for row in new)
        places = [columns[name].index(each) for each in key]
        others[name] = tuple(
            row for row in taken if not places or any(len(row[each].parts) > 1 for each in places)
        )
    blobs = tuple(
        (digest, Text.of(data.decode(), names))
        for digest, chunk, data in session.rows("select digest, chunk, data from blob")
        if (digest, chunk, data) not in kept["blob"]
    )
    return Stem(
        names=names,
        events=tuple(
            Told(Text.of(row[0], names), row[1], row[2], Text.of(row[3].decode(), names), row[4])
            for row in rows
        ),
        documents=documents,
        blobs=blobs,
        others=others,
        columns=columns,
    )


def _all_columns(session: Session, table: str) -> tuple[str, ...]:
    return tuple(row[0] for row in session.rows(f"select name from pragma_table_info('{table}')"))


def _columns(session: Session, table: str) -> tuple[str, ...]:
    return tuple(name for name in _all_columns(session, table) if name != "n")


def fill(day: Lived, url: str, tellings: int) -> int:
    """Tell the day so often into a migrated database; gives the events that were written.

    Effects that were done are told with one batch in ten: retention has deleted the others.
    """
    engine = open_engine(url, synchronous="OFF")
    _carry(day.url, engine)
    teller, total = Teller(day.stem, engine), 0
    others = dict(day.stem.others)
    state = day.stem.columns["effect"].index("state")
    waiting = [
        row
        for row in others["effect"]
        if not isinstance(each := row[state], Text) or each.parts != ("done",)
    ]
    seldom = replace(day.stem, others=others | {"effect": tuple(waiting)})
    with Progress() as bar:
        task = bar.add_task("days told", total=tellings)
        for first in range(1, tellings + 1, 10):
            batch = range(first, min(first + 10, tellings + 1))
            teller.stem = day.stem if first % 100 == 1 else seldom
            total += teller.tell(batch)
            bar.advance(task, len(batch))
        bar.console.print("the audit's index, and statistics for the planner")
    now = datetime.now(UTC)
    _followed(engine)
    SqlAuditTrail(engine, most=5000).follow_all(now)
    with transaction(engine) as session:
        session.write("analyze")
    engine.dispose()
    return total


def _carry(url: str, target: sa.Engine) -> None:
    """Copy what was there before the day into an empty database of either kind."""
    source = open_engine(url)
    with reading(source) as here, transaction(target) as there:
        for table in TABLES.sorted_tables:
            names = [column.name for column in table.columns]
            rows = here.rows(f"select {', '.join(names)} from {table.name}")
            marks = ", ".join("?" * len(names))
            there.write_all(
                f"insert into {table.name} ({', '.join(names)}) values ({marks})", rows
            )
            if there.is_postgres and "n" in names:
                there.one(
                    f"select setval(pg_get_serial_sequence('{table.name}', 'n'), "
                    f"coalesce((select max(n) from {table.name}), 0) + 1, false)"
                )
    source.dispose()


def _followed(engine: sa.Engine) -> None:
    """Say that the facts are up to the last event: they were told with the orders."""
    with transaction(engine) as session:
        session.write(
            "update metric_progress set seq = (select max(seq) from event) where name = 'facts'"
        )
        sums.remake(session)
