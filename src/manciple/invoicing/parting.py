"""What of a held invoice may be paid while the rest waits, and what is left of it.

    nothing held on the line                       all of it that is left
    QTY_RECEIVED or QTY_ORDERED, and it is split   what is received and ordered
    anything else                                  nothing of the line
    DUPLICATE, AMOUNT, TAX or PRICE of the paper   nothing of the paper

A charge belongs to the whole paper, so it waits for the last part. Tax goes with the lines, by
their share of the untaxed total; both are reckoned on what is released in all, so that the last
part takes what rounding left and no cent is lost. Source: domain rule D-06.
"""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.limits import PartRule, PartWay
from manciple.invoicing.part import Part, PartLine
from manciple.invoicing.result import MatchedLine
from manciple.invoicing.settlement import SettledLine, Settlement, settlement
from manciple.invoicing.variance import rounded
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity, total

_OF_QUANTITY = frozenset({HoldCode.QTY_RECEIVED, HoldCode.QTY_ORDERED})


Ways = Mapping[str, PartRule]
"""By invoice line; a line that is not there waits."""


def next_part(invoice: Invoice, ways: Ways, *, by: str, at: datetime) -> Part:
    """Give what may be paid of an invoice as it stands, whoever asks for it.

    Raises:
        Refused: it is a credit note; the paper as a whole is in doubt, or what it comes to is not
            known; nothing of it may go, or all of it would.
    """
    _require_parting(invoice)
    whole = _untaxed(invoice)
    lines = tuple(
        found
        for line in (() if invoice.match is None else invoice.match.lines)
        if (found := _freed(invoice, line, ways.get(line.line))) is not None
    )
    zero = Money.zero(invoice.currency)
    net = sum((line.amount for line in lines), zero)
    gone = sum((line.amount for part in invoice.parts for line in part.lines), zero)
    tax = invoice.tax if invoice.tax is not None else zero
    due_tax = _share(tax, gone + net, whole) - sum((part.tax for part in invoice.parts), zero)
    sum_ = net + due_tax
    rest = left(invoice) - sum_
    if not lines or sum_.amount <= 0 or rest.amount <= 0:
        waits = ", ".join(hold.name for hold in invoice.open_holds)
        raise refuse(
            "NOTHING_TO_RELEASE",
            f"nothing of {invoice.id} can be paid by itself while {waits} is open",
            field="invoice",
            rule="D-06",
            fix="see that the holds are cleared, or let policy part_release split the lines",
        )
    return Part(
        number=len(invoice.parts) + 1,
        lines=lines,
        charges=zero,
        tax=due_tax,
        total=sum_,
        is_last=False,
        at=at,
        by=by,
        rulings=tuple(dict.fromkeys(ways[line.line].ruling for line in lines)),
        discount=_discount(invoice, sum_),
    )


def part_that_goes_unasked(invoice: Invoice, ways: Ways, *, at: datetime) -> Part | None:
    """Give what policy lets go without anybody asking; None when that is nothing."""
    free = {line: rule for line, rule in ways.items() if not rule.is_asked}
    if not free or all(rule.way is PartWay.WAIT for rule in free.values()):
        return None
    try:
        return next_part(invoice, free, by="", at=at)
    except Refused:
        return None


def last_part(invoice: Invoice, *, at: datetime) -> Part:
    """Give all that is left of an invoice which nothing holds any more."""
    whole = settlement(invoice)
    zero = Money.zero(invoice.currency)
    lines = []
    for line in () if invoice.match is None else invoice.match.lines:
        quantity, amount = released(invoice, line)
        rest = PartLine(
            line=line.line,
            order=line.order,
            order_line=line.order_line,
            quantity=line.billed - quantity,
            amount=(line.amount if line.amount is not None else zero) - amount,
        )
        if rest.quantity or rest.amount.amount:
            lines.append(rest)
    offered = _offered(invoice)
    given = sum((part.discount for part in invoice.parts if part.discount is not None), zero)
    return Part(
        number=len(invoice.parts) + 1,
        lines=tuple(lines),
        charges=sum((each.amount for each in whole.charges), zero),
        tax=whole.tax - sum((part.tax for part in invoice.parts), zero),
        total=left(invoice),
        is_last=True,
        at=at,
        discount=None if offered is None else offered - given,
    )


def left(invoice: Invoice) -> Money:
    """Say how much of an invoice is not released yet."""
    zero = Money.zero(invoice.currency)
    return settlement(invoice).total - sum((part.total for part in invoice.parts), zero)


def released(invoice: Invoice, line: MatchedLine) -> tuple[Quantity, Money]:
    """Say how much of a line is released: in the base unit, and untaxed."""
    gone = [each for part in invoice.parts for each in part.lines if each.line == line.line]
    zero = Money.zero(invoice.currency)
    quantity = total((each.quantity for each in gone), line.billed.unit)
    return quantity, sum((each.amount for each in gone), zero)


def waiting(invoice: Invoice) -> tuple[PartLine, ...]:
    """Give what of each line is not released yet; nothing of lines that are wholly released."""
    return last_part(invoice, at=invoice.registered_at).lines


def is_gone(invoice: Invoice, line: str | None) -> bool:
    """Say whether all of a line is released; such a line is not held any more."""
    matched = () if invoice.match is None else invoice.match.lines
    found = next((each for each in matched if each.line == line), None)
    return found is not None and bool(found.billed) and released(invoice, found)[0] == found.billed


def settlement_of(invoice: Invoice, number: int) -> Settlement:
    """Give one part's figures, or with 0 those of the whole invoice."""
    if not number:
        return settlement(invoice)
    part = invoice.parts[number - 1]
    return Settlement(
        lines=tuple(
            SettledLine(
                order=line.order, line=line.order_line, quantity=line.quantity, amount=line.amount
            )
            for line in part.lines
        ),
        charges=settlement(invoice).charges if part.is_last else (),
        tax=part.tax,
        total=part.total,
    )


def breaches(invoice: Invoice) -> tuple[str, ...]:
    """Say what is wrong with an invoice's parts; nothing, by every rule there is.

    Each part adds up; no line is released beyond what it bills; the parts never exceed the
    invoice, and once it is payable they are the invoice, to the cent.
    """
    if not invoice.parts:
        return ()
    zero = Money.zero(invoice.currency)
    found = []
    for part in invoice.parts:
        reckoned = sum((line.amount for line in part.lines), part.charges + part.tax)
        if reckoned != part.total:
            found.append(f"part {part.number} states {part.total} and comes to {reckoned}")
    for line in () if invoice.match is None else invoice.match.lines:
        quantity, amount = released(invoice, line)
        if quantity > line.billed or amount > (line.amount or zero):
            found.append(f"line {line.line} bills {line.billed}; {quantity} were released")
    rest = left(invoice)
    if rest.amount < 0 or (invoice.is_settled and rest.amount):
        found.append(f"{invoice.state.value}, and {rest} is left beside its parts")
    if invoice.is_settled != invoice.parts[-1].is_last:
        found.append(f"{invoice.state.value}, and part {invoice.parts[-1].number} is its newest")
    return tuple(found)


# --- details


def _require_parting(invoice: Invoice) -> None:
    def no(code: str, text: str, fix: str) -> Refused:
        return refuse(code, text, field="invoice", rule="D-06", fix=fix)

    if invoice.credit:
        raise no("CREDIT_NOTE", f"{invoice.id} is a credit note", "it counts as a whole")
    doubts = [
        hold.name
        for hold in invoice.open_holds
        if hold.line is None and hold.code is not HoldCode.CHARGE
    ]
    if doubts:
        text = f"{', '.join(doubts)} is open: the paper as a whole is in doubt"
        raise no("PAPER_IN_DOUBT", text, "have the hold of the whole paper cleared first")
    matched = () if invoice.match is None else invoice.match.lines
    is_known = len(matched) == len(invoice.lines) and all(x.amount is not None for x in matched)
    if invoice.total is None and not is_known:
        text = f"what {invoice.id} comes to is not known: it states no total"
        raise no("TOTAL_UNKNOWN", text, "name the order line of every line first")


def _freed(invoice: Invoice, line: MatchedLine, rule: PartRule | None) -> PartLine | None:
    """Give what of one line may go; None when nothing may."""
    if line.amount is None or rule is None or rule.way is PartWay.WAIT:
        return None
    gone, paid = released(invoice, line)
    free = line.billed - _held(invoice, line, rule.way) - gone
    if free.value <= 0:
        return None
    until_now = _share(line.amount, gone + free, line.billed)
    return PartLine(
        line=line.line,
        order=line.order,
        order_line=line.order_line,
        quantity=free,
        amount=until_now - paid,
    )


def _held(invoice: Invoice, line: MatchedLine, way: PartWay) -> Quantity:
    """Say how much of a line its open holds keep: as much as is too much, or all of it."""
    holds = [hold for hold in invoice.open_holds if hold.line == line.line]
    if not holds:
        return Quantity.zero(line.billed.unit)
    if way is not PartWay.SPLIT or any(hold.code not in _OF_QUANTITY for hold in holds):
        return line.billed
    return max(_excess(hold, line) for hold in holds)


def _excess(hold: Hold, line: MatchedLine) -> Quantity:
    return line.billed if hold.quantity is None else hold.quantity


def _untaxed(invoice: Invoice) -> Money:
    whole = settlement(invoice)
    return whole.total - whole.tax


def _share(of: Money, part: Money | Quantity, whole: Money | Quantity) -> Money:
    """Give a share of a sum, rounded once; nothing of nothing."""
    over = Fraction(whole.amount if isinstance(whole, Money) else whole.value)
    if over <= 0:
        return Money.zero(of.currency)
    share = Fraction(part.amount if isinstance(part, Money) else part.value) / over
    return rounded(Fraction(of.amount) * share, of.currency)


def _offered(invoice: Invoice) -> Money | None:
    found = invoice.discount
    if found is None or found.lost is not None or found.until is None:
        return None
    return found.amount


def _discount(invoice: Invoice, sum_: Money) -> Money | None:
    """Give a part's share of the discount, as far as it can still be had."""
    offered = _offered(invoice)
    if offered is None:
        return None
    zero = Money.zero(invoice.currency)
    gone = sum((part.total for part in invoice.parts), zero)
    given = sum((part.discount for part in invoice.parts if part.discount is not None), zero)
    return _share(offered, gone + sum_, settlement(invoice).total) - given
