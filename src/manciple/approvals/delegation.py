"""Delegation: somebody acts for somebody else, for a while, within bounds, one hop far.

    ana --[requisitions, W1, up to 2000 USD, 1 July 08:00 <= t < 15 July 08:00]--> ben
    the history says "ben for ana"; what ben was lent he cannot lend on

Source: domain rule A-08 as ruled in 4.7.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from manciple.approvals.authority import ANY, Authority
from manciple.governance.people import Person
from manciple.kernel.days import too_far
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A power lent.

    Attributes:
        document_types, sites: what it is for; none means whatever the delegator may decide.
        cap: the highest amount the delegate may decide; None sets no bound of its own.
        start, end: valid when start <= t < end, at the instant of the decision.
    """

    KIND: ClassVar[str] = "delegation"

    id: str
    from_person: str
    to_person: str
    start: datetime
    end: datetime
    document_types: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cap: Money | None = None
    revoked: bool = False

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "revoked" if self.revoked else "granted"

    def in_force(self, at: datetime) -> bool:
        """Say whether it is valid at an instant: the start is inside, the end is not."""
        return not self.revoked and self.start <= at < self.end

    def speaks_of(self, *, document_type: str, site: str) -> bool:
        """Say whether such a document is inside its scope."""
        kinds, sites = self.document_types, self.sites
        return (not kinds or document_type in kinds) and (not sites or site in sites)

    def allows(self, amount: Money) -> bool:
        """Say whether an amount is inside the cap; the cap itself is inside."""
        cap = self.cap
        return cap is None or (cap.currency is amount.currency and amount <= cap)

    def overlaps(self, other: "Delegation") -> bool:
        """Say whether both are valid at some instant, for some document."""
        return (
            not (self.revoked or other.revoked)
            and self.start < other.end
            and other.start < self.end
            and _meet(self.document_types, other.document_types)
            and _meet(self.sites, other.sites)
        )


def _meet(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return not ours or not theirs or bool(set(ours) & set(theirs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegations:
    """The delegations that one person gave, so that nobody has to search for them."""

    KIND: ClassVar[str] = "delegations"

    id: str
    given: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Lend one's power to approve; an administrator may do it for somebody (``from_person``)."""

    to_person: str
    start: datetime
    end: datetime
    document_types: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cap: Money | None = None
    from_person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDelegation:
    """Take a lent power back at once."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDelegatedTasks:
    """Put the delegator's open tasks on the right list when a delegation starts or ends."""

    delegation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGranted:
    """A power was lent."""

    delegation: str
    from_person: str
    to_person: str
    start: datetime
    end: datetime
    document_types: tuple[str, ...]
    sites: tuple[str, ...]
    cap: Money | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRevoked:
    """A lent power was taken back."""

    delegation: str
    from_person: str
    to_person: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationListed:
    """A delegation was put under its delegator."""

    delegation: str


def delegator_of(act: Delegate, *, by: Actor) -> str:
    """Give whose power is lent: the actor's own, or somebody's whom an administrator names.

    Raises:
        Refused: somebody lends another person's power.
    """
    giver = act.from_person or by.id
    if giver != by.id and not by.has(Role.ADMIN, Role.SYSTEM):
        raise refuse(
            "NOT_YOUR_POWER",
            f"{by.id} cannot lend the power of {giver}",
            field="from_person",
            rule="A-08",
            fix=f"let {giver} or an administrator do it",
        )
    return giver


def check(
    delegation: Delegation,
    *,
    giver: Authority | None,
    giver_person: Person | None,
    taker: Person | None,
    lent: Iterable[Delegation],
    at: datetime,
) -> None:
    """Accept a delegation, or refuse it with every fault at once.

    ``lent`` are the delegations that can be reached from the taker, hop by hop, over validity
    that overlaps this one's.

    Raises:
        Refused: retro-dated, expired, empty, to oneself, to somebody who may not approve, above
            the giver's own limit, years long, or one that would close a circle.
    """
    reasons = (
        *_faults_of_time(delegation, at),
        *_faults_of_people(delegation, taker, tuple(lent)),
        *_faults_of_power(delegation, giver, giver_person),
    )
    if reasons:
        raise Refused(*reasons)


def _faults_of_time(delegation: Delegation, at: datetime) -> list[Reason]:
    faults = []
    start, end = delegation.start, delegation.end
    if start.tzinfo is None or end.tzinfo is None:
        message = "start and end are instants with a time zone"
        return [_fault("NAIVE_TIME", message, "start", "add the offset, or Z for UTC")]
    if end <= start:
        message = f"it would end at {end} and start at {start}"
        faults.append(_fault("DELEGATION_EMPTY", message, "end", "let it end after its start"))
    if end <= at:
        message = f"it would have ended at {end}"
        faults.append(_fault("DELEGATION_EXPIRED", message, "end", "choose a later end"))
    if start < at:
        message = f"it would start at {start}, before now ({at})"
        faults.append(_fault("DELEGATION_RETRO", message, "start", "let it start now or later"))
    today = at.date()
    faults += too_far(start.date(), today=today, field="start")
    faults += too_far(end.date(), today=today, field="end")
    return faults


def _faults_of_people(
    delegation: Delegation, taker: Person | None, lent: tuple[Delegation, ...]
) -> list[Reason]:
    faults = []
    giver, name = delegation.from_person, delegation.to_person
    if name == giver:
        message = f"{giver} cannot be their own delegate"
        faults.append(_fault("DELEGATION_TO_SELF", message, "to_person", "name somebody else"))
    if taker is None or not taker.active:
        message = f"there is no active person {name}"
        faults.append(_fault("NOT_FOUND", message, "to_person", "name an active person"))
    elif Role.APPROVER not in taker.roles:
        message = f"{name} does not have the role approver"
        fix = "name an approver, or have the role given"
        faults.append(_fault("NOT_AN_APPROVER", message, "to_person", fix))
    circle = next((each for each in lent if each.to_person == giver), None)
    if circle is not None:
        message = f"{circle.id} already leads from {name} back to {giver} in that time"
        fix = "revoke one of them, or choose another time or person"
        faults.append(_fault("DELEGATION_CYCLE", message, "to_person", fix))
    return faults


def _faults_of_power(
    delegation: Delegation, giver: Authority | None, person: Person | None
) -> list[Reason]:
    if giver is None or person is None or not person.active:
        message = f"{delegation.from_person} has no power to lend"
        return [
            _fault("NO_AUTHORITY", message, "from_person", "name an active person with limits")
        ]
    cap = delegation.cap
    if cap is None:
        return []
    if cap.amount <= 0 or cap != cap.rounded():
        said = f"{cap.amount:f} {cap.currency.value}"
        message = f"{said} is no cap: above zero, in whole minor units"
        return [_fault("CAP", message, "cap", "state a cap above zero or none")]
    highest = _highest(giver, delegation)
    if highest is None or highest.currency is not cap.currency or cap > highest:
        own = "none" if highest is None else str(highest)
        message = f"the cap {cap} is above the delegator's own limit in that scope ({own})"
        return [_fault("ABOVE_OWN_LIMIT", message, "cap", "lower the cap or leave it out")]
    return []


def _highest(giver: Authority, delegation: Delegation) -> Money | None:
    rows = [
        row.amount
        for row in giver.limits
        if _meet_any(row.document_type, delegation.document_types)
        and _meet_any(row.site, delegation.sites)
    ]
    return max(rows, default=None)


def _meet_any(word: str, scope: tuple[str, ...]) -> bool:
    return word == ANY or not scope or word in scope


def _fault(code: str, message: str, place: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=place, rule="A-08", fix=fix)


def revoke(delegation: Delegation, *, by: Actor) -> Delegation:
    """Take a delegation back.

    Raises:
        Refused: it was revoked before, or the actor has no part in it.
    """
    part = (delegation.from_person, delegation.to_person)
    if by.id not in part and not by.has(Role.ADMIN, Role.SYSTEM):
        raise refuse(
            "NOT_YOUR_DELEGATION",
            f"{by.id} has no part in delegation {delegation.id}",
            field="id",
            rule="A-08",
            fix=f"let {delegation.from_person} or an administrator do it",
        )
    if delegation.revoked:
        raise refuse("ALREADY_REVOKED", f"{delegation.id} is revoked already", field="id")
    return replace(delegation, revoked=True)
