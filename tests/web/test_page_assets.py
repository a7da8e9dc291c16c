import re
from pathlib import Path

import pytest

from manciple.web.assets import BUILT, Assets, AssetsMissingError
from tests.web.page_server import Reader, page_app
from tests.web.page_threads import Threads

KILOBYTE = 1024


@pytest.fixture(scope="module")
def client() -> Reader:
    return Reader(page_app(Threads()))


def test_the_script_stays_within_its_budget() -> None:
    script = BUILT / (Assets.load().names["app.js"] + ".br")

    assert script.stat().st_size <= 25 * KILOBYTE


def test_every_asset_of_a_page_is_there(client: Reader) -> None:
    assets = Assets.load()

    assert {"app.js", "app.css", "icons.svg", "inter.woff2", "mark.svg"} <= set(assets.names)
    for name in assets.names:
        assert client.get(assets.url(name)).status_code == 200


def test_an_asset_may_be_kept_for_good_because_its_name_is_its_content(client: Reader) -> None:
    answer = client.get(Assets.load().url("app.css"))

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip;q=1.0", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)],
)
def test_an_asset_comes_as_small_as_the_browser_takes_it(
    client: Reader, accepted: str, encoding: str | None
) -> None:
    url = Assets.load().url("icons.svg")
    answer = client.get(url, headers={"accept-encoding": accepted})

    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content.startswith(b"<svg") is (encoding != "br")


def test_licences_of_what_the_pages_carry_go_along(client: Reader) -> None:
    told = client.get("/static/licenses.txt").text

    assert "htmx.org 4.0.1" in told
    assert "SIL OPEN FONT LICENSE" in told
    assert "ISC License" in told


@pytest.mark.parametrize(
    "name", ["manifest.json", ".stamp", "..%2f__init__.py", "app.js", "%2e%2e/assets.py"]
)
def test_nothing_else_is_served(client: Reader, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_an_installation_without_assets_says_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissingError, match=r"uv pip install -e \."):
        Assets.load(tmp_path)


SOURCES = Path(__file__).parents[2] / "web" / "src"
_ASIDE = re.compile(r"/\*.*?\*/|@media[^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def test_no_class_is_hidden_by_one_sheet_and_shown_by_another() -> None:
    """What one sheet hides until it is printed once hid another's heads on every screen."""
    hidden: dict[str, set[str]] = {}
    shown: dict[str, set[str]] = {}
    for sheet in SOURCES.glob("*.css"):
        text = _ASIDE.sub("", sheet.read_text())
        for selectors, body in _RULE.findall(text):
            for selector in selectors.split(","):
                if re.fullmatch(r"\.[a-z-]+", selector.strip()):
                    into = hidden if re.search(r"display: none\b", body) else shown
                    into.setdefault(selector.strip(), set()).add(sheet.name)

    assert hidden
    assert {
        name: (hidden[name], shown[name])
        for name in hidden
        if shown.get(name, set()) - hidden[name]
    } == {}
