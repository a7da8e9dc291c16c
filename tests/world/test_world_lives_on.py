"""After its days the world lives on beside the page; killed, it leaves what can be served."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.timeout(300)
PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "manciple", *arguments, "--home", str(home)]
    with (home.parent / "log").open("ab") as log:
        process = subprocess.Popen([*command, "--port", str(free_port())], stdout=log, stderr=log)
    try:
        wait(lambda: (home / "server.json").exists() or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.wait()


def wait(until: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():  # type: ignore[operator]  # a lambda
        assert time.monotonic() < deadline
        time.sleep(0.2)


def orders(home: Path) -> int:
    url = json.loads((home / "server.json").read_text("utf-8"))["url"]
    key = (home / "operator.key").read_text("utf-8").strip()
    found, after = 0, ""
    while True:
        asked = Request(
            f"{url}/v1/requisitions?limit=200{after}", headers={"Authorization": f"Bearer {key}"}
        )
        with urlopen(asked, timeout=30) as answer:
            page = json.load(answer)
        found += len(page["rows"])
        if page["after"] is None:
            return found
        after = f"&after={page['after']}"


def test_the_world_lives_on_ends_on_ctrl_c_and_a_kill_leaves_what_can_be_served(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"

    with started(home, "demo", "--days", "1", "--pace", "3600") as demo:
        begun = orders(home)
        wait(lambda: orders(home) > begun)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0
    assert not (home / "server.json").exists()

    with started(home, "demo", "--days", "1", "--pace", "3600") as demo:
        begun = orders(home)
        wait(lambda: orders(home) > begun)
        demo.kill()
        demo.wait()
    (home / "server.json").unlink()

    with started(home, "serve"):
        assert orders(home) > begun
    assert b"a deed of the world failed" not in (tmp_path / "log").read_bytes()
