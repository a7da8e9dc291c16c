"""What became of an effect, as an act of the room that asked for it.

Called when an effect is settled or given up; what can still be tried is not told.

    erp.create_order done      -> RecordOrderInErp        rejected -> RecordErpRefusal
    erp.post_invoice done      -> RecordInvoiceInErp      finance.payable done -> RecordPayable
    edi.send done              -> RecordInterchangeSent   rejected, dead -> RecordUndeliverable
    anything else, when it is rejected or dead -> OpenCase DELIVERY_FAILED: somebody must look;
                                       ERP_REJECTED when the ERP refused it
    done after it had failed   -> WithdrawCase: nobody need look any more
    nothing gets through       -> OpenCase ENDPOINT_DOWN; withdrawn when something does again
"""

import re
from collections.abc import Iterable
from typing import assert_never

from manciple.cases.case import OpenCase, WithdrawCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.exchange.interchange import (
    Interchange,
    QuarantineMessage,
    RecordInterchangeSent,
    RecordUndeliverable,
    TakeMessage,
)
from manciple.invoicing.invoice import RecordInvoiceInErp, RecordPayable
from manciple.kernel.messages import Command
from manciple.ordering.purchase_order import RecordErpRefusal, RecordOrderInErp
from manciple.processes.exceptions.subjects import ENDPOINT
from manciple.processes.ports import ErpInvoice, Payable
from manciple.runtime.bus import Reply
from manciple.runtime.codec import decode
from manciple.runtime.documents import Ref
from manciple.runtime.drains import Outage
from manciple.runtime.effects import KeyedAct, Outcome, OutcomeKind, Parcel
from manciple.runtime.rows import micros

_AGAIN = re.compile(r":again\d+")
"""The mark of a repeat in an effect's key."""


def heard(parcel: Parcel, outcome: Outcome) -> Iterable[KeyedAct]:
    """Give what follows from the attempt that settled an effect."""
    match outcome.kind:
        case OutcomeKind.DONE:
            act = _done(parcel, outcome)
        case OutcomeKind.REJECTED:
            act = _failed(parcel, str(outcome.detail.get("reason", "")))
        case OutcomeKind.UNKNOWN:
            reason = f"given up after {parcel.attempts} attempts: {outcome.detail.get('reason')}"
            given_up = not _is_file(parcel)
            act = failed_case(parcel, reason) if given_up else _failed(parcel, reason)
        case OutcomeKind.ACCEPTED:
            act = None
        case _:
            assert_never(outcome.kind)
    acts = [] if act is None else [act]
    if outcome.kind is OutcomeKind.DONE and is_tried_again(parcel):
        acts += _cured(parcel)
    for n, each in enumerate(acts):
        key = f"{parcel.key}@{parcel.attempts}:{type(each).__name__}{n or ''}"
        yield KeyedAct(key=key, act=each, correlation=parcel.correlation)


def is_tried_again(parcel: Parcel) -> bool:
    """Say whether it may have failed before: only then can there be a case about it."""
    return parcel.attempts > 1 or _AGAIN.search(parcel.key) is not None


def _cured(parcel: Parcel) -> list[object]:
    """Withdraw what was opened when it did not get through: it has now."""
    note = f"{parcel.endpoint} took it"
    found: list[object] = [
        WithdrawCase(code=code, subject=parcel.subject, line=_first_key(parcel), note=note)
        for code in (Code.DELIVERY_FAILED, Code.ERP_REJECTED)
    ]
    if parcel.verb == "edi.send":
        code = Code.DELIVERY_FAILED
        found.append(WithdrawCase(code=code, subject=parcel.subject, note=note))
    return found


def _first_key(parcel: Parcel) -> str:
    """Give the key under which it was asked for the first time: one case for all its tries."""
    return _AGAIN.sub("", parcel.key)


def _is_file(parcel: Parcel) -> bool:
    """Say whether an interchange was to be handed over; a reminder is a plain text."""
    return parcel.verb in {"edi.send", "mail.send"} and parcel.subject.kind == Interchange.KIND


def _done(parcel: Parcel, outcome: Outcome) -> object | None:
    reference = str(outcome.detail.get("reference") or "")
    subject = parcel.subject.id
    match parcel.verb:
        case "erp.create_order":
            return RecordOrderInErp(order=subject, erp_number=reference)
        case "erp.post_invoice":
            posted = decode(parcel.payload, ErpInvoice)
            return RecordInvoiceInErp(invoice=subject, erp_number=reference, part=posted.part)
        case "finance.payable":
            owed = decode(parcel.payload, Payable)
            return RecordPayable(invoice=subject, finance_number=reference, part=owed.part)
        case "edi.send" | "mail.send" if _is_file(parcel):
            return RecordInterchangeSent(interchange=subject)
        case _:
            return None


def _failed(parcel: Parcel, reason: str) -> object:
    match parcel.verb:
        case "erp.create_order":
            return RecordErpRefusal(order=parcel.subject.id, reason=reason)
        case "edi.send" | "mail.send" if _is_file(parcel):
            return RecordUndeliverable(interchange=parcel.subject.id, reason=reason)
        case _ if parcel.endpoint == "erp":
            return failed_case(parcel, reason, code=Code.ERP_REJECTED)
        case _:
            return failed_case(parcel, reason)


def failed_case(parcel: Parcel, reason: str, *, code: Code = Code.DELIVERY_FAILED) -> OpenCase:
    """Have somebody look at an effect that was refused or given up."""
    text = f"{parcel.verb} for {parcel.subject} was not done: {reason}"
    return OpenCase(
        code=code,
        subject=parcel.subject,
        thread="",
        title=f"{parcel.endpoint} did not do {parcel.verb}",
        discrepancy=Discrepancy(
            code=code, line=_first_key(parcel), expected="done", actual=reason, text=text
        ),
        site="",
        supplier="",
        lane=parcel.lane,
    )


def alarmed(outage: Outage) -> Iterable[KeyedAct]:
    """Have somebody look at a connection through which nothing gets, until something does."""
    subject = Ref(ENDPOINT, outage.endpoint)
    key = f"outage:{outage.endpoint}/{outage.lane.value}@{micros(outage.since)}"
    if outage.is_over:
        note = f"{outage.endpoint} answers again"
        act = WithdrawCase(code=Code.ENDPOINT_DOWN, subject=subject, note=note)
        yield KeyedAct(key=f"{key}:over", act=act)
        return
    since = f"{outage.since:%Y-%m-%d %H:%M} UTC"
    opened = OpenCase(
        code=Code.ENDPOINT_DOWN,
        subject=subject,
        thread="",
        title=f"Nothing gets through to {outage.endpoint}",
        discrepancy=Discrepancy(
            code=Code.ENDPOINT_DOWN,
            expected="answers",
            actual=f"none since {since}",
            text=f"since {since} every attempt at {outage.endpoint} has failed; the last one: "
            f"{outage.reason}",
        ),
        site="",
        supplier=outage.endpoint.removeprefix("edi:") if ":" in outage.endpoint else "",
        lane=outage.lane,
    )
    yield KeyedAct(key=key, act=opened)


def failed(parcel: Parcel, command: Command, reply: Reply) -> KeyedAct | None:
    """Say what is done about an outcome's act that was refused or broke.

    A message that could not be applied goes into quarantine, with the reasons and, where it
    names an order that we do not know, with what it waits for. Anything else becomes a case.
    """
    reasons = tuple(reason.told for reason in reply.refusals)
    if reply.defect is not None:
        reasons = (*reasons, f"DEFECT: {reply.defect!r}")
    act = command.act
    if isinstance(act, TakeMessage):
        code = reply.refusals[0].code if reply.refusals else "DEFECT"
        unknown = code == "UNKNOWN_ORDER" and len(act.keys) > 0
        quarantine = QuarantineMessage(
            interchange=act.interchange,
            index=act.index,
            code=code,
            reasons=reasons,
            waits_for=act.keys[0] if unknown else None,
        )
        return KeyedAct(key=f"{command.key}:quarantine", act=quarantine)
    if isinstance(act, OpenCase | QuarantineMessage):
        return None
    return KeyedAct(
        key=f"{command.key}:case", act=failed_case(parcel, "; ".join(reasons) or "unknown")
    )
