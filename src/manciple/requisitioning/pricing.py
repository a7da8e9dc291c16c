"""Which supplier's agreement prices a line, and what that commits.

    valid on the order day -> the supplier named, else the preferred one, else the cheapest
    100 EA at 30.00 per case of 12 -> 9 cases will be ordered: 270.00 committed

No agreement is a refusal; a price is never guessed.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from manciple.catalog import packs
from manciple.catalog.agreement import Agreement
from manciple.catalog.item import Item
from manciple.catalog.supplier import Supplier
from manciple.kernel.days import too_far
from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.requisitioning.requisition import RequestedLine, RequisitionLine

T = TypeVar("T")
STOCK_FLOWS = frozenset({"direct", "replenishment"})
"""Flows that buy registered stock items only."""
NON_STOCK_FLOW = "indirect"
"""The flow of everything else: free text, services, items that are not stocked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A supplier and what was agreed with it for an item."""

    supplier: Supplier
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for all lines of a requisition.

    Attributes:
        day: the day of the order in the site's time zone; prices are as of this day (P-08).
        flows: the flows that this installation runs.
    """

    day: date
    flow: str
    flows: frozenset[str]
    currency: Currency


def price_line(
    number: int,
    asked: RequestedLine,
    *,
    item: Item | None,
    offers: Iterable[Offer],
    terms: Terms,
) -> RequisitionLine:
    """Price a line from its agreements, or refuse it with every fault at once.

    Raises:
        Refused: with field names inside the line: ``item``, ``quantity``, ``supplier``.
    """
    faults = [*faults_of_need(asked, terms)]
    if item is None:
        raise Refused(*faults, unknown_item(asked, terms))
    if terms.flow in STOCK_FLOWS and not item.stocked:
        faults.append(_not_stocked(item, terms))
    base = _told(faults, lambda: packs.to_base(item, asked.quantity))
    offer = _told(faults, lambda: _choose(asked, item, tuple(offers), terms))
    if faults or base is None or offer is None:
        raise Refused(*faults)
    return _priced(number, asked, item, base, offer)


def _told(faults: list[Reason], decide: Callable[[], T]) -> T | None:
    """Decide, or add the reasons of a refusal to the line's faults."""
    try:
        return decide()
    except Refused as refused:
        faults.extend(refused.reasons)
        return None


def faults_of_need(asked: RequestedLine, terms: Terms) -> Iterable[Reason]:
    """List what is wrong with how much is wanted, and by when."""
    if asked.quantity.value <= 0:
        yield Reason(
            code="QUANTITY",
            message=f"{asked.quantity} is not above zero",
            field="quantity",
            fix="ask for more than nothing",
        )
    if asked.needed_by < terms.day:
        yield Reason(
            code="NEEDED_IN_THE_PAST",
            message=f"{asked.needed_by} is before today ({terms.day})",
            field="needed_by",
            fix="give today or a later day",
        )
    yield from too_far(asked.needed_by, today=terms.day, field="needed_by")


def unknown_item(asked: RequestedLine, terms: Terms) -> Reason:
    """Say that the catalog has no such item."""
    return Reason(
        code="ITEM_UNKNOWN",
        message=f"there is no item {asked.item!r}",
        field="item",
        rule="RQ-4",
        fix=f"use an item number of the catalog; {_right_flow(terms)}",
    )


def _not_stocked(item: Item, terms: Terms) -> Reason:
    return Reason(
        code="NOT_A_STOCK_ITEM",
        message=f"{item.id} is not stocked and the flow {terms.flow} buys stock only",
        field="item",
        rule="RQ-4",
        fix=_right_flow(terms),
    )


def _right_flow(terms: Terms) -> str:
    if NON_STOCK_FLOW in terms.flows:
        return f"needs outside stock and free text go to the flow {NON_STOCK_FLOW}"
    return (
        f"needs outside stock and free text belong to the flow {NON_STOCK_FLOW}, "
        "which is not enabled here"
    )


def _choose(asked: RequestedLine, item: Item, offers: tuple[Offer, ...], terms: Terms) -> Offer:
    """Choose the offer: the supplier named, else preferred, else the lowest price, else by id."""
    named = [each for each in offers if asked.supplier in (None, each.supplier.id)]
    if not named:
        raise Refused(_no_agreement(asked, item, terms, "there is no agreement"))
    valid = [each for each in named if each.agreement.covers(terms.day)]
    if not valid:
        raise Refused(_no_agreement(asked, item, terms, f"no agreement covers {terms.day}"))
    free = [each for each in valid if not each.supplier.blocked]
    if not free:
        names = ", ".join(each.supplier.id for each in valid)
        raise Refused(
            Reason(
                code="SUPPLIER_BLOCKED",
                message=f"nothing new may be ordered from {names}",
                field="supplier",
                fix="name another supplier, or have the block lifted",
            )
        )
    payable = [each for each in free if _currency(each) is terms.currency]
    if not payable:
        found = ", ".join(sorted({_currency(each).value for each in free}))
        raise Refused(
            Reason(
                code="CURRENCY",
                message=f"the price is in {found}; requisitions are in {terms.currency.value}",
                field="supplier",
                rule="A-01",
                fix=f"agree a price in {terms.currency.value}, or name another supplier",
            )
        )
    return min(payable, key=lambda each: _rank(each, item))


def _no_agreement(asked: RequestedLine, item: Item, terms: Terms, why: str) -> Reason:
    seller = f" with {asked.supplier}" if asked.supplier else ""
    return Reason(
        code="NO_AGREEMENT",
        message=f"{why} for {item.id}{seller}; a price is never guessed",
        field="supplier" if asked.supplier else "item",
        rule="P-08",
        fix=f"register an agreement that is valid on {terms.day}",
    )


def _currency(offer: Offer) -> Currency:
    return offer.agreement.price.money.currency


def _rank(offer: Offer, item: Item) -> tuple[bool, Decimal, str]:
    price = packs.price_in_base(offer.agreement.price, base_unit=item.base_unit, packs=item.packs)
    return (not offer.agreement.preferred, price.unit_amount, offer.supplier.id)


def _priced(
    number: int, asked: RequestedLine, item: Item, base: Quantity, offer: Offer
) -> RequisitionLine:
    agreed = offer.agreement
    try:
        stated = packs.round_to_pack(item, base, agreed.order_unit, agreed.minimum, up=True)
        committed = packs.to_base(item, stated)
        extended: Money = packs.extend(agreed.price, committed, packs=item.packs)
    except Refused:
        raise
    except MancipleError as problem:
        raise Refused(
            Reason(
                code="AMOUNT_TOO_LARGE",
                message=f"{asked.quantity} of {item.id}: {problem}",
                field="quantity",
                fix="ask for less, or split the need",
            )
        ) from problem
    return RequisitionLine(
        number=number,
        item=item.id,
        description=item.description,
        category=item.category,
        stated=asked.quantity,
        base=base,
        committed=committed,
        supplier=offer.supplier.id,
        supplier_item=agreed.supplier_item,
        price=agreed.price,
        extended=extended,
        needed_by=asked.needed_by,
    )
