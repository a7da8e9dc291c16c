"""The tutorial, done as its reader does it: one running demo, one shell, every command in order.

A ``text`` block after a command says what is to be seen. Our own numbers and instants differ from
run to run; each line, without them, must stand somewhere in what the command printed.
"""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from docs.generate import DOCS

PAGE = DOCS / "tutorial" / "first-order.md"
START = 'make demo ARGS="--days 3 --pace 0"'
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\b(REQ|APR|PO|CASE|INV|ACK|ASN|IN|OUT)-[0-9A-Z]{12}\b|\b(45)[0-9]{8}\b")
_READS = re.compile(
    r"manciple (\w+ (list|show|ledger|explain|verify|decide|preview)|trace|read)\b"
)
_CHANGES = re.compile(r"manciple \w+ (submit|approve|send|record|resolve)\b")
PATIENCE = 30.0
"""Seconds within which what a command set going must be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """Commands of the page, and the lines that are to be seen."""

    commands: str
    seen: tuple[str, ...]


def parts_of(page: str) -> tuple[Part, ...]:
    """Read the page's blocks; a ``text`` block belongs to the commands before it."""
    found: list[Part] = []
    for kind, body in _BLOCK.findall(page):
        if kind == "sh":
            found.append(Part(body, ()))
        else:
            found[-1] = Part(found[-1].commands, tuple(filter(None, body.splitlines())))
    return tuple(found)


def plain(text: str) -> str:
    """Leave out our own numbers, the ERP's, and the width of columns."""
    return " ".join(_NUMBER.sub(r"\1\2-", text).split())


class Shell:
    """One bash, as a reader has it: what is set in one block stands in the next."""

    def __init__(self, folder: Path) -> None:
        scripts = Path(sys.executable).parent
        environment = {
            **{name: value for name, value in os.environ.items() if "MANCIPLE" not in name},
            "PATH": f"{scripts}:{os.environ['PATH']}",
            "PYTHONWARNINGS": "ignore",
        }
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, commands: str) -> str:
        """Run commands; gives everything that they printed."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{commands}\nprintf '\\n<end of block>\\n'\n")
        self._bash.stdin.flush()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line == "<end of block>\n":
                break
            printed.append(line)
        return "".join(printed)

    def close(self) -> None:
        """End the shell."""
        self._bash.communicate("exit\n", timeout=10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a demo of three days that is being served."""
    command = Path(sys.executable).parent / "manciple"
    start = [str(command), "demo", "--days", "3", "--pace", "0", "--port", str(free_port())]
    log = tmp_path / "demo.log"
    with log.open("wb") as out:
        demo = subprocess.Popen(start, cwd=tmp_path, stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + 150
            while not (tmp_path / "manciple-home" / "server.json").exists():
                assert demo.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < deadline, log.read_text("utf-8")
                time.sleep(0.2)
            yield tmp_path
        finally:
            demo.terminate()
            demo.wait(timeout=30)


def missing(part: Part, printed: str) -> list[str]:
    seen = plain(printed)
    return [line for line in part.seen if plain(line) not in seen]


def done(shell: Shell, part: Part) -> str:
    """Do a part; commands that only read are asked again until they show what was set going."""
    only_reads = _READS.search(part.commands) and not _CHANGES.search(part.commands)
    deadline = time.monotonic() + PATIENCE
    printed = shell.run(part.commands)
    while missing(part, printed) and only_reads and time.monotonic() < deadline:
        time.sleep(0.5)
        printed = shell.run(part.commands)
    return printed


def kinds_of_events(file: Path) -> list[str]:
    """Name every kind of event in an installation's history, while it runs."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("select distinct type from event order by 1")]


def test_page_starts_the_demo_that_the_test_starts() -> None:
    assert parts_of(PAGE.read_text("utf-8"))[0].commands.strip() == START


@pytest.mark.timeout(400)
def test_tutorial_shows_what_it_says(folder: Path) -> None:
    shell = Shell(folder)
    try:
        for part in parts_of(PAGE.read_text("utf-8"))[1:]:
            printed = done(shell, part)
            assert missing(part, printed) == [], f"{part.commands}\nprinted:\n{printed}"
    finally:
        shell.close()
    reference = (DOCS / "reference" / "events.md").read_text("utf-8")
    happened = kinds_of_events(folder / "manciple-home" / "manciple.db")
    assert len(happened) > 40
    assert [kind for kind in happened if f"### {kind}\n" not in reference] == []
