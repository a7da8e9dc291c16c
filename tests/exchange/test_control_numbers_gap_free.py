"""No control number is skipped or used twice: not by rivals, not by a refusal, not by a death."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.installation import Installation, installed

ROOT = Path(__file__).parents[2]


def taker(home: Path, url: str, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.exchange.number_taker", str(home), url, name, str(count)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
    )  # fmt: skip


def controls(house: Installation) -> list[int]:
    """Give the control number inside each file that we wrote, from its very bytes."""
    rows = house.own("select body from document where kind = 'interchange'")
    digests = [
        found[1]
        for (body,) in rows
        if '"direction":"out"' in (text := body if isinstance(body, str) else body.decode())
        and (found := re.search(r'"digest":"([0-9a-f]{64})"', text))
    ]
    heads = [house.app.bytes_of(digest).split(b"*")[13] for digest in digests]
    return sorted(int(each) for each in heads)


@pytest.mark.timeout(120)
def test_rivals_on_postgresql_leave_no_gap_and_no_double(
    postgres_url: str, tmp_path: Path
) -> None:
    (tmp_path / "house").mkdir()
    with installed(tmp_path / "house", postgres_url) as house:
        rivals = [taker(tmp_path / f"r{n}", postgres_url, f"r{n}", 24) for n in range(4)]
        for each in rivals:
            each.communicate(timeout=90)

        assert [each.returncode for each in rivals] == [0] * 4
        assert controls(house) == list(range(1, 4 * 16 + 1))


@pytest.mark.timeout(180)
def test_a_death_at_any_moment_leaves_no_gap_and_no_double(
    postgres_url: str, tmp_path: Path
) -> None:
    (tmp_path / "house").mkdir()
    with installed(tmp_path / "house", postgres_url) as house:
        told = 0
        for n, pause in enumerate((0.05, 0.13, 0.29)):
            victim = taker(tmp_path / f"v{n}", postgres_url, f"v{n}", 10_000)
            assert victim.stdout is not None
            told += victim.stdout.readline() != ""
            time.sleep(pause)
            victim.send_signal(signal.SIGKILL)
            rest, _ = victim.communicate(timeout=30)
            told += sum(
                1 for line in rest.splitlines() if line and int(line.split("-")[1]) % 3 < 2
            )
        last = taker(tmp_path / "last", postgres_url, "last", 3)
        last.communicate(timeout=60)
        found = controls(house)

        assert last.returncode == 0
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= told + 2
