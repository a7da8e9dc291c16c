"""The tree of commands: names, help, options and the reference page keep step."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from manciple.cli.main import COMMANDS, root
from manciple.cli.reference import page
from tests.cli.desk import run

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def leaves(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, *above, name)
        else:
            yield (*above, name), command


EVERY = tuple(leaves(root))


def test_the_reference_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m manciple.cli.reference > the page"


@pytest.mark.parametrize(("path", "command"), EVERY, ids=str)
def test_every_command_has_json_help_and_options_that_do_not_meet(
    path: tuple[str, ...], command: click.Command
) -> None:
    names = Counter(parameter.name for parameter in command.params)
    words = {word for each in command.params for word in each.opts}

    assert max(names.values()) == 1, names
    assert "--json" in words
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    shown = run(*path, "--help")
    assert shown.exit_code == 0
    assert " ".join(path) in shown.stdout


def test_what_help_says_in_one_line_is_what_the_command_says() -> None:
    context = click.Context(root)
    for name, entry in COMMANDS.items():
        command = root.get_command(context, name)
        assert command is not None
        assert command.help is not None
        said = " ".join(command.help.split("\n\n")[0].split())
        assert said.rstrip(".").startswith(entry.summary.rstrip(".").split(",")[0]), name


@pytest.mark.parametrize("args", [("nothing",), ("orders", "nothing"), ("--colour",)])
def test_an_unknown_command_is_wrong_usage(args: tuple[str, ...]) -> None:
    result = run(*args)

    assert result.exit_code == 2
    assert not result.stdout


@pytest.mark.parametrize("number", ["", " ", ".", "..", "a\0b", "\x1b[31m"])
def test_a_number_that_can_be_none_is_wrong_usage(number: str) -> None:
    assert run("orders", "show", number).exit_code == 2


def test_help_loads_no_command() -> None:
    code = (
        "import sys; from manciple.cli.main import root; "
        "root(['--help'], standalone_mode=False); "
        "heavy = {'sqlalchemy', 'fastapi', 'httpx', 'rich', 'pydantic', 'yaml', 'msgspec'}; "
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "manciple", "--version"], capture_output=True, check=True
    )

    assert done.stdout.startswith(b"manciple ")
