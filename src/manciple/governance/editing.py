"""Edits: what could not be delivered, or not be read, put right by two people.

    proposed -> confirmed      by another person than its proposer
             -> turned down    by anybody who may propose, the proposer too
    confirmed, turned down -> proposed again

The bytes as they came to lie there and the bytes as they shall be are both kept under their
SHA-256, for ever: an edit replaces nothing in history.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum, auto
from hashlib import sha256
from typing import Any, ClassVar

from manciple.governance.operations import require_reason
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref

LETTER = "effect"
"""The kind of subject that a dead letter is: its id is the effect's key."""
MOST_PAYLOAD = 1_000_000
"""Bytes of the largest payload that people edit; a larger one is a program's matter."""
SAME_FOR_EVER = frozenset(
    {"key", "external", "content", "digest", "interchange", "partner", "file_name"}
)
"""Fields by which the other side knows a repeat, and the bytes of a finished file: an edit that
changed them would be another thing under the same key."""


DECIDED = frozenset(
    {
        "amount", "currency", "item", "money", "number", "order", "per", "price", "quantity",
        "revision", "supplier", "tax", "total", "unit", "value",
    }
)  # fmt: skip
"""Fields that say what was decided and approved: an edit that changed them would by-pass those
who decided. A change order, a credit or a corrected master record is the way."""


class EditState(StrEnum):
    """How an edit stands."""

    PROPOSED = auto()
    CONFIRMED = auto()
    TURNED_DOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One proposal to put something right, the newest of its subject.

    Attributes:
        id: the subject as text: ``effect/PO-1:1:erp.create_order``, ``quarantined-message/QU-1``.
        was, now: SHA-256 of the bytes before and after, in hex; both are kept.
        times: how many edits of this subject were proposed so far, this one included.
        by, at: who proposed it, and when.
        decided_by, decided_at: who confirmed it or turned it down; None while it is proposed.
        made: what came of it: the file that is read in place of the first; empty for a letter.
    """

    KIND: ClassVar[str] = "edit"

    id: str
    state: EditState
    was: str
    now: str
    reason: str
    by: str
    at: datetime
    times: int = 1
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""
    made: str = ""

    @property
    def subject(self) -> Ref:
        """What is to be put right."""
        return Ref.parse(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeLetterEdit:
    """Propose another payload for a dead letter.

    Attributes:
        effect: the letter's key.
        was, now: the payload as it is and as it shall be, as JSON texts.
    """

    effect: str
    was: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLetterEdit:
    """Agree to a proposed payload: it replaces the letter's, and the letter is tried again."""

    effect: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDownEdit:
    """End a proposed edit; everything stays as it was."""

    edit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceLetter:
    """What this program tells itself to do once an edit is confirmed.

    Attributes:
        was: SHA-256 of the payload that is replaced; another one is left alone.
        now: SHA-256 of the kept bytes that take its place.
    """

    effect: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProposed:
    """Somebody proposed to put something right; a second person decides."""

    edit: str
    was: str
    now: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConfirmed:
    """A second person agreed to an edit."""

    edit: str
    was: str
    now: str
    proposed_by: str
    by: str
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTurnedDown:
    """An edit was ended; nothing changed."""

    edit: str
    by: str
    note: str


def propose(known: Edit | None, new: Edit) -> Edit:
    """Put an edit before a second person.

    Raises:
        Refused: REASON, NOTHING_CHANGED, or ALREADY_PROPOSED while another one waits.
    """
    require_reason(new.reason)
    if known is not None and known.state is EditState.PROPOSED:
        raise refuse(
            "ALREADY_PROPOSED",
            f"{known.by} has proposed an edit of {new.subject.id} that waits for a second person",
            field="edit",
            fix="Confirm that one or turn it down first.",
        )
    if new.was == new.now:
        raise refuse(
            "NOTHING_CHANGED",
            "what is proposed is what is there",
            field="now",
            fix="Change something, or replay it unchanged.",
        )
    return replace(new, times=known.times + 1 if known else 1)


def confirm(edit: Edit, *, by: Actor, at: datetime, note: str = "", made: str = "") -> Edit:
    """Agree to an edit that somebody else has proposed.

    Raises:
        Refused: WRONG_STATE when none waits; SECOND_PERSON for the proposer. Source: segregation
            of duties, ISO/IEC 27002:2022, control 5.3.
    """
    _waiting(edit)
    if edit.by in {by.id, by.on_behalf_of}:
        raise refuse(
            "SECOND_PERSON",
            f"{edit.by} has proposed this edit and can't confirm it as well",
            field="edit",
            rule="second person",
            fix="Let somebody else who may edit look at it.",
        )
    return replace(
        edit, state=EditState.CONFIRMED, decided_by=by.id, decided_at=at, note=note, made=made
    )


def turn_down(edit: Edit, *, by: Actor, at: datetime, note: str) -> Edit:
    """End an edit that waits; whoever may propose may do it.

    Raises:
        Refused: WRONG_STATE when none waits; REASON.
    """
    _waiting(edit)
    require_reason(note)
    return replace(edit, state=EditState.TURNED_DOWN, decided_by=by.id, decided_at=at, note=note)


def _waiting(edit: Edit) -> None:
    if edit.state is not EditState.PROPOSED:
        word = edit.state.value.replace("_", " ")
        raise refuse(
            "WRONG_STATE", f"the edit of {edit.subject.id} is {word} already", field="edit",
            fix="Propose another one if it is still needed.",
        )  # fmt: skip


def digest_of(data: bytes) -> str:
    """Give the SHA-256 of bytes, in hex."""
    return sha256(data).hexdigest()


def payload_bytes(text: str, *, field: str) -> bytes:
    """Read a payload that somebody typed, and give it as a letter carries it.

    Keys are sorted and blanks left out, as everywhere in the store; numbers keep their digits.

    Raises:
        Refused: BAD_JSON, with line and column; TOO_LARGE.
    """
    if len(text.encode()) > MOST_PAYLOAD:
        raise refuse("TOO_LARGE", f"{MOST_PAYLOAD} bytes are the most", field=field)
    try:
        value = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_nothing)
    except json.JSONDecodeError as problem:
        raise refuse(
            "BAD_JSON",
            f"line {problem.lineno}, column {problem.colno}: {problem.msg}",
            field=field,
            fix="Write it as JSON: texts in double quotes, fields parted by commas.",
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise refuse("BAD_JSON", "this is no JSON value", field=field) from problem
    return _written(value).encode()


class _Number(str):
    """A number by its digits: no float may touch a quantity or an amount on the way through."""

    __slots__ = ()


def _nothing(word: str) -> object:
    message = f"{word} is no number"
    raise ValueError(message)


def _written(value: object) -> str:
    match value:
        case _Number():
            return str(value)
        case dict():
            pairs = (
                f"{json.dumps(k, ensure_ascii=False)}:{_written(value[k])}" for k in sorted(value)
            )
            return f"{{{','.join(pairs)}}}"
        case list():
            return f"[{','.join(map(_written, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def check_shape(was: Any, now: Any) -> None:
    """Accept a payload of the same shape as the one before: only values have changed.

    Raises:
        Refused: with every fault by its path: FIELD_MISSING, UNKNOWN_FIELD, OTHER_TYPE,
            OTHER_LENGTH, SAME_FOR_EVER for what the other side knows a repeat by, and DECIDED
            for what others have decided.
    """
    faults = tuple(_faults(was, now, "payload", ""))
    if faults:
        raise Refused(*(reason for each in faults for reason in each.reasons))


def _faults(was: Any, now: Any, path: str, name: str) -> list[Refused]:
    if name in SAME_FOR_EVER and was != now:
        return [
            refuse(
                "SAME_FOR_EVER",
                f"{path} tells the other side what this is, and can't be edited",
                field=path,
                fix="Leave it as it was; a new document needs an act of its own.",
            )
        ]
    if name in DECIDED and was != now:
        return [
            refuse(
                "DECIDED",
                f"{path} was decided by others, and an edit must not by-pass them",
                field=path,
                fix="Change the document itself; what is sent follows from it.",
            )
        ]
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        return _fields(was, now, path)
    if isinstance(was, list) and isinstance(now, list):
        return _members(was, now, path, name)
    if was is None or now is None or _sort(was) == _sort(now):
        return []
    return [
        refuse(
            "OTHER_TYPE", f"{path} is {_sort(was)} and can't become {_sort(now)}", field=path,
            fix=f"Write {_sort(was)}.",
        )
    ]  # fmt: skip


def _members(was: list[Any], now: list[Any], path: str, name: str) -> list[Refused]:
    if len(was) != len(now):
        message = f"{path} has {len(was)} members, and {len(now)} came"
        return [refuse("OTHER_LENGTH", message, field=path, fix="Leave none out, add none.")]
    found: list[Refused] = []
    for place, (before, after) in enumerate(zip(was, now, strict=True)):
        found += _faults(before, after, f"{path}.{place}", name)
    return found


def _fields(was: Mapping[str, Any], now: Mapping[str, Any], path: str) -> list[Refused]:
    found: list[Refused] = []
    for name in was:
        if name not in now:
            message = f"{path}.{name} is missing"
            found.append(refuse("FIELD_MISSING", message, field=f"{path}.{name}",
                                fix="Write null where nothing is stated."))  # fmt: skip
    for name, value in now.items():
        if name in was:
            found += _faults(was[name], value, f"{path}.{name}", name)
        else:
            message = f"{path}.{name} was not there before"
            found.append(refuse("UNKNOWN_FIELD", message, field=f"{path}.{name}",
                                fix=f"The fields are {', '.join(sorted(was))}."))  # fmt: skip
    return found


def _sort(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a record"
