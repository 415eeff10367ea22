from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from sync.errors import Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.port import NotSent, Response
from sync.sap.query import Query
from sync.sap.settings import Timeouts
from sync.sap.slots import Slots

LIMIT = 10.0


class Held:
    """An HTTP side that lets go of nothing until it is told."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.timeouts: list[float] = []

    def send(self, method: str, url: str, **named: Any) -> Response:
        self.timeouts.append(named["timeout"])
        if "Warehouses" in url:
            self.waiting.release()
            assert self.go.wait(LIMIT)
        answer: Response = self.inner.send(method, url, **named)
        return answer


def test_l82_a_person_s_read_starts_while_bulk_work_fills_its_connections(local: Any) -> None:
    http = Held(local.http)
    sl = ServiceLayer(local.settings, http, local.clock)
    sl.count("Items")
    threads = [
        threading.Thread(
            target=lambda: list(sl.rows("Warehouses", Query(select=("WarehouseCode",))))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for _ in range(local.settings.connections - local.settings.reserved):
        assert http.waiting.acquire(timeout=LIMIT)
    assert not http.waiting.acquire(blocking=False)
    row = sl.interactive().find("Items", "BREAD", Query(select=("ItemName",)))
    assert row is not None
    assert not http.go.is_set()
    http.go.set()
    for thread in threads:
        thread.join(LIMIT)
    assert sl.count("Items") == 5


def test_a_call_that_finds_no_connection_was_not_sent() -> None:
    slots = Slots(2, 1)
    background, interactive = {"is_interactive": False}, {"is_interactive": True}
    with slots.taken(**background, seconds=0):
        with pytest.raises(NotSent), slots.taken(**background, seconds=0):
            raise AssertionError
        with (
            slots.taken(**interactive, seconds=0),
            pytest.raises(NotSent),
            slots.taken(**interactive, seconds=0),
        ):
            raise AssertionError
    with slots.taken(is_interactive=False, seconds=0):
        pass


def test_a_person_waits_less_and_shares_the_session(local: Any) -> None:
    http = Held(local.http)
    sl = ServiceLayer(local.settings, http, local.clock)
    sl.count("Items")
    sl.interactive().count("Items")
    timeouts = local.settings.timeouts
    assert http.timeouts == [timeouts.login, timeouts.read, timeouts.interactive]


def test_all_attempts_of_a_read_share_one_budget(local: Any) -> None:
    timeouts = Timeouts(read=60, read_total=90)
    sl = local.client(timeouts=timeouts, read_attempts=9)
    sl.count("Warehouses")
    local.arm("stall", "GET Items", times=99, seconds=3600)
    before = local.clock.now()
    with pytest.raises(Unavailable):
        sl.count("Items")
    assert local.clock.now() - before == timedelta(seconds=90)
    assert len(local.calls("GET Items/$count")) == 2
