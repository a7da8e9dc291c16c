"""Death at any moment: nothing acknowledged is lost, nothing is done twice outside."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import OwnServer
from tests.runtime.toy_killing import Verdict, Yard


def check(verdict: Verdict) -> None:
    print(verdict)  # noqa: T201  the soak's report
    assert verdict.acknowledged > 0
    assert verdict.lost == ()
    assert verdict.missing_outside == ()
    assert verdict.alien_outside == ()
    assert verdict.sent_twice == 0
    assert verdict.waiting == 0
    assert verdict.broken is None


def kill_the_one_process(url: str, folder: Path, *, kills: int) -> Verdict:
    chance = random.Random(7)
    with Yard(url, folder, ["both"]) as yard:
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 1.2))
            if chance.random() < 0.4:
                yard.kill_desk()
            else:
                yard.kill(0)
                yard.wait_ready()
        yard.stop_doors()
        return yard.verdict(yard.settle())


def kill_anyone(server: OwnServer, url: str, folder: Path, *, kills: int) -> Verdict:
    chance = random.Random(11)
    with Yard(url, folder, ["door", "worker", "worker"]) as yard:
        for number in range(kills):
            time.sleep(chance.uniform(0.3, 1.2))
            match number % 5:
                case 0:
                    yard.kill(0)
                case 1:
                    server.kill()
                    server.start()
                case 3:
                    yard.kill_desk()
                case _:
                    yard.kill(chance.choice((1, 2)))
            yard.wait_ready()
        yard.stop_doors()
        return yard.verdict(yard.settle())


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.stop()


def test_the_process_that_acknowledges_may_die_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    check(kill_the_one_process(sqlite_url, tmp_path, kills=4))


def test_a_door_a_worker_and_postgresql_itself_may_die(
    own_server: OwnServer, tmp_path: Path
) -> None:
    check(kill_anyone(own_server, own_server.fresh(), tmp_path, kills=3))


def test_a_frozen_worker_is_taken_over_and_exits_when_it_wakes(
    postgres_url: str, tmp_path: Path
) -> None:
    with Yard(postgres_url, tmp_path, ["door", "worker", "worker"]) as yard:
        time.sleep(1)
        frozen = yard.pid(1)
        os.kill(frozen, signal.SIGSTOP)
        time.sleep(1)
        yard.stop_doors()
        settled = yard.settle(60)
        yard.wait_taken(1)
        asleep = yard.verdict(settled)
        os.kill(frozen, signal.SIGCONT)
        ended = yard.wait_end(1)
        verdict = yard.verdict(settled)

    check(asleep)
    check(verdict)
    assert ended == 70


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_two_hundred_deaths_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    check(kill_the_one_process(sqlite_url, tmp_path, kills=200))


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_two_hundred_deaths_on_postgresql(own_server: OwnServer, tmp_path: Path) -> None:
    check(kill_anyone(own_server, own_server.fresh(), tmp_path, kills=200))
