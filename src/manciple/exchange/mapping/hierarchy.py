"""The tree of a ship notice: which order and which packages an item belongs to.

    S shipment
      O order            PRF names it
        P package        MAN names it (SSCC)
          I item         the line

HL02 names the parent. Where it is empty, or names nothing before it, the nearest earlier level of
a higher rank is the parent. Some senders put packages below the item; then they are the item's.
"""

from manciple.exchange.mapping.draft import Draft, Level
from manciple.formats.x12.findings import Fault, Severity

# Source: X12 element 1005, BSN05, hierarchical structure code; rank by depth.
_RANKS = {
    "0002": {"S": 0, "O": 1, "I": 2, "T": 3, "P": 4, "F": 5},
    "0003": {"S": 0, "T": 1, "P": 2, "O": 3, "I": 4, "F": 5},
}
_USUAL = {"S": 0, "O": 1, "T": 2, "P": 3, "I": 4, "F": 5}
_DEEPEST = 9
_MAX_DEPTH = 50


def resolve_levels(draft: Draft) -> None:
    """Give each line the order and packages above it, and the packages below it."""
    ranks = _RANKS.get(draft.fields.get("structure", ""), _USUAL)
    parents = _parents(draft, ranks)
    for at, level in enumerate(draft.levels):
        if level.line is not None:
            above = _above(at, parents)
            line = level.line
            for n in above:
                line.order = line.order or draft.levels[n].order
            packages = [p for n in reversed(above) for p in draft.levels[n].packages]
            line.packages = [*packages, *line.packages]
        elif level.packages:
            item = next((n for n in _above(at, parents) if draft.levels[n].line), None)
            if item is not None:
                owner = draft.levels[item].line
                if owner is not None:
                    owner.packages += level.packages
    _collect_orders(draft)


def _parents(draft: Draft, ranks: dict[str, int]) -> list[int | None]:
    """The place of each level's parent: always an earlier one, so the tree has no circle."""
    seen: dict[str, int] = {}
    last_of_rank: dict[int, int] = {}
    parents: list[int | None] = []
    for at, level in enumerate(draft.levels):
        rank = ranks.get(level.code, _DEEPEST)
        named = seen.get(level.parent) if level.parent else None
        if level.parent and named is None:
            text = f"HL02 {level.parent} names no HL before this one"
            draft.find(Fault.HIERARCHY, text, level.segment, 2, severity=Severity.WARNING)
        if named is None:
            higher = [last_of_rank[r] for r in last_of_rank if r < rank]
            named = max(higher) if higher else None
        parents.append(named)
        _remember(level, at, rank, seen, last_of_rank)
    return parents


def _remember(
    level: Level, at: int, rank: int, seen: dict[str, int], last_of_rank: dict[int, int]
) -> None:
    if level.id:
        seen[level.id] = at
    last_of_rank[rank] = at


def _above(at: int, parents: list[int | None]) -> list[int]:
    above: list[int] = []
    parent = parents[at]
    while parent is not None and len(above) < _MAX_DEPTH:
        above.append(parent)
        parent = parents[parent]
    return above


def _collect_orders(draft: Draft) -> None:
    named = [level.order for level in draft.levels] + [line.order for line in draft.lines]
    draft.orders = list(dict.fromkeys(order for order in named if order))
