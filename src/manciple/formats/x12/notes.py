"""Notes: the findings of one open envelope, each with its place, and never too many."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from manciple.formats.x12.findings import Fault, Finding, Severity, Where
from manciple.formats.x12.tokens import Segment

MAX_FINDINGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which interchange, group and message are open when something is found."""

    interchange: str | None = None
    group: str | None = None
    start: Segment | None = None

    def of(self, where: Where) -> Where:
        """The finding's own place with the envelopes around it."""
        return replace(
            where,
            interchange=self.interchange,
            group=self.group,
            message=self.start.at(2) if self.start else None,
            position=self._position(where.index),
        )

    def _position(self, number: int | None) -> int | None:
        """The place in the open message as a 997 counts it: its ST is 1."""
        if self.start is None or number is None:
            return None
        place = number - self.start.number + 1
        return place if place > 0 else None


@dataclass(slots=True)
class Notes:
    """The findings of one message, group or interchange while it is open."""

    _findings: list[Finding] = field(default_factory=list)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order."""
        return tuple(self._findings)

    def add(
        self,
        code: Fault,
        text: str,
        segment: Segment | None,
        element: int,
        *,
        place: Place,
        severity: Severity,
    ) -> None:
        """Note a fault at a segment and, unless it is 0, at an element of it."""
        where = Where(
            segment=_tag(segment),
            index=segment.number if segment else None,
            element=element or None,
            offset=segment.offset if segment else None,
        )
        value = segment.at(element) if segment and element else None
        self._keep(
            Finding(
                severity=severity, code=code, where=place.of(where), text=text, bad_value=value
            )
        )

    def take(self, findings: Iterable[Finding], place: Place) -> None:
        """Take over findings that do not know yet in which envelope they stand."""
        for finding in findings:
            self._keep(replace(finding, where=place.of(finding.where)))

    def belong_to(self, interchange: str) -> None:
        """Name the interchange for what was found before its ISA was read."""
        self._findings = [
            replace(finding, where=replace(finding.where, interchange=interchange))
            for finding in self._findings
        ]

    def _keep(self, finding: Finding) -> None:
        """Noise must not fill the memory: past the limit one error stands for all."""
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(finding)
        elif len(self._findings) == MAX_FINDINGS:
            text = f"more than {MAX_FINDINGS} findings; the rest was left out"
            self._findings.append(
                replace(finding, severity=Severity.ERROR, code=Fault.TOO_MANY, text=text)
            )


def _tag(segment: Segment | None) -> str | None:
    """The tag if it can be one; noise has none."""
    tag = segment.tag if segment else ""
    return tag if 2 <= len(tag) <= 3 and tag.isascii() and tag.isalnum() else None  # noqa: PLR2004
