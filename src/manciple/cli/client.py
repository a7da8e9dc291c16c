"""Whom a command speaks to, and with whose key.

server    --url or MANCIPLE_URL; else the home's own server when it answers; else the HTTP API in
          this process, on the home's database
key       --key; else --as PERSON from the home's keys.json; else MANCIPLE_KEY; else the home's
          operator.key, which is never sent to a server that was named by --url

Whatever carries a request, it is the same HTTP API: every control refuses alike.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from manciple.kernel.errors import MancipleError, Reason, Refused, refuse

_FAILED = 300
"""The first status that is no success."""
MOST_ROWS = 200
"""Rows that the API gives in one page."""


class Wire(Protocol):
    """Whatever carries an HTTP request."""

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Carry one request and give the status and the body of its answer."""
        ...


class NoAnswerError(MancipleError):
    """The server did not answer, or the line broke before it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller said about server, key and home; None: nothing was said."""

    url: str | None = None
    key: str | None = None
    person: str | None = None
    home: Path | None = None
    database_url: str | None = None
    once: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        """The installation's folder."""
        return self.home or Path(self.environment.get("MANCIPLE_HOME") or "manciple-home")

    @property
    def is_nowhere(self) -> bool:
        """Whether nothing is there to ask: no server, no database and no home was found."""
        said = self.address or self.database_url or self.environment.get("MANCIPLE_DATABASE_URL")
        return not said and not self.place.exists()

    @property
    def address(self) -> str | None:
        """The server that was named."""
        return self.url or self.environment.get("MANCIPLE_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The HTTP API as one caller uses it; a refusal is raised as ``Refused``.

    Attributes:
        once: the caller's own Idempotency-Key; a new one for each deed when None.
        is_alone: nobody else works on this database, so nothing happens while we wait.
    """

    wire: Wire
    key: str
    once: str | None = None
    is_alone: bool = False

    def get(self, *path: str, **query: str | int | None) -> Any:
        """Read something."""
        return _json(*self._ask("GET", _address(path, query)))

    def raw(self, *path: str) -> bytes:
        """Read the very bytes of something."""
        status, body = self._ask("GET", _address(path, {}))
        if status >= _FAILED:
            raise _refusal(status, body)
        return body

    def rows(self, *path: str, most: int | None, **query: str | int | None) -> dict[str, Any]:
        """Read rows page by page, until there are ``most`` of them; None is all."""
        rows: list[Any] = []
        query = dict(query)
        while True:
            wanted = MOST_ROWS if most is None else min(MOST_ROWS, most - len(rows))
            page = self.get(*path, **query, limit=wanted)
            rows += page["rows"]
            after = page["after"]
            if after is None or (most is not None and len(rows) >= most):
                return {"rows": rows, "after": after}
            query["after"] = after

    def post(
        self,
        *path: str,
        body: Mapping[str, Any],
        part: str = "",
        version: int | None = None,
    ) -> Any:
        """Ask for something to be done; ``part`` tells deeds of one command apart.

        With a ``version`` it is refused when the document has another one by now.
        """
        data = json.dumps(body).encode()
        kind = "application/json"
        return _json(*self.send(*path, data=data, kind=kind, part=part, version=version))

    def send(
        self,
        *path: str,
        data: bytes,
        kind: str,
        part: str = "",
        version: int | None = None,
        **query: str | int | None,
    ) -> tuple[int, bytes]:
        """Hand something in; gives status and body, whatever they are."""
        once = f"{self.once}{part}" if self.once else uuid4().hex
        headers = {"Idempotency-Key": once, "Content-Type": kind}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        try:
            return self._ask("POST", _address(path, query), headers, data)
        except NoAnswerError as problem:
            raise refuse(
                "NO_ANSWER",
                f"{problem}; it may have been done",
                fix=f"Say the same again with --once {once}: it is done once at most.",
            ) from problem

    def accepted(self, status: int, body: bytes) -> Any:
        """Read what came back from ``send``; a refusal is raised."""
        return _json(status, body)

    def _ask(
        self, method: str, path: str, more: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        return self.wire.request(method, path, headers | dict(more or {}), body)


def _address(path: tuple[str, ...], query: Mapping[str, str | int | None]) -> str:
    """Join a path from its parts; the first is ours, the others came from the caller."""
    first, *others = path
    asked = {name: value for name, value in query.items() if value is not None}
    tail = f"?{urlencode(asked)}" if asked else ""
    return "/".join((first, *(quote(part, safe="") for part in others))) + tail


def _json(status: int, body: bytes) -> Any:
    if status >= _FAILED:
        raise _refusal(status, body)
    return parsed(body)


def parsed(body: bytes) -> Any:
    """Read an answer's JSON.

    Raises:
        Refused: it is none; whoever answered is not this program.
    """
    try:
        return json.loads(body)
    except ValueError as problem:
        raise refuse(
            "NOT_MANCIPLE", "the answer is not JSON: this is no Manciple server", field="--url"
        ) from problem


def _refusal(status: int, body: bytes) -> Refused:
    """Make the refusal of a problem+json answer, or of whatever else came."""
    try:
        told = json.loads(body)
        errors = told["errors"]
        reasons = tuple(
            Reason(**{name: str(each.get(name) or "") for name in _REASON}) for each in errors
        )
        if reasons:
            return Refused(*reasons)
    except (ValueError, TypeError, KeyError, AttributeError):
        reasons = ()
    return refuse(f"HTTP_{status}", f"the server answered {status}", field="--url")


_REASON = ("code", "message", "field", "rule", "fix")


@contextmanager
def connected(asked: Asked) -> Iterator[Api]:
    """Connect to the server that was asked for, or to the home's, or be it.

    Raises:
        Refused: no key, no server and no database, or another process holds the database.
    """
    key = _key(asked)
    _check_key(key, asked)
    address = asked.address or _own_server(asked.place)
    if address is not None:
        with _http(address, trusts=asked.address is not None) as wire:
            yield Api(wire=wire, key=key, once=asked.once)
        return
    # The whole application is imported only when it is needed: it takes a second.
    inside = import_module("manciple.cli.inside")
    with inside.api_inside(asked.environment, home=asked.home, url=asked.database_url) as (
        wire,
        is_alone,
    ):
        yield Api(wire=wire, key=key, once=asked.once, is_alone=is_alone)


@contextmanager
def _http(address: str, *, trusts: bool) -> Iterator[Wire]:
    wire = import_module("manciple.cli.wire")
    with wire.HttpWire(_base(address), trusts=trusts) as line:
        yield line


def _base(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise refuse(
            "BAD_VALUE",
            f"{address} is no server's address",
            field="--url",
            fix="Write http://127.0.0.1:8480, for example.",
        )
    return address.rstrip("/")


def _own_server(home: Path) -> str | None:
    """Give the address of the home's server if it answers."""
    file = home / "server.json"
    try:
        address = json.loads(file.read_text("utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    wire = import_module("manciple.cli.wire")
    return str(address) if wire.answers(str(address)) else None


def _key(asked: Asked) -> str:
    """Find the key; empty if there is none."""
    if asked.key:
        return asked.key
    if asked.person:
        return _key_of(asked.person, asked.place / "keys.json")
    said = asked.environment.get("MANCIPLE_KEY")
    if said or asked.address:
        return said or ""
    try:
        return (asked.place / "operator.key").read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""


def _key_of(person: str, file: Path) -> str:
    try:
        keys = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise refuse(
            "NO_KEY", f"{file} can't be read: {problem}", field="--as", fix="Use --key."
        ) from problem
    if not isinstance(keys, dict) or not isinstance(keys.get(person), str):
        raise refuse(
            "NO_KEY",
            f"{file} holds no key of {person}",
            field="--as",
            fix="Use --key, or one of " + ", ".join(sorted(map(str, keys))[:20]) + ".",
        )
    return str(keys[person])


def _check_key(key: str, asked: Asked) -> None:
    if not key and asked.is_nowhere:
        raise refuse(
            "UNMIGRATED",
            f"there is no installation at {asked.place}",
            field="--home",
            fix="Run `manciple migrate`, or name another --home, or a server by --url.",
        )
    if not key:
        raise refuse(
            "NO_KEY",
            "no API key was given",
            field="--key",
            fix="Say --key or MANCIPLE_KEY; `manciple serve` leaves the operator's own in "
            f"{asked.place / 'operator.key'}.",
        )
    if not key.isascii() or not key.isprintable():
        raise refuse("NO_KEY", "this is not an API key of ours", field="--key")
