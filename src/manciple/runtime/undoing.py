"""Undoing: an act is taken back while nobody outside has heard of it and nothing followed.

    an act with ``undo_seconds``    done at once; its effects are due only when the time is over
    UndoAct within the time         all that the act changed is as it was before; both stay told
    sent, followed, too late        refused, with what to do instead

Which acts can be taken back is a list (``Undoing.acts``). An act that touches anything that the
table does not know how to put back is done like any other, and no undo is offered for it.
Source: the workbench's rule "undo as a compensating event in the log, not a deletion".
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from manciple.kernel.errors import Reason, Refused
from manciple.kernel.identity import number
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Document, Ref
from manciple.runtime.work import Task

SECONDS: Final = 8
"""How long an act done by a person on a page can be taken back."""
MOST_SECONDS: Final = 60
"""The longest time that a door may ask for: what was decided must not wait for longer."""
TOO_LATE: Final = frozenset({"UNDO_OVER", "DISPATCHED", "FOLLOWED", "ALREADY_UNDONE"})
"""Codes of refusals because of what happened since."""
KEPT: Final = timedelta(days=1)
"""How long after its time a memento is kept before it is cleared away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A document that the act changed or made, and its version after the act."""

    ref: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The offer to take an act back.

    Attributes:
        key: the command's idempotency key.
        act: the act's name, in whose words pages speak of it.
        by: who did it, and alone may take it back.
        until: from this instant on it can't be taken back (exclusive).
        subject: the document that the act made or changed, as text; empty for none.
        touched: everything that it changed, in its order.
        effects: what must be done outside because of it; due at ``until`` at the earliest.
    """

    KIND: ClassVar[str] = "undo"

    id: str
    key: str
    act: str
    by: str
    at: datetime
    until: datetime
    subject: str
    touched: tuple[Touched, ...]
    effects: tuple[str, ...] = ()
    undone_at: datetime | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "offered" if self.undone_at is None else "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAct:
    """Take an act back."""

    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOffered:
    """An act was done that can be taken back until an instant."""

    undo: str
    key: str
    act: str
    until: datetime
    touched: tuple[str, ...]
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActUndone:
    """An act was taken back by whoever did it: the document is as it was before.

    Attributes:
        key: of the command that was taken back.
        was: the document's version after the act; 0 where the document was not the act's.
    """

    undo: str
    key: str
    act: str
    by: str
    was: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTimer:
    """A timer as it was before the act."""

    document: str
    due_at: datetime
    act: str
    body: str
    correlation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A row that the act added."""

    kind: str
    owner: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """Everything that an act changed, as it was before it.

    Attributes:
        documents: body by reference; None: the act made the document.
        tasks, timers: rows by name as they were before; None: there was none.
        left_tasks: the same rows as the act left them.
        left_timers: names of the timers that it set: one that has fired was followed by something.
        records: rows that were added, in their order.
    """

    documents: dict[str, str | None]
    tasks: dict[str, Task | None]
    left_tasks: dict[str, Task | None]
    timers: dict[str, KeptTimer | None]
    records: tuple[KeptRecord, ...]
    left_timers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What can be taken back, and how.

    Attributes:
        acts: the acts for which an undo is offered.
        kinds: the documents that can be put back, by kind.
        ledgers: records that are never taken away: what is to be added against each.
        indexes: records that only point at documents; they go with what they point at.
        counters: beginnings of counters whose numbers may be lost. An act that took another number
            (of an interchange, say) can't be taken back: its counter has no gaps.
        instead: by act's name, what can be done once it is too late.
    """

    acts: frozenset[type]
    kinds: Mapping[str, type[Document]]
    ledgers: Mapping[type, Callable[[Any, str], object]] = field(default_factory=dict)
    indexes: frozenset[type] = frozenset()
    counters: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    def record_kind(self, name: str) -> type:
        """Give a record type by its name."""
        return next(each for each in (*self.ledgers, *self.indexes) if each.__name__ == name)

    def instead_of(self, act: str) -> str:
        """Say what can be done when it is too late to take an act back."""
        return self.instead.get(act, _CHANGE)

    def puts_back(self, kind: type) -> bool:
        """Say whether rows of a record type can be put back."""
        return kind in self.ledgers or kind in self.indexes


def undo_number(key: str) -> str:
    """Give the number of the offer to take back the command of a key."""
    return number("UNDO", key)


def undo_ref(key: str) -> Ref:
    """Refer to the offer to take back the command of a key."""
    return Ref(Undo.KIND, undo_number(key))


_CHANGE: Final = "Change or cancel what it led to."


def check(undo: Undo, *, by: str, at: datetime, instead: str = _CHANGE) -> None:
    """Refuse what can be refused without looking at anything else.

    ``instead`` is what can be done when it is too late.

    Raises:
        Refused: FORBIDDEN, ALREADY_UNDONE or UNDO_OVER.
    """
    if undo.by != by:
        raise Refused(
            Reason(
                code="FORBIDDEN",
                message=f"{undo.by} did this, and nobody else takes it back",
                fix="Ask them, or change what it led to.",
            )
        )
    if undo.undone_at is not None:
        raise Refused(Reason(code="ALREADY_UNDONE", message="this was taken back already"))
    if at >= undo.until:
        seconds = int((undo.until - undo.at).total_seconds())
        raise Refused(
            Reason(
                code="UNDO_OVER",
                message=f"the {seconds} seconds in which this could be taken back are over",
                fix=instead,
            )
        )


def dispatched(key: str, instead: str = _CHANGE) -> Refused:
    """Refuse because an effect is on its way."""
    return Refused(
        Reason(
            code="DISPATCHED",
            message=f"{key} is on its way to the other system, so this can't be taken back",
            fix=instead,
        )
    )


def followed(ref: str) -> Refused:
    """Refuse because something came after the act."""
    return Refused(
        Reason(
            code="FOLLOWED",
            message=f"{ref} has moved on since, so this can't be taken back",
            field=ref,
            fix="Read it as it is now, and change or cancel it.",
        )
    )
