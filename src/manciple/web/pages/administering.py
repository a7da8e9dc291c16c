"""People and keys: who may be what, at which sites, up to which amount; and what programs bear.

/admin/people          everybody in the register; register somebody
/admin/people/NAME     one person: roles, sites, limits; change them, let them leave
/admin/keys            API keys: make one (its text is shown once), revoke one
/admin/delegations     every power that was lent; take one back
"""

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.approvals.delegation import Delegation, RevokeDelegation
from manciple.governance.api_key import (
    IssueApiKey,
    KeyTextError,
    RevokeApiKey,
    digest_of,
    key_text,
)
from manciple.governance.people import ApiKey, DeactivatePerson, Person, RegisterPerson
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency, Money
from manciple.runtime.documents import Ref
from manciple.web.language import gettext
from manciple.web.pages.admitting import admitted, admitted_soon, require
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, number_in

ROLES: Final[tuple[Role, ...]] = ()
"""Administrators, and auditors who look on."""
_KEEPERS: Final = frozenset({Role.ADMIN})
_LENGTH: Final = 50
_STATES: Final = {"active", "inactive"}
_GIVEN: Final = tuple(role for role in Role if role is not Role.SYSTEM)


class Administering:
    """Serves the administrator's pages."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        for path, page in (
            ("/admin/people", self.people),
            ("/admin/people/{name}", self.person),
            ("/admin/keys", self.keys),
            ("/admin/delegations", self.delegations),
        ):
            router.add_api_route(path, page, response_model=None)
        for path, deed in (
            ("/admin/people", self._people_deed(_register)),
            ("/admin/people/{name}/limits", self._person_deed(_limit)),
            ("/admin/people/{name}/leave", self._person_deed(_leave)),
            ("/admin/keys", self.make_key),
            ("/admin/keys/{name}/revoke", self.revoke_key),
            ("/admin/delegations/{name}/revoke", self.revoke_delegation),
        ):
            router.add_api_route(path, deed, methods=["POST"], response_model=None)
        return router

    # ---- people -----------------------------------------------------------------------------

    def people(
        self,
        request: Request,
        state: Annotated[str, Query(max_length=20)] = "active",
        after: Annotated[str | None, Query(max_length=200)] = None,
        name: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """List everybody in the register, newest first; or go to somebody by name."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if name and self._desk.found(reader, Person, name.strip()) is not None:
            return RedirectResponse(f"/admin/people/{name.strip()}", status_code=303)
        return self._people(request, reader, EMPTY, state=state, after=after, missed=name)

    def _people(
        self,
        request: Request,
        reader: Reader,
        sent: Sent,
        *,
        state: str = "active",
        after: str | None = None,
        missed: str = "",
    ) -> Response:
        page = self._desk.app.documents.page(
            Person, state=state if state in _STATES else None, after=after, limit=_LENGTH
        )
        people = [each.document for each in page.rows]
        return self._desk.show(
            request,
            "people.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            people=people,
            powers=self._desk.app.documents.many(Authority, [each.id for each in people]),
            older=page.after,
            after=after,
            state=state if state in _STATES else "",
            missed=missed,
            roles=_GIVEN,
            may_act=reader.actor.has(Role.ADMIN),
            sent=sent,
        )

    def person(self, request: Request, name: str) -> Response:
        """Show one person."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._person(request, reader, name, EMPTY)

    def _person(self, request: Request, reader: Reader, name: str, sent: Sent) -> Response:
        stored = self._desk.found(reader, Person, name)
        if stored is None:
            return self._desk.missing(request, reader, gettext("person"), name)
        power = self._desk.app.documents.get(Authority, name)
        return self._desk.show(
            request,
            "person.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            person=stored.document,
            version=stored.version,
            power=power.document if power else None,
            power_version=power.version if power else 0,
            limits="\n".join(map(limit_text, power.document.limits)) if power else "",
            roles=_GIVEN,
            may_act=reader.actor.has(Role.ADMIN),
            sent=sent,
        )

    def _people_deed(self, act: Callable[[Form], object]) -> Callable[..., object]:
        async def deed(request: Request) -> Response:
            reader = await admitted_soon(self._desk, request, ROLES)
            if isinstance(reader, Response):
                return reader
            sent = await self._desk.sent(request, reader, lambda form: _by(reader, act, form))
            name = sent.form.text("id")
            if sent.is_done:
                return RedirectResponse(f"/admin/people/{name}", status_code=303)
            if sent.form.text("known"):
                return await run_in_threadpool(self._person, request, reader, name, sent)
            return await run_in_threadpool(self._people, request, reader, sent)

        return deed

    def _person_deed(self, act: Callable[[str, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, name: str) -> Response:
            reader = await admitted_soon(self._desk, request, ROLES)
            if isinstance(reader, Response):
                return reader
            if await run_in_threadpool(self._desk.found, reader, Person, name) is None:
                return self._desk.missing(request, reader, gettext("person"), name)
            kind = Authority.KIND if act is _limit else Person.KIND
            sent = await self._desk.sent(
                request,
                reader,
                lambda form: _by(reader, lambda each: act(name, each), form),
                about=Ref(kind, name),
            )
            if sent.is_done:
                return RedirectResponse(f"/admin/people/{name}", status_code=303)
            return await run_in_threadpool(self._person, request, reader, name, sent)

        return deed

    # ---- keys -------------------------------------------------------------------------------

    def keys(
        self,
        request: Request,
        state: Annotated[str, Query(pattern="^(active|revoked|)$")] = "active",
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """List API keys, newest first."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._keys(request, reader, EMPTY, state=state, after=after)

    def _keys(
        self,
        request: Request,
        reader: Reader,
        sent: Sent,
        *,
        state: str = "active",
        after: str | None = None,
        made: str = "",
    ) -> Response:
        page = self._desk.app.documents.page(
            ApiKey, state=state or None, after=after, limit=_LENGTH
        )
        return self._desk.show(
            request,
            "keys.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            rows=page.rows,
            older=page.after,
            after=after,
            state=state,
            made=made,
            may_act=reader.actor.has(Role.ADMIN),
            sent=sent,
        )

    async def make_key(self, request: Request) -> Response:
        """Make a key; this answer is the only one that holds its text."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        made: list[str] = []

        def act_of(form: Form) -> object:
            require(reader, _KEEPERS)
            name = form.text("id") or secrets.token_hex(6)
            try:
                made.append(key_text(name, secrets.token_hex(24)))
            except KeyTextError as problem:
                raise refuse("KEY_ID", str(problem), field="id") from problem
            return IssueApiKey(id=name, digest=digest_of(made[0]), person=form.text("person"))

        sent = await self._desk.sent(request, reader, act_of)
        text = made[0] if sent.is_done and made else ""
        return await run_in_threadpool(self._keys, request, reader, sent, made=text)

    async def revoke_key(self, request: Request, name: str) -> Response:
        """Make a key worthless."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if await run_in_threadpool(self._desk.found, reader, ApiKey, name) is None:
            return self._desk.missing(request, reader, gettext("key"), name)
        about = Ref(ApiKey.KIND, name)
        sent = await self._desk.sent(request, reader, lambda _: RevokeApiKey(id=name), about=about)
        if sent.is_done:
            return RedirectResponse("/admin/keys", status_code=303)
        return await run_in_threadpool(self._keys, request, reader, sent)

    # ---- delegations ------------------------------------------------------------------------

    def delegations(
        self,
        request: Request,
        state: Annotated[str, Query(pattern="^(granted|revoked|)$")] = "granted",
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """List every power that was lent, newest first."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._delegations(request, reader, EMPTY, state=state, after=after)

    def _delegations(
        self,
        request: Request,
        reader: Reader,
        sent: Sent,
        *,
        state: str = "granted",
        after: str | None = None,
    ) -> Response:
        page = self._desk.app.documents.page(
            Delegation, state=state or None, after=after, limit=_LENGTH
        )
        return self._desk.show(
            request,
            "admin-delegations.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            rows=page.rows,
            older=page.after,
            after=after,
            state=state,
            may_act=reader.actor.has(Role.ADMIN),
            sent=sent,
        )

    async def revoke_delegation(self, request: Request, name: str) -> Response:
        """Take a lent power back."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if await run_in_threadpool(self._desk.found, reader, Delegation, name) is None:
            return self._desk.missing(request, reader, gettext("delegation"), name)
        about = Ref(Delegation.KIND, name)
        sent = await self._desk.sent(
            request, reader, lambda _: RevokeDelegation(id=name), about=about
        )
        if sent.is_done:
            return RedirectResponse("/admin/delegations", status_code=303)
        return await run_in_threadpool(self._delegations, request, reader, sent)


def _by(reader: Reader, act: Callable[[Form], object], form: Form) -> object:
    """Make an act for an administrator alone."""
    require(reader, _KEEPERS)
    return act(form)


def words_in(text: str) -> tuple[str, ...]:
    """Give the words of a field that names several, parted by commas or blanks."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def limit_text(limit: Limit) -> str:
    """Write a limit as one line: document type, category, site, amount, currency."""
    amount = limit.amount
    return (
        f"{limit.document_type} {limit.category} {limit.site} "
        f"{amount.amount:f} {amount.currency.value}"
    )


def _register(form: Form) -> object:
    roles = form.all("roles")
    unknown = [each for each in roles if each not in set(_GIVEN)]
    if unknown:
        raise refuse("BAD_VALUE", f"nobody is called {unknown[0]}", field="roles")
    person = Person(
        id=form.text("id"),
        name=form.text("name"),
        email=form.text("email"),
        roles=tuple(role for role in _GIVEN if role.value in roles),
        sites=words_in(form.text("sites")),
        supplier=form.text("supplier") or None,
    )
    return RegisterPerson(person=person)


def _limit(name: str, form: Form) -> object:
    lines = [line for line in form.text("limits").splitlines() if line.strip()]
    power = Authority(
        id=name,
        roles=words_in(form.text("approval_roles")),
        limits=tuple(_limit_in(line, place) for place, line in enumerate(lines, 1)),
        manager=form.text("manager") or None,
    )
    return RegisterAuthority(authority=power)


def _limit_in(line: str, place: int) -> Limit:
    words = line.split()
    fix = gettext("Write: document type, category, site, amount, currency; * is any.")
    try:
        document_type, category, site, amount, currency = words
        money = Money(_exact(amount), Currency(currency))
    except ValueError as problem:
        message = gettext("Line %(place)s is no limit: %(line)s") % {"place": place, "line": line}
        raise refuse("BAD_VALUE", message, field="limits", fix=fix) from problem
    return Limit(document_type=document_type, category=category, site=site, amount=money)


def _exact(text: str) -> Decimal:
    number = number_in(text)
    if number is None:
        raise ValueError(text)
    return number


def _leave(name: str, _: Form) -> object:
    return DeactivatePerson(person=name)
