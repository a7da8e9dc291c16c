"""Timers: acts that this program applies by itself when their instant has come.

They are rows, written and cancelled in the transaction of the state change, and fired in the
order (due_at, key) through the Clock port: a simulated ninety days need not wait ninety days.
"""

from datetime import datetime

from manciple.kernel.messages import SYSTEM, Command
from manciple.kernel.records import dataclass
from manciple.runtime.bus import Registry
from manciple.runtime.codec import decode
from manciple.runtime.documents import Ref
from manciple.runtime.rows import TimerRow, micros, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer as its row shows it to people.

    Attributes:
        key: the document's text, a colon and the timer's name.
        version: how many events the document had when the timer was set.
    """

    key: str
    due_at: datetime
    act: object
    document: Ref
    version: int
    correlation: str


def timer_of(row: TimerRow, registry: Registry) -> Timer:
    """Read a timer's row."""
    return Timer(
        key=row.key,
        due_at=moment(row.due_at),
        act=decode(row.body, registry.act_named(row.act)),
        document=Ref.parse(row.document),
        version=row.version,
        correlation=row.correlation,
    )


def fire_command(timer: Timer, now: datetime) -> Command:
    """Give the command that a due timer stands for; its key is the timer's own, once."""
    return Command(
        key=f"timer:{timer.key}@{micros(timer.due_at)}",
        act=timer.act,
        actor=SYSTEM,
        at=max(now, timer.due_at),
        correlation=timer.correlation,
        door="timer",
    )
