"""Firing timers: due acts are applied in the order (due_at, key), each once or not at all.

The deletion of the timer and its act are one transaction. A refused act ends its timer; one that
breaks is postponed and tried again, and keeps no other from being fired.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from manciple.kernel.records import dataclass
from manciple.runtime.bus import Reply
from manciple.runtime.delivery import Deliveries
from manciple.runtime.effects import Lane
from manciple.runtime.timers import Timer, fire_command
from manciple.runtime.work import LostRaceError, StoreError

POSTPONED = timedelta(minutes=5)
"""How long a timer whose act broke waits before it is tried again."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What became of the timers that were due."""

    replies: tuple[Reply, ...] = ()
    lanes: frozenset[tuple[str, Lane]] = frozenset()

    @property
    def defects(self) -> tuple[Exception, ...]:
        """Give what broke."""
        return tuple(each.defect for each in self.replies if each.defect is not None)


def fire(store: Deliveries, now: datetime, *, most: int = 100) -> Fired:
    """Apply the acts of up to ``most`` due timers; one that another worker took is no error."""
    due = store.due_timers(now, most)
    if not due:
        return Fired()
    try:
        return _fire(store, due, now)
    except StoreError:
        raise
    except Exception:  # noqa: BLE001  find the one: each on its own
        fired = [each for timer in due if (each := _alone(store, timer, now))]
    return Fired(
        replies=tuple(reply for each in fired for reply in each.replies),
        lanes=frozenset(lane for each in fired for lane in each.lanes),
    )


def _alone(store: Deliveries, timer: Timer, now: datetime) -> Fired | None:
    try:
        return _fire(store, [timer], now)
    except StoreError:
        raise
    except LostRaceError:
        return None
    except Exception as defect:  # noqa: BLE001  one timer must not stop the others
        _log.exception("timer %s broke and is postponed", timer.key)
        store.postpone(timer, now + POSTPONED)
        return Fired(replies=(Reply(key=fire_command(timer, now).key, defect=defect),))


def _fire(store: Deliveries, due: Sequence[Timer], now: datetime) -> Fired:
    by_key = {fire_command(timer, now).key: timer for timer in due}
    commands = [fire_command(timer, now) for timer in due]
    applied = store.attempt(commands, fired={key: timer.key for key, timer in by_key.items()})
    for reply in applied.replies:
        if reply.defect is not None:
            _log.error("timer %s broke and is postponed", reply.key, exc_info=reply.defect)
            store.postpone(by_key[reply.key], now + POSTPONED)
    return Fired(replies=applied.replies, lanes=applied.lanes)
