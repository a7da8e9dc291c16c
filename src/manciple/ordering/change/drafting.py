"""Drafting a change: from what is wanted to the revision that it would make, and who must agree.

The same function makes the change and the preview before it; nothing is written here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from manciple.approvals.directory import Peek
from manciple.approvals.reapproval import (
    Committed,
    CommittedLine,
    Limit,
    Reapproval,
    ReapprovalTest,
    reapproval,
)
from manciple.approvals.request import CategoryAmount
from manciple.catalog.agreement import Agreement, agreement_id
from manciple.catalog.item import Item
from manciple.catalog.supplier import Supplier
from manciple.kernel.days import require_near
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.kernel.tolerance import Mode, Tolerance
from manciple.ordering.change.order_change import ChangeOrder, LineChange
from manciple.ordering.change.remainder import named
from manciple.ordering.change.revising import (
    Cause,
    Change,
    Edit,
    first_committed,
    least,
    require_alive,
    revise,
    stated_like,
)
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import MOST, OrderLine, PurchaseOrder
from manciple.ordering.revision import LineTerms, terms_at
from manciple.ordering.sourcing import order_line
from manciple.policy.register import Register
from manciple.policy.ruling import PolicyError
from manciple.requisitioning.drafting import priced_lines
from manciple.requisitioning.planned import PlannedCharge, is_amount, is_code
from manciple.requisitioning.pricing import Terms
from manciple.requisitioning.requisition import RequestedLine

TABLE = "reapproval"
NOTICES = "change_notice"
FLOW = "direct"
"""The flow whose rules price an added line."""
_MOST_LINES = 500
_LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDraft:
    """What a change would make of an order, and whether people must agree to it."""

    change: Change
    before: Money
    after: Money
    shares: tuple[CategoryAmount, ...]
    reapproval: Reapproval


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes drafts, with the policy that it asks."""

    register: Register

    def draft(
        self,
        order: PurchaseOrder,
        act: ChangeOrder,
        *,
        ledgers: Mapping[str, LineLedger],
        peek: Peek,
        cause: Cause,
    ) -> ChangeDraft:
        """Make the revision that is wanted, and test what it commits.

        Raises:
            Refused: the order's life does not allow it, or with every fault of every line.
        """
        require_alive(order, is_adopted=cause.proposed_at is not None)
        _check(order, act)
        _require_biller(act, peek)
        edits = tuple(_edits(order, act, ledgers, cause))
        added = _added(order, act, peek, cause)
        change = revise(order, edits, ledgers=ledgers, cause=cause, added=added)
        change = replace(change, order=_charged(change.order, act))
        after = committed(change.order, {line.number: line.terms for line in change.order.lines})
        found = reapproval(
            baseline=_baseline(order),
            last=_last(order, ledgers),
            after=after,
            limit=lambda test, category: self._limit(test, category, order.supplier, cause.at),
        )
        return ChangeDraft(
            change=change,
            before=order.committed,
            after=change.order.committed,
            shares=_shares(change.order),
            reapproval=found,
        )

    def is_sent_back(
        self, order: PurchaseOrder, act: ChangeOrder, cause: str, at: datetime
    ) -> bool:
        """Say whether a supplier's own proposal is sent back to be confirmed; silence is yes."""
        for each in act.lines:
            line = order.line(each.line)
            facts = {
                "cause": cause,
                "category": line.category if line else "",
                "supplier": order.supplier,
            }
            try:
                ruling = self.register.decide(NOTICES, facts, at=at)
            except PolicyError:
                return True
            if ruling.held or ruling.text("confirm") == "yes":
                return True
        return False

    def _limit(self, test: ReapprovalTest, category: str, supplier: str, at: datetime) -> Limit:
        """Ask policy how far a figure may rise; where it is silent, nothing may."""
        facts = {"test": test.value, "category": category, "supplier": supplier}
        try:
            ruling = self.register.decide(TABLE, facts, at=at)
        except PolicyError as problem:
            return Limit(tolerance=Tolerance(), cite=f"the policy can't be asked: {problem}")
        if ruling.held:
            return Limit(tolerance=Tolerance(), cite=ruling.cite())
        tolerance = Tolerance(
            percent_upper=ruling.decimal("percent_upper"),
            absolute_upper=ruling.decimal("absolute_upper"),
            mode=Mode(ruling.text("mode")),
        )
        return Limit(tolerance=tolerance, cite=ruling.cite())


# ---- what is wanted ---------------------------------------------------------------------------


def _check(order: PurchaseOrder, act: ChangeOrder) -> None:
    if not 0 < len(act.reason.strip()) <= _LONGEST_REASON:
        message = f"a reason of 1 to {_LONGEST_REASON} characters is wanted"
        raise refuse("REASON", message, field="reason", rule="P-02", fix="say why it changes")
    if act.cancel and (act.lines or act.add):
        raise refuse(
            "CANCEL_ALONE",
            "an order that is cancelled can't be changed line by line in the same breath",
            field="cancel",
            fix="leave the lines out, or cancel them one by one",
        )
    if not (act.cancel or act.lines or act.add or act.added_cost):
        raise refuse("NO_CHANGE", "nothing is to be changed", field="lines", fix="name a line")
    if len(act.add) + len(order.lines) > _MOST_LINES:
        message = f"an order has at most {_MOST_LINES} lines"
        raise refuse("TOO_MANY_LINES", message, field="add", fix="order anew")
    cost = act.added_cost
    if cost is not None and (cost.currency is not order.currency or not is_amount(cost)):
        raise refuse(
            "ADDED_COST",
            f"{cost.amount:f} {cost.currency.value} can't be the cost of a change: above zero in "
            f"{order.currency.value}, in whole minor units",
            field="added_cost",
            fix="state what the supplier charges, or leave it out",
        )
    if cost is None and act.added_cost_by is not None:
        raise refuse(
            "ADDED_COST",
            f"{act.added_cost_by[:80]} would bill a charge, and nobody said what it costs",
            field="added_cost",
            rule="D-09",
            fix="state what is expected, or leave out who bills it",
        )
    if not is_code(act.added_cost_code):
        raise refuse(
            "CHARGE_CODE",
            f"{act.added_cost_code[:40]!r} is no name of a charge",
            field="added_cost_code",
            rule="D-09",
            fix="one word in small letters: freight, duty, fee",
        )
    named(order, tuple(each.line for each in act.lines))
    seen: set[str] = set()
    for each in act.lines:
        if each.line in seen:
            text = f"line {each.line} is given twice"
            raise refuse("LINE_TWICE", text, field=f"lines.{each.line}", fix="say it once")
        seen.add(each.line)


def _require_biller(act: ChangeOrder, peek: Peek) -> None:
    """Let only somebody bill a charge whom we could pay."""
    if act.added_cost_by is not None and peek(Supplier, act.added_cost_by) is None:
        raise refuse(
            "SUPPLIER_UNKNOWN",
            f"there is no supplier {act.added_cost_by[:80]!r}, who would bill it",
            field="added_cost_by",
            rule="D-09",
            fix="register the carrier or broker as a supplier first",
        )


def concerns_supplier(order: PurchaseOrder, act: ChangeOrder) -> bool:
    """Say whether a change is of anything that the order's supplier delivers or bills."""
    is_of_goods = act.cancel or act.lines or act.add
    return bool(is_of_goods) or act.added_cost_by in {None, order.supplier}


def _edits(
    order: PurchaseOrder,
    act: ChangeOrder,
    ledgers: Mapping[str, LineLedger],
    cause: Cause,
) -> Iterable[Edit]:
    """Give what the lines are to be; a line that stays as it is, is no change."""
    wanted = {each.line: each for each in act.lines}
    faults: list[Reason] = []
    edits = []
    for line in order.lines:
        asked = (
            LineChange(line=line.number, cancel=True) if act.cancel else wanted.get(line.number)
        )
        if asked is None:
            continue
        ledger = ledgers[line.number]
        before = replace(line.terms, wanted=ledger.wanted)
        try:
            after = _terms(line, asked, ledger, before, cause)
        except Refused as refused:
            faults += refused.reasons
            continue
        if after.wanted != before.wanted or after != replace(line.terms, wanted=after.wanted):
            edits.append(Edit(line=line.number, terms=after))
    if faults:
        raise Refused(*faults)
    if not edits and not act.add and act.added_cost is None:
        raise refuse(
            "NO_CHANGE",
            f"{order.id} stands as wanted already",
            field="lines",
            fix="leave it, or state another quantity, price or day",
        )
    return edits


def _terms(
    line: OrderLine, asked: LineChange, ledger: LineLedger, before: LineTerms, cause: Cause
) -> LineTerms:
    where = f"lines.{line.number}"
    wanted, stated = before.wanted, before.stated
    if asked.cancel and (asked.quantity or asked.price or asked.needed_by):
        text = f"line {line.number} is cancelled: there is nothing else to change on it"
        raise refuse("CANCEL_ALONE", text, field=where, fix="leave the rest out")
    if asked.cancel:
        wanted = least(ledger)
        stated = stated_like(line, wanted)
    elif asked.quantity is not None:
        wanted = _wanted(line, asked.quantity, where)
        stated = stated_like(line, wanted)
    if asked.price is not None:
        _check_price(line, asked, where)
    if asked.needed_by is not None and asked.needed_by != line.needed_by:
        _check_day(asked.needed_by, cause, where)
    return LineTerms(
        wanted=wanted,
        stated=stated,
        price=asked.price or before.price,
        needed_by=asked.needed_by or before.needed_by,
    )


def _wanted(line: OrderLine, quantity: Quantity, where: str) -> Quantity:
    """Give a quantity in base units if it makes whole packs of the line's own."""
    try:
        base = line.to_base(quantity)
    except Refused as refused:
        raise Refused(
            *(replace(each, field=f"{where}.quantity") for each in refused.reasons)
        ) from refused
    if not 0 <= base.value <= MOST:
        text = f"{quantity} can't be ordered: zero to {MOST:f} is wanted"
        raise refuse("BAD_QUANTITY", text, field=f"{where}.quantity", fix="state another quantity")
    unit = line.stated.unit
    if base and unit is not line.base_unit and stated_like(line, base).unit is not unit:
        one = line.to_base(Quantity(Decimal(1), unit))
        less = base.value // one.value * one.value
        text = f"{base} breaks a pack: line {line.number} is ordered in {unit.value} of {one}"
        fix = f"ask for {less:f} or {less + one.value:f} {base.unit.value}"
        raise refuse("BROKEN_PACK", text, field=f"{where}.quantity", rule="D-11", fix=fix)
    return base


def _check_price(line: OrderLine, asked: LineChange, where: str) -> None:
    price = asked.price
    assert price is not None
    if price.money.currency is not line.price.money.currency or price.money.amount < 0:
        raise refuse(
            "BAD_PRICE",
            f"{price} can't be the price: zero or more in {line.price.money.currency.value}",
            field=f"{where}.price",
            fix="state it in the order's currency",
        )
    try:
        line.price_in_base(price)
    except Refused as refused:
        raise Refused(
            *(replace(each, field=f"{where}.price") for each in refused.reasons)
        ) from refused


def _check_day(day: date, cause: Cause, where: str) -> None:
    if cause.proposed_at is None and day < cause.at.date():
        raise refuse(
            "BAD_DATE",
            f"{day} is over",
            field=f"{where}.needed_by",
            fix="name today or a later day",
        )
    require_near((day, f"{where}.needed_by"), today=cause.at.date())


def _added(
    order: PurchaseOrder, act: ChangeOrder, peek: Peek, cause: Cause
) -> tuple[OrderLine, ...]:
    """Price added lines by this supplier's agreements, numbered on from the last line."""
    if not act.add:
        return ()
    asked = tuple(
        RequestedLine(
            item=each.item,
            quantity=each.quantity,
            needed_by=each.needed_by,
            supplier=order.supplier,
        )
        for each in act.add
    )
    items = {each.item: peek(Item, each.item) for each in asked}
    terms = Terms(day=cause.at.date(), flow=FLOW, flows=frozenset({FLOW}), currency=order.currency)
    try:
        priced = priced_lines(asked, items, terms, peek)
    except Refused as refused:
        raise Refused(
            *(replace(r, field=r.field.replace("lines.", "add.", 1)) for r in refused.reasons)
        ) from refused
    names = {agreement_id(order.supplier, each.item) for each in asked}
    found = {name: peek(Agreement, name) for name in sorted(names)}
    agreements = {name: each for name, each in found.items() if each is not None}
    last = max(int(line.number) for line in order.lines)
    lines = []
    for place, line in enumerate(priced, last + 1):
        item = items[line.item]
        assert item is not None
        made = order_line(place, line, item, agreements)
        lines.append(replace(made, revision=order.revision + 1))
    return tuple(lines)


def _charged(order: PurchaseOrder, act: ChangeOrder) -> PurchaseOrder:
    """Plan what the change itself costs, so that it is held against the plan when billed."""
    if act.added_cost is None:
        return order
    charge = PlannedCharge(
        code=act.added_cost_code,
        amount=act.added_cost,
        supplier=order.supplier,
        billed_by=act.added_cost_by or order.supplier,
        revision=order.revision,
    )
    return replace(order, planned=(*order.planned, charge))


# ---- what it commits --------------------------------------------------------------------------


def committed(
    order: PurchaseOrder, terms: Mapping[str, LineTerms], amount: Money | None = None
) -> Committed:
    """Say what an order commits with these terms by line; a line without any is left out."""
    return Committed(
        amount=order.committed if amount is None else amount,
        supplier=order.supplier,
        ship_to=order.site,
        lines=tuple(
            CommittedLine(
                line=line.number,
                category=line.category,
                quantity=terms[line.number].wanted.value,
                price=line.price_in_base(terms[line.number].price).unit_amount,
                needed_by=terms[line.number].needed_by,
            )
            for line in order.lines
            if line.number in terms
        ),
    )


def _last(order: PurchaseOrder, ledgers: Mapping[str, LineLedger]) -> Committed:
    return committed(
        order,
        {
            line.number: replace(line.terms, wanted=ledgers[line.number].wanted)
            for line in order.lines
        },
    )


def _baseline(order: PurchaseOrder) -> Committed:
    """Say what the baseline committed: the lines that stood on it, as they were."""
    then = order.baseline_revision
    added_later = {
        each.line
        for revision in order.revisions
        if revision.number > then
        for each in revision.lines
        if each.before is None
    }
    terms = {
        line.number: terms_at(order.revisions, line.number, then, now=line.terms)
        for line in order.lines
        if line.number not in added_later
    }
    return committed(order, terms, first_committed(order))


def _shares(order: PurchaseOrder) -> tuple[CategoryAmount, ...]:
    """Give the amount of each category after the change, the largest first."""
    zero = Money.zero(order.currency)
    sums: dict[str, Money] = {}
    for line in order.lines:
        sums[line.category] = sums.get(line.category, zero) + line.worth(line.terms.wanted)
    listed = sorted(sums.items(), key=lambda each: (-each[1].amount, each[0]))
    return tuple(CategoryAmount(category=name, amount=each) for name, each in listed)
