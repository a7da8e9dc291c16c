"""Hints for open pages: that something changed, never what.

One task per process looks for changes and fans them out; a page that gets a hint reads again with
its reader's own rights. A commit of this process, or a notice of another one, has it look at once;
without either it looks once in a while, and that alone is relied upon. Nobody listens, nobody
looks.

    look() -> Heard(sequence=4821, topics={"trace", "approval"})
    page   <- event: approval, id: 4821
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from fastapi.concurrency import run_in_threadpool

from manciple.runtime.changes import ANY, EVERYTHING, Changes

BEAT_SECONDS: Final = 15.0
GATHER_SECONDS: Final = 0.05
"""How long commits are gathered before one look at them all."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: what it follows, and the last sequence it knows.

    Attributes:
        thread: the one thread that it shows; None for a page that follows topics.
        waiting: sequences by topic that the page was not told of yet.
    """

    thread: str | None
    topics: frozenset[str]
    known: int
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: dict[str, int] = field(default_factory=dict)
    is_over: bool = False

    def tell(self, topic: str, sequence: int) -> None:
        """Keep the newest sequence of a topic; several changes at once are one hint."""
        self.waiting[topic] = sequence
        self.changed.set()

    def tell_thread(self, sequence: int) -> None:
        """Keep the thread's sequence, if the page shows another one.

        A lower one counts too: the database behind an open page may have been made anew.
        """
        if sequence != self.known:
            self.tell(EVERYTHING, sequence)

    def hear(self, topics: frozenset[str], sequence: int) -> None:
        """Keep what concerns this page of what changed."""
        for topic in sorted(self.topics if topics == ANY else self.topics & topics):
            self.tell(topic, sequence)

    def end(self) -> None:
        """Let the page reconnect, so that it shows that it is not live."""
        self.is_over = True
        self.changed.set()


class Hints:
    """The one place of a process where open pages wait for changes."""

    def __init__(self, changes: Changes, sequence_of: Callable[[str], int]) -> None:
        """Take whom to ask what changed, and the newest sequence of one thread."""
        self._changes = changes
        self._sequence_of = sequence_of
        self._listeners: set[Listener] = set()
        self._poll: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    async def stream(
        self, thread: str | None, known: int, topics: Iterable[str] = (EVERYTHING,)
    ) -> AsyncGenerator[str, None]:
        """Give the server-sent events of one page until it leaves; starts and ends the looking."""
        listener = Listener(thread=thread, topics=frozenset(topics), known=known)
        self._listeners.add(listener)
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._look_forever())
        try:
            yield "retry: 1000\n: listening\n\n"
            await self._catch_up(listener)
            while not listener.is_over:
                yield await _next(listener)
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._poll is not None:
                self._poll.cancel()
                self._poll = None

    async def can_be_read(self) -> bool:
        """Say whether changes can be followed at all, before a page is told that it is live."""
        try:
            await self._look()
        except Exception:  # noqa: BLE001  whatever the cause, the page has to show that it waits
            _log.exception("live hints: what changed could not be read")
            return False
        return True

    async def _catch_up(self, listener: Listener) -> None:
        """Tell a page at once of what it missed between being drawn, or being cut off, and now."""
        if listener.thread is not None:
            listener.tell_thread(await run_in_threadpool(self._sequence_of, listener.thread))
            return
        sequence = await self._look()
        topics = await run_in_threadpool(self._changes.since, listener.known)
        listener.hear(topics, sequence)

    async def _look(self) -> int:
        """Look once, and fan out what changed; gives the newest sequence."""
        async with self._looking:
            heard = await run_in_threadpool(self._changes.look)
            if heard.topics:
                await self._fan_out(heard.topics, heard.sequence)
            return heard.sequence

    async def _look_forever(self) -> None:
        woken, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)

        end = self._changes.listen(wake)
        try:
            while True:
                woken.clear()
                try:
                    await self._look()
                except Exception:  # noqa: BLE001  one bad look must not end the hints of all pages
                    _log.exception("live hints: what changed could not be read")
                    for listener in tuple(self._listeners):
                        listener.end()
                await self._pause(woken)
        finally:
            end()

    async def _pause(self, woken: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(woken.wait(), self._changes.poll_seconds)
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_SECONDS)

    async def _fan_out(self, topics: frozenset[str], sequence: int) -> None:
        of_threads: dict[str, int] = {}
        for listener in tuple(self._listeners):
            thread = listener.thread
            if thread is None:
                listener.hear(topics, sequence)
                continue
            if thread not in of_threads:
                of_threads[thread] = await run_in_threadpool(self._sequence_of, thread)
            listener.tell_thread(of_threads[thread])


async def _next(listener: Listener) -> str:
    """Wait for a change; a comment now and then keeps proxies from closing the connection."""
    try:
        await asyncio.wait_for(listener.changed.wait(), BEAT_SECONDS)
    except TimeoutError:
        return ": still here\n\n"
    listener.changed.clear()
    told, listener.waiting = listener.waiting, {}
    if listener.is_over or not told:
        return ": nothing new\n\n"
    listener.known = max(told.values())
    names = {topic.partition(":")[0]: n for topic, n in sorted(told.items())}
    return "".join(f"event: {name}\nid: {n}\ndata: changed\n\n" for name, n in names.items())
