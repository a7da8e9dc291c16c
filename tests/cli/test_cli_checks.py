"""``flows check`` and ``policy check``: every defect at once, of files that nobody uses yet."""

import json
from pathlib import Path

import pytest

from manciple.app.definitions import shipped
from tests.cli.desk import reasons, run


def test_what_we_ship_has_no_defect() -> None:
    flows = json.loads(run("flows", "check", "--json").stdout)
    tables = json.loads(run("policy", "check", "--json").stdout)

    assert [each["flow"] for each in flows["files"]] == ["direct", "emergency", "indirect"]
    assert len(tables["files"]) == len(list(shipped("policies").glob("*.yaml")))
    assert flows["defects"] == tables["defects"] == 0
    assert "has no defect" in run("flows", "check").stdout
    assert "has no defect" in run("policy", "check").stdout


def test_every_defect_of_a_flow_is_listed_at_once(tmp_path: Path) -> None:
    text = (shipped("flows") / "direct.yaml").read_text("utf-8")
    file = tmp_path / "direct.yaml"
    file.write_text(text.replace("owner: process_owner", "owner: nobody", 1) + "colour: red\n")

    result = run("flows", "check", str(file), "--json")

    assert result.exit_code == 1
    (told,) = json.loads(result.stdout)["files"]
    rules = {each["rule"] for each in told["defects"]}
    assert {"unknown-role", "unknown-key"} <= rules
    assert all(each["path"] and each["fix"] for each in told["defects"])
    page = run("flows", "check", str(file)).stdout
    assert all(rule in page for rule in rules)


def test_a_gap_and_a_wrong_cell_of_a_table_are_found(tmp_path: Path) -> None:
    text = (shipped("policies") / "match_kind.yaml").read_text("utf-8")
    rows = text.index("\nrows:")
    gap, wrong = tmp_path / "gap.yaml", tmp_path / "wrong.yaml"
    one = text[rows:].split("\n  - ")[:2]
    gap.write_text(text[:rows] + "\n  - ".join(one) + "\n")
    wrong.write_text(text.replace("hit: ", "hit: never-", 1))

    result = run("policy", "check", str(gap), str(wrong), "--json")

    assert result.exit_code == 1
    first, second = json.loads(result.stdout)["files"]
    assert {each["rule"] for each in first["findings"]} >= {"gap"}
    assert second["defects"]
    page = run("policy", "check", str(gap), str(wrong)).stdout
    assert first["findings"][0]["message"] in page


@pytest.mark.parametrize("command", ["flows", "policy"])
@pytest.mark.parametrize("noise", [b"", b"\0\0", b"\xff\xfe", b"- 1\n- 2\n", b"a: [", b"x" * 9999])
def test_noise_is_a_defect_and_no_crash(command: str, noise: bytes) -> None:
    result = run(command, "check", "-", "--json", stdin=noise)

    assert result.exit_code == 1, result.exception
    (told,) = json.loads(result.stdout)["files"]
    assert told["defects"]


@pytest.mark.parametrize("command", ["flows", "policy"])
def test_a_file_that_is_not_there_is_refused(command: str, tmp_path: Path) -> None:
    told = reasons(run(command, "check", str(tmp_path / "none.yaml"), "--json"))

    assert told[0]["code"] == "UNREADABLE"
