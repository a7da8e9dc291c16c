"""The endpoint named ``mail``: writes a letter, signs its link, hands it to the mail server."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol

from manciple.adapters.mail.letter import UnwritableError, written
from manciple.adapters.mail.post import MailRefusedError
from manciple.governance.link import Keys
from manciple.processes.ports.mail import SEND, Letter
from manciple.runtime.codec import CodecError, decode
from manciple.runtime.effects import Outcome, Parcel


class Post(Protocol):
    """Whoever takes letters to where they are read."""

    def deliver(self, message: EmailMessage) -> str:
        """Hand a letter over; raises OSError when nobody can know whether it was taken."""
        ...


class MailEndpoint:
    """Sends letters. SMTP can't be asked what it has: a resend is the same letter, by its id."""

    FINDS = False

    def __init__(self, post: Post, keys: Callable[[], Keys]) -> None:
        """Send over ``post``, with links signed by ``keys``."""
        self._post, self._keys = post, keys

    def find(self, parcel: Parcel) -> Outcome | None:  # noqa: ARG002  the port's shape
        """Tell nothing: a mail server does not say what it has taken."""
        return None

    def send(self, parcel: Parcel) -> Outcome:
        """Write the letter and hand it over."""
        if parcel.verb != SEND:
            return Outcome.rejected(f"{parcel.verb} is not served here")
        try:
            letter = decode(parcel.payload, Letter)
            message = written(letter, key=parcel.key, keys=self._keys())
            place = self._post.deliver(message)
        except (CodecError, UnwritableError, MailRefusedError) as problem:
            return Outcome.rejected(str(problem))
        return Outcome.done(place=place, message_id=str(message["Message-ID"]))
