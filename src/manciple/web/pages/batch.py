"""A batch: one form, one act for each row that was chosen; each is done or refused by itself.

3 of 4 done; 1 not: PO-4T0C9M2K7QWE: it was asked at 09:14

Each act goes under the form's own key with the row's name, so a form that is sent twice happens
once, row by row. What was refused keeps its row chosen.

With script a form is sent in parts, to show how far it is. Each part carries all of the form and
the place from which on to work (``part``), and answers what became of its rows. A page that is
loaded anew in the middle sends the parts again from the first: what was done is told, not done
again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Command
from manciple.runtime.undoing import SECONDS
from manciple.web.offering import OFFERED, note, noted_in
from manciple.web.pages.desk import Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, check_ours, is_shared, read_form
from manciple.web.pages.toast import offered_by

MOST: Final = 200
"""Rows that one form may choose."""
PART: Final = 5
"""Rows of one part: few, so that its bar moves, and enough not to ask for each by itself."""
Acts = Sequence[tuple[str, object]]
"""What is asked for, as pairs of the row's name and the act; or a refusal in the act's place."""


@dataclass(frozen=True, slots=True)
class Unless:
    """An act that things speak against now; if it was asked before, its answer is given again."""

    act: object
    why_not: Refused


Named = Callable[[Sequence[str]], Mapping[str, "Name"]]
"""Gives by row how it is called; rows that are not there are left out."""


@dataclass(frozen=True, slots=True)
class Name:
    """How a row is called, and the address of its page."""

    title: str
    address: str = ""


class Fate(StrEnum):
    """What became of a row."""

    DONE = auto()
    FAILED = auto()
    SKIPPED = auto()


SKIPPED: Final = frozenset(
    {
        "ALREADY_DECIDED", "ALREADY_RESOLVED", "ASKED_LATELY", "NOTHING_OWED", "NOT_FOUND",
        "NOT_IN_BULK", "NOT_LOW_RISK", "NOT_OPEN", "QUIET", "UNKNOWN_CASE", "WRONG_STATE",
    }
)  # fmt: skip
"""Refusals of a row at which there is nothing to do, or which is not for several at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one row, as it is told."""

    name: Name
    fate: Fate
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of a form with several rows.

    Attributes:
        reasons: why nothing at all was tried.
        refused: the rows that were not done, each with why not.
        rows: all that were tried, in their order.
        total: how many the whole form chose.
        next: where the next part begins; None: there is none.
    """

    form: Form
    done: tuple[str, ...] = ()
    refused: tuple[tuple[str, tuple[Reason, ...]], ...] = ()
    reasons: tuple[Reason, ...] = ()
    rows: tuple[str, ...] = ()
    total: int = 0
    next: int | None = None
    is_part: bool = False

    @property
    def is_done(self) -> bool:
        """Say whether every row was done."""
        return not self.reasons and not self.refused

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        if self.done:
            return 200
        why = (*self.reasons, *(reason for _, found in self.refused for reason in found))
        return status_of(Sent(form=self.form, reasons=why))

    def outcomes(self, names: Mapping[str, Name]) -> tuple[Outcome, ...]:
        """Tell each row's fate, in their order."""
        why = dict(self.refused)
        told = []
        for row in self.rows:
            reasons = why.get(row, ())
            fate = Fate.DONE
            if reasons:
                fate = Fate.SKIPPED if reasons[0].code in SKIPPED else Fate.FAILED
            told.append(Outcome(name=names.get(row, Name(row)), fate=fate, reasons=reasons))
        return tuple(told)


async def sent_batch(
    desk: Desk,
    request: Request,
    reader: Reader,
    acts_of: Callable[[Form], Acts | Awaitable[Acts]],
    *,
    after: Callable[[str], object] | None = None,
) -> Batch:
    """Read a form, and apply the acts that it asks for, one after the other.

    Args:
        desk: where the acts are applied.
        request: brings the form.
        reader: who asks.
        acts_of: gives the rows and their acts.
        after: is called with each row that was done, on a thread.
    """
    form = Form({})
    try:
        form = await read_form(request)
        check_ours(request, form, reader.viewer.word)
        key, start = form.key, _part(form)
        if is_shared(key):
            key = f"{key}:{form.text('act')}"
        found = acts_of(form)
        acts = tuple(await found if isinstance(found, Awaitable) else found)
        if not acts:
            raise refuse("NOTHING_CHOSEN", "nothing was chosen", fix="Choose at least one row.")
        if len(acts) > MOST:
            raise refuse("TOO_MANY", f"{len(acts)} rows were chosen; at most {MOST} at once")
    except Refused as problem:
        return Batch(form=form, reasons=problem.reasons)
    total, is_part, start = len(acts), start is not None, start or 0
    if is_part:
        for name in noted_in(request.headers.get("cookie", ""), OFFERED):
            note(OFFERED, name)  # what the parts before offered stands beside what this one does
        acts = acts[start : start + PART]
    done: list[str] = []
    refused: list[tuple[str, tuple[Reason, ...]]] = []
    for name, act in await _settled(desk, reader, key, acts):
        reasons = await _applied(desk, reader, _key(reader, key, name), act)
        if reasons:
            refused.append((name, reasons))
            continue
        if after is not None:
            await run_in_threadpool(after, name)
        done.append(name)
    more = start + len(acts)
    return Batch(
        form=form,
        done=tuple(done),
        refused=tuple(refused),
        rows=tuple(name for name, _ in acts),
        total=total,
        next=more if is_part and more < total else None,
        is_part=is_part,
    )


def _key(reader: Reader, key: str, name: str) -> str:
    return f"page:{reader.actor.id}:{key}:{name}"


async def _settled(desk: Desk, reader: Reader, key: str, acts: Acts) -> Acts:
    """Give the acts; of those that things speak against, the ones that were answered before."""
    keys = [_key(reader, key, name) for name, act in acts if isinstance(act, Unless)]
    known = await run_in_threadpool(desk.app.history.answered, keys) if keys else ()

    def settled(name: str, act: object) -> object:
        if not isinstance(act, Unless):
            return act
        return act.act if _key(reader, key, name) in known else act.why_not

    return [(name, settled(name, act)) for name, act in acts]


async def _applied(desk: Desk, reader: Reader, key: str, act: object) -> tuple[Reason, ...]:
    """Apply one act; gives why it was not done, nothing when it was."""
    if isinstance(act, Refused):
        return act.reasons
    command = Command(
        key=key,
        act=act,
        actor=reader.actor,
        at=desk.app.clock.now(),
        door="page",
        undo_seconds=SECONDS,
    )
    reply = await desk.app.apply_soon(command)
    if reply.is_done:
        await run_in_threadpool(offered_by, desk.app, command)
    return reply.refusals


def _part(form: Form) -> int | None:
    """Give the place from which on to work; None where the whole form is meant."""
    text = form.text("part")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) >= MOST:
        raise refuse("BAD_VALUE", "this is no part of a form", field="part")
    return int(text)


def show_batch(
    desk: Desk,
    request: Request,
    reader: Reader,
    batch: Batch,
    *,
    names: Named = lambda _: {},
    back: tuple[str, str],
) -> Response:
    """Tell what became of each row: a page by itself, or the rows of one part.

    Args:
        desk: draws it.
        request: brought the form.
        reader: who asked.
        batch: what became of it.
        names: how the rows are called.
        back: the address and the name of the list from which it was asked.
    """
    return desk.show(
        request,
        "batch-part.html" if batch.is_part else "batch.html",
        reader,
        status=200 if batch.is_part else batch.status,
        batch=batch,
        outcomes=batch.outcomes(names(batch.rows)),
        back=back,
    )
