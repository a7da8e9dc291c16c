"""Messages: an interchange, its groups and its messages as records, and what came of each."""

from dataclasses import dataclass

from manciple.formats.x12.findings import Finding
from manciple.formats.x12.separators import Separators
from manciple.formats.x12.tokens import Segment

# Source: X12 004010, element 479 (functional identifier) of each transaction set.
GROUP_KINDS = {
    "810": "IN", "820": "RA", "824": "AG", "830": "PS", "832": "SC", "840": "RQ", "843": "RR",
    "846": "IB", "850": "PO", "855": "PR", "856": "SH", "860": "PC", "861": "RC", "865": "CA",
    "940": "OW", "943": "AR", "944": "RE", "945": "SW", "997": "FA", "999": "FA",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """Who sent a file to whom, as the ISA says."""

    control_number: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    date: str
    time: str
    version: str
    acknowledgment_requested: bool
    usage: str
    separators: Separators


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A functional group: messages of one kind between two applications, as the GS says."""

    kind: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One transaction set, for example one purchase order, from its ST to its SE."""

    kind: str
    control_number: str
    implementation: str | None
    group: Group | None
    interchange: Interchange
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def version(self) -> str:
        """The version that the group names, or the interchange where there is no group."""
        return self.group.version if self.group else self.interchange.version


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageResult:
    """What a 997 says about one message: which it was and what was wrong with it."""

    kind: str
    control_number: str
    implementation: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """What a 997 says about one group.

    Attributes:
        included: the number of messages that GE01 claims, or those received if it claims none.
    """

    group: Group
    messages: tuple[MessageResult, ...]
    included: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeAnswer:
    """A TA1 of the partner: what became of an interchange of ours.

    Attributes:
        code: A accepted, E accepted with errors, R rejected.
        note: the reason, 000 for none.
    """

    control_number: str
    date: str
    time: str
    code: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeResult:
    """What a TA1 says about one interchange; None where bytes belonged to no interchange."""

    interchange: Interchange | None
    groups: int = 0
    answers: tuple[InterchangeAnswer, ...] = ()
    findings: tuple[Finding, ...] = ()


Event = Message | GroupResult | InterchangeResult


# The sender of a message that stands in no interchange.
NOBODY = Interchange(
    control_number="",
    sender_qualifier="",
    sender="",
    receiver_qualifier="",
    receiver="",
    date="",
    time="",
    version="",
    acknowledgment_requested=False,
    usage="",
    separators=Separators(),
)
