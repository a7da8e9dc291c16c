"""Notices: what happened that somebody should know, in the page and, as they wish, by mail.

    an event -> a notice for a person, or for whoever holds a role at a site
             -> a letter at once | a row of the next digest | nothing      by their own settings
    read     -> a mark; a later notice about the same thing is unread again

A thing (a case, an approval) is one row of the list, whatever happens to it. By mail somebody
hears of one thing once in four hours; only its escalation comes through sooner. In quiet hours
nothing arrives: the letter waits until they are over.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from manciple.kernel.calendar import is_zone
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass

AGAIN = timedelta(hours=4)
"""How long somebody hears no more by mail of a thing that they were just told of: half a day's
work, so that a case that moves five times in an hour is one letter."""
EVERYTHING = ""
"""The subject of a mark by which everything until then is read."""


class Cadence(StrEnum):
    """How somebody wants to be told by mail."""

    IMMEDIATELY = "immediately"
    DIGEST = "digest"
    NONE = "none"


class NoticeKind(StrEnum):
    """What happened."""

    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    OPENED = "opened"
    ASSIGNED = "assigned"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the owner of the row should know: a person, or ``role:planner``.

    Attributes:
        subject: the thing that it is about, as a reference in text; one row of the list.
        path: the page on which it can be seen.
        site: where it belongs; empty if nowhere.
    """

    subject: str
    kind: NoticeKind
    title: str
    path: str
    site: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSeen:
    """The owner of the row has read everything about a subject until an instant."""

    subject: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMail:
    """Something that goes, or went, to somebody by mail.

    Kept under ``person>subject`` for the last letters about it, and under ``person@time`` for the
    rows of one digest.

    Attributes:
        effect: the letter's effect; empty for a row of a digest.
    """

    subject: str
    kind: NoticeKind
    title: str
    path: str
    at: datetime
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifying:
    """How one person is told.

    Attributes:
        id: the person.
        quiet_from, quiet_to: no letter arrives from then until then, by the clock of ``zone``;
            both or none. From 22:00 to 06:00 is over midnight. The end is not quiet any more.
        digest_at: when the day's digest is written.
        zone: whose clock; an IANA zone.
    """

    KIND: ClassVar[str] = "notifying"

    id: str
    cadence: Cadence = Cadence.DIGEST
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time = time(7)
    zone: str = "UTC"

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return self.cadence.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """Who of a role wants to be told by mail; ``id`` is the role."""

    KIND: ClassVar[str] = "subscribers"

    id: str
    people: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNotifying:
    """Say how one wants to be told; each for themselves."""

    notifying: Notifying


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoticesRead:
    """Say that one has read about something, or with no subject about everything."""

    subject: str = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigest:
    """The time of somebody's digest has come."""

    person: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyingChanged:
    """Somebody wants to be told otherwise than before."""

    person: str
    cadence: Cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberListed:
    """Somebody is told by mail of what concerns a role, or no longer."""

    role: str
    person: str
    wants: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAssembled:
    """What happened since the last digest is written to somebody in one letter."""

    person: str
    due: datetime
    count: int


def check(notifying: Notifying, *, by: Actor) -> None:
    """Accept how somebody wants to be told.

    Raises:
        Refused: it is another's, a zone that nobody knows, or half of quiet hours.
    """
    if notifying.id != by.id:
        raise refuse("NOT_YOURS", f"{by.id} can't say how {notifying.id} is told", field="person")
    faults = []
    if not is_zone(notifying.zone):
        text = f"{notifying.zone[:40]!r} is no time zone"
        faults.append(
            Reason(code="BAD_ZONE", message=text, field="zone", fix="Europe/Berlin, say")
        )
    if (notifying.quiet_from is None) != (notifying.quiet_to is None):
        text = "quiet hours have a beginning and an end"
        faults.append(
            Reason(code="QUIET_HOURS", message=text, field="quiet_to", fix="give both or none")
        )
    if faults:
        raise Refused(*faults)


def arrives_at(notifying: Notifying, at: datetime) -> datetime:
    """Say when a letter may arrive: at once, or when the quiet hours are over."""
    start, end = notifying.quiet_from, notifying.quiet_to
    if start is None or end is None or start == end:
        return at
    zone = ZoneInfo(notifying.zone)
    here = at.astimezone(zone)
    now = here.time().replace(tzinfo=None)
    is_quiet = start <= now < end if start < end else now >= start or now < end
    if not is_quiet:
        return at
    day = here.date() + timedelta(days=1) if start > end and now >= start else here.date()
    return _moment(day, end, zone)


def next_digest(notifying: Notifying, at: datetime) -> datetime:
    """Give the next time of somebody's digest after an instant, outside their quiet hours."""
    zone = ZoneInfo(notifying.zone)
    day = at.astimezone(zone).date()
    due = _moment(day, notifying.digest_at, zone)
    if due <= at:
        due = _moment(day + timedelta(days=1), notifying.digest_at, zone)
    return arrives_at(notifying, due)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def is_told_again(earlier: tuple[NoticeMail, ...], kind: NoticeKind, at: datetime) -> bool:
    """Say whether somebody hears of a thing by mail once more, after what they were told of it."""
    if not earlier:
        return True
    last = earlier[-1]
    if kind is NoticeKind.ESCALATED and last.kind is not NoticeKind.ESCALATED:
        return True
    return at - last.at >= AGAIN
