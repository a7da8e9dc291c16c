"""Intake: group commit at the door. Commands that arrive together share a transaction.

    reply = intake.apply(command)              waits for the commit of its own command
    future = intake.submit(command)            the same, for doors that wait otherwise

One thread applies; nobody waits for a timer: a batch is whatever gathered while the last one was
being committed. A full queue refuses at once instead of letting everybody wait.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Protocol

from manciple.kernel.errors import MancipleError
from manciple.kernel.messages import Command
from manciple.runtime.bus import Applied, Reply
from manciple.runtime.effects import Lane

Wake = Callable[[Iterable[tuple[str, Lane]]], None]
MOST = 64
"""Commands that share a commit at most."""
_Waiting = tuple[Command, "Future[Reply]"]


class BusyError(MancipleError):
    """Too many commands wait at the door; try again in a moment."""


class ClosedError(MancipleError):
    """The door is closed: this process is stopping."""


class Attempts(Protocol):
    """A bus that tells a defect in the reply of the command that has it."""

    def attempt(self, commands: Sequence[Command]) -> Applied:
        """Apply the commands in one transaction."""
        ...


class Intake:
    """The door's one writer. `submit` is safe from any thread."""

    def __init__(
        self,
        bus: Attempts,
        *,
        wake: Wake | None = None,
        most: int = MOST,
        room: int = 10_000,
    ) -> None:
        """Start the thread.

        Args:
            bus: applies the batches.
            wake: told after each commit which lanes got work.
            most: commands of one commit.
            room: commands that may wait.
        """
        self._bus, self._wake, self._most = bus, wake, most
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(room)
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True, name="intake")
        self._thread.start()

    def apply(self, command: Command, *, timeout: float | None = None) -> Reply:
        """Apply a command and wait for its commit; its defect is raised here."""
        return self.submit(command).result(timeout)

    def submit(self, command: Command) -> "Future[Reply]":
        """Hand a command in; the future gives its reply or raises its defect.

        Raises:
            BusyError: too many wait.
            ClosedError: the intake was stopped.
        """
        answer: Future[Reply] = Future()
        with self._closing:
            if self._closed:
                raise ClosedError("the door is closed: this process is stopping")
            try:
                self._waiting.put_nowait((command, answer))
            except queue.Full as full:
                raise BusyError("too many commands wait; try again in a moment") from full
        return answer

    def stop(self) -> None:
        """Take in nothing more, commit what was taken in, and end the thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            while len(batch) < self._most and not self._waiting.empty():
                more = self._waiting.get()
                if more is None:
                    is_last = True
                    break
                batch.append(more)
            self._commit(batch)
            if is_last:
                return

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            applied = self._bus.attempt([command for command, _ in batch])
        except Exception as problem:  # noqa: BLE001  belongs to whoever waits
            if len(batch) == 1:
                batch[0][1].set_exception(problem)
                return
            for each in batch:
                self._commit([each])
            return
        for (_, answer), reply in zip(batch, applied.replies, strict=True):
            if reply.defect is not None:
                answer.set_exception(reply.defect)
            else:
                answer.set_result(reply)
        if self._wake is not None and applied.lanes:
            self._wake(applied.lanes)
