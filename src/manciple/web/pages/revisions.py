"""Revisions side by side: what each change made of a line, old beside new, and by how much.

1 -> 2   quantity  400 EA -> 300 EA   -25 %        day  12 Mar -> 2 Apr   +21 days
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from manciple.intelligence.order_file import OrderFile
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.ordering.revision import LineRevision, Revision
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.web.language import gettext, ngettext
from manciple.web.pages import units
from manciple.web.pages.wording import day, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One term that differs: its old and its new value, and by how much."""

    what: str
    old: str
    new: str
    share: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDifference:
    """What a revision made of one line; ``is_new``: it did not stand on the order before."""

    line: str
    is_new: bool
    parts: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One revision with its answers pinned to it.

    Attributes:
        at, by, reason: of the change; None and empty for the first.
        answers: the acknowledgments that answered this revision.
    """

    number: int
    at: datetime | None
    by: str
    reason: str
    is_told: bool
    delivered_at: datetime | None
    rejected: tuple[str, ...]
    lines: tuple[LineDifference, ...]
    answers: tuple[Acknowledgment, ...]


def revisions(file: OrderFile) -> tuple[RevisionView, ...]:
    """Give all revisions of an order, the newest first."""
    order = file.order
    first = RevisionView(
        number=1,
        at=None,
        by="",
        reason="",
        is_told=True,
        delivered_at=order.sent_at if order.sent_revision == 1 else None,
        rejected=(),
        lines=(),
        answers=file.answers_to(1),
    )
    later = (_view(each, file) for each in order.revisions)
    return tuple(sorted((first, *later), key=lambda each: -each.number))


def _view(revision: Revision, file: OrderFile) -> RevisionView:
    return RevisionView(
        number=revision.number,
        at=revision.at,
        by=revision.by,
        reason=revision.reason,
        is_told=revision.is_told,
        delivered_at=revision.delivered_at,
        rejected=revision.rejected,
        lines=differences(revision.lines),
        answers=file.answers_to(revision.number),
    )


def differences(lines: Iterable[LineRevision]) -> tuple[LineDifference, ...]:
    """Say line by line what differs."""
    return tuple(
        LineDifference(line=each.line, is_new=each.before is None, parts=tuple(_of_line(each)))
        for each in lines
    )


def _of_line(each: LineRevision) -> Iterable[Difference]:
    was, now = each.before, each.after
    if was is None:
        yield Difference(what=gettext("quantity"), old="", new=units.quantity(now.wanted))
        yield Difference(what=gettext("price"), old="", new=units.price(now.price))
        yield Difference(what=gettext("needed"), old="", new=day(now.needed_by))
        return
    if was.wanted != now.wanted:
        yield of_quantities(was.wanted, now.wanted)
    if was.price != now.price:
        yield of_prices(was.price, now.price)
    if was.needed_by != now.needed_by:
        yield of_days(gettext("needed"), was.needed_by, now.needed_by)


def of_quantities(old: Quantity, new: Quantity) -> Difference:
    """Set two quantities side by side."""
    share = percent(old.value, new.value) if old.unit is new.unit else ""
    return Difference(
        what=gettext("quantity"), old=units.quantity(old), new=units.quantity(new), share=share
    )


def of_prices(old: Price, new: Price) -> Difference:
    """Set two prices side by side; the share is told where they are of one currency and unit."""
    alike = old.money.currency is new.money.currency and old.per.unit is new.per.unit
    return Difference(
        what=gettext("price"),
        old=units.price(old),
        new=units.price(new),
        share=percent(old.unit_amount, new.unit_amount) if alike else "",
    )


def of_days(what: str, old: date, new: date) -> Difference:
    """Set two days side by side, with the calendar days between them."""
    days = (new - old).days
    told = ngettext("%(num)s day", "%(num)s days", abs(days)) % {"num": f"{days:+d}"}
    return Difference(what=what, old=day(old), new=day(new), share=told)


def percent(old: Decimal, new: Decimal) -> str:
    """Say by how much a figure changed: ``+5 %``, to a tenth, half up; empty where it was zero."""
    if not old:
        return ""
    change = ((new - old) * 100 / abs(old)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{'+' if change > 0 else ''}{number(change)} %"
