"""People of the simulated company at their lists, against doors that answer as told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from manciple.world.client import Api
from manciple.world.company import company
from manciple.world.mailbox import Mailbox
from manciple.world.people import Office
from manciple.world.reactions import reactions

MONDAY = datetime(2026, 3, 9, 15, tzinfo=UTC)


@dataclass
class Doors:
    """A wire to doors that show one exception and take every decision about it."""

    possible: Mapping[str, bool]
    decided: list[str] = field(default_factory=list)
    opened: int = 0

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Answer a request."""
        del headers
        if method == "POST":
            self.decided.append(json.loads(body)["resolution"])
            return 200, b"{}"
        rows = [{"id": f"CASE-{n}"} for n in range(9)]  # some of which are put off
        self.opened += "?" not in path
        return 200, json.dumps({"rows": rows} if "?" in path else self._case(path)).encode()

    def _case(self, path: str) -> Mapping[str, object]:
        options = [{"name": name, "possible": can} for name, can in self.possible.items()]
        return {
            "id": path.rpartition("/")[2], "code": "SHORTAGE", "supplier": "S-1",
            "opened_at": "2026-03-02T08:00:00Z", "discrepancy": {"actual": None},
            "subject": {"kind": "purchase-order", "id": "PO-1"}, "reopened": 0,
            "resolutions": list(self.possible), "guide": {"options": options},
        }  # fmt: skip


def decided(**possible: bool) -> set[str]:
    """Give what a planner decides about a shortage for which these ways stand on its page."""
    firm = company(7)
    office = Office(firm, 7, reactions(), Mailbox())
    doors = Doors(possible)
    planner = next(each for each in firm.people if each.id.startswith("planner."))
    office.sit(planner, ("case",), Api(wire=doors, key="k"), MONDAY)
    return set(doors.decided)


def test_people_ask_for_what_can_be_done_and_leave_what_is_shown_as_impossible() -> None:
    assert decided(cancel_remainder=True, await_balance=True) == {"cancel_remainder"}
    assert decided(cancel_remainder=False, await_balance=True) == {"await_balance"}
    assert decided(cancel_remainder=False, await_balance=False) == set()


def test_nobody_looks_again_within_a_day_at_what_nothing_can_be_done_about() -> None:
    firm = company(7)
    office = Office(firm, 7, reactions(), Mailbox())
    doors = Doors({"cancel_remainder": False, "await_balance": False})
    planner = next(each for each in firm.people if each.id.startswith("planner."))
    api = Api(wire=doors, key="k")

    first = office.sit(planner, ("case",), api, MONDAY)
    seen = doors.opened
    office.sit(planner, ("case",), api, MONDAY + timedelta(hours=23))
    within = doors.opened
    office.sit(planner, ("case",), api, MONDAY + timedelta(hours=24))

    assert seen > 0
    assert first.done == 0
    assert first.again == MONDAY + timedelta(days=1)
    assert within - seen <= 9 - seen, "only those that were put off before"
    assert doors.opened > within
