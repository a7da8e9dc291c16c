"""Shelves, season and planners' books: what is missing is counted, and reorder points hold."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from manciple.world.books import Books
from manciple.world.chance import Chance
from manciple.world.company import Item, company
from manciple.world.season import WEEKDAYS, WEEKS, index, promotion
from manciple.world.stock import Shelf, Stock

MONDAY = date(2026, 3, 2)


def shelf(*, on_hand: int, minimum: int = 12, maximum: int = 60, per_case: int = 12) -> Shelf:
    item = Item(
        id="SKU-1", description="washer", category="pipe", per_case=per_case, regulated=False
    )
    return Shelf(
        site="ATL", item=item, supplier="SUP-01", lead_days=3, pace=100, size=4, minimum=minimum,
        maximum=maximum, on_hand=on_hand, chance=Chance(1, "demand"),
    )  # fmt: skip


def test_what_a_customer_cannot_have_is_owed_and_served_first() -> None:
    low = shelf(on_hand=0)

    asked = sum(low.take(10_000) for _ in range(10))
    low.put(asked + 5)

    assert asked > 0
    assert (low.owed, low.on_hand) == (0, 5)


def test_goods_that_do_not_suffice_leave_the_rest_owed() -> None:
    low = shelf(on_hand=0)
    low.owed = 7

    low.put(4)

    assert (low.owed, low.on_hand, low.position) == (3, 0, -3)


def test_cases_fill_up_to_the_maximum_and_are_at_least_one() -> None:
    assert shelf(on_hand=12).cases() == 4
    assert shelf(on_hand=13).cases() == 3
    assert shelf(on_hand=59).cases() == 1


def test_no_season_no_demand_and_no_demand_at_a_weekend() -> None:
    assert index(7, "pipe", MONDAY + timedelta(days=5)) == 0
    assert shelf(on_hand=10).take(0) == 0


def test_a_day_is_week_times_weekday_times_promotion() -> None:
    week = MONDAY.isocalendar().week
    plain = next(s for s in range(100) if promotion(s, "pipe", week) == 100)
    lively = next(s for s in range(100) if promotion(s, "pipe", week) > 100)

    assert index(plain, "pipe", MONDAY) == WEEKS[week - 1] * WEEKDAYS[0]
    assert index(lively, "pipe", MONDAY) > index(plain, "pipe", MONDAY)


def test_the_weeks_of_a_year_even_out() -> None:
    assert len(WEEKS) == 53
    assert 98 <= sum(WEEKS[:52]) / 52 <= 102
    assert sum(WEEKDAYS) == 500


def test_the_same_seed_has_the_same_customers_whatever_is_ordered() -> None:
    one, two = Stock(company(3), 3), Stock(company(3), 3)
    for shelf_ in two.shelves.values():
        shelf_.on_hand += 1_000_000

    for n in range(10):
        one.sell(MONDAY + timedelta(days=n))
        two.sell(MONDAY + timedelta(days=n))

    assert one.missing.asked == two.missing.asked > 0
    assert two.missing.item_site_days == two.missing.unit_days == 0
    assert one.missing.item_site_days > 0
    assert one.missing.stocked_days == 10 * len(one.shelves)


def test_a_shelf_at_its_minimum_is_ordered_at_its_review_and_one_above_is_not() -> None:
    def lines(position: int) -> int:
        stock = Stock(company(3, suppliers=1, items=1), 3)
        for each in stock.shelves.values():
            each.minimum, each.maximum, each.on_hand = 100, 200, position
        week = [MONDAY + timedelta(days=n) for n in range(5)]
        baskets = [b for day in week for s in stock.company.sites for b in stock.review(s.id, day)]
        return sum(len(basket.lines) for basket in baskets)

    shelves = len(Stock(company(3, suppliers=1, items=1), 3).shelves)
    assert shelves > 1
    assert lines(100) == shelves  # each once in the week, on its day
    assert lines(101) == 0
    assert lines(26) == shelves
    assert lines(25) == 5 * shelves  # a quarter is left: urgent on every day


def test_books_fall_with_goods_cuts_and_ends_and_never_below_zero() -> None:
    stock = Stock(company(3), 3)
    basket = next(
        b for site in stock.company.sites for b in stock.review(site.id, MONDAY) if b.lines
    )
    books, wanted = Books(stock), basket.lines[0]
    pieces = wanted.cases * wanted.shelf.item.per_case

    books.raised("REQ-1", basket)
    books.placed("REQ-1", "PO-1")
    assert wanted.shelf.on_order == pieces
    books.less("PO-1", wanted.shelf.item.id, 1)
    assert wanted.shelf.on_order == pieces - 1
    books.less("PO-1", wanted.shelf.item.id, pieces * 2)
    assert wanted.shelf.on_order == 0
    books.dropped("PO-1")
    books.dropped("PO-1")

    assert {line.shelf.on_order for line in basket.lines} == {0}


def test_a_larger_company_has_the_core_unchanged_inside() -> None:
    core, whole = company(7, suppliers=24, items=240), company(7)

    assert (len(whole.suppliers), len(whole.items), len(whole.sites)) == (40, 500, 6)
    assert whole.items[:240] == core.items
    assert whole.suppliers[:24] == core.suppliers
    assert whole.offers[: len(core.offers)] == core.offers
    assert {offer.item for offer in whole.offers if offer.preferred} == {
        item.id for item in whole.items
    }
    assert replace(core.offers[0], price=Decimal(1)) != core.offers[0]
