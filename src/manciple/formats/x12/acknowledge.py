"""Acknowledge: the technical answers to a file, 997 or 999 for a group and TA1, both ways.

A 999 says the same as a 997 in the words of version 005010: IK3, IK4 and IK5 for AK3, AK4 and AK5.

A 997 says that a message could be read, never that an order was accepted: that is the 855.

    findings of a group   ->  AK1, AK2, AK3, AK4, AK5, AK9
    a partner's 997       ->  FunctionalAcknowledgment: which of our messages it could read
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from manciple.formats.x12.findings import Finding, Severity
from manciple.formats.x12.messages import (
    Group,
    GroupResult,
    InterchangeResult,
    Message,
    MessageResult,
)
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    OutgoingMessage,
    Written,
    write_interchange,
)

_MAX_CODES = 5
_MAX_COPY = 35
_REPEATED = "025"
"""A control number that came before. Source: X12 004010, element I18."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNote:
    """An AK3 with one of its AK4: which segment and element the partner could not use."""

    segment: str
    position: int | None
    segment_code: str | None = None
    element: int | None = None
    element_code: str | None = None
    bad_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """What the partner says about one message of ours.

    Attributes:
        code: A accepted, E accepted with errors, R rejected; M, W and X reject for security.
    """

    kind: str
    control_number: str
    code: str
    codes: tuple[str, ...] = ()
    notes: tuple[SegmentNote, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the partner could read the message, be it with remarks."""
        return self.code in {"A", "E"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionalAcknowledgment:
    """What the partner says about one group of ours: AK1 names it, AK9 answers for it.

    Attributes:
        group_control_number: our GS06, as the partner repeats it.
        code: A accepted, E accepted with errors, P partly accepted, R rejected; "" if unsaid.
        messages: the messages that are named; with code A and none named all are accepted.
    """

    group_kind: str
    group_control_number: str
    code: str
    included: int | None = None
    received: int | None = None
    accepted: int | None = None
    codes: tuple[str, ...] = ()
    messages: tuple[MessageAnswer, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether every message of the group could be read."""
        return self.code in {"A", "E"}


def functional_acknowledgment(
    result: GroupResult, *, control_number: str, kind: str = "997"
) -> OutgoingMessage:
    """The 997 or 999 for one group: every message by name, with what was wrong in it.

    A message with an error is rejected (R), with warnings only it is accepted with errors (E).
    Source: X12 004010, set 997; X12 005010, set 999: AK103 and AK203 name version and guide.
    """
    group, modern = result.group, kind == "999"
    letter = "I" if modern else "A"
    opening = ("AK1", group.kind, group.control_number)
    rows: list[tuple[str, ...]] = [(*opening, group.version) if modern else opening]
    accepted = 0
    for message in result.messages:
        code = message_code(message)
        accepted += code != "R"
        named = ("AK2", message.kind, message.control_number)
        guide = message.implementation if modern else None
        rows.append((*named, guide) if guide else named)
        rows += ((f"{letter}{tag[1:]}", *values) for tag, *values in _notes(message.findings))
        codes = _codes(finding.answer.ak5 for finding in message.findings)
        rows.append((f"{letter}K5", code, *codes))
    rows.append(
        (
            "AK9",
            _group_code(result, accepted),
            str(result.included),
            str(len(result.messages)),
            str(accepted),
            *_codes(finding.answer.ak9 for finding in result.findings),
        )
    )
    return OutgoingMessage(kind=kind, control_number=control_number, segments=tuple(rows))


def message_code(message: MessageResult) -> str:
    """AK501: A accepted, E accepted with errors, R rejected."""
    told = [f.severity for f in message.findings if f.answer.ak5]
    if Severity.ERROR in told:
        return "R"
    return "E" if told else "A"


def _group_code(result: GroupResult, accepted: int) -> str:
    """AK901: R where nothing was taken, P where some of it was; who took all of it says E or A.

    A trailer that does not fit rejects no whole message: its sender must not send that again. One
    that counts more messages than came says P: it may be that one of them could not be found.
    """
    told = [f.severity for f in result.findings if f.answer.ak9]
    if not accepted and (result.messages or Severity.ERROR in told):
        return "R"
    if accepted < max(len(result.messages), result.included):
        return "P"
    noted = Severity.ERROR in told or any(message_code(m) == "E" for m in result.messages)
    return "E" if noted else "A"


def _codes(codes: Iterable[str | None]) -> tuple[str, ...]:
    """Each code once, in order, at most five: AK5 and AK9 have no room for more."""
    return tuple(dict.fromkeys(code for code in codes if code))[:_MAX_CODES]


def _notes(findings: tuple[Finding, ...]) -> Iterator[tuple[str, ...]]:
    noted: tuple[str | None, int | None] | None = None
    for finding in sorted(findings, key=lambda f: f.where.position or 0):
        where, answer = finding.where, finding.answer
        if not answer.ak3 or not where.segment or where.position is None:
            continue
        if noted != (where.segment, where.position):
            noted = (where.segment, where.position)
            yield ("AK3", where.segment, str(where.position), "", answer.ak3)
        if answer.ak4 and where.element:
            copy = "".join(c for c in finding.bad_value or "" if c.isalnum() or c in " .-")
            yield ("AK4", str(where.element), "", answer.ak4, copy[:_MAX_COPY])


def interchange_acknowledgment(
    result: InterchangeResult, groups: Sequence[GroupResult] = ()
) -> tuple[str, ...] | None:
    """The TA1 for one interchange, or None if it had no ISA to answer.

    With an error it is rejected (R), unless messages of its ``groups`` were taken: then it is
    accepted with errors (E), which tells its sender not to send it again. A control number that
    came before is always rejected. Source: X12 004010, element I17.
    """
    if result.interchange is None:
        return None
    isa = result.interchange
    told = [f for f in result.findings if f.answer.ta1]
    worst = next((f for f in told if f.severity is Severity.ERROR), told[0] if told else None)
    is_error = worst is not None and worst.severity is Severity.ERROR
    is_taken = any(message_code(each) != "R" for group in groups for each in group.messages)
    if is_error and is_taken and not any(f.answer.ta1 == _REPEATED for f in told):
        is_error = False
    code = "A" if worst is None else "R" if is_error else "E"
    note = (worst.answer.ta1 if worst else None) or "000"
    return ("TA1", isa.control_number, isa.date, isa.time, code, note)


def wants_interchange_acknowledgment(result: InterchangeResult) -> bool:
    """Whether a TA1 is due: the sender asks for one (ISA14), or the envelope is broken."""
    isa = result.interchange
    broken = any(f.answer.ta1 and f.severity is Severity.ERROR for f in result.findings)
    return isa is not None and (isa.acknowledgment_requested or broken)


def answer_interchange(
    result: InterchangeResult,
    groups: tuple[GroupResult, ...],
    *,
    control_number: int,
    group_control_number: int,
    at: datetime,
) -> Written | None:
    """The whole technical answer to one interchange, ready to send: 997 for each group, and TA1.

    Groups that are 997 themselves are never answered. None if nothing is to be said.

    Args:
        result: how the interchange ended.
        groups: its groups; findings of the mapping may have been added to their messages.
        control_number: ours, the next ISA13 to this partner.
        group_control_number: ours, the next GS06 to this partner.
        at: the time of writing, aware.
    """
    isa = result.interchange
    due = [g for g in groups if g.group.kind != "FA"]
    wants = wants_interchange_acknowledgment(result)
    ta1 = interchange_acknowledgment(result, groups) if wants else None
    if isa is None or not (due or ta1):
        return None
    answers = tuple(
        OutgoingGroup(
            sender=group.group.receiver,
            receiver=group.group.sender,
            control_number=group_control_number + n,
            version=_answering_version(group.group),
            messages=(functional_acknowledgment(group, control_number=f"{n + 1:04}"),),
        )
        for n, group in enumerate(due)
    )
    outgoing = OutgoingInterchange(
        sender=Address(qualifier=isa.receiver_qualifier, identifier=isa.receiver),
        receiver=Address(qualifier=isa.sender_qualifier, identifier=isa.sender),
        control_number=control_number,
        at=at,
        groups=answers,
        answers=(ta1,) if ta1 else (),
        version=isa.version if len(isa.version) == 5 else "00401",  # noqa: PLR2004
        usage=isa.usage if len(isa.usage) == 1 else "P",
        separators=isa.separators,
    )
    return write_interchange(outgoing)


def _answering_version(group: Group) -> str:
    """The version of the group that is answered, without the industry's suffix."""
    return group.version[:6] or "004010"


def read_functional_acknowledgment(message: Message) -> tuple[FunctionalAcknowledgment, ...]:
    """Read a partner's 997 (or 999): what it says about each group of ours.

    Unreadable counts are None, and a missing AK9 leaves the code empty: nothing is assumed.
    """
    answers: list[FunctionalAcknowledgment] = []
    current: list[tuple[str, ...]] = []
    for segment in message.segments:
        if segment.tag == "AK1" and current:
            answers.append(_answer(current))
            current = []
        if segment.tag == "AK1" or current:
            current.append(segment.elements)
    if current:
        answers.append(_answer(current))
    return tuple(answers)


def _answer(rows: list[tuple[str, ...]]) -> FunctionalAcknowledgment:
    closing = next((row for row in rows if row[0] == "AK9"), ("AK9",))
    return FunctionalAcknowledgment(
        group_kind=_at(rows[0], 1),
        group_control_number=_at(rows[0], 2),
        code=_at(closing, 1),
        included=_count(_at(closing, 2)),
        received=_count(_at(closing, 3)),
        accepted=_count(_at(closing, 4)),
        codes=tuple(filter(None, closing[5:])),
        messages=tuple(_message_answers(rows)),
    )


def _message_answers(rows: list[tuple[str, ...]]) -> Iterator[MessageAnswer]:
    start: tuple[str, ...] | None = None
    notes: list[SegmentNote] = []
    for row in rows:
        match row[0]:
            case "AK2":
                start, notes = row, []
            case "AK3" | "IK3":
                position = _count(_at(row, 2))
                notes.append(
                    SegmentNote(segment=_at(row, 1), position=position, segment_code=_at(row, 4))
                )
            case "AK4" | "IK4" if notes:
                notes.append(_element_note(notes[-1], row))
            case "AK5" | "IK5" if start is not None:
                yield MessageAnswer(
                    kind=_at(start, 1),
                    control_number=_at(start, 2),
                    code=_at(row, 1),
                    codes=tuple(filter(None, row[2:])),
                    notes=tuple(notes),
                )
                start = None
            case _:
                continue


def _element_note(note: SegmentNote, row: tuple[str, ...]) -> SegmentNote:
    return SegmentNote(
        segment=note.segment,
        position=note.position,
        segment_code=note.segment_code,
        element=_count(_first_part(_at(row, 1))),
        element_code=_at(row, 3),
        bad_value=_at(row, 4) or None,
    )


def _first_part(place: str) -> str:
    """Give the element's place of AK401 or IK401, without the place inside a composite.

    Source: X12 005010, composite C030, position in segment.
    """
    return "".join(takewhile(str.isdigit, place))


def _at(row: tuple[str, ...], element: int) -> str:
    return row[element].strip() if element < len(row) else ""


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
