"""Accounts: five wrong passwords lock for a quarter of an hour; a session ends four ways."""

from datetime import UTC, datetime, timedelta

import pytest

from manciple.adapters.memory import MemoryBus
from manciple.adapters.passwords import Passwords
from manciple.governance import handlers
from manciple.governance.account import (
    Account,
    AccountLocked,
    EndSession,
    NoteWrongPassword,
    Session,
    SetPassword,
    StartSession,
    check_password,
)
from manciple.governance.people import DeactivatePerson, Person, RegisterPerson
from manciple.kernel.errors import Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.runtime.bus import Registry

AT = datetime(2026, 7, 6, 8, tzinfo=UTC)
ADMIN = Actor(id="root", roles=(Role.ADMIN,))
ANA = Actor(id="ana", roles=(Role.BUYER,))
BEN = Actor(id="ben", roles=(Role.BUYER,))
PASSWORDS = Passwords()
DIGEST = PASSWORDS.digest("four quiet copper geese")
TOKEN = "a" * 64


class Desk:
    """A register with one person who has an account."""

    def __init__(self) -> None:
        self.bus = MemoryBus(Registry.of(handlers.handles()))
        person = Person(id="ana", name="Ana", email="a@example.com", roles=(Role.BUYER,))
        assert self.ask(RegisterPerson(person=person), ADMIN) == ()
        assert self.ask(SetPassword(person="ana", digest=DIGEST), ADMIN) == ()

    def ask(self, act: object, actor: Actor = SYSTEM, at: datetime = AT) -> tuple[str, ...]:
        key = f"k{len(self.bus.events())}:{at}:{act}:{actor.id}"
        reply = self.bus.apply([Command(key=key, act=act, actor=actor, at=at)]).replies[0]
        return tuple(reason.code for reason in reply.refusals)

    def holds(self, at: datetime) -> bool:
        return self.bus.get(Session, TOKEN).holds(self.bus.get(Account, "ana"), at)


def test_the_right_password_is_known_by_its_digest_alone() -> None:
    assert "geese" not in DIGEST
    assert PASSWORDS.is_right("four quiet copper geese", DIGEST)
    assert not PASSWORDS.is_right("four quiet copper geess", DIGEST)
    assert not PASSWORDS.is_right("four quiet copper geese", None)
    assert not PASSWORDS.is_right("four quiet copper geese", "no digest")


def test_a_seed_gives_the_same_digest_again_and_none_another() -> None:
    first, again = (PASSWORDS.digest("four quiet copper geese", seed="s") for _ in range(2))

    assert first == again != DIGEST


def test_the_fifth_wrong_password_locks_and_a_quarter_of_an_hour_opens() -> None:
    desk = Desk()
    for _ in range(4):
        desk.ask(NoteWrongPassword(person="ana"))
    assert not desk.bus.get(Account, "ana").is_locked(AT)

    desk.ask(NoteWrongPassword(person="ana"))

    account = desk.bus.get(Account, "ana")
    end = AT + timedelta(minutes=15)
    assert account.is_locked(end - timedelta(microseconds=1))
    assert not account.is_locked(end)
    assert len(desk.bus.happened(AccountLocked)) == 1
    start = StartSession(person="ana", digest=TOKEN)
    assert desk.ask(start, at=end - timedelta(seconds=1)) == ("ACCOUNT_LOCKED",)
    assert desk.ask(start, at=end) == ()
    assert desk.bus.get(Account, "ana").failures == 0


def test_a_right_password_between_forgets_the_wrong_ones() -> None:
    desk = Desk()
    for round_ in range(3):
        for n in range(4):
            desk.ask(NoteWrongPassword(person="ana"), at=AT + timedelta(seconds=round_ * 10 + n))
        digest = f"{round_}" * 64
        assert desk.ask(StartSession(person="ana", digest=digest)) == ()

    assert not desk.bus.happened(AccountLocked)


@pytest.mark.parametrize("hours", [1, 12, 720])
def test_a_session_holds_until_its_end_and_not_at_it(hours: int) -> None:
    desk = Desk()
    assert desk.ask(StartSession(person="ana", digest=TOKEN, hours=hours)) == ()

    end = AT + timedelta(hours=hours)
    assert desk.holds(AT)
    assert desk.holds(end - timedelta(microseconds=1))
    assert not desk.holds(end)
    assert not desk.holds(AT - timedelta(microseconds=1))


@pytest.mark.parametrize("hours", [0, 721, -1])
def test_a_session_of_no_length_or_for_ever_is_refused(hours: int) -> None:
    assert Desk().ask(StartSession(person="ana", digest=TOKEN, hours=hours)) == ("SESSION_HOURS",)


def test_signing_out_a_new_password_and_leaving_end_a_session() -> None:
    later = AT + timedelta(minutes=1)
    out, changed, gone = Desk(), Desk(), Desk()
    for desk in (out, changed, gone):
        assert desk.ask(StartSession(person="ana", digest=TOKEN)) == ()

    out.ask(EndSession(digest=TOKEN))
    changed.ask(SetPassword(person="ana", digest=DIGEST), ANA, at=later)
    gone.ask(DeactivatePerson(person="ana"), ADMIN)

    assert not out.holds(later)
    assert not changed.holds(later)
    assert gone.ask(StartSession(person="ana", digest="b" * 64)) == ("INACTIVE",)


def test_a_password_is_set_by_its_owner_or_an_administrator_and_nobody_else() -> None:
    desk = Desk()

    assert desk.ask(SetPassword(person="ana", digest=DIGEST), BEN) == ("NOT_YOUR_ACCOUNT",)
    assert desk.ask(SetPassword(person="ana", digest="plain text"), ANA) == ("PASSWORD_DIGEST",)
    assert desk.ask(SetPassword(person="nobody", digest=DIGEST), ADMIN) == ("NOT_FOUND",)
    assert desk.ask(SetPassword(person="ana", digest=DIGEST), ANA) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [("elevenchars", "PASSWORD_LENGTH"), ("x" * 201, "PASSWORD_LENGTH"),
     ("aaaaabbbbbcc", "PASSWORD_GUESSABLE"), ("i am ana of SEA", "PASSWORD_GUESSABLE")],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_password(text, person="ana")

    assert refused.value.reasons[0].code == code


@pytest.mark.parametrize("text", ["twelve chars", "x1y2z3" * 33, "four quiet copper geese"])
def test_any_other_password_is_taken(text: str) -> None:
    check_password(text, person="ana")
