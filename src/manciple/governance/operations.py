"""Operations: who stopped sending to another system, who went on, who tried a dead letter again.

The switch itself stands with the effects; here is who turned it, when and why.
"""

from datetime import datetime
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass

LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSwitch:
    """Whether an endpoint is held, and who turned the switch last.

    Attributes:
        id: the endpoint's name, ``erp`` or ``edi:SUP-01``.
    """

    KIND: ClassVar[str] = "endpoint-switch"

    id: str
    is_held: bool
    by: str
    reason: str
    since: datetime

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "held" if self.is_held else "sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectReplay:
    """How often a dead letter was tried again by hand, and by whom last; ``id`` is its key."""

    KIND: ClassVar[str] = "effect-replay"

    id: str
    times: int
    by: str
    reason: str

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "tried again"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEndpoint:
    """Stop sending to an endpoint; what is due waits."""

    endpoint: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeEndpoint:
    """Send to a held endpoint again."""

    endpoint: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryEndpoint:
    """Try at once what waits for its next try; an open breaker lets it through."""

    endpoint: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEffect:
    """Try a dead letter again, unchanged."""

    effect: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEffects:
    """Try dead letters with one error again, unchanged, once its cause is gone."""

    effects: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHeld:
    """Nothing is sent to an endpoint any more."""

    endpoint: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResumed:
    """An endpoint gets what is due again."""

    endpoint: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTried:
    """What waited for its next try was tried at once, by hand."""

    endpoint: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectReplayed:
    """A dead letter was tried again by hand."""

    effect: str
    by: str
    reason: str


MOST_AT_ONCE = 500
"""Dead letters that one act tries again; a larger group takes several."""


def require_group(act: ReplayEffects) -> None:
    """Take a group of letters of a bearable size, with a reason.

    Raises:
        Refused: REASON, NO_LETTERS or TOO_MANY.
    """
    require_reason(act.reason)
    if not act.effects:
        raise refuse("NO_LETTERS", "no dead letter is in this group any more", field="error",
                     fix="See the list: they may be delivered by now.")  # fmt: skip
    if len(act.effects) > MOST_AT_ONCE:
        message = f"{len(act.effects)} letters at once; {MOST_AT_ONCE} are the most"
        raise refuse("TOO_MANY", message, field="error", fix="Try them in several goes.")


def require_reason(reason: str) -> None:
    """Let nobody steer without saying why.

    Raises:
        Refused: REASON.
    """
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise refuse(
            "REASON",
            f"a reason of 1 to {LONGEST_REASON} characters is wanted",
            field="reason",
            fix="say why",
        )
