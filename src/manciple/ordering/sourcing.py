"""Sourcing: an approved requisition becomes one order per supplier, stated in whole packs.

    100 EA needed, approved as 108 EA   -> order line 9 CA stated, 108 EA in base

What was approved is ordered, no more and no less: the quantity that the requisition committed, at
the price and from the supplier that stand on its line. The catalog adds in which pack it is said.
Source: field lesson 3.2, "chosen source is part of the line".
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from manciple.catalog import packs
from manciple.catalog.agreement import Agreement, agreement_id
from manciple.catalog.item import Item, Pack
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.purchase_order import OrderLine, PlaceOrder
from manciple.requisitioning.planned import of_supplier
from manciple.requisitioning.requisition import Requisition, RequisitionLine
from manciple.runtime.work import Work


def orders_of(work: Work, requisition: Requisition) -> tuple[PlaceOrder, ...]:
    """Give the orders that an approved requisition leads to, by the catalog of today.

    Raises:
        Refused: an item is no longer in the catalog.
    """
    items = {line.item: work.peek(Item, line.item) for line in requisition.lines}
    names = {agreement_id(line.supplier, line.item) for line in requisition.lines}
    agreements = {name: work.peek(Agreement, name) for name in sorted(names)}
    return split(
        requisition,
        items={name: item for name, item in items.items() if item},
        agreements={name: agreed for name, agreed in agreements.items() if agreed},
    )


def split(
    requisition: Requisition,
    *,
    items: Mapping[str, Item],
    agreements: Mapping[str, Agreement],
) -> tuple[PlaceOrder, ...]:
    """Make one order per supplier and currency, lines in the requisition's sequence.

    Items by number, agreements by ``supplier/item``; without an agreement the order is stated in
    the base unit.

    Raises:
        Refused: UNKNOWN_ITEM, with every line at fault.
    """
    unknown = tuple(
        Reason(
            code="UNKNOWN_ITEM",
            message=f"item {line.item} is not in the catalog any more",
            field=f"lines.{line.number}.item",
            fix="register it again, or withdraw the requisition",
        )
        for line in requisition.lines
        if line.item not in items
    )
    if unknown:
        raise Refused(*unknown)
    groups: dict[tuple[str, str], list[RequisitionLine]] = {}
    for line in requisition.lines:
        groups.setdefault((line.supplier, line.price.money.currency.value), []).append(line)
    return tuple(
        PlaceOrder(
            requisition=requisition.id,
            thread=requisition.thread,
            supplier=supplier,
            site=requisition.site,
            currency=lines[0].price.money.currency,
            lines=tuple(
                order_line(number, line, items[line.item], agreements)
                for number, line in enumerate(lines, 1)
            ),
            lane=requisition.lane,
            planned=of_supplier(requisition.planned, supplier) if is_first else (),
        )
        for is_first, supplier, lines in _first_of_each(groups)
    )


def _first_of_each(
    groups: Mapping[tuple[str, str], list[RequisitionLine]],
) -> Iterator[tuple[bool, str, list[RequisitionLine]]]:
    """Give the groups, and of each whether it is its supplier's first, with the charges."""
    seen: set[str] = set()
    for (supplier, _), lines in groups.items():
        yield supplier not in seen, supplier, lines
        seen.add(supplier)


def order_line(
    number: int, line: RequisitionLine, item: Item, agreements: Mapping[str, Agreement]
) -> OrderLine:
    """Make an order line of a priced one, stated in the pack in which the item is ordered."""
    agreed = agreements.get(agreement_id(line.supplier, line.item))
    return OrderLine(
        number=str(number),
        item=line.item,
        description=line.description,
        category=line.category,
        supplier_item=line.supplier_item,
        stated=in_packs(
            line.committed, agreed.order_unit if agreed else None, packs_of_item=item.packs
        ),
        base=line.committed,
        price=line.price,
        needed_by=line.needed_by,
        packs=item.packs,
        gtin=item.gtin,
        cost_centre=line.cost_centre,
        account=line.account,
    )


def in_packs(base: Quantity, unit: Unit | None, *, packs_of_item: tuple[Pack, ...]) -> Quantity:
    """State a quantity in whole packs; in the base unit where it does not divide."""
    if unit is None or unit is base.unit:
        return base
    try:
        held = packs.factor(unit, base_unit=base.unit, packs=packs_of_item)
    except Refused:
        return base
    count = Fraction(base.value) / held
    if count.denominator != 1:
        return base
    return Quantity(Decimal(count.numerator), unit)
