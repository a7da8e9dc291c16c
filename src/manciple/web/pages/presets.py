"""The views that a list offers to a role before anybody has saved one.

    an approver's inbox     Overdue 3    Due within a day 12    Low risk 40+

The line board's own tabs are the buyer's: to release, unacknowledged, changed, coming due, late.
A view that the reader saved under the same name stands in a preset's place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from manciple.governance.saved_view import SavedView, plain_query
from manciple.kernel.messages import Actor, Role
from manciple.web.language import gettext, said

_MOST_SITES: Final = 4
"""Sites that get a tab of their own; with more, the list's filter is quicker than its tabs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A view that holders of a role find on a list."""

    list: str
    name: str
    query: str
    roles: frozenset[Role]


_APPROVERS: Final = frozenset({Role.APPROVER})
_PLANNERS: Final = frozenset({Role.PLANNER, Role.BUYER})
_PAYERS: Final = frozenset({Role.AP_CLERK, Role.AP_LEAD})
PRESETS: Final = (
    Preset(list="approvals", name=said("Overdue"), query="due=late", roles=_APPROVERS),
    Preset(list="approvals", name=said("Due within a day"), query="due=soon", roles=_APPROVERS),
    Preset(list="approvals", name=said("Low risk"), query="risk=low", roles=_APPROVERS),
    Preset(list="exceptions", name=said("Overdue"), query="due=late", roles=_PLANNERS),
    Preset(list="invoices", name=said("Discount at risk"), query="discount=risk", roles=_PAYERS),
    Preset(list="invoices", name=said("My holds"), query="whose=mine&by=oldest", roles=_PAYERS),
)
"""In the order of their tabs."""


def presets_for(name: str, actor: Actor) -> Iterator[SavedView]:
    """Give what a list offers to somebody."""
    for each in PRESETS:
        if each.list == name and actor.has(*each.roles):
            yield SavedView(list=name, name=gettext(each.name), query=plain_query(each.query))
    if name == "exceptions" and actor.has(*_PLANNERS) and 1 < len(actor.sites) <= _MOST_SITES:
        for site in sorted(actor.sites):
            query = plain_query(f"whose=all&site={site}")
            yield SavedView(list=name, name=site, query=query)
