"""A flow: its definition as data, read from YAML, and everything that can be wrong with one.

definition   Flow and its five mandatory parts; ``flow.service_level("acknowledgment")``
check        every defect at once, each with path, rule and mending
reading      ``load_flow``: YAML -> a flow with nothing wrong; the JSON Schema
"""

from manciple.processes.flow.check import check
from manciple.processes.flow.definition import (
    ApprovalPart,
    ClockKind,
    DecisionRule,
    Defect,
    Direction,
    Flow,
    FlowError,
    IntegrationPoint,
    MetricTarget,
    Raci,
    ServiceLevel,
    Step,
    StepKind,
    Trigger,
    Whose,
)
from manciple.processes.flow.describe import describe, diagram
from manciple.processes.flow.reading import load_flow, read_flow, schema

__all__ = [
    "ApprovalPart",
    "ClockKind",
    "DecisionRule",
    "Defect",
    "Direction",
    "Flow",
    "FlowError",
    "IntegrationPoint",
    "MetricTarget",
    "Raci",
    "ServiceLevel",
    "Step",
    "StepKind",
    "Trigger",
    "Whose",
    "check",
    "describe",
    "diagram",
    "load_flow",
    "read_flow",
    "schema",
]
