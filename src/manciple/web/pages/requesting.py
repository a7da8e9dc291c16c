"""Requests: asking for something, and seeing what becomes of it.

/requests                what I asked for: its state, whose turn, since when, when it is expected
/requests/new            the form: a stock item, a part for an asset, an emergency
/requests/upload         a spreadsheet as CSV: every bad cell by row and column
/requests/NUMBER         its way so far, who decides, its lines and orders; nudge, withdraw

A form is looked at as often as one likes: ``look`` finds items by number or name and tells what
is known of them, ``preview`` says what it would cost and who would decide, ``send`` asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app.application import Preview
from manciple.app.needs import Basis, NeedDesk, NeedView
from manciple.approvals.nudging import NudgeApprover
from manciple.catalog.item import Item
from manciple.intelligence.tracing import Health
from manciple.intelligence.wording import told
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Role
from manciple.requisitioning.batch import Keep, RequisitionBatch, SubmitRequisitions
from manciple.requisitioning.intake import MAX_BYTES, CsvIntake, Problem, read_csv
from manciple.requisitioning.requisition import (
    Downtime,
    Requisition,
    SubmitRequisition,
    WithdrawRequisition,
)
from manciple.runtime.documents import Ref
from manciple.runtime.queries import EventRow, scope_of
from manciple.web.language import gettext, said
from manciple.web.pages import asking
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, check_ours, read_upload

REQUESTERS: Final = (Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE)
_LENGTH: Final = 25
_FOUND: Final = 12
_EVENTS: Final = 100
DOWNTIMES: Final = (
    (Downtime.STOPPED, said("It stands still"), said("goods wait while it does")),
    (Downtime.REDUCED, said("It runs, but reduced"), said("the next fault stops it")),
    (Downtime.PLANNED, said("For planned work"), said("nothing waits before that day")),
)
"""What the lack of a part does to its asset, in the order in which it is offered."""
_TURNS: Final = {
    "the approval": said("the approval"),
    "the answer": said("the answer to the order"),
    "the shipment": said("the shipment"),
    "the receipt": said("the receipt"),
    "recording the order": said("recording the order"),
    "the ERP refused the order": said("the ERP refused the order"),
    "sending the order": said("sending the order"),
    "making the order": said("making the order"),
    "the word to release it": said("the word to release it"),
    "nobody can be asked": said("nobody can be asked"),
    "finding who decides": said("finding who decides"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it stands: what was typed, what is wrong with it, and what it would be.

    Attributes:
        preview: what it would be; None before it was asked for, or when it is refused.
    """

    form: Form
    reasons: tuple[Reason, ...] = ()
    preview: Preview | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of a spreadsheet."""

    made: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    reasons: tuple[Reason, ...] = ()


class Requesting:
    """Serves the requester's pages."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk
        self._needs = NeedDesk(app=desk.app)

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/requests", self.mine, response_model=None)
        router.add_api_route("/requests/new", self.new, response_model=None)
        router.add_api_route("/requests/new", self.ask, methods=["POST"], response_model=None)
        router.add_api_route("/requests/upload", self.sheet, response_model=None)
        router.add_api_route(
            "/requests/upload", self.upload, methods=["POST"], response_model=None
        )
        router.add_api_route("/requests/{number}", self.one, response_model=None)
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/requests/{{number}}/{name}", self._deed(name, act), methods=["POST"],
                response_model=None, name=f"request {name}",
            )  # fmt: skip
        return router

    # ---- what I asked for -----------------------------------------------------------------

    def mine(
        self,
        request: Request,
        after: Annotated[str | None, Query(max_length=40)] = None,
        made: Annotated[str, Query(max_length=80)] = "",
        done: Annotated[str, Query(pattern="^(nudge|withdraw|receive)?$")] = "",
    ) -> Response:
        """Show what the reader asked for, newest first."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        page = self._needs.mine(reader.actor, after=after, limit=_LENGTH)
        new = self._desk.found(reader, Requisition, made) if made else None
        return self._desk.show(
            request,
            "requests.html",
            reader,
            rows=page.rows,
            after=after,
            older=page.after,
            made=new.document if new else None,
            done=done,
            may_ask=reader.actor.has(*REQUESTERS),
            state=state_of,
            turn_of=turn_of,
            basis=Basis,
        )

    # ---- asking ---------------------------------------------------------------------------

    def new(self, request: Request) -> Response:
        """Show the form, filled in with what the address says."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        given = {
            name: (value[:200],)
            for name, value in request.query_params.items()
            if name in asking.FIELDS and value.isprintable()
        }
        return self._form(request, reader, Asked(Form(given)))

    async def ask(self, request: Request) -> Response:
        """Look things up, preview, or ask for it, as the button says."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        read = await self._desk.read(request, reader)
        form = read.form
        if read.reasons:
            asked = Asked(form, read.reasons)
            return await run_in_threadpool(self._form, request, reader, asked)
        if form.text("do") == "send":
            sent = await self._desk.done(reader, form, self._act_of(reader))
            if sent.is_done and sent.subject is not None:
                return RedirectResponse(f"/requests/{sent.subject.id}?made=1", status_code=303)
            asked = Asked(form, sent.reasons)
        elif form.text("do") == "preview":
            asked = await run_in_threadpool(self._preview, reader, form)
        else:
            asked = Asked(form)
        return await run_in_threadpool(self._form, request, reader, asked)

    def _act_of(self, reader: Reader) -> Callable[[Form], SubmitRequisition]:
        def act(form: Form) -> SubmitRequisition:
            _may_ask(reader)
            return asking.act_of(form, today=self._desk.app.clock.now().date())

        return act

    def _preview(self, reader: Reader, form: Form) -> Asked:
        try:
            act = self._act_of(reader)(form)
            return Asked(form, preview=self._desk.app.preview(reader.actor, act))
        except Refused as refused:
            return Asked(form, refused.reasons)

    def _form(self, request: Request, reader: Reader, asked: Asked) -> Response:
        form = asked.form
        kind = form.text("kind")
        if kind not in asking.KINDS:
            kind = "maintenance" if reader.actor.has(Role.MAINTENANCE) else "stock"
        sites = self._needs.sites(reader.actor)
        site = form.text("site") or (sites[0].id if sites else "")
        typed = form.text("item")
        facts = self._needs.item(typed, site, reader.actor) if typed else None
        matches: tuple[Item, ...] = ()
        if typed and facts is None:
            matches = self._desk.app.items.found(typed, most=_FOUND)
        errors, others = asking.beside(asked.reasons, asking.KINDS[kind])
        return self._desk.show(
            request,
            "request-new.html",
            reader,
            status=status_of(Sent(form=form, reasons=asked.reasons)) if asked.reasons else 200,
            kind=kind,
            form=form,
            errors=errors,
            sent=Sent(form=form, reasons=others),
            sites=sites,
            site=site,
            facts=facts,
            matches=matches,
            preview=asked.preview,
            emergency=self._needs.emergency(site, reader.actor) if kind == "emergency" else None,
            units=asking.units_of(facts.item if facts else None, form.text("unit")),
            downtimes=DOWNTIMES,
            charges=asking.CHARGES,
            may_ask=reader.actor.has(*REQUESTERS),
            today=self._desk.app.clock.now().date(),
        )

    # ---- a spreadsheet --------------------------------------------------------------------

    def sheet(self, request: Request) -> Response:
        """Ask for a spreadsheet."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._uploaded(request, reader, Uploaded(), keep="all")

    async def upload(self, request: Request) -> Response:
        """Take a spreadsheet: all of its rows, or the good ones."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        form = Form({})
        try:
            _may_ask(reader)
            form, data = await read_upload(request, most=MAX_BYTES)
            check_ours(request, form, reader.viewer.word)
            data = data or form.text("pasted").encode()
            if not data.strip():
                raise refuse("NO_FILE", gettext("no file was chosen and no row was pasted"))
        except Refused as refused:
            found, pasted = Uploaded(reasons=refused.reasons), form.text("pasted")
            return await run_in_threadpool(
                self._uploaded, request, reader, found, keep="all", pasted=pasted
            )
        keep = "good" if form.text("rows") == "good" else "all"
        intake = await run_in_threadpool(read_csv, data)
        found = await self._taken(reader, form, intake, Keep(keep))
        pasted = form.text("pasted")
        return await run_in_threadpool(
            self._uploaded, request, reader, found, keep=keep, pasted=pasted
        )

    async def _taken(self, reader: Reader, form: Form, intake: CsvIntake, keep: Keep) -> Uploaded:
        if (intake.problems and keep is Keep.ALL) or not intake.requests:
            return Uploaded(problems=intake.problems)
        act = SubmitRequisitions(requests=intake.requests, keep=keep)
        sent = await self._desk.done(reader, form, lambda _: act)
        if sent.reasons:
            found = (intake.located(reason) for reason in sent.reasons)
            return Uploaded(problems=(*intake.problems, *found))
        name = sent.subject.id if sent.subject else ""
        batch = await run_in_threadpool(self._desk.app.peek, RequisitionBatch, name)
        if batch is None:
            return Uploaded(problems=intake.problems)
        left_out = (intake.left_out(each) for each in batch.omitted)
        return Uploaded(made=batch.requisitions, problems=(*intake.problems, *left_out))

    def _uploaded(
        self, request: Request, reader: Reader, found: Uploaded, *, keep: str, pasted: str = ""
    ) -> Response:
        failed = bool(found.problems and not found.made)
        sent = Sent(form=Form({}), reasons=found.reasons)
        return self._desk.show(
            request,
            "request-upload.html",
            reader,
            status=status_of(sent) if found.reasons else 422 if failed else 200,
            found=found,
            keep=keep,
            pasted=pasted,
            sent=sent,
            may_ask=reader.actor.has(*REQUESTERS),
        )

    # ---- one request ----------------------------------------------------------------------

    def one(
        self,
        request: Request,
        number: str,
        made: Annotated[str, Query(max_length=4)] = "",
        done: Annotated[str, Query(pattern="^(nudge|withdraw|receive)?$")] = "",
    ) -> Response:
        """Show a request: where it is, whose turn, and its way so far."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY, made=made, done=done)

    def _deed(self, name: str, act: Callable[[NeedView, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await self._desk.reading(request)
            if reader is None:
                return self._desk.to_sign_in(request)
            view = await run_in_threadpool(self._view, reader, number)
            if view is None:
                return self._desk.missing(request, reader, gettext("request"), number)
            about = None if name == "nudge" else Ref(Requisition.KIND, number)
            sent = await self._desk.sent(
                request, reader, lambda form: act(view, form), about=about
            )
            if sent.is_done:
                return RedirectResponse(f"/requests/{number}?done={name}", status_code=303)
            return await run_in_threadpool(self._page, request, reader, number, sent)

        return deed

    def _view(self, reader: Reader, number: str) -> NeedView | None:
        if not number.isprintable() or len(number) > 80:  # noqa: PLR2004 -- the longest number
            return None
        return self._needs.one(number, scope_of(reader.actor))

    def _page(
        self,
        request: Request,
        reader: Reader,
        number: str,
        sent: Sent,
        *,
        made: str = "",
        done: str = "",
    ) -> Response:
        view = self._view(reader, number)
        if view is None:
            return self._desk.missing(request, reader, gettext("request"), number)
        now = self._desk.app.clock.now()
        is_mine = view.need.requester == reader.actor.id
        return self._desk.show(
            request,
            "request.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            view=view,
            need=view.need,
            sent=sent,
            made=bool(made),
            done=done,
            is_mine=is_mine,
            may_nudge=is_mine and view.can_nudge,
            nudge_later=view.next_nudge if view.next_nudge and view.next_nudge > now else None,
            may_withdraw=is_mine and view.need.state.value == "submitted",
            may_receive=reader.actor.has(Role.WAREHOUSE_LEAD),
            may_count=reader.actor.has(*REQUESTERS),
            story=self._story(view),
            state=state_of,
            turn_of=turn_of,
            basis=Basis,
            whole_thread=not reader.actor.sites,
        )

    def _story(self, view: NeedView) -> Sequence[Mapping[str, Any]]:
        """Tell what happened to a request, its approval and its orders, the newest first."""
        streams = [f"requisition/{view.need.id}"]
        if view.approval is not None:
            streams.append(f"approval/{view.approval.id}")
        streams += [f"purchase-order/{stored.document.id}" for stored in view.orders]
        rows = self._desk.app.history.of(streams, limit=_EVENTS)
        return [_entry(row) for row in reversed(rows)]


def _may_ask(reader: Reader) -> None:
    if not reader.actor.has(*REQUESTERS):
        raise refuse("FORBIDDEN", gettext("you may look, but not ask for anything"))


def _entry(row: EventRow) -> Mapping[str, Any]:
    _, health, words = told(row.type, row.body["data"])
    actor = row.body["actor"]
    by = actor["id"] if isinstance(actor, Mapping) else str(actor)
    return {"at": row.at, "health": Health(health).value, "words": words, "by": by}


def state_of(view: NeedView) -> tuple[str, str]:
    """Give the word for where a request is, and how it bodes."""
    state = view.need.state.value
    if view.expected.basis is Basis.HERE:
        return gettext("here"), "done"
    words = {
        "submitted": (said("to be approved"), "waiting"),
        "approved": (said("approved"), "moving"),
        "released": (said("released, to be ratified"), "moving"),
        "rejected": (said("rejected"), "trouble"),
        "withdrawn": (said("withdrawn"), "trouble"),
        "ordered": (said("ordered"), "moving"),
    }
    word, health = words[state]
    return gettext(word), health


def turn_of(view: NeedView) -> tuple[str, str, datetime]:
    """Give whose turn it is, for what, and since when."""
    turn = view.turn
    return turn.who, gettext(_TURNS.get(turn.what, turn.what)), turn.since


def _nudge(view: NeedView, form: Form) -> object:
    name = view.need.approval
    if view.approval is None or name is None:
        raise refuse("NOT_OPEN", gettext("it lies before nobody"), field="approval")
    return NudgeApprover(approval=name, note=form.text("note"))


def _withdraw(view: NeedView, _: Form) -> object:
    return WithdrawRequisition(requisition=view.need.id)


_ACTS: Final = {"nudge": _nudge, "withdraw": _withdraw}
