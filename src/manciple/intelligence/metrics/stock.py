"""Availability: what was on the shelf each day, and what late goods would have met of a shortage.

    day        told      owed at its end                         late line: 30 EA due on the 4th
    Tue 3      8 EA      0                                       not due yet
    Wed 4      0 EA      demand 12 - 8 on the shelf = 4          min(4, 30)  =  4 unit-days
    Thu 5      0 EA      4 + 12 = 16                             min(16, 30) = 16 unit-days
    Fri 6     14 EA      0: who waited was served first          came        =  0

The counterfactual is the order line on the shelf on the day that it was needed by: with every
step on time that much less would have been owed. Of several late lines of an item the one due
first covers the shortage first, so nothing is counted twice; a day belongs to the step for which
the line waited on that day. Source: domain rules 4.6 and R-13, with the ruling of 4.7 B.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.kernel.records import dataclass

IMPACT = "inventory-availability-impact"
VALUE = f"{IMPACT}/value"
IN_STOCK = "in-stock-share"
KEPT_DAYS = 28
"""Days that are remembered of a shelf: an older arrival or change moves no day any more."""
MOST_GAP = 14
"""Days without a word after which nobody knows what was on the shelf in between."""
UNKNOWN_DEMAND = "demand is not told"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDay:
    """A shelf at the end of a day; quantities in millionths of the item's base unit.

    Attributes:
        day: as days since year 1, by the site's own clock.
        is_told: somebody told it; else it follows from the day before and the demand.
        owed: what the demand went short of so far; None where the demand is not known.
    """

    day: int
    is_told: bool
    on_hand: int
    demand: int | None
    owed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """An order line on its way to a shelf.

    Attributes:
        placed: the day on which it was ordered.
        due: the day it was needed by.
        wanted: from which day on so much of it was wanted, ascending.
        arrivals: so much on a day.
        sent, answered, promised: days; None while it has not happened.
        amount: of the quantity ordered, in millionths of ``currency``.
    """

    order: str
    line: str
    supplier: str
    flow: str
    placed: int
    due: int
    wanted: tuple[tuple[int, int], ...]
    arrivals: tuple[tuple[int, int], ...] = ()
    sent: int | None = None
    answered: int | None = None
    promised: int | None = None
    ordered: int = 0
    amount: int = 0
    currency: str = ""

    def missing(self, day: int) -> int:
        """Give what should have been there by the end of a day, and was not."""
        if day < max(self.due, self.placed):
            return 0
        wanted = [quantity for since, quantity in self.wanted if since <= day]
        came = sum(quantity for on, quantity in self.arrivals if on <= day)
        return max(0, (wanted or [self.wanted[0][1]])[-1] - came)

    def cause(self, day: int) -> str:
        """Say for which step it waited on a day."""
        if self.sent is None or day < self.sent:
            return "not sent"
        if self.promised is None or self.answered is None or day < self.answered:
            return "unanswered"
        return "promised late" if day < self.promised else "supplier late"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLife:
    """What is remembered of an item at a site: its last days, and what is on its way."""

    site: str
    item: str
    unit: str = ""
    days: tuple[ShelfDay, ...] = ()
    supplies: tuple[Supply, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of a day's shortage one late line would have met."""

    order: str
    line: str
    supplier: str
    flow: str
    cause: str
    quantity: int
    value: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDayLife:
    """What is remembered of an item, a site and a day; ``at`` is the last instant of the day."""

    site: str
    item: str
    unit: str
    day: int
    at: int
    on_hand: int | None
    is_known: bool
    shares: tuple[Share, ...] = ()


def told(
    days: Sequence[ShelfDay], day: int, on_hand: int, demand: int | None
) -> tuple[ShelfDay, ...]:
    """Give a shelf's days after somebody told what is on it; the days between follow."""
    before = [each for each in days if each.day < day]
    if before and day - before[-1].day > MOST_GAP:
        before = []
    known = demand if demand is not None else before[-1].demand if before else None
    while before and before[-1].day < day - 1:
        before.append(_next(before[-1], before[-1].demand))
    last = before[-1] if before else None
    owed: int | None = 0
    if not on_hand and last is not None:
        short = None if known is None else max(0, known - last.on_hand)
        owed = None if short is None or last.owed is None else last.owed + short
    if known is None:
        owed = None
    row = ShelfDay(day=day, is_told=True, on_hand=on_hand, demand=known, owed=owed)
    return (*before, row)[-KEPT_DAYS:]


def _next(last: ShelfDay, demand: int | None) -> ShelfDay:
    if demand is None or last.owed is None:
        return ShelfDay(
            day=last.day + 1, is_told=False, on_hand=last.on_hand, demand=demand, owed=None
        )
    return ShelfDay(
        day=last.day + 1,
        is_told=False,
        on_hand=max(0, last.on_hand - demand),
        demand=demand,
        owed=last.owed + max(0, demand - last.on_hand),
    )


def shares(shelf: ShelfLife, day: ShelfDay) -> Iterator[Share]:
    """Split what was owed at the end of a day over the lines that were late."""
    rest = day.owed or 0
    for supply in sorted(shelf.supplies, key=lambda each: (each.due, each.order, each.line)):
        quantity = min(rest, supply.missing(day.day))
        if quantity <= 0:
            continue
        rest -= quantity
        value = supply.amount * quantity // supply.ordered if supply.ordered else 0
        yield Share(
            order=supply.order, line=supply.line, supplier=supply.supplier, flow=supply.flow,
            cause=supply.cause(day.day), quantity=quantity, value=value,
            currency=supply.currency,
        )  # fmt: skip


def facts_of_day(life: ShelfDayLife) -> Iterator[Fact]:
    """Give the facts of an item, a site and a day."""
    key = f"{life.site}:{life.item}/{date.fromordinal(life.day).isoformat()}"
    base = Fact(metric=IMPACT, key=key, state=FactState.DONE, at=life.at, site=life.site)
    if life.on_hand is not None:
        yield base._replace(metric=IN_STOCK, value=int(life.on_hand > 0))
    if not life.is_known:
        yield base._replace(state=FactState.OUT, reason=UNKNOWN_DEMAND)
        return
    if not life.shares:
        yield base._replace(value=0, unit=life.unit)
    for share in life.shares:
        split = base._replace(
            key=f"{key}/{share.order}/{share.line}", supplier=share.supplier, flow=share.flow,
            reason=share.cause,
        )  # fmt: skip
        yield split._replace(value=share.quantity, unit=life.unit)
        if share.currency:
            yield split._replace(metric=VALUE, value=share.value, unit=share.currency)
