"""The distributor and its suppliers: sites, items, offers and people, all from one seed."""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum, auto

from manciple.kernel.records import dataclass
from manciple.world.carrier import CARRIERS
from manciple.world.chance import Chance


class Character(StrEnum):
    """How a supplier behaves, by and large."""

    EXCELLENT = auto()
    SOLID = auto()
    LATE = auto()
    SHORT = auto()
    CREEPING = auto()
    SILENT = auto()
    SLOPPY = auto()
    SUBSTITUTING = auto()
    OVERSOLD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A character in chances of a hundred for each order, and in hours and days.

    Attributes:
        answers_in_hours: from reading the order to answering it, from and to, inclusive.
        forgets_to_answer: does not answer unless somebody calls.
        confirms_short: confirms 40 to 90 % of one line.
        raises_price: asks 4 to 12 % more for one line.
        substitutes: offers another item of its own for one line.
        slips_days: leaves so many days after the day that keeps the promise, inclusive.
        ships_short: one case less on the truck than confirmed, with nobody told.
        splits: ships half, and the rest two days later.
        over_ships: two to four cases more on the truck than ordered.
        bills_wrong: a price 7 % too high or a case too many on the bill.
        bills_twice: the same bill again a day later.
        mails_bills: bills go to the AP mailbox; somebody there hands the file in.
    """

    answers_in_hours: tuple[int, int]
    forgets_to_answer: int
    confirms_short: int
    raises_price: int
    slips_days: tuple[int, int]
    ships_short: int
    splits: int
    over_ships: int
    bills_wrong: int
    bills_twice: int
    substitutes: int = 0
    mails_bills: bool = False


HABITS: dict[Character, Habits] = {
    Character.EXCELLENT: Habits(
        answers_in_hours=(1, 3), forgets_to_answer=0, confirms_short=1, raises_price=0,
        slips_days=(0, 0), ships_short=0, splits=2, over_ships=0, bills_wrong=0, bills_twice=0,
    ),
    Character.SOLID: Habits(
        answers_in_hours=(2, 8), forgets_to_answer=1, confirms_short=4, raises_price=1,
        slips_days=(0, 1), ships_short=2, splits=8, over_ships=1, bills_wrong=2, bills_twice=1,
    ),
    Character.LATE: Habits(
        answers_in_hours=(4, 20), forgets_to_answer=2, confirms_short=4, raises_price=1,
        slips_days=(1, 4), ships_short=3, splits=10, over_ships=0, bills_wrong=2, bills_twice=0,
    ),
    Character.SHORT: Habits(
        answers_in_hours=(2, 10), forgets_to_answer=1, confirms_short=30, raises_price=1,
        slips_days=(0, 1), ships_short=8, splits=15, over_ships=0, bills_wrong=2, bills_twice=0,
    ),
    Character.CREEPING: Habits(
        answers_in_hours=(2, 8), forgets_to_answer=0, confirms_short=3, raises_price=14,
        slips_days=(0, 1), ships_short=1, splits=5, over_ships=0, bills_wrong=18, bills_twice=0,
    ),
    Character.SILENT: Habits(
        answers_in_hours=(10, 40), forgets_to_answer=35, confirms_short=3, raises_price=1,
        slips_days=(0, 2), ships_short=2, splits=5, over_ships=0, bills_wrong=2, bills_twice=0,
        mails_bills=True,
    ),
    Character.SLOPPY: Habits(
        answers_in_hours=(2, 12), forgets_to_answer=4, confirms_short=6, raises_price=3,
        slips_days=(0, 2), ships_short=6, splits=15, over_ships=8, bills_wrong=8, bills_twice=10,
        mails_bills=True,
    ),
    Character.SUBSTITUTING: Habits(
        answers_in_hours=(2, 10), forgets_to_answer=1, confirms_short=4, raises_price=1,
        slips_days=(0, 1), ships_short=2, splits=6, over_ships=0, bills_wrong=2, bills_twice=0,
        substitutes=25,
    ),
    Character.OVERSOLD: Habits(
        answers_in_hours=(2, 10), forgets_to_answer=2, confirms_short=4, raises_price=1,
        slips_days=(0, 14), ships_short=2, splits=10, over_ships=0, bills_wrong=2, bills_twice=0,
    ),
}  # fmt: skip
"""Assumptions of ours, chosen to make every exception happen; not measured anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A warehouse with a branch."""

    id: str
    name: str
    city: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier with a character and an envelope address."""

    id: str
    name: str
    character: Character
    address: str
    carrier: str = "MNWF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A stock item, counted in EA and packed in cases."""

    id: str
    description: str
    category: str
    per_case: int
    regulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a supplier asks for an item; the price is for one EA."""

    supplier: str
    item: str
    supplier_item: str
    price: Decimal
    lead_days: int
    preferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works for the distributor.

    ``approves``: the approval roles that the person holds; ``limit`` in USD.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    sites: tuple[str, ...] = ()
    approves: tuple[str, ...] = ()
    limit: int = 0
    manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Everything that stands before the first day."""

    sites: tuple[Site, ...]
    suppliers: tuple[Supplier, ...]
    items: tuple[Item, ...]
    offers: tuple[Offer, ...]
    people: tuple[Person, ...]

    def offers_of(self, item: str) -> tuple[Offer, ...]:
        """Give the offers for an item, the preferred one first."""
        found = [offer for offer in self.offers if offer.item == item]
        return tuple(sorted(found, key=lambda o: (not o.preferred, o.price, o.supplier)))


SITES = (
    Site(id="ATL", name="Atlanta", city="Atlanta, GA", zone="America/New_York"),
    Site(id="DFW", name="Dallas", city="Dallas, TX", zone="America/Chicago"),
    Site(id="ORD", name="Chicago", city="Chicago, IL", zone="America/Chicago"),
    Site(id="DEN", name="Denver", city="Denver, CO", zone="America/Denver"),
    Site(id="PHX", name="Phoenix", city="Phoenix, AZ", zone="America/Phoenix"),
    Site(id="SEA", name="Seattle", city="Seattle, WA", zone="America/Los_Angeles"),
)
_FIRMS = (
    "Adler Fastening", "Bluestem Valve", "Cobalt Tool", "Dunmore Electric", "Eastlake Pump",
    "Fairline Safety", "Granite Bearing", "Harbor Abrasives", "Ironwood Pipe", "Juniper Filter",
    "Keystone Hose", "Larkspur Lighting", "Meridian Seal", "Northgate Chemical", "Oakhurst Rope",
    "Pinnacle Welding", "Quarry Cutting", "Ridgeway Motor", "Summit Gasket", "Tamarack Hardware",
    "Umber Coatings", "Vantage Hydraulics", "Westbrook Conveyor", "Yarrow Packaging",
    "Zenith Instruments", "Alder Cable", "Birch Gloves", "Cedar Anchor", "Delta Fuse",
    "Elm Solvent", "Fir Drive", "Gale Blower", "Hollow Clamp", "Inlet Strainer", "Jasper Coupling",
    "Kelp Marine", "Linden Ladder", "Maple Brush", "Nettle Sensor", "Onyx Tape",
)  # fmt: skip
_CHARACTERS = (
    (Character.SOLID, 8), (Character.EXCELLENT, 4), (Character.LATE, 2), (Character.SHORT, 2),
    (Character.CREEPING, 2), (Character.SILENT, 1), (Character.SLOPPY, 1),
    (Character.SUBSTITUTING, 2),
)  # fmt: skip
_CATEGORIES = {
    "fasteners": ("hex bolt M8x40", "anchor 12 mm", "lock nut M10", "wood screw 5x60", "washer"),
    "pipe": ("ball valve 1/2 in", "copper elbow 22 mm", "pipe clamp 2 in", "gasket DN50", "union"),
    "electrical": ("breaker 16 A", "cable gland M20", "relay 24 V", "LED panel 40 W", "fuse 10 A"),
    "safety": ("nitrile gloves L", "safety glasses", "ear plugs", "hi-vis vest", "hard hat"),
    "power-transmission": ("bearing 6204", "V-belt A42", "roller chain 08B", "coupling 28 mm"),
    "chemicals": ("degreaser 5 l", "thread sealant", "cutting fluid", "cleaner spray"),
}
_CASES = (6, 10, 12, 20, 24, 48)


_CORE = (24, 240)
"""Suppliers and items of the company's core; a larger company has the core unchanged inside."""


def company(seed: int, *, suppliers: int = 40, items: int = 500) -> Company:
    """Found the company: the same seed and sizes give the same company."""
    characters = [each for each, weight in _CHARACTERS for _ in range(weight)]
    firms = tuple(
        Supplier(
            id=f"SUP-{n + 1:02}",
            name=_FIRMS[n % len(_FIRMS)] + ("" if n < len(_FIRMS) else f" {n // len(_FIRMS) + 1}"),
            character=characters[n % len(characters)],
            address=f"WORLDSUP{n + 1:02}",
            carrier=CARRIERS[n % len(CARRIERS)].scac,
        )
        for n in range(suppliers)
    )
    core, more = Chance(seed, "company"), Chance(seed, "company", "more")
    first = tuple(_item(core, n) for n in range(min(items, _CORE[1])))
    offers = [offer for item in first for offer in _offers(core, item, firms[: _CORE[0]])]
    rest = tuple(_item(more, n) for n in range(len(first), items))
    others = firms[_CORE[0] :] or firms
    offers += [offer for item in rest for offer in _offers(more, item, others)]
    return Company(
        sites=SITES, suppliers=firms, items=first + rest, offers=tuple(offers), people=_people()
    )


def _item(chance: Chance, n: int) -> Item:
    category = list(_CATEGORIES)[n % len(_CATEGORIES)]
    name = chance.one_of(_CATEGORIES[category])
    return Item(
        id=f"SKU-{n + 1:04}",
        description=f"{name}, type {chance.between(100, 999)}",
        category=category,
        per_case=chance.one_of(_CASES),
        regulated=category == "chemicals" and chance.happens(40),
    )


def _offers(chance: Chance, item: Item, firms: tuple[Supplier, ...]) -> list[Offer]:
    base = chance.cents(45, 4200)
    found = []
    for place, firm in enumerate(chance.some_of(firms, chance.between(1, 3))):
        percent = Decimal(100 + place * chance.between(1, 6)) / 100
        found.append(
            Offer(
                supplier=firm.id,
                item=item.id,
                supplier_item=f"{firm.id[-2:]}-{item.id[-4:]}",
                price=(base * percent).quantize(Decimal("0.01"), ROUND_HALF_UP),
                lead_days=chance.between(2, 6),
                preferred=place == 0,
            )
        )
    return found


def _people() -> tuple[Person, ...]:
    people = [
        Person(
            id="nora.feld", name="Nora Feld", roles=("approver",), approves=("category_manager",),
            limit=25_000, manager="omar.reyes",
        ),
        Person(
            id="omar.reyes", name="Omar Reyes", roles=("approver",), limit=100_000,
            approves=("finance_controller",), manager="ida.lund",
        ),
        Person(
            id="ida.lund", name="Ida Lund", roles=("approver",), approves=("cfo",),
            limit=10_000_000,
        ),
        Person(id="ben.carver", name="Ben Carver", roles=("buyer",)),
        Person(id="tess.quinn", name="Tess Quinn", roles=("buyer",)),
        Person(id="paul.iyer", name="Paul Iyer", roles=("planner",)),
        Person(id="ada.brandt", name="Ada Brandt", roles=("ap_clerk",)),
        Person(id="luis.ortega", name="Luis Ortega", roles=("ap_lead", "ap_clerk")),
        Person(id="kim.soto", name="Kim Soto", roles=("integration",)),
        Person(id="eva.holm", name="Eva Holm", roles=("process_owner",)),
        Person(id="sam.weld", name="Sam Weld", roles=("quality",)),
        Person(id="rosa.may", name="Rosa May", roles=("steward",)),
    ]  # fmt: skip
    for site in SITES:
        low = site.id.lower()
        people += [
            Person(id=f"branch.{low}", name=f"{site.name} branch manager", sites=(site.id,),
                   roles=("requester", "approver"), approves=("branch_manager",), limit=5_000,
                   manager="nora.feld"),
            Person(id=f"deputy.{low}", name=f"{site.name} deputy manager", sites=(site.id,),
                   roles=("requester", "approver"), approves=("branch_manager",), limit=5_000,
                   manager="nora.feld"),
            Person(id=f"planner.{low}", name=f"{site.name} planner", sites=(site.id,),
                   roles=("planner", "requester")),
            Person(id=f"dock.{low}", name=f"{site.name} warehouse lead", sites=(site.id,),
                   roles=("warehouse_lead",)),
        ]  # fmt: skip
    return tuple(people)
