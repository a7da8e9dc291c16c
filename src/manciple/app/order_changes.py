"""What a change of an order would do: the same rules as for the change, on what is stored."""

from dataclasses import dataclass

from manciple.app.application import Application
from manciple.approvals.directory import Directory
from manciple.approvals.reapproval import Reapproval
from manciple.approvals.routing import Ask, Chain, preview
from manciple.approvals.settings import ApprovalSettings
from manciple.catalog.site import require_site
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.ordering.change.drafting import Drafting
from manciple.ordering.change.order_change import DOCUMENT_TYPE, ChangeOrder
from manciple.ordering.change.revising import Cause
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.revision import LineRevision
from manciple.processes.changing import FLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What a change would make of an order, and who would have to agree.

    Attributes:
        lines: the lines that it would touch, before and after.
        chain: who would be asked; None when nobody need be.
    """

    order: str
    revision: int
    lines: tuple[LineRevision, ...]
    committed_before: Money
    committed_after: Money
    reapproval: Reapproval
    chain: Chain | None


def preview_change(
    app: Application, actor: Actor, order: PurchaseOrder, act: ChangeOrder
) -> ChangePreview:
    """Say what a change would do; nothing is kept.

    Raises:
        Refused: with every fault, as the change itself would.
    """
    require_site(actor, order.site)
    now = app.clock.now()
    draft = Drafting(app.definitions.register).draft(
        order,
        act,
        ledgers=ledgers(app.store.records(Posting, order.id)),
        peek=app.peek,
        cause=Cause(by=actor.id, reason=act.reason, at=now),
    )
    chain = None
    if draft.reapproval.is_needed:
        ask = Ask(
            document_type=DOCUMENT_TYPE,
            flow=FLOW,
            amount=draft.after,
            category=draft.shares[0].category,
            site=order.site,
            requester=actor.id,
            lane=order.lane,
            shares=draft.shares,
        )
        chain = preview(
            ask,
            directory=Directory(app.peek),
            register=app.definitions.register,
            settings=ApprovalSettings(),
            at=now,
        )
    return ChangePreview(
        order=order.id,
        revision=order.revision + 1,
        lines=draft.change.revision.lines,
        committed_before=draft.before,
        committed_after=draft.after,
        reapproval=draft.reapproval,
        chain=chain,
    )
