"""``python -m tests.print_campaign``: every fault at every so many bytes, on every kind of printer.

What is proven is written down in docs/printing.md; see `tests.print_ordeal` for what must hold.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter as Counts
from pathlib import Path
from typing import Any

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests.print_ordeal import FAULTS, KINDS, LASTING, ordeal

LONGEST = 1600
BROKEN = 6
"""Exit code when something does not hold, as for every command of the shop."""

Part = tuple[str, str, int, bool]
"""A kind of printer, a fault, how many bytes lie between two places, whether there is a second."""


def run(part: Part) -> dict[str, Any]:
    """One fault at every place, on a till of its own."""
    kind, do, step, has_second = part
    places = range(0, LONGEST, step)
    with (
        tempfile.TemporaryDirectory(prefix="pos-print-") as name,
        open_store(Path(name) / "till.db", synchronous="OFF") as store,
    ):
        upgrade(store)
        made = ordeal(store, kind, has_second=has_second)
        for at in places:
            made.suffer(do, at)
    return {
        "sales": len(places),
        "outcomes": dict(made.outcomes),
        "slowest": made.slowest,
        "found": made.found,
    }


def main() -> int:
    """Run everything, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.print_campaign", description=__doc__)
    parser.add_argument("--step", type=int, default=16, help="bytes between two places")
    parser.add_argument("--jobs", type=int, default=1, help="tills at the same time")
    asked = parser.parse_args()
    parts: list[Part] = [(kind, do, asked.step, False) for kind in KINDS for do in FAULTS]
    parts += [("80mm", do, asked.step, True) for do in LASTING]
    began, outcomes, found = time.perf_counter(), Counts[str](), list[str]()
    sales, slowest = 0, 0.0
    with multiprocessing.get_context("spawn").Pool(asked.jobs, maxtasksperchild=8) as pool:
        for made in pool.imap(run, parts):
            sales += made["sales"]
            outcomes.update(made["outcomes"])
            slowest = max(slowest, made["slowest"])
            found += made["found"]
            sys.stderr.write(f"{sales} sales, {len(found)} found\n")
    told = {
        "kinds": len(KINDS),
        "faults": len(FAULTS),
        "sales": sales,
        "outcomes": dict(sorted(outcomes.items())),
        "slowest_pass_seconds": round(slowest, 1),
        "wall_seconds": round(time.perf_counter() - began),
        "found": found,
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return BROKEN if found else 0


if __name__ == "__main__":
    sys.exit(main())
