"""Records: made as dataclasses are, copied with other values."""

import dataclasses
import pickle
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.identity import identity, number
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import RecordError, copier, dataclass, replace
from manciple.kernel.units import Unit


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


def test_a_record_is_made_in_c_and_is_a_dataclass_for_whoever_looks() -> None:
    shelf = Shelf(name="a", high=2)

    assert isinstance(shelf, msgspec.Struct)
    assert [each.name for each in dataclasses.fields(shelf)] == ["name", "high", "wide"]
    assert dataclasses.asdict(shelf) == {"name": "a", "high": 2, "wide": 1}
    assert repr(shelf).endswith("Shelf(name='a', high=2, wide=1)")
    assert shelf == pickle.loads(pickle.dumps(shelf))
    assert len({shelf, Shelf(name="a", high=2), Shelf(name="b", high=2)}) == 2


def test_a_record_keeps_its_values_and_takes_them_by_name_only() -> None:
    shelf = Shelf(name="a", high=2)

    with pytest.raises(AttributeError):
        shelf.high = 3  # type: ignore[misc]  # what the checker would refuse
    with pytest.raises(AttributeError):
        shelf.deep = 3  # type: ignore[attr-defined]  # as above
    with pytest.raises(TypeError):
        Shelf("a", 2)  # type: ignore[call-arg]  # as above
    with pytest.raises(TypeError, match="high"):
        Shelf(name="a")  # type: ignore[call-arg]  # as above


def test_a_copy_as_it_is_is_not_checked_again() -> None:
    checked: list[int] = []

    @dataclass(frozen=True, slots=True)
    class Box:
        wide: int

        def __post_init__(self) -> None:
            checked.append(self.wide)

    box = Box(4)

    assert copier(Box)(box) == box
    assert copier(Box)(box) is not box
    assert checked == [4]


def test_what_a_record_cannot_be_is_refused_when_it_is_written() -> None:
    with pytest.raises(RecordError, match="hidden"):

        @dataclass(frozen=True, slots=True)
        class Hidden:
            hidden: int = dataclasses.field(repr=False)

    with pytest.raises(RecordError, match="Taller"):

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Taller(Shelf):
            top: int


def test_a_list_that_a_record_begins_with_is_its_own() -> None:
    @dataclass(slots=True)
    class Basket:
        items: list[int] = dataclasses.field(default_factory=list)

    one, other = Basket(), Basket()
    one.items.append(1)
    one.items += [2]

    assert (one.items, other.items) == ([1, 2], [])


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
def test_a_sum_is_a_quantity_like_any(one: Decimal, other: Decimal) -> None:
    told = Quantity(one, Unit.EACH) + Quantity(other, Unit.EACH)

    assert told == Quantity(one + other, Unit.EACH)
    assert Quantity.zero(Unit.EACH) == Quantity(Decimal(0), Unit.EACH)


@given(st.lists(st.text(max_size=8), max_size=3))
def test_a_number_is_the_first_sixty_bits_of_its_id(parts: list[str]) -> None:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    bits = identity("PO", *parts).int >> 68
    written = "".join(digits[bits >> 5 * place & 31] for place in reversed(range(12)))

    assert number("PO", *parts) == f"PO-{written}"
