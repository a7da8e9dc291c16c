"""A worker that freezes in the midst of its work, in a process of its own.

    python -m tests.runtime.toy_frozen URL NAME

One session holds its name, one holds the lanes' rows, three wait for them: then it stops itself.
"""

import os
import signal
import sys
import threading
import time
from datetime import timedelta

from manciple.adapters.durable.settings import open_engine_for_dbos
from manciple.adapters.durable.takeover import TakeOver
from manciple.adapters.durable.workflow import client_of
from manciple.adapters.sql.engine import look
from manciple.kernel.clock import WallClock
from tests.runtime.toy_stores import sql_store

WAITERS = 3
LOCK = "select 1 from lane for update"


def main(url: str, name: str) -> None:
    store = sql_store(url)
    TakeOver(
        store.engine,
        client_of(open_engine_for_dbos(url)),
        WallClock(),
        name,
        release=store.release_of,
        lost=lambda: None,
        silent=timedelta(seconds=1),
    )

    def wait() -> None:
        with store.engine.begin() as db:
            db.exec_driver_sql(LOCK)

    with store.engine.begin() as held:
        held.exec_driver_sql(LOCK)
        for _ in range(WAITERS):
            threading.Thread(target=wait, daemon=True).start()
        count = (
            "select count(*) from pg_stat_activity "
            "where wait_event_type = 'Lock' and datname = current_database()"
        )
        while (found := look(store.engine, count)) and found[0][0] < WAITERS:
            time.sleep(0.05)
        sys.stdout.write("frozen\n")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    main(*sys.argv[1:3])
