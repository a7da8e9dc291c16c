"""What drains promise about effects, on memory, SQLite and PostgreSQL alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import Command
from manciple.runtime.bus import Reply
from manciple.runtime.delivery import Settlement
from manciple.runtime.drains import Drains, Outage
from manciple.runtime.effects import (
    EffectState,
    Endpoint,
    KeyedAct,
    Lane,
    Outcome,
    OutcomeKind,
    Parcel,
)
from manciple.runtime.firing import POSTPONED, fire
from manciple.runtime.lanes import BACKLOG, Health, Limits
from manciple.runtime.rows import micros
from manciple.runtime.work import LostRaceError, NotFoundError
from tests.runtime.toy import (
    START,
    BreakToy,
    Desk,
    NoteTrouble,
    Order,
    PlaceToy,
    RecordToy,
    SendToy,
    ask,
    order_id,
)
from tests.runtime.toy_stores import KINDS, Store, opened

STANDARD = Lane.STANDARD


class Desks:
    """A register of endpoints."""

    def __init__(self, **desks: Desk) -> None:
        self.desks = desks

    def endpoint(self, name: str) -> Endpoint:
        if name not in self.desks:
            raise NotFoundError("endpoint", name)
        return self.desks[name]

    def names(self) -> Sequence[str]:
        return sorted(self.desks)


def hear(parcel: Parcel, outcome: Outcome) -> Iterable[KeyedAct]:
    order, key = parcel.subject.id, f"{parcel.key}@{parcel.attempts}:{outcome.kind.value}"
    match outcome.kind:
        case OutcomeKind.DONE:
            yield KeyedAct(key=key, act=RecordToy(order=order, number=outcome.detail["number"]))
        case OutcomeKind.REJECTED | OutcomeKind.UNKNOWN:
            yield KeyedAct(key=key, act=NoteTrouble(order=order, reason=outcome.detail["reason"]))
        case OutcomeKind.ACCEPTED:
            return


class Bench:
    """A store, a clock and a desk, with the drains between them."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.desk = store, WorldClock(START), Desk()
        self.desks = Desks(erp=self.desk)
        self.limits = Limits()
        self.outages: list[Outage] = []
        self.drains = Drains(
            store=store,
            clock=self.clock,
            endpoints=self.desks,
            heard=hear,
            alarmed=self.alarm,
            limits_of=lambda _, __: self.limits,
        )

    def alarm(self, outage: Outage) -> Iterable[KeyedAct]:
        self.outages.append(outage)
        act = NoteTrouble(order=order_id("k0"), reason="over" if outage.is_over else "down")
        yield KeyedAct(key=f"{outage.since}:{outage.is_over}", act=act)

    def place(self, count: int) -> list[str]:
        self.store.apply(
            [ask(f"k{n}", PlaceToy(item="bolt", ordered=Decimal(n + 1))) for n in range(count)]
        )
        return [f"{order_id(f'k{n}')}:1:create" for n in range(count)]

    def send(
        self,
        key: str,
        *,
        of: str = "",
        lane: Lane = STANDARD,
        needed_by: date | None = None,
        at: datetime = START,
    ) -> None:
        """Ask for one more effect of the first order's, under a business key."""
        act = SendToy(
            order=order_id("k0"), key=key, lane=lane, business_key=of, needed_by=needed_by
        )
        self.store.apply([ask(f"send-{key}", act, at=at)])

    def states(self) -> dict[str, EffectState]:
        return {each.key: each.state for each in self.store.effects()}

    def drain(self) -> int:
        return self.drains.drain("erp", STANDARD)

    def wait(self, seconds: float) -> None:
        self.clock.advance(self.clock.now() + timedelta(seconds=seconds))


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with opened(request.param, tmp_path) as store:
        yield Bench(store)


def test_each_effect_is_sent_once_and_its_outcome_is_heard(bench: Bench) -> None:
    keys = bench.place(3)

    assert bench.drain() == 3
    assert bench.drain() == 0

    assert sorted(bench.desk.sent) == sorted(keys)
    assert bench.desk.looked == []
    assert set(bench.states().values()) == {EffectState.DONE}
    assert {order.state for order in bench.store.documents(Order)} == {"recorded"}
    heard = [each for each in bench.store.events() if each.door == "effect"]
    assert {each.correlation for each in heard} == {"k0", "k1", "k2"}


def test_an_unknown_outcome_is_looked_up_before_it_is_sent_again(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says[key] = OSError("the line broke")
    bench.drain()
    bench.desk.done[key] = b"it had arrived"

    assert bench.drain() == 0
    bench.wait(10)
    assert bench.drain() == 1

    assert bench.desk.sent == [key]
    assert bench.desk.looked == [key]
    assert bench.states() == {key: EffectState.DONE}


def test_what_did_not_arrive_is_sent_again_after_a_while(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says[key] = OSError("refused")
    bench.drain()
    bench.desk.says.clear()
    due = bench.store.next_effect()
    assert due is not None
    assert due > bench.clock.now()

    bench.clock.advance(due)
    bench.drain()

    assert bench.desk.sent == [key, key]
    assert bench.states() == {key: EffectState.DONE}


def test_a_dead_letter_keeps_its_reason_and_is_told(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says["*"] = OSError("nobody there")
    bench.limits = Limits(tries=3, trips_after=100)

    for _ in range(5):
        bench.drain()
        bench.wait(600)

    (entry,) = bench.store.effects()
    assert (entry.state, entry.attempts) == (EffectState.DEAD, 3)
    assert "nobody there" in entry.result["reason"]
    assert bench.store.documents(Order)[0].state == "trouble"
    assert bench.desk.sent == [key] * 3


def test_a_rejection_is_final_and_heard(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says[key] = Outcome.rejected("unknown supplier")

    bench.drain()
    bench.wait(1000)

    assert bench.drain() == 0
    assert bench.states() == {key: EffectState.REJECTED}
    assert bench.store.documents(Order)[0].state == "trouble"


def test_accepted_is_not_done_and_is_looked_up_never_resent(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says[key] = Outcome.accepted()
    bench.drain()
    assert bench.states() == {key: EffectState.ACCEPTED}

    bench.wait(1)
    bench.drain()
    assert bench.states() == {key: EffectState.ACCEPTED}
    bench.desk.done[key] = b""
    bench.wait(600)
    bench.drain()

    assert bench.desk.sent == [key]
    assert bench.desk.looked == [key, key]
    assert bench.states() == {key: EffectState.DONE}
    assert bench.store.effects()[0].attempts == 1


def test_an_accepted_effect_that_is_never_done_is_given_up(bench: Bench) -> None:
    (key,) = bench.place(1)
    bench.desk.says[key] = Outcome.accepted()
    bench.limits = Limits(polls=2)

    for _ in range(4):
        bench.drain()
        bench.wait(600)

    assert bench.states() == {key: EffectState.DEAD}
    assert bench.store.documents(Order)[0].state == "trouble"


def test_the_breaker_opens_and_the_unsent_are_free_at_once(bench: Bench) -> None:
    bench.place(8)
    bench.desk.says["*"] = OSError("down")

    bench.drain()

    assert len(bench.desk.sent) == 5
    assert sorted(each.attempts for each in bench.store.effects()) == [0, 0, 0, 1, 1, 1, 1, 1]
    assert bench.drain() == 0
    bench.desk.says.clear()
    bench.wait(5)
    assert bench.drain() == 1
    assert bench.drains.drain_all() == 7
    assert set(bench.states().values()) == {EffectState.DONE}


def test_one_endpoint_down_does_not_stop_another(bench: Bench) -> None:
    (down,) = bench.place(1)
    bench.desks.desks["wms"] = wms = Desk()
    bench.desk.says["*"] = OSError("down")
    bench.store.apply([ask("s", SendToy(order=order_id("k0"), key="to-wms", endpoint="wms"))])

    bench.drains.drain_all()

    assert wms.sent == ["to-wms"]
    assert bench.states() == {down: EffectState.DUE, "to-wms": EffectState.DONE}


def test_a_quota_lets_through_its_burst_and_then_one_at_a_time(bench: Bench) -> None:
    bench.place(5)
    bench.limits = Limits(every=timedelta(seconds=10), burst=2)

    counts = []
    for seconds in (0, 0, 9, 1, 25):
        bench.wait(seconds)
        counts.append(bench.drain())

    assert counts == [2, 0, 0, 1, 2]


def test_a_held_endpoint_gets_nothing_until_it_is_let_go(bench: Bench) -> None:
    bench.place(1)
    hold(bench.store, "erp")

    assert bench.drain() == 0
    assert list(bench.store.due_lanes(START)) == []
    assert bench.store.next_effect() is None
    bench.store.let_go("erp")
    assert bench.drain() == 1


def hold(store: Store, endpoint: str) -> None:
    store.hold(endpoint, at=START, by="ops", reason="maintenance")


def test_an_outcome_that_comes_after_its_lease_changes_nothing(bench: Bench) -> None:
    (key,) = bench.place(1)
    late = claim(bench, "slow")
    bench.wait(31)
    bench.drain()
    events = bench.store.events()

    with pytest.raises(LostRaceError):
        bench.store.attempt(
            [ask("late", RecordToy(order=order_id("k0"), number="late"))],
            settle=[Settlement(key, late, "rejected", 0, b"{}", micros(bench.clock.now()))],
        )

    assert bench.states() == {key: EffectState.DONE}
    assert bench.store.events() == events


def claim(bench: Bench, token: str) -> str:
    taken = bench.store.claim(
        "erp", STANDARD, now=bench.clock.now(), token=token, limits=bench.limits, most=50
    )
    assert taken.parcels
    return taken.token


def test_what_is_leased_is_nobody_elses_until_the_lease_ends(bench: Bench) -> None:
    bench.place(2)
    claim(bench, "one")

    assert bench.drain() == 0
    bench.wait(30)
    assert bench.drain() == 2
    assert len(bench.desk.looked) == 2


def test_a_worker_that_slept_past_its_lease_sends_nothing_more(bench: Bench) -> None:
    keys = bench.place(3)
    other = replace(bench.drains, executor="other")

    def freeze(parcel: Parcel) -> Outcome:
        bench.desk.send = normal  # type: ignore[method-assign]
        bench.wait(31)
        assert other.drain("erp", STANDARD) == 3
        return normal(parcel)

    normal = bench.desk.send
    bench.desk.send = freeze  # type: ignore[method-assign]
    bench.drain()

    assert set(bench.states().values()) == {EffectState.DONE}
    assert sorted(bench.desk.sent) == sorted([*keys, min(keys)])
    assert {order.state for order in bench.store.documents(Order)} == {"recorded"}
    assert [each.type for each in bench.store.events()].count("ToyRecorded") == 3


def test_a_long_batch_renews_its_lease(bench: Bench) -> None:
    bench.place(4)
    normal = bench.desk.send

    def slowly(parcel: Parcel) -> Outcome:
        bench.wait(14)
        return normal(parcel)

    bench.desk.send = slowly  # type: ignore[method-assign]
    bench.drain()

    assert len(bench.desk.sent) == 4
    assert set(bench.states().values()) == {EffectState.DONE}


def test_an_outcomes_refused_act_does_not_lose_the_outcome(bench: Bench) -> None:
    (key,) = bench.place(1)
    wrong = KeyedAct(key="wrong", act=RecordToy(order="TOY-NOWHERE", number="1"))
    bench.desk.says[key] = Outcome(kind=OutcomeKind.DONE, detail={"number": "7"}, acts=(wrong,))

    def instead(parcel: Parcel, command: Command, reply: Reply) -> KeyedAct:
        reason = reply.refusals[0].code
        return KeyedAct(
            key=f"{command.key}!", act=NoteTrouble(order=parcel.subject.id, reason=reason)
        )

    replace(bench.drains, failed=instead).drain("erp", STANDARD)

    assert bench.states() == {key: EffectState.DONE}
    assert bench.store.documents(Order)[0].state == "trouble"
    assert bench.store.events()[-1].data["reason"] == "NOT_FOUND"


def test_an_outcomes_broken_act_does_not_lose_its_neighbours(bench: Bench) -> None:
    first, second = bench.place(2)
    broken = KeyedAct(key="broken", act=BreakToy(order=order_id("k0")))
    bench.desk.says[first] = Outcome(kind=OutcomeKind.DONE, detail={"number": "7"}, acts=(broken,))

    bench.drain()

    assert bench.states() == {first: EffectState.DONE, second: EffectState.DONE}
    assert {order.state for order in bench.store.documents(Order)} == {"recorded"}


def test_an_endpoint_that_breaks_stops_no_lane(bench: Bench) -> None:
    first, second = bench.place(2)
    normal = bench.desk.send

    def breaks(parcel: Parcel) -> Outcome:
        if parcel.key == first:
            raise ValueError("an adapter's defect")
        return normal(parcel)

    bench.desk.send = breaks  # type: ignore[method-assign]
    bench.drain()

    assert bench.states() == {first: EffectState.DUE, second: EffectState.DONE}


def test_an_effect_for_nobody_waits_and_then_dies(bench: Bench) -> None:
    bench.place(1)
    bench.store.apply([ask("s", SendToy(order=order_id("k0"), key="lost", endpoint="edi:NONE"))])
    bench.limits = Limits(tries=1)

    assert bench.drains.drain("edi:NONE", STANDARD) == 1

    assert bench.states()["lost"] is EffectState.DEAD


def test_lanes_of_one_endpoint_are_drained_apart(bench: Bench) -> None:
    bench.place(1)
    bench.send("rush", of="apart", lane=Lane.CRITICAL)

    assert list(bench.store.due_lanes(START)) == [("erp", Lane.CRITICAL), ("erp", STANDARD)]
    assert bench.drains.drain("erp", Lane.CRITICAL) == 1
    assert bench.desk.sent == ["rush"]


def test_a_later_effect_of_one_business_key_waits_for_the_earlier(bench: Bench) -> None:
    (first,) = bench.place(1)
    bench.clock.advance(START + timedelta(minutes=1))
    bench.send("change", at=START + timedelta(minutes=1))
    bench.send("of another", of="another", at=START + timedelta(minutes=1))
    bench.desk.says[first] = OSError("down")

    bench.drain()

    assert bench.desk.sent == [first, "of another"], "a poison message blocks only its key"
    assert bench.drain() == 0, "not while the earlier one waits to be tried again"
    assert [e.attempts for e in bench.store.effects() if e.key == "change"] == [0]
    bench.desk.says.clear()
    bench.wait(1)
    assert bench.drain() == 2
    assert bench.desk.sent == [first, "of another", first, "change"]


def test_a_later_effect_waits_until_the_earlier_is_done_and_not_only_accepted(
    bench: Bench,
) -> None:
    (first,) = bench.place(1)
    bench.desk.says[first] = Outcome.accepted()
    bench.send("change", at=START + timedelta(minutes=1))
    bench.wait(60)

    bench.drain()
    assert bench.desk.sent == [first]
    bench.desk.done[first] = b""
    bench.wait(600)
    bench.drains.drain_all()

    assert bench.desk.sent == [first, "change"]


def test_a_later_effect_in_a_quicker_lane_waits_too(bench: Bench) -> None:
    (first,) = bench.place(1)
    bench.send("rush", lane=Lane.CRITICAL, at=START + timedelta(seconds=1))
    bench.wait(60)

    assert bench.drains.drain("erp", Lane.CRITICAL) == 0
    bench.drains.drain_all()

    assert bench.desk.sent == [first, "rush"]


def test_what_is_given_up_holds_up_nothing(bench: Bench) -> None:
    (first,) = bench.place(1)
    bench.desk.says[first] = OSError("down")
    bench.limits = Limits(tries=1)
    bench.send("change", at=START + timedelta(minutes=1))
    bench.wait(60)

    bench.drains.drain_all()

    assert bench.desk.sent == [first, "change"]
    assert bench.states() == {first: EffectState.DEAD, "change": EffectState.DONE}


def test_a_backlog_leaves_by_need_and_then_by_age(bench: Bench) -> None:
    bench.place(1)
    bench.drain()
    bench.desk.sent.clear()
    days = {"late": 20, "unknown": None, "soon": 3, "soon too": 3, "sooner": 2}
    for minute, (name, day) in enumerate(days.items()):
        bench.send(
            name,
            of=name,
            needed_by=None if day is None else date(2026, 3, day),
            at=START + timedelta(minutes=minute),
        )
    bench.wait(3600)

    bench.drain()

    assert bench.desk.sent == ["sooner", "soon", "soon too", "late", "unknown"]


def test_an_earlier_need_never_overtakes_its_own_order(bench: Bench) -> None:
    bench.place(1)
    bench.drain()
    bench.desk.sent.clear()
    bench.send("order", of="one", needed_by=date(2026, 3, 20))
    bench.send("moved up", of="one", needed_by=date(2026, 3, 2), at=START + timedelta(minutes=1))
    bench.wait(60)

    bench.drains.drain_all()

    assert bench.desk.sent == ["order", "moved up"]


@pytest.mark.parametrize(("waiting", "sent"), [(BACKLOG - 1, 1), (BACKLOG, 0)])
def test_a_backlog_of_a_more_critical_lane_comes_first(
    bench: Bench, waiting: int, sent: int
) -> None:
    bench.place(1)
    bench.drain()
    for number in range(waiting):
        bench.send(f"rush {number}", of=f"r{number}", lane=Lane.CRITICAL)
    bench.send("usual", of="usual")

    assert bench.drain() == sent
    bench.store.trip(
        "erp", Lane.CRITICAL, health=Health(failures=5), open_until=2**60, failing_since=1
    )
    assert bench.drain() == 1 - sent, "a lane whose breaker is open keeps no other waiting"


def let_pass(bench: Bench, span: timedelta) -> None:
    """Let time pass, and drain whenever there is something to try."""
    until = bench.clock.now() + span
    while (due := bench.store.next_effect()) is not None and due <= until:
        bench.clock.advance(max(due, bench.clock.now()))
        bench.drains.drain_all()
    bench.clock.advance(until)


def test_an_outage_gives_up_nothing_and_all_leaves_afterwards(bench: Bench) -> None:
    keys = bench.place(12)
    bench.desk.says["*"] = OSError("down")

    let_pass(bench, timedelta(days=3))

    assert set(bench.states().values()) == {EffectState.DUE}
    assert max(each.attempts for each in bench.store.effects()) > bench.limits.tries
    probes = len(bench.desk.sent)
    assert probes < 12 * 24 * 3 + 50, "one probe in five minutes"
    bench.desk.says.clear()
    let_pass(bench, timedelta(minutes=5, seconds=1))
    assert set(bench.states().values()) == {EffectState.DONE}
    assert sorted(bench.desk.done) == sorted(keys)


def test_what_fails_while_others_get_through_is_given_up(bench: Bench) -> None:
    (poison, *_) = bench.place(1)
    bench.desk.says[poison] = OSError("it breaks the other side")

    for minute in range(20):
        bench.send(f"fine {minute}", of=f"f{minute}", at=bench.clock.now())
        let_pass(bench, timedelta(minutes=1))

    (lost,) = [each for each in bench.store.effects() if each.state is EffectState.DEAD]
    assert (lost.key, lost.attempts) == (poison, bench.limits.tries)


@pytest.mark.parametrize(("days", "state"), [(6, EffectState.DUE), (8, EffectState.DEAD)])
def test_patience_ends_after_a_week(bench: Bench, days: int, state: EffectState) -> None:
    bench.place(1)
    bench.limits = Limits(opens_at_most=timedelta(hours=3))
    bench.desk.says["*"] = OSError("down")

    let_pass(bench, timedelta(days=days))

    assert set(bench.states().values()) == {state}


def test_an_outage_that_lasts_is_told_once_and_so_is_its_end(bench: Bench) -> None:
    bench.place(1)
    bench.desk.says["*"] = OSError("down")

    let_pass(bench, timedelta(minutes=15))
    assert bench.outages == []
    let_pass(bench, timedelta(minutes=10))
    first, *_ = bench.outages
    assert (first.endpoint, first.lane, first.is_over) == ("erp", STANDARD, False)
    assert "down" in first.reason
    assert first.at - first.since >= timedelta(minutes=15)
    bench.desk.says.clear()
    let_pass(bench, timedelta(minutes=6))
    let_pass(bench, timedelta(hours=6))

    assert [each.is_over for each in bench.outages][-2:] == [False, True]
    assert len({each.since for each in bench.outages}) == 1
    noted = [each for each in bench.store.events() if each.type == "ToyTroubled"]
    assert [each.data["reason"] for each in noted] == ["down", "over"]


def test_a_short_outage_alarms_nobody(bench: Bench) -> None:
    bench.place(6)
    bench.desk.says["*"] = OSError("down")
    let_pass(bench, timedelta(minutes=5))
    bench.desk.says.clear()

    let_pass(bench, timedelta(hours=1))

    assert set(bench.states().values()) == {EffectState.DONE}
    assert bench.outages == []


def test_half_of_the_last_outcomes_open_the_breaker(bench: Bench) -> None:
    bench.place(1)
    bench.drain()
    bench.limits = Limits(window=4, trips_at=50)
    bench.desk.says |= {"b": OSError("down"), "d": OSError("down")}
    for name in "abcde":
        bench.send(name, of=name)

    bench.drain()

    assert bench.desk.sent[1:] == ["a", "b", "c", "d"], "two of four"
    assert bench.drain() == 0
    bench.wait(5)
    assert bench.drain() == 1, "one probe"


def test_a_broken_timer_is_postponed_and_keeps_no_other_waiting(bench: Bench) -> None:
    bench.store.apply(
        [
            ask("k0", PlaceToy(item="cursed", ordered=Decimal(1))),
            ask("k1", PlaceToy(item="bolt", ordered=Decimal(1))),
        ]
    )
    day = START + timedelta(days=1)

    fired = fire(bench.store, day)

    assert sorted(reply.is_done for reply in fired.replies) == [False, True]
    assert bench.store.get(Order, order_id("k1")).state == "chased"
    assert [timer.due_at for timer in bench.store.timers()] == [day + POSTPONED]


def test_a_timer_that_another_one_cancelled_does_not_fire(bench: Bench) -> None:
    bench.store.apply(
        [
            ask("k0", PlaceToy(item="peer", ordered=Decimal(1))),
            ask("k1", PlaceToy(item="peer", ordered=Decimal(1))),
        ]
    )

    replies = fire(bench.store, START + timedelta(days=1)).replies

    assert [[r.code for r in reply.refusals] for reply in replies] == [[], ["TIMER_GONE"]]
    assert sorted(order.state for order in bench.store.documents(Order)) == ["chased", "placed"]
    assert bench.store.timers() == ()


def test_the_next_effect_names_when_there_is_something_to_do(bench: Bench) -> None:
    assert bench.store.next_effect() is None

    bench.place(1)

    assert bench.store.next_effect() == START
    assert isinstance(bench.store.next_timer(), datetime)
