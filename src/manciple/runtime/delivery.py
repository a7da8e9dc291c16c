"""Delivery: what a store must be able to do so that effects leave it exactly once.

    claim (one commit: hold, breaker, bucket, lease, epoch) -> send -> attempt(acts, settle)

A settlement is guarded by its claim's token: whoever comes late is told so and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import NamedTuple, Protocol

from manciple.kernel.messages import Command
from manciple.kernel.records import dataclass
from manciple.runtime.applying import Otherwise
from manciple.runtime.bus import Applied
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane, Parcel
from manciple.runtime.lanes import Health, Limits
from manciple.runtime.timers import Timer


class Settlement(NamedTuple):
    """The end of one claimed attempt, applied only while the claim's token still holds.

    ``at`` and ``attempt`` say when it ended and which one it was; ``said`` what the other side
    said in one word. What was done at the first attempt needs no such note: 0 for none.
    """

    key: str
    token: str
    state: str
    due_at: int
    result: bytes
    settled_at: int | None
    at: int = 0
    attempt: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Effects that are ours to send until the lease ends.

    Attributes:
        health: how the lane's last attempts went before.
        failing_since: since when nothing gets through there; 0 when something does.
        polls: of those that the other side has taken in, how often they were looked up.
    """

    parcels: tuple[Parcel, ...]
    token: str
    health: Health = field(default_factory=Health)
    failing_since: int = 0
    polls: Mapping[str, int]

    @property
    def accepted(self) -> frozenset[str]:
        """Name those that the other side has taken in: to be looked up, never sent again."""
        return frozenset(self.polls)


@dataclass(slots=True, kw_only=True)
class Take:
    """A claim to be made in the transaction that settles another lane's effects.

    Attributes:
        epoch: the number under which the durable engine asked for it; None: it was not that.
        claim: what was claimed; None until that transaction is committed.
    """

    endpoint: str
    lane: Lane
    now: datetime
    token: str
    limits: Limits
    most: int
    epoch: int | None = None
    claim: Claim | None = None


class Trip(NamedTuple):
    """What a lane's breaker says after a batch; times are microseconds, 0 for none."""

    endpoint: str
    lane: Lane
    health: Health
    open_until: int
    failing_since: int


class Deliveries(Protocol):
    """The store as the drains, the timers and the doors see it."""

    def attempt(
        self,
        commands: Sequence[Command],
        *,
        settle: Sequence[Settlement] = (),
        fired: Mapping[str, str] | None = None,
        otherwise: Otherwise | None = None,
        reads: Sequence[Ref] = (),
        take: Take | None = None,
        trip: Trip | None = None,
    ) -> Applied:
        """Apply the commands in one transaction; a defect is told in its reply.

        Args:
            commands: in the order in which they see one another's changes.
            settle: what this transaction settles.
            fired: by command key, the timer that the command stands for.
            otherwise: gives what to apply in place of a command that was refused or broke.
            reads: documents that the handlers will ask for, read in one round trip.
            take: what is claimed when all that is written, so that one commit serves both.
            trip: what the breaker of the settled lane says from then on.

        Raises:
            LostRaceError: a lease or a timer is no longer ours; nothing was kept.
        """
        ...

    def claim(
        self,
        endpoint: str,
        lane: Lane,
        *,
        now: datetime,
        token: str,
        limits: Limits,
        most: int,
        epoch: int | None = None,
    ) -> Claim:
        """Take up to ``most`` due effects under a lease named ``token``, in one commit.

        They come by need, then by age (domain rule X-05); effects of one business key in the
        order in which they were asked for, and none while an earlier one can't be taken before
        it (X-02). A lane takes nothing while a more critical one of its endpoint, whose breaker
        is closed, has a backlog of ``BACKLOG`` or more.
        """
        ...

    def renew(self, token: str, keys: Sequence[str], until: datetime) -> frozenset[str]:
        """Hold the lease longer; gives the keys that are still ours."""
        ...

    def release(self, token: str, keys: Sequence[str]) -> None:
        """Give claimed effects back unsent, as if they had not been tried."""
        ...

    def trip(
        self, endpoint: str, lane: Lane, *, health: Health, open_until: int, failing_since: int
    ) -> None:
        """Write what the breaker says after a batch."""
        ...

    def recover(self, endpoint: str, now: datetime) -> None:
        """The endpoint answers again: what waited to be tried again is due, on every lane.

        Without it each effect would wait out its own back-off, and leave in no order.
        """
        ...

    def hold(self, endpoint: str, *, at: datetime, by: str, reason: str) -> None:
        """Send nothing to the endpoint until it is let go."""
        ...

    def let_go(self, endpoint: str) -> None:
        """Send to the endpoint again."""
        ...

    def due_lanes(self, now: datetime) -> Sequence[tuple[str, Lane]]:
        """Give the lanes that have something to send now; held endpoints left out.

        By endpoint, and within one the more critical lane first.
        """
        ...

    def next_effect(self) -> datetime | None:
        """Give the instant at which the next effect that is not held can be sent."""
        ...

    def due_timers(self, now: datetime, most: int) -> Sequence[Timer]:
        """Give the timers due by ``now``, the first due first, ties by their key."""
        ...

    def next_timer(self) -> datetime | None:
        """Give the instant of the first timer."""
        ...

    def postpone(self, timer: Timer, due_at: datetime) -> None:
        """Move a timer whose act broke."""
        ...
