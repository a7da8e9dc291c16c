"""What suppliers propose: their answers outside the tolerances, ours beside theirs.

/proposals               the first due first, with the row of policy that spoke and the effect
/proposals/accept        the chosen are accepted, as far as policy lets them be together
/proposals/CASE/decide   one is decided on by itself: accept, reject, re-source ...
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app.proposals import Proposal, ProposalDesk
from manciple.cases.case import Case, ResolveCase
from manciple.kernel.errors import Refused, refuse
from manciple.processes.exceptions.in_bulk import ACCEPT
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.language import gettext, said
from manciple.web.pages import revisions, units, wording
from manciple.web.pages.batch import Acts, Batch, Name, Unless, sent_batch, show_batch
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.layout import BUYING

_LENGTH: Final = 20
_NOBODY: Final = Batch(form=Form({}))
HERE: Final = {
    "accept": said("Accept"),
    "dispute": said("Reject: our terms stand"),
    "cancel_remainder": said("Give up the rest"),
    "await_balance": said("Wait for the rest"),
    "chase": said("Ask again"),
    "re_source": said("Buy elsewhere"),
}
"""Resolutions that can be said in one line; the others are decided on the exception's page."""


class Proposing:
    """Serves what suppliers propose."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/proposals", self.list, response_model=None)
        router.add_api_route(
            "/proposals/accept", self.accept, methods=["POST"], response_model=None
        )
        router.add_api_route(
            "/proposals/{case}/decide", self.decide, methods=["POST"], response_model=None
        )
        return router

    def list(
        self,
        request: Request,
        after: Annotated[str | None, Query(max_length=200)] = None,
        done: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Show what waits to be decided."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, after=after, done=done)

    async def accept(self, request: Request) -> Response:
        """Accept the chosen ones, each within the limits of policy."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*BUYING):
            return self._desk.missing(request, reader, "page", "/proposals")
        bounds = _acceptances(self._desk, reader)
        batch = await sent_batch(self._desk, request, reader, bounds)
        if batch.is_part and not batch.reasons:
            return await run_in_threadpool(
                show_batch, self._desk, request, reader, batch, names=self._named,
                back=("/proposals", gettext("Supplier proposals")),
            )  # fmt: skip
        if batch.is_done:
            return RedirectResponse(f"/proposals?done={len(batch.done)}", status_code=303)
        return await run_in_threadpool(self._page, request, reader, batch=batch)

    def _named(self, rows: Sequence[str]) -> Mapping[str, Name]:
        found = self._desk.app.documents.many(Case, list(rows))
        return {row: Name(case.title, f"/exceptions/{row}") for row, case in found.items()}

    async def decide(self, request: Request, case: str) -> Response:
        """Decide on one."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        found = await run_in_threadpool(self._desk.found, reader, Case, case)
        if found is None or not reader.may(*BUYING):
            return self._desk.missing(request, reader, "proposal", case)
        sent = await self._desk.sent(
            request, reader, lambda form: _decision(case, form), about=Ref(Case.KIND, case)
        )
        if sent.is_done:
            return RedirectResponse(f"/proposals?done={case}", status_code=303)
        return await run_in_threadpool(self._page, request, reader, sent=sent, refused=case)

    def _page(
        self,
        request: Request,
        reader: Reader,
        *,
        after: str | None = None,
        done: str = "",
        batch: Batch = _NOBODY,
        sent: Sent = EMPTY,
        refused: str = "",
    ) -> Response:
        if not reader.may(*BUYING):
            return self._desk.missing(request, reader, "page", "/proposals")
        try:
            page = ProposalDesk(self._desk.app).page(
                scope=scope_of(reader.actor), after=after, limit=_LENGTH
            )
        except Refused:
            return self._desk.missing(request, reader, "page", after or "")
        settled = self._desk.found(reader, Case, done) if done and not done.isdecimal() else None
        return self._desk.show(
            request,
            "proposals.html",
            reader,
            status=status_of(sent) if sent.reasons else 200 if batch is _NOBODY else batch.status,
            proposals=page.rows,
            older=page.after,
            after=after,
            done=done if done.isascii() and done.isdecimal() else "",
            settled=settled.document if settled else None,
            may_decide=lambda each: _is_theirs(each, reader),
            words=HERE,
            difference=revisions,
            money=wording.money,
            price=units.price,
            quantity=units.quantity,
            chosen=frozenset(batch.form.all("case")) - set(batch.done),
            batch=batch,
            sent=sent,
            refused=refused,
        )


def _is_theirs(proposal: Proposal, reader: Reader) -> bool:
    case = proposal.case
    return case.owner in {None, reader.actor.id} and reader.actor.has(case.owner_role)


def _acceptances(desk: Desk, reader: Reader) -> Callable[[Form], Acts]:
    def acts_of(form: Form) -> Acts:
        names = tuple(dict.fromkeys(form.all("case")))
        bounds = ProposalDesk(desk.app).bounds(names, scope=scope_of(reader.actor))
        return tuple((name, _acceptance(name, bounds.get(name), form)) for name in names)

    return acts_of


def _acceptance(name: str, why_not: str | None, form: Form) -> object:
    act = ResolveCase(case=name, resolution=ACCEPT, note=form.text("note") or "in bulk")
    if why_not is None:
        return Unless(act, refuse("NOT_FOUND", f"there is no proposal {name}"))
    if why_not:
        return Unless(act, refuse("NOT_IN_BULK", why_not, fix="Decide on it by itself."))
    return act


def _decision(case: str, form: Form) -> object:
    supplier = form.text("supplier")
    resolution = form.text("resolution")
    if resolution not in HERE:
        raise refuse("BAD_VALUE", "nothing was decided", field="resolution", fix="Choose one.")
    terms = {"supplier": supplier} if resolution == "re_source" and supplier else {}
    return ResolveCase(
        case=case, resolution=resolution, note=form.text("note")[:1000], terms=terms
    )
