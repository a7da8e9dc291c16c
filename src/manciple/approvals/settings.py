"""The choices about approvals that a company makes once."""

from decimal import Decimal

from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """How approvals work in this company.

    Attributes:
        currency: limits and tested amounts are in this currency.
        merge_adjacent: two neighbouring steps of one person become one; never others.
            Source: domain rules 4.7 A, A-08 / lessons 3.1.
        delegate_own_limit: a delegate's own limit counts too, so that the lowest of
            delegator's limit, cap and delegate's limit decides. Source: 4.7 A, A-08.
        reminders: when to remind, in percent of the time allowed. Source: domain rule A-09.
        longest_chain: a chain longer than this is a defect of the limits, not a chain.
        conflict_role: who decides when no row asks anybody and the requester has an interest in
            the supplier. Source: domain rule A-06.
        pool_role: whose holders are asked when nobody else can be; each with a sufficient limit.
            Source: domain rule A-10.
        pool_two_above: above this amount two members of the pool must agree; the amount itself
            needs one.
        default_sla_hours: open hours for a step when the policy row states none.
    """

    currency: Currency = Currency.USD
    merge_adjacent: bool = False
    delegate_own_limit: bool = False
    reminders: tuple[int, ...] = (50, 80)
    longest_chain: int = 9
    conflict_role: str = "finance_controller"
    pool_role: str = "approval_pool"
    pool_two_above: Decimal = Decimal(10_000)
    default_sla_hours: Decimal = Decimal(8)
