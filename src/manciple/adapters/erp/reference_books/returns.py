"""Goods back: off the stock of the reference ERP when picked, off its books when shipped."""

import sqlite3
from decimal import Decimal

from manciple.adapters.erp.reference_books import orders
from manciple.adapters.erp.reference_books.ledger import Account, post, refuse_closed, value
from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.web import RefusalError, invalid

FIRST_NUMBER = 5_050_000_001
_STEPS = ("picked", "put-back", "shipped")


def move(writer: Writer, fields: Fields) -> Booked:
    """Book one step of a return; shipping one that was never picked is too early."""
    external, step = fields.text("reference"), fields.text("step")
    if step not in _STEPS:
        raise invalid("step", f"one of {', '.join(_STEPS)} is wanted, not {step!r}")
    order = orders.found(writer, fields.text("order"))
    site, day = fields.text("site"), fields.day("day").isoformat()
    if site != order["site"]:
        raise invalid("site", f"order {order['number']} is for {order['site']}, not {site}")
    refuse_closed(writer, day, "day")
    known = writer.one("SELECT * FROM supplier_return WHERE external = ?", external)
    number = _step(writer, known, external, order["number"], site, step, day)
    lines = fields.lines("lines")
    if step == "shipped":
        worth = sum(
            (_ship(writer, number, at, order["number"], line) for at, line in enumerate(lines)),
            Decimal(0),
        )
        entries = ((Account.GRNI, worth), (Account.INVENTORY, -worth))
        post(writer, number, order["currency"], entries)
        orders.touch(writer, order["number"], "returned")
    else:
        sign = -1 if step == "picked" else 1
        for line in lines:
            _shelf(writer, order["number"], site, line, sign)
    version = "1" if known is None else str(known["version"] + 1)
    booked = Booked("return", number, version)
    writer.changed(booked, external=external, what=step)
    return booked


def _step(
    writer: Writer,
    known: sqlite3.Row | None,
    external: str,
    po: str,
    site: str,
    step: str,
    day: str,
) -> str:
    if known is None:
        if step != "picked":
            raise RefusalError(425, "too-early", f"return {external} is not picked yet")
        number = writer.next_number("return", FIRST_NUMBER)
        writer.run(
            "INSERT INTO supplier_return VALUES (?, ?, ?, ?, ?, ?, NULL, 1)",
            number,
            external,
            po,
            site,
            step,
            day,
        )
        return number
    if known["step"] != "picked":
        raise RefusalError(
            422, "return-ended", f"return {external} is {known['step']} and can't be {step}"
        )
    if step == "picked":
        raise RefusalError(422, "reference-used", f"return {external} is already picked")
    writer.run(
        "UPDATE supplier_return SET step = ?, shipped_on = ?, version = version + 1"
        " WHERE number = ?",
        step,
        day if step == "shipped" else None,
        known["number"],
    )
    return str(known["number"])


def _ordered(writer: Writer, po: str, line: Fields) -> sqlite3.Row:
    name = line.text("line")
    row = writer.one(
        "SELECT l.*, i.stocked,"
        " (SELECT coalesce(decimal_sum(received), '0') FROM receipt_line r"
        " WHERE r.po = l.po AND r.line = l.line) AS received,"
        " (SELECT coalesce(decimal_sum(returned), '0') FROM return_line t"
        " WHERE t.po = l.po AND t.line = l.line) AS returned"
        " FROM order_line l JOIN item i ON i.id = l.item WHERE l.po = ? AND l.line = ?",
        po,
        name,
    )
    if row is None:
        raise invalid(line.where("line"), f"order {po} has no line {name}")
    return row


def _ship(writer: Writer, number: str, at: int, po: str, line: Fields) -> Decimal:
    row, quantity = _ordered(writer, po, line), line.positive("quantity")
    there = Decimal(row["received"]) - Decimal(row["returned"])
    if quantity > there:
        where = line.where("quantity")
        message = f"{quantity:f} is more than was received and kept ({there:f})"
        raise RefusalError(425, "awaiting-receipt", f"{where}: {message}", where=where)
    replaced = line.not_negative("to_replace")
    writer.run(
        "INSERT INTO return_line VALUES (?, ?, ?, ?, ?, ?)",
        number,
        at,
        po,
        row["line"],
        f"{quantity:f}",
        f"{replaced:f}",
    )
    return value(row["price"], row["per"], quantity)


def _shelf(writer: Writer, po: str, site: str, line: Fields, sign: int) -> None:
    """Move what stood in the available stock; the stock is never below zero."""
    row, quantity = _ordered(writer, po, line), line.positive("quantity")
    if not line.flag("available") or not row["stocked"]:
        return
    item = line.maybe_text("item") or row["item"]
    kept = writer.one("SELECT on_hand FROM stock WHERE item = ? AND site = ?", item, site)
    on_hand = (Decimal(kept["on_hand"]) if kept else Decimal(0)) + sign * quantity
    if on_hand < 0:
        where = line.where("quantity")
        raise RefusalError(422, "no-stock", f"{where}: only {kept['on_hand'] if kept else 0} here")
    writer.run(
        "UPDATE stock SET on_hand = ? WHERE item = ? AND site = ?",
        f"{on_hand:f}",
        item,
        site,
    )
