"""A small warehouse system of its own: expects goods, takes them in, tells what came.

    python -m manciple.adapters.wms.server --port 8070 --database wms.sqlite

The warehouse's people book with ``POST /receipts``; whoever ordered reads ``GET /receipts``.
"""

from collections.abc import Sequence
from pathlib import Path

from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.server import serve
from manciple.adapters.reference.system import ReferenceSystem
from manciple.adapters.reference.web import Answer, RefusalError, Request, Route, invalid

_CONDITIONS = ("good", "damaged")
_FIRST_NUMBER = 800_001
_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbound (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE, supplier TEXT NOT NULL,
  site TEXT NOT NULL, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbound_line (
  external TEXT NOT NULL REFERENCES inbound (external), line TEXT NOT NULL, item TEXT NOT NULL,
  unit TEXT NOT NULL, as_of TEXT NOT NULL, PRIMARY KEY (external, line)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expectation (
  external TEXT NOT NULL, line TEXT NOT NULL, position INTEGER NOT NULL, quantity TEXT NOT NULL,
  due TEXT, PRIMARY KEY (external, line, position),
  FOREIGN KEY (external, line) REFERENCES inbound_line (external, line)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipt (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE,
  "order" TEXT NOT NULL, site TEXT NOT NULL, received TEXT NOT NULL,
  shipment TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS receipt_line (
  receipt TEXT NOT NULL REFERENCES receipt (number), position INTEGER NOT NULL,
  "order" TEXT NOT NULL, line TEXT NOT NULL, quantity TEXT NOT NULL, unit TEXT NOT NULL,
  condition TEXT NOT NULL, PRIMARY KEY (receipt, position)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receipt_line_line ON receipt_line ("order", line);
CREATE TABLE IF NOT EXISTS receipt_line_item (
  receipt TEXT NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (receipt, position)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbound_return (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE, "order" TEXT NOT NULL,
  supplier TEXT NOT NULL, site TEXT NOT NULL, authorisation TEXT NOT NULL,
  cancelled INTEGER NOT NULL, as_of TEXT NOT NULL, version INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbound_line (
  external TEXT NOT NULL REFERENCES outbound_return (external), position INTEGER NOT NULL,
  line TEXT NOT NULL, item TEXT NOT NULL, quantity TEXT NOT NULL, unit TEXT NOT NULL,
  condition TEXT NOT NULL, aside INTEGER NOT NULL, PRIMARY KEY (external, position))
  STRICT, WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS line_total AS
WITH known AS (
  SELECT external AS "order", line, unit FROM inbound_line
  UNION SELECT "order", line, unit FROM receipt_line)
SELECT k."order", k.line, k.unit,
  (SELECT coalesce(decimal_sum(quantity), '0') FROM expectation e
    WHERE e.external = k."order" AND e.line = k.line) AS expected,
  (SELECT coalesce(decimal_sum(quantity), '0') FROM receipt_line r
    WHERE r."order" = k."order" AND r.line = k.line) AS received,
  (SELECT coalesce(decimal_sum(quantity), '0') FROM receipt_line r
    WHERE r."order" = k."order" AND r.line = k.line AND r.condition = 'damaged') AS damaged
FROM known k;
"""


class ReferenceWms(ReferenceSystem):
    """The reference warehouse system."""

    def __init__(
        self,
        database: Path,
        *,
        synchronous: str = "FULL",
        token: str = "",
        embedded: bool = True,
    ) -> None:
        """Open its books at ``database``."""
        super().__init__(
            database,
            _SCHEMA,
            name="reference-wms",
            synchronous=synchronous,
            token=token,
            embedded=embedded,
        )

    def routes(self) -> tuple[Route, ...]:
        """Give the warehouse system's routes."""
        return (
            Route("POST", "/inbound", lambda r: self.post(r, _expect)),
            Route("POST", "/inbound/*/schedule", self._reschedule),
            Route("GET", "/inbound/*", self._inbound),
            Route("POST", "/receipts", lambda r: self.post(r, _receive)),
            Route("GET", "/receipts", self._receipts),
            Route("POST", "/returns", lambda r: self.post(r, _send_back)),
            Route("GET", "/line-totals", self._totals),
        )

    def _reschedule(self, request: Request) -> Answer:
        def posting(writer: Writer, fields: Fields) -> Booked:
            return _schedule(writer, request.parts[1], fields)

        return self.post(request, posting)

    def _inbound(self, request: Request) -> Answer:
        external = request.parts[1]
        row = self.books.one("SELECT * FROM inbound WHERE external = ?", external)
        if row is None:
            raise RefusalError(404, "not-found", f"nothing is expected of {external}")
        lines = self.books.rows(
            "SELECT l.line, l.item, l.unit, e.quantity, e.due FROM inbound_line l"
            " JOIN expectation e ON e.external = l.external AND e.line = l.line"
            " WHERE l.external = ? ORDER BY l.line, e.position",
            external,
        )
        return Answer(status=200, body={**dict(row), "lines": [dict(line) for line in lines]})

    def _receipts(self, request: Request) -> Answer:
        answer = self.paged(
            request,
            "SELECT * FROM receipt WHERE sequence > ?",
            cursor=("sequence",),
            start=(0,),
        )
        for row in answer.body["rows"]:
            lines = self.books.rows(
                "SELECT l.line, l.quantity, l.unit, l.condition, coalesce(i.item, '') AS item"
                " FROM receipt_line l LEFT JOIN receipt_line_item i"
                " ON i.receipt = l.receipt AND i.position = l.position WHERE l.receipt = ?"
                " ORDER BY l.position",
                row["number"],
            )
            row["lines"] = [dict(line) for line in lines]
        return answer

    def _totals(self, request: Request) -> Answer:
        return self.paged(
            request,
            'SELECT * FROM line_total WHERE ("order", line) > (?, ?)',
            cursor=("order", "line"),
            start=("", ""),
        )


def _expect(writer: Writer, fields: Fields) -> Booked:
    """Take an announcement; a second one of the same order restates its lines."""
    external = fields.text("order")
    if writer.one("SELECT 1 FROM inbound WHERE external = ?", external) is None:
        number = f"IN{writer.next_number('inbound', _FIRST_NUMBER)}"
        writer.run(
            "INSERT INTO inbound VALUES (?, ?, ?, ?, 0)",
            number,
            external,
            fields.text("supplier"),
            fields.text("site"),
        )
    return _restate(writer, external, fields, what="announced")


def _schedule(writer: Writer, external: str, fields: Fields) -> Booked:
    """Restate some lines; too early for an order that nobody announced yet."""
    if writer.one("SELECT 1 FROM inbound WHERE external = ?", external) is None:
        raise RefusalError(425, "too-early", f"order {external} is not announced yet")
    return _restate(writer, external, fields, what="rescheduled")


def _restate(writer: Writer, external: str, fields: Fields, *, what: str) -> Booked:
    as_of = fields.instant("as_of")
    parts: dict[str, list[Fields]] = {}
    for line in fields.lines("lines"):
        parts.setdefault(line.text("line", limit=20), []).append(line)
    for name, lines in parts.items():
        _restate_line(writer, external, name, as_of, lines)
    inbound = writer.one("SELECT * FROM inbound WHERE external = ?", external)
    assert inbound is not None
    booked = Booked("inbound", inbound["number"], str(inbound["version"] + 1))
    writer.run(
        "UPDATE inbound SET version = ? WHERE external = ?", inbound["version"] + 1, external
    )
    writer.changed(booked, external=external, what=what)
    return booked


def _restate_line(
    writer: Writer, external: str, name: str, as_of: str, lines: Sequence[Fields]
) -> None:
    unit = lines[0].text("unit", limit=6)
    if any(line.text("unit", limit=6) != unit for line in lines):
        raise invalid(lines[0].where("unit"), f"line {name} comes in two units")
    held = writer.one(
        "SELECT unit, as_of FROM inbound_line WHERE external = ? AND line = ?", external, name
    )
    if held is not None and held["unit"] != unit:
        raise invalid(lines[0].where("unit"), f"line {name} is kept in {held['unit']}")
    if held is not None and held["as_of"] > as_of:
        return
    writer.run(
        "INSERT INTO inbound_line VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " as_of = excluded.as_of",
        external,
        name,
        lines[0].text("item"),
        unit,
        as_of,
    )
    writer.run("DELETE FROM expectation WHERE external = ? AND line = ?", external, name)
    for position, line in enumerate(lines):
        due = line.maybe_day("due")
        writer.run(
            "INSERT INTO expectation VALUES (?, ?, ?, ?, ?)",
            external,
            name,
            position,
            f"{line.not_negative('expected'):f}",
            due.isoformat() if due else None,
        )


def _send_back(writer: Writer, fields: Fields) -> Booked:
    """Take goods to be picked for a supplier; a later statement may call them off."""
    external, as_of = fields.text("return"), fields.instant("as_of")
    cancelled = fields.flag("cancelled")
    held = writer.one("SELECT * FROM outbound_return WHERE external = ?", external)
    if held is None:
        number = f"OR{writer.next_number('return', _FIRST_NUMBER)}"
        writer.run(
            "INSERT INTO outbound_return VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            number,
            external,
            fields.text("order"),
            fields.text("supplier"),
            fields.text("site"),
            fields.text("authorisation"),
            int(cancelled),
            as_of,
        )
        for position, line in enumerate(fields.lines("lines")):
            writer.run(
                "INSERT INTO outbound_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                external,
                position,
                line.text("line", limit=20),
                line.text("item"),
                f"{line.positive('quantity'):f}",
                line.text("unit", limit=6),
                line.text("condition"),
                int(line.flag("aside")),
            )
        booked = Booked("return", number, "1")
    else:
        if held["as_of"] <= as_of:
            writer.run(
                "UPDATE outbound_return SET cancelled = ?, as_of = ?, version = version + 1"
                " WHERE external = ?",
                int(cancelled),
                as_of,
                external,
            )
        booked = Booked("return", held["number"], str(held["version"] + 1))
    writer.changed(booked, external=external, what="called off" if cancelled else "to pick")
    return booked


def _receive(writer: Writer, fields: Fields) -> Booked:
    """Book what was unloaded, announced or not."""
    order, site = fields.text("order"), fields.text("site")
    inbound = writer.one("SELECT site FROM inbound WHERE external = ?", order)
    if inbound is not None and inbound["site"] != site:
        raise invalid("site", f"order {order} is expected at {inbound['site']}, not {site}")
    number = f"WR{writer.next_number('receipt', _FIRST_NUMBER)}"
    writer.run(
        'INSERT INTO receipt (number, "order", site, received, shipment) VALUES (?, ?, ?, ?, ?)',
        number,
        order,
        site,
        fields.day("received").isoformat(),
        fields.text("shipment", default=""),
    )
    for position, line in enumerate(fields.lines("lines")):
        _receive_line(writer, number, position, order, line)
    booked = Booked("receipt", number, "1")
    writer.changed(booked, external=order, what="received")
    return booked


def _receive_line(writer: Writer, number: str, position: int, order: str, line: Fields) -> None:
    name, unit = line.text("line", limit=20), line.text("unit", limit=6)
    condition = line.text("condition", default="good")
    if condition not in _CONDITIONS:
        raise invalid(line.where("condition"), f"good or damaged is wanted, not {condition!r}")
    expected = writer.one(
        "SELECT unit FROM inbound_line WHERE external = ? AND line = ?", order, name
    )
    if expected is not None and expected["unit"] != unit:
        raise invalid(line.where("unit"), f"line {name} is kept in {expected['unit']}, not {unit}")
    writer.run(
        "INSERT INTO receipt_line VALUES (?, ?, ?, ?, ?, ?, ?)",
        number,
        position,
        order,
        name,
        f"{line.positive('quantity'):f}",
        unit,
        condition,
    )
    item = line.text("item", default="")
    if item:
        writer.run("INSERT INTO receipt_line_item VALUES (?, ?, ?)", number, position, item)


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the reference warehouse system until told to stop."""
    serve(
        lambda path, sync: ReferenceWms(path, synchronous=sync, embedded=False),
        argv,
        "reference-wms",
    )


if __name__ == "__main__":
    main()
