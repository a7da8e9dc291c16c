"""Matching again: every invoice that waits on an order, in their order, until nothing changes.

An invoice that becomes payable, or finds its order line, may change what another one finds; so
the round is repeated until none does. Nothing here decides; ``matching`` does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from manciple.invoicing import life, matching, parting
from manciple.invoicing.duplicates import InvoiceNumber
from manciple.invoicing.holds import Hold, settle
from manciple.invoicing.invoice import (
    ROUNDING,
    Invoice,
    InvoiceHeld,
    InvoiceIndex,
    InvoiceLinesPosted,
    InvoiceMatched,
    InvoicePayable,
    InvoicesListed,
    InvoiceState,
    rank,
)
from manciple.invoicing.limits import Limits, PartRule
from manciple.invoicing.matching import Orders, OrderView
from manciple.invoicing.part import InvoicePartReleased
from manciple.invoicing.paying_early import PayingEarly
from manciple.invoicing.result import PlannedShare
from manciple.invoicing.settlement import settlement
from manciple.kernel.records import dataclass, replace
from manciple.ordering.line_ledger import LineLedger, ledgers_of
from manciple.ordering.purchase_order import BEFORE_SENDING, PurchaseOrder
from manciple.policy.register import Register
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Task, Work

LIST = "hold"
"""The worklist on which every open hold is a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematching:
    """One command's matching: its view of the store, and the policy that it asks."""

    work: Work
    register: Register

    def run(self, orders: Iterable[str], *, also: Sequence[str] = ()) -> None:
        """Match every undecided invoice of these orders, and these, until nothing changes."""
        named = tuple(dict.fromkeys(orders))
        waiting = self._waiting(named, also)
        for _ in range(len(waiting) + 1):
            queue = sorted((self.work.get(Invoice, name) for name in waiting), key=rank)
            moved = [each.id for each in queue if self._match(each.id)]
            waiting = [each for each in waiting if self.work.get(Invoice, each).is_unsettled]
            if not moved or not waiting:
                return

    @property
    def _paying(self) -> PayingEarly:
        return PayingEarly(work=self.work, register=self.register)

    def _waiting(self, orders: Iterable[str], also: Sequence[str]) -> list[str]:
        listed = [name for order in orders for name in self._listed(order)]
        names = dict.fromkeys((*listed, *also))
        return [name for name in names if self.work.get(Invoice, name).is_unsettled]

    def _listed(self, order: str) -> tuple[str, ...]:
        index = self.work.find(InvoiceIndex, order)
        return index.invoices if index is not None else ()

    def _match(self, name: str) -> bool:
        """Match one invoice; say whether others may now find otherwise."""
        was = self.work.get(Invoice, name)
        duplicate_of = self._holder(was)
        orders = self.orders(was)
        limits = Limits(register=self.register, at=was.registered_at)
        placed = was
        is_barred = self._is_barred(was, duplicate_of)
        if not is_barred:
            placed = matching.placed(was, orders)
            if placed != was:
                self.post(was, placed)
                orders = self.orders(placed)
        result = matching.match(
            placed, orders, limits, duplicate_of=duplicate_of, is_barred=is_barred
        )
        found = (hold for hold in result.holds if not parting.is_gone(was, hold.line))
        holds = self._settled(was, found)
        held = any(hold.is_open for hold in holds)
        state = InvoiceState.HELD if held else InvoiceState.PAYABLE
        now = replace(placed, match=result, holds=holds, state=state)
        now = self._paying.reckoned(was, now, orders, site=site_of(now, orders))
        now = self._parted(now, orders, limits)
        if now == was:
            return False
        self._keep(was, now, orders)
        return now.is_settled or placed != was or _used(now) != _used(was)

    def _parted(self, now: Invoice, orders: Orders, limits: Limits) -> Invoice:
        """Release what is left of an invoice in parts, or what policy lets go unasked."""
        part = None
        if now.state is InvoiceState.HELD:
            ways = ways_of(now, orders, limits)
            part = parting.part_that_goes_unasked(now, ways, at=self.work.at)
        elif now.parts:
            part = parting.last_part(now, at=self.work.at)
        return now if part is None else replace(now, parts=(*now.parts, part))

    def release_part(self, was: Invoice) -> Invoice:
        """Release what matches of a held invoice, because somebody asked for it.

        Raises:
            Refused: nothing of it can be paid by itself.
        """
        limits = Limits(register=self.register, at=was.registered_at)
        ways = ways_of(was, self.orders(was), limits)
        part = parting.next_part(was, ways, by=self.work.actor.id, at=self.work.at)
        now = replace(was, parts=(*was.parts, part))
        touches = tuple(Ref(PurchaseOrder.KIND, each) for each in now.orders)
        self.work.save(now, *_parted(was, now), touches=touches)
        return now

    def _holder(self, invoice: Invoice) -> str | None:
        """Give the other invoice that holds this one's number, if there is one."""
        number = self.work.find(InvoiceNumber, invoice.number_key)
        if number is None or not number.is_duplicate(invoice.id):
            return None
        return number.holder

    def _is_barred(self, invoice: Invoice, duplicate_of: str | None) -> bool:
        """Say whether it is a duplicate that nobody released: then it posts nothing."""
        if duplicate_of is None:
            return False
        hold = matching.duplicate(duplicate_of)
        return any(each.is_open for each in self._settled(invoice, (hold,)))

    def _settled(self, invoice: Invoice, holds: Iterable[Hold]) -> tuple[Hold, ...]:
        return settle(holds, invoice.releases, before=invoice.holds, at=self.work.at)

    def _keep(self, was: Invoice, now: Invoice, orders: Orders) -> None:
        events: list[object] = []
        order = now.orders[0] if now.orders else None
        about = {"invoice": now.id, "thread": now.thread}
        posted = tuple(
            (line.number, line.place, line.posted)
            for line, before in zip(now.lines, was.lines, strict=True)
            if line.place is not None and line.posted is not None and before.posted is None
        )
        if posted:
            events.append(InvoiceLinesPosted(lines=posted, **about))
        if now.match != was.match:
            clean = now.match is not None and now.match.is_clean
            events.append(InvoiceMatched(order=order, clean=clean, **about))
        if now.open_holds and _facts(now) != _facts(was):
            events.append(
                InvoiceHeld(
                    order=order,
                    supplier=now.supplier,
                    site=site_of(now, orders),
                    holds=now.open_holds,
                    **about,
                )
            )
        if now.state is InvoiceState.PAYABLE:
            settled = settlement(now)
            total = settled.total
            events.append(
                InvoicePayable(
                    order=order,
                    orders=now.orders,
                    supplier=now.supplier,
                    total=-total if now.credit else total,
                    credit=now.credit,
                    charges=tuple(x for x in settled.charges if x.code != ROUNDING),
                    **about,
                )
            )
        events += _parted(was, now)
        events += self._paying.lost(was, now)
        if not events:
            events.append(InvoiceMatched(order=order, clean=not now.holds, **about))
        touches = tuple(Ref(PurchaseOrder.KIND, each) for each in now.orders)
        self.work.save(now, *events, touches=touches)
        self.tasks(was, now, site=site_of(now, orders))
        self._paying.clock(was, now)

    def tasks(self, was: Invoice, now: Invoice, *, site: str) -> None:
        """Bring the worklist to the open holds: one row for each, with its owner."""
        gone = {hold.name for hold in was.open_holds} - {hold.name for hold in now.open_holds}
        for name in sorted(gone):
            self.work.drop_task(f"{now.id}:{name}")
        known = {hold.name: hold for hold in was.open_holds}
        for hold in now.open_holds:
            if known.get(hold.name) != hold:
                self.work.put_task(_task(now, hold, site=site))

    def orders(self, invoice: Invoice) -> Orders:
        """Load the orders that an invoice names or bills, with their ledgers and papers.

        They are locked, so that a receipt and an invoice of one order never miss each other. An
        order of another supplier, or one that no supplier can have seen, is not there.
        """
        named = {name: self._known(invoice, name) for name in invoice.written_orders}
        serving = self._serving(invoice, named)
        billed = (line.order for line in invoice.lines if line.order is not None)
        many = (*named.values(), *serving.values())
        found = dict.fromkeys((*(x for each in many for x in each), *billed, *invoice.orders))
        views = {name: self._view(name) for name in found}
        return Orders(views=views, names=named, serving=serving)

    def _serving(
        self, invoice: Invoice, named: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Give others' orders, by the names on the paper, that plan a charge this supplier bills.

        Asked only where a name means no order of its own. Source: domain rule D-09.
        """
        names = [name for name, own in named.items() if not own]
        if not any(named.values()):
            names += [x.stated.delivery for x in invoice.lines if x.stated.delivery is not None]
        found = {}
        for name in dict.fromkeys(names):
            orders = [
                order.id
                for order in self._called(name)
                if order.supplier != invoice.supplier and order.planned_by(invoice.supplier)
            ]
            if orders:
                found[name] = tuple(orders)
        return found

    def _known(self, invoice: Invoice, name: str) -> tuple[str, ...]:
        """Give our numbers of the supplier's orders that are called so, by us or by the ERP."""
        return tuple(
            order.id for order in self._called(name) if order.supplier == invoice.supplier
        )

    def _called(self, name: str) -> Iterator[PurchaseOrder]:
        """Give the orders that are called so and that a supplier can have seen."""
        calls = (each.id for each in self.work.refs(name) if each.kind == PurchaseOrder.KIND)
        for call in sorted({name, *calls}):
            order = self.work.find(PurchaseOrder, call)
            if order is not None and order.state not in BEFORE_SENDING:
                yield order

    def _view(self, name: str) -> OrderView:
        order = self.work.get(PurchaseOrder, name)
        asked = self.work.peek(Requisition, order.requisition)
        ledgers = {
            line.number: LineLedger(line=line.number, unit=line.base_unit) for line in order.lines
        }
        papers = (self.work.get(Invoice, each) for each in self._listed(name))
        return OrderView(
            order=order,
            ledgers={**ledgers, **ledgers_of(self.work, name)},
            papers=tuple(each for each in papers if each.state is not InvoiceState.REJECTED),
            requester=None if asked is None else asked.requester,
        )

    def post(self, was: Invoice, now: Invoice) -> None:
        """Write what newly placed lines bill to the ledgers; list the invoice at its orders."""
        for order, posting in life.postings(was, now):
            self.work.append(order, posting)
        for order in now.orders:
            self._list(order, now)

    def _list(self, order: str, invoice: Invoice) -> None:
        index = self.work.find(InvoiceIndex, order) or InvoiceIndex(id=order)
        if invoice.id in index.invoices:
            return
        listed = replace(index, invoices=(*index.invoices, invoice.id))
        self.work.save(listed, InvoicesListed(order=order, invoice=invoice.id))
        bought = self.work.peek(PurchaseOrder, order)
        if bought is not None:
            self.work.link(bought.thread, ref(invoice), invoice.id, invoice.number)


def site_of(invoice: Invoice, orders: Orders) -> str:
    """Give the site of the first order that the invoice bills or names; empty if none is known."""
    named = (*orders.names.values(), *orders.serving.values())
    for name in (*invoice.orders, *(each for many in named for each in many)):
        return orders.views[name].order.site
    return ""


def ways_of(invoice: Invoice, orders: Orders, limits: Limits) -> dict[str, PartRule]:
    """Ask policy, line by line, whether it may be paid before the rest of its invoice."""
    found: dict[str, PartRule] = {}
    for line in () if invoice.match is None else invoice.match.lines:
        bought = orders.views[line.order].order.line(line.order_line)
        assert bought is not None, f"line {line.line} was matched with it"
        found[line.line] = limits.part(category=bought.category, supplier=invoice.supplier)
    return found


def _parted(was: Invoice, now: Invoice) -> Iterator[InvoicePartReleased]:
    for part in now.parts[len(was.parts) :]:
        parts = now.parts[: part.number]
        yield InvoicePartReleased(
            invoice=now.id,
            order=now.orders[0] if now.orders else None,
            thread=now.thread,
            supplier=now.supplier,
            part=part.number,
            lines=part.lines,
            total=part.total,
            rest=parting.left(replace(now, parts=parts)),
            by=part.by,
        )


def _used(invoice: Invoice) -> tuple[PlannedShare, ...]:
    """Give what an invoice uses up of planned charges: others may find less left, or more."""
    return () if invoice.match is None else invoice.match.planned


def _facts(invoice: Invoice) -> set[tuple[str, str]]:
    return {(hold.name, hold.variance) for hold in invoice.open_holds}


def _task(invoice: Invoice, hold: Hold, *, site: str) -> Task:
    where = "" if hold.line is None else f" line {hold.line}"
    return Task(
        id=f"{invoice.id}:{hold.name}",
        list=LIST,
        subject=ref(invoice),
        title=f"{hold.code.value} {hold.variance}: invoice {invoice.number}{where}",
        role=hold.owner_role.value,
        owner=hold.owner,
        opened_at=hold.opened_at or invoice.registered_at,
        due_at=None,
        site=site,
        supplier=invoice.supplier,
    )
