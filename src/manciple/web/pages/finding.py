"""Finding: pages, acts and business keys by the first few signs, within the reader's rights.

/find?q=PO-4T      the list as a page; the palette (Ctrl+K) asks for the same and shows it in place

A page is found by any word of its name; a document by the beginning of any key that names it.
"""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from manciple.adapters.sql.finding import Finder, Found
from manciple.runtime.queries import scope_of
from manciple.web.language import gettext, said, spoken
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.layout import BUYING, rail_for

MOST: Final = 40
"""What one question gives at most."""
SHORTEST: Final = 2
"""Signs from which on keys are looked for."""
ACTS: Final = ((said("Change your password"), "/password"),)
"""What everybody can do from anywhere, with the page on which it is done."""
_PICTURES: Final = {
    "supplier": "supplier", "site": "site", "item": "item", "case": "case", "approval": "approver",
    "requisition": "requester", "purchase-order": "order", "invoice": "finance",
    "receipt": "warehouse",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing to go to.

    Attributes:
        name: what it is called; ``note`` says what it is, and in which state.
    """

    name: str
    note: str
    address: str
    picture: str


class Finding:
    """Serves the search over everything."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk, self._finder = desk, Finder(desk.app.store.engine)

    def router(self) -> APIRouter:
        """Give the address."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/find", self.find, response_model=None)
        return router

    def find(self, request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        """Show what begins so; the palette gets the options alone."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        text = "".join(each for each in q if each.isprintable()).strip()
        template = "options.html" if request.headers.get("x-palette") else "find.html"
        return self._desk.show(request, template, reader, q=text, hits=self._hits(reader, text))

    def _hits(self, reader: Reader, text: str) -> tuple[Hit, ...]:
        found: list[Hit] = list(_pages(reader, text.casefold()))
        if len(text) >= SHORTEST:
            for each in self._finder.find(text, scope=scope_of(reader.actor), limit=MOST):
                address = _address(reader, each)
                if address:
                    found.append(
                        Hit(
                            name=each.key,
                            note=_note(each),
                            address=address,
                            picture=_PICTURES.get(each.kind, "page"),
                        )
                    )
        return tuple({(hit.name, hit.address): hit for hit in found}.values())[:MOST]


def _pages(reader: Reader, text: str) -> list[Hit]:
    pages = [
        (gettext(item.name), gettext(group), item.address, item.icon)
        for group, items in rail_for(reader.viewer)
        for item in items
    ]
    pages += [(gettext(name), gettext("Act"), address, "action") for name, address in ACTS]
    return [
        Hit(name=name, note=note, address=address, picture=picture)
        for name, note, address, picture in pages
        if any(word.startswith(text) for word in (name.casefold(), *name.casefold().split()))
    ]


def _note(found: Found) -> str:
    parts = [spoken(found.kind)]
    if found.id != found.key:
        parts.append(found.id)
    if found.state:
        parts.append(spoken(found.state))
    return " · ".join(parts)


def _address(reader: Reader, found: Found) -> str:
    """Give the page on which this reader sees it; empty where there is none for them."""
    number = quote(found.id, safe="")
    own = {"approval": f"/approvals/{number}", "case": f"/exceptions/{number}"}
    if found.kind in own:
        return own[found.kind]
    if found.kind in {"supplier", "site"}:
        return "/waiting?" + urlencode({found.kind: found.id})
    if found.kind == "item":
        return "/lines?" + urlencode({"tab": "all", "q": found.id}) if reader.may(*BUYING) else ""
    if found.thread and not reader.actor.sites:
        return f"/trace/{quote(found.thread)}"
    return ""
