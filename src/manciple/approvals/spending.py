"""What was asked for lately: a commitment for each line that waits or was approved.

    supplier/ACME/2026-07        requester/rex/2026-07        item/BOLT-8/2026-07

Rows are added and never rewritten; what is given up is added with a minus. A month's rows of one
owner lie together, so a window reads the one or two months that it touches and no others.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from manciple.approvals.directory import Directory
from manciple.approvals.relations import house_of
from manciple.approvals.request import RequestApproval
from manciple.kernel.errors import refuse
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work

SEPARATOR = "\x1f"
WINDOW = "spending:"
"""Counters of windows: their numbers name nothing and may be lost."""
Claim = Callable[[str], None]
"""Take part in the window of an owner."""
Recent = Callable[[str], tuple["Commitment", ...]]
"""Give the commitments under an owner, in the order in which they were added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A line that commits money, or with an amount below zero what was given up of it.

    Attributes:
        subject: the document, as ``requisition/REQ-7``.
        line: its line, from 1.
        reference: the requester's own number for the document; empty when there is none.
        house: the house of the supplier; records of one house count as one supplier.
        amount: in the currency of policy.
        total: the whole document, when it was asked for.
        day: the document's own day at the site that needs the goods.
        owners: the owners under which it lies, without months, joined by ``SEPARATOR``.
    """

    subject: str
    line: int
    requester: str
    reference: str
    site: str
    supplier: str
    house: str
    item: str
    category: str
    cost_centre: str
    amount: Money
    total: Money
    day: date
    owners: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCommitment:
    """Say that a part of what a document commits for an item of a supplier was given up."""

    subject: Ref
    supplier: str
    item: str
    amount: Money


def commitments(asked: RequestApproval, directory: Directory, day: date) -> tuple[Commitment, ...]:
    """Give what a request commits, one row a line; owners are not stated yet."""
    return tuple(
        Commitment(
            subject=str(asked.subject),
            line=place,
            requester=asked.requester,
            reference=asked.reference,
            site=asked.site,
            supplier=spend.supplier,
            house=house_of(spend.supplier, directory.peek),
            item=spend.item,
            category=spend.category,
            cost_centre=spend.cost_centre,
            amount=spend.amount,
            total=asked.amount,
            day=day,
            owners="",
        )
        for place, spend in enumerate(asked.spends, start=1)
    )


def owner_of(name: str, day: date) -> str:
    """Give the owner of a month's rows."""
    return f"{name}/{day:%Y-%m}"


def read(recent: Recent, name: str, *, first: date, last: date) -> tuple[Commitment, ...]:
    """Give the rows of an owner from a first to a last day, both inside."""
    rows: list[Commitment] = []
    month = first.replace(day=1)
    while month <= last:
        rows += recent(owner_of(name, month))
        month = (month + timedelta(days=31)).replace(day=1)
    return tuple(row for row in rows if first <= row.day <= last)


def claim(work: Work, name: str) -> None:
    """Take part in an owner's window, before it is read.

    The owner's counter moves in the same commit, so of two transactions that saw the same window
    only one is kept, and the other looks again. Read afterwards, it would tell nothing.
    """
    work.next_number(f"{WINDOW}{name}")


def note(work: Work, rows: Iterable[Commitment]) -> None:
    """Add commitments under their owners and under their document."""
    for row in rows:
        for name in row.owners.split(SEPARATOR):
            work.append(owner_of(name, row.day), row)
        work.append(row.subject, row)


def release(work: Work, subject: Ref) -> None:
    """Give up all that a document still commits: it was refused, withdrawn or replaced."""
    note(work, (_given_up(row, row.amount) for row in _open(work, subject) if row.amount))


def release_part(work: Work, act: ReleaseCommitment) -> Ref:
    """Give up a part; never more than is still committed, and quiet where nobody keeps account.

    Raises:
        Refused: the amount is not above zero.
    """
    if act.amount.amount <= 0:
        raise refuse("AMOUNT", f"{act.amount} gives nothing up", field="amount", rule="A-03")
    rest, gone = act.amount, []
    for row in _open(work, act.subject):
        part = min(rest, row.amount)
        if (row.supplier, row.item) == (act.supplier, act.item) and part:
            gone.append(_given_up(row, part))
            rest -= part
    note(work, gone)
    return act.subject


def _open(work: Work, subject: Ref) -> tuple[Commitment, ...]:
    """Give a document's lines with what each still commits."""
    lines: dict[int, Commitment] = {}
    for row in work.records(Commitment, str(subject)):
        known = lines.get(row.line)
        lines[row.line] = replace(known, amount=known.amount + row.amount) if known else row
    return tuple(lines.values())


def _given_up(row: Commitment, amount: Money) -> Commitment:
    return replace(row, amount=-amount)
