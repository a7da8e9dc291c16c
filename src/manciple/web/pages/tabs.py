"""The saved views of a list as tabs: the reader's own, then those of their roles."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from manciple.app import Application
from manciple.governance.saved_view import LISTS, SavedViews, owners_for, plain_query
from manciple.kernel.messages import Actor, Role

_ADDRESSES: Final = {f"/{each}": each for each in LISTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One saved view as its list shows it.

    Attributes:
        role: whose it is, when it is shared; empty for the reader's own.
    """

    name: str
    address: str
    role: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabs:
    """The saved views of a list, the reader's own first.

    Attributes:
        roles: with whom the reader may share.
        query: the filter that is shown now.
    """

    list: str
    tabs: tuple[Tab, ...]
    roles: tuple[Role, ...]
    query: str


def tabs_for(app: Application, request: Request, actor: Actor) -> Tabs | None:
    """Give the saved views of the list that is asked for; None where it is none."""
    name = _ADDRESSES.get(request.url.path)
    if name is None or request.method != "GET":
        return None
    query = plain_query(request.url.query)
    tabs: list[Tab] = []
    found = app.documents.many(SavedViews, owners_for(actor))
    for owner, kept in found.items():
        for each in kept.of(name):
            address = f"/{name}?{each.query}" if each.query else f"/{name}"
            role = owner.removeprefix("role:") if owner.startswith("role:") else ""
            is_here = each.query == query
            tabs.append(Tab(name=each.name, address=address, role=role, is_here=is_here))
    return Tabs(list=name, tabs=tuple(tabs), roles=tuple(sorted(actor.roles)), query=query)
