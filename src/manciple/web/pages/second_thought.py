"""Taking back a decision that came by a link: offered once, on the page that thanks for it.

decision -> the thanks, with a form    its word is made of the link and of this decision alone
the form -> UndoAct, as the bearer     within the seconds, once; afterwards the link opens again
"""

from datetime import UTC, datetime

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from manciple.governance.link import Claims, Purpose, read
from manciple.governance.people import Person, actor_of
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Command
from manciple.runtime.undoing import Undo, UndoAct, undo_number
from manciple.web.language import gettext
from manciple.web.pages.forms import Form, read_form, word_for
from manciple.web.pages.linking import LinkDoor, check_own


def word_of(token: str, undo: str) -> str:
    """Give the word of the form that takes one decision back; good for no other."""
    return word_for(f"{token}:{undo}")


class SecondThought:
    """Offers to take a decision back, and takes it back."""

    def __init__(self, door: LinkDoor) -> None:
        """Stand at the door for links."""
        self._door, self._app = door, door.desk.app

    def offered(self, key: str) -> Undo | None:
        """Give what a command's bearer can still take back, if anything."""
        found = self._app.peek(Undo, undo_number(key))
        now = self._app.clock.now()
        return found if found and found.undone_at is None and now < found.until else None

    def thank(self, request: Request, token: str, key: str, title: str) -> Response:
        """Thank for a decision; for some seconds it can be taken back from here."""
        offer = self.offered(key)
        return self._door.show(
            request,
            "mail-decided.html",
            title=title,
            offer=offer,
            again="",
            until=_clock(offer.until) if offer else "",
            token=token,
            word=word_of(token, offer.id) if offer else "",
        )

    async def undo(self, request: Request, token: str) -> Response:
        """Take back the decision that was just made by this link."""
        keys = self._app.systems.link_keys.keys()
        claims = read(token, keys, Purpose.APPROVAL)
        form = Form({})
        try:
            form = await read_form(request)
            check_own(request, form, word_of(token, form.text("undo")))
        except Refused:
            return self._refused(request, gettext("Nothing was taken back."), 403)
        if claims is None:
            return self._refused(request, gettext("Nothing was taken back."), 404)
        return await run_in_threadpool(self._take_back, request, token, claims, form)

    def _take_back(self, request: Request, token: str, claims: Claims, form: Form) -> Response:
        name = form.text("undo")
        person = self._app.peek(Person, claims.bearer)
        found = self._app.peek(Undo, name)
        here = self._door.desk.entry.signed_in(request)
        is_theirs = (
            person is not None
            and person.active
            and (here is None or here.id == person.id)
            and found is not None
            and found.subject == str(claims.subject)
        )
        if person is None or not is_theirs:
            return self._refused(request, gettext("Nothing was taken back."), 403)
        command = Command(
            key=f"link:{claims.link}:undo:{name}",
            act=UndoAct(undo=name),
            actor=actor_of(person),
            at=self._app.clock.now(),
            door="mail",
        )
        reply = self._app.apply(command)
        if not reply.is_done:
            first = reply.refusals[0]
            return self._refused(request, f"{first.message}. {first.fix}", 409)
        return self._door.show(
            request, "mail-decided.html", title=gettext("Taken back"), offer=None, token=token,
            again=f"/a/{token}",
        )  # fmt: skip

    def _refused(self, request: Request, words: str, status: int) -> Response:
        title = gettext("It stands as it was decided")
        return self._door.told(request, title, words, status=status)


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S") + " UTC"
