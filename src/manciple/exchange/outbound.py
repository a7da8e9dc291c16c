"""From an order to the file that its supplier reads: an 850 in an envelope of ours."""

from collections.abc import Callable
from datetime import datetime

from manciple.catalog.site import Site
from manciple.exchange.mapping.compose import compose
from manciple.exchange.mapping.document import (
    DocumentKind,
    PartnerDocument,
    PartnerLine,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
)
from manciple.exchange.mapping.maps import Maps
from manciple.exchange.partner import Partner
from manciple.exchange.ports import Composed
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    write_interchange,
)
from manciple.kernel.units import to_x12
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder

_ENVELOPE_VERSIONS = {"004010": "00401", "005010": "00501", "003060": "00306"}
"""ISA12 for a GS08, where they are not the same five digits. Source: X12 004010, ISA12."""


class X12Composer:
    """Writes orders as 850s, by the maps of each partner's overlay."""

    def __init__(self, maps: Callable[[str | None], Maps]) -> None:
        """Write by these maps; None asks for the plain ones."""
        self._maps = maps

    def __call__(
        self, order: PurchaseOrder, partner: Partner, site: Site, *, control: int, at: datetime
    ) -> Composed:
        """Write the file under our control number; the same inputs give the same bytes."""
        return self.paper(order_document(order, site), "850", partner, control=control, at=at)

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
        purpose="00",
        type="SA",
    )


def _line(line: OrderLine) -> PartnerLine:
    items = [StatedItem(scheme="buyer", id=line.item)]
    if line.supplier_item is not None:
        items.insert(0, StatedItem(scheme="vendor", id=line.supplier_item))
    if line.gtin is not None and len(line.gtin) in {13, 14}:
        scheme = "ean" if len(line.gtin) == 13 else "gtin"  # noqa: PLR2004
        items.append(StatedItem(scheme=scheme, id=line.gtin))
    per = line.price.per
    return PartnerLine(
        line=line.number,
        items=tuple(items),
        description=line.description or None,
        quantity=StatedQuantity(
            value=line.stated.value,
            unit=to_x12(line.stated.unit),
            canonical=line.stated.unit,
        ),
        price=StatedPrice(
            amount=line.price.money.amount,
            per=StatedQuantity(value=per.value, unit=to_x12(per.unit), canonical=per.unit),
        ),
        dates=(StatedDate(kind="delivery_requested", day=line.needed_by),),
    )
