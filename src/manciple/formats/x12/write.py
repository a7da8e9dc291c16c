"""Write: typed interchanges to bytes, with fixed ISA widths and counts that are right.

X12 has no release character: a data byte that equals a separator is refused, or replaced where
the partner's policy says so, and either way it is a finding.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import chain

from manciple.formats.x12.findings import Fault, Finding, Severity, Where
from manciple.formats.x12.messages import GROUP_KINDS
from manciple.formats.x12.separators import ISA_WIDTHS, Separators


class SeparatorPolicy(StrEnum):
    """What to do with a data byte that equals a separator."""

    REFUSE = "refuse"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Who sends or receives, as ISA05 and ISA06 name them."""

    qualifier: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One transaction set to send, without its ST and SE.

    Attributes:
        segments: each segment with its tag first; trailing empty elements are left out.
    """

    kind: str
    control_number: str
    segments: tuple[tuple[str, ...], ...]
    implementation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingGroup:
    """Messages of one kind to send; GS01 follows from the first message."""

    sender: str
    receiver: str
    control_number: int
    messages: tuple[OutgoingMessage, ...]
    version: str = "004010"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingInterchange:
    """One interchange to send.

    Attributes:
        at: the time of writing, aware; written in UTC.
        answers: TA1 segments, which stand before the groups.
    """

    sender: Address
    receiver: Address
    control_number: int
    at: datetime
    groups: tuple[OutgoingGroup, ...] = ()
    answers: tuple[tuple[str, ...], ...] = ()
    version: str = "00401"
    usage: str = "P"
    acknowledgment_requested: bool = False
    separators: Separators = field(default_factory=Separators)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written. ``content`` is None when a value was refused: then nothing may be sent."""

    content: bytes | None
    findings: tuple[Finding, ...] = ()


def write_interchange(
    interchange: OutgoingInterchange,
    *,
    policy: SeparatorPolicy = SeparatorPolicy.REFUSE,
    replacement: str = " ",
) -> Written:
    """Write an interchange as bytes, or say which value cannot be written and why.

    Args:
        interchange: what to send; `at` must be aware.
        policy: refuse a data byte that equals a separator, or replace it.
        replacement: the character that takes its place.
    """
    marks = interchange.separators
    isa = _isa(interchange)
    body: list[tuple[str, ...]] = [*interchange.answers]
    for group in interchange.groups:
        body += _group(group, interchange.at)
    body.append(("IEA", str(len(interchange.groups)), f"{interchange.control_number:09}"))
    findings: list[Finding] = [*_isa_findings(isa)]
    cleaner = _Cleaner(
        marks=marks,
        harmless=_harmless(marks.all),
        policy=policy,
        replacement=replacement,
        findings=findings,
    )
    clean = body
    if not cleaner.harmless.fullmatch("".join(chain.from_iterable(body))):
        clean = [cleaner.clean(segment, number) for number, segment in enumerate(body, 1)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Written(content=None, findings=tuple(findings))
    return Written(content=write_segments((isa, *clean), marks), findings=tuple(findings))


def write_segments(segments: Iterable[tuple[str, ...]], separators: Separators) -> bytes:
    """Join segments as they are; nothing is checked, so that what was read is written back."""
    end = separators.terminator + separators.line_end
    text = "".join(separators.element.join(segment) + end for segment in segments)
    try:
        return text.encode("latin-1") if text.isascii() else _encoded(text, separators)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _encoded(text: str, separators: Separators) -> bytes:
    """UTF-8, but separators are kept as the bytes that they were read as."""
    mark = separators.terminator
    return mark.encode("latin-1").join(part.encode("utf-8") for part in text.split(mark))


def _isa(interchange: OutgoingInterchange) -> tuple[str, ...]:
    at = interchange.at.astimezone(UTC)
    marks = interchange.separators
    values = (
        "00", "", "00", "",
        interchange.sender.qualifier, interchange.sender.identifier,
        interchange.receiver.qualifier, interchange.receiver.identifier,
        f"{at:%y%m%d}", f"{at:%H%M}",
        marks.repetition or "U", interchange.version, f"{interchange.control_number:09}",
        "1" if interchange.acknowledgment_requested else "0",
        interchange.usage, marks.component,
    )  # fmt: skip
    padded = (value.ljust(width) for value, width in zip(values, ISA_WIDTHS, strict=True))
    return ("ISA", *padded)


def _isa_findings(isa: tuple[str, ...]) -> Iterable[Finding]:
    for number, (value, width) in enumerate(zip(isa[1:], ISA_WIDTHS, strict=True), 1):
        if len(value) != width:
            yield Finding(
                severity=Severity.ERROR,
                code=Fault.ISA_WIDTH,
                where=Where(segment="ISA", element=number),
                text=f"ISA{number:02} {value!r} is {len(value)} characters, should be {width}",
                bad_value=value,
            )


def _group(group: OutgoingGroup, at: datetime) -> list[tuple[str, ...]]:
    moment = at.astimezone(UTC)
    kind = GROUP_KINDS.get(group.messages[0].kind, "") if group.messages else ""
    control = str(group.control_number)
    rows: list[tuple[str, ...]] = [
        (
            "GS", kind, group.sender, group.receiver, f"{moment:%Y%m%d}", f"{moment:%H%M}",
            control, "X", group.version,
        )
    ]  # fmt: skip
    for message in group.messages:
        start = ("ST", message.kind, message.control_number)
        rows.append((*start, message.implementation) if message.implementation else start)
        rows += [_trimmed(segment) for segment in message.segments]
        rows.append(("SE", str(len(message.segments) + 2), message.control_number))
    rows.append(("GE", str(len(group.messages)), control))
    return rows


def _trimmed(segment: tuple[str, ...]) -> tuple[str, ...]:
    """Trailing empty elements are never written. Source: X12.6, 3.6."""
    if segment and segment[-1]:
        return segment
    last = max((n for n, value in enumerate(segment) if value), default=0)
    return segment[: last + 1]


@cache
def _harmless(marks: str) -> re.Pattern[str]:
    return re.compile(f"[^{re.escape(marks)}\\x00-\\x1f\\x7f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaner:
    """Refuses or replaces what must not stand in data, and notes it in ``findings``.

    Attributes:
        harmless: matches a value that needs no second look.
    """

    marks: Separators
    harmless: re.Pattern[str]
    policy: SeparatorPolicy
    replacement: str
    findings: list[Finding]

    def clean(self, segment: tuple[str, ...], number: int) -> tuple[str, ...]:
        tag, *values = segment
        return (tag, *(self._value(v, tag, number, n) for n, v in enumerate(values, 1)))

    def _value(self, value: str, tag: str, number: int, element: int) -> str:
        # A line break inside data is read as the end of a segment by too many partners.
        if self.harmless.fullmatch(value):
            return value
        bad = sorted({c for c in value if c in self.marks.all or c < " " or c == "\x7f"})
        refused = self.policy is SeparatorPolicy.REFUSE
        act = "cannot be sent" if refused else f"was replaced by {self.replacement!r}"
        self.findings.append(
            Finding(
                severity=Severity.ERROR if refused else Severity.WARNING,
                code=Fault.SEPARATOR_IN_DATA,
                where=Where(segment=tag, index=number, element=element),
                text=f"{tag}{element:02} {value!r} holds a separator or control character "
                f"({', '.join(map(repr, bad))}), which {act}",
                bad_value=value,
            )
        )
        return "".join(self.replacement if c in bad else c for c in value)
