"""All benchmarks, or those that are named: what `make bench` runs.

    python -m bench [x12] [runtime] [cycles] [growth] [web] [--short]

Gives 0 when every part ran. A figure below its floor is printed as such and is no error: it may
be the machine's fault.
"""

import argparse
import subprocess
import sys
import time

PARTS = {
    "x12": (["bench.x12"], ["bench.x12"]),
    "runtime": (["bench.runtime"], ["bench.runtime", "sqlite", "--cycles", "60"]),
    "cycles": (["bench.cycles"], ["bench.cycles", "--short"]),
    "growth": (["bench.growth"], ["bench.growth", "--orders", "2000", "--cycles", "48"]),
    "web": (["bench.web"], ["bench.web", "--orders", "1000", "--exceptions", "500"]),
}
"""Each part's module with its arguments: whole, and short. The X12 part has one length."""


def main() -> int:
    """Run the parts one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--short", action="store_true", help="fewer cycles, fewer variants")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(PARTS))
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(PARTS)}")
    failed = []
    for name in asked.names or PARTS:
        start = time.perf_counter()
        print(f"== {name}", flush=True)
        whole, short = PARTS[name]
        command = [sys.executable, "-W", "ignore", "-m", *(short if asked.short else whole)]
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(name)
        print(f"== {name}: {time.perf_counter() - start:.0f} s\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
