"""Master data of the reference ERP: loaded by its owner, read by everybody else."""

from typing import Any

from manciple.adapters.reference.books import Writer
from manciple.adapters.reference.fields import Fields
from manciple.adapters.reference.web import invalid


def load(writer: Writer, fields: Fields) -> dict[str, int]:
    """Write suppliers, items, sites, offers, stock and closed periods; again writes them anew."""
    loaders = {
        "suppliers": _supplier,
        "sites": _site,
        "items": _item,
        "offers": _offer,
        "stock": _stock,
        "closed_periods": _closed_period,
    }
    counts = {}
    for name, loader in loaders.items():
        rows = fields.maybe_lines(name)
        for row in rows:
            loader(writer, row)
        counts[name] = len(rows)
    return counts


def _supplier(writer: Writer, row: Fields) -> None:
    _put(
        writer,
        "supplier",
        id=row.text("id"),
        name=row.text("name", limit=200),
        currency=row.text("currency", limit=3),
        blocked=int(row.flag("blocked")),
    )


def _site(writer: Writer, row: Fields) -> None:
    names = ("id", "name", "company", "city", "zone")
    _put(writer, "site", **{name: row.text(name) for name in names})


def _item(writer: Writer, row: Fields) -> None:
    item = row.text("id")
    _put(
        writer,
        "item",
        id=item,
        description=row.text("description", limit=200),
        category=row.text("category"),
        unit=row.text("unit", limit=6),
        stocked=int(row.flag("stocked")),
        gtin=row.maybe_text("gtin"),
    )
    for pack in row.maybe_lines("packs"):
        content = f"{pack.positive('content'):f}"
        _put(writer, "pack", item=item, unit=pack.text("unit", limit=6), content=content)


def _offer(writer: Writer, row: Fields) -> None:
    minimum = row.maybe_text("minimum")
    valid_to = row.maybe_day("valid_to")
    for name, table in (("supplier", "supplier"), ("item", "item")):
        if writer.one(f"SELECT 1 FROM {table} WHERE id = ?", row.text(name)) is None:  # noqa: S608  our own words; values are bound
            raise invalid(row.where(name), f"{row.text(name)} is not known")
    _put(
        writer,
        "offer",
        supplier=row.text("supplier"),
        item=row.text("item"),
        valid_from=row.day("valid_from").isoformat(),
        valid_to=valid_to.isoformat() if valid_to else None,
        supplier_item=row.maybe_text("supplier_item"),
        price=f"{row.not_negative('price'):f}",
        per=f"{row.positive('per'):f}",
        per_unit=row.text("per_unit", limit=6),
        currency=row.text("currency", limit=3),
        order_unit=row.text("order_unit", limit=6),
        minimum=f"{row.positive('minimum'):f}" if minimum else None,
        lead_days=row.maybe_whole("lead_days"),
        preferred=int(row.flag("preferred")),
    )


def _stock(writer: Writer, row: Fields) -> None:
    _put(
        writer,
        "stock",
        item=row.text("item"),
        site=row.text("site"),
        on_hand=f"{row.decimal('on_hand'):f}",
        allocated=f"{row.not_negative('allocated'):f}",
    )


def _closed_period(writer: Writer, row: Fields) -> None:
    _put(writer, "closed_period", month=row.text("month", limit=7))


def _put(writer: Writer, table: str, **columns: Any) -> None:
    names = ", ".join(columns)
    marks = ", ".join("?" for _ in columns)
    fresh = ", ".join(f"{name} = excluded.{name}" for name in columns)
    writer.run(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO UPDATE SET {fresh}",  # noqa: S608  names are ours
        *columns.values(),
    )
