"""What is open and not ratified at each site, against the cap that the policy gives it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from manciple.approvals.routing import Decides
from manciple.catalog.site import Site, works_for
from manciple.kernel.messages import Actor
from manciple.kernel.money import Currency, Money
from manciple.policy.ruling import PolicyError
from manciple.requisitioning.emergency import EmergencySite, caps_at, left
from manciple.runtime.documents import Document
from manciple.runtime.queries import MOST_ROWS, Documents

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCap:
    """One site's line of the register.

    Attributes:
        open: how many emergencies are open and not ratified.
        case_cap, cap, left: None where no row of the policy speaks of the site, so that nothing
            may be bought there in an emergency.
    """

    site: str
    open: int
    exposure: Money
    case_cap: Money | None
    cap: Money | None
    left: Money | None
    ruling: str


def site_caps(
    documents: Documents, register: Decides, *, actor: Actor, at: datetime
) -> tuple[SiteCap, ...]:
    """Give one row for each site that the actor works for, by the site's number."""
    held = {each.id: each for each in _all(documents, EmergencySite)}
    sites = sorted(each.id for each in _all(documents, Site) if works_for(actor, each.id))
    return tuple(_row(name, held.get(name), register, at) for name in sites)


def _row(name: str, held: EmergencySite | None, register: Decides, at: datetime) -> SiteCap:
    zero = Money.zero(Currency.USD)
    rows = held.open if held else ()
    exposure = held.exposure(zero) if held else zero
    try:
        caps = caps_at(name, register, at, like=zero)
    except PolicyError as problem:
        return SiteCap(
            site=name, open=len(rows), exposure=exposure, case_cap=None, cap=None, left=None,
            ruling=str(problem),
        )  # fmt: skip
    return SiteCap(
        site=name, open=len(rows), exposure=exposure, case_cap=caps.case, cap=caps.site,
        left=left(caps, exposure), ruling=caps.cited,
    )  # fmt: skip


def _all(documents: Documents, kind: type[D]) -> Iterator[D]:
    after: str | None = None
    while True:
        page = documents.page(kind, after=after, limit=MOST_ROWS)
        yield from (row.document for row in page.rows)
        after = page.after
        if after is None:
            return
