"""``manciple endpoints`` and ``manciple deadletters``: the lines to other systems."""

import json
import time
from math import isnan
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, listed, page, some, told
from manciple.cli.files import taken
from manciple.cli.options import NUMBER, acts, asks
from manciple.cli.output import Output
from manciple.cli.papers import all_option, limit_option, note_option, now_stands, reason_option
from manciple.kernel.errors import Reason, Refused, refuse

_PATH = "/v1/endpoints"
_LANES = (
    ("endpoint", "endpoint"), ("lane", "lane"), ("held", "held"), ("waiting", "due>"),
    ("dead", "dead>"), ("failures", "failures>"), ("breaker open until", "open_until"),
    ("oldest due", "oldest_due"),
)  # fmt: skip
_LETTERS = (("letter", "key"), ("endpoint", "endpoint"), ("verb", "verb"), ("about", "subject"),
            ("tries", "attempts>"), ("answer", "result"))  # fmt: skip
_ERRORS = (("error", "error"), ("letters", "letters>"), ("endpoint", "endpoint"),
           ("verb", "verb"), ("newest", "newest"), ("text", "text"))  # fmt: skip
_LETTER = (("endpoint", "endpoint"), ("lane", "lane"), ("verb", "verb"), ("about", "subject"),
           ("tries", "attempts"), ("asked", "asked_at"), ("due", "due_at"),
           ("settled", "settled_at"), ("answer", "result"))  # fmt: skip
_ATTEMPTS = (("attempt", "number>"), ("at", "at"), ("said", "said"), ("detail", "detail"),
             ("next", "next_at"))  # fmt: skip
_LOOK_EVERY = 0.5
"""Seconds between two looks at a lane that empties."""


@click.group()
def endpoints() -> None:
    """See and hold the lines to other systems."""


@endpoints.command("list")
@asks
def list_lanes(api: Api, out: Output) -> None:
    """Show every lane: what waits, what died, whether it is held."""
    out.show(api.get(_PATH), listed(_LANES, "Nothing has been sent anywhere."))


@endpoints.command()
@asks
def check(api: Api, out: Output) -> None:
    """Refuse if a lane is held, has its breaker open, or holds dead letters."""
    rows = api.get(_PATH)["rows"]
    wrong = [reason for row in rows for reason in _wrong(row)]
    if wrong:
        raise Refused(*wrong)
    out.show({"rows": rows, "after": None}, lambda _: Text("Every lane is open."))


def _wrong(row: Any) -> list[Reason]:
    """Say what keeps a lane from delivering."""
    lane = f"{row['endpoint']} {row['lane']}"
    found: list[Reason] = []
    if row["held"]:
        fix = f"manciple endpoints resume {row['endpoint']}"
        found.append(Reason(code="HELD", message=f"{lane} is held", field=lane, fix=fix))
    if row["open_until"]:
        message = f"{lane} failed {row['failures']} times; it is tried again at "
        message += told(row["open_until"])
        found.append(Reason(code="BREAKER_OPEN", message=message, field=lane))
    if row["dead"]:
        message = f"{lane} has {row['dead']} dead letters"
        fix = "manciple deadletters list"
        found.append(Reason(code="DEAD_LETTERS", message=message, field=lane, fix=fix))
    return found


@endpoints.command()
@click.argument("name", type=NUMBER)
@reason_option
@acts
def hold(api: Api, out: Output, name: str, reason: str) -> None:
    """Stop sending to an endpoint; what is due waits."""
    answer = api.post(_PATH, name, "hold", body={"reason": reason})
    out.show(answer, lambda _: Text(f"{name} is held"))


@endpoints.command()
@click.argument("name", type=NUMBER)
@reason_option
@acts
def resume(api: Api, out: Output, name: str, reason: str) -> None:
    """Send to a held endpoint again."""
    answer = api.post(_PATH, name, "resume", body={"reason": reason})
    out.show(answer, lambda _: Text(f"{name} is sent to"))


@endpoints.command("try")
@click.argument("name", type=NUMBER)
@reason_option
@acts
def try_now(api: Api, out: Output, name: str, reason: str) -> None:
    """Try at once what waits for its next try; an open breaker lets it through."""
    answer = api.post(_PATH, name, "try", body={"reason": reason})
    out.show(answer, lambda body: Text(f"{body['tried']} effects of {name} are tried now"))


@endpoints.command()
@click.argument("name", type=NUMBER)
@reason_option
@click.option("--timeout", type=click.FloatRange(0, 3600), default=60, show_default=True,
              help="Seconds to wait at most.")  # fmt: skip
@acts
def drain(api: Api, out: Output, name: str, reason: str, timeout: float) -> None:
    """Wait until everything due at an endpoint is delivered, then hold it."""
    if isnan(timeout):
        raise click.BadParameter("a number of seconds is wanted", param_hint="--timeout")
    until = time.monotonic() + timeout
    with out.working(f"waiting for {name}"):
        while waiting := _waiting(api, name):
            if api.is_alone or time.monotonic() >= until:
                nobody = "nobody delivers while no server runs" if api.is_alone else "time is up"
                raise refuse(
                    "NOT_DRAINED",
                    f"{waiting} effects still wait for {name}: {nobody}; it is not held",
                    field="NAME",
                    fix="Run a server or a worker, wait longer with --timeout, or hold it.",
                )
            time.sleep(_LOOK_EVERY)
    answer = api.post(_PATH, name, "hold", body={"reason": reason})
    out.show(answer, lambda _: Text(f"{name} is empty and held"))


def _waiting(api: Api, name: str) -> int:
    return sum(row["due"] for row in api.get(_PATH)["rows"] if row["endpoint"] == name)


@click.group()
def deadletters() -> None:
    """See, put right and replay what was not delivered."""


@deadletters.command("list")
@click.option("--endpoint", type=NUMBER, help="Only those to this endpoint.")
@limit_option
@all_option
@asks
def letters(api: Api, out: Output, endpoint: str | None, limit: int, everything: bool) -> None:  # noqa: FBT001
    """List what could not be delivered, with attempts and the last answer."""
    most = None if everything else limit
    rows = api.rows("/v1/effects", state="dead", endpoint=endpoint, most=most)
    out.show(rows, listed(_LETTERS, "There are no dead letters."))


@deadletters.command("errors")
@click.option("--endpoint", type=NUMBER, help="Only those to this endpoint.")
@asks
def errors(api: Api, out: Output, endpoint: str | None) -> None:
    """Show dead letters by their error, the same error counted once."""
    query = {"endpoint": endpoint} if endpoint else {}
    out.show(api.get("/v1/deadletters", **query), listed(_ERRORS, "There are no dead letters."))


@deadletters.command("replay-error")
@click.argument("error", type=NUMBER)
@reason_option
@acts
def replay_error(api: Api, out: Output, error: str, reason: str) -> None:
    """Try every letter of one error again, unchanged, once its cause is gone."""
    answer = api.post("/v1/deadletters", "replay", body={"error": error, "reason": reason})
    out.show(answer, lambda _: Text(f"{answer['due']} letters are due again"))


@deadletters.command()
@click.argument("letter", type=NUMBER)
@click.option(
    "--before", type=click.IntRange(1), help="Attempts before this place, as an answer named it."
)
@asks
def show(api: Api, out: Output, letter: str, before: int | None) -> None:
    """Show one letter: its payload, its newest attempts, what was said."""
    out.show(api.get("/v1/effects", letter, before=before), _letter)


def _letter(letter: Any) -> RenderableType:
    head = Text(f"{letter['key']}: {letter['state']}", style="bold")
    payload = Text(json.dumps(letter["payload"], indent=2, ensure_ascii=False))
    older = letter["older"]
    earlier = Text(f"earlier ones: --before {older}", style="dim") if older else None
    return page(head, facts(letter, _LETTER),
                some(letter["log"], _ATTEMPTS, title="attempts"), earlier, payload)  # fmt: skip


@deadletters.command()
@click.argument("letter", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@reason_option
@acts
def edit(api: Api, out: Output, letter: str, file: Path, reason: str) -> None:
    """Propose another payload for a dead letter: FILE holds it as JSON.

    Somebody else confirms it with ``confirm-edit``; until then nothing changes. What shows as
    (hidden) stays as it is.
    """
    body = {"payload": taken(file).decode("utf-8", "replace"), "reason": reason}
    out.show(api.post("/v1/effects", letter, "edit", body=body), now_stands("edit"))


@deadletters.command("confirm-edit")
@click.argument("letter", type=NUMBER)
@note_option
@acts
def confirm_edit(api: Api, out: Output, letter: str, note: str) -> None:
    """Agree, as a second person, to what was proposed; the letter is tried again."""
    answer = api.post("/v1/effects", letter, "edit", "confirm", body={"note": note})
    out.show(answer, now_stands("edit"))


@deadletters.command("turn-down-edit")
@click.argument("letter", type=NUMBER)
@reason_option
@acts
def turn_down_edit(api: Api, out: Output, letter: str, reason: str) -> None:
    """End a proposed edit; the letter stays as it was."""
    answer = api.post("/v1/edits", f"effect/{letter}", "turn-down", body={"reason": reason})
    out.show(answer, now_stands("edit"))


@deadletters.command()
@click.argument("letter", type=NUMBER)
@reason_option
@acts
def replay(api: Api, out: Output, letter: str, reason: str) -> None:
    """Try a dead letter again, unchanged; it is looked up before it is sent."""
    answer = api.post("/v1/effects", letter, "replay", body={"reason": reason})
    out.show(answer, lambda _: Text(f"{letter} is due again"))
