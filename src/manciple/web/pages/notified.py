"""Notifications: what a reader should know, what they have read, and how they want to be told.

/notifications            one row for each thing, newest first; how letters about it fared
/notifications/read       one thing is read, or everything
/notifications/settings   at once, in a daily digest or not by mail; quiet hours
"""

from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.governance.mailing import HOUSE, Mailing
from manciple.governance.notice import (
    Cadence,
    MarkNoticesRead,
    NoticeKind,
    Notifying,
    SetNotifying,
)
from manciple.kernel.errors import refuse
from manciple.policy.register import Register
from manciple.processes.notifying import AT_ONCE, TABLE
from manciple.web.language import said
from manciple.web.pages.desk import BACK, EMPTY, MOST_COUNTED, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form

ActOf = Callable[[Form, str], object]
"""Makes the act of a form, for whoever sent it."""
_LENGTH = 100
KINDS: Final = {
    NoticeKind.ASKED: (said("you are asked"), "waiting"),
    NoticeKind.REMINDED: (said("reminder"), "waiting"),
    NoticeKind.ESCALATED: (said("escalated"), "trouble"),
    NoticeKind.OPENED: (said("new exception"), "trouble"),
    NoticeKind.ASSIGNED: (said("given to you"), "waiting"),
    NoticeKind.DECIDED: (said("decided"), "done"),
}
MAILS: Final = {
    "due": said("mail waits"),
    "accepted": said("mail on its way"),
    "done": said("mail sent"),
    "rejected": said("mail refused"),
    "dead": said("mail not delivered"),
}
CADENCES: Final = (
    (Cadence.IMMEDIATELY, said("At once")),
    (Cadence.DIGEST, said("Once a day, in one mail")),
    (Cadence.NONE, said("Not by mail")),
)


class Notified:
    """Serves everybody's notifications."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/notifications", self.show, response_model=None)
        for name, deed in (("read", self.read), ("settings", self.settings)):
            router.add_api_route(
                f"/notifications/{name}", deed, methods=["POST"], response_model=None
            )
        return router

    def show(self, request: Request) -> Response:
        """Show what there is to know."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, EMPTY)

    async def read(self, request: Request) -> Response:
        """Mark one thing, or everything, as read."""
        return await self._sent(request, _seen)

    async def settings(self, request: Request) -> Response:
        """Keep how the reader wants to be told."""
        return await self._sent(request, _wanted)

    async def _sent(self, request: Request, act_of: ActOf) -> Response:
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        who = reader.actor.id
        sent = await self._desk.sent(request, reader, lambda form: act_of(form, who))
        if sent.is_done:
            return RedirectResponse("/notifications", status_code=303)
        return await run_in_threadpool(self._page, request, reader, sent)

    def _page(self, request: Request, reader: Reader, sent: Sent) -> Response:
        app, actor = self._desk.app, reader.actor
        rows = app.notices.latest(
            actor.id,
            roles=[role.value for role in actor.roles],
            sites=actor.sites,
            since=app.clock.now() - BACK,
            limit=_LENGTH,
        )
        mailing = app.peek(Mailing, HOUSE)
        kept = app.peek(Notifying, actor.id)
        return self._desk.show(
            request,
            "notifications.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            rows=rows,
            kinds=KINDS,
            mails=MAILS,
            cadences=CADENCES,
            wants=kept or Notifying(id=actor.id, cadence=Cadence.NONE),
            zone=kept.zone if kept else mailing.zone if mailing else "UTC",
            is_mailed=mailing is not None and mailing.is_on,
            urgent=_urgent(app.definitions.register, app.clock.now()),
            unread=self._desk.unread(reader, most=MOST_COUNTED),
            sent=sent,
        )


def _urgent(register: Register, at: datetime) -> tuple[str, ...]:
    """Say which letters wait for nothing, as the rows of policy do."""
    table = register.table(TABLE, at=at)
    return tuple(row.because for row in table.rows if table.answers(row)["delivery"] == AT_ONCE)


def _seen(form: Form, who: str) -> MarkNoticesRead:
    del who
    return MarkNoticesRead(subject=form.text("subject"))


def _wanted(form: Form, who: str) -> SetNotifying:
    """Read the settings.

    Raises:
        Refused: a choice or a time that is none.
    """
    chosen = form.text("cadence")
    if chosen not in set(Cadence):
        raise refuse("BAD_VALUE", "choose how you want to be told", field="cadence")
    return SetNotifying(
        notifying=Notifying(
            id=who,
            cadence=Cadence(chosen),
            quiet_from=_clock(form, "quiet_from"),
            quiet_to=_clock(form, "quiet_to"),
            digest_at=_clock(form, "digest_at") or time(7),
            zone=form.text("zone") or "UTC",
        )
    )


def _clock(form: Form, name: str) -> time | None:
    text = form.text(name)
    try:
        found = time.fromisoformat(text) if text else None
    except ValueError as problem:
        raise refuse(
            "BAD_VALUE", f"{text[:20]!r} is no time of day", field=name, fix="22:00, say"
        ) from problem
    return None if found is None else found.replace(second=0, microsecond=0, tzinfo=None)
