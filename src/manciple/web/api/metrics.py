"""Metrics over HTTP: figures, what each of them means, and the facts behind them."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from manciple.catalog.site import Site
from manciple.catalog.supplier import Supplier
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.definition import Definition
from manciple.intelligence.metrics.fact import FactState
from manciple.intelligence.metrics.figure import By, Question
from manciple.intelligence.metrics.period import USUAL, period
from manciple.intelligence.metrics.scorecard import scorecard
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.runtime import codec
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, Asking, json, paged
from manciple.web.api.problems import api_router

router = api_router()
Asked = Annotated[
    str, Query(alias="period", description="28d, 2026-03, 2026-03-02..2026-03-15, or all.")
]
Limit = Annotated[int, Query(ge=1, le=200)]


def _only(
    site: Annotated[str | None, Query(description="Facts of this site alone.")] = None,
    supplier: Annotated[str | None, Query(description="Facts of this supplier alone.")] = None,
    flow: Annotated[str | None, Query(description="Facts of this flow alone.")] = None,
) -> tuple[tuple[By, str], ...]:
    """Give what the asker wants alone."""
    said = ((By.SITE, site), (By.SUPPLIER, supplier), (By.FLOW, flow))
    return tuple((name, value) for name, value in said if value is not None)


Only = Annotated[tuple[tuple[By, str], ...], Depends(_only)]


def _inside(asker: Asking) -> None:
    """Figures of the whole firm are for people inside."""
    actor = asker.actor
    if actor.supplier is not None or actor.has(Role.SUPPLIER, Role.WAREHOUSE_SYSTEM):
        raise refuse(
            "FORBIDDEN",
            f"{actor.id} may not see the firm's figures",
            fix="A supplier sees its own scorecard.",
        )


def _known(asker: Asking, only: tuple[tuple[By, str], ...]) -> None:
    """Refuse a site, supplier or flow that there is not: of it nothing is known, not zero.

    Raises:
        Refused: NOT_FOUND, with the field.
    """
    for by, name in only:
        match by:
            case By.SITE:
                is_there = asker.app.peek(Site, name) is not None
            case By.SUPPLIER:
                is_there = asker.app.peek(Supplier, name) is not None
            case _:
                is_there = name in {flow.id for flow in asker.app.flows}
        if not is_there:
            raise refuse(
                "NOT_FOUND",
                f"there is no {by.value} {name}",
                field=by.value,
                fix="Correct it, or leave it out.",
            )


def _question(
    asker: Asking,
    definition: Definition,
    asked: str,
    by: By | None,
    only: tuple[tuple[By, str], ...],
) -> Question:
    _known(asker, only)
    return Question(
        definition=definition,
        period=period(asked, now=asker.app.clock.now()),
        by=by,
        scope=scope_of(asker.actor),
        only=only,
    )


def _told(definition: Definition) -> dict[str, Any]:
    """Give a definition with its unit."""
    told: dict[str, Any] = codec.plain(definition)
    return told | {"unit": definition.unit}


@router.get("/suppliers/{supplier}/scorecard", tags=["metrics"])
def show_scorecard(supplier: str, asker: Asker, asked: Asked = USUAL) -> Response:
    """Show how a supplier keeps its promises; a supplier sees its own."""
    actor = asker.actor
    if actor.supplier is not None or actor.has(Role.SUPPLIER):
        if actor.supplier != supplier:
            raise refuse("NOT_FOUND", f"there is no supplier {supplier}")
    else:
        _inside(asker)
    asker.found(Supplier, supplier)
    when = period(asked, now=asker.app.clock.now())
    found = scorecard(asker.app.metrics, supplier, when, scope=scope_of(actor))
    return json(found)


@router.get("/metrics", tags=["metrics"])
def metrics(asker: Asker, only: Only, asked: Asked = USUAL) -> Response:
    """Show every metric's figures, with its meaning and how fresh they are."""
    _inside(asker)
    rows = [
        {
            "definition": _told(each),
            "reading": asker.app.metrics.read(_question(asker, each, asked, None, only)),
        }
        for each in registry.DEFINITIONS
    ]
    return json({"rows": rows, "after": None})


@router.get("/metrics/{name}", tags=["metrics"])
def metric(
    name: str,
    asker: Asker,
    only: Only,
    asked: Asked = USUAL,
    by: By | None = None,
) -> Response:
    """Show one metric's figures, taken apart if asked, with its meaning."""
    _inside(asker)
    definition = registry.find(name)
    found = asker.app.metrics.read(_question(asker, definition, asked, by, only))
    return json({"definition": _told(definition), "reading": found})


@router.get("/metrics/{name}/facts", tags=["metrics"])
def facts(
    name: str,
    asker: Asker,
    only: Only,
    asked: Asked = USUAL,
    variant: str = "",
    state: FactState = FactState.DONE,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List the facts behind a figure: what counts, what is open, or what was left out."""
    _inside(asker)
    definition = registry.find(name)
    series = f"{definition.id}/{variant}" if variant else definition.id
    if series not in definition.series:
        known = ", ".join(each.id for each in definition.variants) or "none"
        raise refuse(
            "UNKNOWN_VARIANT", f"{definition.id} has no variant {variant}", field="variant",
            fix=f"Its variants: {known}.",
        )  # fmt: skip
    question = _question(asker, definition, asked, None, only)
    return paged(
        asker.app.metrics.facts(
            question, series=series, state=state.value, after=after, limit=limit
        )
    )


@router.get("/metrics/{name}/restatements", tags=["metrics"])
def restatements(name: str, asker: Asker, after: After = None, limit: Limit = 50) -> Response:
    """List what was restated: the day, what a fact said of it before and now, and the event."""
    _inside(asker)
    found = asker.app.metrics.restatements(
        registry.find(name), after=after, limit=limit, scope=scope_of(asker.actor)
    )
    return paged(found)
