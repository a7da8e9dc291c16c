"""Many requisitions at once, as a spreadsheet brings them: all of them, or the good lines.

One act, one transaction: with ``ALL`` one bad line anywhere leaves nothing behind; with ``GOOD``
the bad lines are left out and told.
"""

from enum import StrEnum
from typing import ClassVar

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.records import dataclass, replace
from manciple.requisitioning.requisition import SubmitRequisition

MAX_REQUESTS = 100
"""More would make one transaction hold the books for too long."""


class Keep(StrEnum):
    """What becomes of a batch with bad lines."""

    ALL = "all"
    GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequisitions:
    """State several needs at once."""

    requests: tuple[SubmitRequisition, ...]
    keep: Keep = Keep.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Omitted:
    """A line, or with no line the whole request, that was left out, and why.

    Attributes:
        request, line: places from 0, as they were sent.
    """

    request: int
    line: int | None
    code: str
    field: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionBatch:
    """What became of several needs that came at once."""

    KIND: ClassVar[str] = "requisition-batch"

    id: str
    requisitions: tuple[str, ...]
    omitted: tuple[Omitted, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "partly taken" if self.omitted else "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionsSubmitted:
    """Several needs were stated at once."""

    batch: str
    requisitions: tuple[str, ...]
    omitted: int


def check(act: SubmitRequisitions) -> None:
    """Accept a batch's size.

    Raises:
        Refused: it is empty or larger than one transaction should carry.
    """
    if not act.requests:
        raise refuse("NO_REQUESTS", "nothing was asked for", field="requests", fix="add one")
    if len(act.requests) > MAX_REQUESTS:
        message = f"{len(act.requests)} requests are more than {MAX_REQUESTS}"
        raise refuse("TOO_MANY_REQUESTS", message, field="requests", fix="send them in parts")


def one_by_one() -> Reason:
    """Say that an emergency is no part of a batch."""
    return Reason(
        code="EMERGENCY_ALONE",
        message="an emergency is declared by itself, with its cause",
        field="flow",
        rule="A-17",
        fix="submit it by itself, with cause and asset or customer_order",
    )


def line_of(reason: Reason) -> int | None:
    """Give the line's place that a reason speaks of; None when it speaks of the head."""
    parts = reason.field.split(".")
    if len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit():
        return int(parts[1])
    return None


def without_faults(request: SubmitRequisition, faults: tuple[Reason, ...]) -> SubmitRequisition:
    """Leave the bad lines out of a request; with a bad head no line is left."""
    bad = {line_of(reason) for reason in faults}
    kept = [] if None in bad else [n for n in range(len(request.lines)) if n not in bad]
    return replace(request, lines=tuple(request.lines[n] for n in kept))


def omitted(place: int, faults: tuple[Reason, ...]) -> tuple[Omitted, ...]:
    """Write down what was left out of the request at a place."""
    return tuple(
        Omitted(
            request=place,
            line=line_of(reason),
            code=reason.code,
            field=reason.field,
            message=reason.message,
            fix=reason.fix,
        )
        for reason in faults
    )


def refusal(found: tuple[Omitted, ...]) -> Refused:
    """Refuse a whole batch with every reason; fields are ``requests.N.lines.M.item``."""
    return Refused(
        *(
            Reason(
                code=each.code,
                message=f"request {each.request + 1}: {each.message}",
                field=f"requests.{each.request}.{each.field}".rstrip("."),
                fix=each.fix,
            )
            for each in found
        )
    )
