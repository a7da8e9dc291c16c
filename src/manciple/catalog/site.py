"""A site is where goods are needed and received: a warehouse or a branch."""

from typing import ClassVar

from manciple.kernel.calendar import is_zone
from manciple.kernel.errors import Reason, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass
from manciple.kernel.words import LONGEST_NAME, bad_name, bad_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A warehouse or a branch.

    Attributes:
        company: the legal entity that buys for it.
        calendar: the id of the calendar by which its people work.
        zone: its IANA time zone, ``America/Chicago``.
    """

    KIND: ClassVar[str] = "site"

    id: str
    name: str
    company: str
    calendar: str = ""
    city: str = ""
    zone: str = "UTC"

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSite:
    """Make a site known, or replace what was known of it."""

    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRegistered:
    """A site can order and receive; or its calendar changed.

    Attributes:
        calendar: the id of its calendar; empty where it has none.
    """

    site: str
    is_new: bool
    calendar: str = ""


def faults(site: Site) -> tuple[Reason, ...]:
    """List everything that is wrong with a site's record; empty when it can be registered."""
    found = [("id", why, "give its number")] if (why := bad_name(site.id)) else []
    if not site.name.strip():
        found.append(("name", "it is empty", "give its name"))
    words = (("name", site.name), ("company", site.company), ("calendar", site.calendar),
             ("city", site.city))  # fmt: skip
    for field, word in words:
        if why := bad_word(word):
            found.append((field, why, "say it in plain words"))
    if not is_zone(site.zone):
        message = f"{site.zone[:LONGEST_NAME]!r} is no time zone"
        found.append(("zone", message, "give an IANA name such as America/Chicago"))
    return tuple(
        Reason(code="BAD_SITE", message=message, field=f"site.{field}", fix=fix)
        for field, message, fix in found
    )


def works_for(actor: Actor, site: str) -> bool:
    """Say whether an actor acts for a site; an actor without sites acts for all of them."""
    return not actor.sites or site in actor.sites


def require_site(actor: Actor, site: str) -> None:
    """Let only those act who work for the site.

    Raises:
        Refused: NOT_YOUR_SITE.
    """
    if not works_for(actor, site):
        raise refuse(
            "NOT_YOUR_SITE",
            f"{actor.id} works for {', '.join(actor.sites)}, not for {site}",
            field="site",
            fix="ask somebody of that site",
        )
