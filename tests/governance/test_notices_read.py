"""The newest things of which somebody was told, however many notices there are of each."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from manciple.adapters.sql.engine import open_engine, transaction
from manciple.adapters.sql.notices import SqlNotices
from manciple.runtime.rows import micros

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize("things", [3, 40, 400])
def test_the_newest_things_are_those_of_all_notices(database_url: str, things: int) -> None:
    chance = random.Random(things)
    engine = open_engine(database_url)
    told = [
        (
            chance.choice(("anna", "role:buyer", "role:planner", "ben")),
            f"case/{chance.randrange(things)}",
            chance.choice(("", "ATL", "DFW")),
            NOW + timedelta(minutes=n - 300),
        )
        for n in range(400)
    ]
    with transaction(engine) as session:
        session.write_all(
            "insert into notice (owner, subject, kind, title, path, site, at) "
            "values (?, ?, 'opened', 'what happened', '/', ?, ?)",
            [(owner, subject, site, micros(at)) for owner, subject, site, at in told],
        )
    found = SqlNotices(engine).latest(
        "anna", roles=("buyer", "planner"), sites=("ATL",),
        since=NOW - timedelta(minutes=250), limit=6,
    )  # fmt: skip
    engine.dispose()

    mine = [
        (subject, at)
        for owner, subject, site, at in told
        if owner != "ben" and site != "DFW" and at >= NOW - timedelta(minutes=250)
    ]
    last = dict(mine)
    newest = sorted(last, key=lambda each: last[each], reverse=True)[:6]
    assert [(row.subject, row.at) for row in found] == [(each, last[each]) for each in newest]
    assert [row.times for row in found] == [
        sum(subject == each for subject, _ in mine) for each in newest
    ]
