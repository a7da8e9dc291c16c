"""Our own process, as a test can kill it: the door with a worker, or a worker alone.

    python -m tests.soak.our_process door|worker '{"home": ..., "url": ..., ...}'

It is what ``manciple serve`` and ``manciple worker`` run, with short leases, so that what a dead
process had claimed is free within seconds.
"""

import json
import logging
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from manciple.adapters.reference.line import Line
from manciple.adapters.transports.folder import FolderTransport
from manciple.app import Application, build
from manciple.app.systems import Systems
from manciple.cli.serving import serve_http
from manciple.runtime.lanes import Limits
from manciple.settings import Settings
from manciple.worker import Running
from tests.soak.trade import firm

LIMITS = Limits(
    lease=timedelta(seconds=3),
    opens_for=timedelta(milliseconds=300),
    opens_at_most=timedelta(seconds=1),
    tries=1000,
    trips_after=20,
)


def settings_of(told: Mapping[str, str]) -> Settings:
    """Give the settings that a test wrote down."""
    return Settings(
        home=Path(told["home"]),
        database_url=told["url"],
        executor=told["executor"],
        erp_url=told["erp"],
        wms_url=told["wms"],
        finance_url=told["finance"],
        partners=Path(told["partners"]),
        port=int(told.get("port", "0")),
    )


def systems_of(settings: Settings, lines: Mapping[str, Line]) -> Systems:
    """Reach the neighbours by HTTP, and partners by folders that take finished files at once."""
    systems = Systems.over(
        settings, erp=lines.get("erp"), wms=lines.get("wms"), finance=lines.get("finance")
    )
    for each in firm().suppliers:
        systems.transports[each.id] = FolderTransport(
            settings.partners / each.id, partner=each.id, settle_seconds=0
        )
    return systems


def built(
    settings: Settings, *, impatient: bool, lines: Mapping[str, Line] | None = None
) -> Application:
    """Put the application together; over lines of the caller's, or over its own."""
    app = build(settings, systems=systems_of(settings, lines or {}))
    if not impatient:
        return app
    return replace(app, drains=replace(app.drains, limits_of=lambda _, __: LIMITS))


def main(part: str, told: Mapping[str, str]) -> None:
    """Run until told to stop."""
    logging.basicConfig(level=logging.WARNING)
    settings = settings_of(told)
    app = built(settings, impatient="impatient" in told)
    with Running(
        app, url=settings.database_url, executor=settings.executor, feeds=part == "door"
    ) as running:
        if part == "door":
            serve_http(running.app, settings, viewer_key=None)
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
