"""More or less than was ordered comes: a tolerance takes it in, only the excess waits.

10,000 bolts are ordered; fasteners may come by 2 % more and may end 2 % short.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from manciple.world.desk import ReceivedOrder
from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give one installation for all stories here; each has an order of its own."""
    with installed(tmp_path_factory.mktemp("more") / "home") as made:
        yield made


def bolts(house: Installation) -> tuple[SupplierSide, ReceivedOrder]:
    return ordered(house, (("BOLT", "10000"),), supplier="ADLER")


def count(house: Installation, order: ReceivedOrder, *pieces: int) -> None:
    for number, came in enumerate(pieces, 1):
        house.count_at_dock(f"D{number}-{order.number}", order.number, {"1": came})


def line(house: Installation, order: ReceivedOrder) -> dict[str, str]:
    rows = house.books("erp", "SELECT * FROM line_total")
    return next(row for row in rows if row["order"] == order.number)


def aside(house: Installation, order: ReceivedOrder) -> list[str]:
    return [
        each["discrepancy"]["variance"]
        for each in cases(house, "OVER_RECEIPT")
        if each["subject"]["id"] == order.number
    ]


@pytest.mark.parametrize(
    ("pieces", "received", "excess"),
    [
        ((10200,), "10200", []),
        ((10201,), "10200", ["+1 EA"]),
        ((10000, 200), "10200", []),
        ((10000, 203), "10200", ["+3 EA"]),
    ],
)
def test_only_what_is_above_the_tolerance_of_all_receipts_is_put_aside(
    shared: Installation, pieces: tuple[int, ...], received: str, excess: list[str]
) -> None:
    _, order = bolts(shared)

    count(shared, order, *pieces)

    books = line(shared, order)
    assert Decimal(books["received"]) == Decimal(received)
    assert Decimal(books["ordered"]) == Decimal(10000)
    assert aside(shared, order) == excess
    (book,) = shared.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert book["totals"]["ordered"] == "10000", "no receipt raises what was ordered"


@pytest.mark.parametrize(
    ("received", "state", "still_open", "given_up"),
    [(9800, "closed", "0", "200"), (9700, "shipped", "300", "0")],
)
def test_a_small_rest_is_given_up_and_a_larger_one_stays_open(
    shared: Installation, received: int, state: str, still_open: str, given_up: str
) -> None:
    desk, order = bolts(shared)
    count(shared, order, received)

    desk.drop(desk.invoice(order, f"B-{order.number}", {"1": received // 100}))

    assert shared.get("ben", f"/v1/purchase-orders/{order.number}")["state"] == state
    (book,) = shared.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert (book["open"], book["totals"]["short_closed"]) == (still_open, given_up)


def test_a_rest_that_stays_open_is_expected_on_the_day_that_the_supplier_names_next(
    shared: Installation,
) -> None:
    desk, order = bolts(shared)
    count(shared, order, 9700)

    desk.drop(desk.acknowledgment(order, late=5))

    due = order.lines[0].wanted
    assert due is not None
    (stands,) = shared.get("ben", f"/v1/purchase-orders/{order.number}")["lines"]
    assert stands["promise"] > due.isoformat()
    (book,) = shared.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert book["open"] == "300"
