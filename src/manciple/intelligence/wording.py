"""Events in the trade's words: where each happened, and one short sentence about it.

An event that no row names is told by its own name, taken apart; a test sees that none is.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from manciple.intelligence.tracing import Health, System

Data = Mapping[str, Any]
Title = Callable[[Data], str]
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def money(value: Any) -> str:
    """Write an amount as people read it, thousands apart; empty when nothing is stated."""
    if not isinstance(value, Mapping) or not isinstance(value.get("amount"), str):
        return ""
    return f"{Decimal(value['amount']):,f} {value.get('currency', '')}".strip()


def quantity(value: Any) -> str:
    """Write a quantity as people read it; empty when nothing is stated."""
    if not isinstance(value, Mapping) or not isinstance(value.get("value"), str):
        return ""
    number = str(value["value"])
    plain = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{plain} {value.get('unit', '')}".strip()


def _shares(data: Data) -> str:
    parts = [
        f"line {each['line']}: {quantity(each.get('confirmed'))} of {quantity(each['ordered'])}"
        for each in data.get("lines", ())
    ]
    return "; ".join(parts)


def _coming(data: Data) -> str:
    return "still comes on" if data.get("before") == data.get("expected") else "comes on"


def _goods(data: Data, name: str) -> str:
    parts = [f"line {each['line']}: {quantity(each.get(name))}" for each in data.get("lines", ())]
    return "; ".join(parts)


def _word(data: Data, name: str) -> str:
    """Say a code as a word: ``category_manager`` -> ``category manager``."""
    return str(data.get(name) or "").replace("_", " ")


def _chain(data: Data) -> str:
    names = [each["approver"] for each in data.get("steps", ())]
    return f"Asks {', then '.join(names)}" if names else "Nobody needs to be asked"


def _by(data: Data) -> str:
    behalf = data.get("on_behalf_of")
    return f"{data.get('by', '')} for {behalf}" if behalf else str(data.get("by", ""))


def _changed(data: Data) -> str:
    """Say what a revision makes of each line: what it gives up, and every other term."""
    number = data.get("revision")
    if not data.get("lines"):
        gone = _goods({"lines": data.get("cancelled", ())}, "quantity")
        return f"Revision {number} gives up {gone}"
    return f"Revision {number}: " + "; ".join(_line_change(each) for each in data["lines"])


def _line_change(each: Mapping[str, Any]) -> str:
    was, now = each.get("before"), each["after"]
    if not was:
        return f"line {each['line']} is new: {quantity(now.get('stated'))}"
    parts = [
        f"{word} {before} to {after}"
        for word, before, after in (
            ("quantity", quantity(was.get("wanted")), quantity(now.get("wanted"))),
            ("price", _price(was.get("price")), _price(now.get("price"))),
            ("day", str(was.get("needed_by")), str(now.get("needed_by"))),
        )
        if before != after
    ]
    return f"line {each['line']} {', '.join(parts)}"


def _price(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""
    return f"{money(value.get('money'))} per {quantity(value.get('per'))}"


def _verified(data: Data) -> str:
    found = data.get("found") or {}
    if found.get("what"):
        return f"The history is broken at {found['where']}"
    return f"The history is sound: {found.get('events', 0)} events"


_R, _P, _A, _O = System.REQUESTER, System.POLICY, System.APPROVER, System.ORDER
_E, _S, _W, _F, _C = System.ERP, System.SUPPLIER, System.WAREHOUSE, System.FINANCE, System.CASE
_DONE, _WAIT, _BAD = Health.DONE, Health.WAITING, Health.TROUBLE

WORDS: Mapping[str, tuple[System, Health, Title]] = {
    "PasswordChanged": (_P, _DONE, lambda d: f"{d.get('person')} has a new password"),
    "WrongPasswordNoted": (_P, _BAD, lambda d: f"Wrong password for {d.get('person')}"),
    "AccountLocked": (_P, _BAD, lambda d: f"Nobody signs in as {d.get('person')} for now"),
    "SessionStarted": (_P, _DONE, lambda d: f"{d.get('person')} signed in"),
    "MailingChanged": (_P, _DONE, lambda d: f"Mail is sent as {d.get('sender')}"),
    "NotifyingChanged": (
        _P, _DONE, lambda d: f"{d.get('person')} is told by mail: {d.get('cadence')}"),
    "SubscriberListed": (
        _P, _DONE, lambda d: f"{d.get('person')} {'hears' if d.get('wants') else 'hears no more'} "
        f"by mail of what concerns a {_word(d, 'role')}"),
    "DigestAssembled": (
        _P, _DONE, lambda d: f"{d.get('person')} gets a digest of {d.get('count')}"),
    "LinkIssued": (
        _P, _DONE, lambda d: f"{d.get('bearer')} has a link until {d.get('expires_at')}"),
    "LinkUsed": (_P, _DONE, lambda d: f"The link of {d.get('bearer')} is used: {d.get('how')}"),
    "LinkWithdrawn": (
        _P, _BAD, lambda d: f"The link of {d.get('bearer')} is withdrawn: {d.get('reason')}"),
    "SupplierLinkSent": (
        _S, _WAIT, lambda d: f"{d.get('supplier')} is mailed a link to {d.get('order')}"),
    "SessionEnded": (_P, _DONE, lambda d: f"{d.get('person')} signed out"),
    "RequisitionSubmitted": (
        _R, _DONE, lambda d: f"Need stated: {money(d.get('amount'))} for {d.get('site')}"),
    "RequisitionApproved": (_R, _DONE, lambda _: "Requisition approved"),
    "RequisitionReleased": (_R, _WAIT, lambda _: "May be ordered before it is approved"),
    "EmergencyDeclared": (
        _R, _WAIT,
        lambda d: f"Emergency of {money(d.get('amount'))} at {d.get('site')}: {d.get('cause')}"),
    "OnCallPaged": (
        _A, _WAIT, lambda d: f"After hours: {d.get('on_call') or 'nobody'} is on call"),
    "EmergencyReleased": (
        _A, _WAIT,
        lambda d: "Released before approval" + (f"; {d['flag']}" if d.get("flag") else "")),
    "EmergencyStopped": (_A, _BAD, lambda d: f"Not released: {d.get('reason', '')}"),
    "EmergencyRatified": (
        _A, _DONE, lambda d: "Ratified" + ("" if d.get("in_time") else ", too late")),
    "RatificationRefused": (_A, _BAD, lambda d: f"Not ratified: {d.get('reason', '')}"),
    "RatificationOverdue": (_A, _BAD, lambda d: f"Nobody ratified it by {d.get('due_at')}"),
    "EmergencyExposureChanged": (
        _P, _DONE,
        lambda d: f"{money(d.get('exposure'))} not ratified at {d.get('site')}"),
    "EmergencyRightSuspended": (
        _P, _BAD, lambda d: f"{d.get('person')} may declare no emergencies: {d.get('why')}"),
    "EmergencyRightRestored": (
        _P, _DONE, lambda d: f"{d.get('person')} may declare emergencies again"),
    "RequisitionRejected": (_R, _BAD, lambda d: f"Requisition rejected: {_word(d, 'reason')}"),
    "RequisitionWithdrawn": (_R, _BAD, lambda _: "Requisition withdrawn"),
    "RequisitionOrdered": (_R, _DONE, lambda d: f"Ordered as {', '.join(d.get('orders', ()))}"),
    "RequisitionsSubmitted": (_R, _DONE, lambda d: f"{len(d.get('requisitions', ()))} needs"),
    "ApprovalRequested": (_P, _DONE, _chain),
    "SpendAggregated": (
        _P, _WAIT, lambda d: f"Decided as {money(d.get('weighed'))} with what was asked lately"),
    "ConflictAvoided": (_P, _WAIT, lambda _: "A declared interest changed who is asked"),
    "StepAssigned": (_A, _WAIT, lambda d: f"{d.get('approver')} is asked as {_word(d, 'role')}"),
    "ViewsChanged": (_P, _DONE, lambda d: f"Saved views of {d.get('list')}"),
    "UndoOffered": (_P, _WAIT, lambda d: f"Can be taken back: {d.get('act')}"),
    "ActUndone": (_P, _WAIT, lambda d: f"{d.get('by')} took it back: {d.get('act')}"),
    "StepApproved": (_A, _DONE, lambda d: f"{_by(d)} approved as {_word(d, 'role')}"),
    "VoteRecorded": (
        _A, _WAIT, lambda d: f"{_by(d)} said {'yes' if d.get('yes') else 'no'}: "
        f"{d.get('agreed')} of {d.get('needed')} have agreed"),
    "PoolAsked": (
        _A, _BAD, lambda d: f"The fallback pool is asked: {', '.join(d.get('members', ()))}"),
    "ApproverReminded": (
        _A, _WAIT, lambda d: f"{d.get('approver')} was reminded at {d.get('percent')} %"),
    "ApprovalEscalated": (
        _A, _BAD, lambda d: f"Escalated from {d.get('before')} to {d.get('now')}"),
    "QuestionAsked": (_A, _WAIT, lambda d: f"{d.get('by')} asks: {d.get('question')}"),
    "QuestionAnswered": (_A, _DONE, lambda d: f"{d.get('by')} answers: {d.get('answer')}"),
    "ApproverNudged": (
        _A, _WAIT,
        lambda d: f"{d.get('by')} reminds {' and '.join(d.get('approvers', ()))}",
    ),
    "ApprovalRerouted": (_A, _WAIT, lambda d: f"Given from {d.get('before')} to {d.get('now')}"),
    "ApproverGapFound": (_A, _BAD, lambda d: f"Nobody can approve: {d.get('why', '')}"),
    "ApprovalGranted": (_P, _DONE, lambda d: f"Approval granted for {money(d.get('amount'))}"),
    "ApprovalRejected": (_A, _BAD, lambda d: f"{_by(d)} said no: {d.get('reason')}"),
    "ApprovalVoided": (_P, _DONE, lambda d: f"Approval ended: {d.get('reason')}"),
    "OrderPlaced": (
        _O, _DONE, lambda d: f"Order to {d.get('supplier')}: {money(d.get('total'))}"),
    "OrderRecordedInErp": (_E, _DONE, lambda d: f"The ERP has it as {d.get('erp_number')}"),
    "OrderRefusedByErp": (_E, _BAD, lambda d: f"The ERP refused it: {d.get('reason')}"),
    "OrderSent": (_O, _DONE, lambda d: f"Revision {d.get('revision')} left for the supplier"),
    "OrderChanged": (_O, _DONE, _changed),
    "OrderChangeProposed": (
        _P, _WAIT, lambda d: f"A change to {money(d.get('committed_after'))} needs agreement: "
        + "; ".join(d.get("causes", ()))),
    "SubstituteAgreed": (
        _P, _DONE, lambda d: f"{_by(d)} agreed that {d.get('substitute')} may come on line "
        f"{d.get('line')} instead of {d.get('item')}, at {_price(d.get('price'))}"),
    "OrderChangeApplied": (
        _O, _DONE, lambda d: f"The change holds as revision {d.get('revision')}"),
    "OrderChangeEnded": (
        _O, _BAD, lambda d: f"The change was not made: {d.get('state')}: {d.get('why')}"),
    "ChangeToBeCalled": (
        _S, _WAIT, lambda d: f"Somebody calls {d.get('supplier')} about revision "
        f"{d.get('revision')}"),
    "PendingChangeNoted": (
        _P, _WAIT, lambda d: f"A change waits: {d['change']}" if d.get("change")
        else "No change waits any more"),
    "CommitmentLowered": (
        _O, _DONE, lambda d: f"Commits less: {money(d.get('before'))} to {money(d.get('after'))}"),
    "OrderAnswered": (_O, _DONE, lambda _: "The order holds the supplier's answer"),
    "OrderShipped": (_O, _DONE, lambda _: "Goods are on their way"),
    "OrderReceived": (
        _O, _DONE, lambda d: "All is here" if d.get("is_complete") else "Some is here"),
    "OrderClosed": (_O, _DONE, lambda _: "Order closed"),
    "AcknowledgmentReceived": (_S, _DONE, lambda d: f"Supplier answered: {d.get('state')}"),
    "SupplyPromiseChanged": (_S, _WAIT, lambda d: f"Promise: {_shares(d)}"),
    "AcknowledgmentDiscrepancyFound": (
        _S, _BAD, lambda d: str(d.get("discrepancy", {}).get("text") or "Answer differs")),
    "AcknowledgmentOverdue": (_S, _BAD, lambda _: "The supplier has not answered in time"),
    "ShipNoticeReceived": (
        _S, _DONE, lambda d: f"Shipment {d.get('shipment')}: {_goods(d, 'quantity')}"),
    "ShipmentRescheduled": (
        _S, _WAIT, lambda d: f"Shipment {d.get('shipment')} {_coming(d)} {d.get('expected')}"),
    "ShipNoticeDiscrepancyFound": (
        _S, _BAD, lambda d: str(d.get("discrepancy", {}).get("text") or "Ship notice differs")),
    "GoodsReceived": (_W, _DONE, lambda d: f"Received {_goods(d, 'received')}"),
    "ReceiptDiscrepancyFound": (
        _W, _BAD, lambda d: str(d.get("discrepancy", {}).get("text") or "Receipt differs")),
    "AsideReceived": (
        _W, _DONE, lambda d: f"Line {d.get('line')}: what was aside is taken in"),
    "ReceiptDifferenceNoticed": (
        _W, _WAIT, lambda d: f"Line {d.get('line')}: warehouse and ERP differ for now"),
    "ReceiptDriftFound": (
        _W, _BAD, lambda d: f"Line {d.get('line')}: warehouse and ERP count differently"),
    "ReceiptDriftHealed": (
        _W, _DONE, lambda d: f"Line {d.get('line')}: warehouse and ERP hold the same again"),
    "OutlookRegistered": (_W, _DONE, lambda d: f"Stock of {d.get('item')} was told"),
    "ReceiptOverdue": (_W, _BAD, lambda d: f"Line {d.get('line')} should be here"),
    "ReturnRequested": (_W, _WAIT, lambda d: f"To go back: {_goods(d, 'quantity')}"),
    "ReturnAuthorised": (
        _S, _DONE, lambda d: f"Supplier takes it back as {d.get('authorisation')}"),
    "ReturnRefused": (_S, _BAD, lambda d: f"Supplier does not take it back: {d.get('reason')}"),
    "ReturnWithdrawn": (_W, _DONE, lambda d: f"Stays here: {d.get('reason')}"),
    "ReturnPicked": (_W, _DONE, lambda _: "Picked to go back"),
    "ReturnShipped": (_W, _DONE, lambda d: f"Went back: {_goods(d, 'quantity')}"),
    "ReturnCredited": (
        _F, _DONE, lambda d: f"Credited by {', '.join(d.get('credits', ())) or 'nothing'}"),
    "ReturnCreditWaived": (_F, _BAD, lambda d: f"No credit is expected: {d.get('reason')}"),
    "ReturnCreditOverdue": (
        _F, _BAD, lambda d: f"Not credited by {d.get('due')}: {money(d.get('open'))}"),
    "ReturnsListed": (_W, _DONE, lambda _: "What can go back was noted"),
    "OrderReopened": (_O, _WAIT, lambda d: f"Something is expected again: {d.get('by')}"),
    "InvoiceRegistered": (
        _F, _DONE, lambda d: f"Invoice {d.get('number')}: {money(d.get('total'))}"),
    "InvoiceLinesPosted": (_F, _DONE, lambda _: "Invoice lines found their order lines"),
    "InvoiceLineAssigned": (
        _F, _DONE, lambda d: f"Line {d.get('line')} assigned by {d.get('by')}"),
    "InvoiceMatched": (
        _F, _DONE, lambda d: "Matches" if d.get("clean") else "Does not match yet"),
    "InvoiceHeld": (
        _F, _BAD, lambda d: "Held: " + ", ".join(
            sorted({each["code"] for each in d.get("holds", ())}))),
    "HoldReleased": (_F, _DONE, lambda d: f"{d.get('by')} released {d.get('code')}"),
    "InvoicePayable": (_F, _DONE, lambda d: f"Payable: {money(d.get('total'))}"),
    "InvoicePartReleased": (
        _F, _DONE, lambda d: f"Part {d.get('part')} may be paid: {money(d.get('total'))};"
        f" {money(d.get('rest'))} waits"),
    "DiscountLost": (
        _F, _BAD, lambda d: f"Discount of {money(d.get('amount'))} lost: {d.get('blame')}"),
    "LostDiscountCounted": (_W, _DONE, lambda d: f"A lost discount was counted: {d.get('blame')}"),
    "InvoiceRejected": (_F, _BAD, lambda d: f"Invoice sent back: {d.get('reason')}"),
    "InvoicePosted": (_E, _DONE, lambda d: f"The ERP posted it as {d.get('erp_number')}"),
    "PayableRecorded": (_F, _DONE, lambda d: f"Finance pays it as {d.get('finance_number')}"),
    "CaseOpened": (_C, _BAD, lambda d: f"{d.get('code')}: owned by {d.get('owner_role')}"),
    "CaseUpdated": (_C, _WAIT, lambda d: f"{d.get('code')} was told again"),
    "CaseReopened": (_C, _BAD, lambda d: f"{d.get('code')} went wrong again"),
    "CaseResolved": (
        _C, _DONE, lambda d: f"{d.get('code')} settled by {d.get('by')}: {d.get('resolution')}"),
    "CaseTurned": (
        _C, _WAIT, lambda d: f"{d.get('code')}: the move is with {d.get('turn')}"
    ),
    "CaseReassigned": (_C, _WAIT, lambda d: f"Given to {d.get('owner')}"),
    "CaseEscalated": (
        _C, _BAD, lambda d: f"{d.get('code')} not settled in time: {d.get('to_role')} has it"),
    "InterchangeReceived": (_S, _DONE, lambda _: "A file came and is kept"),
    "InterchangeRead": (
        _S, _DONE, lambda d: "Read: " + ", ".join(each["code"] for each in d.get("messages", ()))),
    "InterchangeUnreadable": (_S, _BAD, lambda _: "The file could not be read"),
    "MessageTaken": (_S, _DONE, lambda d: f"Taken as {d.get('statement_name')}"),
    "MessageRepeated": (_S, _DONE, lambda _: "The same message came again; nothing changed"),
    "MessageQuarantined": (_S, _BAD, lambda d: f"Put aside: {d.get('code')}"),
    "EditProposed": (_P, _WAIT, lambda d: f"{d.get('by')} proposes to put it right"),
    "EditConfirmed": (
        _P,
        _DONE,
        lambda d: f"{d.get('by')} agreed to what {d.get('proposed_by')} put right",
    ),
    "EditTurnedDown": (_P, _BAD, lambda d: f"{d.get('by')} turned an edit down"),
    "VerificationAsked": (_P, _WAIT, lambda d: f"{d.get('by')} has the history checked"),
    "HistoryVerified": (_P, _DONE, _verified),
    "QuarantineEnded": (_S, _DONE, lambda d: f"No longer aside: {d.get('how')}"),
    "RereadingAsked": (_S, _DONE, lambda d: f"To be read again: {d.get('why')}"),
    "InterchangeComposed": (_O, _DONE, lambda d: f"Written as {d.get('name')}"),
    "InterchangeSent": (_S, _DONE, lambda _: "Handed to the supplier"),
    "InterchangeUndeliverable": (_S, _BAD, lambda d: f"Not delivered: {d.get('reason')}"),
    "InterchangeResendingAsked": (_S, _WAIT, lambda d: f"To be sent again: {d.get('why')}"),
    "SupplierAsked": (_S, _WAIT, lambda d: f"Asked by {d.get('by')}: {d.get('text')}"),
    "SupplierReminded": (_S, _WAIT, lambda d: f"Reminded, step {d.get('step')}"),
    "ReminderSuppressed": (_S, _WAIT, lambda _: "Not reminded: the supplier was in touch"),
    "SupplierContactNoted": (_S, _WAIT, lambda _: "In touch, without an answer"),
    "AnswerOverdueNoted": (_S, _BAD, lambda _: "The time for an answer is over"),
    "LineExpedited": (
        _S, _BAD,
        lambda d: f"Line {d.get('line')} hurried for {money(d.get('cost'))}: {d.get('cause')}"),
    "ExpediteClosed": (_S, _DONE, lambda d: f"Line {d.get('line')} is hurried no more"),
    "SiteWarehouseNamed": (_S, _DONE, lambda d: f"Goods of {d.get('site')} are kept elsewhere"),
    "WarehouseOrderPlaced": (_W, _WAIT, lambda d: f"{d.get('warehouse')} is to send goods out"),
    "WarehouseShipped": (
        _W, _DONE, lambda d: "Sent out" + "".join(f"; short {s}" for s in d.get("short", ()))),
    "SupplierStockStated": (
        _S, _DONE, lambda d: f"{d.get('supplier')} has {quantity(d.get('available')) or '?'}"),
    "ControlNumberCounted": (_S, _DONE, lambda d: f"Counted as number {d.get('number')}"),
    "ControlGapFound": (_S, _BAD, lambda d: f"Numbers are missing in {d.get('scope')}"),
    "ControlGapHealed": (_S, _DONE, lambda d: f"No number is missing: {d.get('how')}"),
    "InterchangeAnswered": (_S, _DONE, lambda d: f"The supplier's 997 says {d.get('code')}"),
}  # fmt: skip
"""By event type: where it happened, how it bodes, and how it is told."""


def told(kind: str, data: Data) -> tuple[System, Health, str]:
    """Say where an event happened, how it bodes, and what it was."""
    known = WORDS.get(kind)
    if known is None:
        return System.POLICY, Health.DONE, _CAMEL.sub(" ", kind).capitalize()
    system, health, title = known
    return system, health, title(data)


def reasons(data: Data) -> tuple[str, ...]:
    """Give the sentences that an event carries about why it was decided so."""
    found: list[str] = []
    for name in ("ruling", "why", "reason", "note"):
        value = data.get(name)
        if isinstance(value, str) and value:
            found.append(f"{name}: {value}")
    found += [f"{s['approver']}: {s['why']}" for s in _rows(data, "steps") if s.get("why")]
    found += [f"{h['code']}: {h['text']}" for h in _rows(data, "holds") if h.get("text")]
    discrepancy = data.get("discrepancy")
    if isinstance(discrepancy, Mapping) and discrepancy.get("text"):
        found.append(str(discrepancy["text"]))
    return tuple(found)


def _rows(data: Data, name: str) -> tuple[Data, ...]:
    return tuple(row for row in data.get(name) or () if isinstance(row, Mapping))
