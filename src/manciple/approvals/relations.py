"""Who belongs together: supplier records of one house, and people with an interest in a supplier.

    ACME and ACME-WEST are of the house ACME: what is split between them counts as one
    ana owns shares of ACME: she is asked about nothing that is bought from that house

Source: domain rules A-04 (linked suppliers) and A-06 (conflict of interest).
"""

from enum import StrEnum
from typing import ClassVar

from manciple.approvals.directory import Peek
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import dataclass, replace

_NOTE = 500


class Relation(StrEnum):
    """How somebody is bound to a supplier."""

    OWNER = "owner"
    FAMILY = "family"
    EMPLOYMENT = "employment"
    GIFTS = "gifts"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierHouse:
    """The house that a supplier record belongs to.

    Attributes:
        id: the supplier's number; ``house`` is the number of the record that stands for all.
    """

    KIND: ClassVar[str] = "supplier-house"

    id: str
    house: str
    why: str = ""

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "linked" if self.house != self.id else "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """A declared relation between a person and a supplier; ended ones stay for the record."""

    supplier: str
    relation: Relation
    note: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Interests:
    """What one person has declared."""

    KIND: ClassVar[str] = "interests"

    id: str
    declared: tuple[Interest, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "declared" if self.standing else "none"

    @property
    def standing(self) -> tuple[Interest, ...]:
        """Give the interests that have not ended."""
        return tuple(each for each in self.declared if not each.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSupplier:
    """Say that a supplier record belongs to the house of another; to its own number: to none."""

    supplier: str
    house: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareInterest:
    """Declare one's own relation to a supplier; an administrator may do it for ``person``."""

    supplier: str
    relation: str
    note: str = ""
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndInterest:
    """Say that a declared relation has ended; only an administrator may, and says why."""

    person: str
    supplier: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierLinked:
    """A supplier record was put to a house."""

    supplier: str
    house: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestDeclared:
    """Somebody declared a relation to a supplier."""

    person: str
    supplier: str
    relation: Relation
    note: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestEnded:
    """A declared relation has ended."""

    person: str
    supplier: str
    note: str
    by: str


def house_of(supplier: str, peek: Peek) -> str:
    """Give the house of a supplier record; one that nobody linked is its own.

    A house that was put to another house later is followed; a circle has the name that comes
    first in order.
    """
    seen: list[str] = []
    while supplier not in seen:
        seen.append(supplier)
        known = peek(SupplierHouse, supplier)
        if known is None or known.house == supplier:
            return supplier
        supplier = known.house
    return min(seen[seen.index(supplier) :])


def linked(act: LinkSupplier) -> SupplierHouse:
    """Put a supplier record to a house.

    Raises:
        Refused: no reason is given.
    """
    if not act.why.strip() or len(act.why) > _NOTE:
        message = f"say in 1 to {_NOTE} characters why {act.supplier} belongs to {act.house}"
        raise refuse("WHY_WANTED", message, field="why", rule="A-04", fix="say why")
    return SupplierHouse(id=act.supplier, house=act.house, why=act.why)


def declarer(act: DeclareInterest, *, by: Actor) -> str:
    """Give whose interest is declared.

    Raises:
        Refused: somebody declares another person's.
    """
    person = act.person or by.id
    if person != by.id and not by.has(Role.ADMIN, Role.SYSTEM):
        raise refuse(
            "NOT_YOURS",
            f"{by.id} cannot declare an interest of {person}",
            field="person",
            rule="A-06",
            fix=f"let {person} or an administrator do it",
        )
    return person


def declare(known: Interests, act: DeclareInterest) -> Interests:
    """Add a relation.

    Raises:
        Refused: no such relation, or it stands already.
    """
    try:
        relation = Relation(act.relation)
    except ValueError as problem:
        raise refuse(
            "RELATION",
            f"{act.relation!r} is no relation",
            field="relation",
            rule="A-06",
            fix=f"one of: {', '.join(each.value for each in Relation)}",
        ) from problem
    if len(act.note) > _NOTE:
        raise refuse("NOTE_LENGTH", f"a note has at most {_NOTE} characters", field="note")
    if any(each.supplier == act.supplier for each in known.standing):
        message = f"{known.id} has declared an interest in {act.supplier} already"
        raise refuse("DECLARED_BEFORE", message, field="supplier", rule="A-06")
    new = Interest(supplier=act.supplier, relation=relation, note=act.note)
    return replace(known, declared=(*known.declared, new))


def end(known: Interests, act: EndInterest, *, by: Actor) -> Interests:
    """End a relation.

    Raises:
        Refused: one's own, no reason, or nothing was declared.
    """
    if by.id == act.person:
        raise refuse(
            "OWN_INTEREST",
            f"{by.id} cannot end what they declared themselves",
            field="person",
            rule="A-06",
            fix="ask another administrator",
        )
    if not act.note.strip() or len(act.note) > _NOTE:
        message = f"say in 1 to {_NOTE} characters why it has ended"
        raise refuse("NOTE_WANTED", message, field="note", rule="A-06", fix="say why")
    if all(each.supplier != act.supplier for each in known.standing):
        message = f"{act.person} has no standing interest in {act.supplier}"
        raise refuse("NOT_FOUND", message, field="supplier", rule="A-06")
    declared = tuple(
        replace(each, ended=True) if each.supplier == act.supplier else each
        for each in known.declared
    )
    return replace(known, declared=declared)


def interest_in(person: str, suppliers: tuple[str, ...], peek: Peek) -> Interest | None:
    """Give a person's standing interest in one of the suppliers or their houses, or None."""
    known = peek(Interests, person) if suppliers else None
    if known is None:
        return None
    houses = {house_of(each, peek) for each in suppliers}
    for each in known.standing:
        if house_of(each.supplier, peek) in houses:
            return each
    return None
