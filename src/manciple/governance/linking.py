"""Giving links and ending them: load, decide, save."""

from datetime import datetime, timedelta

from manciple.governance import link as links
from manciple.governance import mailing as mail
from manciple.governance.link import (
    CloseLink,
    Link,
    LinkIssued,
    LinkState,
    LinkUsed,
    LinkWithdrawn,
    Purpose,
    WithdrawLink,
)
from manciple.governance.mailing import Mailing, MailingChanged, SetMailing
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_KEEPERS = frozenset({Role.ADMIN, Role.INTEGRATION})
_WITHDRAWERS = frozenset({Role.BUYER, Role.ADMIN})
_SYSTEM = frozenset({Role.SYSTEM})


def mailing_of(work: Work) -> Mailing | None:
    """Give how mail is sent; None where none is."""
    found = work.peek(Mailing, mail.HOUSE)
    return found if found is not None and found.is_on else None


def give(
    work: Work,
    *,
    purpose: Purpose,
    subject: Ref,
    part: int,
    bearer: str,
    lasts: timedelta,
    shown: str = "",
) -> Link:
    """Give somebody a link; its token is made when the mail with it leaves."""
    name = links.link_id(purpose, subject, part, bearer)
    new = Link(
        id=name,
        purpose=purpose,
        subject=subject,
        part=part,
        bearer=bearer,
        issued_at=work.at,
        expires_at=_whole(work.at + lasts),
        shown=shown,
        supplier=bearer if purpose is Purpose.ORDER else "",
    )
    given = links.issue(work.find(Link, name), new)
    event = LinkIssued(
        link=given.id,
        purpose=purpose,
        subject=subject,
        part=part,
        bearer=bearer,
        serial=given.serial,
        expires_at=given.expires_at,
    )
    work.save(given, event, touches=(subject,))
    return given


def _whole(at: datetime) -> datetime:
    """Give the next whole second: a token can't say less."""
    floor = at.replace(microsecond=0)
    return floor if floor == at else floor + timedelta(seconds=1)


def handles() -> tuple[Handles, ...]:
    """Give the acts by which links end, and by which mail is switched on."""
    return (
        Handles(act=SetMailing, handle=_set_mailing, by=_KEEPERS),
        Handles(act=WithdrawLink, handle=_withdraw, by=_WITHDRAWERS),
        Handles(act=CloseLink, handle=_close, by=_SYSTEM),
    )


def _set_mailing(work: Work, act: SetMailing) -> Ref:
    kept = replace(act.mailing, address=act.mailing.address.rstrip("/"))
    mail.check(kept)
    known = work.find(Mailing, kept.id)
    if known != kept:
        event = MailingChanged(sender=kept.sender, address=kept.address, is_on=kept.is_on)
        work.save(kept, event)
    return ref(kept)


def _withdraw(work: Work, act: WithdrawLink) -> Ref:
    link = links.withdraw(work.get(Link, act.link), by=work.actor, reason=act.reason)
    event = LinkWithdrawn(
        link=link.id, subject=link.subject, bearer=link.bearer, by=work.actor.id,
        reason=act.reason,
    )  # fmt: skip
    work.save(link, event, touches=(link.subject,))
    return ref(link)


def _close(work: Work, act: CloseLink) -> Ref | None:
    link = work.find(Link, act.link)
    if link is None or link.state is not LinkState.OPEN:
        return None
    closed = links.close(link, act.how)
    event = LinkUsed(
        link=link.id, purpose=link.purpose, subject=link.subject, bearer=link.bearer, how=act.how
    )
    work.save(closed, event, touches=(link.subject,))
    return ref(closed)
