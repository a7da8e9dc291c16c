"""Reckonings of a large house are kept for a while and say their age; of a small one, never."""

from datetime import UTC, datetime, timedelta

from manciple.app.kept import ENOUGH, LASTS, Kept

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Reckoner:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_a_large_reckoning_is_shown_for_a_while_with_its_age() -> None:
    kept, reckon = Kept(), Reckoner()

    def asked(after: timedelta) -> tuple[int, datetime]:
        aged = kept.of("waits", NOW + after, reckon, lambda _: ENOUGH)
        return aged.value, aged.at

    assert asked(timedelta(0)) == (1, NOW)
    assert asked(LASTS - timedelta(microseconds=1)) == (1, NOW)
    assert asked(LASTS) == (2, NOW + LASTS)
    assert asked(timedelta(0))[0] == 3  # a clock that went back is asked anew


def test_how_much_is_enough_and_how_long_it_lasts_are_the_keepers_own() -> None:
    kept, reckon = Kept(enough=3, lasts=timedelta(seconds=5), times=0), Reckoner()

    def asked(key: str, size: int, after: int) -> int:
        return kept.of(key, NOW + timedelta(seconds=after), reckon, lambda _: size).value

    assert [asked("long", 3, second) for second in (0, 4, 5, 9)] == [1, 1, 2, 2]
    assert [asked("short", 2, second) for second in (0, 0)] == [3, 4]


def test_a_small_reckoning_is_of_this_instant() -> None:
    kept, reckon = Kept(), Reckoner()

    values = [kept.of("waits", NOW, reckon, lambda _: ENOUGH - 1).value for _ in range(2)]

    assert values == [1, 2]


def test_what_was_not_asked_for_longest_is_let_go() -> None:
    kept, reckon = Kept(most=2), Reckoner()

    for key in ("a", "b", "a", "c", "a", "b"):
        kept.of(key, NOW, reckon, lambda _: ENOUGH)

    assert reckon.times == 4  # a, b, c, and b again
