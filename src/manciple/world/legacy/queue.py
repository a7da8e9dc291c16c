"""A person's list in the model: told, sits down by the table of reactions, works so many tasks."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from manciple.kernel.calendar import BusinessCalendar
from manciple.world.chance import Chance
from manciple.world.reactions import Reaction

Schedule = Callable[[datetime, Callable[[datetime], None]], None]
Task = Callable[[datetime], None]


@dataclass(slots=True)
class Queue:
    """One person's tasks, oldest first; minutes are what each takes beyond the role's own."""

    name: str
    reaction: Reaction
    hours: BusinessCalendar
    seed: int
    schedule: Schedule
    _waiting: deque[tuple[int, Task]] = field(default_factory=deque)
    _sits: datetime | None = None

    def put(self, told: datetime, task: Task, *, minutes: int = 0) -> None:
        """Put a task on the list at the instant at which the person hears of it."""
        self.schedule(told, lambda at: self._told(at, minutes, task))

    def _told(self, at: datetime, minutes: int, task: Task) -> None:
        self._waiting.append((minutes or self.reaction.work, task))
        self._sit_down(at)

    def _sit_down(self, told: datetime) -> None:
        chance = Chance(self.seed, "reaction", self.name, told)
        sits = self.reaction.sits_down(told, self.hours, chance)
        if self._sits is None or sits < self._sits:
            self._sits = sits
            self.schedule(sits, self._sit)

    def _sit(self, at: datetime) -> None:
        if self._sits != at:
            return
        self._sits = None
        spent, kept = 0, []
        chance = Chance(self.seed, "later", self.name, at)
        while self._waiting and spent < self.reaction.sitting:
            minutes, task = self._waiting.popleft()
            if chance.happens(self.reaction.later):
                kept.append((minutes, task))
                continue
            spent += minutes
            task(at)
        self._waiting.extendleft(reversed(kept))
        if self._waiting:
            self._sit_down(at + timedelta(minutes=spent))
