"""Audits: somebody has the whole history checked, and what was found is kept.

    asked -> sound                nothing was changed, nothing is missing
          -> broken               the first record that does not fit is named

Checking reads all of history, so it runs behind the pages; only one runs at a time.
"""

from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace

HISTORY = "history"
"""The id of the one document that says how the last audit went."""
PATIENCE = timedelta(hours=1)
"""After so long an audit that never ended may be asked for again."""


class AuditState(StrEnum):
    """How the newest audit stands."""

    ASKED = auto()
    SOUND = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an audit found.

    Attributes:
        unsealed: events that no seal covers yet; ``tail`` how old the oldest of them is.
        chained: the chained root over all seals, in hex; ``heads`` that over all streams.
        what, where, text: the first record that does not fit; empty when all do.
    """

    events: int = 0
    streams: int = 0
    seals: int = 0
    unsealed: int = 0
    tail: timedelta = timedelta(0)
    chained: str = ""
    heads: str = ""
    what: str = ""
    where: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The newest audit of the history.

    Attributes:
        times: how many were asked for so far.
        found: what the last one that ended found; None before the first has ended.
    """

    KIND: ClassVar[str] = "audit"

    id: str
    state: AuditState
    by: str
    at: datetime
    times: int = 1
    ended_at: datetime | None = None
    found: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyHistory:
    """Have the whole history checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHistory:
    """What this program tells itself to do when somebody has asked for an audit."""

    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerification:
    """Keep what an audit found."""

    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationAsked:
    """Somebody asked for the history to be checked."""

    by: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryVerified:
    """The history was checked from its kept bytes."""

    times: int
    found: Found


def ask(known: Audit | None, *, by: Actor, at: datetime) -> Audit:
    """Ask for an audit.

    Raises:
        Refused: ALREADY_ASKED while one runs that is not older than an hour.
    """
    new = Audit(id=HISTORY, state=AuditState.ASKED, by=by.id, at=at)
    if known is None:
        return new
    if known.state is AuditState.ASKED and at < known.at + PATIENCE:
        raise refuse(
            "ALREADY_ASKED",
            f"{known.by} asked for it at {known.at:%H:%M}, and it is still running",
            fix="Wait for what it finds; it can be asked for anew an hour later.",
        )
    return replace(new, times=known.times + 1, found=known.found, ended_at=known.ended_at)


def state_of(found: Found) -> AuditState:
    """Say how history stands after an audit."""
    return AuditState.BROKEN if found.what else AuditState.SOUND
