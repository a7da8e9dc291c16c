"""Trading partners: how papers of a supplier or a warehouse are addressed, written, answered."""

from collections.abc import Collection
from enum import StrEnum, auto
from typing import ClassVar, Final

from manciple.exchange.control_numbers import Counted
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.records import dataclass
from manciple.kernel.words import LONGEST_NAME, bad_name
from manciple.runtime.documents import Ref

_MARKS: Final = frozenset("*~:>^|")
"""What may stand between the parts of an envelope."""
LONGEST_GAP: Final = 24 * 366
"""Hours that a missing number may be late at most: a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Who a party is in an X12 envelope.

    Attributes:
        qualifier: ISA05 or ISA07, two characters: ``01`` D-U-N-S, ``ZZ`` mutually defined.
        interchange_id: ISA06 or ISA08, up to 15 characters.
        group_id: GS02 or GS03, 2 to 15 characters.
    """

    qualifier: str
    interchange_id: str
    group_id: str

    def __post_init__(self) -> None:
        """Refuse an address that no envelope can hold. Source: X12 004010, ISA and GS."""
        for name, value, shortest, longest in (
            ("qualifier", self.qualifier, 2, 2),
            ("interchange_id", self.interchange_id, 1, 15),
            ("group_id", self.group_id, 2, 15),
        ):
            is_plain = value.isascii() and value.isprintable() and not _MARKS & set(value)
            if not is_plain:
                raise refuse(
                    "BAD_ADDRESS",
                    f"{name} {value[:longest]!r} holds what no envelope can",
                    field=name,
                    rule="X12 004010, ISA and GS",
                    fix="Use letters, digits, blanks and signs other than * ~ : > ^ and |.",
                )
            if not shortest <= len(value) <= longest or value != value.strip():
                raise refuse(
                    "BAD_ADDRESS",
                    f"{name} {value!r} must have {shortest} to {longest} characters, trimmed",
                    field=name,
                    rule="X12 004010, ISA and GS",
                    fix="Use the id that stands in the partner's own envelopes.",
                )

    @property
    def key(self) -> str:
        """The address as one word, by which a sender is found."""
        return f"{self.qualifier}:{self.interchange_id}"


class AnswerSet(StrEnum):
    """In which set a partner is told whether its files could be read."""

    BY_VERSION = "by_version"
    """999 from version 005010 on, 997 before it."""
    SET_997 = "997"
    SET_999 = "999"


class RemindedBy(StrEnum):
    """How a supplier that owes an answer is reminded."""

    PERSON = auto()
    """A buyer gets a task to write or call."""
    FILE = auto()
    """A text goes the way that our files go."""


class ChangePaper(StrEnum):
    """In which way a partner is told of a change."""

    CHANGE_ORDER = "860"
    """A change order with the lines that it touches. Source: X12 004010, 860."""
    FULL_ORDER = "850"
    """The whole order once more, to replace the one before (BEG01 is 05), with its revision."""
    PHONE = "phone"
    """It reads neither: somebody calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A supplier, or a warehouse of another company, with whom we trade X12 files.

    Attributes:
        id: the supplier's id; a supplier has one profile.
        ours: how the partner addresses us, and how we sign to them.
        version: GS08 of what we send, ``004010``.
        overlay: name of the mapping overlay for this partner's habits; None for the plain maps.
        test: whether ISA15 says T (test) rather than P (production); a file of a partner that
            trades for real and calls itself a test is quarantined.
        acknowledges: whether the partner answers with 997s, so that a missing one means something.
        answers: whether we answer the partner's files with a 997 or a 999.
        changes: in which way it is told of a change of an order.
        counts: which control numbers the partner counts without a gap.
        receiving_advice: whether the supplier wants an 861 for every receipt.
        sites: of a warehouse of another company, the sites whose goods it keeps.
        reminded_by: how the supplier is reminded of an answer that it owes.
        gap_hours: how long a missing number may be late before somebody is told.
    """

    KIND: ClassVar[str] = "partner"

    id: str
    theirs: Address
    ours: Address
    version: str = "004010"
    overlay: str | None = None
    test: bool = False
    acknowledges: bool = True
    answers: AnswerSet = AnswerSet.BY_VERSION
    counts: Counted = Counted.FILES
    gap_hours: int = 24
    receiving_advice: bool = False
    sites: tuple[str, ...] = ()
    reminded_by: RemindedBy = RemindedBy.PERSON
    changes: ChangePaper = ChangePaper.CHANGE_ORDER

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "test" if self.test else "production"

    @property
    def endpoint(self) -> str:
        """The endpoint to which this partner's files go."""
        return f"edi:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderIndex:
    """Which partner signs with an address; kept with the partner's registration."""

    KIND: ClassVar[str] = "sender-index"

    id: str
    partner: str

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPartner:
    """Keep a partner's profile, new or changed."""

    partner: Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRegistered:
    """A partner's profile was kept."""

    partner: Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderIndexed:
    """An envelope address was given to a partner."""

    address: str
    partner: str


def check(partner: Partner, *, overlays: Collection[str]) -> None:
    """Accept a profile, or refuse it with every fault at once.

    Args:
        partner: the profile.
        overlays: the mapping overlays that there are.

    Raises:
        Refused: BAD_PARTNER, with the field.
    """
    found = [("id", why, "give the supplier's number")] if (why := bad_name(partner.id)) else []
    if partner.overlay is not None and partner.overlay not in overlays:
        known = ", ".join(sorted(overlays)) or "none yet"
        message = f"there is no mapping overlay {partner.overlay[:LONGEST_NAME]!r}"
        found.append(("overlay", message, f"null for the plain maps; else one of: {known}"))
    if not 0 <= partner.gap_hours <= LONGEST_GAP:
        message = f"{partner.gap_hours} is not from 0 to {LONGEST_GAP}"
        found.append(("gap_hours", message, "give hours"))
    for place, site in enumerate(partner.sites):
        if why := bad_name(site):
            found.append((f"sites.{place}", why, "name a site"))
    if found:
        raise Refused(
            *(
                Reason(code="BAD_PARTNER", message=message, field=f"partner.{field}", fix=fix)
                for field, message, fix in found
            )
        )


def check_sender(index: SenderIndex | None, partner: Partner) -> SenderIndex | None:
    """Give the index row to keep for the partner's address; None when it stands already.

    Raises:
        Refused: another partner signs with this address.
    """
    if index is None:
        return SenderIndex(id=partner.theirs.key, partner=partner.id)
    if index.partner != partner.id:
        raise refuse(
            "ADDRESS_TAKEN",
            f"{partner.theirs.key} is the address of {index.partner}",
            field="partner.theirs",
            fix="Two partners can't sign alike: correct one of the profiles.",
        )
    return None


def partner_ref(partner: str) -> Ref:
    """Give the reference of a partner's profile."""
    return Ref(Partner.KIND, partner)
