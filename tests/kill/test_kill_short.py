"""Death at any moment, in short: nothing acknowledged is lost, nothing is done twice outside."""

from pathlib import Path

import pytest

from tests.soak.fire import on_sqlite


@pytest.mark.timeout(180)
def test_the_door_the_erp_and_the_others_may_die(sqlite_url: str, tmp_path: Path) -> None:
    verdict = on_sqlite(sqlite_url, tmp_path, kills=6)

    print(verdict)  # noqa: T201  shown when it fails
    assert verdict.wrong == ()
    assert verdict.acknowledged > 0
    assert verdict.invoices >= verdict.orders
