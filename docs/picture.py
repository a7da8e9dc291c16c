"""The README's pictures, of the real pages: `python -m docs.picture HOME [KEY]`.

HOME is the folder of a demo that was played headless; KEY is any number on a trace, of which a
picture is taken then, too.
"""  # noqa: INP001  a folder of pages, not a package

import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright
from tests.browser.chromium import launch
from tests.browser.serving import served

from manciple.app.building import build, settings_from
from manciple.invoicing.invoice import Invoice
from manciple.kernel.clock import ShiftedClock
from manciple.web.server import serve_app

FOLDER: Final = Path(__file__).parent / "pictures"
AFTER: Final = timedelta(hours=2)


def take(home: Path, key: str = "") -> None:
    """Show pages at 1440 x 900, two hours after the last thing that happened, and keep them."""
    settings = settings_from({}, home=home)
    app = build(settings)
    traces = app.traces.find(key) if key else app.traces.recent(limit=1, after=None)
    held = app.documents.page(Invoice, limit=50, state="held").rows
    paper = next(each.document.id for each in held if any(h.line for h in each.document.holds))
    pages = {"match": f"/invoices/{paper}"}
    if key:
        pages["trace"] = f"/trace/{traces[0].thread}"
    app = build(settings, clock=ShiftedClock(traces[0].at + AFTER))
    viewer = (home / "operator.key").read_text("utf-8").strip()
    with served(serve_app(app, viewer_key=viewer)) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        for name, path in pages.items():
            page.goto(address + path)
            _settle(page)
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


def _settle(page: Page) -> None:
    """Wait until a page that lives says so; one that does not is as it is."""
    if page.locator("#live").count():
        page.locator("#live[data-state=live]").wait_for()


if __name__ == "__main__":
    take(Path(sys.argv[1]), *sys.argv[2:3])
