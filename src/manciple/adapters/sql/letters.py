"""Effects for people: lists by what waits, died or was done, attempts, and the last day's traffic.

Lists never read payloads; each is an index range, walked by cursor.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, reading
from manciple.kernel.errors import refuse
from manciple.runtime.codec import decode
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectEntry, EffectState, Lane
from manciple.runtime.letters import (
    HOURS,
    MOST_GROUPED,
    Attempt,
    Letter,
    Shown,
    Traffic,
    error_in,
)
from manciple.runtime.queries import Page, Whole
from manciple.runtime.rows import SECOND, micros, moment

_MARK = "\x1f"
_HOUR = 3600 * SECOND
_LETTER = (
    "select key, endpoint, lane, verb, subject, state, attempts, at, due_at, settled_at, result "
    "from effect where "
)
_MOST = 200
_ATTEMPTS: Final = (
    "select attempt, at, said, state, next_at, result, n from attempt "
    "where key = ? and n < ? order by n desc limit ?"
)
_END: Final = 2**63 - 1
"""Behind every place: the largest number that a column holds."""


class SqlLetters:
    """Reads effects for people; see `runtime.letters.Letters`."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def entry(self, key: str) -> EffectEntry | None:
        """Give one effect whole; None when there is none of this key."""
        sql = (
            "select key, endpoint, lane, verb, subject, payload, state, due_at, attempts, "
            "correlation, result, at, settled_at from effect where key = ?"
        )
        with reading(self._engine) as session:
            row = session.one(sql, (key,))
        if row is None:
            return None
        return EffectEntry(
            key=row[0],
            endpoint=row[1],
            lane=Lane(row[2]),
            verb=row[3],
            subject=Ref.parse(row[4]),
            payload=bytes(row[5]),
            state=EffectState(row[6]),
            due_at=moment(row[7]),
            attempts=row[8],
            correlation=row[9],
            result=decode(row[10], dict[str, Any]) if row[10] else {},
            asked_at=moment(row[11]),
            settled_at=moment(row[12]) if row[12] is not None else None,
        )

    def attempts(self, key: str, *, newest: int, before: int | None = None) -> tuple[Attempt, ...]:
        """Give what became of the newest attempts of an effect, the first first."""
        with reading(self._engine) as session:
            rows = session.rows(_ATTEMPTS, (key, _END if before is None else before, newest))
        return tuple(
            Attempt(
                number=row[0],
                at=moment(row[1]),
                said=row[2],
                detail=decode(row[5], dict[str, Any]),
                next_at=moment(row[4]) if row[3] in {"due", "accepted"} else None,
                place=row[6],
            )
            for row in reversed(rows)
        )

    def page(
        self, shown: Shown, *, endpoint: str | None = None, after: str | None = None, limit: int
    ) -> Page[Letter]:
        """Give effects: those that wait by when they are due, the others newest first."""
        most = max(1, min(limit, _MOST))
        is_waiting = shown is Shown.WAITING
        column, order, sign = ("due_at", "", ">") if is_waiting else ("settled_at", " desc", "<")
        parts = ["state in ('due', 'accepted')" if is_waiting else "state = ?"]
        values: list[object] = [] if is_waiting else [shown.value]
        if endpoint:
            parts.append("endpoint = ?")
            values.append(endpoint)
        if after is not None:
            parts.append(f"({column}, key) {sign} (?, ?)")
            values += _cursor(after)
        where = " and ".join(parts)
        sql = f"{_LETTER}{where} order by {column}{order}, key{order} limit ?"
        with reading(self._engine) as session:
            rows = session.rows(sql, [*values, most + 1])
        place = 8 if is_waiting else 9
        last = rows[most - 1] if len(rows) > most else None
        return Page(
            rows=tuple(map(_letter, rows[:most])),
            after=f"{last[place]}{_MARK}{last[0]}" if last else None,
        )

    def dead(self, *, endpoint: str | None = None, most: int = MOST_GROUPED) -> Whole[Letter]:
        """Give the newest dead letters, and how many more there are."""
        where, values = "state = 'dead'", list[object]()
        if endpoint:
            where, values = f"{where} and endpoint = ?", [endpoint]
        sql = f"{_LETTER}{where} order by settled_at desc, key desc limit ?"
        with reading(self._engine) as session:
            rows = session.rows(sql, [*values, most])
            count = len(rows)
            if count == most:
                counted = session.one(f"select count(*) from effect where {where}", values)  # noqa: S608  our own words; values are bound
                count = int(counted[0]) if counted else count
        return Whole(rows=tuple(map(_letter, rows)), left_out=count - len(rows))

    def traffic(self, now: datetime) -> Mapping[str, Traffic]:
        """Give the last day's traffic by endpoint."""
        start = micros(now - timedelta(hours=HOURS))
        with reading(self._engine) as session:
            ended = session.rows(
                "select endpoint, state, (settled_at - ?) / ?, count(*) from effect "
                "where state in ('done', 'rejected', 'dead') and settled_at > ? "
                "group by 1, 2, 3",
                (start, _HOUR, start),
            )
            failed = session.rows(
                "select e.endpoint, count(*) from attempt a join effect e on e.key = a.key "
                "where a.at > ? and a.said in ('unknown', 'rejected', 'untold') "
                "group by e.endpoint",
                (start,),
            )
        hours: dict[str, list[int]] = {}
        done: dict[str, int] = {}
        wrong = {endpoint: int(count) for endpoint, count in failed}
        for endpoint, state, hour, count in ended:
            slots = hours.setdefault(endpoint, [0] * HOURS)
            slots[min(HOURS - 1, max(0, int(hour)))] += int(count)
            if state == EffectState.DONE.value:
                done[endpoint] = done.get(endpoint, 0) + int(count)
        return {
            endpoint: Traffic(
                settled=tuple(hours.get(endpoint, [0] * HOURS)),
                done=done.get(endpoint, 0),
                failed=wrong.get(endpoint, 0),
            )
            for endpoint in sorted({*hours, *wrong})
        }


_DIGITS = 18
"""Digits of a number that every 64-bit column holds."""


def _cursor(after: str) -> list[object]:
    at, _, key = after.partition(_MARK)
    if not at.isascii() or not at.isdecimal() or not key or len(at) > _DIGITS:
        raise refuse(
            "BAD_CURSOR", "this cursor is none of ours", field="after",
            fix="Send the 'after' of the page before, or leave it out.",
        )  # fmt: skip
    return [int(at), key]


def _letter(row: Row) -> Letter:
    is_settled = row[9] is not None
    return Letter(
        key=row[0],
        endpoint=row[1],
        lane=row[2],
        verb=row[3],
        subject=row[4],
        state=row[5],
        attempts=row[6],
        asked_at=moment(row[7]),
        next_at=None if is_settled else moment(row[8]),
        settled_at=moment(row[9]) if is_settled else None,
        error=error_in(decode(row[10], dict[str, Any])) if row[10] else "",
    )
