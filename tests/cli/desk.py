"""A small installation with a server on the loopback address, and the command line before it.

desk.run("rita", "orders", "list")             as that person; exit 0 is expected
desk.json("rita", "orders", "list")            the same with --json, its answer read
desk.refused("rita", "orders", "show", "X")    exit 1; the reasons from stderr
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from click.testing import CliRunner, Result

from manciple.cli.main import root
from manciple.web.server import serve_app
from tests.api.installation import Installation, installed, key_of


def run(*args: str, env: Mapping[str, str] | None = None, stdin: bytes | None = None) -> Result:
    """Run the command line with this environment and nothing of this process's own."""
    return CliRunner().invoke(root, list(args), obj=dict(env or {}), input=stdin)


def reasons(result: Result) -> list[dict[str, str]]:
    """Give the reasons of a refusal that was asked for as JSON; nothing stands on stdout."""
    assert result.exit_code == 1, (result.output, result.exception)
    assert not result.stdout
    told: list[dict[str, str]] = json.loads(result.stderr)["errors"]
    assert all(each["code"] and each["message"] for each in told)
    return told


@dataclass(frozen=True, slots=True)
class Desk:
    """The command line before a server."""

    house: Installation
    url: str

    def ask(self, who: str, *args: str, stdin: bytes | None = None) -> Result:
        env = {"MANCIPLE_URL": self.url, "MANCIPLE_KEY": key_of(who)}
        return run(*args, env=env, stdin=stdin)

    def run(self, who: str, *args: str, stdin: bytes | None = None) -> str:
        result = self.ask(who, *args, stdin=stdin)
        assert result.exit_code == 0, (result.output, result.exception)
        assert not result.stderr
        return result.stdout

    def json(self, who: str, *args: str, stdin: bytes | None = None) -> Any:
        return json.loads(self.run(who, *args, "--json", stdin=stdin))

    def refused(self, who: str, *args: str, stdin: bytes | None = None) -> list[dict[str, str]]:
        return reasons(self.ask(who, *args, "--json", stdin=stdin))


@contextmanager
def served(home: Path) -> Iterator[Desk]:
    """Give a furnished installation behind a server of this process."""
    with installed(home) as house:
        config = uvicorn.Config(
            serve_app(house.app), host="127.0.0.1", port=0, log_level="error", ws="none",
            lifespan="off",
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield Desk(house, f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join()
