"""Where open lines wait, read from the documents that are open: by kind and state, over an index.

Only what is open is read, however long the history; of each document only what the map needs.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.intelligence.waiting import Place, Waiting, Waits
from manciple.runtime.queries import Scope
from manciple.runtime.rows import moment

MOST = 2000
"""Open documents of one kind and state that are looked at, the oldest."""


class _Step(msgspec.Struct):
    state: str
    approver: str
    assigned_at: str | None = None


class _Approval(msgspec.Struct):
    steps: list[_Step]


class _NeedLine(msgspec.Struct):
    number: int
    item: str


class _Need(msgspec.Struct):
    lines: list[_NeedLine]
    approval: str | None = None


class _Line(msgspec.Struct):
    number: str
    item: str
    answer: dict[str, object] | None = None
    is_given_up: bool = False


class _Order(msgspec.Struct):
    thread: str
    lines: list[_Line]


_ORDERS = {
    "placed": (Place.ERP, "ERP"),
    "refused": (Place.REFUSED, "buyer"),
    "recorded": (Place.SENDING, "integration"),
    "received": (Place.INVOICE, ""),
}


class SqlWaiting:
    """Reads the wait map."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def waits(self, *, scope: Scope) -> Waits:
        """Give every open line within the scope, the longest wait first."""
        rows: list[Waiting] = []
        left_out = 0
        with reading(self._engine) as session:
            for kind, states in _OPEN.items():
                for state in states:
                    found = _documents(session, kind, state, scope)
                    left_out += max(0, len(found) - MOST)
                    rows += _READ[kind](session, state, found[:MOST])
        rows.sort(key=lambda row: (row.since, row.line))
        return Waits(rows=tuple(rows), left_out=left_out)


def _documents(session: Session, kind: str, state: str, scope: Scope) -> list[Row]:
    """Give open documents of a kind, the oldest first, one more than are looked at."""
    where, values = "kind = ? and state = ?", [kind, state]
    if scope.supplier is not None:
        where, values = f"{where} and supplier = ?", [*values, scope.supplier]
    more: list[object] = [*values]
    if scope.sites is not None:
        where = f"{where} and (site = '' or {session.among('site')})"
        more.append(session.keys(scope.sites))
    return session.rows(
        f"select id, body, at, site, supplier from document where {where} "  # noqa: S608  our own words; values are bound
        "order by made, id limit ?",
        (*more, MOST + 1),
    )


def _needs(session: Session, state: str, rows: Sequence[Row]) -> Iterator[Waiting]:
    needs = [(row, msgspec.json.decode(row[1], type=_Need)) for row in rows]
    turns = _turns(session, [need.approval for _, need in needs if need.approval])
    for row, need in needs:
        place, turn, since = Place.ORDERING, "manciple", moment(row[2])
        if state == "submitted":
            place, turn = Place.APPROVAL, "nobody yet"
            known = turns.get(need.approval or "")
            if known is not None:
                turn = known[0]
                since = moment(known[1]) if known[1] else since
        for line in need.lines:
            yield Waiting(
                thread=f"requisition/{row[0]}",
                line=f"{row[0]}/{line.number}",
                item=line.item,
                place=place,
                turn=turn,
                since=since,
                site=row[3],
                supplier=row[4],
            )


def _turns(session: Session, approvals: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Give by approval who is asked now, and since when the approval stands so."""
    names = [f"approval/{each}" for each in approvals]
    if not names:
        return {}
    rows = session.rows(
        f"select id, body, at from document where {session.among('ref')}",  # noqa: S608  our own words; values are bound
        (session.keys(names),),
    )
    found = {}
    for name, body, at in rows:
        approval = msgspec.json.decode(body, type=_Approval)
        asked = [step.approver for step in approval.steps if step.state == "pending"]
        found[name] = (" and ".join(asked) or "nobody yet", at)
    return found


def _orders(session: Session, state: str, rows: Sequence[Row]) -> Iterator[Waiting]:
    held = _held(session, [row[0] for row in rows]) if state == "received" else {}
    for row in rows:
        order = msgspec.json.decode(row[1], type=_Order)
        for line in order.lines:
            if line.is_given_up:
                continue
            place, turn = _of_line(state, line, row[4], row[3])
            if state == "received" and row[0] in held:
                place, turn = Place.MATCH, held[row[0]]
            yield Waiting(
                thread=order.thread,
                line=f"{row[0]}/{line.number}",
                item=line.item,
                place=place,
                turn=turn,
                since=moment(row[2]),
                site=row[3],
                supplier=row[4],
            )


def _of_line(state: str, line: _Line, supplier: str, site: str) -> tuple[Place, str]:
    if state in _ORDERS:
        place, turn = _ORDERS[state]
        return place, turn or supplier
    if line.answer is None:
        return Place.ANSWER, supplier
    if state == "shipped":
        return Place.RECEIPT, f"warehouse {site}"
    return Place.SHIPMENT, supplier


def _held(session: Session, orders: Sequence[str]) -> dict[str, str]:
    """Give by order who owns the holds of its invoices, where any is held."""
    refs = [f"invoice-index/{each}" for each in orders]
    if not refs:
        return {}
    indexes = session.rows(
        f"select id, body from document where {session.among('ref')}",  # noqa: S608  our own words; values are bound
        (session.keys(refs),),
    )
    of_order = {
        name: [str(each) for each in msgspec.json.decode(body).get("invoices", ())]
        for name, body in indexes
    }
    wanted = sorted({f"invoice/{each}" for names in of_order.values() for each in names})
    if not wanted:
        return {}
    rows = session.rows(
        "select id, body from document where state = 'held' "  # noqa: S608  our own words; values are bound
        f"and {session.among('ref')}",
        (session.keys(wanted),),
    )
    owners = {name: _owners(msgspec.json.decode(body)) for name, body in rows}
    return {
        order: ", ".join(sorted({owners[each] for each in names if each in owners}))
        for order, names in of_order.items()
        if any(each in owners for each in names)
    }


def _owners(invoice: dict[str, object]) -> str:
    holds = invoice.get("holds")
    found = {
        str(each.get("owner") or each.get("owner_role") or "").replace("_", " ")
        for each in (holds if isinstance(holds, list) else ())
        if isinstance(each, dict) and not each.get("released_by")
    }
    return " and ".join(sorted(each for each in found if each)) or "accounts payable"


_OPEN = {
    "requisition": ("submitted", "approved"),
    "purchase-order": (
        "placed", "refused", "recorded", "sent", "acknowledged", "shipped", "received",
    ),
}  # fmt: skip
_READ = {"requisition": _needs, "purchase-order": _orders}
