"""Forms: what a page sends, read with care.

A form is taken only from a page of ours: it carries a word that is bound to its reader's session,
and the browser must not say that it comes from elsewhere. It also carries a key of its own, so
that sending it twice happens once.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from manciple.kernel.errors import refuse

MOST_BYTES: Final = 256 * 1024
"""The largest form; a page of lines with reasons is far below."""
MOST_FIELDS: Final = 2000
_KEY: Final = re.compile(r"[A-Za-z0-9-]{8,64}\Z")

_NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z")
_GROUPED: Final = re.compile(
    r"([0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,6}|[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,6})\Z"
)
"""A number with its thousands apart and a fraction, whose sign is the other one."""
_THOUSANDS: Final = 3
_SHARED: Final = "list-"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with its values in their order."""

    fields: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        """Give a field's last value without the spaces around it; empty when it is not there."""
        values = self.fields.get(name, ())
        return values[-1].strip() if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of a field."""
        return self.fields.get(name, ())

    @property
    def key(self) -> str:
        """Give the form's own key.

        Raises:
            Refused: it has none.
        """
        key = self.text("key")
        if not _KEY.match(key):
            raise refuse(
                "FORM_KEY", "this form has no key of its own", field="key",
                fix="open the page again and send it from there",
            )  # fmt: skip
        return key


def new_key() -> str:
    """Give a key for one form on one page."""
    return secrets.token_hex(12)


def shared_key() -> str:
    """Give a key for a form of a page that several tabs of one reader may hold.

    Such a form is one act for each thing that is asked by it, see `is_shared`.
    """
    return f"{_SHARED}{secrets.token_hex(12)}"


def is_shared(key: str) -> bool:
    """Say whether the form of this key may lie in several tabs."""
    return key.startswith(_SHARED)


def word_for(secret: str) -> str:
    """Give the word that forms of this session must carry; it does not betray the session."""
    return hmac.new(secret.encode(), b"manciple form", sha256).hexdigest()[:40]


def number_in(text: str) -> Decimal | None:
    """Read a number that is not below zero, as people type it; None where it is none.

    ``1 200,50``, ``1.200,50``, ``1,200.50`` and ``1200.50`` are the same; ``1,200`` could be two
    numbers and is none.
    """
    plain = text.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if _GROUPED.match(plain):
        *groups, rest = re.split("[,.]", plain)
        plain = f"{''.join(groups)}.{rest}"
    elif "," in plain and "." not in plain:
        whole, _, rest = plain.rpartition(",")
        plain = f"{whole}.{rest}" if whole.isdecimal() and len(rest) != _THOUSANDS else plain
    return Decimal(plain) if _NUMBER.match(plain) else None


async def read_form(request: Request) -> Form:
    """Read the fields of a form.

    Raises:
        Refused: it is too large, no form, or no UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise _unread(f"a form was wanted, {kind or 'nothing'} came")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise refuse("FILE_TOO_LARGE", f"a form has at most {MOST_BYTES} bytes")
    try:
        text = body.decode()
        fields = parse_qs(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as problem:
        raise _unread("the form could not be read") from problem
    if any("\0" in value for values in fields.values() for value in values):
        raise _unread("a form holds text; a NUL character is none")
    return Form({name: tuple(values) for name, values in fields.items()})


async def read_upload(request: Request, *, most: int) -> tuple[Form, bytes]:
    """Read a form with a file in its field ``file``; the bytes are empty when none was chosen.

    Source: RFC 7578, multipart/form-data.

    Raises:
        Refused: it is larger than ``most`` bytes, no such form, or a field is no UTF-8.
    """
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise _unread("a form with a file was wanted")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most + MOST_BYTES:
            raise refuse("FILE_TOO_LARGE", f"a file has at most {most} bytes", field="file")
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + bytes(body))
    fields: dict[str, tuple[str, ...]] = {}
    data = b""
    for part in message.iter_parts() if message.is_multipart() else ():
        name = str(part.get_param("name", "", header="content-disposition"))
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or len(fields) > MOST_FIELDS:
            raise _unread("the form could not be read")
        if part.get_filename() is not None or name == "file":
            data = content or data
            continue
        try:
            fields[name] = (*fields.get(name, ()), content.decode())
        except UnicodeDecodeError as problem:
            raise _unread("the form could not be read") from problem
    return Form(fields), data


def check_ours(request: Request, form: Form, word: str) -> None:
    """Accept a form of our own page in its reader's own session.

    Raises:
        Refused: it comes from another site, or from a page of another session.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_foreign = site not in (None, "same-origin", "none")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.url.netloc:
        is_foreign = True
    if is_foreign or origin == "null" or not word or not is_same(form.text("word"), word):
        raise refuse(
            "FOREIGN_FORM",
            "this form did not come from a page of yours that is still valid",
            fix="open the page again and send it from there",
        )


def is_same(one: str, other: str) -> bool:
    """Compare two words in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def inside(address: str) -> str:
    """Give an address of ours to go on to; the first page for any other."""
    if not address.isprintable() or not address.startswith("/"):
        return "/"
    parts = urlsplit(address)
    is_ours = not parts.scheme and not parts.netloc and not address.startswith(("//", "/\\"))
    return address if is_ours else "/"


def _unread(message: str) -> Exception:
    return refuse("BAD_FORM", message, fix="send the page's own form")
