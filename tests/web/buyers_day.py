"""A buyer's day in a small installation: a line at every stage, made by what people really do.

released   ADLER  BOLT      the ERP refuses the order
unanswered BLUE   ELBOW     sent, nobody has answered
changed    ADLER  ANCHOR    300 of 400 EA confirmed
           BLUE   VALVE     confirmed, but three weeks late and dearer
agreed     BLUE   RELAY     confirmed as ordered
"""

from dataclasses import dataclass
from pathlib import Path

from manciple.adapters.reference.switches import Mode
from manciple.world.desk import ReceivedOrder
from tests.api.installation import Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, ordered, raise_need
from tests.web.signed_in import Browser, with_passwords


@dataclass(frozen=True, slots=True)
class Day:
    """The orders of the day, by what became of them."""

    house: Installation
    short: str
    dear: str
    agreed: str
    silent: str
    refused: str
    short_case: str
    blue: SupplierSide
    paper: ReceivedOrder


def buyers_day(house: Installation) -> Day:
    """Let it happen."""
    with_passwords(house, "ben", "paul", "rolf", "ada", "rita", "eva")
    adler, short = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    adler.drop(adler.acknowledgment(short, {"1": 15}))
    blue, dear = ordered(house, (("VALVE", "120"), ("FUSE", "20")))
    blue.control = 200
    blue.drop(blue.acknowledgment(dear, prices={"1": "126.00"}, late=21))
    blue, agreed = ordered(house, (("RELAY", "20"),))
    blue.control = 300
    blue.drop(blue.acknowledgment(agreed))
    _, silent = ordered(house, (("ELBOW", "48"),))
    house.switch(house.erp, Mode.REFUSE, reason="cost centre closed")
    need = raise_need(house, (("BOLT", "300"),))
    agree(house, need)
    house.switch(house.erp, Mode.OFF)
    found = house.get("root", f"/v1/requisitions/{need['id']}")["orders"]
    return Day(
        house=house,
        short=short.number,
        dear=dear.number,
        agreed=agreed.number,
        silent=silent.number,
        refused=str(found[0]),
        short_case=str(cases(house, "SHORTAGE")[0]["id"]),
        blue=blue,
        paper=agreed,
    )


def at_work(house: Installation, name: str = "ben") -> Browser:
    """Give somebody's browser; they sign in once."""
    key = (house.home, name)
    if key not in _signed_in:
        _signed_in[key] = Browser(house)
        assert _signed_in[key].sign_in(name).status_code == 303
    return _signed_in[key]


_signed_in: dict[tuple[Path, str], Browser] = {}
