"""Interchanges: files as they came or went, kept whole, with what was found in them.

    received -> read | unreadable                  in: bytes first, then tokens and findings
    composed -> sent -> accepted | rejected        out: the partner's 997 says if it could read it
    composed -> undeliverable                      out: nobody took it

A message of an interchange ends in one of four ways: taken, a duplicate of one already taken, in
quarantine, or not for us. A duplicate is a message already *applied*, not one already *seen*.
"""

from datetime import datetime
from enum import StrEnum, auto
from typing import Any, ClassVar

from manciple.exchange.control_numbers import ControlNote
from manciple.formats.x12.write import OutgoingInterchange
from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass, replace
from manciple.runtime.effects import Lane

MOST_BYTES = 64 * 1024 * 1024
"""The largest file that a door takes; a larger one is refused before it is kept."""


class Direction(StrEnum):
    """Which way a file went."""

    IN = auto()
    OUT = auto()


class MessageState(StrEnum):
    """What became of one message of an inbound interchange."""

    OFFERED = auto()
    IGNORED = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNote:
    """One thing found wrong in a file: where it stands and what it is."""

    severity: str
    code: str
    text: str
    segment: int | None = None
    offset: int | None = None
    element: int | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageNote:
    """One transaction set of a file: what it is and what it speaks of."""

    index: int
    code: str
    control: str
    kind: str
    number: str | None
    orders: tuple[str, ...]
    state: MessageState
    findings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """A file that came or went. The bytes are kept under their SHA-256 and never change.

    Attributes:
        channel: how it came or goes: ``api``, ``folder``, ``http``.
        name: the file's name where it had one.
        control: ISA13; of an inbound file with several interchanges the first.
        order, revision: of an outbound 850, what it carries.
        attempts: how often an inbound file was read, or a file of ours was sent again.
        answer: of an outbound file, the code of the partner's 997.
        mends: the file that this one is read in place of, when two people have put that right.
    """

    KIND: ClassVar[str] = "interchange"

    id: str
    direction: Direction
    state: str
    digest: str
    size: int
    channel: str
    at: datetime
    partner: str | None = None
    name: str | None = None
    control: str | None = None
    messages: tuple[MessageNote, ...] = ()
    findings: tuple[FindingNote, ...] = ()
    order: str | None = None
    revision: int | None = None
    attempts: int = 0
    answer: str | None = None
    mends: str | None = None

    @property
    def supplier(self) -> str | None:
        """The supplier whose paper this is, for rights."""
        return self.partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The mark of a message that was applied: it stops the second application."""

    KIND: ClassVar[str] = "taken-message"

    id: str
    interchange: str
    index: int

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A message that could not be read or matched: it waits, with an owner and an age."""

    KIND: ClassVar[str] = "quarantined-message"

    id: str
    interchange: str
    index: int | None
    code: str
    reasons: tuple[str, ...]
    partner: str | None
    waits_for: str | None
    state: str
    since: datetime
    attempts: int = 1
    ended: str | None = None

    @property
    def supplier(self) -> str | None:
        """The supplier whose paper this is, for rights."""
        return self.partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The interchanges whose messages wait for an order to appear, by the order's number."""

    KIND: ClassVar[str] = "waiting-for"

    id: str
    interchanges: tuple[str, ...]

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "waiting" if self.interchanges else "met"


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveInterchange:
    """Keep a file that came, before anything is read from it.

    Attributes:
        partner: the partner who proved to be the sender at the door (its key, its folder); None
            when only the file itself says who sent it.
    """

    data: bytes
    channel: str
    partner: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A technical answer (997, TA1) to be sent: the whole file, but for our control numbers."""

    kind: str
    unnumbered: OutgoingInterchange


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading:
    """Keep what a reader found in a file."""

    interchange: str
    partner: str | None
    control: str | None
    messages: tuple[MessageNote, ...]
    findings: tuple[FindingNote, ...]
    answers: tuple[Answer, ...]
    is_readable: bool
    numbers: tuple[ControlNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage:
    """Apply one message of a file: its statement is an act of another room.

    Attributes:
        fingerprint: SHA-256 over sender, control numbers and content; the same message sent again
            has the same one.
        keys: business keys of the threads that the message speaks of: order numbers.
        control: ISA13, by which people will look for it.
        statement: the act that the message means; applied in the same transaction.
    """

    interchange: str
    index: int
    fingerprint: str
    keys: tuple[str, ...]
    control: str
    statement: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineMessage:
    """Put a message aside that could not be applied, or a file that could not be read."""

    interchange: str
    index: int | None
    code: str
    reasons: tuple[str, ...]
    waits_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadInterchange:
    """Read a kept file again: what it waited for has appeared, or a profile was mended."""

    interchange: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardQuarantined:
    """Decide that a quarantined message will never be applied; it stays readable."""

    quarantined: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOrder:
    """Write an order as the partner reads it and hand it to the partner's endpoint."""

    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInterchangeSent:
    """Note that a file was handed over to the partner."""

    interchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUndeliverable:
    """Note that nobody took a file, with what the other side said."""

    interchange: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFunctionalAnswer:
    """Note the partner's 997 to one of our groups. It is no answer to the order (P-05).

    Attributes:
        group: AK102, our GS06.
        code: AK901: A accepted, E accepted with errors, P partly, R rejected.
    """

    partner: str
    group: str
    code: str
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInterchange:
    """What the reader is told: which kept file is to be read."""

    interchange: str


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeReceived:
    """A file came and its bytes are kept."""

    interchange: str
    digest: str
    size: int
    channel: str
    partner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeRead:
    """A file was read: its messages and findings are known."""

    interchange: str
    partner: str | None
    control: str | None
    messages: tuple[MessageNote, ...]
    findings: tuple[FindingNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeUnreadable:
    """A file could not be read; it waits whole in quarantine."""

    interchange: str
    findings: tuple[FindingNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTaken:
    """A message was applied; the statement goes on as an act of its own room."""

    interchange: str
    index: int
    statement_name: str
    statement: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRepeated:
    """A message came that had been applied before; nothing changed."""

    interchange: str
    index: int
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQuarantined:
    """A message was put aside, with the reasons."""

    quarantined: str
    interchange: str
    index: int | None
    code: str
    reasons: tuple[str, ...]
    partner: str | None
    waits_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEnded:
    """A quarantined message found what it waited for, or was discarded."""

    quarantined: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitNoted:
    """A message waits for an order; or the order has appeared and nothing waits any more."""

    order: str
    interchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadingAsked:
    """A kept file is to be read again."""

    interchange: str
    why: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeComposed:
    """A file was written for a partner and waits for its endpoint."""

    interchange: str
    partner: str
    control: str
    digest: str
    name: str
    order: str | None
    revision: int | None
    lane: Lane = Lane.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeSent:
    """A file was handed to the partner; with the order that it carries, if it carries one."""

    interchange: str
    partner: str
    order: str | None
    revision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeUndeliverable:
    """Nobody took a file."""

    interchange: str
    partner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeAnswered:
    """The partner said whether it could read a file of ours."""

    interchange: str
    partner: str
    code: str
    notes: tuple[str, ...]


# ---- rules ------------------------------------------------------------------------------------


def outbound_id(partner: str, control: int) -> str:
    """Name an outbound interchange by partner and control number, so that a 997 finds it."""
    return f"OUT-{partner}-{control:09d}"


def check_size(data: bytes) -> None:
    """Refuse an empty file and one that is too large to be an order or an invoice."""
    if not data:
        raise refuse(
            "EMPTY_FILE", "the file has no bytes", field="data", fix="Send the file again."
        )
    if len(data) > MOST_BYTES:
        raise refuse(
            "FILE_TOO_LARGE",
            f"the file has {len(data)} bytes; {MOST_BYTES} are the most",
            field="data",
            fix="Split it into several interchanges.",
        )


def answered(interchange: Interchange, code: str) -> Interchange:
    """Note the partner's 997: rejected when it could use nothing of it or only a part.

    Source: X12 004010, element 715: A, E accepted; P, R, M, W, X not or not wholly.
    """
    return replace(
        interchange, state="accepted" if code in {"A", "E"} else "rejected", answer=code
    )
