"""Windows over what was asked for lately: needs that belong together are decided as one.

    4 900 on Monday, 4 850 on Wednesday, one supplier, limit 5 000  ->  one chain for 9 750
    1 200 and 1 300                                                 ->  2 500 needs nobody higher

    A-04  candidates: same supplier or requester, and same category or ship-to, within n business
          days; a set is always aggregated when its sum needs a higher band than any one of it.
          The score orders and words it, and decides nothing.
    A-03  rolling sums by supplier and requester, supplier and cost centre, and item.

Before the test a supplier stands for its house, so a second record of it changes nothing; neither
do another day, a colleague, another item number, or another currency: amounts are in the currency
of policy, at the rate of the document's own day. Source: domain rules A-03 and A-04, with the
rulings of 4.7.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from manciple.approvals.request import Finding
from manciple.approvals.spending import Commitment
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass
from manciple.policy.ruling import PolicyError, Ruling

TABLE = "spend_windows"
NEAR = Decimal("0.80")
"""A member at this share of a limit or more, up to the whole limit, looks measured to it."""
_LONGEST = 92
"""Calendar days that any window may reach back."""


class SplitBy(StrEnum):
    """What the members of a candidate set may have in common."""

    SUPPLIER = "supplier"
    REQUESTER = "requester"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Which windows hold for a document: the answer of the policy.

    Attributes:
        split_days: business days between two members of a set, at most; None looks for no sets.
        cumulative_days: calendar days of the rolling sums, today included; None sums nothing.
        counts_touchless: documents that nobody is asked about are members like others.
        cited: the policy row.
    """

    split_by: tuple[SplitBy, ...]
    split_days: int | None
    cumulative_days: int | None
    counts_touchless: bool
    cited: str

    @property
    def looks(self) -> bool:
        """Say whether there is any window at all."""
        return self.split_days is not None or self.cumulative_days is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where an amount falls in the approval table.

    Attributes:
        row: the row that speaks; None when none does.
        limit: the highest amount of that row; None when it has no end.
    """

    row: str | None
    limit: Decimal | None
    is_touchless: bool


BandOf = Callable[[Money], Band]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What windows make of a document.

    Attributes:
        amount: the sum that decides on band and limits; None when the document's own does.
        findings: each window that was over a band, the one that decides first.
    """

    amount: Money | None = None
    findings: tuple[Finding, ...] = ()


def terms_of(ruling: Ruling) -> Terms:
    """Read the policy's answer.

    Raises:
        PolicyError: no row speaks, or days are not whole or reach back too far.
    """
    return Terms(
        split_by=tuple(SplitBy(each) for each in ruling.texts("split_by")),
        split_days=_days(ruling, "split_days"),
        cumulative_days=_days(ruling, "cumulative_days"),
        counts_touchless=ruling.text("touchless") == "counts",
        cited=ruling.cite(),
    )


def _days(ruling: Ruling, name: str) -> int | None:
    days = ruling.decimal(name)
    if days is None:
        return None
    if days != int(days) or not 0 < days <= _LONGEST:
        raise PolicyError(f"{ruling.cite()}: {name} is {days}, a whole number of days wanted")
    return int(days)


def first_day(terms: Terms, calendar: BusinessCalendar, today: date) -> date:
    """Give the earliest day that any of the windows reaches."""
    days = [today]
    if terms.split_days is not None:
        days.append(_split_from(terms.split_days, calendar, today))
    if terms.cumulative_days is not None:
        days.append(_sum_from(terms.cumulative_days, today))
    return min(days)


def _sum_from(days: int, today: date) -> date:
    """Give the first day inside: today is day 0, day n is out (ruling A-03)."""
    return today - timedelta(days=days - 1)


def _split_from(days: int, calendar: BusinessCalendar, today: date) -> date:
    """Give the first day that lies at most so many business days back (ruling A-04)."""
    day, passed = today, 0
    for _ in range(_LONGEST):
        passed += calendar.is_working_day(day)
        if passed > days:
            return day
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Another document of a set.

    Attributes:
        amount: what of it belongs to the set, net of what was given up.
        total: the whole document, net too.
    """

    subject: str
    rows: tuple[Commitment, ...]
    amount: Money
    total: Money

    @property
    def head(self) -> Commitment:
        """Give its first row, for what is the same in all of them."""
        return self.rows[0]


def weigh(
    own: Sequence[Commitment],
    near: Iterable[Commitment],
    *,
    terms: Terms,
    band: BandOf,
    calendar: BusinessCalendar,
) -> Weighed:
    """Say which sum decides on a document, and why; ``own`` are its lines, at least one.

    ``near`` holds each commitment at hand once. Other documents only are counted, and only what
    of them still stands.
    """
    whole, today = own[0].total, own[0].day
    others = [row for row in near if row.subject != own[0].subject]
    findings: list[Finding] = []
    if terms.split_days is not None:
        start = _split_from(terms.split_days, calendar, today)
        inside = [row for row in others if start <= row.day <= today]
        findings += _split(own, whole, inside, terms, band)
    if terms.cumulative_days is not None:
        start = _sum_from(terms.cumulative_days, today)
        inside = [row for row in others if start <= row.day <= today]
        findings += _sums(own, whole, inside, terms, band)
    findings.sort(key=lambda each: (-each.amount.amount, each.rule, each.text))
    return Weighed(amount=findings[0].amount if findings else None, findings=tuple(findings))


# ---- split needs (A-04) ------------------------------------------------------------------------


def _split(
    own: Sequence[Commitment],
    whole: Money,
    inside: Iterable[Commitment],
    terms: Terms,
    band: BandOf,
) -> list[Finding]:
    members = _members(row for row in inside if _belongs(row, own, terms))
    if not members:
        return []
    total = sum((each.amount for each in members), start=whole)
    highest = max(whole, *(each.total for each in members))
    if total <= highest or band(total).row == band(highest).row:
        return []
    score, reasons = _score(own, whole, members, band)
    ordered = sorted(members, key=lambda each: (-each.amount.amount, each.subject))
    named = ", ".join(f"{each.subject} {each.amount}" for each in ordered)
    text = (
        f"{whole} with {named} within {terms.split_days} business days is {total}: "
        f"{_worded(score)} (score {score}: {', '.join(reasons) or 'no mark of it'})"
    )
    return [
        Finding(
            rule="A-04",
            amount=total,
            subjects=tuple(each.subject for each in ordered),
            score=score,
            text=f"{text}; {terms.cited}",
        )
    ]


def _belongs(row: Commitment, own: Sequence[Commitment], terms: Terms) -> bool:
    same_house = any(row.house == each.house for each in own)
    same_requester = row.requester == own[0].requester
    bound = (SplitBy.SUPPLIER in terms.split_by and same_house) or (
        SplitBy.REQUESTER in terms.split_by and same_requester
    )
    same_kind = any(row.category == each.category for each in own)
    return bound and (same_kind or row.site == own[0].site)


def _members(rows: Iterable[Commitment]) -> list[Member]:
    """Gather rows by document, net of what was given up; a document with nothing left is out."""
    found = []
    for subject, each in groupby(sorted(rows, key=_by_document), key=lambda row: row.subject):
        lines = tuple(each)
        zero = Money.zero(lines[0].amount.currency)
        amount = sum((row.amount for row in lines), start=zero)
        gone = sum((row.amount for row in lines if row.amount < zero), start=zero)
        if amount > zero:
            found.append(
                Member(subject=subject, rows=lines, amount=amount, total=lines[0].total + gone)
            )
    return found


def _by_document(row: Commitment) -> tuple[str, int]:
    return (row.subject, row.line)


def _score(
    own: Sequence[Commitment], whole: Money, members: Sequence[Member], band: BandOf
) -> tuple[int, list[str]]:
    """Say how much a set looks like one need cut up: 0 to 100, with the marks that were found."""
    marks: list[tuple[int, str]] = []
    amounts = (whole, *(each.total for each in members))
    near = sum(is_near_limit(amount, band(amount).limit) for amount in amounts)
    if near:
        share = f"{near} of {len(amounts)} at 80 to 100 % of a limit"
        marks.append((40 * near // len(amounts), share))
    items = {row.item for row in own}
    if any(row.item in items for each in members for row in each.rows):
        marks.append((20, "the same item"))
    if any(each.head.day == own[0].day for each in members):
        marks.append((15, "the same day"))
    if any(each.head.requester == own[0].requester for each in members):
        marks.append((15, "the same requester"))
    if any(follows(each.head.reference, own[0].reference) for each in members):
        marks.append((10, "consecutive numbers"))
    return sum(points for points, _ in marks), [text for _, text in marks]


def is_near_limit(amount: Money, limit: Decimal | None) -> bool:
    """Say whether an amount lies at 80 to 100 % of a limit, both inside (ruling A-04)."""
    return limit is not None and limit * NEAR <= amount.amount <= limit


def follows(one: str, other: str) -> bool:
    """Say whether two of the requester's numbers are neighbours: ``B-17`` and ``B-18``."""
    first, second = _number(one), _number(other)
    if first is None or second is None or first[0] != second[0]:
        return False
    return abs(first[1] - second[1]) == 1


def _number(text: str) -> tuple[str, int] | None:
    head = text.rstrip("0123456789")
    tail = text[len(head) :]
    return (head, int(tail)) if tail.isascii() and tail else None


def _worded(score: int) -> str:
    if score >= 60:  # noqa: PLR2004  the words are for people; nothing depends on them
        return "it looks like one need cut up"
    if score >= 30:  # noqa: PLR2004  as above: words for people
        return "it may be one need"
    return "together they need a higher approval"


# ---- rolling sums (A-03) -----------------------------------------------------------------------


def _sums(
    own: Sequence[Commitment],
    whole: Money,
    inside: Sequence[Commitment],
    terms: Terms,
    band: BandOf,
) -> list[Finding]:
    findings = []
    for name, key in _KEYS.items():
        mine: dict[tuple[str, ...], Money] = {}
        for row in own:
            parts = key(row)
            if all(parts):
                mine[parts] = mine[parts] + row.amount if parts in mine else row.amount
        for parts, amount in mine.items():
            members = _members(row for row in inside if key(row) == parts)
            total = sum((each.amount for each in members), start=amount)
            if not members or total <= whole or band(total).row == band(whole).row:
                continue
            said = " and ".join(parts)
            text = (
                f"{name} {said}: {amount} and {total - amount} asked for or approved "
                f"in {terms.cumulative_days} days is {total}"
            )
            findings.append(
                Finding(
                    rule="A-03",
                    amount=total,
                    subjects=tuple(each.subject for each in members),
                    text=f"{text}; {terms.cited}",
                )
            )
    return findings


_KEYS: dict[str, Callable[[Commitment], tuple[str, ...]]] = {
    "supplier and requester": lambda row: (row.house, row.requester),
    "supplier and cost centre": lambda row: (row.house, row.cost_centre),
    "item": lambda row: (row.item,),
}
