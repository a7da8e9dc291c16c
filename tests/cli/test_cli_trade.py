"""Orders, goods, invoices, exceptions and partner files from the command line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from manciple.exchange.interchange import MOST_BYTES
from manciple.world.desk import ReceivedOrder
from tests.api.installation import Installation, key_of
from tests.api.supplier_side import SupplierSide
from tests.cli.desk import Desk, run, served
from tests.scenarios.office import cases, ordered


@dataclass(frozen=True, slots=True)
class Traded:
    """What has happened: one order answered short, shipped, counted and billed too dear."""

    desk: Desk
    supplier: SupplierSide
    order: ReceivedOrder

    @property
    def house(self) -> Installation:
        return self.desk.house


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    with served(tmp_path_factory.mktemp("traded") / "home") as desk:
        supplier, order = ordered(desk.house)
        supplier.drop(supplier.acknowledgment(order, {"1": 8}))
        supplier.drop(supplier.ship_notice(order, "TRUCK-1", {"1": 8}))
        desk.house.count_at_dock("DOCK-1", order.number, {"1": 96, "2": 20}, shipment="TRUCK-1")
        supplier.drop(supplier.invoice(order, "B-1", {"1": 8}, prices={"1": "130.00"}))
        yield Traded(desk, supplier, order)


def test_an_order_is_listed_and_shown_with_its_quantities(traded: Traded) -> None:
    desk, number = traded.desk, traded.order.number

    rows = desk.json("ben", "orders", "list", "--all")["rows"]
    shown = desk.json("ben", "orders", "show", number)
    first, second = desk.json("ben", "orders", "ledger", number)

    assert number in {row["id"] for row in rows}
    assert shown["id"] == number
    assert (first["totals"]["ordered"], first["totals"]["acknowledged"]) == ("108", "96")
    assert (first["totals"]["received"], second["totals"]["received"]) == ("96", "20")
    assert "VALVE" in desk.run("ben", "orders", "show", number)
    assert "acknowledgment/" in desk.run("ben", "orders", "ledger", number)
    assert "There are no purchase orders." in desk.run(
        "ben", "orders", "list", "--state", "refused"
    )
    (odd,) = desk.refused("ben", "orders", "list", "--state", "odd")
    assert odd["field"] == "state"


def test_another_suppliers_order_is_not_there(traded: Traded) -> None:
    (reason,) = traded.desk.refused("adler", "orders", "show", traded.order.number)

    assert reason["code"] == "NOT_FOUND"
    assert traded.desk.json("adler", "orders", "list")["rows"] == []


def test_the_trace_is_told_by_any_key(traded: Traded) -> None:
    told = traded.desk.json("ben", "trace", traded.order.number)
    page = traded.desk.run("ben", "trace", "TRUCK-1")

    (trace,) = told["traces"]
    times = [step["at"] for step in trace["steps"]]
    assert times == sorted(times)
    assert traded.order.number in page
    assert "quantities, in base units" in page
    assert all(step["title"] in page for step in trace["steps"])
    (nothing,) = traded.desk.refused("ben", "trace", "NEVER-HEARD")
    assert nothing["code"] == "NOT_FOUND"


def test_a_held_invoice_is_explained_and_released_by_its_owner(traded: Traded) -> None:
    desk = traded.desk
    (invoice,) = desk.json("ben", "invoices", "list", "--state", "held")["rows"]
    number = invoice["id"]

    story = desk.run("ada", "match", "explain", number)
    told = desk.json("ada", "match", "explain", number)
    shown = desk.run("ben", "invoices", "show", number)
    waiting = desk.json("ben", "invoices", "holds")["rows"]

    assert story.splitlines() == told["lines"]
    assert "PRICE" in story
    assert "PRICE" in shown
    bills = ["1", traded.order.number, "1"]
    assert bills in [row.split()[:3] for row in shown.splitlines()], "which order line it bills"
    assert " 8 XCS " in shown, "how much, in the supplier's own words"
    assert "130.00 USD per 1 XCS" in shown, "at what price"
    assert number in {row["subject"]["id"] for row in waiting}
    hold = ("invoices", "release", number, "--code", "PRICE", "--line", "1")
    (stranger,) = desk.refused("walt", *hold, "--reason", "fine")
    assert stranger["code"] == "NOT_YOUR_HOLD"
    (unknown,) = desk.refused(
        "ben", "invoices", "release", number, "--code", "MOOD", "--reason", "fine"
    )
    assert unknown["field"] == "code"
    released = desk.json("ben", *hold, "--reason", "the agreement allows it")
    assert "ben" in {each["released_by"] for each in released["holds"] if each["line"] == "1"}


def test_lost_discounts_are_told_by_supplier(traded: Traded) -> None:
    told = traded.desk.run("ada", "invoices", "discounts-lost", "BLUE")

    assert "No discount was lost." in told


def test_an_invoice_is_sent_back(traded: Traded) -> None:
    traded.supplier.drop(traded.supplier.invoice(traded.order, "B-9", prices={"2": "99.00"}))
    rows = traded.desk.json("ada", "invoices", "list")["rows"]
    (number,) = [row["id"] for row in rows if row["number"] == "B-9"]

    assert traded.desk.ask("ada", "invoices", "reject", number).exit_code == 2
    told = traded.desk.run("ada", "invoices", "reject", number, "--reason", "billed twice")

    assert "rejected" in told
    assert traded.desk.refused("ada", "invoices", "reject", number, "--reason", "again")


def test_an_exception_is_given_on_and_ended(traded: Traded) -> None:
    desk = traded.desk
    shortages = cases(traded.house, "SHORTAGE")
    (case,) = [each for each in shortages if each["subject"]["id"] == traded.order.number]
    number, way = case["id"], "accept"
    assert way in case["resolutions"]

    listed = desk.json("paul", "exceptions", "list")["rows"]
    shown = desk.run("paul", "exceptions", "show", number)
    given = desk.json("paul", "exceptions", "reassign", number, "--owner", "paul")
    (unknown,) = desk.refused("paul", "exceptions", "resolve", number, "--resolution", "magic")
    ended = desk.json("paul", "exceptions", "resolve", number, "--resolution", way)

    assert number in {row["id"] for row in listed}
    assert way in shown
    assert given["owner"] == "paul"
    assert unknown["fix"]
    assert ended["state"] in {"resolved", "closed"}
    assert desk.refused("paul", "exceptions", "resolve", number, "--resolution", way)


def test_what_has_not_come_is_given_up(traded: Traded) -> None:
    house, desk = traded.house, traded.desk
    supplier, order = ordered(house, (("VALVE", "100"),))
    supplier.drop(supplier.acknowledgment(order, {"1": 1}))
    cancel = ("orders", "cancel-remainder", order.number, "--reason", "no need")

    (stranger,) = desk.refused("rita", *cancel)
    told = desk.run("ben", *cancel)

    assert stranger["code"] == "FORBIDDEN"
    assert order.number in told
    (line,) = desk.json("ben", "orders", "ledger", order.number)
    assert (line["totals"]["ordered"], line["totals"]["cancelled"]) == ("108", "96")


def test_a_count_is_recorded_from_options_and_from_a_file(traded: Traded, tmp_path: Path) -> None:
    house, desk = traded.house, traded.desk
    _, order = ordered(house, (("VALVE", "100"),))
    day = house.clock.now().date().isoformat()
    head = ("--order", order.number, "--site", "ATL", "--received", day)
    body = {
        "receipt": "R-2", "order": order.number, "site": "ATL", "received": day,
        "lines": [{"line": "1", "quantity": {"value": "2", "unit": "CA"}}],
    }  # fmt: skip
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(body))

    made = desk.json(
        "dock", "receipts", "record", "--receipt", "R-1", *head,
        "--line", "1", "3", "CA", "--damaged", "1", "1", "CA",
    )  # fmt: skip
    page = desk.run("dock", "receipts", "record", str(file))

    assert made["order"] == order.number
    assert "receipt" in page
    assert len(desk.json("walt", "receipts", "list")["rows"]) >= 3
    assert made["id"] in desk.run("walt", "receipts", "show", made["id"])
    count = ("--receipt", "R-3", *head, "--line", "1", "-5", "CA")
    assert desk.refused("dock", "receipts", "record", *count)
    assert desk.refused("rita", "receipts", "record", str(file))
    assert desk.ask("dock", "receipts", "record", "--receipt", "R-4", *head).exit_code == 2
    assert desk.ask("dock", "receipts", "record", str(file), "--site", "ATL").exit_code == 2


def test_partner_files_are_sent_kept_and_given_back(traded: Traded, tmp_path: Path) -> None:
    house, desk = traded.house, traded.desk
    content = traded.supplier.acknowledgment(traded.order, {"1": 8}, number="ACK-2")
    file, noise = tmp_path / "ack.edi", tmp_path / "noise.edi"
    file.write_bytes(content)
    noise.write_bytes(b"\0\xff" * 500)

    sent = desk.json("blue", "interchanges", "send", str(file), str(noise))["rows"]
    house.settle()

    read, kept = (each["id"] for each in sent)
    assert [each["name"] for each in sent] == ["ack.edi", "noise.edi"]
    assert desk.ask("blue", "interchanges", "raw", read).stdout_bytes == content
    as_json = desk.json("blue", "interchanges", "raw", kept)
    assert as_json["latin1"].encode("latin-1") == noise.read_bytes()
    assert desk.json("blue", "interchanges", "show", read)["state"] == "read"
    assert kept in desk.run("kim", "interchanges", "list", "--all")
    shown = desk.run("blue", "interchanges", "show", read)
    assert "ack.edi" in shown
    (message,) = desk.json("blue", "interchanges", "show", read)["messages"]
    cells = next(row.split() for row in shown.splitlines() if row.startswith("acknowledgment"))
    assert message["code"] in cells, "which transaction set"
    assert message["orders"][0] in cells, "which order it speaks of"
    (stranger,) = desk.refused("adler", "interchanges", "raw", read)
    assert stranger["code"] == "NOT_FOUND"


def test_what_cannot_be_applied_waits_is_read_again_and_discarded(
    traded: Traded, tmp_path: Path
) -> None:
    house, desk = traded.house, traded.desk
    file = tmp_path / "unknown.edi"
    file.write_bytes(traded.supplier.acknowledgment(traded.order, names="PO-NOBODY"))
    (sent,) = desk.json("blue", "interchanges", "send", str(file))["rows"]
    house.settle()

    rows = desk.json("kim", "quarantine", "list")["rows"]
    (waiting,) = [row for row in rows if row["interchange"] == sent["id"]]
    again = desk.run("kim", "interchanges", "reread", sent["id"], "--reason", "try again")
    house.settle()
    listed = desk.run("kim", "quarantine", "list")
    bare = desk.ask("kim", "quarantine", "discard", waiting["id"])
    told = desk.run("kim", "quarantine", "discard", waiting["id"], "--reason", "a mistake")

    assert sent["id"] in again
    assert waiting["id"] in listed
    assert bare.exit_code == 2
    assert "ended" in told
    assert desk.refused("kim", "quarantine", "discard", waiting["id"], "--reason", "again")


def test_one_file_that_is_not_there_does_not_stop_the_others(
    traded: Traded, tmp_path: Path
) -> None:
    file = tmp_path / "ta1.edi"
    file.write_bytes(traded.supplier.acknowledgment(traded.order, {"1": 8}, number="ACK-3"))

    result = traded.desk.ask("blue", "interchanges", "send", str(tmp_path / "no.edi"), str(file))

    assert result.exit_code == 1
    assert "ta1.edi" in result.stdout
    assert "no.edi: No such file" in result.stderr


def test_a_file_beyond_all_bounds_is_refused(traded: Traded) -> None:
    (reason,) = traded.desk.refused(
        "blue", "interchanges", "send", "-", stdin=b"ISA" + b"*" * MOST_BYTES
    )

    assert reason["code"] == "FILE_TOO_LARGE"


def test_a_partners_text_does_not_drive_the_terminal(traded: Traded, tmp_path: Path) -> None:
    file = tmp_path / "red.edi"
    file.write_bytes(b"\x1b[31mISA")

    page = traded.desk.run("blue", "interchanges", "send", str(file))
    rows = traded.desk.json("blue", "interchanges", "list", "--all")["rows"]
    (number,) = [row["id"] for row in rows if row["name"] == "red.edi"]

    assert "\x1b" not in page
    assert "\x1b" not in traded.desk.run("blue", "interchanges", "show", number)


def test_lines_to_other_systems_are_seen_held_and_opened(traded: Traded) -> None:
    desk = traded.desk
    desk.house.settle()
    before = desk.run("kim", "endpoints", "check")

    (stranger,) = desk.refused("ben", "endpoints", "hold", "wms", "--reason", "upgrade")
    held = desk.json("kim", "endpoints", "hold", "wms", "--reason", "upgrade")
    wrong = desk.refused("kim", "endpoints", "check")
    shown = desk.run("kim", "endpoints", "list")
    desk.run("kim", "endpoints", "resume", "wms", "--reason", "done")
    drained = desk.run("kim", "endpoints", "drain", "wms", "--reason", "upgrade")
    desk.run("kim", "endpoints", "resume", "wms", "--reason", "done")

    assert "open" in before
    assert stranger["code"] == "FORBIDDEN"
    assert held == {"endpoint": "wms", "held": True}
    assert {each["code"] for each in wrong} == {"HELD"}
    assert "wms" in shown
    assert "empty and held" in drained
    assert "open" in desk.run("kim", "endpoints", "check")


def test_an_endpoint_that_does_not_empty_is_not_held(traded: Traded) -> None:
    desk = traded.desk
    desk.run("kim", "endpoints", "hold", "edi:BLUE", "--reason", "upgrade")
    ordered_before = {row["id"] for row in desk.json("ben", "orders", "list")["rows"]}
    with pytest.raises(ValueError, match="not enough values"):
        ordered(desk.house, (("RELAY", "20"),))
    assert {row["id"] for row in desk.json("ben", "orders", "list")["rows"]} > ordered_before

    drain = ("endpoints", "drain", "edi:BLUE", "--reason", "upgrade", "--timeout", "0")
    (reason,) = desk.refused("kim", *drain)
    desk.run("kim", "endpoints", "resume", "edi:BLUE", "--reason", "done")
    desk.house.settle()

    assert reason["code"] == "NOT_DRAINED"


def test_a_letter_that_is_not_there_is_not_replayed(traded: Traded) -> None:
    desk = traded.desk

    (reason,) = desk.refused("kim", "deadletters", "replay", "nothing:1", "--reason", "try")

    assert reason["code"] == "NOT_FOUND"
    assert desk.json("kim", "deadletters", "list")["rows"] == []
    assert "no dead letters" in desk.run("kim", "deadletters", "list", "--endpoint", "erp")


def test_flows_and_policies_are_shown_and_tried(traded: Traded) -> None:
    desk = traded.desk
    facts = ("--fact", "flow=direct", "--fact", "category=valves", "--fact", "regulated=false",
             "--fact", "customer_waiting=true")  # fmt: skip

    ruling = desk.json("eva", "policy", "decide", "criticality", *facts)
    story = desk.run("eva", "policy", "decide", "criticality", *facts)

    assert ruling["row"] in story
    assert "did not match" in story
    assert "direct" in desk.run("eva", "flows", "list")
    assert "Integration points" in desk.run("eva", "flows", "show", "direct")
    assert desk.json("eva", "flows", "show", "direct")["id"] == "direct"
    names = {row["name"] for row in desk.json("eva", "policy", "list")["rows"]}
    for name in names:
        assert desk.json("eva", "policy", "show", name)["rows"][0]["name"] == name
        assert name in desk.run("eva", "policy", "show", name)
    assert desk.refused("eva", "flows", "show", "barter")[0]["code"] == "NOT_FOUND"
    assert desk.refused("eva", "policy", "show", "nothing")[0]["code"] == "NOT_FOUND"
    assert desk.refused("eva", "policy", "decide", "criticality")
    assert desk.refused("eva", "policy", "decide", "criticality", *facts, "--fact", "colour=red")
    assert desk.ask("eva", "policy", "decide", "criticality", "--fact", "colour").exit_code == 2
    assert desk.refused("blue", "policy", "list")[0]["code"] == "FORBIDDEN"


def test_a_key_opens_until_it_is_revoked(traded: Traded) -> None:
    desk = traded.desk

    made = desk.json("root", "keys", "issue", "paul")
    env = {"MANCIPLE_URL": desk.url, "MANCIPLE_KEY": made["key"]}
    assert run("orders", "list", env=env).exit_code == 0
    desk.run("root", "keys", "revoke", made["id"])

    assert run("orders", "list", env=env).exit_code == 1
    assert desk.refused("root", "keys", "revoke", made["id"])[0]["code"] == "ALREADY_REVOKED"
    assert desk.refused("rita", "keys", "issue", "root")[0]["code"] == "FORBIDDEN"
    assert "Keep it now" in desk.run("root", "keys", "issue", "paul")


@pytest.mark.parametrize(
    "command",
    [
        ("orders", "list"),
        ("trace", "X"),
        ("endpoints", "list"),
        ("approvals", "list"),
        ("requisitions", "list"),
    ],
)
def test_a_key_that_nobody_issued_opens_nothing(traded: Traded, command: tuple[str, ...]) -> None:
    env = {"MANCIPLE_URL": traded.desk.url, "MANCIPLE_KEY": key_of("nobody")}

    result = run(*command, env=env)

    assert result.exit_code == 1
    assert result.stderr.startswith("UNAUTHENTICATED")
