"""The buyer's line board, read from its worklist: one page of rows and what they say now.

The number of statements is the same for one row and for a page: the rows, their orders, what was
posted on these, and the exceptions that are open about them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec
import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.adapters.sql.types import unscaled
from manciple.cases.life import about
from manciple.intelligence.lines import BoardQuery, BoardRow, Facets, Tab
from manciple.kernel.errors import refuse
from manciple.kernel.quantity import Quantity
from manciple.ordering.board import PLACES, SOON, Stage
from manciple.ordering.line_ledger import Stage as Posted
from manciple.ordering.purchase_order import OrderState, PurchaseOrder
from manciple.runtime.codec import decode
from manciple.runtime.documents import Ref
from manciple.runtime.queries import MOST_ROWS, Page, Scope
from manciple.runtime.rows import micros, moment

_MARK: Final = "~"
_STAGES: Final = {place: stage for stage, place in PLACES.items()}
Sums = Mapping[str, Decimal]


class SqlLines:
    """Reads the line board."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def page(
        self, query: BoardQuery, *, scope: Scope, now: datetime, after: str | None, limit: int
    ) -> Page[BoardRow]:
        """Give lines of a tab, the first to be late first."""
        most = max(1, min(limit, MOST_ROWS))
        with reading(self._engine) as session:
            where, values = _where(session, query, scope)
            _of_tab(query.tab, now, where, values)
            due = "due_at" if query.tab.stage is None else "coalesce(due_at, 0)"
            if after is not None:
                where.append(f"({due}, id) > (?, ?)")
                values += _cursor(after)
            rows = session.rows(
                "select id, subject, priority, opened_at, due_at from task "  # noqa: S608  our own words; values are bound
                f"where {' and '.join(where)} order by {due}, id limit ?",
                (*values, most + 1),
            )
            shown = rows[:most]
            found = _told(session, shown)
        more = len(rows) > most
        return Page(
            rows=tuple(found), after=f"{shown[-1][4]}{_MARK}{shown[-1][0]}" if more else None
        )

    def counts(self, query: BoardQuery, *, scope: Scope, now: datetime) -> Mapping[Tab, int]:
        """Count the lines of every tab under the query's other conditions."""
        at, soon = micros(now), micros(now + SOON)
        with reading(self._engine) as session:
            where, values = _where(session, query, scope)
            rows = session.rows(
                "select supplier, site, priority, count(*), "  # noqa: S608  our own words; values are bound
                "sum(case when due_at <= ? then 1 else 0 end), "
                "sum(case when due_at > ? and due_at <= ? then 1 else 0 end) from task "
                f"where {' and '.join(where)} group by supplier, site, priority",
                (at, at, soon, *values),
            )
        counts = dict.fromkeys(Tab, 0)
        for _, _, place, every, late, coming in rows:
            if place in _SHOWN:
                counts[Tab(_STAGES[place].value)] += int(every)
            counts[Tab.ALL] += int(every)
            counts[Tab.LATE] += int(late)
            counts[Tab.SOON] += int(coming)
        return counts

    def facets(self, *, scope: Scope) -> Facets:
        """Give the suppliers and sites that have open lines."""
        with reading(self._engine) as session:
            where, values = _where(session, BoardQuery(), scope)
            rows = session.rows(_FACETS.format(where=" and ".join(where)), values * 5)
        return Facets(
            suppliers=tuple(sorted({row[0] for row in rows})),
            sites=tuple(sorted({row[1] for row in rows})),
        )


_NEXT_SITE: Final = (
    "select site from task where {where} and supplier = met.supplier and site > met.site "
    "order by site limit 1"
)
_NEXT_SUPPLIER: Final = (
    "select {what} from task where {where} and supplier > met.supplier "
    "order by supplier, site limit 1"
)
_FACETS: Final = (
    "with recursive met(supplier, site) as (select * from (select supplier, site from task "  # noqa: S608  our own words; values are bound
    "where {where} order by supplier, site limit 1) as head union all "
    f"select case when exists ({_NEXT_SITE}) then met.supplier "
    f"else ({_NEXT_SUPPLIER.replace('{what}', 'supplier')}) end, "
    f"coalesce(({_NEXT_SITE}), ({_NEXT_SUPPLIER.replace('{what}', 'site')})) "
    "from met where met.supplier is not null) "
    "select supplier, site from met where supplier is not null"
)
"""Each supplier and site that there is: a step through the index, not a look at each line.
Source: PostgreSQL's wiki, "Loose indexscan"."""
_SHOWN: Final = frozenset(PLACES[stage] for stage in Stage if stage is not Stage.COMING)
"""The places that have a tab of their own."""


def _where(session: Session, query: BoardQuery, scope: Scope) -> tuple[list[str], list[object]]:
    """Give the conditions of a query but for its tab, as the indexes of lines say them."""
    where, values = ["list = 'line'", "state = 'open'"], list[object]()
    if scope.supplier is not None:
        where.append("supplier = ?")
        values.append(scope.supplier)
    for sites in (scope.sites, query.sites):
        if sites is not None:
            where.append(session.among("site"))
            values.append(session.keys(sites))
    if query.supplier:
        where.append("supplier = ?")
        values.append(query.supplier)
    for word in query.text.lower().split():
        where.append("lower(title) like ? escape '!'")
        values.append(f"%{_literal(word)}%")
    return where, values


def _literal(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _of_tab(tab: Tab, now: datetime, where: list[str], values: list[object]) -> None:
    if tab.stage is not None:
        where.append("priority = ?")
        values.append(PLACES[tab.stage])
    elif tab is Tab.LATE:
        where.append("due_at <= ?")
        values.append(micros(now))
    elif tab is Tab.SOON:
        where.append("due_at > ? and due_at <= ?")
        values += [micros(now), micros(now + SOON)]


def _cursor(after: str) -> tuple[int, str]:
    due, _, name = after.partition(_MARK)
    if not name or not due.isascii() or not due.isdecimal() or len(due) > _LONGEST:
        raise refuse(
            "BAD_CURSOR", "this cursor is none of ours", field="after",
            fix="Begin again at the head of the list.",
        )  # fmt: skip
    return int(due), name


_LONGEST: Final = 18


def _told(session: Session, rows: Sequence[Row]) -> list[BoardRow]:
    """Say of each row what its order says now; one whose order has lost the line is left out."""
    names = sorted({str(row[1]) for row in rows})
    if not names:
        return []
    orders = _orders(session, names)
    sums = sums_of(session, [name.partition("/")[2] for name in names])
    cases = _cases(session, names)
    found = []
    for name, subject, place, since, due in rows:
        order = orders.get(subject)
        number = str(name).rpartition("/")[2]
        line = order.line(number) if order else None
        if order is None or line is None:
            continue
        stage = _STAGES.get(place, Stage.COMING)
        posted = sums.get((order.id, number), {})
        open_cases = [each for each in cases[subject] if each.is_about(number)]
        found.append(
            BoardRow(
                order=order.id,
                thread=order.thread,
                line=number,
                item=line.item,
                description=line.description,
                supplier=order.supplier,
                site=order.site,
                wanted=Quantity(_wanted(posted), line.base_unit),
                open=Quantity(still_open(posted), line.base_unit),
                needed_by=line.needed_by,
                promise=line.promise,
                stage=stage,
                state=order.state,
                turn=turn_of(order, stage, posted, [each.who for each in open_cases]),
                since=moment(since),
                late_from=moment(due),
                cases=tuple((each.id, each.code) for each in open_cases),
            )
        )
    return found


def _orders(session: Session, names: Sequence[str]) -> dict[str, PurchaseOrder]:
    rows = session.rows(
        f"select ref, body from document where {session.among('ref')}",  # noqa: S608  our own words; values are bound
        (session.keys(names),),
    )
    return {name: decode(body, PurchaseOrder) for name, body in rows}


def sums_of(session: Session, orders: Sequence[str]) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Sum what was posted on the lines of some orders, in base units, by stage."""
    rows = session.rows(
        "select owner, line, stage, sum(quantity) from posting "  # noqa: S608  our own words; values are bound
        f"where {session.among('owner')} group by owner, line, stage",
        (session.keys(orders),),
    )
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for owner, line, stage, total in rows:
        sums.setdefault((owner, line), {})[stage] = unscaled(int(total))
    return sums


class _Discrepancy(msgspec.Struct):
    line: str | None = None


class _Case(msgspec.Struct):
    id: str
    code: str
    owner_role: str
    discrepancy: _Discrepancy
    owner: str | None = None

    def is_about(self, line: str) -> bool:
        return self.discrepancy.line in {None, line}

    @property
    def who(self) -> str:
        return self.owner or self.owner_role.replace("_", " ")


def _cases(session: Session, names: Sequence[str]) -> dict[str, list[_Case]]:
    """Give the exceptions that are open about some orders, by the order's reference."""
    rows = session.rows(
        "select t.key, d.body from trace t join document d on d.ref = t.ref "  # noqa: S608  our own words; values are bound
        f"where d.kind = 'case' and d.state = 'open' and {session.among('t.key')} order by d.id",
        (session.keys([about(Ref.parse(name)) for name in names]),),
    )
    found: dict[str, list[_Case]] = {}
    for key, body in rows:
        case = msgspec.json.decode(body, type=_Case)
        found.setdefault(key, []).append(case)
    return {name: found.get(about(Ref.parse(name)), []) for name in names}


def _of(posted: Sums, stage: Posted) -> Decimal:
    return posted.get(stage.value, Decimal(0))


def _wanted(posted: Sums) -> Decimal:
    return _of(posted, Posted.ORDERED) - _of(posted, Posted.CANCELLED)


def still_open(posted: Sums) -> Decimal:
    """Give what is still expected by a line's sums; the ledger's own rule."""
    asked = _wanted(posted) + _of(posted, Posted.TO_BE_REPLACED)
    gone = _of(posted, Posted.SHORT_CLOSED) + _of(posted, Posted.RECEIVED)
    return max(asked - gone, Decimal(0))


def turn_of(order: PurchaseOrder, stage: Stage, posted: Sums, owners: Sequence[str]) -> str:
    """Say who has to act on a line."""
    match stage:
        case Stage.RELEASE:
            if order.state is OrderState.REFUSED:
                return owners[0] if owners else "buyer"
            return "ERP" if order.state is OrderState.PLACED else "integration"
        case Stage.CHANGED:
            return owners[0] if owners else "planner"
        case Stage.UNANSWERED:
            return order.supplier
        case Stage.COMING:
            shipped = _of(posted, Posted.SHIPPED)
            is_here_soon = shipped > _of(posted, Posted.RECEIVED) and shipped >= _wanted(posted)
            return f"warehouse {order.site}" if is_here_soon else order.supplier
