"""The register of emergencies from the command line."""

from datetime import timedelta

from tests.cli.desk import Desk


def test_an_emergency_is_declared_listed_and_counted(desk: Desk) -> None:
    day = (desk.house.clock.now() + timedelta(days=10)).date().isoformat()
    made = desk.json(
        "rita", "requisitions", "submit", "--site", "ATL", "--flow", "emergency",
        "--item", "FUSE", "--quantity", "20", "--unit", "EA", "--needed-by", day,
        "--cause", "the press stands still", "--customer-order", "SO-7",
    )  # fmt: skip
    desk.house.settle()

    (row,) = desk.json("rita", "emergencies", "list", "--state", "released")["rows"]
    caps = desk.json("rita", "emergencies", "caps")["rows"]
    rights = desk.json("ida", "emergencies", "rights")["rows"]

    assert (row["id"], row["customer_order"]) == (made["id"], "SO-7")
    assert [(each["site"], each["open"], each["left"]["amount"]) for each in caps] == [
        ("ATL", 1, "5980.00")
    ]
    assert rights == []
    assert "5980.00 USD" in desk.run("rita", "emergencies", "caps")
    assert "the press stands still" in desk.run("rita", "emergencies", "list")
