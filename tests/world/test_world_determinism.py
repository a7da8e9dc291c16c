"""The same seed gives the same history: on both databases, whatever PYTHONHASHSEED says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_DAYS = "2"
pytestmark = pytest.mark.timeout(300)


def play(home: Path, *, url: str = "", hash_seed: str = "1") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.world.world_runs", str(home), _DAYS, url],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        timeout=140,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_seed_gives_the_same_root_under_any_hash_seed(tmp_path: Path) -> None:
    one = play(tmp_path / "one", hash_seed="1")
    two = play(tmp_path / "two", hash_seed="2")

    assert one["merkle_root"] == two["merkle_root"]
    assert one["counts"] == two["counts"]
    assert one["counts"]["orders"] > 0
    assert all(one["invariants"][law]["checked"] for law in ("ledger", "erp_orders", "history"))
    assert {name: row["broken"] for name, row in one["invariants"].items()} == dict.fromkeys(
        one["invariants"], 0
    )


def test_both_databases_seal_the_same_root(tmp_path: Path, postgres_url: str) -> None:
    on_sqlite = play(tmp_path / "one")
    on_postgres = play(tmp_path / "two", url=postgres_url)

    assert on_sqlite["merkle_root"] == on_postgres["merkle_root"]
    assert on_postgres["broken"] == {}
