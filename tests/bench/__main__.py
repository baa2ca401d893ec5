"""`make bench`: measures the product against its budgets, beside the assistant alone and the proxies that are here.

python -m tests.bench [--quick] [--json FILE]
python -m tests.bench --soak MINUTES
python -m tests.bench --crowd
python -m tests.bench --open STREAMS
python -m tests.bench --behind TURNS
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from time import monotonic

import msgspec

from .behind import behind
from .crowd import crowd
from .measure import Bench, Plan, Results
from .opened import opened
from .programs import compiled
from .report import beside, lines, table
from .soak import soak

QUIET = 0.15
"""Cores that other processes may use before the run is called noisy."""

NOISY = "That is much: delays and ratios of this run say little, run it again on a quiet machine.\n"


def main() -> int:
    """Measure, print the table, write the JSON; the exit status says whether it ran, never whether it was fast."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="one short repetition of each")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="mixed load instead, and what it leaves behind")
    parser.add_argument(
        "--crowd", action="store_true", help="110 assistants instead: what they cost, and what scraping them does"
    )
    parser.add_argument(
        "--open", type=int, metavar="STREAMS", help="answers in the making instead: what the observer holds of them"
    )
    parser.add_argument(
        "--behind", type=float, metavar="TURNS", help="so many turns a second instead, and the observer stands still for a minute"
    )
    default = Path(tempfile.gettempdir()) / "kpi-proxy-bench.json"
    parser.add_argument("--json", type=Path, default=default, metavar="FILE", help=f"all values (default: {default})")
    arguments = parser.parse_args()
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):
        sys.stderr.write("the benchmark needs Linux with two cores: one for driver and mock, one for the proxy\n")
        return 2
    os.sched_setaffinity(0, {0})
    began = monotonic()
    results = Results()
    plan = Plan.quick() if arguments.quick else Plan.full()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder:
        Path(folder).chmod(0o755)  # nginx drops to another user when root starts it
        if arguments.soak:
            soak(compiled(), Path(folder), arguments.soak)
            return 0
        if arguments.crowd:
            crowd(compiled(), Path(folder))
            return 0
        if arguments.behind:
            behind(compiled(), Path(folder), arguments.behind)
            return 0
        if arguments.open:
            opened(compiled(), Path(folder), arguments.open)
            return 0
        Bench(compiled(), Path(folder), plan, results).run()
    sys.stdout.write(
        f"{table(results)}\n\n{beside(results)}\n\n"
        f"Medians of {plan.repetitions}, {monotonic() - began:.0f} s in all, {platform.machine()}, "
        f"Python {platform.python_version()}; other processes used up to {results.strangers:.2f} cores meanwhile.\n"
        f"{NOISY if results.strangers > QUIET else ''}All values: {arguments.json}\n"
    )
    values = [{"what": what, "peer": peer, "name": name, "values": found} for (what, peer, name), found in results.values.items()]
    document = {"strangers": results.strangers, "lines": list(lines(results)), "values": values}
    arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
