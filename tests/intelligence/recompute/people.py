"""Whose hands: which sealed events a person caused, and which acts of theirs stand behind others.

What follows from an act carries its key and more: ``key>2:PlaceOrder``.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from tests.intelligence.recompute.sources import Event

_MACHINE_DOORS = {"process", "effect", "timer", "erp", "wms", "edi", "app", "install"}
_MACHINE_ROLES = {"integration", "warehouse_system", "supplier", "system"}
_WORK = {"requisition", "approval", "purchase-order", "case"}
_NO_TOUCH = {
    "RequisitionSubmitted", "StepAssigned", "ApprovalGranted", "ApprovalRequested",
}  # fmt: skip
_DECISIONS = {"StepApproved", "ApprovalRejected"}


@dataclass(slots=True)
class Hands:
    """The acts of people.

    Attributes:
        acts: on needs, approvals, orders and exceptions, stating a need apart.
        cases: keys of commands by which a person acted on an exception, with the sequence.
        asked: changes of orders that a person asked for.
    """

    acts: list[Event] = field(default_factory=list)
    cases: dict[str, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    by_thing: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def stands_behind(self, event: Event) -> bool:
        """Say whether a person stands behind a revision of an order."""
        is_asked = event.data.get("change") in self.asked
        return is_asked or event.door not in _MACHINE_DOORS or root(event) in self.cases


def root(event: Event) -> str:
    """Give the key of the command that it all came from."""
    return re.split(r">\d+:", event.key)[0]


def is_decision(event: Event) -> bool:
    """Say whether it is a decision on an approval."""
    return event.type in _DECISIONS


def hands(events: list[Event]) -> Hands:
    """Find the acts of people."""
    found = Hands()
    machines: dict[str, bool] = {}
    for event in events:
        if event.type == "PersonRegistered":
            roles = set(event.data["roles"])
            machines[event.data["person"]] = bool(roles) and roles <= _MACHINE_ROLES
        is_person = event.door not in _MACHINE_DOORS and not machines.get(event.actor, False)
        if event.type == "OrderChangeProposed" and (is_person or root(event) in found.cases):
            found.asked.add(event.data["change"])
        if not is_person or event.kind not in _WORK or event.type in _NO_TOUCH:
            continue
        found.acts.append(event)
        if event.kind == "case":
            found.cases.setdefault(event.key, event.sequence)
        for thing in _about(event):
            found.by_thing[thing].append(event)
    return found


def _about(event: Event) -> set[str]:
    """Give what an act is about: its stream, its subject, and the need that it all began with."""
    about = {event.stream}
    subject = event.data.get("subject")
    if isinstance(subject, dict):
        about.add(f"{subject['kind']}/{subject['id']}")
    if event.data.get("thread"):
        about.add(event.data["thread"])
    return about
