"""Exceptions as people see them: the case, its playbook, and what may be done as things stand."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from manciple.app.application import Application
from manciple.cases.aging import Bucket, age_of
from manciple.cases.case import Case
from manciple.cases.cost import Touch, cost_of, minutes_of
from manciple.cases.discrepancy import Code
from manciple.cases.playbook import Playbook
from manciple.cases.ports import Standing
from manciple.catalog.calendars import OFFICE, Calendar
from manciple.catalog.site import Site
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import refuse
from manciple.kernel.money import Currency, Money
from manciple.processes.exceptions.remedy import Remedies, Term
from manciple.processes.exceptions.subjects import remedies_for
from manciple.processes.exceptions.table import remedies
from manciple.runtime.documents import Document
from manciple.runtime.queries import Scope

D = TypeVar("D", bound=Document)
R = TypeVar("R")
MOST_OPEN = 2000
"""Open exceptions that one look orders or counts, the most urgent by lane and due time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that is said with a resolution.

    Attributes:
        offers: what may be said as things stand, in words; empty where anything may.
    """

    name: str
    text: str
    required: bool
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One resolution of an exception, as an owner sees it before choosing.

    Attributes:
        effect: what it does.
        possible: it may be chosen now; else ``why_not`` says what hinders it.
        terms: what may, or must, be said with it.
    """

    name: str
    effect: str
    choose_when: str
    costs: str
    possible: bool
    why_not: str
    terms: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How an exception is worked: the playbook that it was opened under, and its options."""

    version: str
    title: str
    what_happened: str
    check: tuple[str, ...]
    steps: tuple[str, ...]
    options: tuple[Option, ...]
    root_causes: tuple[str, ...]
    minutes: str


@dataclass(slots=True, kw_only=True)
class _OneLook:
    """How things stand for the length of one look: what several remedies ask for is read once."""

    desk: "ExceptionDesk"
    at: datetime
    _peeked: dict[tuple[type, str], Any] = field(default_factory=dict)
    _listed: dict[tuple[type, str], Any] = field(default_factory=dict)

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Read a document, or None."""
        if (kind, name) not in self._peeked:
            self._peeked[kind, name] = self.desk.peek(kind, name)
        found: D | None = self._peeked[kind, name]
        return found

    def records(self, kind: type[R], owner: str, /) -> tuple[R, ...]:
        """Give all rows of a type under ``owner``."""
        if (kind, owner) not in self._listed:
            self._listed[kind, owner] = self.desk.records(kind, owner)
        found: tuple[R, ...] = self._listed[kind, owner]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionDesk:
    """Reads exceptions for the doors."""

    app: Application

    @property
    def remedies(self) -> Remedies:
        """Give the table of remedies."""
        return remedies(self.app.definitions.flow("direct"))

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Read a document, or None."""
        return self.app.peek(kind, name)

    def records(self, kind: type[R], owner: str, /) -> tuple[R, ...]:
        """Give all rows of a type under ``owner``."""
        return tuple(self.app.store.records(kind, owner))

    def guide(self, case: Case) -> Guide:
        """Tell how an exception is worked, and what may be done about it now."""
        books = self.app.definitions.playbooks
        book = books.version(case.code, case.playbook_version) or books.at(
            case.code, case.opened_at.date()
        )
        assert book is not None, "every code has a playbook"
        ways = self.remedies
        standing = _OneLook(desk=self, at=self.at)
        hindered = ways.hindered(standing, case) if case.is_open else {}
        settled = "" if case.is_open else "the exception is settled"
        options = []
        for name in case.resolutions:
            remedy, choice = ways.find(name, case.subject.kind), book.choice(name)
            why_not = hindered.get(name, settled)
            options.append(
                Option(
                    name=name,
                    effect=remedy.effect if remedy else "",
                    choose_when=choice.choose_when if choice else "",
                    costs=choice.costs if choice else "",
                    possible=not why_not,
                    why_not=why_not,
                    terms=_asked(remedy.terms if remedy else (), case, standing),
                )
            )
        return Guide(
            version=book.version,
            title=book.title,
            what_happened=book.what_happened,
            check=book.check,
            steps=book.steps,
            options=tuple(options),
            root_causes=tuple(book.root_causes),
            minutes=f"{book.minutes:f}",
        )

    def _asked_of(self, terms: Iterable[Term]) -> tuple[Asked, ...]:
        return tuple(
            Asked(name=term.name, text=term.text, required=term.required) for term in terms
        )

    @property
    def at(self) -> datetime:
        """The instant at which things stand so."""
        return self.app.clock.now()

    def codes(self) -> tuple[Mapping[str, Any], ...]:
        """Give every code of exception with its playbook in force and its routing."""
        return tuple(self.code(code.value) for code in Code)

    def code(self, name: str) -> Mapping[str, Any]:
        """Give a code of exception: its playbook, its owner and time by lane, its resolutions.

        Raises:
            Refused: NOT_FOUND.
        """
        if name not in {each.value for each in Code}:
            raise refuse(
                "NOT_FOUND",
                f"there is no exception code {name}",
                field="code",
                fix=f"One of {', '.join(each.value for each in Code)}.",
            )
        code = Code(name)
        book = self.app.definitions.playbooks.at(code, self.app.clock.now().date())
        assert book is not None, "every code has a playbook"
        return {
            "code": code.value,
            "title": book.title,
            "playbook": book,
            "routing": self._routing(code),
            "resolutions": self._choices(book),
        }

    def _routing(self, code: Code) -> list[Mapping[str, Any]]:
        """Give owner, time and resolutions by lane, as policy has them today."""
        register, now = self.app.definitions.register, self.app.clock.now()
        rows: list[Mapping[str, Any]] = []
        for lane in ("critical", "standard", "bulk"):
            ruling = register.decide(
                "exception_routing", {"code": code.value, "lane": lane}, at=now
            )
            if not ruling.held:
                rows.append(
                    {
                        "lane": lane,
                        "owner_role": ruling.text("owner_role"),
                        "sla_hours": ruling.decimal("sla_hours"),
                        "resolutions": ruling.texts("resolutions"),
                        "rule": ruling.cite(),
                    }
                )
        return rows

    def _choices(self, book: Playbook) -> list[Mapping[str, Any]]:
        """Give each resolution with what it does about each kind of document."""
        return [
            {
                "name": choice.name,
                "choose_when": choice.choose_when,
                "costs": choice.costs,
                "effects": [
                    {"on": row.on, "effect": row.effect, "terms": self._asked_of(row.terms)}
                    for row in remedies_for(book.code, choice.name, self.remedies)
                ],
            }
            for choice in book.resolutions
        ]

    # ---- age and work ---------------------------------------------------------------------

    def calendar(self, site: str) -> BusinessCalendar:
        """Give the calendar by which the people of a site work."""
        record = self.peek(Site, site) if site else None
        named = self.peek(Calendar, record.calendar) if record and record.calendar else None
        return named.calendar if named else OFFICE

    def age(self, case: Case) -> Mapping[str, Any]:
        """Tell how old an exception is, in business days; a settled one, when it was settled."""
        until = case.resolution.at if case.resolution else self.app.clock.now()
        age = age_of(case.opened_at, case.waits, until=until, calendar=self.calendar(case.site))
        return {
            "business_days": _days(age.days),
            "bucket": age.bucket,
            "waiting_on_supplier": _days(age.waiting),
            "turn": case.turn,
        }

    def work(self, case: Case) -> Mapping[str, Any]:
        """Tell the minutes that people say they spent, and what they cost; None: not known."""
        minutes = minutes_of(case.touches)
        costs = [self._cost(touch) for touch in case.touches]
        known = [cost for cost in costs if cost is not None]
        is_known = bool(known) and len(known) == len(costs)
        return {
            "minutes": None if minutes is None else f"{minutes:f}",
            "cost": sum(known[1:], known[0]) if is_known else None,
        }

    def _cost(self, touch: Touch) -> Money | None:
        ruling = self.app.definitions.register.decide(
            "handling_rates", {"role": touch.role.value}, at=touch.at
        )
        rate = None if ruling.held else ruling.decimal("per_hour")
        if rate is None:
            return None
        return cost_of(touch.minutes, Money(rate, Currency(ruling.text("currency"))))

    def aging(self, scope: Scope) -> Mapping[str, Any]:
        """Count open exceptions by age, by code and owner's role.

        At most ``MOST_OPEN`` are looked at, the most urgent; ``left_out`` says how many more
        there are.
        """
        now = self.app.clock.now()
        queue = self.app.worklists.whole("case", scope=scope, most=MOST_OPEN)
        calendars = {site: self.calendar(site) for site in sorted({t.site for t in queue.rows})}
        cases = self.app.documents.many(Case, [task.id for task in queue.rows])
        counts: dict[tuple[str, str], dict[Bucket, int]] = {}
        for case in cases.values():
            calendar = calendars.get(case.site) or self.calendar(case.site)
            age = age_of(case.opened_at, case.waits, until=now, calendar=calendar)
            key = (case.code.value, case.owner_role.value)
            counts.setdefault(key, dict.fromkeys(Bucket, 0))[age.bucket] += 1
        return {
            "buckets": list(Bucket),
            "open": len(cases),
            "reopened": sum(case.reopened > 0 for case in cases.values()),
            "left_out": queue.left_out,
            "rows": [
                {
                    "code": code,
                    "owner_role": role,
                    "open": sum(buckets.values()),
                    "buckets": buckets,
                }
                for (code, role), buckets in sorted(counts.items())
            ],
        }


def _asked(terms: Iterable[Term], case: Case, standing: Standing) -> tuple[Asked, ...]:
    return tuple(
        Asked(
            name=term.name,
            text=term.text,
            required=term.required,
            offers=term.offers(standing, case) if term.offers and case.is_open else (),
        )
        for term in terms
    )


def _days(days: Fraction) -> str:
    """Write business days with two places, rounded half up."""
    hundredths = math.floor(days * 100 + Fraction(1, 2))
    return f"{Decimal(hundredths) / 100:.2f}"
