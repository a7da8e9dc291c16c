"""Fixtures for all tests; the databases are made in `tests/databases.py`."""

from tests.databases import database_url, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_url", "sqlite_url"]
