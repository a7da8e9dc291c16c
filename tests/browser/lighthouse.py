"""Lighthouse over five pages of a furnished house: `python -m tests.browser.lighthouse [PAGE]`.

For review on a quiet machine, not for every run: performance is what this machine makes of it.
Gives 0 when every page has at least 95 for performance and 100 for the other two.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from manciple.web.server import serve_app
from tests.api.installation import installed
from tests.api.test_api_permissions import Subjects
from tests.browser.chromium import FLAGS, find
from tests.browser.npm import modules, run
from tests.browser.serving import served
from tests.web.signed_in import Browser, with_passwords

WANTED: Final[Mapping[str, int]] = {"performance": 95, "accessibility": 100, "best-practices": 100}
PAGES: Final = (
    ("", "/sign-in"),
    ("paul", "/exceptions?whose=all"),
    ("alec", "/approvals/{approvals}"),
    ("eva", "/dashboard"),
    ("rita", "/requests/new"),
)
"""Who looks at what."""


def main() -> int:
    """Look at the pages, and print a table; gives how many figures are too low."""
    with tempfile.TemporaryDirectory() as folder, installed(Path(folder) / "home") as house:
        names = Subjects(house).names
        with_passwords(house, *(who for who, _ in PAGES if who))
        cookies = {who: _signed_in(Browser(house), who) for who, _ in PAGES}
        with served(serve_app(house.app)) as address:
            return sum(
                _looked(f"{address}{path.format_map(names)}", path, cookies[who])
                for who, path in PAGES
                if not sys.argv[1:] or path in sys.argv[1:]
            )


def _signed_in(browser: Browser, who: str) -> str:
    if who:
        browser.sign_in(who)
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _looked(url: str, path: str, cookie: str) -> int:
    """Print what one page has; gives how many figures are too low."""
    told = _report(url, cookie)
    scores = {name: round(100 * told["categories"][name]["score"]) for name in WANTED}
    low = [name for name, score in scores.items() if score < WANTED[name]]
    told_scores = "  ".join(f"{name} {score:3}" for name, score in scores.items())
    _say(f"{path:28}{told_scores}{'   too low' if low else ''}")
    for name in low:
        for each in told["categories"][name]["auditRefs"]:
            audit = told["audits"][each["id"]]
            if each["weight"] and audit["score"] is not None and audit["score"] < 1:
                _say(f"    {audit['id']}: {audit.get('displayValue') or audit['title']}")
                for item in audit.get("details", {}).get("items", ())[:8]:
                    _say(f"        {item.get('node', {}).get('snippet', '')}")
    return len(low)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _report(url: str, cookie: str) -> dict[str, Any]:
    """Have Lighthouse look at a page in a browser of its own."""
    lighthouse = modules("review") / "lighthouse" / "cli" / "index.js"
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    browser = find()
    with tempfile.TemporaryDirectory() as folder:
        profile = f"--user-data-dir={folder}/profile"
        command = [browser.path, "--headless", f"--remote-debugging-port={port}", profile, *FLAGS]
        process = subprocess.Popen(
            [*command, "about:blank"], env=dict(browser.environment) or None,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for(port)
            target = Path(folder) / "report.json"
            run(
                "node", str(lighthouse), url, f"--port={port}", "--quiet", "--output=json",
                f"--output-path={target}", f"--only-categories={','.join(WANTED)}",
                f"--extra-headers={json.dumps({'Cookie': cookie} if cookie else {})}",
                folder=lighthouse.parents[1],
            )  # fmt: skip
            told: dict[str, Any] = json.loads(target.read_text("utf-8"))
        finally:
            process.kill()
            process.wait()
    return told


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the browser did not start within 10 s")


if __name__ == "__main__":
    sys.exit(main())
