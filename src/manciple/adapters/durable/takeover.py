"""Take-over on PostgreSQL: who is alive, and whose work must go on without them.

Each worker holds a session lock named by its executor id, and says every second that it is alive.
A dead worker's pending drain blocks its partition, so a live one takes it over:

    the lock is free                  -> its owner is dead: resume its drains, free its rows
    the owner has been silent for 20 s -> it is frozen: end its process's sessions, which frees all
                                         its locks; when it wakes it finds them gone and exits
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
from dbos import DBOSClient, WorkflowStatus

from manciple.adapters.durable.settings import QUEUES
from manciple.adapters.sql.engine import process_name
from manciple.adapters.sql.schema import lease
from manciple.kernel.clock import Clock
from manciple.kernel.errors import MancipleError

SILENT = timedelta(seconds=20)
"""A worker that has said nothing for so long is taken for frozen."""
_log = logging.getLogger(__name__)
_SESSIONS = sa.text(
    "with holder as (select a.pid, a.application_name from pg_locks l "
    "join pg_stat_activity a on a.pid = l.pid "
    "where l.locktype = 'advisory' and l.granted and l.objsubid = 1 "
    "and l.classid = ((hashtext(:name)::bigint >> 32) & 4294967295)::oid "
    "and l.objid = (hashtext(:name)::bigint & 4294967295)::oid "
    "and l.database = (select oid from pg_database where datname = current_database())) "
    "select a.pid from pg_stat_activity a, holder h "
    "where a.pid = h.pid or (a.application_name = h.application_name "
    "and h.application_name like 'manciple %' and h.application_name <> :mine "
    "and a.datname = current_database()) "
    "order by a.pid = h.pid"
)
"""An owner's sessions, the one that holds its name last: whoever is cut short begins anew."""


class TwinError(MancipleError):
    """A worker of this name is running; two of one name would steal each other's work."""


class TakeOver:
    """A thread that keeps our name locked and takes over from those who lost theirs."""

    def __init__(
        self,
        engine: sa.Engine,
        client: DBOSClient,
        clock: Clock,
        executor: str,
        *,
        release: Callable[[str], int],
        lost: Callable[[], None],
        every: float = 1.0,
        silent: timedelta = SILENT,
    ) -> None:
        """Lock the name and start the thread.

        Args:
            engine: our database.
            client: resumes workflows.
            clock: when somebody was last heard of.
            executor: our name.
            release: gives back the rows that a dead executor had claimed.
            lost: called once when our own lock is gone: the worker must stop and exit.
            every: seconds between two looks.
            silent: how long an owner may say nothing.

        Raises:
            TwinError: a live worker has this name.
        """
        self._engine, self._client, self._clock, self._mine = engine, client, clock, executor
        self._release, self._lost, self._every, self._silent = release, lost, every, silent
        self.taken = 0
        self._stopped = threading.Event()
        self._held = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._held.detach()  # it is closed at the end, whatever became of its pool meanwhile
        if not self._held.scalar(_lock("pg_try_advisory_lock", executor)):
            self._held.close()
            raise TwinError(f"a worker named {executor} is already running")
        self._say_alive()
        self._thread = threading.Thread(target=self._run, daemon=True, name="take-over")
        self._thread.start()

    def stop(self) -> None:
        """Give the name back."""
        self._stopped.set()
        self._thread.join()
        with suppress(sa.exc.SQLAlchemyError):
            self._held.execute(sa.delete(lease).where(lease.c.name == _alive(self._mine)))
            self._held.execute(_lock("pg_advisory_unlock", self._mine))
        self._held.close()

    def look(self) -> None:
        """Look once for work whose owner is gone."""
        pending = self._client.list_workflows(
            status="PENDING", queue_name=list(QUEUES), load_input=False, load_output=False
        )
        owners = {each.executor_id for each in pending if each.executor_id}
        silent = self._silent_ones()
        for owner in sorted((owners | silent) - {self._mine}):
            if owner in silent:
                self._end_sessions(owner)
            with self._engine.begin() as db:
                if not db.scalar(_lock("pg_try_advisory_xact_lock", owner)):
                    continue
                self._resume(owner, {q: _ids(pending, owner, q) for q in QUEUES})
                db.execute(sa.delete(lease).where(lease.c.name == _alive(owner)))

    def _resume(self, owner: str, by_queue: dict[str, list[str]]) -> None:
        for queue, ids in by_queue.items():
            if ids:
                self._client.resume_workflows(ids, queue_name=queue)
                self.taken += len(ids)
        freed = self._release(owner)
        _log.warning("%s took over from %s: %d rows", self._mine, owner, freed)

    def _silent_ones(self) -> set[str]:
        """Name the workers that have said nothing for too long."""
        now = self._clock.now()
        with self._engine.connect() as db:
            rows = db.execute(
                sa.select(lease.c.token).where(
                    lease.c.name.startswith(_alive("")), lease.c.until < now
                )
            )
            return {row[0] for row in rows}

    def _end_sessions(self, owner: str) -> None:
        """End all sessions of an owner that froze, so that its locks are free."""
        with self._engine.begin() as db:
            found = db.execute(_SESSIONS, {"name": owner, "mine": process_name()}).all()
            for (pid,) in found:
                db.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        if found:
            _log.warning("%s was silent too long; its %d sessions are ended", owner, len(found))

    def _say_alive(self) -> None:
        """Use the very session that holds the lock: when it is gone, so is our right to work."""
        until = self._clock.now() + self._silent
        self._held.execute(
            sa.text(
                "insert into lease (name, token, until) values (:name, :token, :until) "
                "on conflict (name) do update set token = excluded.token, until = excluded.until"
            ).bindparams(sa.bindparam("until", type_=lease.c.until.type)),
            {"name": _alive(self._mine), "token": self._mine, "until": until},
        )

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self._say_alive()
            except sa.exc.SQLAlchemyError:
                _log.exception("%s lost its lock and stops", self._mine)
                self._lost()
                return
            try:
                self.look()
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("looking for the dead failed and will be tried again")


def _alive(executor: str) -> str:
    return f"worker:{executor}"


def _lock(function: str, name: str) -> "sa.Select[tuple[bool]]":
    return sa.select(getattr(sa.func, function)(sa.func.hashtext(name)))


def _ids(pending: Sequence[WorkflowStatus], owner: str, queue: str) -> list[str]:
    return [
        each.workflow_id
        for each in pending
        if each.executor_id == owner and each.queue_name == queue
    ]
