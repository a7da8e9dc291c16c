"""A process that writes technical answers to one partner until it has written enough, or dies.

    python -m tests.exchange.number_taker HOME DATABASE_URL NAME COUNT

Every third answer can't be written: its command takes a control number and is refused after that.
Each command that was answered is printed, so that who reads along knows what was acknowledged.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from manciple.exchange import interchange as ix
from manciple.formats.x12.write import Address, OutgoingInterchange
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import START, opened

TOO_LONG = "AN-ADDRESS-THAT-NO-ISA-HOLDS"


def answer(receiver: str) -> ix.Answer:
    """Write a TA1 for a receiver."""
    return ix.Answer(
        kind="TA1",
        unnumbered=OutgoingInterchange(
            sender=Address(qualifier="ZZ", identifier="MANCIPLE"),
            receiver=Address(qualifier="ZZ", identifier=receiver),
            control_number=0,
            at=datetime(2026, 3, 2, tzinfo=UTC),
            answers=(("TA1", "000000001", "260302", "1500", "A", "000"),),
        ),
    )


def work(home: Path, url: str, name: str, count: int) -> None:
    """Keep a file and answer it, so often."""
    home.mkdir(parents=True, exist_ok=True)
    house = opened(home, url)
    try:
        for n in range(count):
            kept = f"{name}-{n}"
            receive = ix.ReceiveInterchange(data=kept.encode(), channel="test", partner="BLUE")
            (came,) = house.app.store.apply(
                [Command(key=f"in-{kept}", act=receive, actor=SYSTEM, at=START)]
            ).replies
            assert came.subject is not None
            refused = n % 3 == 2
            act = ix.RecordReading(
                interchange=came.subject.id,
                partner="BLUE",
                control=None,
                messages=(),
                findings=(),
                answers=(answer(TOO_LONG if refused else "BLUEVALVE"),),
                is_readable=True,
            )
            (reply,) = house.app.store.apply(
                [Command(key=f"read-{kept}", act=act, actor=SYSTEM, at=START)]
            ).replies
            assert reply.is_done is not refused, reply.refusals
            print(kept, flush=True)  # noqa: T201
    finally:
        house.close()


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
