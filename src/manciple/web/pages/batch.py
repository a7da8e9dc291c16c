"""A batch: one form, one act for each row that was chosen; each is done or refused by itself.

3 done; 1 not: PO-4T0C9M2K7QWE: it was asked at 09:14

Each act goes under the form's own key with the row's name, so a form that is sent twice happens
once, row by row. What was refused keeps its row chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Command
from manciple.runtime.undoing import SECONDS
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.forms import Form, check_ours, read_form
from manciple.web.pages.toast import offered_by

MOST: Final = 200
"""Rows that one form may choose."""
Acts = Sequence[tuple[str, object]]
"""What is asked for, as pairs of the row's name and the act; or a refusal in the act's place."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a form with several rows.

    Attributes:
        reasons: why nothing at all was tried.
        refused: the rows that were not done, each with why not.
    """

    form: Form
    done: tuple[str, ...] = ()
    refused: tuple[tuple[str, tuple[Reason, ...]], ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def is_done(self) -> bool:
        """Say whether every row was done."""
        return not self.reasons and not self.refused

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        if self.reasons:
            return 403 if self.reasons[0].code == "FOREIGN_FORM" else 422
        return 200 if self.done else 422


async def sent_batch(
    desk: Desk, request: Request, reader: Reader, acts_of: Callable[[Form], Acts]
) -> Batch:
    """Read a form, and apply the acts that it asks for, one after the other."""
    form = Form({})
    try:
        form = await read_form(request)
        check_ours(request, form, reader.viewer.word)
        key = form.key
        acts = tuple(acts_of(form))
        if not acts:
            raise refuse("NOTHING_CHOSEN", "nothing was chosen", fix="Choose at least one row.")
        if len(acts) > MOST:
            raise refuse("TOO_MANY", f"{len(acts)} rows were chosen; at most {MOST} at once")
    except Refused as problem:
        return Batch(form=form, reasons=problem.reasons)
    done: list[str] = []
    refused: list[tuple[str, tuple[Reason, ...]]] = []
    for name, act in acts:
        if isinstance(act, Refused):
            refused.append((name, act.reasons))
            continue
        command = Command(
            key=f"page:{reader.actor.id}:{key}:{name}",
            act=act,
            actor=reader.actor,
            at=desk.app.clock.now(),
            door="page",
            undo_seconds=SECONDS,
        )
        reply = await desk.app.apply_soon(command)
        if reply.is_done:
            await run_in_threadpool(offered_by, desk.app, command)
            done.append(name)
        else:
            refused.append((name, reply.refusals))
    return Batch(form=form, done=tuple(done), refused=tuple(refused))
