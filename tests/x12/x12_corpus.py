"""The corpus of real X12 files beside the checkout, and how what we read compares with its facts.

The corpus is not part of the project: it is looked for in MANCIPLE_CORPUS, then in
``../shared/corpus`` of the checkout.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from manciple.exchange.reading import json_lines

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("850", "855", "856", "810")

Json = dict[str, Any]


def corpus() -> Path | None:
    """Where the corpus is, None if this machine has none."""
    place = Path(os.environ.get("MANCIPLE_CORPUS") or ROOT.parent / "shared" / "corpus")
    return place if (place / "FACTS.tsv").is_file() else None


def files(place: Path) -> tuple[str, ...]:
    """Every X12 file of the corpus, by its path inside it."""
    return tuple(
        sorted(p.relative_to(place).as_posix() for p in (place / "x12").rglob("*") if p.is_file())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that a correct reader must get from a file."""

    file: str
    message: str
    name: str
    expected: str

    @property
    def key(self) -> str:
        """The fact's short name, for lists of facts that we hold wrong."""
        return f"{self.file}#{self.message}#{self.name}"


def facts(place: Path) -> tuple[Fact, ...]:
    """The facts about X12 files."""
    rows = (place / "FACTS.tsv").read_text(encoding="utf-8").splitlines()[1:]
    split = (row.split("\t") for row in rows if row.startswith("x12/"))
    return tuple(Fact(file=r[0], message=r[1], name=r[2], expected=r[3]) for r in split)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """What `read` printed about one file."""

    objects: tuple[Json, ...]
    is_readable: bool

    @property
    def messages(self) -> tuple[Json, ...]:
        """The objects of transaction sets, in order."""
        return tuple(o for o in self.objects if o["document"] is not None)

    @property
    def findings(self) -> tuple[Json, ...]:
        """All findings of the file."""
        return tuple(f for o in self.objects for f in o["findings"])


def read_file(place: Path, file: str) -> FileReading:
    """Read one file of the corpus as `manciple read` does."""
    with (place / file).open("rb") as source:
        lines = json_lines(source, file)
        objects = tuple(lines)
    return FileReading(objects=objects, is_readable=lines.is_readable)


# How a fact is compared


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None


def _same(found: str | None, expected: str) -> bool:
    numbers = _number(found), _number(expected)
    if None not in numbers and not (expected[:1] == "0" and len(expected) > 1):
        return numbers[0] == numbers[1]
    return (found or "").strip() == expected.strip()


def _same_number(found: str | None, expected: str) -> bool:
    return _number(found) is not None and _number(found) == _number(expected)


def _first(document: Json) -> Json:
    lines: list[Json] = document["lines"]
    return lines[0] if lines else {}


def _ids(document: Json, role: str) -> list[str]:
    return [p["id"] for p in document["parties"] if p["role"] == role]


def _prices(line: Json) -> Iterator[str]:
    for price in (line.get("price"), *(a["price"] for a in line.get("answers", ()))):
        if price is not None:
            per = price["per"]
            many = per is not None and Decimal(per["value"]) != 1
            yield f"{price['amount']}/{per['value']}" if many else price["amount"]


def _quantities(line: Json, part: str) -> list[str]:
    stated = [line.get("quantity"), *(a["quantity"] for a in line.get("answers", ()))]
    return [quantity[part] for quantity in stated if quantity]


def _items(line: Json) -> list[str]:
    substitutes = (i for a in line.get("answers", ()) for i in a["substitute"])
    return [item["id"] for item in (*line.get("items", ()), *substitutes)]


def _status(line: Json) -> list[str]:
    status = line.get("status")
    return [status, status.split(".")[0]] if status else []


_FOUND: dict[str, Callable[[Json], list[str | None]]] = {
    "number": lambda d: [d["number"]],
    "order": lambda d: list(d["orders"]),
    "currency": lambda d: [d["currency"]],
    "date": lambda d: [d["dates"].get("issued")],
    "line_count": lambda d: [str(len(d["lines"]))],
    "line1_id": lambda d: [_first(d).get("line")],
    "line1_item": lambda d: list(_items(_first(d))),
    "line1_quantity": lambda d: list(_quantities(_first(d), "value")),
    "line1_unit": lambda d: list(_quantities(_first(d), "unit")),
    "line1_price": lambda d: list(_prices(_first(d))),
    "line1_status": lambda d: list(_status(_first(d))),
    "total": lambda d: [d["totals"]["total"]],
    "supplier_id": lambda d: list(_ids(d, "supplier")),
    "buyer_id": lambda d: list(_ids(d, "buyer")),
    "hl_shipped_total": lambda d: [d["totals"]["shipped"]],
}
_NUMBERS = {"line1_quantity", "line1_price", "total", "hl_shipped_total", "line_count"}


def is_right(fact: Fact, reading: FileReading) -> bool:
    """Whether we read what the fact says; for a fault, whether we reported it."""
    if fact.name == "fault":
        return any(_tells(finding, fact.expected) for finding in reading.findings)
    at = int(fact.message)
    if at >= len(reading.messages):
        return False
    found = _FOUND[fact.name](reading.messages[at]["document"])
    wanted = fact.expected.split(" || ")
    same = _same_number if fact.name in _NUMBERS else _same
    if fact.name not in _NUMBERS:
        return any((f or "").strip() == w.strip() for f in found for w in wanted)
    return any(same(f, w) for f in found for w in wanted)


def _tells(finding: Json, fault: str) -> bool:
    """A finding about the same segment and, where the fault has two figures, with both."""
    tag = re.match(r"[A-Z][A-Z]?[A-Z0-9]", fault)
    segment = tag.group() if tag else ""
    text = finding["text"]
    about = finding["where"]["segment"] == segment or text.startswith(segment)
    named = re.findall(r"(?:says|is|of|characters, should be|width is) ([A-Z]{2}\b|\d+)", fault)
    return bool(segment) and about and all(figure in text for figure in named)


def table(place: Path) -> str:
    """The reference table: message x files x read x facts, in Markdown."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
    by_file = defaultdict(list)
    for fact in facts(place):
        by_file[fact.file].append(fact)
    for file in files(place):
        reading = read_file(place, file)
        kinds = [m["message"] for m in reading.messages] or ["none"]
        for kind in dict.fromkeys(kinds):
            rows[kind][0] += 1
            rows[kind][1] += reading.is_readable
        for fact in by_file[file]:
            at = int(fact.message) if fact.message.isdigit() else 0
            kind = kinds[at] if at < len(kinds) else kinds[0]
            column = 4 if fact.name == "fault" else 2
            rows[kind][column] += 1
            rows[kind][column + 1] += is_right(fact, reading)
    lines = [
        "| message | files | read | facts | right | faults | reported |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    order = sorted(rows, key=lambda kind: (kind not in JUDGED, kind))
    lines += ["| " + " | ".join([kind, *map(str, rows[kind])]) + " |" for kind in order]
    total = [sum(values) for values in zip(*rows.values(), strict=True)]
    lines.append("| all | " + " | ".join(map(str, total)) + " |")
    return "\n".join(lines)


def write_page(place: Path) -> None:
    """Put the present table into the reference page."""
    page = ROOT / "docs" / "reference" / "x12-reading.md"
    text = page.read_text(encoding="utf-8")
    start, end = text.index("| message |"), text.index("\n\n", text.index("| all |"))
    page.write_text(text[:start] + table(place) + text[end:], encoding="utf-8")


if __name__ == "__main__":
    found = corpus()
    if found is None:
        raise SystemExit("no corpus beside this checkout; set MANCIPLE_CORPUS")
    write_page(found)
