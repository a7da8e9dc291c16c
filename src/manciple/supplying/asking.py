"""Asking: a person reminds a supplier of what it owes, beside the reminders that the clock sends.

    no answer yet  -> "please answer lines 1, 3"
    a day has passed and the goods are not here  -> "when do lines 2, 4 come?"
    nothing of the kind  -> there is nothing to ask for

One question holds all that an order's supplier owes. It is not repeated within four hours, and an
answer that the supplier is working on is not asked for while its quiet lasts; goods that are late
always may be.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass, replace
from manciple.ordering.board import Stage, late_from, stage_of
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import BEFORE_SENDING, ENDED, PurchaseOrder
from manciple.runtime.effects import Lane
from manciple.supplying.chasing import Chase, is_quiet

AGAIN: Final = timedelta(hours=4)
"""A supplier is not asked twice about one order within so long; at its very end it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSupplier:
    """Remind a supplier of the answers and the goods that it owes on an order.

    Attributes:
        note: a sentence of one's own that goes along.
    """

    order: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierAsked:
    """A person asked a supplier for what it owes; ``text`` is what it was told.

    Attributes:
        unanswered: the lines whose answer is owed.
        late: the lines whose goods should be here.
        time: how often it was asked about this order, this time included.
    """

    order: str
    thread: str
    supplier: str
    site: str
    lane: Lane
    revision: int
    unanswered: tuple[str, ...]
    late: tuple[str, ...]
    text: str
    by: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a supplier owes on an order, line by line."""

    unanswered: tuple[str, ...]
    late: tuple[str, ...]

    @property
    def is_anything(self) -> bool:
        """Say whether there is anything to ask for."""
        return bool(self.unanswered or self.late)


def owed(
    order: PurchaseOrder, ledgers: Mapping[str, LineLedger], *, zone: str, at: datetime
) -> Owed:
    """Say what a supplier owes: answers to what it was told, and goods whose day has ended.

    ``zone`` is that of the site.
    """
    if order.state in ENDED | BEFORE_SENDING:
        return Owed(unanswered=(), late=())
    open_lines = [
        line
        for line in order.lines
        if not line.is_given_up and ledgers[line.number].open_to_receive
    ]
    return Owed(
        unanswered=tuple(
            line.number
            for line in open_lines
            if stage_of(order, line, is_disputed=False) is Stage.UNANSWERED
        ),
        late=tuple(line.number for line in open_lines if late_from(line.expected_on, zone) <= at),
    )


def ask(
    order: PurchaseOrder, known: Chase, what: Owed, *, by: str, note: str, at: datetime
) -> tuple[Chase, SupplierAsked]:
    """Note that a person asks, and give what the supplier is told.

    Raises:
        Refused: NOTHING_OWED; ASKED_LATELY, within four hours; QUIET, the supplier said that it
            is working on its answer, and nothing is late.
    """
    if not what.is_anything:
        raise refuse(
            "NOTHING_OWED",
            f"{order.supplier} owes nothing on {order.id}: every line that it was told of is"
            " answered, and none is late",
            field="order",
            fix="Ask when an answer is owed or a day has passed.",
        )
    if known.asked_at is not None and at < known.asked_at + AGAIN:
        raise refuse(
            "ASKED_LATELY",
            f"{order.supplier} was asked about {order.id} at {known.asked_at:%Y-%m-%d %H:%M} UTC",
            field="order",
            fix=f"Ask again from {known.asked_at + AGAIN:%Y-%m-%d %H:%M} UTC on, or call.",
        )
    if not what.late and is_quiet(known, at) and known.quiet_until is not None:
        raise refuse(
            "QUIET",
            f"{order.supplier} was in touch and is working on its answer to {order.id}",
            field="order",
            rule="P-03",
            fix=f"Ask from {known.quiet_until:%Y-%m-%d %H:%M} UTC on.",
        )
    kept = replace(known, asked=known.asked + 1, asked_at=at)
    event = SupplierAsked(
        order=order.id,
        thread=order.thread,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        revision=order.revision,
        unanswered=what.unanswered,
        late=what.late,
        text=question(order, what, note),
        by=by,
        time=kept.asked,
    )
    return kept, event


def question(order: PurchaseOrder, what: Owed, note: str) -> str:
    """Write what the supplier is asked."""
    parts = []
    if what.unanswered:
        parts.append(
            f"please answer lines {', '.join(what.unanswered)} of our order {order.id}, "
            f"revision {order.revision}: quantity, price and delivery date"
        )
    if what.late:
        days = ", ".join(
            f"{line.number} (due {line.expected_on})"
            for line in order.lines
            if line.number in what.late
        )
        parts.append(f"when do lines {days} of our order {order.id} come?")
    text = "; ".join(parts)
    text = text[0].upper() + text[1:]
    return f"{text} {note.strip()}" if note.strip() else text
