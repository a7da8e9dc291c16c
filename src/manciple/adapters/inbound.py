"""The endpoint that reads files which came: it turns kept bytes into acts, and sends nothing."""

from collections.abc import Callable

from manciple.exchange.interchange import Interchange, ReadInterchange
from manciple.exchange.understanding import Known, understand
from manciple.runtime.codec import decode
from manciple.runtime.effects import Outcome, Parcel


class InboundEndpoint:
    """Reads kept files. A repeat gives the same acts under the same keys."""

    FINDS = True

    def __init__(
        self,
        load: Callable[[str], tuple[Interchange, bytes]],
        known: Known,
    ) -> None:
        """Read with ``load``, which gives a kept file and its bytes by the file's id."""
        self._load, self._known = load, known

    def find(self, parcel: Parcel) -> Outcome | None:
        """Reading leaves no trace outside; nothing can be found."""
        del parcel
        return None

    def send(self, parcel: Parcel) -> Outcome:
        """Read the file and give the acts that follow."""
        wanted = decode(parcel.payload, ReadInterchange)
        kept, data = self._load(wanted.interchange)
        acts = understand(kept, data, self._known)
        return Outcome(kind=Outcome.done().kind, detail={"acts": len(acts)}, acts=acts)
