"""Finds what begins with a few typed signs: business keys of the trace index, and records by id.

    PO-4T0   -> purchase-order/PO-4T0C9M2K7QWE on its thread, and whatever else that key names

Two questions to the database, each a range of a primary key, whatever is stored.
"""

from typing import Final

import sqlalchemy as sa

from manciple.adapters.sql.engine import Session, reading
from manciple.kernel.records import dataclass
from manciple.runtime.queries import Scope

RECORDS: Final = ("item", "supplier", "site", "case", "approval")
"""Kinds that are found by their own number; everything that flows is found by its keys."""
_LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something whose key or number begins as was typed.

    Attributes:
        key: what matched, for example the supplier's own number of an order.
        kind, id: the document that it names.
        thread: on which thread it lies; empty for a record.
    """

    key: str
    kind: str
    id: str
    state: str
    thread: str = ""


class Finder:
    """Reads the trace index and the documents by the beginning of their keys."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read through an engine."""
        self._engine = engine

    def find(self, text: str, *, scope: Scope, limit: int) -> tuple[Found, ...]:
        """Give what begins with ``text`` within the scope, exact matches first, then by key."""
        typed = tuple(dict.fromkeys((text, text.upper())))
        with reading(self._engine) as session:
            found = [
                *self._keys(session, typed, scope, limit),
                *self._records(session, typed, scope, limit),
            ]
        found.sort(key=lambda each: (each.key.upper() != text.upper(), each.key, each.kind))
        return tuple(dict.fromkeys(found))[:limit]

    def _keys(
        self, session: Session, typed: tuple[str, ...], scope: Scope, limit: int
    ) -> list[Found]:
        ranges = " or ".join("(t.key >= ? and t.key < ?)" for _ in typed)
        within, values = _within(session, scope)
        rows = session.rows(
            "select t.key, d.kind, d.id, d.state, t.thread from trace t "  # noqa: S608  our own words; values are bound
            f"join document d on d.ref = t.ref where ({ranges}){within} "
            "order by t.key, t.thread, t.ref limit ?",
            (*(each for text in typed for each in (text, text + _LAST)), *values, limit),
        )
        return [
            Found(key=key, kind=kind, id=number, state=state, thread=thread)
            for key, kind, number, state, thread in rows
        ]

    def _records(
        self, session: Session, typed: tuple[str, ...], scope: Scope, limit: int
    ) -> list[Found]:
        begins = [f"{kind}/{text}" for kind in RECORDS for text in typed]
        within, values = _within(session, scope)
        of_one = (
            "select * from (select d.kind, d.id, d.state, d.ref from document d "  # noqa: S608  our own words; values are bound
            f"where d.ref >= ? and d.ref < ?{within} order by d.ref limit ?) as each"
        )
        rows = session.rows(
            f"{' union all '.join(of_one for _ in begins)} order by 4 limit ?",
            (*(v for text in begins for v in (text, text + _LAST, *values, limit)), limit),
        )
        return [
            Found(key=number, kind=kind, id=number, state=state) for kind, number, state, _ in rows
        ]


def _within(session: Session, scope: Scope) -> tuple[str, tuple[object, ...]]:
    """Give the condition for whose rows may be seen; what belongs to no site is everybody's."""
    parts = ""
    values: list[object] = []
    if scope.supplier is not None:
        parts += " and d.supplier = ?"
        values.append(scope.supplier)
    if scope.sites is not None:
        parts += f" and (d.site = '' or {session.among('d.site')})"
        values.append(session.keys(scope.sites))
    return parts, tuple(values)
