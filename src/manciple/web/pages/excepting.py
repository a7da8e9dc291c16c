"""Exceptions: the queue in the order of what is at stake, and the page on which one is settled.

/exceptions                the queue: by impact, due time or age; mine, or all that I may see
/exceptions.csv            the same queue as a sheet
/exceptions/ID             what happened, what to check, the steps, what may be done and its cost
/exceptions/ID/resolve     the resolution acts      /reopen, /turn, /take, /give
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app.exception_queue import ExceptionQueue, Queue, Row
from manciple.app.exceptions import ExceptionDesk
from manciple.cases.aging import Turn
from manciple.cases.case import OWNERS, Case, ReassignCase, ReopenCase, ResolveCase, TurnCase
from manciple.cases.impact import Order, shown
from manciple.cases.root_cause import RootCause
from manciple.kernel.errors import Refused, refuse
from manciple.runtime.documents import Ref
from manciple.runtime.narrowing import Narrow, Tally
from manciple.runtime.queries import scope_of
from manciple.web.language import gettext, said
from manciple.web.pages.admitting import require
from manciple.web.pages.batch import MOST, Acts, Name, sent_batch, show_batch
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.sheet import Column, sheet
from manciple.web.pages.tabs import Counted, told

_LENGTH: Final = 50
ORDERS: Final = (
    (Order.IMPACT, said("By impact")),
    (Order.DUE, said("By due time")),
    (Order.OLDEST, said("Oldest")),
)
"""In what orders the queue is offered."""

Due = Annotated[str, Query(pattern="^(late|soon|)$")]
RESOLUTIONS: Final = (
    said("accept"), said("wait for the rest"), said("give up the rest"), said("chase"),
    said("discard"), said("dispute"), said("expedite"), said("buy elsewhere"), said("release"),
    said("reread"), said("resend"), said("return"), said("overtaken"),
)  # fmt: skip
"""What an exception can end with, as `spoken` says it."""
_SOON: Final = timedelta(hours=24)
_TICK: Final = timedelta(microseconds=1)


def narrowed(due: str, site: str, now: datetime) -> Narrow:
    """Narrow the queue to a site, and to what is late or due within a day."""
    sites = (site,) if site else None
    if due == "late":
        return Narrow(before=now, sites=sites)
    if due == "soon":
        return Narrow(since=now, before=now + _SOON + _TICK, sites=sites)
    return Narrow(sites=sites)


def _count(
    reader: Reader,
    asked: Mapping[str, str],
    now: datetime,
    *,
    here: tuple[str, str, str],
    kinds: Mapping[str, int],
    more: bool,
) -> Counted:
    """Say what a tab of the queue counts; one type of another queue than this is not counted."""
    code = asked.get("code", "")
    if code:
        there = (asked.get("whose", "mine"), asked.get("due", ""), asked.get("site", ""))
        return told(kinds.get(code, 0), more=more) if here == there else None
    return tally(reader, asked, now)


def tally(reader: Reader, asked: Mapping[str, str], now: datetime) -> Tally:
    """Say which rows a filter of every type means."""
    mine = asked.get("whose", "mine") == "mine"
    return Tally(
        list="case",
        owner=reader.actor.id if mine else None,
        roles=tuple(reader.actor.roles) if mine else (),
        narrow=narrowed(asked.get("due", ""), asked.get("site", ""), now),
    )


COLUMNS: Final[tuple[Column[Row], ...]] = (
    Column(said("Place"), lambda row: row.rank),
    Column(said("Exception"), lambda row: row.case.id),
    Column(said("What happened"), lambda row: row.case.title),
    Column(said("Type"), lambda row: row.case.code),
    Column(said("Site"), lambda row: row.case.site),
    Column(said("Supplier"), lambda row: row.case.supplier),
    Column(said("Lane"), lambda row: row.case.lane),
    Column(said("Points a minute"), lambda row: Decimal(shown(row.ranked.impact))),
    Column(said("Why it stands here"), lambda row: "; ".join(row.ranked.why)),
    Column(said("Owner"), lambda row: row.case.owner or row.case.owner_role),
    Column(said("Due"), lambda row: row.case.due_at),
)
"""The queue as a sheet."""


class Excepting:
    """Serves the pages of exceptions."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/exceptions", self.queue, response_model=None)
        router.add_api_route("/exceptions.csv", self.queue_sheet, response_model=None)
        router.add_api_route(
            "/exceptions/several", self.several, methods=["POST"], response_model=None
        )
        router.add_api_route("/exceptions/{number}", self.one, response_model=None)
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/exceptions/{{number}}/{name}", self._deed(act), methods=["POST"],
                response_model=None, name=f"exception {name}",
            )  # fmt: skip
        return router

    def queue(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "mine",
        order: Order = Order.IMPACT,
        code: Annotated[str, Query(max_length=40)] = "",
        due: Due = "",
        site: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str | None, Query(max_length=80)] = None,
        done: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Show what went wrong, in the order of what it endangers."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        now = self._desk.app.clock.now()
        mine = whose == "mine"
        ranking = ExceptionQueue(app=self._desk.app)
        standing = ranking.standing(
            order,
            self._desk.lines,
            scope=scope_of(reader.actor),
            owner=reader.actor.id if mine else None,
            roles=tuple(reader.actor.roles) if mine else None,
            narrow=narrowed(due, site, now),
            words=(due, site),
        )
        queue = standing.value
        kinds: dict[str, int] = {}
        for row in queue.rows:
            kinds[row.case.code.value] = kinds.get(row.case.code.value, 0) + 1
        rows = [row for row in queue.rows if not code or row.case.code.value == code]
        start = next((n for n, row in enumerate(rows, 1) if row.task.id == after), 0)
        shown = ranking.fresh(rows[start : start + _LENGTH])
        settled = self._desk.found(reader, Case, done) if done else None
        return self._desk.show(
            request,
            "exceptions.html",
            reader,
            count_of=lambda asked: _count(
                reader, asked, now, here=(whose, due, site), kinds=kinds, more=queue.left_out > 0
            ),
            rows=shown,
            total=len(rows),
            left_out=queue.left_out,
            ranked_at=standing.at,
            older=shown[-1].task.id if start + _LENGTH < len(rows) else None,
            kinds=sorted(kinds.items(), key=lambda each: (-each[1], each[0])),
            whose=whose,
            order=order,
            orders=ORDERS,
            turns=tuple(Turn),
            may_act=reader.actor.has(*OWNERS),
            code=code,
            due=due,
            site=site,
            after=after,
            settled=settled.document if settled else None,
        )

    def _queue(self, reader: Reader, order: Order, *, mine: bool, narrow: Narrow) -> Queue:
        return ExceptionQueue(app=self._desk.app).read(
            order,
            scope=scope_of(reader.actor),
            owner=reader.actor.id if mine else None,
            roles=tuple(reader.actor.roles) if mine else None,
            narrow=narrow,
        )

    def queue_sheet(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "mine",
        order: Order = Order.IMPACT,
        code: Annotated[str, Query(max_length=40)] = "",
        due: Due = "",
        site: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Give the queue as a sheet: every row of the same filter, in the same order."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        narrow = narrowed(due, site, self._desk.app.clock.now())
        queue = self._queue(reader, order, mine=whose == "mine", narrow=narrow)
        rows = [row for row in queue.rows if not code or row.case.code.value == code]
        return sheet("exceptions", COLUMNS, [rows], left_out=queue.left_out)

    async def several(self, request: Request) -> Response:
        """Take, give or note whose move it is for several, each by an act of its own."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        batch = await sent_batch(
            self._desk, request, reader, lambda form: run_in_threadpool(self._acts, reader, form)
        )
        return await run_in_threadpool(
            show_batch, self._desk, request, reader, batch, names=self._named,
            back=("/exceptions", gettext("Exceptions")),
        )  # fmt: skip

    def _acts(self, reader: Reader, form: Form) -> Acts:
        """Give the act that was chosen for each exception that was ticked.

        Raises:
            Refused: FORBIDDEN; it is no act for several, or lacks what it needs.
        """
        require(reader, OWNERS)
        act = SEVERAL.get(form.text("act"))
        if act is None:
            raise refuse("BAD_VALUE", "nothing was chosen to be done", field="act")
        acts: list[tuple[str, object]] = []
        for name in list(dict.fromkeys(form.all("case")))[:MOST]:
            if self._desk.found(reader, Case, name) is None:
                acts.append((name, refuse("NOT_FOUND", gettext("there is no such exception"))))
            else:
                acts.append((name, act(reader, name, form)))
        return acts

    def _named(self, rows: Sequence[str]) -> Mapping[str, Name]:
        found = self._desk.app.documents.many(Case, list(rows))
        return {row: Name(case.title, f"/exceptions/{row}") for row, case in found.items()}

    def one(self, request: Request, number: str) -> Response:
        """Show an exception: what happened, how it is worked, what may be done."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY)

    def _deed(self, act: Callable[[Reader, str, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await self._desk.reading(request)
            if reader is None:
                return self._desk.to_sign_in(request)
            if await run_in_threadpool(self._desk.found, reader, Case, number) is None:
                return self._desk.missing(request, reader, said("exception"), number)
            about = Ref(Case.KIND, number)
            sent = await self._desk.sent(
                request, reader, lambda form: act(reader, number, form), about=about
            )
            if sent.is_done:
                to = "/exceptions?done=" if sent.form.text("resolution") else "/exceptions/"
                return RedirectResponse(f"{to}{number}", status_code=303)
            return await run_in_threadpool(self._page, request, reader, number, sent)

        return deed

    def _page(self, request: Request, reader: Reader, number: str, sent: Sent) -> Response:
        stored = self._desk.found(reader, Case, number)
        if stored is None:
            return self._desk.missing(request, reader, said("exception"), number)
        case, desk = stored.document, ExceptionDesk(app=self._desk.app)
        is_owner = case.owner in (None, reader.actor.id) and reader.may(case.owner_role)
        return self._desk.show(
            request,
            "exception.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            case=case,
            version=stored.version,
            guide=desk.guide(case),
            age=desk.age(case),
            work=desk.work(case),
            causes=tuple(RootCause),
            turns=tuple(Turn),
            may_act=case.is_open and is_owner,
            sent=sent,
        )


def _resolve(_: Reader, number: str, form: Form) -> object:
    """Settle it; terms come as ``term.NAME``."""
    terms = {
        name.removeprefix("term."): form.text(name)
        for name in sorted(form.fields)
        if name.startswith("term.") and form.text(name)
    }
    cause = form.text("root_cause")
    return ResolveCase(
        case=number,
        resolution=form.text("resolution"),
        note=form.text("note"),
        terms=terms,
        minutes=_minutes(form.text("minutes")),
        root_cause=RootCause(cause) if cause in set(RootCause) else None,
    )


def _minutes(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as problem:
        raise _no_number(text) from problem


def _no_number(text: str) -> Refused:
    return refuse(
        "BAD_VALUE", f"{text} is no number of minutes", field="minutes",
        fix="Write 12, or leave it out.",
    )  # fmt: skip


def _reopen(_: Reader, number: str, form: Form) -> object:
    return ReopenCase(case=number, reason=form.text("note"))


def _turn(_: Reader, number: str, form: Form) -> object:
    word = form.text("turn")
    if word not in set(Turn):
        raise refuse("BAD_VALUE", f"nobody is called {word}", field="turn")
    return TurnCase(case=number, turn=Turn(word), note=form.text("note"))


def _take(reader: Reader, number: str, _: Form) -> object:
    return ReassignCase(case=number, owner=reader.actor.id)


def _give(_: Reader, number: str, form: Form) -> object:
    return ReassignCase(case=number, owner=form.text("owner"))


_ACTS: Final = {
    "resolve": _resolve,
    "reopen": _reopen,
    "turn": _turn,
    "take": _take,
    "give": _give,
}

SEVERAL: Final = {"take": _take, "give": _give, "turn": _turn}
"""What may be done with several exceptions at once; each is settled by itself."""
