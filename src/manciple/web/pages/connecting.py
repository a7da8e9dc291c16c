"""The lines to other systems: endpoints, what was asked of them, and what could not be delivered.

/endpoints              every system: does it answer, what waits, since when, how much fails
/endpoints/NAME         one system: its lanes, its last day, what it can do; hold it and let it go
/effects                what was asked of other systems: waiting, dead, refused, done
/effects/KEY            one of them: its attempts, its payload without secrets, what was said;
                        replay it, or have it put right by two people
/deadletters            what could not be delivered, the same error counted once
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from manciple.governance.editing import (
    LETTER,
    ConfirmLetterEdit,
    Edit,
    EditState,
    TurnDownEdit,
)
from manciple.governance.masking import masked
from manciple.governance.operations import (
    MOST_AT_ONCE,
    EffectReplay,
    EndpointSwitch,
    HoldEndpoint,
    ReplayEffect,
    ReplayEffects,
    ResumeEndpoint,
    TryEndpoint,
)
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Role
from manciple.processes.ports.answers import Health
from manciple.runtime.codec import plain, plain_values
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectEntry, EffectState
from manciple.runtime.letters import HOURS, QUIET, Shown, Traffic, group_id, grouped
from manciple.runtime.queries import LaneRow
from manciple.web.api.edits import letter_edit
from manciple.web.language import gettext, said
from manciple.web.pages import charts
from manciple.web.pages.admitting import admitted, admitted_soon, diff, require
from manciple.web.pages.batch import MOST, Acts, Name, Unless, sent_batch, show_batch
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form

ROLES: Final = (Role.INTEGRATION,)
_RUNNERS: Final = frozenset({Role.INTEGRATION, Role.ADMIN})
ATTEMPTS: Final = 20
"""How many of the newest attempts stand on a page: one that was tried for days has thousands."""
_LENGTH: Final = 50
_LETTERS: Final = 25
"""Letters of one error that are shown below it; all are replayed."""
TABS: Final = (
    (Shown.WAITING, said("Waiting")),
    (Shown.DEAD, said("Dead letters")),
    (Shown.REJECTED, said("Refused")),
    (Shown.DONE, said("Done")),
)
ABILITIES: Final = {
    "conditional_write": said("refuses a write on an old version"),
    "native_idempotency": said("knows a repeat by its key"),
    "deep_create": said("takes a document with its lines at once"),
    "asynchronous": said("answers later"),
    "deletes_visible": said("tells what was deleted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One endpoint with its lanes and its last day.

    Attributes:
        lag: when the oldest of what is due was due; None when nothing is.
        open_until: when its breaker lets the next attempt through; None while it is closed.
    """

    name: str
    lanes: tuple[LaneRow, ...]
    traffic: Traffic
    now: datetime

    @property
    def due(self) -> int:
        """What waits."""
        return sum(lane.due for lane in self.lanes)

    @property
    def dead(self) -> int:
        """What could not be delivered."""
        return sum(lane.dead for lane in self.lanes)

    @property
    def is_held(self) -> bool:
        """Whether somebody stopped sending."""
        return any(lane.held for lane in self.lanes)

    @property
    def lag(self) -> datetime | None:
        """When the oldest waiting effect was due; None when none is due yet."""
        dues = [lane.oldest_due for lane in self.lanes if lane.oldest_due is not None]
        oldest = min(dues, default=None)
        return oldest if oldest is not None and oldest <= self.now else None

    @property
    def open_until(self) -> datetime | None:
        """When the breaker lets the next attempt through."""
        times = [lane.open_until for lane in self.lanes if lane.open_until is not None]
        latest = max(times, default=None)
        return latest if latest is not None and latest > self.now else None

    @property
    def health(self) -> str:
        """Give the shape and colour of its state."""
        if self.open_until or (self.dead and not self.is_held):
            return "trouble"
        return "waiting" if self.is_held or self.lag else "done"

    @property
    def word(self) -> str:
        """Give its state in a word."""
        if self.is_held:
            return gettext("Held")
        if self.open_until:
            return gettext("Breaker open")
        if self.dead:
            return gettext("Dead letters")
        return gettext("Behind") if self.lag else gettext("Sending")

    @property
    def spark(self) -> Markup:
        """Draw its last day."""
        return charts.spark(self.traffic.settled)


def systems(
    lanes: tuple[LaneRow, ...], traffic: Mapping[str, Traffic], now: datetime
) -> tuple[System, ...]:
    """Put lanes together by endpoint: what is in trouble first, then by name."""
    found: dict[str, list[LaneRow]] = {}
    for lane in lanes:
        found.setdefault(lane.endpoint, []).append(lane)
    made = (
        System(name=name, lanes=tuple(rows), traffic=traffic.get(name, QUIET), now=now)
        for name, rows in found.items()
    )
    order = {"trouble": 0, "waiting": 1, "done": 2}
    return tuple(sorted(made, key=lambda each: (order[each.health], each.name)))


class Connecting:
    """Serves the pages of the lines to other systems."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        for path, page in (
            ("/endpoints", self.endpoints),
            ("/endpoints/{name}", self.endpoint),
            ("/effects", self.effects),
            ("/effects/{key:path}", self.effect),
            ("/deadletters", self.letters),
        ):
            router.add_api_route(path, page, response_model=None)
        for path, deed in (
            ("/endpoints/{name}/hold", self.hold),
            ("/endpoints/{name}/resume", self.resume),
            ("/endpoints/{name}/try", self.try_now),
            ("/deadletters/replay", self.replay_group),
            ("/effects/several", self.several),
            ("/effects/{key:path}/replay", self._deed(_replay)),
            ("/effects/{key:path}/edit", self._deed(self._propose)),
            ("/effects/{key:path}/confirm", self._deed(_confirm)),
            ("/effects/{key:path}/turn-down", self._deed(_turn_down)),
        ):
            router.add_api_route(path, deed, methods=["POST"], response_model=None)
        return router

    # ---- endpoints --------------------------------------------------------------------------

    def endpoints(self, request: Request) -> Response:
        """Show every system at a glance."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        app, now = self._desk.app, self._desk.app.clock.now()
        rows = systems(app.history.lanes(), app.letters.traffic(now), now)
        edits = app.documents.page(Edit, state=EditState.PROPOSED.value, limit=5)
        return self._desk.show(
            request, "endpoints.html", reader, rows=rows, edits=edits.rows, hours=HOURS
        )

    def endpoint(
        self,
        request: Request,
        name: str,
        ask: Annotated[str, Query(pattern="^(yes|)$")] = "",
        tried: Annotated[int | None, Query(ge=0)] = None,
    ) -> Response:
        """Show one system."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._system(request, reader, name, EMPTY, ask=bool(ask), tried=tried)

    async def hold(self, request: Request, name: str) -> Response:
        """Stop sending to a system."""
        return await self._turn(request, name, held=True)

    async def resume(self, request: Request, name: str) -> Response:
        """Send to a held system again."""
        return await self._turn(request, name, held=False)

    async def try_now(self, request: Request, name: str) -> Response:
        """Try at once what waits for its next try."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if await run_in_threadpool(self._found, name) is None:
            return self._desk.missing(request, reader, gettext("endpoint"), name)
        sent = await self._desk.sent(
            request, reader, lambda form: TryEndpoint(endpoint=name, reason=form.text("reason"))
        )
        if not sent.is_done:
            return await run_in_threadpool(self._system, request, reader, name, sent)
        count = await run_in_threadpool(self._desk.app.try_endpoint, name)
        return RedirectResponse(f"/endpoints/{quote(name)}?tried={count}", status_code=303)

    async def _turn(self, request: Request, name: str, *, held: bool) -> Response:
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        if await run_in_threadpool(self._found, name) is None:
            return self._desk.missing(request, reader, gettext("endpoint"), name)
        kind = HoldEndpoint if held else ResumeEndpoint
        sent = await self._desk.sent(
            request, reader, lambda form: kind(endpoint=name, reason=form.text("reason"))
        )
        if not sent.is_done:
            return await run_in_threadpool(self._system, request, reader, name, sent)
        await run_in_threadpool(
            self._desk.app.hold_endpoint,
            name,
            by=reader.actor,
            reason=sent.form.text("reason"),
            held=held,
        )
        return RedirectResponse(f"/endpoints/{name}", status_code=303)

    def _found(self, name: str) -> System | None:
        app, now = self._desk.app, self._desk.app.clock.now()
        lanes = tuple(lane for lane in app.history.lanes() if lane.endpoint == name)
        return systems(lanes, app.letters.traffic(now), now)[0] if lanes else None

    def _system(
        self,
        request: Request,
        reader: Reader,
        name: str,
        sent: Sent,
        *,
        ask: bool = False,
        tried: int | None = None,
    ) -> Response:
        system = self._found(name)
        if system is None:
            return self._desk.missing(request, reader, gettext("endpoint"), name)
        erp = self._desk.app.systems.erp if name == "erp" else None
        told: Health | None = erp.health() if erp is not None and ask else None
        return self._desk.show(
            request,
            "endpoint.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            system=system,
            switch=self._desk.app.peek(EndpointSwitch, name),
            capabilities=plain(erp.capabilities()) if erp is not None else None,
            abilities=ABILITIES,
            health=told,
            tried=tried,
            may_act=reader.actor.has(*_RUNNERS),
            hours=HOURS,
            sent=sent,
        )

    # ---- effects ----------------------------------------------------------------------------

    def effects(
        self,
        request: Request,
        state: Shown = Shown.WAITING,
        endpoint: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str | None, Query(max_length=400)] = None,
    ) -> Response:
        """List what was asked of other systems."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        page = self._desk.app.letters.page(
            state, endpoint=endpoint or None, after=after, limit=_LENGTH
        )
        return self._desk.show(
            request,
            "effects.html",
            reader,
            rows=page.rows,
            older=page.after,
            after=after,
            state=state,
            tabs=[(each, gettext(name)) for each, name in TABS],
            endpoint=endpoint,
            may_act=reader.actor.has(*_RUNNERS),
            names=sorted({lane.endpoint for lane in self._desk.app.history.lanes()}),
        )

    def effect(
        self,
        request: Request,
        key: str,
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    ) -> Response:
        """Show one effect with its newest attempts, or with those before a place."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._effect(request, reader, key, EMPTY, before=before)

    def _effect(
        self,
        request: Request,
        reader: Reader,
        key: str,
        sent: Sent,
        *,
        before: int | None = None,
    ) -> Response:
        app = self._desk.app
        entry = app.letters.entry(key)
        if entry is None:
            return self._desk.missing(request, reader, gettext("effect"), key)
        stored = app.documents.get(Edit, str(Ref(LETTER, key)))
        edit = stored.document if stored else None
        payload = pretty(masked(entry.facts))
        log = app.letters.attempts(key, newest=ATTEMPTS + 1, before=before)
        return self._desk.show(
            request,
            "effect.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            entry=entry,
            attempts=tuple(reversed(log[-ATTEMPTS:])),
            older=log[-ATTEMPTS].place if len(log) > ATTEMPTS else None,
            before=before,
            payload=payload,
            typed=sent.form.text("payload") or payload,
            result=pretty(masked(dict(entry.result))) if entry.result else "",
            edit=edit,
            version=stored.version if stored else 0,
            compared=self._compared(edit) if edit else (),
            replayed=app.peek(EffectReplay, key),
            is_dead=entry.state is EffectState.DEAD,
            may_act=reader.actor.has(*_RUNNERS),
            sent=sent,
        )

    def _compared(self, edit: Edit) -> tuple[object, ...]:
        was, now = (
            pretty(masked(plain_values(self._desk.app.bytes_of(digest)))).splitlines()
            for digest in (edit.was, edit.now)
        )
        return diff(was, now)

    def _propose(self, entry: EffectEntry, form: Form) -> object:
        return letter_edit(entry, entry.key, form.text("payload"), form.text("reason"))

    def _deed(self, act: Callable[[EffectEntry, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, key: str) -> Response:
            reader = await admitted_soon(self._desk, request, ROLES)
            if isinstance(reader, Response):
                return reader
            entry = await run_in_threadpool(self._desk.app.letters.entry, key)
            if entry is None:
                return self._desk.missing(request, reader, gettext("effect"), key)
            about = Ref(Edit.KIND, str(Ref(LETTER, key)))

            def act_of(form: Form) -> object:
                require(reader, _RUNNERS)
                return act(entry, form)

            sent = await self._desk.sent(request, reader, act_of, about=about)
            if not sent.is_done:
                return await run_in_threadpool(self._effect, request, reader, key, sent)
            if act is _replay:
                await run_in_threadpool(self._desk.app.replay_effect, key)
            return RedirectResponse(f"/effects/{key}", status_code=303)

        return deed

    # ---- dead letters -----------------------------------------------------------------------

    def letters(
        self,
        request: Request,
        endpoint: Annotated[str, Query(max_length=80)] = "",
        done: Annotated[int, Query(ge=0, le=MOST_AT_ONCE)] = 0,
    ) -> Response:
        """Show what could not be delivered, the same error counted once."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._letters(request, reader, EMPTY, endpoint=endpoint, done=done)

    def _letters(
        self, request: Request, reader: Reader, sent: Sent, *, endpoint: str = "", done: int = 0
    ) -> Response:
        whole = self._desk.app.letters.dead(endpoint=endpoint or None)
        return self._desk.show(
            request,
            "deadletters.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            groups=grouped(whole.rows),
            total=len(whole.rows) + whole.left_out,
            left_out=whole.left_out,
            most=MOST_AT_ONCE,
            shown=_LETTERS,
            endpoint=endpoint,
            done=done,
            may_act=reader.actor.has(*_RUNNERS),
            sent=sent,
        )

    async def replay_group(self, request: Request) -> Response:
        """Try every letter of one error again."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        dead = (await run_in_threadpool(self._desk.app.letters.dead)).rows
        keys: list[str] = []

        def act_of(form: Form) -> object:
            wanted = form.text("error")
            keys.extend([each.key for each in dead if group_id(each) == wanted][:MOST_AT_ONCE])
            return ReplayEffects(effects=tuple(keys), reason=form.text("reason"))

        sent = await self._desk.sent(request, reader, act_of)
        if not sent.is_done:
            return await run_in_threadpool(self._letters, request, reader, sent)
        count = await run_in_threadpool(self._desk.app.replay_effects, keys)
        return RedirectResponse(f"/deadletters?done={count}", status_code=303)

    async def several(self, request: Request) -> Response:
        """Try chosen letters again, each by an act of its own."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader

        def acts_of(form: Form) -> Acts:
            require(reader, _RUNNERS)
            reason, acts = form.text("reason"), list[tuple[str, object]]()
            for key in list(dict.fromkeys(form.all("effect")))[:MOST]:
                entry = self._desk.app.letters.entry(key)
                act = ReplayEffect(effect=key, reason=reason)
                if entry is None:
                    acts.append((key, refuse("NOT_FOUND", gettext("There is no such letter."))))
                elif entry.state is not EffectState.DEAD:
                    acts.append((key, Unless(act, no_letter())))
                else:
                    acts.append((key, act))
            return acts

        batch = await sent_batch(
            self._desk, request, reader, lambda form: run_in_threadpool(acts_of, form),
            after=self._desk.app.replay_effect,
        )  # fmt: skip
        return await run_in_threadpool(
            show_batch, self._desk, request, reader, batch, names=_named,
            back=("/effects?state=dead", gettext("Dead letters")),
        )  # fmt: skip


def _named(rows: Sequence[str]) -> Mapping[str, Name]:
    return {key: Name(key, f"/effects/{quote(key)}") for key in rows}


def pretty(value: Any) -> str:
    """Write a JSON value as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def _replay(entry: EffectEntry, form: Form) -> object:
    if entry.state is not EffectState.DEAD:
        raise no_letter()
    return ReplayEffect(effect=entry.key, reason=form.text("reason"))


def no_letter() -> Refused:
    """Say that an effect is not to be tried again: it is none that was given up."""
    return refuse(
        "WRONG_STATE", gettext("This is no dead letter any more."), field="key",
        fix=gettext("Look at what became of it."),
    )  # fmt: skip


def _confirm(entry: EffectEntry, form: Form) -> object:
    return ConfirmLetterEdit(effect=entry.key, note=form.text("note"))


def _turn_down(entry: EffectEntry, form: Form) -> object:
    return TurnDownEdit(edit=str(Ref(LETTER, entry.key)), note=form.text("note"))
