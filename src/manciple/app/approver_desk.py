"""Approvals as an approver sees them: what is at risk, what prices were, what became of mine.

Steps that wait are put in order by what hangs on them: what is critical first, then what runs out
first, then how many customers wait, then the due time, then the amount. What no system tells is
unknown: it comes behind what is known to be pressing and is never taken as zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from manciple.app.application import Application
from manciple.approvals.authority import Authority
from manciple.approvals.bulk import why_alone
from manciple.approvals.directory import Directory
from manciple.approvals.forwarding import candidates
from manciple.approvals.request import Approval, Step, StepState
from manciple.catalog import packs
from manciple.catalog.agreement import Agreement, agreement_id
from manciple.catalog.item import Item
from manciple.catalog.outlook import Outlook, outlook_id
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.ordering.change.order_change import OrderChange
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.requisitioning.requisition import Requisition, RequisitionLine
from manciple.runtime.effects import Lane
from manciple.runtime.work import Task

_LAST = 5
"""Earlier orders of an item at a site in which its last price is looked for."""
MOST_MINE = 200
"""Steps that the own history looks at, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """What hangs on a document. None: no system tells.

    Attributes:
        out_on: when the first of its items runs out at the site.
        days_left: the same in days; 0 or less when it is out.
        customers: how many customer orders wait for its items.
        untold: the items of which the stock is not told.
    """

    out_on: date | None = None
    days_left: Fraction | None = None
    customers: int | None = None
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One step that waits for a signature, as the inbox shows it.

    Attributes:
        alone: why it cannot be approved together with others; empty when it can.
        limit: up to which amount who is asked may decide on such a document; None: not told.
    """

    approval: Approval
    step: Step | None
    due_at: datetime | None
    risk: AtRisk = AtRisk()
    alone: str = ""
    limit: Money | None = None

    def is_late(self, now: datetime) -> bool:
        """Say whether its time is over."""
        return self.due_at is not None and self.due_at < now

    @property
    def rank(self) -> tuple[object, ...]:
        """Give what it is put in order by."""
        left = self.risk.days_left
        return (
            self.approval.lane is not Lane.CRITICAL,
            (1, Fraction(0)) if left is None else (0, left),
            -(self.risk.customers or 0),
            self.due_at is None,
            self.due_at or self.approval.requested_at,
            -self.approval.amount.amount,
            self.approval.id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFacts:
    """A line's price beside what was paid last and what is agreed; each per base unit.

    Attributes:
        change: percent against the last price, one place; None: there was none.
        last_order: where it was paid last.
    """

    line: RequisitionLine
    now: Price | None
    last: Price | None = None
    last_on: date | None = None
    last_order: str = ""
    agreed: Price | None = None
    change: Decimal | None = None
    against_agreed: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """One step that lay before a person.

    Attributes:
        took: from being asked to the decision; None while it is open.
        in_time: decided at or before its due time; None while nobody can say.
        by_delegate: somebody else decided with the person's power.
    """

    approval: Approval
    step: Step
    took: timedelta | None
    in_time: bool | None
    by_delegate: bool
    for_other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverDesk:
    """Reads approvals for the doors."""

    app: Application

    def waiting(self, tasks: Sequence[Task]) -> tuple[Waiting, ...]:
        """Give steps that wait with what hangs on them, all in one go."""
        found = self.app.documents.many(Approval, [task.subject.id for task in tasks])
        risks = self.risks(list(found.values()))
        powers = self._powers(found.values())
        now, register = self.app.clock.now(), self.app.definitions.register
        rows = []
        for task in tasks:
            approval = found.get(task.subject.id)
            if approval is None:
                continue
            step = next((s for s in approval.steps if s.state is StepState.PENDING), None)
            rows.append(
                Waiting(
                    approval=approval,
                    step=step,
                    due_at=task.due_at,
                    risk=risks[approval.id],
                    alone=why_alone(approval, register, now),
                    limit=_limit(powers, approval, step),
                )
            )
        return tuple(rows)

    def limits(self, approval: Approval) -> Mapping[str, Money]:
        """Give by person up to which amount they may decide on such a document."""
        powers = self._powers([approval])
        told = {step.approver: _limit(powers, approval, step) for step in approval.steps}
        return {who: limit for who, limit in told.items() if limit is not None}

    def _powers(self, approvals: Iterable[Approval]) -> Mapping[str, Authority]:
        names = (step.approver for each in approvals for step in each.steps)
        return self.app.documents.many(Authority, list(dict.fromkeys(names)))

    def low_risk(self, tasks: Sequence[Task]) -> tuple[Approval, ...]:
        """Give the approvals of these steps that policy lets pass with others."""
        found = self.app.documents.many(Approval, [task.subject.id for task in tasks])
        now, register = self.app.clock.now(), self.app.definitions.register
        return tuple(each for each in found.values() if not why_alone(each, register, now))

    def risks(self, approvals: Sequence[Approval]) -> Mapping[str, AtRisk]:
        """Give by approval what hangs on it."""
        kinds = {each.id: each.subject for each in approvals}
        needs = self.app.documents.many(
            Requisition, [s.id for s in kinds.values() if s.kind == Requisition.KIND]
        )
        changes = self.app.documents.many(
            OrderChange, [s.id for s in kinds.values() if s.kind == OrderChange.KIND]
        )
        orders = self.app.documents.many(
            PurchaseOrder, list(dict.fromkeys(each.order for each in changes.values()))
        )
        items: dict[str, tuple[str, ...]] = {}
        for approval in approvals:
            need = needs.get(approval.subject.id)
            change = changes.get(approval.subject.id)
            lines: Iterable[str] = [line.item for line in need.lines] if need else ()
            if change is not None and change.order in orders:
                touched = {each.line for each in change.lines}
                order = orders[change.order]
                lines = [line.item for line in order.lines if line.number in touched]
            items[approval.id] = tuple(dict.fromkeys(lines))
        keys = {
            outlook_id(approval.site, item)
            for approval in approvals
            for item in items[approval.id]
        }
        told = self.app.documents.many(Outlook, sorted(keys))
        now = self.app.clock.now()
        return {each.id: _risk(each.site, items[each.id], told, now) for each in approvals}

    def prices(self, need: Requisition) -> tuple[PriceFacts, ...]:
        """Give each line's price beside the last one and the agreed one."""
        keys = [outlook_id(need.site, line.item) for line in need.lines]
        rows = self.app.order_lines.ordered(list(dict.fromkeys(keys)), most=_LAST)
        names = list(dict.fromkeys(r.purchase_order for found in rows.values() for r in found))
        orders = self.app.documents.many(PurchaseOrder, names)
        agreed = self.app.documents.many(
            Agreement, [agreement_id(line.supplier, line.item) for line in need.lines]
        )
        items = self.app.documents.many(Item, [line.item for line in need.lines])
        facts = []
        for line, key in zip(need.lines, keys, strict=True):
            before = [row for row in rows[key] if row.purchase_order not in need.orders]
            contract = agreed.get(agreement_id(line.supplier, line.item))
            last_line, on, name = None, None, ""
            for row in before:
                order = orders.get(row.purchase_order)
                last_line = order.line(row.line) if order else None
                if last_line is not None:
                    on, name = row.ordered_on, row.purchase_order
                    break
            item = items.get(line.item)
            now = _per_base(item, line.price)
            last = last_line.price_in_base(last_line.price) if last_line else None
            terms = _per_base(item, contract.price) if contract else None
            facts.append(
                PriceFacts(
                    line=line,
                    now=now,
                    last=last,
                    last_on=on,
                    last_order=name,
                    agreed=terms,
                    change=_percent(last, now),
                    against_agreed=_percent(terms, now),
                )
            )
        return tuple(facts)

    def change(self, approval: Approval) -> OrderChange | None:
        """Give the order change that an approval is about; None when it is about none."""
        if approval.subject.kind != OrderChange.KIND:
            return None
        return self.app.peek(OrderChange, approval.subject.id)

    def takers(self, approval: Approval, step: Step) -> tuple[str, ...]:
        """Give who could take a step."""
        return candidates(approval, step, Directory(self.app.peek))

    def mine(self, actor: Actor) -> tuple[Mine, ...]:
        """Give the newest steps that lay before a person, newest first."""
        seen = list(dict.fromkeys(self.app.assignments.newest(actor.id, most=MOST_MINE)))
        found = self.app.documents.many(Approval, list(dict.fromkeys(name for name, _ in seen)))
        rows = []
        for name, number in seen:
            approval = found.get(name)
            step = (
                next((s for s in approval.steps if s.number == number), None) if approval else None
            )
            if approval is None or step is None or step.assigned_at is None:
                continue
            rows.append(_mine(approval, step, actor.id))
        return tuple(rows)


def _limit(powers: Mapping[str, Authority], approval: Approval, step: Step | None) -> Money | None:
    power = powers.get(step.approver) if step else None
    if power is None:
        return None
    return power.limit(
        document_type=approval.document_type, category=approval.category, site=approval.site
    )


def _mine(approval: Approval, step: Step, person: str) -> Mine:
    is_done = step.at is not None
    return Mine(
        approval=approval,
        step=step,
        took=step.at - step.assigned_at if step.at and step.assigned_at else None,
        in_time=step.at <= step.due_at if step.at and step.due_at else None,
        by_delegate=is_done and step.on_behalf_of == person and step.acted_by != person,
        for_other=is_done and step.acted_by == person and step.on_behalf_of not in {None, person},
    )


def _risk(site: str, items: Sequence[str], told: Mapping[str, Outlook], now: datetime) -> AtRisk:
    known = {item: told.get(outlook_id(site, item)) for item in items}
    lefts = {
        item: left
        for item, each in known.items()
        if each is not None and (left := each.days_left(now)) is not None
    }
    waits = [e.customer_orders for e in known.values() if e and e.customer_orders is not None]
    first = min(lefts.values(), default=None)
    untold = tuple(
        item
        for item, each in known.items()
        if item not in lefts and (each is None or each.on_hand is None or each.runs_out is None)
    )
    return AtRisk(
        days_left=first,
        out_on=None if first is None else now.date() + timedelta(days=max(0, floor(first))),
        customers=sum(waits) if waits else None,
        untold=untold,
    )


def _per_base(item: Item | None, price: Price) -> Price | None:
    """Give a price per base units by the item's packs; None where they do not tell it."""
    if item is None:
        return None
    try:
        return packs.price_in_base(price, base_unit=item.base_unit, packs=item.packs)
    except Refused:
        return None


def _percent(base: Price | None, now: Price | None) -> Decimal | None:
    """Give the rise of a price in percent, one place, half up; None where one is not known."""
    if base is None or now is None or base.per.unit is not now.per.unit or not base.money.amount:
        return None
    if base.money.currency is not now.money.currency:
        return None
    was = Fraction(base.money.amount) / Fraction(base.per.value)
    rise = (Fraction(now.money.amount) / Fraction(now.per.value) / was - 1) * 1000
    tenths = floor(rise + Fraction(1, 2))
    return Decimal(tenths) / 10
