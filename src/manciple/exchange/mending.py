"""Mending: a file that could not be read or matched, put right by two people and read again.

    quarantined -> edit proposed -> confirmed by another -> a second file, read in its place

The first file stays as it came, with its findings; the second one names it. What of the first was
applied already is a duplicate in the second and is not applied again. No technical answer is sent
for the second, and its control numbers are not counted: the partner sent one file.
"""

from manciple.exchange import interchange as ix
from manciple.exchange.interchange import Direction, Interchange, Quarantined, Waiting
from manciple.governance import editing
from manciple.governance.editing import Edit, EditConfirmed, EditProposed, EditState
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_MENDERS = frozenset({Role.INTEGRATION, Role.ADMIN, Role.BUYER})
CHANNEL = "mended"
"""The channel of a file that two people have put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeFileEdit:
    """Propose other bytes for the file that a quarantined message lies in."""

    quarantined: str
    data: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmFileEdit:
    """Agree to the proposed bytes: they are read in place of the first file's."""

    quarantined: str
    note: str = ""


def quarantine_id(interchange: str, index: int | None) -> str:
    """Name the quarantine of one message of one file."""
    return number("QU", interchange, str(index))


def edit_id(quarantined: str) -> str:
    """Name the edit of a quarantined message's file."""
    return str(Ref(Quarantined.KIND, quarantined))


def _propose(work: Work, act: ProposeFileEdit) -> Ref:
    aside = work.get(Quarantined, act.quarantined)
    _require_waiting(aside)
    ix.check_size(act.data)
    kept = work.get(Interchange, aside.interchange)
    name = edit_id(aside.id)
    new = Edit(
        id=name,
        state=EditState.PROPOSED,
        was=kept.digest,
        now=editing.digest_of(act.data),
        reason=act.reason,
        by=work.actor.id,
        at=work.at,
    )
    edit = editing.propose(work.find(Edit, name), new)
    work.keep_bytes(act.data)
    event = EditProposed(edit=edit.id, was=edit.was, now=edit.now, reason=edit.reason, by=edit.by)
    work.save(edit, event, touches=(ref(aside), ref(kept)))
    return ref(edit)


def _confirm(work: Work, act: ConfirmFileEdit) -> Ref:
    aside = work.get(Quarantined, act.quarantined)
    known = work.get(Edit, edit_id(aside.id))
    made = number("IN", work.key)
    edit = editing.confirm(known, by=work.actor, at=work.at, note=act.note, made=made)
    _require_waiting(aside)
    kept = work.get(Interchange, aside.interchange)
    data = work.read_bytes(edit.now)
    mended = Interchange(
        id=made,
        direction=Direction.IN,
        state="received",
        digest=edit.now,
        size=len(data),
        channel=CHANNEL,
        at=work.at,
        partner=kept.partner,
        name=kept.name,
        attempts=1,
        mends=kept.id,
    )
    received = ix.InterchangeReceived(
        interchange=mended.id,
        digest=mended.digest,
        size=mended.size,
        channel=mended.channel,
        partner=mended.partner,
    )
    confirmed = EditConfirmed(
        edit=edit.id, was=edit.was, now=edit.now, proposed_by=edit.by, by=work.actor.id, made=made
    )
    work.save(edit, confirmed, touches=(ref(aside), ref(kept)))
    _end(work, kept, mended)
    work.save(mended, received, touches=(ref(kept),))
    return ref(edit)


def _end(work: Work, kept: Interchange, mended: Interchange) -> None:
    """End what waits of the first file: all of it is read again in the second."""
    places = (None, *(each.index for each in kept.messages))
    for place in places:
        aside = work.find(Quarantined, quarantine_id(kept.id, place))
        if aside is None or aside.state != "waiting":
            continue
        how = f"put right as {mended.id}"
        work.save(
            replace(aside, state="ended", ended=how),
            ix.QuarantineEnded(quarantined=aside.id, how=how),
        )
        row = work.find(Waiting, aside.waits_for) if aside.waits_for else None
        if row is not None and kept.id in row.interchanges:
            left = tuple(each for each in row.interchanges if each != kept.id)
            work.save(
                replace(row, interchanges=left), ix.WaitNoted(order=row.id, interchanges=left)
            )


def _require_waiting(aside: Quarantined) -> None:
    if aside.state != "waiting":
        raise refuse(
            "WRONG_STATE", f"{aside.id} is no longer waiting: {aside.ended}", field="quarantined"
        )


def handles() -> tuple[Handles, ...]:
    """Give the acts by which two people put a file right."""
    return (
        Handles(act=ProposeFileEdit, handle=_propose, by=_MENDERS),
        Handles(act=ConfirmFileEdit, handle=_confirm, by=_MENDERS),
    )
