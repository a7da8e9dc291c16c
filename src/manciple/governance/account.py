"""Accounts and sessions: how a person proves who they are, and for how long that holds.

    password  -> its argon2id digest is kept, the password never
    sign-in   -> a session: its random token goes to the browser, only the token's digest is kept
    five wrong passwords in a row -> nobody signs in to the account for a quarter of an hour

A session ends by itself, at sign-out, when the password changes, and when the person leaves.
"""

import re
from datetime import datetime, timedelta
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import dataclass, replace

HOURS = 12
"""From sign-in to the end of a session, whatever happens in it: one long shift."""
MOST_HOURS = 720
"""The longest session. Source: NIST SP 800-63B 4.1.3 wants a sign-in every 30 days at least."""
TRIES = 5
"""Wrong passwords in a row after which an account is locked."""
LOCKED = timedelta(minutes=15)
"""How long a locked account stays so. Source: NIST SP 800-63B 5.2.2 wants guesses limited."""
SHORTEST, LONGEST = 12, 200
"""Characters of a password. Source: NIST SP 800-63B 5.1.1.2 wants at least 8 and allows 64."""
_PHC = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a person signs in with.

    Attributes:
        id: the person.
        digest: of the password, as argon2id writes it, parameters and salt included.
        changed_at: when the password was set; sessions from before are over.
        failures: wrong passwords since the last right one.
        locked_until: nobody signs in before this instant; None when it is not locked.
    """

    KIND: ClassVar[str] = "account"

    id: str
    digest: str
    changed_at: datetime
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "locked" if self.locked_until else "open"

    def is_locked(self, at: datetime) -> bool:
        """Say whether nobody may sign in now; at the very end of the time it is open again."""
        return self.locked_until is not None and at < self.locked_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which somebody has signed in.

    Attributes:
        id: SHA-256 of the token that the browser holds, in hex.
        ends_at: it holds before this instant, not at it.
    """

    KIND: ClassVar[str] = "session"

    id: str
    person: str
    started_at: datetime
    ends_at: datetime
    is_over: bool = False

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "over" if self.is_over else "open"

    def holds(self, account: Account | None, at: datetime) -> bool:
        """Say whether it still proves who is there."""
        if account is None or self.is_over or not self.started_at <= at < self.ends_at:
            return False
        return account.changed_at <= self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """Give a person a password; only its argon2id digest is told."""

    person: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWrongPassword:
    """Somebody tried to sign in with a wrong password."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    """The right password came: the bearer of this token is the person, for so many hours."""

    person: str
    digest: str
    hours: int = HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Sign out: the token proves nothing any more."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged:
    """A person has a new password; every session from before is over."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPasswordNoted:
    """A sign-in failed, for the so-manieth time in a row."""

    person: str
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocked:
    """Too many wrong passwords: nobody signs in before this instant."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """A person signed in."""

    person: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """A person signed out."""

    person: str


def set_password(known: Account | None, act: SetPassword, *, by: Actor, at: datetime) -> Account:
    """Keep the digest of a new password, and open the account.

    Raises:
        Refused: it is another's account, or what came is no argon2id digest.
    """
    if by.id != act.person and not by.has(Role.ADMIN, Role.SYSTEM):
        raise refuse(
            "NOT_YOUR_ACCOUNT",
            f"{by.id} may not set the password of {act.person}",
            field="person",
            fix="ask an administrator",
        )
    if not _PHC.match(act.digest):
        raise refuse(
            "PASSWORD_DIGEST",
            "this is not an argon2id digest",
            field="digest",
            fix="send what argon2id gives: $argon2id$v=..$m=..,t=..,p=..$salt$hash",
        )
    if known is None:
        return Account(id=act.person, digest=act.digest, changed_at=at)
    return replace(known, digest=act.digest, changed_at=at, failures=0, locked_until=None)


def check_password(text: str, *, person: str) -> None:
    """Accept a password, or refuse one that anybody would guess first.

    Raises:
        Refused: too short, too long, or made of the person's own name.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        raise refuse(
            "PASSWORD_LENGTH",
            f"a password of {SHORTEST} to {LONGEST} characters is wanted, {len(text)} came",
            field="password",
            rule="NIST SP 800-63B 5.1.1.2",
            fix="take four words that nobody would put together",
        )
    if person.lower() in text.lower() or len(set(text)) < SHORTEST // 2:
        raise refuse(
            "PASSWORD_GUESSABLE",
            "this password would be guessed early",
            field="password",
            rule="NIST SP 800-63B 5.1.1.2",
            fix="leave your own name out of it, and use more than a few different characters",
        )


def fail(account: Account, at: datetime) -> tuple[Account, bool]:
    """Count a wrong password; the second says whether the account is locked by it."""
    failures = account.failures + 1
    locks = failures % TRIES == 0
    until = at + LOCKED if locks else account.locked_until
    return replace(account, failures=failures, locked_until=until), locks


def start(account: Account, act: StartSession, at: datetime) -> tuple[Account, Session]:
    """Let somebody in: the account's failures are forgotten, a session begins.

    Raises:
        Refused: the account is locked, the digest malformed, or the hours out of bounds.
    """
    if account.is_locked(at):
        raise refuse(
            "ACCOUNT_LOCKED",
            f"too many wrong passwords: {account.id} may sign in from {account.locked_until}",
            field="person",
            fix="wait, or have an administrator set a new password",
        )
    if not _DIGEST.match(act.digest):
        raise refuse("SESSION_DIGEST", "the digest is not a SHA-256 in hex", field="digest")
    if not 1 <= act.hours <= MOST_HOURS:
        raise refuse(
            "SESSION_HOURS", f"a session lasts 1 to {MOST_HOURS} hours", field="hours",
            fix="ask for fewer hours",
        )  # fmt: skip
    ends = at + timedelta(hours=act.hours)
    session = Session(id=act.digest, person=account.id, started_at=at, ends_at=ends)
    return replace(account, failures=0, locked_until=None), session
