"""Lanes: how much of an endpoint's lane may be sent now, and how long to wait before trying again.

    breaker   closed -> (5 failures in a row, or half of the last 20) -> open for 5 s
                     -> half open: one probe -> closed, or open for 10 s, 20 s ... 5 min
    bucket    one token is earned every so often, up to a burst; one is spent per effect
    back-off  0.5 s, 1 s, 2 s ... 5 min, then the dead-letter list; but while the breaker says that
              nothing gets through, nothing is given up: the outage is told, and waited out

Pure: the store keeps a `LaneState` per endpoint and lane and writes back what comes out of here.
Times are microseconds since 1970, tokens millionths, so that every step is exact.
"""

from datetime import timedelta
from typing import Self

from manciple.kernel.records import dataclass, replace
from manciple.runtime.effects import Lane
from manciple.runtime.rows import SECOND

MOST = 50
"""Effects that one drain takes at a time."""
MOST_BLIND = 10
"""Effects recorded at a time for a partner who can't be asked what arrived: a death resends
at most so many."""
BACKLOG = 50
"""While a more critical lane of an endpoint has so many to send, the others send nothing."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How an endpoint may be treated.

    Attributes:
        every: one token is earned each so often; None means that there is no limit.
        burst: the most tokens that can be saved up.
        trips_after: failures in a row that open the breaker for ``opens_for``.
        window, trips_at: so many per cent failures among the last ``window`` outcomes open it,
            too (domain rule X-04); equal is enough, and fewer outcomes than that say nothing.
        opens_at_most: what ``opens_for`` doubles up to, with every probe that fails.
        alarm_after: how long a lane must fail before people are told of the outage.
        patience: how long an outage may last before effects are given up all the same.
        tries: attempts after which an effect is given up and becomes a dead letter, if others
            get through.
        polls: look-ups of an accepted effect after which it is given up.
        lease: how long a claim holds; one send must take less than half of it.
    """

    every: timedelta | None = None
    burst: int = MOST
    trips_after: int = 5
    window: int = 20
    trips_at: int = 50
    opens_for: timedelta = timedelta(seconds=5)
    opens_at_most: timedelta = timedelta(minutes=5)
    alarm_after: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(days=7)
    tries: int = 8
    polls: int = 200
    lease: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Health:
    """How the last attempts at a lane went.

    Attributes:
        failures: failures since the last success.
        recent: the last outcomes as bits, 1 a failure, the newest last, behind one leading 1.
    """

    failures: int = 0
    recent: int = 1

    def after(self, limits: Limits, *, failed: bool) -> "Health":
        """Give the health after one more attempt; a probe that succeeds clears the record."""
        if not failed and self.trips(limits):
            return Health()
        full = 1 << limits.window
        longer = self.recent << 1 | failed
        kept = longer if longer < full << 1 else full | longer & (full - 1)
        return Health(self.failures + 1 if failed else 0, kept)

    def trips(self, limits: Limits) -> bool:
        """Say whether so many failures open the breaker."""
        if self.failures >= limits.trips_after:
            return True
        full = 1 << limits.window
        if self.recent < full:
            return False
        return (self.recent - full).bit_count() * 100 >= limits.trips_at * limits.window


@dataclass(frozen=True, slots=True)
class LaneState:
    """A lane's row: breaker, bucket and the number that names its next drain."""

    epoch: int = 0
    failures: int = 0
    open_until: int = 0
    tokens: int = 0
    refilled_at: int = 0
    recent: int = 1
    failing_since: int = 0

    @property
    def health(self) -> Health:
        """Give how its last attempts went."""
        return Health(self.failures, self.recent)

    def refilled(self, limits: Limits, now: int) -> Self:
        """Give the lane with the tokens earned since it was last looked at."""
        if limits.every is None:
            return self
        full = limits.burst * _MILLION
        if not self.refilled_at:
            return replace(self, tokens=full, refilled_at=now)
        since = max(0, now - self.refilled_at)
        earned = since * _MILLION // (limits.every // timedelta(microseconds=1))
        return replace(self, tokens=min(full, self.tokens + earned), refilled_at=now)

    def allows(self, limits: Limits, now: int, most: int) -> int:
        """Say how many effects may be taken now."""
        if self.open_until > now:
            return 0
        if limits.every is not None:
            most = min(most, self.tokens // _MILLION)
        return min(1, most) if self.health.trips(limits) else most

    def taken(self, limits: Limits, count: int) -> Self:
        """Give the lane after so many were taken."""
        if limits.every is None:
            return self
        return replace(self, tokens=self.tokens - count * _MILLION)

    def begun(self, epoch: int | None) -> Self:
        """Give the lane after the drain named by ``epoch`` claimed for the first time."""
        return replace(self, epoch=self.epoch + 1) if epoch == self.epoch else self


def in_order(lane: tuple[str, Lane]) -> tuple[str, int]:
    """Sort lanes by endpoint, and within one the more critical first."""
    endpoint, which = lane
    return endpoint, len(which.before)


def opens_until(limits: Limits, health: Health, now: int) -> int:
    """Say until when such a health keeps the breaker open; 0 when it stays closed."""
    if not health.trips(limits):
        return 0
    doublings = min(max(0, health.failures - limits.trips_after), 20)
    wait = min(limits.opens_for * (1 << doublings), limits.opens_at_most)
    return now + wait // timedelta(microseconds=1)


def wait_after(attempts: int) -> int:
    """Say how long to wait after so many attempts: doubling from half a second to five minutes."""
    return min((SECOND << min(attempts, 20)) // 4, 300 * SECOND)
