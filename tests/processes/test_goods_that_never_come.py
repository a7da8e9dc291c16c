"""What a supplier refuses or does not promise has one owner; what it promised and owes is late."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered

from manciple.world.desk import ReceivedOrder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


def answer(desk: SupplierSide, order: ReceivedOrder, said: Mapping[str, tuple[str, str]]) -> None:
    """Answer each line with an ACK01 and an ACK02, promised for the day that was wanted."""
    rows: list[tuple[str, ...]] = [("BAK", "00", "AC", order.number, "20260302")]
    for line in order.lines:
        code, quantity = said[line.line]
        items = tuple(part for pair in line.items for part in pair)
        day = f"{line.wanted:%Y%m%d}"
        rows.append(("PO1", line.line, f"{line.ordered:f}", line.unit, f"{line.price:f}",
                     line.basis, *items))  # fmt: skip
        promised = () if quantity == "0" else ("067", day)
        rows.append(("ACK", code, quantity, line.unit, *promised))
    rows.append(("CTT", str(len(order.lines))))
    desk.drop(desk.write("855", rows))


def codes(house: Installation) -> list[str]:
    return sorted(each["code"] for each in cases(house))


def test_a_line_refused_with_a_zero_quantity_is_a_refused_line(house: Installation) -> None:
    desk, order = ordered(house)

    answer(desk, order, {"1": ("IR", "0"), "2": ("IA", "2")})

    assert codes(house) == ["REJECTED_LINE"]
    (case,) = cases(house)
    assert case["discrepancy"]["line"] == "1"


def test_a_line_backordered_with_a_zero_quantity_is_backordered_whole(
    house: Installation,
) -> None:
    desk, order = ordered(house)

    answer(desk, order, {"1": ("IB", "0"), "2": ("IA", "2")})

    assert codes(house) == ["SHORTAGE"]
    (case,) = cases(house)
    assert "108 EA backordered" in case["discrepancy"]["text"]


def test_what_was_never_promised_is_not_late_while_the_planner_has_it(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    answer(desk, order, {"1": ("IQ", "5"), "2": ("IR", "0")})
    house.count_at_dock("D-1", order.number, {"1": 60})

    house.wait(days=20)

    assert codes(house) == ["REJECTED_LINE", "SHORTAGE"]


def test_what_was_promised_is_late_beside_a_shortage(house: Installation) -> None:
    desk, order = ordered(house)
    answer(desk, order, {"1": ("IQ", "5"), "2": ("IA", "2")})
    house.count_at_dock("D-1", order.number, {"1": 48, "2": 20})

    house.wait(days=20)

    assert codes(house) == ["DELAYED_RECEIPT", "SHORTAGE"]


def test_a_rest_that_the_planner_waits_for_is_late_when_it_does_not_come(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    answer(desk, order, {"1": ("IQ", "5"), "2": ("IA", "2")})
    house.count_at_dock("D-1", order.number, {"1": 60, "2": 20})
    (case,) = cases(house, "SHORTAGE")
    told = house.post(
        "paul", f"/v1/exceptions/{case['id']}/resolve", {"resolution": "await_balance"}
    )
    assert told.status == 200, told.body

    house.wait(days=20)

    assert codes(house) == ["DELAYED_RECEIPT"]
