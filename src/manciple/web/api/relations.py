"""Who belongs together, over HTTP: declared interests of people, houses of suppliers."""

from typing import Annotated, Literal

from fastapi import Query, Response

from manciple.approvals.relations import (
    DeclareInterest,
    EndInterest,
    Interests,
    LinkSupplier,
    SupplierHouse,
)
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.runtime.documents import Ref
from manciple.web.api.asking import After, Asker, Asking, paged, shown
from manciple.web.api.bodies import Body, Name, Note
from manciple.web.api.problems import api_router

router = api_router()
_READERS = (Role.ADMIN, Role.AUDITOR, Role.PROCESS_OWNER)


class InterestBody(Body):
    """A relation to a supplier: owner, family, employment, gifts or other."""

    supplier: Name
    relation: Name
    note: Note = ""
    person: Name | None = None


class EndInterestBody(Body):
    """Which declared relation has ended, and why."""

    supplier: Name
    note: Note


class HouseBody(Body):
    """The house that a supplier record belongs to, and why it is known to."""

    house: Name
    why: Note


def _may_read(asker: Asking, person: str = "") -> None:
    """Interests are read by whom they are of, and by those who watch over them."""
    if asker.actor.id != person and not asker.actor.has(*_READERS):
        able = ", ".join(role.value for role in _READERS)
        raise refuse(
            "FORBIDDEN", f"declared interests are read by their own person, and by {able}"
        )


@router.get("/interests", tags=["relations"])
def interests(
    asker: Asker,
    state: Literal["declared", "none"] | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List people with the interests that they have declared, newest first."""
    _may_read(asker)
    return paged(asker.app.documents.page(Interests, state=state, after=after, limit=limit))


@router.get("/interests/{name}", tags=["relations"])
def interest(name: str, asker: Asker) -> Response:
    """Show what a person has declared."""
    _may_read(asker, name)
    return shown(asker.found(Interests, name))


@router.post("/interests", status_code=201, tags=["relations"])
def declare(body: InterestBody, asker: Asker) -> Response:
    """Declare an interest in a supplier: its person is asked about nothing bought there."""
    _known(asker, body.supplier)
    act = DeclareInterest(
        supplier=body.supplier, relation=body.relation, note=body.note, person=body.person
    )
    return asker.answer(act, Interests)


@router.post("/interests/{name}/end", tags=["relations"])
def end(name: str, body: EndInterestBody, asker: Asker) -> Response:
    """Say that a declared interest has ended; another administrator than its person must."""
    act = EndInterest(person=name, supplier=body.supplier, note=body.note)
    return asker.answer(act, Interests, about=Ref(Interests.KIND, name))


@router.post("/suppliers/{name}/house", tags=["relations"])
def link(name: str, body: HouseBody, asker: Asker) -> Response:
    """Put a supplier record to the house of another, so that both count as one supplier."""
    _known(asker, name)
    _known(asker, body.house)
    act = LinkSupplier(supplier=name, house=body.house, why=body.why)
    return asker.answer(act, SupplierHouse, about=Ref(SupplierHouse.KIND, name))


def _known(asker: Asking, supplier: str) -> None:
    if asker.app.peek(Supplier, supplier) is None:
        raise refuse(
            "SUPPLIER_UNKNOWN", f"there is no supplier {supplier!r}", field="supplier",
            fix="name a supplier of the register",
        )  # fmt: skip
