from collections.abc import Iterator

import httpx
import pytest

from tests.browser.serving import served
from tests.web.page_server import page_app
from tests.web.page_threads import THREAD, Threads, a_trace


@pytest.fixture
def threads() -> Threads:
    return Threads(a_trace(sequence=7))


@pytest.fixture
def address(threads: Threads) -> Iterator[str]:
    with served(page_app(threads)) as address:
        yield address


def first_event(url: str, headers: dict[str, str] | None = None) -> list[str]:
    """Read the stream up to the end of its first event."""
    lines: list[str] = []
    with httpx.stream("GET", url, headers=headers, timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        for line in answer.iter_lines():
            if line.startswith(("event:", "id:", "data:")):
                lines.append(line)
            elif lines:
                return lines
    raise AssertionError("the stream ended without an event")


def test_a_page_that_shows_less_is_hinted_at_once(address: str) -> None:
    told = first_event(f"{address}/live?thread={THREAD}&since=6")

    assert told == ["event: trace", "id: 7", "data: changed"]


def test_a_reconnecting_page_goes_on_from_the_last_event_that_it_had(
    address: str, threads: Threads
) -> None:
    url = f"{address}/live?thread={THREAD}&since=1"
    with httpx.stream("GET", url, headers={"Last-Event-ID": "7"}, timeout=5) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        threads.put(a_trace())
        ids = (line for line in lines if line.startswith("id:"))

        assert next(ids) == "id: 8"


@pytest.mark.parametrize("since", ["", "-3", "1e9", "9" * 5000, "\N{SUPERSCRIPT TWO}"])
def test_nonsense_for_a_sequence_counts_as_knowing_nothing(address: str, since: str) -> None:
    url = str(httpx.URL(f"{address}/live", params={"thread": THREAD, "since": since}))

    assert "id: 7" in first_event(url)


def test_a_page_is_not_told_that_it_is_live_when_nothing_can_be_read(
    address: str, threads: Threads
) -> None:
    threads.is_down = True

    assert httpx.get(f"{address}/live").status_code == 503
