"""When a letter arrives, when a digest is due, and who hears of one thing twice."""

from datetime import UTC, datetime, time, timedelta

import pytest

from manciple.governance.notice import (
    AGAIN,
    NoticeKind,
    NoticeMail,
    Notifying,
    arrives_at,
    check,
    is_told_again,
    next_digest,
)
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Actor, Role

ANNA = Actor(id="anna", roles=(Role.APPROVER,))
NIGHT = Notifying(
    id="anna", quiet_from=time(22), quiet_to=time(6), zone="America/New_York", digest_at=time(7)
)
"""New York is five hours behind UTC in the first week of March 2026, four from the 8th on."""


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "arrives"),
    [
        (utc(3, 2, 59), utc(3, 2, 59)),
        (utc(3, 3), utc(3, 11)),
        (utc(3, 10, 59), utc(3, 11)),
        (utc(3, 11), utc(3, 11)),
        (utc(3, 18), utc(3, 18)),
        (utc(8, 4), utc(8, 10)),
    ],
)
def test_quiet_hours_over_midnight_in_the_persons_zone_both_sides(
    at: datetime, arrives: datetime
) -> None:
    """Quiet from 22:00 until 06:00; on 8 March the clocks go forward and six is an hour sooner."""
    assert arrives_at(NIGHT, at) == arrives


def test_quiet_hours_within_a_day() -> None:
    noon = Notifying(id="anna", quiet_from=time(12), quiet_to=time(13))

    assert arrives_at(noon, utc(3, 11, 59)) == utc(3, 11, 59)
    assert arrives_at(noon, utc(3, 12)) == utc(3, 13)
    assert arrives_at(noon, utc(3, 13)) == utc(3, 13)


def test_without_quiet_hours_a_letter_arrives_at_once() -> None:
    assert arrives_at(Notifying(id="anna"), utc(3, 3)) == utc(3, 3)


def test_a_digest_is_due_at_the_next_time_and_never_now() -> None:
    assert next_digest(NIGHT, utc(3, 11, 59)) == utc(3, 12)
    assert next_digest(NIGHT, utc(3, 12)) == utc(4, 12)


def test_a_digest_waits_for_the_end_of_quiet_hours() -> None:
    late = Notifying(id="a", quiet_from=time(22), quiet_to=time(8), digest_at=time(7))

    assert next_digest(late, utc(3, 1)) == utc(3, 8)


def mailed(kind: NoticeKind, at: datetime) -> tuple[NoticeMail, ...]:
    return (NoticeMail(subject="case/C", kind=kind, title="t", path="/", at=at, effect="k"),)


@pytest.mark.parametrize(
    ("since", "kind", "told"),
    [
        (timedelta(0), NoticeKind.OPENED, False),
        (AGAIN - timedelta(microseconds=1), NoticeKind.OPENED, False),
        (AGAIN, NoticeKind.OPENED, True),
        (timedelta(minutes=1), NoticeKind.ESCALATED, True),
    ],
)
def test_of_one_thing_somebody_hears_once_in_four_hours_or_when_it_escalates(
    since: timedelta, kind: NoticeKind, *, told: bool
) -> None:
    before = mailed(NoticeKind.OPENED, utc(3, 3))

    assert is_told_again(before, kind, utc(3, 3) + since) is told
    assert is_told_again((), kind, utc(3, 3))


def test_a_second_escalation_is_no_news() -> None:
    before = mailed(NoticeKind.ESCALATED, utc(3, 3))

    assert not is_told_again(before, NoticeKind.ESCALATED, utc(3, 4))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Notifying(id="ben"), "NOT_YOURS"),
        (Notifying(id="anna", zone="Mars/Base"), "BAD_ZONE"),
        (Notifying(id="anna", zone="../../etc/passwd"), "BAD_ZONE"),
        (Notifying(id="anna", quiet_from=time(1)), "QUIET_HOURS"),
    ],
)
def test_settings_that_can_not_hold_are_refused(wanted: Notifying, code: str) -> None:
    with pytest.raises(Refused, match=code):
        check(wanted, by=ANNA)
