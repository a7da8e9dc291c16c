"""How long people take: a table of its own, one row a role, read from ``reactions.toml``.

something comes on a list -> (reaction, open time) -> the person sits down and works the list
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.world.chance import Chance

ROLES = ("approver", "planner", "buyer", "warehouse_lead", "ap_clerk", "integration")
"""The six roles that people are simulated in; others in the office react like integration."""
_OPEN = (time(8), time(17))


class ReactionsError(MancipleError):
    """The table of reaction times can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How a role works: minutes of open time, and of a hundred tasks those put off.

    Attributes:
        median, p90: from being told to sitting down.
        work: for one task.
        sitting: how long one sitting lasts.
        later: of a hundred tasks, how many wait for the next sitting.
        source: where the figures come from.
    """

    median: int
    p90: int
    work: int
    sitting: int
    later: int
    source: str

    @property
    def tasks(self) -> int:
        """How many tasks one sitting holds, at least one."""
        return max(1, self.sitting // self.work)

    def sits_down(self, told: datetime, hours: BusinessCalendar, chance: Chance) -> datetime:
        """Give the instant at which somebody told at ``told`` sits down to the list."""
        span = chance.span(timedelta(minutes=self.median), timedelta(minutes=self.p90))
        return hours.due(told, span)


def reactions(file: Path | None = None) -> Mapping[str, Reaction]:
    """Read the table, the one that is shipped unless another file is named.

    Raises:
        ReactionsError: a role or a figure is missing, not known, or can't be.
    """
    text = file.read_text("utf-8") if file else _shipped()
    told = tomllib.loads(text)
    if sorted(told) != sorted(ROLES):
        raise ReactionsError(f"the table wants a row for each of {', '.join(ROLES)} and no other")
    return {role: _row(role, told[role]) for role in ROLES}


def _shipped() -> str:
    return files("manciple.world").joinpath("reactions.toml").read_text("utf-8")


def _row(role: str, told: Mapping[str, object]) -> Reaction:
    wanted = {each.name: each.type for each in fields(Reaction)}
    if sorted(told) != sorted(wanted):
        raise ReactionsError(f"[{role}] wants {', '.join(wanted)} and nothing else")
    for name, kind in wanted.items():
        if not isinstance(told[name], str if kind is str else int):
            raise ReactionsError(f"[{role}] {name} must be {kind}, not {told[name]!r}")
    row = Reaction(**told)  # type: ignore[arg-type]  # the loop above has looked
    if not 0 < row.median < row.p90 or row.work < 1 or not 0 <= row.later < 100:  # noqa: PLR2004
        raise ReactionsError(f"[{role}] wants 0 < median < p90, work >= 1 and 0 <= later < 100")
    return row


def hours_of(zone: str) -> BusinessCalendar:
    """Give the hours that people work at a place: Monday to Friday, 8 to 17."""
    return BusinessCalendar(zone=zone, hours=(*((_OPEN,) * 5), None, None))
