"""``manciple read``: any partner file to JSON lines, with everything that is wrong in it."""

import json
import os
import sys
from typing import BinaryIO

import click

from manciple.cli.options import json_option, system_reason
from manciple.cli.output import Output
from manciple.exchange.mapping.maps import Maps, load_maps
from manciple.exchange.reading import json_lines
from manciple.kernel.errors import Reason, Refused

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@json_option
@click.pass_context
def read(ctx: click.Context, files: tuple[str, ...], *, as_json: bool) -> None:
    """Read partner files: JSON lines with findings.

    One object for each transaction set, and one for each interchange with "document": null.
    FILE may be - for stdin. Exit 0 if every file was readable, else 1.
    """
    del as_json
    maps = load_maps()
    Output().require()
    out = sys.stdout.buffer
    faults: list[Reason] = []
    readable = [_read(file, maps, out, faults) for file in files]
    out.flush()
    if faults:
        raise Refused(*faults)
    ctx.exit(0 if all(readable) else 1)


def _read(file: str, maps: Maps, out: BinaryIO, faults: list[Reason]) -> bool:
    """Write one file's lines; says whether it was readable; notes why it can't be opened."""
    try:
        if file == "-":
            return _lines(sys.stdin.buffer, "-", maps, out)
        with open(file, "rb") as source:  # noqa: PTH123  a name of bytes that are no text, too
            return _lines(source, os.fsencode(file).decode("utf-8", "replace"), maps, out)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as problem:
        what = getattr(problem, "strerror", None) or str(problem)
        faults.append(
            Reason(
                code="UNREADABLE",
                message=f"{file}: {what}",
                field="FILE",
                fix="Name a file that can be read.",
            )
        )
        return False


def _lines(source: BinaryIO, name: str, maps: Maps, out: BinaryIO) -> bool:
    read_lines = json_lines(source, name, maps=maps)
    for each in read_lines:
        _write(out, _ENCODE(each).encode("utf-8", "replace") + b"\n")
    return read_lines.is_readable


def _write(out: BinaryIO, line: bytes) -> None:
    """Write a line; that it can't be written is no fault of the file that is read."""
    try:
        out.write(line)
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise Refused(system_reason(problem)) from problem
