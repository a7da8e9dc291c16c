"""API keys: a visible id and the digest of the whole key; the secret itself is never kept.

mck_world01.q7V0pT...      the text that a program sends
    world01                its id: shown in lists and logs, used to find it
sha256(whole text)         what is stored
"""

import re
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from manciple.governance.people import ApiKey
from manciple.kernel.errors import MancipleError, refuse
from manciple.kernel.records import dataclass, replace

_TEXT = re.compile(r"mk_([a-z0-9-]{4,40})_([A-Za-z0-9-]{20,200})\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_KEY_ID = re.compile(r"[a-z0-9-]{4,40}\Z")


class KeyTextError(MancipleError):
    """A text that can't be an API key; its secret is never part of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueApiKey:
    """Let the bearer of a key act as a person; only the key's digest is told."""

    id: str
    digest: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    """End a key at once and for ever."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyIssued:
    """A key was given to a person."""

    key: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked:
    """A key no longer opens anything."""

    key: str
    person: str


def key_text(key: str, secret: str) -> str:
    """Join a key's visible id and its secret into the text that a program sends.

    Raises:
        KeyTextError: the id is not 4 to 40 of a-z, 0-9, - or the secret not 20 to 200 of
            A-Z, a-z, 0-9 and -.
    """
    text = f"mk_{key}_{secret}"
    if not _TEXT.match(text):
        raise KeyTextError("a key has an id of 4 to 40 characters and a secret of 20 to 200")
    return text


def key_id(text: str) -> str:
    """Give the visible id of a key text, by which the key is found.

    Raises:
        KeyTextError: it does not look like a key.
    """
    match = _TEXT.match(text)
    if match is None:
        raise KeyTextError("this is not a key: mk_<id>_<secret> is wanted")
    return match[1]


def digest_of(text: str) -> str:
    """Give the SHA-256 of a key text in hex: what is stored in its place."""
    return sha256(text.encode()).hexdigest()


def admits(key: ApiKey, text: str) -> bool:
    """Say whether this text opens the door: the same key, and not revoked."""
    same = compare_digest(key.digest, digest_of(text))
    return same and not key.revoked


def issue(act: IssueApiKey, *, at: datetime) -> ApiKey:
    """Make the key's entry.

    Raises:
        Refused: the id or digest is malformed.
    """
    if not _KEY_ID.match(act.id):
        raise refuse(
            "KEY_ID", f"{act.id!r} is not a key id", field="id", fix="4 to 40 of a-z, 0-9 and -"
        )
    if not _DIGEST.match(act.digest):
        raise refuse(
            "KEY_DIGEST",
            "the digest is not a SHA-256 in lower-case hex",
            field="digest",
            fix="send the digest of the whole key text, never the key",
        )
    return ApiKey(id=act.id, digest=act.digest, person=act.person, created_at=at)


def revoke(key: ApiKey) -> ApiKey:
    """End a key.

    Raises:
        Refused: it was revoked before.
    """
    if key.revoked:
        raise refuse("ALREADY_REVOKED", f"key {key.id} is revoked already", field="id")
    return replace(key, revoked=True)
