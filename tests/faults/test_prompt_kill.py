"""A till killed while a customer pays by phone: no money is lost, none is counted twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pos_app.api.app import create_app
from pos_app.api.server import HttpServer
from pos_app.api.settings import ApiSettings
from pos_app.clock import SystemClock
from pos_app.domain import prompt as rule
from pos_app.domain.prompt import PromptState, PromptUse
from pos_app.ids import SystemIds
from pos_app.services import api_key, basket, sale, session
from pos_app.services.charge import claimed
from pos_app.services.charge import view as charges
from pos_app.services.prompt import look, view
from pos_app.services.shop import Shop
from pos_app.store import prompt as prompts
from pos_app.store.engine import open_store
from sandbox.clock import SandboxClock
from sync.gateway.simulator.books import Books
from sync.gateway.simulator.simulator import Simulator
from sync.http import HttpRemote
from tests import gateways, pair, shops
from tests.api import house
from tests.faults.prompt_till import INTENT, PAID, POSTED, SENT
from tests.fiscal.samples import wait_until

HERE = Path(__file__).parent


@dataclass
class Rig:
    """A server that answers, the providers behind it, and a till's database for processes."""

    server: Shop
    sim: Simulator
    till: Path
    url: str
    key: str

    def kill_at(self, step: str) -> None:
        """Run a till up to a step, and kill it there."""
        command = [sys.executable, str(HERE / "prompt_till.py"), str(self.till), self.url]
        child = subprocess.Popen([*command, self.key, step], text=True, stdout=subprocess.PIPE)
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == f"{step}\n"
        finally:
            child.kill()
            child.communicate()

    def asked(self) -> int:
        return len(self.sim.books.ledger()["transactions"])


@pytest.fixture
def rig(tmp_path: Path, sqlite_template: Path) -> Iterator[Rig]:
    above, below = tmp_path / "server.db", tmp_path / "till.db"
    for path in (above, below):
        shutil.copy(sqlite_template, path)
    clock = SandboxClock()
    sim = Simulator(Books(None, clock), clock)
    known = gateways.gateways(sim)
    with open_store(above) as store, open_store(below) as other:
        server = pair.open_server(store)
        house.people(server, ["Admin"])
        admin = session.sign_in(server, house.name_of("Admin"), shops.PASSWORD).account.actor
        key = api_key.issue_for_till(server, admin, "T01", "till").key
        till = pair.open_bare_till(other)
        pair.work(till, pair.remote(server, "till:T01"))
        shops.open_till(till)
        live = Shop(store=store, clock=SystemClock(), ids=SystemIds(), rules=server.rules)
        settings = ApiSettings(jwt_secret="a signing secret long enough " * 3, gateways=known)
        http = HttpServer(create_app(live, settings), host="127.0.0.1", port=0)
        http.start()
        ended = threading.Event()
        customers = threading.Thread(target=_pay, args=(sim, ended))
        customers.start()
        yield Rig(live, sim, below, f"http://127.0.0.1:{http.port}", key)
        ended.set()
        customers.join()
        http.stop()


def _pay(sim: Simulator, ended: threading.Event) -> None:
    """Customers confirm as soon as they are asked; their providers call nobody back."""
    while not ended.wait(0.02):
        for row in list(sim.books.ledger()["transactions"]):
            if row["status"] == "created":
                sim.do(row["provider"], row["key"], "paid")


@pytest.mark.process
def test_a_till_killed_at_each_step_of_a_payment(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "QUIET", rule.QUIET * 0)
    monkeypatch.setattr(look, "QUIET", rule.QUIET)
    monkeypatch.setattr("pos_app.services.charge.till.EAGER", rule.QUIET)
    for step in (INTENT, SENT, PAID, POSTED):
        rig.kill_at(step)
    assert rig.asked() == 3  # of the first nobody had heard
    with open_store(rig.till, create=False) as store, HttpRemote(rig.url, rig.key) as line:
        rules = shops.shop_rules(till="T01")
        till = Shop(store=store, clock=SystemClock(), ids=SystemIds(), rules=rules)
        wait_until(lambda: not look.work(till, line).problem and not _open(till), 60)
        with store.read() as connection:
            ended = [
                view.of_row(row) for row in connection.execute(prompts.prompts.select()).mappings()
            ]
        assert [(one.state, one.use) for one in ended] == [
            (PromptState.UNPAID, PromptUse.LEFT),
            (PromptState.PAID, PromptUse.NONE),
            (PromptState.PAID, PromptUse.NONE),
            (PromptState.PAID, PromptUse.TAKEN),
        ]
        for offer in view.for_sale(till, "the next"):
            made = basket.add(till, shops.actor(), basket.start(till, shops.actor()), "MILK")
            sale.post(till, shops.actor(), made, [view.tender_of(till, offer)])
        assert view.for_sale(till, "the next") == ()
        pair.work(till, line)
    booked = [charges.get(rig.server, one.id).booking for one in ended[1:]]
    assert (booked, charges.waiting(rig.server), rig.asked()) == ([claimed.CLAIMED] * 3, (), 3)


def _open(till: Shop) -> bool:
    with till.store.read() as connection:
        states = tuple(state.value for state in rule.OPEN)
        return bool(prompts.unused(connection, states=states))
