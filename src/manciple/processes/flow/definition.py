"""A flow's definition: what starts it, what decides, who agrees, whom it tells, and by when.

An owner, a purpose, a metric target, a RACI, a graph of steps and five mandatory parts: triggers,
decision rules, approval, integration points, service levels. Fields are empty until stated, so
that a flow read by half can still be checked.
"""

from datetime import datetime, timedelta
from enum import StrEnum, auto

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


class StepKind(StrEnum):
    """What happens at a step."""

    ACT = auto()
    """A person or a program states something."""
    DECISION = auto()
    """A decision table speaks."""
    APPROVAL = auto()
    """People agree or refuse."""
    SEND = auto()
    """Another system is told."""
    WAIT = auto()
    """Somebody outside must answer."""
    CASE = auto()
    """Something went wrong and has an owner."""
    END = auto()
    """Nothing follows."""


class Direction(StrEnum):
    """Who speaks at an integration point."""

    OUT = auto()
    IN = auto()


class ClockKind(StrEnum):
    """Which hours a service level counts."""

    BUSINESS = auto()
    ELAPSED = auto()


class Whose(StrEnum):
    """Whose calendar a service level in business hours goes by."""

    SITE = auto()
    SUPPLIER = auto()
    COMPANY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTarget:
    """The figure that the owner answers for."""

    metric: str = ""
    target: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raci:
    """Who is accountable, responsible, consulted and informed, by role."""

    accountable: str = ""
    responsible: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An act that starts the flow, and the step at which it starts."""

    act: str = ""
    starts: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """A decision table that speaks at a step."""

    step: str = ""
    table: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPart:
    """Who must agree: the step, the table with its document type, and the service level."""

    step: str = ""
    table: str = ""
    document_type: str = ""
    service_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPoint:
    """A word to another system, or from one.

    Attributes:
        verb: what is asked, ``erp.create_order``; of an incoming point, the act that it brings.
        when: in a sentence, for people.
    """

    step: str = ""
    endpoint: str = ""
    verb: str = ""
    direction: Direction = Direction.OUT
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """How long a step may take, by whose clock, and what follows when it takes longer.

    Attributes:
        calendar: whose business calendar; None only when elapsed hours count.
        reminders: percent of the time after which the owner is reminded.
        escalate_to: the role that hears of it at 100 %.
    """

    name: str = ""
    step: str = ""
    hours: int = 0
    clock: ClockKind = ClockKind.BUSINESS
    calendar: Whose | None = None
    reminders: tuple[int, ...] = ()
    escalate_to: str = ""

    @property
    def duration(self) -> timedelta:
        """Give the time allowed, in hours of the level's clock."""
        return timedelta(hours=self.hours)

    def due(self, start: datetime, calendar: BusinessCalendar) -> datetime:
        """Give the instant by which the step is due; ``calendar`` counts for business hours."""
        if self.clock is ClockKind.ELAPSED:
            return start + self.duration
        return calendar.due(start, self.duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A node of the flow: who owns it and what may follow."""

    id: str = ""
    title: str = ""
    kind: StepKind = StepKind.ACT
    owner: str = ""
    next: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow in one version, whole."""

    id: str = ""
    title: str = ""
    version: str = ""
    owner: str = ""
    purpose: str = ""
    metric_target: MetricTarget = MetricTarget()
    raci: Raci = Raci()
    triggers: tuple[Trigger, ...] = ()
    decision_rules: tuple[DecisionRule, ...] = ()
    approval: ApprovalPart = ApprovalPart()
    integration_points: tuple[IntegrationPoint, ...] = ()
    service_levels: tuple[ServiceLevel, ...] = ()
    steps: tuple[Step, ...] = ()

    def service_level(self, name: str) -> ServiceLevel:
        """Give a service level by its name.

        Raises:
            FlowError: the flow has none of this name.
        """
        for level in self.service_levels:
            if level.name == name:
                return level
        known = ", ".join(level.name for level in self.service_levels)
        fix = f"one of {known}"
        raise FlowError(
            (Defect(path=f"service_levels.{name}", rule="unknown-service-level", fix=fix),)
        )

    def step(self, id_: str) -> Step | None:
        """Give a step by its id; None when there is none."""
        return next((step for step in self.steps if step.id == id_), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing wrong with a flow: where, which rule, and what would mend it."""

    path: str
    rule: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.fix}"


class FlowError(MancipleError):
    """A flow that can't be used; carries every defect."""

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        """Keep all defects."""
        super().__init__("\n".join(map(str, defects)))
        self.defects = defects


_OPTIONAL = {
    ("Raci", "consulted"), ("Raci", "informed"), ("ServiceLevel", "calendar"),
    ("ServiceLevel", "reminders"), ("Step", "next"), ("Trigger", "description"),
}  # fmt: skip
"""What a flow may leave out; ``check`` asks for everything else."""


def is_required(record: str, field: str) -> bool:
    """Say whether a flow must state this."""
    return (record, field) not in _OPTIONAL
