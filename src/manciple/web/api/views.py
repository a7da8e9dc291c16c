"""Saved views over HTTP: the named filters of a list, one's own and those of one's roles."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from manciple.governance.saved_view import (
    LONGEST_NAME,
    LONGEST_QUERY,
    MOST,
    KeepViews,
    SavedView,
    SavedViews,
    owners_for,
)
from manciple.kernel.messages import Role
from manciple.web.api.asking import Asker, json
from manciple.web.api.bodies import Body
from manciple.web.api.problems import api_router

router = api_router()


class ViewBody(Body):
    """A named filter: its query as it stands in the page's address."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    query: Annotated[str, Field(max_length=LONGEST_QUERY)] = ""


class ViewsBody(Body):
    """The views of a list, in the order of their tabs; with a role, those of all who hold it."""

    list: Annotated[str, Field(max_length=40)]
    views: Annotated[tuple[ViewBody, ...], Field(max_length=MOST)]
    role: Role | None = None


@router.get("/views", tags=["notices"])
def views(asker: Asker) -> Response:
    """Show the caller's saved views, and those of the caller's roles."""
    found = asker.app.documents.many(SavedViews, owners_for(asker.actor))
    return json({"rows": list(found.values())})


@router.post("/views", tags=["notices"])
def keep_views(body: ViewsBody, asker: Asker) -> Response:
    """Keep the views of a list in place of those kept before."""
    kept = tuple(SavedView(list=body.list, name=v.name, query=v.query) for v in body.views)
    act = KeepViews(list=body.list, views=kept, role=body.role)
    return asker.answer(act, SavedViews)
