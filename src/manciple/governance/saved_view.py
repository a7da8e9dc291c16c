"""Saved views: filters of a list that somebody named, for themselves or for all who hold a role.

    saved-views/ana.ruiz        hers            saved-views/role:buyer      every buyer's

A view is an address's query and no right: whoever opens it sees the rows of their own scope.
"""

from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import dataclass

LISTS: Final = (
    "approvals",
    "credits",
    "deadletters",
    "effects",
    "exceptions",
    "inbound",
    "interchanges",
    "invoices",
    "lines",
    "promises",
    "proposals",
    "quarantine",
    "requests",
    "returns",
    "suppliers",
    "waiting",
)
"""The lists whose filters can be saved, by their page's address."""
MOST: Final = 20
"""Views of one owner on one list."""
LONGEST_NAME: Final = 40
LONGEST_QUERY: Final = 500
_PLACE: Final = frozenset({"after", "from", "done", "before"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A named filter of a list; ``query`` as it stands in the address, without a place."""

    list: str
    name: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViews:
    """The views of one owner, in the order of their tabs."""

    KIND: ClassVar[str] = "saved-views"

    id: str
    views: tuple[SavedView, ...] = ()

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "kept"

    def of(self, name: str) -> tuple[SavedView, ...]:
        """Give the views of one list."""
        return tuple(each for each in self.views if each.list == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepViews:
    """Keep these views of a list, in this order, in place of those kept before.

    Attributes:
        role: whose views they are; None: the asker's own.
    """

    list: str
    views: tuple[SavedView, ...]
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewsChanged:
    """Somebody's saved views of a list are now these, by name."""

    owner: str
    list: str
    names: tuple[str, ...]
    by: str


def owner_of(role: Role | None, actor: Actor) -> str:
    """Give under whom views are kept.

    Raises:
        Refused: NOT_YOUR_ROLE, they are of a role that the asker does not hold.
    """
    if role is None:
        return actor.id
    if not actor.has(role, Role.ADMIN):
        raise refuse(
            "NOT_YOUR_ROLE", f"{actor.id} is no {role.value}", field="role",
            fix="Share with a role that you hold, or send the address.",
        )  # fmt: skip
    return f"role:{role.value}"


def owners_for(actor: Actor) -> tuple[str, ...]:
    """Give under whom the views lie that somebody sees: their own first, then their roles'."""
    return (actor.id, *(f"role:{role.value}" for role in sorted(actor.roles)))


def replaced(known: SavedViews, act: KeepViews) -> SavedViews:
    """Put a list's new views in the place of its old ones.

    Raises:
        Refused: NO_SUCH_LIST, TOO_MANY, BAD_NAME, NAME_TAKEN or BAD_VALUE.
    """
    if act.list not in LISTS:
        raise refuse("NO_SUCH_LIST", f"{act.list} is no list with views", field="list",
                     fix=f"One of {', '.join(LISTS)}.")  # fmt: skip
    if len(act.views) > MOST:
        raise refuse("TOO_MANY", f"{len(act.views)} views; {MOST} are the most", field="views",
                     fix="Drop one first.")  # fmt: skip
    seen: set[str] = set()
    for each in act.views:
        _check(each, act.list)
        if each.name.casefold() in seen:
            raise refuse("NAME_TAKEN", f"there are two views named {each.name}", field="name",
                         fix="Give it another name.")  # fmt: skip
        seen.add(each.name.casefold())
    others = tuple(each for each in known.views if each.list != act.list)
    return SavedViews(id=known.id, views=(*others, *act.views))


def _check(view: SavedView, of: str) -> None:
    name = view.name
    if view.list != of or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise refuse("BAD_NAME", f"a view's name has 1 to {LONGEST_NAME} characters",
                     field="name", fix="Write a short name.")  # fmt: skip
    if len(view.query) > LONGEST_QUERY or view.query != plain_query(view.query):
        raise refuse("BAD_VALUE", f"a filter has at most {LONGEST_QUERY} characters of an "
                     "address's query", field="query", fix="Save it from the list.")  # fmt: skip


def plain_query(query: str) -> str:
    """Give a filter without a place in the list, written one way."""
    pairs = parse_qsl(query, keep_blank_values=False)
    return urlencode([(name, value) for name, value in pairs if name not in _PLACE])
