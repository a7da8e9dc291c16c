"""Fixtures of the command line's tests."""

from collections.abc import Iterator

import pytest

from tests.cli.desk import Desk, served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give an installation with a server that the tests of a module share."""
    with served(tmp_path_factory.mktemp("desk") / "home") as made:
        yield made
