"""The ERP's master records, read into the catalog: the ERP keeps them, we follow.

A record that has not changed since the last reading is not written again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time
from hashlib import sha256
from typing import TypeVar

from manciple.app.application import Application
from manciple.catalog.agreement import Agreement, RegisterAgreement
from manciple.catalog.calendars import Calendar, RegisterCalendar
from manciple.catalog.item import Item, Pack, RegisterItem
from manciple.catalog.site import RegisterSite, Site
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import MancipleError
from manciple.kernel.messages import SYSTEM, Command
from manciple.processes.ports import ErpItem, ErpOffer, ErpPort, ErpSite, ErpSupplier, Page
from manciple.runtime.codec import encode
from manciple.runtime.documents import Document

T = TypeVar("T")
D = TypeVar("D", bound=Document)
_BATCH = 200
_WEEK = ((time(8), time(17)),) * 5


class MastersRefusedError(MancipleError):
    """The catalog refused records of the ERP; the message names each with its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many records of each kind were written, and how many stood already."""

    written: int
    unchanged: int


def import_masters(app: Application, erp: ErpPort) -> Imported:
    """Read all master records of the ERP.

    Raises:
        MastersRefusedError: records that the catalog refuses; the others are kept.
    """
    written = unchanged = 0
    refused: list[str] = []
    batch: list[Command] = []

    def flush() -> None:
        nonlocal written
        if not batch:
            return
        applied = app.store.apply(batch)
        for command, reply in zip(batch, applied.replies, strict=True):
            if reply.is_done:
                written += 1
            else:
                reasons = "; ".join(reason.message for reason in reply.refusals)
                refused.append(f"{command.key}: {reasons}")
        batch.clear()

    for read, asked in _records(erp):
        stored = app.documents.get(type(read), read.id)
        document, act = _with_ours(read, asked, None if stored is None else stored.document)
        if stored is not None and stored.document == document:
            unchanged += 1
            continue
        mark = sha256(encode(act)).hexdigest()[:16]
        version = stored.version if stored else 0
        batch.append(
            Command(
                key=f"erp-feed:{document.KIND}:{document.id}:{version}:{mark}",
                act=act,
                actor=SYSTEM,
                at=app.clock.now(),
                door="erp",
            )
        )
        if len(batch) >= _BATCH:
            flush()
    flush()
    if refused:
        raise MastersRefusedError("; ".join(refused[:20]))
    return Imported(written=written, unchanged=unchanged)


def _with_ours(read: Document, act: object, known: Document | None) -> tuple[Document, object]:
    """Keep what we know of a supplier and the ERP does not say, such as its terms."""
    if not isinstance(read, Supplier) or not isinstance(known, Supplier):
        return read, act
    kept = replace(
        read,
        terms=known.terms,
        channel=known.channel,
        contact=known.contact,
        cut_off=known.cut_off,
    )
    return kept, RegisterSupplier(supplier=kept)


def _pages(read: Callable[[str], Page[T]]) -> Iterator[T]:
    cursor = ""
    while True:
        page = read(cursor)
        yield from page.rows
        if not page.more:
            return
        cursor = page.cursor


def _records(erp: ErpPort) -> Iterator[tuple[Document, object]]:
    sites = list(_pages(erp.sites))
    for zone in sorted({site.zone for site in sites}):
        calendar = Calendar(
            id=f"office:{zone}",
            calendar=BusinessCalendar(zone=zone, hours=(*_WEEK, None, None), holidays=()),
        )
        yield calendar, RegisterCalendar(calendar=calendar)
    for row in sites:
        site = _site(row)
        yield site, RegisterSite(site=site)
    for each in _pages(erp.suppliers):
        supplier = _supplier(each, sites)
        yield supplier, RegisterSupplier(supplier=supplier)
    for stock in _pages(erp.items):
        item = _item(stock)
        yield item, RegisterItem(item=item)
    for offer in _pages(erp.offers):
        agreement = _agreement(offer)
        yield agreement, RegisterAgreement(agreement=agreement)


def _site(row: ErpSite) -> Site:
    return Site(
        id=row.id,
        name=row.name,
        company=row.company,
        calendar=f"office:{row.zone}",
        city=row.city,
        zone=row.zone,
    )


def _supplier(row: ErpSupplier, sites: list[ErpSite]) -> Supplier:
    zone = min((site.zone for site in sites), default="UTC")
    return Supplier(
        id=row.id,
        name=row.name,
        currency=row.currency,
        blocked=row.blocked,
        channel="edi",
        calendar=f"office:{zone}",
    )


def _item(row: ErpItem) -> Item:
    return Item(
        id=row.id,
        description=row.description,
        category=row.category,
        base_unit=row.base_unit,
        packs=tuple(Pack(unit=pack.unit, base=pack.base.value) for pack in row.packs),
        stocked=row.stocked,
        gtin=row.gtin,
    )


def _agreement(row: ErpOffer) -> Agreement:
    return Agreement(
        id=f"{row.supplier}/{row.item}",
        supplier=row.supplier,
        item=row.item,
        supplier_item=row.supplier_item,
        price=row.price,
        order_unit=row.order_unit,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        lead_days=row.lead_days,
        minimum=row.minimum,
        preferred=row.preferred,
    )
