import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from manciple.web.pages.live import Hints
from tests.web.page_threads import THREAD, Changing, Threads, a_trace

OTHER = "requisition/REQ-OTHER"


async def next_hint(stream: AsyncIterator[str]) -> str:
    """Give the next event of the stream, past comments."""
    async with asyncio.timeout(5):
        async for part in stream:
            if part.startswith("event:"):
                return part
    raise AssertionError("the stream ended without a hint")


def listening(threads: Threads) -> Hints:
    return Hints(Changing(threads), threads.sequence)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()

    asyncio.run(told())


def test_a_change_is_hinted_with_its_sequence_and_without_data() -> None:
    threads = Threads(a_trace())

    async def story() -> None:
        stream = listening(threads).stream(THREAD, known=1)
        await anext(stream)
        threads.put(a_trace())
        assert await next_hint(stream) == "event: trace\nid: 2\ndata: changed\n\n"
        await stream.aclose()

    run(story)


def test_a_page_that_missed_a_change_is_told_as_soon_as_it_is_back() -> None:
    threads = Threads(a_trace(sequence=9))

    async def story() -> None:
        stream = listening(threads).stream(THREAD, known=7)
        assert "id: 9\n" in await next_hint(stream)
        await stream.aclose()

    run(story)


def test_another_thread_is_no_hint_for_this_one() -> None:
    threads = Threads(a_trace())

    async def story() -> None:
        hints = listening(threads)
        mine, every = hints.stream(THREAD, known=1), hints.stream(None, known=1)
        await anext(mine)
        await anext(every)
        threads.put(a_trace(thread=OTHER))
        assert "id: 2\n" in await next_hint(every)
        threads.put(a_trace())
        assert "id: 3\n" in await next_hint(mine)
        await mine.aclose()
        await every.aclose()

    run(story)


def test_a_database_made_anew_is_a_change_too() -> None:
    threads = Threads(a_trace(sequence=3))

    async def story() -> None:
        stream = listening(threads).stream(THREAD, known=900)
        assert "id: 3\n" in await next_hint(stream)
        await stream.aclose()

    run(story)


def test_when_nothing_can_be_read_the_stream_ends_so_that_the_page_shows_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    threads = Threads(a_trace())

    async def story() -> None:
        stream = listening(threads).stream(THREAD, known=1)
        await anext(stream)
        threads.is_down = True
        async with asyncio.timeout(5):
            async for part in stream:
                assert not part.startswith("event:")

    run(story)

    assert "could not be read" in caplog.text


def test_nobody_looks_when_nobody_listens() -> None:
    threads = Threads(a_trace())
    changes = Changing(threads)

    async def story() -> None:
        hints = Hints(changes, threads.sequence)
        await asyncio.sleep(0.3)
        assert changes.looks == 0
        streams = [hints.stream(THREAD, known=1) for _ in range(20)]
        for stream in streams:
            await anext(stream)
        await asyncio.sleep(0.6)
        assert 1 <= changes.looks <= 4
        for stream in streams:
            await stream.aclose()
        before = changes.looks
        await asyncio.sleep(0.6)
        assert changes.looks == before
        assert changes.woken == []

    run(story)


def test_a_signal_is_followed_at_once_and_many_are_one_look() -> None:
    threads = Threads(a_trace())
    changes = Changing(threads)
    changes.poll_seconds = 60

    async def story() -> None:
        stream = Hints(changes, threads.sequence).stream(None, known=1)
        await anext(stream)
        waiting = asyncio.create_task(next_hint(stream))
        await asyncio.sleep(0.1)
        before = changes.looks
        threads.put(a_trace())
        for _ in range(50):
            changes.woken[0]()
        assert await asyncio.wait_for(waiting, 1) == "event: trace\nid: 2\ndata: changed\n\n"
        assert changes.looks == before + 1
        await stream.aclose()

    run(story)
