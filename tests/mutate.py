"""Switch rules off one at a time, and see whether their tests notice.

    python -m tests.mutate [--short] [--only RULE]      prints survivors; 1 if there are any

The source is copied once; each row of tests/mutations.toml alters one line of the copy, its tests
are run against it in a process of their own, and the line is put back. The tree itself is never
touched.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "mutations.toml"
_DATA = ("flows", "policies", "playbooks", "mappings", "tests", "docs", "bench", "pyproject.toml")
_FAILED = 1
"""What pytest ends with when tests failed; anything above is no answer."""


class TableError(Exception):
    """A row that switches nothing off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One rule, and the line without which it does not hold."""

    rule: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...]
    short: bool = False


def mutations() -> tuple[Mutation, ...]:
    """Read the table."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["mutation"]
    return tuple(Mutation(**{**row, "tests": tuple(row["tests"])}) for row in rows)


def altered(source: str, mutation: Mutation) -> str:
    """Give a source with the rule switched off.

    Raises:
        TableError: the line is not there exactly once, or nothing would be another.
    """
    if source.count(mutation.was) != 1 or mutation.was == mutation.now:
        times = source.count(mutation.was)
        raise TableError(f"{mutation.rule}: {mutation.was!r} stands {times} times, wanted once")
    return source.replace(mutation.was, mutation.now)


@contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of the source, with everything else beside it as it is."""
    with tempfile.TemporaryDirectory(prefix="manciple-mutate-") as folder:
        tree = Path(folder)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src", tree / "src", ignore=ignored)
        for name in _DATA:
            (tree / name).symlink_to(ROOT / name)
        yield tree


def survives(tree: Path, mutation: Mutation) -> bool:
    """Run the tests of a rule without it; gives whether all of them passed.

    Raises:
        TableError: the tests could not be run.
    """
    file = tree / "src" / "manciple" / mutation.file
    whole = file.read_text("utf-8")
    file.write_text(altered(whole, mutation), "utf-8")
    try:
        done = _tests(tree, mutation.tests)
    finally:
        file.write_text(whole, "utf-8")
    if done > _FAILED:
        raise TableError(f"{mutation.rule}: pytest ended with {done}")
    return done == 0


def _tests(tree: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-n", "0", "--no-header", *tests]
    path = os.pathsep.join((str(tree / "src"), str(tree)))
    return subprocess.run(
        command,
        check=False,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Switch off what is asked for, and print what nobody noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("--short", action="store_true", help="only the rows marked short")
    parser.add_argument("--only", help="only this rule")
    asked = parser.parse_args(arguments)
    chosen = [
        each
        for each in mutations()
        if (each.short or not asked.short) and asked.only in {None, each.rule}
    ]
    survivors = []
    with copied() as tree:
        for each in chosen:
            survived = survives(tree, each)
            _say(f"{'SURVIVED' if survived else 'noticed':9} {each.rule}")
            if survived:
                survivors.append(each)
    for each in survivors:
        _say(f"  {each.rule}: {each.file}: {each.now}")
    _say(f"{len(chosen)} rules switched off, {len(survivors)} survivors")
    return 1 if survivors else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
