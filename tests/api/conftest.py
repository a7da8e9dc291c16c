"""Fixtures of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.installation import Installation, installed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """Give a whole small installation on SQLite."""
    with installed(tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give an installation that the tests of a module share: what they do must not collide."""
    with installed(tmp_path_factory.mktemp("shared") / "home") as made:
        yield made
