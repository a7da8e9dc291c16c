"""The mailbox of accounts payable: suppliers without a folder of their own mail their bills."""

from collections import deque
from dataclasses import field

from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with one file."""

    supplier: str
    name: str
    content: bytes


@dataclass(slots=True)
class Mailbox:
    """Mails in the order in which they came; somebody takes them out."""

    came: int = 0
    _waiting: deque[Mail] = field(default_factory=deque)

    def put(self, mail: Mail) -> None:
        """Have a mail arrive."""
        self.came += 1
        self._waiting.append(mail)

    def take(self) -> Mail | None:
        """Take the oldest; None when there is none."""
        return self._waiting.popleft() if self._waiting else None
