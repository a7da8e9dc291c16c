"""Which request asks for which act: the table that documents and tests of rights are made from.

An act that stands here with no request can't be asked for over HTTP: it comes from a partner's
file, from the warehouse's feed, or from this program itself.
"""

from collections.abc import Mapping

from manciple.approvals.authority import RegisterAuthority
from manciple.approvals.delegation import Delegate, RevokeDelegation
from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.nudging import NudgeApprover
from manciple.approvals.questions import AnswerQuestion, AskRequester
from manciple.approvals.relations import DeclareInterest, EndInterest, LinkSupplier
from manciple.approvals.request import Approve, Reject, RerouteApproval
from manciple.cases.case import ReassignCase, ReopenCase, ResolveCase, TurnCase
from manciple.catalog.agreement import RegisterAgreement
from manciple.catalog.calendars import RegisterCalendar
from manciple.catalog.cost_centre import RegisterCostCentre
from manciple.catalog.item import RegisterItem
from manciple.catalog.outlook import RegisterOutlook
from manciple.catalog.site import RegisterSite
from manciple.catalog.supplier import RegisterSupplier
from manciple.exchange.by_mail import SendSupplierLink
from manciple.exchange.control_numbers import AcceptControlGap
from manciple.exchange.interchange import (
    DiscardQuarantined,
    ReceiveInterchange,
    RereadInterchange,
)
from manciple.exchange.mending import ConfirmFileEdit, ProposeFileEdit
from manciple.exchange.partner import RegisterPartner
from manciple.exchange.resending import ResendInterchange
from manciple.governance.account import SetPassword
from manciple.governance.api_key import IssueApiKey, RevokeApiKey
from manciple.governance.auditing import VerifyHistory
from manciple.governance.editing import ConfirmLetterEdit, ProposeLetterEdit, TurnDownEdit
from manciple.governance.link import WithdrawLink
from manciple.governance.mailing import SetMailing
from manciple.governance.notice import MarkNoticesRead, SetNotifying
from manciple.governance.operations import (
    HoldEndpoint,
    ReplayEffect,
    ReplayEffects,
    ResumeEndpoint,
    TryEndpoint,
)
from manciple.governance.people import DeactivatePerson, RegisterPerson
from manciple.governance.saved_view import KeepViews
from manciple.invoicing.holds import ReleaseHold
from manciple.invoicing.invoice import AssignInvoiceLine, MatchInvoice, RejectInvoice
from manciple.invoicing.part import ReleasePart
from manciple.ordering.change.order_change import ChangeOrder, WithdrawOrderChange
from manciple.ordering.purchase_order import CancelRemainder
from manciple.ordering.substituting import AgreeSubstitute
from manciple.receiving.own_receipt import ReceiveOwn
from manciple.receiving.receipt import RecordReceipt
from manciple.receiving.supplier_return import (
    AuthoriseReturn,
    PickReturn,
    RefuseReturn,
    RequestReturn,
    ShipReturn,
    WithdrawReturn,
    WriteOffReturn,
)
from manciple.receiving.warehouse_order import OrderFromWarehouse
from manciple.requisitioning.batch import SubmitRequisitions
from manciple.requisitioning.emergency import (
    RefuseEmergency,
    ReleaseEmergency,
    RestoreEmergencyRight,
)
from manciple.requisitioning.on_call import RegisterOnCall
from manciple.requisitioning.requisition import SubmitRequisition, WithdrawRequisition
from manciple.runtime.undoing import UndoAct
from manciple.supplying.asking import AskSupplier
from manciple.supplying.expedite import ExpediteLine

ASKED_BY: Mapping[type, str] = {
    SubmitRequisition: "POST /v1/requisitions",
    SubmitRequisitions: "POST /v1/requisitions/import",
    WithdrawRequisition: "POST /v1/requisitions/{number}/withdraw",
    ReleaseEmergency: "POST /v1/emergencies/{number}/release",
    RefuseEmergency: "POST /v1/emergencies/{number}/refuse",
    RestoreEmergencyRight: "POST /v1/emergency-rights/{name}/restore",
    KeepViews: "POST /v1/views",
    UndoAct: "POST /v1/undos/{number}/apply",
    Approve: "POST /v1/approvals/{number}/approve",
    Reject: "POST /v1/approvals/{number}/reject",
    AskRequester: "POST /v1/approvals/{number}/ask",
    AnswerQuestion: "POST /v1/approvals/{number}/answer",
    ForwardApproval: "POST /v1/approvals/{number}/forward",
    NudgeApprover: "POST /v1/requisitions/{number}/nudge",
    RerouteApproval: "POST /v1/approvals/{number}/reroute",
    Delegate: "POST /v1/delegations",
    RevokeDelegation: "POST /v1/delegations/{number}/revoke",
    DeclareInterest: "POST /v1/interests",
    EndInterest: "POST /v1/interests/{name}/end",
    LinkSupplier: "POST /v1/suppliers/{name}/house",
    CancelRemainder: "POST /v1/purchase-orders/{number}/cancel-remainder",
    AgreeSubstitute: "POST /v1/purchase-orders/{number}/substitutes",
    ChangeOrder: "POST /v1/purchase-orders/{number}/changes",
    WithdrawOrderChange: "POST /v1/order-changes/{number}/withdraw",
    RecordReceipt: "POST /v1/receipts",
    ReceiveOwn: "POST /v1/requisitions/{number}/receipts",
    RequestReturn: "POST /v1/returns",
    AuthoriseReturn: "POST /v1/returns/{number}/authorise",
    RefuseReturn: "POST /v1/returns/{number}/refuse",
    WithdrawReturn: "POST /v1/returns/{number}/withdraw",
    PickReturn: "POST /v1/returns/{number}/pick",
    ShipReturn: "POST /v1/returns/{number}/ship",
    WriteOffReturn: "POST /v1/returns/{number}/write-off",
    ReleaseHold: "POST /v1/invoices/{number}/release",
    ReleasePart: "POST /v1/invoices/{number}/release-part",
    AssignInvoiceLine: "POST /v1/invoices/{number}/assign-line",
    MatchInvoice: "POST /v1/invoices/{number}/rematch",
    RejectInvoice: "POST /v1/invoices/{number}/reject",
    ResolveCase: "POST /v1/exceptions/{number}/resolve",
    ReassignCase: "POST /v1/exceptions/{number}/reassign",
    ReopenCase: "POST /v1/exceptions/{number}/reopen",
    TurnCase: "POST /v1/exceptions/{number}/turn",
    ReceiveInterchange: "POST /v1/interchanges",
    RereadInterchange: "POST /v1/interchanges/{number}/reread",
    DiscardQuarantined: "POST /v1/quarantine/{number}/discard",
    AskSupplier: "POST /v1/purchase-orders/{number}/ask",
    ExpediteLine: "POST /v1/purchase-orders/{number}/expedite",
    OrderFromWarehouse: "POST /v1/warehouse-orders",
    ResendInterchange: "POST /v1/interchanges/{number}/resend",
    AcceptControlGap: "POST /v1/control-numbers/{number}/accept",
    RegisterItem: "PUT /v1/items/{name}",
    RegisterSupplier: "PUT /v1/suppliers/{name}",
    RegisterSite: "PUT /v1/sites/{name}",
    RegisterAgreement: "PUT /v1/agreements/{name}",
    RegisterOutlook: "PUT /v1/outlooks/{name}",
    RegisterCalendar: "PUT /v1/calendars/{name}",
    RegisterCostCentre: "PUT /v1/cost-centres/{name}",
    RegisterOnCall: "PUT /v1/on-call/{name}",
    RegisterPartner: "PUT /v1/partners/{name}",
    RegisterPerson: "PUT /v1/people/{name}",
    DeactivatePerson: "POST /v1/people/{name}/deactivate",
    SetPassword: "POST /v1/people/{name}/password",
    RegisterAuthority: "PUT /v1/authorities/{name}",
    IssueApiKey: "POST /v1/keys",
    RevokeApiKey: "POST /v1/keys/{name}/revoke",
    SetNotifying: "POST /v1/notifying",
    MarkNoticesRead: "POST /v1/notices/read",
    SetMailing: "POST /v1/mailing",
    SendSupplierLink: "POST /v1/purchase-orders/{number}/link",
    WithdrawLink: "POST /v1/links/{number}/withdraw",
    HoldEndpoint: "POST /v1/endpoints/{name}/hold",
    TryEndpoint: "POST /v1/endpoints/{name}/try",
    ResumeEndpoint: "POST /v1/endpoints/{name}/resume",
    ReplayEffect: "POST /v1/effects/{key}/replay",
    ReplayEffects: "POST /v1/deadletters/replay",
    ProposeLetterEdit: "POST /v1/effects/{key}/edit",
    ConfirmLetterEdit: "POST /v1/effects/{key}/edit/confirm",
    ProposeFileEdit: "POST /v1/quarantine/{number}/edit",
    ConfirmFileEdit: "POST /v1/quarantine/{number}/edit/confirm",
    TurnDownEdit: "POST /v1/edits/{name}/turn-down",
    VerifyHistory: "POST /v1/audit/verify",
}
"""By act, the request that asks for it."""

NO_ACT = (
    "POST /v1/purchase-orders/{number}/changes/preview",
    "POST /v1/requisitions/preview",
    "POST /v1/policies/{table}/decide",
)
"""Requests that change nothing: they only think."""
