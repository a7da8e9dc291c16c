"""The language in which pages speak to one reader, and how they write numbers and days for them.

Texts stand in the code in English, which is also their key:

    {{ _('Approve') }}                                  a template's words
    {% trans n=rows | length %}{{ n }} row{% pluralize %}{{ n }} rows{% endtrans %}
    gettext("Approve")                                  words made while a page is answered
    NAMES = {Turn.OURS: said("ours")}                   a table's words, looked up when shown

Who reads decides: the language chosen on the page, else what the browser asks for, else English.
A language is there when ``translations/<language>/LC_MESSAGES/messages.po`` is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "translations"
ENGLISH: Final = "en"
MOST_ASKED: Final = 20
"""Languages of a browser's list that are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """How pages speak to one reader; there is one of each language and locale.

    Attributes:
        language: of the texts, as ``<html lang>`` wants it: ``de``.
        locale: by which numbers and days are written: ``de_CH``.
    """

    language: str
    locale: Locale
    translations: NullTranslations


_PLAIN: Final = Voice(ENGLISH, Locale(ENGLISH), NullTranslations())
_VOICE: Final[ContextVar[Voice]] = ContextVar("voice", default=_PLAIN)


@cache
def catalogues() -> Mapping[str, NullTranslations]:
    """Read every language's texts, once; English needs none."""
    found: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        language = path.parts[-3]
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        found[language] = GNUTranslations(compiled)
    return found


@cache
def languages() -> tuple[tuple[str, str], ...]:
    """Give each language with its own name: ``("de", "Deutsch")``; English first."""
    names = {each: Locale(each).get_display_name(each) or each for each in catalogues()}
    return tuple((each, name[:1].upper() + name[1:]) for each, name in names.items())


def voice_for(chosen: str, accepted: str) -> Voice:
    """Give the voice for a reader.

    Args:
        chosen: the language that they chose on a page; anything unknown is no choice.
        accepted: the browser's ``Accept-Language``. Source: RFC 9110, 12.5.4.
    """
    asked = list(_asked(accepted))
    if chosen in catalogues():
        tag = next((each for each in asked if each.split("-")[0] == chosen), chosen)
        return _voice(chosen, tag)
    for tag in asked:
        if tag.split("-")[0] in catalogues():
            return _voice(tag.split("-")[0], tag)
    return _PLAIN


def _asked(header: str) -> Sequence[str]:
    """Read the languages that a browser asks for, the dearest first; nonsense is left out."""
    weighed: list[tuple[float, str]] = []
    for part in header[:1000].split(",")[:MOST_ASKED]:
        tag, _, weight = part.strip().partition(";")
        try:
            worth = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if worth > 0 and tag.replace("-", "").isalnum() and tag.isascii():
            weighed.append((worth, tag.lower()))
    return [tag for _, tag in sorted(weighed, key=lambda each: -each[0])]


@cache
def _voice(language: str, tag: str) -> Voice:
    parts = tag.split("-")
    territory = parts[1].upper() if len(parts) > 1 and len(parts[1]) == 2 else None  # noqa: PLR2004 -- ISO 3166-1 alpha-2
    try:
        locale = Locale(language, territory)
    except UnknownLocaleError:
        locale = Locale(language)
    return Voice(language, locale, catalogues()[language])


def voice() -> Voice:
    """Give how the page that is made now speaks."""
    return _VOICE.get()


@contextmanager
def speaking(spoken: Voice) -> Iterator[None]:
    """Speak one reader's language for as long as their page is made."""
    token = _VOICE.set(spoken)
    try:
        yield
    finally:
        _VOICE.reset(token)


def gettext(text: str) -> str:
    """Say a text in the reader's language; in English where it has no translation."""
    return _VOICE.get().translations.gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Say a text that counts, with the plural form that the reader's language has for ``n``."""
    return _VOICE.get().translations.ngettext(one, many, n)


def said(text: str) -> str:
    """Mark a text of a table for the catalogue; whoever shows it looks it up by ``gettext``."""
    return text


def spoken(code: object) -> str:
    """Say a code of ours as people say it: ``QTY_RECEIVED`` -> ``qty received``."""
    return gettext(plain(code))


def plain(code: object) -> str:
    """Write a code in small English words."""
    words = str(getattr(code, "value", code)).lower().replace("_", " ").replace("-", " ")
    return _BETTER.get(words, words)


_BETTER: Final = {
    "case": "exception",
    "await balance": "wait for the rest",
    "cancel remainder": "give up the rest",
    "re source": "buy elsewhere",
    "ap clerk": "AP clerk",
    "ap lead": "AP lead",
}
"""Codes whose words people do not use."""


def all_plain(codes: Iterable[object]) -> Iterator[str]:
    """Give the words of a closed set, for the catalogue."""
    return (plain(code) for code in codes)
