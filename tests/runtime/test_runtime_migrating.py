"""A database of another schema is refused; a second process on a SQLite file too."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from manciple.adapters.durable.migrating import migrate
from manciple.adapters.sql.engine import DatabaseUrlError, open_engine
from manciple.adapters.sql.migrating import (
    AlreadyRunningError,
    OneProcess,
    UnmigratedError,
    check_migrated,
    head,
)
from manciple.adapters.sql.schema import TABLES


def test_a_new_database_is_refused_until_it_is_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'home' / 'new.db'}"
    (tmp_path / "home").mkdir()
    engine = open_engine(url)

    with pytest.raises(UnmigratedError, match="run `manciple migrate`"):
        check_migrated(engine)
    assert migrate(url) == head()
    check_migrated(engine)
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert migrate(database_url) == head()


def test_a_database_of_a_later_program_is_refused(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.begin() as db:
        db.exec_driver_sql("update alembic_version set version_num = '9999'")

    with pytest.raises(UnmigratedError, match="revision 9999"):
        check_migrated(engine)
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_the_migrations_make_the_tables_of_the_program(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as db:
        context = MigrationContext.configure(
            db,
            opts={
                "include_object": lambda _, name, kind, __, ___: (
                    kind != "table" or name in TABLES.tables
                ),
                "compare_type": False,
            },
        )
        differences = compare_metadata(context, TABLES)
    engine.dispose()

    assert differences == []


def test_two_who_migrate_at_once_do_it_one_after_the_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'raced.db'}"
    problems: list[Exception] = []

    def go() -> None:
        try:
            migrate(url)
        except Exception as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert problems == []


_HOLD = """
import sys
from manciple.adapters.sql.migrating import OneProcess
with OneProcess(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_on_one_sqlite_file_is_refused(sqlite_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, sqlite_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"

        with pytest.raises(AlreadyRunningError, match=str(other.pid)), OneProcess(sqlite_url):
            pass

        other.kill()
    with OneProcess(sqlite_url):
        pass


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(DatabaseUrlError, match="mysql"):
        open_engine("mysql://here/there")


def test_sqlite_commits_survive_a_loss_of_power(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as db:
        words = [
            db.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()

    assert words == ["wal", 2, 1]


def test_times_and_decimals_come_back_as_they_went(database_url: str) -> None:
    from datetime import UTC, datetime, timedelta, timezone  # noqa: PLC0415
    from decimal import Decimal  # noqa: PLC0415

    from manciple.adapters.sql.types import Instant, Scaled, ScaleError  # noqa: PLC0415

    table = sa.Table("odd", sa.MetaData(), sa.Column("at", Instant), sa.Column("n", Scaled))
    at = datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    numbers = [Decimal("12345678901.234567"), Decimal("-0.000001"), Decimal(0)]
    engine = open_engine(database_url)
    table.create(engine)
    with engine.begin() as db:
        db.execute(sa.insert(table), [{"at": at, "n": n} for n in numbers])
        rows = db.execute(sa.select(table)).all()
    engine.dispose()

    assert [row.n for row in rows] == numbers
    assert {row.at for row in rows} == {at}
    assert rows[0].at.tzinfo is UTC
    with pytest.raises(ScaleError):
        Scaled().process_bind_param(Decimal("0.0000001"), engine.dialect)
