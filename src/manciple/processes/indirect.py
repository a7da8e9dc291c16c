"""The flow `indirect`: what is bought for use, paid by a cost centre, in the catalog or in words.

It runs through the reactions of `direct`: need, approval, order, answer, receipt, match, payable.
What differs is data (clocks, service levels, tables) and what stands here: what is held against
its order alone is awaited at no dock.
"""

from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.policy.register import Register
from manciple.policy.ruling import PolicyError
from manciple.runtime.work import Work

TABLE = "match_kind"
ORDER_ALONE = "2-way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Whether a dock waits for a line: where the policy holds the invoice against a receipt."""

    register: Register

    def __call__(self, work: Work, order: PurchaseOrder, line: OrderLine) -> bool:
        """Say whether goods are to come; yes when the policy cannot be asked."""
        facts = {
            "line": f"{order.id}/{line.number}",
            "item": line.item,
            "supplier": order.supplier,
            "category": line.category,
        }
        try:
            ruling = self.register.decide(TABLE, facts, at=work.at)
            return ruling.held or ruling.text("kind") != ORDER_ALONE
        except PolicyError:
            return True
