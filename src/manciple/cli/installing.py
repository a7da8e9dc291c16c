"""``manciple demo``, ``serve``, ``worker`` and ``migrate``: an installation itself.

What each needs is imported when it is called, so that ``--help`` answers at once.
"""

import logging
import secrets
import signal
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from manciple.cli.drawing import lines
from manciple.cli.options import database_option, home_option, json_option
from manciple.cli.output import Output

host_option = click.option("--host", help="Where to listen; else MANCIPLE_HOST, else 127.0.0.1.")
port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="The port; else MANCIPLE_PORT, else 8480."
)


def _settings(ctx: click.Context, *, home: Path | None, url: str | None) -> Any:
    inside = import_module("manciple.cli.inside")
    return inside.read_settings(ctx.obj or {}, home=home, url=url)


def _leave_in_order() -> None:
    """End by an exception when told to stop, so that everything opened is closed.

    The server raises the signal again when it has stopped listening.
    """
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))


@click.command()
@home_option
@database_option
@json_option
@click.pass_context
def migrate(
    ctx: click.Context, home: Path | None, database_url: str | None, *, as_json: bool
) -> None:
    """Bring the database to this program's schema; what is there already stays."""
    settings = _settings(ctx, home=home, url=database_url)
    inside = import_module("manciple.cli.inside")
    out = Output(as_json=as_json)
    with out.working("migrating"), inside.opened(settings):
        settings.home.mkdir(parents=True, exist_ok=True)
        revision = import_module("manciple.adapters.durable.migrating").migrate(
            settings.database_url
        )
    out.show(
        {"revision": revision},
        lambda answer: lines([f"the database is at revision {answer['revision']}"]),
    )


@click.command()
@host_option
@port_option
@home_option
@database_option
@json_option
@click.pass_context
def serve(
    ctx: click.Context,
    host: str | None,
    port: int | None,
    home: Path | None,
    database_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Serve the API and the pages, with a worker, until told to stop.

    The first start makes the operator, whose key lies in operator.key in the home.
    """
    settings = _settings(ctx, home=home, url=database_url)
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    logging.basicConfig(level=logging.WARNING)
    _leave_in_order()
    url = f"http://{settings.host}:{settings.port}"
    serving = import_module("manciple.cli.serving")
    with import_module("manciple.cli.inside").opened(settings):
        serving.check_port(settings.host, settings.port)
        Output(as_json=as_json).show(
            {"url": url}, lambda _: lines([f"serving at {url} (Ctrl+C ends it)"])
        )
        ctx.exit(serving.serve(settings, secret=secrets.token_hex(24)))


@click.command()
@home_option
@database_option
@json_option
@click.pass_context
def worker(
    ctx: click.Context, home: Path | None, database_url: str | None, *, as_json: bool
) -> None:
    """Run a worker without doors until told to stop; PostgreSQL takes as many as are wanted."""
    settings = _settings(ctx, home=home, url=database_url)
    logging.basicConfig(level=logging.INFO)
    serving = import_module("manciple.cli.serving")
    with import_module("manciple.cli.inside").opened(settings):
        Output(as_json=as_json).show(
            {"worker": settings.executor},
            lambda answer: lines([f"worker {answer['worker']} runs (Ctrl+C ends it)"]),
        )
        ctx.exit(serving.work(settings))


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True,
              help="Simulated days.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=7, show_default=True,
              help="The same seed plays the same world.")  # fmt: skip
@click.option("--headless", is_flag=True, help="Stop after the figures; serve nothing.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the figures to this file, too.")  # fmt: skip
@click.option("--partner", type=click.Choice(["world", "mock-edi"]), default="world",
              show_default=True, help="Whom to trade with.")  # fmt: skip
@click.option(
    "--all-behaviours",
    is_flag=True,
    help="With mock-edi: play every behaviour that it has, one after the other.",
)
@click.option("--orders", type=click.IntRange(1, 500), default=50, show_default=True,
              help="With --all-behaviours: so many orders of each.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to serve.")
@click.option("--port", type=click.IntRange(1, 65535), default=8480, show_default=True,
              help="The port.")  # fmt: skip
@click.option("--pace", type=click.IntRange(0, 3600), default=60, show_default=True,
              help="How fast the world lives on beside the page; 0: it stands still.")  # fmt: skip
@click.option("--tick", type=click.IntRange(0, 240), default=15, show_default=True,
              help="Simulated minutes between two rounds of deliveries.")  # fmt: skip
@home_option
@database_option
@click.pass_context
def demo(ctx: click.Context, /, home: Path | None, database_url: str | None, **asked: Any) -> None:
    """Play a distributor's days through every door, then serve the live page.

    The home is made anew; one that no demo made is left alone.
    """
    settings = _settings(ctx, home=home, url=database_url)
    if not asked["headless"]:
        _leave_in_order()
    run = import_module("manciple.cli.demo").run
    with import_module("manciple.cli.inside").opened(settings):
        ctx.exit(run(home=settings.home, database_url=database_url, **asked))


@click.command()
@click.option("--seeds", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="How many worlds.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True,
              help="Simulated days of each.")  # fmt: skip
@click.option("--validate", type=click.IntRange(0, 100), default=0, show_default=True,
              help="Seeds that the product itself plays, too; some minutes each.")  # fmt: skip
@click.option("--validate-days", type=click.IntRange(1, 3660), default=30, show_default=True,
              help="Simulated days of each of those.")  # fmt: skip
@click.option("--parameters", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="Figures of the way before, instead of the shipped ones.")  # fmt: skip
@click.option("--reactions", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="People's reaction times, instead of the shipped ones.")  # fmt: skip
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True,
              help="How many at once.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write every figure and source to this file, too.")  # fmt: skip
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    *,
    seeds: int,
    days: int,
    validate: int,
    validate_days: int,
    parameters: Path | None,
    reactions: Path | None,
    processes: int,
    json_file: Path | None,
) -> None:
    """Model the way before and Manciple's: the same worlds, ranges over seeds, worse included.

    Before and after share seed, customers, suppliers and people's reaction times. A table for
    each mechanism shows what is lost when it alone is given up. All of it is modelled.
    """
    comparing = import_module("manciple.cli.comparing")
    plan = comparing.Plan(seeds=seeds, days=days, parameters=parameters, reactions=reactions)
    checked = comparing.Plan(
        seeds=validate, days=validate_days, parameters=parameters, reactions=reactions
    )
    ctx.exit(
        comparing.run(
            plan, validating=checked if validate else None, processes=processes,
            json_file=json_file,
        )
    )  # fmt: skip
