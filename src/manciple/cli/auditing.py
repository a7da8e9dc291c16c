"""``manciple audit``: the history's hashes recomputed from its kept bytes.

It opens the database itself and only reads, so a server may run beside it.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from manciple.adapters.sql.audit import Verified, verify
from manciple.adapters.sql.engine import open_engine
from manciple.adapters.sql.migrating import check_migrated
from manciple.cli.drawing import facts
from manciple.cli.inside import installation, opened
from manciple.cli.options import database_option, home_option, json_option
from manciple.cli.output import Output
from manciple.kernel.errors import refuse
from manciple.runtime.codec import plain
from manciple.settings import Settings


@click.group()
def audit() -> None:
    """Recompute the history's hashes."""


@audit.command("verify")
@home_option
@database_option
@json_option
@click.pass_context
def verify_history(
    ctx: click.Context, home: Path | None, database_url: str | None, *, as_json: bool
) -> None:
    """Check every event, link, head and seal; the first that is wrong is named, with exit 1."""
    out = Output(as_json=as_json)
    settings = installation(ctx.obj or {}, home=home, url=database_url)
    with out.working("recomputing the history"):
        found = _verified(settings)
    if found.broken is not None:
        raise refuse(
            "BROKEN_HISTORY",
            f"{found.broken.what} {found.broken.where}: {found.broken.text}",
            field=found.broken.where,
            fix="Restore the database from a backup whose root is known.",
        )
    out.show(plain(found), _view)


def _verified(settings: Settings) -> Verified:
    with opened(settings):
        engine = open_engine(settings.database_url, synchronous=settings.synchronous)
        try:
            check_migrated(engine)
            return verify(engine, datetime.now(UTC))
        finally:
            engine.dispose()


def _view(found: Any) -> RenderableType:
    return facts(
        found,
        (("events", "events"), ("documents", "streams"), ("seals", "seals"),
         ("not yet sealed", "unsealed"), ("chained root", "chained"), ("heads' root", "heads")),
    )  # fmt: skip
