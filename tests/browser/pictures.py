"""Pictures of every page, wide and narrow, light and dark: `python -m tests.browser.pictures`.

They land in `pictures/`, which git ignores; for looking at, not for comparing.
"""

import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch
from tests.browser.serving import served
from tests.web.page_server import full_house, page_app
from tests.web.page_threads import RAW, THREAD, Threads

FOLDER: Final = Path(__file__).parents[2] / "pictures"
PAGES: Final = {
    "recent": "/",
    "trace": f"/trace/{THREAD}",
    "message": f"/interchanges/{RAW}",
    "found": "/trace?key=SHARED-1",
    "nothing": "/trace?key=PO-999",
}
WIDTHS: Final = {1440: 900, 390: 844}


def main() -> None:
    """Take them all, or those whose names are given."""
    chosen = set(sys.argv[1:]) or {*PAGES, "empty"}
    FOLDER.mkdir(exist_ok=True)
    with served(page_app(full_house())) as house, served(page_app(Threads())) as bare:
        pages = {name: house + path for name, path in PAGES.items()} | {"empty": bare + "/"}
        with sync_playwright() as playwright:
            browser = launch(playwright)
            for width, height in WIDTHS.items():
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=scheme
                    )
                    page = context.new_page()
                    for name in sorted(chosen & set(pages)):
                        page.goto(pages[name])
                        if page.locator("#live").count():
                            page.locator("#live[data-state=live]").wait_for()
                        target = FOLDER / f"{name}-{width}-{scheme}.png"
                        page.screenshot(path=target, full_page=True)
                        sys.stdout.write(f"{target}\n")
                    context.close()
            browser.close()


if __name__ == "__main__":
    main()
