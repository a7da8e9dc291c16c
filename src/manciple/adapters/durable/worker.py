"""A worker: drains, timers, the sealer, the idle poll and the take-over, started and stopped.

    worker = Worker(url, store, drains, clock, executor="w1")
    intake = Intake(store, wake=worker.wake)
    ...
    worker.stop()                         takes in no more wakes, finishes, gives its name back

On SQLite it runs in the one process that there is; on PostgreSQL in as many as are wanted.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from dbos import DBOSClient

from manciple.adapters.durable import workflow
from manciple.adapters.durable.chores import Chores
from manciple.adapters.durable.settings import (
    QUEUES,
    close_engine_of_dbos,
    open_engine_for_dbos,
)
from manciple.adapters.durable.takeover import TakeOver
from manciple.adapters.durable.threads import ThreadDrains
from manciple.adapters.durable.wakes import IDLE, IdlePoll, Wakes
from manciple.adapters.sql.audit_trail import SqlAuditTrail
from manciple.adapters.sql.deliveries import Retention
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.clock import Clock
from manciple.kernel.records import replace
from manciple.runtime.drains import Drains
from manciple.runtime.effects import Lane

FINISHED_KEPT = timedelta(days=1)
"""How long DBOS's rows of finished drains are kept: the effect rows are the record."""
_log = logging.getLogger(__name__)


class Stops(Protocol):
    """Something that runs until it is stopped."""

    def stop(self) -> None:
        """End it."""
        ...


def leave_at_once() -> None:
    """End the process: a worker without its name must not touch anything more."""
    os._exit(70)


class Worker:
    """Everything that goes on by itself beside the doors."""

    def __init__(
        self,
        url: str,
        store: SqlStore,
        drains: Drains,
        clock: Clock,
        *,
        executor: str,
        with_engine: bool = True,
        retention: Retention | None = None,
        lost: Callable[[], None] = leave_at_once,
        poll: float = workflow.POLL,
        take_over_every: float = 1.0,
        silent: timedelta = timedelta(seconds=20),
    ) -> None:
        """Start.

        Args:
            url: the migrated database, once more for DBOS's own connections.
            store: the same database.
            drains: what to send by; its executor and its wake are set here.
            clock: the wall, but in tests.
            executor: this worker's name; on PostgreSQL no two live ones may share it.
            with_engine: False runs the same drains on bare threads.
            retention: how long what is over is kept.
            lost: called when the name was lost; must not return to work.
            poll: seconds between DBOS's looks at its queues.
            take_over_every: seconds between looks for the dead.
            silent: how long a worker may say nothing before it is taken for frozen.
        """
        self._store, self._clock = store, clock
        self.drains = replace(drains, executor=executor, woken=self.wake)
        self._retention = retention or Retention()
        self._client: DBOSClient | None = None
        self._stops: list[Stops] = []
        self._stopping = threading.Event()
        self._threads = ThreadDrains(
            self._drain, store, clock, poll=None if with_engine else IDLE, full=drains.most
        )
        self._stops.append(self._threads)
        if with_engine:
            self._start_engine(url, executor, poll)
        if with_engine and store.is_postgres and self._client is not None:
            self._stops.append(
                TakeOver(
                    store.engine,
                    self._client,
                    clock,
                    executor,
                    release=store.release_of,
                    lost=partial(self._lost, lost),
                    every=take_over_every,
                    silent=silent,
                )
            )
        sealer = Sealer(store.engine, holder=executor)
        follower = Follower(store.engine, holder=executor)
        trail = SqlAuditTrail(store.engine)
        chores = Chores(
            store,
            clock,
            wake=self.wake,
            seal=sealer.seal,
            follow=lambda now: follower.follow(now) + trail.follow(now),
            prune=self._prune,
        )
        self._stops.append(chores)

    def wake(self, lanes: Iterable[tuple[str, Lane]]) -> None:
        """Tell that lanes got work: it is sent at once, from here."""
        self._threads.wake(lanes)

    def stop(self) -> None:
        """Stop in order: chores, take-over, idle poll, wakes, threads, then the engine."""
        self._stopping.set()
        for each in reversed(self._stops):
            each.stop()
        if self._client is not None:
            workflow.shut()
            self._client.destroy()
            close_engine_of_dbos(self._engine)

    def _start_engine(self, url: str, executor: str, poll: float) -> None:
        self._engine = open_engine_for_dbos(url)
        workflow.launch(self._drain, self._engine, url, executor, poll=poll)
        self._client = workflow.client_of(self._engine)
        wakes = Wakes(self._store.epochs, partial(workflow.enqueue, self._client))
        idle = IdlePoll(self._store, self._clock, wakes.wake, serves=self._threads.serves)
        self._stops += [wakes, idle]

    def _drain(self, endpoint: str, lane: Lane, epoch: int | None = None) -> int:
        if self._stopping.is_set():
            return 0
        return self.drains.drain(endpoint, lane, epoch=epoch)

    def _lost(self, lost: Callable[[], None]) -> None:
        self._stopping.set()
        lost()

    def _prune(self, now: datetime) -> int:
        count = self._store.prune(now, self._retention)
        if self._client is not None:
            count += prune_finished(self._client, datetime.now(UTC) - FINISHED_KEPT)
        return count


def prune_finished(client: DBOSClient, before: datetime, *, most: int = 500) -> int:
    """Delete a batch of DBOS's rows of drains that ended before an instant."""
    over = client.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        queue_name=list(QUEUES),
        completed_before=before.isoformat(),
        limit=most,
        load_input=False,
        load_output=False,
    )
    ids = [each.workflow_id for each in over]
    if ids:
        client.delete_workflows(ids)
    return len(ids)
