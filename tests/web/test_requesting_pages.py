"""A requester in a browser without script: asking, previewing, following, nudging, withdrawing."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.sql.engine import Session
from manciple.web.pages import wording
from tests.api.installation import Installation, installed
from tests.scenarios.office import agree, open_step, ordered, raise_need
from tests.web.signed_in import OURS, Browser, hidden_of, text_of, with_passwords


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield with_passwords(made, "rita", "rolf", "mona", "anna", "audra", "walt")


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def in_days(house: Installation, days: int) -> str:
    day: date = (house.clock.now() + timedelta(days=days)).date()
    return day.isoformat()


def told_day(house: Installation, days: int) -> str:
    return wording.day(date.fromisoformat(in_days(house, days)))


def told_stock(house: Installation, name: str, pieces: str) -> None:
    site, _, item = name.partition(":")
    body = {
        "site": site, "item": item, "as_of": house.clock.now().isoformat(),
        "on_hand": {"value": pieces, "unit": "EA"},
    }  # fmt: skip
    answer = house.put("root", f"/v1/outlooks/{name}", body)
    assert answer.status in {200, 201}, answer.body


STOCK = {"kind": "stock", "item": "VALVE", "quantity": "100", "unit": "EA"}


# ---- asking -----------------------------------------------------------------------------------


def test_a_stock_item_is_found_previewed_and_asked_for_with_three_fields(
    house: Installation,
) -> None:
    told_stock(house, "ATL:VALVE", "7")
    told_stock(house, "DFW:VALVE", "240")
    browser = at_work(house, "rita")
    page = browser.open("/requests/new")
    fields = STOCK | {"needed_by": in_days(house, 9)}

    looked = browser.fill(page, "/requests/new", **(fields | {"item": "valv", "do": "look"}))
    preview = browser.fill(looked.text, "/requests/new", **fields, do="preview")
    answer = browser.fill(preview.text, "/requests/new", **fields, do="send")

    assert "valve of a kind" in looked.text
    assert "item=VALVE&amp;quantity=100" in looked.text  # what was typed goes along
    told = text_of(preview.text)
    assert "1,080" in told  # nine cases of twelve at 10.00, for 100 wanted
    assert "ordered in whole packs: 108 pieces" in told
    assert "branch manager" in told
    assert "by row r" in told
    assert "Stock here 7 pieces" in told
    assert "DFW 240 pieces" in told
    assert "unknown" in told  # nobody has delivered a valve yet: no lead time is made up
    (need,) = house.get("rita", "/v1/requisitions")["rows"]
    assert answer.headers["location"] == f"/requests/{need['id']}?made=1"
    assert (need["total"]["amount"], need["requester"]) == ("1080.00", "rita")


def test_freight_is_planned_with_the_request_and_stands_on_its_order(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new")
    fields = STOCK | {"needed_by": in_days(house, 9), "charge": "freight", "do": "preview"}

    unsaid = browser.fill(page, "/requests/new", **fields, billed_by="COBALT")
    nobody = browser.fill(page, "/requests/new", **fields, amount="120", billed_by="NOBODY")
    planned = fields | {"amount": "120.00", "billed_by": "COBALT"}
    preview = browser.fill(page, "/requests/new", **planned)
    sent = browser.fill(preview.text, "/requests/new", **(planned | {"do": "send"}))

    assert "How much will they bill?" in text_of(unsaid.text)
    assert "there is no supplier 'NOBODY'" in text_of(nobody.text)
    assert (unsaid.status_code, nobody.status_code) == (422, 422)
    assert "freight 120.00 USD planned, billed by COBALT" in text_of(preview.text)
    (need,) = house.get("rita", "/v1/requisitions")["rows"]
    assert need["total"]["amount"] == "1200.00"
    told = text_of(browser.open(sent.headers["location"]))
    assert "freight 120.00 USD on the order of BLUE, billed by COBALT" in told
    agree(house, need)
    (order,) = house.get("rita", "/v1/purchase-orders")["rows"]
    cost = text_of(browser.open(f"/orders/{order['id']}"))
    assert "freight 120.00 USD planned, 0.00 USD billed" in cost
    assert "a third party bills it: COBALT" in cost
    assert "Committed 1,200.00 USD First approved 1,200.00 USD" in cost


def test_the_form_tells_when_it_can_be_here_by_cut_off_and_working_days(
    house: Installation,
) -> None:
    browser = at_work(house, "rita")
    address = "/requests/new?kind=stock&site=ATL&item=VALVE"
    told = [text_of(browser.open(address))]
    for supplier in ("ADLER", "BLUE"):
        known = house.get("root", f"/v1/suppliers/{supplier}")
        early = house.put("root", f"/v1/suppliers/{supplier}", known | {"cut_off": "08:59:00"})
        assert early.status == 200, early.body
        told.append(text_of(browser.open(address)))
    bad = house.put("root", "/v1/suppliers/BLUE", known | {"cut_off": "nine"})

    three = "3 working days from"
    assert f"Ordered now Thu 5 Mar 2026 ADLER: {three} Mon 2 Mar 2026 on" in told[0]
    assert f"Ordered now Thu 5 Mar 2026 BLUE: {three} Mon 2 Mar 2026 on" in told[1]
    assert f"Ordered now Fri 6 Mar 2026 ADLER: {three} Tue 3 Mar 2026 on" in told[2]
    assert bad.status == 422
    assert "cut_off" in str(bad.body)


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new")

    answer = browser.fill(
        page, "/requests/new", kind="stock", item="NO-SUCH", quantity="ten <b>", unit="EA",
        needed_by="tomorrow", note="for the <i>crew</i>", do="send",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "“ten &lt;b&gt;” is no number." in answer.text
    assert "By which day? Write 2026-07-20." in answer.text
    assert 'value="ten &lt;b&gt;"' in answer.text
    assert "for the &lt;i&gt;crew&lt;/i&gt;" in answer.text
    assert re.search(
        r'id="f-quantity"[^>]*aria-invalid="true"[^>]*aria-describedby="e-q', answer.text
    )
    assert house.get("rita", "/v1/requisitions")["rows"] == []


def test_a_refusal_by_the_rules_stands_beside_the_field_that_it_is_about(
    house: Installation,
) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new")

    answer = browser.fill(
        page,
        "/requests/new",
        **(STOCK | {"item": "GHOST"}),
        needed_by=in_days(house, 3),
        do="send",
    )

    fault = re.search(r'<ul class="faults" id="e-item">(.*?)</ul>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert fault is not None
    assert "GHOST" in fault[1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12", "12"),
        ("1,5", "1.5"),
        ("0", None),
        ("-1", None),
        ("1e3", None),
        ("1.0000001", None),
    ],
)
def test_a_quantity_is_read_as_people_write_it_and_bounded(
    house: Installation, typed: str, kept: str | None
) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new")

    answer = browser.fill(
        page, "/requests/new", **(STOCK | {"quantity": typed}), needed_by=in_days(house, 5),
        do="send",
    )  # fmt: skip

    rows = house.get("rita", "/v1/requisitions")["rows"]
    if kept is None or kept == "1.5":  # half a valve is refused by the rules of units
        assert (answer.status_code, rows) == (422, [])
    else:
        assert rows[0]["lines"][0]["stated"]["value"] == kept


def test_maintenance_names_an_asset_and_what_stands_still(house: Installation) -> None:
    browser = at_work(house, "mona")
    page = browser.open("/requests/new")
    fields = {
        "kind": "maintenance", "site": "ATL", "item": "BOLT", "quantity": "100", "unit": "EA",
        "needed_by": in_days(house, 2), "asset": "press 4",
    }  # fmt: skip

    without = browser.fill(page, "/requests/new", **fields, do="preview")
    answer = browser.fill(
        without.text, "/requests/new", **fields, downtime="stopped", do="preview"
    )
    browser.fill(answer.text, "/requests/new", **fields, downtime="stopped", do="send")

    assert 'value="maintenance"' in page  # it is offered first to maintenance
    assert "What does its lack do to the asset?" in without.text
    assert 'value="press 4"' in without.text
    assert "critical lane" in text_of(answer.text)
    assert "downtime_criticality" in answer.text
    (need,) = house.get("root", "/v1/requisitions")["rows"]
    assert (need["lane"], need["asset"], need["downtime"]) == ("critical", "press 4", "stopped")


def test_an_emergency_tells_cap_clock_and_suppliers_before_it_is_declared(
    house: Installation,
) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new?kind=emergency")
    fields = {
        "kind": "emergency", "item": "VALVE", "quantity": "12", "unit": "EA",
        "cause": "dock door 3 is open", "asset": "dock 3",
    }  # fmt: skip

    told = text_of(page)
    preview = browser.fill(page, "/requests/new", **fields, do="preview")
    answer = browser.fill(preview.text, "/requests/new", **fields, do="send")
    after = text_of(browser.open("/requests/new?kind=emergency"))

    assert "Cap left at the site 6,000.00 USD" in told
    assert "One emergency at most 2,500.00 USD" in told
    assert "fasteners, pipe" in told
    assert "To be ratified by 4 Mar 2026" in told  # two business days after Monday 2 March
    assert "Who ratifies it" in preview.text
    assert answer.status_code == 303
    assert "Cap left at the site 5,880.00 USD" in after
    assert "120.00 USD open and not ratified" in after


def test_an_emergency_above_its_cap_is_refused_in_the_preview_already(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/new?kind=emergency")

    answer = browser.fill(
        page, "/requests/new", kind="emergency", item="VALVE", quantity="600", unit="EA",
        cause="flood", asset="dock 3", do="preview",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "is above 2500" in text_of(answer.text).replace(",", "")


def test_who_may_only_look_sees_the_form_and_cannot_send_it(house: Installation) -> None:
    browser = at_work(house, "audra")
    page = browser.open("/requests/new")
    fields = hidden_of(page, "/requests/new") | STOCK | {"do": "send"}

    answer = browser.send("/requests/new", fields | {"needed_by": in_days(house, 3)})

    assert "You may look at this form" in page
    assert answer.status_code == 403
    assert house.get("root", "/v1/requisitions")["rows"] == []


# ---- following --------------------------------------------------------------------------------


def test_my_requests_tell_whose_turn_it_is_and_what_is_expected(house: Installation) -> None:
    need = raise_need(house, (("VALVE", "100"),))
    raise_need(house, (("BOLT", "100"),), who="rolf", site="DFW")
    step = open_step(house, need["approval"])
    assert step is not None
    browser = at_work(house, "rita")

    mine = text_of(browser.open("/requests"))
    agree(house, need)
    sent = text_of(browser.open("/requests"))

    assert need["id"] in mine
    assert "DFW" not in mine
    assert f"{step['approver']} the approval" in mine
    assert "unknown 0 deliveries so far" in mine
    assert "BLUE the answer to the order" in sent


def test_what_took_time_before_is_expected_to_again(house: Installation) -> None:
    """Five deliveries of 3, 4, 5, 6 and 9 days: half within 5, nine of ten within 9."""
    for days, cases in ((3, 1), (4, 2), (5, 3), (6, 4), (9, 5)):
        _, order = ordered(house, (("VALVE", str(12 * cases)),))
        number = order.number
        house.wait(days=days)
        house.count_at_dock(f"R-{days}", number, {"1": 12 * cases})
    need = raise_need(house, (("VALVE", "120"),))
    browser = at_work(house, "rita")

    told = text_of(browser.open(f"/requests/{need['id']}"))
    page = text_of(browser.open("/requests/new?item=VALVE"))

    assert f"{told_day(house, 5)} half of them; nine of ten by {told_day(house, 9)}" in told
    assert "n = 5" in told
    assert "It takes 5 calendar days half of them; nine of ten within 9, n = 5" in page
    assert "here" in text_of(browser.open("/requests"))


def test_a_promise_stands_before_history(house: Installation) -> None:
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 20}))
    (need,) = house.get("rita", "/v1/requisitions")["rows"]
    promised = house.get("root", f"/v1/purchase-orders/{need['orders'][0]}")["lines"][0]["promise"]

    told = text_of(at_work(house, "rita").open(f"/requests/{need['id']}"))

    assert promised is not None
    assert f"{wording.day(date.fromisoformat(promised))} promised" in told
    assert "ADLER" in told
    assert f"{need['orders'][0]}/1" in told


def test_nudging_and_withdrawing(house: Installation) -> None:
    need = raise_need(house, (("VALVE", "100"),))
    browser = at_work(house, "rita")
    path = f"/requests/{need['id']}"
    page = browser.open(path)

    nudged = browser.fill(page, f"{path}/nudge", note="please")
    again = browser.fill(page, f"{path}/nudge", note="please")
    later = browser.open(path)
    withdrawn = browser.fill(later, f"{path}/withdraw")

    assert nudged.headers["location"] == f"{path}?done=nudge"
    assert again.status_code == 303  # the same form once more is the same nudge
    assert f'action="{path}/nudge"' not in later
    assert "The next time" in text_of(later)
    assert "rita reminds" in text_of(later)
    assert withdrawn.headers["location"] == f"{path}?done=withdraw"
    assert house.get("rita", f"/v1/requisitions/{need['id']}")["state"] == "withdrawn"


def test_who_withdraws_on_an_outdated_page_is_told_what_happened(house: Installation) -> None:
    need = raise_need(house, (("VALVE", "100"),))
    browser = at_work(house, "rita")
    page = browser.open(f"/requests/{need['id']}")
    agree(house, need)

    late = browser.fill(page, f"/requests/{need['id']}/withdraw")

    assert late.status_code == 409
    assert "Nothing was changed." in late.text


def test_a_request_of_another_site_is_not_there_and_anothers_is_only_looked_at(
    house: Installation,
) -> None:
    need = raise_need(house, (("VALVE", "100"),))
    path = f"/requests/{need['id']}"

    colleague = at_work(house, "anna")
    page = colleague.open(path)
    word = hidden_of(page, "/sign-out")["word"]
    tried = colleague.send(f"{path}/withdraw", {"word": word, "key": "0123456789abcdef"})

    assert at_work(house, "rolf").ask("GET", path).status_code == 404
    assert f'action="{path}/nudge"' not in page
    assert f'action="{path}/withdraw"' not in page
    assert tried.status_code in {403, 422}
    assert colleague.ask("GET", "/requests/%00").status_code == 404
    assert Browser(house).ask("GET", "/requests").status_code == 303


# ---- a spreadsheet ----------------------------------------------------------------------------


def upload(browser: Browser, page: str, data: str, rows: str, **more: str) -> Any:
    fields = hidden_of(page, "/requests/upload") | {"rows": rows} | more
    mark = "----manciple"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="n.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{data}\r\n--{mark}--\r\n"
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return browser.ask(
        "POST", "/requests/upload", content="".join(parts).encode(), headers={**OURS, **kind}
    )


def sheet(house: Installation) -> str:
    day = in_days(house, 9)
    return (
        "reference,site,item,quantity,unit,needed_by\r\n"
        f"B-17,ATL,VALVE,120,EA,{day}\r\n"
        f"B-18,ATL,GHOST,1,EA,{day}\r\n"
        f"B-19,ATL,BOLT,many,EA,{day}\r\n"
    )


def test_a_sheet_with_bad_rows_is_taken_whole_or_not_at_all(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/upload")

    answer = upload(browser, page, sheet(house), "all")

    told = text_of(answer.text)
    assert answer.status_code == 422
    assert "4 quantity" in told  # by row and column
    assert "'many' is not a quantity" in told
    assert house.get("rita", "/v1/requisitions")["rows"] == []


def test_the_good_rows_are_taken_and_the_others_told(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/upload")

    answer = upload(browser, page, sheet(house), "good")

    (need,) = house.get("rita", "/v1/requisitions")["rows"]
    told = text_of(answer.text)
    assert answer.status_code == 200
    assert need["id"] in told
    assert need["reference"] == "B-17"
    assert "3 item" in told
    assert "4 quantity" in told


def test_pasted_rows_do_as_well_and_an_empty_form_is_refused(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/upload")

    nothing = upload(browser, page, "", "all")
    good = sheet(house).split("\r\n")[:2]
    answer = upload(browser, page, "", "all", pasted="\n".join(good))

    assert nothing.status_code == 422
    assert "no file was chosen" in nothing.text
    assert answer.status_code == 200
    assert len(house.get("rita", "/v1/requisitions")["rows"]) == 1


def test_a_sheet_needs_a_form_of_ours(house: Installation) -> None:
    browser = at_work(house, "rita")
    page = browser.open("/requests/upload")

    answer = upload(browser, page, sheet(house), "good", word="0" * 40)

    assert answer.status_code == 403
    assert house.get("rita", "/v1/requisitions")["rows"] == []


# ---- how much it costs to look ----------------------------------------------------------------


def test_a_long_list_asks_the_database_no_more_than_a_short_one(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = at_work(house, "rita")
    asked: list[str] = []
    rows, one = Session.rows, Session.one

    def counted(self: Session, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return rows(self, sql, *more)

    def counted_one(self: Session, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return one(self, sql, *more)

    def cost() -> int:
        asked.clear()
        monkeypatch.setattr(Session, "rows", counted)
        monkeypatch.setattr(Session, "one", counted_one)
        browser.open("/requests")
        monkeypatch.undo()
        return len(asked)

    for n in range(3):
        agree(house, raise_need(house, (("VALVE", str(12 * n + 12)), ("BOLT", "100"))))
    few = cost()
    for n in range(12):
        raise_need(house, (("VALVE", str(12 * n + 60)), ("FUSE", "10")))

    assert cost() == few
