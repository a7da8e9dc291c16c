"""The clock of an invoice's discount: set when it is held, stopped when it may be paid.

What the discount is, and who lost it, ``discount`` says; here it is asked at every match.
"""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from manciple.catalog.site import Site
from manciple.catalog.terms import TermsBase
from manciple.invoicing.discount import (
    Blame,
    Discount,
    DiscountLost,
    DiscountsLost,
    LapseDiscount,
    LostDiscountCounted,
    due,
    lose,
    promised,
)
from manciple.invoicing.drawing import deliveries
from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.invoice import Invoice, InvoiceState
from manciple.invoicing.matching import Orders, amounts
from manciple.invoicing.paper import reckon
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.policy.register import Register
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

TABLE = "discount_loss"
"""The policy table that says whose delay lost a discount."""
_TIMER = "discount"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingEarly:
    """One command's view of discounts: the store, and the policy that it asks."""

    work: Work
    register: Register

    def reckoned(self, was: Invoice, now: Invoice, orders: Orders, *, site: str) -> Invoice:
        """Give the invoice with its due day and its discount as this match finds them.

        A credit note and a duplicate that nobody released have no discount to lose.
        """
        terms = now.terms
        if terms is None:
            return now
        known = self.work.peek(Site, site) if site else None
        zone = known.zone if known is not None else "UTC"
        base = self._base(now, orders, terms.base, zone)
        barred = any(hold.code is HoldCode.DUPLICATE for hold in now.open_holds)
        found = None
        if not now.credit and not barred:
            gross = now.total if now.total is not None else reckon(now, amounts(now, orders))
            found = promised(terms, base=base, zone=zone, gross=gross, tax=now.tax)
        if found is not None:
            found = self._lost(was, found)
        return replace(now, due=due(terms, base), discount=found)

    def _base(self, invoice: Invoice, orders: Orders, kind: TermsBase, zone: str) -> date | None:
        if kind is TermsBase.INVOICE_DATE:
            return invoice.date
        if kind is TermsBase.INVOICE_RECEIPT_DATE:
            return invoice.registered_at.astimezone(ZoneInfo(zone)).date()
        return goods_came(invoice, orders)

    def _lost(self, was: Invoice, found: Discount) -> Discount:
        return lose(
            found,
            before=was.discount,
            came=was.registered_at,
            open_holds=was.open_holds,
            blamed=(self._blame(hold, was) for hold in was.open_holds),
            at=self.work.at,
        )

    def _blame(self, hold: Hold, invoice: Invoice) -> tuple[Blame, str]:
        if TABLE not in self.register.versions:
            return Blame.UNKNOWN, f"{TABLE}: no such table"
        facts = {"hold": hold.code.value, "owner": hold.owner_role.value}
        ruling = self.register.decide(TABLE, facts, at=invoice.registered_at)
        blame = Blame.UNKNOWN if ruling.held else Blame(ruling.text("blame"))
        return blame, ruling.cite()

    def lapse(self, act: LapseDiscount) -> Ref | None:
        """Note that the last day is over, if the invoice still waits and that day still holds."""
        was = self.work.get(Invoice, act.invoice)
        found = was.discount
        if not was.is_unsettled or found is None or found.lapses_at != act.lapses_at:
            return None
        now = replace(was, discount=self._lost(was, found))
        events = tuple(self.lost(was, now))
        if not events:
            return None
        self.work.save(now, *events)
        return ref(now)

    def lost(self, was: Invoice, now: Invoice) -> Iterator[DiscountLost]:
        """Give the event of a discount that is lost now, and count it; nothing when it is not."""
        found = now.discount
        is_new = was.discount is None or was.discount.lost is None
        if found is None or found.lost is None or not is_new or found.until is None:
            return
        blame = found.lost.blame
        lost = _not_taken(now, found)
        amount = lost if lost is not None else Money.zero(now.currency)
        sums = self.work.find(DiscountsLost, now.supplier) or DiscountsLost(id=now.supplier)
        counted = LostDiscountCounted(supplier=now.supplier, invoice=now.id, blame=blame)
        self.work.save(sums.with_one_more(blame, amount), counted)
        yield DiscountLost(
            invoice=now.id,
            thread=now.thread,
            supplier=now.supplier,
            blame=blame,
            amount=lost,
            until=found.until,
            holds=found.lost.holds,
        )

    def clock(self, was: Invoice, now: Invoice) -> None:
        """Set the clock of a held invoice to the end of its discount; stop it for any other."""
        before, after = _end(was), _end(now)
        if before == after:
            return
        if after is None:
            self.work.cancel_timer(ref(now), _TIMER)
            return
        self.work.timer(ref(now), _TIMER, after.lapses_at, after)


def _not_taken(invoice: Invoice, found: Discount) -> Money | None:
    """Give what is lost of a discount: all but what parts released in time can still take."""
    if found.amount is None:
        return None
    taken = (part.discount for part in invoice.parts if part.discount is not None)
    return found.amount - sum(taken, Money.zero(invoice.currency))


def _end(invoice: Invoice) -> LapseDiscount | None:
    """Give what a clock waits for; None when nothing does."""
    found = invoice.discount
    if invoice.state is not InvoiceState.HELD or found is None:
        return None
    if found.lost is not None or found.lapses_at is None:
        return None
    return LapseDiscount(invoice=invoice.id, lapses_at=found.lapses_at)


def goods_came(invoice: Invoice, orders: Orders) -> date | None:
    """Give the newest day of the receipts that an invoice draws on.

    None while a line waits for goods or for its order line, and when it bills nothing that is
    received at a dock: nobody can know the day then.
    """
    matched = () if invoice.match is None else invoice.match.lines
    waits = any(hold.code is HoldCode.QTY_RECEIVED for hold in invoice.open_holds)
    if waits or len(matched) < len(invoice.lines):
        return None
    found: list[date] = []
    for line in matched:
        ledger = orders.views[line.order].ledgers[line.order_line]
        drawn = {each.receipt for each in line.receipts}
        days = [each.day for each in deliveries(ledger) if each.receipt in drawn]
        if line.billable is not None and not days:
            return None
        found += days
    return max(found, default=None)
