"""A letter as bytes: plain text and HTML side by side, the same bytes every time.

The Message-ID follows from the effect's key, so that a letter that was sent twice because nobody
knew whether the first had arrived is one letter to whoever gets both (RFC 5322, 3.6.4).
"""

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256
from html import escape

from manciple.governance.link import Keys, Purpose, token
from manciple.kernel.words import is_address
from manciple.processes.ports.mail import Letter, Table

PATHS = {Purpose.ORDER: "/s/", Purpose.APPROVAL: "/a/"}
"""Under which addresses the pages of links lie."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_SUBJECT = 200


class UnwritableError(ValueError):
    """A letter that can't be written: no address that a mail can be sent to."""


def one_line(text: str) -> str:
    """Give a text on one line, so that nothing in it can begin a header of its own."""
    return " ".join(_BREAKS.sub(" ", text).split())


def address_of(letter: Letter, keys: Keys) -> str:
    """Give the address that the letter's button leads to; the token is kept nowhere."""
    if letter.link is not None:
        return f"{letter.address}{PATHS[letter.link.purpose]}{token(letter.link, keys)}"
    return f"{letter.address}{letter.path}" if letter.path else ""


def written(letter: Letter, *, key: str, keys: Keys) -> EmailMessage:
    """Write a letter under the key of its effect.

    Raises:
        UnwritableError: sender or receiver is no plain mail address.
    """
    for where, who in (("To", letter.to), ("From", letter.sender)):
        if not is_address(who):
            raise UnwritableError(f"{where} is no plain mail address")
    mark = sha256(key.encode()).hexdigest()
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((one_line(letter.house), letter.sender))
    message["To"] = letter.to
    message["Subject"] = one_line(letter.subject)[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{mark[:40]}@{letter.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    url = address_of(letter, keys)
    message.set_content(plain(letter, url), cte="quoted-printable")
    message.add_alternative(html(letter, url), subtype="html", cte="quoted-printable")
    message.set_boundary(f"manciple-{mark[:32]}")
    return message


def plain(letter: Letter, url: str) -> str:
    """Write the letter as plain text."""
    parts = list(letter.paragraphs)
    if letter.facts:
        parts.append("\n".join(f"{name}: {one_line(value)}" for name, value in letter.facts))
    if letter.table is not None:
        parts.append(_plain_table(letter.table))
    if url:
        parts.append(f"{letter.button}:\n{url}")
    return "\n\n".join((*parts, *letter.closing)) + "\n"


def _plain_table(table: Table) -> str:
    lines = (
        "; ".join(f"{name}: {one_line(cell)}" for name, cell in zip(table.head, row, strict=True)
                  if cell)
        for row in table.rows
    )  # fmt: skip
    return "\n".join(f"- {line}" for line in lines)


def html(letter: Letter, url: str) -> str:
    """Write the letter as HTML; whatever came from elsewhere is escaped."""
    body = [f"<p>{_text(each)}</p>" for each in letter.paragraphs]
    if letter.facts:
        rows = (
            f'<tr><th scope="row" align="left" style="padding:2px 16px 2px 0;font-weight:normal;'
            f'color:#555">{escape(name)}</th><td style="padding:2px 0">{escape(value)}</td></tr>'
            for name, value in letter.facts
        )
        body.append(f'<table role="presentation">{"".join(rows)}</table>')
    if letter.table is not None:
        body.append(_html_table(letter.table))
    if url:
        body.append(
            f'<p><a href="{escape(url)}" style="display:inline-block;padding:12px 20px;'
            'background:#1f4fd8;color:#ffffff;text-decoration:none;border-radius:6px">'
            f"{escape(letter.button)}</a></p>"
        )
    body += [f'<p style="color:#555">{_text(each)}</p>' for each in letter.closing]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="referrer" content="no-referrer"></head>'
        '<body style="font-family:sans-serif;font-size:15px;line-height:1.5;max-width:640px">'
        f"{''.join(body)}</body></html>\n"
    )


def _html_table(table: Table) -> str:
    head = "".join(f'<th align="left" style="{_CELL}">{escape(each)}</th>' for each in table.head)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in table.rows
    )
    return f'<table style="border-collapse:collapse"><tr>{head}</tr>{rows}</table>'


_CELL = "padding:4px 12px 4px 0;border-bottom:1px solid #ddd;vertical-align:top"


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
