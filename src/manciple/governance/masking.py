"""Masking: a payload as people see it, without the secrets in it.

    {"token": "s3cr3t", "order": "PO-1"}  ->  {"token": "(hidden)", "order": "PO-1"}

What was hidden comes back as it was when a payload that shows the mark is sent in again.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

HIDDEN: Final = "(hidden)"
"""What stands in place of a secret."""
_SECRET: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|token|api_?key|authorization|credential|"
    r"credentials|private_?key|iban|account_number)(?:$|_)",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Say whether a field of this name holds what nobody need see."""
    return _SECRET.search(name) is not None


def masked(value: Any, name: str = "") -> Any:
    """Give a payload with its secrets hidden; a secret that is not stated stays so."""
    if is_secret(name) and value is not None:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: masked(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, name) for each in value]
    return value


def unmasked(value: Any, kept: Any, name: str = "") -> Any:
    """Give back what was hidden, from the payload as it is kept."""
    if value == HIDDEN and is_secret(name):
        return kept
    if isinstance(value, dict) and isinstance(kept, Mapping):
        return {key: unmasked(each, kept.get(key), key) for key, each in value.items()}
    if isinstance(value, list) and isinstance(kept, list):
        known = [*kept, *[None] * max(0, len(value) - len(kept))]
        return [unmasked(each, was, name) for each, was in zip(value, known, strict=False)]
    return value
