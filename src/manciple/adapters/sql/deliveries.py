"""Deliveries over a database: claims under a lease, breaker and bucket, timers, dead letters.

A claim is one commit; it names its executor in the lease token, so that whoever takes over a dead
worker can give back exactly that one's rows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from manciple.adapters.sql.bus import SqlBus
from manciple.adapters.sql.engine import Row, Session, look, look_at, transaction
from manciple.adapters.sql.writing import TRIP, trip_row
from manciple.kernel.records import dataclass
from manciple.runtime.delivery import Claim, Take, Trip
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectState, Lane, Parcel
from manciple.runtime.lanes import BACKLOG, Health, LaneState, Limits, in_order
from manciple.runtime.rows import TimerRow, micros, moment
from manciple.runtime.timers import Timer, timer_of
from manciple.runtime.undoing import KEPT

_WAITING = "state in ('due', 'accepted')"
_LANE = "epoch, failures, open_until, tokens, refilled_at, recent, failing_since"
_CLAIM = (
    "update effect set lease = ?, lease_until = ?, "
    "attempts = attempts + case when state = 'due' then 1 else 0 end, "
    "polls = polls + case when state = 'accepted' then 1 else 0 end "
    "where key in (select e.key from effect e where e.endpoint = ? and e.lane = ? and e.{waiting} "
    "and e.due_at <= ? and e.lease_until <= ? and not exists ("
    "select 1 from effect p where p.business_key = e.business_key and p.endpoint = e.endpoint "
    "and p.{waiting} and (p.at < e.at or p.at = e.at and p.key < e.key) and "
    "(p.due_at > ? or p.lease_until > ? or p.lane <> e.lane or p.needed > e.needed)) "
    "order by e.needed, e.at, e.key limit ?{skip}) "
    "returning key, verb, subject, payload, attempts, polls, correlation, state, business_key, "
    "needed, at"
)
_BACKLOG = (
    "exists (select 1 from effect e join lane l on l.endpoint = e.endpoint and l.lane = e.lane "
    "where e.endpoint = lane.endpoint and e.lane in ({before}) and e.{waiting} "
    "and e.due_at <= ? and e.lease_until <= ? and l.open_until <= ? limit 1 offset {most})"
)
_DUE_LANES = (
    "select l.endpoint, l.lane from lane l where exists (select 1 from effect e "
    "where e.endpoint = l.endpoint and e.lane = l.lane and e.state in ('due', 'accepted') "
    "and e.due_at <= ? and e.lease_until <= ?) "
    "and not exists (select 1 from hold h where h.endpoint = l.endpoint)"
)
_NEXT = (
    "select min({latest}(e.due_at, e.lease_until, l.open_until)) from effect e "
    "join lane l on l.endpoint = e.endpoint and l.lane = e.lane "
    "where e.state in ('due', 'accepted') "
    "and not exists (select 1 from hold h where h.endpoint = e.endpoint)"
)
_OVER = (
    "select key from effect where state in ('done', 'rejected', 'void') and settled_at < ? "
    "order by settled_at, key limit ?"
)
_TIMERS = "select key, due_at, act, body, document, version, correlation from timer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is over is kept. Dead letters, events and documents are kept for ever.

    Attributes:
        effects: settled effects; a key may be used again only after that.
        commands: answers by idempotency key; a repeat after that is a new command.
    """

    effects: timedelta = timedelta(days=90)
    commands: timedelta = timedelta(days=400)


class SqlDeliveries(SqlBus):
    """The bus, and what drains and timers need; see `runtime.delivery.Deliveries`."""

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
        """Take up to ``most`` due effects under a lease, in one commit."""
        take = Take(
            endpoint=endpoint, lane=lane, now=now, token=token, limits=limits, most=most,
            epoch=epoch,
        )  # fmt: skip
        return self._claims(take)

    def _claimed(self, session: Session, take: Take) -> tuple[Claim, bool]:
        """Claim within a transaction; gives the claim, and whether anything was written."""
        endpoint, lane, limits = take.endpoint, take.lane, take.limits
        at, until = micros(take.now), micros(take.now + limits.lease)
        before, must_wait = self._lane(session, endpoint, lane, at)
        state = before.refilled(limits, at)
        allowed = state.allows(limits, at, take.most)
        rows: list[Row] = []
        if allowed and not must_wait:
            sql = _CLAIM.format(
                waiting=_WAITING,
                skip=" for update of e skip locked" if self.is_postgres else "",
            )
            told = (take.token, until, endpoint, lane.value, at, at, at, at, allowed)
            rows = session.rows(sql, told)
        after = state.taken(limits, len(rows)).begun(take.epoch)
        if after != before:
            session.write(
                "update lane set epoch = ?, tokens = ?, refilled_at = ? "
                "where endpoint = ? and lane = ?",
                (after.epoch, after.tokens, after.refilled_at, endpoint, lane.value),
            )
        rows.sort(key=lambda row: (row[9], row[10], row[0]))
        claim = Claim(
            parcels=tuple(_parcel(row, endpoint, lane, take.now) for row in rows),
            token=take.token,
            health=before.health,
            failing_since=before.failing_since,
            polls={row[0]: row[5] for row in rows if row[7] == EffectState.ACCEPTED.value},
        )
        return claim, bool(rows) or after != before

    def renew(self, token: str, keys: Sequence[str], until: datetime) -> frozenset[str]:
        """Hold the lease longer; gives the keys that are still ours."""
        with transaction(self.engine) as session:
            sql = (
                "update effect set lease_until = ? where lease = ? and "  # noqa: S608  our own words; values are bound
                f"{session.among('key')} returning key"
            )
            rows = session.rows(sql, (micros(until), token, session.keys(keys)))
        return frozenset(row[0] for row in rows)

    def release(self, token: str, keys: Sequence[str]) -> None:
        """Give claimed effects back unsent, as if they had not been tried."""
        if not keys:
            return
        with transaction(self.engine) as session:
            sql = (
                "update effect set lease = null, lease_until = 0, "  # noqa: S608  our own words; values are bound
                "attempts = attempts - case when state = 'due' then 1 else 0 end, "
                "polls = polls - case when state = 'accepted' then 1 else 0 end "
                f"where lease = ? and {session.among('key')}"
            )
            session.write(sql, (token, session.keys(keys)))

    def release_of(self, executor: str) -> int:
        """Give back what a dead executor had claimed; it may have been sent, so it stays tried."""
        with transaction(self.engine) as session:
            return session.write(
                "update effect set lease = null, lease_until = 0 "  # noqa: S608  our own words; values are bound
                f"where {_WAITING} and lease >= ? and lease < ?",
                (f"{executor}/", f"{executor}0"),
            )

    def release_all(self) -> int:
        """Give back everything that was claimed: whoever had claimed it is dead.

        For a database that one process works on at a time, when that process starts.
        """
        with transaction(self.engine) as session:
            return session.write(
                "update effect set lease = null, lease_until = 0 "  # noqa: S608  our own words; values are bound
                f"where {_WAITING} and lease is not null"
            )

    def trip(
        self, endpoint: str, lane: Lane, *, health: Health, open_until: int, failing_since: int
    ) -> None:
        """Write what the breaker says after a batch."""
        with transaction(self.engine) as session:
            session.write(TRIP, trip_row(Trip(endpoint, lane, health, open_until, failing_since)))

    def recover(self, endpoint: str, now: datetime) -> None:
        """The endpoint answers again: what waited to be tried again is due, on every lane."""
        at = micros(now)
        with transaction(self.engine) as session:
            session.write(
                "update effect set due_at = ? where endpoint = ? and state in ('due', 'accepted') "
                "and state = 'due' and attempts > 0 and due_at > ? and lease_until <= ?",
                (at, endpoint, at, at),
            )
            session.write("update lane set open_until = 0 where endpoint = ?", (endpoint,))

    def hold(self, endpoint: str, *, at: datetime, by: str, reason: str) -> None:
        """Send nothing to the endpoint until it is let go."""
        with transaction(self.engine) as session:
            session.write(
                'insert into hold (endpoint, since, "by", reason) values (?, ?, ?, ?) '
                "on conflict do nothing",
                (endpoint, micros(at), by, reason),
            )

    def let_go(self, endpoint: str) -> None:
        """Send to the endpoint again."""
        with transaction(self.engine) as session:
            session.write("delete from hold where endpoint = ?", (endpoint,))

    def hurry(self, endpoint: str, now: datetime) -> int:
        """Let what waits for its next try be due now, and the breaker let it through.

        What was never tried keeps its time: it may still be taken back, or belong to a digest.

        Returns:
            How many effects are due by it.
        """
        with transaction(self.engine) as session:
            changed = session.write(
                "update effect set due_at = ? where endpoint = ? and state in ('due', 'accepted') "
                "and attempts > 0 and due_at > ?",
                (micros(now), endpoint, micros(now)),
            )
            session.write(
                "update lane set open_until = ? where endpoint = ? and open_until > ?",
                (micros(now), endpoint, micros(now)),
            )
        return changed

    def due_lanes(self, now: datetime) -> Sequence[tuple[str, Lane]]:
        """Give the lanes that have something to send now; see the port."""
        rows = look(self.engine, _DUE_LANES, (micros(now), micros(now)))
        return sorted(((endpoint, Lane(lane)) for endpoint, lane in rows), key=in_order)

    def next_effect(self) -> datetime | None:
        """Give the instant at which the next effect that is not held can be sent."""
        sql = _NEXT.format(latest="greatest" if self.is_postgres else "max")
        row = look_at(self.engine, sql)
        return moment(row[0]) if row and row[0] is not None else None

    def epochs(self) -> dict[tuple[str, Lane], int]:
        """Give the number that names each lane's next drain."""
        rows = look(self.engine, "select endpoint, lane, epoch from lane")
        return {(endpoint, Lane(lane)): epoch for endpoint, lane, epoch in rows}

    def raise_epoch(self, endpoint: str, lane: Lane) -> None:
        """Name the lane's next drain anew: a wake under the old name led nowhere."""
        with transaction(self.engine) as session:
            session.write(
                "update lane set epoch = epoch + 1 where endpoint = ? and lane = ?",
                (endpoint, lane.value),
            )

    def due_timers(self, now: datetime, most: int) -> Sequence[Timer]:
        """Give the timers due by ``now``, the first due first."""
        sql = f"{_TIMERS} where due_at <= ? order by due_at, key limit ?"
        rows = look(self.engine, sql, (micros(now), most))
        return [timer_of(TimerRow(*row), self.registry) for row in rows]

    def next_timer(self) -> datetime | None:
        """Give the instant of the first timer."""
        row = look_at(self.engine, "select min(due_at) from timer")
        return moment(row[0]) if row and row[0] is not None else None

    def postpone(self, timer: Timer, due_at: datetime) -> None:
        """Move a timer whose act broke."""
        with transaction(self.engine) as session:
            session.write(
                "update timer set due_at = ? where key = ? and due_at = ?",
                (micros(due_at), timer.key, micros(timer.due_at)),
            )

    def replay(self, key: str, now: datetime) -> bool:
        """Try a dead letter again; it is looked up first, for it may have arrived."""
        with transaction(self.engine) as session:
            changed = session.write(
                "update effect set state = 'due', due_at = ?, attempts = 1, polls = 0, "
                "settled_at = null where key = ? and state = 'dead'",
                (micros(now), key),
            )
        return changed == 1

    def replace_letter(self, key: str, was: str, payload: bytes, now: datetime) -> bool:
        """Give a dead letter another payload and let it be tried again.

        Args:
            key: the letter's.
            was: SHA-256 of the payload that is replaced, in hex.
            payload: what takes its place.
            now: when it is due.

        Returns:
            False when it is no dead letter with that payload; True also when this was done before.
        """
        with transaction(self.engine) as session:
            row = session.one(
                f"select state, payload from effect where key = ?{session.for_update}",  # noqa: S608  our own words; values are bound
                (key,),
            )
            if row is None:
                return False
            kept = bytes(row[1])
            if kept == payload:
                return True
            if row[0] != EffectState.DEAD.value or sha256(kept).hexdigest() != was:
                return False
            session.write(
                "update effect set state = 'due', payload = ?, due_at = ?, attempts = 1, "
                "polls = 0, settled_at = null where key = ?",
                (payload, micros(now), key),
            )
        return True

    def prune(self, now: datetime, retention: Retention, *, most: int = 1000) -> int:
        """Delete a batch of what is over and old; gives how many rows went."""
        settled, answered = micros(now - retention.effects), micros(now - retention.commands)
        with transaction(self.engine) as session:
            session.write(
                f"delete from attempt where key in ({_OVER})",  # noqa: S608  our own words; values are bound
                (settled, most),
            )
            session.write("delete from memento where until < ?", (micros(now - KEPT),))
            return session.write(
                f"delete from effect where key in ({_OVER})",  # noqa: S608  our own words; values are bound
                (settled, most),
            ) + session.write(
                "delete from command where key in (select key from command where at < ? limit ?)",
                (answered, most),
            )

    @staticmethod
    def _lane(session: Session, endpoint: str, lane: Lane, at: int) -> tuple[LaneState, bool]:
        """Give the lane's row, locked, and whether it must wait: held, or after a backlog."""
        backlog = _backlog(lane)
        told = (*((at, at, at) if backlog else ()), endpoint, lane.value)
        sql = (
            f"select {_LANE}, exists (select 1 from hold h where h.endpoint = lane.endpoint)"  # noqa: S608  our own words; values are bound
            f"{backlog} from lane where endpoint = ? and lane = ?{session.for_update}"
        )
        row = session.one(sql, told)
        if row is None:
            session.write(
                "insert into lane (endpoint, lane) values (?, ?) on conflict do nothing",
                (endpoint, lane.value),
            )
            row = session.one(sql, told)
            assert row is not None
        return LaneState(*row[:-1]), bool(row[-1])


def _parcel(row: Row, endpoint: str, lane: Lane, now: datetime) -> Parcel:
    key, verb, subject, payload, attempts, _, correlation, _, business_key, *_ = row
    return Parcel(
        key=key,
        endpoint=endpoint,
        lane=lane,
        verb=verb,
        subject=Ref.parse(subject),
        payload=payload,
        attempts=attempts,
        at=now,
        correlation=correlation,
        business_key=business_key,
    )


@cache
def _backlog(lane: Lane) -> str:
    """Say in SQL whether a more critical lane has a backlog, as one more condition to wait."""
    if not lane.before:
        return ""
    before = ", ".join(f"'{each.value}'" for each in lane.before)
    return f" or {_BACKLOG.format(before=before, waiting=_WAITING, most=BACKLOG - 1)}"
