"""A planner in a browser without script: promises by day, slips, and an item at a site."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.sql.engine import Session
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.queries import OpenLine
from manciple.web.pages.planning import calendar, in_view
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered
from tests.web.signed_in import Browser, text_of, with_passwords

MONDAY = date(2026, 3, 2)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield with_passwords(made, "paul", "rita", "rolf")


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def line(
    *, needed: int = 0, first: int | None = None, promise: int | None = None, said: int = 0
) -> OpenLine:
    """A line whose days are counted from the Monday."""

    def day(n: int | None) -> date | None:
        return None if n is None else MONDAY + timedelta(days=n)

    return OpenLine(
        order="PO-1", line="1", item="VALVE", description="valve", supplier="BLUE", site="ATL",
        open=Quantity(Decimal(1), Unit.EACH),
        needed_by=MONDAY + timedelta(days=needed), ordered_on=MONDAY,
        first_promise=day(first), promise=day(promise), promised_on=day(said),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "views"),
    [
        (line(needed=5), {"all", "silent"}),
        (line(needed=5, first=5, promise=5), {"all"}),
        (line(needed=5, first=5, promise=6), {"all", "late", "slipped"}),
        (line(needed=9, first=5, promise=6), {"all", "slipped"}),
        (line(needed=9, first=5, promise=6, said=-7), {"all", "slipped"}),
        (line(needed=9, first=5, promise=6, said=-8), {"all"}),  # it slipped before that week
        (line(needed=9, first=6, promise=5), {"all"}),  # earlier is no slip
        (line(needed=-1), {"all", "silent", "over"}),
        (line(needed=-1, first=0, promise=0), {"all", "late"}),  # promised for today: not over
    ],
)
def test_a_line_is_on_the_lists_that_it_belongs_to(known: OpenLine, views: set[str]) -> None:
    names = ("all", "slipped", "late", "silent", "over")

    assert {name for name in names if in_view(known, name, MONDAY)} == views


def test_the_calendar_counts_each_line_on_its_days_and_what_falls_outside() -> None:
    drawn = calendar(
        [
            line(needed=0, first=0, promise=1),
            line(needed=41),
            line(needed=42),
            line(needed=0, first=-1, promise=-1),
        ],
        MONDAY,
    )

    first, second = drawn.weeks[0][:2]
    assert (first.needed, first.promised, first.slipped) == (2, 0, 0)
    assert (second.needed, second.promised, second.slipped) == (0, 1, 1)
    assert drawn.weeks[5][6].needed == 1
    assert (drawn.before, drawn.after) == (1, 1)


def test_promises_show_need_promise_slip_and_the_exception_of_each_line(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    (case,) = cases(house, "SHORTAGE")
    browser = at_work(house, "paul")

    page = browser.open("/promises")
    none = browser.open("/promises?supplier=BLUE")
    told = text_of(page)

    need = house.get("root", f"/v1/purchase-orders/{order.number}")["lines"][0]
    assert f"/lines/{order.number}/1" in page
    assert "/items/ANCHOR/ATL" in page
    assert f"/exceptions/{case['id']}" in page
    assert "400 pieces" in told
    assert need["needed_by"] in told
    assert f"{need['promise']}: 1 needed, 1 promised, 0 slipped" in page or need["promise"] in told
    assert "No line is here" in none
    assert order.number not in browser.open("/promises?view=silent")
    assert order.number in browser.open(f"/promises?day={need['promise']}")
    assert order.number not in browser.open("/promises?day=2030-01-01")
    assert browser.ask("GET", "/promises?day=soon").status_code == 422
    assert browser.ask("GET", "/promises?view=odd").status_code == 422


def test_what_has_come_is_not_awaited_any_more(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "120"),))
    browser = at_work(house, "paul")

    house.count_at_dock("R-1", order.number, {"1": 70})
    part = text_of(browser.open("/promises"))
    house.count_at_dock("R-2", order.number, {"1": 50})

    assert "50 pieces" in part
    assert order.number not in browser.open("/promises")


def test_a_sheet_holds_what_the_page_shows(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "120"),))

    answer = at_work(house, "paul").ask("GET", "/promises.csv?view=silent")

    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("Order,Line,Item")
    assert lines[1].startswith(f"{order.number},1,VALVE,valve of a kind,BLUE,ATL,120")


def test_another_sites_people_see_none_of_it(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "120"),))
    browser = at_work(house, "rolf")

    assert order.number not in browser.open("/promises")
    assert browser.ask("GET", "/items/VALVE/ATL").status_code == 404
    assert browser.ask("GET", "/items/VALVE/DFW").status_code == 200
    assert browser.ask("GET", "/items/GHOST/DFW").status_code == 404


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("VAL", {"VALVE"}), ("valve of", {"VALVE"}), ("kind", {"VALVE", "BOLT", "STATUE"}),
        ("ALVE", set()), ("valve bolt", set()), ("", set()), ("%", set()),
    ],
)  # fmt: skip
def test_items_are_found_by_the_beginning_of_number_and_words(
    house: Installation, typed: str, found: set[str]
) -> None:
    names = {item.id for item in house.app.items.found(typed, most=50)}

    assert found <= names
    assert bool(found) == bool(names)


def test_a_renamed_item_is_found_by_its_new_words_only(house: Installation) -> None:
    item = house.get("root", "/v1/items/VALVE")
    body = {key: value for key, value in item.items() if key not in {"id", "version", "state"}}
    answer = house.put("stew", "/v1/items/VALVE", body | {"description": "ball cock brass"})
    assert answer.status in {200, 201}, answer.body

    def names(text: str) -> set[str]:
        return {each.id for each in house.app.items.found(text, most=50)}

    assert names("bra") == {"VALVE"}
    assert "VALVE" not in names("kind")


def test_the_card_tells_stock_orders_lead_time_and_terms_with_their_age(
    house: Installation,
) -> None:
    for days in (3, 4, 5, 9):
        _, order = ordered(house, (("VALVE", "12"),))
        house.wait(days=days)
        house.count_at_dock(f"R-{days}", order.number, {"1": 12})
    ordered(house, (("VALVE", "120"),))
    body = {
        "site": "ATL", "item": "VALVE", "as_of": house.clock.now().isoformat(),
        "on_hand": {"value": "60", "unit": "EA"}, "daily_demand": {"value": "12", "unit": "EA"},
        "customer_orders": 2,
    }  # fmt: skip
    assert house.put("root", "/v1/outlooks/ATL:VALVE", body).status in {200, 201}
    house.wait(days=1)
    browser = at_work(house, "paul")

    page = browser.open("/items/VALVE/ATL")
    bare = text_of(browser.open("/items/VALVE/DFW"))

    told = text_of(page)
    assert "60 pieces told 1 d ago" in told
    assert f"out on {(house.clock.now() + timedelta(days=4)).date()}" in told
    assert "2 customer orders wait" in told
    assert "120 pieces 1 line" in told
    assert "4 calendar days median; nine of ten within 9, n = 4" in told
    assert "Agreed lead time 3 working days" in told
    # Ordered 2, 5, 9 and 14 March, all taken as after hours: due 6, 11, 13 and 19 March.
    assert "2 of 4 came later" in told
    assert "120.00 USD per case" in told
    assert "24 pieces ordered" in page  # a column of the chart says what it is
    assert bare.count("unknown") >= 3
    assert "0 deliveries so far, 4 are needed" in bare


def test_a_long_calendar_asks_the_database_no_more_than_a_short_one(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = at_work(house, "paul")
    asked: list[str] = []
    rows = Session.rows

    def counted(self: Session, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return rows(self, sql, *more)

    def cost() -> int:
        asked.clear()
        monkeypatch.setattr(Session, "rows", counted)
        browser.open("/promises")
        monkeypatch.undo()
        return len(asked)

    ordered(house, (("VALVE", "12"),))
    few = cost()
    for n in range(6):
        ordered(house, (("VALVE", str(24 + 12 * n)), ("FUSE", "10")))

    assert cost() == few
