"""What people decide about exceptions, as the table of behaviours says, through the HTTP API."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manciple.cli.partner_demo.firm import PEOPLE
from manciple.cli.partner_demo.house import House

_READER = "eva.holm"
"""The process owner sees every exception."""


@dataclass(slots=True)
class Deciding:
    """Everybody's queue of exceptions, and the decisions that a run allows.

    Attributes:
        decides: resolutions by the case's code: for its first opening, its second and so on; the
            last one holds on. A code that is not named is left to be cured by facts.
        refused: what a door refused.
    """

    house: House
    decides: Mapping[str, tuple[str, ...]]
    refused: list[str]
    _codes: dict[str, str] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        """Everybody decides what is theirs and open."""
        if not self.decides:
            return
        rows: list[Any] = []
        after, more = "", True
        while more:
            page = self.house.api(_READER).get(f"/v1/exceptions?whose=all&limit=200{after}")
            rows += page["rows"]
            after, more = f"&after={page['after']}", page["after"] is not None
        for row in rows:
            owner = next(person.id for person in PEOPLE if row["role"] in person.roles)
            self._decide(self.house.api(owner), row["id"])

    def _decide(self, api: Any, case: str) -> None:
        code = self._codes.get(case)
        if code is None:
            code = self._codes[case] = api.get(f"/v1/exceptions/{case}")["code"]
        ways = self.decides.get(code)
        if ways is None:
            return
        time = self._times[case]
        self._times[case] += 1
        body = {"resolution": ways[min(time, len(ways) - 1)], "note": "as the run's table says"}
        once = f"decide-{case}-{time}"
        status, answer = api.post(f"/v1/exceptions/{case}/resolve", body, once=once)
        if status >= 400:  # noqa: PLR2004
            self.refused.append(f"{code} {case}: {status} {answer}")
