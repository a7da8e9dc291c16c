"""Serving: the API, the pages and the worker in one process, or a worker alone."""

import json
import logging
import os
import signal
import socket
import tempfile
import threading
from pathlib import Path

import uvicorn

from manciple.app import Application, build
from manciple.governance.account import HOURS
from manciple.governance.api_key import IssueApiKey, digest_of, key_text
from manciple.governance.people import ApiKey, Person, RegisterPerson
from manciple.kernel.errors import MancipleError
from manciple.kernel.messages import SYSTEM, Command, Role
from manciple.runtime.memory import settle_in
from manciple.settings import Settings
from manciple.web.server import serve_app
from manciple.worker import Running

OPERATOR = "operator"
"""The first person of an installation: its administrator."""


_log = logging.getLogger(__name__)


class PortTakenError(MancipleError):
    """Something else listens where the server should."""


def operator_key(app: Application, home: Path, secret: str) -> str:
    """Give the operator's key; make the operator and the key if this is a new installation.

    The key lies in ``operator.key`` in the home of the node that was first, readable by its owner
    only; a node that came later has none, and gets an empty text.
    """
    file = home / "operator.key"
    if file.exists():
        return file.read_text("utf-8").strip()
    if app.peek(ApiKey, OPERATOR) is not None:
        return ""
    key = key_text("operator", secret)
    person = Person(
        id=OPERATOR, name="Operator", email="operator@example.com", roles=(Role.ADMIN,)
    )
    at = app.clock.now()
    acts = (
        RegisterPerson(person=person),
        IssueApiKey(id="operator", digest=digest_of(key), person=OPERATOR),
    )
    for act in acts:
        name = f"install:{type(act).__name__}"
        app.store.apply([Command(key=name, act=act, actor=SYSTEM, at=at, door="install")])
    kept = app.peek(ApiKey, OPERATOR)
    if kept is None or kept.digest != digest_of(key):
        return ""  # another node was first, in this very moment
    write_private(file, key + "\n")
    return key


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all for whoever looks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, begun = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        Path(begun).replace(file)
    except BaseException:
        Path(begun).unlink()
        raise


def serve(settings: Settings, *, secret: str) -> int:
    """Serve until told to stop.

    Raises:
        PortTakenError: something else listens there.
        UnmigratedError: the database has another schema.
        AlreadyRunningError: another process works on this SQLite file.
    """
    app = build(settings)
    with Running(app, url=settings.database_url, executor=settings.executor) as running:
        key = operator_key(running.app, settings.home, secret)
        if app.store.is_postgres and settings.link_keys is None:
            _log.warning(
                "links are signed with the keys of this home: a node with another home does not "
                "open them; give every node the same MANCIPLE_LINK_KEYS"
            )
        settle_in()
        viewer = key if settings.host in {"127.0.0.1", "::1", "localhost"} else None
        serve_http(running.app, settings, viewer_key=viewer)
    return 0


def serve_http(
    app: Application, settings: Settings, *, viewer_key: str | None, session_hours: int = HOURS
) -> None:
    """Serve HTTP until told to stop, and say in the home where."""
    check_port(settings.host, settings.port)
    config = uvicorn.Config(
        serve_app(app, viewer_key=viewer_key, session_hours=session_hours),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,  # an address may hold a signed link: it is written down nowhere
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    _Announced(config, settings).run()


class _Announced(uvicorn.Server):
    """A server that says in the home where it is, as long as it listens there."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._file = settings.home / "server.json"
        self._url = f"http://{settings.host}:{settings.port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets)
        write_private(self._file, json.dumps({"url": self._url}) + "\n")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take it back, then stop listening."""
        self._file.unlink(missing_ok=True)
        await super().shutdown(sockets)


def check_port(host: str, port: int) -> None:
    """Refuse a port on which something listens.

    Raises:
        PortTakenError: something does.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTakenError(
                f"can't listen on {host}:{port}: {problem.strerror}; choose another --port"
            ) from problem


def work(settings: Settings) -> int:
    """Run a worker without doors until told to stop; PostgreSQL takes as many as are wanted."""
    app = build(settings)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with Running(app, url=settings.database_url, executor=settings.executor):
        settle_in()
        _log.info("worker %s is running", settings.executor)
        stop.wait()
    return 0
