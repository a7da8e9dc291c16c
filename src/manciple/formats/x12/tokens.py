"""Tokens: the bytes of an X12 file, cut into segments as leniently as they were written.

    b"ISA*00*...~GS*PO*...~"  ->  Segment(0, 0, "ISA", ("ISA", "00", ...))
                                  Segment(1, 106, "GS", ("GS", "PO", ...))

Byte order marks, blank lines, indentation, several interchanges, noise between them, a missing
terminator before a line break: all are read over and reported. Nothing here raises.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate, count, repeat
from operator import itemgetter, methodcaller
from typing import BinaryIO, NamedTuple

from manciple.formats.x12.findings import Fault, Finding, Severity, Where
from manciple.formats.x12.separators import (
    BLANK,
    LOOKAHEAD,
    Header,
    Separators,
    decoded,
    find_header,
)

CHUNK = 1 << 17
MAX_SEGMENT = 1 << 20
MAX_UNREADABLE = 100
_ISA = re.compile(r"ISA[^0-9A-Za-z \t\r\n]")
_NUL, SUBSTITUTE = b"\0", "\x1a"
"""What stands for a NUL byte, which no text of a database can hold. Source: ASCII, SUB."""
_BYTE_ORDER_MARK = "\xef\xbb\xbf"


class Segment(NamedTuple):
    """One line of a partner's file, for example a PO1.

    Attributes:
        number: its place in the file; the first ISA is 0.
        offset: its first byte in the file.
        elements: the tag first, so that ``elements[3]`` is PO103.
    """

    number: int
    offset: int
    tag: str
    elements: tuple[str, ...]

    def at(self, element: int) -> str:
        """The element's text without outer blanks; empty if the sender left it out."""
        return self.elements[element].strip() if element < len(self.elements) else ""


_segment = tuple.__new__  # what Segment(...) does, without its call


class Tokens:
    """Iterate the segments of a file, from bytes or from an open binary file, in bounded memory.

    Attributes:
        separators: those of the interchange that was last begun.
        pending: findings since the caller last emptied the list.
        forgiven: how many segments were parted at a line break for want of a terminator.
        has_nul: whether NUL bytes came; each is read as SUBSTITUTE.
    """

    def __init__(self, source: bytes | BinaryIO, *, chunk: int = CHUNK) -> None:
        self._source: BinaryIO = BytesIO(source) if isinstance(source, bytes) else source
        self._chunk = chunk
        self._text = ""
        self._base = 0
        self._eof = False
        self._index = 0
        self._seen = False
        self._unreadable = 0
        self._noise_at: int | None = None
        self._noise = 0
        self._first_noise = ""
        self.separators = Separators()
        self.pending: list[Finding] = []
        self.forgiven = 0
        self.has_nul = False

    def __iter__(self) -> Iterator[Segment]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[Segment]]:
        """The segments in lists; findings in ``pending`` belong before the list's first one."""
        while (header := self._next_header()) is not None:
            yield [header]
            yield from self._body()
        if self.pending:
            yield []

    def _more(self) -> bool:
        """Append the next chunk to the text; False at the end of the file."""
        if not self._eof:
            data = self._source.read(self._chunk)
            self._eof = not data
            if _NUL in data:
                self.has_nul = True
                data = data.replace(_NUL, SUBSTITUTE.encode())
            self._text += data.decode("latin-1")
        return not self._eof

    def _drop(self, count: int) -> None:
        self._text = self._text[count:]
        self._base += count

    def _report(
        self, code: Fault, text: str, *, severity: Severity, offset: int, tag: str | None = None
    ) -> None:
        where = Where(segment=tag, index=self._index, offset=offset)
        self.pending.append(Finding(severity=severity, code=code, where=where, text=text))

    # Between interchanges

    def _next_header(self) -> Segment | None:
        while self._unreadable < MAX_UNREADABLE:
            at = self._find_isa()
            if at is None:
                self._end_of_noise(None)
                return None
            self._skip(at)
            header = find_header(self._text, 0)
            if header is not None:
                return self._open(header)
            self._unreadable += 1
            self._report(
                Fault.ISA_UNREADABLE,
                f"the ISA at byte {self._base} names no separators: {self._text[:40]!r}",
                severity=Severity.ERROR,
                offset=self._base,
                tag="ISA",
            )
            self._skip(4)
        self._report(
            Fault.NOT_X12,
            f"reading stopped at byte {self._base}: {MAX_UNREADABLE} unreadable ISA segments",
            severity=Severity.ERROR,
            offset=self._base,
        )
        return None

    def _find_isa(self) -> int | None:
        """Where the next ISA begins in the text, with enough text after it to read it."""
        while True:
            found = _ISA.search(self._text)
            if found and (len(self._text) - found.start() >= LOOKAHEAD or self._eof):
                return found.start()
            if found is None and self._eof:
                self._skip(len(self._text))
                return None
            if found is None:
                self._skip(max(0, len(self._text) - 3))
            self._more()

    def _skip(self, count: int) -> None:
        """Leave out bytes that belong to no interchange; blanks and a BOM are no noise."""
        skipped = self._text[:count]
        if self._base == 0:
            skipped = skipped.removeprefix(_BYTE_ORDER_MARK)
        bare = skipped.strip(BLANK + SUBSTITUTE if self._seen else BLANK)
        if bare:
            if self._noise_at is None:
                self._noise_at = self._base + self._text[:count].index(bare[0])
                self._first_noise = bare[:40]
            self._noise += len(bare)
        self._drop(count)

    def _end_of_noise(self, header: Header | None) -> None:
        if self._noise_at is not None or (header is None and not self._seen):
            nothing = header is None and not self._seen
            at = self._noise_at or 0
            text = (
                f"no readable interchange in this file; it begins {self._first_noise!r}"
                if nothing
                else f"{self._noise} bytes outside any interchange: {self._first_noise!r}"
            )
            self._report(
                Fault.NOT_X12 if nothing else Fault.GARBAGE,
                text,
                severity=Severity.ERROR if nothing else Severity.WARNING,
                offset=at,
            )
        self._noise_at, self._noise, self._first_noise = None, 0, ""

    def _open(self, header: Header) -> Segment:
        self._end_of_noise(header)
        self._seen = True
        self.separators = header.separators
        for code, text in header.faults:
            severity = Severity.WARNING
            self._report(code, text, severity=severity, offset=self._base, tag="ISA")
        segment = Segment(self._index, self._base, "ISA", header.elements)
        self._index += 1
        self._drop(header.end)
        return segment

    # Inside an interchange

    def _body(self) -> Iterator[list[Segment]]:
        terminator = self.separators.terminator
        while True:
            found = self._segment_start("ISA", len(self._text))
            if found is not None:
                stop = found
            elif self._eof:
                stop = len(self._text)
            else:
                at = self._text.rfind(terminator + self.separators.line_end)
                at = self._text.rfind(terminator) if at < 0 else at
                if at < 0:
                    self._grow()
                    continue
                stop = self._past(at)
            last = self._segment_start("IEA", stop)
            if last is not None:
                after = self._text.find(terminator, last, stop)
                stop = stop if after < 0 else self._past(after)
            yield from self._region(self._text[:stop])
            self._drop(stop)
            if last is not None or found is not None or self._eof:
                return
            self._more()

    def _segment_start(self, tag: str, stop: int) -> int | None:
        """Where the first segment with this tag begins; ``ISA`` with any element separator."""
        text, at = self._text, self._text.find(tag, 0, stop)
        while at >= 0:
            before = text[max(0, at - 40) : at].rstrip(BLANK)
            starts = at == 0 or not before or before.endswith(self.separators.terminator)
            starts = starts or text[at - 1] == self.separators.terminator
            if starts and (_ISA.match(text, at) or tag != "ISA"):
                return at
            at = text.find(tag, at + 3, stop)
        return None

    def _past(self, at: int) -> int:
        """The place after the terminator at ``at`` and what follows it for the eye."""
        after = at + len(self.separators.terminator)
        line_end = self.separators.line_end
        return after + len(line_end) * self._text.startswith(line_end, after)

    def _grow(self) -> None:
        """Read on for a terminator, but never hold more than MAX_SEGMENT for it."""
        if len(self._text) > MAX_SEGMENT:
            self._report(
                Fault.SEGMENT_TOO_LONG,
                f"no terminator in {len(self._text)} bytes; they were left out",
                severity=Severity.ERROR,
                offset=self._base,
            )
            self._drop(len(self._text))
        self._more()

    def _region(self, region: str) -> Iterator[list[Segment]]:
        """The segments of a text that begins and ends between two segments."""
        full = self.separators.terminator + self.separators.line_end
        if self._is_plain(region, full):
            parts = region.removesuffix(full).split(full)
            yield self._plain(parts, len(full))
        else:
            yield from self._ragged(region)

    def _is_plain(self, region: str, full: str) -> bool:
        """Whether each segment ends alike and begins at once: then parting is one split."""
        terminator = self.separators.terminator
        return (
            region.isascii()
            and region.endswith(full)
            and region[0] not in BLANK
            and (ends := region.count(full)) == region.count(terminator)
            and region.count("\n") == ends * full.count("\n")
            and region.count("\r") == ends * full.count("\r")
            and full + terminator not in region
            and full + " " not in region
            and full + "\t" not in region
            and not (terminator in "\r\n" and " " + full in region)
        )

    def _plain(self, parts: list[str], width: int) -> list[Segment]:
        first = self._index
        self._index += len(parts)
        starts = accumulate([len(part) + width for part in parts], initial=self._base)
        split = list(map(tuple, map(methodcaller("split", self.separators.element), parts)))
        tags = map(itemgetter(0), split)
        return list(map(_segment, repeat(Segment), zip(count(first), starts, tags, split)))

    def _ragged(self, region: str) -> Iterator[list[Segment]]:
        terminator, element = self.separators.terminator, self.separators.element
        width, lines = len(terminator), terminator in "\r\n"
        offset = self._base
        parts = region.split(terminator)
        if not parts[-1].strip(BLANK):
            parts.pop()
        elif not lines:
            self._unterminated(parts[-1], offset + len(region) - len(parts[-1]))
        batch: list[Segment] = []
        for part in parts:
            bare = part.lstrip(BLANK)
            start = offset + len(part) - len(bare)
            offset += len(part) + width
            bare = bare.rstrip("\r\t ") if lines else bare
            if not bare:
                continue
            if not bare.isascii():
                bare = decoded(bare)
            if not lines and ("\n" in bare or "\r" in bare):
                yield batch
                batch = []
                for segment in self._parted(bare, start):
                    yield [segment]
                continue
            elements = tuple(bare.split(element))
            batch.append(Segment(self._index, start, elements[0], elements))
            self._index += 1
        yield batch

    def _unterminated(self, part: str, offset: int) -> None:
        tag = part.strip(BLANK).split(self.separators.element)[0][:3]
        self._report(
            Fault.TERMINATOR_MISSING,
            f"the file ends inside {tag}: no {self.separators.terminator!r} after it",
            severity=Severity.WARNING,
            offset=offset,
            tag=tag,
        )

    def _parted(self, part: str, start: int) -> Iterator[Segment]:
        """Part at line breaks where a new segment plainly begins, and say so."""
        element, terminator = self.separators.element, self.separators.terminator
        mark = re.escape(element)
        pieces = re.split(rf"[ \t]*[\r\n]+[ \t\r\n]*(?=[A-Z][A-Z0-9]{{1,2}}{mark})", part)
        offset = start
        for n, piece in enumerate(pieces):
            at = start + part.find(piece, offset - start)
            offset = at + len(piece)
            bare = piece.rstrip(BLANK)
            if n < len(pieces) - 1:
                other = bare[-1:] if bare[-1:] in "~!'" else ""
                bare = bare.removesuffix(other) if other else bare
                following = pieces[n + 1].split(element)[0]
                text = (
                    f"{bare[:30]} ends with {other} instead of {terminator}"
                    if other
                    else f"{bare[:30]} before {following} has no {terminator}"
                )
                tag = bare.split(element)[0]
                self._report(
                    Fault.TERMINATOR_MISSING,
                    text,
                    severity=Severity.WARNING,
                    offset=at,
                    tag=tag,
                )
            elements = tuple(bare.split(element))
            yield Segment(self._index, at, elements[0], elements)
            self._index += 1
            self.forgiven += n < len(pieces) - 1
