"""A browser without script, signed in to a real installation: it has cookies and sends forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from urllib.parse import urlencode

import httpx
from argon2 import PasswordHasher

from manciple.governance.account import SetPassword
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import Installation

PASSWORD = "four quiet copper geese"
OURS: Mapping[str, str] = {
    "Sec-Fetch-Site": "same-origin",
    "Origin": "http://manciple.invalid",
}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@cache
def digest() -> str:
    """Give a real digest of `PASSWORD` that costs little to check: hundreds of tests sign in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def with_passwords(house: Installation, *people: str) -> Installation:
    """Let people sign in; tests of passwords themselves set them by their door."""
    now = house.clock.now()
    commands = [
        Command(
            key=f"password:{person}",
            act=SetPassword(person=person, digest=digest()),
            actor=SYSTEM,
            at=now,
        )
        for person in people
    ]
    for reply in house.app.store.apply(commands).replies:
        assert reply.is_done, (reply.refusals, reply.defect)
    return house


@dataclass(slots=True)
class Browser:
    """It keeps cookies, and follows nothing by itself."""

    house: Installation
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.house.client.cookies.clear()
        answer = self.house.loop.run_until_complete(
            self.house.client.request(method, path, headers=sent, content=content)
        )
        self.cookies |= dict(answer.cookies.items())
        if 'manciple_session=""' in answer.headers.get("set-cookie", ""):
            self.cookies.pop("manciple_session", None)
        return answer

    def open(self, path: str) -> str:
        """Give a page that must be there."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return answer.text

    def send(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = OURS
    ) -> httpx.Response:
        content = urlencode(fields).encode()
        return self.ask("POST", path, content=content, headers={**_FORM, **headers})

    def sign_in(self, name: str, password: str = PASSWORD, to: str = "/") -> httpx.Response:
        word = word_on(self.ask("GET", "/sign-in"))
        return self.send("/sign-in", {"word": word, "name": name, "password": password, "to": to})

    def fill(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Fill in the form of a page that goes to ``action``, hidden fields as they are."""
        return self.send(action, hidden_of(page, action) | fields)


def hidden_of(page: str, action: str) -> dict[str, str]:
    """Give the hidden fields of a form."""
    found = re.search(
        rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL
    )
    assert found is not None, f"no form goes to {action}"
    tags = re.findall(r'<input type="hidden"[^>]*>', found[1])
    pairs = [re.search(r'name="([^"]*)" value="([^"]*)"', tag) for tag in tags]
    return {pair[1]: unescape(pair[2]) for pair in pairs if pair}


def word_on(page: httpx.Response) -> str:
    """Give the word that the forms of a page carry."""
    found = re.search(r'name="word" value="([0-9a-f]+)"', page.text)
    assert found is not None, page.text[:500]
    return found[1]


def text_of(page: str) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
