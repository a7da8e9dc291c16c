"""Files to and from partners, and the ways that they travel."""

from typing import Protocol

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """A finished file for a partner; a resend is the same bytes under the same name.

    Attributes:
        interchange: the interchange control number that the bytes carry.
        file_name: a plain name, without a folder: ``850-000000042.edi``.
        digest: SHA-256 of the content, hex.
    """

    partner: str
    interchange: str
    file_name: str
    digest: str
    content: bytes
    content_type: str = "application/edi-x12"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFile:
    """Bytes that came in through a transport, whole, before anybody tried to read them.

    Attributes:
        partner: whom the door belongs to; None: the bytes must say it.
        place: how the transport finds the file again, to archive or quarantine it.
    """

    partner: str | None
    place: str
    file_name: str
    digest: str
    content: bytes


class DeliveryRefusedError(MancipleError):
    """A file can't be handed over as it is; sending it again unchanged is pointless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A file is with the partner's door; ``answers`` are files that came back on the same call."""

    place: str
    answers: tuple[InboundFile, ...] = ()


class TransportPort(Protocol):
    """A way for files to reach a partner and to come from one."""

    def find(self, message: OutboundMessage) -> Delivered | None:
        """Say whether the file is known to be with the partner's door; None: nobody can tell."""
        ...

    def deliver(self, message: OutboundMessage) -> Delivered:
        """Hand the file over; again gives the same file.

        Raises:
            OSError: nobody can know whether it arrived.
            DeliveryRefusedError: the partner's door, or the transport, says no.
        """
        ...

    def collect(self) -> tuple[InboundFile, ...]:
        """Take what has come in, whole files only; each comes again until it is settled."""
        ...

    def archive(self, file: InboundFile) -> None:
        """Settle a file whose bytes are kept."""
        ...

    def quarantine(self, file: InboundFile, reason: str) -> None:
        """Put a file aside, whole, with the reason why nobody could read it."""
        ...
