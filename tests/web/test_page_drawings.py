from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from manciple.intelligence.tracing import System, TraceLine, lags
from manciple.web.pages import flow, lanes
from manciple.web.pages.overview import Overview, Reach, is_late, open_cases, stages
from tests.web.page_threads import NOW, a_line, a_step, a_trace, the_order

quantities = st.none() | st.decimals(0, 10**6, places=3)
lines = st.builds(
    lambda ordered, **stages: replace(a_line(), ordered=ordered, **stages),
    st.decimals(0, 10**6, places=3),
    cancelled=quantities,
    short_closed=quantities,
    acknowledged=quantities,
    shipped=quantities,
    received=quantities,
    invoiced=quantities,
)


def marks(line: TraceLine) -> dict[str, list[str]]:
    drawn = ET.fromstring(flow.drawing(line))
    return {
        column.findtext("title") or "": [rect.attrib["class"] for rect in column.iter("rect")]
        for column in drawn.iter("g")
    }


def test_a_gap_is_drawn_where_less_came_than_is_wanted() -> None:
    drawn = marks(a_line(acknowledged=Decimal(96), shipped=Decimal(96)))

    assert drawn["Ordered: 108 pieces"] == ["flow-stated"]
    assert drawn["Acknowledged: 96 pieces, 12 short of 108"] == ["flow-stated", "flow-gap"]


def test_what_was_cancelled_is_no_gap_later() -> None:
    drawn = marks(a_line(cancelled=Decimal(12), acknowledged=Decimal(96)))

    assert drawn["Ordered: 108 pieces"] == ["flow-stated", "flow-given-up"]
    assert drawn["Acknowledged: 96 pieces"] == ["flow-stated"]


def test_more_than_wanted_stands_out() -> None:
    drawn = marks(a_line(received=Decimal(120)))

    assert drawn["Received: 120 pieces, 12 more than 108"] == ["flow-stated", "flow-over"]


def test_a_stage_that_nobody_stated_is_an_outline_and_not_zero() -> None:
    nothing, zero = a_line(), a_line(acknowledged=Decimal(0))

    assert marks(nothing)["Acknowledged: not stated yet"] == ["flow-unstated"]
    assert marks(zero)["Acknowledged: 0 pieces, 108 short of 108"] == ["flow-stated", "flow-gap"]


@given(lines)
def test_no_mark_leaves_the_drawing(line: TraceLine) -> None:
    for rect in ET.fromstring(flow.drawing(line)).iter("rect"):
        top, tall = Decimal(rect.attrib["y"]), Decimal(rect.attrib["height"])
        assert tall >= 0
        assert Decimal(0) <= top
        assert top + tall <= Decimal(flow.HEIGHT) + Decimal("0.2")


def test_a_drawing_escapes_what_it_is_told() -> None:
    drawn = flow.drawing(replace(a_line(), line='1"><script>'))

    assert "<script>" not in drawn
    assert ET.fromstring(drawn).attrib["aria-label"].startswith('Line 1"><script>.')


def test_lanes_keep_their_order_and_leave_out_who_took_no_part() -> None:
    steps = (a_step("billed", system=System.FINANCE), a_step("asked", system=System.REQUESTER))

    assert lanes.used(steps) == (System.REQUESTER, System.FINANCE)


def test_the_thread_runs_from_each_lane_to_the_next() -> None:
    steps = (a_step("asked", system=System.REQUESTER), a_step("billed", system=System.FINANCE))
    first, second = lanes.pieces(steps, "/icons.svg")

    assert first.count("lane-thread") == 1
    assert f'd="M{lanes.LANE // 2} 0' in second
    assert f"H{lanes.LANE + lanes.LANE // 2}" in second


def test_a_lag_stands_beside_what_ended_it() -> None:
    steps = (a_step("sent"), a_step("answered", minutes=90))

    assert lags(steps) == (None, timedelta(minutes=90))
    assert lags(()) == ()


def test_a_stage_is_done_when_every_line_has_what_is_still_wanted() -> None:
    short = a_line("1", acknowledged=Decimal(96))
    settled = a_line("1", acknowledged=Decimal(96), cancelled=Decimal(12))
    silent = a_line("2")

    def reach(*told: TraceLine) -> Reach:
        return stages(a_trace(lines=told))[1].reach

    assert reach(settled) is Reach.DONE
    assert reach(short) is Reach.MOVING
    assert reach(settled, silent) is Reach.MOVING
    assert reach(silent) is Reach.WAITING


def test_the_exception_due_first_comes_first_and_resolved_ones_do_not_count() -> None:
    cases = open_cases(the_order())

    assert [case.code for case in cases] == ["NO_ACKNOWLEDGMENT", "INVOICE_MISMATCH"]


def test_a_case_at_its_deadline_is_not_late() -> None:
    case = replace(the_order().cases[0], due_at=NOW)

    assert not is_late(case, NOW)
    assert is_late(case, NOW + timedelta(seconds=1))
    assert not is_late(replace(case, is_open=False), NOW + timedelta(days=1))


def test_a_thread_without_steps_has_no_figures_to_invent() -> None:
    told = Overview.of(a_trace(steps=(), lines=()))

    assert (told.elapsed, told.longest, told.stages) == (None, None, ())
