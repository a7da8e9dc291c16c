"""What is owed, in a browser without script: duplicates, goods not invoiced, credits expected."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.app.accrual import BANDS, band_of, grouped
from manciple.invoicing.unbilled import Unbilled
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from tests.api.installation import Installation
from tests.scenarios.office import ordered
from tests.scenarios.test_goods_that_go_back import ask, send
from tests.web.at_a_desk import Made, at_desk, made_once
from tests.web.signed_in import text_of
from tests.web.test_paying_pages import invoice


def furnish(house: Installation) -> None:
    """A paper came twice; goods are here without a bill; goods went back."""
    _, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 60, "2": 20})
    house.wait(hours=24 * 10)
    house.count_at_dock("D2", order.number, {"1": 48})
    adler, nuts = ordered(house, (("NUT", "200"),), supplier="ADLER")
    house.count_at_dock("D3", nuts.number, {"1": 200})
    adler.drop(adler.invoice(nuts, "N-1"))
    house.wait(hours=24)
    adler.drop(adler.invoice(nuts, "n 01"))
    back = ask(house, order.number, "12", line={"receipt": None})
    send(house, back)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_once(tmp_path_factory.mktemp("owing") / "home", furnish)


@pytest.fixture(scope="module")
def full(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that tests of this file only read."""
    with made.copied(tmp_path_factory.mktemp("owing") / "read") as house:
        yield house


@pytest.fixture
def house(made: Made, tmp_path: Path) -> Iterator[Installation]:
    with made.copied(tmp_path / "home") as house:
        yield house


def test_a_duplicate_stands_beside_the_one_that_has_its_number(full: Installation) -> None:
    told = text_of(at_desk(full, "ada").open("/duplicates"))

    for words in (
        "1 paper is held",
        "N-1 n 01 same both are N1",
        "2026-03-12 2026-03-13 near +1 days",
        "50.00 USD 50.00 USD same",
        "Lines 2 cases of",
        "4 of 5 facts are the same",
        "Duplicate of your N-1 of 2026-03-12",
        "Only a lead of accounts payable can say that it is a paper of its own.",
    ):
        assert words in told, words


def test_what_is_not_invoiced_is_summed_by_age(full: Installation) -> None:
    clerk = at_desk(full, "ada")

    whole = text_of(clerk.open("/grni"))
    old = text_of(clerk.open("/grni?band=8-30"))

    assert "To accrue 1,360.00 USD" in whole  # 960.00 of valves kept and 400.00 of relays
    assert "8 to 30 days 2 1,000.00 USD" in whole
    assert "Up to 7 days 1 360.00 USD" in whole
    assert "To accrue 1,000.00 USD" in old
    assert "Mon 2 Mar 2026 11 60 pieces 600.00 USD" in old
    assert "36 pieces" not in old
    sheet = clerk.ask("GET", "/grni.csv?band=8-30").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[6:] for line in sheet[1:]] == [
        ["2026-03-02", "11", "60", "EA", "600.00", "USD"],
        ["2026-03-02", "11", "20", "EA", "400.00", "USD"],
    ]
    assert "Nothing of this age" in clerk.open("/grni?band=91")


def test_a_credit_is_expected_until_it_is_overdue_and_written_off(house: Installation) -> None:
    clerk = at_desk(house, "ada")

    told = text_of(clerk.open("/credits"))
    statement = text_of(clerk.open("/credits/of/BLUE"))

    assert "Expected 120.00 USD" in told
    assert "120.00,120.00,USD" in clerk.ask("GET", "/credits.csv").text
    assert "2026-04-01" in told
    assert "write-off" not in clerk.open("/credits")
    assert "12 pieces VALVE" in statement
    assert "No paper of this supplier" in statement
    house.wait(hours=24 * 30)
    lead = at_desk(house, "luis")
    late = lead.open("/credits")
    assert "Overdue 120.00 USD" in text_of(late)
    (rtv,) = (row["id"] for row in house.get("ben", "/v1/returns")["rows"])
    empty = lead.fill(late, f"/credits/{rtv}/write-off", reason=" ")
    done = lead.fill(empty.text, f"/credits/{rtv}/write-off", reason="they are bankrupt")
    assert (empty.status_code, done.status_code) == (422, 303)
    assert "No credit is owed" in lead.open(done.headers["location"])


def test_a_lead_lets_a_paper_of_its_own_go_on(house: Installation) -> None:
    number = invoice(house, "n 01")
    lead = at_desk(house, "luis")

    answer = lead.fill(
        lead.open("/duplicates"), f"/invoices/{number}/release", reason="a second delivery"
    )

    assert answer.headers["location"] == "/duplicates?done=release"
    kept = house.get("ada", f"/v1/invoices/{number}")
    assert [each["code"] for each in kept["releases"]] == ["DUPLICATE"]


def test_others_do_not_see_what_is_owed(full: Installation) -> None:
    warehouse = at_desk(full, "walt")

    for path in ("/duplicates", "/grni", "/credits", "/credits/of/BLUE"):
        assert warehouse.ask("GET", path).status_code == 404, path


# --- sums


def unbilled(days: int, amount: str | None, currency: Currency = Currency.USD) -> Unbilled:
    return Unbilled(
        order="PO-1", line="1", item="NUT", supplier="ADLER", site="ATL", receipt=f"R{days}",
        received=date(2026, 3, 1), days=days, quantity=Quantity(Decimal(1), Unit.EACH),
        value=Money(Decimal(amount), currency) if amount else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "0-7"), (7, "0-7"), (8, "8-30"), (30, "8-30"), (31, "31-60"), (60, "31-60"),
     (61, "61-90"), (90, "61-90"), (91, "91"), (4000, "91")],
)  # fmt: skip
def test_a_band_holds_both_its_bounds(days: int, band: str) -> None:
    assert band_of(days) == band


def test_currencies_are_never_added_and_the_unknown_is_counted() -> None:
    rows = [unbilled(1, "10.00"), unbilled(9, "5.00", Currency.EUR), unbilled(95, "1.50"),
            unbilled(95, None)]  # fmt: skip

    found = grouped(rows, on=date(2026, 6, 1))

    assert [f"{m.amount} {m.currency}" for m in found.whole.amounts] == ["5.00 EUR", "11.50 USD"]
    assert found.whole.unknown == 1
    assert [count for count, _ in found.bands.values()] == [1, 1, 0, 0, 2]
    assert set(found.bands) == set(BANDS)
    assert grouped(rows, on=date(2026, 6, 1), band="91").whole.unknown == 1
