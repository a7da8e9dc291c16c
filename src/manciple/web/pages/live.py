"""Hints for open pages: that something changed, never what.

One task per process asks for the latest sequences and fans them out; a page that gets a hint
reads its region again with its reader's own rights. Nobody listens, nobody asks.

    latest() -> {"trace": 4821}     every 0.25 s
    page     <- event: trace, id: 4821
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi.concurrency import run_in_threadpool

TOPIC: Final = "trace"
POLL_SECONDS: Final = 0.25
BEAT_SECONDS: Final = 15.0

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: the thread it shows, or every thread, and the last sequence it knows."""

    thread: str | None
    known: int
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    sequence: int = 0
    is_over: bool = False

    def tell(self, sequence: int) -> None:
        """Keep the newest sequence; several changes at once are one hint.

        A lower one counts too: the database behind an open page may have been made anew.
        """
        self.sequence = sequence
        if sequence != self.known:
            self.changed.set()

    def end(self) -> None:
        """Let the page reconnect, so that it shows that it is not live."""
        self.is_over = True
        self.changed.set()


class Hints:
    """The one place of a process where open pages wait for changes."""

    def __init__(
        self, latest: Callable[[], Mapping[str, int]], sequence_of: Callable[[str], int]
    ) -> None:
        """Take what to ask: the newest sequence of all, and of one thread."""
        self._latest = latest
        self._sequence_of = sequence_of
        self._listeners: set[Listener] = set()
        self._poll: asyncio.Task[None] | None = None

    async def stream(self, thread: str | None, known: int) -> AsyncGenerator[str, None]:
        """Give the server-sent events of one page until it leaves; starts and ends the polling."""
        listener = Listener(thread=thread, known=known)
        self._listeners.add(listener)
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._ask_forever())
        try:
            yield "retry: 1000\n: listening\n\n"
            listener.tell(await self._read(thread))
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
            await self._read(None)
        except Exception:  # noqa: BLE001  whatever the cause, the page has to show that it waits
            _log.exception("live hints: the latest sequence could not be read")
            return False
        return True

    async def _read(self, thread: str | None) -> int:
        if thread is None:
            return (await run_in_threadpool(self._latest)).get(TOPIC, 0)
        return await run_in_threadpool(self._sequence_of, thread)

    async def _ask_forever(self) -> None:
        last: int | None = None
        while True:
            try:
                newest = await self._read(None)
                if newest != last:
                    await self._fan_out()
                    last = newest
            except Exception:  # noqa: BLE001  one bad read must not end the hints of all pages
                _log.exception("live hints: the latest sequence could not be read")
                for listener in tuple(self._listeners):
                    listener.end()
            await asyncio.sleep(POLL_SECONDS)

    async def _fan_out(self) -> None:
        sequences: dict[str | None, int] = {}
        for listener in tuple(self._listeners):
            if listener.thread not in sequences:
                sequences[listener.thread] = await self._read(listener.thread)
            listener.tell(sequences[listener.thread])


async def _next(listener: Listener) -> str:
    """Wait for a change; a comment now and then keeps proxies from closing the connection."""
    try:
        await asyncio.wait_for(listener.changed.wait(), BEAT_SECONDS)
    except TimeoutError:
        return ": still here\n\n"
    listener.changed.clear()
    if listener.is_over or listener.sequence == listener.known:
        return ": nothing new\n\n"
    listener.known = listener.sequence
    return f"event: {TOPIC}\nid: {listener.sequence}\ndata: changed\n\n"
