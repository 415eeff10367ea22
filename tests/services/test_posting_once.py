"""However an answer of SAP gets lost, a sale becomes one invoice and one payment there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, RowMapping, text

from pos_app.errors import DatabaseBusy
from pos_app.services.posting import work as posting_work
from pos_app.services.shop import Shop
from pos_app.store import queue
from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sync.sap.client import ServiceLayer
from sync.sap.settings import SapSettings
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.shop import books_of
from tests import pair, shops

COMPANY: dict[str, Any] = {
    "company": {"user_fields": {"OINV": ["U_Van_saleorder"]}},
    "currencies": [{"code": "USD", "name": "US dollar"}, {"code": "ZiG", "name": "Zimbabwe Gold"}],
    "rates": [{"currency": "ZiG", "rate": "26.5"}],
    "vat_groups": [{"code": "O1", "rates": [{"from": "2026-01-01", "rate": "15.5"}]}],
    "warehouses": [{"code": "SHOP1", "name": "Shop"}],
    "accounts": [{"code": "1110", "name": "Till USD", "currency": "USD", "cash": True}],
    "items": [{"code": "MILK", "name": "Milk", "vat_group": "O1", "stock": {"SHOP1": "100"}}],
    "partners": [{"code": "C0000", "name": "Walk-in customer"}],
}
SETTINGS = SapSettings(url="https://sap.invalid/b1s/v1", company_db="T", user="u", password="p")
QUIET = timedelta(seconds=300)


@dataclass
class Office:
    """A server with one sale to post, and the SAP it posts to."""

    shop: Shop
    gate: Gate
    sap: ServiceLayer

    def arm(self, *faults: Fault) -> None:
        self.gate.faults.replace(faults)

    def work(self) -> None:
        posting_work.work(self.shop, self.sap, owner="w")

    def row(self) -> RowMapping:
        with self.shop.store.read() as connection:
            found = queue.by_id(connection, 1)
        assert found is not None
        return found

    def work_until_done(self) -> None:
        """Look whenever the queue says that it is time to."""
        for _ in range(60):
            row = self.row()
            if row["state"] == "Completed":
                return
            due = row["try_at"] if row["state"] != "Processing" else row["lease_until"]
            wait = (due - self.shop.clock.now()).total_seconds()
            self.shop.clock.sleep(max(wait, 0) + 0.001)
            self.work()
        raise AssertionError(f"it never got through: {self.row()['reason']}")

    def in_sap(self) -> tuple[int, int]:
        ledger = self.gate.core.ledger()
        return len(ledger["invoices"]), len(ledger["payments"])


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path) -> Office:
    clock = shops.FixedClock()
    server = pair.open_server(sqlite_store, clock)
    with open_store(tmp_path / "till.db") as store:
        upgrade(store)
        till = pair.open_bare_till(store, clock=clock)
        pair.work(till, pair.remote(server))
        shops.open_till(till)
        pair.sell(till, "MILK")
        pair.work(till, pair.remote(server))
    core = Core(
        lambda: books_of(COMPANY),
        now=clock.now,
        rng=random.Random(1),
        company_db="T",
        user="u",
        password="p",
    )
    gate = Gate(core, Faults(random.Random(1)), RequestLog(clock.now))
    sap = ServiceLayer(SETTINGS, InProcessHttp(gate, clock.sleep), clock)
    return Office(server, gate, sap)


@pytest.mark.parametrize("call", ["POST Invoices", "POST IncomingPayments"])
@pytest.mark.parametrize("seconds", [301, 350, 590])
def test_l03_what_stalls_longer_than_we_wait_is_still_ours(
    office: Office, call: str, seconds: int
) -> None:
    """SAP goes on after we gave up: its "no" counts from then, not from when we sent it."""
    office.arm(Fault(on=call, do="stall", seconds=seconds))
    office.work_until_done()
    assert office.in_sap() == (1, 1)


@pytest.mark.parametrize("call", ["Invoices", "IncomingPayments"])
def test_l04_a_look_up_that_is_refused_does_not_say_that_nothing_was_sent(
    office: Office, call: str
) -> None:
    hidden = Fault(on=f"POST {call}", do="hide", seconds=200)
    lost = Fault(on=f"POST {call}", do="commit_then_drop")
    refused = Fault(on=f"GET {call}", do="error", code=-5002, message="Internal error", after=1)
    office.arm(hidden, lost, refused)
    office.work_until_done()
    assert office.in_sap() == (1, 1)


def test_l04_what_provably_never_left_is_sent_again_without_a_quiet_time(office: Office) -> None:
    office.arm(Fault(on="POST Invoices", do="refuse"))
    began = office.shop.clock.now()
    office.work_until_done()
    assert office.in_sap() == (1, 1)
    assert office.shop.clock.now() - began < QUIET


class Killed(BaseException):
    pass


def test_l49_a_worker_killed_while_sap_works_leaves_a_question_for_the_next(office: Office) -> None:
    """Nobody was there to see the answer get lost: SAP gets the time we would have waited, too."""
    office.arm(Fault(on="POST Invoices", do="hide", seconds=500))
    send = office.gate.answer

    def die(request: Any, **how: Any) -> Any:
        response = send(request, **how)
        if request.call == "POST Invoices":
            raise Killed
        return response

    office.gate.answer = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        office.work()
    office.gate.answer = send  # type: ignore[method-assign]
    with office.shop.store.write() as connection:
        # Somebody frees the row by hand before its lease has run out.
        connection.execute(text("UPDATE postings SET lease_until = 0"))
    office.work_until_done()
    assert office.in_sap() == (1, 1)


class BusyOnce:
    """A store that another program holds at one moment."""

    def __init__(self, store: Store, at: int) -> None:
        self._store = store
        self._left = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._left -= 1
        if self._left == 0:
            raise DatabaseBusy(5)
        with self._store.write() as connection:
            yield connection


@pytest.mark.parametrize("at", range(1, 10))
def test_a_database_that_is_busy_is_nobodys_review(office: Office, at: int) -> None:
    shop = office.shop
    office.shop = replace(shop, store=cast("Store", BusyOnce(shop.store, at)))
    with suppress(DatabaseBusy):
        office.work()
    assert office.row()["state"] != "RequiresReview"
    office.work_until_done()
    assert office.in_sap() == (1, 1)
