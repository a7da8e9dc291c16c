"""The three stores that every suite runs on, holding the toy trade."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from manciple.adapters.memory import MemoryBus
from manciple.adapters.sql.engine import open_engine
from manciple.adapters.sql.records import RecordTable
from manciple.adapters.sql.store import SqlStore
from manciple.runtime.bus import Registry
from tests.databases import database
from tests.runtime.toy import Movement, registry

Store = MemoryBus | SqlStore
KINDS = ("memory", "sqlite", "postgresql")


def sql_store(url: str, house: Registry | None = None) -> SqlStore:
    """Open a migrated database for the toy trade."""
    engine = open_engine(url)
    table = RecordTable.of("toy_movement", Movement)
    metadata = sa.MetaData()
    table.table(metadata)
    metadata.create_all(engine)
    return SqlStore(engine, house or registry(), records=[table])


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Store]:
    """Give an empty store of a kind."""
    if kind == "memory":
        yield MemoryBus(registry())
        return
    with database(kind, folder) as url:
        store = sql_store(url)
        try:
            yield store
        finally:
            store.engine.dispose()
