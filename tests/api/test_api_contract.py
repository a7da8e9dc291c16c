"""The contract of every request: keys, versions, pages and errors, whatever is sent."""

import json
from typing import Any

import pytest

from manciple.web.api.doors import ASKED_BY, NO_ACT
from tests.api.installation import Answer, Installation
from tests.scenarios.office import need, ordered, raise_need

VALVES = (("VALVE", "100"),)


def assert_problem(answer: Answer, *statuses: int) -> None:
    """A refusal in the one form that there is, with something to mend it by."""
    assert answer.status in statuses, (answer.status, answer.body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["status"] == answer.status
    assert answer.body["errors"]
    for each in answer.body["errors"]:
        assert set(each) == {"code", "message", "field", "rule", "fix"}
        assert each["code"]
        assert each["message"]


def events(house: Installation) -> list[tuple[Any, ...]]:
    return house.own("select count(*) from event")


# ---- Idempotency-Key ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    sorted({*ASKED_BY.values(), *NO_ACT} - {*NO_ACT[:2]}),
)
def test_no_change_without_a_key(shared: Installation, request_: str) -> None:
    method, _, path = request_.partition(" ")
    before = events(shared)
    answer = _fill(shared, method, path, headers={})
    assert_problem(answer, 428, 404, 422)
    if answer.status == 428:
        assert answer.codes == {"IDEMPOTENCY_KEY_MISSING"}
    assert events(shared) == before


def _fill(house: Installation, method: str, path: str, headers: dict[str, str]) -> Answer:
    for hole in ("number", "name", "table", "key"):
        path = path.replace(f"{{{hole}}}", "BOLT")
    body: Any = {"reason": "x", "resolution": "accept", "owner": "x", "person": "mona"}
    last = path.rsplit("/", 1)[1]
    keep = {"reject": ["reason"], "resolve": ["resolution"], "reassign": ["owner"],
            "keys": ["person"]}.get(last, ["reason"])  # fmt: skip
    body = {name: body[name] for name in keep}
    if method == "PUT":
        body = {}
    return house.ask(method, path, who="root", body=body, headers=headers)


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(house: Installation, key: str) -> None:
    answer = house.ask(
        "POST",
        "/v1/requisitions",
        who="rita",
        body=need(house, VALVES),
        headers={"Idempotency-Key": key},
    )

    assert_problem(answer, 428)


def test_the_same_key_and_request_is_one_requisition(house: Installation) -> None:
    first = house.post("rita", "/v1/requisitions", need(house, VALVES), once="k")
    again = house.post("rita", "/v1/requisitions", need(house, VALVES), once="k")

    assert (first.status, again.status) == (201, 201)
    assert first.body["id"] == again.body["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(house.get("rita", "/v1/requisitions")["rows"]) == 1


def test_the_same_key_with_another_request_is_refused(house: Installation) -> None:
    house.post("rita", "/v1/requisitions", need(house, VALVES), once="k")

    other = house.post("rita", "/v1/requisitions", need(house, (("FUSE", "10"),)), once="k")

    assert_problem(other, 422)
    assert other.codes == {"KEY_REUSED"}
    assert len(house.get("rita", "/v1/requisitions")["rows"]) == 1


def test_two_peoples_keys_never_meet(house: Installation) -> None:
    mine = house.post("rita", "/v1/requisitions", need(house, VALVES), once="k")
    theirs = house.post("paul", "/v1/requisitions", need(house, VALVES), once="k")

    assert mine.body["id"] != theirs.body["id"]


def test_a_refusal_is_the_same_when_it_is_asked_again(house: Installation) -> None:
    body = need(house, (("UNICORN", "1"),))
    first = house.post("rita", "/v1/requisitions", body, once="k")
    again = house.post("rita", "/v1/requisitions", body, once="k")

    assert_problem(first, 422)
    assert first.body == again.body


# ---- ETag and If-Match --------------------------------------------------------------------------


def test_a_version_that_was_read_can_be_changed_and_has_another_version_then(
    house: Installation,
) -> None:
    made = raise_need(house, VALVES)
    read = house.ask("GET", f"/v1/requisitions/{made['id']}", who="rita")

    path = f"/v1/requisitions/{made['id']}/withdraw"
    done = house.post("rita", path, match=read.etag)

    assert done.status == 200
    assert done.etag != read.etag
    now = house.ask("GET", f"/v1/requisitions/{made['id']}", who="rita")
    assert now.etag == done.etag


def test_a_version_that_has_passed_changes_nothing(house: Installation) -> None:
    made = raise_need(house, VALVES)
    path = f"/v1/requisitions/{made['id']}"
    before = events(house)

    stale = house.post("rita", f"{path}/withdraw", match='"99"', once="k")

    assert_problem(stale, 412)
    assert stale.codes == {"STALE"}
    assert events(house) == before
    fresh = house.ask("GET", path, who="rita").etag
    retried = house.post("rita", f"{path}/withdraw", match=fresh, once="k")
    assert (retried.status, retried.body["state"]) == (200, "withdrawn")


def test_a_record_that_somebody_else_changed_is_not_overwritten(house: Installation) -> None:
    read = house.ask("GET", "/v1/items/BOLT", who="stew")
    mine, theirs = read.body | {"description": "mine"}, read.body | {"description": "theirs"}
    assert house.put("stew", "/v1/items/BOLT", theirs, match=read.etag).status == 200

    lost = house.put("stew", "/v1/items/BOLT", mine, match=read.etag)

    assert_problem(lost, 412)
    assert house.get("stew", "/v1/items/BOLT")["description"] == "theirs"


def test_two_approvals_on_one_reading_cannot_both_count(house: Installation) -> None:
    made = raise_need(house, (("RELAY", "500"),))
    path = f"/v1/approvals/{made['approval']}"
    read = house.ask("GET", path, who="root")
    first, second = (step["approver"] for step in read.body["steps"])

    assert house.post(first, f"{path}/approve", match=read.etag).status == 200
    assert_problem(house.post(second, f"{path}/approve", match=read.etag), 412)


@pytest.mark.parametrize("match", ["1", '"x"', "W/", '""', '"-1"', '"1", "2"', '"' + "9" * 40])
def test_an_if_match_that_is_no_version_is_refused(house: Installation, match: str) -> None:
    made = raise_need(house, VALVES)

    answer = house.post("rita", f"/v1/requisitions/{made['id']}/withdraw", match=match)

    assert_problem(answer, 412)


# ---- what is sent -------------------------------------------------------------------------------


def _with(path: str, value: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "site": "ATL",
        "lines": [
            {
                "item": "VALVE",
                "quantity": {"value": "100", "unit": "EA"},
                "needed_by": "2026-03-12",
            }
        ],
    }
    place: Any = body
    *parents, last = path.split(".")
    for name in parents:
        place = place[int(name)] if name.isdigit() else place[name]
    place[last] = value
    return body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("surprise", 1),
        ("lines.0.price", "1.00"),
        ("lines.0.quantity.factor", "12"),
        ("site", 7),
        ("site", None),
        ("site", "A" * 81),
        ("site", "AT\x00L"),
        ("site", {"id": "ATL"}),
        ("lines", {}),
        ("lines", []),
        ("lines", "VALVE"),
        ("lines.0.item", "VALVE\x00"),
        ("lines.0.item", ["VALVE"]),
        ("lines.0.needed_by", "tomorrow"),
        ("lines.0.needed_by", "2026-13-45"),
        ("lines.0.needed_by", 20260312.5),
        ("lines.0.quantity", "100"),
        ("lines.0.quantity.value", 100),
        ("lines.0.quantity.value", 1e400),
        ("lines.0.quantity.value", "1e9"),
        ("lines.0.quantity.value", "NaN"),
        ("lines.0.quantity.value", "Infinity"),
        ("lines.0.quantity.value", "9" * 13),
        ("lines.0.quantity.value", "9" * 5000),
        ("lines.0.quantity.value", "0.0000001"),
        ("lines.0.quantity.value", "-5"),
        ("lines.0.quantity.value", "0"),
        ("lines.0.quantity.value", "٣"),
        ("lines.0.quantity.value", "1\n"),
        ("lines.0.quantity.unit", "FURLONG"),
        ("lines.0.quantity.unit", 7),
        ("lines.0.quantity.unit", "KGM"),
        ("note", "bell \x07"),
        ("note", "\x00"),
        ("note", "x" * 2001),
        ("customer_waiting", "perhaps"),
        ("reference", "two\nlines"),
        ("flow", "intercompany"),
        ("flow", "../../etc"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_kept(
    shared: Installation, field: str, value: Any
) -> None:
    before = events(shared)

    answer = shared.post("rita", "/v1/requisitions", _with(field, value))

    assert_problem(answer, 400, 422)
    fields = {each["field"] for each in answer.body["errors"]}
    top = field.split(".", maxsplit=1)[0]
    assert all(name.startswith(top) for name in fields), fields
    assert all(each["fix"] for each in answer.body["errors"])
    assert events(shared) == before


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("items/BOLT", "colour", "red"),
        ("items/BOLT", "stocked", "yes"),
        ("items/BOLT", "packs", [{"unit": "XCS", "base": "-1"}]),
        ("items/BOLT", "packs", [{"unit": "XCS"}]),
        ("items/BOLT", "id", "NUT"),
        ("items/BOLT", "description", None),
        ("agreements/ADLER/BOLT", "price", "12"),
        ("people/mona", "roles", ["emperor"]),
        ("people/mona", "roles", []),
        ("authorities/nora", "limits", [{"amount": {"amount": "NaN", "currency": "USD"}}]),
        ("calendars/office:America/New_York", "calendar", {"zone": "Mars/Olympus"}),
        ("partners/ADLER", "theirs", {"qualifier": "ZZZ"}),
    ],
)
def test_a_bad_record_is_refused_with_its_field(
    shared: Installation, kind: str, field: str, value: Any
) -> None:
    whole = shared.get("root", f"/v1/{kind}") | {field: value}
    before = events(shared)

    answer = shared.put("root", f"/v1/{kind}", whole)

    assert_problem(answer, 422)
    assert any(field in each["field"] + each["message"] for each in answer.body["errors"])
    assert events(shared) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\x00" * 100,
        b"[1]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"site": "ATL", "site": 3}',
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"lines": ' + b"9" * 10_000 + b"}",
        b'{"site": "\\ud800"}',
    ],
    ids=["nothing", "half", "NUL", "list", "text", "null", "latin", "twice", "deep", "nested",
         "huge number", "half a character"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["requisitions", "keys", "receipts", "delegations"])
def test_a_body_that_is_no_record_is_refused(
    shared: Installation, path: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}

    answer = shared.post("root", f"/v1/{path}", content=content, headers=headers)

    assert_problem(answer, 400, 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/json; x"])
def test_another_kind_of_content_is_refused_or_read_as_json(
    shared: Installation, kind: str
) -> None:
    content = json.dumps({"unknown": 1}).encode()

    answer = shared.post(
        "rita", "/v1/requisitions", content=content, headers={"Content-Type": kind}
    )

    assert_problem(answer, 400, 415, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/requisitions/REQ-0",
        "/v1/requisitions/%00",
        "/v1/items/..%2F..%2Fetc",
        "/v1/invoices/INV-0/match",
        "/v1/interchanges/IN-0/raw",
        "/v1/trace/%00%ff",
        "/v1/purchase-orders/PO-0/ledger",
        "/v1/exceptions/" + "x" * 5000,
    ],
)
def test_what_is_not_there_is_not_there(shared: Installation, path: str) -> None:
    assert_problem(shared.ask("GET", path, who="root"), 404, 422)


def test_a_method_that_an_address_does_not_take_is_refused(shared: Installation) -> None:
    answer = shared.ask("DELETE", "/v1/items/BOLT", who="root", headers={"Idempotency-Key": "d"})

    assert_problem(answer, 405)
    assert "GET" in answer.headers["allow"]


# ---- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 1000,
        b"ISA",
        b"ISA*00*          *00*",
        b"not an interchange at all",
        b"UNA:+.? 'UNB+UNOC:3+S+R+260302:1200+1'",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
    ],
)
def test_any_file_is_kept_whole_and_put_aside(house: Installation, content: bytes) -> None:
    sent = house.post("kim", "/v1/interchanges?name=a%20file.edi", content=content)
    house.settle()

    if not content:
        assert sent.status in {202, 422}
        return
    assert sent.status == 202, sent.body
    raw = house.ask("GET", f"/v1/interchanges/{sent.body['id']}/raw", who="kim")
    assert raw.raw == content
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert len(house.get("kim", "/v1/quarantine")["rows"]) == 1


def test_ten_megabytes_of_noise_are_kept_and_put_aside(house: Installation) -> None:
    noise = bytes(range(256)) * (10 * 4096)

    sent = house.post("kim", "/v1/interchanges", content=noise)
    house.settle()

    assert sent.status == 202
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "UNREADABLE"
    assert house.get("kim", f"/v1/interchanges/{sent.body['id']}")["size"] == len(noise)


def test_half_an_interchange_over_http_is_put_aside_and_answered(house: Installation) -> None:
    desk, order = ordered(house)
    whole = desk.acknowledgment(order)

    sent = house.post("blue", "/v1/interchanges", content=whole[:-40])
    house.settle()

    assert sent.status == 202
    assert len(house.get("blue", "/v1/quarantine")["rows"]) == 1
    assert len(desk.answers("997")) + len(desk.answers("TA1")) == 1


@pytest.mark.parametrize("name", ["../../x", "x" * 5000, "a\x00b", "<script>"])
def test_a_files_name_is_only_a_name(house: Installation, name: str) -> None:
    from urllib.parse import quote  # noqa: PLC0415

    sent = house.post("kim", f"/v1/interchanges?name={quote(name)}", content=b"noise")

    assert sent.status in {202, 422}, sent.body
    house.settle()


# ---- CSV ----------------------------------------------------------------------------------------


HEAD = "site,item,quantity,unit,needed_by\n"
GOOD = "ATL,VALVE,100,EA,2026-03-12\n"


def csv(house: Installation, text: str | bytes, rows: str = "all") -> Answer:
    content = text.encode() if isinstance(text, str) else text
    path = f"/v1/requisitions/import?rows={rows}"
    return house.post("rita", path, content=content, headers={"Content-Type": "text/csv"})


def test_one_bad_row_stops_all_rows_or_is_left_out_by_choice(house: Installation) -> None:
    text = HEAD + GOOD + "ATL,UNICORN,ten,EA,2026-03-12\n"

    everything = csv(house, text)
    assert_problem(everything, 422)
    (bad,) = everything.body["problems"]
    assert (bad["row"], bad["column"]) == (3, "quantity")
    assert not house.get("rita", "/v1/requisitions")["rows"]

    good = csv(house, text, rows="good")
    assert good.status == 201
    assert len(good.body["requisitions"]) == 1
    assert good.body["problems"] == [bad]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x00", b"\xff\xfe\x00", HEAD.encode(), b"a,b\n1,2\n", b'"', b"\n" * 100_000,
     HEAD.encode() + b"ATL,VALVE,-1,EA,2026-03-12\n", HEAD.encode() + b"," * 10_000],
)  # fmt: skip
def test_a_bad_csv_is_refused_by_row_and_column(shared: Installation, content: bytes) -> None:
    before = events(shared)

    answer = csv(shared, content)

    assert_problem(answer, 422, 400)
    assert events(shared) == before


# ---- pages --------------------------------------------------------------------------------------

LISTS = (
    "requisitions", "approvals?whose=all", "purchase-orders", "acknowledgments", "ship-notices",
    "receipts", "invoices", "holds", "exceptions", "interchanges", "quarantine", "items",
    "suppliers", "sites", "agreements", "calendars", "partners", "people", "authorities",
    "effects", "events",
)  # fmt: skip


@pytest.fixture(scope="module")
def busy(shared: Installation) -> Installation:
    """An installation with at least three of everything that can be listed."""
    for n in range(3):
        desk, order = ordered(shared, (("VALVE", f"{100 + n}"),))
        raise_need(shared, (("VALVE", f"{200 + n}"),))
        desk.drop(desk.acknowledgment(order, {"1": 3}))
        desk.drop(desk.ship_notice(order, f"PAGE-{n}"))
        desk.drop(desk.invoice(order, f"PAGE-{n}"))
        desk.drop(b"noise %d" % n)
        shared.count_at_dock(f"PAGE-{n}", order.number, {"1": 12})
    calendar = shared.get("root", "/v1/calendars")["rows"][0]
    body = {"id": "another", "calendar": calendar["calendar"]}
    assert shared.put("root", "/v1/calendars/another", body).status == 200
    return shared


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_walked_page_by_page_and_each_row_comes_once(
    busy: Installation, path: str
) -> None:
    mark = "&" if "?" in path else "?"
    name = "seq" if path == "events" else "key" if path == "effects" else "id"
    whole = busy.get("root", f"/v1/{path}{mark}limit=200")["rows"]
    seen: list[dict[str, Any]] = []
    after: str | None = None
    for _ in range(200):
        tail = "" if after is None else f"&after={after}"
        page = busy.get("root", f"/v1/{path}{mark}limit=2{tail}")
        assert len(page["rows"]) <= 2
        seen += page["rows"]
        after = page["after"]
        if after is None or len(seen) >= len(whole):
            break

    assert len(whole) >= 2
    assert seen[: len(whole)] == whole
    if path != "events":
        names = [row[name] for row in seen]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=99999999999999999999"]
)
def test_a_page_of_no_size_is_refused(shared: Installation, path: str, query: str) -> None:
    mark = "&" if "?" in path else "?"

    assert_problem(shared.ask("GET", f"/v1/{path}{mark}{query}", who="root"), 422)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["nonsense", "%00", "9" * 50, "e30=", "' or 1=1 --", "-1"])
def test_a_cursor_of_no_list_is_refused_or_gives_no_defect(
    shared: Installation, path: str, cursor: str
) -> None:
    mark = "&" if "?" in path else "?"

    answer = shared.ask("GET", f"/v1/{path}{mark}after={cursor}", who="root")

    assert answer.status in {200, 422}
    if answer.status == 422:
        assert_problem(answer, 422)


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("acknowledgments", "stale"),
        ("control-numbers", "gap"),
        ("effects", "dead"),
        ("expedites", "closed"),
        ("interchanges", "unreadable"),
        ("interests", "declared"),
        ("invoices", "held"),
        ("order-changes", "proposed"),
        ("purchase-orders", "sent"),
        ("receipts", "booked"),
        ("requisitions", "ordered"),
        ("returns", "shipped"),
        ("ship-notices", "held"),
        ("supplier-stock", "unknown"),
        ("warehouse-orders", "placed"),
    ],
)
def test_a_state_that_nothing_can_have_is_refused_with_those_that_there_are(
    shared: Installation, path: str, state: str
) -> None:
    for odd in ("odd", "nonsense%00", state.upper()):
        answer = shared.ask("GET", f"/v1/{path}?state={odd}", who="root")
        assert_problem(answer, 422)
        (error,) = answer.body["errors"]
        assert error["field"] == "state"
        assert state in error["fix"]
    assert "rows" in shared.get("root", f"/v1/{path}?state={state}")


@pytest.mark.parametrize("field", ["site", "supplier", "flow"])
@pytest.mark.parametrize("path", ["", "/exception-aging", "/exception-aging/facts"])
def test_of_what_there_is_not_no_figure_is_told(
    shared: Installation, path: str, field: str
) -> None:
    answer = shared.ask("GET", f"/v1/metrics{path}?{field}=NOPE", who="root")

    assert_problem(answer, 404)
    (error,) = answer.body["errors"]
    assert error["field"] == field


@pytest.mark.parametrize("deed", ["hold", "resume", "try"])
@pytest.mark.parametrize("name", ["er", "edi:NOBODY", "edi:", "erp:x", "nothing"])
def test_a_switch_that_turns_nothing_is_not_turned(
    shared: Installation, deed: str, name: str
) -> None:
    answer = shared.post("root", f"/v1/endpoints/{name}/{deed}", {"reason": "month end"})

    assert_problem(answer, 404)
    (error,) = answer.body["errors"]
    assert error["field"] == "endpoint"
    assert "erp" in error["fix"]
    assert not any(row["held"] for row in shared.get("root", "/v1/endpoints")["rows"])
    assert shared.ask("GET", f"/v1/effects?endpoint={name}", who="root").status == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"zone": "Mars/Olympus"}, "mailing.zone"),
        ({"zone": "../x"}, "mailing.zone"),
        ({"address": "https://[x"}, "mailing.address"),
        ({"address": "https://a b"}, "mailing.address"),
    ],
)
def test_mail_is_not_switched_on_with_what_would_break_its_letters(
    shared: Installation, more: dict[str, str], field: str
) -> None:
    good = {"sender": "a@example.com", "address": "https://buy.example.com"}

    answer = shared.post("root", "/v1/mailing", good | more)

    assert_problem(answer, 422)
    (error,) = answer.body["errors"]
    assert (error["code"], error["field"]) == ("BAD_MAILING", field)


_NEED = {"item": "VALVE", "quantity": {"value": "1", "unit": "EA"}, "needed_by": "2026-03-20"}


@pytest.mark.parametrize(
    ("line", "field", "fix"),
    [
        ({"quantity": {"value": "1e400", "unit": "EA"}}, "quantity.value", "digits and a"),
        ({"quantity": {"value": 5, "unit": "EA"}}, "quantity.value", "between quotes"),
        ({"quantity": {"value": "5", "unit": "ZZ"}}, "quantity.unit", "One of EA,"),
        ({"item": ""}, "item", "1 to 80 letters"),
        ({"needed_by": "2026-02-30"}, "needed_by", "2026-07-20"),
        ({"description": "x" * 20_000}, "description", "Shorten"),
    ],
)
def test_what_does_not_fit_is_told_once_with_what_would(
    shared: Installation, line: dict[str, Any], field: str, fix: str
) -> None:
    body = {"site": "ATL", "lines": [_NEED | line]}

    answer = shared.post("rita", "/v1/requisitions/preview", body)

    (error,) = answer.body["errors"]
    assert error["field"] == f"lines.0.{field}"
    assert fix in error["fix"]
    assert len(answer.body["errors"][0]["message"]) < 200


def test_no_line_at_all_is_still_told(shared: Installation) -> None:
    answer = shared.post("rita", "/v1/requisitions/preview", {"site": "ATL", "lines": []})

    assert [each["field"] for each in answer.body["errors"]] == ["lines"]


# ---- the document -------------------------------------------------------------------------------


def test_the_openapi_document_is_3_1_and_names_every_request(shared: Installation) -> None:
    document = shared.ask("GET", "/openapi.json", who=None).body

    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told["description"], (method, path)
            if path.startswith("/v1"):
                assert told["security"] == [{"key": []}], (method, path)
                assert "4XX" in told["responses"], (method, path)
                assert "422" not in told["responses"], (method, path)


def test_health_is_open_and_says_nothing_else(shared: Installation) -> None:
    assert shared.ask("GET", "/healthz", who=None).status == 200
    assert shared.ask("GET", "/readyz", who=None).body["ready"] is True
    text = shared.ask("GET", "/metrics", who=None).raw.decode()
    assert "manciple_commits_total" in text
