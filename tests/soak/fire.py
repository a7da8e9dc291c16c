"""Who dies when: seeded, so that a storm can be repeated as far as processes allow."""

import random
import time
from pathlib import Path

from tests.databases import OwnServer
from tests.soak.storm import Storm
from tests.soak.verdict import Verdict, judge

DYING = ("/purchase-orders", "/receipts", "/invoices")
"""What the ERP commits before it dies without an answer."""


def on_sqlite(url: str, folder: Path, *, kills: int, seed: int = 5) -> Verdict:
    """Kill the one process of ours and its neighbours."""
    return _under_fire(Storm(url, folder), ["door", "die", "door", "erp", "wms", "finance"],
                       kills, seed)  # fmt: skip


def on_postgresql(server: OwnServer, folder: Path, *, kills: int, seed: int = 5) -> Verdict:
    """Kill doors, workers, neighbours and the database itself."""
    who = ["worker-a", "die", "postgresql", "door", "worker-b", "erp", "finance", "wms"]
    return _under_fire(Storm(server.fresh(), folder, server=server), who, kills, seed)


def _under_fire(storm: Storm, who: list[str], kills: int, seed: int) -> Verdict:
    chance = random.Random(seed)
    with storm:
        for number in range(kills):
            time.sleep(chance.uniform(0.4, 1.6))
            victim = who[number % len(who)] if number < len(who) else chance.choice(who)
            if victim == "die":
                storm.die("erp", on=chance.choice(DYING[: 1 + number // 4]))
            else:
                storm.kill(victim)
            storm.wait_ready()
        settled = storm.calm()
        return judge(storm, settled)
