"""From a scan to its painted line, on a real pseudo-terminal with the real till behind it."""

from __future__ import annotations

import random
from pathlib import Path

from pysqlite3 import dbapi2

from benchmarks.measure import Stopwatch, calmest
from benchmarks.result import Check, Result
from benchmarks.run import Run
from benchmarks.terminal import Terminal, module
from pos_app.sample import goods

NAME = "paint"
MOST_MS = 50.0
LINES = 60
SCANS, ROUNDS = 50, 5
SHOWN = 5
"""So many letters of a name are in sight however narrow the column is."""


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    rounds = 1 if bench.is_quick else ROUNDS
    watch = _scan(bench.large(), bench.many, rounds * SCANS)
    return [
        Result(
            name=NAME,
            what=f"scan to painted line, {LINES} lines, {bench.many:,} items, p99",
            value=calmest(watch.taken, rounds) * 1e3,
            unit="ms",
            check=Check(at_most=MOST_MS),
            about={
                "scans": len(watch.taken),
                "median_ms": round(watch.median * 1e3, 2),
                "p99_of_all_ms": round(watch.p99 * 1e3, 2),
            },
        )
    ]


def _scan(path: Path, items: int, scans: int) -> Stopwatch:
    """Scan, wait for the line, take it out again, and so on."""
    watch, rng = Stopwatch(), random.Random(scans)
    with Terminal(module("till", path, LINES, items)) as terminal:
        terminal.wait_for((b"PRD",))
        terminal.settle(1.0)
        before = ""
        for number, code, name in _names(path, rng.sample(range(1, items + 1), scans * 2)):
            if name[:SHOWN] == before[:SHOWN] or len(watch.taken) == scans:
                continue
            pressed = terminal.send(goods.barcode_of(number).encode() + b"\r")
            seen = terminal.wait_for((name[:SHOWN].encode(), code.encode()))
            watch.taken.append(seen - pressed)
            terminal.settle()
            terminal.send(b"-")
            terminal.settle()
            before = name
    return watch


def _names(path: Path, numbers: list[int]) -> list[tuple[int, str, str]]:
    connection = dbapi2.connect(str(path))
    found = []
    for number in numbers:
        code = goods.code_of(number)
        row = connection.execute("SELECT name FROM items WHERE code = ?", (code,)).fetchone()
        found.append((number, code, row[0]))
    connection.close()
    return found
