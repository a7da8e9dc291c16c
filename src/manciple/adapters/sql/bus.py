"""The bus over a database: commands as transactions, tried again when they lose a race.

bus = SqlStore(open_engine(url), registry, records=[RecordTable.of("posting", Posting)])
bus.apply([command])                            a defect is raised, a refusal is a reply
bus.attempt(commands, settle=..., fired=...)    a defect is told in its reply
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from itertools import islice

import sqlalchemy as sa

from manciple.adapters.sql.engine import ConflictError, Session, transaction
from manciple.adapters.sql.reading import Reading
from manciple.adapters.sql.records import RecordTable
from manciple.adapters.sql.signal import Signal
from manciple.adapters.sql.turns import Turns
from manciple.adapters.sql.writing import TRIP, Writing, trip_row
from manciple.kernel.messages import Command
from manciple.kernel.records import dataclass
from manciple.runtime.applying import Otherwise, run
from manciple.runtime.bus import Applied, Registry, Reply
from manciple.runtime.delivery import Claim, Settlement, Take, Trip
from manciple.runtime.documents import Ref
from manciple.runtime.draft import Decoded, DoubleEffectError, Wanted
from manciple.runtime.effects import Lane
from manciple.runtime.work import LeaseLostError, LostRaceError, StoreError

TRIES = 5
"""How often a transaction that lost a race is tried."""
DECODED = 20_000
"""Documents kept decoded."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What the bus has done since it was opened; for metrics and for benchmarks.

    Attributes:
        commits: transactions committed; ``commands`` were applied in them.
        races: transactions that were undone and tried again.
        splits: batches that were applied one by one because one of theirs broke the batch.
    """

    commits: int = 0
    commands: int = 0
    races: int = 0
    splits: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one transaction is asked for."""

    commands: Sequence[Command]
    settle: Sequence[Settlement] = ()
    fired: Mapping[str, str] = field(default_factory=dict)
    otherwise: Otherwise | None = None
    reads: Sequence[Ref] = ()
    takes: Sequence[Take] = ()
    trips: Sequence[Trip] = ()

    @property
    def weight(self) -> int:
        """How much is written by it, more or less."""
        return len(self.commands) + len(self.settle) + len(self.takes)


def _by_lane(each: Trip | Take) -> tuple[str, str, bool]:
    return each.endpoint, each.lane.value, isinstance(each, Take)


def _merged(asked: Sequence[_Asked]) -> _Asked:
    """Put together what one transaction may do at once, in its order."""
    otherwise = {
        command.key: each.otherwise
        for each in asked
        if each.otherwise is not None
        for command in each.commands
    }

    def instead(command: Command, reply: Reply) -> Command | None:
        told = otherwise.get(command.key)
        return None if told is None else told(command, reply)

    return _Asked(
        commands=[command for each in asked for command in each.commands],
        settle=[row for each in asked for row in each.settle],
        fired={key: timer for each in asked for key, timer in each.fired.items()},
        otherwise=instead if otherwise else None,
        reads=[ref for each in asked for ref in each.reads],
        takes=[take for each in asked for take in each.takes],
        trips=[trip for each in asked for trip in each.trips],
    )


class SqlBus(ABC):
    """Applies commands to a database; ``SqlStore`` is the whole of it.

    Safe to share between threads and processes.
    """

    def __init__(
        self, engine: sa.Engine, registry: Registry, *, records: Iterable[RecordTable] = ()
    ) -> None:
        """Serve a migrated database."""
        self.engine, self.registry = engine, registry
        self.is_postgres = engine.dialect.name == "postgresql"
        self.counts = Counts()
        self.signal = Signal(engine)
        self._tables = {each.kind: each for each in records}
        self.decoded = Decoded(DECODED)
        self._lanes: set[tuple[str, str]] = set()
        self._counting = threading.Lock()
        self._turns: Turns[_Asked, Applied] = Turns(
            self._together, self._alone, weight=lambda asked: asked.weight
        )

    def apply(self, commands: Sequence[Command]) -> Applied:
        """Apply the commands in order in one transaction; each succeeds or is refused alone."""
        applied = self.attempt(commands)
        for reply in applied.replies:
            if reply.defect is not None:
                raise reply.defect
        return applied

    def attempt(
        self,
        commands: Sequence[Command],
        *,
        settle: Sequence[Settlement] = (),
        fired: Mapping[str, str] | None = None,
        otherwise: Otherwise | None = None,
        reads: Sequence[Ref] = (),
        take: Take | None = None,
        trip: Trip | None = None,
    ) -> Applied:
        """Apply the commands in one transaction; a defect is told in its reply.

        A race for a row is run again from the load. A batch that can't be committed as one is
        applied one by one, unless it settles effects or fires timers: its caller splits those.
        """
        if not commands and not settle:
            return Applied(replies=())
        takes, trips = () if take is None else (take,), () if trip is None else (trip,)
        return self._turns.take(
            _Asked(commands, settle, fired or {}, otherwise, reads, takes, trips)
        )

    def _claims(self, take: Take) -> Claim:
        """Claim, in one commit with what others wait for."""
        self._turns.take(_Asked((), takes=(take,)))
        assert take.claim is not None
        return take.claim

    def _together(self, asked: Sequence[_Asked]) -> Sequence[Applied]:
        """Do what several threads wait for in one transaction.

        Each is told all lanes that got work: to wake one twice is cheap, not to wake it is not.
        """
        applied = self._tried(_merged(asked))
        replies = iter(applied.replies)
        return [
            Applied(replies=tuple(islice(replies, len(each.commands))), lanes=applied.lanes)
            for each in asked
        ]

    def _alone(self, asked: _Asked) -> Applied:
        try:
            return self._tried(asked)
        except (LostRaceError, StoreError):
            raise
        except Exception as problem:
            commands = asked.commands
            if len(commands) <= 1 or asked.settle or asked.fired:
                raise
            self._count(splits=1)
            _log.exception("a batch of %d is applied one by one: %s", len(commands), problem)
            return self._one_by_one(commands, asked.otherwise)

    def _tried(self, asked: "_Asked") -> Applied:
        wanted = Wanted()
        for attempt in range(1, TRIES + 1):
            try:
                return self._commit(asked, wanted)
            except (LostRaceError, ConflictError) as problem:
                self._count(races=1)
                wanted.may_guess = False
                is_over = isinstance(problem, LeaseLostError)
                if attempt == TRIES or is_over:
                    if isinstance(problem, ConflictError):
                        raise DoubleEffectError(str(problem)) from problem
                    raise
                _log.info("tried again after a race: %s", problem)
        raise AssertionError("unreachable")

    def _commit(self, asked: "_Asked", wanted: Wanted) -> Applied:
        with transaction(self.engine) as session:
            result = run(
                self.registry,
                Reading(session, self._tables),
                asked.commands,
                decoded=self.decoded,
                fired=asked.fired,
                otherwise=asked.otherwise,
                wanted=wanted,
                reads=asked.reads,
            )
            gone = [timer for key, timer in asked.fired.items() if key not in result.broken]
            lanes = {(row.endpoint, row.lane) for row in result.writes.effects} - self._lanes
            Writing(session, self._tables).keep(
                result.writes, gone, asked.settle, lanes=sorted(lanes)
            )
            claims = self._at_lanes(session, asked)
        for take, claim, _ in claims:
            take.claim = claim
        for text, (version, head, document) in result.documents.items():
            self.decoded.keep(text, version, head, document)
        self._lanes |= lanes
        if result.writes.events:
            self.signal.tell()
        if asked.commands or asked.settle or any(has_written for *_, has_written in claims):
            self._count(commits=1, commands=len(asked.commands))
        return result.applied

    def _at_lanes(self, session: Session, asked: _Asked) -> list[tuple[Take, Claim, bool]]:
        """Write what breakers say, and claim, lane by lane in their order.

        It comes last, and a lane's row is the last that is waited for: in any other order two
        workers, each with a lane that the other wants, would wait for one another.
        """
        claims: list[tuple[Take, Claim, bool]] = []
        last: list[Trip | Take] = [*asked.trips, *asked.takes]
        for each in sorted(last, key=_by_lane):
            if isinstance(each, Trip):
                session.write(TRIP, trip_row(each))
            else:
                claims.append((each, *self._claimed(session, each)))
        return claims

    @abstractmethod
    def _claimed(self, session: Session, take: Take) -> tuple[Claim, bool]:
        """Claim within a transaction; gives the claim, and whether anything was written."""

    def _one_by_one(self, commands: Sequence[Command], otherwise: Otherwise | None) -> Applied:
        replies: list[Reply] = []
        lanes = set[tuple[str, Lane]]()
        for command in commands:
            try:
                applied = self._tried(_Asked([command], otherwise=otherwise))
            except Exception as problem:  # noqa: BLE001  belongs to the caller of this command
                replies.append(Reply(key=command.key, defect=problem))
                continue
            replies += applied.replies
            lanes |= applied.lanes
        return Applied(replies=tuple(replies), lanes=frozenset(lanes))

    def _count(
        self, *, commits: int = 0, commands: int = 0, races: int = 0, splits: int = 0
    ) -> None:
        with self._counting:
            self.counts.commits += commits
            self.counts.commands += commands
            self.counts.races += races
            self.counts.splits += splits
