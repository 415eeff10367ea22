"""``scripts/campaign``: thousands of faulty sales over the serial link; none doubled, none lost."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from tests.campaign.run import Plan, Ran, run

BROKEN = 6
"""Exit code when something does not hold, as for every command of the shop."""


def main() -> int:
    """Run what was asked for; as many tills as it takes, each with a seed of its own."""
    asked = _parser().parse_args()
    began, at = time.perf_counter(), datetime.now(UTC)
    with multiprocessing.get_context("spawn").Pool(asked.jobs, maxtasksperchild=1) as pool:
        runs = list(_watched(pool.imap(run, _plans(asked)), asked.sales))
    told = _summary(runs) | {
        "at": at.isoformat(timespec="seconds"),
        "seeds": f"{runs[0].seed}-{runs[-1].seed}",
        "wall_seconds": round(time.perf_counter() - began),
    }
    print(json.dumps(told, indent=2))
    return BROKEN if told["found"] else 0


def _plans(asked: argparse.Namespace) -> Iterator[Plan]:
    """One till for every so many sales; troubles at 5 to 10 % in turn, unless a rate is given."""
    for at, before in enumerate(range(0, asked.sales, asked.each)):
        rate = asked.rate if asked.rate is not None else 0.05 + 0.01 * (at % 6)
        count = min(asked.each, asked.sales - before)
        yield Plan(
            seed=asked.seed + at,
            sales=count,
            per_day=asked.per_day,
            rate=rate,
            folder=asked.dir,
        )


def _watched(runs: Iterable[Ran], sales: int) -> Iterator[Ran]:
    done = 0
    for ran in runs:
        done += ran.receipts
        words = f"seed {ran.seed}: {ran.receipts} receipts in {ran.seconds} s"
        print(f"{words}, {len(ran.found)} found; {done} of {sales}", file=sys.stderr, flush=True)
        yield ran


def _summary(runs: list[Ran]) -> dict[str, Any]:
    sums: dict[str, Any] = {
        name: sum(getattr(ran, name) for ran in runs)
        for name in ("receipts", "notes", "days", "virtual_hours")
    }
    for name in ("struck", "told", "refused"):
        counts = sum((Counts(getattr(ran, name)) for ran in runs), Counts[str]())
        sums[name] = dict(sorted(counts.items()))
    sums["found"] = [f"seed {ran.seed}: {words}" for ran in runs for words in ran.found]
    return sums


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/campaign", description=__doc__)
    parser.add_argument("--sales", type=int, default=10_000, help="how many in all")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first till; the next has one more"
    )
    parser.add_argument("--each", type=int, default=500, help="sales of one till")
    parser.add_argument("--per-day", type=int, default=125, help="sales of one fiscal day")
    parser.add_argument("--rate", type=float, help="of every trouble; 0.05 to 0.10 in turn else")
    parser.add_argument("--jobs", type=int, default=1, help="tills at the same time")
    parser.add_argument("--dir", help="where to keep what is gone afterwards; memory is quickest")
    return parser


if __name__ == "__main__":
    sys.exit(main())
