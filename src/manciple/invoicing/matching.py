"""Matching: an invoice beside its orders, their ledgers and all other papers on the same lines.

    match(placed(invoice, orders), orders, limits) -> MatchResult

A pure function of the ledger, the papers and the policy in force when the invoice came: it may be
asked at every event and gives the same answer whatever came first. Sources: domain rules D-01,
D-04 to D-08, D-11, D-15, D-17 and D-23 with their rulings in 4.7.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from decimal import Decimal
from fractions import Fraction

from manciple.catalog.item import ItemId, ItemScheme
from manciple.invoicing import checks
from manciple.invoicing.agreed import Agreed
from manciple.invoicing.charges import allocated, judged
from manciple.invoicing.checks import Facts
from manciple.invoicing.claims import ZERO, Claim, counting_credits, standing
from manciple.invoicing.conversion import Unconvertible, in_base, price_in_base, unit_size
from manciple.invoicing.drawing import Billed, Drawn, deliveries, draw
from manciple.invoicing.duplicates import normalised
from manciple.invoicing.holds import OWNERS, Hold, HoldCode
from manciple.invoicing.invoice import (
    ROUNDING,
    Invoice,
    InvoicedLine,
    InvoiceLine,
    OrderLineRef,
)
from manciple.invoicing.limits import Limits
from manciple.invoicing.paper import Amounts, Goods, paper_checks, paper_holds
from manciple.invoicing.planned import Plan, billed_by_others, planned_check, plans, shares
from manciple.invoicing.resolution import Billable, Unresolved, resolve, served
from manciple.invoicing.result import (
    BilledItem,
    CheckOutcome,
    MatchedLine,
    MatchKind,
    MatchResult,
    ServedOrder,
)
from manciple.invoicing.substituted import Came, billed_as
from manciple.invoicing.taxes import Taxable
from manciple.invoicing.variance import is_amount, rounded, variances
from manciple.kernel.messages import Role
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.ordering.in_force import goods_of, is_repriced
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as the matcher sees it.

    Attributes:
        ledgers: by order line.
        papers: every invoice and credit note that bills the order and was not rejected.
        requester: who asked for the goods, when that is known.
    """

    order: PurchaseOrder
    ledgers: Mapping[str, LineLedger]
    papers: tuple[Invoice, ...]
    requester: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The orders that an invoice concerns: by our number, and by the names that the paper uses.

    An order of another supplier is not among them, for to this supplier it does not exist; unless
    it plans a charge that this supplier bills as a third party. Only that charge can be billed.

    Attributes:
        serving: our numbers of those, by the names that the paper uses for them: an order's, or a
            shipment's.
    """

    views: Mapping[str, OrderView]
    names: Mapping[str, tuple[str, ...]]
    serving: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def named(self, invoice: Invoice, line: InvoicedLine) -> tuple[OrderView, ...]:
        """Give the orders that a line names, or else its invoice."""
        name = line.order if line.order is not None else invoice.order
        return tuple(self.views[each] for each in self.names.get(name or "", ()))

    def services(self, invoice: Invoice, line: InvoicedLine) -> tuple[OrderLineRef, ...]:
        """Give the planned charges, as order and code, that a third party's line could bill."""
        for name in (line.order if line.order is not None else invoice.order, line.delivery):
            found = dict.fromkeys(
                OrderLineRef(each, charge.code)
                for each in self.serving.get(name or "", ())
                for charge in self.views[each].order.planned_by(invoice.supplier)
            )
            if found:
                return tuple(found)
        return ()

    def called(self, name: str | None) -> tuple[str, ...]:
        """Give our number of the one order that a name means; nothing where it means several."""
        found = self.names.get(name or "", ()) or self.serving.get(name or "", ())
        return found if len(found) == 1 else ()


def placed(invoice: Invoice, orders: Orders) -> Invoice:
    """Give every line its order line and its quantity in the base unit, where that can be told.

    What stands already is left alone: a posted line never moves. A third party's line gets the
    planned charge that it bills instead.
    """
    lines = tuple(_placed(invoice, line, orders) for line in invoice.lines)
    found = dict.fromkeys(line.order for line in lines if line.order is not None)
    if not lines:
        found = dict.fromkeys(orders.called(invoice.order))
    return replace(invoice, lines=lines, orders=tuple(found))


def _placed(invoice: Invoice, line: InvoiceLine, orders: Orders) -> InvoiceLine:
    place = line.place
    if line.service is not None:
        return line
    if place is None:
        service = served(line.stated, orders.services(invoice, line.stated))
        if service is not None:
            return replace(line, service=service)
        found = resolve(line.stated, _billables(orders.named(invoice, line.stated)))
        if isinstance(found, Unresolved):
            return line
        place = found
    if line.posted is not None:
        return line
    order_line = billed_as(_order_line(place, orders), line.stated)
    base = in_base(line.stated.quantity, order_line)
    return replace(line, place=place, posted=base if isinstance(base, Quantity) else None)


def match(
    invoice: Invoice,
    orders: Orders,
    limits: Limits,
    *,
    duplicate_of: str | None = None,
    is_barred: bool = False,
) -> MatchResult:
    """Hold an invoice against what was ordered and received, test by test.

    Args:
        invoice: with its lines ``placed``.
        orders: every order that a line bills or names.
        limits: the policy of the day on which the invoice came.
        duplicate_of: our id of the invoice that has the same supplier's number; None: none has.
        is_barred: it is a duplicate that nobody released; then nothing else is tested.
    """
    holds = [] if duplicate_of is None else [duplicate(duplicate_of)]
    if is_barred:
        return MatchResult(lines=(), checks=(), holds=tuple(holds))
    lines: list[MatchedLine] = []
    goods: list[Goods] = []
    sums = amounts(invoice, orders)
    services = tuple(_services(invoice, sums))
    for at, line in enumerate(invoice.lines):
        problem = _unready(invoice, line, orders, sums[at])
        if problem is not None:
            holds.append(problem)
            continue
        if line.service is not None:
            continue
        facts = _facts(invoice, at, orders, limits)
        matched = _matched(facts, sums[at])
        lines.append(matched)
        goods += _goods(facts)
        holds += checks.line_holds(facts, matched)
    taxed = tuple(_taxables(invoice, sums, orders, limits))
    billed = {name: orders.views[name] for name in invoice.orders}
    planned = tuple(_plans(invoice, services, billed))
    tested = tuple((plan, planned_check(invoice, plan, limits)) for plan in planned)
    codes = frozenset(plan.code for plan in planned)
    paper = paper_checks(
        invoice,
        sums,
        goods,
        taxed,
        limits,
        charged=[check for _, check in tested],
        unplanned=judged(
            invoice,
            limits,
            planned=codes,
            services=services,
            others=billed_by_others(invoice, (view.order for view in billed.values())),
        ),
    )
    return MatchResult(
        lines=tuple(lines),
        checks=paper,
        holds=(*holds, *paper_holds(paper)),
        charges=tuple(allocated(invoice, sums, limits, planned=codes)),
        services=services,
        planned=tuple(
            share
            for plan, check in tested
            if check.code is not HoldCode.CREDIT_EXCESS or check.outcome is CheckOutcome.PASSED
            for share in shares(plan)
        ),
    )


def _services(invoice: Invoice, sums: Amounts) -> Iterator[ServedOrder]:
    """Give the lines that bill a service, each with what it bills; unknown ones have a hold."""
    for line, amount in zip(invoice.lines, sums, strict=True):
        if line.service is not None and amount is not None:
            yield ServedOrder(
                line=line.number, order=line.service.order, code=line.service.line, amount=amount
            )


def _plans(
    invoice: Invoice, services: tuple[ServedOrder, ...], billed: Mapping[str, OrderView]
) -> Iterator[Plan]:
    known = {name: view.order for name, view in billed.items()}
    papers = {paper.id: paper for view in billed.values() for paper in view.papers}
    return plans(invoice, services, known, papers.values())


def _goods(facts: Facts) -> Iterator[Goods]:
    if facts.order_price is not None and facts.billed_price is not None:
        billed = Fraction(facts.billed.value)
        yield Goods(facts.order_price * billed, facts.billed_price * billed)


def _taxables(
    invoice: Invoice, sums: Amounts, orders: Orders, limits: Limits
) -> Iterator[Taxable]:
    """Give every line and charge with its rate; the site is the line's order's.

    A line without an order line has no rate and no amount yet; its own hold says so.
    """
    sites: dict[str, None] = {}
    for at, line in enumerate(invoice.lines):
        name = f"line {line.number}"
        if line.service is not None:
            site = orders.views[line.service.order].order.site
            sites[site] = None
            rate = limits.tax_rate(
                site=site,
                category=line.service.line,
                supplier=invoice.supplier,
                item=None,
                day=invoice.date,
            )
            yield Taxable(name=name, amount=sums[at], rate=rate)
            continue
        if line.place is None:
            yield Taxable(name=name, amount=None, rate=None)
            continue
        order_line = billed_as(_order_line(line.place, orders), line.stated)
        site = orders.views[line.place.order].order.site
        sites[site] = None
        rate = limits.tax_rate(
            site=site,
            category=order_line.category,
            supplier=invoice.supplier,
            item=order_line.item,
            day=invoice.date,
        )
        yield Taxable(name=name, amount=sums[at], rate=rate)
    site = next(iter(sites), "") or next((orders.views[x].order.site for x in invoice.orders), "")
    for charge in invoice.charges:
        if charge.code != ROUNDING:
            rate = limits.tax_rate(
                site=site,
                category=charge.code,
                supplier=invoice.supplier,
                item=None,
                day=invoice.date,
            )
            yield Taxable(name=charge.code, amount=charge.amount, rate=rate)


def amounts(invoice: Invoice, orders: Orders) -> Amounts:
    """Say what each line bills: as stated, else quantity x price rounded once."""
    return tuple(_amount(invoice, line, orders) for line in invoice.lines)


def _amount(invoice: Invoice, line: InvoiceLine, orders: Orders) -> Money | None:
    stated = line.stated
    if stated.amount is not None:
        return stated.amount
    if stated.quantity.unit is stated.price.per.unit:
        per_one = Fraction(stated.price.money.amount) / Fraction(stated.price.per.value)
        return _coins(per_one * Fraction(stated.quantity.value), invoice)
    if line.place is None or line.posted is None:
        return None
    price = _price(stated, billed_as(_order_line(line.place, orders), stated))
    return None if price is None else _coins(price * Fraction(line.posted.value), invoice)


def _coins(exact: Fraction, invoice: Invoice) -> Money | None:
    return rounded(exact, invoice.currency) if is_amount(exact) else None


def _matched(facts: Facts, amount: Money | None) -> MatchedLine:
    view, unit = facts.kind, facts.ordered.unit
    is_three_way = view.kind is MatchKind.THREE_WAY
    ceiling = facts.billable if is_three_way else facts.ordered
    shown = None
    if facts.order_price is not None and facts.billed_price is not None and not facts.is_credit:
        shown = variances(
            billed_price=facts.billed_price,
            order_price=facts.order_price,
            billed=facts.billed.value,
            open_to_invoice=ceiling.value - facts.standing.before,
        ).shown(facts.currency)
    return MatchedLine(
        line=facts.line.number,
        order=facts.place.order,
        order_line=facts.place.line,
        kind=view.kind,
        level=view.level,
        ruling=view.ruling,
        billed=facts.billed,
        amount=amount,
        ordered=facts.ordered,
        billable=facts.billable if is_three_way else None,
        before=Quantity(facts.standing.before, unit),
        variances=shown,
        checks=tuple(checks.line_checks(facts)),
        receipts=facts.receipts,
        instead=facts.instead,
    )


def _facts(invoice: Invoice, at: int, orders: Orders, limits: Limits) -> Facts:
    """Gather all that one line, which is ready for it, is tested against."""
    line = invoice.lines[at]
    place = line.place
    assert place is not None
    view = orders.views[place.order]
    order_line = _order_line(place, orders)
    ledger = view.ledgers[place.line]
    papers = {each.id: each for each in (*view.papers, invoice)}
    now = _price(order_line, order_line)
    terms = None
    if now is not None and is_repriced(view.order, place.line):
        terms = Agreed(goods_of(view.order, order_line, ledger), tuple(papers.values()), place)

    came = None
    if order_line.substitutes:
        came = Came(order_line, ledger, tuple(papers.values()), place)

    def agreed(paper: Invoice, line_at: int) -> Fraction | None:
        price = now if terms is None else terms.price(paper.id, line_at)
        if came is None or price is None:
            return price
        return came.price(paper.id, line_at, paper.lines[line_at].stated, ordered=price)

    ordered = ledger.wanted
    if terms is not None:
        ordered = terms.ordered(invoice.id, at, now=ordered)
    claims = {
        (claim.invoice, claim.at): claim
        for paper in papers.values()
        for claim in _claims(paper, place, order_line, agreed)
    }
    elsewhere = ledger.invoiced_net.value - sum(
        (-claim.quantity if claim.is_credit else claim.quantity for claim in claims.values()), ZERO
    )
    own = claims[invoice.id, at]
    same_money = invoice.currency is view.order.currency
    bought = billed_as(order_line, line.stated)
    billed_price = _price(line.stated, bought)
    size = unit_size(bought.price.per.unit, bought)
    assert isinstance(size, Fraction)
    return Facts(
        line=line,
        place=place,
        supplier=invoice.supplier,
        category=bought.category,
        currency=invoice.currency,
        order_currency=view.order.currency,
        is_credit=invoice.credit,
        order_line=bought,
        order_price=agreed(invoice, at) if same_money else None,
        billed_price=billed_price if same_money else None,
        price_as_billed=billed_price or Fraction(0),
        price_size=size,
        billed=line.posted or Quantity.zero(order_line.base_unit),
        ordered=ordered,
        billable=ledger.billable,
        standing=standing(tuple(claims.values()), own, elsewhere=elsewhere),
        receipts=() if invoice.credit else _drawn(own, claims.values(), papers, ledger),
        kind=limits.kind(
            {
                "line": str(place),
                "item": bought.item,
                "supplier": invoice.supplier,
                "category": bought.category,
            }
        ),
        limits=limits,
        instead=() if came is None else tuple(_instead(came, order_line, invoice.id, at)),
    )


def _instead(came: Came, line: OrderLine, invoice: str, at: int) -> Iterator[BilledItem]:
    for item, part in came.items(invoice, at).items():
        substitute = None if item is None else line.substitute(item)
        if substitute is not None:
            yield BilledItem(
                item=substitute.item,
                quantity=Quantity(part, line.base_unit),
                price=substitute.price,
                basis=substitute.basis,
            )


def _drawn(
    own: Claim, claims: Iterable[Claim], papers: Mapping[str, Invoice], ledger: LineLedger
) -> tuple[Drawn, ...]:
    """Say which receipts one claim draws on, beside all others. Source: domain rule D-18."""
    queue = sorted(claims, key=lambda claim: claim.rank)
    billed = tuple(
        Billed(
            invoice=claim.invoice,
            at=claim.at,
            quantity=claim.quantity,
            names=papers[claim.invoice].lines[claim.at].stated.delivery or "",
        )
        for claim in queue
        if not claim.is_credit
    )
    invoiced = sum((each.quantity for each in billed), ZERO)
    worth = sum((claim.worth for claim in queue if not claim.is_credit), Fraction(0))
    counting = counting_credits(queue, invoiced=invoiced, worth=worth)
    credited = sum((claim.quantity for claim in counting), ZERO)
    return draw(deliveries(ledger), billed, credited=credited).lines[own.invoice, own.at]


def _claims(
    paper: Invoice,
    place: OrderLineRef,
    order_line: OrderLine,
    agreed: Callable[[Invoice, int], Fraction | None],
) -> Iterator[Claim]:
    """Give what the lines of one paper claim on one order line, with the price agreed for each."""
    for at, line in enumerate(paper.lines):
        if line.place != place or line.posted is None:
            continue
        quantity = Fraction(line.posted.value)
        price = _price(line.stated, billed_as(order_line, line.stated))
        worth, drift = Fraction(0), Fraction(0)
        if line.stated.amount is not None and not quantity:
            worth = Fraction(line.stated.amount.amount)
        elif price is not None:
            worth = price * quantity
        same_money = paper.currency is order_line.price.money.currency
        base = agreed(paper, at)
        if same_money and price is not None and base is not None:
            drift = (price - base) * quantity
        yield Claim(
            invoice=paper.id,
            at=at,
            dated=paper.date,
            number=normalised(paper.number),
            is_settled=paper.is_settled or _is_paid_in_part(paper, line.number),
            is_credit=paper.credit,
            quantity=Decimal(line.posted.value),
            worth=worth,
            drift=drift,
        )


def _is_paid_in_part(paper: Invoice, line: str) -> bool:
    """Say whether some of a line is released: it keeps its place before those that are not."""
    return any(each.line == line for part in paper.parts for each in part.lines)


def _price(priced: OrderLine | InvoicedLine, order_line: OrderLine) -> Fraction | None:
    price = price_in_base(priced.price, order_line)
    return None if isinstance(price, Unconvertible) else price


def _order_line(place: OrderLineRef, orders: Orders) -> OrderLine:
    line = orders.views[place.order].order.line(place.line)
    assert line is not None, f"{place} was resolved from this order"
    return line


def _billables(views: tuple[OrderView, ...]) -> Iterator[Billable]:
    for view in views:
        for line in view.order.lines:
            known = (
                (scheme, name)
                for each in (line, *(line.bought_as(s.item) for s in line.substitutes))
                for scheme, name in (
                    (ItemScheme.SUPPLIER, each.supplier_item),
                    (ItemScheme.BUYER, each.item),
                    (ItemScheme.GTIN, each.gtin),
                )
            )
            yield Billable(
                place=OrderLineRef(view.order.id, line.number),
                item=line.item,
                ids=tuple(ItemId(scheme, name) for scheme, name in known if name),
            )


# --- holds that stand before any test


def duplicate(of: str) -> Hold:
    """Give the hold of an invoice whose supplier's number another one has. Source: D-17."""
    return Hold(
        code=HoldCode.DUPLICATE,
        line=None,
        owner_role=OWNERS[HoldCode.DUPLICATE],
        text=f"the supplier's number was used in the same year by {of}",
        variance=f"as {of}",
    )


def _no_order(invoice: Invoice, line: InvoiceLine, orders: Orders) -> Hold:
    views = orders.named(invoice, line.stated)
    name = line.stated.order if line.stated.order is not None else invoice.order
    choice = orders.services(invoice, line.stated)
    if not views and choice:
        said = ", ".join(f"{each.line} of {each.order}" for each in choice)
        found = Unresolved(text=f"it does not say which it bills: {said}", candidates=())
    elif not views:
        told = f"there is no order {name} of this supplier" if name else "it names no order"
        found = Unresolved(text=told, candidates=())
    else:
        answer = resolve(line.stated, _billables(views))
        assert isinstance(answer, Unresolved), f"line {line.number} was placed before"
        found = answer
    return Hold(
        code=HoldCode.NO_PO,
        line=line.number,
        owner_role=Role.REQUESTER if views else OWNERS[HoldCode.NO_PO],
        text=found.text,
        owner=views[0].requester if views else None,
        variance=str(line.stated.quantity),
        quantity=line.stated.quantity,
        candidates=found.candidates,
    )


def _unready(
    invoice: Invoice, line: InvoiceLine, orders: Orders, amount: Money | None
) -> Hold | None:
    """Give the hold of a line without an order line, or not to be said in the base unit."""
    if line.service is not None:
        return None if amount is not None else _unpriced(line)
    if line.place is None:
        return _no_order(invoice, line, orders)
    order_line = billed_as(_order_line(line.place, orders), line.stated)
    is_money_only = invoice.credit and not line.stated.quantity
    said = [
        line.posted if line.posted is not None else in_base(line.stated.quantity, order_line),
        price_in_base(order_line.price, order_line),
    ]
    said += [] if is_money_only else [price_in_base(line.stated.price, order_line)]
    problem = next((each for each in said if isinstance(each, Unconvertible)), None)
    if problem is None:
        return None
    return Hold(
        code=HoldCode.UOM,
        line=line.number,
        owner_role=OWNERS[HoldCode.UOM],
        text=problem.text,
        variance=str(line.stated.quantity),
        quantity=line.stated.quantity,
    )


def _unpriced(line: InvoiceLine) -> Hold:
    """Give the hold of a service that states no amount, priced in another unit than billed."""
    stated = line.stated
    return Hold(
        code=HoldCode.UOM,
        line=line.number,
        owner_role=OWNERS[HoldCode.UOM],
        text=f"{stated.quantity} at {stated.price} comes to no known amount, and it states none",
        variance=str(stated.quantity),
        quantity=stated.quantity,
    )
