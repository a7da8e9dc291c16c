"""The HTTP API inside this process, on the home's database, when no server runs.

SQLite takes one process at a time, so its lock is held meanwhile. Commands are committed here;
what they ask of other systems is delivered by the next server or worker.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from manciple.adapters.sql.migrating import AlreadyRunningError, OneProcess
from manciple.app import build, settings_from
from manciple.cli.client import Wire
from manciple.cli.world_doors import AsgiWire
from manciple.kernel.errors import refuse
from manciple.settings import Settings
from manciple.web.server import serve_app


@contextmanager
def api_inside(
    environment: Mapping[str, str], *, home: Path | None, url: str | None
) -> Iterator[tuple[Wire, bool]]:
    """Open the installation; gives the line, and whether nobody else can work on it meanwhile.

    Raises:
        Refused: there is no database, it can't be opened, or another process holds it.
    """
    settings = installation(environment, home=home, url=url)
    try:
        with OneProcess(settings.database_url), opened(settings):
            app = build(settings)
            line = AsgiWire(serve_app(app, pages_at_once=False))
            try:
                yield line, is_sqlite(settings)
            finally:
                line.close()
                app.store.engine.dispose()
    except AlreadyRunningError as taken:
        raise refuse(
            "ALREADY_RUNNING",
            str(taken),
            fix="If it is a server, wait until it answers, or name it by --url.",
        ) from taken


def installation(
    environment: Mapping[str, str], *, home: Path | None, url: str | None
) -> Settings:
    """Read the settings, and refuse what can't be one.

    Raises:
        Refused: an address or a number that is none; a SQLite file that is not there.
    """
    settings = read_settings(environment, home=home, url=url)
    file = sa.make_url(settings.database_url).database if is_sqlite(settings) else None
    if file and not Path(file).is_file():
        raise refuse(
            "UNMIGRATED",
            f"there is no database at {file}",
            field="--home",
            fix="Run `manciple migrate`, or name another --home.",
        )
    return settings


def read_settings(
    environment: Mapping[str, str], *, home: Path | None, url: str | None
) -> Settings:
    """Read the settings of an installation that may not be there yet.

    Raises:
        Refused: an address or a number that is none.
    """
    try:
        settings = settings_from(environment, home=home, url=url)
        sa.make_url(settings.database_url)
    except (ValueError, sa.exc.ArgumentError) as problem:
        raise refuse(
            "BAD_VALUE",
            f"the settings can't be read: {problem}",
            field="--database-url",
            fix="Write sqlite:///FILE or postgresql://USER@HOST/NAME; a port is a number.",
        ) from problem
    return settings


def is_sqlite(settings: Settings) -> bool:
    """Say whether the database is a SQLite file."""
    return sa.make_url(settings.database_url).get_backend_name() == "sqlite"


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    """Say in our words that a database can't be opened.

    Raises:
        Refused: DATABASE.
    """
    try:
        yield
    except sa.exc.SQLAlchemyError as problem:
        address = sa.make_url(settings.database_url).render_as_string(hide_password=True)
        what = str(getattr(problem, "orig", None) or problem).splitlines()[0]
        raise refuse(
            "DATABASE",
            f"{address} can't be used: {what}",
            field="--database-url",
            fix="Check that it is there, reachable and a database of ours.",
        ) from problem
