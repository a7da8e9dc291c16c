"""Partners' files: what came and went, what is missing in the count, and what was put aside.

/interchanges          files by state and partner, and the gaps in partners' control numbers
/quarantine            what could not be read or matched: where, since when, whose it is
/quarantine/ID         one message: its reasons, its file, and what may be done about it
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.cases import life
from manciple.cases.case import Case, ReassignCase
from manciple.cases.discrepancy import Code
from manciple.exchange.control_numbers import ControlSequence
from manciple.exchange.interchange import (
    DiscardQuarantined,
    FindingNote,
    Interchange,
    Quarantined,
    RereadInterchange,
)
from manciple.exchange.mending import ConfirmFileEdit, ProposeFileEdit, edit_id
from manciple.formats.x12.tokens import Tokens
from manciple.governance.editing import Edit, EditState, TurnDownEdit
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Scope, scope_of
from manciple.web.language import gettext, said
from manciple.web.pages.admitting import admitted, admitted_soon, diff, require
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form

ROLES: Final = (Role.INTEGRATION, Role.BUYER)
_MENDERS: Final = frozenset({Role.INTEGRATION, Role.ADMIN, Role.BUYER})
_CODES: Final = (Code.UNREADABLE, Code.UNKNOWN_ORDER, Code.UNIT_CONFLICT)
"""The codes of cases about what was put aside."""
_LENGTH: Final = 50
_MOST_TYPED: Final = 100_000
"""Bytes of the largest file that is edited in a page; a larger one by the command line."""
STATES: Final = (
    ("received", said("Received")),
    ("read", said("Read")),
    ("unreadable", said("Unreadable")),
    ("composed", said("On its way")),
    ("sent", said("Sent")),
    ("accepted", said("Accepted")),
    ("rejected", said("Rejected")),
    ("undeliverable", said("Undeliverable")),
)
HEALTHS: Final = {
    "received": "moving",
    "read": "done",
    "unreadable": "trouble",
    "composed": "moving",
    "sent": "waiting",
    "accepted": "done",
    "rejected": "trouble",
    "undeliverable": "trouble",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A message that was put aside, with its file and the case about it.

    Attributes:
        finding: the first error in the file that says where it stands; None when none does.
        case: None when nobody was told, or the case has ended.
    """

    message: Quarantined
    version: int
    file: Interchange | None
    finding: FindingNote | None
    case: Case | None

    @property
    def place(self) -> str:
        """Say where it lies: the message of the file, or the whole of it."""
        notes = self.file.messages if self.file else ()
        note = next((each for each in notes if each.index == self.message.index), None)
        if note is None:
            return gettext("the whole file")
        return gettext("message %(code)s %(control)s") % {
            "code": note.code,
            "control": note.control,
        }

    @property
    def owner(self) -> str:
        """Whose it is: a person, or a role."""
        if self.case is None:
            return ""
        return self.case.owner or self.case.owner_role.value.replace("_", " ")


class Partnering:
    """Serves the pages of partners' files."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/interchanges", self.files, response_model=None)
        router.add_api_route("/quarantine", self.aside, response_model=None)
        router.add_api_route("/quarantine/{number}", self.one, response_model=None)
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/quarantine/{{number}}/{name}", self._deed(act), methods=["POST"],
                response_model=None, name=f"quarantine {name}",
            )  # fmt: skip
        return router

    def files(
        self,
        request: Request,
        state: Annotated[str, Query(max_length=20)] = "",
        partner: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """List files that came and went, newest first."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        known = {each for each, _ in STATES}
        documents = self._desk.app.documents
        scope = Scope(supplier=partner) if partner else scope_of(reader.actor)
        page = documents.page(
            Interchange,
            scope=scope,
            state=state if state in known else None,
            after=after,
            limit=_LENGTH,
        )
        gaps = documents.page(ControlSequence, state="gap", limit=_LENGTH).rows
        waiting = documents.page(ControlSequence, state="waiting", limit=_LENGTH).rows
        return self._desk.show(
            request,
            "interchanges.html",
            reader,
            rows=[each.document for each in page.rows],
            older=page.after,
            after=after,
            state=state if state in known else "",
            states=[(each, gettext(name)) for each, name in STATES],
            healths=HEALTHS,
            partner=partner,
            gaps=[each.document for each in (*gaps, *waiting)],
        )

    def aside(
        self,
        request: Request,
        after: Annotated[str | None, Query(max_length=200)] = None,
        done: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """List what was put aside."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        page = self._desk.app.documents.page(
            Quarantined,
            scope=scope_of(reader.actor),
            state="waiting",
            after=after,
            limit=_LENGTH,
        )
        rows = self._with_files([(each.document, each.version) for each in page.rows])
        return self._desk.show(
            request,
            "quarantine.html",
            reader,
            rows=rows,
            older=page.after,
            after=after,
            done=self._desk.found(reader, Quarantined, done) if done else None,
        )

    def _with_files(self, found: Iterable[tuple[Quarantined, int]]) -> list[Aside]:
        """Put files and cases beside what was put aside: two questions, however many rows."""
        messages = list(found)
        documents = self._desk.app.documents
        files = documents.many(Interchange, [each.interchange for each, _ in messages])
        names = {each.id: [_case_id(code, each.id) for code in _CODES] for each, _ in messages}
        cases = documents.many(Case, [name for ids in names.values() for name in ids])
        rows = []
        for message, version in messages:
            kept = files.get(message.interchange)
            about = (cases[name] for name in names[message.id] if name in cases)
            errors = (each for each in (kept.findings if kept else ()) if each.offset is not None)
            rows.append(
                Aside(
                    message=message,
                    version=version,
                    file=kept,
                    finding=next((each for each in errors if each.severity == "error"), None),
                    case=next((case for case in about if case.is_open), None),
                )
            )
        return rows

    def one(self, request: Request, number: str) -> Response:
        """Show one message that was put aside."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._page(request, reader, number, EMPTY)

    def _page(self, request: Request, reader: Reader, name: str, sent: Sent) -> Response:
        stored = self._desk.found(reader, Quarantined, name)
        if stored is None:
            return self._desk.missing(request, reader, gettext("quarantined message"), name)
        (row,) = self._with_files([(stored.document, stored.version)])
        app = self._desk.app
        proposal = app.documents.get(Edit, edit_id(name))
        edit = proposal.document if proposal else None
        data = app.bytes_of(row.file.digest) if row.file else b""
        compared: tuple[object, ...] = ()
        if edit is not None:
            compared = diff(*(as_lines(app.bytes_of(each)) for each in (edit.was, edit.now)))
        may_edit = row.message.state == "waiting" and len(data) <= _MOST_TYPED
        text = "\n".join(as_lines(data)) if may_edit else ""
        return self._desk.show(
            request,
            "quarantined.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            row=row,
            edit=edit,
            version=proposal.version if proposal else 0,
            is_proposed=edit is not None and edit.state is EditState.PROPOSED,
            compared=compared,
            typed=sent.form.text("content") or text,
            may_edit=may_edit,
            may_act=reader.actor.has(*_MENDERS),
            sent=sent,
        )

    def _deed(self, act: "_Act") -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await admitted_soon(self._desk, request, ROLES)
            if isinstance(reader, Response):
                return reader
            stored = await run_in_threadpool(self._desk.found, reader, Quarantined, number)
            if stored is None:
                what = gettext("quarantined message")
                return self._desk.missing(request, reader, what, number)
            pairs = [(stored.document, stored.version)]
            (row,) = await run_in_threadpool(self._with_files, pairs)
            data = b""
            if row.file is not None and act is _propose:
                data = await run_in_threadpool(self._desk.app.bytes_of, row.file.digest)
            is_own = act is _discard
            about = Ref(Quarantined.KIND, number) if is_own else Ref(Edit.KIND, edit_id(number))

            def act_of(form: Form) -> object:
                require(reader, _MENDERS)
                return act(row, data, form)

            sent = await self._desk.sent(request, reader, act_of, about=about)
            if not sent.is_done:
                return await run_in_threadpool(self._page, request, reader, number, sent)
            to = "/quarantine?done=" if act in {_confirm, _discard} else "/quarantine/"
            return RedirectResponse(f"{to}{number}", status_code=303)

        return deed


def _case_id(code: Code, quarantined: str) -> str:
    return number("CASE", *life.case_key(code, Ref(Quarantined.KIND, quarantined), None))


def as_lines(data: bytes) -> list[str]:
    """Write a file one segment a line, one Latin-1 letter a byte; line by line if it has none."""
    text = data.decode("latin-1")
    marks = _marks(data)
    if marks is None:
        return text.splitlines()
    terminator, _ = marks
    if terminator in "\r\n":
        return text.splitlines()
    pieces = text.split(terminator)
    lines = [piece.strip("\r\n") + terminator for piece in pieces[:-1]]
    rest = pieces[-1].strip("\r\n")
    return [*lines, rest] if rest else lines


def from_lines(typed: str, first: bytes) -> bytes:
    """Put the lines of an edited file together again, as the first file parts its segments.

    Raises:
        Refused: a letter stands for no byte.
    """
    plain = typed.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    marks = _marks(first)
    ending = "\r\n" if marks is None and b"\r\n" in first else "\n"
    if marks is not None:
        terminator, after = marks
        ending = terminator if terminator in "\r\n" else after
    whole = plain.replace("\n", ending)
    if first.endswith((b"\n", b"\r")) and ending:
        whole += ending
    try:
        return whole.encode("latin-1")
    except UnicodeEncodeError as problem:
        letter = whole[problem.start]
        raise refuse(
            "BAD_VALUE", f"{letter} stands for no byte", field="content",
            fix="Use letters that the file can hold; others by the command line.",
        ) from problem  # fmt: skip


def _marks(data: bytes) -> tuple[str, str] | None:
    """Give a file's segment terminator and what follows it for the eye; None if it is no X12."""
    tokens = Tokens(data)
    if next(iter(tokens), None) is None:
        return None
    separators = tokens.separators
    text = data[:2000].decode("latin-1")
    place = text.find(separators.terminator)
    after = ""
    for letter in text[place + 1 : place + 3] if place >= 0 else "":
        if letter not in "\r\n":
            break
        after += letter
    return separators.terminator, after


_Act = Callable[[Aside, bytes, Form], object]


def _propose(row: Aside, first: bytes, form: Form) -> object:
    return ProposeFileEdit(
        quarantined=row.message.id,
        data=from_lines(form.text("content"), first),
        reason=form.text("reason"),
    )


def _confirm(row: Aside, _: bytes, form: Form) -> object:
    return ConfirmFileEdit(quarantined=row.message.id, note=form.text("note"))


def _turn_down(row: Aside, _: bytes, form: Form) -> object:
    return TurnDownEdit(edit=edit_id(row.message.id), note=form.text("note"))


def _discard(row: Aside, _: bytes, form: Form) -> object:
    return DiscardQuarantined(quarantined=row.message.id, reason=form.text("reason"))


def _reread(row: Aside, _: bytes, form: Form) -> object:
    why = form.text("reason")
    return RereadInterchange(interchange=row.message.interchange, why=why)


def _give(row: Aside, _: bytes, form: Form) -> object:
    if row.case is None:
        raise refuse(
            "WRONG_STATE", gettext("Nobody has been told of it: there is no case to give."),
            field="owner",
        )  # fmt: skip
    return ReassignCase(case=row.case.id, owner=form.text("owner"))


_ACTS: Final[dict[str, _Act]] = {
    "edit": _propose,
    "confirm": _confirm,
    "turn-down": _turn_down,
    "discard": _discard,
    "reread": _reread,
    "give": _give,
}
