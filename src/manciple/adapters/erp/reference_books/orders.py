"""Purchase orders in the reference ERP: made once, changed by version, confirmed by suppliers."""

import sqlite3
from datetime import date
from decimal import Decimal

from manciple.adapters.erp.reference_books.ledger import Account, post, value
from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.web import RefusalError, invalid

FIRST_NUMBER = 4_500_000_001
_LINE = "SELECT 1 FROM order_line WHERE po = ? AND line = ?"
_NEW_LINE = (
    "INSERT INTO order_line (po, line, item, unit, ordered, price, per, needed_by)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_CODING = "INSERT INTO coding (po, line, cost_centre, account) VALUES (?, ?, ?, ?)"
_GIVE_UP = "INSERT INTO cancellation VALUES (?, ?, ?, ?, ?)"


def create(writer: Writer, fields: Fields) -> Booked:
    """Make an order with all its lines."""
    external = fields.text("reference")
    standing = writer.one("SELECT number FROM purchase_order WHERE external = ?", external)
    if standing is not None:
        raise RefusalError(
            422, "reference-used", f"{external} is already order {standing['number']}"
        )
    supplier = _known(writer, "supplier", fields)
    if supplier["blocked"]:
        raise invalid("supplier", f"{supplier['id']} is blocked for purchasing")
    currency = fields.text("currency", limit=3)
    if currency != supplier["currency"]:
        raise invalid("currency", f"{supplier['id']} is paid in {supplier['currency']}")
    site = _known(writer, "site", fields)
    number = writer.next_number("purchase_order", FIRST_NUMBER)
    writer.run(
        "INSERT INTO purchase_order (number, external, supplier, site, currency, revision,"
        " version) VALUES (?, ?, ?, ?, ?, ?, 1)",
        number,
        external,
        supplier["id"],
        site["id"],
        currency,
        fields.number("revision"),
    )
    lines = [_line(writer, number, line) for line in fields.lines("lines")]
    if len({line[1] for line in lines}) != len(lines):
        raise invalid("lines", "two lines have one number")
    writer.many(_NEW_LINE, lines)
    writer.many(_CODING, _codings(number, fields.lines("lines")))
    booked = Booked("order", number, "1")
    writer.changed(booked, external=external, what="created")
    return booked


def change(writer: Writer, external: str, if_match: str, fields: Fields) -> Booked:
    """Give up or raise quantities, change terms, add lines; never below what was received.

    Steps of quantity add up in any order; the terms of the newest revision stand.
    """
    order = checked(writer, external, if_match)
    revision, reason = fields.number("revision"), fields.text("reason", limit=200, default="")
    cancelled, raised = fields.maybe_lines("cancelled"), fields.maybe_lines("raised")
    terms, added = fields.maybe_lines("terms"), fields.maybe_lines("added")
    if not (cancelled or raised or terms or added):
        raise invalid("cancelled", "nothing is changed")
    lines = [_line(writer, order["number"], line) for line in added]
    for row in lines:
        if writer.one(_LINE, order["number"], row[1]) is not None:
            raise invalid("added", f"order {external} has a line {row[1]} already")
    writer.many(_NEW_LINE, lines)
    writer.many(_CODING, _codings(order["number"], added))
    for line in raised:
        _raise(writer, order["number"], line)
    for line in cancelled:
        quantity, name = line.positive("quantity"), line.text("line")
        left = open_quantity(writer, order["number"], name, where=line.where("line"))
        if quantity > left:
            raise invalid(line.where("quantity"), f"only {left:f} of line {name} is open")
        writer.run(_GIVE_UP, order["number"], name, f"{quantity:f}", revision, reason)
    if revision >= order["revision"]:
        for line in terms:
            _new_terms(writer, order, line)
    newest = max(revision, order["revision"])
    return _next_version(writer, order, what="changed", revision=newest)


def _raise(writer: Writer, number: str, line: Fields) -> None:
    """Order more of a line."""
    name, quantity = line.text("line"), line.positive("quantity")
    row = writer.one("SELECT ordered FROM order_line WHERE po = ? AND line = ?", number, name)
    if row is None:
        raise invalid(line.where("line"), f"order {number} has no line {name}")
    writer.run(
        "UPDATE order_line SET ordered = ? WHERE po = ? AND line = ?",
        f"{Decimal(row['ordered']) + quantity:f}",
        number,
        name,
    )


def _new_terms(writer: Writer, order: sqlite3.Row, line: Fields) -> None:
    """Set a line's price and day; what was received and not billed is valued anew."""
    number, name = order["number"], line.text("line")
    price, per = f"{line.not_negative('price'):f}", f"{line.positive('per'):f}"
    row = writer.one(
        "SELECT l.price, l.per, t.received, t.invoiced FROM order_line l"
        ' JOIN line_total t ON t."order" = ? AND t.line = l.line WHERE l.po = ? AND l.line = ?',
        order["external"],
        number,
        name,
    )
    if row is None:
        raise invalid(line.where("line"), f"order {number} has no line {name}")
    writer.run(
        "UPDATE order_line SET price = ?, per = ?, needed_by = ? WHERE po = ? AND line = ?",
        price,
        per,
        line.day("needed_by").isoformat(),
        number,
        name,
    )
    unbilled = Decimal(row["received"]) - Decimal(row["invoiced"])
    step = value(price, per, unbilled) - value(row["price"], row["per"], unbilled)
    post(writer, number, order["currency"], ((Account.INVENTORY, step), (Account.GRNI, -step)))


def cancel(writer: Writer, external: str, if_match: str, fields: Fields) -> Booked:
    """Give up everything that is still open."""
    order = checked(writer, external, if_match)
    reason = fields.text("reason", limit=200)
    for row in writer.rows("SELECT line FROM order_line WHERE po = ?", order["number"]):
        left = open_quantity(writer, order["number"], row["line"], where="line")
        if left > 0:
            given_up = (order["number"], row["line"], f"{left:f}", order["revision"], reason)
            writer.run(_GIVE_UP, *given_up)
    return _next_version(writer, order, what="cancelled", revision=order["revision"])


def confirm(writer: Writer, external: str, fields: Fields) -> Booked:
    """Note what the supplier promises; a line keeps the newest statement about it."""
    order = found(writer, external)
    as_of = fields.instant("as_of")
    for line in fields.lines("lines"):
        name, promised = line.text("line"), line.maybe_day("promised")
        confirmed = f"{line.not_negative('confirmed'):f}"
        if writer.one(_LINE, order["number"], name) is None:
            raise invalid(line.where("line"), f"order {external} has no line {name}")
        writer.run(
            "UPDATE order_line SET confirmed = ?, promised = ?, confirmed_as_of = ?"
            " WHERE po = ? AND line = ? AND confirmed_as_of <= ?",
            confirmed,
            promised.isoformat() if promised else None,
            as_of,
            order["number"],
            name,
            as_of,
        )
    return _next_version(writer, order, what="confirmed", revision=order["revision"])


def found(writer: Writer, external: str, where: str = "order") -> sqlite3.Row:
    """Find an order by the reference that it was made with."""
    row = writer.one("SELECT * FROM purchase_order WHERE external = ?", external)
    if row is None:
        raise RefusalError(404, "not-found", f"no order has the reference {external}", where=where)
    return row


def checked(writer: Writer, external: str, if_match: str) -> sqlite3.Row:
    """Find an order and insist that the caller saw its present version."""
    order = found(writer, external)
    if not if_match:
        raise RefusalError(428, "version-wanted", "If-Match: the order's version is wanted")
    if if_match.strip('"') != str(order["version"]):
        raise RefusalError(
            412,
            "stale",
            f"order {order['number']} is at version {order['version']}",
            number=order["number"],
            version=str(order["version"]),
        )
    return order


def open_quantity(writer: Writer, number: str, line: str, *, where: str) -> Decimal:
    """Say how much of a line is neither received nor given up (negative: over-delivered)."""
    row = writer.one(
        "SELECT ordered,"
        " (SELECT coalesce(decimal_sum(quantity), '0') FROM cancellation c"
        " WHERE c.po = l.po AND c.line = l.line)"
        " AS cancelled,"
        " (SELECT coalesce(decimal_sum(received), '0') FROM receipt_line r"
        " WHERE r.po = l.po AND r.line = l.line)"
        " AS received FROM order_line l WHERE po = ? AND line = ?",
        number,
        line,
    )
    if row is None:
        raise invalid(where, f"order {number} has no line {line}")
    return Decimal(row["ordered"]) - Decimal(row["cancelled"]) - Decimal(row["received"])


def touch(writer: Writer, number: str, what: str) -> None:
    """Move an order to its next version because a receipt or an invoice changed it."""
    order = writer.one("SELECT * FROM purchase_order WHERE number = ?", number)
    assert order is not None
    _next_version(writer, order, what=what, revision=order["revision"])


def _line(writer: Writer, number: str, line: Fields) -> tuple[str, ...]:
    item = _known(writer, "item", line)
    unit = line.text("unit", limit=6)
    if unit != item["unit"]:
        raise invalid(line.where("unit"), f"{item['id']} is kept in {item['unit']}, not {unit}")
    needed_by: date = line.day("needed_by")
    return (
        number,
        line.text("line", limit=20),
        item["id"],
        unit,
        f"{line.positive('quantity'):f}",
        f"{line.not_negative('price'):f}",
        f"{line.positive('per'):f}",
        needed_by.isoformat(),
    )


def _codings(number: str, lines: tuple[Fields, ...]) -> list[tuple[str, ...]]:
    """Give the lines that are booked on a cost centre; both parts are stated or neither is."""
    rows: list[tuple[str, ...]] = []
    for line in lines:
        centre, account = line.maybe_text("cost_centre"), line.maybe_text("account")
        if (centre is None) != (account is None):
            raise invalid(line.where("account"), "cost centre and account are stated together")
        if centre is not None and account is not None:
            rows.append((number, line.text("line", limit=20), centre, account))
    return rows


def _known(writer: Writer, table: str, fields: Fields) -> sqlite3.Row:
    name = fields.text(table)
    row = writer.one(f"SELECT * FROM {table} WHERE id = ?", name)  # noqa: S608  table names are ours
    if row is None:
        raise invalid(fields.where(table), f"{table} {name} is not known")
    return row


def _next_version(writer: Writer, order: sqlite3.Row, *, what: str, revision: int) -> Booked:
    version = order["version"] + 1
    writer.run(
        "UPDATE purchase_order SET version = ?, revision = ? WHERE number = ?",
        version,
        revision,
        order["number"],
    )
    booked = Booked("order", order["number"], str(version))
    writer.changed(booked, external=order["external"], what=what)
    return booked
