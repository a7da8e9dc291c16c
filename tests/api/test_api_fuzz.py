"""Requests made from the OpenAPI document, right and wrong: a clear answer always, never a 500.

A few for each address by default; many with `-m soak`. A run's requests follow from its seed.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.installation import Installation, installed, key_of
from tests.scenarios.office import ordered, raise_need

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ENDLESS = "/v1/events/stream"
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("fuzz") / "home") as house:
        desk, order = ordered(house)
        desk.drop(desk.acknowledgment(order, {"1": 8}))
        desk.drop(desk.invoice(order, "F-1"))
        desk.drop(b"noise")
        raise_need(house, (("VALVE", "100"),))
        yield house


def fuzz(
    house: Installation, examples: int, seed: int, *, modes: Iterable[GenerationMode], every: int
) -> int:
    """Send so many requests of each mode to every n-th address; give how many were sent."""
    schema = schemathesis.openapi.from_dict(house.ask("GET", "/openapi.json", who=None).body)
    sent = count(1)
    for place, result in enumerate(schema.get_all_operations()):
        operation: Any = result.ok()  # type: ignore[union-attr]
        if operation.path != ENDLESS and place % every == seed % every:
            for mode in modes:
                _fuzz_one(house, operation, mode, examples, seed, sent)
    return next(sent) - 1


def _fuzz_one(
    house: Installation,
    operation: Any,
    mode: GenerationMode,
    examples: int,
    seed: int,
    sent: Iterator[int],
) -> None:
    """Ask at one address; every other request is about a document that is there."""
    real = _real(house, operation.path)

    @seeded(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        n = next(sent)
        if real and n % 2:
            case.path_parameters = dict.fromkeys(case.path_parameters, real)
        _send(house, case, f"fuzz-{seed}-{n}")

    with suppress(Unsatisfiable):  # an address with nothing that could be wrong
        one()


def _real(house: Installation, path: str) -> str:
    """Give the id of something that an address can be about."""
    noun = path.split("/")[2] if path.startswith("/v1/") and "{" in path else ""
    if noun in {"", "endpoints", "delegations", "keys", "links", "trace", "undos", "policies"}:
        return {"policies": "tolerances", "endpoints": "erp", "trace": "BOLT"}.get(noun, "")
    rows = house.get("root", f"/v1/{noun}")["rows"]
    return str(rows[0].get("id") or rows[0].get("key") or "") if rows else ""


def _send(house: Installation, case: Any, once: str) -> None:
    headers = {"Authorization": f"Bearer {key_of('root')}"}
    asked = case.as_transport_kwargs(base_url="http://manciple.invalid", headers=headers)
    asked["headers"].setdefault("Idempotency-Key", once)
    data = asked.get("data")
    request = httpx.Request(
        asked["method"],
        asked["url"],
        params=asked.get("params"),
        headers=[
            (str(name).encode(), str(value).encode("latin-1", "replace"))
            for name, value in asked["headers"].items()
        ],
        content=data.encode() if isinstance(data, str) else data,
        json=asked.get("json"),
    )
    answer = house.loop.run_until_complete(house.client.send(request))
    case.validate_response(answer, checks=CHECKS)


def test_no_request_breaks_the_server(place: Installation) -> None:
    sent = fuzz(place, 3, seed=7, modes=[GenerationMode.NEGATIVE], every=12)

    assert sent > 8


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [11, 12])
def test_no_request_of_many_breaks_the_server(place: Installation, seed: int) -> None:
    assert fuzz(place, 4, seed=seed, modes=MODES, every=1) > 300
