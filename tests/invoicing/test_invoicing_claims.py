"""Who comes first on an order line, and which credits count."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from manciple.invoicing.claims import Claim, standing

DAY = date(2026, 3, 2)


def a_claim(
    invoice: str,
    quantity: str,
    *,
    day: int = 2,
    credit: bool = False,
    settled: bool = False,
    price: str = "10",
    agreed: str = "10",
    worth: str | None = None,
) -> Claim:
    count = Fraction(quantity)
    return Claim(
        invoice=invoice,
        at=0,
        dated=DAY.replace(day=day),
        number=invoice,
        is_settled=settled,
        is_credit=credit,
        quantity=Decimal(quantity),
        worth=Fraction(price) * count if worth is None else Fraction(worth),
        drift=(Fraction(price) - Fraction(agreed)) * count,
    )


def test_the_earlier_invoice_comes_first_whenever_it_arrived() -> None:
    early, late = a_claim("B", "60", day=2), a_claim("A", "60", day=3)

    for arrived in permutations((early, late)):
        assert standing(arrived, early).before == 0
        assert standing(arrived, late).before == 60


def test_a_payable_invoice_comes_before_an_earlier_one_that_waits() -> None:
    waiting, payable = a_claim("A", "60", day=2), a_claim("B", "60", day=9, settled=True)

    assert standing((waiting, payable), waiting).before == 60
    assert standing((waiting, payable), payable).before == 0


def test_a_quantity_credit_frees_what_was_invoiced() -> None:
    invoice, credit = a_claim("A", "25"), a_claim("C", "5", credit=True, day=9)

    stands = standing((invoice, credit), invoice)

    assert stands.before + invoice.quantity == 20


def test_a_price_credit_frees_no_quantity() -> None:
    invoice = a_claim("A", "25")
    credit = a_claim("C", "0", credit=True, worth="12.50")

    assert standing((invoice, credit), invoice).before == 0


def test_a_credit_above_the_invoiced_does_not_count_and_equal_does() -> None:
    invoice = a_claim("A", "5")
    equal, above = a_claim("C", "5", credit=True), a_claim("D", "1", credit=True, day=3)

    assert not standing((invoice, equal, above), equal).is_credit_in_excess
    assert standing((invoice, equal, above), above).is_credit_in_excess
    assert standing((invoice, equal, above), invoice).before == -5


def test_a_credit_that_fits_counts_behind_one_that_does_not() -> None:
    invoice = a_claim("A", "5")
    too_much, fits = a_claim("C", "9", credit=True), a_claim("D", "5", credit=True, day=3)

    assert standing((invoice, too_much, fits), too_much).is_credit_in_excess
    assert not standing((invoice, too_much, fits), fits).is_credit_in_excess


def test_a_price_credit_above_the_invoiced_money_is_in_excess() -> None:
    invoice = a_claim("A", "5")
    equal = a_claim("C", "0", credit=True, worth="50")
    above = a_claim("C", "0", credit=True, worth="50.01")

    assert not standing((invoice, equal), equal).is_credit_in_excess
    assert standing((invoice, above), above).is_credit_in_excess


def test_drift_sums_the_invoices_ahead_less_what_was_credited() -> None:
    first = a_claim("A", "10", day=1, price="10.19")
    second = a_claim("B", "10", day=2, price="10.19")
    third = a_claim("C", "10", day=3, price="10.19")
    credit = a_claim("D", "0", credit=True, worth="1.00")

    stands = standing((third, credit, first, second), second)

    assert stands.drift == Fraction("3.80") - 1
    assert stands.invoices == 2


def test_goods_credited_at_the_billed_price_take_their_drift_back() -> None:
    invoice = a_claim("A", "10", price="10.50")
    credit = a_claim("C", "4", price="10.50", credit=True)

    assert standing((invoice, credit), invoice).drift == Fraction("0.50") * 6


def test_a_credit_already_paid_counts_even_when_its_invoice_is_gone() -> None:
    credit = a_claim("C", "5", credit=True, settled=True)
    invoice = a_claim("A", "3")

    assert standing((invoice, credit), invoice).before == -5


def test_what_the_ledger_holds_from_elsewhere_comes_before_all() -> None:
    claim = a_claim("A", "25")

    assert standing((claim,), claim, elsewhere=Decimal(7)).before == 7


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.integers(0, 50), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_changes_nothing(
    rows: list[tuple[int, int, bool, bool]], dice: object
) -> None:
    claims = [
        a_claim(f"I{n}", str(quantity), day=day, credit=credit, settled=settled, worth="3")
        for n, (day, quantity, credit, settled) in enumerate(rows)
    ]
    shuffled = list(claims)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    for claim in claims:
        assert standing(claims, claim) == standing(shuffled, claim)
