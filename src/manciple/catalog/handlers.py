"""Handlers of the catalog: a record is checked as a whole, then kept; the same again is quiet."""

from manciple.catalog import agreement, calendars, cost_centre, item, outlook, site, supplier
from manciple.catalog.agreement import (
    Agreement,
    AgreementRegistered,
    RegisterAgreement,
    SourceAdded,
    Sources,
)
from manciple.catalog.calendars import Calendar, CalendarRegistered, RegisterCalendar
from manciple.catalog.cost_centre import CostCentre, CostCentreRegistered, RegisterCostCentre
from manciple.catalog.finding import ItemWord, words_of
from manciple.catalog.item import Item, ItemRegistered, RegisterItem
from manciple.catalog.outlook import Outlook, OutlookRegistered, RegisterOutlook
from manciple.catalog.site import RegisterSite, Site, SiteRegistered
from manciple.catalog.supplier import RegisterSupplier, Supplier, SupplierRegistered
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Document, Ref, ref
from manciple.runtime.work import Work

_KEEPERS = frozenset({Role.ADMIN, Role.STEWARD, Role.SYSTEM})


def handles() -> tuple[Handles, ...]:
    """Give the acts of this room."""
    return (
        Handles(act=RegisterItem, handle=_register_item, by=_KEEPERS),
        Handles(act=RegisterSupplier, handle=_register_supplier, by=_KEEPERS),
        Handles(act=RegisterSite, handle=_register_site, by=_KEEPERS),
        Handles(act=RegisterAgreement, handle=_register_agreement, by=_KEEPERS),
        Handles(act=RegisterCalendar, handle=_register_calendar, by=_KEEPERS),
        Handles(act=RegisterCostCentre, handle=_register_cost_centre, by=_KEEPERS),
        Handles(act=RegisterOutlook, handle=_register_outlook, by=_KEEPERS | {Role.INTEGRATION}),
    )


def _register_item(work: Work, act: RegisterItem) -> Ref:
    new = act.item
    _refuse(item.faults(new))
    known = work.find(Item, new.id)
    event = ItemRegistered(item=new.id, category=new.category, is_new=known is None)
    before = words_of(known) if known else ()
    for word in words_of(new):
        if word not in before:
            work.append(word, ItemWord(item=new.id))
    return _keep(work, new, known, event)


def _register_supplier(work: Work, act: RegisterSupplier) -> Ref:
    new = act.supplier
    _refuse(supplier.faults(new))
    known = work.find(Supplier, new.id)
    event = SupplierRegistered(
        supplier=new.id, is_new=known is None, blocked=new.blocked, calendar=new.calendar
    )
    return _keep(work, new, known, event)


def _register_site(work: Work, act: RegisterSite) -> Ref:
    new = act.site
    _refuse(site.faults(new))
    known = work.find(Site, new.id)
    return _keep(
        work, new, known, SiteRegistered(site=new.id, is_new=known is None, calendar=new.calendar)
    )


def _register_agreement(work: Work, act: RegisterAgreement) -> Ref:
    new = act.agreement
    seller, goods = work.peek(Supplier, new.supplier), work.peek(Item, new.item)
    _refuse(agreement.faults(new, supplier=seller, item=goods))
    known = work.find(Agreement, new.id)
    event = AgreementRegistered(
        agreement=new.id,
        supplier=new.supplier,
        item=new.item,
        price=new.price,
        is_new=known is None,
    )
    _keep(work, new, known, event)
    _add_source(work, new)
    return ref(new)


def _add_source(work: Work, new: Agreement) -> None:
    sources = work.find(Sources, new.item) or Sources(id=new.item, suppliers=())
    if new.supplier in sources.suppliers:
        return
    suppliers = tuple(sorted((*sources.suppliers, new.supplier)))
    added = SourceAdded(item=new.item, supplier=new.supplier)
    work.save(replace(sources, suppliers=suppliers), added)


def _register_calendar(work: Work, act: RegisterCalendar) -> Ref:
    new = act.calendar
    _refuse(calendars.faults(new))
    known = work.find(Calendar, new.id)
    event = CalendarRegistered(
        calendar=new.id,
        zone=new.calendar.zone,
        is_new=known is None,
        hours=new.calendar,
    )
    return _keep(work, new, known, event)


def _register_cost_centre(work: Work, act: RegisterCostCentre) -> Ref:
    new = act.cost_centre
    _refuse(cost_centre.faults(new))
    known = work.find(CostCentre, new.id)
    event = CostCentreRegistered(cost_centre=new.id, closed=new.closed, is_new=known is None)
    return _keep(work, new, known, event)


def _register_outlook(work: Work, act: RegisterOutlook) -> Ref:
    new = act.outlook
    goods, place = work.peek(Item, new.item), work.peek(Site, new.site)
    _refuse(outlook.faults(new, item=goods, site_known=place is not None))
    known = work.find(Outlook, new.id)
    if known is not None and new.as_of < known.as_of:
        return ref(known)
    event = OutlookRegistered(
        outlook=new.id,
        site=new.site,
        item=new.item,
        as_of=new.as_of,
        on_hand=new.on_hand,
        daily_demand=new.daily_demand,
    )
    return _keep(work, new, known, event)


def _refuse(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise Refused(*reasons)


def _keep(work: Work, new: Document, known: Document | None, event: object) -> Ref:
    if new != known:
        work.save(new, event)
    return ref(new)
