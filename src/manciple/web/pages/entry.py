"""The entry: signing in and out, and who reads a page.

cookie -> session -> account, person -> viewer        a browser in which somebody signed in
API key -> person -> viewer                           a program, or whoever started a server
                                                      that listens on the loopback address
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.requests import cookie_parser

from manciple.adapters.passwords import Passwords
from manciple.app import Application
from manciple.governance.account import (
    HOURS,
    Account,
    EndSession,
    NoteWrongPassword,
    Session,
    SetPassword,
    StartSession,
    check_password,
)
from manciple.governance.people import Person, actor_of
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import SYSTEM, Actor, Command
from manciple.web.api.access import actor_with, presented
from manciple.web.language import gettext, languages, said, spoken
from manciple.web.pages.forms import Form, check_ours, inside, new_key, read_form, word_for
from manciple.web.pages.layout import Layout, Viewer
from manciple.web.speaking import COOKIE as SPOKEN

COOKIE: Final = "manciple_session"
_LONGEST: Final = 200
_YEAR: Final = 365 * 24 * 3600
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "::1", "manciple.invalid"})
_WRONG: Final = said("The name or the password is wrong.")
_LOCKED: Final = said(
    "Too many wrong passwords. Wait a quarter of an hour, or ask an administrator."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Knows who reads a page.

    Attributes:
        viewer_key: the key by which pages are read when a browser brings nothing; only for a
            server that listens on the loopback address for the person who started it.
    """

    app: Application
    viewer_key: str | None = None

    def viewer(self, request: Request) -> Viewer | None:
        """Give who reads, or None for a stranger."""
        token = request.cookies.get(COOKIE, "")
        if token and (person := self._of_session(token)) is not None:
            return _viewer(person.name, actor_of(person), token)
        key = presented(request)
        if not key and self.viewer_key and _is_loopback(request):
            key = self.viewer_key
        if not key:
            return None
        try:
            actor = actor_with(key, self.app)
        except Refused:
            return None
        found = self.app.peek(Person, actor.id)
        return _viewer(found.name if found else actor.id, actor, key)

    def signed_in(self, request: Request) -> Person | None:
        """Give who has signed in with this browser, whatever keys there are besides."""
        token = request.cookies.get(COOKIE, "")
        return self._of_session(token) if token else None

    def ends(self, header: str) -> datetime | None:
        """Give when the session in a request's cookies ends; None where there is none."""
        token = cookie_parser(header).get(COOKIE, "") if COOKIE in header else ""
        session = self.app.peek(Session, _digest(token)) if token else None
        return session.ends_at if session else None

    def _of_session(self, token: str) -> Person | None:
        session = self.app.peek(Session, _digest(token)) if len(token) <= _LONGEST else None
        if session is None:
            return None
        account = self.app.peek(Account, session.person)
        if not session.holds(account, self.app.clock.now()):
            return None
        person = self.app.peek(Person, session.person)
        return person if person is not None and person.active else None


def _viewer(name: str, actor: Actor, secret: str) -> Viewer:
    roles = ", ".join(spoken(role) for role in actor.roles[:2])
    return Viewer(name=name, role=roles, actor=actor, word=word_for(secret))


def _is_loopback(request: Request) -> bool:
    """Say whether the browser believes it speaks to this machine: no other name leads here."""
    return (request.url.hostname or "") in _LOOPBACK


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


class SigningIn:
    """The pages that open and close the door."""

    def __init__(
        self, app: Application, entry: Entry, layout: Layout, *, hours: int = HOURS
    ) -> None:
        """Serve an application's people; a session lasts so many hours of its clock."""
        self._app, self._entry, self._layout, self._hours = app, entry, layout, hours
        self._passwords = Passwords()

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/sign-in", self.show, methods=["GET"], response_model=None)
        router.add_api_route("/sign-in", self.enter, methods=["POST"], response_model=None)
        router.add_api_route("/sign-out", self.leave, methods=["POST"], response_model=None)
        router.add_api_route("/language", self.speak, methods=["POST"], response_model=None)
        router.add_api_route("/password", self.show_password, response_model=None)
        router.add_api_route("/password", self.change, methods=["POST"], response_model=None)
        return router

    def show(self, request: Request, to: Annotated[str, Query(max_length=2000)] = "/") -> Response:
        """Ask for name and password."""
        return self._asked(request, to=inside(to))

    async def enter(self, request: Request) -> Response:
        """Let somebody in, or say that the name or the password is wrong."""
        form = await _form(request)
        if isinstance(form, Refused):
            return self._asked(request, problem=form.reasons[0].message, status=400)
        try:
            check_ours(request, form, form.text("word"))  # nobody is known yet: only the origin
        except Refused as foreign:
            return self._asked(request, problem=foreign.reasons[0].message, status=403)
        name = form.text("name").lower()[:_LONGEST]
        token, problem = await run_in_threadpool(self._try, name, form)
        if token is None:
            to = inside(form.text("to"))
            return self._asked(request, name=name, to=to, problem=problem, status=403)
        answer = RedirectResponse(inside(form.text("to") or "/"), status_code=303)
        answer.set_cookie(
            COOKIE, token, max_age=self._hours * 3600, httponly=True, samesite="lax", path="/",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    def _try(self, name: str, form: Form) -> tuple[str | None, str]:
        """Check a password; gives the token of the session that begins, or the problem."""
        now = self._app.clock.now()
        account = self._app.peek(Account, name) if name.isprintable() and name else None
        password = (form.all("password") or ("",))[-1]
        is_right = len(password) <= _LONGEST and self._passwords.is_right(
            password, account.digest if account else None
        )
        if account is not None and account.is_locked(now):
            return None, gettext(_LOCKED)
        if account is None or not is_right:
            if account is not None:
                self._apply(NoteWrongPassword(person=name), now)
            return None, gettext(_WRONG)
        token = secrets.token_urlsafe(32)
        act = StartSession(person=name, digest=_digest(token), hours=self._hours)
        refused = self._apply(act, now)
        return (None, refused[0].message) if refused else (token, "")

    def _apply(self, act: object, at: datetime, actor: Actor = SYSTEM) -> tuple[Reason, ...]:
        key = f"sign-in:{secrets.token_hex(12)}"
        return self._app.apply(Command(key=key, act=act, actor=actor, at=at, door="page")).refusals

    async def leave(self, request: Request) -> Response:
        """End the session."""
        viewer = await run_in_threadpool(self._entry.viewer, request)
        form = await _form(request)
        if viewer is not None and viewer.actor is not None and isinstance(form, Form):
            try:
                check_ours(request, form, viewer.word)
            except Refused as foreign:
                return self._asked(request, problem=foreign.reasons[0].message, status=403)
            token = request.cookies.get(COOKIE, "")
            if token:
                act = EndSession(digest=_digest(token))
                now = self._app.clock.now()
                await run_in_threadpool(self._apply, act, now)
        answer = RedirectResponse("/sign-in", status_code=303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    async def speak(self, request: Request) -> Response:
        """Choose the pages' language for a year; anything unknown leaves it to the browser."""
        form = await _form(request)
        if isinstance(form, Refused):
            return self._asked(request, problem=form.reasons[0].message, status=400)
        try:
            check_ours(request, form, form.text("word"))  # it changes nothing but the words
        except Refused as foreign:
            return self._asked(request, problem=foreign.reasons[0].message, status=403)
        answer = RedirectResponse(inside(form.text("back") or "/"), status_code=303)
        chosen = form.text("language")
        if chosen in dict(languages()):
            answer.set_cookie(
                SPOKEN, chosen, max_age=_YEAR, httponly=True, samesite="lax", path="/",
                secure=request.url.scheme == "https",
            )  # fmt: skip
        else:
            answer.delete_cookie(SPOKEN, path="/")
        return answer

    def show_password(self, request: Request) -> Response:
        """Ask for a new password."""
        return self._ask_password(request, self._entry.viewer(request))

    async def change(self, request: Request) -> Response:
        """Set a person's own password, if the old one is right; every session begins anew."""
        viewer = await run_in_threadpool(self._entry.viewer, request)
        form = await _form(request)
        if viewer is None or viewer.actor is None or isinstance(form, Refused):
            return RedirectResponse("/sign-in", status_code=303)
        try:
            check_ours(request, form, viewer.word)
            await run_in_threadpool(self._change, viewer.actor, form)
        except Refused as refused:
            reason = refused.reasons[0]
            return self._ask_password(request, viewer, f"{reason.message}. {reason.fix}", 422)
        answer = RedirectResponse("/sign-in", status_code=303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def _change(self, actor: Actor, form: Form) -> None:
        account = self._app.peek(Account, actor.id)
        old, new = form.text("old"), (form.all("new") or ("",))[-1]
        if account is None or not self._passwords.is_right(old, account.digest):
            reason = Reason(code="WRONG_PASSWORD", message="the present password is wrong")
            raise Refused(reason)
        check_password(new, person=actor.id)
        act = SetPassword(person=actor.id, digest=self._passwords.digest(new))
        refused = self._apply(act, self._app.clock.now(), actor)
        if refused:
            raise Refused(*refused)

    def _asked(
        self, request: Request, *, name: str = "", to: str = "/", problem: str = "",
        status: int = 200,
    ) -> Response:  # fmt: skip
        return self._layout.page(
            request, "sign-in.html", viewer=None, status=status, name=name, to=to,
            problem=problem, word=new_key(),
        )  # fmt: skip

    def _ask_password(
        self, request: Request, viewer: Viewer | None, problem: str = "", status: int = 200
    ) -> Response:
        if viewer is None:
            return RedirectResponse("/sign-in?to=/password", status_code=303)
        return self._layout.page(
            request, "password.html", viewer=viewer, status=status, problem=problem
        )


async def _form(request: Request) -> Form | Refused:
    try:
        return await read_form(request)
    except Refused as refused:
        return refused
