"""Pages behind signed links: who comes without a name, and with a link alone.

token -> not ours, altered, for something else    a kind page, 404; nobody learns what there is
-> expired, used, withdrawn               a kind page that says what to do next, 410
-> good                                   the page; its forms carry a word bound to the token

The address is the secret, so it must not leave: no referrer, no script, nothing from elsewhere.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response

from manciple.governance.link import Claims, Link, Purpose, Standing, read, standing
from manciple.governance.mailing import HOUSE, Mailing
from manciple.kernel.errors import refuse
from manciple.web.language import gettext, said
from manciple.web.pages.desk import EMPTY, Desk, Sent
from manciple.web.pages.forms import Form, is_same, new_key, read_form, word_for

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
"""What pages behind links are sent with, besides or in place of what every page is.

Source: W3C Referrer Policy, 3.1: with no-referrer nothing of the address is told to anybody.
"""
_WORDS: Final = {
    Standing.UNKNOWN: (
        said("This link does not work"),
        said("It may have been cut in two by the mail program: copy the whole address into the "
             "address line. If that does not help, answer the mail that it came with."),
    ),
    Standing.EXPIRED: (
        said("This link has expired"),
        said("Links hold for a while only. Answer the mail that it came with, and you will be "
             "sent a new one."),
    ),
    Standing.USED: (
        said("This link has been used"),
        said("What it was for is done, so it opens nothing any more. If you did not do it "
             "yourself, answer the mail that it came with."),
    ),
    Standing.WITHDRAWN: (
        said("This link was withdrawn"),
        said("It opens nothing any more. If you still need it, answer the mail that it came "
             "with."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that holds, with what it says."""

    token: str
    claims: Claims
    link: Link

    @property
    def word(self) -> str:
        """The word that the forms of its pages carry."""
        return word_for(self.token)


@dataclass(frozen=True, slots=True)
class LinkDoor:
    """Lets in who has a link, and nobody else."""

    desk: Desk

    def open(self, token: str, purpose: Purpose) -> Opened | Standing:
        """Give what a token opens, or why it opens nothing."""
        app = self.desk.app
        claims = read(token, app.systems.link_keys.keys(), purpose)
        if claims is None:
            return Standing.UNKNOWN
        link = app.peek(Link, claims.link)
        found = standing(claims, link, app.clock.now())
        return Opened(token, claims, link) if found is Standing.GOOD and link else found

    def closed(self, request: Request, why: Standing) -> Response:
        """Say kindly that a link opens nothing, and what to do next."""
        title, words = _WORDS[why]
        status = 404 if why is Standing.UNKNOWN else 410
        return self.told(request, gettext(title), gettext(words), status=status)

    def told(self, request: Request, title: str, words: str, *, status: int = 200) -> Response:
        """Say one thing on a page of its own."""
        return self.show(request, "link-told.html", status=status, title=title, words=words)

    def show(
        self, request: Request, template: str, *, status: int = 200, **told: object
    ) -> Response:
        """Draw a page that nothing leads away from."""
        app = self.desk.app
        mailing = app.peek(Mailing, HOUSE)
        told = {
            "now": app.clock.now(),
            "form_key": new_key(),
            "sent": EMPTY,
            "house": mailing.name if mailing else "",
            **told,
        }
        answer = self.desk.layout.page(request, template, viewer=None, status=status, **told)
        for name, value in HEADERS.items():
            answer.headers[name] = value
        return answer

    async def form(self, request: Request, opened: Opened) -> Form:
        """Read a form of one of these pages.

        Raises:
            Refused: it can't be read, or it comes from elsewhere.
        """
        return await self.form_of(request, opened.token)

    async def form_of(self, request: Request, token: str) -> Form:
        """Read a form of a page behind a token, whether that still opens anything or not.

        Raises:
            Refused: it can't be read, or it comes from elsewhere.
        """
        form = await read_form(request)
        check_own(request, form, word_for(token))
        return form


def check_own(request: Request, form: Form, word: str) -> None:
    """Accept a form of a page behind the same link.

    The token in the address is the right to act, and no other site can know it. A form that says
    that it comes from elsewhere is refused all the same. A browser that tells no referrer says
    ``Origin: null`` (Fetch, "append a request Origin header"), so that word alone is no offence.

    Raises:
        Refused: FOREIGN_FORM.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_foreign = site not in (None, "same-origin", "none")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.url.netloc:
        is_foreign = True
    if is_foreign or not is_same(form.text("word"), word):
        raise refuse(
            "FOREIGN_FORM",
            "this form did not come from the page of your link",
            fix="open the link again and send it from there",
        )


def refusal_of(sent: Sent) -> int:
    """Give the status of a page behind a link that shows why a form was refused."""
    codes = {reason.code for reason in sent.reasons}
    if "FOREIGN_FORM" in codes:
        return 403
    conflicts = {"STALE", "STALE_REVISION", "ALREADY_ANSWERED", "ALREADY_DECIDED", "KEY_REUSED",
                 "SHIPMENT_CHANGED", "WRONG_STATE"}  # fmt: skip
    return 409 if codes & conflicts else 422
