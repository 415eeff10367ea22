"""Fetching a large shop from SAP for the first time, from a simulator without latency."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import shop as shops
from benchmarks.result import Check, Result
from benchmarks.run import Run
from pos_app.clock import SystemClock
from pos_app.sample.shop import company
from pos_app.services.master.pull import ALL_NOW, pull
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from sync.sap import decimal_json
from sync.sap.client import ServiceLayer
from sync.sap.http_client import HttpxHttp
from sync.sap.settings import SapSettings

NAME = "pull"
MOST_SECONDS = 60.0
MOST_GROWTH = 1.05
MOST_OWN_MB = 80.0
CUSTOMS_FIELD = "U_HSCode"
ENDING_SECONDS = 10


class PullFailed(RuntimeError):
    """Not everything was fetched; the sentence says why."""


def run(bench: Run) -> list[Result]:
    """Measure and judge."""
    file = bench.folder / "sap-shop.json"
    with open_store(bench.folder / "pulled.db") as store:
        upgrade(store)
        shop = shops.at_work(store)
        data = company(items=bench.many, seed=shops.SEED, today=shop.today)
        file.write_text(decimal_json.dumps(data), encoding="utf-8")
        with sandbox(bench.folder / "sap", file) as (sl, process):
            own = memory_mb(os.getpid())
            first = _pull(shop, sl, process)
            grown = memory_mb(os.getpid()) - own
            before = memory_mb(process)
            again = _pull(shop, sl, process)
            after = memory_mb(process)
    return [
        Result(
            name=NAME,
            what=f"first pull of {bench.many:,} items, work of both sides",
            value=first.work,
            unit="s",
            check=Check(at_most=MOST_SECONDS),
            about={"elapsed_s": round(first.elapsed, 1)},
        ),
        Result(
            name=NAME,
            what=f"a second whole pull of {bench.many:,} items, work of both sides",
            value=again.work,
            unit="s",
            check=Check(at_most=MOST_SECONDS),
            about={"elapsed_s": round(again.elapsed, 1)},
        ),
        Result(
            name=NAME,
            what="memory the server grew by in the first pull",
            value=grown,
            unit="MB",
            check=Check(at_most=MOST_OWN_MB),
            about={"mb": round(own)},
        ),
        Result(
            name=NAME,
            what="the simulator's memory after one more pull",
            value=after / before,
            unit="x",
            check=Check(at_most=MOST_GROWTH),
            about={"mb": round(after)},
        ),
    ]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one pull took, in seconds.

    Attributes:
        work: of both processes, which take turns; what it takes on a machine with nothing else.
        elapsed: on this one.
    """

    work: float
    elapsed: float


def _pull(shop: Shop, sl: ServiceLayer, process: int) -> Taken:
    """Pull everything once."""
    started, before = time.perf_counter(), time.process_time() + _work(process)
    worked = pull(shop, sl, hs_field=CUSTOMS_FIELD, rhythm=ALL_NOW)
    if worked.problem:
        raise PullFailed(worked.problem)
    work = time.process_time() + _work(process) - before
    return Taken(work, time.perf_counter() - started)


def _work(process: int) -> float:
    """Seconds a process has computed so far."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def sandbox(directory: Path, shop: Path) -> Iterator[tuple[ServiceLayer, int]]:
    """A simulator in a process of its own with this shop, and a client of it."""
    command = [sys.executable, "-m", "pos_app.cli.run", "sandbox", "sap"]
    command += ["--port", "0", "--dir", str(directory), "--shop", str(shop)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready: dict[str, Any] = json.loads(child.stdout.readline() if child.stdout else "")
        settings = SapSettings(
            url=ready["url"],
            company_db=ready["company_db"],
            user=ready["user"],
            password=ready["password"],
        )
        http = HttpxHttp(settings)
        yield ServiceLayer(settings, http, SystemClock()), child.pid
        http.close()
    finally:
        child.terminate()
        child.wait(ENDING_SECONDS)


def memory_mb(process: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise PullFailed("The system does not tell how much memory a process takes.")
