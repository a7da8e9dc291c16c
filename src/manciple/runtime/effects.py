"""Effects: what must be done in another system, kept as rows until its outcome is known.

At least once here, once there: the effect's key is also the outside idempotency key, and every
attempt but the first looks the key up before it sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum, auto
from typing import Any, Protocol

from manciple.kernel.records import dataclass
from manciple.runtime.codec import plain_values
from manciple.runtime.documents import Ref


class Lane(StrEnum):
    """How critical a thing is; each lane of an endpoint is drained by itself, in this order."""

    CRITICAL = "critical"
    STANDARD = "standard"
    BULK = "bulk"

    @property
    def before(self) -> tuple["Lane", ...]:
        """Name the lanes that are more critical."""
        return tuple(Lane)[: tuple(Lane).index(self)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to be done outside, asked for in the transaction that decided it.

    Attributes:
        key: unique for ever; the outside idempotency key. Business key, revision and verb
            (domain rule X-01), for example ``PO-4T0C9M2K7QWE:1:erp.create_order``.
        endpoint: who must do it: ``erp``, ``wms``, ``finance``, ``inbound``, ``edi:ACME``.
        verb: what, in the endpoint's words: ``erp.create_order``, ``edi.send``.
        subject: the document whose outcome handler hears what became of it.
        payload: a record (or JSON value), frozen into bytes when the transaction is written.
        business_key: effects of one key leave for an endpoint in the order in which they were
            asked for; what waits of one key holds up no other (domain rule X-02). Empty: the
            subject's.
        needed_by: the day by which the goods are wanted. In a backlog the earlier day leaves
            first (domain rule X-05); None is not known, and leaves after those that are.
    """

    key: str
    endpoint: str
    verb: str
    subject: Ref
    payload: object
    lane: Lane = Lane.STANDARD
    due_at: datetime | None = None
    business_key: str = ""
    needed_by: date | None = None


class OutcomeKind(StrEnum):
    """What became of one attempt. "Accepted" is not "done"; unknown is looked up, never resent."""

    DONE = auto()
    ACCEPTED = auto()
    REJECTED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt, with what the other side said.

    Attributes:
        detail: the answer's facts: reference, version, reason. JSON values only.
        acts: acts to be applied in the same transaction as the outcome (the inbound reader's
            documents); each succeeds or fails alone.
    """

    kind: OutcomeKind
    detail: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple["KeyedAct", ...] = ()

    @classmethod
    def done(cls, **detail: Any) -> "Outcome":
        """It is there, and this is what the other side calls it."""
        return cls(kind=OutcomeKind.DONE, detail=detail)

    @classmethod
    def accepted(cls, **detail: Any) -> "Outcome":
        """It was taken in; whether it is done will be said later."""
        return cls(kind=OutcomeKind.ACCEPTED, detail=detail)

    @classmethod
    def rejected(cls, reason: str, **detail: Any) -> "Outcome":
        """The other side said no; sending it again unchanged is pointless."""
        return cls(kind=OutcomeKind.REJECTED, detail={"reason": reason, **detail})

    @classmethod
    def unknown(cls, reason: str, **detail: Any) -> "Outcome":
        """Nobody can know whether it happened: a time-out, a broken line, a 5xx."""
        return cls(kind=OutcomeKind.UNKNOWN, detail={"reason": reason, **detail})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAct:
    """An act with the key under which it is applied once."""

    key: str
    act: object
    correlation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An effect as an endpoint receives it: one attempt."""

    key: str
    endpoint: str
    lane: Lane
    verb: str
    subject: Ref
    payload: bytes
    attempts: int
    at: datetime
    correlation: str = ""
    business_key: str = ""


class EffectState(StrEnum):
    """Where an effect stands: to be sent, taken in by the other side, settled, or given up.

    Void: its act was taken back before anybody claimed it, so it was never sent.
    """

    DUE = auto()
    ACCEPTED = auto()
    DONE = auto()
    REJECTED = auto()
    DEAD = auto()
    VOID = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectEntry:
    """An effect as its row shows it to people.

    Attributes:
        attempts: how often it was claimed for sending.
        result: what the other side said last; JSON values.
        asked_at: when the transaction that decided it happened; ``settled_at`` when it ended.
    """

    key: str
    endpoint: str
    lane: Lane
    verb: str
    subject: Ref
    payload: bytes
    state: EffectState
    due_at: datetime
    attempts: int
    correlation: str
    result: Mapping[str, Any]
    asked_at: datetime
    settled_at: datetime | None

    @property
    def facts(self) -> Any:
        """Give the payload as plain JSON values."""
        return plain_values(self.payload)


class Endpoint(Protocol):
    """An outside system behind a port.

    Raises ``OSError`` (or a subclass) from either method when nobody can know what happened.
    """

    FINDS: bool
    """Whether ``find`` can tell; without it, resends are byte-identical."""

    def find(self, parcel: Parcel) -> Outcome | None:
        """Look the parcel's key up outside; None when it is not there (or nobody can tell)."""
        ...

    def send(self, parcel: Parcel) -> Outcome:
        """Do it."""
        ...


class Endpoints(Protocol):
    """The register of endpoints by name; names with a colon may be served by their prefix."""

    def endpoint(self, name: str) -> Endpoint:
        """Give the endpoint of that name; raises NotFoundError when none serves it."""
        ...

    def names(self) -> Sequence[str]:
        """Give the registered names, sorted."""
        ...
