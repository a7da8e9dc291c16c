"""Lost and resent files: a gap in a partner's count becomes a case, and a resend leaves.

ControlGapFound   -> OpenCase CONTROL_GAP, for whoever looks after the connection
ControlGapHealed  -> WithdrawCase: the files came after all
CaseResolved      -> AcceptControlGap: the partner says that these numbers will never come
InterchangeResendingAsked -> the partner's endpoint gets the very bytes again
"""

from collections.abc import Iterable

from manciple.cases.case import OpenCase, WithdrawCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.exchange.control_numbers import (
    ControlGapFound,
    ControlGapHealed,
    ControlSequence,
)
from manciple.exchange.interchange import Interchange
from manciple.exchange.resending import InterchangeResendingAsked
from manciple.processes.exceptions.resending import resend
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work


def gap(work: Work, event: ControlGapFound) -> Iterable[object]:
    """Files of a partner did not come, as far as their numbers tell."""
    del work
    numbers = ", ".join(str(each) for each in event.missing)
    yield OpenCase(
        code=Code.CONTROL_GAP,
        subject=Ref(ControlSequence.KIND, event.sequence),
        thread="",
        title=f"{event.partner}: control numbers {numbers} did not come",
        discrepancy=Discrepancy(
            code=Code.CONTROL_GAP,
            expected=numbers,
            actual="missing",
            text=f"{event.partner} counts {event.scope} without a gap, and {numbers} are missing; "
            "ask for these files, or note that the partner skips numbers",
        ),
        supplier=event.partner,
    )


def healed(work: Work, event: ControlGapHealed) -> Iterable[object]:
    """Nothing is missing any more."""
    del work
    yield WithdrawCase(
        code=Code.CONTROL_GAP, subject=Ref(ControlSequence.KIND, event.sequence), note=event.how
    )


def send_again(work: Work, event: InterchangeResendingAsked) -> Iterable[object]:
    """The partner gets the very bytes again, under the same control number."""
    resend(work, work.get(Interchange, event.interchange), f":asked{event.time}")
    return ()


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table about lost and resent files."""
    return (
        Reacts(event=ControlGapFound, react=gap),
        Reacts(event=ControlGapHealed, react=healed),
        Reacts(event=InterchangeResendingAsked, react=send_again),
    )
