"""Resending: the very bytes of a file that we wrote, once more, under the same control number.

A partner who lost a file, or says so, gets exactly what it should have got. Who has it already
knows it by its control number; nothing new is written, and no number is used up.
"""

from manciple.exchange.interchange import Direction, Interchange
from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendInterchange:
    """Hand a file of ours over once more, byte by byte as it was."""

    interchange: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeResendingAsked:
    """A file of ours is to be handed over once more; ``time`` counts the requests from 1."""

    interchange: str
    partner: str
    why: str
    time: int


def require_resendable(kept: Interchange) -> None:
    """Let a file of ours pass that has left at least once, or was given up.

    Raises:
        Refused: WRONG_STATE, it came from the partner, or it is still on its way for the first
            time.
    """
    if kept.direction is not Direction.OUT:
        raise refuse("WRONG_STATE", f"{kept.id} came from a partner; it can only be read again")
    if kept.state == "composed":
        raise refuse(
            "WRONG_STATE",
            f"{kept.id} has not left yet; its effect is still being tried",
            fix="See the lanes and the dead letters for what keeps it.",
        )
