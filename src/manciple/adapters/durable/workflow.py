"""The drain as a durable workflow. It has no steps: the effect rows are the record.

A recovered run simply claims again, so killing it anywhere is safe. One queue a lane, one
partition an endpoint, one drain at a time in each: a slow endpoint holds up nobody else.
"""

import logging
import time
from collections.abc import Callable

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, WorkflowSerializationFormat

from manciple.adapters.durable.settings import (
    APPLICATION,
    ROOM,
    VERSION,
    WORKFLOW,
    engine_address,
    queue_of,
)
from manciple.runtime.effects import Lane

Drain = Callable[[str, Lane, int], int]
"""Drains a lane once, under its epoch; gives how many effects were claimed."""
PATIENCE = 10.0
"""Seconds that one run goes on draining; what is left is found by the next wake or poll."""
POLL = 1.0
"""Seconds between two looks of DBOS at its queues.

They hold only what nobody sends at once; looks four times as often took a tenth of a busy
process on SQLite."""
_here: list[Drain] = []


@DBOS.workflow(name=WORKFLOW)
def drain_workflow(endpoint: str, lane: str, epoch: int) -> int:
    """Drain one lane until it is empty or the time is up."""
    total, until = 0, time.monotonic() + PATIENCE
    while _here:
        count = _here[0](endpoint, Lane(lane), epoch)
        total += count
        if not count or time.monotonic() > until:
            break
    return total


def launch(
    drain: Drain, engine: sa.Engine, url: str, executor: str, *, poll: float = POLL
) -> None:
    """Start DBOS in this process: it carries the drains of every lane from here on."""
    _here[:] = [drain]
    logging.getLogger("dbos").setLevel(logging.ERROR)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": engine,
        "system_database_url": engine_address(url),
        "executor_id": executor,
        "application_version": VERSION,
        "log_level": "ERROR",
        "run_migrations": False,
    }
    DBOS(config=config)
    DBOS.launch()
    for lane in Lane:
        DBOS.register_queue(
            queue_of(lane),
            partition_concurrency=1,
            worker_concurrency=ROOM[lane],
            polling_interval_sec=poll,
        )


def shut() -> None:
    """Stop DBOS in this process; a drain under way is recovered like a death."""
    _here.clear()
    DBOS.destroy()


def client_of(engine: sa.Engine) -> DBOSClient:
    """Give the client by which wakes are enqueued, from this process or from a door elsewhere."""
    return DBOSClient(system_database_engine=engine, application_name=APPLICATION)


def enqueue(client: DBOSClient, endpoint: str, lane: Lane, epoch: int) -> None:
    """Ask for a drain; the id names the lane's epoch, so that the same wish is one workflow."""
    client.enqueue(
        {
            "workflow_name": WORKFLOW,
            "queue_name": queue_of(lane),
            "application_name": APPLICATION,
            "app_version": VERSION,
            "workflow_id": f"drain:{endpoint}/{lane.value}:{epoch}",
            "queue_partition_key": f"{endpoint}/{lane.value}",
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        },
        endpoint,
        lane.value,
        epoch,
    )
