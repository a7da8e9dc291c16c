"""A document taken as this process last saw it: checked before the commit, never trusted."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa

from manciple.adapters.sql.engine import look, look_at, open_engine
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.clock import WorldClock
from manciple.runtime.bus import Handles, Registry
from manciple.runtime.documents import Ref
from manciple.runtime.draft import SURE
from manciple.runtime.drains import Drains
from manciple.runtime.effects import Lane
from manciple.runtime.queries import EVERYTHING, Scope
from manciple.runtime.work import StoreError, Work
from tests.databases import database
from tests.ports.test_ports_effects import Desks
from tests.runtime.toy import (
    BUYER,
    START,
    Desk,
    Order,
    PlaceToy,
    ReceiveToy,
    SendToy,
    Shelf,
    ToyReceived,
    ToySent,
    ask,
    order_id,
    registry,
)
from tests.runtime.toy_stores import sql_store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = sql_store(url)
    yield made
    made.engine.dispose()


def test_what_another_store_changed_is_never_overlooked(store: SqlStore, url: str) -> None:
    name = order_id("k1")
    store.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])
    other = sql_store(url)
    other.apply([ask("k2", ReceiveToy(order=name))])
    other.engine.dispose()

    (reply,) = store.apply([ask("k3", ReceiveToy(order=name))]).replies

    assert [each.code for each in reply.refusals] == ["TWICE"]
    assert store.counts.races == 1
    assert len(store.happened(ToyReceived)) == 1


def test_a_guess_that_holds_is_no_race(store: SqlStore) -> None:
    name = order_id("k1")
    store.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])

    (reply,) = store.apply([ask("k2", ReceiveToy(order=name))]).replies

    assert reply.is_done
    assert store.get(Order, name).state == "received"
    assert store.counts.races == 0


def test_a_kind_never_found_is_taken_for_absent_until_one_is_there(
    store: SqlStore, url: str
) -> None:
    unknown = f"{Order.KIND}/{order_id('unknown')}"
    for n in range(SURE):
        assert not store.decoded.is_absent(unknown)
        store.apply([ask(f"n{n}", PlaceToy(item="bolt", ordered=Decimal(5)))])
    assert store.decoded.is_absent(unknown)
    assert not store.decoded.is_absent("toy-crate/unknown")
    name = order_id("k1")
    other = sql_store(url)
    other.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])
    other.engine.dispose()

    (reply,) = store.apply([ask("k2", ReceiveToy(order=name))]).replies

    assert reply.is_done
    assert store.get(Order, name).state == "received"
    assert store.counts.races == 1
    assert not store.decoded.is_absent(unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighToy:
    """Looks for an order and a shelf, and says of the shelf what it saw."""

    order: str
    shelf: str


def weigh(work: Work, act: WeighToy) -> Ref:
    order, shelf = work.get(Order, act.order), work.find(Shelf, act.shelf)
    work.save(order, ToySent(order=order.id, key="none" if shelf is None else str(shelf.expected)))
    return Ref(Order.KIND, order.id)


def weighing() -> Registry:
    usual = registry()
    ours = Handles(act=WeighToy, handle=weigh, by=BUYER)
    return replace(usual, handlers={**usual.handlers, WeighToy: ours})


@dataclass(frozen=True, slots=True, kw_only=True)
class Crate:
    """A document that lists know by its state, its site and its supplier."""

    KIND: ClassVar[str] = "toy-crate"
    id: str
    state: str
    site: str
    supplier: str
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveToy:
    """Puts a crate somewhere, as it is told."""

    crate: Crate


def move(work: Work, act: MoveToy) -> Ref:
    work.find(Crate, act.crate.id)
    work.save(act.crate, ToySent(order=act.crate.id, key=f"{act.crate.weight}"))
    return Ref(Crate.KIND, act.crate.id)


def moving() -> Registry:
    usual = registry()
    ours = Handles(act=MoveToy, handle=move, by=BUYER)
    return replace(usual, handlers={**usual.handlers, MoveToy: ours})


@pytest.mark.parametrize("is_known", [True, False])
def test_lists_know_a_document_by_what_it_is_now(url: str, *, is_known: bool) -> None:
    """Each alone and all at once changes or stays, whether this process saw it before or not."""
    places = list(product(("open", "shut"), ("ATL", "DFW"), ("ADLER", "BLUE")))
    store = sql_store(url, moving())
    writer = store if is_known else sql_store(url, moving())
    for turn, (before, after) in enumerate(product(places, places)):
        name = f"C{turn}"
        told = [
            Crate(id=name, state=state, site=site, supplier=supplier, weight=weight)
            for weight, (state, site, supplier) in enumerate((before, after))
        ]
        assert store.apply([ask(f"{name}a", MoveToy(crate=told[0]))]).replies[0].is_done
        assert writer.apply([ask(f"{name}b", MoveToy(crate=told[1]))]).replies[0].is_done
    kept = look(store.engine, "select id, state, site, supplier from document where kind = ?",
                (Crate.KIND,))  # fmt: skip
    for each in {store, writer}:
        each.engine.dispose()

    wanted = {f"C{n}": after for n, (_, after) in enumerate(product(places, places))}
    assert {row[0]: tuple(row[1:]) for row in kept} == wanted


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_comes_while_a_lock_is_waited_for_is_not_overlooked(url: str) -> None:
    ours, others, rival = sql_store(url, weighing()), sql_store(url), sql_store(url)
    name = order_id("k1")
    others.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])
    lock = "select 1 from document where ref = %(ref)s for update"
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"

    with ThreadPoolExecutor() as pool, rival.engine.connect() as held:
        held.exec_driver_sql(lock, {"ref": f"toy-order/{name}"})
        weighed = pool.submit(ours.apply, [ask("k2", WeighToy(order=name, shelf="nut"))])
        while not look(others.engine, f"{waiting} and datname = current_database()")[0][0]:
            time.sleep(0.01)
        others.apply([ask("k3", PlaceToy(item="nut", ordered=Decimal(7)))])
        held.rollback()
        weighed.result(timeout=30)

    (sent,) = ours.happened(ToySent)
    assert sent.key == "7"
    assert ours.counts.races == 1
    for each in (ours, others, rival):
        each.engine.dispose()


def test_the_commit_that_ends_one_lane_claims_the_next(store: SqlStore) -> None:
    erp, wms = Desk(), Desk()
    drains = Drains(store=store, clock=WorldClock(START), endpoints=Desks(erp=erp, wms=wms))
    store.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])
    store.apply([ask("s", SendToy(order=order_id("k1"), key="to-wms", endpoint="wms"))])
    lanes = [("erp", Lane.STANDARD), ("wms", Lane.STANDARD)]
    before = store.counts.commits

    assert drains.drain_all(lanes) == 2

    assert (len(erp.sent), len(wms.sent)) == (1, 1)
    assert {each.state.value for each in store.effects()} == {"done"}
    assert store.counts.commits - before == 3  # one claim, a settlement with a claim, a settlement


def test_a_look_sees_what_was_committed_and_survives_a_wrong_one(store: SqlStore) -> None:
    store.apply([ask("k1", PlaceToy(item="bolt", ordered=Decimal(5)))])

    with pytest.raises(StoreError):
        look(store.engine, "select nothing from nowhere")

    assert look_at(store.engine, "select count(*) from command where key = ?", ("k1",)) == (1,)
    assert look_at(store.engine, "select key from command where key = ?", ("no",)) is None


def test_connections_that_lie_ready_are_let_go_with_their_engine(url: str) -> None:
    engine = open_engine(url)
    assert look(engine, "select 1") == [(1,)]
    engine.dispose()
    assert isinstance(engine.pool, sa.pool.QueuePool)
    assert engine.pool.checkedout() == 0
    assert look(engine, "select 2") == [(2,)]
    engine.dispose()


@pytest.mark.parametrize(
    ("scope", "site", "supplier", "is_seen"),
    [
        (EVERYTHING, "S1", "SUP-1", True),
        (Scope(sites=("S1",)), "S1", "", True),
        (Scope(sites=("S1",)), "S2", "", False),
        (Scope(sites=("S1",)), "", "", True),
        (Scope(sites=()), "S1", "", False),
        (Scope(supplier="SUP-1"), "S1", "SUP-1", True),
        (Scope(supplier="SUP-1"), "S1", "SUP-2", False),
        (Scope(supplier="SUP-1"), "S1", "", False),
        (Scope(supplier=""), "S1", "SUP-2", False),
    ],
)
def test_a_scope_covers(scope: Scope, *, site: str, supplier: str, is_seen: bool) -> None:
    assert scope.covers(site=site, supplier=supplier) is is_seen
