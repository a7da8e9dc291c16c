"""An invoice's life, line by line: did it pass at the first look, or only later?

    strict   every test passes at the first look
    fair     so, or the one thing wrong is that the goods are not booked yet, and they are
             within the grace; a hold that a person released is not that

Source: domain rules 4.6, first pass, with the ruling of 4.7 A.
"""

from collections.abc import Iterator

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.intelligence.metrics.freight import facts_of_freight
from manciple.kernel.records import dataclass

FIRST_PASS = "first-pass-match-rate"  # noqa: S105  a rate, no password
FAIR = "first-pass-match-rate/fair"
GRACE_HOURS = 24
"""How long after the first look a receipt may come for a fair first pass. Source: 4.7 A."""
_GRACE = GRACE_HOURS * 3_600_000_000
_WAITING_FOR_GOODS = ("QTY_RECEIVED",)


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLife:
    """What is remembered of one invoice line.

    Attributes:
        amount: in millionths; None where it can't be told.
        first_holds: the holds of the first look, the paper's own included; sorted.
        later_holds: holds that a later look added.
        passed_at: when no hold was left on it.
        is_released: a person let one of its holds go.
    """

    line: str
    amount: int | None
    currency: str
    first_holds: tuple[str, ...] = ()
    later_holds: tuple[str, ...] = ()
    passed_at: int | None = None
    is_released: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLife:
    """What is remembered of one invoice.

    Attributes:
        looked_at: when it was first matched; None before.
        awaits_holds: the match was not clean, and its holds are told by the next event.
        goods_of: the supplier of the goods that it is about; a carrier bills for another's.
        freight: what it bills to bring goods, in millionths of ``freight_unit``; below zero on a
            credit note; None where it bills none, or may not be paid yet.
    """

    invoice: str
    site: str
    supplier: str
    flow: str
    is_credit: bool
    lines: tuple[BilledLife, ...]
    looked_at: int | None = None
    awaits_holds: bool = False
    goods_of: str = ""
    freight: int | None = None
    freight_unit: str = ""
    payable_at: int | None = None


def facts_of_invoice(invoice: InvoiceLife) -> Iterator[Fact]:
    """Give the two facts of each line that was looked at, and the freight once it may be paid."""
    if invoice.freight is not None:
        whose = Fact(
            metric="", key=invoice.invoice, state=FactState.DONE, at=invoice.payable_at,
            unit=invoice.freight_unit, site=invoice.site, supplier=invoice.goods_of,
            flow=invoice.flow,
        )  # fmt: skip
        yield from facts_of_freight(whose, freight=invoice.freight)
    if invoice.looked_at is None or invoice.awaits_holds:
        return
    for line in invoice.lines:
        base = Fact(
            metric=FIRST_PASS, key=f"{invoice.invoice}/{line.line}", state=FactState.DONE,
            at=invoice.looked_at, unit=line.currency,
            site=invoice.site, supplier=invoice.supplier, flow=invoice.flow,
        )  # fmt: skip
        out = "credit note" if invoice.is_credit else "of no value" if line.amount == 0 else ""
        if out:
            yield base._replace(state=FactState.OUT, reason=out)
            yield base._replace(metric=FAIR, state=FactState.OUT, reason=out)
            continue
        strict, fair = not line.first_holds, _is_fair(line, invoice.looked_at)
        for series, passed in ((FIRST_PASS, strict), (FAIR, fair)):
            yield base._replace(
                metric=series,
                value=int(passed),
                part=None if line.amount is None else line.amount * passed,
                whole=line.amount,
                reason=" ".join(line.first_holds),
            )


def _is_fair(line: BilledLife, looked_at: int) -> bool:
    if not line.first_holds:
        return True
    if line.first_holds != _WAITING_FOR_GOODS or line.later_holds or line.is_released:
        return False
    return line.passed_at is not None and line.passed_at - looked_at <= _GRACE
