"""Writes the reference pages of the API anew: `python -m tests.api.write_docs`."""

import tempfile
from pathlib import Path

from manciple.web.api.describing import http_api_page, permissions_page
from tests.api.installation import installed
from tests.web.page_rights import pages_page

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, installed(Path(folder) / "home") as house:
        document = house.ask("GET", "/openapi.json", who=None).body
        (DOCS / "http-api.md").write_text(http_api_page(document), "utf-8")
        (DOCS / "pages.md").write_text(pages_page(), "utf-8")
        (DOCS / "permissions.md").write_text(permissions_page(house.app.registry), "utf-8")


if __name__ == "__main__":
    main()
