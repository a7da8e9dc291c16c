"""Handlers of invoices: load, decide, save."""

from collections.abc import Callable, Mapping, Sequence

from manciple.catalog.supplier import Supplier
from manciple.invoicing import life
from manciple.invoicing.discount import LapseDiscount
from manciple.invoicing.duplicates import (
    InvoiceNumber,
    InvoiceNumberClaimed,
    InvoiceNumberFreed,
    normalised,
    number_key,
)
from manciple.invoicing.holds import HoldReleased, ReleaseHold, release
from manciple.invoicing.intake import faults, taken_in
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    BilledLine,
    Difference,
    Invoice,
    InvoiceLineAssigned,
    InvoicePosted,
    InvoiceRegistered,
    InvoiceRejected,
    MatchInvoice,
    MatchOrder,
    PayableRecorded,
    RecordInvoiceInErp,
    RecordPayable,
    RegisterInvoice,
    RejectInvoice,
    unbilled_key,
)
from manciple.invoicing.matching import amounts, placed
from manciple.invoicing.part import ReleasePart
from manciple.invoicing.paying_early import PayingEarly
from manciple.invoicing.rematching import Rematching
from manciple.kernel.errors import Refused
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_SENDERS = frozenset({Role.SUPPLIER, Role.AP_CLERK, Role.SYSTEM})
_MATCHERS = frozenset({Role.AP_CLERK, Role.SYSTEM})
_ASSIGNERS = frozenset({Role.REQUESTER, Role.BUYER, Role.AP_CLERK, Role.SYSTEM})
_OWNERS = frozenset(
    {
        Role.BUYER,
        Role.WAREHOUSE_LEAD,
        Role.AP_CLERK,
        Role.AP_LEAD,
        Role.REQUESTER,
        Role.SYSTEM,
    }
)
_REJECTERS = frozenset({Role.AP_CLERK, Role.AP_LEAD, Role.SYSTEM})
_ITSELF = frozenset({Role.SYSTEM})


Duties = Callable[[Work, Sequence[str]], Mapping[str, str]]
"""Say in words what each person did for some orders."""


def handles(register: Register, *, duties: Duties) -> tuple[Handles, ...]:
    """Give the acts of this room.

    Args:
        register: answers what policy allows.
        duties: who did what for some orders, and so may not release their invoices.
    """
    desk = _Desk(register, duties)
    return (
        Handles(act=RegisterInvoice, handle=desk.take_in, by=_SENDERS, reads=_names_of),
        Handles(act=MatchInvoice, handle=desk.match, by=_MATCHERS, reads=_invoice_of),
        Handles(act=MatchOrder, handle=desk.match_order, by=_ITSELF, reads=_order_of),
        Handles(act=AssignInvoiceLine, handle=desk.assign, by=_ASSIGNERS, reads=_invoice_of),
        Handles(act=ReleaseHold, handle=desk.release, by=_OWNERS, reads=_invoice_of),
        Handles(act=ReleasePart, handle=desk.release_part, by=_REJECTERS, reads=_invoice_of),
        Handles(act=RejectInvoice, handle=desk.reject, by=_REJECTERS, reads=_invoice_of),
        Handles(act=LapseDiscount, handle=desk.lapse, by=_ITSELF, reads=_invoice_of),
        Handles(act=RecordInvoiceInErp, handle=_record_in_erp, by=_ITSELF, reads=_invoice_of),
        Handles(act=RecordPayable, handle=_record_payable, by=_ITSELF, reads=_invoice_of),
    )


def _names_of(act: RegisterInvoice) -> tuple[Ref, ...]:
    orders = dict.fromkeys(name for name in (act.order, *(x.order for x in act.lines)) if name)
    return tuple(Ref(PurchaseOrder.KIND, name) for name in orders)


def _invoice_of(
    act: MatchInvoice
    | AssignInvoiceLine
    | ReleaseHold
    | ReleasePart
    | RejectInvoice
    | LapseDiscount
    | RecordInvoiceInErp
    | RecordPayable,
) -> tuple[Ref, ...]:
    return (Ref(Invoice.KIND, act.invoice),)


def _order_of(act: MatchOrder) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


@dataclass(frozen=True, slots=True)
class _Desk:
    """The handlers that match."""

    register: Register
    duties: Duties

    def take_in(self, work: Work, act: RegisterInvoice) -> Ref:
        known = work.peek(Supplier, act.supplier)
        found = faults(act, actor=work.actor, supplier_known=known is not None)
        if found:
            raise Refused(*found)
        name, claimed = _number(work, act)
        terms = None if known is None else known.terms
        came = taken_in(act, name=name, number_key=claimed.id, at=work.at, terms=terms)
        rematching = Rematching(work=work, register=self.register)
        orders = rematching.orders(came)
        first = next(iter(orders.views.values()), None)
        came = came if first is None else replace(came, thread=first.order.thread)
        is_duplicate = claimed.is_duplicate(name)
        now = came if is_duplicate else placed(came, orders)
        event = InvoiceRegistered(
            invoice=name,
            order=now.orders[0] if now.orders else None,
            thread=now.thread,
            supplier=now.supplier,
            number=now.number,
            total=now.total,
            credit=now.credit,
            lines=tuple(
                BilledLine(line=line.number, amount=amount)
                for line, amount in zip(now.lines, amounts(now, orders), strict=True)
            ),
        )
        claim = InvoiceNumberClaimed(number_key=claimed.id, invoice=name, duplicate=is_duplicate)
        work.save(claimed, claim)
        work.save(now, event, touches=tuple(ref(view.order) for view in orders.views.values()))
        work.link(now.thread, ref(now), now.id, now.number)
        if not now.orders:
            work.link(now.thread, ref(now), *map(unbilled_key, now.written_orders))
        rematching.post(came, now)
        return ref(now)

    def match(self, work: Work, act: MatchInvoice) -> Ref:
        invoice = work.get(Invoice, act.invoice)
        life.require_sites(invoice, _sites(work, invoice), work.actor)
        self._again(work, invoice.orders, act.invoice)
        return ref(invoice)

    def match_order(self, work: Work, act: MatchOrder) -> Ref:
        order = work.get(PurchaseOrder, act.order)
        self._again(work, (order.id,))
        return ref(order)

    def assign(self, work: Work, act: AssignInvoiceLine) -> Ref:
        invoice = work.get(Invoice, act.invoice)
        order = work.find(PurchaseOrder, act.order)
        now = life.assigned(invoice, act, order, actor=work.actor)
        found = next(line for line in now.lines if line.number == act.line)
        place = found.place or found.service
        assert place is not None
        event = InvoiceLineAssigned(
            invoice=now.id,
            thread=now.thread,
            line=act.line,
            place=place,
            by=work.actor.id,
            note=act.note,
        )
        work.save(now, event)
        self._again(work, (*now.orders, place.order), now.id)
        return ref(now)

    def release(self, work: Work, act: ReleaseHold) -> Ref:
        invoice = work.get(Invoice, act.invoice)
        life.require_unsettled(invoice)
        life.require_sites(invoice, _sites(work, invoice), work.actor)
        given = release(invoice.holds, act, actor=work.actor, at=work.at)
        life.require_apart(invoice.id, given.by, self.duties(work, invoice.orders))
        now = replace(invoice, releases=(*invoice.releases, given))
        event = HoldReleased(
            invoice=now.id,
            thread=now.thread,
            code=given.code,
            line=given.line,
            variance=given.variance,
            by=given.by,
            reason=given.reason,
        )
        work.save(now, event)
        self._again(work, now.orders, now.id)
        return ref(now)

    def release_part(self, work: Work, act: ReleasePart) -> Ref:
        invoice = work.get(Invoice, act.invoice)
        life.require_unsettled(invoice)
        life.require_sites(invoice, _sites(work, invoice), work.actor)
        life.require_apart(invoice.id, work.actor.id, self.duties(work, invoice.orders))
        Rematching(work=work, register=self.register).release_part(invoice)
        self._again(work, invoice.orders, invoice.id)
        return ref(invoice)

    def reject(self, work: Work, act: RejectInvoice) -> Ref:
        invoice = work.get(Invoice, act.invoice)
        life.require_sites(invoice, _sites(work, invoice), work.actor)
        now = life.rejected(invoice, act)
        event = InvoiceRejected(
            invoice=now.id,
            order=now.orders[0] if now.orders else None,
            thread=now.thread,
            supplier=now.supplier,
            reason=act.reason,
            by=work.actor.id,
            differs=tuple(
                Difference(code=hold.code, line=hold.line, variance=hold.variance)
                for hold in invoice.open_holds
            ),
        )
        work.save(now, event)
        for order, posting in life.reversals(now, on=work.at.date()):
            work.append(order, posting)
        for hold in invoice.open_holds:
            work.drop_task(f"{now.id}:{hold.name}")
        PayingEarly(work=work, register=self.register).clock(invoice, now)
        heir = _freed(work, now)
        self._again(work, now.orders, *([heir] if heir is not None else []))
        return ref(now)

    def lapse(self, work: Work, act: LapseDiscount) -> Ref | None:
        return PayingEarly(work=work, register=self.register).lapse(act)

    def _again(self, work: Work, orders: tuple[str, ...], *also: str) -> None:
        Rematching(work=work, register=self.register).run(orders, also=also)


def _number(work: Work, act: RegisterInvoice) -> tuple[str, InvoiceNumber]:
    """Give the invoice's id and its claim to the supplier's number; the number is locked."""
    key = number_key(supplier=act.supplier, number=act.number, dated=act.date, credit=act.credit)
    words = (act.supplier, normalised(act.number), str(act.date.year))
    name = number("CRN" if act.credit else "INV", *words)
    if work.find(Invoice, name) is not None:
        name = number("CRN" if act.credit else "INV", *words, work.key)
    known = work.find(InvoiceNumber, key) or InvoiceNumber(id=key, holder=None)
    return name, known.claimed_by(name)


def _freed(work: Work, invoice: Invoice) -> str | None:
    """Take a rejected invoice's claim back; give the duplicate that holds the number now."""
    number_ = work.get(InvoiceNumber, invoice.number_key)
    now = number_.without(invoice.id)
    event = InvoiceNumberFreed(number_key=now.id, invoice=invoice.id, holder=now.holder)
    work.save(now, event)
    return now.holder if now.holder != number_.holder else None


def _sites(work: Work, invoice: Invoice) -> tuple[str, ...]:
    orders = (work.peek(PurchaseOrder, name) for name in invoice.orders)
    return tuple(order.site for order in orders if order is not None)


def _record_in_erp(work: Work, act: RecordInvoiceInErp) -> Ref:
    invoice = work.get(Invoice, act.invoice)
    now = life.in_erp(invoice, act)
    if now != invoice:
        event = InvoicePosted(
            invoice=now.id,
            order=now.orders[0] if now.orders else None,
            thread=now.thread,
            erp_number=act.erp_number,
            part=act.part,
        )
        work.save(now, event)
        work.link(now.thread, ref(now), act.erp_number)
    return ref(now)


def _record_payable(work: Work, act: RecordPayable) -> Ref:
    invoice = work.get(Invoice, act.invoice)
    now = life.in_finance(invoice, act)
    if now != invoice:
        event = PayableRecorded(
            invoice=now.id,
            thread=now.thread,
            finance_number=act.finance_number,
            part=act.part,
        )
        work.save(now, event)
        work.link(now.thread, ref(now), act.finance_number)
    return ref(now)
