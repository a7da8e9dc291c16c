"""Several approvals at once: only what policy calls low risk.

    12 bolts, 6.00 USD, bulk lane, nothing found        may be approved with others
    critical, or above the cap, or anything found       is looked at by itself

The table ``bulk_approval`` gives a cap by kind of document, flow, lane and category; where no row
speaks nothing passes. What windows or interests found (A-03, A-04, A-06), a gap, or a second
revision is never low risk, whatever the cap. Each is still an act of its own.
"""

from datetime import datetime
from typing import Final

from manciple.approvals.request import Approval
from manciple.approvals.routing import Decides
from manciple.kernel.errors import refuse
from manciple.kernel.money import Money
from manciple.policy.ruling import PolicyError

TABLE: Final = "bulk_approval"


def why_alone(approval: Approval, register: Decides, at: datetime) -> str:
    """Say why an approval must be looked at by itself; empty when it may be one of several."""
    found = [each.text for each in approval.findings]
    if approval.gap:
        found.append(approval.gap)
    if approval.revision > 1:
        found.append(f"it is revision {approval.revision}")
    if found:
        return found[0]
    try:
        return _above_cap(approval, register, at)
    except PolicyError as problem:
        return f"the policy cannot be asked: {problem}"


def _above_cap(approval: Approval, register: Decides, at: datetime) -> str:
    """Say what the policy has against it.

    Raises:
        PolicyError: the table cannot be asked.
    """
    facts = {
        "document_type": approval.document_type,
        "flow": approval.flow,
        "lane": approval.lane.value,
        "category": approval.category,
    }
    ruling = register.decide(TABLE, facts, at=at)
    if ruling.held:
        return f"no row of {TABLE} speaks of it"
    most = ruling.decimal("cap")
    if most is None:
        return f"{ruling.cite()} lets none pass with others"
    cap = Money(most, approval.decisive.currency)
    return (
        f"{approval.decisive} is above {cap} ({ruling.cite()})" if approval.decisive > cap else ""
    )


def check(approval: Approval, register: Decides, at: datetime) -> None:
    """Let an approval pass that is approved with others.

    Raises:
        Refused: NOT_LOW_RISK, with what makes it so.
    """
    why = why_alone(approval, register, at)
    if why:
        raise refuse(
            "NOT_LOW_RISK",
            f"{approval.title} is not approved with others: {why}",
            field="approval",
            fix="open it and decide on it alone",
        )
