"""Processes that are killed while they synchronise: nothing is lost and nothing is there twice."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pos_app.clock import SystemClock
from pos_app.ids import SystemIds
from pos_app.services import api_key, session, sync
from pos_app.services.shop import Shop
from pos_app.store import posting
from pos_app.store import sale as sales
from pos_app.store.engine import open_store
from sync.http import HttpRemote
from tests import pair, shops
from tests.api import house

HERE = Path(__file__).parent
SALES = 40
DEADLINE = 60


class Rig:
    """A server's database, a till's database with sales that wait, and processes on both."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.server_path, self.till_path = folder / "server.db", folder / "till.db"
        for path in (self.server_path, self.till_path):
            shutil.copy(template, path)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        with (
            open_store(self.server_path, synchronous="OFF") as above,
            open_store(self.till_path, synchronous="OFF") as below,
        ):
            server = pair.open_server(above)
            house.people(server, ["Admin"])
            admin = session.sign_in(server, house.name_of("Admin"), shops.PASSWORD).account.actor
            self.key = api_key.issue_for_till(server, admin, "T01", "till").key
            till = pair.open_bare_till(below)
            pair.work(till, pair.remote(server, "till:T01"))
            shops.open_till(till)
            self.sold = [pair.sell(till, "MILK").sale_id for _ in range(SALES)]

    def server(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / "sync_server.py"), str(self.server_path)]
        process = subprocess.Popen([*command, str(self.port)], text=True)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.02)
        process.kill()
        raise AssertionError(f"the server did not come up (exit {process.wait()})")

    def till(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / "sync_till.py"), str(self.till_path), self.url]
        process = subprocess.Popen([*command, self.key], text=True, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def arrived(self) -> int:
        with open_store(self.server_path, create=False) as above, above.read() as connection:
            query = select(func.count()).select_from(sales.sales)
            return int(connection.execute(query).scalar_one())

    def check(self) -> None:
        """After everything: each sale once, the queue for SAP likewise, and all stock agrees."""
        with (
            open_store(self.server_path, create=False) as above,
            open_store(self.till_path, create=False) as below,
        ):
            rules = shops.shop_rules(till="T01")
            till = Shop(store=below, clock=SystemClock(), ids=SystemIds(), rules=rules)
            server = Shop(store=above, clock=SystemClock(), ids=SystemIds(), rules=rules)
            assert {row["state"] for row in pair.envelopes(till)} == {"delivered"}
            with above.read() as connection:
                ids = connection.execute(select(sales.sales.c.id)).scalars().all()
                queued = connection.execute(select(posting.postings.c.key)).scalars().all()
            assert sorted(ids) == sorted(queued) == sorted(self.sold)
            with HttpRemote(self.url, self.key) as remote:
                assert sync.work(till, remote, is_forced=True).problem == ""
            left = 100 - SALES
            assert pair.on_hand(server, "MILK") == pair.on_hand(till, "MILK") == left


@pytest.fixture
def rig(tmp_path: Path, sqlite_template: Path) -> Rig:
    return Rig(tmp_path, sqlite_template)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def killed(process: subprocess.Popen[str], after: float) -> bool:
    """Kill -9 after some seconds; False when it had ended by itself."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


@pytest.mark.process
def test_a_till_killed_again_and_again(rig: Rig, processes: list[subprocess.Popen[str]]) -> None:
    rng = random.Random(3)
    processes.append(rig.server())
    kills = 0
    for _ in range(3):
        till = rig.till()
        processes.append(till)
        kills += killed(till, rng.uniform(0.01, 0.25))
    till = rig.till()
    processes.append(till)
    assert till.wait(DEADLINE) == 0
    assert kills > 0
    rig.check()


@pytest.mark.process
def test_a_server_killed_again_and_again(rig: Rig, processes: list[subprocess.Popen[str]]) -> None:
    rng = random.Random(4)
    server = rig.server()
    processes.append(server)
    till = rig.till()
    processes.append(till)
    kills = 0
    while kills < 2:
        seen = rig.arrived()
        until = time.monotonic() + DEADLINE
        while rig.arrived() == seen and till.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        if till.poll() is not None:
            break
        time.sleep(rng.uniform(0, 0.05))
        server.kill()
        server.wait()
        kills += 1
        server = rig.server()
        processes.append(server)
    assert kills > 0
    assert till.wait(DEADLINE) == 0
    rig.check()
