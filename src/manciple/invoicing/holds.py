"""Holds: what keeps an invoice from being paid, each with its own owner and its own release.

    PRICE              buyer            QTY_RECEIVED   warehouse lead      TAX        AP clerk
    PRICE_CUMULATIVE   buyer            QTY_ORDERED    buyer               FX_RATE    AP clerk
    CHARGE             buyer            UOM            buyer               AMOUNT     AP clerk
    NO_PO              requester, else buyer           DUPLICATE  AP lead  CREDIT_EXCESS  AP clerk

An invoice's holds are a set, one for each cause and line. The invoice is payable when none of
them is open; the release of one never clears another. Source: domain rule D-23.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace


class HoldCode(StrEnum):
    """Why an invoice waits. Source: domain rules 4.7 B, D-23 (those that this room can set)."""

    PRICE = "PRICE"
    PRICE_CUMULATIVE = "PRICE_CUMULATIVE"
    QTY_RECEIVED = "QTY_RECEIVED"
    QTY_ORDERED = "QTY_ORDERED"
    AMOUNT = "AMOUNT"
    TAX = "TAX"
    CHARGE = "CHARGE"
    DUPLICATE = "DUPLICATE"
    NO_PO = "NO_PO"
    UOM = "UOM"
    FX_RATE = "FX_RATE"
    CREDIT_EXCESS = "CREDIT_EXCESS"


OWNERS = {
    HoldCode.PRICE: Role.BUYER,
    HoldCode.PRICE_CUMULATIVE: Role.BUYER,
    HoldCode.QTY_RECEIVED: Role.WAREHOUSE_LEAD,
    HoldCode.QTY_ORDERED: Role.BUYER,
    HoldCode.AMOUNT: Role.AP_CLERK,
    HoldCode.TAX: Role.AP_CLERK,
    HoldCode.CHARGE: Role.BUYER,
    HoldCode.DUPLICATE: Role.AP_LEAD,
    HoldCode.NO_PO: Role.BUYER,
    HoldCode.UOM: Role.BUYER,
    HoldCode.FX_RATE: Role.AP_CLERK,
    HoldCode.CREDIT_EXCESS: Role.AP_CLERK,
}
"""Who owns a hold, by its cause. Source: domain rule D-23; AMOUNT, FX_RATE and CREDIT_EXCESS are
questions about the paper itself and so stay with accounts payable. NO_PO goes to the requester
when the order is known, and to a buyer when it is not."""

IN_WORDS = {
    HoldCode.PRICE: "the price is not the agreed one",
    HoldCode.PRICE_CUMULATIVE: "the price drifts over several invoices",
    HoldCode.QTY_RECEIVED: "more billed than received",
    HoldCode.QTY_ORDERED: "more billed than ordered",
    HoldCode.AMOUNT: "it does not add up",
    HoldCode.TAX: "tax",
    HoldCode.CHARGE: "a charge that nobody agreed to",
    HoldCode.DUPLICATE: "it seems to be here already",
    HoldCode.NO_PO: "no order line is named",
    HoldCode.UOM: "a unit that the item does not have",
    HoldCode.FX_RATE: "currency",
    HoldCode.CREDIT_EXCESS: "it credits more than was billed",
}
"""What a hold says in a headline."""

CURED_BY_FACTS = {
    HoldCode.NO_PO: "assign the line to an order line, or reject the invoice",
    HoldCode.UOM: "give the item the missing pack and match again, or reject the invoice",
    HoldCode.CREDIT_EXCESS: "wait for the invoice that it credits, or reject the credit",
}
"""Holds that no signature clears, since without the fact nothing could be booked; the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An order line that an invoice line might belong to, and what speaks for and against it."""

    order: str
    line: str
    item: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One cause for which an invoice, or one of its lines, waits for one owner.

    Attributes:
        line: the invoice's own line number; None when the whole invoice is meant.
        owner: the person, when it is somebody in particular; else any holder of the role.
        variance: the fact behind it, ``+16.00 USD`` or ``10 EA``. A release is good for the same
            variance only.
        amount: what is in dispute, signed, when it can be told in money.
        ruling: the policy table, version and row that decided; empty when none was asked.
        candidates: for NO_PO, the order lines that it might be.
        opened_at: when the invoice first got it; None in a match that is not kept yet.
    """

    code: HoldCode
    line: str | None
    owner_role: Role
    text: str
    variance: str
    owner: str | None = None
    amount: Money | None = None
    quantity: Quantity | None = None
    ruling: str = ""
    candidates: tuple[Candidate, ...] = ()
    opened_at: datetime | None = None
    released_by: str | None = None
    released_at: datetime | None = None
    release_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it still keeps the invoice from being paid."""
        return self.released_by is None

    @property
    def name(self) -> str:
        """Give the cause and the line in one word: ``PRICE:1``, ``TAX:``."""
        return f"{self.code}:{self.line or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A person's word that one cause, as it stood then, shall not keep the invoice."""

    code: HoldCode
    line: str | None
    variance: str
    by: str
    at: datetime
    reason: str

    def covers(self, hold: Hold) -> bool:
        """Say whether the hold is the very one released: same cause, line and variance."""
        same_place = self.code is hold.code and self.line == hold.line
        return same_place and self.variance == hold.variance


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Let one cause, as it stands now, no longer keep the invoice from being paid.

    Attributes:
        signed_by: the owner in whose name this program releases it; nobody else can name one.
    """

    invoice: str
    code: HoldCode
    line: str | None
    reason: str
    signed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """The owner of a hold let it go."""

    invoice: str
    thread: str
    code: HoldCode
    line: str | None
    variance: str
    by: str
    reason: str


def settle(
    holds: Iterable[Hold], releases: Iterable[Release], *, before: Iterable[Hold], at: datetime
) -> tuple[Hold, ...]:
    """Mark the holds that a person released before and whose facts are still the same.

    A hold whose variance changed since then is open again. One that was there ``before`` keeps
    the time at which it was set.
    """
    given = tuple(releases)
    known = {hold.name: hold.opened_at for hold in before}
    settled = []
    for found in sorted(holds, key=lambda each: (each.line or "", each.code)):
        hold = replace(found, opened_at=known.get(found.name) or at)
        release = next((each for each in reversed(given) if each.covers(hold)), None)
        settled.append(hold if release is None else _released(hold, release))
    return tuple(settled)


def release(
    invoice_holds: Iterable[Hold], act: ReleaseHold, *, actor: Actor, at: datetime
) -> Release:
    """Give the release that the owner of a hold signs.

    Raises:
        Refused: no such open hold; it is not the actor's; it is cured by facts alone; no reason.
    """
    open_holds = [hold for hold in invoice_holds if hold.is_open]
    hold = next((h for h in open_holds if h.code == act.code and h.line == act.line), None)
    if hold is None:
        names = ", ".join(each.name for each in open_holds) or "none"
        raise refuse(
            "NO_SUCH_HOLD",
            f"{act.invoice} has no open hold {act.code}:{act.line or ''}; open are {names}",
            field="code",
            rule="D-23",
            fix="release one of the open holds",
        )
    if not actor.has(hold.owner_role, Role.SYSTEM):
        raise refuse(
            "NOT_YOUR_HOLD",
            f"{hold.name} belongs to the {hold.owner_role.value}, not to {actor.id}",
            field="code",
            rule="D-23",
            fix=f"ask a {hold.owner_role.value}",
        )
    if hold.code in CURED_BY_FACTS:
        raise refuse(
            "CURED_BY_FACTS",
            f"{hold.name} cannot be signed away: {hold.text}",
            field="code",
            rule="D-23",
            fix=CURED_BY_FACTS[hold.code],
        )
    if not act.reason.strip():
        raise refuse("NO_REASON", "a release needs a reason", field="reason", fix="say why")
    return Release(
        code=hold.code,
        line=hold.line,
        variance=hold.variance,
        by=(act.signed_by if actor.has(Role.SYSTEM) else None) or actor.id,
        at=at,
        reason=act.reason,
    )


def _released(hold: Hold, by: Release) -> Hold:
    return replace(hold, released_by=by.by, released_at=by.at, release_reason=by.reason)
