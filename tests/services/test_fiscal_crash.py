"""A till or a device that dies at every step of a sale: exactly one receipt, and one original."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.operations import Op
from fiscal.simulator.proof import violations
from pos_app.ids import SeededIds
from pos_app.services import fiscal, fiscal_day, refund, spool, spool_question
from pos_app.services.refund import AskedNote
from pos_app.services.shop import Shop
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from printing.simulator.core import SimulatedPrinter
from printing.simulator.machine import MACHINES
from tests import proof, shops
from tests.counter import PROFILE, Counter, counter
from tests.fiscal.samples import make_box

MANAGER = shops.actor("manager")
STEPS_MOST = 60


class Dead(BaseException):
    """The process is gone; nothing of it catches this."""


class Steps:
    """Counts the steps of a till, and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.names = at, []  # type: int, list[str]

    def reach(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.at:
            raise Dead(name)


class _Store(Store):
    """The till's database, with a step before, within and after every commit."""

    def __init__(self, inner: Store, steps: Steps) -> None:
        self.__dict__ |= inner.__dict__
        self.inner, self.steps = inner, steps

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.steps.reach("begin")
        with self.inner.write() as connection:
            yield connection
            self.steps.reach("commit")
        self.steps.reach("committed")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.inner.read() as connection:
            yield connection


class _Transport(DirectTransport):
    """The line, with a step before a request leaves and after its answer has come."""

    def __init__(self, till: Counter, steps: Steps) -> None:
        super().__init__(till.box, till.shop.clock)
        self.steps = steps

    def request(self, op: Op, body: Any = None, *, timeout: float) -> Any:
        self.steps.reach(f"ask {op}")
        answer = super().request(op, body, timeout=timeout)
        self.steps.reach(f"answer {op}")
        return answer

    def hello(self, *, timeout: float) -> Any:
        self.steps.reach("greet")
        return super().hello(timeout=timeout)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database of an open till, closed, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "till.db"
    shutil.copy(sqlite_template, path)
    with open_store(path) as store:
        counter(store)
    return path


@pytest.fixture
def fresh(tmp_path: Path, filled: Path) -> Iterator[Callable[[], Counter]]:
    """Makes a new till with an open shift, as often as it is asked."""
    stores: list[Store] = []

    def make() -> Counter:
        while stores:
            stores.pop().close()
        path = tmp_path / "till.db"
        for leftover in tmp_path.glob("till.db*"):
            leftover.unlink()
        stores.append(open_store(shutil.copy(filled, path), synchronous="OFF"))
        clock = shops.FixedClock()
        ids = SeededIds(Random("crash"), clock.now)
        shop = Shop(store=stores[0], clock=clock, ids=ids, rules=shops.shop_rules())
        machine = SimulatedPrinter(MACHINES[PROFILE], clock=clock)
        return Counter(shop, make_box(clock), machine)

    yield make
    while stores:
        stores.pop().close()


def run(till: Counter, steps: Steps, deed: Callable[[Counter], None]) -> bool:
    """Do something as a till that dies at a step; say whether it did."""
    shop, store = till.shop, till.shop.store
    till.shop = replace(shop, store=_Store(store, steps))
    till.driver = Driver(_Transport(till, steps))
    try:
        deed(till)
    except Dead:
        return True
    finally:
        till.shop = shop
        till.restart()
    return False


def sell_file_print(till: Counter) -> None:
    till.sell("MILK", "BREAD")
    fiscal.work(till.shop, till.driver, is_first=True)
    till.print()


def settle_all(till: Counter) -> None:
    """The program starts anew, and the cashier answers about a print nobody saw end."""
    fiscal.work(till.shop, till.driver, is_first=True)
    till.file_all()
    till.print()
    for job in spool_question.unconfirmed(till.shop):
        printed = any(job.document_id[:8] in paper for paper in till.papers())
        spool.answer(till.shop, shops.actor(), job.id, is_there=printed or bool(till.papers()))
    till.print()


def assert_one_of_each(till: Counter) -> None:
    with till.shop.store.read() as connection:
        rows = sales.recent(connection, limit=10)
    numbers = [row["receipt"] for row in reversed(rows)]
    assert till.filed() == numbers
    assert violations(till.box.ledger()) == []
    originals = [paper for paper in till.papers() if "COPY" not in paper]
    assert len(originals) <= len(numbers)
    for number in numbers:
        assert sum(number in paper for paper in originals) <= 1
        assert any(number in paper for paper in till.papers())


@pytest.mark.parametrize("is_day_open", [True, False], ids=["day open", "day closed"])
def test_l12_a_till_killed_at_every_step_of_a_sale_files_it_exactly_once(
    fresh: Callable[[], Counter], *, is_day_open: bool
) -> None:
    """Before, within and after every commit and every call, until a run comes through whole."""
    for at in range(1, STEPS_MOST, 1 if is_day_open else 3):
        till = fresh()
        if not is_day_open:
            till.driver.close_day()
            till.shop.clock.sleep(2)
        steps = Steps(at)
        died = run(till, steps, sell_file_print)
        till.shop.clock.sleep(5)
        settle_all(till)
        assert_one_of_each(till)
        if not died:
            assert at > 15
            return
    pytest.fail("the sale never came through")


def give_back_file_print(till: Counter) -> None:
    asked = AskedNote(id=till.shop.ids.new(), receipt="T01-000001", reason="came back")
    refund.post(till.shop, replace(MANAGER, role="Admin"), asked)
    fiscal.work(till.shop, till.driver, is_first=True)
    till.print()


def test_a_till_killed_at_every_step_of_a_credit_note_files_it_exactly_once(
    fresh: Callable[[], Counter],
) -> None:
    for at in range(1, STEPS_MOST):
        till = fresh()
        sell_file_print(till)
        died = run(till, Steps(at), give_back_file_print)
        till.shop.clock.sleep(5)
        settle_all(till)
        assert proof.found(till) == []
        assert proof.unfinished(till) == []
        if not died:
            assert (at > 15, len(till.filed())) == (True, 2)
            return
    pytest.fail("the note never came through")


def test_a_till_killed_twice_in_a_row_files_it_exactly_once(
    fresh: Callable[[], Counter],
) -> None:
    """And killed again while it recovers."""
    for at in range(4, 30, 6):
        for again in range(2, 16, 5):
            till = fresh()
            run(till, Steps(at), sell_file_print)
            run(till, Steps(again), settle_all)
            till.shop.clock.sleep(5)
            settle_all(till)
            assert_one_of_each(till)


@pytest.mark.parametrize(
    "fault",
    ["power_cut_before_commit", "power_cut_after_commit", "power_cut_mid_reply"],
)
@pytest.mark.parametrize("on", ["POST TransactM", "GET GetInvoice", "GET ZReport"])
def test_l12_a_device_killed_at_every_step_of_a_sale_files_it_exactly_once(
    sqlite_store: Store, fault: str, on: str
) -> None:
    till = counter(sqlite_store)
    till.driver.close_day()
    till.shop.clock.sleep(2)
    till.breaks(fault, on, seconds=30, times=2)
    sell_file_print(till)
    till.file_all()
    settle_all(till)
    assert_one_of_each(till)
    assert len(till.box.ledger()["days"]) == 2


def test_a_till_killed_at_every_step_of_closing_closes_once(
    fresh: Callable[[], Counter],
) -> None:
    for at in range(1, STEPS_MOST):
        till = fresh()
        till.sell("MILK")
        till.file_all()
        fiscal_day.close_day(till.shop, MANAGER)
        died = run(till, Steps(at), lambda till: fiscal.work(till.shop, till.driver) and None)
        till.shop.clock.sleep(5)
        till.file_all()
        till.shop.clock.sleep(5)
        till.file_all()
        (day,) = till.box.ledger()["days"]
        assert day["status"] == "FiscalDayClosed"
        account = fiscal_day.z(till.shop, MANAGER)
        assert (account.closed_by, account.differences) == ("manager", ())
        assert not account.is_foreign
        if not died:
            return
    pytest.fail("the day never closed whole")
