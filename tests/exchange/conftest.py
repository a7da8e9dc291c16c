"""Fixtures of the exchange's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.installation import Installation, installed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """Give a whole small installation on SQLite."""
    with installed(tmp_path / "home") as made:
        yield made
