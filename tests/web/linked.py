"""Installations that send mail, and suppliers who have nothing but a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from manciple.adapters.mail.endpoint import MailEndpoint
from manciple.adapters.mail.post import SmtpPost
from tests.api.installation import Installation, installed
from tests.scenarios.office import agree, raise_need
from tests.web.mail_server import MailServer, mail_server
from tests.web.signed_in import Browser

ON = {"sender": "buying@example.com", "address": "http://manciple.invalid", "name": "Example Co"}
INBOX = {name: f"orders@{name.lower()}.example" for name in ("ADLER", "BLUE", "COBALT")}


@dataclass(slots=True)
class Posted:
    """An installation and the mail server beside it."""

    house: Installation
    mail: MailServer

    def by_mail(self, supplier: str, channel: str = "mail") -> None:
        """Let a supplier read mail in place of files."""
        known = self.house.get("root", f"/v1/suppliers/{supplier}")
        changed = known | {"channel": channel, "contact": INBOX[supplier]}
        answer = self.house.put("root", f"/v1/suppliers/{supplier}", changed)
        assert answer.status == 200, answer.body

    def ordered(self, lines: tuple[tuple[str, str], ...] = (("VALVE", "100"),)) -> str:
        """Have an order made and mailed; give its number."""
        before = {row["id"] for row in self.orders()}
        agree(self.house, raise_need(self.house, lines))
        (number,) = {row["id"] for row in self.orders()} - before
        return str(number)

    def orders(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = self.house.get("root", "/v1/purchase-orders?limit=200")[
            "rows"
        ]
        return rows

    def link(self, supplier: str = "BLUE") -> str:
        """Give the path of the last link that a supplier was mailed."""
        return self.mail.last_link(INBOX[supplier])

    def browser(self) -> Browser:
        """Give a browser in which nobody is signed in."""
        return Browser(self.house)


@contextmanager
def posted(home: Path, url: str | None = None) -> Iterator[Posted]:
    """Give an installation that sends mail over real SMTP."""
    with mail_server() as mail, installed(home, url) as house:
        register = house.app.drains.endpoints
        served = register._served  # type: ignore[attr-defined]
        served["mail"] = MailEndpoint(SmtpPost.at(mail.url), house.app.systems.link_keys.keys)
        assert house.post("root", "/v1/mailing", ON).status == 200
        yield Posted(house, mail)
