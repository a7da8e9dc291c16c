"""How the rules of approvals look up people, limits and delegations.

A directory is a view: inside a command it reads the command's own transaction (``work.peek``),
before submitting it reads the store; the rules are the same.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from manciple.approvals.authority import ApproverIndex, Authority
from manciple.approvals.delegation import Delegation, Delegations
from manciple.governance.people import Person
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Document

D = TypeVar("D", bound=Document)


class Peek(Protocol):
    """Reads a document that nobody here will change, or None; ``Work.peek`` is one."""

    def __call__(self, kind: type[D], name: str, /) -> D | None:
        """Give the document of that kind and id."""
        ...


@dataclass(frozen=True, slots=True)
class Directory:
    """Who people are, what they may approve, and who acts for whom."""

    peek: Peek

    def person(self, name: str) -> Person | None:
        """Give a person of the register."""
        return self.peek(Person, name)

    def authority(self, name: str) -> Authority | None:
        """Give what a person may approve."""
        return self.peek(Authority, name)

    def holders(self, role: str) -> tuple[str, ...]:
        """Give everybody who was ever put under an approval role, by id."""
        index = self.peek(ApproverIndex, role)
        return index.people if index else ()

    def lent_by(self, name: str) -> tuple[Delegation, ...]:
        """Give all delegations that a person gave, in the order in which they were given."""
        listed = self.peek(Delegations, name)
        found = (self.peek(Delegation, each) for each in (listed.given if listed else ()))
        return tuple(each for each in found if each is not None)

    def approver(self, name: str, *, site: str) -> Person | None:
        """Give a person who can be asked at a site: active, an approver, working there."""
        person = self.person(name)
        if person is None or not person.active or Role.APPROVER not in person.roles:
            return None
        return person if person.works_at(site) else None

    def above(self, name: str) -> Iterator[str]:
        """Give the people above somebody, nearest first; a circle of managers ends the walk."""
        seen = {name}
        authority = self.authority(name)
        while authority is not None and authority.manager is not None:
            if authority.manager in seen:
                return
            seen.add(authority.manager)
            yield authority.manager
            authority = self.authority(authority.manager)

    def same_person(self, one: str, other: str) -> bool:
        """Say whether two entries are one human: the same id or the same mail address."""
        if one == other:
            return True
        first, second = self.person(one), self.person(other)
        if first is None or second is None or not first.email:
            return False
        return first.email.casefold() == second.email.casefold()


def reachable(delegation: Delegation, directory: Directory) -> tuple[Delegation, ...]:
    """Give the delegations that lead on from a delegation's taker while it is valid.

    They give no power (one hop only); they are what a circle would be made of.
    """
    found: list[Delegation] = []
    seen = {delegation.to_person}
    ahead = [delegation.to_person]
    while ahead:
        for each in directory.lent_by(ahead.pop()):
            if each.overlaps(delegation):
                found.append(each)
                if each.to_person not in seen:
                    seen.add(each.to_person)
                    ahead.append(each.to_person)
    return tuple(found)
