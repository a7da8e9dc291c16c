"""Pages speak their reader's language: which one, how numbers and days are written, and that no
template holds a text that nobody could translate."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.app.exceptions import ExceptionDesk
from manciple.cases.case import OVERTAKEN
from manciple.web import catalogue, language
from manciple.web.language import gettext, spoken, voice_for
from manciple.web.pages.excepting import RESOLUTIONS
from manciple.web.pages.wording import moment, number, relative, short_moment, size
from tests.api.installation import Installation, installed
from tests.web.signed_in import OURS, Browser

TEMPLATES = Path(language.__file__).parent / "templates"
AT = datetime(2026, 3, 2, 15, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("language") / "home") as made:
        yield made


@pytest.mark.parametrize(
    ("chosen", "accepted", "spoken_"),
    [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "de-CH,de;q=0.9,en;q=0.8", "de"),
        ("", "en-GB,de;q=0.9", "en"),
        ("", "fr,de;q=0.5,en;q=0.4", "de"),
        ("", "fr;q=0.9,de;q=0,en;q=0.1", "en"),
        ("", "de;q=nonsense", "en"),
        ("", "*", "en"),
        ("", "../../etc/passwd", "en"),
        ("en", "de", "en"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
    ],
)
def test_the_choice_wins_then_the_browser_then_english(
    chosen: str, accepted: str, spoken_: str
) -> None:
    assert voice_for(chosen, accepted).language == spoken_


def test_numbers_and_days_are_written_as_the_reader_is_used_to() -> None:
    with language.speaking(voice_for("", "de-DE")):
        german = (number(Decimal("-4000.500")), moment(AT), short_moment(AT), size(4100))
    with language.speaking(voice_for("", "de-CH")):
        swiss = number(Decimal("4000.5"))

    assert german == ("-4.000,5", "2. März 2026 15:04 UTC", "2. März 15:04", "4,1 kB")
    assert swiss == "4\u2019000.5"
    assert (number(Decimal("-4000.500")), moment(AT)) == ("-4,000.5", "2 Mar 2026 15:04 UTC")


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_number_written_in_german_reads_back_exactly(value: Decimal) -> None:
    with language.speaking(voice_for("de", "")):
        written = number(value)

    assert Decimal(written.replace(".", "").replace(",", ".")) == value


def test_a_page_in_german_says_so_and_an_english_one_too(house: Installation) -> None:
    browser = Browser(house)

    german = browser.ask("GET", "/sign-in", headers={"Accept-Language": "de-DE,de;q=0.9"})
    english = browser.ask("GET", "/sign-in", headers={"Accept-Language": "en-GB"})

    assert '<html lang="de"' in german.text
    assert "Anmelden" in german.text
    assert '<html lang="en"' in english.text
    assert "Sign in" in english.text
    assert "Accept-Language" in german.headers["vary"]


def test_a_reader_chooses_a_language_and_leaves_the_choice_to_the_browser(
    house: Installation,
) -> None:
    browser = Browser(house)
    fields = {"word": "x", "back": "/sign-in?to=/approvals", "language": "de"}

    chosen = browser.send("/language", fields)
    page = browser.ask("GET", "/sign-in", headers={"Accept-Language": "en"})
    foreign = browser.send("/language", fields, {**OURS, "Origin": "https://evil.example"})
    away = browser.send("/language", fields | {"back": "//evil.example", "language": "tlh"})

    assert chosen.headers["location"] == "/sign-in?to=/approvals"
    assert "httponly" in chosen.headers["set-cookie"].lower()
    assert '<html lang="de"' in page.text
    assert foreign.status_code == 403
    assert away.headers["location"] == "/"
    assert 'language=""' in away.headers["set-cookie"]


def test_outside_a_page_english_is_spoken() -> None:
    assert gettext("Approve") == "Approve"
    assert gettext("") == ""
    assert spoken("QTY_RECEIVED") == "qty received"
    assert relative(AT, AT) == "just now"


# ---- no text that nobody could translate ---------------------------------------------------

_TRANS = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", re.DOTALL)
_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_SHOWN = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"')
_NAMES = frozenset(
    {"Manciple", "· Manciple", "J", "K", "X", "A", "R", "E", "S", "Esc", "Enter", "Ctrl", "UTC"}
)
_BLOCK = re.compile(r"{%(.*?)%}|{{(.*?)}}", re.DOTALL)
_SAYING = re.compile(r"\b(?:_|gettext|ngettext)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_SENTENCE = re.compile(r"[A-Z][a-z]+($|[ ,.])|[A-Za-z]{2,} [A-Za-z]{2,}")


def unwrapped(source: str) -> list[str]:
    """Give what a reader would see in English whatever their language."""
    bare = _JINJA.sub("\x00", _TRANS.sub("\x00", source))
    shown = [found[1] for found in _SHOWN.finditer(bare)]
    texts = re.sub(r"<(script|style|code)\b.*?</\1>", "", bare, flags=re.DOTALL)
    shown += re.split(r"<[^>]*>|\x00", re.sub(r"&\w+;", "", texts))
    found = [
        each.strip()
        for each in shown
        if re.search(r"[A-Za-z]{2}", each.replace("\x00", "")) and each.strip() not in _NAMES
    ]
    for block in _BLOCK.finditer(_TRANS.sub("", re.sub(r"{#.*?#}", "", source, flags=re.DOTALL))):
        code = block[1] or block[2]
        if code.split()[0] in {"extends", "from", "include", "import"}:
            continue
        for literal in _LITERAL.finditer(_SAYING.sub("", code)):
            text = literal[1] or literal[2] or ""
            if _SENTENCE.search(text) and text not in _NAMES:
                found.append(text)
    return [each for each in found if not (each.startswith("/") or each.endswith("="))]


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.glob("*.html")))
def test_a_template_holds_no_text_that_cannot_be_translated(name: str) -> None:
    assert unwrapped((TEMPLATES / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["<p>Some words</p>", '<a aria-label="Close">', "{{ card_head('a', 'Open lines') }}"],
)
def test_the_search_for_plain_text_finds_it(source: str) -> None:
    assert unwrapped(source)


# ---- the catalogue -------------------------------------------------------------------------

_PLACE = re.compile(r"%\((\w+)\)s|%(?!\()")


def translated() -> list[tuple[str, str]]:
    """Give every text of every language with its translation, each plural form for itself."""
    pairs: list[tuple[str, str]] = []
    for path in catalogue.files():
        for message in catalogue.updated(path):
            one = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string or ""
            forms = (said,) if isinstance(said, str) else said
            pairs += [(str(one), form) for form in forms if one]
    return pairs


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    wrong = [
        (text, form)
        for text, form in translated()
        if form and sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(form))
    ]

    assert wrong == []


@pytest.mark.parametrize("path", catalogue.files(), ids=lambda path: path.parts[-3])
def test_a_catalogue_is_complete_and_not_stale(path: Path) -> None:
    known = catalogue.updated(path)

    missing = [
        each.id
        for each in known
        if each.id and not (all(each.string) if isinstance(each.string, tuple) else each.string)
    ]

    assert missing == [], "translate them"
    assert path.read_bytes() == catalogue.written(known), "run `make messages`"


def test_every_resolution_can_be_said_in_every_language(house: Installation) -> None:
    named = {row.name for row in ExceptionDesk(app=house.app).remedies.rows} | {OVERTAKEN}

    assert {language.plain(name) for name in named} == set(RESOLUTIONS)
