"""Records at the API's door: what nobody can mean is refused by its field, and changes nothing."""

from typing import Any

import pytest

from tests.api.installation import Installation

VALVE = "/v1/items/VALVE"
ANA = "/v1/authorities/ana"
OUTLOOK = "/v1/outlooks/ATL:VALVE"
TOLD = {
    "site": "ATL", "item": "VALVE", "as_of": "2026-03-02T12:00:00Z",
    "on_hand": {"value": "60", "unit": "EA"},
}  # fmt: skip


def kept(house: Installation, path: str) -> dict[str, Any]:
    body: dict[str, Any] = house.get("root", path)
    return {name: value for name, value in body.items() if name not in {"version", "state"}}


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (VALVE, {"category": "x" * 81}, "item.category"),
        (VALVE, {"description": "a\u202eb"}, "item.description"),
        (VALVE, {"description": "x" * 2001}, "description"),
        (VALVE, {"gtin": "1234567"}, "item.gtin"),
        (VALVE, {"gtin": "१२३४५६७८"}, "item.gtin"),
        ("/v1/suppliers/BLUE", {"channel": "pigeon"}, "supplier.channel"),
        ("/v1/suppliers/BLUE", {"contact": "nobody"}, "supplier.contact"),
        ("/v1/suppliers/BLUE", {"name": " "}, "supplier.name"),
        ("/v1/sites/ATL", {"zone": "Mars/Olympus"}, "site.zone"),
        ("/v1/sites/ATL", {"name": ""}, "site.name"),
        ("/v1/partners/BLUE", {"overlay": "../../etc/passwd"}, "partner.overlay"),
        ("/v1/partners/BLUE", {"gap_hours": -1}, "partner.gap_hours"),
        ("/v1/partners/BLUE", {"gap_hours": 8785}, "partner.gap_hours"),
        ("/v1/people/rita", {"email": "rita"}, "person.email"),
        ("/v1/people/rita", {"sites": ["\u202e"]}, "person.sites.0"),
        ("/v1/agreements/BLUE/VALVE", {"lead_days": 1001}, "agreement.lead_days"),
        ("/v1/agreements/BLUE/VALVE", {"lead_days": 10**40}, "agreement.lead_days"),
    ],
)
def test_what_nobody_can_mean_is_refused_by_its_field(
    house: Installation, path: str, change: dict[str, Any], field: str
) -> None:
    before = kept(house, path)

    answer = house.put("root", path, before | change)

    assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (422, [field])
    assert all(each["fix"] for each in answer.body["errors"])
    assert kept(house, path) == before


@pytest.mark.parametrize("value", [1.5, "1_000", "1e5", " 1 ", "\u0661", "NaN", True, None])
def test_a_figure_stands_in_plain_digits(house: Installation, value: object) -> None:
    answer = house.put("root", OUTLOOK, TOLD | {"on_hand": {"value": value, "unit": "EA"}})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "on_hand.value"


@pytest.mark.parametrize("value", ["0", "60", "1.5", 7])
def test_digits_and_a_whole_number_are_plain(house: Installation, value: object) -> None:
    answer = house.put("root", OUTLOOK, TOLD | {"on_hand": {"value": value, "unit": "EA"}})

    assert answer.status in {200, 201}, answer.body


def test_an_instant_without_a_zone_is_refused_and_breaks_nothing(house: Installation) -> None:
    first = house.put("root", OUTLOOK, TOLD)
    naive = house.put("root", OUTLOOK, TOLD | {"as_of": "2026-03-03T12:00:00"})

    assert (first.status in {200, 201}, naive.status) == (True, 422)
    assert naive.body["errors"][0]["field"] == "as_of"
    assert house.put("root", OUTLOOK, TOLD | {"as_of": "2026-03-03T12:00:00+01:00"}).status == 200


@pytest.mark.parametrize("name", ["..%2F..", "%F0%9F%98%80", "a" * 81, "%E2%80%AE", "-1"])
def test_a_new_record_has_a_name_that_can_be_typed(house: Installation, name: str) -> None:
    body = {key: value for key, value in kept(house, VALVE).items() if key != "id"}

    answer = house.put("root", f"/v1/items/{name}", body)

    assert (answer.status, answer.codes) == (422, {"BAD_ITEM"})


def test_an_on_call_roster_is_of_a_site_that_there_is(house: Installation) -> None:
    there = house.put("root", "/v1/on-call/ATL", {"turns": []})
    nowhere = house.put("root", "/v1/on-call/NOWHERE", {"turns": []})

    assert there.status in {200, 201}
    assert (nowhere.status, nowhere.codes) == (422, {"UNKNOWN_SITE"})


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\x7fb", "a\ud800b"])
def test_what_nobody_can_see_is_no_text_at_any_act(house: Installation, text: str) -> None:
    marked = house.post("rita", "/v1/notices/read", {"subject": text})
    tried = house.post("root", "/v1/policies/tolerances/decide", {"facts": {}, "version": text})
    named = house.put("root", VALVE, kept(house, VALVE) | {"description": text})

    assert (marked.status, tried.status // 100, named.status) == (422, 4, 422)
    assert named.codes == {"BAD_TEXT"}
