"""The dashboard, a metric and the wait map, over a real installation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.definition import Definition
from manciple.intelligence.waiting import AGES, Place, Waiting, counted
from manciple.runtime.queries import Scope
from tests.api.installation import Installation, installed
from tests.scenarios.office import ordered, raise_need
from tests.web.signed_in import Browser, text_of, with_passwords

NOW = datetime(2026, 7, 6, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("figures") / "home") as made:
        with_passwords(made, "paul", "rolf")
        raise_need(made, (("VALVE", "100"),))
        ordered(made, (("BOLT", "200"),), supplier="ADLER")
        desk, answered = ordered(made, (("ANCHOR", "400"),), supplier="ADLER")
        desk.drop(desk.acknowledgment(answered, {"1": 15}))
        made.wait(hours=30)
        now = made.clock.now()
        Sealer(made.app.store.engine).seal_all(now)
        Follower(made.app.store.engine).follow_all(now)
        yield made


@pytest.fixture(scope="module")
def browser(house: Installation) -> Browser:
    found = Browser(house)
    assert found.sign_in("paul").status_code == 303
    return found


def a_line(hours: float, place: Place = Place.ANSWER) -> Waiting:
    return Waiting(
        thread="t", line="PO-1/1", item="X", place=place, turn="SUP",
        since=NOW - timedelta(hours=hours), site="ATL", supplier="SUP",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "bucket"),
    [(0, 0), (24, 0), (24.001, 1), (72, 1), (72.001, 2), (168, 2), (168.001, 3), (336, 3),
     (336.001, 4), (9999, 4)],
)  # fmt: skip
def test_an_age_at_its_bound_belongs_to_the_younger_bucket(hours: float, bucket: int) -> None:
    assert a_line(hours).age(NOW) == bucket


def test_every_place_is_counted_also_where_nothing_waits() -> None:
    counts = counted([a_line(1), a_line(30), a_line(1, Place.MATCH)], NOW)

    assert list(counts) == list(Place)
    assert counts[Place.ANSWER] == [1, 1, 0, 0, 0]
    assert counts[Place.MATCH] == [1, 0, 0, 0, 0]
    assert sum(counts[Place.ERP]) == 0
    assert len(AGES) == 5


def test_every_open_line_is_at_one_place_with_whose_turn_it_is(house: Installation) -> None:
    waits = house.app.waiting.waits(scope=Scope())

    at = {row.place: row for row in waits.rows}
    assert set(at) == {Place.APPROVAL, Place.ANSWER, Place.SHIPMENT}
    assert at[Place.APPROVAL].turn in {"anna", "alec", "nora"}
    assert at[Place.ANSWER].turn == at[Place.SHIPMENT].turn == "ADLER"
    assert len({row.line for row in waits.rows}) == len(waits.rows)
    assert waits.rows == tuple(sorted(waits.rows, key=lambda row: (row.since, row.line)))
    assert not house.app.waiting.waits(scope=Scope(sites=("DFW",))).rows


def test_the_dashboard_shows_eight_tiles_and_where_lines_wait(browser: Browser) -> None:
    page = browser.open("/dashboard?period=7d")

    told = text_of(page)
    for definition in registry.HEADLINES:
        assert definition.name in told
        assert f'href="/metrics/{definition.id}?period=7d"' in page
    assert "unknown" in told  # nobody records premiums of freight: that is not zero
    assert "/waiting?place=supplier&#39;s answer" in page or "/waiting?place=supplier" in page
    assert page.count("View as table") == 4


@pytest.mark.parametrize("definition", registry.HEADLINES, ids=lambda each: each.id)
def test_every_metric_tells_what_it_means(browser: Browser, definition: Definition) -> None:
    page = text_of(browser.open(f"/metrics/{definition.id}?period=all&by=supplier&state=open"))

    assert definition.formula in page
    assert "What is behind it" in page


def test_the_wait_map_leads_to_the_lines_of_a_place(browser: Browser) -> None:
    page = browser.open("/waiting?place=supplier's answer")

    assert "1 open line: supplier's answer" in text_of(page)
    assert "BOLT" in page
    assert "ANCHOR" not in page


@pytest.mark.parametrize(
    "address",
    ["/dashboard?period=nonsense", "/dashboard?site=%27%20or%201=1", "/dashboard?supplier=x",
     "/waiting?place=nowhere", "/waiting?from=99999", "/metrics/touchless?period=x"],
)  # fmt: skip
def test_noise_shows_an_empty_page_and_breaks_nothing(browser: Browser, address: str) -> None:
    assert browser.ask("GET", address).status_code == 200


def test_a_metric_that_does_not_exist_is_not_found(browser: Browser) -> None:
    assert browser.ask("GET", "/metrics/luck").status_code == 404


def test_figures_of_another_site_are_not_shown(house: Installation) -> None:
    other = Browser(house)
    other.sign_in("rolf")

    assert "PO-" not in text_of(other.open("/waiting"))
    assert "PO-" not in text_of(other.open("/waiting?site=ATL"))


def test_the_pages_of_figures_want_somebody_signed_in(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as made:
        for address in ("/dashboard", "/waiting", "/metrics/touchless", "/exceptions"):
            assert Browser(made).ask("GET", address).status_code == 303
