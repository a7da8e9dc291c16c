"""Which order line an invoice line means: found by what it states, never by guessing.

    the order line that it names, unless its item is on another one       explicit reference
    the one line of the order that has its item                           item number
    its own number, when its item is on several lines or is not stated    weak: only if it fits

Item numbers: the supplier's, then ours, then the GTIN. A line number that equals the invoice's own
is no reference: X12 IT101 is "assigned for differentiation within a transaction set", and many
suppliers only count. More than one line, or none, is a hold NO_PO that lists the candidates with
their reasons. Source: capability RI-3, "never auto-picks under ambiguity"; X12 004010, IT101.
"""

from collections.abc import Iterable

from manciple.catalog.item import ItemId, ItemScheme
from manciple.invoicing.holds import Candidate
from manciple.invoicing.invoice import InvoicedLine, OrderLineRef
from manciple.kernel.records import dataclass

_SCHEMES = (ItemScheme.SUPPLIER, ItemScheme.BUYER, ItemScheme.GTIN)
"""In this order; the first that finds a line decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billable:
    """An order line as an invoice may name it.

    Attributes:
        ids: the item numbers by which it may be called: its item's and its substitutes'.
    """

    place: OrderLineRef
    item: str
    ids: tuple[ItemId, ...]

    def is_called(self, wanted: ItemId) -> bool:
        """Say whether an item number means this line; capitals and outer spaces do not count."""
        return any(_same(wanted, known) for known in self.ids)

    def is_denied(self, stated: Iterable[ItemId]) -> bool:
        """Say whether a stated number is of a scheme that we know for this line, and differs."""
        schemes = {known.scheme for known in self.ids}
        return any(each.scheme in schemes and not self.is_called(each) for each in stated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """An invoice line whose order line nobody can tell, and why."""

    text: str
    candidates: tuple[Candidate, ...]


def resolve(line: InvoicedLine, lines: Iterable[Billable]) -> OrderLineRef | Unresolved:
    """Find the one order line that an invoice line bills among those of the orders it names."""
    choice = tuple(lines)
    by_number = [each for each in choice if _is_numbered(each, line)]
    by_item = _called(line, choice)
    is_reference = line.line is not None and line.line != line.number
    if len(by_item) == 1 and not is_reference:
        return by_item[0].place
    agreed = [each for each in by_number if not by_item or each in by_item]
    if not is_reference:
        agreed = [each for each in agreed if each in by_item or not each.is_denied(line.items)]
    if len(agreed) == 1:
        return agreed[0].place
    return Unresolved(text=_why(line, by_number, by_item), candidates=_candidates(line, choice))


def served(line: InvoicedLine, choice: tuple[OrderLineRef, ...]) -> OrderLineRef | None:
    """Find the one planned charge, as order and code, that a third party's line bills.

    The only one there is, or the one whose code the line names as its item or its order line.
    None where that is not one. Source: domain rule D-09.
    """
    if len(choice) == 1:
        return choice[0]
    said = {each.id.strip().lower() for each in line.items} | {(line.line or "").strip().lower()}
    named = [each for each in choice if each.line in said]
    return named[0] if len(named) == 1 else None


def _called(line: InvoicedLine, choice: tuple[Billable, ...]) -> list[Billable]:
    for scheme in _SCHEMES:
        stated = [each for each in line.items if each.scheme is scheme]
        found = [each for each in choice if any(each.is_called(wanted) for wanted in stated)]
        if found:
            return found
    return []


def _why(line: InvoicedLine, by_number: list[Billable], by_item: list[Billable]) -> str:
    if by_number and by_item and not set(by_number) & set(by_item):
        return (
            f"it names order line {line.line}, but its item is on"
            f" {', '.join(str(each.place) for each in by_item)}"
        )
    if line.line is not None and not by_number:
        return f"it names order line {line.line}, which the order does not have"
    if by_item:
        places = ", ".join(str(each.place) for each in by_item)
        return f"its item is on more than one order line: {places}"
    names = ", ".join(f"{each.scheme} {each.id}" for each in line.items)
    return f"none of its item numbers is on the order: {names or 'it states none'}"


def _candidates(line: InvoicedLine, choice: tuple[Billable, ...]) -> tuple[Candidate, ...]:
    """List the order lines that something speaks for, those with most reasons first."""
    found = []
    for each in choice:
        reasons = [f"{i.scheme} {i.id} is its item" for i in line.items if each.is_called(i)]
        if _is_numbered(each, line):
            reasons.append(f"it is order line {line.line}")
        if reasons:
            place = each.place
            found.append(
                Candidate(
                    order=place.order, line=place.line, item=each.item, reasons=tuple(reasons)
                )
            )
    return tuple(sorted(found, key=lambda c: (-len(c.reasons), c.order, c.line)))


def _is_numbered(each: Billable, line: InvoicedLine) -> bool:
    return line.line is not None and _plain(each.place.line) == _plain(line.line)


def _plain(number: str) -> str:
    return number.strip().lstrip("0").upper()


def _same(wanted: ItemId, known: ItemId) -> bool:
    if wanted.scheme is not known.scheme:
        return False
    if known.scheme is ItemScheme.GTIN:
        return _plain(wanted.id) == _plain(known.id)
    return wanted.id.strip().upper() == known.id.strip().upper()
