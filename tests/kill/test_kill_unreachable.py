"""A database that can't be reached is told in our words, so that the door can say "not now"."""

import pytest

from manciple.adapters.sql.engine import open_engine, reading, transaction
from manciple.runtime.work import StoreError


@pytest.mark.parametrize("block", [reading, transaction])
def test_a_database_that_is_down_is_a_store_error(block: object) -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(StoreError, match="can't be reached"), block(engine):  # type: ignore[operator]
        pass
