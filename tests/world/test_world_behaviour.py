"""Suppliers with characters, carriers with spreads, people with reaction times."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.formats.x12.tokens import Tokens
from manciple.world.behaviour import Asked, Response, respond
from manciple.world.carrier import CARRIERS
from manciple.world.chance import Chance
from manciple.world.company import HABITS, Character, Supplier
from manciple.world.desk import Desk, OrderedLine, Plan, ReceivedOrder
from manciple.world.reactions import ROLES, ReactionsError, hours_of, reactions

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
LINES = tuple(
    Asked(ordered=Decimal(10), price=Decimal("100.00"), wanted=date(2026, 3, 12)) for _ in range(3)
)


def supplier(character: Character, carrier: str = "MNWF") -> Supplier:
    return Supplier(id="SUP-01", name="A", character=character, address="A", carrier=carrier)


def responses(character: Character, count: int = 400) -> Sequence[Response]:
    return [
        respond(LINES, supplier=supplier(character), zone="America/Chicago", at=NOW,
                chance=Chance(5, character, n))
        for n in range(count)
    ]  # fmt: skip


def share(character: Character, of: str) -> int:
    claims: dict[str, Callable[[Response], bool]] = {
        "forgotten": lambda r: r.answer.forgotten,
        "short": lambda r: any(c < 10 for c in r.answer.confirmed),
        "dearer": lambda r: any(p > 100 for p in r.answer.prices),
        "substituted": lambda r: r.answer.substituted is not None,
        "late": lambda r: r.loads[0].arrives.date() > r.answer.promised + timedelta(days=1),
        "wrong": lambda r: any(bill.is_wrong for bill in r.bills),
    }
    told = responses(character)
    return 100 * len([each for each in told if claims[of](each)]) // len(told)


@pytest.mark.parametrize(
    ("character", "of", "least"),
    [
        (Character.SILENT, "forgotten", 28),
        (Character.SHORT, "short", 23),
        (Character.CREEPING, "dearer", 9),
        (Character.SUBSTITUTING, "substituted", 19),
        (Character.LATE, "late", 40),
        (Character.CREEPING, "wrong", 12),
    ],
)
def test_a_character_does_what_it_is_called_for_and_an_excellent_one_does_not(
    character: Character, of: str, least: int
) -> None:
    assert share(character, of) >= least
    assert share(Character.EXCELLENT, of) <= 8


def test_every_character_has_habits_and_the_docks_work_by_day() -> None:
    assert set(HABITS) == set(Character)
    for each in Character:
        for told in responses(each, 60):
            for load in told.loads:
                local = load.arrives.astimezone(UTC)
                assert local.weekday() < 5
                assert load.arrives >= load.leaves


def test_carriers_keep_to_their_spread() -> None:
    for carrier in CARRIERS:
        days = {carrier.travels(Chance(1, carrier.scac, n)) for n in range(500)}

        assert min(days) == carrier.days[0]
        assert max(days) <= carrier.days[1] + carrier.delay_days[1]
        assert len(days) > 1


def order(number: str = "PO-000000001") -> ReceivedOrder:
    line = OrderedLine(
        line="1", ordered=Decimal(10), unit="CA", price=Decimal("8.00"), basis="",
        wanted=date(2026, 3, 12), items=(("VP", "V-1"), ("BP", "SKU-1")),
    )  # fmt: skip
    return ReceivedOrder(number=number, group="1", control="0001", lines=(line,), ship_to="ATL")


def first(character: Character, wanted: bool) -> tuple[Desk, str]:
    """Give a desk with an order that it forgot to answer, or did not."""
    desk = Desk(supplier=supplier(character), seed=5)
    for n in range(200):
        number = f"PO-{n:09}"
        answered = [p for p in desk._fulfil(order(number), NOW).papers if "-855-" in p.name]
        if (not answered) == wanted:
            return desk, number
    raise AssertionError(character)


def test_a_call_brings_the_answer_that_was_forgotten_once() -> None:
    desk, number = first(Character.SILENT, wanted=True)

    papers = desk.call(number, NOW)

    assert ["-855-" in paper.name for paper in papers] == [True]
    assert NOW < papers[0].at <= NOW + timedelta(hours=3)
    assert desk.call(number, NOW) == ()


def hurried(at: datetime) -> tuple[Plan, Plan, Desk]:
    """Give what was planned, what comes sooner after a call at ``at``, and the desk."""
    for number in range(100):
        desk = Desk(supplier=supplier(Character.OVERSOLD), seed=5)
        before = desk._fulfil(order(f"PO-{number:09}"), NOW)
        after = desk.hurry(f"PO-{number:09}", at)
        if after.shipments:
            return before, after, desk
    raise AssertionError("of a hundred orders none could be hurried")


def test_a_call_brings_goods_sooner_under_the_names_that_their_papers_had() -> None:
    at = NOW + timedelta(days=9)
    before, after, desk = hurried(at)

    planned = {each.number: each.arrives for each in before.shipments}
    papers = {each.name: each for each in before.papers}
    for sooner in after.shipments:
        assert at < sooner.arrives < planned[sooner.number]
    assert after.papers
    for paper in after.papers:
        assert at < paper.at < papers[paper.name].at
        assert paper.content != papers[paper.name].content
    assert desk.control == len(before.papers)


def test_what_has_left_can_not_be_hurried() -> None:
    before, _, desk = hurried(NOW + timedelta(days=9))
    order = before.shipments[0].order
    left = max(each.arrives for each in before.shipments)

    assert desk.hurry(order, left) == Plan(papers=(), shipments=())
    assert desk.hurry("PO-OTHER", NOW) == Plan(papers=(), shipments=())


def test_a_disputed_bill_comes_again_under_another_number_at_the_orders_prices() -> None:
    desk, number = first(Character.CREEPING, wanted=False)
    bill = f"I01S{number[-8:]}1"

    (paper,) = desk.dispute(bill, NOW)

    segments = list(Tokens(paper.content))
    assert [s.at(2) for s in segments if s.tag == "BIG"] == [f"{bill}R"]
    assert [s.at(4) for s in segments if s.tag == "IT1"] == ["8.00"]
    assert desk.dispute(bill, NOW) == ()


def test_reactions_keep_to_their_median_and_to_open_hours() -> None:
    row, hours = reactions()["planner"], hours_of("America/Chicago")

    spans = sorted(
        hours.elapsed(NOW, row.sits_down(NOW, hours, Chance(1, "r", n))) for n in range(1000)
    )

    assert abs(spans[500] / timedelta(minutes=row.median) - 1) < 0.12
    assert abs(spans[900] / timedelta(minutes=row.p90) - 1) < 0.2
    late = row.sits_down(datetime(2026, 3, 7, tzinfo=UTC), hours, Chance(1, "weekend"))
    assert late >= datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_the_table_of_reactions_has_six_roles_and_each_row_says_its_source() -> None:
    table = reactions()

    assert tuple(table) == ROLES
    assert len(ROLES) == 6
    assert all(row.source for row in table.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("median = 150", "median = 900"), "0 < median < p90"),
        (("later = 10", "later = 100"), "later < 100"),
        (("[planner]", "[planer]"), "planner"),
        (("work = 3", 'work = "3"'), "work must be"),
        (("work = 3\n", ""), "[approver]"),
    ],
)
def test_a_table_that_can_not_be_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    shipped = Path(__file__).parents[2] / "src" / "manciple" / "world" / "reactions.toml"
    file = tmp_path / "mine.toml"
    file.write_text(shipped.read_text("utf-8").replace(*change, 1), "utf-8")

    with pytest.raises(ReactionsError, match=r".") as refused:
        reactions(file)

    assert said in str(refused.value)
