"""How much memory a till takes after a long day."""

from __future__ import annotations

import json

from benchmarks.result import Check, Result
from benchmarks.run import SMALL, Run
from benchmarks.terminal import Terminal, module

NAME = "memory"
MOST_MB = 150.0
SALES, FEW = 1000, 50
PATIENCE = 600.0


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    sales = FEW if bench.is_quick else SALES
    report = bench.folder / "memory.json"
    with Terminal(module("day", bench.small("day"), sales, SMALL, report)) as terminal:
        terminal.run_until(report.exists, PATIENCE)
    told = json.loads(report.read_text())
    return [
        Result(
            name=NAME,
            what=f"till process after {sales:,} sales",
            value=told["now"],
            unit="MB",
            check=Check(at_most=MOST_MB),
            about={"peak_mb": round(told["peak"], 1)},
        )
    ]
