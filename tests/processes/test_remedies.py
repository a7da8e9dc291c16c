"""The table of remedies: every resolution that policy names does something, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered

from manciple.app.definitions import load
from manciple.kernel.errors import MancipleError
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes.exceptions.remedy import Remedies, Remedy
from manciple.processes.exceptions.table import remedies


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


def test_two_remedies_for_one_resolution_and_kind_are_a_programming_error() -> None:
    row = Remedy(name="accept", on=(PurchaseOrder.KIND,), effect="It stands.")

    with pytest.raises(MancipleError, match="two remedies for accept of a purchase-order"):
        Remedies((row, row))


def test_every_resolution_that_policy_names_is_a_remedy() -> None:
    definitions = load()
    known = {row.name for row in remedies(definitions.flow("direct")).rows}
    (table,) = (t for t in definitions.register.tables() if t.name == "exception_routing")

    named: set[str] = set()
    for row in table.rows:
        allowed = table.answers(row)["resolutions"]
        assert isinstance(allowed, tuple)
        named.update(allowed)

    assert named
    assert named <= known


def test_a_resolution_takes_the_words_that_it_needs_and_no_others(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house)
    body = {"resolution": "accept", "terms": {"colour": "blue"}}

    refused = house.post("paul", f"/v1/exceptions/{case['id']}/resolve", body)

    assert (refused.status, refused.codes) == (422, {"UNKNOWN_TERM"})
    assert refused.body["errors"][0]["field"] == "terms.colour"
    assert cases(house)
