"""Misbehaviour on demand: how a reference system fails when a test or the demo tells it to.

POST /_switch {"mode": "die", "on": "/purchase-orders", "times": 1}
POST /_switch {"mode": "off"}
"""

import os
import threading
import time
from enum import StrEnum
from typing import Any

from manciple.adapters.reference.fields import body_of
from manciple.adapters.reference.web import (
    Answer,
    NoAnswerError,
    RefusalError,
    Request,
    invalid,
)
from manciple.kernel.records import dataclass

FOREVER = 2**31 - 1
DEATH = 137


class Mode(StrEnum):
    """How to misbehave."""

    OFF = "off"
    SLOW = "slow"
    """Answer, but late."""
    REFUSE = "refuse"
    """Refuse every change with a reason."""
    DOWN = "down"
    """Answer 503 to everything."""
    MAINTENANCE = "maintenance"
    """Answer 503 to changes; reading goes on."""
    DROP = "drop"
    """Close the line without an answer; nothing was done."""
    LOSE = "lose"
    """Do it, then close the line without an answer."""
    DIE = "die"
    """Do it, then end the process before the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One misbehaviour: for paths that begin with ``on``, so many times."""

    mode: Mode = Mode.OFF
    on: str = "/"
    times: int = FOREVER
    ms: int = 0
    reason: str = "refused by a switch"


class Switches:
    """The switch that is set now; safe to use from several threads."""

    def __init__(self, *, embedded: bool = True) -> None:
        """Start with none; an embedded system does not end the process when it dies."""
        self._switch, self._left, self._lock = Switch(), 0, threading.Lock()
        self._embedded = embedded
        self.dead = False

    def set(self, switch: Switch) -> None:
        """Turn a switch on (or all off); a dead embedded system lives again."""
        with self._lock:
            self._switch, self._left, self.dead = switch, switch.times, False

    def route(self, request: Request) -> Answer:
        """Serve ``/_switch``: GET tells, POST sets."""
        if request.method == "POST":
            self.set(_switch_of(request))
        now = self._switch
        body: dict[str, Any] = {"mode": now.mode, "on": now.on, "left": self._left}
        return Answer(status=200, body=body)

    def before(self, request: Request) -> Mode:
        """Misbehave before anything is done; gives what is to be done afterwards."""
        if self.dead:
            raise NoAnswerError
        switch = self._take(request)
        match switch.mode:
            case Mode.SLOW:
                time.sleep(switch.ms / 1000)
            case Mode.DOWN | Mode.MAINTENANCE:
                raise RefusalError(503, switch.mode, f"the system is in state {switch.mode}")
            case Mode.REFUSE:
                raise RefusalError(422, "refused", switch.reason)
            case Mode.DROP:
                raise NoAnswerError
            case _:
                pass
        return switch.mode

    def after(self, mode: Mode) -> None:
        """Misbehave after the change was committed, before the answer is given."""
        if mode is Mode.DIE:
            self.dead = True
            if not self._embedded:
                os._exit(DEATH)
        if mode in (Mode.DIE, Mode.LOSE):
            raise NoAnswerError

    def _take(self, request: Request) -> Switch:
        switch = self._switch
        changes_only = switch.mode in (Mode.REFUSE, Mode.MAINTENANCE, Mode.LOSE, Mode.DIE)
        if (
            switch.mode is Mode.OFF
            or not request.path.startswith(switch.on)
            or (changes_only and not request.changes)
        ):
            return Switch()
        with self._lock:
            if self._left <= 0:
                return Switch()
            self._left -= 1
        return switch


def _switch_of(request: Request) -> Switch:
    fields, given = body_of(request.body), request.body
    mode = fields.text("mode")
    if mode not in set(Mode):
        raise invalid("mode", f"one of {', '.join(Mode)} is wanted, not {mode!r}")
    return Switch(
        mode=Mode(mode),
        on=fields.text("on", default="/"),
        times=fields.number("times") if b'"times"' in given else FOREVER,
        ms=fields.number("ms") if b'"ms"' in given else 0,
        reason=fields.text("reason", limit=20_000, default="refused by a switch"),
    )
