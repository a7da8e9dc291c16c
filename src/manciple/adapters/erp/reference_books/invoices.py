"""Supplier bills: the reference ERP books an invoice or a credit note that adds up, once."""

import sqlite3
from decimal import Decimal

from manciple.adapters.erp.reference_books import orders
from manciple.adapters.erp.reference_books.ledger import Account, post, refuse_closed, value
from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.web import RefusalError, invalid

FIRST_NUMBER = 5_100_000_001


def create(writer: Writer, fields: Fields) -> Booked:
    """Book an invoice; a stocked item may be billed only as far as it was received.

    An invoice of charges alone, such as a carrier's, has no lines.

    A part of an invoice is a paper of its own; the whole and a part of it never both stand.
    """
    external, supplier = fields.text("reference"), fields.text("supplier")
    supplier_number, day = fields.text("supplier_number"), fields.day("date").isoformat()
    credit, currency = fields.flag("credit"), fields.text("currency", limit=3)
    part = fields.maybe_number("part")
    _refuse_second(writer, external, supplier, supplier_number, part)
    refuse_closed(writer, day, "date")
    tax, total = fields.not_negative("tax"), fields.not_negative("total")
    number = writer.next_number("invoice", FIRST_NUMBER)
    writer.run(
        "INSERT INTO invoice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        external,
        supplier,
        f"{supplier_number}/{part}" if part else supplier_number,
        day,
        currency,
        int(credit),
        f"{tax:f}",
        f"{total:f}",
    )
    if part:
        row = (number, supplier, supplier_number, part)
        writer.run("INSERT INTO invoice_part VALUES (?, ?, ?, ?)", *row)
    sign = -1 if credit else 1
    goods = expected = Decimal(0)
    touched = set()
    is_bare = part or any(fields.lines("charges", least=0))
    for position, line in enumerate(fields.lines("lines", least=0 if is_bare else 1)):
        order = orders.found(writer, line.text("order"), where=line.where("order"))
        if (order["supplier"], order["currency"]) != (supplier, currency):
            raise invalid(
                line.where("order"),
                f"order {order['external']} is {order['supplier']}'s in {order['currency']}",
            )
        amount, worth = _line(
            writer, line, invoice=number, position=position, po=order["number"], sign=sign
        )
        goods, expected = goods + amount, expected + worth
        touched.add(order["number"])
    charges = _charges(writer, number, fields)
    if goods + charges + tax != total:
        raise invalid("total", f"{goods:f} + {charges:f} + {tax:f} is not {total:f}")
    entries = (
        (Account.GRNI, sign * expected),
        (Account.VARIANCE, sign * (goods - expected)),
        (Account.CHARGES, sign * charges),
        (Account.TAX, sign * tax),
        (Account.AP, -sign * total),
    )
    post(writer, number, currency, entries)
    for po in sorted(touched):
        orders.touch(writer, po, "credited" if credit else "invoiced")
    booked = Booked("invoice", number, "1")
    writer.changed(booked, external=external, what="created")
    return booked


def _refuse_second(
    writer: Writer, external: str, supplier: str, supplier_number: str, part: int
) -> None:
    if writer.one("SELECT 1 FROM supplier WHERE id = ?", supplier) is None:
        raise invalid("supplier", f"supplier {supplier} is not known")
    standing = writer.one(
        "SELECT number FROM invoice WHERE external = ? OR (supplier = ? AND supplier_number = ?)",
        external,
        supplier,
        supplier_number,
    )
    if standing is None:
        standing = writer.one(
            "SELECT number FROM invoice_part"
            " WHERE supplier = ? AND supplier_number = ? AND ? IN (0, part)",
            supplier,
            supplier_number,
            part,
        )
    if standing is not None:
        raise RefusalError(
            422,
            "invoice-booked",
            f"{supplier}'s invoice {supplier_number} is already booked as {standing['number']}",
        )


def _line(
    writer: Writer, line: Fields, *, invoice: str, position: int, po: str, sign: int
) -> tuple[Decimal, Decimal]:
    name, quantity = line.text("line"), line.positive("quantity")
    amount = line.not_negative("amount")
    row = writer.one(
        "SELECT l.price, l.per, l.ordered, i.stocked,"
        " (SELECT coalesce(decimal_sum(received), '0') FROM receipt_line r"
        " WHERE r.po = l.po AND r.line = l.line)"
        " AS received,"
        " (SELECT coalesce(decimal_sum(quantity), '0') FROM cancellation c"
        " WHERE c.po = l.po AND c.line = l.line)"
        " AS cancelled,"
        " (SELECT coalesce(decimal_sum(quantity), '0') FROM invoice_line v"
        " WHERE v.po = l.po AND v.line = l.line)"
        " AS invoiced"
        " FROM order_line l JOIN item i ON i.id = l.item WHERE l.po = ? AND l.line = ?",
        po,
        name,
    )
    if row is None:
        raise invalid(line.where("line"), f"order {po} has no line {name}")
    _refuse_too_much(row, sign * quantity, line)
    writer.run(
        "INSERT INTO invoice_line VALUES (?, ?, ?, ?, ?, ?)",
        invoice,
        position,
        po,
        name,
        f"{sign * quantity:f}",
        f"{sign * amount:f}",
    )
    return amount, value(row["price"], row["per"], quantity)


def _refuse_too_much(row: sqlite3.Row, quantity: Decimal, line: Fields) -> None:
    """Refuse more than there is to bill or to credit; what may still come is only too early."""
    invoiced, where = Decimal(row["invoiced"]), line.where("quantity")
    ordered = Decimal(row["ordered"]) - Decimal(row["cancelled"])
    received = Decimal(row["received"]) if row["stocked"] else ordered
    if quantity < 0 and invoiced + quantity < 0:
        message = f"only {invoiced:f} was billed"
        if -quantity <= received:
            raise RefusalError(425, "awaiting-invoice", f"{where}: {message}", where=where)
        raise invalid(where, message)
    if quantity < 0 or invoiced + quantity <= received:
        return
    what = "received" if row["stocked"] else "ordered"
    message = f"{quantity:f} is more than was {what} and not billed yet ({received - invoiced:f})"
    if invoiced + quantity <= ordered:
        raise RefusalError(425, "awaiting-receipt", f"{where}: {message}", where=where)
    raise invalid(where, message)


def _charges(writer: Writer, invoice: str, fields: Fields) -> Decimal:
    total = Decimal(0)
    for position, charge in enumerate(fields.lines("charges", least=0)):
        amount = charge.decimal("amount")
        writer.run(
            "INSERT INTO invoice_charge VALUES (?, ?, ?, ?, ?)",
            invoice,
            position,
            charge.text("code", limit=20),
            charge.text("description", limit=200, default=""),
            f"{amount:f}",
        )
        total += amount
    return total
