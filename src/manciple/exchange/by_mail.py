"""Suppliers who read mail and no files: an order's revision as a letter with a signed link.

SendOrder, SendChange -> an interchange on the channel ``mail``, and a link that names
supplier, order and revision            supplier: channel mail or portal
SendSupplierLink      -> the link alone, once more or for a supplier with files of its own

The answer comes back through the page that the link opens, as the act that an 855 would be.
"""

from collections.abc import Iterable

from manciple.catalog.supplier import Supplier
from manciple.exchange.interchange import (
    Direction,
    Interchange,
    InterchangeComposed,
    outbound_id,
)
from manciple.governance.link import ORDER_DAYS, Link, Purpose
from manciple.governance.linking import give, mailing_of
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.kernel.words import is_address
from manciple.ordering.purchase_order import BEFORE_SENDING, PurchaseOrder
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

CHANNEL = "mail"
"""The channel of an interchange that is a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSupplierLink:
    """Send the supplier of an order a link to the page on which it can answer.

    Attributes:
        note: a word to the supplier; empty for none.
    """

    order: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierLinkSent:
    """A supplier is sent a link to an order of its own; the address itself stands nowhere."""

    order: str
    thread: str
    revision: int
    supplier: str
    link: str
    serial: int
    by: str
    note: str


def address_of(work: Work, supplier: str) -> str | None:
    """Give where letters to a supplier go; None where it has no address that a mail can reach."""
    known = work.peek(Supplier, supplier)
    contact = (known.contact or "").strip() if known is not None else ""
    return contact if is_address(contact) else None


def reads_mail(work: Work, supplier: str) -> bool:
    """Say whether a supplier's channel is mail."""
    known = work.peek(Supplier, supplier)
    return known is not None and known.is_by_mail


def link_to(work: Work, order: PurchaseOrder) -> Link:
    """Give the supplier a link to the newest revision of an order.

    Raises:
        Refused: mail is off, or the supplier has no address.
    """
    if mailing_of(work) is None:
        raise refuse(
            "MAIL_IS_OFF",
            f"{order.id} can't be mailed to {order.supplier}: this house sends no mail",
            field="supplier",
            rule="SC-5",
            fix="switch mail on (manciple mail on), then send it again",
        )
    if address_of(work, order.supplier) is None:
        raise refuse(
            "NO_ADDRESS",
            f"{order.supplier} has no mail address",
            field="supplier",
            rule="SC-5",
            fix=f"put its address into the field contact of supplier {order.supplier}",
        )
    return give(
        work,
        purpose=Purpose.ORDER,
        subject=ref(order),
        part=order.revision,
        bearer=order.supplier,
        lasts=ORDER_DAYS,
    )


def compose(work: Work, order: PurchaseOrder, revision: int) -> Ref:
    """Keep an order's revision as a letter, and give the supplier a link to it."""
    link_to(work, order)
    content = "\n".join(_lines(order, revision)).encode()
    count = work.next_number(f"mail:{order.supplier}")
    kept = Interchange(
        id=outbound_id(f"MAIL-{order.supplier}", count),
        direction=Direction.OUT,
        state="composed",
        digest=work.keep_bytes(content),
        size=len(content),
        channel=CHANNEL,
        at=work.at,
        partner=order.supplier,
        name=f"order-{order.id}-{revision}.txt",
        control=f"{count:09d}",
        order=order.id,
        revision=revision,
    )
    event = InterchangeComposed(
        interchange=kept.id,
        partner=order.supplier,
        control=f"{count:09d}",
        digest=kept.digest,
        name=kept.name or "",
        order=order.id,
        revision=revision,
        lane=order.lane,
    )
    work.save(kept, event, touches=(ref(order),))
    work.link(order.thread, ref(kept), kept.id, order.id)
    return ref(kept)


def _lines(order: PurchaseOrder, revision: int) -> Iterable[str]:
    yield f"Order {order.id}, revision {revision}, of {order.ordered_on.isoformat()}"
    for line in order.lines:
        terms = line.terms
        yield (
            f"{line.number}: {terms.stated} {line.supplier_item or line.item}"
            f" {line.description} at {terms.price} by {terms.needed_by.isoformat()}"
        )
    yield f"Total {order.total}"
    for each in order.own_charges:
        yield f"{each.code.capitalize()} {each.amount} expected"


def send_link(work: Work, act: SendSupplierLink) -> Ref:
    """Send a supplier the link to an order."""
    order = work.get(PurchaseOrder, act.order)
    if order.state in BEFORE_SENDING:
        raise refuse(
            "WRONG_STATE",
            f"{order.id} is {order.state.value}: no supplier may see it yet",
            field="order",
            fix="wait until the ERP has it",
        )
    link = link_to(work, order)
    event = SupplierLinkSent(
        order=order.id,
        thread=order.thread,
        revision=order.revision,
        supplier=order.supplier,
        link=link.id,
        serial=link.serial,
        by=work.actor.id,
        note=act.note.strip(),
    )
    work.save(link, event, touches=(ref(order),))
    return ref(link)


def handles() -> tuple[Handles, ...]:
    """Give the act by which a buyer sends a link."""
    by = frozenset({Role.BUYER, Role.SYSTEM})
    return (Handles(act=SendSupplierLink, handle=send_link, by=by),)
