"""``manciple read``: JSON lines of any file, and exit 1 when one could not be read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import run

DATA = Path(__file__).parent.parent / "data" / "x12"
FILES = sorted(DATA.glob("*.x12"))
FIELDS = {"file", "standard", "version", "message", "control_number", "document", "findings"}


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_of_our_samples_is_read(file: Path) -> None:
    result = run("read", str(file))

    assert result.exit_code == 0, result.output
    told = lines(result.stdout)
    assert all(each.keys() >= FIELDS for each in told)
    assert {each["file"] for each in told} == {str(file)}
    assert [each["document"] for each in told].count(None) == 1
    assert told[-1]["document"] is None


def test_many_files_come_one_after_the_other() -> None:
    result = run("read", *map(str, FILES))

    assert result.exit_code == 0
    names = [each["file"] for each in lines(result.stdout)]
    assert list(dict.fromkeys(names)) == [str(file) for file in FILES]


def test_standard_input_is_a_file_called_dash() -> None:
    result = run("read", "-", stdin=FILES[0].read_bytes())

    assert result.exit_code == 0
    assert {each["file"] for each in lines(result.stdout)} == {"-"}


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\0" * 5000,
        b"hello",
        bytes(range(256)) * 40,
        b"ISA*00*" + b"\xff" * 300,
        b"{}" * 10_000,
    ],
    ids=["nothing", "NUL", "words", "every-byte", "half-an-ISA", "json"],
)
def test_noise_gives_findings_and_exit_one(tmp_path: Path, noise: bytes) -> None:
    file = tmp_path / "noise.edi"
    file.write_bytes(noise)

    result = run("read", str(file))

    assert result.exit_code == 1
    told = lines(result.stdout)
    assert told
    assert all(each["document"] is None for each in told)
    assert any(each["findings"] for each in told)


def test_half_an_interchange_is_told_and_not_hidden(tmp_path: Path) -> None:
    whole = FILES[0].read_bytes()
    file = tmp_path / "half.edi"
    file.write_bytes(whole[: len(whole) // 2])

    told = lines(run("read", str(file)).stdout)

    assert any(each["findings"] for each in told)


def test_a_file_that_is_not_there_does_not_stop_the_others(tmp_path: Path) -> None:
    missing = tmp_path / "missing.edi"

    result = run("read", str(missing), str(tmp_path), str(FILES[0]))

    assert result.exit_code == 1
    assert {each["file"] for each in lines(result.stdout)} == {str(FILES[0])}
    first, second = (line for line in result.stderr.splitlines() if line.startswith("UNREAD"))
    assert "missing.edi: No such file" in first
    assert "Is a directory" in second
    told = json.loads(run("read", str(missing), str(tmp_path), "--json").stderr)["errors"]
    assert [each["field"] for each in told] == ["FILE", "FILE"]


def test_no_file_is_wrong_usage() -> None:
    assert run("read").exit_code == 2


def test_a_name_of_bytes_that_are_no_text_is_read_too(tmp_path: Path) -> None:
    name = bytes(tmp_path) + b"/order-\xff.edi"
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(FILES[0].read_bytes())

    done = subprocess.run(
        [sys.executable, "-m", "manciple", "read", name], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["document"] is not None


def test_reading_starts_without_database_server_or_drawing() -> None:
    code = (
        "import sys; from manciple.cli.main import root; "
        "root(['read', sys.argv[1]], standalone_mode=False); "
        "heavy = {'sqlalchemy', 'fastapi', 'dbos', 'httpx', 'rich', 'pydantic'}; "
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(FILES[0])], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
