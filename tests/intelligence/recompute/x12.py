"""A reader of X12 of its own, as small as the papers of these partners allow.

Source: X12.5 004010, ISA: byte 3 is the element separator, byte 105 the segment terminator.
"""

from collections.abc import Iterator

Segment = list[str]


def messages(content: bytes) -> Iterator[list[Segment]]:
    """Give each transaction set of an interchange, from ST to SE, as lists of elements."""
    text = content.decode("latin-1")
    separator, terminator = text[3], text[105]
    found: list[Segment] = []
    for raw in text.split(terminator):
        segment = raw.strip("\r\n").split(separator)
        if segment[0] == "ST":
            found = []
        found.append(segment)
        if segment[0] == "SE":
            yield found


def element(segment: Segment, place: int) -> str:
    """Give an element by its number, empty if the segment ends before it."""
    return segment[place] if place < len(segment) else ""


def loops(message: list[Segment], head: str) -> Iterator[tuple[Segment, list[Segment]]]:
    """Give each line: the segment that opens it, and those up to the next or to the summary."""
    opened: Segment | None = None
    inside: list[Segment] = []
    for segment in message:
        if segment[0] in {head, "CTT", "SE", "TDS"}:
            if opened is not None:
                yield opened, inside
            opened, inside = (segment if segment[0] == head else None), []
        elif opened is not None:
            inside.append(segment)


def first(message: list[Segment], tag: str) -> Segment:
    """Give the first segment of a tag; an empty one if there is none."""
    return next((segment for segment in message if segment[0] == tag), [tag])
