"""The queue of held invoices: by cause and owner, with what is at stake and the discount's clock.

    discount   the one whose discount lapses first stands first; without a discount, by age
    oldest     by how long it waits        value   the largest first, currency by currency

Sums are per currency and never added over currencies; what is not known is counted, not guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum, auto
from operator import attrgetter
from typing import Final

from manciple.app.application import Application
from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.queries import HeldInvoice
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import LIMIT, Money
from manciple.kernel.records import dataclass
from manciple.runtime.queries import scope_of

MOST_HELD: Final = 1000
"""Held invoices that one look orders and sums, the oldest; what is left out is told."""
_MARK: Final = "~"


class By(StrEnum):
    """In what order the queue stands."""

    DISCOUNT = auto()
    OLDEST = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which invoices are asked for.

    Attributes:
        mine: those with a hold that its reader may work on.
        owner: a role's word; empty for every owner.
        code: a cause; empty for every cause.
        at_risk: those alone whose discount can still be had and lapses while they wait.
    """

    mine: bool = False
    owner: str = ""
    code: str = ""
    supplier: str = ""
    by: By = By.DISCOUNT
    at_risk: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One held invoice, with those of its open holds that were asked for."""

    invoice: HeldInvoice
    holds: tuple[Hold, ...]
    key: tuple[str, ...]

    @property
    def cursor(self) -> str:
        """Give the place after this row."""
        return _MARK.join(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Sums of money, one for each currency, and how many papers had no known figure."""

    amounts: tuple[Money, ...] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldQueue:
    """Held invoices in order.

    Attributes:
        rows: all that were asked for, in order.
        held: all that were looked at.
        owners, codes: how many invoices each would show, were it chosen; owners over every
            cause, causes within the chosen owner.
        at_risk: what these invoices come to, credits taken off.
        discounts: what of discounts can still be had, and the first end of one.
        left_out: younger held invoices that were not looked at.
    """

    rows: tuple[Row, ...]
    all: int
    mine: int
    owners: Mapping[str, int]
    codes: Mapping[str, int]
    at_risk: Sum
    discounts: Sum
    next_lapse: datetime | None
    oldest: datetime | None
    left_out: int
    held: Sequence[HeldInvoice] = ()

    def after(self, cursor: str | None) -> Sequence[Row]:
        """Give the rows behind a place; rows that were settled meanwhile move nothing.

        Raises:
            Refused: BAD_CURSOR.
        """
        if cursor is None:
            return self.rows
        place = tuple(cursor.split(_MARK))
        if self.rows and len(place) != len(self.rows[0].key):
            raise refuse("BAD_CURSOR", "this cursor is none of this list", field="after",
                         fix="Begin again at the head of the queue.")  # fmt: skip
        return [row for row in self.rows if row.key > place]


def read(app: Application, actor: Actor, wanted: Wanted) -> HoldQueue:
    """Read the queue as somebody may see it."""
    now = app.clock.now()
    found = app.payables.held(scope=scope_of(actor), most=MOST_HELD)
    return queue(found.rows, wanted, actor=actor, at=now, left_out=found.left_out)


def queue(
    held: Sequence[HeldInvoice], wanted: Wanted, *, actor: Actor, at: datetime, left_out: int = 0
) -> HoldQueue:
    """Put held invoices in order, and count them by owner and cause."""
    invoices = [each for each in held if wanted.supplier in ("", each.supplier)]
    owners, codes = Counter[str](), Counter[str]()
    mine, rows, key = 0, [], _KEYS[wanted.by]
    for invoice in invoices:
        asked = holds = invoice.open_holds
        owners.update({hold.owner_role for hold in holds})
        own = tuple(hold for hold in holds if is_for(hold, actor))
        mine += bool(own)
        if wanted.mine:
            asked = own
        if wanted.owner:
            asked = tuple(hold for hold in asked if hold.owner_role == wanted.owner)
        codes.update({hold.code for hold in asked})
        if wanted.code:
            asked = tuple(hold for hold in asked if hold.code == wanted.code)
        if asked and (not wanted.at_risk or _is_at_risk(invoice, at)):
            rows.append(Row(invoice, asked, key(invoice, at)))
    rows.sort(key=attrgetter("key"))
    shown = [row.invoice for row in rows]
    risky = [
        each.discount
        for each in shown
        if each.discount is not None and each.discount.is_at_risk(at)
    ]
    return HoldQueue(
        rows=tuple(rows),
        all=len(invoices),
        mine=mine,
        owners={role: owners[role] for role in _ROLES if role in owners},
        codes={code.value: codes[code] for code in HoldCode if code in codes},
        at_risk=summed(_worth(each) for each in shown),
        discounts=summed(each.amount for each in risky),
        next_lapse=min((e.lapses_at for e in risky if e.lapses_at is not None), default=None),
        oldest=min((each.since for each in shown), default=None),
        left_out=left_out,
        held=held,
    )


def count(
    held: Iterable[HeldInvoice], wanted: Wanted, *, actor: Actor, at: datetime, most: int
) -> int:
    """Count what a view of the queue holds, to ``most`` and no further."""
    counted = 0
    for invoice in held:
        holds = [
            hold
            for hold in invoice.open_holds
            if (not wanted.mine or is_for(hold, actor))
            and wanted.owner in ("", hold.owner_role)
            and wanted.code in ("", hold.code)
        ]
        if not holds or wanted.supplier not in ("", invoice.supplier):
            continue
        counted += not wanted.at_risk or _is_at_risk(invoice, at)
        if counted >= most:
            break
    return counted


def _is_at_risk(invoice: HeldInvoice, at: datetime) -> bool:
    return invoice.discount is not None and invoice.discount.is_at_risk(at)


_ROLES: Final = tuple(
    role.value
    for role in (
        Role.AP_CLERK, Role.AP_LEAD, Role.BUYER, Role.WAREHOUSE_LEAD, Role.REQUESTER,
    )
)  # fmt: skip


def is_for(hold: Hold, actor: Actor) -> bool:
    """Say whether a hold waits for somebody: by name, or for any holder of their role."""
    return hold.owner_role in actor.roles and hold.owner in (None, actor.id)


def summed(amounts: Iterable[Money | None]) -> Sum:
    """Add up per currency, by its code; what is None is counted as unknown."""
    sums: dict[str, Money] = {}
    unknown = 0
    for amount in amounts:
        if amount is None:
            unknown += 1
        else:
            name = amount.currency.value
            sums[name] = sums[name] + amount if name in sums else amount
    return Sum(amounts=tuple(sums[name] for name in sorted(sums)), unknown=unknown)


def _worth(invoice: HeldInvoice) -> Money | None:
    if invoice.total is None:
        return None
    return -invoice.total if invoice.credit else invoice.total


def _by_discount(invoice: HeldInvoice, at: datetime) -> tuple[str, ...]:
    found = invoice.discount
    end = found.lapses_at if found is not None and found.is_at_risk(at) else None
    first = end.isoformat() if end is not None else "9999"
    return (first, invoice.since.isoformat(), invoice.id)


def _by_age(invoice: HeldInvoice, _: datetime) -> tuple[str, ...]:
    return (invoice.since.isoformat(), invoice.id)


def _by_value(invoice: HeldInvoice, _: datetime) -> tuple[str, ...]:
    amount = invoice.total.amount if invoice.total is not None else -LIMIT
    return (invoice.currency.value, f"{LIMIT - amount:025.6f}", invoice.id)


_KEYS: Mapping[By, Callable[[HeldInvoice, datetime], tuple[str, ...]]] = {
    By.DISCOUNT: _by_discount,
    By.OLDEST: _by_age,
    By.VALUE: _by_value,
}
