"""The pages of those who run the house: numbers that stand there, acts, second persons, rights."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import sqlalchemy as sa

from manciple.adapters.reference.switches import Mode
from manciple.adapters.sql.sealer import Sealer
from manciple.policy.conditions import Type
from manciple.runtime.rows import micros
from manciple.web.pages.connecting import ATTEMPTS
from manciple.web.pages.faults import fault
from manciple.web.pages.partnering import as_lines, from_lines
from tests.api.installation import Installation, installed, key_of, opened
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import Need, agree, ordered, raise_need
from tests.web.signed_in import OURS, Browser, hidden_of, text_of


def seal(house: Installation) -> None:
    now = house.clock.now()
    Sealer(house.app.store.engine).seal_all(now)
    house.app.audit_trail.follow_all(now)


@contextmanager
def troubled(home: Path, *, more: Sequence[Need] = (), files: int = 1) -> Iterator[Installation]:
    """Two orders (and ``more``) that the ERP never took, unreadable answers, a need that waits."""
    with installed(home) as house:
        desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
        needs = [raise_need(house, (each,)) for each in (("VALVE", "100"), ("RELAY", "20"), *more)]
        house.switch(house.erp, Mode.DOWN)
        for need in needs:
            agree(house, need)
        house.wait(days=30)
        house.switch(house.erp, Mode.OFF)
        for _ in range(files):
            desk.drop(desk.acknowledgment(order).replace(b"ACK*IA*", b"ACK*ZZ*X", 1))
        raise_need(house, (("ELBOW", "120"),))
        seal(house)
        yield house


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The trouble is made once; each test that changes something works on a copy."""
    home = tmp_path_factory.mktemp("troubled") / "home"
    with troubled(home) as made:
        return home, made.clock.now()


def copied(kept: tuple[Path, datetime], place: Path) -> Installation:
    home, now = kept
    shutil.copytree(home, place / "home")
    made = opened(place / "home", f"sqlite:///{place}/home/manciple.db")
    made.clock.advance(now)
    made._serial = count(1000)
    return made


@pytest.fixture(scope="module")
def house(
    kept: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """What tests look at and change nothing in."""
    made = copied(kept, tmp_path_factory.mktemp("read"))
    yield made
    made.close()


@pytest.fixture
def own(kept: tuple[Path, datetime], tmp_path: Path) -> Iterator[Installation]:
    made = copied(kept, tmp_path)
    yield made
    made.close()


class Known(Browser):
    """A browser that shows its reader's key instead of signing in: no password is computed."""

    name = ""

    def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {**(headers or {}), "Authorization": f"Bearer {key_of(self.name)}"}
        return super().ask(method, path, content=content, headers=sent)


def at_work(house: Installation, name: str) -> Browser:
    browser = Known(house)
    browser.name = name
    return browser


def dead(house: Installation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.get("kim", "/v1/effects?state=dead")["rows"]
    return rows


# ---- lines to other systems ---------------------------------------------------------------------


def test_endpoints_tell_what_waits_what_died_and_how_much_failed(house: Installation) -> None:
    page = at_work(house, "kim").open("/endpoints")
    told = text_of(page)

    assert re.search(r"erp .*?Dead letters .*?2", told)
    assert "inbound" in told
    system = text_of(at_work(house, "kim").open("/endpoints/erp?ask=yes"))
    assert "Manciple" in system or "reference" in system.lower()
    assert "Lets us in" in system
    assert "Failures in a row" in system
    assert not re.search(
        r'<dl[^>]* role="status"', at_work(house, "kim").open("/endpoints/erp?ask=yes")
    )
    assert at_work(house, "kim").ask("GET", "/endpoints/nothing").status_code == 404


def test_the_same_error_stands_once_with_its_letters(house: Installation) -> None:
    page = at_work(house, "kim").open("/deadletters")

    assert page.count('class="filters"') == 1
    assert "2 letters that could not be delivered" in text_of(page)
    assert all(each["key"].split(":")[0] in page for each in dead(house))


def test_effects_are_filtered_by_state_in_the_address(house: Installation) -> None:
    browser = at_work(house, "kim")

    gone = browser.open("/effects?state=dead&endpoint=erp")
    none = browser.open("/effects?state=dead&endpoint=wms")
    done = browser.open("/effects?state=done")

    assert gone.count("data-row") == 2
    assert none.count("data-row") == 0
    assert "Everything could be delivered" in none
    assert done.count("data-row") > 5
    assert browser.ask("GET", "/effects?state=odd").status_code == 422
    assert browser.ask("GET", "/effects?after=nonsense").status_code == 422


def test_an_effect_leads_to_its_older_attempts_down_to_the_first(house: Installation) -> None:
    letter = dead(house)[0]
    browser, address = at_work(house, "kim"), f"/effects/{letter['key']}"
    count = letter["attempts"]
    places = [e.place for e in house.app.letters.attempts(letter["key"], newest=count)]

    newest = browser.open(address)
    link = re.search(r'href="(/effects/[^"]*[?]before=[0-9]+)"', newest)
    assert link is not None
    second = browser.open(link[1])
    last = browser.open(f"{address}?before={places[ATTEMPTS]}")

    assert numbers(newest) == list(range(count, count - ATTEMPTS, -1))
    assert numbers(second) == list(range(count - ATTEMPTS, count - 2 * ATTEMPTS, -1))
    assert numbers(last) == list(range(ATTEMPTS, 0, -1))
    assert "From the start" not in newest
    assert "From the start" in second
    assert "Further down" not in last


def test_before_the_first_attempt_there_is_nothing(house: Installation) -> None:
    browser, address = at_work(house, "kim"), f"/effects/{dead(house)[0]['key']}"

    told = text_of(browser.open(f"{address}?before=1"))

    assert "Nothing here" in told
    assert "under way" not in told
    assert browser.ask("GET", f"{address}?before=0").status_code == 422


def numbers(page: str) -> list[int]:
    return [int(each) for each in re.findall(r'<td class="number">([0-9]+)</td>', page)]


def test_an_effect_shows_its_newest_attempts_and_its_payload(house: Installation) -> None:
    letter = dead(house)[0]
    page = at_work(house, "kim").open(f"/effects/{letter['key']}")

    assert letter["attempts"] > ATTEMPTS == page.count("no answer") == 20
    assert f"The newest 20 of {letter['attempts']:,} attempts" in text_of(page)
    newest, *_ = re.findall(r"<td class=\"number\">(\d+)</td>", page)
    assert int(newest) == letter["attempts"]
    assert "needed_by" in page
    assert "Put it right" in page
    looking = at_work(house, "audra").open(f"/effects/{letter['key']}")
    assert "Put it right" not in looking


def test_holding_and_letting_go(own: Installation) -> None:
    browser = at_work(own, "kim")

    def send(deed: str, reason: str) -> int:
        page = browser.open("/endpoints/wms")
        return browser.fill(page, f"/endpoints/wms/{deed}", reason=reason).status_code

    assert send("hold", "") == 422
    assert send("hold", "month end") == 303
    assert "Held by kim" in text_of(browser.open("/endpoints/wms"))
    assert any(row["held"] for row in own.get("kim", "/v1/endpoints")["rows"])
    assert send("resume", "it is over") == 303
    assert not any(row["held"] for row in own.get("kim", "/v1/endpoints")["rows"])


def test_what_waits_for_its_next_try_is_tried_at_once_but_not_what_may_be_taken_back(
    own: Installation,
) -> None:
    browser = at_work(own, "kim")
    now = own.clock.now()
    later = micros(now + timedelta(hours=1))

    def put(key: str, attempts: int) -> None:
        sql = sa.text(
            "insert into effect (key, endpoint, lane, verb, subject, payload, due_at, at, "
            "correlation, attempts) select :key, endpoint, lane, verb, subject, payload, :due, "
            "at, correlation, :attempts from effect where endpoint = 'erp' limit 1"
        )
        with own.app.store.engine.begin() as db:
            db.execute(sql, {"key": key, "due": later, "attempts": attempts})
            db.execute(sa.text("update lane set open_until = :due"), {"due": later})

    put("tried", 1)
    put("never-tried", 0)
    page = browser.open("/endpoints/erp")
    assert "Try what waits now" in text_of(page)
    without = browser.fill(page, "/endpoints/erp/try", reason="")
    done = browser.fill(without.text, "/endpoints/erp/try", reason="it is up again")

    assert without.status_code == 422
    assert done.headers["location"] == "/endpoints/erp?tried=1"
    assert "1 effect is tried now" in text_of(browser.open("/endpoints/erp?tried=1"))
    dues = dict(own.own("select key, due_at from effect where key in ('tried', 'never-tried')"))
    assert dues["never-tried"] == later
    assert dues["tried"] <= micros(own.clock.now())
    assert own.own("select max(open_until) from lane where endpoint = 'erp'")[0][0] <= micros(now)
    told = own.own("select count(*) from event where type = 'EndpointTried'")
    assert told == [(1,)]
    browser.fill(browser.open("/endpoints/erp"), "/endpoints/erp/hold", reason="work")
    held = own.post("kim", "/v1/endpoints/erp/try", {"reason": "now"})
    assert held.codes == {"HELD"}


@pytest.mark.parametrize(
    ("text", "words", "technical"),
    [
        ("ConnectError('[Errno 111] Connection refused')", "It could not be reached.", True),
        ("ReadTimeout('timed out')", "It did not answer in time.", True),
        ("ConnectionResetError(104, 'reset by peer')", "The connection broke", True),
        ("FileNotFoundError(2, 'No such file')", "Its folder is not there.", True),
        ("OSError('disk')", "The way to it is disturbed.", True),
        ("defect: KeyError('lines')", "This program failed at it", True),
        ("Oddity('x')", "It failed.", True),
        ("cost centre closed", "cost centre closed", False),
        ("Line 1 (of 2) is closed", "Line 1 (of 2) is closed", False),
    ],
)
def test_a_fault_is_told_in_plain_words(text: str, words: str, *, technical: bool) -> None:
    told = fault(text)

    assert told.words.startswith(words)
    assert told.technical == (text if technical else "")


def test_chosen_letters_are_tried_again_and_told_alike_when_sent_again(own: Installation) -> None:
    browser = at_work(own, "kim")
    page = browser.open("/effects?state=dead")
    keys = re.findall(r'name="effect" value="([^"]+)"', page)
    fields = [*hidden_of(page, "/effects/several").items(), *(("effect", key) for key in keys)]

    def send(*more: tuple[str, str]) -> tuple[int, list[str]]:
        answer = browser.ask(
            "POST", "/effects/several", content=urlencode([*fields, *more]).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", **OURS},
        )  # fmt: skip
        return answer.status_code, re.findall(r'data-fate="([a-z]+)"', answer.text)

    assert len(keys) == 2
    assert send(("reason", "")) == (422, ["failed", "failed"]), "without a reason nothing is done"
    fields[1] = ("key", "ab" * 12)
    assert send(("reason", "it is up again")) == (200, ["done", "done"])
    assert not dead(own)
    assert send(("reason", "it is up again"), ("part", "0")) == (200, ["done", "done"])
    fields[1] = ("key", "cd" * 12)
    assert send(("reason", "once more")) == (409, ["skipped", "skipped"]), "no letter any more"
    events = own.own("select count(*) from event where type = 'EffectReplayed'")
    assert events == [(2,)]


def test_a_group_is_tried_again_after_the_fix(own: Installation) -> None:
    browser = at_work(own, "kim")
    page = browser.open("/deadletters")

    answer = browser.fill(page, "/deadletters/replay", reason="it is up again")
    own.settle()

    assert answer.headers["location"] == "/deadletters?done=2"
    assert not dead(own)
    assert len(own.books("erp", "SELECT external FROM purchase_order")) == 3


def test_a_letter_is_put_right_by_two_people(own: Installation) -> None:
    key = dead(own)[0]["key"]
    here = f"/effects/{quote(key)}"
    kim, root = at_work(own, "kim"), at_work(own, "root")
    payload = own.get("kim", f"/v1{here}")["payload"]
    payload["lines"][0]["needed_by"] = "2026-05-04"
    bad = json.dumps(payload | {"supplier": "COBALT"})

    refused = kim.fill(kim.open(here), f"{here}/edit", payload=bad, reason="try")
    done = kim.fill(kim.open(here), f"{here}/edit", payload=json.dumps(payload), reason="late")
    own_page = kim.open(here)

    assert (refused.status_code, "COBALT" in refused.text) == (422, True)
    assert "decided by others" in refused.text
    assert done.status_code == 303
    assert "somebody else has to confirm it" in own_page
    assert "kim proposed another payload" in own_page
    page = root.open(here)
    assert "<ins>" in page
    assert "2026-05-04" in page
    assert kim.send(f"{here}/confirm", _hidden(own_page, f"{here}/turn-down")).status_code == 403
    assert root.fill(page, f"{here}/confirm", note="seen").status_code == 303
    own.settle()
    assert "Put right by kim and root" in text_of(root.open(here))
    lines = own.books("erp", "SELECT needed_by FROM order_line")
    assert "2026-05-04" in {line["needed_by"] for line in lines}


def _hidden(page: str, action: str) -> dict[str, str]:
    found = re.search(rf'action="{re.escape(action)}">(.*?)</form>', page, re.DOTALL)
    assert found is not None
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[1]))


# ---- partners' files ----------------------------------------------------------------------------


def test_files_are_listed_by_state_and_partner(house: Installation) -> None:
    browser = at_work(house, "kim")

    everything = browser.open("/interchanges")
    bad = browser.open("/interchanges?state=unreadable")
    read = browser.open("/interchanges?state=read&partner=ADLER")
    none = browser.open("/interchanges?partner=NOBODY")

    assert everything.count("data-row") > read.count("data-row")
    assert read.count("data-row") + bad.count("data-row") == 1
    assert "No file stands so" in none


def test_a_file_stands_raw_beside_what_it_says_and_findings_lead_to_their_segment(
    house: Installation,
) -> None:
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    page = at_work(house, "kim").open(f"/interchanges/{parked['interchange']}")

    place = re.search(r'href="#segment-(\d+)"', page)
    assert place is not None
    assert f'id="segment-{place[1]}"' in page
    assert "In our words" in page or "in our words" in page
    assert "acknowledgment" in text_of(page)


def test_a_file_leads_to_the_threads_that_it_is_about(house: Installation) -> None:
    sent = [
        each["id"] for each in house.get("kim", "/v1/interchanges")["rows"]
        if each["direction"] == "out"
    ]  # fmt: skip
    needs = {each["id"] for each in house.get("rita", "/v1/requisitions")["rows"]}

    pages = [at_work(house, "kim").open(f"/interchanges/{each}") for each in sent]

    crumbs = [each.partition('class="crumbs"')[2].partition("</nav>")[0] for each in pages]
    threads = {name for each in crumbs for name in re.findall(r'/trace/[^"]+">(.*?)<', each)}
    assert threads
    assert threads <= needs


def test_quarantine_tells_where_whose_and_since_when(house: Installation) -> None:
    browser = at_work(house, "kim")
    page = browser.open("/quarantine")
    told = text_of(page)

    assert page.count("data-row") == 1
    assert re.search(r"segment \d+, byte \d+", told)
    assert "message 855" in told
    assert re.search(r'href="/exceptions/CASE-\w+">\w+', page)


def test_a_file_is_put_right_by_two_people(own: Installation) -> None:
    (parked,) = own.get("kim", "/v1/quarantine")["rows"]
    here = f"/quarantine/{parked['id']}"
    kim, ben = at_work(own, "kim"), at_work(own, "ben")
    raw = own.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim").raw
    text = "\r\n".join(as_lines(raw))

    same = kim.fill(kim.open(here), f"{here}/edit", content=text, reason="nothing")
    right = text.replace("ACK*ZZ*X", "ACK*IA*")
    done = kim.fill(kim.open(here), f"{here}/edit", content=right, reason="IA was meant")
    page = ben.open(here)
    confirmed = ben.fill(page, f"{here}/confirm", note="yes")
    own.settle()

    assert "what is proposed is what is there" in same.text
    assert done.status_code == 303
    assert "<del>ACK*ZZ*X" in page
    assert confirmed.headers["location"] == f"/quarantine?done={parked['id']}"
    assert not own.get("kim", "/v1/quarantine")["rows"]
    order = own.get("kim", f"/v1/edits/quarantined-message/{parked['id']}")
    assert own.get("kim", f"/v1/interchanges/{order['made']}")["state"] == "read"
    first = own.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim").raw
    assert first == raw


def test_what_was_put_aside_is_given_and_thrown_out(own: Installation) -> None:
    (parked,) = own.get("kim", "/v1/quarantine")["rows"]
    here = f"/quarantine/{parked['id']}"
    kim = at_work(own, "kim")

    given = kim.fill(kim.open(here), f"{here}/give", owner="kim")
    assert given.status_code == 303
    assert ">kim</a>" in kim.open("/quarantine")
    assert kim.fill(kim.open(here), f"{here}/discard", reason="noise").status_code == 303
    assert not own.get("kim", "/v1/quarantine")["rows"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_file_comes_back_as_it_was_from_its_lines(house: Installation, ending: str) -> None:
    raw = next(iter(SupplierSide(house, "ADLER").house.sent_to("ADLER").values()))
    plain = raw.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"~", f"~{ending}".encode())

    assert from_lines("\r\n".join(as_lines(plain)), plain) == plain
    assert from_lines("\n".join(as_lines(b"no\nX12\n")), b"no\nX12\n") == b"no\nX12\n"


# ---- definitions --------------------------------------------------------------------------------


def test_a_flow_is_drawn_with_what_is_in_it(house: Installation) -> None:
    browser = at_work(house, "eva")
    page = browser.open("/flows/direct")
    told = text_of(page)

    assert page.count('class="flow-node ') == len(house.app.definitions.flow("direct").steps)
    assert "1 here, all in time" in told
    assert not re.search(r'class="flow-node [^>]*aria-label', page)  # it is called what it says
    step = browser.open("/flows/direct?step=approval")
    assert step.count("line-") == 1
    assert "ELBOW" in step
    late = browser.open("/flows/direct?step=answer")
    assert "late" in text_of(late)
    assert 'href="/flows/direct?step=answer#lines"' in page
    assert browser.ask("GET", "/flows/none").status_code == 404


def test_every_flow_and_every_table_opens(house: Installation) -> None:
    browser = at_work(house, "eva")
    flows, tables = browser.open("/flows"), browser.open("/policies")

    for name in ("direct", "indirect", "emergency"):
        assert f'href="/flows/{name}"' in flows
        browser.open(f"/flows/{name}")
    names = set(re.findall(r'href="/policies/(\w+)"', tables))
    assert len(names) >= 15
    for name in sorted(names):
        browser.open(f"/policies/{name}")


def test_trying_a_case_names_the_row_that_speaks_and_what_stopped_the_others(
    house: Installation,
) -> None:
    browser = at_work(house, "eva")
    table = house.app.definitions.register.table("approval_routing", at=house.clock.now())
    plain = {Type.DECIMAL: "100", Type.INT: "1", Type.BOOL: "false", Type.DATE: "2026-04-01"}
    facts = {
        f"f.{column.name}": (*column.values, plain.get(column.type, "ATL"))[0]
        for column in table.inputs
    }
    query = urlencode(facts)

    tried = browser.open(f"/policies/approval_routing?try=yes&{query}")
    wrong = browser.ask("GET", "/policies/approval_routing?try=yes&f.amount=much")

    assert all(f'name="{name}"' in tried for name in facts)
    assert ('class="rules-fired"' in tried) is not ("whoever asked must hold" in tried)
    assert "not: " in tried
    assert wrong.status_code == 422
    assert "much" in wrong.text


# ---- people, keys, absence ----------------------------------------------------------------------


def test_a_person_is_registered_limited_and_leaves(own: Installation) -> None:
    root = at_work(own, "root")
    page = root.open("/admin/people")

    bad = root.fill(page, "/admin/people", id="Nina", name="Nina", email="n@x.example",
                    roles="approver")  # fmt: skip
    made = root.fill(page, "/admin/people", id="nina", name="Nina", email="n@x.example",
                     roles="approver", sites="ATL, DFW", key="0123456789abcdef")  # fmt: skip
    assert (bad.status_code, 'value="Nina"' in bad.text) == (422, True)
    assert made.headers["location"] == "/admin/people/nina"
    here = "/admin/people/nina"
    wrong = root.fill(root.open(here), f"{here}/limits", approval_roles="branch_manager",
                      limits="* * ATL much USD")  # fmt: skip
    right = root.fill(root.open(here), f"{here}/limits", approval_roles="branch_manager",
                      limits="* * ATL 1500 USD\n* * * 10 USD", manager="nora")  # fmt: skip
    assert "Line 1 is no limit" in wrong.text
    assert right.status_code == 303
    power = own.get("root", "/v1/authorities/nina")
    assert [each["amount"]["amount"] for each in power["limits"]] == ["1500", "10"]
    assert root.fill(root.open(here), f"{here}/leave").status_code == 303
    assert own.get("root", "/v1/people/nina")["state"] == "inactive"


def test_a_key_is_shown_once_and_revoked(own: Installation) -> None:
    root = at_work(own, "root")
    made = root.fill(root.open("/admin/keys"), "/admin/keys", person="paul", id="nightly")
    text = re.search(r'id="made">(mk_nightly_\w+)<', made.text)
    assert text is not None
    auth = {"Authorization": f"Bearer {text[1]}"}

    works = own.ask("GET", "/v1/flows", who=None, headers=auth)
    listed = root.open("/admin/keys")
    gone = root.fill(listed, "/admin/keys/nightly/revoke")
    after = own.ask("GET", "/v1/flows", who=None, headers=auth)

    assert works.status == 200
    assert text[1] not in listed
    assert gone.status_code == 303
    assert after.status == 401
    assert "nightly" in root.open("/admin/keys?state=revoked")


def test_an_approver_sees_who_would_get_what_before_going_away(own: Installation) -> None:
    need = raise_need(own, (("VALVE", "36"),))
    approval = own.get("root", f"/v1/approvals/{need['approval']}")
    (step,) = [each for each in approval["steps"] if each["state"] == "pending"]
    browser = at_work(own, step["approver"])
    other = "alec" if step["approver"] == "anna" else "anna"
    day = own.clock.now().date().isoformat()
    query = f"to={other}&start={day}T00:00&end=2027-01-01T00:00"

    preview = browser.open(f"/delegations?{query.replace(f'{day}T00:00', '2026-12-01T00:00')}")
    capped = browser.open(f"/delegations?{query}&cap=1&currency=USD")
    nobody = browser.ask("GET", f"/delegations?to=kim&start={day}T00:00&end=2027-01-01T00:00")
    page = browser.open(f"/delegations?{query.replace(f'{day}T00:00', '2026-12-01T00:00')}")
    lent = browser.fill(page, "/delegations")

    assert "when the absence begins" in preview
    assert "above the cap" in capped
    assert nobody.status_code == 422
    assert lent.status_code == 303
    listed = browser.open("/delegations")
    assert "To come" in listed
    end = re.search(r'action="(/delegations/[^"]+/end)"', listed)
    assert end is not None
    assert browser.fill(listed, end[1]).status_code == 303
    assert other in at_work(own, "root").open("/admin/delegations?state=revoked")


# ---- the audit ----------------------------------------------------------------------------------


def test_history_is_searched_in_a_page_and_given_as_a_sheet(house: Installation) -> None:
    browser = at_work(house, "audra")
    page = browser.open("/audit?actor=rita&event=RequisitionSubmitted")
    sheet = browser.ask("GET", "/audit.csv?actor=rita&event=RequisitionSubmitted")
    lines = browser.ask("GET", "/audit.jsonl?actor=rita&event=RequisitionSubmitted")
    none = browser.open("/audit?event=RequisitionSubmitted&end=2020-01-01T00:00")

    assert page.count("data-row") == 4
    assert len(sheet.text.strip().splitlines()) == 5
    told = [json.loads(each) for each in lines.text.splitlines()]
    assert len(told) == 4
    assert all(len(each["hash"]) == 64 and each["sealed_by"] for each in told)
    assert "Nothing was found" in none
    assert browser.ask("GET", "/audit?start=yesterday").status_code == 422


def test_an_audit_is_asked_for_and_its_result_stands_on_the_page(own: Installation) -> None:
    browser = at_work(own, "audra")
    before = text_of(browser.open("/audit"))

    asked = browser.fill(browser.open("/audit"), "/audit/verify")
    meanwhile = text_of(browser.open("/audit"))
    own.settle()
    after = text_of(browser.open("/audit"))

    assert "Never checked" in before
    assert asked.status_code == 303
    assert "Being checked" in meanwhile
    assert "Sound" in after
    assert "Chained root" in after


@pytest.mark.parametrize("path", ["/endpoints", "/effects", "/deadletters", "/interchanges",
                                  "/quarantine", "/admin/people", "/admin/keys", "/audit",
                                  "/flows", "/delegations"])  # fmt: skip
def test_a_requester_is_told_that_there_is_no_such_page(house: Installation, path: str) -> None:
    assert at_work(house, "rita").ask("GET", path).status_code == 404
