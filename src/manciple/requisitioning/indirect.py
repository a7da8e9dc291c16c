"""What the indirect flow asks of a line besides: who pays, on which account, at what price.

    2 h repair of dock door 3, 90.00 per hour from FIXIT   cost centre 4711, account 6200

A line of the catalog takes its price from an agreement like every other. A line in free text
names an item that is not stocked and stands for its kind, and says in words what is wanted, from
whom and at what price; where an agreement speaks, its price holds and none is stated.
Source: capability WF-3.
"""

from manciple.approvals.directory import Peek
from manciple.catalog import packs
from manciple.catalog.agreement import Agreement, agreement_id
from manciple.catalog.cost_centre import ACCOUNT, CostCentre
from manciple.catalog.item import Item
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.kernel.records import replace
from manciple.requisitioning.pricing import NON_STOCK_FLOW, Terms, faults_of_need, unknown_item
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    RequestedLine,
    RequisitionLine,
)

CODED_FLOWS = frozenset({NON_STOCK_FLOW})
"""Flows whose lines need a cost centre and an account."""
_WORDS = 200


def coding_faults(asked: RequestedLine, *, site: str, terms: Terms, peek: Peek) -> list[Reason]:
    """List what is wrong with a line's cost centre and account.

    Where the flow buys for stock nobody states them: the stock account of the ERP pays.
    """
    if not _is_coded(asked, terms, peek):
        stated = [name for name in ("cost_centre", "account") if getattr(asked, name)]
        return [
            _fault(
                "CODING_NOT_WANTED",
                f"the flow {terms.flow} buys for stock, which has an account of its own",
                name,
                f"leave it out, or use the flow {NON_STOCK_FLOW}",
            )
            for name in stated
        ]
    faults = []
    if not asked.account:
        faults.append(
            _fault("ACCOUNT_MISSING", "nobody says on which account", "account", "name one")
        )
    elif not ACCOUNT.match(asked.account):
        message = f"{asked.account!r} is not an account: 3 to 10 digits"
        faults.append(_fault("ACCOUNT", message, "account", "number it as the ERP does"))
    if not asked.cost_centre:
        message = "nobody says which cost centre pays"
        return [*faults, _fault("COST_CENTRE_MISSING", message, "cost_centre", "name one")]
    centre = peek(CostCentre, asked.cost_centre)
    if centre is None:
        message = f"there is no cost centre {asked.cost_centre!r}"
        return [*faults, _fault("COST_CENTRE_UNKNOWN", message, "cost_centre", "name one that is")]
    if centre.closed:
        message = f"the cost centre {centre.id} is closed"
        faults.append(_fault("COST_CENTRE_CLOSED", message, "cost_centre", "name an open one"))
    if centre.site not in {"", site}:
        message = f"the cost centre {centre.id} is {centre.site}'s, not {site}'s"
        faults.append(_fault("COST_CENTRE_SITE", message, "cost_centre", f"name one of {site}"))
    if asked.account and centre.accounts and asked.account not in centre.accounts:
        allowed = ", ".join(centre.accounts)
        message = f"{asked.account} may not be booked on {centre.id}"
        faults.append(_fault("ACCOUNT_NOT_ALLOWED", message, "account", f"one of: {allowed}"))
    return faults


def _is_coded(asked: RequestedLine, terms: Terms, peek: Peek) -> bool:
    """Say whether somebody must pay: in an emergency for what is not stocked only."""
    if terms.flow != EMERGENCY_FLOW:
        return terms.flow in CODED_FLOWS
    item = peek(Item, asked.item)
    return item is not None and not item.stocked


def coded(line: RequisitionLine, asked: RequestedLine) -> RequisitionLine:
    """Put who pays, and the requester's own words, on a priced line."""
    return replace(
        line,
        cost_centre=asked.cost_centre or "",
        account=asked.account or "",
        description=asked.description or line.description,
    )


def price_in_words(
    number: int, asked: RequestedLine, *, item: Item | None, terms: Terms, peek: Peek
) -> RequisitionLine:
    """Price a line that states its own price, or refuse it with every fault at once.

    Raises:
        Refused: with field names inside the line.
    """
    faults = [*faults_of_need(asked, terms)]
    if item is None:
        raise Refused(*faults, unknown_item(asked, terms))
    supplier = peek(Supplier, asked.supplier) if asked.supplier else None
    faults += _faults(asked, item, supplier, terms, peek)
    price = asked.price
    if faults or price is None or supplier is None:
        raise Refused(*faults)
    try:
        base = packs.to_base(item, asked.quantity)
        extended = packs.extend(price, base, packs=item.packs)
    except Refused:
        raise
    except MancipleError as problem:
        raise Refused(
            _fault("AMOUNT_TOO_LARGE", str(problem), "price", "state a smaller price or quantity")
        ) from problem
    return RequisitionLine(
        number=number,
        item=item.id,
        description=asked.description or item.description,
        category=item.category,
        stated=asked.quantity,
        base=base,
        committed=base,
        supplier=supplier.id,
        supplier_item=None,
        price=price,
        extended=extended,
        needed_by=asked.needed_by,
        is_free_text=True,
    )


def _faults(
    asked: RequestedLine, item: Item, supplier: Supplier | None, terms: Terms, peek: Peek
) -> list[Reason]:
    found = []
    agree = "leave the price out: it comes from the agreement"
    if terms.flow not in {NON_STOCK_FLOW, EMERGENCY_FLOW} or item.stocked:
        message = f"{item.id} is bought at agreed prices"
        found.append(_fault("PRICE_STATED", message, "price", agree))
    words = (asked.description or "").strip()
    if not words or len(words) > _WORDS:
        message = f"say in 1 to {_WORDS} characters what is wanted"
        found.append(_fault("DESCRIPTION_MISSING", message, "description", "describe it"))
    if asked.price is not None and asked.price.money.amount <= 0:
        message = f"{asked.price.money} is not above zero"
        found.append(_fault("PRICE", message, "price", "state a price"))
    if asked.price is not None and asked.price.money.currency is not terms.currency:
        message = f"requisitions are in {terms.currency.value}"
        found.append(
            _fault("CURRENCY", message, "price", "convert it at a stated rate date", rule="A-01")
        )
    if supplier is None:
        message = f"there is no supplier {asked.supplier!r}" if asked.supplier else "from whom?"
        found.append(_fault("SUPPLIER_UNKNOWN", message, "supplier", "name a supplier"))
        return found
    if supplier.blocked:
        message = f"nothing new may be ordered from {supplier.id}"
        found.append(_fault("SUPPLIER_BLOCKED", message, "supplier", "name another supplier"))
    if supplier.currency is not terms.currency:
        message = f"{supplier.id} is paid in {supplier.currency.value}"
        found.append(_fault("CURRENCY", message, "supplier", "name another supplier", rule="A-01"))
    agreed = peek(Agreement, agreement_id(supplier.id, item.id))
    if agreed is not None and agreed.covers(terms.day):
        message = f"a price of {item.id} is agreed with {supplier.id}"
        found.append(_fault("PRICE_AGREED", message, "price", agree))
    return found


def _fault(code: str, message: str, field: str, fix: str, *, rule: str = "WF-3") -> Reason:
    return Reason(code=code, message=message, field=field, rule=rule, fix=fix)
