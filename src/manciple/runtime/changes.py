"""What changed, by topic: for pages that are open and want to read again.

A topic is a kind of document (``approval``, ``case``), ``trace`` for anything at all, or the
bell of a person or a role (``bell:anna``). Nothing here carries data: who wants to know more reads
with their own rights.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

EVERYTHING: Final = "trace"
"""The topic of whoever follows all that happens."""
ANY: Final = frozenset({"*"})
"""Topics where nobody knows which: each may have changed."""


def bell_of(owner: str) -> str:
    """Name the topic of what a person, or everybody in a role, should know."""
    return f"bell:{owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What changed since the look before.

    Attributes:
        sequence: of the newest event.
        topics: in which something changed; empty when nothing did, `ANY` when it may be any.
    """

    sequence: int
    topics: frozenset[str] = frozenset()


class Changes(Protocol):
    """Looks for changes; one look serves all pages of a process."""

    @property
    def poll_seconds(self) -> float:
        """How long a change may stay unseen when no hint of it comes."""

    def sequence(self) -> int:
        """Give the sequence of the newest event, cheaply; 0 before the first."""

    def look(self) -> Heard:
        """Look for what changed since the last look of this process."""

    def since(self, sequence: int) -> frozenset[str]:
        """Give the topics that changed after a sequence, as of the last look; `ANY` if unknown."""

    def touched(
        self, since: int, kinds: Collection[str], *, on_threads: str = "", most: int
    ) -> tuple[str, ...] | None:
        """Give the documents that changed after a sequence, by name; None where they are many.

        Some that changed shortly before it come again. With ``on_threads``, the documents of that
        kind that lie on a thread with any of them.
        """

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, on any thread, when something may have changed; gives how to end it."""
