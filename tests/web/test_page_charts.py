"""Charts: every figure is told in words too, gaps stay gaps, and names are escaped."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from manciple.web.pages.charts import (
    HeatRow,
    Ranked,
    Spread,
    Stack,
    band,
    ceiling,
    heat,
    ranked,
    spark,
    stacks,
)

FIGURES = st.one_of(
    st.none(), st.integers(0, 10**9), st.decimals("0", "1e9", places=3, allow_nan=False)
)


def titles(drawing: Markup) -> list[str]:
    return [each.text or "" for each in ET.fromstring(drawing).iter("title")]


@pytest.mark.parametrize(
    ("highest", "wanted"),
    [("0", "4"), ("1", "1"), ("3", "4"), ("4", "4"), ("4.1", "8"), ("9", "10"), ("854", "1000"),
     ("0.3", "0.4"), ("1001", "2000")],
)  # fmt: skip
def test_a_scale_ends_at_a_round_figure_not_below_the_highest(highest: str, wanted: str) -> None:
    assert ceiling(Decimal(highest)) == Decimal(wanted)


@given(st.lists(FIGURES, max_size=20))
def test_a_spark_is_well_formed_whatever_is_known(values: list[Decimal | int | None]) -> None:
    drawn = ET.fromstring(spark(values))

    assert drawn.get("aria-hidden") == "true"
    assert len(list(drawn.iter("circle"))) == (1 if any(v is not None for v in values) else 0)


@given(st.lists(st.tuples(FIGURES, st.integers(0, 10**6)), min_size=1, max_size=20))
def test_a_band_names_every_period_that_has_a_figure(
    periods: list[tuple[Decimal | int | None, int]],
) -> None:
    rows = [
        Spread(
            name=f"W{place}",
            median=None if low is None else Decimal(low),
            high=None if low is None else Decimal(low) + more,
        )
        for place, (low, more) in enumerate(periods)
    ]

    told = titles(band(rows, label="Cycle time", unit="h"))

    assert [each.split(":")[0] for each in told] == [r.name for r in rows if r.median is not None]


def test_a_period_without_a_figure_is_a_gap_and_not_zero() -> None:
    known = Spread(name="W1", median=Decimal(2), high=Decimal(4))
    empty = Spread(name="W2", median=None, high=None)

    drawn = band([known, known, empty, known, known], label="Cycle time", unit="h")

    assert len(re.findall('class="chart-line"', drawn)) == 2
    assert not any(each.startswith("W2") for each in titles(drawn))


def test_bars_link_to_what_is_behind_them_and_say_their_figure() -> None:
    drawn = ranked(
        [
            Ranked(name="Shortage", figure=12, address="/exceptions?code=shortage"),
            Ranked(name="Price", figure=3),
        ],
        label="Open exceptions by type",
    )

    tree = ET.fromstring(drawn)
    links = list(tree.iter("a"))
    assert [each.get("href") for each in links] == ["/exceptions?code=shortage"]
    assert "Shortage: 12" in titles(drawn)
    assert "".join(links[0].itertext()).endswith("Shortage12")
    assert tree.get("role") == "group"
    widths = [Decimal((each.get("width") or "0").rstrip("%")) for each in tree.iter("rect")]
    assert abs(widths[0] - 4 * widths[1]) < Decimal("0.05")


def test_a_stack_tells_its_parts_and_its_whole() -> None:
    drawn = stacks(
        [Stack(name="Supplier's answer", parts=(3, 0, 2)), Stack(name="Nothing", parts=(0, 0, 0))],
        label="Where orders wait",
        legend=("up to a day", "up to 3 days", "longer"),
    )

    told = titles(drawn)
    assert "Supplier's answer: 5 (up to a day 3, longer 2)" in told
    assert "Nothing: 0" in told


def test_a_heat_map_tells_what_was_not_measured() -> None:
    drawn = heat(
        [HeatRow(name="SUP-01", cells=(Decimal("0.5"), None, 0))],
        ["Mon", "Tue", "Wed"],
        label="Late answers",
        unit="late",
    )

    told = titles(drawn)
    assert "SUP-01, Mon: 0.5 late" in told
    assert "SUP-01, Tue: nothing measured" in told
    assert "SUP-01, Wed: 0 late" in told
    assert 'class="chart-cell chart-cell-none"' in drawn
    assert 'class="chart-cell chart-cell-0"' in drawn
    assert 'class="chart-cell chart-cell-4"' in drawn


def test_names_from_outside_cannot_become_markup() -> None:
    evil = '<script>alert("1")</script>'

    drawn = ranked([Ranked(name=evil, figure=1, address='/x"onload="y')], label=evil)

    assert "<script" not in drawn
    assert ET.fromstring(drawn).find("a") is not None


def test_a_chart_is_as_wide_as_its_page_and_its_words_are_not_stretched() -> None:
    spread = Spread(name="W1", median=Decimal(2), high=Decimal(4))
    row, stack = Ranked(name="a", figure=1), Stack(name="a", parts=(1, 2))
    cell = HeatRow(name="a", cells=(1, 2))

    for drawn in (
        band([spread, spread], label="b", unit="h"),
        ranked([row], label="r"),
        stacks([stack], label="s", legend=("x", "y")),
        heat([cell], ["Mon", "Tue"], label="h", unit="late"),
    ):
        tree = ET.fromstring(drawn)
        assert tree.get("viewBox") is None
        places = [each.get("x") or "" for each in tree.iter("text")]
        assert all(each == "0" or each.endswith("%") for each in places)
        assert all(0 <= Decimal(each.rstrip("%")) <= 100 for each in places)
        assert not [each for inner in tree.iter("svg") for each in inner.iter("text")
                    if inner.get("viewBox")]  # fmt: skip
