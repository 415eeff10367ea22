"""A whole fiscal day: many sales, a device that fails one time in twenty, and a Z that adds up.

``POS_DAY_SALES=500`` runs the day of a busy till; by default it is a shorter one.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal

from sqlalchemy import update

from fiscal.simulator.proof import violations
from pos_app.services import fiscal_day, shift
from pos_app.services.check.invariants import check
from pos_app.services.fiscal_account import FiscalDay
from pos_app.store.engine import Store
from pos_app.store.stock import stock
from sandbox.fault import Fault
from tests import shops
from tests.counter import Counter, counter

SALES = int(os.environ.get("POS_DAY_SALES", "120"))
FAULTS = 0.05
KINDS = (
    "commit_then_silence",
    "drop_before",
    "power_cut_before_commit",
    "power_cut_after_commit",
    "power_cut_mid_reply",
    "busy",
    "flip_byte",
    "drop_bytes",
    "old_reply",
    "qr_empty",
    "data_string",
    "data_empty",
    "init_error",
)
GOODS = ("MILK", "BREAD", "BOOK", "BANANA", "NAME")
MANAGER = shops.actor("manager")


def test_a_day_of_sales_with_faults_closes_with_a_z_that_is_their_sum(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    rng = random.Random(2026)
    reopen(till)
    stock_up(till)
    till.box.faults.replace(
        [Fault(do=kind, probability=FAULTS / len(KINDS), times=10**6, seconds=3) for kind in KINDS]
    )
    for number in range(SALES):
        if number == SALES // 2:
            shift.close_shift(till.shop, shops.actor(), [])
            shops.open_till(till.shop)
        codes = [rng.choice(GOODS) for _ in range(rng.randint(1, 4))]
        till.sell(*codes, currency="ZIG" if rng.random() < 0.25 else "USD")
        till.file()
        till.shop.clock.sleep(rng.randint(5, 90))
    till.file_all()
    day = close(till)
    till.box.faults.replace([])
    assert_sum(till, day)


def reopen(till: Counter) -> None:
    """Begin on a day the till has opened itself."""
    till.driver.close_day()
    till.shop.clock.sleep(2)


def stock_up(till: Counter) -> None:
    with till.shop.store.write() as connection:
        plenty = Decimal(100_000)
        connection.execute(update(stock).values(base=plenty, on_hand=plenty))


def close(till: Counter) -> FiscalDay:
    fiscal_day.close_day(till.shop, MANAGER)
    till.file_all()
    return fiscal_day.z(till.shop, MANAGER)


def assert_sum(till: Counter, day: FiscalDay) -> None:
    ledger = till.box.ledger()
    assert violations(ledger) == []
    assert len(ledger["receipts"]) == SALES
    assert {row["fiscal_day"] for row in ledger["receipts"]} == {day.fiscal_day}
    assert day.differences == ()
    assert day.found == ()
    assert day.till.receipts == SALES
    assert sum(part.receipts for part in day.shifts) == SALES
    assert day.device is not None
    total = sum((row.gross.amount for row in day.device.taxes), Decimal(0))
    assert total == sum((Decimal(row["total"]) for row in ledger["receipts"]), Decimal(0))
    assert check(till.shop) == []
