"""Connections: none is left open by whoever gives it back after its engine was disposed of."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from manciple.adapters.durable.settings import close_engine_of_dbos, open_engine_for_dbos
from manciple.adapters.sql.engine import MOST_SPARE, look, open_engine, reading, transaction
from manciple.runtime.work import StoreError


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    opened = open_engine(database_url, pool_size=2 * MOST_SPARE)
    yield opened
    opened.dispose()


@pytest.fixture
def made(engine: sa.Engine) -> list[Any]:
    """Give the driver's connections, as they are made."""
    found: list[Any] = []
    sa.event.listen(engine, "connect", lambda driver, _: found.append(driver))
    return found


def is_open(driver: Any) -> bool:
    if not isinstance(driver, sqlite3.Connection):
        return not driver.closed
    try:
        driver.execute("select 1")
    except sqlite3.ProgrammingError:
        return False
    return True


@pytest.mark.parametrize("count", [1, MOST_SPARE + 2])
def test_readers_that_outlive_their_engine_leave_no_connection_open(
    engine: sa.Engine, made: list[Any], count: int
) -> None:
    with ExitStack() as readers:
        for _ in range(count):
            readers.enter_context(reading(engine)).rows("select 1")
        engine.dispose()

    assert len(made) == count
    assert [each for each in made if is_open(each)] == []


def test_a_writer_that_outlives_its_engine_has_written_and_leaves_no_connection_open(
    engine: sa.Engine, made: list[Any]
) -> None:
    with transaction(engine) as session:
        session.write("update lease set token = token")
        engine.dispose()

    assert [is_open(each) for each in made] == [False]
    assert look(engine, "select 1") == [(1,)]
    assert [is_open(each) for each in made] == [False, True]


def test_what_lay_ready_is_closed_with_its_engine(engine: sa.Engine, made: list[Any]) -> None:
    with reading(engine) as session:
        session.rows("select 1")
    look(engine, "select 1")
    assert all(is_open(each) for each in made)

    engine.dispose()

    assert made
    assert not any(is_open(each) for each in made)


def write(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        session.write("update lease set token = token")


def read(engine: sa.Engine) -> None:
    with reading(engine) as session:
        session.rows("select 1")


def glance(engine: sa.Engine) -> None:
    look(engine, "select 1")


ASKS = (write, read, glance)


@pytest.mark.parametrize("ask", ASKS)
def test_a_server_that_ended_its_sessions_fails_one_question_and_no_more(
    postgres_url: str, ask: Callable[[sa.Engine], None]
) -> None:
    engine = open_engine(postgres_url, pool_size=2 * MOST_SPARE)
    made: list[Any] = []
    sa.event.listen(engine, "connect", lambda driver, _: made.append(driver))
    with ExitStack() as readers:
        for _ in range(2 * MOST_SPARE):  # more than lie ready: the pool has the others
            readers.enter_context(reading(engine)).rows("select 1")
    look(engine, "select 1")
    end_sessions(postgres_url)

    with pytest.raises(StoreError):
        ask(engine)
    for each in ASKS * 3:
        each(engine)

    assert sum(is_open(each) for each in made) == 2, "one to write and read, and one for looks"
    engine.dispose()


def test_a_question_that_is_wrong_costs_no_other_connection(
    engine: sa.Engine, made: list[Any]
) -> None:
    for ask in ASKS:
        ask(engine)
    before = [each for each in made if is_open(each)]

    with pytest.raises(StoreError), transaction(engine) as session:
        session.rows("select nothing from nowhere")

    assert [each for each in made if is_open(each)] == before


def end_sessions(url: str) -> None:
    """Have PostgreSQL end every other session of a database, as when it is started anew."""
    engine = open_engine(url)
    look(
        engine,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()",
    )
    engine.dispose()


def test_a_thread_of_the_workflow_engine_that_outlives_it_leaves_no_connection_open(
    database_url: str,
) -> None:
    engine = open_engine_for_dbos(database_url)
    held, free = engine.raw_connection(), engine.raw_connection()
    drivers = [held.driver_connection, free.driver_connection]
    free.close()

    close_engine_of_dbos(engine)
    assert [is_open(each) for each in drivers] == [True, False]
    held.close()

    assert [is_open(each) for each in drivers] == [False, False]
