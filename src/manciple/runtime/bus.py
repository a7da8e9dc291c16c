"""The bus: which handler answers which act, who may ask, and what follows from an event.

door -> Command -> Bus.apply -> handler(work, act) -> events -> reactions -> further acts,
all in one transaction; commands that arrive together share one commit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from manciple.kernel.errors import MancipleError, Reason
from manciple.kernel.messages import Command, Role
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane
from manciple.runtime.undoing import Undoing
from manciple.runtime.work import Work

Handler = Callable[[Work, Any], Ref | None]
"""Load, decide, save. Gives the document that the act made or changed; raises Refused."""

Reaction = Callable[[Work, Any], Iterable[object]]
"""What an event leads to: further acts, applied by this program in the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handles:
    """One row of the command registry.

    Attributes:
        act: the act's record type; its name is the command's name.
        by: the roles that may ask; ``Role.SYSTEM`` alone means that no door may. This program
            itself (follow-ups, timers, outcomes of effects) may always.
        reads: the documents that the handler will load to change, as far as the act names them:
            read in one round trip for a whole batch. A hint; leaving it out costs only time.
    """

    act: type
    handle: Handler
    by: frozenset[Role]
    reads: Callable[[Any], tuple[Ref, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacts:
    """One row of the reaction table: the acts that an event leads to."""

    event: type
    react: Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of one command; the same for every repeat of its key.

    Attributes:
        refusals: the reasons why nothing was changed; empty when it was done.
        subject: the document made or changed.
        version: the subject's, after the act.
        repeated: the key had been applied before, and this is the first answer again.
        defect: the handler broke; nothing was kept, and the same key may be tried again.
    """

    key: str
    refusals: tuple[Reason, ...] = ()
    subject: Ref | None = None
    version: int = 0
    repeated: bool = False
    defect: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Say whether the act was applied."""
        return not self.refusals and self.defect is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply as it is stored beside its key."""

    refusals: tuple[Reason, ...] = ()
    subject: Ref | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A commit: a reply per command, in their order, and the lanes that got work."""

    replies: tuple[Reply, ...]
    lanes: frozenset[tuple[str, Lane]] = field(default_factory=frozenset)


class Bus(Protocol):
    """Applies commands. A refusal is a reply; a lost race is tried again; a defect is raised."""

    def apply(self, commands: Sequence[Command]) -> Applied:
        """Apply the commands in order in one transaction; each succeeds or is refused alone.

        A handler's defect keeps nothing of its own command and is raised when the others are
        committed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All handlers and reactions of the house, checked for doubles when built.

    Attributes:
        undoing: what can be taken back; None: nothing.
    """

    handlers: Mapping[type, Handles]
    reactions: Mapping[type, tuple[Reaction, ...]]
    undoing: Undoing | None = None

    @classmethod
    def of(
        cls,
        handles: Iterable[Handles],
        reacts: Iterable[Reacts] = (),
        *,
        undoing: Undoing | None = None,
    ) -> "Registry":
        """Build the registry; two handlers for one act are a programming error."""
        handlers: dict[type, Handles] = {}
        names: set[str] = set()
        for each in handles:
            if each.act.__name__ in names:
                raise MancipleError(f"two handlers for {each.act.__name__}")
            names.add(each.act.__name__)
            handlers[each.act] = each
        reactions: dict[type, tuple[Reaction, ...]] = {}
        for row in reacts:
            reactions[row.event] = (*reactions.get(row.event, ()), row.react)
        return cls(handlers=handlers, reactions=reactions, undoing=undoing)

    def act_named(self, name: str) -> type:
        """Give the act's record type by its name.

        Raises:
            MancipleError: no room registered such an act.
        """
        for act in self.handlers:
            if act.__name__ == name:
                return act
        raise MancipleError(f"no handler for an act named {name}")
