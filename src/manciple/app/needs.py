"""Needs as those see them who stated them: whose turn it is, since when, and when it is expected.

A page of needs costs a constant number of questions, however many lines they have: the needs,
their approvals, their orders, what is left of these, and how long such lines took.

    expected     promised by the supplier, else the order's day and what history took (p50, p90),
                 else today and what history took; where neither is known it is unknown
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto

from manciple.app.application import Application
from manciple.approvals.nudging import next_nudge
from manciple.approvals.request import Approval, StepState
from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.arrival import Arrival, arrival
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.catalog.item import Item
from manciple.catalog.outlook import Outlook, outlook_id
from manciple.catalog.site import Site, works_for
from manciple.catalog.supplier import Supplier
from manciple.kernel.messages import Actor
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.purchase_order import OrderLine, OrderState, PurchaseOrder
from manciple.policy.ruling import PolicyError
from manciple.receiving.lead_time import Learned, learned
from manciple.requisitioning import emergency
from manciple.requisitioning.emergency import Caps, Emergency, EmergencyRight, EmergencySite
from manciple.requisitioning.on_call import OnCall
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    Requisition,
    RequisitionLine,
    RequisitionState,
)
from manciple.runtime.queries import MOST_ROWS, Page, Scope, Stored

MOST_ORDERS = 40
"""Order lines of an item at a site that are looked at for what is on order, the newest."""


class Basis(StrEnum):
    """By what a day is expected."""

    HERE = auto()
    PROMISED = auto()
    HISTORY = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When a line, or all of a need, is expected.

    Attributes:
        likely: the promised day, or by which half of such orders were here; None: unknown.
        late: by which nine of ten were here; the promised day where there is a promise.
        n: deliveries in history; of several lines the fewest.
        lines: of so many lines it is not known.
    """

    basis: Basis
    likely: date | None = None
    late: date | None = None
    n: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is, and since when.

    Attributes:
        who: a person, a role, a supplier, a system; empty when nobody has to act.
        what: what is waited for.
    """

    who: str
    what: str
    since: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """One line of a need with what became of it.

    Attributes:
        left: still to come of its order line; None while it is not ordered.
    """

    line: RequisitionLine
    order: PurchaseOrder | None
    order_line: OrderLine | None
    left: Quantity | None
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedView:
    """A need with its turn, its lines and the day on which all of it is expected.

    Attributes:
        next_nudge: when the next nudge is possible; None: at once.
        can_nudge: it lies before somebody who decides.
    """

    need: Requisition
    version: int
    approval: Approval | None
    orders: tuple[Stored[PurchaseOrder], ...]
    turn: Turn
    lines: tuple[NeedLine, ...]
    expected: Expected
    can_nudge: bool = False
    next_nudge: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCome:
    """An order line of an item at a site of which something is still to come."""

    order: str
    line: str
    supplier: str
    left: Quantity
    promise: date | None
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a site has of an item; None: no system tells.

    Attributes:
        outlook: as told, with its age.
    """

    site: Site
    outlook: Outlook | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What somebody should know who is about to ask for an item at a site.

    ``soonest`` is when it can be here if it is ordered now, as agreed; None: no agreement covers
    today.
    """

    item: Item
    here: Stock
    elsewhere: tuple[Stock, ...]
    on_order: tuple[ToCome, ...]
    learned: Learned
    soonest: Arrival | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyFacts:
    """What an emergency at a site may be, told before it is declared.

    Attributes:
        caps: what policy allows; None: nothing may be bought there in an emergency.
        open: what is open and not ratified; ``left`` of the cap of the site.
        is_open: people work there now, so it is released at once.
        on_call: who is paged after hours; empty: nobody.
        ratify_by: the last instant for its ratification if it were released now.
        suspended: the emergencies that were not ratified; with any, none may be declared.
    """

    site: str
    caps: Caps | None
    open: Money
    left: Money | None
    is_open: bool
    on_call: str
    ratify_by: datetime
    suspended: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDesk:
    """Reads needs for the doors."""

    app: Application

    def sites(self, actor: Actor) -> tuple[Site, ...]:
        """Give the sites that an actor works for, by number."""
        rows = self.app.documents.page(Site, limit=MOST_ROWS).rows
        found = (row.document for row in rows if works_for(actor, row.document.id))
        return tuple(sorted(found, key=lambda site: site.id))

    def mine(self, actor: Actor, *, after: str | None, limit: int) -> Page[NeedView]:
        """Give what a person asked for, newest first."""
        page = self.app.needs.raised_by(actor.id, after=after, limit=limit)
        return Page(rows=self.views(page.rows), after=page.after)

    def one(self, name: str, scope: Scope) -> NeedView | None:
        """Give one need; None when it is not there or not within the scope."""
        stored = self.app.documents.get(Requisition, name, scope=scope)
        return None if stored is None else self.views((stored,))[0]

    def views(self, needs: Sequence[Stored[Requisition]]) -> tuple[NeedView, ...]:
        """Give needs with their turn and what is expected, all in one go."""
        documents = [stored.document for stored in needs]
        names = [each.approval for each in documents if each.approval]
        approvals = self.app.documents.many(Approval, names)
        placed = [name for each in documents for name in each.orders]
        orders = self.app.documents.stored(PurchaseOrder, placed)
        left = self.app.order_lines.left(list(orders))
        urgent = [each.id for each in documents if each.flow == EMERGENCY_FLOW]
        paged = self.app.documents.many(Emergency, urgent)
        keys = {outlook_id(each.site, line.item) for each in documents for line in each.lines}
        took = {key: learned(rows) for key, rows in self.app.lead_times.of(sorted(keys)).items()}
        return tuple(
            self._view(
                stored,
                approvals.get(stored.document.approval or ""),
                tuple(orders[name] for name in stored.document.orders if name in orders),
                left,
                took,
                paged.get(stored.document.id),
            )
            for stored in needs
        )

    def _view(
        self,
        stored: Stored[Requisition],
        approval: Approval | None,
        orders: tuple[Stored[PurchaseOrder], ...],
        left: Mapping[tuple[str, str], Quantity],
        took: Mapping[str, Learned],
        urgent: Emergency | None,
    ) -> NeedView:
        need = stored.document
        today = self.app.clock.now().date()
        lines = tuple(_lines(need, [each.document for each in orders], left, took, today))
        return NeedView(
            need=need,
            version=stored.version,
            approval=approval,
            orders=orders,
            turn=_turn(stored, approval, orders, urgent),
            lines=lines,
            expected=_of_all(need, lines),
            can_nudge=_lies_before_somebody(approval),
            next_nudge=next_nudge(approval) if approval else None,
        )

    # ---- before asking --------------------------------------------------------------------

    def item(self, name: str, site: str, actor: Actor) -> ItemFacts | None:
        """Give what should be known before an item is asked for; None: there is no such item."""
        item = self.app.peek(Item, name)
        record = self.app.peek(Site, site) if site else None
        if item is None or record is None or not works_for(actor, record.id):
            return None
        key = outlook_id(record.id, item.id)
        stocks = self.stocks(item)
        here = next(each for each in stocks if each.site.id == record.id)
        return ItemFacts(
            item=item,
            here=here,
            elsewhere=tuple(
                each for each in stocks if each.site.id != record.id and each.outlook is not None
            ),
            on_order=self.to_come(key, item.id),
            learned=learned(self.app.lead_times.of([key])[key]),
            soonest=self._soonest(item.id, record.id),
        )

    def _soonest(self, item: str, site: str) -> Arrival | None:
        """Say when an item can be here if it is ordered now, of whichever source is first."""
        app, now = self.app, self.app.clock.now()
        sources = app.peek(Sources, item)
        names = sources.suppliers if sources else ()
        agreed = app.documents.many(Agreement, [agreement_id(name, item) for name in names])
        sellers = app.documents.many(Supplier, [each.supplier for each in agreed.values()])
        dock = calendar_of_site(app, site)
        found = [
            arrival(
                now,
                supplier=each.supplier,
                days=days,
                works=calendar_of_supplier(app, each.supplier),
                dock=dock,
                cut_off=sellers[each.supplier].cut_off,
            )
            for each in agreed.values()
            if (days := each.lead_days) is not None
            and each.supplier in sellers
            and not sellers[each.supplier].blocked
            and each.covers(now.date())
        ]
        return min(found, key=lambda each: (each.here_on, each.supplier), default=None)

    def stocks(self, item: Item) -> tuple[Stock, ...]:
        """Give what every site is told to have of an item, by site."""
        rows = self.app.documents.page(Site, limit=MOST_ROWS).rows
        sites = sorted((row.document for row in rows), key=lambda site: site.id)
        names = [outlook_id(site.id, item.id) for site in sites]
        told = self.app.documents.many(Outlook, names)
        return tuple(
            Stock(site=site, outlook=told.get(name))
            for site, name in zip(sites, names, strict=True)
        )

    def to_come(self, key: str, item: str) -> tuple[ToCome, ...]:
        """Give what is on order under ``site:item``, the first expected first."""
        rows = self.app.order_lines.ordered([key], most=MOST_ORDERS)[key]
        names = list(dict.fromkeys(row.purchase_order for row in rows))
        orders = self.app.documents.stored(PurchaseOrder, names)
        left = self.app.order_lines.left(names)
        found = []
        for row in rows:
            stored = orders.get(row.purchase_order)
            line = stored.document.line(row.line) if stored else None
            still = left.get((row.purchase_order, row.line))
            if line is None or not still or line.is_given_up or line.item != item:
                continue
            found.append(
                ToCome(
                    order=row.purchase_order,
                    line=row.line,
                    supplier=row.supplier,
                    left=still,
                    promise=line.promise,
                    needed_by=line.needed_by,
                )
            )
        return tuple(sorted(found, key=lambda each: (each.promise or each.needed_by, each.order)))

    def emergency(self, site: str, actor: Actor) -> EmergencyFacts | None:
        """Give what an emergency may be at a site; None: the actor does not work for it."""
        if self.app.peek(Site, site) is None or not works_for(actor, site):
            return None
        now, register = self.app.clock.now(), self.app.definitions.register
        zero = Money.zero(Currency.USD)
        try:
            caps: Caps | None = emergency.caps_at(site, register, now, like=zero)
        except PolicyError:
            caps = None
        held = self.app.peek(EmergencySite, site)
        exposure = held.exposure(zero) if held else zero
        calendar = calendar_of_site(self.app, site)
        roster = self.app.peek(OnCall, site)
        right = self.app.peek(EmergencyRight, actor.id)
        is_open = calendar.is_open(now)
        released = now if is_open else now + emergency.PAGE
        return EmergencyFacts(
            site=site,
            caps=caps,
            open=exposure,
            left=emergency.left(caps, exposure) if caps else None,
            is_open=is_open,
            on_call=(roster.at(now) if roster else None) or "",
            ratify_by=emergency.ratify_by(calendar, released),
            suspended=right.causes if right else (),
        )


def _lines(
    need: Requisition,
    orders: Sequence[PurchaseOrder],
    left: Mapping[tuple[str, str], Quantity],
    took: Mapping[str, Learned],
    today: date,
) -> Sequence[NeedLine]:
    """Find for each line of a need the line that was ordered for it."""
    ordered: dict[str, list[tuple[PurchaseOrder, OrderLine]]] = {}
    for placed in orders:
        for each in placed.lines:
            ordered.setdefault(each.item, []).append((placed, each))
    rows = []
    for line in need.lines:
        known = ordered.get(line.item, [])
        order: PurchaseOrder | None = None
        order_line: OrderLine | None = None
        if known:
            order, order_line = known.pop(0)
        still = left.get((order.id, order_line.number)) if order and order_line else None
        past = took[outlook_id(need.site, line.item)]
        rows.append(
            NeedLine(
                line=line,
                order=order,
                order_line=order_line,
                left=still,
                expected=_expected(order, order_line, still, past, today),
            )
        )
    return rows


def _expected(
    order: PurchaseOrder | None,
    line: OrderLine | None,
    left: Quantity | None,
    past: Learned,
    today: date,
) -> Expected:
    if order is not None and line is not None:
        if left is not None and not left and not line.is_given_up:
            return Expected(basis=Basis.HERE)
        if line.promise is not None:
            return Expected(basis=Basis.PROMISED, likely=line.promise, late=line.promise)
    days = past.expected(order.ordered_on if order else today)
    if days is None:
        return Expected(basis=Basis.UNKNOWN, n=past.n, lines=1)
    return Expected(basis=Basis.HISTORY, likely=days[0], late=days[1], n=past.n)


def _of_all(need: Requisition, lines: Sequence[NeedLine]) -> Expected:
    """Give when the last line is expected; one that is unknown makes the whole unknown."""
    ended = (RequisitionState.REJECTED, RequisitionState.WITHDRAWN)
    waiting = [each.expected for each in lines if each.expected.basis is not Basis.HERE]
    if need.state in ended:
        return Expected(basis=Basis.UNKNOWN)
    if not waiting:
        return Expected(basis=Basis.HERE)
    unknown = [each for each in waiting if each.basis is Basis.UNKNOWN]
    if unknown:
        return Expected(basis=Basis.UNKNOWN, n=min(each.n for each in unknown), lines=len(unknown))
    promised = all(each.basis is Basis.PROMISED for each in waiting)
    return Expected(
        basis=Basis.PROMISED if promised else Basis.HISTORY,
        likely=max(each.likely for each in waiting if each.likely),
        late=max(each.late for each in waiting if each.late),
        n=min((each.n for each in waiting if each.basis is Basis.HISTORY), default=0),
    )


def _lies_before_somebody(approval: Approval | None) -> bool:
    step = approval.current if approval and approval.is_pending else None
    return step is not None and step.state is StepState.PENDING


_FAR = (
    OrderState.REFUSED, OrderState.PLACED, OrderState.RECORDED, OrderState.SENT,
    OrderState.ACKNOWLEDGED, OrderState.SHIPPED, OrderState.RECEIVED, OrderState.CLOSED,
    OrderState.CANCELLED,
)  # fmt: skip
"""Orders that need somebody most, first."""
_SUPPLIERS = {
    OrderState.SENT: "the answer",
    OrderState.ACKNOWLEDGED: "the shipment",
}
_OURS = {
    OrderState.PLACED: ("the ERP", "recording the order"),
    OrderState.REFUSED: ("the buyer", "the ERP refused the order"),
    OrderState.RECORDED: ("integration", "sending the order"),
}


def _turn(
    stored: Stored[Requisition],
    approval: Approval | None,
    orders: Sequence[Stored[PurchaseOrder]],
    urgent: Emergency | None,
) -> Turn:
    """Say who has to act now; of several orders the one that is least far."""
    need = stored.document
    if need.state in {RequisitionState.REJECTED, RequisitionState.WITHDRAWN}:
        return Turn(who="", what="", since=stored.at)
    if need.state is RequisitionState.SUBMITTED:
        if urgent is not None and urgent.release_by is not None:
            return Turn(
                who=urgent.on_call or "any approver",
                what="the word to release it",
                since=urgent.declared_at,
                due_at=urgent.release_by,
            )
        return _approver(stored, approval)
    if not orders:
        return Turn(who="manciple", what="making the order", since=stored.at)
    least = min(orders, key=lambda each: _FAR.index(each.document.state))
    who, what = _of_order(least.document)
    return Turn(who=who, what=what, since=least.at)


def _of_order(order: PurchaseOrder) -> tuple[str, str]:
    """Say who has to act on an order, and what is waited for; nobody when it is here."""
    if order.state in _SUPPLIERS:
        return order.supplier, _SUPPLIERS[order.state]
    if order.state is OrderState.SHIPPED:
        return f"warehouse {order.site}", "the receipt"
    return _OURS.get(order.state, ("", ""))


def _approver(stored: Stored[Requisition], approval: Approval | None) -> Turn:
    step = approval.current if approval else None
    if approval is None or step is None or step.state is not StepState.PENDING:
        who = "the process owner" if approval and approval.gap else "manciple"
        what = "nobody can be asked" if approval and approval.gap else "finding who decides"
        return Turn(who=who, what=what, since=stored.at)
    names = " and ".join(step.seats_left) if step.panel else step.approver
    return Turn(
        who=names, what="the approval", since=step.assigned_at or stored.at, due_at=step.due_at
    )
