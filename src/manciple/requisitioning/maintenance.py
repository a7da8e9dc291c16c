"""A need of maintenance: for an asset, and as critical as the standstill that its lack makes.

    press 4 stands still, a valve is missing       stopped: critical
    it runs with one pump of two                   reduced: standard at least
    the overhaul in May                            planned: as any other need

The most critical answer wins: what the item and the flow make of it, or the downtime class by the
table ``downtime_criticality``. Being critical skips no control.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from manciple.approvals.routing import Decides
from manciple.kernel.errors import Reason, Refused
from manciple.policy.ruling import PolicyError
from manciple.requisitioning.requisition import SubmitRequisition
from manciple.runtime.effects import Lane

TABLE: Final = "downtime_criticality"
URGENCY: Final = {Lane.CRITICAL: 0, Lane.STANDARD: 1, Lane.BULK: 2}
"""Lanes, the most critical first."""
_TEXT: Final = 500


def faults(act: SubmitRequisition) -> Iterable[Reason]:
    """List what is wrong with what is said of an asset; a need for none says nothing."""
    if act.downtime is None:
        return
    asset = (act.asset or "").strip()
    if not asset:
        yield _fault("ASSET_MISSING", "nobody says for which asset it is", "asset", "name it")
    elif len(asset) > _TEXT:
        message = f"an asset has at most {_TEXT} characters"
        yield _fault("TOO_LONG", message, "asset", "shorten it")


def raised(
    act: SubmitRequisition, lane: Lane, ruling: str, register: Decides, at: datetime
) -> tuple[Lane, str]:
    """Give the lane and the policy row behind it, with the standstill counted in.

    Raises:
        Refused: LANE_UNDECIDED, the table cannot be asked.
    """
    if act.downtime is None:
        return lane, ruling
    try:
        answer = register.decide(TABLE, {"downtime": act.downtime.value}, at=at)
        found = Lane(answer.text("lane"))
    except PolicyError as problem:
        message = f"the policy does not say how critical it is: {problem}"
        fix = f"add a row to the table {TABLE}"
        raise Refused(_fault("LANE_UNDECIDED", message, "downtime", fix)) from problem
    return (found, answer.cite()) if URGENCY[found] < URGENCY[lane] else (lane, ruling)


def _fault(code: str, message: str, field: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=field, fix=fix)
