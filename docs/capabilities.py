"""The page of capabilities: what can be done, which tests show it, through which door.

tests/capabilities.toml -> docs/reference/capabilities.md
"""  # noqa: INP001  a folder of pages, not a package

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "capabilities.toml"
FAMILIES: Mapping[str, tuple[str, int]] = {
    "WF": ("Workflows", 13), "RQ": ("Requisition intake", 5), "AP": ("Approvals", 8),
    "PO": ("Orders and the ERP", 9), "SC": ("Supplier coordination", 7),
    "RI": ("Receiving and invoicing", 6), "EX": ("Exceptions", 10), "IN": ("Integration", 6),
    "AG": ("API governance", 4), "EV": ("Events", 2), "OB": ("Observability", 3),
    "RS": ("Resilience", 11), "AI": ("Advice", 9), "PI": ("Process intelligence", 8),
    "MD": ("Master data", 2), "OM": ("Operating model", 9), "SN": ("Scenarios", 10),
    "A": ("Rules of approvals", 17), "D": ("Rules of matching", 25),
    "R": ("Rules of replenishment", 14), "P": ("Rules of orders", 10),
    "X": ("Rules of delivery", 6),
}  # fmt: skip
"""The families of ids with the highest number in each."""
_ID = re.compile(r"(?P<family>[A-Z]+)-(?P<number>\d+)\Z")
_HEAD = """# Capabilities and what shows them

Each row is a capability or rule that is built, by its id, with tests that show it from outside and
the door through which they come. What is not listed is not claimed. Whether a test would notice if
the rule were gone is tried, line by line, by `python -m tests.mutate`; which rules it switches
off, and what came of it: [Rules switched off](../explanation/metrics.md#rules-switched-off).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One row: an id, what can be done, through which door, and the tests that show it."""

    id: str
    what: str
    door: str
    tests: tuple[str, ...]


def capabilities() -> tuple[Capability, ...]:
    """Read the table, in the order in which it is written."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))
    return tuple(
        Capability(id=name, what=row["what"], door=row["door"], tests=tuple(row["tests"]))
        for name, row in rows.items()
    )


def is_known(name: str) -> bool:
    """Say whether there is such an id."""
    found = _ID.match(name)
    if found is None or found["family"] not in FAMILIES:
        return False
    return 1 <= int(found["number"]) <= FAMILIES[found["family"]][1]


def page(mark: str) -> str:
    """Write the page; ``mark`` says that it is generated."""
    parts = [_HEAD.replace("\n\n", f"\n\n{mark}\n\n", 1)]
    rows = capabilities()
    for family, (title, _) in FAMILIES.items():
        mine = [each for each in rows if each.id.rpartition("-")[0] == family]
        if mine:
            parts += [
                f"## {title}\n",
                "| id | what | door | shown by |",
                "| --- | --- | --- | --- |",
            ]
            parts += [_row(each) for each in mine]
            parts.append("")
    return "\n".join(parts)


def _row(each: Capability) -> str:
    shown = "<br>".join(_link(test) for test in each.tests)
    return f"| {each.id} | {each.what} | {each.door} | {shown} |"


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    words = name.removeprefix("test_").replace("_", " ")
    return f"[{words}](../../{file})"
