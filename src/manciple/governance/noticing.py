"""Notices: keep how people want to be told, and what they have read."""

from manciple.governance import notice as notices
from manciple.governance.notice import (
    Cadence,
    MarkNoticesRead,
    NoticeSeen,
    Notifying,
    NotifyingChanged,
    SetNotifying,
    SubscriberListed,
    Subscribers,
)
from manciple.governance.people import Person
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_PEOPLE = frozenset(Role) - {Role.SUPPLIER, Role.SYSTEM, Role.WAREHOUSE_SYSTEM}


def handles() -> tuple[Handles, ...]:
    """Give the acts by which people say how they are told."""
    return (
        Handles(act=SetNotifying, handle=_set, by=_PEOPLE),
        Handles(act=MarkNoticesRead, handle=_read, by=_PEOPLE),
    )


def _set(work: Work, act: SetNotifying) -> Ref:
    wanted = act.notifying
    notices.check(wanted, by=work.actor)
    if work.find(Notifying, wanted.id) != wanted:
        work.save(wanted, NotifyingChanged(person=wanted.id, cadence=wanted.cadence))
    person = work.peek(Person, wanted.id)
    for role in sorted(person.roles if person else work.actor.roles):
        _list(work, role, wanted)
    return ref(wanted)


def _list(work: Work, role: Role, wanted: Notifying) -> None:
    listed = work.find(Subscribers, role.value) or Subscribers(id=role.value)
    wants = wanted.cadence is not Cadence.NONE
    if wants == (wanted.id in listed.people):
        return
    others = tuple(name for name in listed.people if name != wanted.id)
    people = tuple(sorted((*others, wanted.id))) if wants else others
    event = SubscriberListed(role=role.value, person=wanted.id, wants=wants)
    work.save(replace(listed, people=people), event)


def _read(work: Work, act: MarkNoticesRead) -> Ref | None:
    work.append(work.actor.id, NoticeSeen(subject=act.subject[:200], at=work.at))
    return None
