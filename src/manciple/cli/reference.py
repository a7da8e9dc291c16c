"""The reference page of the command line, written from the commands themselves.

python -m manciple.cli.reference > docs/reference/command-line.md
"""

import sys
from collections.abc import Iterator

import click

from manciple.cli.main import root

_HEAD = """# The command line

Written from the commands themselves by `python -m manciple.cli.reference`.

Every command exits with 0 when it is done, 1 when it was refused or failed (each reason stands on
stderr with code, field, rule and fix), and 2 when it was used wrongly. With `--json` the answer
stands on stdout as JSON and nothing else does; reasons, of wrong usage too, are then one JSON
object on stderr, `{"errors": [{"code", "message", "field", "rule", "fix"}]}`.

`manciple -h`, and `-h` after any command, show the same.
"""
_SHARED = ("url", "api_key", "as_person", "home", "database_url", "as_json", "once")
"""Options that many commands have; they are told once."""


def page() -> str:
    """Write the whole page."""
    context = click.Context(root, info_name="manciple")
    commands = list(_leaves(root, context))
    parts = [_HEAD, _shared(commands), *(_section(*each) for each in commands)]
    return "\n".join(parts)


def _leaves(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Walk to every command that does something, in the order of the help pages."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _leaves(command, below)
        else:
            yield command, below


def _shared(commands: list[tuple[click.Command, click.Context]]) -> str:
    """Tell the options that many commands share."""
    told: dict[str, str] = {}
    for command, context in commands:
        if command.name == "demo":
            continue
        for option in _options(command):
            if option.name in _SHARED:
                told.setdefault(option.name, _row(option, context))
    rows = [told[name] for name in _SHARED if name in told]
    return "\n".join(("## Options that many commands share\n", *_HEADING, *rows, ""))


_HEADING = ("| option | meaning |", "| --- | --- |")


def _section(command: click.Command, context: click.Context) -> str:
    """Tell one command: how it is called, what it does, its own options."""
    own = [
        option
        for option in _options(command)
        if option.name not in _SHARED or command.name == "demo"
    ]
    also = [
        f"`{option.opts[0]}`"
        for option in _options(command)
        if option.name in _SHARED and option not in own
    ]
    path = context.command_path
    usage = " ".join((path, *command.collect_usage_pieces(context)))
    paragraphs = (
        " ".join(each.split()) for each in (command.help or "").strip().split("\n\n")
    )  # fmt: skip
    lines = [f"## {path}\n", f"```text\n{usage}\n```\n", "\n\n".join(paragraphs), ""]
    if own:
        lines += [*_HEADING, *(_row(option, context) for option in own), ""]
    if also:
        lines += [f"Also: {', '.join(also)}.", ""]
    return "\n".join(lines)


def _options(command: click.Command) -> list[click.Option]:
    return [each for each in command.params if isinstance(each, click.Option)]


def _row(option: click.Option, context: click.Context) -> str:
    """Tell an option as its help page does."""
    record = option.get_help_record(context)
    assert record is not None
    names, meaning = (" ".join(each.split()).replace("|", "\\|") for each in record)
    return f"| `{names}` | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write(page())
