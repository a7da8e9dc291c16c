"""Saved views: keep them under their owner."""

from manciple.governance.saved_view import (
    KeepViews,
    SavedViews,
    ViewsChanged,
    owner_of,
    replaced,
)
from manciple.kernel.messages import Role
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_PEOPLE = frozenset(Role) - {Role.SUPPLIER, Role.SYSTEM, Role.WAREHOUSE_SYSTEM}


def handles() -> tuple[Handles, ...]:
    """Give the act by which people keep their views."""
    return (Handles(act=KeepViews, handle=_keep, by=_PEOPLE),)


def _keep(work: Work, act: KeepViews) -> Ref:
    owner = owner_of(act.role, work.actor)
    known = work.find(SavedViews, owner) or SavedViews(id=owner)
    views = replaced(known, act)
    if views != known:
        names = tuple(each.name for each in act.views)
        work.save(views, ViewsChanged(owner=owner, list=act.list, names=names, by=work.actor.id))
    return ref(views)
