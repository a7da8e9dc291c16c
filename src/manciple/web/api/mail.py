"""Mail over HTTP: whether it is sent and in whose name; links to suppliers, and their end."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from manciple.exchange.by_mail import SendSupplierLink
from manciple.governance.link import Link, WithdrawLink
from manciple.governance.mailing import HOUSE, Mailing, SetMailing
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.documents import Ref
from manciple.web.api.asking import Asker, Asking, shown
from manciple.web.api.bodies import Body, NoteBody, ReasonBody
from manciple.web.api.problems import api_router

router = api_router()


class MailingBody(Body):
    """How this house sends mail."""

    sender: Annotated[str, Field(max_length=254, description="The address in From.")]
    address: Annotated[
        str, Field(max_length=200, description="What links begin with: https://buy.example.com")
    ]
    name: Annotated[str, Field(max_length=100)] = "Purchasing"
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    is_on: bool = True


def _inside(asker: Asking) -> None:
    if asker.actor.supplier is not None or asker.actor.has(Role.SUPPLIER):
        raise refuse("FORBIDDEN", "this is for people inside")


@router.get("/mailing", tags=["mail"])
def mailing(asker: Asker) -> Response:
    """Show how this house sends mail; the mail server itself is a setting and not shown."""
    _inside(asker)
    return shown(asker.found(Mailing, HOUSE))


@router.post("/mailing", tags=["mail"])
def set_mailing(body: MailingBody, asker: Asker) -> Response:
    """Say how this house sends mail, and switch it on or off."""
    act = SetMailing(
        mailing=Mailing(
            sender=body.sender,
            address=body.address,
            name=body.name,
            zone=body.zone,
            is_on=body.is_on,
        )
    )
    return asker.answer(act, Mailing, about=Ref(Mailing.KIND, HOUSE))


@router.post("/purchase-orders/{number}/link", tags=["mail"], status_code=201)
def send_link(number: str, body: NoteBody, asker: Asker) -> Response:
    """Mail the order's supplier a link to the page on which it can answer.

    The link itself is in no answer of this API: it goes to the supplier's address alone.
    """
    asker.found(PurchaseOrder, number)
    return asker.answer(SendSupplierLink(order=number, note=body.note), Link)


@router.get("/links/{number}", tags=["mail"])
def link(number: str, asker: Asker) -> Response:
    """Show what a link opens, for whom and until when; the link itself stands nowhere."""
    _inside(asker)
    return shown(asker.found(Link, number))


@router.post("/links/{number}/withdraw", tags=["mail"])
def withdraw_link(number: str, body: ReasonBody, asker: Asker) -> Response:
    """End a link at once: it went to the wrong address, say."""
    asker.found(Link, number)
    act = WithdrawLink(link=number, reason=body.reason)
    return asker.answer(act, Link, about=Ref(Link.KIND, number))
