"""The queue of exceptions in the order of their impact: what is at stake, read in one go.

A constant number of questions to the database, however long the queue: the open rows, their cases,
the orders and invoices that these are about, and the outlooks of their items.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from manciple.app.application import Application
from manciple.app.kept import Aged, Kept
from manciple.cases.case import Case
from manciple.cases.impact import (
    NEVER,
    NeverType,
    Order,
    Ranked,
    Stake,
    Term,
    Weights,
    ranked,
    shown,
)
from manciple.catalog.outlook import Outlook, outlook_id
from manciple.invoicing.invoice import Invoice
from manciple.kernel.errors import refuse
from manciple.kernel.money import Currency, Money
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.runtime.narrowing import ANY, Narrow
from manciple.runtime.queries import Scope, Whole
from manciple.runtime.work import Task

MOST_RANKED = 2000
"""Open exceptions that are put in order together: the most urgent by lane and due time."""
_MOVED_UP = 200
"""Rows at the end of a queue that is cut: they came in as others were settled, and may wait."""
_NO_STOCK = "no system tells the stock of {} (PUT /v1/outlooks/{})"
_NO_CUSTOMERS = "no system tells the customer orders for {} (PUT /v1/outlooks/{})"
_NO_TERMS = "nobody told the payment terms of {} (PUT /v1/suppliers/{})"
_NO_DAY = "the last day or the total of the invoice can't be told yet"
_NO_SUBJECT = "what the message is about can't be told before it is read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue."""

    task: Task
    case: Case
    rank: int
    ranked: Ranked

    def told(self) -> Mapping[str, Any]:
        """Give the line as a door answers: the worklist's row and the reasons of its place."""
        return {
            "id": self.task.id,
            "subject": self.case.subject,
            "code": self.case.code,
            "title": self.task.title,
            "role": self.task.role,
            "owner": self.task.owner,
            "opened_at": self.task.opened_at,
            "due_at": self.task.due_at,
            "site": self.task.site,
            "supplier": self.task.supplier,
            "priority": self.task.priority,
            "state": self.task.state,
            "cause": self.case.cause,
            "rank": self.rank,
            "impact": shown(self.ranked.impact),
            "minutes": f"{self.ranked.stake.minutes:f}",
            "terms": [
                {
                    "term": each.term,
                    "points": None if each.points is None else shown(each.points),
                    "counted": shown(each.counted),
                    "why": each.why,
                }
                for each in self.ranked.terms
            ],
            "why": self.ranked.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Open exceptions in order.

    Attributes:
        left_out: how many more are open and were not looked at.
    """

    rows: tuple[Row, ...]
    left_out: int

    def page(self, after: str | None, limit: int) -> Mapping[str, Any]:
        """Give the lines after the one named; the order is of now, so a page may shift.

        Raises:
            Refused: BAD_CURSOR, when that line is settled by now.
        """
        start = 0
        if after is not None:
            ids = [row.task.id for row in self.rows]
            if after not in ids:
                raise refuse(
                    "BAD_CURSOR",
                    f"{after} is not in the queue any more",
                    field="after",
                    fix="Begin again at the head of the queue.",
                )
            start = ids.index(after) + 1
        rows = self.rows[start : start + limit]
        more = start + limit < len(self.rows)
        return {
            "rows": [row.told() for row in rows],
            "after": rows[-1].task.id if more and rows else None,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionQueue:
    """Puts open exceptions in order for the doors."""

    app: Application

    def read(
        self,
        order: Order,
        *,
        scope: Scope,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
    ) -> Queue:
        """Give the queue in an order, with the reasons of each place whatever the order."""
        queue = self._open(scope, owner, roles, narrow)
        return Queue(rows=self._ranked(queue.rows, order), left_out=queue.left_out)

    def standing(
        self,
        order: Order,
        kept: Kept,
        *,
        scope: Scope,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        words: tuple[str, ...] = (),
    ) -> Aged[Queue]:
        """Give the queue as it is now, of a long one in the order of some seconds ago.

        What is settled is gone at once and what is new is put in its place at once; the order,
        its reasons and how many more there are, are of the instant that is told. What rows show
        of their cases is for `fresh`. ``words`` are those in which the narrower filter was asked
        for, whatever the time.
        """
        now = self.app.clock.now()
        key = ("queue", order, scope, owner, roles, words)
        heads = self.app.worklists.heads(
            "case", scope=scope, owner=owner, roles=roles, narrow=narrow, most=MOST_RANKED
        )

        def rank() -> tuple[frozenset[str], Queue]:
            queue = self._open(scope, owner, roles, narrow)
            ids = frozenset(task.id for task in queue.rows)
            rows = self._ranked(queue.rows, order)
            return ids, Queue(rows=rows, left_out=queue.left_out)

        def size(found: tuple[frozenset[str], Queue]) -> int:
            return len(found[0])

        aged = kept.of(key, now, rank, size)
        surely = heads if len(heads) < MOST_RANKED else heads[:-_MOVED_UP]
        if not aged.value[0].issuperset(surely):
            kept.forget(key)
            aged = kept.of(key, now, rank, size)
        looked_at, queue = aged.value
        there = frozenset(heads)
        if there == looked_at:
            return Aged(queue, aged.at)
        rows = [row for row in queue.rows if row.task.id in there]
        ranked_anew = tuple(replace(row, rank=rank) for rank, row in enumerate(rows, 1))
        return Aged(Queue(rows=ranked_anew, left_out=queue.left_out), aged.at)

    def fresh(self, rows: Sequence[Row]) -> list[Row]:
        """Give rows with their tasks and cases as they are now: two questions."""
        ids = [row.task.id for row in rows]
        tasks, cases = self.app.worklists.named(ids), self.app.documents.many(Case, ids)
        return [
            replace(
                row,
                task=tasks.get(row.task.id, row.task),
                case=cases.get(row.task.id, row.case),
            )
            for row in rows
        ]

    def _open(
        self, scope: Scope, owner: str | None, roles: tuple[str, ...] | None, narrow: Narrow
    ) -> Whole[Task]:
        return self.app.worklists.whole(
            "case", scope=scope, owner=owner, roles=roles, narrow=narrow, most=MOST_RANKED
        )

    def _ranked(self, open_rows: Sequence[Task], order: Order) -> tuple[Row, ...]:
        cases = self.app.documents.many(Case, [task.id for task in open_rows])
        tasks = {task.id: task for task in open_rows if task.id in cases}
        weights = self._weights()
        stakes = self._stakes(list(cases.values()), Money(Decimal(0), weights.currency))
        places = ranked(stakes, weights, order)
        return tuple(
            Row(
                task=tasks[place.stake.case],
                case=cases[place.stake.case],
                rank=rank,
                ranked=place,
            )
            for rank, place in enumerate(places, 1)
            if place.stake.case in tasks
        )

    def _weights(self) -> Weights:
        ruling = self.app.definitions.register.decide(
            "service_impact", {"queue": "exceptions"}, at=self.app.clock.now()
        )

        def number(name: str) -> Decimal:
            return ruling.decimal(name) or Decimal(0)

        return Weights(
            stock_out=number("stock_out"),
            horizon=number("horizon_days"),
            customer_order=number("customer_order"),
            customer_value=number("customer_value"),
            discount=number("discount"),
            currency=Currency(ruling.text("currency")),
        )

    def _stakes(self, cases: Sequence[Case], nothing: Money) -> Iterator[Stake]:
        about = [c.subject.id for c in cases if c.subject.kind == PurchaseOrder.KIND]
        orders = self.app.documents.many(PurchaseOrder, list(dict.fromkeys(about)))
        billed = [c.subject.id for c in cases if c.subject.kind == Invoice.KIND]
        papers = self.app.documents.many(Invoice, list(dict.fromkeys(billed)))
        wanted = [
            outlook_id(order.site, line.item) for order in orders.values() for line in order.lines
        ]
        outlooks = self.app.documents.many(Outlook, list(dict.fromkeys(wanted)))
        for case in cases:
            subject = case.subject.id
            yield self._stake(case, orders.get(subject), outlooks, papers.get(subject), nothing)

    def _stake(
        self,
        case: Case,
        order: PurchaseOrder | None,
        outlooks: Mapping[str, Outlook],
        invoice: Invoice | None,
        nothing: Money,
    ) -> Stake:
        unknown: dict[Term, str] = {}
        notes: dict[Term, str] = {}
        days: Fraction | NeverType | None = None
        waiting: int | None = None
        value: Money | None = None
        discount: Money | None = nothing
        if order is not None:
            lines = [
                line for line in order.lines if case.discrepancy.line in {None, line.number}
            ] or list(order.lines)
            days = self._days(order, lines, outlooks, unknown, notes)
            waiting, value = _customers(order, lines, outlooks, unknown, notes)
        elif case.subject.kind == Invoice.KIND:
            days, waiting = NEVER, 0
            discount = _at_risk(invoice, self.app.clock.now(), nothing, unknown)
        else:
            unknown[Term.STOCK_OUT] = unknown[Term.CUSTOMERS] = _NO_SUBJECT
        return Stake(
            case=case.id,
            opened_at=case.opened_at,
            due_at=case.due_at,
            minutes=self._minutes(case),
            days_to_stock_out=days,
            customer_orders=waiting,
            customer_value=value,
            discount=discount,
            unknown=unknown,
            notes=notes,
        )

    def _minutes(self, case: Case) -> Decimal:
        books = self.app.definitions.playbooks
        book = books.version(case.code, case.playbook_version) or books.at(
            case.code, case.opened_at.date()
        )
        assert book is not None, "every code has a playbook"
        return book.minutes

    def _days(
        self,
        order: PurchaseOrder,
        lines: Sequence[OrderLine],
        outlooks: Mapping[str, Outlook],
        unknown: dict[Term, str],
        notes: dict[Term, str],
    ) -> Fraction | NeverType | None:
        """Give the shortest time to a stock-out among the lines' items, as far as it is told."""
        now: datetime = self.app.clock.now()
        told: list[Fraction] = []
        is_safe, silent = False, []
        for item in dict.fromkeys(line.item for line in lines):
            outlook = outlooks.get(outlook_id(order.site, item))
            left = outlook.days_left(now) if outlook else None
            if left is not None:
                told.append(left)
            elif outlook is not None and outlook.on_hand is not None and not outlook.runs_out:
                is_safe = is_safe or outlook.runs_out is False
                if outlook.runs_out is None:
                    silent.append(item)
            else:
                silent.append(item)
        if told or (is_safe and not silent):
            if silent:
                notes[Term.STOCK_OUT] = f"unknown for {', '.join(silent)}"
            return min(told) if told else NEVER
        key = outlook_id(order.site, silent[0])
        unknown[Term.STOCK_OUT] = _NO_STOCK.format(f"{silent[0]} at {order.site}", key)
        return None


def _at_risk(
    invoice: Invoice | None, at: datetime, nothing: Money, unknown: dict[Term, str]
) -> Money | None:
    """Give what is lost if the invoice waits; a discount that is lost already is none."""
    if invoice is None or invoice.terms is None:
        supplier = "the supplier" if invoice is None else invoice.supplier
        unknown[Term.DISCOUNT] = _NO_TERMS.format(supplier, supplier)
        return None
    found = invoice.discount
    if found is None or found.lost is not None or not invoice.is_unsettled:
        return nothing
    if found.lapses_at is None or found.amount is None:
        unknown[Term.DISCOUNT] = _NO_DAY
        return None
    return found.amount if found.is_at_risk(at) else nothing


def _customers(
    order: PurchaseOrder,
    lines: Sequence[OrderLine],
    outlooks: Mapping[str, Outlook],
    unknown: dict[Term, str],
    notes: dict[Term, str],
) -> tuple[int | None, Money | None]:
    """Give how many customer orders wait for the lines' items, and their value where told."""
    items = list(dict.fromkeys(line.item for line in lines))
    known = [outlooks.get(outlook_id(order.site, item)) for item in items]
    told = [each for each in known if each is not None and each.customer_orders is not None]
    silent = [
        item
        for item, each in zip(items, known, strict=True)
        if each is None or each.customer_orders is None
    ]
    if told:
        if silent:
            notes[Term.CUSTOMERS] = f"unknown for {', '.join(silent)}"
        values = [each.customer_value for each in told if each.customer_value is not None]
        same = len({value.currency for value in values}) == 1
        value = sum(values[1:], values[0]) if values and same else None
        return sum(each.customer_orders or 0 for each in told), value
    key = outlook_id(order.site, silent[0])
    unknown[Term.CUSTOMERS] = _NO_CUSTOMERS.format(f"{silent[0]} at {order.site}", key)
    return None, None
