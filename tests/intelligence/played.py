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
    """Play a world, with stock told and lines hurried; all of it sealed and followed."""
    settings = replace(settings_from({}, home=home, url=url or None), synchronous="OFF")
    firm = company(seed, suppliers=suppliers, items=items)
    world = demo.set_up(settings, seed=seed, days=days, firm=firm, tick=TICK)
    world.world.tells_stock = True
    for day in range(3, days, 2):
        at = datetime.combine(demo.START + timedelta(days=day), time(15), UTC)
        world.world._at(at, "hurry", partial(_hurry, world))
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
