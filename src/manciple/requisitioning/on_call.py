"""Who is on call at a site after hours, turn by turn.

    ATL   anna   Monday 18:00 -> Tuesday 08:00        alec   Tuesday 18:00 -> Wednesday 08:00

Source: domain rule A-17, "on-call roster".
"""

from datetime import datetime
from itertools import pairwise
from typing import ClassVar

from manciple.approvals.directory import Directory
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One person's time on call; ``start`` is inside, ``end`` is not."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """The roster of a site, whose number it bears; turns in order, none over another."""

    KIND: ClassVar[str] = "on-call"

    id: str
    turns: tuple[Turn, ...] = ()

    @property
    def site(self) -> str:
        """Give the site whose roster it is."""
        return self.id

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "active"

    def at(self, at: datetime) -> str | None:
        """Give who is on call at an instant, or None."""
        return next((turn.person for turn in self.turns if turn.start <= at < turn.end), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOnCall:
    """Say who is on call at a site; replaces what was said before."""

    on_call: OnCall


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallRegistered:
    """The roster of a site is known, or it changed."""

    site: str
    people: tuple[str, ...]


def check(roster: OnCall, directory: Directory) -> None:
    """Accept a roster, or refuse it with every fault at once.

    Raises:
        Refused: a turn of no length or out of order, or of somebody who is no approver there.
    """
    faults = []
    for place, turn in enumerate(roster.turns):
        where = f"on_call.turns.{place}"
        person = directory.approver(turn.person, site=roster.id)
        if person is None or Role.APPROVER not in person.roles:
            message = f"{turn.person} is no active approver at {roster.id}"
            faults.append(_fault(message, f"{where}.person", "name an approver of the site"))
        if turn.start >= turn.end:
            message = f"the turn ends at {turn.end}, not after its start"
            faults.append(_fault(message, f"{where}.end", "let it end later than it starts"))
    for place, (one, other) in enumerate(pairwise(roster.turns), start=1):
        if other.start < one.end:
            message = f"the turn starts at {other.start}, before the one before it ends"
            where = f"on_call.turns.{place}.start"
            faults.append(_fault(message, where, "put turns in order, none over another"))
    if faults:
        raise Refused(*faults)


def _fault(message: str, field: str, fix: str) -> Reason:
    return Reason(code="BAD_ON_CALL", message=message, field=field, rule="A-17", fix=fix)
