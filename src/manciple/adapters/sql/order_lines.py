"""Order lines, by item and site, and those that are still to come: each over its index.

Of an open order only what a page shows is decoded; what is left of a line is summed by the
database, from its postings.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
import sqlalchemy as sa

from manciple.adapters.sql.engine import Session, reading
from manciple.adapters.sql.needs import newest_of
from manciple.adapters.sql.records import RecordTable
from manciple.adapters.sql.types import unscaled
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import OrderState
from manciple.ordering.queries import Coming, ItemOrdered, OpenLine
from manciple.runtime.queries import Scope, Whole

_ORDERED = RecordTable.of("item_ordered", ItemOrdered)
_OPEN = tuple(
    state.value
    for state in (
        OrderState.PLACED, OrderState.RECORDED, OrderState.SENT, OrderState.ACKNOWLEDGED,
        OrderState.SHIPPED, OrderState.RECEIVED,
    )
)  # fmt: skip
_MORE = (Stage.ORDERED.value, Stage.TO_BE_REPLACED.value)
_LESS = (Stage.CANCELLED.value, Stage.SHORT_CLOSED.value, Stage.RECEIVED.value)


class _Line(msgspec.Struct):
    number: str
    item: str
    description: str
    needed_by: date
    first_promise: date | None = None
    promise: date | None = None
    promise_at: tuple[str, ...] = ()
    is_given_up: bool = False


class _Order(msgspec.Struct):
    id: str
    site: str
    supplier: str
    ordered_on: date
    lines: list[_Line]


class SqlOrderLines:
    """Reads order lines."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def to_come(
        self, *, scope: Scope, site: str = "", supplier: str = "", most: int
    ) -> Whole[OpenLine]:
        """Give lines of which something is still to come, of the oldest ``most`` open orders."""
        with reading(self._engine) as session:
            where = f"kind = 'purchase-order' and {session.among('state')}"
            values: list[object] = [session.keys(_OPEN)]
            for column, value in (
                ("supplier", supplier), ("site", site), ("supplier", scope.supplier or ""),
            ):  # fmt: skip
                if value:
                    where += f" and {column} = ?"
                    values.append(value)
            if scope.sites is not None:
                where += f" and {session.among('site')}"
                values.append(session.keys(scope.sites))
            rows = session.rows(
                f"select body from document where {where} order by made, id limit ?",  # noqa: S608  our own words; values are bound
                [*values, most + 1],
            )
            left_out = 0
            if len(rows) > most:
                counted = session.one(f"select count(*) from document where {where}", values)  # noqa: S608  our own words; values are bound
                left_out = int(counted[0]) - most if counted else 0
            orders = [msgspec.json.decode(row[0], type=_Order) for row in rows[:most]]
            left = _left(session, [order.id for order in orders])
        return Whole(
            rows=tuple(each for order in orders for each in _open_lines(order, left)),
            left_out=left_out,
        )

    def ordered(self, keys: Sequence[str], *, most: int) -> dict[str, tuple[ItemOrdered, ...]]:
        """Give the newest ``most`` order lines of each ``site:item``, newest first."""
        with reading(self._engine) as session:
            found = newest_of(session, _ORDERED, keys, most=most)
        return {key: tuple(map(_ORDERED.record, rows)) for key, rows in found.items()}

    def left(self, orders: Sequence[str]) -> dict[tuple[str, str], Quantity]:
        """Give what is still to come of each order and line, in the base unit."""
        with reading(self._engine) as session:
            return _left(session, orders)

    def coming(self, orders: Sequence[str]) -> dict[tuple[str, str], Coming]:
        """Give what is open and what is on its way of each order and line, in the base unit."""
        if not orders:
            return {}
        with reading(self._engine) as session:
            rows = session.rows(
                f"select owner, line, quantity_unit, {_STILL}, "  # noqa: S608  our own words; values are bound
                f"sum(case stage when '{Stage.SHIPPED.value}' then quantity "
                f"when '{Stage.RECEIVED.value}' then -quantity else 0 end) "
                f"from posting where {session.among('owner')} "
                "group by owner, line, quantity_unit",
                (session.keys(list(orders)),),
            )
        return {
            (owner, line): Coming(
                open=Quantity(unscaled(max(0, int(left))), Unit(unit)),
                on_the_way=Quantity(unscaled(max(0, int(sent))), Unit(unit)),
            )
            for owner, line, unit, left, sent in rows
        }


def _stages(stages: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in stages)


_STILL = (
    f"sum(case when stage in ({_stages(_MORE)}) then quantity "
    f"when stage in ({_stages(_LESS)}) then -quantity else 0 end)"
)


def _left(session: Session, orders: Sequence[str]) -> dict[tuple[str, str], Quantity]:
    if not orders:
        return {}
    rows = session.rows(
        f"select owner, line, quantity_unit, {_STILL} "  # noqa: S608  our own words; values are bound
        f"from posting where {session.among('owner')} group by owner, line, quantity_unit",
        (session.keys(list(orders)),),
    )
    return {
        (owner, line): Quantity(unscaled(max(0, int(total))), Unit(unit))
        for owner, line, unit, total in rows
    }


def _open_lines(order: _Order, left: Mapping[tuple[str, str], Quantity]) -> Iterator[OpenLine]:
    for line in order.lines:
        still = left.get((order.id, line.number))
        if line.is_given_up or still is None or not still:
            continue
        yield OpenLine(
            order=order.id,
            line=line.number,
            item=line.item,
            description=line.description,
            supplier=order.supplier,
            site=order.site,
            open=still,
            needed_by=line.needed_by,
            ordered_on=order.ordered_on,
            first_promise=line.first_promise,
            promise=line.promise,
            promised_on=_day(line.promise_at),
        )


def _day(stated_at: Sequence[str]) -> date | None:
    """Read the day on which a supplier said something: as issued, else as sent."""
    for text in stated_at:
        if text:
            return date.fromisoformat(text[:10])
    return None
