"""The how-to page: every command in it is one that this program understands."""

import re
import shlex
from pathlib import Path

import click
import pytest

from manciple.cli.main import root

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-command-line.md"
COMMANDS = re.findall(r"^manciple (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
_ENDS = {"|", "||", ">", "2>"}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_used_rightly(line: str) -> None:
    words = shlex.split(line, comments=True)
    end = next((n for n, word in enumerate(words) if word in _ENDS), len(words))
    command: click.Command = root
    rest = words[:end]

    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest.pop(0))
        assert found is not None, line
        command = found

    context = command.make_context(command.name, rest)
    assert not context.args


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) > 15
