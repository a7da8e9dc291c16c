import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from httpx import Response

from manciple.intelligence.tracing import Severity
from tests.web.page_server import Reader, full_house, page_app
from tests.web.page_threads import RAW, THREAD, Files, Threads, a_step, a_trace, the_message

ADDRESSES = (
    "/",
    "/trace?key=SHARED-1",
    "/trace?key=PO-9",
    f"/trace/{THREAD}",
    f"/interchanges/{RAW}",
    "/trace/nothing",
)


@pytest.fixture(scope="module")
def client() -> Reader:
    return Reader(page_app(full_house()))


class Tags(HTMLParser):
    """Collects every element and its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def text(response: Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


@pytest.mark.parametrize(
    "key", ["REQ-7Q2M4K", "po-100234", " 4500017734 ", "HF-88120", "SHP-20261103", "INV-90417"]
)
def test_any_business_key_opens_the_thread(client: Reader, key: str) -> None:
    answer = client.get("/trace", params={"key": key})

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/trace/{THREAD}"


def test_a_key_of_two_threads_gives_the_choice(client: Reader) -> None:
    answer = client.get("/trace", params={"key": "SHARED-1"})

    assert answer.status_code == 200
    assert "2 threads with this key" in text(answer)


def test_an_unknown_key_says_what_can_be_asked(client: Reader) -> None:
    answer = client.get("/trace", params={"key": "<b>PO-9"})

    assert "Nothing carries “&lt;b&gt;PO-9”" in answer.text
    assert "control number" in text(answer)


def test_an_empty_search_goes_back_to_the_list(client: Reader) -> None:
    assert client.get("/trace?key=%20").headers["location"] == "/"


@pytest.mark.parametrize(
    "address",
    ["/trace/nothing", "/trace/%00", "/interchanges/nothing", f"/trace/{'x' * 9000}"],
)
def test_what_does_not_exist_is_not_found(client: Reader, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("key", ["\x00", "x" * 9000, "' or 1=1 --", "\u202e", "💥"])
def test_noise_in_the_search_finds_nothing_and_breaks_nothing(client: Reader, key: str) -> None:
    assert client.get("/trace", params={"key": key}).status_code == 200


def test_the_trace_tells_quantities_reasons_cases_and_deliveries(client: Reader) -> None:
    told = text(client.get(f"/trace/{THREAD}"))

    for part in (
        "Partly received",
        "4,862.40 USD",
        "1,250.5",
        "Two ACK segments, 60 and 36 pieces, were added up.",
        "Grace Eze",
        "422: cost centre 4410 is closed",
        "+ 23 h 42 min, longest",
        "5 Nov 2026 16:42 UTC",
    ):
        assert part in told


def test_the_trace_shows_stated_zero_and_unstated_apart(client: Reader) -> None:
    page = client.get(f"/trace/{THREAD}").text
    row = page[page.index("5 · CL-SS-40</td>") :].split("</tr>")[0]
    cells = re.findall(r'<td class="number">([^<]*)</td>', row)

    assert cells[0] == "600"
    assert cells[2] == "\N{EN DASH}"
    assert cells[-1] == "0"


def test_the_trace_lists_every_step_once_with_an_id_of_its_own(client: Reader) -> None:
    page = Tags(client.get(f"/trace/{THREAD}").text)
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]

    assert sum(str(name).startswith("step-") for name in ids) == 14
    assert len(ids) == len(set(ids))


def test_a_raw_message_shows_each_finding_at_its_segment(client: Reader) -> None:
    page = client.get(f"/interchanges/{RAW}").text
    segment = page[page.index('id="segment-11"') : page.index('id="segment-12"')]

    assert "raw-marked" in segment
    assert "says 3 lines, 2 came" in segment
    assert "3 findings" in text(client.get(f"/interchanges/{RAW}"))


def test_an_unreadable_file_still_has_a_page() -> None:
    noise = replace(the_message(), message="", segments=(), segment_count=0, threads=())
    answer = Reader(page_app(Threads(), Files(noise))).get(f"/interchanges/{RAW}")

    assert answer.status_code == 200
    assert "No segment could be read" in answer.text


def test_a_long_file_says_that_it_is_cut() -> None:
    long = replace(the_message(), segment_count=90_000)
    answer = Reader(page_app(Threads(), Files(long))).get(f"/interchanges/{RAW}")

    assert "The first 14 of 90,000 segments are shown." in answer.text


def test_what_documents_say_is_never_taken_for_html() -> None:
    evil = "<script>alert(1)</script>"
    trace = a_trace(headline=evil, steps=(a_step(evil, reasons=(evil,), detail=((evil, evil),)),))
    finding = replace(the_message().findings[0], text=evil, severity=Severity.ERROR)
    message = replace(the_message(), findings=(finding,))
    client = Reader(page_app(Threads(trace), Files(message)))
    pages = [client.get(f"/trace/{THREAD}").text, client.get(f"/interchanges/{RAW}").text]

    assert all(evil not in page and "&lt;script&gt;" in page for page in pages)


def test_nothing_yet_says_how_a_thread_begins() -> None:
    told = text(Reader(page_app(Threads())).get("/"))

    assert "Nothing has been asked for yet" in told
    assert "A thread begins with a requisition" in told


def test_older_threads_follow_page_by_page(client: Reader) -> None:
    seen: list[str] = []
    address: str | None = "/"
    while address:
        page = client.get(address).text
        seen += re.findall(r'id="hit-([^"]+)"', page)
        older = re.search(r'href="(/\?after=[^"]+)"', page)
        address = older[1] if older else None

    assert len(seen) == 61
    assert len(set(seen)) == 61


def test_a_page_past_the_end_says_so(client: Reader) -> None:
    assert "There is nothing older" in client.get("/?after=requisition/REQ-000000").text


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_needs_inline_script_or_style(client: Reader, address: str) -> None:
    answer = client.get(address)
    found = Tags(answer.text).found

    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert not [tag for tag, attributes in found if tag == "script" and "src" not in attributes]
    assert not [tag for tag, attributes in found if tag == "style" or "style" in attributes]
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_picture_on_a_page_is_in_the_sprite(client: Reader, address: str) -> None:
    shown = re.findall(r'href="(/static/icons[^"#]+)#([a-z]+)"', client.get(address).text)
    drawn = re.findall(r'<symbol id="([a-z]+)"', client.get(shown[0][0]).text)

    assert {name for _, name in shown} <= set(drawn)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_named_and_not_kept_by_the_browser(client: Reader, address: str) -> None:
    answer = client.get(address)

    assert re.search(r"<title>[^<]+ · Manciple</title>", answer.text)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/", f"/trace/{THREAD}"])
def test_a_live_region_comes_alone_when_it_is_asked_for(client: Reader, address: str) -> None:
    region = client.get(address, headers={"HX-Request": "true"}).text

    assert region.lstrip().startswith('<div id="region"')
    assert "<html" not in region
    assert region.strip() in client.get(address).text


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_sees_nothing(client: Reader, address: str) -> None:
    answer = client.get(address, headers={"stranger": "yes"})

    assert answer.status_code == 401
    assert "PO-100" not in answer.text


def test_a_stranger_gets_no_hints(client: Reader) -> None:
    assert client.get("/live", headers={"stranger": "yes"}).status_code == 401


def test_remembered_looks_are_drawn_and_forged_ones_are_not(client: Reader) -> None:
    def html(cookie: str) -> str:
        page = client.get("/", headers={"cookie": cookie}).text
        return page[page.index("<html") : page.index("<head>")]

    assert 'data-theme="dark"' in html("theme=dark; density=comfortable")
    assert 'data-density="comfortable"' in html("theme=dark; density=comfortable")
    assert "data-theme" not in html('theme="><script>')


def test_the_rail_lists_only_pages_that_exist(client: Reader) -> None:
    page = client.get("/").text
    rail = Tags(page[page.index("<nav") : page.index("</nav>")])
    links = [attributes["href"] for tag, attributes in rail.found if tag == "a"]

    assert links
    assert all(client.get(str(link)).status_code == 200 for link in links)
