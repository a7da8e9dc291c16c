"""People in the register: what each may be here, at which sites, and for which supplier.

register -> active -> deactivate -> inactive -> register again -> active
"""

import re
from datetime import datetime
from typing import ClassVar

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import dataclass, replace
from manciple.kernel.words import LONGEST_NAME, bad_name, bad_word, is_address

_ID = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}\Z")
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may ask for things here.

    Attributes:
        id: the name in the register, ``ana.ruiz``: lower case, at most 64 characters.
        sites: the sites that the person works for; none means every site.
        supplier: the supplier that the person speaks for; only with the role ``supplier``.
        active: False once the person has left; such a person can do nothing.
    """

    KIND: ClassVar[str] = "person"

    id: str
    name: str
    email: str
    roles: tuple[Role, ...]
    sites: tuple[str, ...] = ()
    supplier: str | None = None
    active: bool = True

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "active" if self.active else "inactive"

    def works_at(self, site: str) -> bool:
        """Say whether the person works for a site."""
        return not self.sites or site in self.sites


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key with which a program signs in as a person.

    Attributes:
        id: the visible part, for lists and logs.
        digest: SHA-256 of the whole key text, in hex.
        person: as whom its bearer acts.
    """

    KIND: ClassVar[str] = "api-key"

    id: str
    digest: str
    person: str
    created_at: datetime
    revoked: bool = False

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "revoked" if self.revoked else "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson:
    """Put a person into the register, or replace what it says of them."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivatePerson:
    """Say that a person has left: from now on they can do nothing here."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered:
    """A person stands in the register; ``changed`` when they stood there before."""

    person: str
    roles: tuple[Role, ...]
    sites: tuple[str, ...]
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDeactivated:
    """A person has left; what waits for them must go to somebody else."""

    person: str


def check(person: Person) -> None:
    """Accept a person's entry, or refuse it with every fault at once.

    Raises:
        Refused: an id that can't be typed, no role, the program's own role, or a supplier's
            person with rights inside the house.
    """
    reasons = tuple(_faults(person))
    if reasons:
        raise Refused(*reasons)


def _faults(person: Person) -> list[Reason]:
    faults = []
    if not _ID.match(person.id):
        wanted = "lower case letters, digits and . _ @ - are wanted, at most 64"
        faults.append(_fault("PERSON_ID", f"{person.id!r} is not an id: {wanted}", "id"))
    if not person.name.strip() or bad_word(person.name, longest=_NAME_LENGTH):
        wanted = f"a name of 1 to {_NAME_LENGTH} printed characters is wanted"
        faults.append(_fault("PERSON_NAME", wanted, "name"))
    faults += _reach_faults(person)
    if not person.roles:
        faults.append(_fault("NO_ROLE", "a person needs at least one role", "roles"))
    if Role.SYSTEM in person.roles:
        message = "the role system belongs to this program alone"
        faults.append(_fault("SYSTEM_ROLE", message, "roles"))
    if (Role.SUPPLIER in person.roles) != (person.supplier is not None):
        message = "the role supplier and the supplier's number are given together or not at all"
        faults.append(_fault("SUPPLIER_PERSON", message, "supplier"))
    if Role.SUPPLIER in person.roles and len(set(person.roles)) > 1:
        message = "a supplier's person has no other role here"
        faults.append(_fault("SUPPLIER_PERSON", message, "roles"))
    if not person.active:
        message = "a person is registered active; DeactivatePerson is for leaving"
        faults.append(_fault("INACTIVE", message, "active"))
    return faults


def _reach_faults(person: Person) -> list[Reason]:
    """Find what is wrong with where somebody works and is written to."""
    faults = []
    if person.email and not is_address(person.email):
        message = f"{person.email[:LONGEST_NAME]!r} is no mail address"
        faults.append(_fault("PERSON_EMAIL", message, "email"))
    for place, site in enumerate(person.sites):
        if why := bad_name(site):
            faults.append(_fault("PERSON_SITE", why, f"sites.{place}"))
    return faults


def _fault(code: str, message: str, place: str) -> Reason:
    return Reason(code=code, message=message, field=f"person.{place}", fix=f"correct {place}")


def deactivate(person: Person, *, by: Actor) -> Person:
    """Let a person leave.

    Raises:
        Refused: they have left already, or would lock themselves out.
    """
    if not person.active:
        raise refuse("ALREADY_INACTIVE", f"{person.id} is inactive already", field="person")
    if by.id == person.id:
        raise refuse(
            "OWN_ACCESS",
            f"{person.id} cannot end their own access",
            field="person",
            fix="ask another administrator",
        )
    return replace(person, active=False)


def actor_of(person: Person) -> Actor:
    """Give the actor as whom a signed-in person acts.

    Raises:
        Refused: the person has left.
    """
    if not person.active:
        raise refuse("INACTIVE", f"{person.id} is inactive", fix="ask an administrator")
    return Actor(id=person.id, roles=person.roles, sites=person.sites, supplier=person.supplier)
