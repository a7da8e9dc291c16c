"""An event as history keeps it: the envelope whose exact bytes are hashed and read ever after.

The fields are those of CloudEvents under our own names: ``stream`` and ``version`` are its id,
``type`` its type, ``at`` its time, ``stream`` its subject. When it was written down is no part
of it, so that the same life gives the same bytes on every machine.
"""

from datetime import datetime
from typing import Any

from manciple.kernel.records import dataclass
from manciple.runtime.codec import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event of one document's stream.

    Attributes:
        actor: who caused it; ``on_behalf_of`` whose power was used.
        key: of the command, or of the follow-up act ``KEY>3:PlaceOrder``, that caused it.
        touches: the other documents that it concerns, as text.
        data: the event's own record.
    """

    actor: str
    at: datetime
    correlation: str
    data: Any
    door: str
    key: str
    on_behalf_of: str | None = None
    stream: str
    touches: tuple[str, ...] = ()
    type: str
    version: int


def read(body: bytes) -> Recorded:
    """Read an event from its kept bytes; ``data`` as plain JSON values."""
    return decode(body, Recorded)
