"""Measures of a run: pure functions over plain records, the same for every operating model.

    records of orders, bills and exceptions + counted stock -> measure name -> value, or None

A record says when things happened, whoever noted it: the product's event feed, or the model of the
way before. Nothing here knows which. Values are floats for reading, never for deciding.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from manciple.kernel.records import dataclass

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class OrderRecord:
    """An order from need to answer.

    Attributes:
        lines: how many lines it has; each counts.
        touches: human acts from the need to the dispatch, the need itself not counted.
        in_time: for each approval step that was decided, whether within its time.
    """

    lines: int
    submitted: datetime
    sent: datetime | None = None
    answered: datetime | None = None
    touches: int = 0
    in_time: list[bool] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class TroubleRecord:
    """Something that went wrong, from the moment that it had to the moment it was settled."""

    arose: datetime
    settled: datetime | None = None


@dataclass(slots=True, kw_only=True)
class BillRecord:
    """A bill from its coming to its being payable.

    Attributes:
        clean: it passed when first looked at; None while nobody has.
        parked: what is open while it waits for its receipt.
    """

    came: datetime
    clean: bool | None = None
    payable: datetime | None = None
    parked: TroubleRecord | None = None


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything that was noted in a run.

    Attributes:
        touches: every human act between need and payment.
        stock: what the world counted of missing goods.
    """

    orders: list[OrderRecord] = field(default_factory=list)
    bills: list[BillRecord] = field(default_factory=list)
    troubles: list[TroubleRecord] = field(default_factory=list)
    touches: int = 0
    stock: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: what it is, in what unit, and whether less of it is better."""

    name: str
    title: str
    less_is_better: bool
    of: Callable[[Records], float | None]


def percentile(values: Iterable[float], percent: int) -> float | None:
    """Give a percentile by linear interpolation; None of nothing.

    Source: Hyndman and Fan 1996, definition 7.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _share(claims: Sequence[bool]) -> float | None:
    return 100 * sum(claims) / len(claims) if claims else None


def _hours_to_send(records: Records) -> list[float]:
    return [(o.sent - o.submitted) / _HOUR for o in records.orders if o.sent
            for _ in range(o.lines)]  # fmt: skip


def _touchless(records: Records) -> float | None:
    return _share([o.touches == 0 for o in records.orders if o.sent for _ in range(o.lines)])


def _answer_hours(records: Records) -> float | None:
    waits = [(o.answered - o.sent) / _HOUR for o in records.orders if o.sent and o.answered
             for _ in range(o.lines)]  # fmt: skip
    return percentile(waits, 50)


def _bill_days(records: Records, percent: int) -> float | None:
    return percentile(((b.payable - b.came) / _DAY for b in records.bills if b.payable), percent)


def _trouble_hours(records: Records, percent: int) -> float | None:
    ages = ((t.settled - t.arose) / _HOUR for t in records.troubles if t.settled)
    return percentile(ages, percent)


def _touches_a_line(records: Records) -> float | None:
    lines = sum(order.lines for order in records.orders)
    return records.touches / lines if lines else None


def _stock_share(records: Records) -> float | None:
    whole = records.stock.get("stocked_item_site_days", 0)
    return 100 * records.stock["stock_out_item_site_days"] / whole if whole else None


MEASURES = (
    Measure("req_to_po_hours", "need to order sent, median hours", True,
            lambda r: percentile(_hours_to_send(r), 50)),
    Measure("req_to_po_hours_p90", "need to order sent, 90 % of lines within hours", True,
            lambda r: percentile(_hours_to_send(r), 90)),
    Measure("touchless", "lines sent without a human act, %", False, _touchless),
    Measure("approvals_in_time", "approval steps within their time, %", False,
            lambda r: _share([each for order in r.orders for each in order.in_time])),
    Measure("answer_hours", "order sent to answer known, median hours", True, _answer_hours),
    Measure("first_pass", "bills clean at first look, %", False,
            lambda r: _share([b.clean for b in r.bills if b.clean is not None])),
    Measure("bill_days", "bill to payable, median days", True, lambda r: _bill_days(r, 50)),
    Measure("bill_days_p90", "bill to payable, 90 % within days", True,
            lambda r: _bill_days(r, 90)),
    Measure("trouble_hours", "trouble until settled, median hours", True,
            lambda r: _trouble_hours(r, 50)),
    Measure("trouble_hours_p90", "trouble until settled, 90 % within hours", True,
            lambda r: _trouble_hours(r, 90)),
    Measure("touches_per_line", "human acts for each order line", True, _touches_a_line),
    Measure("stock_out_share", "shelves empty at a day's end, %", True, _stock_share),
    Measure("stock_out_unit_days", "pieces owed, summed over days", True,
            lambda r: float(r.stock["stock_out_unit_days"])),
)  # fmt: skip


def measured(records: Records) -> dict[str, float | None]:
    """Take every measure of a run."""
    return {each.name: each.of(records) for each in MEASURES}
