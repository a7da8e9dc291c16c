"""The line board: its indexes, and the rows of order lines that were open before it was kept."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006_line_board"
down_revision = "0005_attempts_and_audit"
branch_labels = None
depends_on = None

_LINES = sa.text("list = 'line'")
_OPEN = ("placed", "refused", "recorded", "sent", "acknowledged", "shipped")
_PROPOSED = frozenset(
    {
        "SHORTAGE",
        "DATE_CHANGE",
        "PRICE_VARIANCE",
        "SUBSTITUTION",
        "REJECTED_LINE",
        "OVER_SHIPMENT",
    }
)
_Json = Mapping[str, Any]


def upgrade() -> None:
    """Make the indexes, and put what is open on the board."""
    for name, columns in (
        ("task_line_stage", ["priority", "due_at", "id"]),
        ("task_line_due", ["due_at", "id", "priority", "site", "supplier"]),
    ):
        op.create_index(
            name, "task", columns, unique=False, sqlite_where=_LINES, postgresql_where=_LINES
        )
    fill(op.get_bind())


def fill(db: sa.Connection) -> None:
    """Put the open lines and proposals of the documents that are there on their worklists."""
    zones = {
        body["id"]: body.get("zone", "UTC") for body, _ in _documents(db, "site", ("active",))
    }
    disputed = _disputed(db)
    rows = [
        row
        for body, at in _documents(db, "purchase-order", _OPEN)
        for row in _rows(
            body,
            at,
            zones.get(body["site"], "UTC"),
            _open_of(db, body["id"]),
            disputed.get(body["id"], set()),
        )
    ]
    if rows:
        columns = list(rows[0])
        listed, marks = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        db.execute(sa.text(f"insert into task ({listed}) values ({marks})"), rows)  # noqa: S608  our own words; values are bound
    _propose(db)


def _propose(db: sa.Connection) -> None:
    """Put the open proposals on their worklist."""
    copy = sa.text(
        "insert into task (id, list, subject, title, role, owner, opened_at, due_at, site, "
        "supplier, priority, state) select 'proposal:' || id, 'proposal', 'case/' || id, title, "
        "role, owner, opened_at, due_at, site, supplier, 100, 'open' from task where id = :id"
    )
    for case, _ in _documents(db, "case", ("open",)):
        if _is_proposal(case):
            db.execute(copy, {"id": case["id"]})


def _disputed(db: sa.Connection) -> dict[str, set[str]]:
    """Give by order the lines on whose answer somebody must decide; "" stands for all."""
    found: dict[str, set[str]] = {}
    for case, _ in _documents(db, "case", ("open",)):
        if _is_proposal(case):
            line = case["discrepancy"].get("line") or ""
            found.setdefault(case["subject"]["id"], set()).add(line)
    return found


def _is_proposal(case: _Json) -> bool:
    return case["code"] in _PROPOSED and case["subject"]["kind"] == "purchase-order"


def _documents(
    db: sa.Connection, kind: str, states: tuple[str, ...]
) -> Iterator[tuple[Mapping[str, Any], int]]:
    sql = sa.text("select body, at from document where kind = :kind and state = :state")
    for state in states:
        for body, at in db.execute(sql, {"kind": kind, "state": state}).all():
            yield json.loads(bytes(body)), at


def _open_of(db: sa.Connection, order: str) -> dict[str, int]:
    """Give what is still to come of each line, in millionths of its base unit."""
    sql = sa.text(
        "select line, sum(case when stage in ('ordered', 'to_be_replaced') then quantity "
        "when stage in ('cancelled', 'short_closed', 'received') then -quantity else 0 end) "
        "from posting where owner = :order group by line"
    )
    return {line: int(total) for line, total in db.execute(sql, {"order": order}).all()}


def _rows(
    order: _Json, at: int, zone: str, still_open: Mapping[str, int], disputed: Collection[str]
) -> Iterator[dict[str, object]]:
    for line in order["lines"]:
        if line.get("is_given_up") or still_open.get(line["number"], 0) <= 0:
            continue
        day = date.fromisoformat(line.get("promise") or line["needed_by"])
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        since = midnight - datetime(1970, 1, 1, tzinfo=UTC)
        words = [order["id"], line["number"], line["item"], line.get("supplier_item")]
        words += [line["description"], order.get("erp_number")]
        place, role = _stage(order, line, disputed)
        yield {
            "id": f"line:{order['id']}/{line['number']}",
            "list": "line",
            "subject": f"purchase-order/{order['id']}",
            "title": " ".join(word for word in words if word),
            "role": role,
            "owner": None,
            "opened_at": at,
            "due_at": (since.days * 86_400 + since.seconds) * 1_000_000,
            "site": order["site"],
            "supplier": order["supplier"],
            "priority": place,
            "state": "open",
        }


def _stage(order: _Json, line: _Json, disputed: Collection[str]) -> tuple[int, str]:
    answer = line.get("answer")
    if answer:
        is_changed = answer["state"] != "full" and bool({line["number"], ""} & set(disputed))
        return (30, "buyer") if is_changed else (40, "supplier")
    is_told = order.get("sent_revision", 0) >= line.get("revision", 1)
    if is_told and order["state"] not in {"placed", "refused"}:
        return 20, "supplier"
    return 10, "buyer"
