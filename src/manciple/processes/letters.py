"""Letters: what people and suppliers are told by mail, built from our documents.

InterchangeComposed (channel mail) -> the order's letter, with the link to its answer page
SupplierReminded                   -> the reminder's letter, where the supplier reads mail
SupplierLinkSent                   -> the link alone
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from manciple.exchange.by_mail import SupplierLinkSent, address_of, link_to, reads_mail
from manciple.exchange.interchange import Interchange, InterchangeComposed
from manciple.governance.link import Claims, Link, Purpose, link_id
from manciple.governance.linking import mailing_of
from manciple.governance.mailing import Mailing
from manciple.kernel.errors import refuse
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.unit_words import word
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.ordering.revision import LineTerms
from manciple.processes.ports.mail import MAIL, SEND, Letter, Table
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work
from manciple.supplying.asking import SupplierAsked
from manciple.supplying.chasing import SupplierReminded

SAFE = (
    "The link is yours alone: whoever has it can answer for you, so please do not pass it on.",
)
"""How a letter with a link ends."""
_HEAD = ("Line", "Item", "Quantity", "Price", "Needed by")


def order_letter(work: Work, event: InterchangeComposed) -> Effect:
    """Write the letter that carries an order, or a new revision of it."""
    order = work.get(PurchaseOrder, event.order or "")
    revision = event.revision or order.revision
    mailing, to = _way(work, order.supplier)
    link = work.get(Link, link_id(Purpose.ORDER, _ref(order), order.revision, order.supplier))
    is_first = revision == 1
    opening = (
        f"{mailing.name} orders what stands below. Please answer it: accept it as it is, or say "
        "for each line what is different."
        if is_first
        else f"Order {order.id} has changed: this is revision {revision}, and it replaces the one "
        "before. Please answer the lines that changed."
    )
    letter = _letter(
        mailing,
        to,
        at=work.at,
        subject=f"Order {order.id}" + ("" if is_first else f", revision {revision}"),
        paragraphs=("Good day,", opening),
        facts=_facts(order, mailing, link.claims),
        table=_table(order, revision),
        button="Answer this order",
        link=link.claims,
    )
    subject = Ref(Interchange.KIND, event.interchange)
    return Effect(
        key=f"{event.interchange}:{SEND}", endpoint=MAIL, verb=SEND, subject=subject,
        payload=letter, lane=event.lane, business_key=str(_ref(order)),
        needed_by=order.needed_by,
    )  # fmt: skip


def reminder(work: Work, event: SupplierReminded | SupplierAsked, mark: str) -> Effect | None:
    """Write a reminder's letter with a fresh link; None where the supplier reads no mail."""
    if (
        not reads_mail(work, event.supplier)
        or mailing_of(work) is None
        or address_of(work, event.supplier) is None
    ):
        return None
    order = work.get(PurchaseOrder, event.order)
    link = link_to(work, order)
    mailing, to = _way(work, order.supplier)
    letter = _letter(
        mailing,
        to,
        at=work.at,
        subject=f"Reminder: please answer order {order.id}",
        paragraphs=("Good day,", event.text),
        facts=_facts(order, mailing, link.claims),
        button="Answer this order",
        link=link.claims,
    )
    return Effect(
        key=f"{event.order}:{mark}:{SEND}",
        endpoint=MAIL, verb=SEND, subject=_ref(order), payload=letter, lane=event.lane,
    )  # fmt: skip


def link_letter(work: Work, event: SupplierLinkSent) -> Iterable[object]:
    """A buyer sends the link to an order's page."""
    order = work.get(PurchaseOrder, event.order)
    mailing, to = _way(work, order.supplier)
    link = work.get(Link, event.link)
    note = (event.note,) if event.note else ()
    opening = (
        f"on this page you can answer order {order.id}, announce shipments and see how your "
        "invoices stand."
    )
    letter = _letter(
        mailing,
        to,
        at=work.at,
        subject=f"Order {order.id}: your page",
        paragraphs=(
            "Good day,",
            opening,
            *note,
        ),
        facts=_facts(order, mailing, link.claims),
        button="Open the order",
        link=link.claims,
    )
    work.effect(
        Effect(
            key=f"{link.id}:{event.serial}:{SEND}",
            endpoint=MAIL,
            verb=SEND,
            subject=Ref(Link.KIND, link.id),
            payload=letter,
            lane=order.lane,
        )
    )
    return ()


def local(at: datetime, zone: str) -> str:
    """Write an instant as people of a zone read it, with the zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M} ({zone})"


def said(quantity: Quantity) -> str:
    """Write a quantity with its unit's word: ``9 cases``."""
    return f"{quantity.value.normalize():f} {word(quantity.unit, quantity.value)}"


def said_price(price: Price) -> str:
    """Write a price per a unit by its word: ``30.00 USD per case``."""
    per = said(price.per) if price.per.value != 1 else word(price.per.unit, 1)
    return f"{price.money.amount:f} {price.money.currency.value} per {per}"


def _ref(order: PurchaseOrder) -> Ref:
    return Ref(PurchaseOrder.KIND, order.id)


def _way(work: Work, supplier: str) -> tuple[Mailing, str]:
    mailing, to = mailing_of(work), address_of(work, supplier)
    if mailing is None or to is None:
        raise refuse("NO_ADDRESS", f"no letter can go to {supplier}", field="supplier",
                     fix="switch mail on, and give the supplier a contact address")  # fmt: skip
    return mailing, to


def _letter(
    mailing: Mailing,
    to: str,
    *,
    at: datetime,
    subject: str,
    paragraphs: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    link: Claims,
    button: str,
    table: Table | None = None,
) -> Letter:
    return Letter(
        to=to, sender=mailing.sender, house=mailing.name, address=mailing.address, at=at,
        subject=subject, paragraphs=paragraphs, facts=facts, table=table, button=button,
        link=link, closing=SAFE,
    )  # fmt: skip


def _facts(order: PurchaseOrder, mailing: Mailing, claims: Claims) -> tuple[tuple[str, str], ...]:
    return (
        ("Order", f"{order.id}, revision {order.revision}"),
        ("Deliver to", order.site),
        ("Total", str(order.total)),
        *((each.code.capitalize(), f"{each.amount} expected") for each in order.own_charges),
        ("The link holds until", local(claims.expires_at, mailing.zone)),
    )


def _table(order: PurchaseOrder, revision: int) -> Table:
    """Give the order's lines; of a change those that it touches, what was beside what is."""
    change = order.revision_of(revision)
    if change is None:
        rows = tuple(
            _row(line.number, line.supplier_item or line.item, line.description, line.terms)
            for line in order.lines
        )
        return Table(head=_HEAD, rows=rows)
    found = {line.number: line for line in order.lines}
    rows = tuple(
        _row(each.line, found[each.line].supplier_item or found[each.line].item,
             found[each.line].description, each.after, each.before)
        for each in change.lines
    )  # fmt: skip
    return Table(head=_HEAD, rows=rows)


def _row(
    number: str, item: str, words: str, now: LineTerms, was: LineTerms | None = None
) -> tuple[str, ...]:
    def both(after: object, before: object | None) -> str:
        return str(after) if before is None or before == after else f"{after} (was {before})"

    return (
        number,
        f"{item} {words}".strip(),
        both(said(now.stated), said(was.stated) if was else None) if now.wanted else "cancelled",
        both(said_price(now.price), said_price(was.price) if was else None),
        both(now.needed_by, was.needed_by if was else None),
    )


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which suppliers are written to."""
    return (Reacts(event=SupplierLinkSent, react=link_letter),)
