"""From a partner's paper to acts: what it means to us, or why it can't mean anything.

    acknowledgment -> RecordAcknowledgment       invoice -> RegisterInvoice
    ship notice    -> RecordShipNotice, one for each order that it speaks of

A paper that names no order, or a unit that nobody can know, is refused here with the reason; the
caller puts it in quarantine. Nothing is guessed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from manciple.catalog.item import ItemId, ItemScheme
from manciple.exchange.mapping.document import (
    AnswerWord,
    DocumentKind,
    HeaderWord,
    PartnerDocument,
    PartnerLine,
    StatedAnswer,
    StatedCharge,
    StatedItem,
    StatedPrice,
    StatedQuantity,
    StatedReference,
)
from manciple.invoicing.invoice import (
    Charge,
    InvoicedLine,
    RegisterInvoice,
    StatedTax,
    Treatment,
)
from manciple.kernel.errors import MancipleError, refuse
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.supplying.acknowledgment import (
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    RecordAcknowledgment,
)
from manciple.supplying.ship_notice import RecordShipNotice, ShippedLine

_SCHEMES = {
    "vendor": ItemScheme.SUPPLIER,
    "buyer": ItemScheme.BUYER,
    "upc": ItemScheme.GTIN,
    "ean": ItemScheme.GTIN,
    "gtin": ItemScheme.GTIN,
    "manufacturer": ItemScheme.MANUFACTURER,
}
_HEADERS = {
    HeaderWord.ACCEPT: Header.ACCEPT,
    HeaderWord.DETAIL: Header.DETAIL,
    HeaderWord.EXCEPTIONS: Header.EXCEPTIONS,
    HeaderWord.REJECT: Header.REJECT,
    HeaderWord.COUNTER: Header.COUNTER,
    HeaderWord.HOLD: Header.HOLD,
}
_ARRIVES = frozenset({"delivery_estimated", "delivery_scheduled", "delivery_promised", "delivered",
                      "delivery_requested", "required"})  # fmt: skip
"""Kinds of date that say when goods are here; a ship date says something else."""
_STATED = frozenset({DocumentKind.ACKNOWLEDGMENT, DocumentKind.SHIP_NOTICE, DocumentKind.INVOICE})
"""Papers whose purpose is their own; an 865 says 01 of the change that it answers."""
_NO_STATEMENT = {
    "01": "a cancellation",
    "03": "a deletion",
    "13": "a request",
    "16": "a proposal",
    "17": "a cancellation, to be issued anew",
    "24": "a draft",
    "27": "a request to verify",
    "28": "a query",
    "77": "an exercise",
}
"""Purposes of a paper that states nothing new. Source: X12 004010, element 353."""
_TAX = "tax"
_NONE_COMES = frozenset({AnswerWord.REJECT, AnswerWord.BACKORDER_FULL})
"""Answers with a zero quantity by some suppliers' habit: so many come now, not so many refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose paper it is, and where it stands.

    Attributes:
        currency: the supplier's own, for papers that state none.
        sites: the sites whose goods the sender keeps.
        place: the message's place in its file, ``855/0001``.
    """

    supplier: str
    currency: Currency
    source: str
    place: str
    sent_at: datetime | None = None
    sites: tuple[str, ...] = ()


def statements(paper: PartnerDocument, sender: Sender) -> tuple[object, ...]:
    """Give the acts that a paper means; none for a kind that asks nothing of us.

    Raises:
        Refused: NOT_A_STATEMENT, NO_ORDER_NUMBER, NO_NUMBER, NO_QUANTITY, UOM_UNKNOWN,
            CURRENCY_UNKNOWN, BAD_VALUE.
    """
    if paper.kind in _STATED:
        _require_statement(paper)
    try:
        match paper.kind:
            case DocumentKind.ACKNOWLEDGMENT | DocumentKind.CHANGE_ACKNOWLEDGMENT:
                return (_acknowledgment(paper, sender),)
            case DocumentKind.SHIP_NOTICE:
                return _ship_notices(paper, sender)
            case DocumentKind.INVOICE:
                return (_invoice(paper, sender),)
            case _:
                return ()
    except (ArithmeticError, ValueError) as problem:
        raise refuse("BAD_VALUE", f"a value can't be used: {problem}") from problem


def _require_statement(paper: PartnerDocument) -> None:
    """Let nothing pass that takes a paper back or only talks of one: to read it as a new one errs.

    Raises:
        Refused: NOT_A_STATEMENT.
    """
    meaning = _NO_STATEMENT.get(paper.purpose or "")
    if meaning is not None:
        raise refuse(
            "NOT_A_STATEMENT",
            f"the {_named(paper)} is {meaning} (purpose {paper.purpose})",
            field="purpose",
            fix="Ask the supplier what stands, and settle it by hand: nothing of it was taken.",
        )


def _named(paper: PartnerDocument) -> str:
    """Name a paper as people do: ship notice S-1."""
    return f"{paper.kind.value.replace('_', ' ')} {paper.number or ''}".strip()


def order_number(paper: PartnerDocument) -> str:
    """Give the order that a paper speaks of; one that names none is refused."""
    if not paper.orders:
        raise refuse(
            "NO_ORDER_NUMBER",
            f"the {_named(paper)} names no order of ours",
            field="orders",
            fix="Ask the supplier to repeat our order number.",
        )
    return paper.orders[0]


def _currency(paper: PartnerDocument, sender: Sender) -> Currency:
    if paper.currency is None:
        return sender.currency
    try:
        return Currency(paper.currency.strip().upper())
    except ValueError as problem:
        raise refuse(
            "CURRENCY_UNKNOWN",
            f"{paper.currency} is no ISO 4217 currency",
            field="currency",
            fix="Ask the supplier for the right code.",
        ) from problem


def quantity_of(stated: StatedQuantity, *, unit: Unit | None = None) -> Quantity:
    """Make a quantity of what was stated; a unit that nobody told us is refused."""
    known = stated.canonical or (unit if stated.unit is None else None)
    if known is None:
        raise refuse(
            "UOM_UNKNOWN",
            f"{stated.value} {stated.unit or 'of no unit'}: nobody told us what unit that is",
            field="quantity.unit",
            rule="D-11",
            fix="Add the unit to the partner's overlay, then read the file again.",
        )
    try:
        return Quantity(stated.value, known)
    except MancipleError as problem:
        raise refuse("BAD_VALUE", str(problem), field="quantity") from problem


def _price(
    stated: StatedPrice | None, currency: Currency, unit: Unit | None, *, field: str
) -> Price | None:
    """Make a price; one whose basis nobody can know is not stated."""
    if stated is None or stated.per is None:
        return None
    per_unit = stated.per.canonical or (unit if stated.per.unit is None else None)
    if per_unit is None or stated.per.value <= 0:
        return None
    try:
        return Price(Money(stated.amount, currency), Quantity(stated.per.value, per_unit))
    except MancipleError as problem:
        raise refuse("BAD_VALUE", str(problem), field=field) from problem


def items_of(stated: tuple[StatedItem, ...]) -> tuple[ItemId, ...]:
    """Give an item's numbers with whose they are."""
    return tuple(ItemId(_SCHEMES.get(s.scheme, ItemScheme.OTHER), s.id) for s in stated)


# ---- acknowledgments --------------------------------------------------------------------------


def _acknowledgment(paper: PartnerDocument, sender: Sender) -> RecordAcknowledgment:
    currency = _currency(paper, sender)
    order = order_number(paper)
    return RecordAcknowledgment(
        order=order,
        supplier=sender.supplier,
        number=paper.number,
        revision=_revision(paper),
        is_change=paper.kind is DocumentKind.CHANGE_ACKNOWLEDGMENT,
        header=_HEADERS.get(paper.answer, Header.NONE) if paper.answer else Header.NONE,
        lines=tuple(_answered(line, currency) for line in paper.lines),
        issued=paper.day("issued"),
        source=sender.source,
        place=sender.place,
        sent_at=sender.sent_at,
    )


def _revision(paper: PartnerDocument) -> int | None:
    """Give the revision that is answered, where the supplier repeats our number of it."""
    version = (each.value for each in paper.references if each.kind == "version")
    said = (paper.change or next(version, "")).strip()
    return int(said) if said.isascii() and said.isdigit() else None


def _answered(line: PartnerLine, currency: Currency) -> AnsweredLine:
    stated = line.quantity or line.ordered
    ordered = quantity_of(stated) if stated else None
    unit = ordered.unit if ordered else None
    answers = tuple(_answer(each, currency, unit) for each in line.answers)
    return AnsweredLine(
        line=line.line,
        items=items_of(line.items),
        answers=answers,
        ordered=ordered,
        price=_price(line.price, currency, unit, field=f"lines.{line.line}.price"),
    )


def _answer(stated: StatedAnswer, currency: Currency, unit: Unit | None) -> LineAnswer:
    arrives = stated.day if stated.kind in _ARRIVES else None
    substitute = stated.substitute[0].id if stated.substitute else None
    if stated.status is AnswerWord.UNKNOWN:
        raise refuse(
            "UNKNOWN_CODE",
            f"the answer code {stated.code} is not known to us",
            field="ACK01",
            rule="P-03",
            fix="Add the code to the partner's overlay, then read the file again.",
        )
    quantity = quantity_of(stated.quantity, unit=unit) if stated.quantity else None
    if stated.status in _NONE_COMES and not quantity:
        quantity = None
    return LineAnswer(
        status=AnswerStatus(stated.status.value),
        quantity=quantity,
        price=_price(stated.price, currency, unit, field="answer.price"),
        promised=arrives,
        substitute=substitute,
    )


# ---- ship notices -----------------------------------------------------------------------------


def _ship_notices(paper: PartnerDocument, sender: Sender) -> tuple[RecordShipNotice, ...]:
    fallback = order_number(paper)
    if paper.number is None:
        raise refuse(
            "NO_NUMBER",
            "the ship notice has no number of its own",
            field="number",
            fix="Ask the supplier to send BSN02: without it a repeat can't be told from a second.",
        )
    by_order: dict[str, list[ShippedLine]] = {}
    for line in paper.lines:
        if line.quantity is None:
            raise refuse(
                "NO_QUANTITY",
                f"line {line.line} of shipment {paper.number} states no quantity shipped",
                field="quantity",
                fix="Ask the supplier to send SN102.",
            )
        shipped = ShippedLine(
            line=line.line,
            items=items_of(line.items),
            quantity=quantity_of(line.quantity),
            packages=line.packages,
        )
        by_order.setdefault(line.order or fallback, []).append(shipped)
    return tuple(
        RecordShipNotice(
            order=order,
            supplier=sender.supplier,
            shipment=paper.number,
            shipped=paper.day("shipped") or paper.day("issued"),
            expected=_expected(paper),
            carrier=paper.carrier,
            lines=tuple(lines),
            source=sender.source,
            place=sender.place,
            sent_at=sender.sent_at,
        )
        for order, lines in by_order.items()
    )


def _expected(paper: PartnerDocument) -> date | None:
    return next((each.day for each in paper.dates if each.kind in _ARRIVES), None)


# ---- invoices ---------------------------------------------------------------------------------


def _invoice(paper: PartnerDocument, sender: Sender) -> RegisterInvoice:
    currency = _currency(paper, sender)
    dated = paper.day("issued") or paper.day("invoice")
    if paper.number is None or dated is None:
        raise refuse(
            "NO_NUMBER",
            "the invoice has no number or no date",
            field="number",
            rule="D-17",
            fix="Ask the supplier for a complete invoice.",
        )
    stated = (*paper.charges, *(each for line in paper.lines for each in line.charges))
    taxes = _taxes(paper, currency)
    return RegisterInvoice(
        supplier=sender.supplier,
        number=paper.number,
        date=dated,
        order=paper.orders[0] if paper.orders else None,
        currency=currency,
        lines=tuple(_billed(paper, line, n, currency) for n, line in enumerate(paper.lines, 1)),
        charges=tuple(
            charge for each in stated if (charge := _charge(each, paper, currency)) is not None
        ),
        tax=sum((each.amount for each in taxes), Money.zero(currency)) if taxes else None,
        taxes=taxes,
        total=_total(paper, currency),
        credit=paper.is_credit,
        source=sender.source,
        place=sender.place,
    )


def _billed(
    paper: PartnerDocument, line: PartnerLine, place: int, currency: Currency
) -> InvoicedLine:
    number = line.line or str(place)
    if line.quantity is None:
        raise refuse(
            "NO_QUANTITY",
            f"line {number} of the invoice states no quantity",
            field=f"lines.{number}.quantity",
            fix="Ask the supplier for IT102.",
        )
    quantity = quantity_of(line.quantity)
    price = _price(line.price, currency, quantity.unit, field=f"lines.{number}.price")
    if price is None:
        raise refuse(
            "NO_PRICE",
            f"line {number} of the invoice states no price, or one per an unknown unit",
            field=f"lines.{number}.price",
            fix="Ask the supplier for IT104 and IT105.",
        )
    if paper.is_credit:
        quantity = max(quantity, -quantity)
    return InvoicedLine(
        number=number,
        order=line.order,
        line=line.line,
        items=items_of(line.items),
        quantity=quantity,
        price=price,
        delivery=_delivery(line.references) or _delivery(paper.references),
    )


def _delivery(references: tuple[StatedReference, ...]) -> str | None:
    """Give the one shipment that is named; several name none that could be meant."""
    named = {each.value for each in references if each.kind == "shipment"}
    return named.pop() if len(named) == 1 else None


def _charge(stated: StatedCharge, paper: PartnerDocument, currency: Currency) -> Charge | None:
    """Make a charge; one on a credit note is given back, so its figure is positive there."""
    if stated.amount is None or _is_tax(stated):
        return None
    amount = abs(stated.amount) if paper.is_credit else stated.amount
    return Charge(
        code=stated.word or stated.kind,
        description=stated.text or stated.code or stated.kind,
        amount=Money(-amount if stated.kind == "allowance" else amount, currency),
    )


def _total(paper: PartnerDocument, currency: Currency) -> Money | None:
    """The stated total; a credit note's figures are positive here, whatever sign it wrote."""
    stated = paper.totals.amount
    if stated is None:
        return None
    return Money(abs(stated) if paper.is_credit else stated, currency)


def _taxes(paper: PartnerDocument, currency: Currency) -> tuple[StatedTax, ...]:
    """Give the taxes one by one, as written; a rate without an amount states none.

    Each counts once. ``H850`` is a sum whose parts stand in TXI segments beside it, where there
    are any; and a summary that comes to what the lines state says the same again. Source: X12
    004010, 810: TXI and SAC of the IT1 and the TDS loops, element 1300.
    """
    whole = _taxes_beside(paper.charges)
    of_lines = [each for line in paper.lines for each in _taxes_beside(line.charges)]
    if whole and of_lines and _sum(whole) == _sum(of_lines) != 0:
        whole = []
    return tuple(_tax(each, paper, currency) for each in (*whole, *of_lines))


def _taxes_beside(stated: Sequence[StatedCharge]) -> list[StatedCharge]:
    """Give the taxes of one place of a paper: in parts where it tells them, else their sum."""
    known = [each for each in stated if _is_tax(each) and each.amount is not None]
    return [each for each in known if each.kind == _TAX] or known


def _sum(taxes: Sequence[StatedCharge]) -> Decimal:
    return sum((each.amount or Decimal(0) for each in taxes), Decimal(0))


def _is_tax(stated: StatedCharge) -> bool:
    """Say whether something is a tax, or a charge that is named as one."""
    return stated.kind == _TAX or (stated.kind == "charge" and stated.word == _TAX)


def _tax(stated: StatedCharge, paper: PartnerDocument, currency: Currency) -> StatedTax:
    amount = stated.amount or Decimal(0)
    return StatedTax(
        amount=Money(abs(amount) if paper.is_credit else amount, currency),
        rate=stated.rate,
        treatment=Treatment.EXEMPT if stated.exemption else Treatment.RATED,
        base=None if stated.base is None else Money(stated.base, currency),
        code=stated.exemption,
        name=stated.code or "",
    )
