"""Separators: the characters that part an interchange, found in its ISA however it was written.

The ISA should be 106 characters wide, so that its separators stand at fixed places. Real senders
trim its blanks, break it over two lines or leave ISA16 out; then the start of the next segment
(GS, TA1, ST or IEA) tells where the ISA ended.

Text here is the file's bytes read as Latin-1: one character is one byte, so places are offsets.
"""

import re
from dataclasses import dataclass

from manciple.formats.x12.findings import Fault

BLANK = " \t\r\n"
# Source: X12.5, ISA01 to ISA16.
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_WIDTH = 106
ISA_ELEMENTS = 16
# An unpadded ISA is about 75 bytes, a padded one in UTF-8 a few more than 106; the rest is the GS.
LOOKAHEAD = 1024
_REPETITION_SINCE = "00402"


@dataclass(frozen=True, slots=True, kw_only=True)
class Separators:
    """The characters that part segments, elements, components and repetitions.

    Attributes:
        line_end: what follows each terminator for the eye, usually nothing or a line feed.
    """

    element: str = "*"
    component: str = ">"
    repetition: str | None = None
    terminator: str = "~"
    line_end: str = "\n"

    @property
    def all(self) -> str:
        """Every character that data must not hold."""
        marks = (self.element, self.component, self.repetition or "", self.terminator)
        return "".join(marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """An ISA as it was found.

    Attributes:
        elements: the tag and sixteen values, blanks kept; shorter if the sender left some out.
        end: where the next segment begins.
        faults: what was odd, each with a sentence.
    """

    separators: Separators
    elements: tuple[str, ...]
    end: int
    faults: tuple[tuple[Fault, str], ...]


def decoded(text: str) -> str:
    """Read the letters of a Latin-1 view as UTF-8 where they are UTF-8."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def find_header(text: str, start: int) -> Header | None:
    """Read the ISA at ``start`` and tell its separators, or None if nobody could.

    ``text`` should reach LOOKAHEAD characters past ``start`` unless the file ends before.
    """
    text = text[: start + LOOKAHEAD]
    element = text[start + 3]
    mark = re.escape(element)
    next_segment = re.compile(rf"(?<![0-9A-Za-z{mark}])(?:GS|TA1|IEA|ST){mark}")
    follower = next_segment.search(text, start + 4)
    marks = _marks(text, start, element, follower.start() if follower else len(text))
    if len(marks) < ISA_ELEMENTS:
        if follower is None:
            return None
        tail, tail_at = "", follower.start()
    else:
        tail_at = marks[-1] + 1
        tail = text[tail_at : follower.start() if follower else tail_at + 8]
    component, named = _from_tail(tail, element, text, follower)
    terminator = named
    plain = _from_group_header(text, element, follower)
    if named is None or (plain and named not in _ends_of(plain)):
        terminator = plain
    if terminator is None:
        return None
    end = follower.start() if follower else tail_at + len(component or "") + len(terminator)
    values = _values(text, start, marks, tail_at, element, component)
    repetition = _repetition(values)
    line_end = re.match(r"[\r\n]*", text[end - _blank_run(text, end) : end])
    separators = Separators(
        element=element,
        component=component or ":",
        repetition=repetition,
        terminator=terminator,
        line_end=line_end.group() if line_end and terminator not in "\r\n" else "",
    )
    faults = [*_widths(text[start:tail_at], values, terminator, element)]
    if not component and len(values) > ISA_ELEMENTS:
        ends = f"{element}{values[15]}{element}{decoded(terminator)}"
        faults.append((Fault.ISA_COMPONENT, f"ISA16 is empty or missing: the ISA ends {ends!r}"))
    if named not in {terminator, None}:
        text = f"the ISA ends with {named!r}, the segments with {terminator!r}"
        faults.append((Fault.ISA_TERMINATOR, text))
    return Header(separators=separators, elements=values, end=end, faults=tuple(faults))


def _marks(text: str, start: int, element: str, stop: int) -> list[int]:
    marks = [start + 3]
    while len(marks) < ISA_ELEMENTS:
        at = text.find(element, marks[-1] + 1, stop)
        if at < 0:
            break
        marks.append(at)
    return marks


def _blank_run(text: str, end: int) -> int:
    return len(text[:end]) - len(text[:end].rstrip(BLANK))


def _from_tail(
    tail: str, element: str, text: str, follower: re.Match[str] | None
) -> tuple[str | None, str | None]:
    """Component separator and terminator from what stands between ISA15 and the next segment."""
    core = [_as_bytes(c) for c in decoded(tail.rstrip(BLANK))]
    blank = tail[len(tail.rstrip(BLANK)) :]
    line_break = next((c for c in blank if c in "\r\n"), None)
    match core:
        case [component, terminator, *_] if _marks_well(terminator, element):
            return component, terminator
        case [only] if _ends_group_header(text, follower, only):
            return None, only  # ISA16 was left out; the terminator stands in its place
        case [component] if line_break:
            return component, line_break
        case [component, *_]:
            return component, None
        case _:
            return None, None


def _as_bytes(character: str) -> str:
    return character if character.isascii() else character.encode("utf-8").decode("latin-1")


def _marks_well(mark: str, element: str) -> bool:
    return mark != element and not mark.isalnum() and mark not in " \t"


def _ends_group_header(text: str, follower: re.Match[str] | None, mark: str) -> bool:
    """Whether the segment after the ISA ends with ``mark`` before its line ends."""
    if follower is None:
        return False
    line = re.split(r"[\r\n]", text[follower.start() :], maxsplit=1)[0]
    return line.rstrip(" \t").endswith(mark)


def _from_group_header(text: str, element: str, follower: re.Match[str] | None) -> str | None:
    """GS08 is letters and digits: what stands between it and the ST is the terminator."""
    if follower is None:
        return None
    mark = re.escape(element)
    found = re.compile(
        rf"GS(?:{mark}[^{mark}]*){{7}}{mark}[0-9A-Za-z]*([^0-9A-Za-z]{{1,6}}?)[ \t\r\n]*"
        rf"(?:ST|GE|GS){mark}"
    ).match(text, follower.start())
    if found is None or found.group(1).startswith((element, " ", "\t")):
        return None
    return found.group(1)


def _ends_of(plain: str) -> tuple[str, ...]:
    """The terminators that would part the group header just as well: CR, LF and CRLF are one."""
    return ("\r", "\n", "\r\n") if plain[0] in "\r\n" else (plain,)


def _values(
    text: str, start: int, marks: list[int], tail_at: int, element: str, component: str | None
) -> tuple[str, ...]:
    if len(marks) < ISA_ELEMENTS:
        isa = text[start:tail_at].rstrip(BLANK)
        values = re.sub(r"[\r\n]", "", decoded(isa)).split(element)
        values[-1] = values[-1].rstrip("~!'|")
        return tuple(values)
    isa = re.sub(r"[\r\n]", "", decoded(text[start : marks[-1]]))
    return (*isa.split(element), component or "")


def _repetition(values: tuple[str, ...]) -> str | None:
    """ISA11 parts repetitions from 00402 on, if it is no letter: many senders still say U."""
    if len(values) <= 12 or values[12] < _REPETITION_SINCE:  # noqa: PLR2004
        return None
    mark = values[11]
    return mark if len(mark) == 1 and not mark.isalnum() and mark != " " else None


def _widths(
    isa: str, values: tuple[str, ...], terminator: str, element: str
) -> tuple[tuple[Fault, str], ...]:
    faults: list[tuple[Fault, str]] = []
    if len(values) <= ISA_ELEMENTS:
        text = f"ISA has {len(values) - 1} elements, should have {ISA_ELEMENTS}"
        faults.append((Fault.ISA_WIDTH, text))
    wrong = [
        f"ISA{n:02} is {len(value)} characters, should be {width}"
        for n, (value, width) in enumerate(zip(values[1:16], ISA_WIDTHS[:15], strict=False), 1)
        if len(value) != width
    ]
    broken = [
        f"line feed inside ISA{n:02}"
        for n, value in enumerate(isa.split(element)[1:16], 1)
        if "\n" in value or "\r" in value
    ]
    if wrong or broken:
        width = len(element.join(values)) + len(decoded(terminator))
        parts = "; ".join(broken + wrong)
        text = f"ISA is {width} characters, fixed width is {ISA_WIDTH}: {parts}"
        faults.append((Fault.ISA_WIDTH, text))
    return tuple(faults)
