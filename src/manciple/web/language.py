"""The language in which pages speak to one reader.

Texts stand in the code in English, which is also their key:

    {{ _('Approve') }}                                  a template's words
    {% trans n=rows | length %}{{ n }} row{% pluralize %}{{ n }} rows{% endtrans %}
    gettext("Approve")                                  words made while a page is answered
    NAMES = {Turn.OURS: said("ours")}                   a table's words, looked up when shown
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Final

_SPOKEN: Final[ContextVar[NullTranslations]] = ContextVar("spoken", default=NullTranslations())  # noqa: B039 -- it holds no state


@contextmanager
def speaking(translations: NullTranslations) -> Iterator[None]:
    """Speak one reader's language for as long as their page is made."""
    token = _SPOKEN.set(translations)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def gettext(text: str) -> str:
    """Say a text in the reader's language; in English where it has no translation."""
    return _SPOKEN.get().gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """Say a text that counts, with the plural form that the reader's language has for ``n``."""
    return _SPOKEN.get().ngettext(one, many, n)


def said(text: str) -> str:
    """Mark a text of a table for the catalogue; whoever shows it looks it up by ``gettext``."""
    return text
