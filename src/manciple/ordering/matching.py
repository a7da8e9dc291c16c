"""Matching: which order line a supplier's line means, by number and item; never a guess.

line number -> supplier's item -> our item -> GTIN        the first that names exactly one line
two lines fit, or number and item disagree                 ambiguous
nothing fits                                               unknown
"""

from manciple.catalog.item import ItemId, ItemScheme
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMatch:
    """The order line that is meant, or why nobody can tell.

    Attributes:
        line: None when no line, or more than one, fits.
        text: how it was found, or why not.
    """

    line: OrderLine | None
    text: str


_BY_ITEM = (ItemScheme.SUPPLIER, ItemScheme.BUYER, ItemScheme.GTIN)
"""Whose item numbers identify a line, the most telling first."""


def match_line(order: PurchaseOrder, line: str | None, items: tuple[ItemId, ...]) -> LineMatch:
    """Find the order line that a supplier's line means."""
    numbered = _by_number(order, line)
    by_item, scheme = _by_items(order, items)
    if numbered is not None:
        if by_item and numbered not in by_item:
            others = ", ".join(each.number for each in by_item)
            text = f"line number {line}, but the item {scheme} is of line {others}"
            return LineMatch(line=None, text=text)
        return LineMatch(line=numbered, text=f"line number {line}")
    if len(by_item) == 1:
        return LineMatch(line=by_item[0], text=f"item {scheme}")
    said = ", ".join(f"{each.scheme.value} {each.id}" for each in items) or "no item"
    if by_item:
        others = ", ".join(each.number for each in by_item)
        return LineMatch(line=None, text=f"item {scheme} is on lines {others}; which is meant?")
    return LineMatch(line=None, text=f"{order.id} has no line {line or 'unnumbered'} with {said}")


def _by_number(order: PurchaseOrder, line: str | None) -> OrderLine | None:
    """Find a line by its number; partners pad it with zeros."""
    if line is None or not line.strip():
        return None
    wanted = line.strip().lstrip("0")
    return next((each for each in order.lines if each.number.lstrip("0") == wanted), None)


def _by_items(order: PurchaseOrder, items: tuple[ItemId, ...]) -> tuple[list[OrderLine], str]:
    """Find the lines with an item number, by the first scheme that finds any."""
    for scheme in _BY_ITEM:
        wanted = {_plain(each.id) for each in items if each.scheme is scheme}
        found = [line for line in order.lines if wanted & _numbers_of(line, scheme)]
        if found:
            named = min(wanted & _numbers_of(found[0], scheme))
            return found, f"{scheme.value} {named}"
    return [], ""


def item_named(line: OrderLine, items: tuple[ItemId, ...]) -> str | None:
    """Give our number of the substitute of a line that a partner's item numbers mean.

    None where they mean the item ordered, or nothing that was agreed. Source: domain rule D-22.
    """
    if not line.substitutes or _is_called(line, items):
        return None
    named = (
        each.item for each in line.substitutes if _is_called(line.bought_as(each.item), items)
    )
    return next(named, None)


def _is_called(line: OrderLine, items: tuple[ItemId, ...]) -> bool:
    return any(_plain(each.id) == _number_of(line, each.scheme) for each in items)


def _numbers_of(line: OrderLine, scheme: ItemScheme) -> set[str]:
    """Give the numbers by which a line is called in a scheme: its item's and its substitutes'."""
    called = [line, *(line.bought_as(each.item) for each in line.substitutes)]
    return {number for each in called if (number := _number_of(each, scheme)) is not None}


def _number_of(line: OrderLine, scheme: ItemScheme) -> str | None:
    """Give a line's item number in a scheme, in the form in which numbers are compared."""
    match scheme:
        case ItemScheme.SUPPLIER:
            number = line.supplier_item
        case ItemScheme.BUYER:
            number = line.item
        case ItemScheme.GTIN:
            number = line.gtin
        case _:
            number = None
    return _plain(number) if number else None


def _plain(number: str) -> str:
    """Compare item numbers without case and outer blanks; a GTIN without leading zeros."""
    plain = number.strip().upper()
    return plain.lstrip("0") if plain.isdigit() else plain
