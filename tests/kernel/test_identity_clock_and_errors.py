"""Numbers that follow from a key, a clock that never goes back, refusals that carry reasons."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.clock import WallClock, WorldClock
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.identity import identity, number
from manciple.kernel.messages import SYSTEM, Actor, Command, NaiveTimeError, Role

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_the_same_words_give_the_same_number_and_others_another(
    one: list[str], other: list[str]
) -> None:
    assert number("PO", *one) == number("PO", *one)
    joined = "\x1f".join(one) == "\x1f".join(other)
    assert (identity(*one) == identity(*other)) == joined


def test_a_number_never_changes_between_releases() -> None:
    assert number("PO", "key-1", "1") == "PO-0V764Q4YR993"


def test_a_number_is_readable_aloud() -> None:
    assert not set(number("PO", "anything").removeprefix("PO-")) & set("ILOU")


def test_the_worlds_clock_stands_still_and_never_goes_back() -> None:
    clock = WorldClock(datetime(2026, 6, 1, 14, tzinfo=timezone(timedelta(hours=2))))

    assert clock.now() == NOON
    clock.advance(NOON + timedelta(hours=1))
    clock.advance(NOON)
    assert clock.now() == NOON + timedelta(hours=1)


def test_a_world_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        WorldClock(datetime(2026, 6, 1))


def test_the_wall_clock_is_aware() -> None:
    assert WallClock().now().tzinfo is UTC


def test_a_refusal_carries_every_reason() -> None:
    first = Reason(code="UOM", message="2.5 XCS is not whole", field="lines.1.quantity")
    refusal = Refused(first, Reason(code="BLOCKED", message="supplier is blocked"))

    assert [reason.code for reason in refusal.reasons] == ["UOM", "BLOCKED"]
    assert str(refusal) == "UOM: 2.5 XCS is not whole; BLOCKED: supplier is blocked"


def test_a_refusal_without_a_reason_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        Refused()


def test_one_reason_is_refused_with_its_field_rule_and_fix() -> None:
    refusal = refuse("UOM", "not whole", field="lines.1", rule="D-11", fix="order 3")

    assert refusal.reasons == (
        Reason(code="UOM", message="not whole", field="lines.1", rule="D-11", fix="order 3"),
    )


def test_a_command_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTimeError, match="key-1"):
        Command(key="key-1", act=object(), actor=SYSTEM, at=datetime(2026, 6, 1))


def test_a_command_is_its_own_cause_unless_told() -> None:
    assert Command(key="k", act=0, actor=SYSTEM, at=NOON).cause == "k"
    assert Command(key="k", act=0, actor=SYSTEM, at=NOON, correlation="c").cause == "c"


def test_an_actor_has_the_roles_it_was_given() -> None:
    ana = Actor(id="ana", roles=(Role.BUYER, Role.PLANNER))

    assert ana.has(Role.PLANNER, Role.ADMIN)
    assert not ana.has(Role.ADMIN)
