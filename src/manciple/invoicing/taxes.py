"""Tax: what the paper states beside what our own rates make of it, rate group by rate group.

    3 lines of 10.01 at 6.25 %:   30.03 x 6.25 % = 1.876875 exactly
    stated 1.89: 0.013125 off, 3 x 0.005 allowed: passes      stated 1.90: held

Each group is tested against the unrounded product, with half a minor unit for each of its taxed
lines; the sum of the paper is tested by what policy allows. A rounding line counts into the tax.
Exempt and reverse charge need a code. Where no rate is known a stated tax waits: nobody guesses.
Source: domain rule D-10 with its rulings in 4.7.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from manciple.invoicing.checks import outcome, told
from manciple.invoicing.conversion import shown, signed
from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import ROUNDING, Invoice, Treatment
from manciple.invoicing.limits import Limits, TaxRate, find
from manciple.invoicing.result import Check, CheckName, CheckOutcome
from manciple.invoicing.variance import minor_digits
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass

_HUNDRED = 100
_Key = tuple[Treatment, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxable:
    """A line or charge of the paper, and how our own data say that it is taxed.

    Attributes:
        name: for people: ``line 1``, ``freight``.
        amount: as billed, untaxed; None when it cannot be told.
        rate: None when policy does not know it.
    """

    name: str
    amount: Money | None
    rate: TaxRate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Everything on the paper that is taxed in one way at one rate.

    Attributes:
        lines: how many lines and charges; each may have been rounded by itself.
        code: of the row that says exempt or reverse charge; empty when it gives none.
    """

    treatment: Treatment
    rate: Decimal
    base: Fraction
    lines: int
    names: tuple[str, ...]
    ruling: str
    code: str

    @property
    def expected(self) -> Fraction:
        """Give base x rate, unrounded; nothing where we do not pay the tax to the supplier."""
        return self.base * Fraction(self.rate) / _HUNDRED

    @property
    def title(self) -> str:
        """Name the group for people."""
        return _title(self.treatment, self.rate)


def tax_checks(invoice: Invoice, taxables: Sequence[Taxable], limits: Limits) -> Iterator[Check]:
    """Test the tax of a paper; nothing is said where none is stated and none is due.

    Not tested while the amount of a line cannot be told; that line has a hold of its own.
    """
    if any(each.amount is None for each in taxables):
        return
    unknown = [each for each in taxables if each.rate is None and each.amount]
    if unknown:
        yield _unknown(invoice, unknown)
        return
    groups = _groups(taxables)
    stated = _stated(invoice)
    yield from _codes(invoice, groups)
    if not stated and not any(group.expected for group in groups):
        return
    yield from _group_checks(invoice, groups)
    if stated is not None:
        yield _sum(invoice, groups, stated, limits)


def _groups(taxables: Iterable[Taxable]) -> tuple[_Group, ...]:
    """Put together what is taxed alike, in the order in which it first stands on the paper."""
    found: dict[_Key, list[tuple[Taxable, TaxRate]]] = {}
    for each in taxables:
        if each.rate is not None and each.amount:
            found.setdefault((each.rate.treatment, each.rate.rate), []).append((each, each.rate))
    return tuple(
        _Group(
            treatment=treatment,
            rate=rate,
            base=sum(
                (Fraction(each.amount.amount) for each, _ in rows if each.amount), Fraction(0)
            ),
            lines=len(rows),
            names=tuple(each.name for each, _ in rows),
            ruling=", ".join(dict.fromkeys(ruled.ruling for _, ruled in rows)),
            code="" if any(not ruled.code for _, ruled in rows) else rows[0][1].code,
        )
        for (treatment, rate), rows in found.items()
    )


def _rounding(invoice: Invoice) -> Fraction:
    return sum(
        (Fraction(each.amount.amount) for each in invoice.charges if each.code == ROUNDING),
        Fraction(0),
    )


def _stated(invoice: Invoice) -> Fraction | None:
    """Give the tax that the paper states, with its rounding line; None when it states neither."""
    sums = [Fraction(each.amount.amount) for each in invoice.taxes]
    if invoice.tax is not None:
        sums = [Fraction(invoice.tax.amount)]
    rounding = _rounding(invoice)
    if not sums and not rounding:
        return None
    return sum(sums, rounding)


def _unknown(invoice: Invoice, unknown: Sequence[Taxable]) -> Check:
    """Hold a stated tax that nothing of ours can be compared with; warn where none is stated."""
    stated = _stated(invoice)
    coin = invoice.currency.value
    names = ", ".join(each.name for each in unknown)
    actual = "no tax" if stated is None else f"{shown(stated)} {coin}"
    return Check(
        name=CheckName.TAX_GROUP,
        code=HoldCode.TAX,
        line=None,
        outcome=CheckOutcome.HELD if stated else CheckOutcome.WARNED,
        base="no rate known",
        actual=actual,
        variance=f"{signed(stated or Fraction(0))} {coin}",
        allowed="",
        legs="no rate, no comparison",
        ruling="",
        arithmetic=f"{actual} stated; tax_rates does not know how {names} is taxed",
    )


def _codes(invoice: Invoice, groups: Sequence[_Group]) -> Iterator[Check]:
    """Hold an exemption or a reverse charge, the paper's or ours, that names no code."""
    for claim in invoice.taxes:
        if claim.treatment is not Treatment.RATED and not (claim.code or "").strip():
            yield _without_code(invoice, claim.treatment, "the paper claims it", "")
    for group in groups:
        if group.treatment is not Treatment.RATED and not group.code:
            yield _without_code(invoice, group.treatment, "our row says so", group.ruling)


def _without_code(invoice: Invoice, treatment: Treatment, who: str, ruling: str) -> Check:
    zero = f"0 {invoice.currency.value}"
    return Check(
        name=CheckName.TAX_CODE,
        code=HoldCode.TAX,
        line=None,
        outcome=CheckOutcome.HELD,
        base="a code",
        actual="none",
        variance=f"+{zero}",
        allowed="",
        legs="exempt and reverse charge need a code",
        ruling=ruling,
        arithmetic=f"{treatment.value}: {who}, and no code proves it",
    )


def _group_checks(invoice: Invoice, groups: Sequence[_Group]) -> Iterator[Check]:
    """Test each rate group; without stated groups, the tax of the paper against all of them."""
    rated = [group for group in groups if group.treatment is Treatment.RATED]
    claims = _claims(invoice)
    if claims is None:
        sums = _stated(invoice)
        yield _group(
            invoice,
            title=" + ".join(each.title for each in rated) or "nothing is taxed",
            formula=" + ".join(_formula(each.base, each.rate) for each in rated) or "0",
            expected=sum((each.expected for each in rated), Fraction(0)),
            stated=sums,
            lines=sum(each.lines for each in rated),
            ruling=", ".join(dict.fromkeys(each.ruling for each in rated or groups)),
        )
        return
    rounding = _rounding(invoice)
    parts = _parts(rated, claims)
    for (title, rate), base, lines, ruling in parts:
        stated = claims.get(rate)
        single = len(parts) == 1
        yield _group(
            invoice,
            title=title,
            formula=_formula(base, rate),
            expected=base * Fraction(rate) / _HUNDRED,
            stated=stated if not single else (stated or Fraction(0)) + rounding,
            lines=lines,
            ruling=ruling,
        )


def _claims(invoice: Invoice) -> dict[Decimal, Fraction] | None:
    """Sum what the paper states by rate; None when it states no rates, or not for all its tax."""
    rated = [each for each in invoice.taxes if each.treatment is Treatment.RATED]
    if not rated or any(each.rate is None for each in rated):
        return None
    found: dict[Decimal, Fraction] = {}
    for each in rated:
        assert each.rate is not None
        rate = each.rate.normalize()
        found[rate] = found.get(rate, Fraction(0)) + Fraction(each.amount.amount)
    return found


_Part = tuple[tuple[str, Decimal], Fraction, int, str]


def _parts(rated: Sequence[_Group], claims: dict[Decimal, Fraction]) -> list[_Part]:
    """Pair what is due with what is stated, by rate: title and rate, base, lines, ruling.

    One rate of ours that the paper states in parts, 8 % of the state and 2 % of the city for our
    10 %, is tested part by part.
    """
    ours = {group.rate.normalize(): group for group in rated}
    if len(ours) == 1 and len(claims) > 1 and sum(claims) == next(iter(ours)):
        (whole,) = rated
        return [
            ((f"{_title(Treatment.RATED, rate)} of {whole.title}", rate),
             whole.base, whole.lines, whole.ruling)
            for rate in sorted(claims)
        ]  # fmt: skip
    found: list[_Part] = [
        ((group.title, rate), group.base, group.lines, group.ruling)
        for rate, group in ours.items()
    ]
    strays = sorted(rate for rate, amount in claims.items() if rate not in ours and amount)
    found += [
        ((f"{_title(Treatment.RATED, rate)}, at which nothing is taxed", rate), Fraction(0), 0, "")
        for rate in strays
    ]
    return found


def _group(
    invoice: Invoice,
    *,
    title: str,
    formula: str,
    expected: Fraction,
    stated: Fraction | None,
    lines: int,
    ruling: str,
) -> Check:
    coin = invoice.currency.value
    slack = Fraction(lines, 2 * 10 ** minor_digits(invoice.currency))
    off = (stated or Fraction(0)) - expected
    inside = abs(off) <= slack
    said = "no tax is stated" if stated is None else f"stated {shown(stated)}"
    return Check(
        name=CheckName.TAX_GROUP,
        code=HoldCode.TAX,
        line=None,
        outcome=CheckOutcome.PASSED if inside else CheckOutcome.HELD,
        base=f"{shown(expected)} {coin}",
        actual=f"{shown(stated or Fraction(0))} {coin}",
        variance=f"{signed(off)} {coin}",
        allowed=shown(slack),
        legs=f"half a minor unit for each of {lines} taxed lines",
        ruling=ruling,
        arithmetic=(
            f"{title}: {formula} = {shown(expected)} {coin}; {said}, {signed(off)}, allowed"
            f" {shown(slack)} ({lines} taxed lines x half a minor unit{_by(ruling)}):"
            f" {'inside' if inside else 'outside'}"
        ),
    )


def _sum(invoice: Invoice, groups: Sequence[_Group], stated: Fraction, limits: Limits) -> Check:
    """Test the tax of the whole paper by what policy allows. Source: ruling D-10."""
    limit = limits.limit(CheckName.TAX, category="tax", supplier=invoice.supplier)
    base = sum((group.expected for group in groups), Fraction(0))
    sign = -1 if invoice.credit else 1
    found = find(limit.tolerance, base=base, actual=stated, sign=sign)
    coin = invoice.currency.value
    return Check(
        name=CheckName.TAX,
        code=HoldCode.TAX,
        line=None,
        outcome=outcome(found),
        base=f"{shown(base)} {coin}",
        actual=f"{shown(stated)} {coin}",
        variance=f"{signed(found.variance)} {coin}",
        allowed="" if found.allowed is None else shown(found.allowed),
        legs=found.legs,
        ruling=limit.ruling,
        arithmetic=told(
            found, base=base, actual=stated, what=f"{coin} of tax in all", ruling=limit.ruling
        ),
    )


def _formula(base: Fraction, rate: Decimal) -> str:
    return f"{shown(base)} x {rate.normalize():f} %"


def _title(treatment: Treatment, rate: Decimal) -> str:
    return f"{rate.normalize():f} %" if treatment is Treatment.RATED else treatment.value


def _by(ruling: str) -> str:
    return f"; {ruling}" if ruling else ""
