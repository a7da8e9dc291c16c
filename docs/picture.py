"""The README's picture: an order's trace on the real page, `python -m docs.picture HOME KEY`.

HOME is the folder of a demo that was played headless; KEY is any number on the trace to show.
"""  # noqa: INP001  a folder of pages, not a package

import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright
from tests.browser.chromium import launch
from tests.browser.serving import served

from manciple.app.building import build, settings_from
from manciple.kernel.clock import ShiftedClock
from manciple.web.server import serve_app

TARGET: Final = Path(__file__).parent / "pictures" / "trace.png"


def take(home: Path, key: str, target: Path = TARGET) -> None:
    """Show the thread of a key at 1440 x 900 and keep what is seen."""
    settings = settings_from({}, home=home)
    found = build(settings).traces.find(key)[0]
    app = build(settings, clock=ShiftedClock(found.at + timedelta(hours=2)))
    viewer = (home / "operator.key").read_text("utf-8").strip()
    with served(serve_app(app, viewer_key=viewer)) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.goto(f"{address}/trace/{found.thread}")
        page.locator("#live[data-state=live]").wait_for()
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2])
