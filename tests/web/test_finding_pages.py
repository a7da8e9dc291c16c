"""Anything by its first signs: within the reader's rights, and nothing else."""

from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.api.installation import Installation, installed, key_of
from tests.scenarios.office import cases, ordered
from tests.web.signed_in import text_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("finding") / "home") as made:
        desk, order = ordered(made, (("ANCHOR", "400"),), supplier="ADLER")
        desk.drop(desk.acknowledgment(order, {"1": 15}))
        yield made


def find(house: Installation, who: str, q: str, *, palette: bool = False) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key_of(who)}"} | (
        {"X-Palette": "true"} if palette else {}
    )
    asked = house.client.request("GET", "/find", params={"q": q}, headers=headers)
    return house.loop.run_until_complete(asked)


def order_of(house: Installation) -> str:
    return str(house.get("root", "/v1/purchase-orders")["rows"][0]["id"])


def test_an_order_is_found_by_the_beginning_of_its_number_in_any_case(house: Installation) -> None:
    order = order_of(house)

    for typed in (order, order[:6], order.lower(), order[:8].lower()):
        page = find(house, "paul", typed)
        assert f">{order}</a>" in page.text, typed
        assert 'href="/trace/' in page.text


def test_pages_are_found_by_any_word_of_their_name_and_by_right(house: Installation) -> None:
    assert 'href="/waiting"' in find(house, "paul", "orders w").text.replace("\n", "")
    assert ">Where orders wait</a>" in find(house, "paul", "wait").text
    assert ">Order lines</a>" in find(house, "ben", "order l").text
    assert ">Order lines</a>" not in find(house, "ada", "order l").text


def test_suppliers_sites_items_and_exceptions_are_found(house: Installation) -> None:
    case = cases(house, "SHORTAGE")[0]["id"]

    assert 'href="/waiting?supplier=ADLER"' in find(house, "ben", "adl").text
    assert 'href="/waiting?site=ATL"' in find(house, "ben", "ATL").text
    assert "q=ANCHOR" in find(house, "ben", "anch").text
    assert f'href="/exceptions/{case}"' in find(house, "ben", case[:9]).text


def test_somebody_of_another_site_finds_nothing_of_this_one(house: Installation) -> None:
    order, case = order_of(house), cases(house, "SHORTAGE")[0]["id"]

    assert f'href="/exceptions/{case}"' in find(house, "rita", case).text
    for q in (order, case):
        assert "Nothing that you may see" in text_of(find(house, "rolf", q).text)


@pytest.mark.parametrize(
    "q", ["", "x", "%", "_%", "'", "\x00", "<script>", "A" * 200, "\U0010ffff"]
)
def test_noise_finds_nothing_and_breaks_nothing(house: Installation, q: str) -> None:
    answer = find(house, "paul", q)

    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script defer", "")
    assert "/trace/requisition" not in answer.text
    assert find(house, "paul", "A" * 201).status_code == 422


def test_the_palette_gets_options_alone(house: Installation) -> None:
    answer = find(house, "paul", "PO-", palette=True)

    assert answer.text.count('role="option"') >= 1
    assert "<html" not in answer.text
    assert 'id="palette-1"' in answer.text


def test_keys_are_looked_up_by_their_index(house: Installation) -> None:
    sql = (
        "explain query plan select t.key from trace t join document d on d.ref = t.ref "
        "where ((t.key >= 'PO-' and t.key < 'PO-z') or (t.key >= 'po-' and t.key < 'po-z')) "
        "order by t.key, t.thread, t.ref limit 40"
    )
    with house.app.store.engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.execute(sa.text(sql)))

    assert "SCAN" not in plan.upper() or "USING" in plan.upper(), plan
