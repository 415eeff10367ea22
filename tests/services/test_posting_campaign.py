"""Hundreds of documents, every fault, four workers that die: virtual time, each key once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pos_app.domain.permission import Actor, Role, effective
from pos_app.services.posting import incident, review
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.review import Choice
from pos_app.store import queue
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.sap.client import ServiceLayer
from sync.sap.port import Http, Response
from tests.campaign import posting_verdict as verdict
from tests.campaign.posting_documents import NO_DEVICE, Maker, plenty, stock_up
from tests.campaign.posting_faults import faults
from tests.office import SETTINGS, Office, office

MANAGER = Actor("u1", "mara", Role.MANAGER, effective(Role.MANAGER))
WORKERS = 4
DOCUMENTS = 100


class Killed(BaseException):
    """The worker's process is gone; nothing of it catches this."""


class Mortal:
    """The line of a worker that dies at a call by chance: before it left, or after it arrived."""

    def __init__(self, http: Http, rng: random.Random, chance: float) -> None:
        self._http = http
        self._rng = rng
        self._chance = chance

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        if self._rng.random() < self._chance:
            raise Killed
        answer = self._http.send(method, url, headers=headers, body=body, timeout=timeout)
        if self._rng.random() < self._chance:
            raise Killed
        return answer


class Crew:
    """Workers that take turns on one clock; each one that dies is replaced by another."""

    def __init__(self, house: Office, rng: random.Random) -> None:
        self.house = house
        self.rng = rng
        self.killed = 0
        self.chance = 0.02
        self.sessions = [self.hire() for _ in range(WORKERS)]

    def hire(self) -> ServiceLayer:
        http: Any = self.house.connect()._line._http
        return ServiceLayer(SETTINGS, Mortal(http, self.rng, self.chance), self.house.shop.clock)

    def turn(self) -> datetime | None:
        """A few documents for each; from when on there is more to do."""
        due: list[datetime] = []
        for number, sap in enumerate(self.sessions):
            owner = f"worker {number}"
            try:
                worked = posting_work.work(self.house.shop, sap, owner=owner, limit=3)
                due += [worked.next_at] if worked.next_at else []
            except Killed:
                self.killed += 1
                self.sessions[number] = self.hire()
                due.append(self.house.shop.clock.now())
        return min(due, default=None)

    def work(self, hours: float) -> None:
        """Go on until nothing is left or the time is over; somebody looks at the review."""
        shop = self.house.shop
        until = shop.clock.now() + timedelta(hours=hours)
        while shop.clock.now() < until:
            due = self.turn()
            if due is None:
                if not review.requeue(shop, MANAGER, Choice(), reason="put right").references:
                    return
            else:
                shop.clock.sleep(max((due - shop.clock.now()).total_seconds(), 1))
            incident.watch(shop)


def test_l23_every_fault_and_four_mortal_workers_post_each_key_once(store: Store) -> None:
    rng = random.Random(1)
    house = office(store, books=plenty(), fiscal=NO_DEVICE)
    stock_up(house)
    maker = Maker(house, rng, consolidated=0.3)
    ahead = verdict.ahead_of_sap(house.shop, house.gate.core.ledger())
    house.gate.faults._rng = random.Random(2)
    house.arm(*faults(0.07, stall=400, hide=200))
    crew = Crew(house, rng)
    for _ in range(DOCUMENTS // 20):
        for _ in range(20):
            maker.make()
        crew.turn()
        house.shop.clock.sleep(30)
    maker.finish()
    crew.work(hours=24)
    house.arm()
    crew.chance = 0
    crew.sessions = [crew.hire() for _ in range(WORKERS)]
    review.requeue(house.shop, MANAGER, Choice(), reason="all faults are gone")
    crew.work(hours=24)
    incident.watch(house.shop)
    assert crew.killed > 5
    assert verdict.found(house.shop, house.gate.core.ledger(), ahead) == []
    kinds = {row["set"] for row in house.gate.core.ledger()["documents"]}
    assert kinds >= set(verdict.SETS.values())
    assert maker.made["day's end"]


def test_l48_six_hours_of_outage_with_five_hundred_rows(sqlite_store: Store) -> None:
    house = office(sqlite_store, books=plenty(), fiscal=NO_DEVICE)
    stock_up(house)
    house.arm(Fault(on="", do="refuse", times=10**9))
    sold = []
    for number in range(500):
        sold.append(house.sell("BREAD"))
        if number % 10 == 0:
            house.work()
            house.shop.clock.sleep(6 * 3600 / 50)
    with house.shop.store.read() as connection:
        assert queue.counts(connection) == {"Pending": 500}
    (one,) = incident.watch(house.shop)
    assert (one.cause, one.rows, one.in_review) == ("away", 500, 0)
    house.arm()
    house.work_on()
    with house.shop.store.read() as connection:
        assert queue.counts(connection) == {"Completed": 500}
    booked = [row["NumAtCard"] for row in house.invoices()]
    assert booked == [posted.receipt for posted in sold]
    assert {house.row(posted)["attempts"] for posted in sold} == {0}
    assert incident.watch(house.shop) == ()
