"""The frame around every page: its template, its headers, the reader's choices of looks.

A request that htmx makes for a live region gets the region alone; anything else a whole page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import PackageLoader, StrictUndefined
from markupsafe import Markup

from manciple.kernel.messages import Actor, Role
from manciple.web.assets import Assets
from manciple.web.keeping import LISTS
from manciple.web.language import (
    gettext,
    languages,
    ngettext,
    said,
    spoken,
    voice,
)
from manciple.web.pages import flow, lanes, overview, telling, units, wording
from manciple.web.pages.drawing import Drawing, page_count, page_text
from manciple.web.pages.faults import fault
from manciple.web.pages.reasons import why_of

SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "HX-Request, Cookie, Accept-Encoding, Accept-Language",
}
_REGION: Final = SECURITY | {"Cache-Control": "private, no-cache"}
"""Of a list's region that a page reads again: its browser may keep it, and asks each time."""
_OK: Final = 200

_PLACE: Final = frozenset({"after", "from", "done", "before"})
_CHOICES: Final = {
    "theme": frozenset({"light", "dark"}),
    "density": frozenset({"compact", "comfortable"}),
    "keys": frozenset({"on", "off"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The person who reads a page, as the page names them.

    Attributes:
        role: in the trade's words, for example ``Buyer``; empty if it adds nothing.
        actor: as whom they act; None where pages are only looked at.
        word: what their forms must carry.
    """

    name: str
    role: str = ""
    actor: Actor | None = None
    word: str = ""

    @property
    def initials(self) -> str:
        """Up to two letters that stand for the name."""
        parts = self.name.split()
        return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class RailItem:
    """One page that exists, as the rail offers it.

    Attributes:
        within: what the addresses of its further pages begin with.
        roles: who is offered it; empty for everybody.
    """

    address: str
    name: str
    icon: str
    group: str = said("Work")
    within: str = ""
    roles: frozenset[Role] = frozenset()

    def holds(self, path: str) -> bool:
        """Say whether an address is a page of this one."""
        return path.startswith(self.within or f"{self.address}/")

    def is_for(self, viewer: Viewer) -> bool:
        """Say whether somebody is offered it; who only looks on, is offered the trace alone."""
        actor = viewer.actor
        if actor is None:
            return self.address == "/"
        if not self.roles:
            return True
        return actor.has(*self.roles, Role.ADMIN, Role.AUDITOR)


BUYING: Final = frozenset({Role.BUYER, Role.PLANNER, Role.PROCESS_OWNER})
"""Whose pages the line board and the proposals are."""
KNOWING: Final = BUYING | {
    Role.STEWARD,
    Role.QUALITY,
    Role.AP_CLERK,
    Role.AP_LEAD,
    Role.WAREHOUSE_LEAD,
    Role.INTEGRATION,
}
"""Whose page a supplier's is."""
PAYING: Final = frozenset({Role.AP_CLERK, Role.AP_LEAD})
"""Whose pages the duplicates and the accrual are."""
DOCKING: Final = frozenset({Role.WAREHOUSE_LEAD, Role.BUYER, Role.PLANNER})
"""Whose pages are those of what is expected."""
GOVERNING: Final = frozenset(
    {Role.PROCESS_OWNER, Role.APPROVER, Role.BUYER, Role.PLANNER, Role.AP_CLERK, Role.AP_LEAD,
     Role.INTEGRATION, Role.STEWARD}
)  # fmt: skip
"""Whose pages the flows and the decision tables are."""
_SEEN_BY: Final[Mapping[str, frozenset[Role]]] = {
    "inbound": DOCKING,
    "lines": BUYING,
    "policies": GOVERNING,
    "suppliers": KNOWING,
}
"""Whose pages some are to which other pages lead."""
_REQUESTERS: Final = frozenset({Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE})
_PLANNERS: Final = frozenset({Role.PLANNER, Role.BUYER})
RAIL: Final = (
    RailItem(
        address="/requests",
        name=said("My requests"),
        icon="requester",
        roles=_REQUESTERS,
    ),
    RailItem(
        address="/approvals",
        name=said("Approvals"),
        icon="approver",
        roles=frozenset({Role.APPROVER}),
    ),
    RailItem(address="/promises", name=said("Promises"), icon="supplier", roles=_PLANNERS),
    RailItem(
        address="/items", name=said("Items"), icon="warehouse", roles=_PLANNERS | _REQUESTERS
    ),
    RailItem(address="/exceptions", name=said("Exceptions"), icon="case"),
    RailItem(address="/lines", name=said("Order lines"), icon="lines", roles=BUYING),
    RailItem(address="/proposals", name=said("Supplier proposals"), icon="proposal", roles=BUYING),
    RailItem(address="/suppliers", name=said("Suppliers"), icon="supplier", roles=KNOWING),
    RailItem(address="/", name=said("Order trace"), icon="trace", within="/trace"),
    RailItem(
        address="/inbound",
        name=said("Inbound"),
        icon="truck",
        group=said("Dock"),
        within="/inbound/",
        roles=DOCKING,
    ),
    RailItem(
        address="/returns",
        name=said("Returns to suppliers"),
        icon="undo",
        group=said("Dock"),
        roles=DOCKING | {Role.QUALITY},
    ),
    RailItem(
        address="/invoices",
        name=said("Held invoices"),
        icon="finance",
        group=said("Payables"),
        within="/invoices",
        roles=PAYING | {Role.BUYER, Role.WAREHOUSE_LEAD},
    ),
    RailItem(
        address="/duplicates",
        name=said("Duplicates"),
        icon="duplicate",
        group=said("Payables"),
        roles=PAYING,
    ),
    RailItem(
        address="/grni",
        name=said("Not invoiced"),
        icon="accrual",
        group=said("Payables"),
        roles=PAYING,
    ),
    RailItem(
        address="/credits",
        name=said("Credits expected"),
        icon="credit",
        group=said("Payables"),
        roles=PAYING | {Role.BUYER},
    ),
    RailItem(
        address="/dashboard",
        name=said("Process health"),
        icon="chart",
        group=said("Insight"),
        within="/metrics/",
    ),
    RailItem(
        address="/waiting", name=said("Where orders wait"), icon="waiting", group=said("Insight")
    ),
    RailItem(
        address="/flows",
        name=said("Flows"),
        icon="flow",
        group=said("Run"),
        roles=frozenset({Role.PROCESS_OWNER, Role.INTEGRATION}),
    ),
    RailItem(
        address="/policies",
        name=said("Decision tables"),
        icon="policy",
        group=said("Run"),
        roles=frozenset({Role.PROCESS_OWNER, Role.STEWARD}),
    ),
    RailItem(
        address="/endpoints",
        name=said("Endpoints"),
        icon="endpoint",
        group=said("Run"),
        roles=frozenset({Role.INTEGRATION}),
    ),
    RailItem(
        address="/deadletters",
        name=said("Dead letters"),
        icon="letter",
        group=said("Run"),
        within="/effects",
        roles=frozenset({Role.INTEGRATION}),
    ),
    RailItem(
        address="/interchanges",
        name=said("Partner files"),
        icon="order",
        group=said("Run"),
        roles=frozenset({Role.INTEGRATION}),
    ),
    RailItem(
        address="/quarantine",
        name=said("Quarantine"),
        icon="aside",
        group=said("Run"),
        roles=frozenset({Role.INTEGRATION, Role.BUYER}),
    ),
    RailItem(
        address="/admin/people",
        name=said("People"),
        icon="people",
        group=said("Run"),
        within="/admin/",
        roles=frozenset({Role.ADMIN}),
    ),
    RailItem(
        address="/audit",
        name=said("Audit"),
        icon="audit",
        group=said("Run"),
        roles=frozenset({Role.AUDITOR}),
    ),
)
"""Every page that is offered, in its order; the order of groups is that of their first page."""


def rail_for(viewer: Viewer | None) -> tuple[tuple[str, tuple[RailItem, ...]], ...]:
    """Give the pages that somebody is offered, by group."""
    if viewer is None:
        return ()
    groups: dict[str, list[RailItem]] = {}
    for item in RAIL:
        if item.is_for(viewer):
            groups.setdefault(item.group, []).append(item)
    return tuple((group, tuple(items)) for group, items in groups.items())


class _Translating(Protocol):
    """What the templates' extension for languages adds to them."""

    def install_gettext_callables(
        self,
        gettext: Callable[[str], str],
        ngettext: Callable[[str, str, int], str],
        *,
        newstyle: bool | None,
    ) -> None: ...


class Layout:
    """Turns a template and what it tells into one HTML answer."""

    def __init__(self, assets: Assets) -> None:
        """Read the templates once; ``assets`` gives the addresses of styles and script."""
        self._templates = Drawing(
            loader=PackageLoader("manciple.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            auto_reload=False,  # else every page looks at the dates of its files
        )
        cast("_Translating", self._templates).install_gettext_callables(
            gettext, ngettext, newstyle=True
        )
        self._templates.offer(
            _=page_text,
            gettext=page_text,
            ngettext=page_count,
            asset=assets.url,
            rail_for=rail_for,
            sees=sees,
            wait=wording.wait,
            relative=wording.relative,
            plural=wording.plural,
            bars=flow.bars,
            flow_drawing=flow.drawing,
            given_up=flow.given_up,
            system_name=lanes.name,
            unit=units.unit,
            is_late=overview.is_late,
            page_of=overview.page_of,
            segment_parts=_segment_parts,
            spoken=spoken,
            languages=languages,
            fault_of=fault,
            why_of=why_of,
        )
        self._templates.filters.update(
            number=wording.number,
            day=wording.day,
            near_day=wording.near_day,
            money=wording.money,
            plain=wording.plain,
            moment=wording.moment,
            short_moment=wording.short_moment,
            machine_moment=wording.machine_moment,
            size=wording.size,
            spoken=spoken,
            unit=units.unit,
            told=telling.told,
            fact=telling.fact,
            event_words=wording.event_words,
        )

    def page(
        self,
        request: Request,
        template: str,
        *,
        viewer: Viewer | None,
        status: int = 200,
        **told: object,
    ) -> HTMLResponse:
        """Draw a page, or its live region alone where htmx asks for that."""
        is_region = request.headers.get("hx-request") == "true"
        html = self._templates.get_template(template).render(
            is_region=is_region,
            viewer=viewer,
            path=request.url.path,
            filter=_filter(request),
            language=voice().language,
            method=request.method,
            here=f"{request.url.path}?{request.url.query}".rstrip("?"),
            looks={name: _choice(request, name) for name in _CHOICES},
            **told,
        )
        is_read_again = status == _OK and is_region and request.url.path in LISTS
        return HTMLResponse(
            html, status_code=status, headers=_REGION if is_read_again else SECURITY
        )


def sees(viewer: Viewer | None, place: str) -> bool:
    """Say whether a link to a page leads its reader anywhere.

    Args:
        viewer: who reads.
        place: a board's name; ``interchanges`` for one partner file, which may be about any site.
    """
    actor = viewer.actor if viewer is not None else None
    if place == "interchanges":
        return viewer is not None and not (actor and actor.sites)
    return actor is not None and actor.has(*_SEEN_BY[place], Role.ADMIN, Role.AUDITOR)


def _filter(request: Request) -> str:
    """Give what a list is filtered and ordered by: its query without the place in the list."""
    asked = parse_qsl(request.url.query)
    return urlencode([(name, value) for name, value in asked if name not in _PLACE])


def _choice(request: Request, name: str) -> str:
    """Read a remembered choice; anything but the known words is no choice."""
    value = request.cookies.get(name, "")
    return value if value in _CHOICES[name] else ""


def _segment_parts(text: str) -> Markup:
    """Set a raw segment's name and separators apart; everything is escaped."""
    for separator in "*+|~^":
        if separator in text[:6]:
            name, *elements = text.split(separator)
            mark = Markup("<i>{}</i>").format(separator)
            return Markup("<b>{}</b>{}").format(
                name, Markup("").join(mark + element for element in elements)
            )
    return Markup("{}").format(text)
