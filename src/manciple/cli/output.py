"""What a command says: JSON for programs, drawings for people, progress on stderr.

JSON goes to stdout alone and nothing else does then. Text that came from outside is shown without
its control characters, so that a partner's file can't drive a terminal.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TextIO

View = Callable[[Any], Any]
"""Draws an answer for people; see `manciple.cli.drawing`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a command's answer goes."""

    as_json: bool = False

    def require(self) -> None:
        """See that somebody can hear the answer, before anything is done.

        Raises:
            OSError: standard output is closed.
        """
        _stdout()

    def show(self, value: Any, view: View) -> None:
        """Tell an answer: the value itself as JSON, or its view."""
        if self.as_json:
            put(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n")
        else:
            import_module("manciple.cli.drawing").draw(view(value))

    @property
    def is_watched(self) -> bool:
        """Say whether a person watches: only then is progress shown, on stderr."""
        streams = (sys.stdout, sys.stderr)
        return not self.as_json and all(each is not None and each.isatty() for each in streams)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show that something goes on, to a person who watches."""
        if not self.is_watched:
            yield
            return
        with import_module("manciple.cli.drawing").waiting(what):
            yield


def put(data: bytes) -> None:
    """Write bytes to stdout as they are.

    Raises:
        OSError: standard output is closed, or takes nothing more.
    """
    stdout = _stdout()
    stdout.flush()
    stdout.buffer.write(data)
    stdout.buffer.flush()


def _stdout() -> TextIO:
    """Give standard output; a process may be started without."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard output")
    return sys.stdout


def printable(text: str, *, keep: str = "") -> str:
    """Give a text with its control characters written out as Python writes them."""
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter in keep
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
