"""The catalogue of texts: found in templates and code, kept as one ``.po`` file per language.

    templates, gettext(), ngettext(), said(), the codes of ours  ->  messages.po of each language

``make messages`` runs this. A text that is new stands there untranslated, one that is gone is
dropped; nothing else changes, so that the files differ only where texts do. Sources: GNU gettext
manual, "The Format of PO Files"; CLDR, plural rules.
"""

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from manciple.approvals.request import ApprovalState, RejectionReason, StepState
from manciple.cases.aging import Turn
from manciple.cases.case import CaseState
from manciple.cases.discrepancy import Code
from manciple.cases.root_cause import RootCause
from manciple.intelligence.metrics.definition import Grain
from manciple.intelligence.metrics.figure import By
from manciple.intelligence.metrics.registry import DEFINITIONS
from manciple.intelligence.tracing import Health, System
from manciple.intelligence.waiting import AGES, Place
from manciple.kernel.messages import Role
from manciple.kernel.unit_words import WORDS
from manciple.runtime.effects import EffectState, Lane
from manciple.web.language import FOLDER, all_plain

WEB: Final = Path(__file__).parent
_KEYWORDS: Final = {
    "gettext": None,
    "_": None,
    "ngettext": (1, 2),
    "said": None,
    "said_of": (1, 2),
}
_TEMPLATES: Final = {
    "extensions": "jinja2.ext.i18n",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
SPOKEN: Final[tuple[type[StrEnum], ...]] = (
    ApprovalState, StepState, RejectionReason, CaseState, Code, RootCause, Turn, Place, Role,
    Lane, EffectState, Health, System, Grain, By,
)  # fmt: skip
"""Closed sets whose members pages say in words."""


def texts() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Give every text, with the file in which it stands."""
    for path in sorted(WEB.rglob("*.py")):
        yield from _in_file(path, "python", {})
    for path in sorted((WEB / "templates").glob("*.html")):
        yield from _in_file(path, babel_extract, _TEMPLATES)
    for codes in SPOKEN:
        for text in all_plain(codes):
            yield text, f"{codes.__module__}.{codes.__name__}"
    for system in System:
        yield system.capitalize(), "manciple.intelligence.tracing.System"
    for definition in DEFINITIONS:
        yield definition.name, "manciple.intelligence.metrics.registry.DEFINITIONS"
    for words in WORDS.values():
        yield words, "manciple.kernel.unit_words.WORDS"
    for name, _ in AGES:
        yield name, "manciple.intelligence.waiting.AGES"


def _in_file(
    path: Path, method: Any, options: dict[str, str]
) -> Iterator[tuple[str | tuple[str, ...], str]]:
    found: Iterable[Any] = extract(
        method, BytesIO(path.read_bytes()), _KEYWORDS, (), options, strip_comment_tags=False
    )
    for _, message, _, _ in found:
        yield message, path.relative_to(WEB).as_posix()


def template() -> Catalog:
    """Give the catalogue without translations, each text once."""
    catalogue = Catalog(fuzzy=False)
    for message, _ in texts():
        catalogue.add(message)
    return catalogue


def updated(path: Path) -> Catalog:
    """Give a language's catalogue with today's texts, and the translations that it has."""
    language = path.parts[-3]
    known = Catalog(locale=language, fuzzy=False)
    if path.is_file():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    catalogue = Catalog(locale=language, fuzzy=False)
    for message in template():
        if message.id:
            had = known.get(message.id)
            string = had.string if had is not None else None
            if isinstance(message.id, tuple) and isinstance(string, str):
                string = (string, "")  # it did not count before
            catalogue.add(message.id, string)
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Write a catalogue: sorted, without the places of texts, which change with each line."""
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    )
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, no_location=True, sort_output=True, width=99)
    return head.encode() + body.getvalue()


def files() -> tuple[Path, ...]:
    """Give the catalogues of all languages."""
    return tuple(sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")))


def main() -> None:
    """Bring every language's catalogue up to date, and say what is missing."""
    for path in files():
        catalogue = updated(path)
        path.write_bytes(written(catalogue))
        missing = [message.id for message in catalogue if message.id and not _is_said(message)]
        sys.stdout.write(f"{path.parts[-3]}: {len(catalogue)} texts, {len(missing)} missing\n")
        for text in missing:
            sys.stdout.write(f"  {text if isinstance(text, str) else text[0]}\n")


def _is_said(message: Any) -> bool:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(texts)


if __name__ == "__main__":
    main()
