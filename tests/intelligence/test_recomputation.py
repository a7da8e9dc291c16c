"""Every metric of a played world, equal to a recomputation that shares nothing with it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.adapters.sql.engine import transaction
from manciple.cli.demo import Demo
from manciple.intelligence.metrics import registry
from tests.intelligence import recompute
from tests.intelligence.played import played
from tests.intelligence.recompute.figures import GROUPS
from tests.intelligence.recompute.hours import DAY, micros
from tests.intelligence.recompute.sources import Event, Sources, read
from tests.intelligence.recompute.whole import MEASURES, Table, differences, table
from tests.intelligence.told import told

pytestmark = pytest.mark.timeout(180)
_ALTOGETHER = ("",)


@dataclass(frozen=True, slots=True)
class Run:
    """A played world: what the program tells of it, and what others wrote down."""

    world: Demo
    now: int
    told: Table
    sources: Sources

    def differs(self, sources: Sources) -> set[str]:
        """Give the series that differ from a recomputation of these sources, altogether."""
        ours = {name: figure for name, figure in self.told.items() if name[1] == ""}
        theirs = table(sources, now=self.now, by=_ALTOGETHER)
        return {name[0] for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    home = tmp_path_factory.mktemp("played") / "home"
    with played(home) as world:
        now = world.clock.now()
        yield Run(
            world=world,
            now=micros(now),
            told=told(world.app.metrics, now=now),
            sources=read(world.settings.database_url, home / "erp.sqlite"),
        )


def test_every_figure_is_equal_to_its_recomputation(run: Run) -> None:
    recomputed = table(run.sources, now=run.now)

    assert differences(run.told, recomputed) == []
    assert {name[1] for name in recomputed} == set(GROUPS)
    assert all(recomputed[series, "", ""].n for series in MEASURES)
    assert set(MEASURES) == {name for each in registry.DEFINITIONS for name in each.series}


def test_the_recomputation_imports_nothing_of_the_program() -> None:
    folder = Path(recompute.__file__).parent
    modules = [file for file in folder.glob("*.py") if file.name != "__main__.py"]
    assert len(modules) > 5
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            assert not any(name.startswith("manciple") for name in names), module.name


# ---- one fact altered -------------------------------------------------------------------------


def _event(kind: str, change: Callable[[Event], Event | None]) -> Callable[[Sources], Sources]:
    """Alter the first sealed row of a type; drop it if the change gives none."""

    def alter(sources: Sources) -> Sources:
        events = list(sources.events)
        for place, event in enumerate(events):
            changed = change(event) if event.type == kind else event
            if changed is not event:
                events[place : place + 1] = [] if changed is None else [changed]
                return replace(sources, events=events)
        raise AssertionError(kind)

    return alter


def _paper(kind: str, old: str, new: str) -> Callable[[Sources], Sources]:
    """Alter the bytes of the first kept paper of a kind in which a pattern is found."""

    def alter(sources: Sources) -> Sources:
        for name, content in sources.papers.items():
            text = content.decode("latin-1")
            changed = re.sub(old, new, text, count=1)
            if f"~\nST*{kind}" in text.replace("\r", "") and changed != text:
                papers = {**sources.papers, name: changed.encode("latin-1")}
                return replace(sources, papers=papers)
        raise AssertionError(kind)

    return alter


def _erp_line(sources: Sources) -> Sources:
    order = next(event.data["order"] for event in sources.events if event.type == "GoodsReceived")
    first, *others = sources.lines[order]
    more = replace(first, ordered=first.ordered * 2)
    return replace(sources, lines={**sources.lines, order: [more, *others]})


def _erp_receipt(sources: Sources) -> Sources:
    name, (day, lines) = next(iter(sources.receipts.items()))
    nothing = dict.fromkeys(lines, Decimal(0))
    return replace(sources, receipts={**sources.receipts, name: (day, nothing)})


def _erp_given_up(sources: Sources) -> Sources:
    name = next(iter(sources.given_up))
    return replace(sources, given_up={**sources.given_up, name: {}})


def _a_notice_later(sources: Sources) -> Sources:
    """Have every ship notice come when its goods had long been here."""
    notices = {
        event.sequence
        for event in sources.events
        if event.type == "MessageTaken"
        and b"~\nST*856" in sources.papers[event.data["interchange"]].replace(b"\r", b"")
    }
    assert notices
    events = [
        event._replace(at=event.at + 60 * DAY) if event.sequence in notices else event
        for event in sources.events
    ]
    return replace(sources, events=events)


def _later(event: Event) -> Event:
    return event._replace(at=event.at + 30 * 60_000_000)


ALTERED: dict[str, tuple[Callable[[Sources], Sources], str]] = {
    "the ERP has another quantity": (_erp_line, "supplier-fill-rate"),
    "the ERP booked nothing": (_erp_receipt, "partial-shipment-rate"),
    "the ERP gave nothing up": (_erp_given_up, "supplier-acknowledgment-latency"),
    "released half an hour later": (
        _event("OrderRecordedInErp", _later), "requisition-to-po-cycle-time"),
    "sent half an hour later": (
        _event("InterchangeSent", _later), "supplier-acknowledgment-latency"),
    "a program approved": (
        _event("StepApproved", lambda event: event._replace(door="timer")), "touchless-po-rate"),
    "decided ten days later": (
        _event("StepApproved", lambda event: event._replace(at=event.at + 10 * DAY)),
        "approval-sla-adherence"),
    "an exception was never settled": (
        _event("CaseResolved", lambda _: None), "exception-aging"),
    "a look at a bill found nothing": (
        _event("InvoiceHeld", lambda _: None), "first-pass-match-rate"),
    "nobody hurried a line": (
        _event("LineExpedited", lambda _: None), "expedite-premium"),
    "a cent of freight billed": (
        _paper("810", r"SAC\*C\*D240\*\*\*\d+", "SAC*C*D240***1"), "inbound-freight"),
    "a cent of freight under the premium": (
        _paper("810", r"SAC\*C\*D240\*\*\*\d+", "SAC*C*D240***1"), "expedite-premium-share"),
    "a ship notice came weeks later": (_a_notice_later, "late-ship-notice-share"),
    "nobody told of a shelf": (
        _event("OutlookRegistered", lambda _: None), "inventory-availability-impact"),
    "one piece more on a ship notice": (
        _paper("856", r"(SN1\*1\*)\d+", r"\g<1>1"), "supplier-fill-rate"),
    "another day promised": (_paper("855", r"\*017\*\d{8}", "*017*20270302"), "otif"),
    "another price on a bill": (_paper("810", r"(IT1\*1\*\d+\*CA\*)\d", r"\g<1>9"),
                                "first-pass-match-rate"),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_one_altered_fact_is_a_difference(run: Run, what: str) -> None:
    alter, series = ALTERED[what]

    assert series in run.differs(alter(run.sources))


def test_one_altered_fact_of_ours_is_a_difference(run: Run) -> None:
    engine = run.world.app.store.engine
    where = (
        "where metric = 'otif' and key = "
        "(select key from metric_fact where metric = 'otif' order by at, key limit 1)"
    )
    with transaction(engine) as session:
        session.write(f"update metric_fact set value = 1 - value {where}")
    altered = told(run.world.app.metrics, now=run.world.clock.now())
    with transaction(engine) as session:
        session.write(f"update metric_fact set value = 1 - value {where}")

    found = differences(altered, table(run.sources, now=run.now))
    assert found
    assert all(each.startswith("('otif', ") for each in found)
