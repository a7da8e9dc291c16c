"""The raw commit rate: one row, one commit, one connection, through the driver alone.

    python -m bench.raw sqlite:///FILE | postgresql://...

Every other figure of the benchmarks is to be read beside it, from the same run.
"""

import sys
import time

from manciple.adapters.sql.engine import open_engine, transaction


def raw_commits(url: str, *, seconds: float = 1.0, synchronous: str = "FULL") -> float:
    """Give the one-row commits a second that this database makes."""
    engine = open_engine(url, synchronous=synchronous)
    with transaction(engine) as session:
        session.write("create table if not exists bench_raw (a integer, b text)")
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        with transaction(engine) as session:
            session.write("insert into bench_raw values (?, ?)", (count, "x" * 100))
        count += 1
    with transaction(engine) as session:
        session.write("drop table bench_raw")
    engine.dispose()
    return count / spent


if __name__ == "__main__":
    for address in sys.argv[1:]:
        print(f"{raw_commits(address):.0f} commits/s")
