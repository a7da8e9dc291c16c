"""Dead letters and edits over HTTP: letters by their error, and what two people put right."""

from typing import Annotated

from fastapi import Query, Response

from manciple.exchange.interchange import Quarantined
from manciple.exchange.mending import ConfirmFileEdit, ProposeFileEdit, edit_id
from manciple.governance.editing import (
    LETTER,
    ConfirmLetterEdit,
    Edit,
    ProposeLetterEdit,
    TurnDownEdit,
    payload_bytes,
)
from manciple.governance.masking import masked, unmasked
from manciple.governance.operations import MOST_AT_ONCE, ReplayEffects
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.runtime.codec import encode, plain_values
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectEntry, EffectState
from manciple.runtime.letters import group_id, grouped
from manciple.web.api.asking import After, Asker, Asking, json, paged, shown
from manciple.web.api.bodies import Body, Note, ReasonBody, Text
from manciple.web.api.problems import api_router, refusal

router = api_router()
_OUTSIDE = (Role.SUPPLIER, Role.WAREHOUSE_SYSTEM)
_EDITORS = (Role.INTEGRATION, Role.ADMIN, Role.BUYER, Role.AUDITOR)


class LetterEditBody(Body):
    """The payload as it shall be, as a JSON text, and why."""

    payload: Annotated[str, "JSON; what shows as (hidden) stays as it is"]
    reason: Text


class FileEditBody(Body):
    """The whole file as it shall be: one Latin-1 letter for each byte; and why."""

    content: str
    reason: Text


class DecisionBody(Body):
    """A remark of the second person; it is kept."""

    note: Note = ""


class GroupBody(Body):
    """Which error's letters to try again, and why."""

    error: Annotated[str, "the id of a group"]
    reason: Text


def _inside(asker: Asking, *roles: Role) -> None:
    actor = asker.actor
    if actor.supplier is not None or actor.has(*_OUTSIDE) or (roles and not actor.has(*roles)):
        raise refuse("FORBIDDEN", f"{actor.id} has no role that may see this")
    asker.need_every_site()


@router.get("/deadletters", tags=["running"])
def groups(asker: Asker, endpoint: str | None = None) -> Response:
    """Show dead letters by their error: the same error counted once, the largest group first."""
    _inside(asker)
    whole = asker.app.letters.dead(endpoint=endpoint)
    rows = [
        {
            "error": each.id,
            "endpoint": each.endpoint,
            "verb": each.verb,
            "text": each.error,
            "letters": len(each.letters),
            "oldest": each.oldest,
            "newest": each.newest,
        }
        for each in grouped(whole.rows)
    ]
    return json({"rows": rows, "after": None, "left_out": whole.left_out})


@router.post("/deadletters/replay", tags=["running"])
def replay(body: GroupBody, asker: Asker) -> Response:
    """Try the letters of one error again, unchanged; each is looked up before it is sent.

    At most 500 in one go, the newest.
    """
    _inside(asker, Role.INTEGRATION, Role.ADMIN)
    letters = asker.app.letters.dead().rows
    keys = tuple(each.key for each in letters if group_id(each) == body.error)[:MOST_AT_ONCE]
    reply = asker.apply(ReplayEffects(effects=keys, reason=body.reason))
    if not reply.is_done:
        return refusal(reply.refusals)
    return json({"error": body.error, "due": asker.app.replay_effects(keys)})


@router.post("/effects/{key:path}/edit/confirm", tags=["running"])
def confirm(key: str, body: DecisionBody, asker: Asker) -> Response:
    """Agree to another payload for a dead letter, as a second person; it is tried again."""
    name = str(Ref(LETTER, key))
    act = ConfirmLetterEdit(effect=key, note=body.note)
    return asker.answer(act, Edit, about=Ref(Edit.KIND, name))


@router.post("/effects/{key:path}/edit", status_code=201, tags=["running"])
def propose(key: str, body: LetterEditBody, asker: Asker) -> Response:
    """Propose another payload for a dead letter; a second person decides."""
    _inside(asker, Role.INTEGRATION, Role.ADMIN)
    return asker.answer(letter_edit(asker.app.letters.entry(key), key, body.payload, body.reason),
                        Edit)  # fmt: skip


def letter_edit(
    entry: EffectEntry | None, key: str, payload: str, reason: str
) -> ProposeLetterEdit:
    """Make the act: what was hidden from the editor comes back as it is kept.

    Raises:
        Refused: there is no such dead letter, or the text is no JSON.
    """
    if entry is None:
        raise refuse("NOT_FOUND", f"there is no effect {key}", field="key")
    if entry.state is not EffectState.DEAD:
        raise refuse(
            "WRONG_STATE", f"{key} is {entry.state.value}, no dead letter", field="key",
            fix="Only what could not be delivered is edited.",
        )  # fmt: skip
    typed = plain_values(payload_bytes(payload, field="payload"))
    now = typed if masked(entry.facts) == entry.facts else unmasked(typed, entry.facts)
    text = payload if now is typed else encode(now).decode()
    return ProposeLetterEdit(effect=key, was=entry.payload.decode(), now=text, reason=reason)


@router.get("/effects/{key:path}", tags=["running"])
def effect(
    key: str,
    asker: Asker,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Show one effect with its newest attempts; what is secret in its payload is hidden.

    ``log`` holds ``limit`` attempts, the first first; ``before`` asks for earlier ones, by the
    ``older`` of the answer, which is null where none is left.
    """
    _inside(asker)
    entry = asker.app.letters.entry(key)
    if entry is None:
        raise refuse("NOT_FOUND", f"there is no effect {key}", field="key")
    log = asker.app.letters.attempts(key, newest=limit + 1, before=before)
    shown = log[-limit:]
    told = {
        "key": entry.key,
        "endpoint": entry.endpoint,
        "lane": entry.lane,
        "verb": entry.verb,
        "subject": str(entry.subject),
        "state": entry.state,
        "attempts": entry.attempts,
        "asked_at": entry.asked_at,
        "due_at": entry.due_at,
        "settled_at": entry.settled_at,
        "payload": masked(entry.facts),
        "result": masked(dict(entry.result)),
        "log": shown,
        "older": shown[0].place if len(log) > limit else None,
    }
    return json(told)


@router.get("/edits", tags=["running"])
def edits(
    asker: Asker,
    state: Annotated[str | None, Query(pattern="^(proposed|confirmed|turned_down)$")] = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List what was proposed to be put right, newest first, and who decided."""
    _inside(asker, *_EDITORS)
    return paged(asker.app.documents.page(Edit, state=state, after=after, limit=limit))


@router.post("/edits/{name:path}/turn-down", tags=["running"])
def turn_down(name: str, body: ReasonBody, asker: Asker) -> Response:
    """End a proposed edit; everything stays as it was."""
    act = TurnDownEdit(edit=name, note=body.reason)
    return asker.answer(act, Edit, about=Ref(Edit.KIND, name))


@router.get("/edits/{name:path}", tags=["running"])
def edit(name: str, asker: Asker) -> Response:
    """Show one edit: what was, what shall be, who proposed and who decided."""
    _inside(asker, *_EDITORS)
    return shown(asker.found(Edit, name))


@router.get("/quarantine/{number}", tags=["interchanges"])
def quarantined(number: str, asker: Asker) -> Response:
    """Show a message that was put aside."""
    return shown(asker.found(Quarantined, number))


@router.post("/quarantine/{number}/edit", status_code=201, tags=["interchanges"])
def propose_file(number: str, body: FileEditBody, asker: Asker) -> Response:
    """Propose other bytes for the file of a quarantined message; a second person decides."""
    asker.found(Quarantined, number)
    try:
        data = body.content.encode("latin-1")
    except UnicodeEncodeError as problem:
        raise refuse(
            "BAD_VALUE", "a letter stands for one byte, and this one for more", field="content",
            fix="Write the bytes as Latin-1 letters, as GET .../raw gives them.",
        ) from problem  # fmt: skip
    return asker.answer(ProposeFileEdit(quarantined=number, data=data, reason=body.reason), Edit)


@router.post("/quarantine/{number}/edit/confirm", tags=["interchanges"])
def confirm_file(number: str, body: DecisionBody, asker: Asker) -> Response:
    """Agree to the proposed bytes, as a second person: they are read in place of the first."""
    asker.found(Quarantined, number)
    act = ConfirmFileEdit(quarantined=number, note=body.note)
    return asker.answer(act, Edit, about=Ref(Edit.KIND, edit_id(number)))
