"""A link opens one thing to its bearer, for a while; nothing in it can be changed."""

import base64
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.adapters.link_keys import KeyRing
from manciple.governance import link as links
from manciple.governance.link import (
    Claims,
    Keys,
    Link,
    LinkKeyError,
    LinkState,
    Purpose,
    Standing,
    read,
    standing,
    token,
)
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Actor, Role
from manciple.runtime.documents import Ref

KEYS = Keys({"k1": b"a" * 32})
ENDS = datetime(2026, 3, 9, 15, tzinfo=UTC)
CLAIMS = Claims(
    link="LNK-1",
    serial=1,
    purpose=Purpose.ORDER,
    subject=Ref("purchase-order", "PO-1"),
    part=2,
    bearer="ADLER",
    expires_at=ENDS,
)
LINK = Link(
    id="LNK-1",
    purpose=Purpose.ORDER,
    subject=CLAIMS.subject,
    part=2,
    bearer="ADLER",
    issued_at=ENDS - timedelta(days=7),
    expires_at=ENDS,
    supplier="ADLER",
)
BEN = Actor(id="ben", roles=(Role.BUYER,))


def test_a_token_says_what_was_signed() -> None:
    assert read(token(CLAIMS, KEYS), KEYS, Purpose.ORDER) == CLAIMS


def test_a_link_for_one_thing_opens_nothing_else() -> None:
    assert read(token(CLAIMS, KEYS), KEYS, Purpose.APPROVAL) is None


def test_the_signature_is_hmac_sha256_over_key_id_and_claims() -> None:
    body, _, mark = token(CLAIMS, KEYS).rpartition(".")

    assert body.startswith("k1.")
    assert len(base64.urlsafe_b64decode(mark + "=")) == 32
    assert token(CLAIMS, Keys({"k1": b"b" * 32})).rpartition(".")[0] == body


@given(st.data())
def test_no_letter_of_a_token_can_be_changed(data: st.DataObject) -> None:
    text = token(CLAIMS, KEYS)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AQgw059_-.k=%").filter(lambda x: x != text[place]))

    assert read(text[:place] + other + text[place + 1 :], KEYS, Purpose.ORDER) is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "k1", "k1.e30", "k2.e30.AAAA", "k1..", "\N{SNOWMAN}", "A" * 5000]
)
def test_what_is_no_token_opens_nothing(text: str) -> None:
    assert read(text, KEYS, Purpose.ORDER) is None


@pytest.mark.parametrize(
    "claims",
    [
        replace(CLAIMS, subject=Ref("purchase-order", "PO-2")),
        replace(CLAIMS, bearer="BLUE"),
        replace(CLAIMS, part=3),
        replace(CLAIMS, expires_at=ENDS + timedelta(seconds=1)),
        replace(CLAIMS, serial=2),
    ],
)
def test_the_claims_of_one_link_do_not_go_with_the_signature_of_another(claims: Claims) -> None:
    body, mark = token(claims, KEYS).rpartition(".")[0], token(CLAIMS, KEYS).rpartition(".")[2]

    assert read(f"{body}.{mark}", KEYS, Purpose.ORDER) is None


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (ENDS - timedelta(microseconds=1), Standing.GOOD),
        (ENDS, Standing.EXPIRED),
        (ENDS + timedelta(days=400), Standing.EXPIRED),
    ],
)
def test_it_holds_until_its_end_and_not_at_it(at: datetime, found: Standing) -> None:
    assert standing(CLAIMS, LINK, at) is found


def test_what_nobody_gave_opens_nothing() -> None:
    assert standing(CLAIMS, None, ENDS - timedelta(days=1)) is Standing.UNKNOWN


def test_what_is_used_or_withdrawn_says_so_and_a_new_link_leaves_the_old_one_dead() -> None:
    at = ENDS - timedelta(days=1)
    used = links.close(LINK, "approved")
    gone = links.withdraw(LINK, by=BEN, reason="wrong address")
    again = links.issue(gone, LINK)

    assert standing(CLAIMS, used, at) is Standing.USED
    assert standing(CLAIMS, gone, at) is Standing.WITHDRAWN
    assert again.state is LinkState.OPEN
    assert standing(CLAIMS, again, at) is Standing.WITHDRAWN
    assert standing(again.claims, again, at) is Standing.GOOD


def test_a_link_given_again_leaves_the_first_one_good() -> None:
    again = links.issue(LINK, LINK)

    assert again.serial == 2
    assert standing(CLAIMS, again, ENDS - timedelta(days=1)) is Standing.GOOD


def test_a_link_is_withdrawn_once_and_for_a_reason() -> None:
    with pytest.raises(Refused, match="REASON_WANTED"):
        links.withdraw(LINK, by=BEN, reason=" ")
    with pytest.raises(Refused, match="WRONG_STATE"):
        links.withdraw(links.close(LINK, "done"), by=BEN, reason="late")


def test_a_new_key_signs_and_the_old_one_still_proves() -> None:
    before = token(CLAIMS, KEYS)
    both = KEYS.with_new("k2", b"b" * 32)

    assert token(CLAIMS, both).startswith("k2.")
    assert read(before, both, Purpose.ORDER) == CLAIMS
    assert read(token(CLAIMS, both), KEYS, Purpose.ORDER) is None


@pytest.mark.parametrize("text", ["", "k1:00", "K1:" + "00" * 32, "k1", "k1:xyz"])
def test_keys_that_prove_nothing_are_refused(text: str) -> None:
    with pytest.raises(LinkKeyError) as refused:
        Keys.parse(text)

    assert "00" * 8 not in str(refused.value)


def test_a_key_of_32_bytes_is_enough_and_of_31_is_not() -> None:
    assert Keys.parse("k1:" + "00" * 32).signs == "k1"
    with pytest.raises(LinkKeyError, match="shorter"):
        Keys.parse("k1:" + "00" * 31)


def test_a_home_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = KeyRing(tmp_path).keys()

    assert stat.S_IMODE((tmp_path / "link.keys").stat().st_mode) == 0o600
    assert KeyRing(tmp_path).keys() == first
    assert [path.name for path in tmp_path.iterdir()] == ["link.keys"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    KeyRing(tmp_path).keys()
    (tmp_path / "link.keys").chmod(0o640)

    with pytest.raises(LinkKeyError, match="can be read by others"):
        KeyRing(tmp_path).keys()


def test_a_key_is_rotated_under_a_running_program(tmp_path: Path) -> None:
    running, other = KeyRing(tmp_path), KeyRing(tmp_path)
    before = token(CLAIMS, running.keys())

    assert other.rotate() == "k2"
    assert running.keys().signs == "k2"
    assert read(before, running.keys(), Purpose.ORDER) == CLAIMS
    assert stat.S_IMODE((tmp_path / "link.keys").stat().st_mode) == 0o600


def test_keys_of_the_settings_win_and_are_rotated_there(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, told="b:" + "11" * 32 + ",a:" + "22" * 32)

    assert ring.keys().signs == "b"
    assert not list(tmp_path.iterdir())
    with pytest.raises(LinkKeyError, match="MANCIPLE_LINK_KEYS"):
        ring.rotate()
