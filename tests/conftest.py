"""Fixtures for all tests; the databases are made in `tests/databases.py`."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import database_url, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_url", "sqlite_url"]

settings.register_profile("ours", deadline=None)
settings.load_profile("ours")  # a loaded machine is slow, which is no fault of what is tested

LONGEST = (
    "world/test_world_lives_on.py",
    "world/test_world_determinism.py",
    "docs/test_docs_tutorial.py",
    "runtime/test_runtime_death.py",
    "exchange/test_control_numbers_gap_free.py",
    "kill/test_kill_short.py",
    "web/test_page_permissions.py",
    "api/test_api_permissions.py",
)
"""Files of many seconds each: begun first, so that no worker is left alone with one at the end."""
_HERE = Path(__file__).parent
_TURN = {_HERE / name: turn for turn, name in enumerate(LONGEST)}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others keep the order that chance gave them."""
    items.sort(key=lambda item: _TURN.get(item.path, len(_TURN)))
