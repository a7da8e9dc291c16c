"""Handlers of edits, group replays and audits: load, decide, save."""

from manciple.governance import auditing, editing
from manciple.governance.auditing import Audit, RecordVerification, VerifyHistory
from manciple.governance.editing import (
    LETTER,
    ConfirmLetterEdit,
    Edit,
    EditConfirmed,
    EditProposed,
    EditState,
    EditTurnedDown,
    ProposeLetterEdit,
    ReplaceLetter,
    TurnDownEdit,
    digest_of,
    payload_bytes,
)
from manciple.governance.operations import (
    EffectReplay,
    EffectReplayed,
    ReplayEffects,
    require_group,
)
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.codec import plain_values
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Effect, Lane
from manciple.runtime.work import Work

HOUSE = "house"
"""The endpoint at which this program does its own errands."""
_MENDERS = frozenset({Role.INTEGRATION, Role.ADMIN})
_DENIERS = frozenset({Role.INTEGRATION, Role.ADMIN, Role.BUYER})
_WATCHERS = frozenset({Role.ADMIN, Role.AUDITOR})


def handles() -> tuple[Handles, ...]:
    """Give the acts by which two people put something right, and by which history is checked."""
    return (
        Handles(act=ProposeLetterEdit, handle=_propose, by=_MENDERS),
        Handles(act=ConfirmLetterEdit, handle=_confirm, by=_MENDERS),
        Handles(act=TurnDownEdit, handle=_turn_down, by=_DENIERS),
        Handles(act=ReplayEffects, handle=_replay, by=_MENDERS),
        Handles(act=VerifyHistory, handle=_verify, by=_WATCHERS),
        Handles(act=RecordVerification, handle=_record, by=frozenset({Role.SYSTEM})),
    )


def _propose(work: Work, act: ProposeLetterEdit) -> Ref:
    was = payload_bytes(act.was, field="was")
    now = payload_bytes(act.now, field="payload")
    editing.check_shape(plain_values(was), plain_values(now))
    name = str(Ref(LETTER, act.effect))
    new = Edit(
        id=name,
        state=EditState.PROPOSED,
        was=digest_of(act.was.encode()),
        now=digest_of(act.was.encode() if was == now else now),
        reason=act.reason,
        by=work.actor.id,
        at=work.at,
    )
    edit = editing.propose(work.find(Edit, name), new)
    work.keep_bytes(act.was.encode())
    work.keep_bytes(now)
    work.save(edit, proposed(edit))
    return ref(edit)


def proposed(edit: Edit) -> EditProposed:
    """Give what is told of a proposal."""
    return EditProposed(edit=edit.id, was=edit.was, now=edit.now, reason=edit.reason, by=edit.by)


def _confirm(work: Work, act: ConfirmLetterEdit) -> Ref:
    known = work.get(Edit, str(Ref(LETTER, act.effect)))
    edit = editing.confirm(known, by=work.actor, at=work.at, note=act.note)
    event = EditConfirmed(
        edit=edit.id, was=edit.was, now=edit.now, proposed_by=edit.by, by=work.actor.id
    )
    work.save(edit, event)
    work.effect(
        Effect(
            key=f"{edit.id}:{edit.times}:letter.replace",
            endpoint=HOUSE,
            verb="letter.replace",
            subject=ref(edit),
            payload=ReplaceLetter(effect=act.effect, was=edit.was, now=edit.now),
        )
    )
    return ref(edit)


def _turn_down(work: Work, act: TurnDownEdit) -> Ref:
    known = work.get(Edit, act.edit)
    if known.subject.kind == LETTER and not work.actor.has(*_MENDERS):
        raise refuse("FORBIDDEN", f"{work.actor.id} has no part in dead letters", field="edit")
    edit = editing.turn_down(known, by=work.actor, at=work.at, note=act.note)
    work.save(edit, EditTurnedDown(edit=edit.id, by=work.actor.id, note=act.note))
    return ref(edit)


def _replay(work: Work, act: ReplayEffects) -> Ref | None:
    require_group(act)
    last = None
    for name in act.effects:
        known = work.find(EffectReplay, name)
        last = EffectReplay(
            id=name, times=known.times + 1 if known else 1, by=work.actor.id, reason=act.reason
        )
        work.save(last, EffectReplayed(effect=name, by=work.actor.id, reason=act.reason))
    return ref(last) if last else None


def _verify(work: Work, act: VerifyHistory) -> Ref:
    del act
    audit = auditing.ask(work.find(Audit, auditing.HISTORY), by=work.actor, at=work.at)
    work.save(audit, auditing.VerificationAsked(by=work.actor.id, times=audit.times))
    work.effect(
        Effect(
            key=f"{audit.id}:{audit.times}:history.verify",
            endpoint=HOUSE,
            verb="history.verify",
            subject=ref(audit),
            payload=act_of(audit),
            lane=Lane.BULK,
        )
    )
    return ref(audit)


def act_of(audit: Audit) -> auditing.CheckHistory:
    """Give what this program tells itself to do: check history, this time."""
    return auditing.CheckHistory(times=audit.times)


def _record(work: Work, act: RecordVerification) -> Ref:
    known = work.get(Audit, auditing.HISTORY)
    audit = replace(known, state=auditing.state_of(act.found), found=act.found, ended_at=work.at)
    work.save(audit, auditing.HistoryVerified(times=known.times, found=act.found))
    return ref(audit)
