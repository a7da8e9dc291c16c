"""Who dies when: seeded, so that a storm can be repeated as far as processes allow."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.databases import OwnServer
from tests.soak.neighbours import MODULES
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


def everything(storm: Storm, *, seed: int, minutes: float, told: Callable[[str], None]) -> Verdict:
    """Kill, take away and repeat, one after the other, until the time is over and all is said."""
    chance = random.Random(seed)
    ours = ["door"] if storm.server is None else ["door", "worker-a", "worker-b", "postgresql"]
    with storm:
        partners = sorted(each.name for each in storm.partners.iterdir())
        absent = ["erp", "wms", "finance", *partners]
        began = time.monotonic()
        while time.monotonic() - began < minutes * 60 or not storm.is_all_said:
            _one_blow(storm, chance, ours, absent, told)
            time.sleep(chance.uniform(0.4, 1.6))
        settled = storm.calm(seconds=300)
        return judge(storm, settled)


def _one_blow(
    storm: Storm,
    chance: random.Random,
    ours: list[str],
    absent: list[str],
    told: Callable[[str], None],
) -> None:
    match chance.randrange(4):
        case 0 | 1:
            victim = chance.choice([*ours, *MODULES])
            told(f"kill {victim}")
            storm.kill(victim)
        case 2:
            told("the ERP dies before it answers")
            storm.die("erp", on=chance.choice(DYING))
        case _:
            absent.append(absent.pop(0))  # each in turn
            told(f"{absent[-1]} is away")
            with storm.away(absent[-1]):
                time.sleep(chance.uniform(2, 8))
    storm.wait_ready()


def undisturbed(storm: Storm) -> Verdict:
    """Let everybody work in peace."""
    with storm:
        return judge(storm, storm.calm(seconds=300))
