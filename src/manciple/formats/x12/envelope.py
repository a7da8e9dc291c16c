"""The envelope: interchanges, groups and messages of a file, counts and control numbers checked.

        ST ... SE           Message            yielded when it is complete
      GE                    GroupResult        yielded when the group is over: ready for a 997
    IEA                     InterchangeResult  yielded when it is over: ready for a TA1

A fault becomes a finding on the message, group or interchange that it concerns; reading goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.messages import (
    GROUP_KINDS,
    NOBODY,
    Event,
    Group,
    GroupResult,
    Interchange,
    InterchangeAnswer,
    InterchangeResult,
    Message,
    MessageResult,
)
from manciple.formats.x12.notes import Notes, Place
from manciple.formats.x12.tokens import SUBSTITUTE, Segment, Tokens
from manciple.formats.x12.totals import check_totals

MAX_SEGMENTS = 200_000
_ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})


def read_envelopes(source: bytes | BinaryIO, *, duplicates: bool = True) -> Iterator[Event]:
    """Read a partner's file: each message as it is complete, then its group, then its interchange.

    Memory is bounded by the longest message, not by the file.

    Args:
        source: the bytes, or a file opened in binary mode.
        duplicates: report an ISA13 that a sender used twice in this file.
    """
    tokens = Tokens(source)
    reader = _Reader(tokens=tokens, duplicates=duplicates)
    for batch in tokens.batches():
        if tokens.pending and batch:
            yield from reader.take(batch.pop(0))
        done = 0
        for at in [n for n, segment in enumerate(batch) if segment[2] in _ENVELOPE]:
            reader.extend(batch[done:at])
            segment = batch[at]
            if segment[2] == "SE" and reader.open_message:
                yield reader.end_message(segment)
            elif segment[2] == "ST" and not reader.open_message:
                reader.start_message(segment)
            else:
                yield from reader.take(segment)
            done = at + 1
        reader.extend(batch[done:])
    yield from reader.finish()


@dataclass(slots=True)
class _Reader:
    """The open interchange, group and message, and what was found about each."""

    tokens: Tokens
    duplicates: bool
    body: list[Segment] = field(default_factory=list)
    open_message: bool = False
    open_interchange: Interchange | None = None
    open_group: Group | None = None
    group_start: Segment | None = None
    forgiven_before: int = 0
    too_long: bool = False
    stray_seen: bool = False
    message_notes: Notes = field(default_factory=Notes)
    group_notes: Notes = field(default_factory=Notes)
    interchange_notes: Notes = field(default_factory=Notes)
    results: list[MessageResult] = field(default_factory=list)
    group_controls: set[str] = field(default_factory=set)
    message_controls: set[str] = field(default_factory=set)
    interchange_controls: set[tuple[str, str, str]] = field(default_factory=set)
    answers: list[InterchangeAnswer] = field(default_factory=list)
    groups: int = 0

    def take(self, segment: Segment) -> Iterator[Event]:
        """One envelope segment, or any segment that came with a finding of the tokens."""
        match segment.tag:
            case "ISA":
                yield from self._close_interchange(segment, missing=True)
                self._drain()
                self._open_interchange(segment)
            case "GS":
                yield from self._close_group(segment, missing=True)
                self._drain()
                self._open_group(segment)
            case "ST":
                yield from self._cut_message(segment)
                self._drain()
                self.start_message(segment)
            case "SE" if self.open_message:
                self._drain()
                yield self.end_message(segment)
            case "GE":
                yield from self._cut_message(segment)
                self._drain()
                yield from self._end_group(segment)
            case "IEA":
                yield from self._close_group(segment, missing=True)
                self._drain()
                yield from self._end_interchange(segment)
            case "TA1" if not self.open_message:
                self._drain()
                self.answers.append(_interchange_answer(segment))
            case _:
                self._drain()
                self.extend([segment])

    def finish(self) -> Iterator[Event]:
        """The end of the file closes what is still open."""
        self._drain()
        yield from self._close_interchange(None, missing=True)
        if findings := self.interchange_notes.findings:
            yield InterchangeResult(interchange=None, findings=findings)

    def extend(self, segments: list[Segment]) -> None:
        """Segments of the open message; without one, the first is reported."""
        if not segments:
            return
        if self.open_message and len(self.body) + len(segments) <= MAX_SEGMENTS:
            self.body += segments
        else:
            self.stray(segments[0])

    def stray(self, segment: Segment) -> None:
        """A segment with no message around it, or past the longest message we keep."""
        if self.open_message:
            if not self.too_long:
                self.too_long = True
                text = f"the message has more than {MAX_SEGMENTS} segments; the rest was left out"
                self._find(self.message_notes, Fault.MESSAGE_TOO_LONG, text, segment, 0)
        elif not self.stray_seen:
            self.stray_seen = True
            text = f"{segment.tag[:10]!r} and what follows stands outside any message (ST to SE)"
            self._find(self.interchange_notes, Fault.SEGMENT_OUTSIDE, text, segment, 0)

    def _drain(self) -> None:
        """Give the findings of the tokens to the innermost envelope that is open."""
        if self.tokens.pending:
            owner = self.message_notes if self.open_message else self.interchange_notes
            owner.take(self.tokens.pending, self._place())
            self.tokens.pending.clear()

    def _place(self) -> Place:
        return Place(
            interchange=self.open_interchange.control_number if self.open_interchange else None,
            group=self.open_group.control_number if self.open_group else None,
            start=self.body[0] if self.open_message else None,
        )

    def _find(
        self,
        owner: Notes,
        code: Fault,
        text: str,
        segment: Segment | None,
        element: int,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        owner.add(code, text, segment, element, place=self._place(), severity=severity)

    # Interchange

    def _open_interchange(self, segment: Segment) -> None:
        interchange = Interchange(
            control_number=segment.at(13),
            sender_qualifier=segment.at(5),
            sender=segment.at(6),
            receiver_qualifier=segment.at(7),
            receiver=segment.at(8),
            date=segment.at(9),
            time=segment.at(10),
            version=segment.at(12),
            acknowledgment_requested=segment.at(14) == "1",
            usage=segment.at(15),
            separators=self.tokens.separators,
        )
        self.open_interchange = interchange
        self.interchange_notes.belong_to(interchange.control_number)
        key = (interchange.sender_qualifier, interchange.sender, interchange.control_number)
        if self.duplicates and key in self.interchange_controls:
            text = f"ISA13 {interchange.control_number} is used twice by {interchange.sender}"
            self._find(self.interchange_notes, Fault.ISA_DUPLICATE, text, segment, 13)
        self.interchange_controls.add(key)

    def _end_interchange(self, segment: Segment) -> Iterator[Event]:
        owner = self.interchange_notes
        claimed = segment.at(1)
        if _number(claimed) != self.groups:
            text = f"IEA01 says {claimed}, is {self.groups}"
            self._find(owner, Fault.IEA_COUNT, text, segment, 1)
        control = segment.at(2)
        if self.open_interchange and control != self.open_interchange.control_number:
            text = f"IEA02 says {control}, ISA13 is {self.open_interchange.control_number}"
            self._find(owner, Fault.IEA_CONTROL, text, segment, 2)
        yield from self._close_interchange(segment, missing=False)

    def _close_interchange(self, segment: Segment | None, *, missing: bool) -> Iterator[Event]:
        if self.open_interchange is None:
            return
        yield from self._close_group(segment, missing=True)
        if missing:
            place = "before the next ISA" if segment else "before the end of the file"
            text = f"IEA is missing {place}; ISA13 is {self.open_interchange.control_number}"
            self._find(self.interchange_notes, Fault.IEA_MISSING, text, segment, 0)
        yield InterchangeResult(
            interchange=self.open_interchange,
            groups=self.groups,
            answers=tuple(self.answers),
            findings=self.interchange_notes.findings,
        )
        self.open_interchange = None
        self.interchange_notes = Notes()
        self.group_controls = set()
        self.answers = []
        self.groups = 0
        self.stray_seen = False

    # Group

    def _open_group(self, segment: Segment) -> None:
        group = Group(
            kind=segment.at(1),
            sender=segment.at(2),
            receiver=segment.at(3),
            date=segment.at(4),
            time=segment.at(5),
            control_number=segment.at(6),
            version=segment.at(8),
        )
        self.open_group = group
        self.group_start = segment
        self.groups += 1
        if group.control_number in self.group_controls:
            text = f"GS06 {group.control_number} is used twice in the interchange"
            self._find(self.group_notes, Fault.GS_DUPLICATE, text, segment, 6)
        self.group_controls.add(group.control_number)

    def _end_group(self, segment: Segment) -> Iterator[Event]:
        if self.open_group is None:
            text = "GE without a GS before it"
            self._find(self.interchange_notes, Fault.GS_MISSING, text, segment, 0)
            return
        claimed = segment.at(1)
        if _number(claimed) != len(self.results):
            text = f"GE01 says {claimed}, is {len(self.results)}"
            self._find(self.group_notes, Fault.GE_COUNT, text, segment, 1)
        control = segment.at(2)
        if control != self.open_group.control_number:
            text = f"GE02 says {control}, GS06 is {self.open_group.control_number}"
            self._find(self.group_notes, Fault.GE_CONTROL, text, segment, 2)
        yield from self._close_group(segment, missing=False, included=_number(claimed))

    def _close_group(
        self, segment: Segment | None, *, missing: bool, included: int | None = None
    ) -> Iterator[Event]:
        yield from self._cut_message(segment)
        if self.open_group is None:
            self.results = []
            self.message_controls = set()
            return
        if missing:
            place = f"before {segment.tag}" if segment else "before the end of the file"
            text = f"GE is missing {place}; GS06 is {self.open_group.control_number}"
            self._find(self.group_notes, Fault.GE_MISSING, text, segment, 0)
        received = len(self.results)
        yield GroupResult(
            group=self.open_group,
            messages=tuple(self.results),
            included=received if included is None else included,
            findings=self.group_notes.findings,
        )
        self.open_group = None
        self.group_notes = Notes()
        self.results = []
        self.message_controls = set()

    # Message

    def start_message(self, segment: Segment) -> None:
        """An ST: what follows belongs to this message."""
        self.open_message = True
        self.body = [segment]
        self.too_long = False
        self.forgiven_before = self.tokens.forgiven
        kind, control = segment.at(1), segment.at(2)
        if self.open_group is None:
            text = f"message {control} stands in no group: GS is missing"
            self._find(self.interchange_notes, Fault.GS_MISSING, text, segment, 0)
        elif (wanted := GROUP_KINDS.get(kind)) and wanted != self.open_group.kind:
            text = f"GS01 says {self.open_group.kind}, group of {kind} should be {wanted}"
            self._find(
                self.message_notes,
                Fault.GS_KIND,
                text,
                self.group_start,
                1,
                severity=Severity.WARNING,
            )
        if not kind:
            self._find(self.message_notes, Fault.ST_KIND, "ST01 is empty", segment, 1)
        if control in self.message_controls:
            text = f"ST02 {control} is used twice in the group"
            self._find(self.message_notes, Fault.ST_DUPLICATE, text, segment, 2)
        self.message_controls.add(control)

    def end_message(self, segment: Segment) -> Message:
        """The SE of the open message, which is complete then."""
        self.body.append(segment)
        forgiven = self.tokens.forgiven - self.forgiven_before
        claimed, counted = segment.at(1), len(self.body)
        if self.too_long:
            pass
        elif forgiven and _number(claimed) == counted:
            text = (
                f"SE01 says {claimed}, is {counted - forgiven}; it is {counted} with the "
                f"{forgiven} segments that lack their terminator"
            )
            self._find(
                self.message_notes, Fault.SE_COUNT, text, segment, 1, severity=Severity.WARNING
            )
        elif _number(claimed) != counted - forgiven:
            text = f"SE01 says {claimed}, is {counted - forgiven}"
            self._find(self.message_notes, Fault.SE_COUNT, text, segment, 1)
        control = segment.at(2)
        if control != self.body[0].at(2):
            text = f"SE02 says {control}, ST02 is {self.body[0].at(2)}"
            self._find(self.message_notes, Fault.SE_CONTROL, text, segment, 2)
        return self._close_message()

    def _cut_message(self, segment: Segment | None) -> Iterator[Message]:
        """End a message whose SE did not come."""
        if self.open_message:
            start = self.body[0]
            place = f"before {segment.tag}" if segment else "before the end of the file"
            text = f"SE is missing {place}; ST02 is {start.at(2)}"
            self._find(self.message_notes, Fault.SE_MISSING, text, segment or start, 0)
            yield self._close_message()

    def _close_message(self) -> Message:
        start = self.body[0]
        kind, control = start.at(1), start.at(2)
        for fault, text, at, element in check_totals(kind, self.body):
            self._find(self.message_notes, fault, text, at, element, severity=Severity.WARNING)
        if self.tokens.has_nul:
            self._find_nul_bytes()
        findings = self.message_notes.findings
        implementation = start.at(3) or None
        self.results.append(
            MessageResult(
                kind=kind,
                control_number=control,
                implementation=implementation,
                findings=findings,
            )
        )
        interchange = self.open_interchange
        message = Message(
            kind=kind,
            control_number=control,
            implementation=implementation,
            group=self.open_group,
            interchange=interchange or NOBODY,
            segments=tuple(self.body),
            findings=findings,
        )
        self.open_message = False
        self.body = []
        if findings:
            self.message_notes = Notes()
        return message

    def _find_nul_bytes(self) -> None:
        """Report each segment of the open message in which a NUL byte came."""
        for segment in self.body:
            at = next((n for n, text in enumerate(segment.elements) if SUBSTITUTE in text), None)
            if at is not None:
                place = f"{segment.elements[0].replace(SUBSTITUTE, '')}{at:02}"
                text = f"{place} holds a NUL byte"
                self._find(self.message_notes, Fault.CHARACTER, text, segment, at)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None  # noqa: PLR2004


def _interchange_answer(segment: Segment) -> InterchangeAnswer:
    return InterchangeAnswer(
        control_number=segment.at(1),
        date=segment.at(2),
        time=segment.at(3),
        code=segment.at(4),
        note=segment.at(5),
    )
