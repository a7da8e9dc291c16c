"""The views of a list as tabs with how many rows each holds: presets, own ones, those of roles.

All tabs of a page are counted in one statement, each to 100 rows and no further: ``99+``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from manciple.app import Application
from manciple.governance.saved_view import (
    LISTS,
    SavedView,
    SavedViews,
    owners_for,
    plain_query,
)
from manciple.kernel.messages import Actor, Role
from manciple.runtime.narrowing import MOST_COUNTED, Tally
from manciple.runtime.queries import scope_of
from manciple.web.pages.presets import presets_for

_ADDRESSES: Final = {f"/{each}": each for each in LISTS}
Counted = Tally | str | None
"""What a tab shows: rows of a worklist to be counted, a count as it is read, or none."""
CountOf = Callable[[Mapping[str, str]], Counted]
"""Says what to count for a filter, given as the fields of its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view as its list shows it.

    Attributes:
        role: whose it is, when it is shared; empty for the reader's own.
        count: how many rows it holds, as it is read; empty where nobody counts.
        is_preset: the list offers it by itself; it is not the reader's to drop.
    """

    name: str
    address: str
    query: str
    role: str = ""
    count: str = ""
    is_here: bool = False
    is_preset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabs:
    """The views of a list: what it offers by itself, the reader's own, then those of roles.

    Attributes:
        roles: with whom the reader may share.
        query: the filter that is shown now.
    """

    list: str
    tabs: tuple[Tab, ...]
    roles: tuple[Role, ...]
    query: str


def tabs_for(
    app: Application, request: Request, actor: Actor, count_of: CountOf | None = None
) -> Tabs | None:
    """Give the views of the list that is asked for; None where it is none."""
    name = _ADDRESSES.get(request.url.path)
    if name is None or request.method != "GET":
        return None
    query = plain_query(request.url.query)
    tabs = _tabs_of(app, name, actor, query, count_of)
    return Tabs(list=name, tabs=tuple(tabs), roles=tuple(sorted(actor.roles)), query=query)


def tabs_at(app: Application, path: str, actor: Actor, count_of: CountOf) -> Sequence[Tab]:
    """Give the tabs of the list at an address with what each counts now."""
    name = _ADDRESSES.get(path)
    return [] if name is None else _tabs_of(app, name, actor, "", count_of)


def _tabs_of(
    app: Application, name: str, actor: Actor, query: str, count_of: CountOf | None
) -> list[Tab]:
    kept = list(_kept(app, name, actor))
    taken = {each.name.casefold() for each, _ in kept}
    offered = [each for each in presets_for(name, actor) if each.name.casefold() not in taken]
    tabs = [_tab(name, each, query, is_preset=True) for each in offered]
    tabs += [_tab(name, each, query, role=role) for each, role in kept]
    return tabs if count_of is None else _counted(app, actor, tabs, count_of)


def _kept(app: Application, name: str, actor: Actor) -> Iterator[tuple[SavedView, str]]:
    found = app.documents.many(SavedViews, owners_for(actor))
    for owner, kept in found.items():
        role = owner.removeprefix("role:") if owner.startswith("role:") else ""
        for each in kept.of(name):
            yield each, role


def _tab(name: str, view: SavedView, here: str, *, role: str = "", is_preset: bool = False) -> Tab:
    return Tab(
        name=view.name,
        address=f"/{name}?{view.query}" if view.query else f"/{name}",
        query=view.query,
        role=role,
        is_here=view.query == here,
        is_preset=is_preset,
    )


def _counted(app: Application, actor: Actor, tabs: Sequence[Tab], count_of: CountOf) -> list[Tab]:
    """Put the counts beside the tabs, all by one look at the database."""
    asked = [count_of(dict(parse_qsl(each.query))) for each in tabs]
    tallies = [each for each in asked if isinstance(each, Tally)]
    counts = iter(app.worklists.tallies(tallies, scope=scope_of(actor)))
    return [
        replace(tab, count=told(next(counts)) if isinstance(each, Tally) else each or "")
        for tab, each in zip(tabs, asked, strict=True)
    ]


def told(count: int, *, more: bool = False) -> str:
    """Give a count as it is read: ``99+`` at the bound, ``12+`` where more may be."""
    if count >= MOST_COUNTED:
        return f"{MOST_COUNTED - 1}+"
    return f"{count}+" if more else str(count)
