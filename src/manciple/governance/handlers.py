"""Handlers of the register of people and keys: load, decide, save."""

from manciple.governance import account as accounts
from manciple.governance import api_key, people
from manciple.governance.account import (
    Account,
    AccountLocked,
    EndSession,
    NoteWrongPassword,
    PasswordChanged,
    Session,
    SessionEnded,
    SessionStarted,
    SetPassword,
    StartSession,
    WrongPasswordNoted,
)
from manciple.governance.api_key import (
    ApiKeyIssued,
    ApiKeyRevoked,
    IssueApiKey,
    RevokeApiKey,
)
from manciple.governance.operations import (
    EffectReplay,
    EffectReplayed,
    EndpointHeld,
    EndpointResumed,
    EndpointSwitch,
    EndpointTried,
    HoldEndpoint,
    ReplayEffect,
    ResumeEndpoint,
    TryEndpoint,
    require_reason,
)
from manciple.governance.people import (
    ApiKey,
    DeactivatePerson,
    Person,
    PersonDeactivated,
    PersonRegistered,
    RegisterPerson,
)
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_KEEPERS = frozenset({Role.ADMIN, Role.SYSTEM})
_DOORS = frozenset({Role.SYSTEM})
"""The sign-in itself: it acts before anybody is known."""
_EVERYBODY = frozenset(Role)
_RUNNERS = frozenset({Role.INTEGRATION, Role.ADMIN, Role.SYSTEM})


def handles() -> tuple[Handles, ...]:
    """Give the acts of this room."""
    return (
        Handles(act=RegisterPerson, handle=_register_person, by=_KEEPERS),
        Handles(act=DeactivatePerson, handle=_deactivate_person, by=_KEEPERS),
        Handles(act=IssueApiKey, handle=_issue_api_key, by=_KEEPERS),
        Handles(act=RevokeApiKey, handle=_revoke_api_key, by=_KEEPERS),
        Handles(act=SetPassword, handle=_set_password, by=_EVERYBODY),
        Handles(act=NoteWrongPassword, handle=_note_wrong_password, by=_DOORS),
        Handles(act=StartSession, handle=_start_session, by=_DOORS),
        Handles(act=EndSession, handle=_end_session, by=_DOORS),
        Handles(act=HoldEndpoint, handle=_hold, by=_RUNNERS),
        Handles(act=ResumeEndpoint, handle=_resume, by=_RUNNERS),
        Handles(act=TryEndpoint, handle=_try, by=_RUNNERS),
        Handles(act=ReplayEffect, handle=_replay, by=_RUNNERS),
    )


def _register_person(work: Work, act: RegisterPerson) -> Ref:
    person = act.person
    people.check(person)
    known = work.find(Person, person.id)
    event = PersonRegistered(
        person=person.id, roles=person.roles, sites=person.sites, changed=known is not None
    )
    work.save(person, event)
    return ref(person)


def _deactivate_person(work: Work, act: DeactivatePerson) -> Ref:
    person = people.deactivate(_known(work.find(Person, act.person), act.person), by=work.actor)
    work.save(person, PersonDeactivated(person=person.id))
    return ref(person)


def _issue_api_key(work: Work, act: IssueApiKey) -> Ref:
    key = api_key.issue(act, at=work.at)
    people.actor_of(_known(work.peek(Person, act.person), act.person))
    if work.find(ApiKey, act.id) is not None:
        raise refuse("KEY_EXISTS", f"there is a key {act.id} already", field="id", fix="new id")
    work.save(key, ApiKeyIssued(key=key.id, person=key.person))
    return ref(key)


def _revoke_api_key(work: Work, act: RevokeApiKey) -> Ref:
    key = work.find(ApiKey, act.id)
    if key is None:
        raise refuse("NOT_FOUND", f"there is no key {act.id}", field="id")
    key = api_key.revoke(key)
    work.save(key, ApiKeyRevoked(key=key.id, person=key.person))
    return ref(key)


def _set_password(work: Work, act: SetPassword) -> Ref:
    people.actor_of(_known(work.peek(Person, act.person), act.person))
    now = accounts.set_password(work.find(Account, act.person), act, by=work.actor, at=work.at)
    work.save(now, PasswordChanged(person=now.id))
    return ref(now)


def _note_wrong_password(work: Work, act: NoteWrongPassword) -> Ref:
    account = work.get(Account, act.person)
    if account.is_locked(work.at):
        return ref(account)
    now, locks = accounts.fail(account, work.at)
    work.save(now, WrongPasswordNoted(person=now.id, failures=now.failures))
    if locks and now.locked_until is not None:
        work.save(now, AccountLocked(person=now.id, until=now.locked_until))
    return ref(now)


def _start_session(work: Work, act: StartSession) -> Ref:
    people.actor_of(_known(work.peek(Person, act.person), act.person))
    account = work.get(Account, act.person)
    now, session = accounts.start(account, act, work.at)
    event = SessionStarted(person=now.id, ends_at=session.ends_at)
    if now != account:
        work.save(now, event)
    work.save(session, event)
    return ref(session)


def _end_session(work: Work, act: EndSession) -> Ref:
    session = work.get(Session, act.digest)
    if not session.is_over:
        work.save(replace(session, is_over=True), SessionEnded(person=session.person))
    return ref(session)


def _known(person: Person | None, name: str) -> Person:
    if person is None:
        raise refuse(
            "NOT_FOUND", f"there is no person {name}", field="person", fix="register them first"
        )
    return person


def _hold(work: Work, act: HoldEndpoint) -> Ref:
    require_reason(act.reason)
    return _turn(work, act.endpoint, act.reason, held=True)


def _resume(work: Work, act: ResumeEndpoint) -> Ref:
    require_reason(act.reason)
    return _turn(work, act.endpoint, act.reason, held=False)


def _try(work: Work, act: TryEndpoint) -> Ref:
    """Note who had it tried at once; a held endpoint is let go first."""
    require_reason(act.reason)
    known = work.find(EndpointSwitch, act.endpoint)
    if known is not None and known.is_held:
        raise refuse(
            "HELD", f"{act.endpoint} is held by {known.by}", field="endpoint",
            fix="Let it go; what is due is sent at once then.",
        )  # fmt: skip
    switch = known or EndpointSwitch(
        id=act.endpoint, is_held=False, by=work.actor.id, reason=act.reason, since=work.at
    )
    event = EndpointTried(endpoint=act.endpoint, by=work.actor.id, reason=act.reason)
    work.save(switch, event)
    return ref(switch)


def _turn(work: Work, endpoint: str, reason: str, *, held: bool) -> Ref:
    """Note who turned the switch; turning it to where it stands notes nothing."""
    known = work.find(EndpointSwitch, endpoint)
    switch = EndpointSwitch(
        id=endpoint, is_held=held, by=work.actor.id, reason=reason, since=work.at
    )
    if (known is not None and known.is_held) is not held:
        kind = EndpointHeld if held else EndpointResumed
        work.save(switch, kind(endpoint=endpoint, by=work.actor.id, reason=reason))
    return ref(switch)


def _replay(work: Work, act: ReplayEffect) -> Ref:
    require_reason(act.reason)
    known = work.find(EffectReplay, act.effect)
    by = work.actor.id
    noted = EffectReplay(
        id=act.effect, times=known.times + 1 if known else 1, by=by, reason=act.reason
    )
    work.save(noted, EffectReplayed(effect=act.effect, by=by, reason=act.reason))
    return ref(noted)
