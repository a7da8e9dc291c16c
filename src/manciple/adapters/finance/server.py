"""A small finance system of its own: commitments, a cash forecast, payables under its numbers.

python -m manciple.adapters.finance.server --port 8071 --database finance.sqlite
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.server import serve
from manciple.adapters.reference.system import ReferenceSystem
from manciple.adapters.reference.web import Answer, RefusalError, Request, Route, invalid

_FIRST_NUMBER = 1_900_001
_SCHEMA = """
CREATE TABLE IF NOT EXISTS commitment (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE, supplier TEXT NOT NULL,
  site TEXT NOT NULL, currency TEXT NOT NULL, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cash_line (
  external TEXT NOT NULL REFERENCES commitment (external), line TEXT NOT NULL,
  committed TEXT NOT NULL, committed_as_of TEXT NOT NULL, forecast TEXT NOT NULL,
  pay_on TEXT, forecast_as_of TEXT NOT NULL, cause TEXT NOT NULL,
  PRIMARY KEY (external, line)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payable (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE, supplier TEXT NOT NULL,
  supplier_number TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
  invoiced_on TEXT NOT NULL, due TEXT NOT NULL, orders TEXT NOT NULL,
  UNIQUE (supplier, supplier_number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payable_part (
  number TEXT PRIMARY KEY REFERENCES payable (number), supplier TEXT NOT NULL,
  supplier_number TEXT NOT NULL, part INTEGER NOT NULL,
  UNIQUE (supplier, supplier_number, part)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payable_discount (
  number TEXT PRIMARY KEY REFERENCES payable (number), discount_until TEXT NOT NULL,
  discount TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS payable_row AS
SELECT p.*, d.discount_until, d.discount
FROM payable p LEFT JOIN payable_discount d ON d.number = p.number;
CREATE TABLE IF NOT EXISTS expected_credit (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE, "order" TEXT NOT NULL,
  supplier TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL, due TEXT NOT NULL,
  as_of TEXT NOT NULL, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS order_total AS
SELECT c.external AS "order", c.currency,
  (SELECT coalesce(decimal_sum(committed), '0') FROM cash_line l WHERE l.external = c.external)
    AS committed,
  (SELECT coalesce(decimal_sum(forecast), '0') FROM cash_line l WHERE l.external = c.external)
    AS forecast
FROM commitment c;
"""


class ReferenceFinance(ReferenceSystem):
    """The reference finance system."""

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
            name="reference-finance",
            synchronous=synchronous,
            token=token,
            embedded=embedded,
        )

    def routes(self) -> tuple[Route, ...]:
        """Give the finance system's routes."""
        return (
            Route("POST", "/commitments", lambda r: self.post(r, _commit)),
            Route("POST", "/commitments/*/forecast", self._forecast),
            Route("POST", "/expected-credits", lambda r: self.post(r, _expect_credit)),
            Route("POST", "/payables", lambda r: self.post(r, _payable)),
            Route("GET", "/payables", self._payables),
            Route("GET", "/order-totals", self._totals),
            Route("GET", "/forecast/*", self._weeks),
        )

    def _forecast(self, request: Request) -> Answer:
        def posting(writer: Writer, fields: Fields) -> Booked:
            return _restate_forecast(writer, request.parts[1], fields)

        return self.post(request, posting)

    def _payables(self, request: Request) -> Answer:
        return self.paged(
            request, "SELECT * FROM payable_row WHERE number > ?", cursor=("number",), start=("",)
        )

    def _totals(self, request: Request) -> Answer:
        return self.paged(
            request,
            'SELECT * FROM order_total WHERE "order" > ?',
            cursor=("order",),
            start=("",),
        )

    def _weeks(self, request: Request) -> Answer:
        rows = self.books.rows(
            "SELECT l.pay_on, l.forecast FROM cash_line l"
            " JOIN commitment c ON c.external = l.external WHERE c.currency = ?",
            request.parts[1],
        )
        weeks: dict[str, Decimal] = {}
        for row in rows:
            monday = _monday(row["pay_on"])
            weeks[monday] = weeks.get(monday, Decimal(0)) + Decimal(row["forecast"])
        body = [{"monday": day or None, "amount": f"{sum_:f}"} for day, sum_ in weeks.items()]
        body.sort(key=lambda week: week["monday"] or "9999")
        return Answer(status=200, body={"rows": body})


def _monday(day: str | None) -> str:
    if day is None:
        return ""
    paid = date.fromisoformat(day)
    return (paid - timedelta(days=paid.weekday())).isoformat()


def _commit(writer: Writer, fields: Fields) -> Booked:
    """Book a commitment; it is the first forecast too. A second one restates its lines."""
    external, as_of = fields.text("order"), fields.instant("as_of")
    currency = fields.text("currency", limit=3)
    held = writer.one("SELECT currency FROM commitment WHERE external = ?", external)
    if held is None:
        number = f"CM{writer.next_number('commitment', _FIRST_NUMBER)}"
        writer.run(
            "INSERT INTO commitment VALUES (?, ?, ?, ?, ?, 0)",
            number,
            external,
            fields.text("supplier"),
            fields.text("site"),
            currency,
        )
    elif held["currency"] != currency:
        raise invalid("currency", f"order {external} is in {held['currency']}, not {currency}")
    for line in fields.lines("lines"):
        amount, pay_on = f"{line.not_negative('amount'):f}", line.maybe_day("pay_on")
        name, day = line.text("line", limit=20), pay_on.isoformat() if pay_on else None
        writer.run(
            "INSERT INTO cash_line VALUES (?, ?, ?, ?, ?, ?, ?, 'commitment') ON CONFLICT DO"
            " UPDATE SET committed = excluded.committed,"
            " committed_as_of = excluded.committed_as_of"
            " WHERE committed_as_of <= excluded.committed_as_of",
            external,
            name,
            amount,
            as_of,
            amount,
            day,
            as_of,
        )
    return _next_version(writer, external, what="committed")


def _restate_forecast(writer: Writer, external: str, fields: Fields) -> Booked:
    """Restate the forecast of some lines; too early for an order that is not committed yet."""
    if writer.one("SELECT 1 FROM commitment WHERE external = ?", external) is None:
        raise RefusalError(425, "too-early", f"order {external} is not committed yet")
    as_of, cause = fields.instant("as_of"), fields.text("cause", limit=200, default="")
    for line in fields.lines("lines"):
        name, pay_on = line.text("line", limit=20), line.maybe_day("pay_on")
        known = "SELECT 1 FROM cash_line WHERE external = ? AND line = ?"
        if writer.one(known, external, name) is None:
            raise invalid(line.where("line"), f"order {external} has no line {name}")
        writer.run(
            "UPDATE cash_line SET forecast = ?, pay_on = ?, forecast_as_of = ?, cause = ?"
            " WHERE external = ? AND line = ? AND forecast_as_of <= ?",
            f"{line.not_negative('amount'):f}",
            pay_on.isoformat() if pay_on else None,
            as_of,
            cause,
            external,
            name,
            as_of,
        )
    return _next_version(writer, external, what="forecast")


def _next_version(writer: Writer, external: str, *, what: str) -> Booked:
    row = writer.one(
        "UPDATE commitment SET version = version + 1 WHERE external = ? RETURNING number, version",
        external,
    )
    assert row is not None
    booked = Booked("commitment", row["number"], str(row["version"]))
    writer.changed(booked, external=external, what=what)
    return booked


def _expect_credit(writer: Writer, fields: Fields) -> Booked:
    """Note what a supplier owes for goods that went back; a later statement replaces it."""
    external, as_of = fields.text("return"), fields.instant("as_of")
    currency = fields.text("currency", limit=3)
    amount, due = f"{fields.not_negative('amount'):f}", fields.day("due").isoformat()
    held = writer.one("SELECT * FROM expected_credit WHERE external = ?", external)
    if held is None:
        number = f"EC{writer.next_number('credit', _FIRST_NUMBER)}"
        writer.run(
            "INSERT INTO expected_credit VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            number,
            external,
            fields.text("order"),
            fields.text("supplier"),
            amount,
            currency,
            due,
            as_of,
        )
        booked = Booked("expected-credit", number, "1")
    else:
        if held["currency"] != currency:
            raise invalid("currency", f"return {external} is in {held['currency']}")
        if held["as_of"] <= as_of:
            writer.run(
                "UPDATE expected_credit SET amount = ?, due = ?, as_of = ?,"
                " version = version + 1 WHERE external = ?",
                amount,
                due,
                as_of,
                external,
            )
        booked = Booked("expected-credit", held["number"], str(held["version"] + 1))
    writer.changed(booked, external=external, what="expected")
    return booked


def _payable(writer: Writer, fields: Fields) -> Booked:
    """Take an invoice to be paid, once; a credit note comes with a negative amount.

    A part of an invoice is a payable of its own; the whole and a part of it never both stand.
    """
    external, supplier = fields.text("invoice"), fields.text("supplier")
    supplier_number, part = fields.text("supplier_number"), fields.maybe_number("part")
    standing = writer.one(
        "SELECT number FROM payable WHERE external = ? OR (supplier = ? AND supplier_number = ?)",
        external,
        supplier,
        supplier_number,
    )
    if standing is None:
        standing = writer.one(
            "SELECT number FROM payable_part"
            " WHERE supplier = ? AND supplier_number = ? AND ? IN (0, part)",
            supplier,
            supplier_number,
            part,
        )
    if standing is not None:
        raise RefusalError(
            422, "payable-booked", f"{supplier}'s {supplier_number} is already {standing[0]}"
        )
    invoiced_on, due = fields.day("invoiced_on"), fields.day("due")
    if due < invoiced_on:
        raise invalid("due", f"{due} is before the invoice's day, {invoiced_on}")
    amount = fields.decimal("amount")
    if not amount:
        raise invalid("amount", "nothing is to be paid")
    offered = _discount(fields, amount, invoiced_on)
    number = f"AP{writer.next_number('payable', _FIRST_NUMBER)}"
    writer.run(
        "INSERT INTO payable VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        external,
        supplier,
        f"{supplier_number}/{part}" if part else supplier_number,
        f"{amount:f}",
        fields.text("currency", limit=3),
        invoiced_on.isoformat(),
        due.isoformat(),
        " ".join(fields.texts("orders")),
    )
    if part:
        row = (number, supplier, supplier_number, part)
        writer.run("INSERT INTO payable_part VALUES (?, ?, ?, ?)", *row)
    if offered is not None:
        writer.run("INSERT INTO payable_discount VALUES (?, ?, ?)", number, *offered)
    booked = Booked("payable", number, "1")
    writer.changed(booked, external=external, what="created")
    return booked


def _discount(fields: Fields, amount: Decimal, invoiced_on: date) -> tuple[str, str] | None:
    """Read until when how much may be taken off; both or neither."""
    until = fields.maybe_day("discount_until")
    if until is None:
        return None
    less = fields.not_negative("discount")
    if not 0 < less < amount:
        raise invalid("discount", f"{less:f} is not less than the amount, {amount:f}")
    if until < invoiced_on:
        raise invalid("discount_until", f"{until} is before the invoice's day, {invoiced_on}")
    return until.isoformat(), f"{less:f}"


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the reference finance system until told to stop."""
    serve(
        lambda path, sync: ReferenceFinance(path, synchronous=sync, embedded=False),
        argv,
        "reference-finance",
    )


if __name__ == "__main__":
    main()
