"""What suppliers propose, as buyers decide on it: ours beside theirs, the tolerance, the effect.

A constant number of questions to the database, however many proposals there are on the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import floor

from manciple.app.application import Application
from manciple.app.places import Places, read_places
from manciple.cases.case import Case
from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.arrival import all_here_on
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.catalog.outlook import Outlook, outlook_id
from manciple.catalog.supplier import Supplier
from manciple.kernel.quantity import Quantity
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.processes.exceptions import in_bulk
from manciple.processes.line_board import PROPOSALS
from manciple.runtime.queries import Page, Scope
from manciple.supplying.acknowledgment import Acknowledgment, ComparedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    """One line of a proposal.

    Attributes:
        said: what the answer said of it; None when the answer is gone.
        wanted: what the order asks for, in the base unit.
        customers: how many customer orders wait for the item; None: nobody told.
        days_after_need: how many whole calendar days its stock lasts beyond the day needed; below
            zero, it ends before; None: can't be told.
    """

    line: OrderLine
    said: ComparedLine | None
    wanted: Quantity
    customers: int | None
    days_after_need: int | None

    @property
    def slip(self) -> int | None:
        """Calendar days by which the promise is after the need."""
        promise = self.line.promise
        return None if promise is None else (promise - self.line.needed_by).days

    @property
    def runs_out_first(self) -> bool:
        """Say whether stock ends before the goods are promised; False where nobody can tell."""
        if self.days_after_need is None or self.slip is None:
            return False
        return self.days_after_need < self.slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another supplier that could deliver all of it.

    Attributes:
        here_on: when all of it can be here if it is ordered now; None where an agreement states
            no lead time.
    """

    supplier: str
    here_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a supplier proposes in one answer, and what may be done about it.

    Attributes:
        why_not_in_bulk: why it can't be accepted together with others; empty when it can.
        sources: other suppliers with an agreement of today for every line; the soonest first.
    """

    case: Case
    order: PurchaseOrder
    lines: tuple[ProposedLine, ...]
    why_not_in_bulk: str
    sources: tuple[Elsewhere, ...]

    @property
    def cites(self) -> tuple[str, ...]:
        """The rows of policy that were asked."""
        rows = (cite for each in self.lines if each.said for cite in each.said.cites)
        return tuple(dict.fromkeys(rows))


@dataclass(frozen=True, slots=True)
class ProposalDesk:
    """Reads proposals for the doors."""

    app: Application

    def page(self, *, scope: Scope, after: str | None, limit: int) -> Page[Proposal]:
        """Give open proposals, the first due first."""
        tasks = self.app.worklists.tasks(PROPOSALS, scope=scope, after=after, limit=limit)
        cases = self.app.documents.many(Case, [task.subject.id for task in tasks.rows])
        return Page(rows=self._told(tuple(cases.values())), after=tasks.after)

    def bounds(self, names: Sequence[str], *, scope: Scope) -> Mapping[str, str]:
        """Say of each exception why it can't be accepted in bulk; of those within the scope."""
        found = self.app.documents.many(Case, names)
        cases = [
            case
            for case in found.values()
            if scope.sites is None or case.site in {"", *scope.sites}
        ]
        orders = self.app.documents.many(PurchaseOrder, [case.subject.id for case in cases])
        register, now = self.app.definitions.register, self.app.clock.now()
        return {
            case.id: in_bulk.why_not(register, case, orders[case.subject.id], at=now)
            for case in cases
            if case.subject.id in orders
        }

    def _told(self, cases: tuple[Case, ...]) -> tuple[Proposal, ...]:
        documents, now = self.app.documents, self.app.clock.now()
        orders = documents.many(PurchaseOrder, [case.subject.id for case in cases])
        pairs = [(case, orders[case.subject.id]) for case in cases if case.subject.id in orders]
        lines = {case.id: in_bulk.concerned(case, order) for case, order in pairs}
        every = [(order, line) for case, order in pairs for line in lines[case.id]]
        answers = documents.many(
            Acknowledgment, [line.answer.acknowledgment for _, line in every if line.answer]
        )
        outlooks = documents.many(
            Outlook, list({outlook_id(order.site, line.item): 0 for order, line in every})
        )
        sources = documents.many(Sources, list({line.item: 0 for _, line in every}))
        agreed = documents.many(
            Agreement,
            [
                agreement_id(name, item)
                for item, each in sources.items()
                for name in each.suppliers
            ],
        )
        register = self.app.definitions.register
        places = read_places(
            documents,
            sites=[order.site for order, _ in every],
            suppliers=[each.supplier for each in agreed.values()],
        )
        return tuple(
            Proposal(
                case=case,
                order=order,
                lines=tuple(_line(order, line, answers, outlooks, now) for line in lines[case.id]),
                why_not_in_bulk=in_bulk.why_not(register, case, order, at=now),
                sources=_sources(order, lines[case.id], sources, agreed, places, now),
            )
            for case, order in pairs
        )


def _line(
    order: PurchaseOrder,
    line: OrderLine,
    answers: Mapping[str, Acknowledgment],
    outlooks: Mapping[str, Outlook],
    now: datetime,
) -> ProposedLine:
    answer = answers.get(line.answer.acknowledgment) if line.answer else None
    said = next((x for x in (answer.lines if answer else ()) if x.line == line.number), None)
    outlook = outlooks.get(outlook_id(order.site, line.item))
    left = outlook.days_left(now) if outlook else None
    return ProposedLine(
        line=line,
        said=said,
        wanted=said.wanted if said else line.terms.wanted,
        customers=outlook.customer_orders if outlook else None,
        days_after_need=None if left is None else floor(left) - (line.needed_by - now.date()).days,
    )


def _sources(
    order: PurchaseOrder,
    lines: Sequence[OrderLine],
    sources: Mapping[str, Sources],
    agreed: Mapping[str, Agreement],
    places: Places,
    now: datetime,
) -> tuple[Elsewhere, ...]:
    sellers = [
        set(sources[line.item].suppliers) if line.item in sources else set() for line in lines
    ]
    names = sorted(set.intersection(*sellers) - {order.supplier}) if sellers else []
    dock = calendar_of_site(places, order.site)
    found = []
    for name in names:
        seller = places.peek(Supplier, name)
        terms = [agreed.get(agreement_id(name, line.item)) for line in lines]
        covered = [each for each in terms if each is not None and each.covers(now.date())]
        if seller is None or seller.blocked or len(covered) < len(terms):
            continue
        here_on = all_here_on(
            now,
            [each.lead_days for each in covered],
            seller=seller,
            works=calendar_of_supplier(places, name),
            dock=dock,
        )
        found.append(Elsewhere(supplier=name, here_on=here_on))
    return tuple(sorted(found, key=lambda each: (each.here_on or date.max, each.supplier)))
