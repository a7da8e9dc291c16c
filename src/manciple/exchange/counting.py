"""Counting control numbers: load the count, let the rule decide, save; and resending files."""

from datetime import timedelta

from manciple.exchange import control_numbers as cn
from manciple.exchange.control_numbers import Arrival, ControlSequence
from manciple.exchange.interchange import FindingNote, Interchange
from manciple.exchange.partner import Partner
from manciple.exchange.resending import (
    InterchangeResendingAsked,
    ResendInterchange,
    require_resendable,
)
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_TIMER = "gap"
_MENDERS = frozenset({Role.INTEGRATION, Role.ADMIN, Role.SYSTEM})


def count(
    work: Work, kept: Interchange, partner: str, notes: tuple[cn.ControlNote, ...]
) -> tuple[FindingNote, ...]:
    """Count a file's control numbers, and give what is to be said of those that came before."""
    if not notes:
        return ()
    profile = work.peek(Partner, partner)
    window = timedelta(hours=profile.gap_hours if profile else 0)
    findings = (_count(work, kept, partner, note, window) for note in notes)
    return tuple(each for each in findings if each is not None)


def _count(
    work: Work, kept: Interchange, partner: str, note: cn.ControlNote, window: timedelta
) -> FindingNote | None:
    known = work.find(ControlSequence, cn.sequence_id(partner, note.scope))
    if known is None:
        sequence, arrival = cn.begun(partner, note), Arrival.BEGUN
    else:
        sequence, arrival = cn.arrived(known, note.number, at=work.at, window=window)
    if arrival is Arrival.REPEATED:
        return _repeated(note) if kept.attempts == 1 else None
    event = cn.ControlNumberCounted(
        sequence=sequence.id,
        partner=partner,
        scope=note.scope,
        number=note.number,
        arrival=arrival,
        interchange=kept.id,
    )
    work.save(sequence, event, *_mended(known, sequence, kept), touches=(ref(kept),))
    _set_timer(work, known, sequence)
    return None


def _repeated(note: cn.ControlNote) -> FindingNote:
    return FindingNote(
        severity="warning",
        code="control-number-repeated",
        text=f"{note.element} {note.number} came before; what was applied is not applied again",
    )


def _mended(
    before: ControlSequence | None, after: ControlSequence, kept: Interchange
) -> tuple[object, ...]:
    """Tell that a gap was healed, wholly or in part."""
    if before is None or before.told == after.told:
        return ()
    if after.told:
        return (_found(after),)
    how = f"the missing numbers came; the last with {kept.id}"
    return (cn.ControlGapHealed(sequence=after.id, partner=after.partner, how=how),)


def _found(sequence: ControlSequence) -> cn.ControlGapFound:
    return cn.ControlGapFound(
        sequence=sequence.id,
        partner=sequence.partner,
        scope=sequence.scope,
        missing=sequence.told,
    )


def _set_timer(work: Work, before: ControlSequence | None, after: ControlSequence) -> None:
    due = cn.next_due(after)
    if due is not None:
        work.timer(ref(after), _TIMER, due, cn.NoteControlGap(sequence=after.id))
    elif before is not None and cn.next_due(before) is not None:
        work.cancel_timer(ref(after), _TIMER)


def _note_gap(work: Work, act: cn.NoteControlGap) -> Ref:
    known = work.get(ControlSequence, act.sequence)
    sequence = cn.told_by(known, work.at)
    if sequence != known:
        work.save(sequence, _found(sequence))
    _set_timer(work, known, sequence)
    return ref(sequence)


def _accept_gap(work: Work, act: cn.AcceptControlGap) -> Ref:
    sequence = cn.accepted(work.get(ControlSequence, act.sequence))
    how = f"will never come: {act.reason}"
    event = cn.ControlGapHealed(sequence=sequence.id, partner=sequence.partner, how=how)
    work.save(sequence, event)
    return ref(sequence)


def _resend(work: Work, act: ResendInterchange) -> Ref:
    kept = work.get(Interchange, act.interchange)
    require_resendable(kept)
    again = replace(kept, attempts=kept.attempts + 1)
    event = InterchangeResendingAsked(
        interchange=kept.id, partner=kept.partner or "", why=act.reason, time=again.attempts
    )
    work.save(again, event)
    return ref(again)


def handles() -> tuple[Handles, ...]:
    """Give the acts about control numbers and resending."""
    return (
        Handles(act=cn.NoteControlGap, handle=_note_gap, by=frozenset({Role.SYSTEM})),
        Handles(act=cn.AcceptControlGap, handle=_accept_gap, by=_MENDERS),
        Handles(act=ResendInterchange, handle=_resend, by=_MENDERS | {Role.BUYER}),
    )
