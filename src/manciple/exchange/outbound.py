"""From an order to the file that its supplier reads: an 850, or an 860 with what changes."""

from collections.abc import Callable
from datetime import datetime

from manciple.catalog.site import Site
from manciple.exchange.mapping.compose import compose
from manciple.exchange.mapping.document import (
    DocumentKind,
    PartnerDocument,
    PartnerLine,
    StatedCharge,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
    StatedReference,
)
from manciple.exchange.mapping.maps import Maps
from manciple.exchange.partner import ChangePaper, Partner
from manciple.exchange.ports import Composed
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    write_interchange,
)
from manciple.kernel.records import replace
from manciple.kernel.units import to_x12
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.ordering.revision import LineRevision, LineTerms, Revision, terms_at

_ENVELOPE_VERSIONS = {"004010": "00401", "005010": "00501", "003060": "00306"}
"""ISA12 for a GS08, where they are not the same five digits. Source: X12 004010, ISA12."""


class X12Composer:
    """Writes orders as 850s and their changes as 860s, by the maps of each partner's overlay."""

    def __init__(self, maps: Callable[[str | None], Maps]) -> None:
        """Write by these maps; None asks for the plain ones."""
        self._maps = maps

    def __call__(
        self,
        order: PurchaseOrder,
        partner: Partner,
        site: Site,
        *,
        control: int,
        at: datetime,
        revision: Revision | None = None,
    ) -> Composed:
        """Write the file under our control number; the same inputs give the same bytes."""
        document, message = order_document(order, site), "850"
        if revision is not None and partner.changes is ChangePaper.CHANGE_ORDER:
            document, message = change_document(order, revision, site), "860"
        elif revision is not None:
            document = replacing_document(order, revision, site)
        return self.paper(document, message, partner, control=control, at=at)

    def paper(
        self,
        document: PartnerDocument,
        message: str,
        partner: Partner,
        *,
        control: int,
        at: datetime,
    ) -> Composed:
        """Write any paper as one message in an envelope of ours."""
        made = compose(
            document,
            message=message,
            control_number="0001",
            maps=self._maps(partner.overlay),
        )
        if made.message is None:
            return Composed(content=None, reasons=tuple(f.text for f in made.findings))
        written = write_interchange(
            OutgoingInterchange(
                sender=Address(
                    qualifier=partner.ours.qualifier, identifier=partner.ours.interchange_id
                ),
                receiver=Address(
                    qualifier=partner.theirs.qualifier, identifier=partner.theirs.interchange_id
                ),
                control_number=control,
                at=at,
                groups=(
                    OutgoingGroup(
                        sender=partner.ours.group_id,
                        receiver=partner.theirs.group_id,
                        control_number=control,
                        messages=(made.message,),
                        version=partner.version,
                    ),
                ),
                version=_ENVELOPE_VERSIONS.get(partner.version, partner.version[:5]),
                usage="T" if partner.test else "P",
            )
        )
        return Composed(content=written.content, reasons=tuple(f.text for f in written.findings))


def order_document(order: PurchaseOrder, site: Site) -> PartnerDocument:
    """Say an order in the words that every standard is written from."""
    return PartnerDocument(
        kind=DocumentKind.ORDER,
        number=order.id,
        orders=(order.id,),
        dates=(StatedDate(kind="issued", day=order.ordered_on),),
        currency=order.currency.value,
        parties=(StatedParty(role="ship_to", id=site.id, scheme="buyer", name=site.name),),
        lines=tuple(_line(line) for line in order.lines),
        charges=_charges(order, range(1, 2)),
        purpose="00",
        type="SA",
    )


def replacing_document(order: PurchaseOrder, revision: Revision, site: Site) -> PartnerDocument:
    """Say the whole order as a revision has it, to replace what was sent before.

    Source: X12 004010, element 353: 05 replaces, 01 cancels.
    """
    whole = order_document(order, site)
    lines = tuple(
        _line(line, terms_at(order.revisions, line.number, revision.number, now=line.terms))
        for line in order.lines
        if line.number not in _added_after(order, revision)
    )
    standing = tuple(line for line in lines if line.quantity and line.quantity.value)
    return replace(
        whole,
        lines=standing,
        charges=_charges(order, range(1, revision.number + 1)) if standing else (),
        purpose="05" if standing else "01",
        references=(_version(revision),),
    )


def change_document(order: PurchaseOrder, revision: Revision, site: Site) -> PartnerDocument:
    """Say what a revision changes: the lines that it touches, with their new values.

    Source: X12 004010, element 353: 04 changes, 01 cancels the whole order.
    """
    found = {line.number: line for line in order.lines}
    lines = tuple(
        replace(_line(found[each.line], each.after), change=_what(each)) for each in revision.lines
    )
    is_end = len(lines) == len(order.lines) and all(line.change == "cancel" for line in lines)
    issued = StatedDate(kind="issued", day=revision.at.date())
    return replace(
        order_document(order, site),
        kind=DocumentKind.ORDER_CHANGE,
        dates=(StatedDate(kind="order", day=order.ordered_on), issued),
        lines=lines,
        charges=_charges(order, range(revision.number, revision.number + 1)),
        purpose="01" if is_end else "04",
        change=str(revision.number),
        references=(_version(revision),),
    )


def _charges(order: PurchaseOrder, revisions: range) -> tuple[StatedCharge, ...]:
    """Say the charges that the order's supplier is expected to bill, as these revisions plan them.

    What a third party bills is no matter of the supplier's. Source: X12 004010, SAC, element 248:
    C is a charge.
    """
    return tuple(
        StatedCharge(
            kind="charge",
            word=each.code,
            amount=each.amount.amount,
            text=each.code.replace("_", " ").capitalize(),
        )
        for each in order.planned
        if not each.is_third_party and each.revision in revisions
    )


def _version(revision: Revision) -> StatedReference:
    return StatedReference(kind="version", value=str(revision.number))


def _added_after(order: PurchaseOrder, revision: Revision) -> set[str]:
    later = (each for each in order.revisions if each.number > revision.number)
    return {line.line for each in later for line in each.lines if line.before is None}


def _what(each: LineRevision) -> str:
    """Name what changes on a line in one word. Source: X12 004010, element 670."""
    was, now = each.before, each.after
    if was is None:
        return "add"
    if now.wanted.value <= 0:
        return "cancel"
    is_priced, is_dated = was.price != now.price, was.needed_by != now.needed_by
    if was.wanted == now.wanted:
        kinds = (is_priced, is_dated)
        return {(True, False): "price", (False, True): "day"}.get(kinds, "several")
    if is_priced or is_dated:
        both = is_priced and is_dated
        return "several" if both else "price_and_quantity" if is_priced else "quantity_and_day"
    return "more" if now.wanted > was.wanted else "less"


def _line(line: OrderLine, terms: LineTerms | None = None) -> PartnerLine:
    terms = terms or line.terms
    items = [StatedItem(scheme="buyer", id=line.item)]
    if line.supplier_item is not None:
        items.insert(0, StatedItem(scheme="vendor", id=line.supplier_item))
    if line.gtin is not None and len(line.gtin) in {13, 14}:
        scheme = "ean" if len(line.gtin) == 13 else "gtin"  # noqa: PLR2004
        items.append(StatedItem(scheme=scheme, id=line.gtin))
    per = terms.price.per
    return PartnerLine(
        line=line.number,
        items=tuple(items),
        description=line.description or None,
        quantity=StatedQuantity(
            value=terms.stated.value,
            unit=to_x12(terms.stated.unit),
            canonical=terms.stated.unit,
        ),
        price=StatedPrice(
            amount=terms.price.money.amount,
            per=StatedQuantity(value=per.value, unit=to_x12(per.unit), canonical=per.unit),
        ),
        dates=(StatedDate(kind="delivery_requested", day=terms.needed_by),),
    )
