from dataclasses import replace
from datetime import UTC, datetime

import pytest

from manciple.adapters.memory import MemoryBus
from manciple.governance import api_key, handlers
from manciple.governance.api_key import IssueApiKey, KeyTextError, RevokeApiKey
from manciple.governance.people import (
    ApiKey,
    DeactivatePerson,
    Person,
    PersonRegistered,
    RegisterPerson,
    actor_of,
)
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.runtime.bus import Registry

AT = datetime(2026, 7, 6, 8, tzinfo=UTC)
ADMIN = Actor(id="root", roles=(Role.ADMIN,))
ANA = Person(
    id="ana.ruiz",
    name="Ana Ruiz",
    email="ana@example.com",
    roles=(Role.REQUESTER, Role.APPROVER),
    sites=("W1",),
)
SECRET = "s" * 20


def a_bus(*people: Person) -> MemoryBus:
    bus = MemoryBus(Registry.of(handlers.handles()))
    for person in people:
        assert codes(bus, RegisterPerson(person=person)) == ()
    return bus


def codes(bus: MemoryBus, act: object, actor: Actor = ADMIN) -> tuple[str, ...]:
    key = f"k{len(bus.events())}:{act}"
    reply = bus.apply([Command(key=key, act=act, actor=actor, at=AT)]).replies[0]
    return tuple(reason.code for reason in reply.refusals)


def test_a_registered_person_acts_with_their_roles_and_sites() -> None:
    bus = a_bus(ANA)

    actor = actor_of(bus.get(Person, "ana.ruiz"))

    assert (actor.id, actor.roles, actor.sites) == (ANA.id, ANA.roles, ANA.sites)


def test_registering_again_replaces_and_says_so() -> None:
    bus = a_bus(ANA, replace(ANA, sites=("W1", "W2")))

    assert bus.get(Person, "ana.ruiz").sites == ("W1", "W2")
    assert [event.changed for event in bus.happened(PersonRegistered)] == [False, True]


def test_every_fault_of_an_entry_is_told_at_once() -> None:
    bad = Person(
        id="Ana Ruiz", name=" ", email="", roles=(Role.SYSTEM, Role.SUPPLIER), active=False
    )

    assert codes(a_bus(), RegisterPerson(person=bad)) == (
        "PERSON_ID",
        "PERSON_NAME",
        "SYSTEM_ROLE",
        "SUPPLIER_PERSON",
        "SUPPLIER_PERSON",
        "INACTIVE",
    )


def test_a_person_without_a_role_is_refused() -> None:
    assert codes(a_bus(), RegisterPerson(person=replace(ANA, roles=()))) == ("NO_ROLE",)


def test_an_id_has_at_most_64_characters() -> None:
    bus = a_bus(replace(ANA, id="a" * 64))

    assert codes(bus, RegisterPerson(person=replace(ANA, id="a" * 65))) == ("PERSON_ID",)


def test_a_person_without_sites_works_everywhere() -> None:
    assert replace(ANA, sites=()).works_at("W9")
    assert ANA.works_at("W1")
    assert not ANA.works_at("W9")


def test_who_has_left_can_do_nothing_and_leaves_once() -> None:
    bus = a_bus(ANA)

    assert codes(bus, DeactivatePerson(person="ana.ruiz")) == ()

    with pytest.raises(Refused, match="INACTIVE"):
        actor_of(bus.get(Person, "ana.ruiz"))
    assert codes(bus, DeactivatePerson(person="ana.ruiz")) == ("ALREADY_INACTIVE",)
    assert codes(bus, DeactivatePerson(person="nobody")) == ("NOT_FOUND",)


def test_an_administrator_cannot_lock_themselves_out() -> None:
    root = replace(ANA, id="root", roles=(Role.ADMIN,), sites=())

    assert codes(a_bus(root), DeactivatePerson(person="root")) == ("OWN_ACCESS",)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.SYSTEM)])
def test_only_administrators_and_the_program_keep_the_register(role: Role) -> None:
    bus = a_bus(ANA)
    actor = Actor(id="x", roles=(role,))

    for act in (
        RegisterPerson(person=ANA),
        DeactivatePerson(person="ana.ruiz"),
        IssueApiKey(id="demo", digest="0" * 64, person="ana.ruiz"),
        RevokeApiKey(id="demo"),
    ):
        assert codes(bus, act, actor) != ()
    assert len(bus.events()) == 1


def test_the_program_may_register_the_first_people() -> None:
    assert codes(a_bus(), RegisterPerson(person=ANA), SYSTEM) == ()


def test_a_key_opens_until_it_is_revoked_and_its_secret_is_stored_nowhere() -> None:
    bus, text = a_bus(ANA), api_key.key_text("demo", SECRET)
    issue = IssueApiKey(id="demo", digest=api_key.digest_of(text), person="ana.ruiz")

    assert codes(bus, issue) == ()

    key = bus.get(ApiKey, api_key.key_id(text))
    assert (key.person, key.created_at, key.state) == ("ana.ruiz", AT, "active")
    assert api_key.admits(key, text)
    assert not api_key.admits(key, text + "x")
    assert SECRET not in repr(bus.events())
    assert codes(bus, RevokeApiKey(id="demo")) == ()
    assert not api_key.admits(bus.get(ApiKey, "demo"), text)
    assert codes(bus, RevokeApiKey(id="demo")) == ("ALREADY_REVOKED",)


def test_keys_are_for_people_who_are_there() -> None:
    bus = a_bus(ANA)
    digest = api_key.digest_of("x")
    codes(bus, DeactivatePerson(person="ana.ruiz"))

    assert codes(bus, IssueApiKey(id="demo", digest=digest, person="nobody")) == ("NOT_FOUND",)
    assert codes(bus, IssueApiKey(id="demo", digest=digest, person="ana.ruiz")) == ("INACTIVE",)
    assert codes(bus, RevokeApiKey(id="demo")) == ("NOT_FOUND",)


def test_a_key_id_is_used_once_and_a_digest_is_a_digest() -> None:
    bus = a_bus(ANA)
    digest = api_key.digest_of("x")

    assert codes(bus, IssueApiKey(id="demo", digest=digest, person="ana.ruiz")) == ()
    again = IssueApiKey(id="demo", digest=digest, person="ana.ruiz")
    assert codes(bus, again) == ("KEY_EXISTS",)
    secret = IssueApiKey(id="dem2", digest=SECRET, person="ana.ruiz")
    assert codes(bus, secret) == ("KEY_DIGEST",)
    assert codes(bus, IssueApiKey(id="D", digest=digest, person="ana.ruiz")) == ("KEY_ID",)


@pytest.mark.parametrize("text", ["", "demo_secret", "mk_demo_" + "s" * 19, "mk_d_x" + SECRET])
def test_a_text_that_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(KeyTextError) as told:
        api_key.key_id(text)

    assert not text or text not in str(told.value)


def test_a_key_needs_a_long_secret() -> None:
    assert api_key.key_text("demo", SECRET) == f"mk_demo_{SECRET}"
    with pytest.raises(KeyTextError):
        api_key.key_text("demo", SECRET[1:])
