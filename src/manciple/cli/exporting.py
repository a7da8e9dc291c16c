"""``manciple export``: the sealed history for other programs.

It opens the database itself and only reads, so a server may run beside it.
"""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from manciple.adapters.sql.engine import open_engine
from manciple.adapters.sql.migrating import check_migrated
from manciple.adapters.sql.ocel import Exported, Format
from manciple.adapters.sql.ocel import export as export_ocel
from manciple.cli.drawing import facts
from manciple.cli.inside import installation, opened
from manciple.cli.options import database_option, home_option, json_option
from manciple.cli.output import Output
from manciple.kernel.errors import refuse
from manciple.runtime.codec import plain
from manciple.settings import Settings


@click.group()
def export() -> None:
    """Write the sealed history for other programs."""


@export.command()
@click.option(
    "--format", "form", type=click.Choice([each.value for each in Format]), required=True,
    help="The form of the log.",
)  # fmt: skip
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@database_option
@json_option
@click.pass_context
def ocel(
    ctx: click.Context, form: str, file: Path, home: Path | None, database_url: str | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Write an object-centric event log, OCEL 2.0: every sealed event with what it touched."""
    out = Output(as_json=as_json)
    settings = installation(ctx.obj or {}, home=home, url=database_url)
    with out.working("writing the log"):
        written = _written(settings, Format(form), file)
    out.show(plain(written), _view)


def _written(settings: Settings, form: Format, file: Path) -> Exported:
    with opened(settings):
        engine = open_engine(settings.database_url, synchronous=settings.synchronous)
        try:
            check_migrated(engine)
            return export_ocel(engine, form, file)
        except OSError as problem:
            raise refuse(
                "CANNOT_WRITE",
                f"{file} can't be written: {problem.strerror or problem}",
                field="file",
                fix="Name a file in a folder that can be written to.",
            ) from problem
        finally:
            engine.dispose()


def _view(written: Any) -> RenderableType:
    return facts(
        written,
        (("up to event", "sequence"), ("events", "events"), ("objects", "objects"),
         ("events to objects", "event_relations"), ("objects to objects", "object_relations")),
    )  # fmt: skip
