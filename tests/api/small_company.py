"""A small distributor for tests: two sites, three suppliers, ten items, people for all roles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from manciple.kernel.messages import Role

SITES = (
    ("ATL", "Atlanta", "Atlanta, GA", "America/New_York"),
    ("DFW", "Dallas", "Dallas, TX", "America/Chicago"),
)
SUPPLIERS = (
    ("ADLER", "Adler Fastening", "ADLERFAST"),
    ("BLUE", "Bluestem Valve", "BLUEVALVE"),
    ("COBALT", "Cobalt Chemicals", "COBALTCHEM"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """An item, its case, and what each supplier asks for one EA; the first is preferred."""

    id: str
    category: str
    per_case: int
    offers: tuple[tuple[str, str], ...]
    stocked: bool = True


ITEMS = (
    Stock(id="BOLT", category="fasteners", per_case=100, offers=(("ADLER", "0.50"),)),
    Stock(id="NUT", category="fasteners", per_case=100, offers=(("ADLER", "0.25"),)),
    Stock(id="ANCHOR", category="fasteners", per_case=20, offers=(("ADLER", "4.00"),)),
    Stock(
        id="VALVE", category="pipe", per_case=12, offers=(("BLUE", "10.00"), ("ADLER", "11.00"))
    ),
    Stock(id="ELBOW", category="pipe", per_case=12, offers=(("BLUE", "5.00"),)),
    Stock(id="RELAY", category="electrical", per_case=10, offers=(("BLUE", "20.00"),)),
    Stock(id="FUSE", category="electrical", per_case=10, offers=(("BLUE", "1.00"),)),
    Stock(id="GLOVES", category="safety", per_case=12, offers=(("ADLER", "3.00"),)),
    Stock(id="SOLVENT", category="chemicals", per_case=6, offers=(("COBALT", "8.00"),)),
    Stock(id="STATUE", category="safety", per_case=1, offers=(("ADLER", "90.00"),), stocked=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person with a key; ``approves`` names approval roles, ``limit`` is in USD."""

    id: str
    roles: tuple[Role, ...]
    sites: tuple[str, ...] = ()
    supplier: str | None = None
    approves: tuple[str, ...] = ()
    limit: int = 0


def _branch(name: str, site: str) -> Somebody:
    return Somebody(
        id=name,
        roles=(Role.REQUESTER, Role.APPROVER),
        sites=(site,),
        approves=("branch_manager",),
        limit=5_000,
    )


PEOPLE = (
    Somebody(id="rita", roles=(Role.REQUESTER,), sites=("ATL",)),
    Somebody(id="rolf", roles=(Role.REQUESTER,), sites=("DFW",)),
    Somebody(id="paul", roles=(Role.PLANNER,)),
    Somebody(id="mona", roles=(Role.MAINTENANCE,)),
    _branch("anna", "ATL"),
    _branch("alec", "ATL"),
    _branch("dora", "DFW"),
    Somebody(id="nora", roles=(Role.APPROVER,), approves=("category_manager",), limit=25_000),
    Somebody(id="omar", roles=(Role.APPROVER,), approves=("finance_controller",), limit=100_000),
    Somebody(id="ida", roles=(Role.APPROVER,), approves=("cfo",), limit=10_000_000),
    Somebody(id="ben", roles=(Role.BUYER,)),
    Somebody(id="ada", roles=(Role.AP_CLERK,)),
    Somebody(id="luis", roles=(Role.AP_LEAD,)),
    Somebody(id="walt", roles=(Role.WAREHOUSE_LEAD,), sites=("ATL",)),
    Somebody(id="wim", roles=(Role.WAREHOUSE_LEAD,), sites=("DFW",)),
    Somebody(id="sam", roles=(Role.QUALITY,)),
    Somebody(id="kim", roles=(Role.INTEGRATION,)),
    Somebody(id="eva", roles=(Role.PROCESS_OWNER,)),
    Somebody(id="stew", roles=(Role.STEWARD,)),
    Somebody(id="root", roles=(Role.ADMIN,)),
    Somebody(id="audra", roles=(Role.AUDITOR,)),
    Somebody(id="adler", roles=(Role.SUPPLIER,), supplier="ADLER"),
    Somebody(id="blue", roles=(Role.SUPPLIER,), supplier="BLUE"),
    Somebody(id="dock", roles=(Role.WAREHOUSE_SYSTEM,)),
)

HOLDER: dict[Role, str] = {
    Role.REQUESTER: "rita",
    Role.PLANNER: "paul",
    Role.MAINTENANCE: "mona",
    Role.APPROVER: "nora",
    Role.BUYER: "ben",
    Role.AP_CLERK: "ada",
    Role.AP_LEAD: "luis",
    Role.WAREHOUSE_LEAD: "walt",
    Role.QUALITY: "sam",
    Role.INTEGRATION: "kim",
    Role.PROCESS_OWNER: "eva",
    Role.STEWARD: "stew",
    Role.ADMIN: "root",
    Role.AUDITOR: "audra",
    Role.SUPPLIER: "adler",
    Role.WAREHOUSE_SYSTEM: "dock",
}
"""Somebody who holds this role and no other."""


def masters(
    suppliers: Sequence[tuple[str, str, str]] = SUPPLIERS, items: Sequence[Stock] = ITEMS
) -> bytes:
    """Give the master records as the ERP's owner loads them: the company's, or others."""
    body = {
        "suppliers": [
            {"id": name, "name": text, "currency": "USD", "blocked": False}
            for name, text, _ in suppliers
        ],
        "sites": [
            {"id": name, "name": text, "company": "NORTHWAY", "city": city, "zone": zone}
            for name, text, city, zone in SITES
        ],
        "items": [
            {
                "id": item.id,
                "description": f"{item.id.lower()} of a kind",
                "category": item.category,
                "unit": "EA",
                "stocked": item.stocked,
                "gtin": None,
                "packs": [{"unit": "XCS", "content": str(item.per_case)}],
            }
            for item in items
        ],
        "offers": [
            {
                "supplier": supplier,
                "item": item.id,
                "supplier_item": f"{supplier[:2]}-{item.id}",
                "price": f"{Decimal(price) * item.per_case:f}",
                "per": "1",
                "per_unit": "XCS",
                "order_unit": "XCS",
                "minimum": None,
                "lead_days": 3,
                "valid_from": "2026-01-01",
                "valid_to": None,
                "preferred": place == 0,
                "currency": "USD",
            }
            for item in items
            for place, (supplier, price) in enumerate(item.offers)
        ],
    }
    return json.dumps(body).encode()
