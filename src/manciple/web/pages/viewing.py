"""Saved views as tabs on every list: named, ordered, dropped, shared with a role.

POST /views/{list}        keep the filter that is shown under a name (field ``role``: share it)
POST /views/{list}/drop   drop one        POST /views/{list}/first   put one before the others

A tab is a plain link to the list with its filter, so its address can be sent to anybody; who
opens it sees their own rows.
"""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.governance.saved_view import (
    LISTS,
    KeepViews,
    SavedView,
    SavedViews,
    owner_of,
    plain_query,
)
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.web.language import said
from manciple.web.pages.desk import Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form


class Viewing:
    """Keeps saved views."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        deeds = (("", self.keep), ("/drop", self.drop), ("/first", self.first))
        for path, deed in deeds:
            where = f"/views/{{list_}}{path}"
            router.add_api_route(where, deed, methods=["POST"], response_model=None)
        return router

    async def keep(self, request: Request, list_: str) -> Response:
        """Keep the filter that is shown; under a name that is taken, in its place."""

        def added(views: Sequence[SavedView], form: Form) -> Sequence[SavedView]:
            query = plain_query(form.text("query"))
            new = SavedView(list=list_, name=form.text("name"), query=query)
            names = [each.name.casefold() for each in views]
            if new.name.casefold() in names:
                place = names.index(new.name.casefold())
                return (*views[:place], new, *views[place + 1 :])
            return (*views, new)

        return await self._change(request, list_, added)

    async def drop(self, request: Request, list_: str) -> Response:
        """Drop one."""

        def without(views: Sequence[SavedView], form: Form) -> Sequence[SavedView]:
            return tuple(each for each in views if each.name != form.text("name"))

        return await self._change(request, list_, without)

    async def first(self, request: Request, list_: str) -> Response:
        """Put one before the others."""

        def ordered(views: Sequence[SavedView], form: Form) -> Sequence[SavedView]:
            return tuple(sorted(views, key=lambda each: each.name != form.text("name")))

        return await self._change(request, list_, ordered)

    async def _change(
        self,
        request: Request,
        list_: str,
        change: Callable[[Sequence[SavedView], Form], Sequence[SavedView]],
    ) -> Response:
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if list_ not in LISTS:
            return self._desk.missing(request, reader, said("list"), list_)
        read = await self._desk.read(request, reader)
        sent = read
        if not read.reasons:
            sent = await self._desk.done(
                reader, read.form, lambda form: self._act(reader, list_, form, change)
            )
        if sent.is_done:
            query = plain_query(read.form.text("query"))
            back = f"/{list_}?{query}" if query else f"/{list_}"
            return RedirectResponse(back, status_code=303)
        return await run_in_threadpool(self._refused, request, reader, list_, sent)

    def _act(
        self,
        reader: Reader,
        list_: str,
        form: Form,
        change: Callable[[Sequence[SavedView], Form], Sequence[SavedView]],
    ) -> KeepViews:
        word = form.text("role")
        if word and word not in set(Role):
            raise refuse("BAD_VALUE", f"{word} is no role", field="role", fix="Choose one.")
        role = Role(word) if word else None
        kept = self._desk.app.peek(SavedViews, owner_of(role, reader.actor))
        views = change(kept.of(list_) if kept else (), form)
        return KeepViews(list=list_, views=tuple(views), role=role)

    def _refused(self, request: Request, reader: Reader, list_: str, sent: Sent) -> Response:
        return self._desk.show(
            request,
            "view.html",
            reader,
            status=status_of(sent),
            list=list_,
            roles=tuple(sorted(reader.actor.roles)),
            sent=sent,
        )
