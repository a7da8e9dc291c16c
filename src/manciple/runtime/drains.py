"""Drains: take due effects of one endpoint and lane, send each, record what became of it.

    claim (one commit)
      -> for each: look the key up if anyone can have tried before -> send
      -> record (one commit for the batch: acts heard + settlements guarded by the lease)

`Drains.drain` is the whole of it and knows no engine: the simulated world calls it, threads call
it, and so does the durable workflow.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import datetime

from manciple.kernel.clock import Clock
from manciple.kernel.messages import SYSTEM, Command
from manciple.kernel.records import dataclass
from manciple.runtime.bus import Reply
from manciple.runtime.codec import encode
from manciple.runtime.delivery import Claim, Deliveries, Settlement, Take, Trip
from manciple.runtime.effects import (
    EffectState,
    Endpoint,
    Endpoints,
    KeyedAct,
    Lane,
    Outcome,
    OutcomeKind,
    Parcel,
)
from manciple.runtime.lanes import (
    MOST,
    MOST_BLIND,
    Health,
    Limits,
    in_order,
    opens_until,
    wait_after,
)
from manciple.runtime.rows import micros, moment
from manciple.runtime.work import LostRaceError, NotFoundError, StoreError

Heard = Callable[[Parcel, Outcome], Iterable[KeyedAct]]
"""What this program does about an outcome. Called when an effect is done, rejected, newly
accepted, or given up: then the outcome is UNKNOWN and its detail has ``dead: true``."""
Failed = Callable[[Parcel, Command, Reply], KeyedAct | None]
"""What to do in the same transaction about an act that was refused or broke."""
LimitsOf = Callable[[str, Lane], Limits]
Woken = Callable[[Iterable[tuple[str, Lane]]], None]
_log = logging.getLogger(__name__)
_UNLIMITED = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Nothing gets through at a lane, or something does again.

    Attributes:
        since: when its breaker opened first.
        reason: what the last attempt met; empty when it is over.
    """

    endpoint: str
    lane: Lane
    since: datetime
    at: datetime
    is_over: bool
    reason: str = ""


Alarmed = Callable[[Outage], Iterable[KeyedAct]]
"""What this program does about an outage that has lasted, and when such a one is over."""


def nobody_alarmed(_: Outage) -> Iterable[KeyedAct]:
    """Do nothing about an outage."""
    return ()


def nothing_heard(_: Parcel, __: Outcome) -> Iterable[KeyedAct]:
    """Do nothing about an outcome."""
    return ()


def nothing_failed(_: Parcel, __: Command, ___: Reply) -> KeyedAct | None:
    """Do nothing about a refused act."""
    return None


def no_limits(_: str, __: Lane) -> Limits:
    """Treat every endpoint alike, without a quota."""
    return _UNLIMITED


def wake_nobody(_: Iterable[tuple[str, Lane]]) -> None:
    """Tell nobody that lanes got work; the idle poll will find it."""


@dataclass(slots=True)
class _Sending:
    """One drain under way."""

    name: str
    lane: Lane
    claim: Claim
    limits: Limits
    endpoint: Endpoint
    until: int
    health: Health
    following: Take | None = None
    """The next lane's claim, to be made in the commit that ends this batch."""
    done: list[tuple[Parcel, Outcome]] = field(default_factory=list)
    last_reason: str = ""
    is_judged: bool = False
    """Whether what the breaker says was written with the end of the batch."""
    waiting: set[str] = field(default_factory=set)
    """Business keys of which an effect of this batch is not over: their later ones wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drains:
    """The drains of a store. Safe to share between threads.

    Attributes:
        executor: names this process; it stands at the head of every lease token, so that a
            worker that takes over a dead one knows which rows were that one's.
        woken: is told which lanes got work from an outcome's acts.
    """

    store: Deliveries
    clock: Clock
    endpoints: Endpoints
    heard: Heard = nothing_heard
    failed: Failed = nothing_failed
    alarmed: Alarmed = nobody_alarmed
    limits_of: LimitsOf = no_limits
    woken: Woken = wake_nobody
    executor: str = "here"
    most: int = MOST
    most_blind: int = MOST_BLIND

    def drain(self, endpoint: str, lane: Lane, *, epoch: int | None = None) -> int:
        """Claim, send and record one batch; gives how many effects were claimed."""
        return self._drain(self._take(endpoint, lane), epoch=epoch)

    def _take(self, endpoint: str, lane: Lane) -> Take:
        return Take(
            endpoint=endpoint,
            lane=lane,
            now=self.clock.now(),
            token=f"{self.executor}/{uuid.uuid4().hex}",
            limits=self.limits_of(endpoint, lane),
            most=self.most,
        )

    def _drain(
        self, take: Take, *, epoch: int | None = None, following: Take | None = None
    ) -> int:
        """Drain one batch, claimed now if it is not yet; the following one with its end."""
        endpoint, lane, limits = take.endpoint, take.lane, take.limits
        claim = take.claim or self.store.claim(
            endpoint,
            lane,
            now=take.now,
            token=take.token,
            limits=limits,
            most=take.most,
            epoch=epoch,
        )
        if not claim.parcels:
            return 0
        sending = _Sending(
            name=endpoint,
            lane=lane,
            claim=claim,
            limits=limits,
            endpoint=self._endpoint(endpoint),
            until=micros(take.now + limits.lease),
            health=claim.health,
            following=following if len(claim.parcels) < take.most else None,
        )
        self._send_all(sending)
        self._judge_lane(sending, endpoint, lane)
        return len(claim.parcels)

    def _judge_lane(self, sending: _Sending, endpoint: str, lane: Lane) -> None:
        """Write down how the lane does, and tell of an outage that lasts or is over."""
        claim, limits = sending.claim, sending.limits
        now = self.clock.now()
        fails = sending.health.trips(limits)
        since = self._failing_since(sending)
        trip = None if sending.is_judged else self._trip(sending)
        if trip is not None:
            self.store.trip(
                endpoint,
                lane,
                health=trip.health,
                open_until=trip.open_until,
                failing_since=trip.failing_since,
            )
        if claim.failing_since and not fails:
            self.store.recover(endpoint, now)
            self.woken((endpoint, each) for each in Lane)
        began = since or claim.failing_since
        if not began or now - moment(began) < limits.alarm_after:
            return
        outage = Outage(
            endpoint=endpoint,
            lane=lane,
            since=moment(began),
            at=now,
            is_over=not fails,
            reason=sending.last_reason if fails else "",
        )
        commands = [
            Command(key=each.key, act=each.act, actor=SYSTEM, at=now, door="effect")
            for each in self.alarmed(outage)
        ]
        if commands:
            self.woken(self.store.attempt(commands).lanes)

    def _failing_since(self, sending: _Sending) -> int:
        if not sending.health.trips(sending.limits):
            return 0
        return sending.claim.failing_since or micros(self.clock.now())

    def _trip(self, sending: _Sending) -> Trip | None:
        """Give what the breaker says from now on; None when it says what it said."""
        claim, health, since = sending.claim, sending.health, self._failing_since(sending)
        if (health, since) == (claim.health, claim.failing_since):
            return None
        until = opens_until(sending.limits, health, micros(self.clock.now()))
        return Trip(sending.name, sending.lane, health, until, since)

    def drain_all(self, lanes: Iterable[tuple[str, Lane]] | None = None) -> int:
        """Drain lanes, and what comes of it, in their order until nothing is due now."""
        total = 0
        due = self.store.due_lanes
        woken = sorted(set(lanes), key=in_order) if lanes is not None else due(self.clock.now())
        while woken:
            moved = self._round(woken)
            total += moved
            woken = due(self.clock.now()) if moved else ()
        return total

    def _round(self, woken: Sequence[tuple[str, Lane]]) -> int:
        """Drain each lane; the commit that ends one makes the claim of the next.

        Not where both are one endpoint's: there a claim waits for what the breaker says.
        """
        total = 0
        take: Take | None = None
        for this, after in zip(woken, [*woken[1:], None], strict=True):
            following = self._take(*after) if after and after[0] != this[0] else None
            count = self._drain(take or self._take(*this), following=following)
            total += count
            while count == self.most:
                count = self._drain(self._take(*this), following=following)
                total += count
            take = following
        return total

    def _endpoint(self, name: str) -> Endpoint:
        try:
            return self.endpoints.endpoint(name)
        except NotFoundError:
            return _Nobody(name)

    def _send_all(self, sending: _Sending) -> None:
        chunk = self.most if sending.endpoint.FINDS else self.most_blind
        parcels = sending.claim.parcels
        for place, parcel in enumerate(parcels):
            rest = [each.key for each in parcels[place:]]
            if not self._still_ours(sending, rest):
                break
            if parcel.business_key in sending.waiting:
                self.store.release(sending.claim.token, [parcel.key])
                continue
            outcome = self._deliver(sending, parcel)
            sending.done.append((parcel, outcome))
            if outcome.kind in (OutcomeKind.UNKNOWN, OutcomeKind.ACCEPTED):
                sending.waiting.add(parcel.business_key)
            failed = outcome.kind is OutcomeKind.UNKNOWN
            if failed:
                sending.last_reason = str(outcome.detail.get("reason", ""))
            sending.health = sending.health.after(sending.limits, failed=failed)
            if len(sending.done) >= chunk:
                self._record(sending, is_last=not rest[1:])
            if failed and sending.health.trips(sending.limits) and rest[1:]:
                self._record(sending)
                self.store.release(sending.claim.token, rest[1:])
                break
        self._record(sending, is_last=True)

    def _still_ours(self, sending: _Sending, rest: Sequence[str]) -> bool:
        """Renew the lease in time; a worker that slept too long sends nothing more."""
        now = self.clock.now()
        half = sending.limits.lease // 2
        if micros(now + half) <= sending.until:
            return True
        until = now + sending.limits.lease
        keys = [parcel.key for parcel, _ in sending.done] + list(rest)
        ours = self.store.renew(sending.claim.token, keys, until)
        sending.until = micros(until)
        if set(rest) <= ours:
            return True
        _log.warning("%s lost the lease of %d effects", self.executor, len(keys) - len(ours))
        self.store.release(sending.claim.token, sorted(set(rest) & ours))
        return False

    def _deliver(self, sending: _Sending, parcel: Parcel) -> Outcome:
        """Look up before sending, unless the claim's commit proves that nobody has sent it."""
        endpoint, is_accepted = sending.endpoint, parcel.key in sending.claim.polls
        try:
            if is_accepted or parcel.attempts > 1:
                found = endpoint.find(parcel)
                if found is not None:
                    return found
                if is_accepted:
                    return Outcome.accepted()
            return endpoint.send(parcel)
        except OSError as problem:
            if is_accepted:
                return Outcome.accepted(reason=repr(problem))
            return Outcome.unknown(repr(problem))
        except Exception as defect:  # noqa: BLE001  one adapter's defect must not stop the lane
            _log.exception("endpoint %s broke on %s", parcel.endpoint, parcel.key)
            return Outcome.unknown(f"defect: {defect!r}", ours=True)

    def _record(self, sending: _Sending, *, is_last: bool = False) -> None:
        done, sending.done = sending.done, []
        if not done:
            return
        try:
            if is_last:
                trip = self._trip(sending)
                self._settle(sending, done, take=sending.following, trip=trip)
                sending.is_judged = True
            else:
                self._settle(sending, done)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  find the one: each on its own
            for parcel, outcome in done:
                self._record_alone(sending, parcel, outcome)

    def _record_alone(self, sending: _Sending, parcel: Parcel, outcome: Outcome) -> None:
        try:
            self._settle(sending, [(parcel, outcome)])
        except StoreError:
            raise
        except LostRaceError:
            _log.warning("the outcome of %s came too late", parcel.key)
        except Exception as defect:  # noqa: BLE001  the row must not be sent again and again
            _log.exception("the outcome of %s can't be told", parcel.key)
            untold = self._dead(parcel, sending.claim.token, f"untold: {defect!r}")
            self.store.attempt([], settle=[untold])

    def _settle(
        self,
        sending: _Sending,
        done: Sequence[tuple[Parcel, Outcome]],
        *,
        take: Take | None = None,
        trip: Trip | None = None,
    ) -> None:
        commands: list[Command] = []
        parcels: dict[str, Parcel] = {}
        settlements: list[Settlement] = []
        for parcel, said in done:
            settlement, outcome, is_news = self._judge(sending, parcel, said)
            acts: Sequence[KeyedAct] = ()
            if is_news:
                try:
                    acts = (*self.heard(parcel, outcome), *outcome.acts)
                except Exception as defect:  # noqa: BLE001  the row must not wait for ever
                    _log.exception("the outcome of %s can't be told", parcel.key)
                    settlement = self._dead(parcel, sending.claim.token, f"untold: {defect!r}")
            settlements.append(settlement)
            for keyed in acts:
                commands.append(self._command(parcel, keyed))
                parcels[keyed.key] = parcel

        def otherwise(command: Command, reply: Reply) -> Command | None:
            parcel = parcels[command.key]
            keyed = self.failed(parcel, command, reply)
            return None if keyed is None else self._command(parcel, keyed)

        applied = self.store.attempt(
            commands,
            settle=settlements,
            otherwise=otherwise,
            reads=[parcel.subject for parcel, _ in done] if commands else (),
            take=take,
            trip=trip,
        )
        for reply in applied.replies:
            if reply.defect is not None:
                _log.error("an outcome's act %s broke", reply.key, exc_info=reply.defect)
        if applied.lanes:
            self.woken(applied.lanes)

    def _command(self, parcel: Parcel, keyed: KeyedAct) -> Command:
        return Command(
            key=keyed.key,
            act=keyed.act,
            actor=SYSTEM,
            at=self.clock.now(),
            correlation=keyed.correlation or parcel.correlation,
            door="effect",
        )

    def _judge(
        self, sending: _Sending, parcel: Parcel, said: Outcome
    ) -> tuple[Settlement, Outcome, bool]:
        """Say how the row goes on, what is told, and whether there is anything to tell."""
        now = micros(self.clock.now())
        token, limits = sending.claim.token, sending.limits
        polls = sending.claim.polls.get(parcel.key)
        due_at, settled, state, outcome, is_news = now, None, EffectState.DUE, said, True
        match said.kind:
            case OutcomeKind.DONE:
                state, settled = EffectState.DONE, now
            case OutcomeKind.REJECTED:
                state, settled = EffectState.REJECTED, now
            case OutcomeKind.ACCEPTED if (polls or 0) < limits.polls:
                state, due_at = EffectState.ACCEPTED, now + wait_after((polls or 0) + 1)
                is_news = polls is None
            case OutcomeKind.UNKNOWN if parcel.attempts < limits.tries or self._is_out(
                sending, said
            ):
                due_at, is_news = now + wait_after(parcel.attempts), False
            case OutcomeKind.ACCEPTED | OutcomeKind.UNKNOWN:
                state, settled = EffectState.DEAD, now
                reason = said.detail.get("reason", "accepted, but never done")
                detail = {**said.detail, "reason": reason, "dead": True}
                outcome = Outcome(kind=OutcomeKind.UNKNOWN, detail=detail)
        result = encode(dict(outcome.detail))
        settlement = Settlement(
            parcel.key,
            token,
            state.value,
            due_at,
            result,
            settled,
            0 if state is EffectState.DONE and parcel.attempts == 1 else now,
            parcel.attempts,
            said.kind.value,
        )
        return settlement, outcome, is_news

    def _is_out(self, sending: _Sending, said: Outcome) -> bool:
        """Say whether it failed with everything else, in an outage that is still waited out.

        What breaks in this program, or is meant for nobody, is no outage.
        """
        if said.detail.get("ours") or not sending.health.trips(sending.limits):
            return False
        since = sending.claim.failing_since
        return not since or self.clock.now() - moment(since) < sending.limits.patience

    def _dead(self, parcel: Parcel, token: str, reason: str) -> Settlement:
        now = micros(self.clock.now())
        result = encode({"reason": reason, "dead": True})
        state = EffectState.DEAD.value
        return Settlement(
            parcel.key, token, state, now, result, now, now, parcel.attempts, "untold"
        )


class _Nobody:
    """Stands where no endpoint is registered: nothing is sent, the effect waits and then dies."""

    FINDS = True

    def __init__(self, name: str) -> None:
        self._name = name

    def find(self, parcel: Parcel) -> Outcome | None:
        """Find nothing."""
        return Outcome.unknown(f"no endpoint {self._name} for {parcel.verb}", ours=True)

    def send(self, parcel: Parcel) -> Outcome:
        """Send nothing."""
        return Outcome.unknown(f"no endpoint {self._name} for {parcel.verb}", ours=True)
