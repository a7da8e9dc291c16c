"""What others wrote down, as it lies in their files: the ERP's tables, kept bytes, event rows."""

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from tests.intelligence.recompute.hours import instant


class Event(NamedTuple):
    """A sealed event row; ``at`` in microseconds since 1970."""

    sequence: int
    type: str
    stream: str
    at: int
    key: str
    actor: str
    door: str
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of document that it happened to."""
        return self.stream.split("/")[0]


@dataclass(slots=True, kw_only=True)
class ErpLine:
    """An order line in the ERP's books."""

    order: str
    line: str
    item: str
    unit: str
    ordered: Decimal
    needed_by: str
    supplier: str
    site: str
    price: Decimal


@dataclass(slots=True, kw_only=True)
class Sources:
    """All of it.

    Attributes:
        papers: the bytes of an interchange, by its id.
        lines: in the ERP, by order.
        given_up: in the ERP, by order and revision: line -> quantity.
        receipts: in the ERP, by the receipt's own number: (day, {line: received}).
        packs: in the ERP: what a case of an item holds.
    """

    events: list[Event] = field(default_factory=list)
    papers: dict[str, bytes] = field(default_factory=dict)
    lines: dict[str, list[ErpLine]] = field(default_factory=lambda: defaultdict(list))
    given_up: dict[tuple[str, int], dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    receipts: dict[str, tuple[str, dict[str, Decimal]]] = field(default_factory=dict)
    packs: dict[tuple[str, str], Decimal] = field(default_factory=dict)


def read(ours: str, erp: Path) -> Sources:
    """Read everything: our database by its address, the ERP's by its file."""
    sources = Sources()
    _read_ours(sources, ours)
    with sqlite3.connect(f"file:{erp}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        _read_erp(sources, connection)
    connection.close()
    return sources


def _read_ours(sources: Sources, url: str) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("select seq, body from event where seq is not null order by seq")
        )
        for sequence, body in rows:
            told = json.loads(bytes(body))
            sources.events.append(
                Event(sequence, told["type"], told["stream"], instant(told["at"]), told["key"],
                      told["actor"], told["door"], told["data"])
            )  # fmt: skip
        chunks: dict[str, bytes] = defaultdict(bytes)
        for digest, data in connection.execute(
            sa.text("select digest, data from blob order by digest, chunk")
        ):
            chunks[digest] += bytes(data)
    engine.dispose()
    for event in sources.events:
        if event.type in {"InterchangeComposed", "InterchangeReceived"}:
            sources.papers[event.data["interchange"]] = chunks[event.data["digest"]]


def _read_erp(sources: Sources, connection: sqlite3.Connection) -> None:
    for row in connection.execute(
        "select o.external, o.supplier, o.site, l.* from order_line l"
        " join purchase_order o on o.number = l.po order by o.number, cast(l.line as integer)"
    ):
        sources.lines[row["external"]].append(
            ErpLine(
                order=row["external"], line=row["line"], item=row["item"], unit=row["unit"],
                ordered=Decimal(row["ordered"]), needed_by=row["needed_by"],
                supplier=row["supplier"], site=row["site"],
                price=Decimal(row["price"]) / Decimal(row["per"]),
            )
        )  # fmt: skip
    for row in connection.execute(
        "select o.external, c.* from cancellation c join purchase_order o on o.number = c.po"
    ):
        given_up = sources.given_up[row["external"], row["revision"]]
        so_far = given_up.get(row["line"], Decimal(0))
        given_up[row["line"]] = so_far + Decimal(row["quantity"])
    for row in connection.execute("select external, received_on from receipt"):
        sources.receipts[row["external"]] = (row["received_on"], {})
    for row in connection.execute(
        "select r.external, l.line, l.received from receipt_line l"
        " join receipt r on r.number = l.receipt"
    ):
        sources.receipts[row["external"]][1][row["line"]] = Decimal(row["received"])
    for row in connection.execute("select item, unit, content from pack"):
        sources.packs[row["item"], row["unit"]] = Decimal(row["content"])
