"""Options that every command has, arguments checked before anything is asked, and failures.

``asks`` gives a command the API and its output; ``acts`` also a key that makes its deed happen
once. A refusal leaves by ``Failure``: exit 1, each reason with code, field, message and fix.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click

from manciple.cli.client import Asked, connected
from manciple.cli.output import Output, printable
from manciple.kernel.errors import MancipleError, Reason, Refused

JSON_ASKED = "manciple.json"
"""Under this name the click context remembers that JSON was asked for."""
Body = Callable[..., None]
_LONGEST_KEY = 180
"""Of the API's 200; the rest tells the deeds of one command apart."""
_KEY = re.compile(rf"[!-~]{{1,{_LONGEST_KEY}}}")


class Failure(click.ClickException):
    """Refused or failed: the reasons, told on stderr; exit 1."""

    exit_code = 1

    def __init__(self, reasons: tuple[Reason, ...], *, as_json: bool) -> None:
        """Fail with at least one reason."""
        super().__init__("; ".join(reason.message for reason in reasons))
        self.reasons, self.as_json = reasons, as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Tell the reasons: one JSON object, or a few lines each."""
        if self.as_json:
            told = {"errors": [_plain(reason) for reason in self.reasons]}
            click.echo(json.dumps(told, indent=2), file=file, err=True)
            return
        for reason in self.reasons:
            click.echo(_lines(reason), file=file, err=True)


class Misuse(click.ClickException):
    """Used wrongly by somebody who asked for JSON: what click says, as a reason; exit 2."""

    exit_code = 2

    def __init__(self, problem: click.UsageError) -> None:
        """Fail as click would."""
        super().__init__(problem.format_message())
        path = problem.ctx.command_path if problem.ctx is not None else "manciple"
        hint = problem.param_hint if isinstance(problem, click.BadParameter) else None
        param = getattr(problem, "param", None)
        if hint is None and param is not None:
            hint = param.get_error_hint(problem.ctx)
        names = hint if isinstance(hint, str) or hint is None else " / ".join(hint)
        self.reason = Reason(
            code="USAGE",
            message=self.message,
            field=(names or "").replace("'", ""),
            fix=f"See `{path} --help`.",
        )

    def show(self, file: IO[Any] | None = None) -> None:
        """Tell it as every reason is told."""
        Failure((self.reason,), as_json=True).show(file)


def _plain(reason: Reason) -> dict[str, str]:
    return {
        "code": reason.code,
        "message": reason.message,
        "field": reason.field,
        "rule": reason.rule,
        "fix": reason.fix,
    }


def _lines(reason: Reason) -> str:
    text = f"{reason.code}: {reason.message}"
    for label, word in (("field", reason.field), ("rule", reason.rule), ("fix", reason.fix)):
        text += f"\n  {label}: {word}" if word else ""
    return printable(text, keep="\n")


def reasons_of(problem: MancipleError) -> tuple[Reason, ...]:
    """Give an error's reasons; one that has none is its own, coded by its name."""
    if isinstance(problem, Refused):
        return problem.reasons
    name = type(problem).__name__.removesuffix("Error")
    code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    return (Reason(code=code, message=str(problem)),)


def system_reason(problem: OSError) -> Reason:
    """Say in our form what the operating system would not do, and with which file."""
    what = problem.strerror or str(problem) or type(problem).__name__
    return Reason(
        code="SYSTEM",
        message=f"{problem.filename}: {what}" if problem.filename else what,
        fix="See that it is there, that you may use it, and that there is room.",
    )


class Number(click.ParamType[str]):
    """A document's number or a person's id, as it stands in an address."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what can be no number before anybody is asked for it."""
        text = str(value)
        if not text.strip() or text in {".", ".."}:
            self.fail("this is no number of anything", param, ctx)
        if not text.isprintable():
            self.fail("a number holds nothing but letters that can be printed", param, ctx)
        return text


NUMBER = Number()


class Day(click.ParamType[str]):
    """A calendar day as the API takes it: 2026-07-20."""

    name = "day"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show how it is written."""
        del param, ctx
        return "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is no day, or is written otherwise."""
        text = str(value)
        try:
            written = date.fromisoformat(text).isoformat()
        except ValueError:
            written = ""
        if text != written:
            self.fail(f"{text!r} is no day: write one as 2026-07-20", param, ctx)
        return text


DAY = Day()


class OnceKey(click.ParamType[str]):
    """An Idempotency-Key, as the API takes it; an empty one would let a deed be done twice."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what can be no key before anybody is asked for anything."""
        text = str(value)
        if not _KEY.fullmatch(text):
            self.fail(f"1 to {_LONGEST_KEY} visible ASCII characters are wanted", param, ctx)
        return text


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001
    if value:
        ctx.meta[JSON_ASKED] = True
    return value


json_option = click.option(
    "--json", "as_json", is_flag=True, callback=_remember, is_eager=True,
    help="JSON on stdout, and nothing else there.",
)  # fmt: skip
home_option = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False),
    help="The installation's folder; else MANCIPLE_HOME, else ./manciple-home.",
)  # fmt: skip
database_option = click.option(
    "--database-url", metavar="URL",
    help="sqlite:///FILE or postgresql://...; else MANCIPLE_DATABASE_URL, else the home's file.",
)  # fmt: skip
_ASKING = (
    click.option("--url", metavar="URL", help="The server; else MANCIPLE_URL, else the home's."),
    click.option("--key", "api_key", metavar="KEY", help="The API key; else MANCIPLE_KEY."),
    click.option("--as", "as_person", metavar="PERSON", help="Use this person's key of the home."),
    home_option,
    database_option,
)
_ONCE = click.option(
    "--once", metavar="KEY", type=OnceKey(),
    help="Do it once: the same KEY with the same request again changes nothing more.",
)  # fmt: skip


def _apply(function: Body, *options: Callable[[Body], Body]) -> Body:
    for option in reversed(options):
        function = option(function)
    return function


def asks(body: Body) -> Body:
    """Give a command the API as its first argument, its output as the second."""

    @wraps(body)
    @click.pass_context
    def run(ctx: click.Context, /, **given: Any) -> None:
        asked = Asked(
            url=given.pop("url"),
            key=given.pop("api_key"),
            person=given.pop("as_person"),
            home=given.pop("home"),
            database_url=given.pop("database_url"),
            once=given.pop("once", None),
            environment=ctx.obj or {},
        )
        output = Output(as_json=given.pop("as_json"))
        output.require()
        with connected(asked) as api:
            body(api, output, **given)

    return _apply(run, *_ASKING, json_option)


def acts(body: Body) -> Body:
    """Give a command the API and its output, and let its caller say a key for its deed."""
    return _apply(asks(body), _ONCE)
