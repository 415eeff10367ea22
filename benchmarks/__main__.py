"""``python -m benchmarks``: measure everything, print a table or JSON, fail above a limit."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    api,
    lookup,
    machine,
    memory,
    paint,
    paper,
    posting,
    pull,
    receipt,
    report,
    start,
    worker,
)
from benchmarks.result import Result, table
from benchmarks.run import Run

BENCHMARKS: dict[str, Callable[[Run], list[Result]]] = {
    posting.NAME: posting.run,
    lookup.NAME: lookup.run,
    paint.NAME: paint.run,
    start.NAME: start.run,
    memory.NAME: memory.run,
    receipt.NAME: receipt.run,
    paper.NAME: paper.run,
    pull.NAME: pull.run,
    worker.NAME: worker.run,
    report.NAME: report.run,
    api.NAME: api.run,
}
BROKEN = 6
"""Exit code when a check found something, as for every command of the shop."""


def main() -> int:
    """Run what was asked for."""
    asked = _parser().parse_args()
    # Ended from outside, the run still takes its children and its folder with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="pos-bench-", dir=asked.dir) as folder:
        bench = Run(Path(folder), is_quick=asked.quick)
        about = machine.describe(bench.folder)
        results = []
        for name in asked.only or BENCHMARKS:
            print(f"{name} …", file=sys.stderr, flush=True)
            results += BENCHMARKS[name](bench)
    if asked.json:
        rows = [result.as_json() for result in results]
        print(json.dumps({"at": began.isoformat(), "machine": about, "results": rows}, indent=2))
    else:
        print(f"{began:%Y-%m-%d %H:%M} UTC, {machine.sentence(about)}\n\n{table(results)}")
    return 0 if all(result.has_passed for result in results) else BROKEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--only", action="append", choices=list(BENCHMARKS), help="one of them; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, a smaller shop")
    parser.add_argument("--dir", type=Path, help="on the disk to measure; a temporary folder else")
    return parser


if __name__ == "__main__":
    sys.exit(main())
