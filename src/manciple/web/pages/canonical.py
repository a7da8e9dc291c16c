"""What a partner file says in our own words, beside its raw segments: as ``manciple read`` has it.

Read anew from the kept bytes with the partner's maps, whenever somebody looks; nothing is kept.
"""

import json
from dataclasses import dataclass
from typing import Final

from manciple.app import Application
from manciple.exchange.interchange import Interchange
from manciple.exchange.partner import Partner
from manciple.exchange.reading import json_lines

MOST_BYTES: Final = 1_000_000
"""A larger file is not read for a page: the command line reads it."""
MOST_DOCUMENTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """One message of a file: its name for people, and its fields as JSON."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The messages of a file, the first of them.

    Attributes:
        left_out: how many more there are.
    """

    documents: tuple[ShownDocument, ...]
    left_out: int


def read_canonical(app: Application, name: str) -> Canonical | None:
    """Read a kept file; None when there is none, or it is too large for a page."""
    kept = app.peek(Interchange, name)
    if kept is None or kept.size > MOST_BYTES:
        return None
    partner = app.peek(Partner, kept.partner) if kept.partner else None
    maps = app.definitions.maps(partner.overlay if partner else None)
    found = [
        line
        for line in json_lines(app.bytes_of(kept.digest), kept.name or kept.id, maps=maps)
        if line["document"] is not None
    ]
    return Canonical(
        documents=tuple(
            ShownDocument(
                name=f"{line['message']} {line['control_number']}",
                text=json.dumps(line["document"], indent=2, ensure_ascii=False),
            )
            for line in found[:MOST_DOCUMENTS]
        ),
        left_out=max(0, len(found) - MOST_DOCUMENTS),
    )
