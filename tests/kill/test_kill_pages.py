"""What readers see while PostgreSQL is away: a page that says so, and afterwards the old ones."""

from pathlib import Path

import pytest

from tests.api.installation import installed
from tests.databases import OwnServer
from tests.web.signed_in import Browser, text_of, with_passwords

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.timeout(120)
def test_pages_say_that_the_database_is_away_and_come_back(tmp_path: Path) -> None:
    server = OwnServer()
    try:
        with installed(tmp_path, server.fresh()) as house:
            browser = Browser(with_passwords(house, "nora"))
            browser.sign_in("nora")
            assert browser.ask("GET", "/approvals", headers=HTML).status_code == 200

            server.kill()
            try:
                _look(browser)
            finally:
                server.start()
            back = [browser.ask("GET", "/approvals", headers=HTML) for _ in range(12)]
            assert back[-1].status_code == 200
    finally:
        server.stop()


def _look(browser: Browser) -> None:
    page = browser.ask("GET", "/approvals", headers=HTML)
    region = browser.ask("GET", "/approvals", headers=HTML | {"HX-Request": "true"})
    form = browser.ask("POST", "/exceptions/X/resolve", headers=HTML, content=b"a=b")

    for answer in (page, region, form):
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"] == "1"
    assert "The database does not answer" in text_of(page.text)
    assert "goes on by itself" in text_of(page.text)
    assert region.headers["hx-reswap"] == "none", "what is shown stays"
    assert "what you typed is still there" in text_of(form.text)
