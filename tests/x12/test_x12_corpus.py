"""What we read from 131 real X12 files, compared with the facts that are known about them.

Runs where the corpus lies beside the checkout (or MANCIPLE_CORPUS names it), else is skipped.
"""

from functools import cache
from pathlib import Path

import pytest
from tests.x12 import x12_corpus
from tests.x12.x12_corpus import JUDGED, Fact, FileReading

PLACE = x12_corpus.corpus()
NO_CORPUS = (
    "no corpus of partner files beside this checkout; set MANCIPLE_CORPUS to run this suite"
)

# Facts that we hold wrong: Fact.key to the reason. None at present.
HELD_WRONG: dict[str, str] = {}

pytestmark = pytest.mark.skipif(PLACE is None, reason=NO_CORPUS)


@cache
def reading(file: str) -> FileReading:
    assert PLACE is not None
    return x12_corpus.read_file(PLACE, file)


def all_facts() -> tuple[Fact, ...]:
    return x12_corpus.facts(PLACE) if PLACE else ()


def wrong(facts: list[Fact]) -> list[str]:
    return [
        f"{fact.key}: {fact.expected}"
        for fact in facts
        if fact.key not in HELD_WRONG and not x12_corpus.is_right(fact, reading(fact.file))
    ]


@pytest.mark.parametrize("file", x12_corpus.files(PLACE) if PLACE else ["none"])
def test_every_file_ends_in_documents_or_findings(file: str) -> None:
    found = reading(file)

    assert found.objects
    assert found.messages or any(o["findings"] or o["version"] for o in found.objects)


@pytest.mark.parametrize("kind", JUDGED)
def test_facts_of_the_judged_messages_are_right(kind: str) -> None:
    mine = [
        fact
        for fact in all_facts()
        if fact.name != "fault" and kind in {m["message"] for m in reading(fact.file).messages}
    ]

    mistakes = wrong(mine)

    assert len(mine) > 100
    assert not mistakes, "\n".join(mistakes)


def test_every_fault_is_reported() -> None:
    faults = [fact for fact in all_facts() if fact.name == "fault"]

    missed = wrong(faults)

    assert len(faults) > 80
    assert not missed, "\n".join(missed)


def test_facts_of_other_messages_are_right() -> None:
    mistakes = wrong([fact for fact in all_facts() if fact.name != "fault"])

    assert not mistakes, "\n".join(mistakes)


def test_the_reference_page_shows_the_present_figures() -> None:
    assert PLACE is not None
    page = (Path(x12_corpus.ROOT) / "docs/reference/x12-reading.md").read_text(encoding="utf-8")

    assert x12_corpus.table(PLACE) in page
