"""What an auditor reads of the sealed history, and what people are shown of their notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from manciple.governance.notice import NoticeKind
from manciple.kernel.records import dataclass
from manciple.runtime.queries import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What to look for; empty is everything.

    Attributes:
        actor: who acted.
        about: an object's reference, ``purchase-order/PO-1``.
        event: an event's name, ``OrderPlaced``.
        start, end: from ``start`` on, before ``end``.
    """

    actor: str = ""
    about: str = ""
    event: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One sealed event with its place in the chain.

    Attributes:
        seq: its number in the one sealed sequence.
        hash: SHA-256 over the stream's hash before it and its own bytes, in hex.
        sealed_by: the last number of the seal that covers it.
        data: the event's own record.
    """

    seq: int
    at: datetime
    actor: str
    on_behalf_of: str
    door: str
    type: str
    stream: str
    version: int
    hash: str
    sealed_by: int
    command: str
    correlation: str
    objects: tuple[str, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReach:
    """How far the search knows the history, and how far the history is sealed.

    Attributes:
        tail: when the oldest event happened that no seal covers; None when all are sealed.
    """

    indexed: int
    sealed: int
    unsealed: int
    tail: datetime | None


class AuditTrail(Protocol):
    """Who searches the sealed history: pages and doors read through this."""

    def search(
        self, query: AuditQuery, *, after: str | None = None, limit: int = 50
    ) -> Page[AuditEntry]:
        """Give sealed events that fit, newest first."""
        ...

    def reach(self) -> AuditReach:
        """Say how far the search and the seals reach."""
        ...

    def event_types(self) -> tuple[str, ...]:
        """Give the names of all events that are in the history, sorted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """The newest notice about one thing.

    Attributes:
        times: how often something was told of it.
        mail: the state of the last letter about it to this person; empty where none went.
    """

    subject: str
    kind: NoticeKind
    title: str
    path: str
    at: datetime
    times: int
    is_read: bool
    mail: str


class Notices(Protocol):
    """Reads notices: a person's own and those of their roles, at their sites."""

    def unread(
        self,
        person: str,
        *,
        roles: Sequence[str],
        sites: Sequence[str],
        since: datetime,
        most: int | None = None,
    ) -> int:
        """Count the things of which something is unread since an instant, up to ``most``."""
        ...

    def latest(
        self,
        person: str,
        *,
        roles: Sequence[str],
        sites: Sequence[str],
        since: datetime,
        limit: int,
    ) -> tuple[NoticeRow, ...]:
        """Give the newest things first; one question, however many."""
        ...
