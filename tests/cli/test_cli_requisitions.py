"""Needs and signatures from the command line."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk


def day(desk: Desk) -> str:
    return (desk.house.clock.now() + timedelta(days=10)).date().isoformat()


def need(desk: Desk, *, item: str = "VALVE", quantity: str = "100") -> tuple[str, ...]:
    return (
        "--site", "ATL", "--item", item, "--quantity", quantity, "--unit", "EA",
        "--needed-by", day(desk),
    )  # fmt: skip


def raised(desk: Desk, quantity: str = "100") -> Any:
    return desk.json("rita", "requisitions", "submit", *need(desk, quantity=quantity))


def test_a_need_is_raised_from_options(desk: Desk) -> None:
    made = desk.json(
        "rita", "requisitions", "submit", "--site", "ATL", "--reference", "SO-1",
        "--item", "VALVE", "--quantity", "12", "--item", "RELAY", "--quantity", "10",
        "--unit", "EA", "--needed-by", day(desk), "--customer-waiting",
    )  # fmt: skip

    assert made["state"] == "submitted"
    assert made["reference"] == "SO-1"
    assert [(line["item"], line["stated"]["value"]) for line in made["lines"]] == [
        ("VALVE", "12"),
        ("RELAY", "10"),
    ]
    shown = desk.run("rita", "requisitions", "show", made["id"])
    assert "VALVE" in shown
    assert desk.json("rita", "requisitions", "show", made["id"]) == made
    listed = desk.json("rita", "requisitions", "list", "--all")
    assert made["id"] in {row["id"] for row in listed["rows"]}
    assert made["id"] in desk.run("rita", "requisitions", "list", "--state", "submitted")


def test_charges_are_planned_from_options(desk: Desk) -> None:
    made = desk.json(
        "rita", "requisitions", "submit", *need(desk),
        "--charge", "freight 30.00 USD", "--charge", "duty 12.50 USD on BLUE by COBALT",
    )  # fmt: skip

    assert [
        (each["code"], each["amount"]["amount"], each["billed_by"]) for each in made["planned"]
    ] == [
        ("freight", "30.00", "BLUE"),
        ("duty", "12.50", "COBALT"),
    ]
    assert "planned charges" in desk.run("rita", "requisitions", "show", made["id"])


def test_a_need_is_raised_from_a_file_or_from_standard_input(desk: Desk, tmp_path: Path) -> None:
    line = {"item": "VALVE", "quantity": {"value": "24", "unit": "EA"}, "needed_by": day(desk)}
    body = json.dumps({"site": "ATL", "lines": [line]})
    file = tmp_path / "need.json"
    file.write_text(body)

    from_file = desk.json("rita", "requisitions", "submit", str(file))
    from_stdin = desk.json("rita", "requisitions", "submit", "-", stdin=body.encode())

    assert from_file["lines"] == from_stdin["lines"]
    assert from_file["id"] != from_stdin["id"]


def test_the_chain_is_shown_before_and_nothing_is_kept(desk: Desk) -> None:
    before = desk.json("rita", "requisitions", "list", "--all")["rows"]

    told = desk.json("rita", "requisitions", "preview", *need(desk, quantity="500"))
    page = desk.run("rita", "requisitions", "preview", *need(desk, quantity="500"))

    roles = [step["role"] for step in told["chain"]["steps"]]
    assert roles == ["branch_manager", "category_manager"]
    assert "branch_manager" in page
    assert "approval_routing" in page
    assert desk.json("rita", "requisitions", "list", "--all")["rows"] == before


def test_the_same_once_raises_it_once(desk: Desk) -> None:
    first = desk.json("rita", "requisitions", "submit", *need(desk), "--once", "need-1")
    again = desk.json("rita", "requisitions", "submit", *need(desk), "--once", "need-1")

    assert again == first
    (other,) = desk.refused(
        "rita", "requisitions", "submit", *need(desk, quantity="36"), "--once", "need-1"
    )
    assert other["code"] == "KEY_REUSED"


@pytest.mark.parametrize(
    ("item", "quantity", "field"),
    [
        ("NOBODY", "1", "lines.0.item"),
        ("VALVE", "-9", "lines.0.quantity"),
        ("VALVE", "9" * 400, "lines.0.quantity.value"),
        ("VALVE", "1e99", "lines.0.quantity.value"),
        ("VALVE", "NaN", "lines.0.quantity.value"),
        ("a\0b", "1", "lines.0.item"),
    ],
)
def test_a_need_that_makes_no_sense_is_refused_with_its_field(
    desk: Desk, item: str, quantity: str, field: str
) -> None:
    wanted = need(desk, item=item, quantity=quantity)
    told = desk.refused("rita", "requisitions", "submit", *wanted)

    assert told[0]["field"] == field
    assert told[0]["fix"]


def test_every_reason_is_told_to_people_on_stderr(desk: Desk) -> None:
    result = desk.ask(
        "rita", "requisitions", "submit", "--site", "ATL", "--needed-by", day(desk),
        "--unit", "EA", "--item", "NO-1", "--quantity", "1", "--item", "NO-2", "--quantity", "1",
    )  # fmt: skip

    assert result.exit_code == 1
    assert not result.stdout
    assert "NO-1" in result.stderr
    assert "NO-2" in result.stderr
    assert "fix: " in result.stderr


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"site": "ATL", "lines": [], "colour": "red"}', "UNKNOWN_FIELD"),
        ('{"site": 7, "lines": "no"}', "BAD_VALUE"),
        ("[1, 2]", "BAD_JSON"),
        ("{", "BAD_JSON"),
        ("\0\0\0", "BAD_JSON"),
        ("[" * 100_000, "BAD_JSON"),
    ],
)
def test_a_file_that_is_no_request_is_refused(desk: Desk, body: str, code: str) -> None:
    told = desk.refused("rita", "requisitions", "submit", "-", stdin=body.encode())

    assert code in {each["code"] for each in told}


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--site", "ATL"),
        ("--site", "ATL", "--item", "VALVE", "--unit", "EA", "--needed-by", "2026-03-20"),
        ("--site", "ATL", "--item", "VALVE", "--quantity", "1", "--needed-by", "soon"),
        ("--colour", "red"),
        ("need.json", "--site", "ATL"),
    ],
)
def test_wrong_usage_is_exit_two(desk: Desk, wrong: tuple[str, ...]) -> None:
    assert desk.ask("rita", "requisitions", "submit", *wrong).exit_code == 2


def test_a_file_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    (reason,) = desk.refused("rita", "requisitions", "submit", str(tmp_path / "none.json"))

    assert reason["code"] == "UNREADABLE"


def test_a_need_is_withdrawn_once_and_by_its_site_only(desk: Desk) -> None:
    made = raised(desk)["id"]

    (stranger,) = desk.refused("rolf", "requisitions", "withdraw", made)
    told = desk.run("rita", "requisitions", "withdraw", made)
    (again,) = desk.refused("rita", "requisitions", "withdraw", made)

    assert stranger["code"] == "NOT_FOUND"
    assert "withdrawn" in told
    assert again["code"]


HEAD = "reference,site,item,quantity,unit,needed_by\n"


def test_a_spreadsheet_is_all_or_nothing_by_default(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "needs.csv"
    good = f"A-1,ATL,VALVE,12,EA,{day(desk)}\n"
    file.write_text(HEAD + good + f"A-2,ATL,VALVE,many,EA,{day(desk)}\nA-3,ATL,NOBODY,1,XX,\n")
    before = desk.json("rita", "requisitions", "list", "--all")["rows"]

    told = desk.refused("rita", "requisitions", "import", str(file))

    assert {each["field"] for each in told} == {
        "row 3, quantity",
        "row 4, unit",
        "row 4, needed_by",
    }
    assert desk.json("rita", "requisitions", "list", "--all")["rows"] == before


def test_the_good_rows_of_a_spreadsheet_are_raised_and_the_others_told(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "needs.csv"
    rows = (("B-1", "VALVE", "12"), ("B-2", "VALVE", "many"), ("B-3", "NOBODY", "1"))
    text = "".join(f"{ref},ATL,{item},{count},EA,{day(desk)}\n" for ref, item, count in rows)
    file.write_text(HEAD + text)

    told = desk.json("rita", "requisitions", "import", str(file), "--rows", "good")

    assert len(told["requisitions"]) == 1
    assert [(each["row"], each["column"]) for each in told["problems"]] == [
        (3, "quantity"),
        (4, "item"),
    ]
    assert desk.json("rita", "requisitions", "show", told["requisitions"][0])["reference"] == "B-1"


@pytest.mark.parametrize("noise", [b"\n", b"\0" * 100, b"\xff\xfe\x00", b"a,b,c\n1,2,3\n"])
def test_noise_is_no_spreadsheet(desk: Desk, noise: bytes) -> None:
    told = desk.refused("rita", "requisitions", "import", "-", "--rows", "good", stdin=noise)

    assert all(each["field"].startswith(("row", "file")) for each in told)


def test_a_whole_spreadsheet_is_raised_and_shown(desk: Desk) -> None:
    text = HEAD + f"C-1,ATL,VALVE,12,EA,{day(desk)}\nC-2,ATL,RELAY,10,EA,{day(desk)}\n"

    page = desk.run("rita", "requisitions", "import", "-", stdin=text.encode())

    assert page.count("requisition REQ-") == 2


def test_the_right_person_approves(desk: Desk) -> None:
    approval = raised(desk)["approval"]
    shown = desk.json("root", "approvals", "show", approval)
    (step,) = [each for each in shown["steps"] if each["state"] == "pending"]
    who = step["approver"]

    inbox = desk.json(who, "approvals", "list")
    (requester,) = desk.refused("rita", "approvals", "approve", approval)
    told = desk.run(who, "approvals", "approve", approval, "--note", "needed")

    assert approval in {row["subject"]["id"] for row in inbox["rows"]}
    assert requester["code"] in {"FORBIDDEN", "NOT_FOUND"}
    assert approval in told
    after = desk.json("root", "approvals", "show", approval)
    assert after["steps"][0]["acted_by"] == who
    assert who in desk.run("root", "approvals", "show", approval)


def test_a_rejection_needs_a_reason_of_the_list(desk: Desk) -> None:
    approval = raised(desk)["approval"]
    steps = desk.json("root", "approvals", "show", approval)["steps"]
    (who,) = [each["approver"] for each in steps if each["state"] == "pending"]

    bare = desk.ask(who, "approvals", "reject", approval)
    (unknown,) = desk.refused(who, "approvals", "reject", approval, "--reason", "mood")
    told = desk.json(who, "approvals", "reject", approval, "--reason", "not_needed")
    (late,) = desk.refused(who, "approvals", "approve", approval)

    assert bare.exit_code == 2
    assert unknown["field"] == "reason"
    assert told["state"] == "rejected"
    assert late["code"] == "ALREADY_DECIDED"


def test_power_is_lent_for_a_time_and_taken_back(desk: Desk) -> None:
    now = desk.house.clock.now()
    span = ("--start", now.isoformat(), "--end", (now + timedelta(days=3)).isoformat())

    lent = desk.json(
        "anna", "approvals", "delegate", "--from", "anna", "--to", "alec", *span,
        "--site", "ATL", "--cap", "500", "USD",
    )  # fmt: skip
    ended = desk.json("anna", "approvals", "end-delegation", lent["id"])

    assert lent["cap"] == {"amount": "500", "currency": "USD"}
    assert ended["revoked"] is True
    bad = desk.ask("anna", "approvals", "delegate", "--from", "anna", "--to", "alec",
                   "--start", "tomorrow", "--end", "later")  # fmt: skip
    assert bad.exit_code == 2
    refused = desk.refused(
        "rita", "approvals", "delegate", "--from", "anna", "--to", "rita", *span
    )
    assert refused[0]["code"]


def test_an_empty_spreadsheet_is_told_as_one(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.touch()

    (reason,) = desk.refused("rita", "requisitions", "import", str(file))

    assert (reason["code"], reason["field"]) == ("NO_HEADER", "FILE")
    assert "needed_by" in reason["fix"]
