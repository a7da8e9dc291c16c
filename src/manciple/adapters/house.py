"""The endpoint at which this program does its own errands: what takes long, or touches effects.

    letter.replace    another payload for a dead letter, agreed by two people; then it is due again
    history.verify    every hash of the history recomputed, and what was found told

Both may be done twice: a letter that was replaced already is left alone.
"""

from collections.abc import Callable
from datetime import datetime

from manciple.adapters.sql.audit import Verified
from manciple.governance.auditing import Found, RecordVerification
from manciple.governance.editing import ReplaceLetter
from manciple.kernel.records import dataclass
from manciple.runtime.codec import decode
from manciple.runtime.effects import KeyedAct, Outcome, Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseEndpoint:
    """Does this program's own errands.

    Attributes:
        bytes_of: gives kept bytes by their digest.
        replace: gives a dead letter, by its key and the digest of its payload, another payload;
            False when it is no dead letter with that payload, and not replaced already.
        verify: checks the history.
    """

    bytes_of: Callable[[str], bytes]
    replace: Callable[[str, str, bytes, datetime], bool]
    verify: Callable[[datetime], Verified]
    FINDS = False

    def find(self, parcel: Parcel) -> Outcome | None:
        """Nothing has to be looked up: doing it again does no harm."""
        del parcel
        return None

    def send(self, parcel: Parcel) -> Outcome:
        """Do one errand."""
        match parcel.verb:
            case "letter.replace":
                return self._replace(parcel)
            case "history.verify":
                return self._verify(parcel)
            case verb:
                return Outcome.rejected(f"{verb} is no errand of this house")

    def _replace(self, parcel: Parcel) -> Outcome:
        wanted = decode(parcel.payload, ReplaceLetter)
        payload = self.bytes_of(wanted.now)
        if self.replace(wanted.effect, wanted.was, payload, parcel.at):
            return Outcome.done(effect=wanted.effect)
        return Outcome.rejected(
            f"{wanted.effect} is no dead letter any more, or its payload is another one by now"
        )

    def _verify(self, parcel: Parcel) -> Outcome:
        told = self.verify(parcel.at)
        act = RecordVerification(found=_found(told))
        key = f"{parcel.key}@{parcel.attempts}:RecordVerification"
        return Outcome(
            kind=Outcome.done().kind,
            detail={"events": told.events, "broken": told.broken is not None},
            acts=(KeyedAct(key=key, act=act),),
        )


def _found(told: Verified) -> Found:
    broken = told.broken
    return Found(
        events=told.events,
        streams=told.streams,
        seals=told.seals,
        unsealed=told.unsealed,
        tail=told.unsealed_age,
        chained=told.chained,
        heads=told.heads,
        what=broken.what if broken else "",
        where=broken.where if broken else "",
        text=broken.text if broken else "",
    )
