"""What a person may approve: approval roles, limits, and who stands above them.

Limit("requisition", "*", "W1", 5000 USD)      most specific row that matches decides;
Limit("*", "chemicals", "*", 500 USD)          of equally specific rows the lowest
"""

from collections import Counter
from typing import ClassVar

from manciple.governance.people import Person
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.records import dataclass
from manciple.kernel.words import bad_name

ANY = "*"
"""In a limit: every document type, category or site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much a person may finally approve of one kind; the amount itself is inside."""

    document_type: str = ANY
    category: str = ANY
    site: str = ANY
    amount: Money

    def matches(self, *, document_type: str, category: str, site: str) -> bool:
        """Say whether the limit speaks of such a document."""
        pairs = (
            (self.document_type, document_type),
            (self.category, category),
            (self.site, site),
        )
        return all(ours in (ANY, theirs) for ours, theirs in pairs)

    @property
    def specificity(self) -> int:
        """How many of the three words are not "any"."""
        return sum(word != ANY for word in (self.document_type, self.category, self.site))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What one person may approve.

    Attributes:
        id: the person's id.
        roles: approval roles of the policy tables: ``branch_manager``, ``cfo``.
        manager: the person above, who is asked when this one's limit is too low.
    """

    KIND: ClassVar[str] = "authority"

    id: str
    roles: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    manager: str | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "registered"

    def limit(self, *, document_type: str, category: str, site: str) -> Money | None:
        """Give the limit for such a document, or None when the person has none.

        The most specific row wins; of equally specific ones the lowest, so that a doubt never
        widens a power. Source: domain rule A-02, "for that document type, category, entity".
        """
        rows = [
            row
            for row in self.limits
            if row.matches(document_type=document_type, category=category, site=site)
        ]
        if not rows:
            return None
        closest = max(row.specificity for row in rows)
        return min(row.amount for row in rows if row.specificity == closest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverIndex:
    """Who holds an approval role, so that nobody has to be searched for."""

    KIND: ClassVar[str] = "approver-index"

    id: str
    people: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "held" if self.people else "empty"

    def with_person(self, person: str) -> "ApproverIndex":
        """Add a person; the order is by id."""
        return ApproverIndex(id=self.id, people=tuple(sorted({*self.people, person})))

    def without(self, person: str) -> "ApproverIndex":
        """Take a person out."""
        return ApproverIndex(id=self.id, people=tuple(p for p in self.people if p != person))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAuthority:
    """Say what a person may approve; replaces what was said before."""

    authority: Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRegistered:
    """It was said what a person may approve."""

    person: str
    roles: tuple[str, ...]
    limits: tuple[Limit, ...]
    manager: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverIndexed:
    """A person was put under an approval role, or taken from it."""

    role: str
    person: str
    holds: bool


def check(authority: Authority, person: Person | None, *, currency: Currency) -> None:
    """Accept what is said of a person's power, or refuse it with every fault at once.

    Raises:
        Refused: an unknown or unentitled person, a limit that is negative, doubled or in
            another currency, or somebody who is their own manager.
    """
    reasons = tuple(_faults(authority, person, currency))
    if reasons:
        raise Refused(*reasons)


def _faults(authority: Authority, person: Person | None, currency: Currency) -> list[Reason]:
    faults = []
    if person is None:
        faults.append(
            _fault("NOT_FOUND", f"there is no person {authority.id}", "id", "register them first")
        )
    elif Role.APPROVER not in person.roles:
        message = f"{authority.id} does not have the role approver"
        faults.append(_fault("NOT_AN_APPROVER", message, "id", "give them the role approver"))
    if authority.manager is not None and (why := bad_name(authority.manager)):
        faults.append(_fault("BAD_MANAGER", why, "manager", "name the person above, or null"))
    if authority.manager == authority.id:
        message = f"{authority.id} cannot stand above themselves"
        faults.append(_fault("OWN_MANAGER", message, "manager", "name the person above"))
    return [*faults, *_role_faults(authority), *_limit_faults(authority, currency)]


def _role_faults(authority: Authority) -> list[Reason]:
    faults = []
    for place, role in enumerate(authority.roles):
        if why := bad_name(role):
            code = "BAD_ROLE" if role.strip() else "EMPTY_ROLE"
            faults.append(_fault(code, why, f"roles.{place}", "name it as policy does"))
    if len(set(authority.roles)) < len(authority.roles):
        faults.append(_fault("ROLE_TWICE", "a role is named twice", "roles", "name each once"))
    return faults


def _limit_faults(authority: Authority, currency: Currency) -> list[Reason]:
    faults = []
    for place, limit in enumerate(authority.limits):
        if limit.amount.currency is not currency:
            message = f"limits are in {currency.value}, not in {limit.amount.currency.value}"
            faults.append(_fault("LIMIT_CURRENCY", message, f"limits.{place}.amount", message))
        words = (("document_type", limit.document_type), ("category", limit.category),
                 ("site", limit.site))  # fmt: skip
        for name, word in words:
            if word != ANY and (why := bad_name(word)):
                fix = f"name one, or {ANY} for every one"
                faults.append(_fault("BAD_LIMIT", why, f"limits.{place}.{name}", fix))
        if limit.amount.amount < 0:
            message = f"a limit is not below zero: {limit.amount}"
            faults.append(
                _fault("LIMIT_NEGATIVE", message, f"limits.{place}.amount", "state zero or more")
            )
    keys = Counter((row.document_type, row.category, row.site) for row in authority.limits)
    for (kind, category, site), count in keys.items():
        if count > 1:
            message = f"{count} limits speak of {kind}, {category}, {site}"
            faults.append(_fault("LIMIT_TWICE", message, "limits", "keep one of them"))
    return faults


def _fault(code: str, message: str, place: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=f"authority.{place}", rule="A-02", fix=fix)
