"""A real SMTP server for tests: it takes letters over a socket, and can misbehave on purpose.

Speaks what RFC 5321 asks of a minimum (HELO, EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT).
"""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class MailServer:
    """What came, and how the next letters are received."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    lose_answers: int = 0
    """So many letters are taken, and the line breaks before that is said."""
    refuse_all: int = 0
    """The reply code to every RCPT; 0 takes them."""
    towards: str = ""
    """To whom it misbehaves; empty: to everybody."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.letters if each["To"] == address]

    def raw_to(self, address: str) -> list[bytes]:
        return [each for each in self.raw if f"To: {address}\r\n".encode() in each]

    def last_link(self, address: str) -> str:
        """Give the path of the link in the last letter to somebody."""
        return link_in(self.to(address)[-1])


def text_of_letter(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"http://manciple\.invalid(/[sa]/\S+)", text_of_letter(letter))
    assert found is not None, text_of_letter(letter)
    return found[1]


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        mail = self.server.mail
        self.say("220 mail.test ready")
        is_meant = False
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in {b"EHLO", b"HELO"}:
                self.say("250 mail.test")
            elif (
                verb == b"RCPT"
                and (is_meant := mail.towards.encode() in line)
                and (mail.refuse_all)
            ):
                self.say(f"{mail.refuse_all} not here")
            elif verb in {b"MAIL", b"RCPT", b"RSET", b"NOOP"}:
                self.say("250 fine")
            elif verb == b"DATA":
                self.say("354 go on")
                data = b"".join(iter(self.rfile.readline, b".\r\n")).replace(b"\r\n..", b"\r\n.")
                mail.raw.append(data)
                letter = message_from_bytes(data, policy=policy.default)
                assert isinstance(letter, EmailMessage)
                mail.letters.append(letter)
                if mail.lose_answers and is_meant:
                    mail.lose_answers -= 1
                    return
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 what")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mail: MailServer


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.mail = MailServer(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.mail
        finally:
            server.shutdown()
            thread.join()
