"""The worker: everything that goes on by itself beside the doors.

drains under DBOS, timers, the sealer        adapters.durable
feeds: the warehouse's receipts, files in partners' folders, every second
the door's one writer (group commit), which wakes the drains

with Running(app, settings) as running:
    serve(running.app)
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from manciple.adapters.durable.worker import Worker, leave_at_once
from manciple.adapters.sql.migrating import OneProcess
from manciple.app import Application
from manciple.app.feeds import Feeds
from manciple.exchange.partner import Partner
from manciple.kernel.clock import Clock
from manciple.runtime.intake import Intake
from manciple.runtime.queries import MOST_ROWS

FEED_EVERY = 1.0
COMPARE_EVERY = timedelta(hours=1)
"""How often warehouse and ERP are compared; a difference must stand for as long to count."""
"""Seconds between two looks at what others left."""
_log = logging.getLogger(__name__)


class FeedPoll:
    """Looks at the feeds once a second; one that fails is looked at again."""

    def __init__(
        self,
        app: Application,
        *,
        every: float = FEED_EVERY,
        before: Callable[[], None] | None = None,
    ) -> None:
        """Start the thread; ``before`` is called ahead of every look."""
        self._app, self._feeds, self._every = app, Feeds(app), every
        self._before = before
        self._compared_at = app.clock.now()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="feeds")
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the look under way."""
        self._stopped.set()
        self._thread.join()

    def look(self) -> None:
        """Look once at everything; warehouse and ERP are compared once an hour."""
        self._feeds.receipts()
        now = self._app.clock.now()
        if now - self._compared_at >= COMPARE_EVERY:
            self._feeds.compare()
            self._compared_at = now
        after: str | None = None
        while True:
            page = self._app.documents.page(Partner, after=after, limit=MOST_ROWS)
            for row in page.rows:
                self._feeds.files(row.document.id)
            if page.after is None:
                break
            after = page.after
        for text in self._feeds.refused:
            _log.warning("a feed brought what was refused: %s", text)
        self._feeds.refused.clear()

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                if self._before is not None:
                    self._before()
                self.look()
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("a feed failed and will be looked at again")


class Running:
    """An application with everything beside it started; stopped in order at the end."""

    def __init__(
        self,
        app: Application,
        *,
        url: str,
        executor: str,
        clock: Clock | None = None,
        feeds: bool = True,
        lost: Callable[[], None] = leave_at_once,
    ) -> None:
        """Stand ready.

        Args:
            app: the application; its commands go through one writer from now on.
            url: its database, for the engine's own connections.
            executor: this process's name.
            clock: by which timers fire; the application's own if not given.
            feeds: whether this process looks at feeds.
            lost: called when the name was lost to another process.
        """
        self._plain, self._url, self._executor = app, url, executor
        self._clock, self._with_feeds, self._lost = clock or app.clock, feeds, lost
        self._lock = OneProcess(url)
        self.app = app

    def __enter__(self) -> Self:
        """Start: lock, worker, intake, feeds."""
        self._lock.__enter__()
        store = self._plain.store
        if not store.is_postgres and (freed := store.release_all()):
            _log.info("%d effects of a process that ended are free again", freed)
        self._worker = Worker(
            self._url,
            self._plain.store,
            self._plain.drains,
            self._clock,
            executor=self._executor,
            lost=self._lost,
        )
        store.signal.start()
        self._intake = Intake(self._plain.store, wake=self._worker.wake)
        self.app = self._plain.with_intake(self._intake, self._worker.wake)
        self._feeds = FeedPoll(self.app) if self._with_feeds else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop: feeds, intake, worker, lock."""
        if self._feeds is not None:
            self._feeds.stop()
        self._intake.stop()
        self._plain.store.signal.stop()
        self._worker.stop()
        self._lock.__exit__(kind, problem, trace)
