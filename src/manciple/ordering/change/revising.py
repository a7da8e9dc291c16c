"""Revising: the new revision of an order, what it posts and what it makes of each line.

    ordered 108, wanted 96   -> CANCELLED 12        ordered 108, wanted 120 -> ORDERED 12 more

What was ordered is never lowered; what was shipped or received is never taken back. The lines that
a revision touches wait for the supplier's answer again, the others keep theirs.
Source: domain rules P-01 and P-02.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from manciple.kernel.errors import refuse
from manciple.kernel.money import Money, MoneyError
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import (
    MOVES,
    Cancelled,
    OrderLine,
    OrderState,
    PurchaseOrder,
)
from manciple.ordering.revision import LineRevision, LineTerms, Revision
from manciple.ordering.sourcing import in_packs
from manciple.requisitioning.planned import sum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a line is to be from now on; a line of that number need not stand on the order yet."""

    line: str
    terms: LineTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an order changes.

    Attributes:
        change: the order change that leads to it; empty where there is none.
        proposed_at: when the supplier itself proposed just this; None when it did not.
        is_told: a paper of its own goes to the supplier.
    """

    by: str
    reason: str
    at: datetime
    change: str = ""
    proposed_at: datetime | None = None
    is_told: bool = True

    @property
    def is_agreed(self) -> bool:
        """Say whether the supplier's own proposal is taken as it stands, and not sent back."""
        return self.proposed_at is not None and not self.is_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A new revision of an order, with what it posts and what it gives up."""

    order: PurchaseOrder
    revision: Revision
    postings: tuple[Posting, ...]
    cancelled: tuple[Cancelled, ...]


def require_alive(order: PurchaseOrder, *, is_adopted: bool = False) -> None:
    """Let only an order be changed that the ERP has answered and that is not at its end.

    Prices that the supplier proposed may be agreed to when all has come, and is not yet billed.

    Raises:
        Refused: WRONG_STATE.
    """
    if OrderState.CANCELLED in MOVES[order.state]:
        return
    if is_adopted and order.state is OrderState.RECEIVED:
        return
    fix = (
        "try again when the ERP has answered"
        if order.state is OrderState.PLACED
        else "nothing of it is open any more: order anew"
    )
    raise refuse(
        "WRONG_STATE",
        f"{order.id} is {order.state.value} and can't be changed",
        field="order",
        rule="P-02",
        fix=fix,
    )


def gone(ledger: LineLedger) -> Quantity:
    """Say how much of a line was shipped or received, less what will be delivered again for it.

    No change may ask for less. Source: domain rule P-02.
    """
    moved_goods = max(ledger.total(Stage.SHIPPED), ledger.total(Stage.RECEIVED))
    return max(moved_goods - ledger.total(Stage.TO_BE_REPLACED), Quantity.zero(ledger.unit))


def least(ledger: LineLedger) -> Quantity:
    """Say what a line must at least ask for: what has gone its way, and what was short-closed."""
    return gone(ledger) + ledger.total(Stage.SHORT_CLOSED)


def stated_like(line: OrderLine, wanted: Quantity) -> Quantity:
    """State a quantity in the pack in which the line is ordered; in base units if it breaks one.

    Of a line ordered in cases of 12, 96 EA are 8 CA, and 100 EA stay 100 EA.
    """
    return in_packs(wanted, line.stated.unit, packs_of_item=line.packs)


def revise(
    order: PurchaseOrder,
    edits: Sequence[Edit],
    *,
    ledgers: Mapping[str, LineLedger],
    cause: Cause,
    added: Iterable[OrderLine] = (),
) -> Change:
    """Make the next revision of an order out of what its lines are to be.

    Raises:
        Refused: WRONG_STATE; BELOW_DELIVERED, less than was shipped or received is asked for;
            BAD_AMOUNT, no book could hold what it comes to.
    """
    require_alive(order, is_adopted=cause.proposed_at is not None)
    number = order.revision + 1
    new = {line.number: line for line in added}
    named = {edit.line: edit.terms for edit in edits}
    postings: list[Posting] = []
    lines: list[OrderLine] = []
    touched: list[LineRevision] = []
    for line in (*order.lines, *new.values()):
        terms = line.terms if line.number in new else named.get(line.number)
        if terms is None:
            lines.append(line)
            continue
        ledger = ledgers.get(line.number) or LineLedger(line=line.number, unit=line.base_unit)
        before = None if line.number in new else replace(line.terms, wanted=ledger.wanted)
        _require_room(order, line, terms.wanted, ledger)
        posting = _step(order, line, number, terms.wanted - ledger.wanted, cause)
        if posting is not None:
            postings.append(posting)
        is_raised = posting is not None and posting.stage is Stage.ORDERED and before is not None
        grown = replace(line, base=line.base + posting.quantity) if is_raised and posting else line
        lines.append(_touched(grown, number, terms, cause, is_new=before is None))
        touched.append(LineRevision(line=line.number, before=before, after=terms))
    revision = Revision(
        number=number,
        at=cause.at,
        by=cause.by,
        reason=cause.reason,
        lines=tuple(touched),
        change=cause.change,
        is_told=cause.is_told,
        delivered_at=cause.proposed_at if cause.is_agreed else None,
    )
    after = _after(tuple(lines), ledgers, postings)
    revised = replace(
        order,
        revision=number,
        revisions=(*order.revisions, revision),
        lines=tuple(lines),
        total=_worth(order, lines, after),
        baseline=first_committed(order),
    )
    return Change(
        order=_moved_on(revised, after, cause),
        revision=revision,
        postings=tuple(postings),
        cancelled=tuple(
            Cancelled(line=each.line, quantity=each.quantity)
            for each in postings
            if each.stage is Stage.CANCELLED
        ),
    )


def first_committed(order: PurchaseOrder) -> Money:
    """Give the baseline: what was first approved, or approved anew as a whole since."""
    if order.baseline is not None:
        return order.baseline
    worth = Money.zero(order.currency)
    for line in order.lines:
        worth = worth + line.worth(line.base)
    return worth + sum_of((each for each in order.planned if each.revision == 1), order.currency)


def _require_room(
    order: PurchaseOrder, line: OrderLine, wanted: Quantity, ledger: LineLedger
) -> None:
    lowest = least(ledger)
    if wanted >= lowest:
        return
    raise refuse(
        "BELOW_DELIVERED",
        f"{wanted} is less than the {lowest} that were shipped or received on {order.id}"
        f" line {line.number}",
        field=f"lines.{line.number}.quantity",
        rule="P-02",
        fix=f"ask for {lowest} or more; what came can be returned",
    )


def _step(
    order: PurchaseOrder, line: OrderLine, number: int, step: Quantity, cause: Cause
) -> Posting | None:
    """Give the posting that brings a line to what is wanted: more ordered, or some cancelled."""
    if not step:
        return None
    quantity = max(step, -step)
    return Posting(
        stage=Stage.ORDERED if step.value > 0 else Stage.CANCELLED,
        line=line.number,
        quantity=quantity,
        stated=stated_like(line, quantity),
        source=f"order/{order.id}/{line.number}/revision {number}",
        reason=cause.reason,
        effective=cause.at.date(),
    )


def _touched(
    line: OrderLine, number: int, terms: LineTerms, cause: Cause, *, is_new: bool
) -> OrderLine:
    """Give a line at its new terms; unless the supplier proposed them, it waits for an answer."""
    answer = line.answer
    kept = replace(answer, revision=number) if answer and cause.is_agreed else None
    if terms.needed_by != line.needed_by and not cause.is_agreed:
        line = replace(line, promise=None, promise_at=())
    return replace(
        line,
        revision=number,
        answer=kept,
        is_given_up=terms.wanted.value <= 0,
        asked=None if is_new else terms.stated,
        price=terms.price,
        needed_by=terms.needed_by,
    )


def _after(
    lines: tuple[OrderLine, ...], ledgers: Mapping[str, LineLedger], postings: Iterable[Posting]
) -> Mapping[str, LineLedger]:
    found = {
        line.number: ledgers.get(line.number) or LineLedger(line=line.number, unit=line.base_unit)
        for line in lines
    }
    for posting in postings:
        found[posting.line] = found[posting.line].post(posting)
    return found


def _worth(
    order: PurchaseOrder, lines: Iterable[OrderLine], after: Mapping[str, LineLedger]
) -> Money:
    """Add up what the lines ask for at their present prices."""
    worth = Money.zero(order.currency)
    try:
        for line in lines:
            worth = worth + line.worth(after[line.number].wanted)
    except MoneyError as problem:
        raise refuse("BAD_AMOUNT", str(problem), field="lines", fix="order less") from problem
    return worth


def _moved_on(
    order: PurchaseOrder, after: Mapping[str, LineLedger], cause: Cause
) -> PurchaseOrder:
    if all(ledger.wanted.value <= 0 for ledger in after.values()):
        return replace(moved(order, OrderState.CANCELLED), reason=cause.reason)
    if all(ledger.open_to_receive.value <= 0 for ledger in after.values()):
        return moved(order, OrderState.RECEIVED)
    if order.is_answered:
        return replace(order, acknowledged_revision=order.revision)
    return order
