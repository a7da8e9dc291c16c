"""The discount for paying early: its last day, its clock, and by whose delay it was lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.invoicing.invoicing_world import (
    BUYER,
    SUPPLIER,
    USD,
    Room,
    a_bill,
    a_line,
    bench,
    open_codes,
    usd,
)

from manciple.catalog.site import RegisterSite, Site
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.catalog.terms import DiscountOf, PaymentTerms, TermsBase
from manciple.invoicing.discount import (
    Blame,
    Discount,
    DiscountLost,
    DiscountsLost,
    LapseDiscount,
    LostDiscount,
    lose,
    promised,
)
from manciple.invoicing.explanation import explain_invoice
from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import Invoice, InvoiceState, RegisterInvoice, RejectInvoice
from manciple.invoicing.paying_early import goods_came
from manciple.kernel.messages import SYSTEM, Actor, Command
from manciple.ordering.line_ledger import Stage
from manciple.processes.settling import payable

LOSS = Path(__file__).parents[2] / "policies" / "discount_loss.yaml"
TERMS = PaymentTerms(text="2/10 net 30")
DAY = date(2026, 3, 2)
END = datetime(2026, 3, 13, 5, tzinfo=UTC)
"""The end of 12 March in Chicago, which is in summer time since the 8th."""


class House(Room):
    """The room with a site in Chicago and a supplier who gives terms."""

    def __init__(self, terms: PaymentTerms | None = TERMS) -> None:
        super().__init__(more={"discount_loss.yaml": LOSS.read_text("utf-8")})
        site = Site(id="chicago", name="Chicago", company="N", zone="America/Chicago")
        self.ask(RegisterSite(site=site))
        supplier = Supplier(id=SUPPLIER, name="Acme", currency=USD, terms=terms)
        self.ask(RegisterSupplier(supplier=supplier))

    def tell(self, act: object, *, at: datetime, by: Actor = SYSTEM) -> None:
        self.count += 1
        command = Command(key=f"late{self.count}", act=act, actor=by, at=at)
        (reply,) = self.bus.apply([command]).replies
        assert reply.is_done, reply.refusals

    def lapse(self, invoice: Invoice, *, at: datetime = END) -> Invoice:
        self.tell(LapseDiscount(invoice=invoice.id, lapses_at=END), at=at)
        return self.now(invoice)


def found(invoice: Invoice) -> Discount:
    assert invoice.discount is not None
    return invoice.discount


def test_a_held_invoice_shows_its_discount_at_risk_and_its_clock() -> None:
    room = House()

    held = room.bill(total="1000.00")

    assert held.state is InvoiceState.HELD
    assert (found(held).until, found(held).lapses_at) == (date(2026, 3, 12), END)
    assert (found(held).of, found(held).amount) == (usd("1000.00"), usd("20.00"))
    assert found(held).is_at_risk(END - timedelta(microseconds=1))
    assert not found(held).is_at_risk(END)
    assert held.due == date(2026, 4, 1)
    told = explain_invoice(held, at=END - timedelta(days=2, hours=3))
    assert told[-2] == (
        "payment terms 2/10 net 30 from the invoice-date, on net: due on 2026-04-01 (D-20)"
    )
    assert told[-1] == (
        "  discount 2 % of 1000.00 USD = 20.00 USD, worth 37.2 % a year: at risk, to be had until"
        " 2026-03-12, that day included, 2 days 3 hours left"
    )


@pytest.mark.parametrize(("of", "worth"), [(DiscountOf.NET, "20.00"), (DiscountOf.GROSS, "21.60")])
def test_the_discount_is_on_net_unless_the_terms_say_gross(of: DiscountOf, worth: str) -> None:
    terms = replace(TERMS, discount_of=of)

    less = promised(terms, base=DAY, zone="UTC", gross=usd("1080.00"), tax=usd("80.00"))

    assert less is not None
    assert less.amount == usd(worth)


def test_half_a_cent_of_discount_is_rounded_away_from_zero_once() -> None:
    half = promised(TERMS, base=DAY, zone="UTC", gross=usd("10.25"), tax=None)
    less = promised(TERMS, base=DAY, zone="UTC", gross=usd("10.24"), tax=None)

    assert half is not None
    assert less is not None
    assert (half.amount, less.amount) == (usd("0.21"), usd("0.20"))


def test_payable_on_the_last_instant_of_the_last_day_is_in_time_and_finance_hears_of_it() -> None:
    room = House()
    held = room.bill(total="1000.00")

    release = ReleaseHold(invoice=held.id, code=HoldCode.QTY_RECEIVED, line="1", reason="seen")
    room.tell(release, at=END - timedelta(microseconds=1))

    paid = room.now(held)
    assert paid.state is InvoiceState.PAYABLE
    assert found(paid).lost is None
    assert not room.bus.happened(DiscountLost)
    told = payable(paid)
    assert (told.discount_until, told.discount) == (date(2026, 3, 12), usd("20.00"))
    assert told.due == date(2026, 4, 1)
    assert "in time" in explain_invoice(paid)[-1]


def test_payable_an_instant_later_has_lost_it_and_finance_hears_of_none() -> None:
    room = House()
    held = room.bill(total="1000.00")

    release = ReleaseHold(invoice=held.id, code=HoldCode.QTY_RECEIVED, line="1", reason="seen")
    room.tell(release, at=END)

    paid = room.now(held)
    (event,) = room.bus.happened(DiscountLost)
    assert (event.invoice, event.amount, event.until) == (
        held.id, usd("20.00"), date(2026, 3, 12))  # fmt: skip
    assert found(paid).lost is not None
    assert (payable(paid).discount_until, payable(paid).discount) == (None, None)


def test_whoever_owned_the_hold_when_the_day_passed_lost_it_and_both_are_counted_apart() -> None:
    room = House()
    unbooked = room.bill(total="1000.00", number="A-1")
    room.receive("100 EA")
    ours = room.bill(a_line("1 EA", at="11.00"), number="A-2", total="11.00")
    assert open_codes(unbooked) == ["QTY_RECEIVED:1"]
    assert "PRICE:1" in open_codes(ours)
    also = room.bill(a_line("200 EA"), number="A-3", total="2000.00")

    room.lapse(ours)
    room.lapse(also)

    assert room.now(unbooked).state is InvoiceState.PAYABLE
    lost = found(room.now(ours)).lost
    assert lost is not None
    assert (lost.blame, lost.at) == (Blame.OURS, END)
    assert "discount_loss 2026-01/l03" in lost.rulings
    theirs = found(room.now(also)).lost
    assert theirs is not None
    assert (theirs.blame, theirs.holds) == (
        Blame.SUPPLIERS, ("QTY_ORDERED:1", "QTY_RECEIVED:1"))  # fmt: skip
    sums = room.bus.get(DiscountsLost, SUPPLIER).sums
    assert [(each.blame, each.invoices, each.amount) for each in sums] == [
        (Blame.OURS, 1, usd("0.22")),
        (Blame.SUPPLIERS, 1, usd("40.00")),
    ]
    assert (
        "whose delay: supplier (discount_loss 2026-01/l02" in explain_invoice(room.now(also))[-1]
    )


def test_a_lapse_is_said_once_and_not_before_the_day_is_over() -> None:
    room = House()
    held = room.bill(total="1000.00")

    room.lapse(held, at=END - timedelta(microseconds=1))
    assert not room.bus.happened(DiscountLost)
    room.lapse(held)
    room.lapse(held, at=END + timedelta(days=1))
    room.ask(ReleaseHold(invoice=held.id, code=HoldCode.QTY_RECEIVED, line="1", reason="seen"))

    assert len(room.bus.happened(DiscountLost)) == 1


def test_a_paper_that_came_after_its_day_is_the_suppliers_delay() -> None:
    less = promised(TERMS, base=DAY, zone="UTC", gross=usd("100"), tax=None)
    assert less is not None
    assert less.lapses_at is not None

    def blame(came: datetime) -> Blame | None:
        lost = lose(
            less, before=None, came=came, open_holds=(), blamed=(), at=END + timedelta(days=9)
        ).lost
        return None if lost is None else lost.blame

    assert blame(less.lapses_at) is Blame.SUPPLIERS
    assert blame(less.lapses_at - timedelta(microseconds=1)) is Blame.OURS


def test_terms_from_the_receipt_wait_for_the_goods_and_take_the_newest_receipt() -> None:
    room = House(replace(TERMS, base=TermsBase.RECEIPT_DATE))

    held = room.bill(total="1000.00", dated=date(2026, 2, 1))

    assert (found(held).until, held.due) == (None, None)
    assert "no last day yet" in explain_invoice(held)[-1]
    room.receive("60 EA")
    assert found(room.now(held)).until is None
    room.receive("40 EA")
    paid = room.now(held)
    assert (found(paid).until, paid.due) == (date(2026, 3, 12), date(2026, 4, 1))


def test_terms_from_the_papers_arrival_count_from_the_day_at_the_site() -> None:
    room = House(replace(TERMS, base=TermsBase.INVOICE_RECEIPT_DATE))

    held = room.bill(total="1000.00", dated=date(2026, 1, 1))

    assert found(held).until == date(2026, 3, 20)


def test_no_terms_credits_and_barred_duplicates_have_no_discount() -> None:
    assert House(None).bill(total="1000.00").discount is None
    assert House(PaymentTerms(text="net 45")).bill().discount is None
    room = House()
    room.bill(total="1000.00", number="7")
    assert room.bill(total="1000.00", number="007").discount is None
    assert room.bill(a_line("5 EA"), credit=True, number="C").discount is None


def test_terms_are_those_of_the_day_on_which_the_invoice_came() -> None:
    room = House()
    held = room.bill(total="1000.00")

    changed = Supplier(id=SUPPLIER, name="Acme", currency=USD, terms=PaymentTerms(text="net 60"))
    room.ask(RegisterSupplier(supplier=changed))
    room.receive("100 EA")

    assert payable(room.now(held)).due == date(2026, 4, 1)
    assert payable(room.now(held)).discount == usd("20.00")


def test_an_unknown_cause_is_counted_as_unknown_and_a_rejected_invoice_loses_nothing() -> None:
    room = Room()
    supplier = Supplier(id=SUPPLIER, name="Acme", currency=USD, terms=TERMS)
    room.ask(RegisterSupplier(supplier=supplier))
    held = room.bill(total="1000.00", number="U-1")
    back = room.bill(a_line("1 EA"), number="U-2", total="10.00")
    room.ask(RejectInvoice(invoice=back.id, reason="not ours"), by=SYSTEM)

    for each in (held, back):
        end = found(each).lapses_at
        assert end is not None
        act = LapseDiscount(invoice=each.id, lapses_at=end)
        command = Command(key=f"l{each.id}", act=act, actor=SYSTEM, at=end)
        (reply,) = room.bus.apply([command]).replies
        assert reply.is_done

    (event,) = room.bus.happened(DiscountLost)
    assert (event.invoice, event.blame) == (held.id, Blame.UNKNOWN)


def test_nobody_may_lapse_a_discount_by_hand() -> None:
    room = House()
    held = room.bill()

    assert not room.try_(LapseDiscount(invoice=held.id, lapses_at=END), by=BUYER).is_done


def test_what_was_lost_once_stays_lost_as_it_was() -> None:
    less = promised(TERMS, base=DAY, zone="UTC", gross=usd("100"), tax=None)
    assert less is not None
    theirs = LostDiscount(at=END, blame=Blame.SUPPLIERS)

    again = lose(
        less,
        before=replace(less, lost=theirs),
        came=END - timedelta(days=5),
        open_holds=(),
        blamed=(),
        at=END + timedelta(days=9),
    )

    assert again.lost == theirs


def test_the_newest_receipt_drawn_on_is_the_day_of_the_goods() -> None:
    came = bench().with_goods(Stage.RECEIVED, "60 EA").with_goods(Stage.RECEIVED, "40 EA")
    early = replace(came.postings[0], source="receipt/R1/1")
    late = replace(came.postings[1], source="receipt/R2/1", effective=date(2026, 3, 9))
    house = replace(came, postings=(early, late))

    whole, part = house.kept(a_bill()), house.kept(a_bill(a_line("60 EA")))

    def day(invoice: Invoice, bill: RegisterInvoice) -> date | None:
        matched = replace(invoice, match=house.match(bill))
        return goods_came(matched, house.orders(matched))

    assert day(whole, a_bill()) == date(2026, 3, 9)
    assert day(part, a_bill(a_line("60 EA"))) == DAY
