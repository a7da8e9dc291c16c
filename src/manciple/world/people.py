"""The distributor's people: who hears of what, when they sit down, and what they do then.

    told (by the event feed, a mail) -> reaction in open time -> sitting: so many tasks from the
    top of the list, each through the public API with the person's own key -> the rest waits

Reaction times are the table in `reactions`. What somebody decides follows from the kind of
exception, its age and chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.records import dataclass
from manciple.world.chance import Chance
from manciple.world.client import Api
from manciple.world.company import Company, Person
from manciple.world.mailbox import Mailbox
from manciple.world.reactions import ROLES, Reaction, hours_of

_HEAD_OFFICE = "America/Chicago"
_DONE = 400
"""HTTP statuses below this one mean that it was done."""
_PREFERRED: Mapping[str, tuple[str, ...]] = {
    "SHORTAGE": ("cancel_remainder", "await_balance", "accept"),
    "SHORT_RECEIPT": ("await_balance", "cancel_remainder", "accept"),
    "PRICE_VARIANCE": ("accept", "dispute"),
    "SUBSTITUTION": ("accept", "cancel_remainder"),
    "DATE_CHANGE": ("accept",),
    "NO_ACKNOWLEDGMENT": ("chase", "accept"),
    "DELAYED_RECEIPT": ("chase", "await_balance", "accept"),
    "INVOICE_MISMATCH": ("dispute", "accept"),
    "DUPLICATE": ("dispute",),
}
"""What people would rather do, by kind of exception. Assumptions of ours."""
_PATIENCE: Mapping[str, timedelta] = {"INVOICE_MISMATCH": timedelta(hours=20)}
"""How old an exception may get in the hope that facts cure it. An assumption of ours."""
_LOOKS_AGAIN = timedelta(days=1)
"""When somebody looks again at what nothing can be done about. An assumption of ours."""
_SIGNED_AFTER = timedelta(days=4)
"""When a warehouse lead signs for goods that were billed and not counted."""
_NOT_NEEDED = 2
_PRICE_AGREED = 60
_MOST = 200


@dataclass(slots=True, kw_only=True)
class Sitting:
    """What came of one sitting.

    Attributes:
        left: something is still on the list for which the time did not suffice.
        again: when facts should have cured what waits for them.
        calls: orders of suppliers who were called: (supplier, order).
        disputes: bills that went back: (supplier, the supplier's number).
    """

    done: int = 0
    left: bool = False
    again: datetime | None = None
    calls: list[tuple[str, str]] = field(default_factory=list)
    disputes: list[tuple[str, str]] = field(default_factory=list)

    def wait(self, until: datetime) -> None:
        """Come back for something at that instant."""
        self.again = min(self.again or until, until)


@dataclass(slots=True)
class Office:
    """Everybody who works for the distributor.

    Attributes:
        order: how lists of exceptions are worked; empty: as the API gives them.
        cases_a_day: the exceptions that one person gets to in a day (UTC); None: as many as fit.
        refused: how often the API refused what somebody wanted, by code.
    """

    company: Company
    seed: int
    reactions: Mapping[str, Reaction]
    mailbox: Mailbox
    order: str = ""
    cases_a_day: int | None = None
    refused: dict[str, int] = field(default_factory=dict)
    _worked: dict[tuple[str, date], int] = field(default_factory=dict)
    _stuck: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _hours: dict[str, BusinessCalendar] = field(default_factory=dict)
    _zones: dict[str, str] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know everybody's hours."""
        sites = {site.id: site.zone for site in self.company.sites}
        for person in self.company.people:
            zone = sites[person.sites[0]] if person.sites else _HEAD_OFFICE
            self._people[person.id], self._zones[person.id] = person, zone
            self._hours.setdefault(zone, hours_of(zone))

    def person(self, name: str) -> Person | None:
        """Give a person of ours; None for anybody else."""
        return self._people.get(name)

    def in_charge(self, role: str, site: str, about: str) -> Person | None:
        """Give the one who looks after a role's work: of that site, else of the head office.

        Args:
            role: as the API names it.
            site: empty if nowhere.
            about: what it is about; the same thing always goes to the same one of several.
        """
        holders = [each for each in self.company.people if role in each.roles]
        fitting = [each for each in holders if site and site in each.sites]
        fitting = fitting or [each for each in holders if not each.sites] or holders
        return fitting[crc32(about.encode()) % len(fitting)] if fitting else None

    def reaction(self, person: Person) -> Reaction:
        """Give how a person works; who has no row of their own works like integration."""
        role = next((each for each in person.roles if each in ROLES), "integration")
        return self.reactions["ap_clerk" if "ap_lead" in person.roles else role]

    def sits_down(self, person: Person, told: datetime, kind: str) -> datetime:
        """Give the instant at which somebody told at ``told`` sits down to a list."""
        chance = Chance(self.seed, "reaction", person.id, kind, told)
        return self.reaction(person).sits_down(told, self._hours[self._zones[person.id]], chance)

    def sit(self, person: Person, kinds: Sequence[str], api: Api, at: datetime) -> Sitting:
        """Work the lists of these kinds from the top, as far as the sitting goes."""
        sitting, most = Sitting(), self.reaction(person).tasks
        works = {"approval": self._approvals, "case": self._cases, "hold": self._holds,
                 "mail": self._mails}  # fmt: skip
        for kind in kinds:
            for worked in works[kind](person, api, at, sitting):
                sitting.done += worked
                if sitting.done >= most:
                    sitting.left = True
                    return sitting
        return sitting

    # ---- lists ----------------------------------------------------------------------------

    def _later(self, person: Person, about: str, at: datetime) -> bool:
        chance = Chance(self.seed, "later", person.id, about, at)
        return chance.happens(self.reaction(person).later)

    def _approvals(
        self, person: Person, api: Api, at: datetime, sitting: Sitting
    ) -> Iterator[bool]:
        for row in api.get(f"/v1/approvals?whose=mine&limit={_MOST}")["rows"]:
            if self._later(person, row["id"], at):
                sitting.left = True
                continue
            approval = row["subject"]["id"]
            chance = Chance(self.seed, "decide", row["id"])
            if chance.happens(_NOT_NEEDED):
                self._ask(api, f"/v1/approvals/{approval}/reject",
                          {"reason": "not_needed", "note": "stock is enough"},
                          f"reject-{row['id']}")  # fmt: skip
            else:
                self._ask(api, f"/v1/approvals/{approval}/approve", {"note": ""},
                          f"approve-{row['id']}")  # fmt: skip
            yield True

    def _cases(self, person: Person, api: Api, at: datetime, sitting: Sitting) -> Iterator[bool]:
        order = f"&order={self.order}" if self.order else ""
        for row in api.get(f"/v1/exceptions?whose=mine&limit=100{order}")["rows"]:
            if self._later(person, row["id"], at):
                sitting.left = True
                continue
            looks = self._stuck.get((person.id, row["id"]), at)
            if at < looks:
                sitting.wait(looks)
                continue
            today = (person.id, at.date())
            if self.cases_a_day is not None and self._worked.get(today, 0) >= self.cases_a_day:
                sitting.wait(at + timedelta(days=1))
                return
            case = api.get(f"/v1/exceptions/{row['id']}")
            worked = self._settle(case, api, at, sitting)
            if worked is None:
                self._stuck[person.id, row["id"]] = at + _LOOKS_AGAIN
                sitting.wait(at + _LOOKS_AGAIN)
                continue
            self._worked[today] = self._worked.get(today, 0) + worked
            yield worked

    def _settle(
        self, case: Mapping[str, Any], api: Api, at: datetime, sitting: Sitting
    ) -> bool | None:
        """Settle a case, or leave it for facts to cure; gives whether it was worked on.

        None where none of the ways is open that somebody would take.
        """
        opened = datetime.fromisoformat(case["opened_at"])
        ripe = opened + _PATIENCE.get(case["code"], timedelta())
        stated = case["discrepancy"]["actual"] or ""
        if at < ripe and "DUPLICATE" not in stated:
            sitting.wait(ripe)
            return False
        subject = case["subject"]
        open_ways = {each["name"] for each in case["guide"]["options"] if each["possible"]}
        ways = [each for each in _choices(case)[:2] if each in open_ways]
        for chosen in ways:  # what can't be done is shown with why not: the next best way
            bill = ""
            if chosen == "dispute" and subject["kind"] == "invoice" and "DUPLICATE" not in stated:
                bill = api.get(f"/v1/invoices/{subject['id']}")["number"]
            if not self._ask(api, f"/v1/exceptions/{case['id']}/resolve",
                             {"resolution": chosen, "note": "agreed by phone"},
                             f"{chosen}-{case['id']}-{at:%y%m%d%H%M}"):  # fmt: skip
                continue  # it can't be done to this one: the next best way
            if bill:
                sitting.disputes.append((case["supplier"], bill))
            if chosen == "chase":
                sitting.calls.append((case["supplier"], subject["id"]))
            break
        return True if ways else None

    def _holds(self, person: Person, api: Api, at: datetime, sitting: Sitting) -> Iterator[bool]:
        for row in api.get("/v1/holds?whose=mine&limit=100")["rows"]:
            invoice, code, line = (*row["id"].split(":"), "", "")[:3]
            if code.startswith("QTY"):
                signed = datetime.fromisoformat(row["opened_at"]) + _SIGNED_AFTER
                if at < signed:
                    sitting.wait(signed)
                    continue
            elif code.startswith("PRICE"):
                if not Chance(self.seed, "price", row["id"]).happens(_PRICE_AGREED):
                    continue  # the clerk sends the bill back
            elif code != "DUPLICATE" and self._later(person, row["id"], at):
                sitting.left = True
                continue
            if code == "DUPLICATE":
                self._ask(api, f"/v1/invoices/{invoice}/reject", {"reason": "DUPLICATE"},
                          f"reject-{row['id']}")  # fmt: skip
            else:
                self._ask(api, f"/v1/invoices/{invoice}/release",
                          {"code": code, "line": line or None, "reason": "checked with supplier"},
                          f"release-{row['id']}-{at:%y%m%d%H%M}")  # fmt: skip
            yield True

    def _mails(self, person: Person, api: Api, at: datetime, sitting: Sitting) -> Iterator[bool]:
        """Hand in the files that suppliers mailed to accounts payable."""
        del person, at, sitting
        while (mail := self.mailbox.take()) is not None:
            status, answer = api.send("/v1/interchanges", mail.content, once=f"mail-{mail.name}")
            self._note(status, answer)
            yield True

    def _ask(self, api: Api, path: str, body: Mapping[str, Any], once: str) -> bool:
        return self._note(*api.post(path, body, once=once))

    def _note(self, status: int, answer: Mapping[str, Any]) -> bool:
        if status >= _DONE:
            code = next((each["code"] for each in answer.get("errors", ())), str(status))
            self.refused[code] = self.refused.get(code, 0) + 1
        return status < _DONE


def _choices(case: Mapping[str, Any]) -> Sequence[str]:
    """Give what somebody would do about a case, best first, as far as it is allowed."""
    allowed: Sequence[str] = case["resolutions"]
    wanted = _PREFERRED.get(case["code"], ())
    if case["reopened"] and case["code"] in {"DELAYED_RECEIPT", "SHORT_RECEIPT"}:
        wanted = ("cancel_remainder", *wanted)
    chosen = dict.fromkeys(each for each in (*wanted, *allowed) if each in allowed)
    return tuple(chosen)
