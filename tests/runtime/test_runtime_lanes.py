"""Breaker, bucket and back-off as pure functions."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from manciple.runtime.lanes import LaneState, Limits, opens_until, wait_after
from manciple.runtime.rows import SECOND

QUOTA = Limits(every=timedelta(milliseconds=500), burst=3)


def test_a_lane_without_a_quota_takes_all() -> None:
    assert LaneState().allows(Limits(), 10, 50) == 50


def test_a_new_bucket_is_full() -> None:
    assert LaneState().refilled(QUOTA, 1).allows(QUOTA, 1, 50) == 3


def test_tokens_are_earned_by_time_and_never_beyond_the_burst() -> None:
    empty = LaneState().refilled(QUOTA, 1).taken(QUOTA, 3)

    later = [empty.refilled(QUOTA, 1 + SECOND * n // 4).allows(QUOTA, 9**9, 50) for n in range(9)]

    assert later == [0, 0, 1, 1, 2, 2, 3, 3, 3]


@given(st.lists(st.integers(1, 3 * SECOND), min_size=1, max_size=50))
def test_no_wait_however_cut_up_earns_more_than_its_time(waits: list[int]) -> None:
    state, now, taken = LaneState().refilled(QUOTA, 1), 1, 0

    for wait in waits:
        count = state.allows(QUOTA, now, 50)
        taken += count
        state, now = state.taken(QUOTA, count), now + wait
        state = state.refilled(QUOTA, now)

    assert taken <= 3 + sum(waits) * 2 // SECOND


def test_an_open_breaker_takes_nothing_and_then_one_probe() -> None:
    limits = Limits(trips_after=5, opens_for=timedelta(seconds=5))
    tripped = LaneState(failures=5, open_until=opens_until(limits, 5, 100))

    assert tripped.allows(limits, 100, 50) == 0
    assert tripped.allows(limits, 100 + 5 * SECOND, 50) == 1
    assert opens_until(limits, 4, 100) == 0


def test_only_the_drain_of_that_name_raises_the_epoch() -> None:
    assert LaneState(epoch=7).begun(7).epoch == 8
    assert LaneState(epoch=7).begun(6).epoch == 7
    assert LaneState(epoch=7).begun(None).epoch == 7


def test_waits_double_up_to_five_minutes() -> None:
    waits = [wait_after(attempts) / SECOND for attempts in (1, 2, 3, 10, 30)]

    assert waits == [0.5, 1, 2, 256, 300]
