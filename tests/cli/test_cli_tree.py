"""The tree of commands: names, help, options and the reference page keep step."""

import json
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


@pytest.mark.parametrize(
    ("args", "field"),
    [
        (("nothing",), ""),
        (("orders", "list", "--colour"), ""),
        (("orders", "list", "--limit", "0"), "--limit"),
        (("orders", "show"), "NUMBER"),
        (("requisitions", "submit"), ""),
        (("approvals", "delegate", "--from", "a", "--to", "b", "--start", "x", "--end", "y"),
         "--start"),
    ],
)  # fmt: skip
def test_who_asked_for_json_is_told_wrong_usage_as_json(args: tuple[str, ...], field: str) -> None:
    env = {"MANCIPLE_URL": "http://127.0.0.1:9", "MANCIPLE_KEY": "mk_x"}
    result = run(*args, "--json", env=env)

    assert result.exit_code == 2
    assert not result.stdout
    (reason,) = json.loads(result.stderr)["errors"]
    assert (reason["code"], reason["field"]) == ("USAGE", field)
    assert "--help" in reason["fix"]
    assert run("demo", "--days", "0", "--json", "out.json").stderr.startswith("Usage:")


@pytest.mark.parametrize("key", ["", "a b", "ä", "\udcff", "a\n", "x" * 181])
def test_a_key_that_would_not_hold_is_wrong_usage(key: str) -> None:
    result = run("requisitions", "withdraw", "REQ-1", "--once", key)

    assert result.exit_code == 2
    assert "--once" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("metrics", "show", "--by", "site"), "--by"),
        (("metrics", "show", "--explain"), "--explain"),
        (("orders", "change", "PO-1", "--reason", "x", "--preview", "--if-version", "3"),
         "--if-version"),
        (("orders", "change", "PO-1", "--reason", "x", "--added-cost-code", "freight"),
         "--added-cost"),
        (("approvals", "delegate", "--from", "a", "--to", "b", "--start", "2026-07-01T08:00",
          "--end", "2026-07-02"), "zone"),
        (("endpoints", "drain", "erp", "--reason", "x", "--timeout", "nan"), "--timeout"),
    ],
)  # fmt: skip
def test_what_would_be_left_out_in_silence_is_wrong_usage(
    args: tuple[str, ...], said: str
) -> None:
    env = {"MANCIPLE_URL": "http://127.0.0.1:9", "MANCIPLE_KEY": "mk_x"}

    result = run(*args, env=env)

    assert result.exit_code == 2
    assert said in result.stderr


_DAYS = (
    ("requisitions", "preview", "--site", "ATL", "--item", "A", "--quantity", "1", "--unit", "EA",
     "--needed-by"),
    ("receipts", "record", "--received"),
    ("returns", "pick", "RTV-1", "--picked"),
    ("orders", "change", "PO-1", "--reason", "x", "--add", "A", "1 EA"),
    ("orders", "change", "PO-1", "--reason", "x", "--needed-by", "1="),
)  # fmt: skip


@pytest.mark.parametrize("args", _DAYS, ids=" ".join)
@pytest.mark.parametrize(
    "day", ["2026-02-30", "0000-01-01", "99999-01-01", "2026-3-1", "20260301"]
)
def test_a_day_is_written_in_one_way_and_the_option_is_named(
    args: tuple[str, ...], day: str
) -> None:
    env = {"MANCIPLE_URL": "http://127.0.0.1:9", "MANCIPLE_KEY": "mk_x"}
    said = (*args[:-1], args[-1] + day) if args[-1].endswith("=") else (*args, day)
    option = next(each for each in reversed(said) if each.startswith("--"))

    result = run(*said, "--json", env=env)

    assert result.exit_code == 2
    (reason,) = json.loads(result.stderr)["errors"]
    assert reason["field"] == option
    assert "write one as 2026-07-20" in reason["message"]


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


@pytest.mark.parametrize("option", ["--parameters", "--reactions"])
@pytest.mark.parametrize("text", [b"", b"{}", b"\xff\xfe", b"x = 5", b"[x]\ny = 1"])
def test_figures_that_can_not_be_read_are_refused_before_anything_is_played(
    tmp_path: Path, option: str, text: bytes
) -> None:
    file = tmp_path / "figures.toml"
    file.write_bytes(text)

    result = run("compare", "--seeds", "1", "--days", "1", option, str(file))

    assert result.exit_code == 1
    assert option in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout
