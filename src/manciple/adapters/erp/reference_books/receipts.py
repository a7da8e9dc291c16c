"""Goods in: the reference ERP books a receipt against one order, once per external number."""

from decimal import Decimal

from manciple.adapters.erp.reference_books import orders
from manciple.adapters.erp.reference_books.ledger import Account, post, refuse_closed, value
from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.web import RefusalError, invalid

FIRST_NUMBER = 5_000_000_001


def create(writer: Writer, fields: Fields) -> Booked:
    """Book a receipt; more than was ordered may come in, less may be accepted."""
    external = fields.text("reference")
    if writer.one("SELECT 1 FROM receipt WHERE external = ?", external) is not None:
        raise RefusalError(422, "reference-used", f"receipt {external} is already booked")
    order = orders.found(writer, fields.text("order"))
    site, day = fields.text("site"), fields.day("received").isoformat()
    if site != order["site"]:
        raise invalid("site", f"order {order['number']} is for {order['site']}, not {site}")
    refuse_closed(writer, day, "received")
    number = writer.next_number("receipt", FIRST_NUMBER)
    writer.run(
        "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)", number, external, order["number"], site, day
    )
    worth = Decimal(0)
    seen: set[str] = set()
    for line in fields.lines("lines"):
        name = line.text("line")
        if name in seen:
            raise invalid(line.where("line"), f"line {name} comes twice")
        seen.add(name)
        worth += _line(writer, number, order["number"], site, line)
    post(
        writer,
        number,
        order["currency"],
        ((Account.INVENTORY, worth), (Account.GRNI, -worth)),
    )
    orders.touch(writer, order["number"], "received")
    booked = Booked("receipt", number, "1")
    writer.changed(booked, external=external, what="created")
    return booked


def _line(writer: Writer, receipt: str, po: str, site: str, line: Fields) -> Decimal:
    name, received = line.text("line"), line.positive("received")
    accepted = line.not_negative("accepted")
    if accepted > received:
        raise invalid(line.where("accepted"), f"more than was received ({received:f})")
    ordered = writer.one("SELECT * FROM order_line WHERE po = ? AND line = ?", po, name)
    if ordered is None:
        raise invalid(line.where("line"), f"order {po} has no line {name}")
    writer.run(
        "INSERT INTO receipt_line VALUES (?, ?, ?, ?, ?)",
        receipt,
        po,
        name,
        f"{received:f}",
        f"{accepted:f}",
    )
    others = Decimal(0)
    for each in line.maybe_lines("instead"):
        item, good = each.text("item"), each.positive("accepted")
        if writer.one("SELECT 1 FROM item WHERE id = ?", item) is None:
            raise invalid(each.where("item"), f"there is no item {item}")
        others += good
        if others > accepted:
            raise invalid(each.where("accepted"), f"more than was accepted ({accepted:f})")
        _stock(writer, item, site, good)
    _stock(writer, ordered["item"], site, accepted - others)
    return value(ordered["price"], ordered["per"], received)


def _stock(writer: Writer, item: str, site: str, accepted: Decimal) -> None:
    kept = writer.one("SELECT stocked FROM item WHERE id = ?", item)
    if kept is None or not kept["stocked"]:
        return
    row = writer.one("SELECT on_hand FROM stock WHERE item = ? AND site = ?", item, site)
    on_hand = Decimal(row["on_hand"]) if row else Decimal(0)
    writer.run(
        "INSERT INTO stock VALUES (?, ?, ?, '0') ON CONFLICT DO UPDATE SET"
        " on_hand = excluded.on_hand",
        item,
        site,
        f"{on_hand + accepted:f}",
    )
