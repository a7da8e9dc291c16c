"""Approving by a link from a mail: a page that shows what is decided on, and asks.

/a/TOKEN            the facts of the letter as they are now, and what can be decided
/a/TOKEN/approve    yes                  /a/TOKEN/reject    no, with a reason
/a/TOKEN/ask        a question to the requester first; the answer comes with a fresh link
/a/TOKEN/undo       takes back what was just decided, for some seconds and once

Who decides is the person to whom the link was given, by their own right at that moment; a link in
the hands of somebody else who is signed in here is refused.
"""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from manciple.approvals.questions import AskRequester
from manciple.approvals.request import Approval, Approve, Reject, StepState
from manciple.governance.link import Purpose, Standing, read
from manciple.governance.people import Person, actor_of
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Command
from manciple.ordering.change.order_change import OrderChange
from manciple.processes.approving_by_mail import shown_of
from manciple.processes.letters import said_price
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Stored
from manciple.runtime.undoing import SECONDS
from manciple.web.language import gettext
from manciple.web.pages.approving import REASONS
from manciple.web.pages.desk import EMPTY, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.linking import LinkDoor, Opened
from manciple.web.pages.second_thought import SecondThought

_NOTE = 1000


def _key(link: str, form: Form) -> str:
    """Give the idempotency key of what a form of a link asks."""
    return f"link:{link}:{form.key}"


class Deciding:
    """Serves approvers who come by a link."""

    def __init__(self, door: LinkDoor) -> None:
        """Stand at the door for links."""
        self._door, self._app = door, door.desk.app
        self._second = SecondThought(door)

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/a/{token}", self.show, methods=["GET", "HEAD"], response_model=None)
        deeds = (("approve", self.approve), ("reject", self.reject), ("ask", self.ask))
        for name, deed in deeds:
            router.add_api_route(
                f"/a/{{token}}/{name}", deed, methods=["POST"], response_model=None
            )
        undo = self._second.undo
        router.add_api_route("/a/{token}/undo", undo, methods=["POST"], response_model=None)
        return router

    def show(self, request: Request, token: str) -> Response:
        """Show what is decided on; looking decides nothing."""
        opened = self._door.open(token, Purpose.APPROVAL)
        if isinstance(opened, Standing):
            return self._door.closed(request, opened)
        return self._page(request, opened, EMPTY)

    async def approve(self, request: Request, token: str) -> Response:
        """Say yes."""
        return await self._decide(request, token, deed="approve")

    async def reject(self, request: Request, token: str) -> Response:
        """Say no, with a reason."""
        return await self._decide(request, token, deed="reject")

    async def ask(self, request: Request, token: str) -> Response:
        """Ask the requester something first; the answer brings a fresh link."""
        return await self._decide(request, token, deed="ask")

    async def _decide(self, request: Request, token: str, *, deed: str) -> Response:
        opened = await run_in_threadpool(self._door.open, token, Purpose.APPROVAL)
        form = Form({})
        if isinstance(opened, Standing):
            return await self._closed(request, token, opened, deed=deed)
        hindrance = await run_in_threadpool(self._hindrance, request, opened)
        if hindrance is not None:
            return hindrance
        try:
            form = await self._door.form(request, opened)
            command = await run_in_threadpool(self._command, opened, form, deed=deed)
        except Refused as refused:
            sent = Sent(form=form, reasons=refused.reasons)
        else:
            reply = await self._app.apply_soon(command)
            sent = Sent(form=form, reasons=reply.refusals, subject=reply.subject)
        if sent.is_done:
            key = _key(opened.link.id, form)
            return await run_in_threadpool(self._thanks, request, token, key, deed=deed)
        return await run_in_threadpool(self._page, request, opened, sent)

    async def _closed(self, request: Request, token: str, why: Standing, *, deed: str) -> Response:
        """Say that a link opens nothing; the very form that used it up is thanked once more."""
        keys = self._app.systems.link_keys.keys()
        claims = read(token, keys, Purpose.APPROVAL) if why is Standing.USED else None
        if claims is not None:
            try:
                form = await self._door.form_of(request, token)
                key = _key(claims.link, form)
            except Refused:
                return self._door.closed(request, why)
            if await run_in_threadpool(self._app.supplier_papers.was_done, key):
                return await run_in_threadpool(self._thanks, request, token, key, deed=deed)
        return self._door.closed(request, why)

    def _thanks(self, request: Request, token: str, key: str, *, deed: str) -> Response:
        if deed == "ask":
            words = gettext(
                "Nothing is decided, and your time to decide goes on. The answer comes to you by "
                "mail, with a fresh link; signed in, you can decide at any time."
            )
            return self._door.told(request, gettext("Asked"), words)
        title = gettext("Approved") if deed == "approve" else gettext("Rejected")
        return self._second.thank(request, token, key, title)

    def _command(self, opened: Opened, form: Form, *, deed: str) -> Command:
        """Make the command, as the person to whom the link was given."""
        number, step = opened.claims.subject.id, opened.claims.part
        person = self._app.peek(Person, opened.claims.bearer)
        assert person is not None, "the page was shown to them"
        note, version = form.text("note")[:_NOTE], form.text("version")
        acts: dict[str, object] = {
            "approve": Approve(approval=number, step=step, note=note),
            "reject": Reject(approval=number, step=step, reason=form.text("reason"), note=note),
            "ask": AskRequester(approval=number, step=step, question=form.text("question")),
        }
        about = str(Ref(Approval.KIND, number))
        return Command(
            key=_key(opened.link.id, form),
            act=acts[deed],
            actor=actor_of(person),
            at=self._app.clock.now(),
            door="mail",
            expects=((about, int(version)),) if version.isdecimal() else (),
            undo_seconds=SECONDS,
        )

    def _hindrance(self, request: Request, opened: Opened) -> Response | None:
        """Say why a link that holds opens nothing all the same; None when nothing hinders.

        Somebody else is signed in; its person left; the document changed; it was decided.
        """
        door, claims = self._door, opened.claims
        person = self._app.peek(Person, claims.bearer)
        if person is None or not person.active:
            return door.closed(request, Standing.WITHDRAWN)
        here = door.desk.entry.signed_in(request)
        if here is not None and here.id != person.id:
            return door.told(
                request,
                gettext("This link is somebody else's"),
                gettext(
                    "You are signed in under another name than the one that it was sent to. "
                    "Nothing was decided. If you were asked too, you find it under Approvals."
                ),
                status=403,
            )
        stored = self._app.documents.get(Approval, claims.subject.id)
        if stored is None:
            return door.closed(request, Standing.UNKNOWN)
        approval = stored.document
        step = next((each for each in approval.steps if each.number == claims.part), None)
        if shown_of(approval, self._subject(stored)) != opened.link.shown:
            return door.told(
                request,
                gettext("It has changed since the mail was sent"),
                gettext(
                    "What you were asked to decide on says something else now, so this link "
                    "decides nothing. If you are asked again, you get another mail."
                ),
                status=410,
            )
        if not approval.is_pending or step is None or step.state is not StepState.PENDING:
            return door.told(
                request,
                gettext("It is decided already"),
                gettext("Somebody was faster, or it is not needed any more. Nothing is to do."),
                status=410,
            )
        return None

    def _subject(self, stored: Stored[Approval]) -> Requisition | OrderChange | None:
        subject = stored.document.subject
        if subject.kind == Requisition.KIND:
            return self._app.peek(Requisition, subject.id)
        return self._app.peek(OrderChange, subject.id)

    def _page(self, request: Request, opened: Opened, sent: Sent) -> Response:
        hindrance = self._hindrance(request, opened)
        if hindrance is not None:
            return hindrance
        stored = self._app.documents.get(Approval, opened.claims.subject.id)
        person = self._app.peek(Person, opened.claims.bearer)
        assert stored is not None, "it was there a moment ago"
        approval = stored.document
        subject = self._subject(stored)
        return self._door.show(
            request,
            "mail-approval.html",
            status=status_of(sent) if sent.reasons else 200,
            opened=opened,
            approval=approval,
            version=stored.version,
            step=next(each for each in approval.steps if each.number == opened.claims.part),
            person=person,
            need=subject if isinstance(subject, Requisition) else None,
            change=subject if isinstance(subject, OrderChange) else None,
            reasons=REASONS,
            sent=sent,
            said_price=said_price,
        )
