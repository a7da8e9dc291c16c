"""A partner that is away for three days: all else goes on; what waited leaves by what matters."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.transports.disk import Disk
from tests.api.installation import Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, need

AWAY, HERE = "ADLER", "BLUE"
DAYS = (30, 12, 21, 9)
"""In how many days each need is wanted, in the order in which they are stated."""
KINDS: tuple[tuple[str, dict[str, bool]], ...] = (
    ("BOLT", {}),  # fasteners are bulk
    ("GLOVES", {}),  # standard
    ("ANCHOR", {"customer_waiting": True}),  # critical, whatever it is
)


@contextmanager
def away(house: Installation, supplier: str) -> Iterator[None]:
    """Take a partner's folder away; what is handed over meanwhile fails."""
    folder = house.home / "partners" / supplier / "out"
    kept = folder.with_name("out.kept")
    folder.rename(kept)
    folder.write_bytes(b"")
    yield
    folder.unlink()
    kept.rename(folder)


def wanted(house: Installation, days: int) -> str:
    """Give a day from now."""
    return (house.clock.now() + timedelta(days=days)).date().isoformat()


def state(house: Installation, item: str, days: int, more: dict[str, bool]) -> str:
    """State a need and have everybody agree; give the order."""
    body = need(house, ((item, "100"),)) | more
    body["lines"][0]["needed_by"] = wanted(house, days)
    answer = house.post("rita", "/v1/requisitions", body)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.body
    house.settle()
    agree(house, made)
    (order,) = house.get("rita", f"/v1/requisitions/{made['id']}")["orders"]
    return str(order)


def arrived(house: Installation, supplier: str) -> list[str]:
    """Give the orders whose files lie in a partner's folder, as their names sort."""
    side, sent = SupplierSide(house, supplier), house.sent_to(supplier)
    return [number for name in sorted(sent) for number in side.numbers(sent[name])]


@contextmanager
def overseen() -> Iterator[list[Path]]:
    """Give the files that are handed over meanwhile, in their sequence.

    Their times do not tell it: several are written within one tick of the file system.
    """
    handed: list[Path] = []
    publish = Disk.publish

    def seen(disk: Disk, source: str, target: str) -> None:
        publish(disk, source, target)
        handed.append(Path(target))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Disk, "publish", seen)
        yield handed


def test_three_days_away_at_the_busiest_time(house: Installation) -> None:
    waiting: dict[str, tuple[int, str, int]] = {}
    with away(house, AWAY):
        for turn, days in enumerate(DAYS):
            for rank, (item, more) in enumerate(reversed(KINDS)):
                order = state(house, item, days, more)
                waiting[order] = (rank, wanted(house, days), len(waiting))
            state(house, "VALVE", 10 + turn, {})
            house.wait(hours=18)

        orders = len(waiting) + len(DAYS)
        assert house.own(
            "select count(*), max(settled_at - at) from effect "
            f"where state = 'done' and endpoint <> 'edi:{AWAY}'"
        ) == [(3 * orders + len(DAYS), 0)], "all else at once"
        assert len(arrived(house, HERE)) == len(DAYS)
        (case,) = cases(house, "ENDPOINT_DOWN")
        assert case["supplier"] == AWAY
        assert case["owner_role"] == "process_owner", "nobody looked after it for three days"
        stuck = house.get("kim", f"/v1/effects?endpoint=edi:{AWAY}")["rows"]
        assert {each["state"] for each in stuck} == {"due"}
    assert arrived(house, AWAY) == []

    with overseen() as handed:
        house.wait(minutes=6)

    side, files = SupplierSide(house, AWAY), house.sent_to(AWAY)
    came = [number for file in handed for number in side.numbers(files[file.name])]
    wanted_in = sorted(waiting, key=lambda order: waiting[order])
    assert sorted(came) == sorted(arrived(house, AWAY))
    assert came[: len(KINDS)] == wanted_in[:: len(DAYS)], "each lane tries its most urgent first"
    assert came[len(KINDS) :] == [each for each in wanted_in if each not in came[: len(KINDS)]]
    assert not cases(house, "ENDPOINT_DOWN"), "it is cured by itself"
    assert not house.get("kim", "/v1/effects?state=dead")["rows"]
    sent = house.own("select count(*), count(distinct key) from effect where verb = 'edi.send'")
    assert sent == [(orders, orders)]
