"""The written pages: links that lead somewhere, examples that run, and nothing of one machine."""

import re
from pathlib import Path

import pytest
from docs.generate import DOCS

ROOT = DOCS.parent
OUTSIDE = ("http://", "https://", "mailto:")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("changes/*.md"), *DOCS.rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MACHINE = re.compile(r"(?<![\w./])/(work|home|root|Users)/\w")


def links_of(page: Path) -> list[str]:
    return _LINK.findall(_FENCE.sub("", page.read_text("utf-8")))


def anchors_of(page: Path) -> set[str]:
    """Give a page's headings as GitHub names them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_of_ours(name: str) -> None:
    page = ROOT / name
    lost = []
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        if path.startswith(OUTSIDE):
            continue
        target = (page.parent / path).resolve() if path else page
        is_lost = not target.exists() or not target.is_relative_to(ROOT)
        if is_lost or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_page_names_no_path_of_one_machine(name: str) -> None:
    assert _MACHINE.findall((ROOT / name).read_text("utf-8")) == []


def test_every_test_that_a_page_names_exists() -> None:
    named = re.compile(r"`(test_[a-z0-9_]+)`")
    known = {
        name
        for page in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", page.read_text("utf-8"), re.MULTILINE)
    }
    page = (ROOT / "docs/explanation/when-a-step-fails.md").read_text("utf-8")

    told = set(named.findall(page))

    assert len(told) > 20
    assert told - known == set()


def test_every_page_of_the_docs_is_reached_from_the_index() -> None:
    waiting, met = [DOCS / "index.md"], set[Path]()
    while waiting:
        page = waiting.pop()
        met.add(page)
        for link in links_of(page):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists() and target not in met:
                waiting.append(target)
    assert set(DOCS.rglob("*.md")) - met == set()


def test_pictures_of_the_readme_are_small_enough_to_load_at_once() -> None:
    pictures = [link for link in links_of(ROOT / "README.md") if link.endswith(".png")]
    assert pictures
    assert sum((ROOT / picture).stat().st_size for picture in pictures) < 400_000


EXAMPLES = [
    pytest.param(code, id=f"{name}-{number}")
    for name, page in zip(NAMES, PAGES, strict=True)
    for number, code in enumerate(_PYTHON.findall(page.read_text("utf-8")), start=1)
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_example_runs(code: str) -> None:
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code, "example", "exec"), names)
    assert set(names) - {"__name__", "__builtins__"}


@pytest.mark.parametrize("page", sorted((ROOT / "changes").glob("*.md")), ids=lambda p: p.name)
def test_change_is_one_sentence_of_a_known_kind(page: Path) -> None:
    text = page.read_text("utf-8").strip()
    assert page.suffixes[0] in {".added", ".changed", ".fixed", ".removed"}
    assert "\n" not in text
    assert text.endswith(".")
    assert text.count(". ") == 0


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(len(records)))
    listed = (DOCS / "decisions" / "0000-how-decisions-are-recorded.md").read_text("utf-8")
    assert [record.name for record in records[1:] if record.name not in listed] == []
    for record in records:
        assert record.read_text("utf-8").startswith(f"# {record.name[:4]}. ")
