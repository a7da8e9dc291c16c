"""Telling a supplier of a change: a change order, the whole order anew, or somebody calls.

SendChange -> an 860 with the lines that the revision touches     profile: changes 860
-> an 850 that replaces the one before                 profile: changes 850
-> ChangeToBeCalled: somebody calls                    profile: changes phone
-> a letter with a link                                supplier: channel mail
"""

from collections.abc import Callable

from manciple.catalog.site import Site
from manciple.exchange import by_mail
from manciple.exchange.partner import ChangePaper, Partner
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.revision import Revision
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SendChange:
    """Tell the supplier of one revision of an order, in the way that its profile names."""

    order: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeToBeCalled:
    """A supplier reads no change orders: somebody must call and say what changes."""

    order: str
    thread: str
    revision: int
    supplier: str
    site: str
    lane: Lane
    lines: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be written: one revision of an order for one partner."""

    order: PurchaseOrder
    revision: Revision
    partner: Partner
    site: Site


Write = Callable[[Work, Letter], Ref]
"""Writes a letter and keeps it for the partner's endpoint."""


def send_change(work: Work, act: SendChange, write: Write) -> Ref:
    """Write a revision for its supplier, or have somebody call."""
    order = work.get(PurchaseOrder, act.order)
    revision, partner = order.revision_of(act.revision), work.peek(Partner, order.supplier)
    if revision is not None and by_mail.reads_mail(work, order.supplier):
        return by_mail.compose(work, order, revision.number)
    if revision is None or partner is None:
        raise refuse(
            "NO_CHANNEL",
            f"revision {act.revision} of {order.id} can't be told to {order.supplier}:"
            f" {'it has no partner profile' if partner is None else 'there is no such revision'}",
            field="supplier",
            rule="SC-5",
            fix=f"Register the partner {order.supplier}, then change the order again.",
        )
    if partner.changes is ChangePaper.PHONE:
        called = ChangeToBeCalled(
            order=order.id,
            thread=order.thread,
            revision=revision.number,
            supplier=order.supplier,
            site=order.site,
            lane=order.lane,
            lines=tuple(each.line for each in revision.lines),
            reason=revision.reason,
        )
        work.save(order, called)
        return ref(order)
    site = work.peek(Site, order.site) or Site(id=order.site, name=order.site, company="")
    return write(work, Letter(order=order, revision=revision, partner=partner, site=site))


def handles(write: Write) -> tuple[Handles, ...]:
    """Give the act by which changes are told."""

    def send(work: Work, act: SendChange) -> Ref:
        return send_change(work, act, write)

    return (Handles(act=SendChange, handle=send, by=frozenset({Role.SYSTEM})),)
