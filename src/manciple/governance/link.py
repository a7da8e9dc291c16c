"""Signed links: an address that lets its bearer do one thing to one document, for a while.

    key id . what it is for . HMAC-SHA256           the token, in the address alone
    Link   what was given to whom, until when       the record: it can be withdrawn, or used up

A token says what it is for, names the document, its revision or step, and the bearer, and ends at
an instant; nothing in it can be changed without the key. It stands in no record, event or log:
it is made when the mail leaves, and what is kept beside a mail is only what it is for.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar

from manciple.kernel.errors import MancipleError, refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref

_SCHEME = b"manciple link 1\0"
"""What every signature begins with, so that the key's other uses can never make a link."""
_KEY_ID = re.compile(r"[a-z0-9]{1,16}\Z")
SHORTEST_KEY = 32
"""Bytes of a key. Source: RFC 2104, section 3: no shorter than the hash's output."""
LONGEST_TOKEN = 1000
ORDER_DAYS = timedelta(days=60)
"""How long a supplier's link holds: from the order past its delivery to a common payment day."""
APPROVAL_DAYS = timedelta(days=7)
"""How long an approver's link holds; what is older is answered on the page, signed in."""


class LinkKeyError(MancipleError):
    """The keys that sign links are missing, too short, or open to others."""


class Purpose(StrEnum):
    """What a link is for; a link for one thing opens nothing else."""

    ORDER = "order"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says.

    Attributes:
        link: the record behind it.
        serial: the how-manieth token of that record; withdrawing ends all up to its last.
        subject: the one document that it opens.
        part: the revision of an order, or the step of an approval.
        bearer: the supplier, or the person, whose link it is.
        expires_at: it holds before this instant, not at it; in whole seconds.
    """

    link: str
    serial: int
    purpose: Purpose
    subject: Ref
    part: int
    bearer: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that sign and prove links; the first one signs, every one of them proves."""

    secrets: Mapping[str, bytes]

    def __post_init__(self) -> None:
        """Refuse keys that prove nothing.

        Raises:
            LinkKeyError: none at all, an id that no token can hold, or a key too short.
        """
        if not self.secrets:
            raise LinkKeyError("there is no key to sign links with")
        for name, secret in self.secrets.items():
            if not _KEY_ID.match(name):
                raise LinkKeyError(f"{name!r} is no key id: 1 to 16 small letters and digits")
            if len(secret) < SHORTEST_KEY:
                raise LinkKeyError(f"key {name} is shorter than {SHORTEST_KEY} bytes")

    @classmethod
    def parse(cls, text: str) -> "Keys":
        """Read ``id:hex`` pairs, apart by white space or commas; the first signs.

        Raises:
            LinkKeyError: a pair that is none, or a key id given twice. No key is repeated in it.
        """
        found: dict[str, bytes] = {}
        for pair in text.replace(",", " ").split():
            name, colon, secret = pair.partition(":")
            try:
                value = bytes.fromhex(secret)
            except ValueError as problem:
                raise LinkKeyError(f"key {name} is not written in hex") from problem
            if not colon or name in found:
                raise LinkKeyError("keys are written id:hex, each id once")
            found[name] = value
        return cls(found)

    def text(self) -> str:
        """Write the keys as ``parse`` reads them, one a line."""
        return "".join(f"{name}:{secret.hex()}\n" for name, secret in self.secrets.items())

    def with_new(self, name: str, secret: bytes) -> "Keys":
        """Let a new key sign from now on; the earlier ones still prove what they signed."""
        return Keys({name: secret, **self.secrets})

    @property
    def signs(self) -> str:
        """The id of the key that signs."""
        return next(iter(self.secrets))


def token(claims: Claims, keys: Keys) -> str:
    """Sign a link; the same claims under the same key are the same token."""
    body = f"{keys.signs}.{_written(claims)}"
    return f"{body}.{_mark(body, keys.secrets[keys.signs])}"


def read(text: str, keys: Keys, purpose: Purpose) -> Claims | None:
    """Give what a token says; None when it is not ours, was altered, or is for something else.

    It may have expired, and its record may have been withdrawn: that is asked afterwards.
    """
    if len(text) > LONGEST_TOKEN or not text.isascii():
        return None
    body, _, mark = text.rpartition(".")
    name, _, said = body.partition(".")
    secret = keys.secrets.get(name)
    known = _mark(body, secret if secret is not None else bytes(SHORTEST_KEY))
    if not hmac.compare_digest(known, mark) or secret is None:
        return None
    claims = _read(said)
    return claims if claims.purpose is purpose else None


def _mark(body: str, secret: bytes) -> str:
    """Give the signature. Source: RFC 2104 with SHA-256; RFC 4648, section 5, unpadded."""
    return _base64(hmac.new(secret, _SCHEME + body.encode(), sha256).digest())


def _written(claims: Claims) -> str:
    ends = int(claims.expires_at.timestamp())
    said = (
        claims.purpose.value, claims.link, claims.serial, str(claims.subject), claims.part,
        claims.bearer, ends,
    )  # fmt: skip
    return _base64(json.dumps(said, separators=(",", ":")).encode())


def _read(said: str) -> Claims:
    """Read what was signed by us, and so is as we wrote it."""
    try:
        values = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        purpose, link, serial, subject, part, bearer, ends = values
    except (binascii.Error, ValueError) as problem:
        raise LinkKeyError("something was signed that is no link") from problem
    return Claims(
        link=link, serial=serial, purpose=Purpose(purpose), subject=Ref.parse(subject),
        part=part, bearer=bearer, expires_at=datetime.fromtimestamp(ends, UTC),
    )  # fmt: skip


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# ---- the record -------------------------------------------------------------------------------


class LinkState(StrEnum):
    """Whether a link still opens anything."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that was given to somebody; one for each document, part and bearer.

    Attributes:
        serial: how many tokens were made for it.
        least: tokens below this serial are withdrawn.
        expires_at: when the latest token ends.
        shown: a mark of what its bearer was shown; a document that says something else now has
            not been shown to them. Empty: nothing depends on it.
        supplier: of an order's link, whose it is; empty for links of people inside.
        ended: how and by whom it was used up or withdrawn.
    """

    KIND: ClassVar[str] = "link"

    id: str
    purpose: Purpose
    subject: Ref
    part: int
    bearer: str
    issued_at: datetime
    expires_at: datetime
    serial: int = 1
    least: int = 1
    shown: str = ""
    supplier: str = ""
    state: LinkState = LinkState.OPEN
    ended: str = ""

    @property
    def claims(self) -> Claims:
        """What its latest token says."""
        return Claims(
            link=self.id, serial=self.serial, purpose=self.purpose, subject=self.subject,
            part=self.part, bearer=self.bearer, expires_at=self.expires_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawLink:
    """Let a link open nothing any more: it went to the wrong address, say."""

    link: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink:
    """Note that what a link was for is done, whichever way it was done."""

    link: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued:
    """Somebody was given a link; the token itself stands nowhere."""

    link: str
    purpose: Purpose
    subject: Ref
    part: int
    bearer: str
    serial: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUsed:
    """What a link was for is done; it opens nothing any more."""

    link: str
    purpose: Purpose
    subject: Ref
    bearer: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWithdrawn:
    """A link opens nothing any more, because somebody said so."""

    link: str
    subject: Ref
    bearer: str
    by: str
    reason: str


def link_id(purpose: Purpose, subject: Ref, part: int, bearer: str) -> str:
    """Give the name of the one link of a document, part and bearer."""
    return number("LNK", purpose.value, str(subject), str(part), bearer)


def issue(known: Link | None, new: Link) -> Link:
    """Give a link to somebody, or once more; tokens given before hold on until their own end.

    What was withdrawn stays withdrawn for the tokens from before.
    """
    if known is None:
        return new
    return replace(
        new,
        serial=known.serial + 1,
        least=known.least,
        expires_at=max(new.expires_at, known.expires_at),
    )


def withdraw(link: Link, *, by: Actor, reason: str) -> Link:
    """End a link and every token of it.

    Raises:
        Refused: it is over already, or no reason was given.
    """
    if link.state is not LinkState.OPEN:
        raise refuse("WRONG_STATE", f"{link.id} is {link.state.value} already", field="link")
    if not reason.strip():
        raise refuse("REASON_WANTED", "say why the link is withdrawn", field="reason",
                     fix="sent to the wrong address, say")  # fmt: skip
    ended = f"{by.id}: {reason}"
    return replace(link, state=LinkState.WITHDRAWN, least=link.serial + 1, ended=ended)


def close(link: Link, how: str) -> Link:
    """Use a link up; one that is over stays as it is."""
    if link.state is not LinkState.OPEN:
        return link
    return replace(link, state=LinkState.USED, least=link.serial + 1, ended=how)


class Standing(StrEnum):
    """Whether a token opens something now, or why it does not."""

    GOOD = "good"
    EXPIRED = "expired"
    USED = "used"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


def standing(claims: Claims, link: Link | None, at: datetime) -> Standing:
    """Say whether a token opens something at an instant; at its very end it does not."""
    if link is None or link.subject != claims.subject or link.bearer != claims.bearer:
        return Standing.UNKNOWN
    if claims.serial < link.least:
        return Standing.USED if link.state is LinkState.USED else Standing.WITHDRAWN
    if at >= claims.expires_at:
        return Standing.EXPIRED
    return Standing.GOOD
