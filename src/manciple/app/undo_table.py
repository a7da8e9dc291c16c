"""What can be taken back within the seconds, act by act, and what is done instead.

One row for each act that people may ask for; a test keeps it whole against the register of acts.
An act of this program alone has no row: nobody did it, so nobody takes it back.

    UNDONE   can be taken back; once the time is over, ``instead`` says what is still possible
    KEPT     can't be taken back, for a reason of ``Why``; ``instead`` says how it is put right
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from manciple.kernel.records import dataclass


class Why(StrEnum):
    """Why an act offers no undo."""

    FACT = "it says what somebody counted, got or was told: a mistake is corrected by saying more"
    RECORD = "nothing leaves the house because of it, and saying it again replaces it"
    REVERSE = "another act ends it, at any time and not for some seconds only"
    AT_ONCE = "it is asked for because it must work at once"
    SECURITY = "what ends or gives a right must hold from its first second"
    SECOND = "two people agreed on it, and one of them alone does not take it back"
    NUMBERED = "it takes a number of a row that may have no gap"
    ASKED = "it only asks or reminds somebody, and is harmless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Why an act can't be taken back, and what is done in its place."""

    why: Why
    instead: str


def _kept(why: Why, instead: str) -> Kept:
    return Kept(why=why, instead=instead)


_ANEW: Final = "Send it once more, as it should be."
_ORDER: Final = "Change or cancel the order: that starts its change."

UNDONE: Final[Mapping[str, str]] = {
    "Approve": "If it placed an order, change or cancel that order; else ask who decides next "
               "to reject it.",
    "CancelRemainder": "Raise the need again: what was given up is another order's now.",
    "ChangeOrder": _ORDER,
    "ForwardApproval": "Ask whoever has it now to forward it back to you.",
    "Reject": "Ask the requester to raise the need again, and approve that.",
    "RejectInvoice": "Ask the supplier to bill it again: the number may be used once more.",
    "ReleaseHold": "Reject the invoice if it is not paid yet; else ask for a credit note.",
    "ReleasePart": "Ask the supplier for a credit note, or reject what is still held.",
    "ResolveCase": "Reopen the exception, or change the order that it led to.",
}  # fmt: skip
"""By act: what can be done once the seconds are over."""

KEPT: Final[Mapping[str, Kept]] = {
    # people, keys, sessions
    "RegisterPerson": _kept(Why.RECORD, _ANEW),
    "DeactivatePerson": _kept(Why.SECURITY, "Register the person again."),
    "IssueApiKey": _kept(Why.SECURITY, "Revoke the key."),
    "RevokeApiKey": _kept(Why.SECURITY, "Issue a new key."),
    "SetPassword": _kept(Why.SECURITY, "Set another one."),
    "SetNotifying": _kept(Why.RECORD, _ANEW),
    "MarkNoticesRead": _kept(Why.RECORD, "What was read stays in the list."),
    "KeepViews": _kept(Why.RECORD, "Save the views once more."),
    "SetMailing": _kept(Why.RECORD, _ANEW),
    "WithdrawLink": _kept(Why.SECURITY, "Send a new link."),
    "DeclareInterest": _kept(Why.RECORD, "Have an administrator end it, with a reason."),
    "EndInterest": _kept(Why.SECURITY, "Declare it again."),
    "VerifyHistory": _kept(Why.ASKED, "Wait for its result."),
    "UndoAct": _kept(Why.REVERSE, "Do again what you took back."),
    # other systems
    "HoldEndpoint": _kept(Why.AT_ONCE, "Resume the endpoint."),
    "ResumeEndpoint": _kept(Why.AT_ONCE, "Hold the endpoint."),
    "TryEndpoint": _kept(Why.AT_ONCE, "Hold the endpoint."),
    "ReplayEffect": _kept(Why.AT_ONCE, "Hold the endpoint; what arrived already is found first."),
    "ReplayEffects": _kept(Why.AT_ONCE, "Hold the endpoint; what arrived already is found first."),
    "ProposeLetterEdit": _kept(Why.REVERSE, "Turn the edit down."),
    "ConfirmLetterEdit": _kept(Why.SECOND, "Hold the endpoint, and propose another edit."),
    "TurnDownEdit": _kept(Why.RECORD, "Propose it again."),
    "ProposeFileEdit": _kept(Why.REVERSE, "Turn the edit down."),
    "ConfirmFileEdit": _kept(Why.SECOND, "Propose another edit of the file."),
    "ReceiveInterchange": _kept(Why.FACT, "What came stays kept; discard what is wrong in it."),
    "RereadInterchange": _kept(Why.FACT, "Discard what can't be used."),
    "DiscardQuarantined": _kept(Why.RECORD, "Read the file again: it stays kept."),
    "AcceptControlGap": _kept(Why.RECORD, "If the numbers come after all, they are read."),
    "ResendInterchange": _kept(Why.ASKED, "The partner knows it by its number: a double counts "
                                          "once."),
    "RegisterPartner": _kept(Why.RECORD, _ANEW),
    # master data
    "RegisterItem": _kept(Why.RECORD, _ANEW),
    "RegisterSupplier": _kept(Why.RECORD, _ANEW),
    "RegisterSite": _kept(Why.RECORD, _ANEW),
    "RegisterAgreement": _kept(Why.RECORD, _ANEW),
    "RegisterCalendar": _kept(Why.RECORD, _ANEW),
    "RegisterCostCentre": _kept(Why.RECORD, _ANEW),
    "RegisterOutlook": _kept(Why.FACT, _ANEW),
    "RegisterAuthority": _kept(Why.SECURITY, _ANEW),
    "RegisterOnCall": _kept(Why.RECORD, _ANEW),
    "LinkSupplier": _kept(Why.RECORD, "Link it to its own number: to none."),
    # needs and approvals
    "SubmitRequisition": _kept(Why.REVERSE, "Withdraw the request while it is not approved."),
    "SubmitRequisitions": _kept(Why.REVERSE, "Withdraw the requests while they are not "
                                             "approved."),
    "WithdrawRequisition": _kept(Why.RECORD, "Raise it again."),
    "RerouteApproval": _kept(Why.RECORD, "Have it routed once more."),
    "Delegate": _kept(Why.REVERSE, "Revoke the delegation."),
    "RevokeDelegation": _kept(Why.SECURITY, "Delegate again."),
    "AskRequester": _kept(Why.ASKED, "Decide when you like: the question stands beside it."),
    "AnswerQuestion": _kept(Why.FACT, "Say more when they ask again."),
    "NudgeApprover": _kept(Why.ASKED, "Nothing is to do."),
    "ReleaseEmergency": _kept(Why.AT_ONCE, "Cancel the order that it led to."),
    "RefuseEmergency": _kept(Why.AT_ONCE, "Have the need declared again."),
    "RestoreEmergencyRight": _kept(Why.SECURITY, "The next cap that is passed ends it again."),
    # exceptions
    "ReassignCase": _kept(Why.REVERSE, "Assign it again."),
    "ReopenCase": _kept(Why.REVERSE, "Settle it again."),
    "TurnCase": _kept(Why.REVERSE, "Turn it again."),
    # orders and suppliers
    "WithdrawOrderChange": _kept(Why.RECORD, "Propose the change again."),
    "AgreeSubstitute": _kept(Why.FACT, "Change the order's line."),
    "RecordAcknowledgment": _kept(Why.FACT, "Record the supplier's later answer: it replaces "
                                            "this one."),
    "RecordShipNotice": _kept(Why.FACT, "Record the corrected notice."),
    "ExpediteLine": _kept(Why.ASKED, "Tell the supplier that it is not wanted any more."),
    "AskSupplier": _kept(Why.ASKED, "Nothing is to do."),
    "SendSupplierLink": _kept(Why.REVERSE, "Withdraw the link."),
    # goods
    "ReceiveOwn": _kept(Why.FACT, "Have the warehouse book the difference."),
    "RecordReceipt": _kept(Why.FACT, "Book the difference, or send goods back."),
    "RequestReturn": _kept(Why.REVERSE, "Withdraw the return."),
    "AuthoriseReturn": _kept(Why.FACT, "Withdraw the return, and request it again."),
    "RefuseReturn": _kept(Why.FACT, "Request the return again."),
    "WithdrawReturn": _kept(Why.RECORD, "Request the return again."),
    "PickReturn": _kept(Why.FACT, "Withdraw the return: the goods go back on the shelf."),
    "ShipReturn": _kept(Why.FACT, "Order the goods again."),
    "WriteOffReturn": _kept(Why.FACT, "A credit note that comes after all is booked."),
    "OrderFromWarehouse": _kept(Why.NUMBERED, "Tell the warehouse to stop it."),
    # invoices
    "RegisterInvoice": _kept(Why.FACT, "Reject the invoice."),
    "MatchInvoice": _kept(Why.RECORD, "Match it again."),
    "AssignInvoiceLine": _kept(Why.RECORD, "Assign the line again."),
}  # fmt: skip
"""By act: why it is not taken back, and how it is put right."""
