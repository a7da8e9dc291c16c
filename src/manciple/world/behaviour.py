"""What a supplier does with an order, whatever paper it came on: answer, loads and bills.

    asked lines -> respond(habits, carrier, chance) -> Response(answer, loads, bills)

The order desk writes this as X12; the legacy operating model sends the same by mail. Quantities
are in the order's own unit, prices as the order states them.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from manciple.kernel.records import dataclass, replace
from manciple.world.carrier import BY_SCAC
from manciple.world.chance import Chance
from manciple.world.company import HABITS, Habits, Supplier

_DOCK_OPENS, _DOCK_HOURS = time(7), 8
_LOADING = time(20)
"""When trucks leave, in UTC. An assumption of ours."""
_WEEKEND = 5
_SOONEST = timedelta(days=2)
_OVERBILLED = Decimal("1.07")
_HURRIED = 75
"""Chances in a hundred that a supplier who is asked to hurry can. An assumption of ours."""
_SOONER = timedelta(days=7)
"""How much sooner, at most, a load leaves that was hurried; it then travels by express, a day."""
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A line that the buyer asks for."""

    ordered: Decimal
    price: Decimal
    wanted: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the supplier says to an order.

    Attributes:
        at: when it answers by itself.
        forgotten: it does not, unless somebody calls.
        confirmed, prices: line by line, as asked or otherwise.
        substituted: the line for which another item comes; None for none.
        promised: the day of arrival that it names for the whole order.
    """

    at: datetime
    forgotten: bool
    confirmed: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    substituted: int | None
    promised: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So much of each line on one truck."""

    leaves: datetime
    arrives: datetime
    quantities: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill for a load; ``right`` is what it should have said."""

    load: int
    at: datetime
    quantities: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    right: tuple[tuple[Decimal, ...], tuple[Decimal, ...]]
    twice: bool

    @property
    def is_wrong(self) -> bool:
        """Say whether it bills what was not agreed."""
        return (self.quantities, self.prices) != self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Everything that a supplier does with an order."""

    answer: Answer
    loads: tuple[Load, ...]
    bills: tuple[Bill, ...]


def respond(
    lines: Sequence[Asked], *, supplier: Supplier, zone: str, at: datetime, chance: Chance
) -> Response:
    """Decide everything at once, as the supplier's character has it.

    Args:
        lines: what is asked for, at least one.
        supplier: whose character and carrier it is.
        zone: the IANA zone of the dock that the goods go to.
        at: when the desk reads the order.
        chance: this order's own stream.
    """
    habits = HABITS[supplier.character]
    answer = _answer(lines, at, chance, habits)
    quantities = _loads(lines, answer.confirmed, chance, habits)
    slip = chance.between(*habits.slips_days)
    carrier = BY_SCAC[supplier.carrier]
    promised = datetime.combine(answer.promised, _LOADING, UTC)
    ready = max(promised - timedelta(days=carrier.days[1]), at + timedelta(hours=6))
    loads = []
    for number, each in enumerate(quantities):
        if not any(each):
            continue
        leaves = ready + timedelta(days=slip + 2 * number)
        lands = leaves.date() + timedelta(days=carrier.travels(chance))
        arrives = docked(lands, zone, chance)
        loads.append(Load(leaves=leaves, arrives=max(arrives, leaves), quantities=tuple(each)))
    bills = tuple(_bill(n, load, answer, chance, habits) for n, load in enumerate(loads))
    return Response(answer=answer, loads=tuple(loads), bills=bills)


def sooner(load: Load, at: datetime, zone: str, chance: Chance) -> Load | None:
    """Give a load as it comes when somebody asks for it to be hurried at ``at``.

    Returns:
        None if it has left, if the supplier can not, or if it would not come sooner.
    """
    if load.leaves <= at or not chance.happens(_HURRIED):
        return None
    next_loading = datetime.combine(at.date(), _LOADING, UTC)
    if next_loading <= at:
        next_loading += timedelta(days=1)
    leaves = max(next_loading, load.leaves - _SOONER)
    arrives = max(docked(leaves.date() + timedelta(days=1), zone, chance), leaves)
    return replace(load, leaves=leaves, arrives=arrives) if arrives < load.arrives else None


def docked(day: date, zone: str, chance: Chance) -> datetime:
    """Give the instant in dock hours of that day, or of the next working day."""
    while day.weekday() >= _WEEKEND:
        day += timedelta(days=1)
    opens = datetime.combine(day, _DOCK_OPENS, ZoneInfo(zone)).astimezone(UTC)
    return opens + timedelta(minutes=chance.between(0, _DOCK_HOURS * 60 - 1))


def _answer(lines: Sequence[Asked], at: datetime, chance: Chance, habits: Habits) -> Answer:
    short = chance.happens(habits.confirms_short)
    victim = chance.between(0, len(lines) - 1)
    confirmed = [line.ordered for line in lines]
    if short:
        share = Decimal(chance.between(40, 90)) / 100
        confirmed[victim] = Decimal(int(confirmed[victim] * share))
    prices = [line.price for line in lines]
    if chance.happens(habits.raises_price):
        raised = prices[victim] * Decimal(100 + chance.between(4, 12)) / 100
        prices[victim] = raised.quantize(_CENT, ROUND_HALF_UP)
    substituted = victim if chance.happens(habits.substitutes) and confirmed[victim] else None
    days = [line.wanted for line in lines if line.wanted is not None]
    soonest = (at + _SOONEST).date()
    return Answer(
        at=at + timedelta(hours=chance.between(*habits.answers_in_hours),
                          minutes=chance.between(0, 59)),
        forgotten=chance.happens(habits.forgets_to_answer),
        confirmed=tuple(confirmed),
        prices=tuple(prices),
        substituted=substituted,
        promised=max(min(days), soonest) if days else soonest,
    )  # fmt: skip


def _loads(
    lines: Sequence[Asked], confirmed: Sequence[Decimal], chance: Chance, habits: Habits
) -> list[list[Decimal]]:
    first = list(confirmed)
    place = chance.between(0, len(lines) - 1)
    if chance.happens(habits.ships_short):
        first[place] = max(Decimal(0), first[place] - 1)
    elif chance.happens(habits.over_ships):
        first[place] += chance.between(2, 4)
    if chance.happens(habits.splits) and max(first) > 1:
        part = [Decimal(int(each / 2)) for each in first]
        return [part, [whole - some for whole, some in zip(first, part, strict=True)]]
    return [first]


def _bill(number: int, load: Load, answer: Answer, chance: Chance, habits: Habits) -> Bill:
    quantities, prices = list(load.quantities), list(answer.prices)
    if chance.happens(habits.bills_wrong):
        on_board = [n for n, each in enumerate(quantities) if each]
        place = chance.one_of(on_board)
        if chance.happens(50):
            prices[place] = (prices[place] * _OVERBILLED).quantize(_CENT, ROUND_HALF_UP)
        else:
            quantities[place] += 1
    return Bill(
        load=number,
        at=load.arrives + timedelta(hours=chance.between(2, 40)),
        quantities=tuple(quantities),
        prices=tuple(prices),
        right=(load.quantities, answer.prices),
        twice=chance.happens(habits.bills_twice),
    )


def agreed(bill: Bill, asked: Sequence[Asked]) -> Bill:
    """Give the bill as the supplier writes it anew after a dispute: at the order's prices."""
    prices = tuple(line.price for line in asked)
    quantities = bill.right[0]
    return replace(
        bill, quantities=quantities, prices=prices, right=(quantities, prices), twice=False
    )
