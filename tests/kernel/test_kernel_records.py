"""Copies of records with other values."""

import dataclasses
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.identity import identity, number
from manciple.kernel.records import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    name: str
    high: int
    wide: int = 1

    def __post_init__(self) -> None:
        if self.high < 0:
            raise ValueError(self.high)


def test_a_copy_has_the_other_values_and_is_checked_like_any() -> None:
    shelf = Shelf(name="a", high=2, wide=3)

    assert replace(shelf, high=5) == dataclasses.replace(shelf, high=5)
    assert shelf.high == 2
    with pytest.raises(ValueError, match="-1"):
        replace(shelf, high=-1)
    with pytest.raises(TypeError, match="depth"):
        replace(shelf, depth=1)  # type: ignore[call-arg]  # what the checker would refuse


@given(st.lists(st.text(max_size=8), max_size=3))
def test_a_number_is_the_first_sixty_bits_of_its_id(parts: list[str]) -> None:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    bits = identity("PO", *parts).int >> 68
    written = "".join(digits[bits >> 5 * place & 31] for place in reversed(range(12)))

    assert number("PO", *parts) == f"PO-{written}"
