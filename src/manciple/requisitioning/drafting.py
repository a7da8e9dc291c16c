"""From what somebody asked for to a requisition: priced, ranked, every fault told at once.

The same function serves submitting and the preview before it; nothing is written here.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from manciple.approvals.directory import Peek
from manciple.approvals.request import RequestApproval, Spend, approval_number
from manciple.approvals.routing import Decides
from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.item import Item
from manciple.catalog.site import Site, works_for
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass, replace
from manciple.policy.ruling import PolicyError
from manciple.requisitioning import emergency, indirect, maintenance, planned, pricing
from manciple.requisitioning.pricing import Offer, Terms
from manciple.requisitioning.requisition import (
    RequestedLine,
    Requisition,
    RequisitionLine,
    SubmitRequisition,
    total_of,
)
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane

CRITICALITY = "criticality"
DOCUMENT_TYPE = "requisition"
MAX_LINES = 500
_TEXT = 200
_NOTE = 2000
_URGENCY = {Lane.CRITICAL: 0, Lane.STANDARD: 1, Lane.BULK: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """What drafting leans on.

    Attributes:
        flows: the flows that this installation runs.
        currency: the currency of policy; a requisition is in this one.
    """

    register: Decides
    flows: frozenset[str] = frozenset({"direct"})
    currency: Currency = Currency.USD

    def draft(
        self, act: SubmitRequisition, *, number: str, by: Actor, at: datetime, peek: Peek
    ) -> Requisition:
        """Make a requisition of what was asked for.

        Raises:
            Refused: with every fault of the head and of every line; line fields are
                ``lines.N.item``, N from 0 in the order of the lines.
        """
        site = peek(Site, act.site)
        faults = [*self._faults_of_head(act, site, by)]
        if site is None or faults:
            raise Refused(*faults)
        terms = Terms(
            day=local_day(at, site), flow=act.flow, flows=self.flows, currency=self.currency
        )
        items = {line.item: peek(Item, line.item) for line in act.lines}
        miscoded = _faults_of_coding(act, terms, peek)
        try:
            lines = priced_lines(act.lines, items, terms, peek)
        except Refused as refused:
            uncharged = self._faults_of_charges(act, (), peek)
            raise Refused(*miscoded, *refused.reasons, *uncharged) from refused
        suppliers = tuple(dict.fromkeys(line.supplier for line in lines))
        miscoded = (*miscoded, *self._faults_of_charges(act, suppliers, peek))
        if miscoded:
            raise Refused(*miscoded)
        charges = tuple(planned.planned(act.planned, suppliers))
        lane, ruling = self._lane(act, [each for each in items.values() if each], at)
        lane, ruling = maintenance.raised(act, lane, ruling, self.register, at)
        try:
            total = total_of(lines, act.charges, charges)
        except MancipleError as problem:
            raise Refused(_fault("AMOUNT_TOO_LARGE", str(problem), "lines")) from problem
        return Requisition(
            id=number,
            site=act.site,
            flow=act.flow,
            requester=(act.requester if by.has(Role.SYSTEM) else None) or by.id,
            lines=lines,
            total=total,
            lane=lane,
            submitted_at=at,
            reference=act.reference,
            note=act.note,
            charges=act.charges,
            approval=approval_number(Ref(Requisition.KIND, number), 1),
            ruling=ruling,
            cause=act.cause or "",
            asset=act.asset or "",
            customer_order=act.customer_order or "",
            downtime=act.downtime,
            planned=charges,
        )

    def _faults_of_charges(
        self, act: SubmitRequisition, suppliers: tuple[str, ...], peek: Peek
    ) -> tuple[Reason, ...]:
        found = planned.faults(act.planned, suppliers, currency=self.currency, peek=peek)
        return tuple(found)

    def _faults_of_head(
        self, act: SubmitRequisition, site: Site | None, by: Actor
    ) -> Iterable[Reason]:
        if site is None:
            yield _fault("SITE_UNKNOWN", f"there is no site {act.site!r}", "site")
        elif not works_for(by, act.site):
            message = f"{by.id} works for {', '.join(by.sites)}, not for {act.site}"
            yield _fault("NOT_YOUR_SITE", message, "site", "ask somebody of that site")
        if act.flow not in self.flows:
            known = ", ".join(sorted(self.flows))
            message = f"the flow {act.flow!r} is not enabled here"
            yield _fault("FLOW_UNKNOWN", message, "flow", f"one of: {known}")
        if not act.lines:
            yield _fault("NO_LINES", "a requisition has at least one line", "lines")
        if len(act.lines) > MAX_LINES:
            message = f"{len(act.lines)} lines are more than {MAX_LINES}"
            yield _fault("TOO_MANY_LINES", message, "lines", "split it into several")
        if act.reference is not None and not 0 < len(act.reference.strip()) <= _TEXT:
            message = f"a reference has 1 to {_TEXT} characters"
            yield _fault("REFERENCE", message, "reference", "shorten it or leave it out")
        if act.note is not None and len(act.note) > _NOTE:
            yield _fault("NOTE_LENGTH", f"a note has at most {_NOTE} characters", "note")
        if act.charges is not None and act.charges.currency is not self.currency:
            message = f"charges are in {self.currency.value}, not {act.charges.currency.value}"
            yield _fault("CURRENCY", message, "charges")
        if act.charges is not None and act.charges.amount < 0:
            yield _fault("CHARGES", "charges are not below zero", "charges")
        yield from emergency.faults_of_declaration(act)
        yield from maintenance.faults(act)

    def _lane(self, act: SubmitRequisition, items: list[Item], at: datetime) -> tuple[Lane, str]:
        """Ask the policy how critical each item makes it; the most critical lane wins."""
        kinds = sorted({(item.category, item.regulated) for item in items})
        found: list[tuple[Lane, str]] = []
        for category, regulated in kinds:
            facts = {
                "flow": act.flow,
                "category": category,
                "regulated": regulated,
                "customer_waiting": act.customer_waiting,
            }
            try:
                ruling = self.register.decide(CRITICALITY, facts, at=at)
                found.append((Lane(ruling.text("lane")), ruling.cite()))
            except PolicyError as problem:
                message = f"the policy does not say how critical {category} is: {problem}"
                fix = f"add a row to the table {CRITICALITY}"
                raise Refused(_fault("LANE_UNDECIDED", message, "flow", fix)) from problem
        return min(found, key=lambda each: _URGENCY[each[0]])


def local_day(at: datetime, site: Site) -> date:
    """Give the calendar day that an instant is at a site.

    Raises:
        Refused: nobody knows the site's time zone.
    """
    try:
        return at.astimezone(ZoneInfo(site.zone)).date()
    except (LookupError, ValueError, OSError) as problem:
        message = f"the time zone {site.zone!r} of {site.id} is not known"
        fix = "register the site with an IANA name such as America/Chicago"
        raise Refused(_fault("SITE_ZONE", message, "site", fix)) from problem


def priced_lines(
    asked: tuple[RequestedLine, ...], items: dict[str, Item | None], terms: Terms, peek: Peek
) -> tuple[RequisitionLine, ...]:
    """Price what is asked for from the agreements; every fault of every line at once.

    Raises:
        Refused: with fields such as ``lines.N.item``, N from 0.
    """
    lines: list[RequisitionLine] = []
    faults: list[Reason] = []
    for place, line in enumerate(asked):
        item = items[line.item]
        try:
            priced = _priced(place + 1, line, item, terms, peek)
            lines.append(indirect.coded(priced, line))
        except Refused as refused:
            faults += [_placed(reason, place) for reason in refused.reasons]
    if faults:
        raise Refused(*faults)
    return tuple(lines)


def _priced(
    number: int, line: RequestedLine, item: Item | None, terms: Terms, peek: Peek
) -> RequisitionLine:
    if line.price is not None:
        return indirect.price_in_words(number, line, item=item, terms=terms, peek=peek)
    offers = _offers(line, peek) if item else ()
    return pricing.price_line(number, line, item=item, offers=offers, terms=terms)


def _faults_of_coding(act: SubmitRequisition, terms: Terms, peek: Peek) -> tuple[Reason, ...]:
    return tuple(
        _placed(reason, place)
        for place, line in enumerate(act.lines)
        for reason in indirect.coding_faults(line, site=act.site, terms=terms, peek=peek)
    )


def _offers(line: RequestedLine, peek: Peek) -> tuple[Offer, ...]:
    sources = peek(Sources, line.item)
    names = sources.suppliers if sources else ()
    if line.supplier is not None and line.supplier not in names:
        if peek(Supplier, line.supplier) is None:
            message = f"there is no supplier {line.supplier!r}"
            raise Refused(_fault("SUPPLIER_UNKNOWN", message, "supplier"))
        return ()
    offers = []
    for name in names:
        supplier = peek(Supplier, name)
        agreement = peek(Agreement, agreement_id(name, line.item))
        if supplier is not None and agreement is not None:
            offers.append(Offer(supplier=supplier, agreement=agreement))
    return tuple(offers)


def _placed(reason: Reason, place: int) -> Reason:
    field = f"lines.{place}.{reason.field}" if reason.field else f"lines.{place}"
    return replace(reason, field=field, message=f"line {place + 1}: {reason.message}")


def _fault(code: str, message: str, field: str, fix: str = "") -> Reason:
    return Reason(code=code, message=message, field=field, fix=fix or f"correct {field}")


def approval_request(requisition: Requisition) -> RequestApproval:
    """Give the approval that a requisition needs."""
    count = len(requisition.lines)
    return RequestApproval(
        subject=Ref(Requisition.KIND, requisition.id),
        thread=requisition.thread,
        title=f"{requisition.id} for {requisition.site}: {count} line{'s' * (count != 1)}",
        document_type=DOCUMENT_TYPE,
        flow=requisition.flow,
        amount=requisition.total,
        category=requisition.category,
        site=requisition.site,
        requester=requisition.requester,
        revision=1,
        lane=requisition.lane,
        shares=requisition.shares,
        spends=tuple(
            Spend(
                supplier=line.supplier,
                item=_known_by(line),
                category=line.category,
                amount=line.extended,
                cost_centre=line.cost_centre,
            )
            for line in requisition.lines
        ),
        reference=requisition.reference or "",
    )


def _known_by(line: RequisitionLine) -> str:
    """Give by what the same thing is known again: its number, or the words of free text."""
    if not line.is_free_text:
        return line.item
    return f"{line.item}: {' '.join(line.description.casefold().split())}"
