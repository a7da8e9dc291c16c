"""The line board: every order line on which something is still to happen, at one stage.

    to release   -> the newest words about the line have not left for the supplier
    unanswered   -> they left; the supplier has not answered
    changed      -> it answered otherwise than was ordered, and nobody has decided on that
    coming       -> answered, and what was answered stands

A line that is here in full, was given up, or belongs to an order that has ended is on no board.
Late is a matter of the clock alone, and of every stage: the day on which the line is expected has
ended where the goods are wanted.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    ENDED,
    AnswerState,
    OrderLine,
    PurchaseOrder,
)

SOON: Final = timedelta(days=7)
"""A line is coming due when its day ends within so long from now; both ends in elapsed time."""


class Stage(StrEnum):
    """How far a line is towards an agreed delivery."""

    RELEASE = auto()
    UNANSWERED = auto()
    CHANGED = auto()
    COMING = auto()


PLACES: Final[Mapping[Stage, int]] = {
    Stage.RELEASE: 10,
    Stage.UNANSWERED: 20,
    Stage.CHANGED: 30,
    Stage.COMING: 40,
}
"""The stage as the worklist keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A line that is on the board.

    Attributes:
        late_from: the instant from which on it is late.
    """

    line: OrderLine
    stage: Stage
    late_from: datetime


def stage_of(order: PurchaseOrder, line: OrderLine, *, is_disputed: bool) -> Stage:
    """Say at which stage a line is that is still open.

    Args:
        order: the order it belongs to.
        line: the line.
        is_disputed: somebody must still decide on what the supplier answered.
    """
    if line.answer is None:
        return Stage.RELEASE if _is_untold(order, line) else Stage.UNANSWERED
    if is_disputed and line.answer.state is not AnswerState.FULL:
        return Stage.CHANGED
    return Stage.COMING


def _is_untold(order: PurchaseOrder, line: OrderLine) -> bool:
    """Say whether the supplier has not been told what the line asks for now.

    A revision that only agrees to what the supplier proposed itself is told with its making.
    """
    if order.state in BEFORE_SENDING:
        return True
    if line.revision <= order.sent_revision:
        return False
    revision = order.revision_of(line.revision)
    return revision is None or (revision.is_told and revision.delivered_at is None)


def open_line(
    order: PurchaseOrder,
    line: OrderLine,
    ledger: LineLedger | None,
    *,
    is_disputed: bool,
    zone: str,
) -> OpenLine | None:
    """Give the line as the board has it; None when nothing more is to happen on it.

    ``ledger`` is None for a line of which nothing was posted but the order itself; ``zone`` is
    the IANA zone of the site.
    """
    if order.state in ENDED or line.is_given_up:
        return None
    if ledger is not None and not ledger.open_to_receive:
        return None
    return OpenLine(
        line=line,
        stage=stage_of(order, line, is_disputed=is_disputed),
        late_from=late_from(line.expected_on, zone),
    )


def late_from(day: date, zone: str) -> datetime:
    """Give the instant at which a day has ended in a zone: from then on the line is late."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC)
