"""Carriers: how long goods travel, with each carrier's own spread."""

from collections.abc import Mapping

from manciple.kernel.records import dataclass
from manciple.world.chance import Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier by its SCAC, and how long it takes.

    Attributes:
        scac: an invented one; nobody trades under it here.
        days: whole days on the road, from and to, inclusive; each as likely as the other.
        delays: chances in a hundred that it takes ``delay_days`` more, inclusive.
    """

    scac: str
    name: str
    days: tuple[int, int]
    delays: int
    delay_days: tuple[int, int]

    def travels(self, chance: Chance) -> int:
        """Give the days that one load is on the road."""
        days = chance.between(*self.days)
        late = chance.happens(self.delays)
        return days + (chance.between(*self.delay_days) if late else 0)


CARRIERS = (
    Carrier(scac="MNWF", name="Midway Freight", days=(1, 1), delays=4, delay_days=(1, 1)),
    Carrier(scac="PRLT", name="Prairie LTL", days=(1, 2), delays=8, delay_days=(1, 2)),
    Carrier(scac="CSTX", name="Coastal Express", days=(1, 2), delays=5, delay_days=(1, 3)),
    Carrier(scac="OLDR", name="Old Road Cartage", days=(1, 3), delays=14, delay_days=(1, 4)),
)
"""Assumptions of ours: short, parcel-like, middling and slow; not measured anywhere."""
BY_SCAC: Mapping[str, Carrier] = {each.scac: each for each in CARRIERS}
