"""What DBOS is told: the names that must never change, and an engine of its own on our database.

Our engine says BEGIN itself on SQLite, and so does DBOS; on one shared engine they would collide.
"""

import sqlite3

import sqlalchemy as sa

from manciple.adapters.sql.engine import BUSY, IDLE, process_name
from manciple.runtime.effects import Lane

APPLICATION = "manciple"
VERSION = "drains-1"
"""Pinned: DBOS's own version is a hash of the source, and any edit would strand what waits."""
WORKFLOW = "drain"
ROOM = {Lane.CRITICAL: 8, Lane.STANDARD: 8, Lane.BULK: 2}
"""Drains of each lane that one worker runs at a time."""


def queue_of(lane: Lane) -> str:
    """Name a lane's own queue; DBOS priorities order nothing across partitions."""
    return f"drains.{lane.value}"


QUEUES = tuple(queue_of(lane) for lane in Lane)


def engine_address(url: str) -> str:
    """Give the database's address in the words of DBOS."""
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return address.render_as_string(hide_password=False)


def open_engine_for_dbos(url: str, *, idle: int = IDLE) -> sa.Engine:
    """Open the database for DBOS.

    A worker that froze while DBOS took work from a queue keeps that work locked: PostgreSQL ends
    such a session after ``idle`` seconds, as it does our own.
    """
    address = engine_address(url)
    if address.startswith("postgresql"):
        told = f"-c idle_in_transaction_session_timeout={idle}s"
        named = {"options": told, "application_name": process_name()}
        return sa.create_engine(address, pool_size=10, max_overflow=10, connect_args=named)
    engine = sa.create_engine(address)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            f"busy_timeout={BUSY * 1000}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def close_engine_of_dbos(engine: sa.Engine) -> None:
    """Close its connections for good; one that a thread of DBOS holds, when it is given back.

    DBOS does not wait for its threads; it looks after late ones in an engine of its own alone.
    """
    sa.event.listen(engine, "checkin", lambda _, record: record.invalidate())
    engine.dispose()
