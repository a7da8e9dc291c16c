"""Looking at what was asked for lately, before the chain is found: in a command, or to preview.

policy spend_windows: which windows hold    ->   the months they touch are read, and no others
windows.weigh                               ->   the sum that decides, with its reasons
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from manciple.approvals import routing, spending, windows
from manciple.approvals.directory import Directory
from manciple.approvals.request import CategoryAmount, Finding, RequestApproval
from manciple.approvals.routing import Ask, Chain, Decides
from manciple.approvals.settings import ApprovalSettings
from manciple.approvals.spending import SEPARATOR, Claim, Commitment, Recent
from manciple.approvals.windows import TABLE, Band, SplitBy, Terms, Weighed, terms_of
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.policy.conditions import Interval
from manciple.policy.ruling import PolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found, and what is to be remembered of this request.

    Attributes:
        ask: what is asked, with the sum that decides.
        rows: the request's own commitments, to be noted; none when no window holds.
        gap: why nobody could look; the approval must then be held (A-16).
    """

    ask: Ask
    findings: tuple[Finding, ...] = ()
    rows: tuple[Commitment, ...] = ()
    gap: str = ""

    def told(self, chain: Chain) -> Chain:
        """Add to a chain what was found; a gap empties it."""
        if self.gap:
            chain = replace(chain, steps=(), gap=self.gap)
        return replace(chain, findings=(*self.findings, *chain.findings))


def look(
    asked: RequestApproval,
    *,
    recent: Recent,
    claim: Claim,
    directory: Directory,
    register: Decides,
    calendar: BusinessCalendar,
    at: datetime,
) -> Look:
    """Weigh a request against what was asked for lately; each owner is claimed, then read."""
    ask = Ask.of(asked)
    own = spending.commitments(asked, directory, calendar.local_day(at))
    if not own:
        return Look(ask=ask)
    try:
        facts = {"flow": ask.flow, "category": ask.category}
        terms = terms_of(register.decide(TABLE, facts, at=at))
        if not terms.looks:
            return Look(ask=ask)

        def band(amount: Money) -> Band:
            return band_of(ask, amount, register, at)

        if band(asked.amount).is_touchless and not terms.counts_touchless:
            return Look(ask=ask)
        for name in sorted({name for row in own for name in _owners(row, terms)}):
            claim(name)
        near = _near(own, terms, recent, calendar)
        weighed: Weighed = windows.weigh(own, near, terms=terms, band=band, calendar=calendar)
    except (PolicyError, ValueError) as problem:
        return Look(ask=ask, gap=f"the policy {TABLE} cannot be asked: {problem}")
    rows = tuple(replace(row, owners=SEPARATOR.join(_owners(row, terms))) for row in own)
    ask = replace(ask, weighed=weighed.amount)
    return Look(ask=ask, findings=weighed.findings, rows=rows)


def look_and_preview(
    asked: RequestApproval,
    *,
    recent: Recent,
    directory: Directory,
    register: Decides,
    settings: ApprovalSettings,
    calendar: BusinessCalendar,
    at: datetime,
) -> Chain:
    """Say who would be asked, with what was asked for lately; nothing is remembered.

    Raises:
        Refused: the amount is not in the currency of the limits, or is below zero.
    """
    found = look(
        asked,
        recent=recent,
        claim=lambda _: None,
        directory=directory,
        register=register,
        calendar=calendar,
        at=at,
    )
    chain = routing.preview(
        found.ask, directory=directory, register=register, settings=settings, at=at
    )
    return found.told(chain)


def band_of(ask: Ask, amount: Money, register: Decides, at: datetime) -> Band:
    """Say where an amount of this document would fall in the approval table.

    Raises:
        PolicyError: the table cannot be asked.
    """
    share = CategoryAmount(category=ask.category, amount=amount)
    ruling = routing.rule(ask, share, register, at)
    if ruling.held or ruling.row is None:
        return Band(row=None, limit=None, is_touchless=False)
    table = register.table(routing.TABLE, at=at)
    row = next(each for each in table.rows if each.id == ruling.row)
    place = [column.name for column in table.inputs].index("amount")
    cell = row.when[place]
    high = cell.high if isinstance(cell, Interval) else None
    return Band(
        row=ruling.row,
        limit=high if isinstance(high, Decimal) else None,
        is_touchless=not routing.demanded(ruling),
    )


def _owners(row: Commitment, terms: Terms) -> Iterable[str]:
    """Give the owners under which a line is kept and looked for."""
    yield f"supplier/{row.house}"
    if SplitBy.REQUESTER in terms.split_by:
        yield f"requester/{row.requester}"
    if terms.cumulative_days is not None:
        yield f"item/{row.item}"


def _near(
    own: tuple[Commitment, ...], terms: Terms, recent: Recent, calendar: BusinessCalendar
) -> tuple[Commitment, ...]:
    """Give every commitment at hand once: a line may lie under several of the owners."""
    today = own[0].day
    first = windows.first_day(terms, calendar, today)
    names = dict.fromkeys(name for row in own for name in _owners(row, terms))
    found: list[Commitment] = []
    seen: set[str] = set()
    for name in names:
        rows = spending.read(recent, name, first=first, last=today)
        found += [row for row in rows if not seen & set(row.owners.split(SEPARATOR))]
        seen.add(name)
    return tuple(found)
