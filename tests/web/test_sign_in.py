"""Signing in through the page itself: cookies, forms from elsewhere, redirects, noise."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.api.installation import Installation, installed
from tests.web.signed_in import OURS, PASSWORD, Browser, with_passwords, word_on


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("entry") / "home") as made:
        yield with_passwords(made, "kim", "omar")


def test_the_right_password_opens_the_pages_and_signing_out_closes_them(
    house: Installation,
) -> None:
    browser = Browser(house)
    assert browser.ask("GET", "/").status_code == 401

    answer = browser.sign_in("kim", to="/trace?key=PO-1")

    assert (answer.status_code, answer.headers["location"]) == (303, "/trace?key=PO-1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = browser.ask("GET", "/")
    assert page.status_code == 200
    assert "Sign out" in page.text

    kept = dict(browser.cookies)
    browser.send("/sign-out", {"word": word_on(page)})
    assert browser.ask("GET", "/").status_code == 401
    assert Browser(house, kept).ask("GET", "/").status_code == 401


@pytest.mark.parametrize("name", ["kim", "nobody", "", "x" * 64, "kim\x7f", "' or 1=1 --"])
def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(
    house: Installation, name: str
) -> None:
    answer = Browser(house).sign_in(name, "four quiet copper gulls")

    assert answer.status_code == 403
    assert "The name or the password is wrong." in answer.text
    assert "manciple_session" not in answer.headers.get("set-cookie", "")


def test_five_wrong_passwords_lock_even_the_right_one_out(house: Installation) -> None:
    for _ in range(5):
        Browser(house).sign_in("omar", "four quiet copper gulls")

    answer = Browser(house).sign_in("omar")

    assert answer.status_code == 403
    assert "Too many wrong passwords" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
     {"Sec-Fetch-Site": "same-site", "Origin": "http://other.manciple.invalid"}],
)  # fmt: skip
def test_a_form_from_another_site_is_refused(
    house: Installation, headers: Mapping[str, str]
) -> None:
    browser = Browser(house)
    browser.sign_in("kim")
    word = word_on(browser.ask("GET", "/"))

    fields = {"word": "ab", "name": "kim", "password": PASSWORD}
    assert Browser(house).send("/sign-in", fields, headers).status_code == 403
    assert browser.send("/sign-out", {"word": word}, headers).status_code == 403
    assert browser.ask("GET", "/").status_code == 200


@pytest.mark.parametrize("word", ["", "0" * 40, "é"])
def test_a_form_without_the_sessions_own_word_is_refused(house: Installation, word: str) -> None:
    browser = Browser(house)
    browser.sign_in("kim")

    assert browser.send("/sign-out", {"word": word}).status_code == 403
    assert browser.ask("GET", "/").status_code == 200


def test_every_sign_in_makes_a_new_session_whatever_cookie_came(house: Installation) -> None:
    browser = Browser(house, {"manciple_session": "fixed-by-somebody"})
    browser.sign_in("kim")
    first = browser.cookies["manciple_session"]
    browser.sign_in("kim")

    assert "fixed-by-somebody" != first != browser.cookies["manciple_session"]


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
     "/x\r\nSet-Cookie: a=b", "trace"],
)  # fmt: skip
def test_nobody_is_sent_on_to_another_site(house: Installation, to: str) -> None:
    answer = Browser(house).sign_in("kim", to=to)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{}", "application/json"), (b"\xff\xfe%00", "application/x-www-form-urlencoded"),
     (b"name=%00&password=x&word=a", "application/x-www-form-urlencoded"),
     (b"a=1&" * 3000, "application/x-www-form-urlencoded"),
     (b"a" * 300_000, "application/x-www-form-urlencoded"), (b"", "")],
)  # fmt: skip
def test_noise_is_told_and_nothing_breaks(house: Installation, content: bytes, kind: str) -> None:
    answer = Browser(house).ask(
        "POST", "/sign-in", content=content, headers={"Content-Type": kind, **OURS}
    )

    assert answer.status_code in {400, 403}


def test_a_person_changes_their_own_password_with_the_old_one(house: Installation) -> None:
    with_passwords(house, "ida")
    browser = Browser(house)
    browser.sign_in("ida")
    word = word_on(browser.ask("GET", "/password"))

    wrong = browser.send("/password", {"word": word, "old": "x", "new": "a new and longer one"})
    short = browser.send("/password", {"word": word, "old": PASSWORD, "new": "short"})
    house.wait(minutes=1)
    done = browser.send(
        "/password", {"word": word, "old": PASSWORD, "new": "a new and longer one"}
    )

    assert (wrong.status_code, short.status_code, done.status_code) == (422, 422, 303)
    assert Browser(house).sign_in("ida").status_code == 403
    assert Browser(house).sign_in("ida", "a new and longer one").status_code == 303


def test_a_session_ends_after_its_hours(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as made:
        with_passwords(made, "kim")
        browser = Browser(made)
        browser.sign_in("kim")
        made.wait(hours=11)
        assert browser.ask("GET", "/").status_code == 200
        made.wait(hours=2)
        assert browser.ask("GET", "/").status_code == 401
