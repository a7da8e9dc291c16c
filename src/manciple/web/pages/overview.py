"""A trace in figures: which stages its lines have reached, where it waited, what is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from typing import Final, Self
from urllib.parse import quote

from manciple.intelligence.tracing import Health, Trace, TraceCase, TraceStep, lags
from manciple.web.language import gettext, ngettext
from manciple.web.pages.flow import bars, wanted

_PAGES: Final = {
    "requisition": "/requests/",
    "approval": "/approvals/",
    "purchase-order": "/orders/",
    "invoice": "/invoices/",
}
"""Where a document has a page of its own."""


def page_of(ref: str) -> str:
    """Give the address of a document's own page; empty where it has none."""
    kind, _, number = ref.partition("/")
    return _PAGES[kind] + quote(number) if kind in _PAGES else ""


class Reach(StrEnum):
    """How far a stage has come over all lines."""

    DONE = auto()
    MOVING = auto()
    WAITING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """One stage of the order's way, over all its lines."""

    name: str
    reach: Reach
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One stretch of time that passed before a step."""

    step: TraceStep
    span: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures at the head of a trace.

    Attributes:
        elapsed: from the first step to the last; None without a step.
        open_cases: what someone still has to act on, first due first.
        open_lines: how many lines still expect goods.
    """

    stages: tuple[StageReached, ...]
    elapsed: timedelta | None
    longest: Wait | None
    open_cases: tuple[TraceCase, ...]
    open_lines: int
    deliveries: str

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Count and compare what the trace tells."""
        return cls(
            stages=stages(trace),
            elapsed=elapsed(trace),
            longest=longest_wait(trace),
            open_cases=open_cases(trace),
            open_lines=sum(line.open > Decimal(0) for line in trace.lines),
            deliveries=deliveries(trace),
        )


def stages(trace: Trace) -> tuple[StageReached, ...]:
    """Say for each stage how many lines have reached what is still wanted of them."""
    columns = tuple(zip(*(bars(line) for line in trace.lines), strict=True))
    goals = [wanted(line) for line in trace.lines]
    reached = []
    for column in columns:
        full = sum(
            bar.quantity is not None and bar.quantity >= goal
            for bar, goal in zip(column, goals, strict=True)
        )
        some = any(bar.quantity for bar in column)
        reach = Reach.DONE if full == len(column) else Reach.MOVING if some else Reach.WAITING
        lines = ngettext("%(n)s line", "%(n)s lines", len(column)) % {"n": f"{len(column):,}"}
        some_of = gettext("%(full)s of %(lines)s") % {"full": full, "lines": lines}
        note = some_of if some else gettext("not stated yet")
        if column[0].stage == "Ordered":
            note = lines
        reached.append(StageReached(name=gettext(column[0].stage), reach=reach, note=note))
    return tuple(reached)


def longest_wait(trace: Trace) -> Wait | None:
    """Find the longest time that passed between two steps; None if no time passed."""
    waits = [
        Wait(step=step, span=lag)
        for step, lag in zip(trace.steps, lags(trace.steps), strict=True)
        if lag
    ]
    return max(waits, key=lambda wait: wait.span) if waits else None


def elapsed(trace: Trace) -> timedelta | None:
    """Say how long lies between the first step and the last; None if there is no step."""
    return trace.steps[-1].at - trace.steps[0].at if trace.steps else None


def open_cases(trace: Trace) -> tuple[TraceCase, ...]:
    """List the exceptions that someone still has to act on, first due first."""
    return tuple(sorted((case for case in trace.cases if case.is_open), key=_due))


def _due(case: TraceCase) -> tuple[bool, datetime]:
    return (case.due_at is None, case.due_at or case.opened_at)


def is_late(case: TraceCase, now: datetime) -> bool:
    """Say whether an open exception is past its deadline; at the deadline it is not."""
    return case.is_open and case.due_at is not None and now > case.due_at


def deliveries(trace: Trace) -> str:
    """Count what other systems were asked to do: done, under way, in trouble."""
    done = sum(effect.health is Health.DONE for effect in trace.effects)
    failed = sum(effect.health is Health.TROUBLE for effect in trace.effects)
    waiting = len(trace.effects) - done - failed
    parts = [gettext("%(n)s under way") % {"n": waiting}] * bool(waiting)
    parts += [gettext("%(n)s in trouble") % {"n": failed}] * bool(failed)
    return ", ".join(parts) or gettext("none waiting")
