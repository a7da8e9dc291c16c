"""What an attacker tries against the pages, and is refused.

Forged forms, sessions that were planted, frames, redirects to elsewhere, script that is stored or
thrown back, formulas in a sheet. Sources: OWASP Top 10 and its cheat sheets of the same names.
"""

from collections.abc import Iterator
from html import escape

import pytest

from tests.api.installation import Installation, installed
from tests.scenarios.office import open_step, raise_need
from tests.web.signed_in import OURS, PASSWORD, Browser, hidden_of, with_passwords

SCRIPT = "<script>alert(1)</script>"
QUOTED = '"><img src=x onerror=alert(1)>'
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("safety") / "home") as made:
        yield with_passwords(made, "anna", "alec", "paul")


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def asked(house: Installation, note: str = "") -> tuple[str, str]:
    need = raise_need(house, (("VALVE", "100"),), note=note)
    step = open_step(house, need["approval"])
    assert step is not None
    return str(need["approval"]), str(step["approver"])


# ---- forged forms --------------------------------------------------------------------------


FORGED = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", FORGED)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password", "/language"])
def test_a_form_of_another_site_is_refused_at_every_door(
    house: Installation, path: str, headers: dict[str, str]
) -> None:
    browser = at_work(house, "paul")
    word = hidden_of(browser.open("/password"), "/password")["word"]
    fields = {"word": word, "key": "0123456789abcdef", "language": "de", "name": "paul"}

    answer = browser.send(path, fields | {"password": PASSWORD, "old": PASSWORD}, headers)

    assert answer.status_code in {403, 422}
    assert "session" not in answer.headers.get("set-cookie", "")
    assert browser.ask("GET", "/exceptions").status_code == 200


def test_another_sessions_word_opens_nothing(house: Installation) -> None:
    approval, approver = asked(house)
    mine, theirs = at_work(house, approver), at_work(house, "paul")
    fields = hidden_of(mine.open(f"/approvals/{approval}"), f"/approvals/{approval}/approve")
    fields["word"] = hidden_of(theirs.open("/password"), "/password")["word"]

    answer = mine.send(f"/approvals/{approval}/approve", fields)

    assert answer.status_code == 403
    assert house.get("root", f"/v1/approvals/{approval}")["steps"][0]["state"] == "pending"


def test_what_is_looked_at_changes_nothing(house: Installation) -> None:
    approval, approver = asked(house)
    browser = at_work(house, approver)
    events = house.own("select count(*) from event")

    for act in ("approve", "reject"):
        assert browser.ask("GET", f"/approvals/{approval}/{act}").status_code in {404, 405}
    browser.open(f"/approvals/{approval}")

    assert house.own("select count(*) from event") == events


# ---- sessions ------------------------------------------------------------------------------


def test_a_session_that_was_planted_is_not_the_one_that_begins(house: Installation) -> None:
    browser = Browser(house, cookies={"manciple_session": "planted-by-somebody-else"})

    assert browser.ask("GET", "/exceptions").status_code == 303
    browser.sign_in("paul")

    assert browser.cookies["manciple_session"] != "planted-by-somebody-else"
    thief = Browser(house, cookies={"manciple_session": "planted-by-somebody-else"})
    assert thief.ask("GET", "/exceptions").status_code == 303


def test_a_session_that_ended_opens_nothing(house: Installation) -> None:
    browser = at_work(house, "paul")
    kept = dict(browser.cookies)

    browser.fill(browser.open("/exceptions"), "/sign-out")

    assert Browser(house, cookies=kept).ask("GET", "/exceptions").status_code == 303


def test_the_sessions_cookie_is_out_of_reach_of_script_and_of_other_sites(
    house: Installation,
) -> None:
    told = Browser(house).sign_in("paul").headers["set-cookie"].lower()

    assert "httponly" in told
    assert "samesite=lax" in told


# ---- frames, redirects, script -------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/exceptions", "/approvals", "/find?q=x", "/none"])
def test_no_page_may_be_framed_and_none_runs_foreign_script(
    house: Installation, path: str
) -> None:
    answer = at_work(house, "paul").ask("GET", path)

    if "text/html" in answer.headers["content-type"]:
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "/\t/evil.example", "http:evil.example", "/%0d%0aSet-Cookie:x=y\r\n",
)  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_sent_elsewhere(house: Installation, to: str) -> None:
    browser = Browser(house)

    after = browser.sign_in("paul", to=to).headers["location"]
    chosen = browser.send("/language", {"word": "x", "language": "en", "back": to})

    for location in (after, chosen.headers["location"]):
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "evil.example" not in location
        assert "\r" not in location


REFLECTING = (
    "/find?q={}", "/trace?key={}", "/waiting?site={}", "/exceptions?code={}", "/sign-in?to=/{}",
    "/trace/{}", "/exceptions/{}", "/approvals/{}", "/metrics/{}", "/dashboard?supplier={}",
)  # fmt: skip


@pytest.mark.parametrize("address", REFLECTING)
def test_what_is_asked_for_comes_back_as_text(house: Installation, address: str) -> None:
    browser = at_work(house, "paul")

    for hostile in ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%22%3E%3Cimg%20src=x%20onerror=1%3E"):
        answer = browser.ask("GET", address.format(hostile))
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


@pytest.mark.parametrize("words", [SCRIPT, QUOTED, FORMULA])
def test_what_somebody_wrote_is_shown_as_text_and_never_runs(
    house: Installation, words: str
) -> None:
    approval, approver = asked(house, note=words)
    browser = at_work(house, approver)

    page = browser.open(f"/approvals/{approval}")

    assert escape(words, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_formula_that_somebody_wrote_is_text_in_the_sheet(house: Installation) -> None:
    browser = at_work(house, "paul")

    sheet = browser.ask("GET", "/exceptions.csv?whose=all", headers=OURS)

    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert all(not line.startswith(("=", "+", "@")) for line in sheet.text.splitlines())
