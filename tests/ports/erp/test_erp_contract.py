"""The ERP port's contract: one suite for every ERP that we speak to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from manciple.kernel.money import Currency
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.processes.ports import (
    ConflictError,
    DocumentKind,
    ErpChange,
    ErpInvoiceCharge,
    ErpRef,
    ReturnStep,
)
from manciple.runtime.effects import OutcomeKind
from tests.ports.erp.erp_cases import (
    NOW,
    ErpUnderTest,
    a_change,
    a_line,
    a_parcel,
    a_receipt,
    a_return,
    an_invoice,
    an_order,
    delivered,
    each,
    promises,
    usd,
)


def ref_of(found: ErpRef | None) -> ErpRef:
    assert found is not None
    return found


def test_an_order_is_made_under_the_erps_own_number(erp: ErpUnderTest) -> None:
    made = erp.port.create_order("K-1", an_order())

    assert made.outcome is OutcomeKind.DONE
    assert made.reference == "4500000001"
    assert erp.line().ordered == each(96)
    assert erp.line(line="2").ordered == each(10)


def test_the_key_finds_what_it_made(erp: ErpUnderTest) -> None:
    made = erp.port.create_order("PO-1:1:erp.create_order", an_order())

    found = ref_of(erp.port.find(DocumentKind.ORDER, "PO-1:1:erp.create_order"))

    assert found.number == made.reference
    assert erp.port.find(DocumentKind.ORDER, "another key") is None
    assert erp.port.find(DocumentKind.INVOICE, "PO-1:1:erp.create_order") is None


def test_the_same_key_twice_makes_one_order_and_names_it_twice(erp: ErpUnderTest) -> None:
    first = erp.port.create_order("K-1", an_order())
    again = erp.port.create_order("K-1", an_order())

    assert again == first
    assert erp.orders() == {"PO-1"}


def test_the_same_key_for_another_content_is_refused(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    other = erp.port.create_order("K-1", an_order("PO-2"))

    assert other.outcome is OutcomeKind.REJECTED
    assert erp.orders() == {"PO-1"}


def test_our_number_stands_once_even_under_another_key(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    other = erp.port.create_order("K-2", an_order())

    assert other.outcome is OutcomeKind.REJECTED
    assert "4500000001" in other.reason


@pytest.mark.parametrize("mode", ["lose", "die"])
def test_an_order_committed_without_an_answer_is_found_not_made_again(
    erp: ErpUnderTest, mode: str
) -> None:
    erp.control.switch(mode, times=1)
    parcel = a_parcel("erp.create_order", an_order())
    with pytest.raises(OSError, match="purchase-orders"):
        delivered(erp.endpoint, parcel)
    erp.control.switch("off")

    outcome = delivered(erp.endpoint, a_parcel("erp.create_order", an_order(), attempts=2))

    assert outcome.kind is OutcomeKind.DONE
    assert outcome.detail["reference"] == "4500000001"
    assert erp.orders() == {"PO-1"}


def test_an_order_dropped_before_it_was_made_is_made_by_the_next_attempt(
    erp: ErpUnderTest,
) -> None:
    erp.control.switch("drop", times=1)
    with pytest.raises(OSError, match="purchase-orders"):
        delivered(erp.endpoint, a_parcel("erp.create_order", an_order()))
    assert erp.orders() == set()

    outcome = delivered(erp.endpoint, a_parcel("erp.create_order", an_order(), attempts=2))

    assert outcome.kind is OutcomeKind.DONE
    assert erp.orders() == {"PO-1"}


@pytest.mark.parametrize("mode", ["down", "maintenance"])
def test_a_system_that_is_down_leaves_the_outcome_unknown(erp: ErpUnderTest, mode: str) -> None:
    erp.control.switch(mode)

    with pytest.raises(OSError, match="503"):
        erp.port.create_order("K-1", an_order())

    erp.control.switch("off")
    assert erp.orders() == set()


def test_reading_goes_on_during_maintenance(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.control.switch("maintenance")

    assert erp.orders() == {"PO-1"}


def test_an_answer_that_comes_too_late_leaves_the_outcome_unknown(erp: ErpUnderTest) -> None:
    erp.control.switch("slow", ms=700, times=1)

    with pytest.raises(OSError, match="timed out"):
        erp.port.create_order("K-1", an_order())


def test_a_refusal_is_an_outcome_with_the_erps_reason_cut(erp: ErpUnderTest) -> None:
    erp.control.switch("refuse", reason="budget 🔒 " + "x" * 5_000)

    outcome = delivered(erp.endpoint, a_parcel("erp.create_order", an_order()))

    assert outcome.kind is OutcomeKind.REJECTED
    assert outcome.detail["reason"].startswith("budget 🔒")
    assert len(outcome.detail["reason"]) == 500


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"supplier": "S-NONE"}, "S-NONE is not known"),
        ({"supplier": "S-GONE"}, "blocked"),
        ({"site": "MOON"}, "MOON is not known"),
        ({"currency": Currency.EUR}, "paid in USD"),
        ({"lines": (a_line(item="I-NONE"),)}, "lines.0.item: item I-NONE is not known"),
        ({"lines": (a_line("1"), a_line("1"))}, "two lines"),
        ({"lines": (a_line(quantity="0"),)}, "lines.0.quantity: more than zero"),
        ({"lines": (a_line(quantity="-5"),)}, "lines.0.quantity: more than zero"),
        ({"lines": (a_line(item="I-GLUE"),)}, "kept in KGM, not EA"),
        ({"lines": ()}, "lines"),
    ],
)
def test_an_order_that_the_erp_can_not_keep_is_rejected_whole(
    erp: ErpUnderTest, changed: dict[str, object], named: str
) -> None:
    order = an_order("PO-1", a_line("1"), **changed)

    made = erp.port.create_order("K-1", order)

    assert made.outcome is OutcomeKind.REJECTED
    assert named in made.reason
    assert erp.orders() == set()
    assert erp.port.changes().rows == ()


def test_a_rejected_order_can_be_mended_under_the_same_key(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order(site="MOON"))

    mended = erp.port.create_order("K-1", an_order())

    assert mended.outcome is OutcomeKind.DONE


def test_a_huge_order_is_refused_and_nothing_is_kept(erp: ErpUnderTest) -> None:
    lines = tuple(a_line(str(n)) for n in range(20_000))

    made = erp.port.create_order("K-1", an_order("PO-1", *lines))

    assert made.outcome is OutcomeKind.REJECTED
    assert erp.orders() == set()


def test_text_of_every_alphabet_comes_back_unchanged(erp: ErpUnderTest) -> None:
    number = "PO-Łódź/四 %20?&#"
    erp.port.create_order("K-日本:1", an_order(number))

    document = erp.port.get(DocumentKind.ORDER, number)

    assert document is not None
    assert document.external == number
    assert ref_of(erp.port.find(DocumentKind.ORDER, "K-日本:1")).number == document.ref.number


def test_a_change_gives_up_quantity_and_never_lowers_what_was_ordered(erp: ErpUnderTest) -> None:
    made = erp.port.create_order("K-1", an_order())

    changed = erp.port.change_order("K-2", a_change("16"), made.version or "")

    assert changed.outcome is OutcomeKind.DONE
    assert changed.version != made.version
    assert (erp.line().ordered, erp.line().cancelled) == (each(96), each(16))


def test_a_change_of_a_stale_version_is_a_conflict_and_changes_nothing(erp: ErpUnderTest) -> None:
    made = erp.port.create_order("K-1", an_order())
    erp.port.confirm_lines("K-2", promises("96"))

    with pytest.raises(ConflictError, match="read it again"):
        erp.port.change_order("K-3", a_change("16"), made.version or "")

    assert erp.line().cancelled == each(0)


def test_the_change_effect_reads_the_version_first(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.confirm_lines("K-2", promises("96"))

    outcome = delivered(erp.endpoint, a_parcel("erp.change_order", a_change("16"), key="K-3"))

    assert outcome.kind is OutcomeKind.DONE
    assert erp.line().cancelled == each(16)


def test_a_change_of_an_unknown_order_is_rejected(erp: ErpUnderTest) -> None:
    outcome = delivered(erp.endpoint, a_parcel("erp.change_order", a_change("16")))

    assert outcome.kind is OutcomeKind.REJECTED
    assert "no order PO-1" in outcome.detail["reason"]


def test_more_than_is_open_can_not_be_given_up(erp: ErpUnderTest) -> None:
    made = erp.port.create_order("K-1", an_order())

    changed = erp.port.change_order("K-2", a_change("97"), made.version or "")

    assert changed.outcome is OutcomeKind.REJECTED
    assert "only 96" in changed.reason


def test_cancelling_gives_up_what_is_still_open(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    document = erp.port.get(DocumentKind.ORDER, "PO-1")
    assert document is not None

    erp.port.cancel_order("K-3", "PO-1", document.ref.version, "no longer needed")

    assert erp.line().cancelled == each(56)
    assert erp.line(line="2").cancelled == each(10)


def test_promises_are_noted_and_an_older_statement_changes_nothing(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.confirm_lines("K-2", promises("80", promised="2026-12-09"))

    older = promises("96", as_of=NOW - timedelta(hours=1))
    outcome = erp.port.confirm_lines("K-3", older)

    assert outcome.outcome is OutcomeKind.DONE
    assert erp.line().confirmed == each(80)
    assert erp.line().promised == date(2026, 12, 9)


def test_a_line_that_nobody_confirmed_is_unknown_not_zero(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    assert erp.line().confirmed is None


def test_partial_receipts_add_up(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    erp.port.post_receipt("K-2", a_receipt("R-1", "40", accepted="38"))
    erp.port.post_receipt("K-3", a_receipt("R-2", "56"))

    assert erp.line().received == each(96)
    assert erp.line().accepted == each(94)
    stock = erp.port.stock("I-BOLT", "ATL")
    assert stock is not None
    assert (stock.on_hand, stock.on_order) == (each(134), each(10))


def test_a_receipt_is_booked_once_under_any_key(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))

    assert erp.port.post_receipt("K-2", a_receipt("R-1", "40")).outcome is OutcomeKind.DONE
    assert erp.port.post_receipt("K-3", a_receipt("R-1", "40")).outcome is OutcomeKind.REJECTED
    assert erp.line().received == each(40)


def test_more_may_be_received_than_was_ordered(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    erp.port.post_receipt("K-2", a_receipt("R-1", "100", accepted="96"))

    assert erp.line().received == each(100)


def test_more_accepted_than_received_is_rejected_and_books_nothing(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())

    outcome = erp.port.post_receipt("K-2", a_receipt("R-1", "40", accepted="41"))

    assert outcome.outcome is OutcomeKind.REJECTED
    assert erp.line().received == each(0)
    assert erp.port.get(DocumentKind.RECEIPT, "R-1") is None


def on_hand(erp: ErpUnderTest) -> tuple[Quantity, Quantity]:
    stock = erp.port.stock("I-BOLT", "ATL")
    assert stock is not None
    return stock.on_hand, stock.on_order


def test_goods_that_go_back_leave_the_stock_when_picked_and_the_books_when_shipped(
    erp: ErpUnderTest,
) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))
    before, _ = on_hand(erp)

    picked = erp.port.post_return("K-3", a_return(ReturnStep.PICKED))
    assert picked.outcome is OutcomeKind.DONE
    assert on_hand(erp)[0] == before - each(5)
    assert erp.line().returned == each(0)

    shipped = erp.port.post_return("K-4", a_return(ReturnStep.SHIPPED))
    assert shipped.reference == picked.reference
    assert on_hand(erp)[0] == before - each(5)
    assert erp.line().returned == each(5)
    document = erp.port.get(DocumentKind.RETURN, "RTV-1")
    assert document is not None
    assert document.state == "shipped"
    assert erp.port.find(DocumentKind.RETURN, "K-4") is not None


def test_a_return_is_booked_once_under_any_key_and_in_its_order(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    with pytest.raises(OSError, match="not picked yet"):
        erp.port.post_return("K-3", a_return(ReturnStep.SHIPPED))
    erp.port.post_return("K-4", a_return(ReturnStep.PICKED))
    again = erp.port.post_return("K-4", a_return(ReturnStep.PICKED))
    other = erp.port.post_return("K-5", a_return(ReturnStep.PICKED))
    erp.port.post_return("K-6", a_return(ReturnStep.SHIPPED))
    twice = erp.port.post_return("K-7", a_return(ReturnStep.SHIPPED))

    assert again.outcome is OutcomeKind.DONE
    assert other.outcome is OutcomeKind.REJECTED
    assert twice.outcome is OutcomeKind.REJECTED
    assert erp.line().returned == each(5)


def test_goods_that_are_put_back_are_available_again(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    before = on_hand(erp)
    erp.port.post_return("K-3", a_return(ReturnStep.PICKED))

    erp.port.post_return("K-4", a_return(ReturnStep.PUT_BACK))

    assert on_hand(erp) == before
    assert erp.line().returned == each(0)


def test_damaged_goods_were_never_available(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40", accepted="35"))
    before = on_hand(erp)

    erp.port.post_return("K-3", a_return(ReturnStep.PICKED, available=False))
    erp.port.post_return("K-4", a_return(ReturnStep.SHIPPED, available=False))

    assert on_hand(erp) == before
    assert erp.line().returned == each(5)


def test_what_is_to_be_replaced_is_on_order_again(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    _, before = on_hand(erp)

    erp.port.post_return("K-3", a_return(ReturnStep.PICKED, replaced="5"))
    erp.port.post_return("K-4", a_return(ReturnStep.SHIPPED, replaced="5"))

    assert on_hand(erp)[1] == before + each(5)


def test_more_than_was_received_does_not_go_back(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    erp.port.post_return("K-3", a_return(ReturnStep.PICKED, "41"))

    with pytest.raises(OSError, match="more than was received and kept"):
        erp.port.post_return("K-4", a_return(ReturnStep.SHIPPED, "41"))

    assert erp.line().returned == each(0)


def test_a_received_line_can_be_invoiced_and_the_books_balance(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))
    freight = ErpInvoiceCharge(code="D240", description="Freight", amount=usd("15.00"))
    invoice = an_invoice(
        "INV-1", "96", "28.80", charges=(freight,), tax=usd("2.30"), total=usd("46.10")
    )

    posted = erp.port.post_invoice("K-3", invoice)

    assert posted.outcome is OutcomeKind.DONE
    assert erp.line().invoiced == each(96)
    assert erp.line().amount_invoiced == usd("28.80")


def test_a_carriers_invoice_is_booked_with_charges_alone_and_never_with_nothing(
    erp: ErpUnderTest,
) -> None:
    freight = ErpInvoiceCharge(code="freight", description="Freight of K-1", amount=usd("15.00"))
    bare = replace(an_invoice("INV-1", "1", "1.00"), lines=())

    posted = erp.port.post_invoice("K-1", replace(bare, charges=(freight,), total=usd("15.00")))
    nothing = erp.port.post_invoice("K-2", replace(bare, number="INV-2", supplier_number="2"))

    assert posted.outcome is OutcomeKind.DONE
    assert nothing.outcome is OutcomeKind.REJECTED


def test_an_invoice_over_what_was_ordered_and_received_is_rejected(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))
    erp.port.post_invoice("K-3", an_invoice("INV-1", "90", "27.00"))

    over = erp.port.post_invoice("K-4", an_invoice("INV-2", "7", "2.10"))

    assert over.outcome is OutcomeKind.REJECTED
    assert "more than was received and not billed yet (6)" in over.reason
    assert erp.line().invoiced == each(90)


def test_an_invoice_that_overtakes_its_receipt_is_refused_for_now(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "40"))
    with pytest.raises(OSError, match="more than was received"):
        erp.port.post_invoice("K-4", an_invoice("INV-1", "96", "28.80"))
    assert erp.line().invoiced == each(0)

    erp.port.post_receipt("K-3", a_receipt("R-2", "56"))
    later = erp.port.post_invoice("K-4", an_invoice("INV-1", "96", "28.80"))

    assert later.outcome is OutcomeKind.DONE
    assert erp.line().invoiced == each(96)


def test_a_service_is_invoiced_against_what_was_ordered(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order("PO-1", a_line("1", "8", item="I-WORK")))

    within = erp.port.post_invoice("K-2", an_invoice("INV-1", "8", "2.40"))
    over = erp.port.post_invoice("K-3", an_invoice("INV-2", "1", "0.30"))

    assert within.outcome is OutcomeKind.DONE
    assert over.outcome is OutcomeKind.REJECTED


def test_one_supplier_number_is_booked_once(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))
    erp.port.post_invoice("K-3", an_invoice("INV-1", "10", "3.00", supplier_number="77"))

    again = erp.port.post_invoice("K-4", an_invoice("INV-2", "10", "3.00", supplier_number="77"))

    assert again.outcome is OutcomeKind.REJECTED
    assert "already booked" in again.reason


def test_an_invoice_that_does_not_add_up_is_rejected_whole(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))

    wrong = erp.port.post_invoice("K-3", an_invoice("INV-1", "96", "28.80", total=usd("28.81")))

    assert wrong.outcome is OutcomeKind.REJECTED
    assert erp.line().invoiced == each(0)


def test_another_suppliers_order_can_not_be_invoiced(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))

    foreign = erp.port.post_invoice("K-3", an_invoice("INV-1", "96", "28.80", supplier="S-EURO"))

    assert foreign.outcome is OutcomeKind.REJECTED
    assert "S-ACME" in foreign.reason


def test_a_closed_month_takes_no_invoice(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))

    late = erp.port.post_invoice("K-3", an_invoice("INV-1", "96", "28.80", date=date(2026, 9, 30)))

    assert late.outcome is OutcomeKind.REJECTED
    assert "2026-09 is closed" in late.reason


def test_a_credit_note_takes_back_what_was_billed_and_no_more(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    erp.port.post_receipt("K-2", a_receipt("R-1", "96"))
    erp.port.post_invoice("K-3", an_invoice("INV-1", "96", "28.80"))

    part = erp.port.post_invoice("K-4", an_invoice("INV-2", "6", "1.80", credit=True))
    more = erp.port.post_invoice("K-5", an_invoice("INV-3", "97", "29.10", credit=True))
    with pytest.raises(OSError, match="only 90 was billed"):
        erp.port.post_invoice("K-6", an_invoice("INV-4", "91", "27.30", credit=True))

    assert part.outcome is OutcomeKind.DONE
    assert more.outcome is OutcomeKind.REJECTED
    assert erp.line().invoiced == each(90)
    assert erp.line().amount_invoiced == usd("27.00")


def test_the_feed_tells_every_change_and_goes_on_where_it_stopped(erp: ErpUnderTest) -> None:
    erp.port.create_order("K-1", an_order())
    first = erp.port.changes()

    erp.port.create_order("K-2", an_order("PO-2"))
    erp.port.post_receipt("K-3", a_receipt("R-1", "40"))
    later = erp.port.changes(first.cursor)

    assert [(c.kind, c.external) for c in first.rows] == [(DocumentKind.ORDER, "PO-1")]
    assert [(c.kind, c.external, c.what) for c in later.rows] == [
        (DocumentKind.ORDER, "PO-2", "created"),
        (DocumentKind.ORDER, "PO-1", "received"),
        (DocumentKind.RECEIPT, "R-1", "created"),
    ]
    again: tuple[ErpChange, ...] = erp.port.changes(first.cursor).rows
    assert again == later.rows


def test_masters_are_read_with_their_packs_offers_and_stock(erp: ErpUnderTest) -> None:
    suppliers = {s.id: s for s in erp.port.suppliers().rows}
    items = {i.id: i for i in erp.port.items().rows}
    (offer,) = erp.port.offers().rows

    assert suppliers["S-ACME"].name == "Acme Ünïted"
    assert suppliers["S-GONE"].blocked
    assert [s.id for s in erp.port.sites().rows] == ["ATL", "DEN"]
    assert items["I-BOLT"].packs[0].base == each(12)
    assert not items["I-WORK"].stocked
    assert offer.price.of(each(200)) == usd("60.00")
    assert offer.minimum == Quantity(Decimal(2), Unit.CASE)
    assert erp.port.stock("I-BOLT", "DEN") is None


def test_an_unknown_verb_and_an_unreadable_payload_are_rejected(erp: ErpUnderTest) -> None:
    unknown = erp.endpoint.send(a_parcel("erp.sing", an_order()))
    unreadable = erp.endpoint.send(a_parcel("erp.post_receipt", an_order()))

    assert unknown.kind is OutcomeKind.REJECTED
    assert unreadable.kind is OutcomeKind.REJECTED
    assert "received" in unreadable.detail["reason"]


def test_health_says_that_it_is_there(erp: ErpUnderTest) -> None:
    health = erp.port.health()

    assert health.reachable
    assert health.authorized
    assert abs(health.clock_offset) < timedelta(seconds=5)
    assert erp.port.capabilities().conditional_write


def test_a_price_in_another_unit_than_the_quantity_is_rejected(erp: ErpUnderTest) -> None:
    per_case = replace(a_line(), price=Price(usd("3"), Quantity(Decimal(1), Unit.CASE)))

    outcome = delivered(erp.endpoint, a_parcel("erp.create_order", an_order("PO-1", per_case)))

    assert outcome.kind is OutcomeKind.REJECTED
    assert "cannot combine EA with XCS" in outcome.detail["reason"]
