"""What could not be delivered or read, put right by two people; history searched."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.reference.switches import Mode
from manciple.adapters.sql.sealer import Sealer
from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, ordered, raise_need

LINES = (("VALVE", "100"),)


@contextmanager
def stranded(home: Path) -> Iterator[Installation]:
    """Two orders that an ERP which was down for a month never took."""
    with installed(home) as house:
        needs = [raise_need(house, LINES), raise_need(house, (("RELAY", "20"),))]
        house.switch(house.erp, Mode.DOWN)
        for need in needs:
            agree(house, need)
        house.wait(days=30)
        house.switch(house.erp, Mode.OFF)
        yield house


@pytest.fixture(scope="module")
def stuck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """What tests share that change nothing in it."""
    with stranded(tmp_path_factory.mktemp("stuck") / "home") as house:
        yield house


def dead(house: Installation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.get("kim", "/v1/effects?state=dead")["rows"]
    return rows


def test_the_same_error_is_counted_once_and_each_attempt_is_told(stuck: Installation) -> None:
    (group,) = stuck.get("kim", "/v1/deadletters")["rows"]
    key = dead(stuck)[0]["key"]

    told = stuck.get("kim", f"/v1/effects/{key}?limit=200")
    log, older = told["log"], told["older"]
    while older is not None:
        page = stuck.get("kim", f"/v1/effects/{key}?limit=200&before={older}")
        log, older = [*page["log"], *log], page["older"]

    assert (group["letters"], group["endpoint"], group["verb"]) == (2, "erp", "erp.create_order")
    assert [each["number"] for each in log] == list(range(1, told["attempts"] + 1))
    assert len(stuck.get("kim", f"/v1/effects/{key}")["log"]) == 50
    assert {each["said"] for each in log} == {"unknown"}
    *waits, last = (each["next_at"] for each in log)
    assert all(waits)
    assert last is None
    assert told["payload"]["number"] in key
    assert stuck.ask("GET", f"/v1/effects/{key}?limit=0", who="kim").status == 422


def payload_of(house: Installation, key: str) -> dict[str, Any]:
    payload: dict[str, Any] = house.get("kim", f"/v1/effects/{key}")["payload"]
    return payload


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (lambda p: p.pop("site"), "FIELD_MISSING", "payload.site"),
        (lambda p: p.update(colour="red"), "UNKNOWN_FIELD", "payload.colour"),
        (lambda p: p.update(site=7), "OTHER_TYPE", "payload.site"),
        (lambda p: p["lines"].append(p["lines"][0]), "OTHER_LENGTH", "payload.lines"),
        (lambda p: p.update(supplier="ADLER"), "DECIDED", "payload.supplier"),
        (
            lambda p: p["lines"][0]["quantity"].update(value="999"),
            "DECIDED",
            "payload.lines.0.quantity",
        ),
    ],
)
def test_an_edit_changes_neither_shape_nor_what_was_decided(
    stuck: Installation, change: Any, code: str, field: str
) -> None:
    key = dead(stuck)[0]["key"]
    payload = payload_of(stuck, key)
    change(payload)

    answer = stuck.post(
        "kim", f"/v1/effects/{key}/edit", {"payload": json.dumps(payload), "reason": "try"}
    )

    assert answer.status == 422
    assert [(each["code"], each["field"]) for each in answer.body["errors"]] == [(code, field)]


def test_no_json_is_refused_with_its_place(stuck: Installation) -> None:
    key = dead(stuck)[0]["key"]

    answer = stuck.post("kim", f"/v1/effects/{key}/edit", {"payload": '{\n "a": }', "reason": "x"})
    same = stuck.post(
        "kim",
        f"/v1/effects/{key}/edit",
        {"payload": json.dumps(payload_of(stuck, key)), "reason": "x"},
    )

    assert answer.codes == {"BAD_JSON"}
    assert "line 2, column 7" in answer.body["errors"][0]["message"]
    assert same.codes == {"NOTHING_CHANGED"}


def test_a_second_person_confirms_and_the_letter_goes_out_changed(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as house:
        need = raise_need(house, LINES)
        house.switch(house.erp, Mode.DOWN)
        agree(house, need)
        house.wait(days=30)
        house.switch(house.erp, Mode.OFF)
        (letter,) = dead(house)
        path = f"/v1/effects/{letter['key']}/edit"
        payload = payload_of(house, letter["key"])
        payload["lines"][0]["needed_by"] = "2026-05-04"
        change = {"payload": json.dumps(payload), "reason": "the day is over by now"}

        assert house.post("rita", path, change).status == 403
        edit = house.post("kim", path, change)
        assert (edit.status, edit.body["state"]) == (201, "proposed")
        assert house.post("root", path, change).codes == {"ALREADY_PROPOSED"}
        own = house.post("kim", f"{path}/confirm", {})
        assert (own.status, own.codes) == (403, {"SECOND_PERSON"})
        house.settle()
        assert dead(house)
        done = house.post("root", f"{path}/confirm", {"note": "seen"})
        assert (done.status, done.body["state"], done.body["decided_by"]) == (
            200, "confirmed", "root",
        )  # fmt: skip
        house.settle()

        (line,) = house.books("erp", "SELECT needed_by FROM order_line")
        assert line["needed_by"] == "2026-05-04"
        assert not dead(house)
        assert not cases(house, "DELIVERY_FAILED")
        was = json.loads(house.app.bytes_of(edit.body["was"]))
        now = json.loads(house.app.bytes_of(edit.body["now"]))
        assert was["lines"][0]["needed_by"] != now["lines"][0]["needed_by"] == "2026-05-04"
        again = house.post("root", f"{path}/confirm", {})
        assert again.codes == {"WRONG_STATE"}


def test_an_edit_that_was_turned_down_changes_nothing_and_another_may_follow(
    tmp_path: Path,
) -> None:
    with installed(tmp_path / "home") as house:
        desk, order = ordered(house)
        desk.drop(desk.acknowledgment(order).replace(b"ACK*IA*9*", b"ACK*ZZ*NINE*", 1))
        (parked,) = house.get("kim", "/v1/quarantine")["rows"]
        path, name = f"/v1/quarantine/{parked['id']}/edit", f"quarantined-message/{parked['id']}"
        content = {"content": "ISA", "reason": "a guess"}

        assert house.post("kim", path, content).status == 201
        assert house.post("ben", f"/v1/edits/{name}/turn-down", {"reason": "no"}).status == 200

        house.settle()
        assert [row["id"] for row in house.get("kim", "/v1/quarantine")["rows"]] == [parked["id"]]
        assert house.get("kim", f"/v1/edits/{name}")["state"] == "turned_down"
        assert house.post("kim", path, content).body["times"] == 2


def test_an_unreadable_file_is_put_right_and_read_once(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as house:
        desk, order = ordered(house)
        good = desk.acknowledgment(order)
        broken = good.replace(b"ACK*IA*9*", b"ACK*ZZ*NINE*", 1)
        desk.drop(broken)
        (parked,) = house.get("kim", "/v1/quarantine")["rows"]
        answers = len(desk.answers("997"))
        path = f"/v1/quarantine/{parked['id']}/edit"

        body = {"content": good.decode("latin-1"), "reason": "NINE is 9"}
        assert house.post("kim", path, body).status == 201
        assert house.post("kim", f"{path}/confirm", {}).codes == {"SECOND_PERSON"}
        done = house.post("ben", f"{path}/confirm", {})
        house.settle()

        made = house.get("kim", f"/v1/interchanges/{done.body['made']}")
        assert (made["state"], made["mends"]) == ("read", parked["interchange"])
        assert not house.get("kim", "/v1/quarantine")["rows"]
        assert not cases(house)
        ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
        assert all(line["totals"]["acknowledged"] == line["totals"]["ordered"] for line in ledger)
        first = house.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim")
        assert first.raw == broken
        assert len(desk.answers("997")) == answers
        assert house.post("ben", f"{path}/confirm", {}).codes == {"WRONG_STATE"}


def test_every_letter_of_one_error_is_tried_again_at_once(tmp_path: Path) -> None:
    with stranded(tmp_path / "home") as house:
        (group,) = house.get("kim", "/v1/deadletters")["rows"]
        body = {"error": group["error"], "reason": "it is up again"}

        assert house.post("ben", "/v1/deadletters/replay", body).status == 403
        done = house.post("kim", "/v1/deadletters/replay", body)
        house.settle()

        assert done.body["due"] == 2
        assert not dead(house)
        assert len(house.books("erp", "SELECT external FROM purchase_order")) == 2
        assert len(SupplierSide(house, "BLUE").orders()) == 2
        assert house.post("kim", "/v1/deadletters/replay", body).codes == {"NO_LETTERS"}


def test_the_sealed_history_is_searched_by_who_what_which_and_when(stuck: Installation) -> None:
    Sealer(stuck.app.store.engine).seal_all(stuck.clock.now())
    stuck.app.audit_trail.follow_all(stuck.clock.now())
    order = stuck.get("ben", "/v1/purchase-orders")["rows"][0]["id"]

    def found(question: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = stuck.get("audra", f"/v1/audit/events?{question}")["rows"]
        return rows

    (placed,) = found(f"about=purchase-order/{order}&event=OrderPlaced")
    assert placed["stream"] == f"purchase-order/{order}"
    assert len(placed["hash"]) == 64
    assert placed["sealed_by"] >= placed["seq"]
    assert {each["actor"] for each in found("actor=rita")} == {"rita"}
    assert len(found("event=OrderPlaced")) == 2
    assert not found("event=OrderPlaced&end=2026-03-01T00:00:00Z")
    assert not found("actor=rita&event=OrderPlaced")
    whole = found("limit=200")
    cursor, walked = "", list[int]()
    while True:
        page = stuck.get("audra", f"/v1/audit/events?limit=50{cursor}")
        walked += [each["seq"] for each in page["rows"]]
        if page["after"] is None or len(walked) >= 200:
            break
        cursor = f"&after={page['after']}"
    assert walked[:200] == [each["seq"] for each in whole]
    assert stuck.ask("GET", "/v1/audit/events", who="ben").status == 403


def test_history_is_checked_behind_the_door_and_the_first_lie_is_named(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as house:
        raise_need(house, LINES)
        assert house.post("ben", "/v1/audit/verify").status == 403
        assert house.post("audra", "/v1/audit/verify").status == 202
        assert house.post("root", "/v1/audit/verify").codes == {"ALREADY_ASKED"}
        house.settle()
        sound = house.get("audra", "/v1/audit")["audit"]

        with house.app.store.engine.begin() as db:
            db.exec_driver_sql(
                "update event set type = 'Nothing' "
                "where stream like 'requisition/%' and version = 1"
            )
        assert house.post("audra", "/v1/audit/verify").status == 202
        house.settle()
        broken = house.get("audra", "/v1/audit")["audit"]

    assert (sound["state"], sound["by"], sound["found"]["where"]) == ("sound", "audra", "")
    assert sound["found"]["events"] > 50
    assert broken["state"] == "broken"
    assert broken["found"]["where"].startswith("requisition/")


def test_keys_are_listed_without_their_digests(stuck: Installation) -> None:
    rows = stuck.get("root", "/v1/keys?limit=200")["rows"]

    assert {row["person"] for row in rows} >= {"rita", "kim"}
    assert all(set(row) == {"id", "person", "state", "created_at"} for row in rows)
    assert stuck.ask("GET", "/v1/keys", who="kim").status == 403


def test_definitions_are_walked_page_by_page(stuck: Installation) -> None:
    for path in ("/v1/flows", "/v1/policies"):
        whole = stuck.get("eva", path)["rows"]
        cursor, walked = "", list[Any]()
        while True:
            page = stuck.get("eva", f"{path}?limit=2{cursor}")
            assert len(page["rows"]) <= 2
            walked += page["rows"]
            if page["after"] is None:
                break
            cursor = f"&after={page['after']}"
        assert walked == whole
        assert len(whole) > 2


def test_if_match_star_asks_for_something_that_is_there(stuck: Installation) -> None:
    site = stuck.get("root", "/v1/sites/ATL") | {"id": "NEW"}
    site.pop("version", None)

    refused = stuck.put("root", "/v1/sites/NEW", site, match="*")
    made = stuck.put("root", "/v1/sites/NEW", site)
    again = stuck.put("root", "/v1/sites/NEW", site, match="*")

    assert (refused.status, refused.codes) == (412, {"STALE"})
    assert (made.status, again.status) == (200, 200)
