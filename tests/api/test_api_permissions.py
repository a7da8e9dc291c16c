"""Forbidden acts: command registry x doors x roles, held against a table stated by hand.

A new command without a row in `permissions.toml` fails here. Source: lessons 3.1, a two-step
approval that a plain call by-passed.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from manciple.app.registry import registry_of
from manciple.kernel.messages import Actor, Command, Role
from manciple.runtime.bus import Registry
from manciple.web.api.describing import doors_of, http_api_page, permissions_page
from manciple.web.api.doors import ASKED_BY, NO_ACT
from tests.api.installation import START, Installation, definitions, installed
from tests.api.samples import sample
from tests.api.small_company import HOLDER
from tests.scenarios.office import cases, open_step, ordered, raise_need

TABLE: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "permissions.toml").read_text()
)
DOORS = ("api", "cli", "edi", "wms", "page")
DOCS = Path(__file__).parents[2] / "docs" / "reference"
PEOPLE = [role for role in Role if role is not Role.SYSTEM]


@cache
def registry() -> Registry:
    return registry_of(definitions())


ACTS = {act.__name__: act for act in registry().handlers}


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    assert set(TABLE) == set(ACTS)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_row_states_what_the_registry_does(name: str) -> None:
    act, row = ACTS[name], TABLE[name]
    by = registry().handlers[act].by

    assert {role.value for role in by} - {"system"} == set(row["roles"])
    assert list(doors_of(name, act, by)) == row["doors"]
    assert ASKED_BY.get(act) == row.get("request")
    if not row["roles"]:
        assert row["doors"] == ["system"]


def test_every_request_that_changes_something_is_in_the_table(house: Installation) -> None:
    paths = house.ask("GET", "/openapi.json", who=None).body["paths"]
    changing = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if method != "get"
    }

    assert changing == {*ASKED_BY.values(), *NO_ACT}


def test_no_door_lets_a_role_through_that_may_not_ask(house: Installation) -> None:
    """Every act, every role that may not, every door: refused before the act is looked at."""
    events = house.own("select count(*) from event")
    commands = [
        Command(
            key=f"{door}:{role.value}:{name}",
            act=sample(act),
            actor=Actor(
                id=HOLDER[role], roles=(role,), supplier="ADLER" if role is Role.SUPPLIER else None
            ),
            at=START,
            door=door,
        )
        for name, act in sorted(ACTS.items())
        for role in PEOPLE
        for door in DOORS
        if role.value not in TABLE[name]["roles"]
    ]

    replies = house.app.store.apply(commands).replies

    assert len(replies) > 3_000
    for command, reply in zip(commands, replies, strict=True):
        assert [reason.code for reason in reply.refusals] == ["FORBIDDEN"], command.key
    assert house.own("select count(*) from event") == events


# ---- over HTTP ----------------------------------------------------------------------------------


class Subjects:
    """A company in which there is one of everything that an act can be about."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        need = raise_need(house, (("VALVE", "100"),))
        step = open_step(house, need["approval"])
        assert step is not None
        self.approver = step["approver"]
        desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
        desk.drop(desk.acknowledgment(order, {"1": 15}))
        desk.drop(desk.invoice(order, "X-1"))
        desk.drop(b"noise")
        (counted,) = house.get("kim", "/v1/control-numbers")["rows"]
        piece = {"value": "10", "unit": "EA"}
        receipt = {
            "receipt": "R-0",
            "order": order.number,
            "site": "ATL",
            "received": "2026-03-02",
            "lines": [{"line": "1", "quantity": piece}],
        }
        counted_by = "dock"  # a system: walt may yet release what the invoice waits for
        assert house.post(counted_by, "/v1/receipts", receipt).status == 201
        goods = {
            "order": order.number,
            "reason": "damaged",
            "lines": [{"line": "1", "quantity": {"value": "1", "unit": "EA"}}],
        }
        back = house.post("walt", "/v1/returns", goods)
        assert back.status == 201, back.body
        (kept,) = [
            row for row in house.get("kim", "/v1/quarantine")["rows"] if row["partner"] == "ADLER"
        ]
        dearer = {"amount": "99", "currency": "USD", "per": {"value": "1", "unit": "EA"}}
        change = house.post(
            "ben",
            f"/v1/purchase-orders/{order.number}/changes",
            {"reason": "dearer", "lines": [{"line": "1", "price": dearer}]},
        )
        assert change.body["state"] == "proposed", change.body
        lent = house.post(
            self.approver,
            "/v1/delegations",
            {
                "from_person": self.approver,
                "to_person": "ida",
                "start": "2026-04-01T00:00:00Z",
                "end": "2026-04-02T00:00:00Z",
            },
        )
        assert lent.status == 201, lent.body
        declared = {"person": "mona", "supplier": "COBALT", "relation": "owner"}
        assert house.post("root", "/v1/interests", declared).status == 201
        centre = {"name": "Workshop", "site": "ATL", "accounts": ["6200"]}
        assert house.put("root", "/v1/cost-centres/4711", centre).status == 200
        outlook = {"site": "ATL", "item": "VALVE", "as_of": "2026-03-02T08:00:00Z"}
        assert house.put("root", "/v1/outlooks/ATL:VALVE", outlook).status == 200
        assert house.put("root", "/v1/on-call/ATL", {"turns": []}).status == 200
        burst = {"flow": "emergency", "cause": "the press stands still", "asset": "PRESS-4"}
        urgent = raise_need(house, (("FUSE", "10"),), **burst)
        self.names = {
            "on-call": "ATL",
            "emergencies": urgent["id"],
            "emergency-rights": "rita",
            "cost-centres": "4711",
            "interests": "mona",
            "requisitions": need["id"],
            "approvals": need["approval"],
            "purchase-orders": order.number,
            "order-changes": change.body["id"],
            "returns": back.body["id"],
            "invoices": house.get("ada", "/v1/invoices")["rows"][0]["id"],
            "exceptions": cases(house, "SHORTAGE")[0]["id"],
            "interchanges": kept["interchange"],
            "quarantine": kept["id"],
            "control-numbers": counted["id"],
            "delegations": lent.body["id"],
            "items": "BOLT",
            "suppliers": "ADLER",
            "sites": "ATL",
            "outlooks": "ATL:VALVE",
            "agreements": "ADLER/BOLT",
            "calendars": "office:America/New_York",
            "partners": "ADLER",
            "people": "mona",
            "authorities": "nora",
            "keys": "key-mona",
            "endpoints": "wms",
            "effects": f"{order.number}:1:wms.expect",
            "edits": f"quarantined-message/{kept['id']}",
            "links": self._linked(order.number),
            "undos": "UNDO-0",
        }

    def _linked(self, order: str) -> str:
        house = self.house
        contact = {"contact": "orders@adler.example"}
        supplier = house.get("root", "/v1/suppliers/ADLER") | contact
        assert house.put("root", "/v1/suppliers/ADLER", supplier).status == 200
        on = {"sender": "buying@example.com", "address": "http://manciple.invalid"}
        assert house.post("root", "/v1/mailing", on).status == 200
        sent = house.post("ben", f"/v1/purchase-orders/{order}/link")
        assert sent.status == 201, sent.body
        return str(sent.body["id"])

    def fire(self, request: str, role: Role, once: str) -> Any:
        method, _, path = request.partition(" ")
        noun = path.split("/")[2]
        name = self.names.get(noun, "")
        path = path.replace("{number}", name).replace("{name}", name).replace("{key}", name)
        headers = {"Idempotency-Key": once}
        who = HOLDER[role]
        if method == "PUT":
            whole = self.house.get("root", path)
            return self.house.ask("PUT", path, who=who, body=whole, headers=headers)
        if path in {"/v1/interchanges", "/v1/requisitions/import"}:
            kind = "text/csv" if path.endswith("import") else "application/edi-x12"
            content = b"site,item,quantity,unit,needed_by\nATL,FUSE,10,EA,2026-03-12\n"
            headers["Content-Type"] = kind
            return self.house.ask("POST", path, who=who, content=content, headers=headers)
        return self.house.ask("POST", path, who=who, body=self.body(path), headers=headers)

    def body(self, path: str) -> dict[str, Any]:
        last = path.rsplit("/", 1)[1]
        if path.startswith("/v1/returns/") and last == "withdraw":
            return {"reason": "we keep it"}
        if path == "/v1/deadletters/replay":
            return {"error": "none", "reason": "it is back"}
        if path.startswith("/v1/effects/") and last == "edit":
            return {"payload": "{}", "reason": "a wrong price"}
        if path.startswith("/v1/links/"):
            return {"reason": "wrong address"}
        if path.startswith("/v1/emergencies/") and last == "release":
            return {"note": "it cannot wait"}
        day = "2026-03-12"
        piece = {"value": "10", "unit": "EA"}
        bodies: dict[str, dict[str, Any]] = {
            "requisitions": {
                "site": "ATL",
                "lines": [{"item": "FUSE", "quantity": piece, "needed_by": day}],
            },
            "reject": {"reason": "other"},
            "ask": {"question": "is it for the crane?"} if "/approvals/" in path else {},
            "answer": {"answer": "for the crane"},
            "forward": {"to": "ida", "note": "it is hers"},
            "delegations": {
                "from_person": "nora",
                "to_person": "ida",
                "start": "2026-03-02T15:00:00Z",
                "end": "2026-03-03T15:00:00Z",
            },
            "warehouse-orders": {
                "site": "ATL",
                "purpose": "return",
                "to": "ADLER",
                "about": "R-1",
                "wanted": day,
                "lines": [{"item": "FUSE", "quantity": piece}],
            },
            "expedite": {
                "line": "1",
                "cost": {"amount": "40.00", "currency": "USD"},
                "cause": "supplier_late",
                "override": "a customer waits",
            },
            "cancel-remainder": {"reason": "not needed"},
            "changes": {"reason": "not needed", "cancel": True},
            "substitutes": {
                "line": "1",
                "item": "BOLT",
                "price": {"amount": "0.01", "currency": "USD", "per": piece},
                "reason": "nothing else to be had",
            },
            "receipts": {
                "receipt": "R-1",
                "order": self.names["purchase-orders"],
                "site": "ATL",
                "received": "2026-03-02",
                "lines": [{"line": "1", "quantity": piece}],
            },
            "returns": {
                "order": self.names["purchase-orders"],
                "lines": [{"line": "1", "quantity": {"value": "1", "unit": "EA"}}],
                "reason": "damaged",
            },
            "authorise": {"authorisation": "RMA-1"},
            "refuse": {"reason": "too old"},
            "pick": {"picked": "2026-03-02"},
            "ship": {"shipped": "2026-03-02"},
            "write-off": {"reason": "bankrupt"},
            "assign-line": {"line": "1", "order": "PO-0", "order_line": "1", "note": "seen"},
            "release": {"code": "QTY_RECEIVED", "line": "1", "reason": "seen"},
            "resolve": {"resolution": "accept"},
            "reopen": {"reason": "not enough"},
            "turn": {"turn": "supplier"},
            "reassign": {"owner": "paul"},
            "reread": {"reason": "again"},
            "discard": {"reason": "noise"},
            "resend": {"reason": "they lost it"},
            "accept": {"reason": "never sent"},
            "hold": {"reason": "maintenance"},
            "resume": {"reason": "it is back"},
            "try": {"reason": "it is back"},
            "replay": {"reason": "it is back"},
            "edit": {"content": "no noise", "reason": "a letter was lost"},
            "confirm": {"note": "seen"},
            "turn-down": {"reason": "not so"},
            "keys": {"person": "mona"},
            "notifying": {"cadence": "digest"},
            "mailing": {"sender": "a@example.com", "address": "http://manciple.invalid"},
            "interests": {"supplier": "BLUE", "relation": "gifts"},
            "end": {"supplier": "COBALT", "note": "sold"},
            "house": {"house": "BLUE", "why": "one owner"},
            "views": {"list": "lines", "views": [{"name": "Late", "query": "tab=late"}]},
            "password": {"password": "four quiet copper geese"},
        }
        return bodies.get(last, {})


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subjects]:
    with installed(tmp_path_factory.mktemp("rights") / "home") as house:
        yield Subjects(house)


REQUESTS = sorted((row["request"], name) for name, row in TABLE.items() if "request" in row)


@pytest.mark.parametrize(("request_", "name"), REQUESTS)
def test_a_request_is_refused_to_every_other_role(
    subjects: Subjects, request_: str, name: str
) -> None:
    versions = subjects.house.own("select count(*) from event")

    for role in PEOPLE:
        if role.value not in TABLE[name]["roles"]:
            answer = subjects.fire(request_, role, f"{role.value}:{name}")
            expected = {403, 404} if role is Role.SUPPLIER else {403}
            assert answer.status in expected, (role, answer.body)

    assert subjects.house.own("select count(*) from event") == versions


@pytest.mark.parametrize(("request_", "name"), REQUESTS)
def test_a_request_is_not_refused_to_those_who_may_ask(
    house: Installation, request_: str, name: str
) -> None:
    subjects = Subjects(house)

    answers = {
        role.value: subjects.fire(request_, role, f"{role.value}:{name}")
        for role in PEOPLE
        if role.value in TABLE[name]["roles"]
    }

    done = [role for role, answer in answers.items() if answer.status < 300]
    for role, answer in answers.items():
        if answer.status >= 300:
            assert answer.status in {403, 404, 409, 422}, (role, answer.body)
            assert "FORBIDDEN" not in answer.codes, (role, answer.body)
    for_a_state = {
        "Approve",
        "Reject",
        "AssignInvoiceLine",
        "ReceiveOwn",
        "ForwardApproval",
        "AskRequester",
        "AnswerQuestion",
        "ReplayEffect",
        "ReplayEffects",
        "ProposeLetterEdit",
        "ConfirmLetterEdit",
        "ConfirmFileEdit",
        "TurnDownEdit",
        "RefuseEmergency",
        "ReleaseEmergency",
        "RestoreEmergencyRight",
        "AcceptControlGap",
        "ReopenCase",
        "ResendInterchange",
        "OrderFromWarehouse",
        "PickReturn",
        "ShipReturn",
        "WriteOffReturn",
        "AskSupplier",
        "UndoAct",
    }  # the subject is not in that state
    assert done or name in for_a_state, {r: a.body for r, a in answers.items()}


def test_steering_the_sending_is_for_integration_and_admin_alone(house: Installation) -> None:
    for role in PEOPLE:
        answer = house.post(HOLDER[role], "/v1/endpoints/erp/hold", {"reason": "x"})
        allowed = role in {Role.INTEGRATION, Role.ADMIN}
        assert answer.status == (200 if allowed else 403), role


@pytest.mark.parametrize(
    "path",
    ["flows", "policies", "endpoints", "effects", "events", "trace/BOLT", "events/stream"],
)
def test_outsiders_read_nothing_of_the_house(house: Installation, path: str) -> None:
    for who in ("adler", "dock"):
        assert house.ask("GET", f"/v1/{path}", who=who).status == 403, who


def test_a_supplier_sees_its_own_papers_and_no_others(house: Installation) -> None:
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order))
    desk.drop(desk.invoice(order, "X-1"))

    for kind in ("purchase-orders", "acknowledgments", "invoices", "interchanges"):
        (row, *_) = house.get("adler", f"/v1/{kind}")["rows"]
        assert house.ask("GET", f"/v1/{kind}/{row['id']}", who="adler").status == 200
        assert house.ask("GET", f"/v1/{kind}/{row['id']}", who="blue").status == 404
        assert not house.get("blue", f"/v1/{kind}")["rows"]
    for kind in ("people", "authorities", "partners", "agreements"):
        assert house.ask("GET", f"/v1/{kind}", who="adler").status == 403
    for kind in ("requisitions", "approvals", "exceptions", "holds"):
        answer = house.ask("GET", f"/v1/{kind}", who="adler")
        assert answer.status in {200, 403}
        if answer.status == 200:
            assert all(row["supplier"] == "ADLER" for row in answer.body["rows"]), kind


def test_a_supplier_can_send_only_in_its_own_name(house: Installation) -> None:
    desk, order = ordered(house)
    paper = desk.acknowledgment(order)

    sent = house.post("adler", "/v1/interchanges?name=stolen.edi", content=paper)
    house.settle()

    assert sent.status == 202
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "SENDER_MISMATCH"
    state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
    assert state == "sent"


def test_nobody_becomes_the_program_itself(house: Installation) -> None:
    person = house.get("root", "/v1/people/mona") | {"roles": ["system"]}

    refused = house.put("root", "/v1/people/mona", person)

    assert refused.status == 422
    assert refused.codes == {"SYSTEM_ROLE"}


def test_a_key_stops_opening_when_it_is_revoked(house: Installation) -> None:
    assert house.ask("GET", "/v1/items", who="mona").status == 200

    revoked = house.post("root", "/v1/keys/key-mona/revoke")

    assert revoked.status == 200
    answer = house.ask("GET", "/v1/items", who="mona")
    assert (answer.status, answer.codes) == (401, {"UNAUTHENTICATED"})
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic bW9uYTp4", "Bearer mk_key-mona_" + "0" * 64, "Bearer \x7f"],
)
def test_anything_but_a_key_opens_nothing(house: Installation, header: str) -> None:
    answer = house.ask("GET", "/v1/items", who=None, headers={"Authorization": header})

    assert (answer.status, answer.codes) == (401, {"UNAUTHENTICATED"})


def test_the_reference_pages_say_what_the_code_does(house: Installation) -> None:
    """To write them anew: `python -m tests.api.write_docs`."""
    document = house.ask("GET", "/openapi.json", who=None).body

    assert (DOCS / "permissions.md").read_text("utf-8") == permissions_page(registry())
    assert (DOCS / "http-api.md").read_text("utf-8") == http_api_page(document)
