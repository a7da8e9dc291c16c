"""The toast: what the reader did that can be taken back for some seconds, or was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request

from manciple.app import Application
from manciple.kernel.messages import Actor, Command
from manciple.runtime.undoing import Undo, undo_ref
from manciple.web.language import gettext, ngettext, said
from manciple.web.offering import OFFERED, UNDONE, note, noted_in

WORDS: Final[Mapping[str, str]] = {
    "Approve": said("Approved"),
    "CancelRemainder": said("Cancelled"),
    "ChangeOrder": said("Changed"),
    "ForwardApproval": said("Forwarded"),
    "Reject": said("Rejected"),
    "RejectInvoice": said("Invoice rejected"),
    "ReleaseHold": said("Hold released"),
    "ReleasePart": said("Part released"),
    "ResolveCase": said("Decided"),
}
"""What was done, by act, as the toast says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """What can be taken back for a while, or was.

    Attributes:
        seconds: how many are left; at least 1 while there is an offer.
        until: the instant from which on nothing is offered any more.
    """

    offers: tuple[Undo, ...] = ()
    undone: tuple[Undo, ...] = ()
    seconds: int = 0
    until: datetime | None = None

    @property
    def first(self) -> Undo:
        """Give what is spoken of."""
        return (self.offers or self.undone)[0]

    @property
    def words(self) -> str:
        """Say what was done, once or several times."""
        count = len(self.offers)
        if count == 1:
            return words_of(self.first)
        said_of = ngettext("%(n)s act is done", "%(n)s acts are done", count)
        return said_of % {"n": count}


def offered_by(app: Application, command: Command) -> None:
    """Note for the next page that a command can be taken back, if it can."""
    table = app.registry.undoing
    if table is None or not command.undo_seconds or type(command.act) not in table.acts:
        return
    ref = undo_ref(command.key)
    if app.documents.exists(ref):
        note(OFFERED, ref.id)


def toast_for(app: Application, request: Request, actor: Actor) -> Toast | None:
    """Give what the reader's page offers to take back, or says was taken back."""
    header = request.headers.get("cookie", "")
    offered, undone = noted_in(header, OFFERED), noted_in(header, UNDONE)
    if not offered and not undone:
        return None
    now = app.clock.now()
    found = app.documents.many(Undo, (*offered, *undone))
    mine = [each for each in found.values() if each.by == actor.id]
    still = tuple(each for each in mine if each.undone_at is None and now < each.until)
    if still:
        until = min(each.until for each in still)
        seconds = max(1, int((until - now).total_seconds()))
        return Toast(offers=still, seconds=seconds, until=until)
    back = tuple(each for each in mine if each.undone_at is not None and each.id in undone)
    return Toast(undone=back) if back else None


def words_of(undo: Undo) -> str:
    """Say what was done."""
    return gettext(WORDS.get(undo.act, "Done"))
