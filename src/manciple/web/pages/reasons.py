"""Why somebody is asked, taken apart: what is said in words, and the rows of policy behind it.

"approval_routing 2026-01/r12; forwarded by anna: on leave"
    words   forwarded by anna: on leave
    rows    approval_routing, row r12, of version 2026-01
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

_CITED: Final = re.compile(r"^(?P<table>[a-z][a-z_]*) (?P<version>[^\s/]+)/(?P<rows>[\w+-]+)$")
_PARTS: Final = re.compile(r"; (?=[a-z])")


@dataclass(frozen=True, slots=True)
class Cited:
    """A row of a decision table that spoke."""

    table: str
    version: str
    row: str

    @property
    def address(self) -> str:
        """Give where the row stands in its table."""
        version = urlencode({"version": self.version})
        return f"/policies/{quote(self.table)}?{version}#row-{quote(self.row)}"


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: its words, and the rows that it cites."""

    words: tuple[str, ...] = ()
    rows: tuple[Cited, ...] = ()


def why_of(text: str) -> Why:
    """Take a step's reason apart; what is no row of a table stays in its words."""
    words: dict[str, None] = {}
    rows: dict[Cited, None] = {}
    for part in _PARTS.split(text):
        found = _CITED.match(part.strip())
        if found is None:
            if part.strip():
                words.setdefault(part.strip())
            continue
        for row in found["rows"].split("+"):
            rows.setdefault(Cited(found["table"], found["version"], row))
    return Why(tuple(words), tuple(rows))
