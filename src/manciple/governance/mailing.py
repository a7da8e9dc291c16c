"""Mail from this house: whether it is sent, in whose name, and where its links lead.

One record, kept in the history like any other; where the mail server is and what it wants to be
told is the installation's own setting, and never stands here.
"""

from typing import ClassVar
from urllib.parse import urlsplit

from manciple.kernel.calendar import is_zone
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.records import dataclass
from manciple.kernel.words import is_address

HOUSE = "house"
"""The id of the one record."""
_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """How this house sends mail.

    Attributes:
        sender: the address in From; answers come back to it.
        address: what links begin with, ``https://buy.example.com``: no path.
        name: how the house calls itself in mails.
        zone: whose clock people are told times by, and quiet hours are, where they have none.
        is_on: nothing is sent while it is off, and nothing is asked to be sent.
    """

    KIND: ClassVar[str] = "mailing"

    id: str = HOUSE
    sender: str
    address: str
    name: str = "Purchasing"
    zone: str = "UTC"
    is_on: bool = True

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "on" if self.is_on else "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMailing:
    """Say how this house sends mail; from then on it does."""

    mailing: Mailing


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingChanged:
    """How this house sends mail was said."""

    sender: str
    address: str
    is_on: bool


def _is_plain(address: str) -> bool:
    """Say whether links can begin with an address: scheme and host alone."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(host)
        and not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
        and address.isascii()
        and address.isprintable()
        and " " not in address
    )


def check(mailing: Mailing) -> None:
    """Accept how mail is sent, or refuse it with every fault at once.

    Raises:
        Refused: BAD_MAILING, with the field.
    """
    faults = [
        Reason(code="BAD_MAILING", message=message, field=f"mailing.{field}", fix=fix)
        for is_good, field, message, fix in (
            (mailing.id == HOUSE, "id", "there is one record, house", "leave the id out"),
            (is_address(mailing.sender), "sender", f"{mailing.sender!r} is no mail address",
             "give one such as buying@example.com"),
            (_is_plain(mailing.address), "address",
             f"{mailing.address!r} is no address that links can begin with",
             "give scheme and host alone: https://buy.example.com"),
            (mailing.name.strip() and mailing.name.isprintable() and len(mailing.name) <= _NAME,
             "name", "a name of 1 to 100 characters on one line is wanted", "shorten it"),
            (is_zone(mailing.zone), "zone", f"{mailing.zone[:40]!r} is no time zone",
             "Europe/Berlin, say"),
        )
        if not is_good
    ]  # fmt: skip
    if faults:
        raise Refused(*faults)
