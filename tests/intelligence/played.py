"""A distributor, played for some days in this process and left open to be asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from manciple.app import settings_from
from manciple.cli import demo
from manciple.world.company import company
from manciple.world.world import Telling

SEED, DAYS, TICK = 5, 12, timedelta(hours=1)
SUPPLIERS, ITEMS = 12, 60
"""A small one unless more is asked for: it takes seconds."""
_CAUSES = ("late_approval", "supplier_late", "forecast", "late_acknowledgment", "unknown")
_BUYER = "ben.carver"


@contextmanager
def played(
    home: Path,
    url: str = "",
    *,
    days: int = DAYS,
    seed: int = SEED,
    suppliers: int = SUPPLIERS,
    items: int = ITEMS,
) -> Iterator[demo.Demo]:
    """Play a world, with stock told, lines hurried, freight billed; all sealed and followed."""
    settings = replace(settings_from({}, home=home, url=url or None), synchronous="OFF")
    firm = company(seed, suppliers=suppliers, items=items)
    world = demo.set_up(settings, seed=seed, days=days, firm=firm, tick=TICK)
    world.world.tells_stock = Telling.ALL
    for day in range(3, days, 2):
        at = datetime.combine(demo.START + timedelta(days=day), time(15), UTC)
        world.world._at(at, "hurry", partial(_hurry, world))
        world.world._at(at + timedelta(hours=2), "freight", partial(_bill_freight, world))
    demo.play(world, quiet=True)
    try:
        yield world
    finally:
        world.wire.close()
        world.app.store.engine.dispose()


def _hurry(world: demo.Demo, at: datetime) -> None:
    """Have a buyer pay for the first line of the newest orders to come sooner."""
    person = world.world.office.person(_BUYER)
    assert person is not None
    api = world.world.api(person)
    for place, order in enumerate(api.get("/v1/purchase-orders?limit=5")["rows"]):
        body = {
            "line": "1",
            "cost": {"amount": f"{40 + place}.50", "currency": "USD"},
            "cause": _CAUSES[place],
            "override": "a customer waits",
        }
        once = f"hurry-{order['id']}-{at:%d}"
        api.post(f"/v1/purchase-orders/{order['id']}/expedite", body, once=once)


def _bill_freight(world: demo.Demo, at: datetime) -> None:
    """Have the suppliers of the newest orders bill the freight by itself."""
    person = world.world.office.person(_BUYER)
    assert person is not None
    rows = world.world.api(person).get("/v1/purchase-orders?limit=5")["rows"]
    for place, order in enumerate(rows):
        desk = world.world._desks.get(order["supplier"])
        if desk is None or order["state"] in {"placed", "refused", "recorded", "cancelled"}:
            continue
        cents = str(2_000 + 150 * place)
        day = f"{at:%Y%m%d}"
        paper = desk._paper(
            "810", at, [
                ("BIG", day, f"F{order['id'][-8:]}{at:%d}", day, order["id"]),
                ("TDS", cents), ("SAC", "C", "D240", "", "", cents), ("CTT", "0"),
            ],
        )  # fmt: skip
        world.world.mail.drop(order["supplier"], paper.name, paper.content)
