"""Which numbers came, which are missing: the rule of a partner's count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.exchange.control_numbers import (
    LAST,
    LONGEST_GAP,
    Arrival,
    ControlNote,
    ControlSequence,
    accepted,
    arrived,
    begun,
    next_due,
    told_by,
)
from manciple.kernel.errors import Refused

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
WINDOW = timedelta(hours=24)


def counted(*numbers: int) -> tuple[ControlSequence, list[Arrival]]:
    first, *rest = numbers
    sequence = begun("BLUE", ControlNote(scope="ISA ZZ:BLUE", number=first, element="ISA13"))
    arrivals = [Arrival.BEGUN]
    for each in rest:
        sequence, arrival = arrived(sequence, each, at=AT, window=WINDOW)
        arrivals.append(arrival)
    return sequence, arrivals


def missing(sequence: ControlSequence) -> list[str]:
    return [str(each) for each in sequence.missing]


def test_numbers_in_order_leave_nothing_missing() -> None:
    sequence, arrivals = counted(12, 13, 14)

    assert arrivals == [Arrival.BEGUN, Arrival.NEXT, Arrival.NEXT]
    assert (sequence.first, sequence.last, sequence.state) == (12, 14, "whole")


def test_a_skipped_number_is_missing_until_it_comes() -> None:
    sequence, arrivals = counted(12, 14)
    assert (arrivals[-1], missing(sequence), sequence.state) == (
        Arrival.SKIPPED, ["13"], "waiting")  # fmt: skip

    healed, arrival = arrived(sequence, 13, at=AT, window=WINDOW)

    assert (arrival, missing(healed), healed.state) == (Arrival.HEALED, [], "whole")
    assert healed.last == 14


def test_a_number_from_the_middle_of_a_gap_leaves_two() -> None:
    sequence, arrivals = counted(1, 10, 5)

    assert arrivals[-1] is Arrival.HEALED
    assert missing(sequence) == ["2 to 4", "6 to 9"]


@pytest.mark.parametrize(("came", "arrival"), [(11, Arrival.REPEATED), (13, Arrival.HEALED)])
def test_only_what_came_before_is_a_repeat(came: int, arrival: Arrival) -> None:
    sequence, _ = counted(10, 11, 12, 14)

    assert arrived(sequence, came, at=AT, window=WINDOW)[1] is arrival


@pytest.mark.parametrize(
    ("came", "arrival"),
    [
        (10 + LONGEST_GAP + 1, Arrival.SKIPPED),
        (10 + LONGEST_GAP + 2, Arrival.RESTARTED),
    ],
)
def test_a_jump_is_a_gap_up_to_a_thousand_and_a_new_count_above(
    came: int, arrival: Arrival
) -> None:
    sequence, _ = counted(10)

    after, found = arrived(sequence, came, at=AT, window=WINDOW)

    assert found is arrival
    assert bool(after.missing) is (arrival is Arrival.SKIPPED)
    assert after.last == came


@pytest.mark.parametrize(
    ("came", "arrival"),
    [(5_000 - LONGEST_GAP, Arrival.EARLIER), (5_000 - LONGEST_GAP - 1, Arrival.RESTARTED)],
)
def test_below_the_first_number_there_is_no_count(came: int, arrival: Arrival) -> None:
    sequence, _ = counted(5_000, 5_001)

    assert arrived(sequence, came, at=AT, window=WINDOW)[1] is arrival


def test_one_follows_the_highest_number() -> None:
    sequence, arrivals = counted(LAST - 1, LAST, 1, 2)

    assert arrivals[-2:] == [Arrival.RESTARTED, Arrival.NEXT]
    assert (sequence.first, sequence.last, sequence.missing) == (1, 2, ())


@pytest.mark.parametrize(("late", "told"), [(-1, False), (0, True), (1, True)])
def test_a_gap_is_told_when_its_window_is_over(late: int, told: bool) -> None:
    sequence, _ = counted(1, 3)
    due = AT + WINDOW
    assert next_due(sequence) == due

    after = told_by(sequence, due + timedelta(microseconds=late))

    assert bool(after.told) is told
    assert after.state == ("gap" if told else "waiting")
    assert next_due(after) == (None if told else due)


def test_only_what_was_told_missing_can_be_given_up() -> None:
    sequence, _ = counted(1, 3)
    with pytest.raises(Refused, match="nothing is missing"):
        accepted(sequence)

    assert accepted(told_by(sequence, AT + WINDOW)).state == "whole"


@given(st.permutations(range(1, 13)), st.integers(0, 11))
def test_whatever_the_order_what_is_missing_is_what_did_not_come(
    order: list[int], left_out: int
) -> None:
    came = [n for n in order if n != order[left_out]]

    sequence, _ = counted(*came)

    gone = {n for each in sequence.missing for n in range(each.first, each.last + 1)}
    assert gone == set(range(sequence.first, sequence.last + 1)) - set(came)
