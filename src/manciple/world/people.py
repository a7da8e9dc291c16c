"""The distributor's people: who asks, who decides, who mends, and how long each takes.

Everybody works through the public API with a key of their own. Reaction times follow from how
often somebody looks: an approver four times a day, a planner or buyer three times.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from manciple.world.chance import Chance
from manciple.world.client import Api
from manciple.world.company import Company, Person, Site

LOOKS = (time(8, 40), time(11, 20), time(14, 10), time(16, 30))
"""When people look at what waits for them, local time. An assumption of ours."""
_FIRST_CHOICE: Mapping[str, tuple[str, ...]] = {
    "SHORTAGE": ("cancel_remainder", "await_balance", "accept"),
    "SHORT_RECEIPT": ("await_balance", "cancel_remainder", "accept"),
    "PRICE_VARIANCE": ("accept", "dispute"),
    "DATE_CHANGE": ("accept",),
    "NO_ACKNOWLEDGMENT": ("chase", "accept"),
    "DELAYED_RECEIPT": ("chase", "await_balance", "accept"),
    "INVOICE_MISMATCH": ("release", "accept", "dispute"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A requisition that somebody will raise."""

    at: datetime
    person: str
    body: Mapping[str, Any]
    once: str


def local(day: date, at: time, zone: str) -> datetime:
    """Give the instant of a local time."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def working_days(start: date, days: int) -> Iterator[date]:
    """Give the days from Monday to Friday among so many calendar days."""
    for n in range(days):
        day = start + timedelta(days=n)
        if day.weekday() < 5:  # noqa: PLR2004
            yield day


def needs(company: Company, seed: int, start: date, days: int, *, a_day: int) -> list[Need]:
    """Give every requisition of the time, about ``a_day`` at each site and working day."""
    found: list[Need] = []
    for day in working_days(start, days):
        for site in company.sites:
            chance = Chance(seed, "need", site.id, day)
            count = a_day + chance.between(-1, 1)
            found += [_need(company, site, day, n, chance) for n in range(count)]
    return sorted(found, key=lambda need: (need.at, need.once))


def _need(company: Company, site: Site, day: date, n: int, chance: Chance) -> Need:
    at = local(day, time(7 + chance.between(0, 8), chance.between(0, 59)), site.zone)
    low = site.id.lower()
    person = chance.weighted([f"planner.{low}", f"branch.{low}", f"deputy.{low}"], [6, 3, 1])
    supplier = chance.one_of(company.suppliers).id
    stock = sorted({o.item for o in company.offers if o.supplier == supplier})
    chosen = chance.some_of(stock, chance.between(2, 6)) if stock else []
    if not chosen:
        chosen = chance.some_of([item.id for item in company.items], 2)
    large = chance.happens(15)
    lines = []
    for item in chosen:
        offered = {offer.supplier for offer in company.offers_of(item)}
        cases = chance.between(4, 12) if large else chance.between(1, 3)
        lines.append(
            {
                "item": item,
                "quantity": {"value": str(cases), "unit": "CA"},
                "needed_by": (day + timedelta(days=chance.between(4, 8))).isoformat(),
                **({"supplier": supplier} if supplier in offered else {}),
            }
        )
    once = f"need-{site.id}-{day}-{n}"
    body = {"site": site.id, "flow": "direct", "lines": lines, "reference": once,
            "customer_waiting": chance.happens(10)}  # fmt: skip
    return Need(at=at, person=person, body=body, once=once)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What people do when they look at their lists."""

    company: Company
    seed: int

    def zone_of(self, person: Person) -> str:
        """Give the zone in which a person works: their first site's, or the head office's."""
        by_id = {site.id: site.zone for site in self.company.sites}
        return by_id[person.sites[0]] if person.sites else "America/Chicago"

    def looks(self, person: Person, start: date, days: int) -> Iterator[datetime]:
        """Give the instants at which a person looks, some minutes early or late."""
        for day in working_days(start, days):
            chance = Chance(self.seed, "look", person.id, day)
            for moment in LOOKS:
                if chance.happens(88):
                    instant = local(day, moment, self.zone_of(person))
                    yield instant + timedelta(minutes=chance.between(-15, 25))

    def act(self, person: Person, api: Api, at: datetime) -> None:
        """Look at everything that waits for the person, and do most of it."""
        if person.approves:
            self._decide(person, api, at)
        self._mend(person, api, at)
        if {"ap_clerk", "ap_lead", "buyer", "warehouse_lead"} & set(person.roles):
            self._holds(person, api, at)

    def _decide(self, person: Person, api: Api, at: datetime) -> None:
        for row in api.get("/v1/approvals?whose=mine&limit=200")["rows"]:
            approval = row["subject"]["id"]
            chance = Chance(self.seed, "decide", person.id, row["id"], at)
            if chance.happens(12):
                continue
            if chance.happens(3):
                api.post(f"/v1/approvals/{approval}/reject",
                         {"reason": "NOT_NEEDED", "note": "stock is enough"},
                         once=f"reject-{row['id']}")  # fmt: skip
            else:
                api.post(f"/v1/approvals/{approval}/approve", {"note": ""},
                         once=f"approve-{row['id']}")  # fmt: skip

    def _mend(self, person: Person, api: Api, at: datetime) -> None:
        for row in api.get("/v1/exceptions?whose=mine&limit=100")["rows"]:
            chance = Chance(self.seed, "mend", person.id, row["id"], at)
            if not chance.happens(70):
                continue
            case = api.get(f"/v1/exceptions/{row['id']}")
            wanted = _FIRST_CHOICE.get(case["code"], ())
            allowed = case["resolutions"]
            chosen = next((each for each in wanted if each in allowed), None)
            if chosen is None and allowed:
                chosen = allowed[0]
            if chosen:
                api.post(f"/v1/exceptions/{row['id']}/resolve",
                         {"resolution": chosen, "note": "agreed by phone"},
                         once=f"resolve-{row['id']}-{at:%m%d%H}")  # fmt: skip

    def _holds(self, person: Person, api: Api, at: datetime) -> None:
        for row in api.get("/v1/holds?whose=mine&limit=100")["rows"]:
            chance = Chance(self.seed, "hold", person.id, row["id"], at)
            invoice, code, line = (*row["id"].split(":"), "", "")[:3]
            if not chance.happens(45):
                continue
            if code == "DUPLICATE":
                api.post(f"/v1/invoices/{invoice}/reject", {"reason": "DUPLICATE"},
                         once=f"reject-{row['id']}")  # fmt: skip
            elif code == "QTY_RECEIVED":
                continue  # goods will come, or a planner gives them up: nobody signs for them
            else:
                api.post(f"/v1/invoices/{invoice}/release",
                         {"code": code, "line": line or None, "reason": "checked with supplier"},
                         once=f"release-{row['id']}-{at:%m%d%H}")  # fmt: skip
