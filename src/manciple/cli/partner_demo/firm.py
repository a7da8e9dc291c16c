"""The small distributor of the run: a site, a supplier per behaviour, people for every role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from manciple.adapters.partners.expected import ExpectedEnd, ExpectedOrder
from manciple.kernel.errors import MancipleError
from manciple.world.client import Api
from manciple.world.company import Person

SITE = "ATL"
ZONE = "America/New_York"
LEAD_DAYS = 7
"""mock-edi promises its items in 2 to 7 days."""
REQUESTER = "planner.atl"
CLERK = "ada.brandt"

PEOPLE = (
    Person(id=REQUESTER, name="Ann Vale", roles=("planner", "requester"), sites=(SITE,)),
    Person(
        id="branch.atl", name="Joe Marsh", roles=("approver",), sites=(SITE,),
        approves=("branch_manager",), limit=5_000, manager="nora.feld",
    ),
    Person(
        id="nora.feld", name="Nora Feld", roles=("approver",), approves=("category_manager",),
        limit=25_000, manager="omar.reyes",
    ),
    Person(
        id="omar.reyes", name="Omar Reyes", roles=("approver",), approves=("finance_controller",),
        limit=100_000, manager="ida.lund",
    ),
    Person(
        id="ida.lund", name="Ida Lund", roles=("approver",), approves=("cfo",), limit=10_000_000
    ),
    Person(id="ben.carver", name="Ben Carver", roles=("buyer",)),
    Person(id=CLERK, name="Ada Brandt", roles=("ap_clerk",)),
    Person(id="luis.ortega", name="Luis Ortega", roles=("ap_lead",)),
    Person(id="dock.atl", name="Walt Reed", roles=("warehouse_lead",), sites=(SITE,)),
    Person(id="kim.soto", name="Kim Soto", roles=("integration",)),
    Person(id="eva.holm", name="Eva Holm", roles=("process_owner",)),
    Person(id="rosa.may", name="Rosa May", roles=("steward",)),
    Person(id="sam.weld", name="Sam Weld", roles=("quality",)),
)  # fmt: skip


class SetUpError(MancipleError):
    """The run could not be set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """A supplier of ours: a mock-edi of its own, and how the two of us sign.

    ``hours``: from the order to its answer, its despatch and its invoice.
    """

    behaviour: str
    supplier: str
    theirs: str
    ours: str
    hours: tuple[int, int, int]


def tradings(end: ExpectedEnd) -> tuple[Trading, ...]:
    """Give one supplier for each behaviour of the table."""
    return tuple(
        Trading(
            behaviour=behaviour,
            supplier=f"MOCK-{behaviour.upper()}",
            theirs=ours.replace("MANCIPLE", "MOCKEDI"),
            ours=ours,
            hours=end.hours,
        )
        for behaviour, ours in end.partners.items()
    )


Prices = Mapping[tuple[str, str], Decimal]
"""What we agreed to pay, by (behaviour, item); the rest is at the table's catalogue prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Orders that can be raised under one price list, and that list."""

    prices: dict[tuple[str, str], Decimal]
    orders: list[ExpectedOrder]

    def takes(self, asked: Prices) -> bool:
        """Say whether no price differs from those that stand already."""
        return all(self.prices.get(place, price) == price for place, price in asked.items())


def waves(orders: Iterable[ExpectedOrder]) -> list[Wave]:
    """Group orders by price list, the smallest group first: old prices before today's."""
    found: list[Wave] = []
    for order in orders:
        asked = {(order.behaviour, line.item): line.price for line in order.lines}
        wave = next((each for each in found if each.takes(asked)), None)
        if wave is None:
            wave = Wave(prices={}, orders=[])
            found.append(wave)
        wave.prices.update(asked)
        wave.orders.append(order)
    return sorted(found, key=lambda wave: len(wave.orders))


def masters(end: ExpectedEnd, prices: Prices) -> bytes:
    """Give the master records as the ERP's owner loads them, with these agreed prices."""
    body = {
        "suppliers": [
            {"id": t.supplier, "name": f"Mock {t.behaviour}", "currency": "USD", "blocked": False}
            for t in tradings(end)
        ],
        "sites": [
            {"id": SITE, "name": "Atlanta", "company": "NORTHWAY", "city": "Atlanta, GA",
             "zone": ZONE}
        ],
        "items": [
            {"id": item.item, "description": item.description, "category": "fasteners",
             "unit": item.unit, "stocked": True, "gtin": None, "packs": []}
            for item in end.catalog
        ],
        "offers": [
            {"supplier": t.supplier, "item": item.item, "supplier_item": item.item,
             "price": f"{prices.get((t.behaviour, item.item), item.price):f}", "per": "1",
             "per_unit": item.unit, "order_unit": item.unit, "minimum": None,
             "lead_days": LEAD_DAYS, "valid_from": "2026-01-01", "valid_to": None,
             "preferred": True, "currency": "USD"}
            for t in tradings(end)
            for item in end.catalog
        ],
    }  # fmt: skip
    return msgspec.json.encode(body)


def register(api: Api, suppliers: Iterable[Trading]) -> dict[str, str]:
    """Register partners, people and limits as an administrator would; give everybody's key."""
    for each in suppliers:
        _put(api, f"/v1/partners/{each.supplier}", {
            "id": each.supplier, "theirs": _address(each.theirs), "ours": _address(each.ours),
            "test": True,
        })  # fmt: skip
    keys: dict[str, str] = {}
    for person in PEOPLE:
        _put(api, f"/v1/people/{person.id}", {
            "id": person.id, "name": person.name, "email": f"{person.id}@example.com",
            "roles": list(person.roles), "sites": list(person.sites),
        })  # fmt: skip
        if person.approves:
            limit = {"amount": str(person.limit), "currency": "USD"}
            _put(api, f"/v1/authorities/{person.id}", {
                "id": person.id, "roles": list(person.approves), "manager": person.manager,
                "limits": [{"document_type": "*", "category": "*", "site": "*", "amount": limit}],
            })  # fmt: skip
        wanted = {"person": person.id, "id": person.id.replace(".", "-")}
        status, answer = api.post("/v1/keys", wanted, once=f"key-{person.id}")
        if status >= 400:  # noqa: PLR2004
            raise SetUpError(f"no key for {person.id}: {answer}")
        keys[person.id] = answer["key"]
    return keys


def _address(name: str) -> dict[str, str]:
    return {"qualifier": "ZZ", "interchange_id": name, "group_id": name}


def _put(api: Api, path: str, body: Mapping[str, Any]) -> None:
    status, answer = api.put(path, body, once=f"put-{path}")
    if status >= 400:  # noqa: PLR2004
        raise SetUpError(f"{path}: {answer}")
