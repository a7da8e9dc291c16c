"""Carries effects out on a port: its verbs, its look-up, its answers as outcomes."""

from collections.abc import Callable, Mapping
from typing import assert_never

from manciple.kernel.errors import MancipleError
from manciple.processes.ports import Submitted
from manciple.runtime.effects import Outcome, OutcomeKind, Parcel


def unserved(verb: str) -> Submitted:
    """Reject a verb that the endpoint does not know."""
    return Submitted(outcome=OutcomeKind.REJECTED, reason=f"{verb} is not served here")


def unsayable(verb: str, problem: MancipleError) -> Outcome:
    """Reject a payload that can't be read or can't be said in the other system's words."""
    return Outcome.rejected(f"the payload of {verb} can't be sent: {problem}")


def outcome(submitted: Submitted) -> Outcome:
    """Turn a port's answer into an effect's outcome."""
    detail = {
        name: value
        for name in ("reference", "version")
        if (value := getattr(submitted, name)) is not None
    }
    match submitted.outcome:
        case OutcomeKind.DONE:
            return Outcome.done(**detail)
        case OutcomeKind.ACCEPTED:
            return Outcome.accepted(**detail)
        case OutcomeKind.REJECTED:
            return Outcome.rejected(submitted.reason, **detail)
        case OutcomeKind.UNKNOWN:
            return Outcome.unknown(submitted.reason, **detail)
        case _:
            assert_never(submitted.outcome)


class Carrier:
    """An endpoint over a port whose ``find`` needs the key alone (warehouse, finance)."""

    FINDS = True

    def __init__(
        self,
        find: Callable[[str], Submitted | None],
        verbs: Mapping[str, Callable[[str, bytes], Submitted]],
    ) -> None:
        """Serve these verbs."""
        self._find, self._verbs = find, verbs

    def find(self, parcel: Parcel) -> Outcome | None:
        """Ask the other system whether the parcel's key was carried out."""
        found = self._find(parcel.key)
        return None if found is None else outcome(found)

    def send(self, parcel: Parcel) -> Outcome:
        """Carry the parcel out."""
        verb = self._verbs.get(parcel.verb)
        if verb is None:
            return outcome(unserved(parcel.verb))
        try:
            return outcome(verb(parcel.key, parcel.payload))
        except MancipleError as problem:
            return unsayable(parcel.verb, problem)
