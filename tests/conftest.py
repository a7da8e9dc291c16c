"""Fixtures for all tests; the databases are made in `tests/databases.py`."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE / "runtime")]

from databases import database_url, postgres_url, sqlite_url  # noqa: E402

__all__ = ["database_url", "postgres_url", "sqlite_url"]
