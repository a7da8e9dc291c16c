"""Requests that do not fit their shape, told with field, what came and what would fit.

lines.0.quantity.value: '1e400' does not fit
fix: digits and a decimal point, at most twelve before it and six after: 1234.5
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from manciple.kernel.errors import Reason
from manciple.web.api.bodies import CLOCK, DECIMAL, NAME, PERCENT

_PATTERNS: Mapping[str, str] = {
    DECIMAL: "digits and a decimal point, at most twelve before it and six after: 1234.5",
    NAME: "1 to 80 letters, digits, blanks and . _ : @ / # & + -, a letter or digit first",
    PERCENT: "digits and a decimal point, at most three before it and four after: 12.5",
    CLOCK: "hours and minutes: 07:30",
}
_WORDS = re.compile(r"\^\(([a-z_|]+)\)\$")
_MANY = 20
"""More words than these are not listed."""
_LONGEST_SHOWN = 40
_LOOK_UP = "See /openapi.json for what this field may hold."
_OBJECT = ("an object is wanted", _LOOK_UP)
_PLAIN: Mapping[str, tuple[str, str]] = {
    "missing": ("nothing is stated", "State it."),
    "string_type": ("a text is wanted", 'Write it between quotes: "12.5".'),
    "string_unicode": ("it is no text", "Write it in UTF-8."),
    "dict_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
}
"""What is wrong, and what would fit, of errors that always say the same."""
_TIME = "Write a time with its zone: 2026-07-01T08:00:00Z."
_WRITTEN: Mapping[str, str] = {
    "date": "Write a day as 2026-07-20.",
    "datetime": _TIME,
    "timezone": _TIME,
}
"""How it is written, by the first word of an error's kind."""
_SECRET = ("password", "secret", "key")


def reasons_of(errors: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """Give a reason for each error of pydantic's, less those that another one brings with it."""
    places = [tuple(each["loc"]) for each in errors]
    return [_reason(each) for each in errors if not (_is_hollow(each) and _is_over(each, places))]


def _is_hollow(error: Mapping[str, Any]) -> bool:
    """Say whether a list counts as empty; it does, too, when what stands in it does not fit."""
    return bool(error["type"] == "too_short" and error.get("ctx", {}).get("actual_length") == 0)


def _is_over(error: Mapping[str, Any], places: Sequence[tuple[Any, ...]]) -> bool:
    here = tuple(error["loc"])
    return any(len(place) > len(here) and place[: len(here)] == here for place in places)


def _field(place: Sequence[Any]) -> str:
    return ".".join(str(part) for part in place if part not in {"body", "query", "path"})


def _reason(error: Mapping[str, Any]) -> Reason:
    kind, field = str(error["type"]), _field(error["loc"])
    if kind == "extra_forbidden":
        return Reason(
            code="UNKNOWN_FIELD",
            message=f"{field} is not a field of this request",
            field=field,
            rule="closed records",
            fix="Leave it out, or look up its name at /openapi.json.",
        )
    what, fix = _told(kind, error)
    return Reason(
        code="BAD_JSON" if kind.startswith("json") else "BAD_VALUE",
        message=f"{field or 'the body'}: {what}",
        field=field,
        rule=kind,
        fix=fix,
    )


def _told(kind: str, error: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong with a value, and what would fit."""
    limits = error.get("ctx", {})
    match kind:
        case "string_too_short" if not error.get("input"):
            return "it is empty", "Fill it in."
        case "string_too_long":
            most, came = limits["max_length"], len(str(error.get("input", "")))
            return f"{came} characters, and {most} at most are kept", "Shorten it."
        case "string_pattern_mismatch":
            return f"{_shown(error)} does not fit", _fits(str(limits["pattern"]))
        case "enum" | "literal_error":
            words = str(limits["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
            return f"{_shown(error)} is not known here", _one_of(words)
        case _:
            fix = _WRITTEN.get(kind.partition("_")[0], _LOOK_UP)
            return _PLAIN.get(kind) or (str(error["msg"]).removeprefix("Value error, "), fix)


def _shown(error: Mapping[str, Any]) -> str:
    """Write what came, shortened; a secret is not written."""
    if any(word in str(error["loc"][-1]).lower() for word in _SECRET):
        return "what came"
    text = repr(error.get("input"))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _fits(pattern: str) -> str:
    words = _WORDS.fullmatch(pattern)
    if words is not None:
        return _one_of(words[1].split("|"))
    told = _PATTERNS.get(pattern)
    return f"Write {told}" if told else _LOOK_UP


def _one_of(words: Sequence[str]) -> str:
    if len(words) > _MANY:
        return f"One of {', '.join(words[:_MANY])} and others: see /openapi.json."
    return f"One of: {', '.join(words)}."
