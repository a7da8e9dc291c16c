"""What our client adapters for the reference systems share: posting once, looking up, paging."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from manciple.adapters.reference.line import REASON_LIMIT, Line, UnclearError, reason_of
from manciple.adapters.reference.system import KEY_HEADER
from manciple.adapters.reference.web import Answer
from manciple.kernel.errors import MancipleError
from manciple.processes.ports import ConflictError, Page, Submitted
from manciple.runtime.effects import OutcomeKind

T = TypeVar("T")

OK, CREATED, NOT_FOUND, CONFLICT, STALE = 200, 201, 404, 409, 412


class UnreadableRowError(MancipleError):
    """The other system told something that we have no word for: a unit, a currency, a number."""

    def __init__(self, target: str, row: Mapping[str, Any], why: Exception) -> None:
        """Name the list, the row and what is wrong with it."""
        super().__init__(f"{target}: {why}; the row is {dict(row)!r}"[:REASON_LIMIT])
        self.target, self.row = target, row


class ReferenceClient:
    """Asks a reference system over a line."""

    def __init__(self, line: Line) -> None:
        """Use this line."""
        self.line = line

    def post(
        self, target: str, key: str, body: Mapping[str, Any], *, version: str | None = None
    ) -> Submitted:
        """Have something booked once under ``key``.

        Raises:
            OSError: nobody can know whether it happened.
            ConflictError: the version no longer stands.
        """
        headers = {KEY_HEADER: quote(key, safe=":.")}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.line.ask("POST", target, msgspec.json.encode(body), headers)
        if answer.status in (CREATED, CONFLICT):
            return _done(answer)
        if answer.status == STALE:
            raise ConflictError(str(answer.body["number"]), version or "", answer.body["version"])
        return Submitted(outcome=OutcomeKind.REJECTED, reason=reason_of(answer))

    def find(self, key: str) -> tuple[str, Submitted] | None:
        """Look up a key: the kind of document and what was answered; None if it is not there."""
        answer = self.line.ask("GET", f"/requests/{quote(key, safe='')}")
        if answer.status == NOT_FOUND:
            return None
        return str(self._known(answer)["kind"]), _done(answer)

    def read(self, target: str) -> Any | None:
        """Read one thing; None if it is not there."""
        answer = self.line.ask("GET", target)
        return None if answer.status == NOT_FOUND else self._known(answer)

    def page(self, target: str, cursor: str, build: Callable[[Mapping[str, Any]], T]) -> Page[T]:
        """Read one page of a list.

        Raises:
            UnreadableRowError: a row holds something that we have no word for.
        """
        query = f"?{urlencode({'after': cursor})}" if cursor else ""
        body = self._known(self.line.ask("GET", target + query))
        rows = tuple(_built(target, row, build) for row in body["rows"])
        return Page(rows=rows, cursor=body["next"], more=body["more"])

    @staticmethod
    def _known(answer: Answer) -> Any:
        if answer.status != OK:
            raise UnclearError(f"HTTP {answer.status}: {reason_of(answer)}")
        return answer.body


def _built(target: str, row: Mapping[str, Any], build: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        return build(row)
    except (ValueError, TypeError, KeyError, ArithmeticError, MancipleError) as problem:
        raise UnreadableRowError(target, row, problem) from problem


def _done(answer: Answer) -> Submitted:
    body = answer.body
    if not isinstance(body, dict) or not isinstance(body.get("number"), str):
        raise UnclearError("the answer names no document")
    return Submitted(
        outcome=OutcomeKind.DONE, reference=body["number"], version=body.get("version")
    )
