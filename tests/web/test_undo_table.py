"""Which acts can be taken back: the table is whole, and each of them is tried through its door.

On SQLite and PostgreSQL alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from manciple.app.registry import registry_of
from manciple.app.undo_table import KEPT, UNDONE
from manciple.app.undoable import UNDOING
from manciple.kernel.messages import Role
from manciple.web.pages.toast import WORDS
from tests.api.installation import Answer, Installation, definitions
from tests.databases import KINDS, database
from tests.scenarios.office import cases, open_step, ordered, raise_need
from tests.web.at_a_desk import Made, made_once

IN_TIME = 7.999999
Asked = tuple[str, str, dict[str, Any]]
"""Who asks, at which address, for what."""


def furnish(house: Installation) -> None:
    """Something to decide for everybody: approvals, an order, held invoices, an exception."""
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    _, other = ordered(house, (("NUT", "200"), ("ANCHOR", "40")), supplier="ADLER")
    adler = desk.__class__(house, "ADLER")
    house.count_at_dock("D2", other.number, {"1": 200, "2": 40})
    adler.drop(adler.invoice(other, "B-1", prices={"1": "90.00"}))
    _, gloves = ordered(house, (("GLOVES", "120"), ("BOLT", "100")), supplier="ADLER")
    house.count_at_dock("D3", gloves.number, {"1": 60, "2": 100})
    adler.drop(adler.invoice(gloves, "P-1"))
    ordered(house, (("BOLT", "300"),), supplier="ADLER")
    raise_need(house, (("VALVE", "100"),))


@pytest.fixture(scope="module", params=KINDS)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("undo-table")
    if request.param == "sqlite":
        yield made_once(folder / "home", furnish)
        return
    with database(request.param, folder) as url:
        yield made_once(folder / "home", furnish, url)


@pytest.fixture
def house(made: Made, tmp_path: Path) -> Iterator[Installation]:
    with made.copied(tmp_path / "home") as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Deed:
    """One act that can be taken back, asked for at its door."""

    act: str
    ask: Callable[[Installation], Asked]


def _waiting(house: Installation) -> tuple[str, str]:
    ((name,),) = house.own(
        "select ref from document where kind = 'approval' and state = 'pending'"
    )
    number = str(name).removeprefix("approval/")
    step = open_step(house, number)
    assert step is not None
    return number, str(step["approver"])


def _approve(house: Installation) -> Asked:
    number, who = _waiting(house)
    return who, f"/v1/approvals/{number}/approve", {}


def _reject(house: Installation) -> Asked:
    number, who = _waiting(house)
    return who, f"/v1/approvals/{number}/reject", {"reason": "not_needed"}


def _forward(house: Installation) -> Asked:
    number, who = _waiting(house)
    to = "alec" if who == "anna" else "anna"
    return who, f"/v1/approvals/{number}/forward", {"to": to, "note": "yours"}


def _bolts(house: Installation) -> str:
    """Give the order of bolts alone, of which nothing has come."""
    for row in house.get("ben", "/v1/purchase-orders?limit=200")["rows"]:
        order = house.get("ben", f"/v1/purchase-orders/{row['id']}")
        if [line["item"] for line in order["lines"]] == ["BOLT"]:
            return str(row["id"])
    raise AssertionError("no bolts")


def _change(house: Installation) -> Asked:
    line = {"line": "1", "quantity": {"value": "200", "unit": "EA"}}
    body = {"reason": "the shop changed its mind", "lines": [line]}
    return "ben", f"/v1/purchase-orders/{_bolts(house)}/changes", body


def _cancel(house: Installation) -> Asked:
    body = {"reason": "not needed any more", "beyond": "delivered"}
    return "ben", f"/v1/purchase-orders/{_bolts(house)}/cancel-remainder", body


def _invoice(house: Installation, number: str = "B-1") -> dict[str, Any]:
    rows = house.get("ada", "/v1/invoices")["rows"]
    (found,) = (row for row in rows if row["number"] == number)
    assert found["state"] == "held"
    return dict(found)


def _release(house: Installation) -> Asked:
    invoice = _invoice(house)
    hold = next(each for each in invoice["holds"] if each["code"] == "PRICE")
    body = {"code": hold["code"], "line": hold["line"], "reason": "agreed"}
    return "ben", f"/v1/invoices/{invoice['id']}/release", body


def _part(house: Installation) -> Asked:
    return "ada", f"/v1/invoices/{_invoice(house, 'P-1')['id']}/release-part", {}


def _reject_invoice(house: Installation) -> Asked:
    return "ada", f"/v1/invoices/{_invoice(house)['id']}/reject", {"reason": "not ours"}


def _resolve(house: Installation) -> Asked:
    (case,) = cases(house, "SHORTAGE")
    path = f"/v1/exceptions/{case['id']}/resolve"
    return "paul", path, {"resolution": "accept", "note": "seen"}


DEEDS = (
    Deed("Approve", _approve),
    Deed("CancelRemainder", _cancel),
    Deed("ChangeOrder", _change),
    Deed("ForwardApproval", _forward),
    Deed("Reject", _reject),
    Deed("RejectInvoice", _reject_invoice),
    Deed("ReleaseHold", _release),
    Deed("ReleasePart", _part),
    Deed("ResolveCase", _resolve),
)


def standing(house: Installation) -> dict[str, Any]:
    """Everything that an act could touch, as the database has it; only history goes on."""
    rows = {
        "documents": "select ref, state, body from document where kind not in ('', 'undo') "
        "order by ref",
        "tasks": "select id, owner, due_at, opened_at, state from task order by id",
        "timers": "select key, due_at, act from timer order by key",
        "effects": "select key from effect where state = 'due' order by key",
        "notices": "select owner, subject from notice order by n",
        "money": "select coalesce(sum(amount), 0) from commitment",
        "ordered": "select stage, sum(quantity) from posting group by stage having "
        "sum(quantity) <> 0 order by stage",
    }
    return {name: house.own(sql) for name, sql in rows.items()}


def done(house: Installation, deed: Deed) -> tuple[str, Answer]:
    who, path, body = deed.ask(house)
    answer = house.post(who, path, body, headers={"Undo-Seconds": "8"})
    assert answer.status in {200, 201}, answer.body
    assert "Undo" in answer.headers, "no undo is offered"
    return who, answer


def test_the_table_says_of_every_act_whether_it_can_be_taken_back() -> None:
    handlers = registry_of(definitions()).handlers
    asked = {act.__name__ for act, row in handlers.items() if row.by - {Role.SYSTEM}}
    undone = {act.__name__ for act in UNDOING.acts}

    assert set(UNDONE) == undone
    assert set(UNDONE) | set(KEPT) == asked
    assert not set(UNDONE) & set(KEPT)
    assert set(WORDS) == undone, "the toast has a word for each"
    assert {deed.act for deed in DEEDS} == undone, "each is tried below"
    assert all(row.instead.endswith(".") for row in KEPT.values())


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.act)
def test_in_time_nothing_is_left_to_do_and_all_is_as_before(
    house: Installation, deed: Deed
) -> None:
    before = standing(house)
    sent = house.own("select count(*) from effect where state <> 'void'")
    who, answer = done(house, deed)
    during = standing(house)
    house.settle()
    house.clock.advance(house.clock.now().replace(microsecond=0))
    for _ in range(7):
        house.wait(seconds=1)

    back = house.post(who, f"/v1/undos/{answer.headers['Undo']}/apply")

    assert back.status == 200, back.body
    assert back.body["act"] == deed.act
    assert standing(house) == before != during
    assert house.own("select count(*) from effect where state <> 'void'") == sent
    types = [row[0] for row in house.own("select type from event order by n")]
    assert "UndoOffered" in types
    assert types[-1] == "ActUndone"
    subject = back.body["subject"]
    told = house.own(f"select type from event where stream = '{subject}' order by version")
    assert told[-1] == ("ActUndone",)
    house.wait(seconds=30)
    assert standing(house)["effects"] == before["effects"]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.act)
def test_too_late_is_refused_with_what_can_be_done_instead(
    house: Installation, deed: Deed
) -> None:
    who, answer = done(house, deed)
    house.wait(seconds=8)
    after = standing(house)

    late = house.post(who, f"/v1/undos/{answer.headers['Undo']}/apply")

    assert late.status == 409
    assert late.codes <= {"UNDO_OVER", "DISPATCHED"}
    assert late.body["errors"][0]["fix"] == UNDONE[deed.act]
    assert standing(house) == after
