"""Reads the fields of a JSON body strictly: exact decimals as strings, ISO dates, no surprises."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from manciple.adapters.reference.web import RefusalError, invalid

_LINES = 1_000
_DIGITS = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def body_of(body: bytes) -> "Fields":
    """Read a body that must be one JSON object."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as problem:
        raise RefusalError(400, "not-json", f"the body is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise RefusalError(400, "not-json", "the body must be one JSON object")
    return Fields(value, "")


class Fields:
    """The fields of one JSON object, read by name; a refusal names the field's path."""

    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        """Read from ``values``, found at ``path``."""
        self._values, self._path = values, path

    def where(self, name: str) -> str:
        """Give the path of a field: ``lines.2.quantity``."""
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, *, limit: int = 80, default: str | None = None) -> str:
        """Read a text of 1 to ``limit`` characters without control characters."""
        value = self._values.get(name, default)
        if value == default and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise invalid(self.where(name), "a text is wanted")
        if len(value) > limit:
            raise invalid(self.where(name), f"at most {limit} characters, not {len(value)}")
        if _CONTROL.search(value):
            raise invalid(self.where(name), "control characters are not allowed")
        return value

    def decimal(self, name: str) -> Decimal:
        """Read a decimal string with at most 15 digits before and 6 after the point."""
        value = self._values.get(name)
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise invalid(
                self.where(name), f"a decimal such as '12.50' is wanted, not {str(value)[:40]!r}"
            )
        try:
            return Decimal(value)
        except InvalidOperation as problem:
            raise invalid(self.where(name), "not a decimal") from problem

    def positive(self, name: str) -> Decimal:
        """Read a decimal above zero."""
        value = self.decimal(name)
        if value <= 0:
            raise invalid(self.where(name), f"more than zero is wanted, not {value}")
        return value

    def not_negative(self, name: str) -> Decimal:
        """Read a decimal of zero or more."""
        value = self.decimal(name)
        if value < 0:
            raise invalid(self.where(name), f"zero or more is wanted, not {value}")
        return value

    def number(self, name: str) -> int:
        """Read a whole number from 0."""
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
            raise invalid(self.where(name), f"a whole number is wanted, not {str(value)[:40]!r}")
        return value

    def maybe_number(self, name: str) -> int:
        """Read a whole number from 0; 0 where it is null or absent."""
        return 0 if self._values.get(name) is None else self.number(name)

    def maybe_whole(self, name: str) -> int | None:
        """Read a whole number from 0; None where it is null or absent."""
        return None if self._values.get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """Read true or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise invalid(self.where(name), "true or false is wanted")
        return value

    def day(self, name: str) -> date:
        """Read a calendar day."""
        try:
            return date.fromisoformat(self.text(name, limit=10))
        except ValueError as problem:
            raise invalid(self.where(name), "a day such as 2026-11-22 is wanted") from problem

    def maybe_day(self, name: str) -> date | None:
        """Read a calendar day; None where it is null or absent."""
        return None if self._values.get(name) is None else self.day(name)

    def instant(self, name: str) -> str:
        """Read an instant with a zone; gives it as text that sorts by time."""
        try:
            value = datetime.fromisoformat(self.text(name, limit=40))
        except ValueError as problem:
            raise invalid(self.where(name), "a time with a zone is wanted") from problem
        if value.tzinfo is None:
            raise invalid(self.where(name), "a time with a zone is wanted")
        return f"{value.timestamp():020.6f}"

    def lines(self, name: str, *, least: int = 1) -> tuple["Fields", ...]:
        """Read a list of objects, at least ``least`` and at most 1000."""
        value = self._values.get(name)
        if not isinstance(value, list) or not least <= len(value) <= _LINES:
            raise invalid(self.where(name), f"a list of {least} to {_LINES} objects is wanted")
        for number, each in enumerate(value):
            if not isinstance(each, dict):
                raise invalid(f"{self.where(name)}.{number}", "an object is wanted")
        return tuple(Fields(each, f"{self.where(name)}.{n}") for n, each in enumerate(value))

    def maybe_lines(self, name: str) -> tuple["Fields", ...]:
        """Read a list of objects; absent is empty, and it may be long."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise invalid(self.where(name), "a list of objects is wanted")
        return tuple(Fields(each, f"{self.where(name)}.{n}") for n, each in enumerate(value))

    def maybe_text(self, name: str) -> str | None:
        """Read a text; None where it is null or absent."""
        return None if self._values.get(name) is None else self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > _LINES:
            raise invalid(self.where(name), f"a list of up to {_LINES} texts is wanted")
        return tuple(Fields({name: each}, self._path).text(name) for each in value)
