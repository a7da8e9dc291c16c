"""Findings: what is wrong with a partner's file, where, and the X12 code that says so.

A fault never stops the reading of the rest; it becomes a finding.

    Finding(ERROR, SE01_COUNT, where=message 0001, SE, element 1, text="SE01 says 28, is 27")
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the message, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fault(StrEnum):
    """What can be wrong with an X12 file; the value is what `read` prints as code."""

    NOT_X12 = "not-x12"
    ISA_UNREADABLE = "isa-unreadable"
    ISA_WIDTH = "isa-width"
    ISA_COMPONENT = "isa16-missing"
    ISA_TERMINATOR = "isa-terminator"
    ISA_DUPLICATE = "isa13-duplicate"
    GARBAGE = "bytes-outside-interchange"
    TERMINATOR_MISSING = "terminator-missing"
    SEGMENT_TOO_LONG = "segment-too-long"
    SEGMENT_OUTSIDE = "segment-outside-message"
    IEA_MISSING = "iea-missing"
    IEA_COUNT = "iea01-count"
    IEA_CONTROL = "iea02-control-number"
    GS_MISSING = "gs-missing"
    GS_KIND = "gs01-kind"
    GS_DUPLICATE = "gs06-duplicate"
    GE_MISSING = "ge-missing"
    GE_COUNT = "ge01-count"
    GE_CONTROL = "ge02-control-number"
    ST_KIND = "st01-missing"
    ST_DUPLICATE = "st02-duplicate"
    SE_MISSING = "se-missing"
    SE_COUNT = "se01-count"
    SE_CONTROL = "se02-control-number"
    MESSAGE_TOO_LONG = "message-too-long"
    CTT_COUNT = "ctt01-count"
    TOTAL_QUANTITY = "total-quantity"
    CTT_HASH = "ctt02-hash"
    NUMBER = "number-unreadable"
    DATE = "date-unreadable"
    CODE = "code-unknown"
    MANDATORY = "element-missing"
    UNIT = "unit-unknown"
    PRICE_BASIS = "price-basis"
    ANSWER_CONTRADICTION = "answer-contradiction"
    HIERARCHY = "hierarchy"
    CHARACTER = "character-invalid"
    SEPARATOR_IN_DATA = "separator-in-data"
    MAP_MISSING = "set-without-map"
    TOO_MANY = "too-many-findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a fault is told to the sender: the code of each answering segment, where it has one."""

    ta1: str | None = None
    ak9: str | None = None
    ak5: str | None = None
    ak3: str | None = None
    ak4: str | None = None


_SILENT = Answer()

# Source: X12 004010: TA1 element I18, AK9 element 716, AK5 element 718, AK3 element 720,
# AK4 element 723. A fault that is not named here is not told to the sender.
ANSWERS: dict[Fault, Answer] = {
    Fault.ISA_UNREADABLE: Answer(ta1="022"),
    Fault.ISA_WIDTH: Answer(ta1="022"),
    Fault.ISA_COMPONENT: Answer(ta1="027"),
    Fault.ISA_TERMINATOR: Answer(ta1="004"),
    Fault.ISA_DUPLICATE: Answer(ta1="025"),
    Fault.GARBAGE: Answer(ta1="024"),
    Fault.TERMINATOR_MISSING: Answer(ta1="004", ak5="5", ak3="8"),
    Fault.SEGMENT_TOO_LONG: Answer(ta1="024", ak5="5", ak3="8"),
    Fault.SEGMENT_OUTSIDE: Answer(ta1="024"),
    Fault.IEA_MISSING: Answer(ta1="023"),
    Fault.IEA_COUNT: Answer(ta1="021"),
    Fault.IEA_CONTROL: Answer(ta1="001"),
    Fault.GS_MISSING: Answer(ta1="024"),
    Fault.GS_DUPLICATE: Answer(ak9="6"),
    Fault.GE_MISSING: Answer(ak9="3"),
    Fault.GE_COUNT: Answer(ak9="5"),
    Fault.GE_CONTROL: Answer(ak9="4"),
    Fault.ST_KIND: Answer(ak5="6"),
    Fault.ST_DUPLICATE: Answer(ak5="23"),
    Fault.SE_MISSING: Answer(ak5="2"),
    Fault.SE_COUNT: Answer(ak5="4"),
    Fault.SE_CONTROL: Answer(ak5="3"),
    Fault.MESSAGE_TOO_LONG: Answer(ak5="5"),
    Fault.CTT_COUNT: Answer(ak5="5", ak3="8", ak4="7"),
    Fault.TOTAL_QUANTITY: Answer(ak5="5", ak3="8", ak4="7"),
    Fault.CTT_HASH: Answer(ak5="5", ak3="8", ak4="7"),
    Fault.TOO_MANY: Answer(ta1="024", ak5="5"),
    Fault.CHARACTER: Answer(ak5="5", ak3="8", ak4="6"),
    Fault.NUMBER: Answer(ak5="5", ak3="8", ak4="6"),
    Fault.DATE: Answer(ak5="5", ak3="8", ak4="8"),
    Fault.CODE: Answer(ak5="5", ak3="8", ak4="7"),
    Fault.MANDATORY: Answer(ak5="5", ak3="8", ak4="1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The place of a finding: control numbers, segment, element and byte of the file.

    Attributes:
        segment: the segment's tag, for example ``SE``.
        index: the segment's place in the file, the first ISA is 0.
        position: the segment's place in its message as a 997 counts it, ST is 1.
        element: 1 for the first element after the tag.
        offset: the segment's first byte in the file.
    """

    interchange: str | None = None
    group: str | None = None
    message: str | None = None
    segment: str | None = None
    index: int | None = None
    position: int | None = None
    element: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a partner's file, with its place and a sentence."""

    severity: Severity
    code: Fault
    where: Where
    text: str
    bad_value: str | None = None

    @property
    def answer(self) -> Answer:
        """How X12 tells this fault to the sender; empty where it has no word for it."""
        return ANSWERS.get(self.code, _SILENT)
