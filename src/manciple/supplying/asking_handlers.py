"""Handler of asking a supplier: load, decide, save."""

from manciple.catalog.site import Site, require_site
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work
from manciple.supplying import asking, chasing
from manciple.supplying.chasing import Chase

_ASKERS = frozenset({Role.PLANNER, Role.BUYER})


def _ask(work: Work, act: asking.AskSupplier) -> Ref:
    order = work.find(PurchaseOrder, act.order)
    if order is None:
        raise refuse("UNKNOWN_ORDER", f"there is no order {act.order}", field="order")
    require_site(work.actor, order.site)
    site = work.peek(Site, order.site)
    known = work.find(Chase, order.id)
    chase = chasing.of_revision(
        known, order=order.id, supplier=order.supplier, revision=order.revision
    )
    what = asking.owed(
        order, ledgers_of(work, order.id), zone=site.zone if site else "UTC", at=work.at
    )
    kept, event = asking.ask(order, chase, what, by=work.actor.id, note=act.note, at=work.at)
    work.save(kept, event, touches=(ref(order),))
    if known is None:
        work.link(order.thread, ref(kept))
    return ref(kept)


def handles() -> tuple[Handles, ...]:
    """Give the act of asking a supplier."""
    return (Handles(act=asking.AskSupplier, handle=_ask, by=_ASKERS),)
