"""An emergency: bought at once inside caps, ratified afterwards within a clock, on a register.

    business hours: declared -----------------> released --> ratified
    after hours:    paged --word, or 15 min--> released --> refused       right suspended
                    paged --no---> stopped      released --> overdue       right suspended
                    paged ------> withdrawn     overdue  --> ratified, refused

Release is not approval: until it is ratified its amount counts against the site's cap. An overdue
or refused ratification suspends the requester's right, until an approver whose limit covers the
emergency lifts the suspension. Source: domain rules A-16 and A-17, rulings A-17.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from manciple.approvals.routing import Decides
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.policy.ruling import PolicyError
from manciple.requisitioning.requisition import EMERGENCY_FLOW, Requisition, SubmitRequisition

TABLE = "emergency_caps"
PAGE = timedelta(minutes=15)
"""How long after the page it is released unless somebody refuses. Source: ruling A-17."""
DAYS_TO_RATIFY = 2
"""Business days after release, the day of the release being day 0. Source: ruling A-17."""
GRACE = timedelta(seconds=1)
"""So much after the due instant the clock looks: a decision at the due instant is in time."""
_TEXT = 500


class EmergencyState(StrEnum):
    """Where an emergency stands."""

    PAGED = "paged"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    OVERDUE = "overdue"
    RATIFIED = "ratified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One emergency buy; it bears the number of its requisition.

    Attributes:
        cause: what happened, in the requester's words.
        asset, customer_order: what it is for; one of them at least is stated.
        on_call: who was paged after hours; empty in business hours, or when nobody was on call.
        release_by: when it is released without an answer; None in business hours.
        flag: why it was released without anybody's word; empty when there was one.
        due_at: the end of the second business day after release, inclusive.
        ruling: the policy row that set the caps, as ``emergency_caps 2026-01/r02``.
    """

    KIND: ClassVar[str] = "emergency"

    id: str
    thread: str
    site: str
    requester: str
    amount: Money
    cause: str
    asset: str
    customer_order: str
    declared_at: datetime
    ruling: str
    state: EmergencyState = EmergencyState.PAGED
    on_call: str = ""
    release_by: datetime | None = None
    released_at: datetime | None = None
    released_by: str = ""
    flag: str = ""
    due_at: datetime | None = None
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one emergency holds of its site's cap."""

    emergency: str
    requester: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencySite:
    """What is open and not ratified at a site, whose number it bears."""

    KIND: ClassVar[str] = "emergency-site"

    id: str
    open: tuple[Exposure, ...] = ()

    @property
    def site(self) -> str:
        """Give the site."""
        return self.id

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "open" if self.open else "clear"

    def exposure(self, zero: Money) -> Money:
        """Add up what is open, in the currency of ``zero``."""
        return sum((each.amount for each in self.open), start=zero)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRight:
    """Whether a person may declare emergencies; theirs who never lost it has no record.

    Attributes:
        causes: the emergencies whose ratification was refused or is overdue, oldest first; none
            when the suspension was lifted.
    """

    KIND: ClassVar[str] = "emergency-right"

    id: str
    site: str
    causes: tuple[str, ...] = ()
    since: datetime | None = None
    lifted_by: str = ""

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "suspended" if self.causes else "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What the policy lets a site buy in an emergency; caps themselves are inside.

    Attributes:
        case: the most that one emergency may commit.
        site: the most that may be open and not ratified at the site.
        suppliers, categories: a line is allowed by its supplier or by its category.
    """

    case: Money
    site: Money
    suppliers: tuple[str, ...]
    categories: tuple[str, ...]
    cited: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseEmergency:
    """Let an emergency go before the 15 minutes are over; whoever was paged says so."""

    emergency: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseEmergency:
    """Stop an emergency before it is released; whoever was paged says so, with a reason."""

    emergency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseUnanswered:
    """Let an emergency go: nobody refused it in time."""

    emergency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawEmergency:
    """End an emergency whose need was taken back before it was released."""

    emergency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRatification:
    """Note that the approvers who would have been in the chain ratified it, or refused to."""

    emergency: str
    is_ratified: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRatificationOverdue:
    """Note that nobody ratified an emergency in time."""

    emergency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreEmergencyRight:
    """Let a person declare emergencies again."""

    person: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyDeclared:
    """Somebody declared an emergency, and it is inside the caps."""

    emergency: str
    thread: str
    site: str
    requester: str
    amount: Money
    cause: str
    asset: str
    customer_order: str
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallPaged:
    """It is after hours: whoever is on call is asked; unanswered, it is released at an instant."""

    emergency: str
    thread: str
    on_call: str
    release_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyReleased:
    """An emergency may be ordered; its ratification is still open."""

    emergency: str
    thread: str
    by: str
    flag: str
    due_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStopped:
    """An emergency was refused or withdrawn before it was released; nothing was bought."""

    emergency: str
    thread: str
    by: str
    reason: str
    state: EmergencyState


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRatified:
    """An emergency was approved afterwards."""

    emergency: str
    thread: str
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatificationRefused:
    """An approver would not have approved what was bought."""

    emergency: str
    thread: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatificationOverdue:
    """Nobody ratified an emergency by the end of the second business day after release."""

    emergency: str
    thread: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyExposureChanged:
    """What is open and not ratified at a site rose or fell."""

    site: str
    emergency: str
    amount: Money
    exposure: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRightSuspended:
    """A person may declare no emergencies: one of theirs was not ratified."""

    person: str
    emergency: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRightRestored:
    """A person may declare emergencies again."""

    person: str
    by: str
    note: str


# ---- declaring --------------------------------------------------------------------------------


def faults_of_declaration(act: SubmitRequisition) -> Iterable[Reason]:
    """List what is wrong with what is said of an emergency; other flows say nothing of it."""
    if act.flow != EMERGENCY_FLOW:
        for name in ("cause", "asset", "customer_order"):
            if getattr(act, name) and not (name == "asset" and act.downtime):
                message = f"the flow {act.flow} asks for no {name}"
                fix = f"leave it out, or use the flow {EMERGENCY_FLOW}"
                yield _fault("NOT_AN_EMERGENCY", message, name, fix)
        return
    if not (act.cause or "").strip():
        fix = "say what happened and what stands still"
        yield _fault("CAUSE_MISSING", "an emergency has a declared cause", "cause", fix)
    if not (act.asset or "").strip() and not (act.customer_order or "").strip():
        message = "nobody says which asset or customer order it is for"
        fix = "name the asset, or the customer order in customer_order"
        yield _fault("ASSET_OR_ORDER_MISSING", message, "asset", fix)
    for name in ("cause", "asset", "customer_order"):
        if len(getattr(act, name) or "") > _TEXT:
            message = f"{name} has more than {_TEXT} characters"
            yield _fault("TOO_LONG", message, name, "shorten it")


def caps_of(need: Requisition, register: Decides, at: datetime) -> Caps:
    """Ask the policy what the site may buy in an emergency.

    Raises:
        Refused: no row speaks of the site, or the table cannot be asked.
    """
    try:
        return caps_at(need.site, register, at, like=need.total)
    except PolicyError as problem:
        message = f"the policy {TABLE} lets nothing be bought at {need.site}: {problem}"
        raise Refused(_fault("NO_EMERGENCY_CAPS", message, "site", _normal(need))) from problem


def caps_at(site: str, register: Decides, at: datetime, *, like: Money) -> Caps:
    """Give the caps of a site, in the currency of ``like``.

    Raises:
        PolicyError: no row speaks of the site, or the table cannot be asked.
    """
    ruling = register.decide(TABLE, {"site": site}, at=at)
    if ruling.held:
        raise PolicyError("no row matches")
    case, open_ = ruling.decimal("case_cap"), ruling.decimal("site_cap")
    if case is None or open_ is None:
        raise PolicyError(f"{ruling.cite()} states no cap")
    return Caps(
        case=Money(case, like.currency),
        site=Money(open_, like.currency),
        suppliers=ruling.texts("suppliers") if ruling.outputs.get("suppliers") else (),
        categories=ruling.texts("categories") if ruling.outputs.get("categories") else (),
        cited=ruling.cite(),
    )


def check(
    need: Requisition, caps: Caps, *, site: EmergencySite, right: EmergencyRight | None
) -> None:
    """Let an emergency pass, or refuse it with every reason and the normal path.

    Raises:
        Refused: above a cap, from a supplier that is not allowed, or by somebody whose right is
            suspended.
    """
    found = [*_faults_of_lines(need, caps)]
    if right is not None and right.causes:
        message = (
            f"{need.requester} may declare no emergency: {', '.join(right.causes)} "
            "was not ratified"
        )
        fix = f"{_normal(need)}; an approver whose limit covers it can lift the suspension"
        found.append(_fault("RIGHT_SUSPENDED", message, "flow", fix))
    if need.total > caps.case:
        message = f"{need.total} is above {caps.case}, the most that one emergency may be"
        found.append(_fault("ABOVE_CASE_CAP", message, "lines", _normal(need)))
    open_ = site.exposure(Money.zero(caps.site.currency))
    if open_ + need.total > caps.site:
        message = (
            f"{open_} are open and not ratified at {need.site}; with {need.total} they are "
            f"above {caps.site}"
        )
        fix = f"{_normal(need)}, or have the open emergencies ratified first"
        found.append(_fault("ABOVE_SITE_CAP", message, "site", fix))
    if found:
        raise Refused(*found)


def _faults_of_lines(need: Requisition, caps: Caps) -> Iterable[Reason]:
    for place, line in enumerate(need.lines):
        if line.supplier in caps.suppliers or line.category in caps.categories:
            continue
        message = (
            f"line {place + 1}: neither {line.supplier} nor {line.category} is allowed in an "
            f"emergency ({caps.cited})"
        )
        yield _fault("SUPPLIER_NOT_ALLOWED", message, f"lines.{place}.supplier", _normal(need))


def _normal(need: Requisition) -> str:
    """Offer the normal path."""
    flow = "indirect" if any(line.account for line in need.lines) else "direct"
    return f"use the flow {flow}, where it is approved before it is ordered"


def declared(need: Requisition, caps: Caps) -> Emergency:
    """Make the emergency of a need that passed."""
    return Emergency(
        id=need.id,
        thread=need.thread,
        site=need.site,
        requester=need.requester,
        amount=need.total,
        cause=need.cause,
        asset=need.asset,
        customer_order=need.customer_order,
        declared_at=need.submitted_at,
        ruling=caps.cited,
    )


# ---- releasing --------------------------------------------------------------------------------


def ratify_by(calendar: BusinessCalendar, released: datetime) -> datetime:
    """Give the end of the second business day after release: closing time, inclusive."""
    day = calendar.add_working_days(calendar.local_day(released), DAYS_TO_RATIFY)
    return calendar.closing_of(day)


def paged(emergency: Emergency, *, on_call: str, at: datetime) -> Emergency:
    """Put an emergency before whoever is on call; empty is nobody."""
    return replace(emergency, on_call=on_call, release_by=at + PAGE)


def may_answer(emergency: Emergency, *, by: Actor, is_requester: bool) -> None:
    """Let those answer who were paged; where nobody was, any approver of the site.

    Raises:
        Refused: it is not theirs to answer, or it is too late.
    """
    if is_requester:
        message = f"{by.id} declared it"
        raise refuse("SELF_APPROVAL", message, field="emergency", rule="A-05")
    if emergency.on_call and by.id != emergency.on_call:
        message = f"{emergency.on_call} was paged, not {by.id}"
        fix = f"tell {emergency.on_call}"
        raise refuse("NOT_YOUR_PAGE", message, field="emergency", rule="A-17", fix=fix)
    if emergency.state is not EmergencyState.PAGED:
        message = f"{emergency.id} is {emergency.state.value} already"
        fix = "approve or reject its ratification"
        raise refuse("ALREADY_DECIDED", message, field="emergency", rule="A-17", fix=fix)


def released(
    emergency: Emergency, *, at: datetime, due_at: datetime, by: str, flag: str
) -> Emergency:
    """Let it be ordered; ratification is due at an instant."""
    return replace(
        emergency,
        state=EmergencyState.RELEASED,
        released_at=at,
        released_by=by,
        flag=flag,
        due_at=due_at,
    )


def stopped(
    emergency: Emergency, *, state: EmergencyState, reason: str, at: datetime
) -> Emergency:
    """End it before anything was bought."""
    return replace(emergency, state=state, reason=reason, decided_at=at)


def unanswered(emergency: Emergency) -> str:
    """Say why an emergency was released without anybody's word."""
    minutes = PAGE // timedelta(minutes=1)
    who = f"{emergency.on_call} did not answer" if emergency.on_call else "nobody was on call"
    return f"{who} within {minutes} minutes"


# ---- ratifying --------------------------------------------------------------------------------


def decided(emergency: Emergency, *, is_ratified: bool, reason: str, at: datetime) -> Emergency:
    """Close an emergency with the approvers' word."""
    state = EmergencyState.RATIFIED if is_ratified else EmergencyState.REFUSED
    return replace(emergency, state=state, decided_at=at, reason=reason)


def overdue(emergency: Emergency) -> Emergency:
    """Note that its time is over; it can still be ratified or refused."""
    return replace(emergency, state=EmergencyState.OVERDUE)


def is_late(emergency: Emergency, at: datetime) -> bool:
    """Say whether an instant is after the due time; the due instant itself is in time."""
    return emergency.due_at is not None and at > emergency.due_at


def suspended(
    right: EmergencyRight | None, emergency: Emergency, *, at: datetime
) -> EmergencyRight:
    """Take a requester's right away; an emergency that took it before takes it once."""
    known = right or EmergencyRight(id=emergency.requester, site=emergency.site)
    causes = tuple(dict.fromkeys((*known.causes, emergency.id)))
    return replace(known, causes=causes, since=known.since or at, lifted_by="")


def lifted(right: EmergencyRight, *, by: str, is_own: bool, covers: bool) -> EmergencyRight:
    """Give a right back.

    Raises:
        Refused: it is not suspended, it is the approver's own, or the limit is too low.
    """
    if is_own:
        message = f"{by} lost the right"
        raise refuse("SELF_APPROVAL", message, field="person", rule="A-05")
    if not right.causes:
        message = f"{right.id} may declare emergencies"
        raise refuse("ALREADY_RESTORED", message, field="person", rule="A-17")
    if not covers:
        message = f"the limits of {by} do not cover {', '.join(right.causes)}"
        fix = "ask somebody whose limit covers the emergencies"
        raise refuse("LIMIT_TOO_LOW", message, field="person", rule="A-17", fix=fix)
    return replace(right, causes=(), since=None, lifted_by=by)


# ---- exposure ---------------------------------------------------------------------------------


def exposed(site: EmergencySite, emergency: Emergency) -> EmergencySite:
    """Count an emergency against its site's cap."""
    row = Exposure(emergency=emergency.id, requester=emergency.requester, amount=emergency.amount)
    return replace(site, open=(*site.open, row))


def cleared(site: EmergencySite, emergency: str) -> EmergencySite:
    """Count an emergency no more: it was decided, or nothing was bought."""
    return replace(site, open=tuple(row for row in site.open if row.emergency != emergency))


def left(caps: Caps, exposure: Money) -> Money:
    """Give what is left of a site's cap; never below zero."""
    return Money(max(Decimal(0), caps.site.amount - exposure.amount), caps.site.currency)


def _fault(code: str, message: str, field: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=field, rule="A-17", fix=fix)
