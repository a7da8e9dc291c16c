"""What events do to an invoice's life."""

from collections.abc import Callable, Mapping

from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.freight import CODE
from manciple.intelligence.metrics.invoice import BilledLife, InvoiceLife
from manciple.intelligence.metrics.need import NeedLife
from manciple.intelligence.metrics.order import OrderLife
from manciple.intelligence.metrics.told import Told, millionths, unit_of
from manciple.kernel.records import replace

Step = Callable[[Told, Book], None]


def _registered(told: Told, book: Book) -> None:
    """A paper came; one that is on no order, a duplicate say, is of the need whose it speaks."""
    order = book.get(OrderLife, f"purchase-order/{told.text('order')}")
    whose = order or book.get(NeedLife, told.text("thread"))
    life = InvoiceLife(
        invoice=told.text("invoice"),
        site=whose.site if whose else "",
        supplier=told.text("supplier"),
        goods_of=order.supplier if order else told.text("supplier"),
        flow=whose.flow if whose else "",
        is_credit=told.data.get("credit") is True,
        lines=tuple(
            BilledLife(
                line=row["line"],
                amount=millionths(row.get("amount")),
                currency=unit_of(row.get("amount")),
            )
            for row in told.rows("lines")
        ),
    )
    book.put(told.stream, life, told)


def _matched(told: Told, book: Book) -> None:
    """A look at the invoice: clean, or its holds are told by the event after this one."""
    life = book.get(InvoiceLife, told.stream)
    if life is None:
        return
    is_clean = told.data.get("clean") is True
    looked_at = told.at if life.looked_at is None else life.looked_at
    life = replace(life, looked_at=looked_at, awaits_holds=life.looked_at is None and not is_clean)
    if is_clean:
        life = _passed(life, told.at, set())
    book.put(told.stream, life, told)


def _passed(life: InvoiceLife, at: int, held: set[str]) -> InvoiceLife:
    """Note the lines that no hold is on any more."""
    lines = tuple(
        replace(line, passed_at=at) if line.line not in held and line.passed_at is None else line
        for line in life.lines
    )
    return replace(life, lines=lines)


def _held(told: Told, book: Book) -> None:
    """The open holds of a look: a line's own, and those of the paper as a whole."""
    life = book.get(InvoiceLife, told.stream)
    if life is None or life.looked_at is None:
        return
    codes: dict[str, set[str]] = {line.line: set() for line in life.lines}
    for hold in told.rows("holds"):
        named = hold.get("line")
        for line in [*codes] if named is None else [named]:
            codes.setdefault(line, set()).add(hold["code"])
    is_first = life.awaits_holds
    lines = tuple(
        replace(line, first_holds=tuple(sorted(codes[line.line])))
        if is_first
        else _later(line, codes[line.line])
        for line in life.lines
    )
    life = replace(life, lines=lines, awaits_holds=False)
    held = {line for line, found in codes.items() if found}
    book.put(told.stream, _passed(life, told.at, held), told)


def _later(line: BilledLife, codes: set[str]) -> BilledLife:
    added = {*line.later_holds, *codes} - set(line.first_holds)
    return replace(line, later_holds=tuple(sorted(added)))


def _released(told: Told, book: Book) -> None:
    life = book.get(InvoiceLife, told.stream)
    if life is None:
        return
    named = told.data.get("line")
    lines = tuple(
        replace(line, is_released=True) if named in {None, line.line} else line
        for line in life.lines
    )
    book.put(told.stream, replace(life, lines=lines), told)


def _payable(told: Told, book: Book) -> None:
    """It may be paid, and with it the freight that it bills; none billed is none known."""
    life = book.get(InvoiceLife, told.stream)
    rows = [row for row in told.rows("charges") if row["code"] == CODE]
    if life is None or not rows:
        return
    freight = sum(millionths(row["amount"]) or 0 for row in rows)
    life = replace(
        life,
        freight=-freight if life.is_credit else freight,
        freight_unit=unit_of(rows[0]["amount"]),
        payable_at=told.at,
    )
    book.put(told.stream, life, told)


INVOICE_STEPS: Mapping[str, Step] = {
    "InvoiceRegistered": _registered,
    "InvoiceMatched": _matched,
    "InvoiceHeld": _held,
    "HoldReleased": _released,
    "InvoicePayable": _payable,
}
"""By event type, what it does to an invoice."""
