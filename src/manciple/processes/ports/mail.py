"""Mail, as a port: a letter in plain words, which an adapter writes as text and HTML and sends."""

from datetime import datetime

from manciple.governance.link import Claims
from manciple.kernel.records import dataclass

MAIL = "mail"
"""The endpoint that sends letters."""
SEND = "mail.send"
"""Its one verb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a head, each with as many cells as the head has."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter before it is written. It holds plain text alone: no HTML, and no token.

    Attributes:
        to: one mail address.
        sender, house: the address in From, and the name beside it.
        address: what its links begin with.
        at: its date; a letter that is sent again says the same.
        subject: one line; breaks in it become spaces.
        paragraphs: before the facts; ``closing`` stands at the end.
        facts: short lines, each a name and what it is.
        link: what the button's address opens; signed when the letter leaves. None: ``path``.
        path: a page of ours that the button leads to, for who signs in there.
        lasts: until when the link holds, as the reader is told it.
    """

    to: str
    sender: str
    house: str
    address: str
    at: datetime
    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    button: str = ""
    link: Claims | None = None
    path: str = ""
    closing: tuple[str, ...] = ()
