"""A database that is older than its device, and whoever else has been at the device."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.errors import Unavailable
from fiscal.simulator.proof import violations
from pos_app.domain.fiscal import FiscalDeviceAway, FiscalStopped, Readiness
from pos_app.domain.limit import ReasonMissing
from pos_app.domain.permission import PermissionMissing
from pos_app.ids import SeededIds
from pos_app.services import fiscal, fiscal_day, fiscal_settle, fiscal_standing, sync
from pos_app.services.check.invariants import check
from pos_app.store import fiscal_device as devices
from pos_app.store import setting
from pos_app.store.engine import Store, open_store
from tests import shops
from tests.counter import LOOK_UP, SUBMIT, Counter, counter
from tests.fiscal.samples import make_box

MANAGER = shops.actor("manager")


@pytest.fixture
def till(sqlite_store: Store) -> Counter:
    return counter(sqlite_store)


@pytest.fixture
def rig(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Counter, Counter]]:
    """A till that sold two, was copied, and sold three more; and the copy, started anew."""
    first, second = tmp_path / "till.db", tmp_path / "copy.db"
    shutil.copy(sqlite_template, first)
    with open_store(first) as store:
        till = counter(store)
        till.sell("MILK")
        till.sell("BREAD")
        till.file_all()
        shop = till.shop
    shutil.copy(first, second)
    with open_store(first) as store, open_store(second) as copied:
        till.shop = replace(shop, store=store)
        for _ in range(3):
            till.sell("MILK")
        till.file_all()
        assert len(till.filed()) == 5
        ids = SeededIds(Random("another life"), shop.clock.now)
        copy = Counter(replace(shop, store=copied, ids=ids), till.box, till.machine)
        yield till, copy


def start(till: Counter) -> Any:
    return fiscal.work(till.shop, till.driver, is_first=True)


@pytest.mark.parametrize("last_number", ["told", "not told"])
def test_a_restored_till_finds_what_it_has_forgotten_and_goes_on_behind_it(
    rig: tuple[Counter, Counter], last_number: str
) -> None:
    _, till = rig
    if last_number == "not told":
        till.driver = Driver(_Silent(till))
    start(till)
    found = fiscal_settle.found(till.shop)
    assert [row.side.number for row in found] == ["T01-000003", "T01-000004", "T01-000005"]
    assert [row.side.receipt_global_no for row in found] == [3, 4, 5]
    assert till.calls(SUBMIT) == 5, "nothing is signed for them"
    sold = till.sell("BOOK")
    assert sold.receipt == "T01-000006"
    till.file_all()
    assert till.filed()[-1] == sold.receipt
    assert till.calls(SUBMIT) == 6
    assert violations(till.box.ledger()) == []
    now = fiscal_standing.standing(till.shop)
    assert (now.readiness, now.stop, now.found) == (Readiness.READY, "", 3)


def test_what_was_found_is_named_until_a_supervisor_says_what_it_is(
    rig: tuple[Counter, Counter],
) -> None:
    _, till = rig
    start(till)
    with pytest.raises(ReasonMissing):
        fiscal_settle.accept_found(till.shop, MANAGER, "T01-000003", reason=" ")
    for number in ("T01-000003", "T01-000004", "T01-000005"):
        fiscal_settle.accept_found(till.shop, MANAGER, number, reason="the paper is in the file")
    assert fiscal_settle.found(till.shop) == ()
    assert fiscal_standing.standing(till.shop).found == 0


def test_l16_a_restored_till_that_sells_before_it_meets_the_device_signs_no_double(
    rig: tuple[Counter, Counter],
) -> None:
    """The device was away when it started, so it gave a number of its former life once more."""
    _, till = rig
    sold = till.sell("MILK")
    assert (sold.receipt, str(sold.total)) == ("T01-000003", "1.99")
    till.file_all()
    assert till.state(sold) == "disputed", "the very same total, and yet another sale"
    assert till.calls(SUBMIT) == 5
    assert till.sell("MILK").receipt == "T01-000006"
    till.file_all()
    assert violations(till.box.ledger()) == []
    assert len(till.filed()) == 6


def test_an_intent_of_before_the_backup_is_adopted_and_not_sent(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """The backup was taken between the sale and its filing."""
    first, second = tmp_path / "till.db", tmp_path / "copy.db"
    shutil.copy(sqlite_template, first)
    with open_store(first) as store:
        till = counter(store)
        till.sell("BREAD")
        till.file_all()
        sold = till.sell("MILK")
        shop = till.shop
    shutil.copy(first, second)
    with open_store(first) as store, open_store(second) as copied:
        till.shop = replace(shop, store=store)
        till.file_all()
        till.shop = replace(shop, store=copied)
        start(till)
        assert till.state(sold) == "fiscalised"
        assert till.calls(SUBMIT) == 2
        assert till.row(sold)["receipt_global_no"] == 2


def test_a_new_life_is_not_sold_from_before_it_has_met_its_device(
    rig: tuple[Counter, Counter],
) -> None:
    _, till = rig
    with till.shop.store.write() as connection:
        sync.begin_life(connection, till.shop)
    with pytest.raises(FiscalDeviceAway):
        till.sell("MILK")
    start(till)
    assert till.sell("MILK").receipt == "T01-000006"


def test_an_empty_till_on_a_used_device_goes_on_behind_the_numbers_there(
    rig: tuple[Counter, Counter], sqlite_store: Store
) -> None:
    old, _ = rig
    till = counter(sqlite_store)
    till.box = old.box
    till.driver = Driver(_Silent(till))
    start(till)
    assert till.sell("MILK").receipt == "T01-000006"
    till.file_all()
    assert violations(till.box.ledger()) == []
    assert fiscal_settle.found(till.shop) == ()


def test_a_device_that_was_set_back_is_not_written_to(till: Counter) -> None:
    for _ in range(3):
        till.sell("MILK")
    till.file_all()
    till.box = make_box(till.shop.clock)
    till.restart()
    sold = till.sell("BREAD")
    till.file_all()
    assert till.state(sold) == "intent"
    assert "set back or exchanged" in till.row(sold)["reason"]
    assert till.filed() == []
    with pytest.raises(FiscalStopped):
        till.sell("MILK")
    with pytest.raises(PermissionMissing):
        fiscal_settle.accept_device(till.shop, shops.actor(), reason="I say so")
    fiscal_settle.accept_device(till.shop, MANAGER, reason="the box was repaired")
    till.file_all()
    assert till.filed() == [sold.receipt]


def test_numbers_may_begin_anew_with_a_day(till: Counter) -> None:
    """The authority allows it with the first receipt of a day (ZIMRA FDMS 7.2, counters)."""
    for _ in range(3):
        till.sell("MILK")
    till.file_all()
    till.box.device.restart_numbers()
    fiscal_day.close_day(till.shop, MANAGER)
    till.file_all()
    sold = [till.sell("BREAD") for _ in range(3)]
    till.file_all()
    assert [till.row(each)["receipt_global_no"] for each in sold] == [1, 2, 3]
    assert fiscal_standing.standing(till.shop).stop == ""
    fiscal_day.close_day(till.shop, MANAGER)
    till.file_all()
    assert fiscal_day.z(till.shop, MANAGER, 2).differences == ()
    assert [row for row in check(till.shop) if row.code.startswith("fiscal_")] == []


def test_l35_the_clocks_of_till_and_device_must_agree(till: Counter) -> None:
    """More than ten minutes apart, nothing is filed or sold (production lesson L35)."""
    till.sell("MILK")
    till.file_all()

    class Ahead:
        def __getattr__(self, name: str) -> Any:
            return getattr(till.driver, name)

        def hello(self) -> Any:
            hello = till.driver.hello()
            return replace(hello, clock=hello.clock.replace(hour=hello.clock.hour + 3))

    waiting = till.sell("BREAD")
    fiscal.work(till.shop, Ahead())  # type: ignore[arg-type]
    assert till.state(waiting) == "intent"
    assert "180 minutes apart" in till.row(waiting)["reason"]
    with pytest.raises(FiscalStopped):
        till.sell("MILK")
    till.file_all()
    assert till.state(waiting) == "fiscalised"


def test_an_idle_device_is_greeted_now_and_then_and_missed_when_it_is_gone(
    till: Counter,
) -> None:
    till.file()
    with till.shop.store.read() as connection:
        known = devices.current(connection)
    assert known is not None
    till.shop.clock.sleep(61)
    till.driver = Driver(_Off())
    worked = till.file()
    assert "switched off" in worked.problem
    now = fiscal_standing.standing(till.shop)
    assert (now.readiness, now.away_since) == (Readiness.DEGRADED, till.shop.clock.now())
    till.restart()
    till.shop.clock.sleep(11)
    till.file()
    assert fiscal_standing.standing(till.shop).readiness is Readiness.READY


def test_a_shop_that_defers_nothing_stops_when_the_device_is_gone(till: Counter) -> None:
    rules = till.shop.rules
    strict = replace(rules.fiscal, deferred_count=0)
    till.shop = replace(till.shop, rules=replace(rules, fiscal=strict))
    till.file()
    till.sell("MILK")
    till.file_all()
    till.driver = Driver(_Off())
    till.shop.clock.sleep(61)
    till.file()
    assert fiscal_standing.standing(till.shop).readiness is Readiness.BLOCKED
    with pytest.raises(FiscalDeviceAway) as refused:
        till.sell("MILK")
    assert "power and cable" in refused.value.sentence


def test_a_sale_that_waits_prints_nothing(till: Counter) -> None:
    """No paper before the fiscal record, whatever state the receipt is in (lesson L38)."""
    till.driver = Driver(_Off())
    sold = till.sell("MILK")
    till.file()
    till.print()
    assert till.papers() == []
    till.restart()
    till.file_all()
    till.print()
    assert [sold.receipt in paper for paper in till.papers()] == [True]


def test_a_device_met_again_costs_no_look_up(till: Counter) -> None:
    till.sell("MILK")
    till.file_all()
    for _ in range(5):
        till.shop.clock.sleep(61)
        till.file()
    assert till.calls(LOOK_UP) == 0
    with till.shop.store.read() as connection:
        assert setting.last_number(connection, "receipt:T01") == 1
    assert fiscal_day.standing(till.shop).unsigned == ()


class _Off:
    """A transport to a device that is switched off."""

    def hello(self, *, timeout: float) -> Any:
        raise Unavailable("it is switched off")

    def request(self, *_: Any, **__: Any) -> Any:
        raise Unavailable("it is switched off")

    def close(self) -> None:
        pass


class _Silent(DirectTransport):
    """A way that has no greeting, as HTTP: nobody tells the last number that was filed."""

    def __init__(self, till: Counter) -> None:
        super().__init__(till.box, till.shop.clock)

    def hello(self, *, timeout: float) -> Any:
        return None
