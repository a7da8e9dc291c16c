"""Handlers of chasing and expediting: load, decide, save."""

from manciple.catalog.site import require_site
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work
from manciple.supplying import chasing, expedite
from manciple.supplying.chasing import Chase
from manciple.supplying.expedite import Expediting
from manciple.supplying.overdue import overdue

TIMER = "reminder"
_SYSTEM = frozenset({Role.SYSTEM})
_HURRIERS = frozenset({Role.PLANNER, Role.BUYER, Role.SYSTEM})


def _chase(work: Work, order: PurchaseOrder, revision: int) -> Chase:
    known = work.find(Chase, order.id)
    return chasing.of_revision(known, order=order.id, supplier=order.supplier, revision=revision)


def _remind(work: Work, act: chasing.RemindSupplier) -> Ref | None:
    order = work.find(PurchaseOrder, act.order)
    lines = overdue(order, act.revision) if order else ()
    if order is None or not lines:
        return None
    chase = _chase(work, order, act.revision)
    if chasing.is_quiet(chase, work.at) and chase.quiet_until is not None:
        event = chasing.ReminderSuppressed(
            order=order.id, revision=act.revision, step=act.step, until=chase.quiet_until
        )
        work.save(chase, event)
        work.timer(ref(order), TIMER, chase.quiet_until, act)
        return ref(chase)
    reminded = chasing.SupplierReminded(
        order=order.id,
        thread=order.thread,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        revision=act.revision,
        step=act.step,
        lines=lines,
        text=chasing.reminder_text(order.id, act.revision, lines, act.step),
    )
    work.save(replace(chase, sent=act.step), reminded, touches=(ref(order),))
    if act.step < len(act.times) and act.times[act.step] > work.at:
        following = replace(act, step=act.step + 1)
        work.timer(ref(order), TIMER, act.times[act.step], following)
    return ref(chase)


def _contact(work: Work, act: chasing.NoteSupplierContact) -> Ref:
    order = work.get(PurchaseOrder, act.order)
    chase = _chase(work, order, order.revision)
    event = chasing.SupplierContactNoted(order=order.id, at=work.at, quiet_until=act.quiet_until)
    kept = replace(chase, contact_at=work.at, quiet_until=act.quiet_until)
    work.save(kept, event, touches=(ref(order),))
    return ref(kept)


def _overdue(work: Work, act: chasing.NoteAnswerOverdue) -> Ref:
    order = work.get(PurchaseOrder, act.order)
    chase = _chase(work, order, act.revision)
    event = chasing.AnswerOverdueNoted(order=order.id, revision=act.revision)
    kept = replace(chase, overdue=act.revision)
    work.save(kept, event, touches=(ref(order),))
    return ref(kept)


def _expedite(work: Work, act: expedite.ExpediteLine) -> Ref:
    order = work.find(PurchaseOrder, act.order)
    if order is None:
        raise refuse("NOT_FOUND", f"there is no order {act.order}", field="order")
    require_site(work.actor, order.site)
    line = expedite.check(order, act)
    chase = work.peek(Chase, order.id)
    ledger = ledgers_of(work, order.id)[line.number]
    basis = expedite.basis_of(
        order, line, chase, is_open=bool(ledger.open_to_receive), today=work.at.date()
    )
    known = work.find(Expediting, order.id) or Expediting(
        id=order.id, supplier=order.supplier, site=order.site
    )
    kept, hurry = expedite.hurried(known, act, basis, by=work.actor.id, at=work.at, chase=chase)
    event = expedite.LineExpedited(
        order=order.id,
        thread=order.thread,
        line=hurry.line,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        cost=hurry.cost,
        cause=hurry.cause,
        basis=hurry.basis,
        override=hurry.override,
        last_contact=chase.contact_at if chase else None,
    )
    work.save(kept, event, touches=(ref(order),))
    if known.hurries == ():
        work.link(order.thread, ref(kept))
    return ref(kept)


def _close(work: Work, act: expedite.CloseExpedites) -> Ref | None:
    known = work.find(Expediting, act.order)
    if known is None:
        return None
    kept, lines = expedite.answered(known, work.get(PurchaseOrder, act.order), act.note)
    if lines:
        events = (
            expedite.ExpediteClosed(order=act.order, line=line, note=act.note) for line in lines
        )
        work.save(kept, *events)
    return ref(kept)


def handles() -> tuple[Handles, ...]:
    """Give the acts about chasing and expediting."""
    return (
        Handles(act=chasing.RemindSupplier, handle=_remind, by=_SYSTEM),
        Handles(act=chasing.NoteSupplierContact, handle=_contact, by=_SYSTEM),
        Handles(act=chasing.NoteAnswerOverdue, handle=_overdue, by=_SYSTEM),
        Handles(act=expedite.ExpediteLine, handle=_expedite, by=_HURRIERS),
        Handles(act=expedite.CloseExpedites, handle=_close, by=_SYSTEM),
    )
