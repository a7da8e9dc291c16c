"""Files that a caller names on the command line; ``-`` is standard input."""

import json
import sys
from pathlib import Path
from typing import Any

from manciple.kernel.errors import refuse


def taken(file: Path) -> bytes:
    """Read a file whole.

    Raises:
        Refused: UNREADABLE, with the system's reason.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except (OSError, ValueError) as problem:
        what = getattr(problem, "strerror", None) or str(problem)
        raise refuse(
            "UNREADABLE", f"{file}: {what}", field="FILE", fix="Name a file that can be read."
        ) from problem


def json_file(file: Path) -> Any:
    """Read a JSON file that holds one object.

    Raises:
        Refused: it can't be read, is no JSON, or no object.
    """
    try:
        found = json.loads(taken(file))
    except (ValueError, RecursionError) as problem:
        raise refuse(
            "BAD_JSON", f"{file} is not JSON: {problem}", field="FILE",
            fix="Write one JSON object, as /openapi.json describes it.",
        ) from problem  # fmt: skip
    if not isinstance(found, dict):
        raise refuse("BAD_JSON", f"{file} holds no JSON object", field="FILE")
    return found
