"""Absence: an approver lends power for a time, and sees before who would get what.

/delegations            what I lent and was lent; who would get which open approvals; lend it
/delegations/ID/end     take it back
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.approvals.delegation import Delegate, Delegation, Delegations, RevokeDelegation
from manciple.approvals.request import Approval
from manciple.governance.people import Person
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency, Money
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.language import gettext
from manciple.web.pages.administering import words_in
from manciple.web.pages.admitting import admitted, admitted_soon
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form

ROLES: Final = (Role.APPROVER,)
_FIELDS: Final = ("to", "start", "end", "sites", "cap", "currency")
_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Goes:
    """What would become of one open approval.

    Attributes:
        whom: who would be asked; empty when it stays.
        why: why it stays.
    """

    approval: Approval
    whom: str
    why: str


class Delegating:
    """Serves the pages of absence."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/delegations", self.show, response_model=None)
        router.add_api_route("/delegations", self.lend, methods=["POST"], response_model=None)
        router.add_api_route(
            "/delegations/{name}/end", self.end, methods=["POST"], response_model=None
        )
        return router

    def show(
        self,
        request: Request,
        to: Annotated[str, Query(max_length=80)] = "",
        start: Annotated[str, Query(max_length=40)] = "",
        end: Annotated[str, Query(max_length=40)] = "",
        sites: Annotated[str, Query(max_length=400)] = "",
        cap: Annotated[str, Query(max_length=40)] = "",
        currency: Annotated[str, Query(max_length=3)] = "USD",
    ) -> Response:
        """Show what is lent; with dates and a person, what lending would do."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        fields = {"to": to, "start": start, "end": end, "sites": sites, "cap": cap,
                  "currency": currency}  # fmt: skip
        return self._page(request, reader, fields, EMPTY, ask=bool(to))

    async def lend(self, request: Request) -> Response:
        """Lend one's power."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        sent = await self._desk.sent(request, reader, lambda form: act_of(_typed(form)))
        if sent.is_done:
            return RedirectResponse("/delegations", status_code=303)
        fields = _typed(sent.form)
        return await run_in_threadpool(self._page, request, reader, fields, sent, ask=True)

    async def end(self, request: Request, name: str) -> Response:
        """Take it back."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if not await run_in_threadpool(self._is_mine, reader, name):
            return self._desk.missing(request, reader, gettext("delegation"), name)
        about = Ref(Delegation.KIND, name)
        sent = await self._desk.sent(
            request, reader, lambda _: RevokeDelegation(id=name), about=about
        )
        if sent.is_done:
            return RedirectResponse("/delegations", status_code=303)
        fields = dict.fromkeys(_FIELDS, "")
        return await run_in_threadpool(self._page, request, reader, fields, sent, ask=False)

    def _is_mine(self, reader: Reader, name: str) -> bool:
        stored = self._desk.found(reader, Delegation, name)
        if stored is None:
            return False
        lent = stored.document
        return reader.actor.id in {lent.from_person, lent.to_person} or reader.may()

    def _page(
        self,
        request: Request,
        reader: Reader,
        fields: Mapping[str, str],
        sent: Sent,
        *,
        ask: bool,
    ) -> Response:
        app, now = self._desk.app, self._desk.app.clock.now()
        listed = app.peek(Delegations, reader.actor.id)
        given = app.documents.many(Delegation, listed.given[-_MOST:] if listed else ())
        newest = app.documents.page(Delegation, state="granted", limit=_MOST).rows
        taken = [each.document for each in newest if each.document.to_person == reader.actor.id]
        reasons: tuple[Reason, ...] = sent.reasons
        goes: tuple[Goes, ...] = ()
        left_out = 0
        if ask and not reasons:
            try:
                act = act_of(fields)
                self._check_taker(act)
                goes, left_out = self._goes(reader, act)
            except Refused as refused:
                reasons = refused.reasons
        told = Sent(form=sent.form, reasons=reasons)
        return self._desk.show(
            request,
            "delegations.html",
            reader,
            status=status_of(told) if reasons else 200,
            given=[each for each in reversed(tuple(given.values())) if each.end > now],
            past=[each for each in reversed(tuple(given.values())) if each.end <= now],
            taken=[each for each in taken if each.end > now],
            fields=fields,
            is_asked=ask and not reasons,
            goes=goes,
            left_out=left_out,
            currencies=tuple(Currency),
            sent=told,
        )

    def _check_taker(self, act: Delegate) -> None:
        taker = self._desk.app.peek(Person, act.to_person)
        if taker is None or not taker.active or Role.APPROVER not in taker.roles:
            raise refuse(
                "BAD_VALUE",
                gettext("%(name)s is nobody who may approve") % {"name": act.to_person},
                field="to",
                fix=gettext("Name an approver."),
            )

    def _goes(self, reader: Reader, act: Delegate) -> tuple[tuple[Goes, ...], int]:
        """Say what would become of each approval that waits for the reader now."""
        page = self._desk.app.worklists.tasks(
            "approval", scope=scope_of(reader.actor), owner=reader.actor.id, limit=_MOST
        )
        found = self._desk.app.documents.many(Approval, [t.subject.id for t in page.rows])
        lent = Delegation(
            id="", from_person=reader.actor.id, to_person=act.to_person, start=act.start,
            end=act.end, document_types=act.document_types, sites=act.sites, cap=act.cap,
        )  # fmt: skip
        now = self._desk.app.clock.now()
        rows = tuple(_goes_to(each, lent, now) for each in found.values())
        return rows, 0 if page.after is None else 1


def _goes_to(approval: Approval, lent: Delegation, now: datetime) -> Goes:
    why = ""
    if not lent.speaks_of(document_type=approval.document_type, site=approval.site):
        why = gettext("it is of another site")
    elif not lent.allows(approval.decisive):
        why = gettext("it is above the cap")
    elif approval.requester == lent.to_person:
        why = gettext("they asked for it themselves")
    elif now < lent.start:
        why = gettext("it goes over when the absence begins, if it still waits then")
    return Goes(approval=approval, whom="" if why else lent.to_person, why=why)


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in _FIELDS}


def act_of(fields: Mapping[str, str]) -> Delegate:
    """Make the act of what was typed; times are UTC unless they say otherwise.

    Raises:
        Refused: BAD_VALUE, with the field.
    """
    cap = None
    if fields.get("cap"):
        try:
            amount = Decimal(fields["cap"].replace(",", ""))
            cap = Money(amount, Currency(fields.get("currency") or "USD"))
        except (ValueError, InvalidOperation) as problem:
            raise refuse(
                "BAD_VALUE",
                gettext("%(text)s is no amount") % {"text": fields["cap"]},
                field="cap",
                fix=gettext("Write 2000 or 2000.00."),
            ) from problem
    return Delegate(
        to_person=fields.get("to", ""),
        start=_instant(fields.get("start", ""), "start"),
        end=_instant(fields.get("end", ""), "end"),
        sites=words_in(fields.get("sites", "")),
        cap=cap,
    )


def _instant(text: str, field: str) -> datetime:
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise refuse(
            "BAD_VALUE", gettext("“%(text)s” is no time") % {"text": text}, field=field,
            fix=gettext("Write 2026-07-01T08:00."),
        ) from problem  # fmt: skip
    return when if when.tzinfo else when.replace(tzinfo=UTC)
