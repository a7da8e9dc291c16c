"""The whole migration: our tables by Alembic, then the durable engine's own, under one lock."""

import logging

from dbos import DBOS

from manciple.adapters.durable.settings import engine_address
from manciple.adapters.sql.migrating import migrate_schema


def migrate(url: str) -> str:
    """Bring a database to this program's schema; gives the schema's revision."""
    return migrate_schema(url, afterwards=migrate_engine)


def migrate_engine(url: str) -> None:
    """Make or bring up to date the durable engine's own tables."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS.migrate(engine_address(url))
