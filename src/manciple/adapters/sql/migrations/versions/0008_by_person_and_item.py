"""Needs by the person who stated them; order lines, lead times and words of items by item."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from manciple.catalog.finding import words_of
from manciple.catalog.item import Item
from manciple.runtime.codec import decode

revision = "0008_by_person_and_item"
down_revision = "0007_notices"
branch_labels = None
depends_on = None
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MILLION = 10**6


def upgrade() -> None:
    """Make the tables, and fill them from what was kept before."""
    _table("raised", _words("requisition"))
    _table(
        "item_ordered",
        *(_words(name) for name in ("purchase_order", "line", "supplier")),
        _number("quantity"),
        *(_words(name) for name in ("quantity_unit", "ordered_on")),
    )
    _table(
        "lead_time",
        *(_words(name) for name in ("purchase_order", "line", "supplier")),
        *(_words(name) for name in ("ordered_on", "received_on")),
        _number("days"),
    )
    _table("item_word", _words("item"))
    _fill_raised()
    _fill_orders()
    _fill_words()


def _table(name: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        _words("owner"),
        *columns,
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(f"{name}_owner", name, ["owner", "n"], unique=False)


def _words(name: str) -> "sa.Column[str]":
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bodies(kind: str) -> Iterator[bytes]:
    rows = op.get_bind().execute(
        sa.text("select body from document where kind = :kind order by made, id"), {"kind": kind}
    )
    for row in rows:
        yield bytes(row[0])


def _write(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join(f":{name}" for name in names)
        sql = f"insert into {table} ({', '.join(names)}) values ({marks})"  # noqa: S608  names of our own
        op.get_bind().execute(sa.text(sql), rows)


def _fill_raised() -> None:
    needs = (json.loads(body) for body in _bodies("requisition"))
    _write("raised", [{"owner": each["requester"], "requisition": each["id"]} for each in needs])


def _fill_orders() -> None:
    lines, took = [], []
    came = _received()
    for body in _bodies("purchase-order"):
        order = json.loads(body)
        for line in order["lines"]:
            row = {
                "owner": f"{order['site']}:{line['item']}",
                "purchase_order": order["id"],
                "line": line["number"],
                "supplier": order["supplier"],
            }
            base = line["base"]
            lines.append(
                row
                | {
                    "quantity": int(Decimal(base["value"]) * _MILLION),
                    "quantity_unit": base["unit"],
                    "ordered_on": order["ordered_on"],
                }
            )
            received = came.get((order["id"], line["number"]))
            if received is not None:
                days = date.fromisoformat(received) - date.fromisoformat(order["ordered_on"])
                took.append(
                    row
                    | {
                        "ordered_on": order["ordered_on"],
                        "received_on": received,
                        "days": max(0, days.days),
                    }
                )
    _write("item_ordered", lines)
    _write("lead_time", sorted(took, key=lambda each: str(each["received_on"])))


def _received() -> dict[tuple[str, str], str]:
    """Give the day on which the last open piece of a line came."""
    rows = op.get_bind().execute(
        sa.text("select owner, line, stage, quantity, effective from posting order by n")
    )
    left: dict[tuple[str, str], int] = {}
    done: dict[tuple[str, str], str] = {}
    for owner, line, stage, quantity, effective in rows:
        key = (owner, line)
        if stage in {"ordered", "to_be_replaced"}:
            left[key] = left.get(key, 0) + quantity
        elif stage in {"cancelled", "short_closed", "received"}:
            was = left.get(key, 0)
            left[key] = was - quantity
            if stage == "received" and was > 0 >= left[key]:
                done.setdefault(key, effective)
    return done


def _fill_words() -> None:
    items = (decode(body, Item) for body in _bodies("item"))
    _write(
        "item_word",
        [{"owner": word, "item": item.id} for item in items for word in words_of(item)],
    )
