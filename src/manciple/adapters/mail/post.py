"""The way to a mail server: SMTP, with TLS and a sign-in where the address asks for them.

smtp://host:25              plain, for a server on this machine or network
smtp+starttls://user:word@host:587
smtps://user:word@host:465
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from manciple.kernel.errors import MancipleError

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500
"""Replies from here on are for good. Source: RFC 5321, 4.2.1: 4yz may be tried again, 5yz not."""


class MailAddressError(MancipleError):
    """The address of the mail server can't be used; its password is no part of the message."""


class MailRefusedError(MancipleError):
    """The server will never take this letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPost:
    """Hands letters to one mail server, each over a connection of its own."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0

    @classmethod
    def at(cls, url: str) -> "SmtpPost":
        """Read the server's address.

        Raises:
            MailAddressError: another scheme, or no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise MailAddressError(f"one of {', '.join(_PORTS)} with a host is wanted")
        try:
            port = parts.port or _PORTS[parts.scheme]
        except ValueError as problem:
            raise MailAddressError("the mail server's port is no number") from problem
        return cls(
            scheme=parts.scheme, host=parts.hostname, port=port,
            user=unquote(parts.username or ""), password=unquote(parts.password or ""),
        )  # fmt: skip

    def deliver(self, message: EmailMessage) -> str:
        """Hand a letter over; gives what the server said.

        Raises:
            OSError: nobody can know whether it took it, or it wants to be asked again.
            MailRefusedError: it will never take this letter.
        """
        try:
            with self._server() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            code, said = next(iter(problem.recipients.values()), (0, b""))
            self._refused(code, said, problem)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as problem:
            self._refused(problem.smtp_code, problem.smtp_error, problem)
        except smtplib.SMTPException as problem:
            raise ConnectionError(f"{self.host}: {type(problem).__name__}") from problem
        return f"taken by {self.host}"

    def _refused(self, code: int, said: bytes | str, problem: Exception) -> None:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        told = f"{self.host} answered {code}: {text[:200]}"
        if code >= _PERMANENT:
            raise MailRefusedError(told) from problem
        raise ConnectionError(told) from problem

    def _server(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server
