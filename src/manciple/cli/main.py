"""The root of the command line: every command's name and first line, loaded when it is called.

The environment is read here and nowhere else; commands find it as the click context's ``obj``.
Whatever goes wrong leaves by the same door: in words, or as JSON where that was asked for.
"""

import errno
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from manciple.cli.options import JSON_ASKED, Failure, Misuse, reasons_of, system_reason
from manciple.kernel.errors import MancipleError


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: where it is defined, and what it does in one line."""

    module: str
    attribute: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("installing", "demo", "Play a distributor's days, then serve the live page."),
    "compare": Entry("installing", "compare", "Model the way before and Manciple's."),
    "serve": Entry("installing", "serve", "Serve the API and the pages, with a worker."),
    "worker": Entry("installing", "worker", "Run a worker without doors."),
    "migrate": Entry("installing", "migrate", "Bring the database to this program's schema."),
    "read": Entry("reading", "read", "Read partner files: JSON lines with findings."),
    "trace": Entry("tracing", "trace", "Tell everything linked to a business key, in time order."),
    "requisitions": Entry("requisitions", "requisitions", "Raise needs and see them."),
    "approvals": Entry("approvals", "approvals", "Decide on what waits for a signature."),
    "interests": Entry("relations", "interests", "Declare interests in suppliers, and see them."),
    "suppliers": Entry("relations", "suppliers", "Say which supplier records are one house."),
    "orders": Entry("orders", "orders", "See purchase orders and their quantities."),
    "receipts": Entry("receipts", "receipts", "Record and see what a warehouse counted."),
    "returns": Entry(
        "returns", "returns", "Send goods back to their supplier and see what is credited."
    ),
    "invoices": Entry("invoices", "invoices", "See invoices, release holds, send back."),
    "match": Entry("invoices", "match", "Explain a three-way match."),
    "exceptions": Entry("exceptions", "exceptions", "See and end what went wrong."),
    "interchanges": Entry("partners", "interchanges", "Send partner files in and see them."),
    "quarantine": Entry("partners", "quarantine", "See, put right, discard."),
    "emergencies": Entry(
        "emergencies", "emergencies", "See emergencies, answer a page, restore a right."
    ),
    "expedites": Entry("expedites", "expedites", "Hurry lines of orders, and see what it cost."),
    "warehouse-orders": Entry(
        "warehouses", "warehouse_orders", "Have a warehouse of another company send goods out."
    ),
    "supplier-stock": Entry("warehouses", "supplier_stock", "See what suppliers said they have."),
    "control-numbers": Entry(
        "control_numbers", "control_numbers", "See partners' counts, and what is missing in them."
    ),
    "metrics": Entry("metrics", "metrics", "See figures, and what each of them means."),
    "flows": Entry("flows", "flows", "See and check flow definitions."),
    "policy": Entry("policies", "policy", "See, try and check decision tables."),
    "endpoints": Entry("running", "endpoints", "See and hold the lines to other systems."),
    "deadletters": Entry(
        "running", "deadletters", "See, put right and replay what was not delivered."
    ),
    "mail": Entry("mail", "mail", "Switch mail on, and send suppliers their links."),
    "people": Entry("people", "people", "Give people a password for the pages."),
    "keys": Entry("keys", "keys", "See, issue and revoke API keys."),
    "export": Entry("exporting", "export", "Write the sealed history for other programs."),
    "audit": Entry("auditing", "audit", "Recompute the history's hashes."),
}
"""Every command by its name, in the order of ``--help``."""


_JSON_FILES = frozenset({"demo", "compare"})
"""Commands whose ``--json`` names a file for figures; their reasons are told in words."""


class Root(click.Group):
    """The group of all commands; a command's module is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names, in the order of the help page."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(import_module(f"manciple.cli.{entry.module}"), entry.attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON was asked for: a command that can't be read notes nothing itself."""
        if "--json" in args and not any(name in args for name in _JSON_FILES):
            ctx.meta[JSON_ASKED] = True
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever we raise on purpose ends in exit 1 with its reasons.

        So does what the system says: no permission, a full disk. Wrong usage ends in exit 2.
        """
        as_json = bool(ctx.meta.get(JSON_ASKED))
        try:
            return super().invoke(ctx)
        except MancipleError as problem:
            raise Failure(reasons_of(problem), as_json=as_json) from problem
        except click.UsageError as problem:
            if not as_json:
                raise
            raise Misuse(problem) from problem
        except OSError as problem:
            if problem.errno == errno.EPIPE:
                raise
            raise Failure((system_reason(problem),), as_json=as_json) from problem

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; of help, too, nothing is lost without a word."""
        try:
            return super().main(*args, **kwargs)
        except OSError as problem:
            Failure((system_reason(problem),), as_json=False).show()
            sys.exit(Failure.exit_code)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="manciple", message="%(prog)s %(version)s")
def root() -> None:
    """Procurement orchestration for distributors.

    Exit codes: 0 done; 1 refused or failed, with the reasons on stderr; 2 wrong usage.
    """


def main() -> None:
    """Run the command line with this process's arguments and environment.

    Letters that a terminal can't show are written out instead of ending the command.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    root(prog_name="manciple", obj=dict(os.environ))
