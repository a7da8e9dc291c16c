"""Items, suppliers, sites, agreements, calendars, partners, people and their keys over HTTP.

The ERP keeps these records; a change here is what its feed, or a steward, says they are. A record
is put whole: its fields are those that the same address shows.
"""

import secrets
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

from fastapi import Body as RawBody
from fastapi import Query, Response
from pydantic import Field

from manciple.adapters.passwords import Passwords
from manciple.approvals.authority import Authority, RegisterAuthority
from manciple.catalog.agreement import Agreement, RegisterAgreement
from manciple.catalog.calendars import Calendar, RegisterCalendar
from manciple.catalog.cost_centre import CostCentre, RegisterCostCentre
from manciple.catalog.item import Item, RegisterItem
from manciple.catalog.outlook import Outlook, RegisterOutlook
from manciple.catalog.site import RegisterSite, Site
from manciple.catalog.supplier import RegisterSupplier, Supplier
from manciple.exchange.partner import Partner, RegisterPartner
from manciple.governance.account import SetPassword, check_password
from manciple.governance.api_key import IssueApiKey, RevokeApiKey, digest_of, key_text
from manciple.governance.people import ApiKey, DeactivatePerson, Person, RegisterPerson
from manciple.kernel.errors import MancipleError, Refused, refuse
from manciple.kernel.messages import Role
from manciple.requisitioning.on_call import OnCall, RegisterOnCall
from manciple.runtime import codec, texts
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import Page, scope_of
from manciple.web.api import strictly
from manciple.web.api.asking import After, Asker, Asking, json, paged, shown
from manciple.web.api.bodies import Body, Name, NoteBody
from manciple.web.api.problems import api_router, refusal

router = api_router()
D = TypeVar("D", bound=Document)
Record = Annotated[dict[str, Any], RawBody()]
_REGISTERS: tuple[tuple[str, type[Any], type[Any], str], ...] = (
    ("items", Item, RegisterItem, "item"),
    ("suppliers", Supplier, RegisterSupplier, "supplier"),
    ("sites", Site, RegisterSite, "site"),
    ("agreements", Agreement, RegisterAgreement, "agreement"),
    ("calendars", Calendar, RegisterCalendar, "calendar"),
    ("cost-centres", CostCentre, RegisterCostCentre, "cost_centre"),
    ("outlooks", Outlook, RegisterOutlook, "outlook"),
    ("on-call", OnCall, RegisterOnCall, "on_call"),
    ("partners", Partner, RegisterPartner, "partner"),
    ("people", Person, RegisterPerson, "person"),
    ("authorities", Authority, RegisterAuthority, "authority"),
)
_PRIVATE = {Person, Authority, Partner, Outlook}


def _may_see(asker: Asking, kind: type[Any]) -> None:
    """Suppliers see no registers but what concerns themselves."""
    outsider = asker.actor.supplier is not None or asker.actor.has(Role.SUPPLIER)
    if outsider and kind in {*_PRIVATE, Agreement}:
        raise refuse("FORBIDDEN", f"a supplier's key does not open the register of {kind.KIND}s")


def _record(values: dict[str, Any], kind: type[Any]) -> Any:
    """Read a record; a value that can't be is named by its field.

    Raises:
        Refused: BAD_VALUE, with the field.
        CodecError: a field is missing or of another type.
    """
    if faults := texts.faults_within(values) or strictly.faults_of(values, kind):
        raise Refused(*faults)
    try:
        return codec.record(values, kind)
    except (codec.CodecError, Refused):
        raise
    except MancipleError as problem:
        raise refuse(
            "BAD_VALUE",
            str(problem),
            field=_at_fault(values, kind),
            rule=type(problem).__name__.removesuffix("Error"),
            fix="Correct the value; a GET of the same address shows a good one.",
        ) from problem


def _at_fault(values: dict[str, Any], kind: type[Any]) -> str:
    hints = get_type_hints(kind)
    for name, value in values.items():
        try:
            codec.record(value, hints[name])
        except MancipleError:
            return name
    return ""


def _put(kind: type[Any], act: type[Any], field: str) -> Any:
    def put(name: str, body: Record, asker: Asker) -> Response:
        known = {each for each in kind.__dataclass_fields__ if each != "KIND"}
        for field_name in body:
            if field_name not in known | {"version", "state"}:
                raise refuse(
                    "UNKNOWN_FIELD",
                    f"{field_name} is not a field of a {kind.KIND}",
                    field=field_name,
                    rule="closed records",
                    fix=f"The fields are {', '.join(sorted(known))}.",
                )
        kept = {key: value for key, value in body.items() if key in known}
        named = kept.setdefault("id", name) if "id" in known else name
        if named != name:
            raise refuse(
                "BAD_VALUE", f"the body says {named}, the address {name}", field="id",
                fix="Let both say the same.",
            )  # fmt: skip
        record = _record(kept, kind)
        about = Ref(kind.KIND, name)
        return asker.answer(act(**{field: record}), kind, about=about)

    put.__doc__ = f"Keep a {kind.KIND}, new or changed."
    return put


def _get(kind: type[Any]) -> Any:
    def get(name: str, asker: Asker) -> Response:
        _may_see(asker, kind)
        return shown(asker.found(kind, name))

    get.__doc__ = f"Show a {kind.KIND}."
    return get


def _list(kind: type[Any]) -> Any:
    def rows(
        asker: Asker, after: After = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> Response:
        _may_see(asker, kind)
        page = asker.app.documents.page(
            kind, scope=scope_of(asker.actor), after=after, limit=limit
        )
        return paged(page)

    rows.__doc__ = f"List {kind.KIND}s, newest first."
    return rows


for _path, _kind, _act, _field in _REGISTERS:
    _one = f"/{_path}/{{name:path}}"
    router.add_api_route(f"/{_path}", _list(_kind), methods=["GET"], tags=["masters"],
                         name=f"list {_path}")  # fmt: skip
    router.add_api_route(_one, _get(_kind), methods=["GET"], tags=["masters"],
                         name=f"show {_path}")  # fmt: skip
    router.add_api_route(_one, _put(_kind, _act, _field), methods=["PUT"], tags=["masters"],
                         name=f"put {_path}")  # fmt: skip


class KeyBody(Body):
    """For whom a key is; ``id`` is its visible part, made up if not given."""

    person: Name
    id: Annotated[str | None, Field(pattern="^[a-z0-9-]{4,40}$")] = None


@router.post("/people/{name}/deactivate", tags=["masters"])
def deactivate(name: str, body: NoteBody, asker: Asker) -> Response:
    """Take a person out of office; what waits for them is given to others at once."""
    del body
    about = Ref(Person.KIND, name)
    return asker.answer(DeactivatePerson(person=name), Person, about=about)


class PasswordBody(Body):
    """A new password, as it will be typed."""

    password: Annotated[str, Field(min_length=1, max_length=200)]


@router.post("/people/{name}/password", tags=["masters"])
def set_password(name: str, body: PasswordBody, asker: Asker) -> Response:
    """Give a person a password for the pages; every session of theirs is over."""
    check_password(body.password, person=name)
    seed = f"{asker.actor.id}/{asker.need_key()}/{name}"
    digest = _passwords().digest(body.password, seed=seed)
    reply = asker.apply(SetPassword(person=name, digest=digest))
    if not reply.is_done:
        return refusal(reply.refusals)
    return json({"person": name, "state": "open"})


@cache
def _passwords() -> Passwords:
    return Passwords()


_KEEPERS = (Role.ADMIN, Role.AUDITOR)


@router.get("/keys", tags=["masters"])
def keys(
    asker: Asker,
    state: Annotated[str | None, Query(pattern="^(active|revoked)$")] = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List API keys, newest first: whose each is and whether it opens; never its digest."""
    if not asker.actor.has(*_KEEPERS):
        raise refuse("FORBIDDEN", "the register of keys is for administrators and auditors")
    page = asker.app.documents.page(ApiKey, state=state, after=after, limit=limit)
    rows = tuple(
        {
            "id": each.document.id,
            "person": each.document.person,
            "state": each.document.state,
            "created_at": each.document.created_at,
        }
        for each in page.rows
    )
    return paged(Page(rows=rows, after=page.after))


@router.post("/keys", status_code=201, tags=["masters"])
def issue(body: KeyBody, asker: Asker) -> Response:
    """Make an API key. The secret is in this answer and nowhere else; only its digest is kept."""
    name = body.id or secrets.token_hex(6)
    key = key_text(name, secrets.token_hex(24))
    reply = asker.apply(IssueApiKey(id=name, digest=digest_of(key), person=body.person))
    if not reply.is_done:
        return refusal(reply.refusals)
    return json({"id": name, "key": key, "person": body.person}, 201)


@router.post("/keys/{name}/revoke", tags=["masters"])
def revoke(name: str, body: NoteBody, asker: Asker) -> Response:
    """Make a key worthless from the next request on."""
    del body
    about = Ref(ApiKey.KIND, name)
    return asker.answer(RevokeApiKey(id=name), ApiKey, about=about)
