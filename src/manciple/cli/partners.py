"""``manciple interchanges`` and ``manciple quarantine``: partner files, and what waits in them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.progress import track
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, listed, page, some
from manciple.cli.files import taken
from manciple.cli.options import NUMBER, acts, asks
from manciple.cli.output import Output, put
from manciple.cli.papers import (
    add_list,
    add_show,
    all_option,
    limit_option,
    note_option,
    now_stands,
    reason_option,
)
from manciple.kernel.errors import MancipleError, Reason, Refused

_PATH = "/v1/interchanges"
_QUARANTINE = "/v1/quarantine"
_HEAD = (
    ("direction", "direction"), ("partner", "partner"), ("name", "name"), ("channel", "channel"),
    ("control number", "control"), ("came or went", "at"), ("bytes", "size"),
    ("SHA-256", "digest"), ("read", "attempts"), ("answer", "answer"),
)  # fmt: skip
_MESSAGES = (
    ("message", "kind"), ("set", "code"), ("control number", "control"), ("number", "number"),
    ("orders", "orders"), ("state", "state"), ("findings", "findings>"),
)  # fmt: skip
_FINDINGS = (
    ("severity", "severity"), ("code", "code"), ("segment", "segment>"), ("element", "element>"),
    ("byte", "offset>"), ("text", "text"),
)  # fmt: skip
_ROWS = (
    ("number", "id"), ("direction", "direction"), ("state", "state"), ("partner", "partner"),
    ("control", "control"), ("name", "name"), ("at", "at"), ("bytes", "size>"),
)  # fmt: skip


@click.group()
def interchanges() -> None:
    """Send partner files in and see them."""


def _view(file: Any) -> RenderableType:
    head = Text(f"interchange {file['id']}: {file['state']}", style="bold")
    messages = some(file["messages"], _MESSAGES, title="messages")
    return page(head, facts(file, _HEAD), messages,
                some(file["findings"], _FINDINGS, title="findings"))  # fmt: skip


add_list(interchanges, _PATH, _ROWS, "interchanges")
add_show(interchanges, _PATH, _view, "what was found in a file")


@interchanges.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path, allow_dash=True))  # fmt: skip
@acts
def send(api: Api, out: Output, files: tuple[Path, ...]) -> None:
    """Hand in partner files, whatever they hold: kept first, read next."""
    rows: list[Any] = []
    refused: list[Reason] = []
    watched = out.is_watched and len(files) > 1
    for file in track(files, "sending", console=Console(stderr=True), transient=True,
                      disable=not watched):  # fmt: skip
        try:
            rows.append(_hand_in(api, file))
        except MancipleError as problem:
            refused += _told_of(file, problem)
    if rows:
        out.show({"rows": rows, "after": None}, lambda page: grid(page["rows"], _ROWS))
    if refused:
        raise Refused(*refused)


def _hand_in(api: Api, file: Path) -> Any:
    data = taken(file)
    status, answer = api.send(
        _PATH, data=data, kind="application/octet-stream", name=file.name,
        part=sha256(file.name.encode("utf-8", "replace") + data).hexdigest()[:16],
    )  # fmt: skip
    return api.accepted(status, answer)


def _with_name(file: Path, message: str) -> str:
    """Name the file that a message is about, once."""
    return message if message.startswith(f"{file}: ") else f"{file}: {message}"


def _told_of(file: Path, problem: MancipleError) -> list[Reason]:
    if not isinstance(problem, Refused):
        return [Reason(code="FAILED", message=f"{file}: {problem}")]
    return [
        Reason(code=each.code, message=_with_name(file, each.message), field=each.field,
               rule=each.rule, fix=each.fix)
        for each in problem.reasons
    ]  # fmt: skip


@interchanges.command()
@click.argument("number", type=NUMBER)
@asks
def raw(api: Api, out: Output, number: str) -> None:
    """Give the very bytes that came or went.

    On stdout as they are; with --json as a text of Latin-1 letters, one for each byte.
    """
    data = api.raw(_PATH, number, "raw")
    if out.as_json:
        out.show({"interchange": number, "size": len(data), "latin1": data.decode("latin-1")},
                 lambda _: "")  # fmt: skip
    else:
        put(data)


@interchanges.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def reread(api: Api, out: Output, number: str, reason: str) -> None:
    """Read a kept file again, because what it waited for has appeared."""
    answer = api.post(_PATH, number, "reread", body={"reason": reason})
    out.show(answer, now_stands("interchange"))


@interchanges.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def resend(api: Api, out: Output, number: str, reason: str) -> None:
    """Hand a file of ours over once more, byte by byte as it was."""
    answer = api.post(_PATH, number, "resend", body={"reason": reason})
    out.show(answer, now_stands("interchange"))


@click.group()
def quarantine() -> None:
    """See, put right, discard."""


@quarantine.command("list")
@limit_option
@all_option
@asks
def quarantined(api: Api, out: Output, limit: int, everything: bool) -> None:  # noqa: FBT001
    """List messages that could not be read or matched, and what they wait for."""
    columns = (("number", "id"), ("interchange", "interchange"), ("partner", "partner"),
               ("code", "code"), ("why", "reasons"), ("waits for", "waits_for"),
               ("since", "since"))  # fmt: skip
    page = api.rows(_QUARANTINE, most=None if everything else limit)
    out.show(page, listed(columns, "Nothing is in quarantine."))


@quarantine.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def discard(api: Api, out: Output, number: str, reason: str) -> None:
    """Decide that a message will never be applied; it stays readable."""
    answer = api.post(_QUARANTINE, number, "discard", body={"reason": reason})
    out.show(answer, now_stands("message"))


@quarantine.command()
@click.argument("number", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@reason_option
@acts
def edit(api: Api, out: Output, number: str, file: Path, reason: str) -> None:
    """Propose other bytes for the file that a message lies in: FILE holds the whole of it.

    Somebody else confirms it with ``confirm-edit``; until then nothing changes. The first file
    stays as it came. ``interchanges raw`` gives its bytes.
    """
    body = {"content": taken(file).decode("latin-1"), "reason": reason}
    out.show(api.post(_QUARANTINE, number, "edit", body=body), now_stands("edit"))


@quarantine.command("confirm-edit")
@click.argument("number", type=NUMBER)
@note_option
@acts
def confirm_edit(api: Api, out: Output, number: str, note: str) -> None:
    """Agree, as a second person, to what was proposed; the new bytes are read in its place."""
    answer = api.post(_QUARANTINE, number, "edit", "confirm", body={"note": note})
    out.show(answer, now_stands("edit"))


@quarantine.command("turn-down-edit")
@click.argument("number", type=NUMBER)
@reason_option
@acts
def turn_down_edit(api: Api, out: Output, number: str, reason: str) -> None:
    """End a proposed edit; the file stays as it was."""
    name = f"quarantined-message/{number}"
    answer = api.post("/v1/edits", name, "turn-down", body={"reason": reason})
    out.show(answer, now_stands("edit"))
