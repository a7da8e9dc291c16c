"""A desk: what every page of the workbench stands on.

who reads?  -> nobody: to the sign-in, and back afterwards
a form      -> is it ours? -> a command under the form's own key -> done: on to a page
-> refused: the page again, with
the reasons and what was typed
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final, TypeVar
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app import Application
from manciple.app.kept import Aged, Kept
from manciple.intelligence.waiting import Waits
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.messages import Actor, Command, Role
from manciple.runtime.codec import encode
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import Scope, Stored, scope_of
from manciple.runtime.undoing import SECONDS, TOO_LATE
from manciple.web.keeping import LISTS
from manciple.web.pages.entry import Entry
from manciple.web.pages.figures import Figures
from manciple.web.pages.forms import Form, check_ours, is_shared, new_key, read_form, shared_key
from manciple.web.pages.layout import Layout, Viewer
from manciple.web.pages.tabs import CountOf, tabs_for
from manciple.web.pages.toast import offered_by, toast_for

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in, with the actor as whom they act.

    Attributes:
        since: the sequence of the newest event before anything was read for them.
    """

    viewer: Viewer
    actor: Actor
    since: int = 0

    def may(self, *roles: Role) -> bool:
        """Say whether they hold one of these roles; an administrator sees every page."""
        return self.actor.has(*roles, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: its fields, and what became of it.

    Attributes:
        reasons: why nothing was done; empty when it was.
    """

    form: Form
    reasons: tuple[Reason, ...] = ()
    subject: Ref | None = None

    @property
    def is_done(self) -> bool:
        """Say whether it was done."""
        return not self.reasons


EMPTY = Sent(form=Form({}))
"""No form was sent: the page is only looked at."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads for pages with their reader's own rights, and applies what their forms ask.

    Attributes:
        follows: what each list that follows changes follows, by its page's address.
        kept: what a large house's figures and counts are, as of some seconds ago.
        lines: likewise its open lines, which are many: only a few lists of them.
        tallies: how many lines stand in each tab of a board of ten thousand and more, as of five
            seconds ago at most.
    """

    app: Application
    entry: Entry
    layout: Layout
    more: Mapping[str, object] = field(default_factory=dict)
    follows: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    lines: Kept = field(default_factory=lambda: Kept(most=8))
    tallies: Kept = field(
        default_factory=lambda: Kept(most=64, enough=10_000, lasts=timedelta(seconds=5), times=1)
    )

    def reader(self, request: Request) -> Reader | None:
        """Give who reads; None for a stranger, a supplier, whose pages are others, a program."""
        viewer = self.entry.viewer(request)
        if viewer is None or viewer.actor is None or not is_inside(viewer.actor):
            return None
        return Reader(viewer, viewer.actor, self.app.changes.sequence())

    def to_sign_in(self, request: Request) -> Response:
        """Send a stranger to the sign-in, and back here afterwards."""
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = there if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?to={quote(back)}", status_code=303)

    def found(self, reader: Reader, kind: type[D], name: str) -> Stored[D] | None:
        """Give a document that the reader may see, or None: nobody learns which it was."""
        if not name or not name.isprintable() or len(name) > MOST:
            return None
        return self.app.documents.get(kind, name, scope=scope_of(reader.actor))

    def show(
        self,
        request: Request,
        template: str,
        reader: Reader,
        *,
        status: int = 200,
        count_of: CountOf | None = None,
        **told: object,
    ) -> Response:
        """Draw a page; ``now``, a fresh form key and the form that was sent are told to all.

        A list says with ``count_of`` what the tabs of its views count.
        """
        now = self.app.clock.now()
        unread = told["unread"] if "unread" in told else self.unread(reader, most=MOST_COUNTED)
        toast = toast_for(self.app, request, reader.actor)
        is_list = request.method == "GET" and request.url.path in LISTS
        key = shared_key if is_list else new_key
        told = {"now": now, "form_key": key(), "sent": EMPTY, "unread": unread, **told}
        told |= {"since": reader.since, "topics": self.followed(request.url.path)}
        told |= {"toast": toast, "toast_key": key(), "views_key": key()}
        told["views"] = (
            tabs_for(self.app, request, reader.actor, count_of) if status == OK else None
        )
        return self.layout.page(request, template, viewer=reader.viewer, status=status, **told)

    def followed(self, path: str) -> tuple[str, ...]:
        """Give the topics that a page follows: a list, or one document of a list."""
        parent = f"{path.rpartition('/')[0]}/"
        return self.follows.get(path) or self.follows.get(parent, ())

    def unread(self, reader: Reader, *, most: int | None = None) -> int:
        """Count what the reader has not read of the last days, up to ``most``."""
        actor = reader.actor
        return self.app.notices.unread(
            actor.id,
            roles=[role.value for role in actor.roles],
            sites=actor.sites,
            since=self.app.clock.now() - BACK,
            most=most,
        )

    def figures(self) -> Figures:
        """Give the metrics as one page reads them."""
        return Figures(self.app.metrics, self.kept)

    def waits(self, scope: Scope) -> Aged[Waits]:
        """Give where open lines wait; of a large house, as of some seconds ago."""
        return self.lines.of(
            ("waits", scope),
            self.app.clock.now(),
            lambda: self.app.waiting.waits(scope=scope),
            lambda waits: len(waits.rows),
        )

    def missing(self, request: Request, reader: Reader, what: str, key: str) -> Response:
        """Say that there is no such thing, for this reader."""
        return self.show(request, "missing.html", reader, status=404, what=what, key=key)

    async def sent(
        self,
        request: Request,
        reader: Reader,
        act_of: Callable[[Form], object],
        *,
        about: Ref | None = None,
    ) -> Sent:
        """Read a form, and apply the act that it asks for; never raises a refusal.

        With ``about``, a form that carries the ``version`` which its page showed is refused when
        the document has moved on.
        """
        read = await self.read(request, reader)
        return read if read.reasons else await self.done(reader, read.form, act_of, about=about)

    async def read(self, request: Request, reader: Reader) -> Sent:
        """Read a form of ours without doing anything yet; never raises a refusal."""
        form = Form({})
        try:
            form = await read_form(request)
            check_ours(request, form, reader.viewer.word)
        except Refused as refused:
            return Sent(form=form, reasons=refused.reasons)
        return Sent(form=form)

    async def done(
        self,
        reader: Reader,
        form: Form,
        act_of: Callable[[Form], object],
        *,
        about: Ref | None = None,
        part: str = "",
    ) -> Sent:
        """Apply the act that a form asks for, under the form's own key.

        A form that asks for several acts names each by its ``part``.
        """
        try:
            command = self._command(reader, act_of(form), form, about)
        except Refused as refused:
            return Sent(form=form, reasons=refused.reasons)
        if part:
            command = replace(command, key=f"{command.key}:{part}", expects=())
        reply = await self.app.apply_soon(command)
        if reply.is_done:
            await run_in_threadpool(offered_by, self.app, command)
        return Sent(form=form, reasons=reply.refusals, subject=reply.subject)

    def _command(self, reader: Reader, act: object, form: Form, about: Ref | None) -> Command:
        version = form.text("version")
        expects = ((str(about), int(version)),) if about and version.isdecimal() else ()
        key = form.key
        if is_shared(key):  # two tabs may ask two things with it, and each is done
            told = type(act).__name__.encode() + encode(act)
            key = f"{key}:{sha256(told).hexdigest()[:16]}"
        return Command(
            key=f"page:{reader.actor.id}:{key}",
            act=act,
            actor=reader.actor,
            at=self.app.clock.now(),
            door="page",
            expects=expects,
            undo_seconds=SECONDS,
        )

    async def reading(self, request: Request) -> Reader | None:
        """Give who reads, from an asynchronous page."""
        return await run_in_threadpool(self.reader, request)


def is_inside(actor: Actor) -> bool:
    """Say whether somebody works here: a supplier does not, nor another system."""
    is_outside = actor.supplier is not None or actor.has(Role.SUPPLIER)
    return not is_outside and any(role not in _OUTSIDE for role in actor.roles)


_OUTSIDE: Final = frozenset({Role.SUPPLIER, Role.WAREHOUSE_SYSTEM, Role.SYSTEM})
OK: Final = 200
BACK = timedelta(days=30)
"""How far back notices are shown."""
MOST_COUNTED: Final = 100
"""Unread things that the bell counts: it shows no larger number."""
MOST = 200
"""Characters of the longest name that is looked up."""


def status_of(sent: Sent) -> int:
    """Give the status of a page that shows why a form was refused."""
    codes = {reason.code for reason in sent.reasons}
    if codes & {"FOREIGN_FORM", "FORBIDDEN", "SELF_APPROVAL", "LIMIT_TOO_LOW", "SECOND_PERSON"}:
        return 403
    late = codes & ({"STALE", "WRONG_STATE", "NOT_OPEN", "ALREADY_DECIDED"} | TOO_LATE)
    return 409 if late else 422
