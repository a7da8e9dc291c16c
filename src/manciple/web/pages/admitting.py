"""Admitting: who may open a page that is for some roles only, and what the others see.

The others see what they would see if there were no such page: nobody learns what lies there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.web.language import gettext
from manciple.web.pages.desk import Desk, Reader

R = TypeVar("R")


def admitted(desk: Desk, request: Request, roles: Collection[Role]) -> Reader | Response:
    """Give the reader of a page for these roles, administrators and auditors; else the answer."""
    reader = desk.reader(request)
    if reader is None:
        return desk.to_sign_in(request)
    if not reader.may(*roles):
        return desk.missing(request, reader, gettext("page"), request.url.path)
    return reader


async def admitted_soon(
    desk: Desk, request: Request, roles: Collection[Role]
) -> Reader | Response:
    """Admit somebody to an act, from an asynchronous page."""
    return await run_in_threadpool(admitted, desk, request, roles)


def require(reader: Reader, roles: Collection[Role]) -> None:
    """Let nobody learn from a form what only these roles may ask for.

    Raises:
        Refused: FORBIDDEN.
    """
    if not reader.actor.has(*roles):
        raise refuse("FORBIDDEN", gettext("This is for others to do."), field="actor")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: ``kept``, ``gone`` or ``new``; ``skipped`` stands for several."""

    kind: str
    text: str


_AROUND = 2
"""Lines that are shown around a change."""


def diff(was: Sequence[str], now: Sequence[str]) -> tuple[DiffLine, ...]:
    """Compare two texts line by line; what is far from any change is left out."""
    found: list[DiffLine] = []
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    for group in matcher.get_grouped_opcodes(_AROUND):
        if found or group[0][1]:
            found.append(DiffLine("skipped", ""))
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                found += (DiffLine("kept", line) for line in was[i1:i2])
                continue
            found += (DiffLine("gone", line) for line in was[i1:i2])
            found += (DiffLine("new", line) for line in now[j1:j2])
    return tuple(found)
