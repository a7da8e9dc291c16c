"""The reference ERP as a process of its own: killed, restarted, asked by many at once."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from manciple.adapters.erp.endpoint import ErpEndpoint
from manciple.adapters.erp.reference import ReferenceErpAdapter
from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.reference.client import UnreadableRowError
from manciple.adapters.reference.line import HttpLine, InProcessLine
from manciple.adapters.reference.server import SystemServer
from manciple.runtime.effects import OutcomeKind
from tests.ports.erp.erp_cases import (
    MASTERS,
    a_line,
    a_parcel,
    a_receipt,
    an_invoice,
    an_order,
    each,
    masters_json,
)


@contextmanager
def erp_process(database: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "manciple.adapters.erp.reference_server"]
    with subprocess.Popen(
        [*command, "--database", str(database), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()


def order_for_ever(erp: ReferenceErpAdapter, answered: set[str]) -> None:
    for n in count():
        erp.create_order(f"K-{n}", an_order(f"PO-{n}"))
        answered.add(f"PO-{n}")


def test_an_erp_that_dies_between_commit_and_answer_has_the_order_once(tmp_path: Path) -> None:
    database = tmp_path / "erp.sqlite"
    with erp_process(database) as (process, url):
        line = HttpLine(url)
        line.ask("POST", "/_load", masters_json())
        line.ask("POST", "/_switch", b'{"mode": "die", "on": "/purchase-orders", "times": 1}')
        with pytest.raises(OSError, match="purchase-orders"):
            ErpEndpoint(ReferenceErpAdapter(line)).send(a_parcel("erp.create_order", an_order()))
        assert process.wait(10) == 137
        line.close()

    with erp_process(database) as (_, url):
        line = HttpLine(url)
        endpoint = ErpEndpoint(ReferenceErpAdapter(line))
        found = endpoint.find(a_parcel("erp.create_order", an_order(), attempts=2))
        totals = ReferenceErpAdapter(line).totals().rows
        line.close()

    assert found is not None
    assert found.kind is OutcomeKind.DONE
    assert [(t.order, t.line) for t in totals] == [("PO-1", "1"), ("PO-1", "2")]


def test_an_erp_killed_at_any_moment_keeps_every_order_that_it_answered(tmp_path: Path) -> None:
    database = tmp_path / "erp.sqlite"
    answered: set[str] = set()
    with erp_process(database) as (process, url):
        line = HttpLine(url)
        line.ask("POST", "/_load", masters_json())
        erp = ReferenceErpAdapter(line)
        threading.Timer(0.3, process.kill).start()
        with pytest.raises(OSError, match="purchase-orders"):
            order_for_ever(erp, answered)
        line.close()

    with erp_process(database) as (_, url):
        line = HttpLine(url)
        erp, cursor, more = ReferenceErpAdapter(line), "", True
        kept: set[str] = set()
        while more:
            page = erp.totals(cursor)
            kept |= {total.order for total in page.rows}
            cursor, more = page.cursor, page.more
        line.close()

    assert answered
    assert answered <= kept
    assert len(kept) <= len(answered) + 1


def test_a_line_of_a_restarted_erp_is_taken_up_again(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    system.load(masters_json())
    server = SystemServer(system).start()
    line = HttpLine(server.base_url)
    erp, port = ReferenceErpAdapter(line), server.server_address[1]
    erp.create_order("K-1", an_order())
    server.stop()
    line.close()

    with pytest.raises(OSError, match="purchase-orders"):
        erp.create_order("K-2", an_order("PO-2"))
    again = SystemServer(
        ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF"), port=port
    ).start()

    assert erp.create_order("K-2", an_order("PO-2")).outcome is OutcomeKind.DONE
    line.close()
    again.stop()


def test_many_at_once_get_numbers_of_their_own_in_few_flushes(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite")
    system.load(masters_json())
    server = SystemServer(system).start()
    line = HttpLine(server.base_url)
    erp = ReferenceErpAdapter(line)

    with ThreadPoolExecutor(8) as clients:
        made = list(
            clients.map(lambda n: erp.create_order(f"K-{n}", an_order(f"PO-{n}")), range(200))
        )

    assert {each.outcome for each in made} == {OutcomeKind.DONE}
    assert len({each.reference for each in made}) == 200
    line.close()
    server.stop()


def test_eight_clients_with_one_key_make_one_order(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    system.load(masters_json())
    erp = ReferenceErpAdapter(InProcessLine(system))

    with ThreadPoolExecutor(8) as clients:
        made = list(clients.map(lambda _: erp.create_order("K-1", an_order()), range(40)))

    assert {each.reference for each in made} == {"4500000001"}
    assert len(erp.totals().rows) == 2
    system.close()


def test_the_books_balance_in_every_currency_whatever_was_posted(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    system.load(masters_json())
    erp = ReferenceErpAdapter(InProcessLine(system))
    erp.create_order("K-1", an_order("PO-1", a_line("1", "97")))
    erp.post_receipt("K-2", a_receipt("R-1", "33"))
    erp.post_receipt("K-3", a_receipt("R-2", "64"))
    erp.post_invoice("K-4", an_invoice("INV-1", "97", "30.01"))
    erp.post_invoice("K-5", an_invoice("INV-2", "7", "2.11", credit=True))

    balances = erp.trial_balance()

    assert sum(balances.values()) == 0
    assert balances["AP", "USD"] == -(erp.totals().rows[0].amount_invoiced.amount)
    assert erp.totals().rows[0].invoiced == each(90)
    system.close()


def test_who_has_no_token_is_told_so_and_nothing_is_decided(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF", token="s3cret")
    server = SystemServer(system).start()
    stranger, friend = HttpLine(server.base_url), HttpLine(server.base_url, token="s3cret")

    health = ReferenceErpAdapter(stranger).health()
    with pytest.raises(OSError, match="401"):
        ReferenceErpAdapter(stranger).create_order("K-1", an_order())

    assert (health.reachable, health.authorized) == (True, False)
    assert ReferenceErpAdapter(friend).health().authorized
    stranger.close()
    friend.close()
    server.stop()


def test_nobody_there_is_an_unknown_outcome_at_once() -> None:
    started = time.monotonic()

    with pytest.raises(OSError, match="purchase-orders"):
        ReferenceErpAdapter(HttpLine("http://127.0.0.1:9")).create_order("K-1", an_order())

    assert time.monotonic() - started < 5


def test_a_unit_that_we_have_no_word_for_is_named_with_its_row(tmp_path: Path) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    item = {"id": "I-9", "description": "Odd", "category": "x", "unit": "ZZZ9", "stocked": True}
    system.load(masters_json(items=[item], offers=[], stock=[]))

    with pytest.raises(UnreadableRowError, match=r"/items: 'ZZZ9' is not a valid Unit.*I-9"):
        ReferenceErpAdapter(InProcessLine(system)).items()

    system.close()


@pytest.mark.parametrize(
    ("told", "held"), [({}, None), ({"lead_days": None}, None), ({"lead_days": 0}, 0)]
)
def test_a_lead_time_that_the_erp_does_not_hold_is_unknown_and_not_the_same_day(
    tmp_path: Path, told: dict[str, int | None], held: int | None
) -> None:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    (full,) = MASTERS["offers"]
    offer = {key: value for key, value in full.items() if key != "lead_days"} | told
    system.load(masters_json(offers=[offer]))

    (read,) = ReferenceErpAdapter(InProcessLine(system)).offers().rows

    assert read.lead_days == held
    system.close()
