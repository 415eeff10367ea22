"""Each failure of line, device, day and network, in each operation of the till that meets it.

The services, the store, the driver, the link and the box are the real ones, on virtual time. What
is asserted is the ledger of the box beside the books of the till: while it is broken, and mended.
``POS_WHOLE_MATRIX=1`` runs every pair; by default each failure meets one operation in turn.
"""

from __future__ import annotations

import itertools
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from pos_app.domain.fiscal import FiscalState
from pos_app.domain.fiscal_day import DayState
from pos_app.errors import PosError
from pos_app.ids import SeededIds
from pos_app.services import fiscal, fiscal_day, fiscal_settle, fiscal_standing, refund
from pos_app.services.refund import AskedNote
from pos_app.services.shop import Shop
from pos_app.store.engine import Store, open_store
from printing.simulator.core import SimulatedPrinter
from printing.simulator.machine import MACHINES
from sandbox.fault import Fault
from tests import proof, shops
from tests.counter import PROFILE, SUBMIT, counter
from tests.fiscal.link_failures import FAILURES as OF_THE_LINE
from tests.fiscal.link_failures import Failure
from tests.fiscal.samples import make_box
from tests.wired import Wired

MANAGER = shops.actor("manager")
BOSS = replace(MANAGER, role="Admin")

# ---------------------------------------------------------------- the till


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database of an open till, closed, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "till.db"
    shutil.copy(sqlite_template, path)
    with open_store(path) as store:
        counter(store)
    return path


@contextmanager
def a_till(filled: Path, folder: Path, seed: int) -> Iterator[Wired]:
    """A till that has filed one receipt and knows its device."""
    path = shutil.copy(filled, folder / f"{seed}.db")
    with open_store(path, synchronous="OFF") as store:
        till = _on(store, seed)
        till.sell("MILK", "BREAD")
        till.file()
        till.print()
        yield till


def _on(store: Store, seed: int) -> Wired:
    clock = shops.FixedClock()
    ids = SeededIds(Random(seed), clock.now)
    shop = Shop(store=store, clock=clock, ids=ids, rules=shops.shop_rules())
    machine = SimulatedPrinter(MACHINES[PROFILE], clock=clock)
    return Wired(shop, make_box(clock, seed=seed), machine, seed)


def receipts(till: Wired) -> list[str]:
    return [row["number"] for row in till.box.ledger()["receipts"]]


def work(till: Wired, *, seconds: float = 30) -> None:
    """The lanes, for a while."""
    till.file_all(seconds=seconds)
    till.print()


# -------------------------------------------------------------- operations


def sell(till: Wired) -> None:
    till.sell("MILK", "BOOK")
    work(till)


def give_back(till: Wired) -> None:
    asked = AskedNote(id=till.shop.ids.new(), receipt="T01-000001", reason="came back")
    refund.post(till.shop, BOSS, asked)
    work(till)


def close_day(till: Wired) -> None:
    fiscal_day.close_day(till.shop, MANAGER)
    work(till)


def recover(till: Wired) -> None:
    """The program starts anew, and a receipt is in doubt."""
    fiscal.work(till.shop, till.driver, is_first=True)
    work(till)


def closed(till: Wired) -> None:
    fiscal_day.close_day(till.shop, MANAGER)
    till.file_all()
    till.shop.clock.sleep(2)


def in_doubt(till: Wired) -> None:
    """It was filed, the answer was lost, and the till died before it could ask."""
    till.sell("BREAD")
    till.breaks("power_cut_after_commit", SUBMIT, seconds=5)
    till.file()
    till.shop.clock.sleep(60)
    till.restart()


def nothing(till: Wired) -> None:
    """No preparation."""


OPERATIONS: dict[str, tuple[Callable[[Wired], None], Callable[[Wired], None], int]] = {
    "a sale": (nothing, sell, 2),
    "a credit note": (nothing, give_back, 2),
    "opening the day with a sale": (closed, sell, 2),
    "closing the day": (nothing, close_day, 1),
    "recovering a receipt": (in_doubt, recover, 2),
}
"""What comes before, what is done, and how many receipts there must be in the end."""

# ---------------------------------------------------------------- failures


def box(do: str, on: str = "", **how: float) -> Failure:
    return lambda till: till.breaks(do, on, **how)  # type: ignore[attr-defined]


def world(**change: object) -> Failure:
    return lambda till: till.box.change(change)  # type: ignore[attr-defined]


def mixed(till: Wired) -> None:
    """Everything the box can answer wrongly, at once."""
    kinds = ("code_number", "data_empty", "data_string", "qr_empty", "old_reply")
    till.box.faults.replace([Fault(do=kind, probability=0.4, times=100) for kind in kinds])


OF_THE_BOX: dict[str, Failure] = {
    **{
        f"{do}, {often}": box(do, times=times)
        for do in (
            "code_number",
            "data_empty",
            "data_string",
            "qr_empty",
            "qr_wrong",
            "foreign_receipt",
            "old_reply",
            "init_error",
            "certificate_expired",
            "nak",
        )
        for often, times in (("once", 1), ("for long", 1000))
    },
    "day_closed, once": box("day_closed"),
    "busy for 2.5 s": box("busy", seconds=2.5),
    "busy for two minutes": box("busy", seconds=120),
    "the power cut for a minute before the commit": box("power_cut_before_commit", seconds=60),
    "the power cut for a minute after the commit": box("power_cut_after_commit", seconds=60),
    "silence after every commit": box("commit_then_silence", times=1000),
    "odd answers of every kind": mixed,  # type: ignore[dict-item]
    "no network to the authority": world(network=False),
    "the device's clock an hour back": world(clock_ahead_seconds=-3600),
    "the device's clock an hour ahead": world(clock_ahead_seconds=3600),
    "the device's clock five minutes ahead": world(clock_ahead_seconds=300),
}
FAILURES = OF_THE_LINE | OF_THE_BOX


CASES = (
    list(itertools.product(FAILURES, OPERATIONS))
    if os.environ.get("POS_WHOLE_MATRIX")
    else list(zip(FAILURES, itertools.cycle(OPERATIONS), strict=False))
)


@pytest.mark.parametrize(("failure", "operation"), CASES)
def test_each_failure_in_each_operation_of_the_till(
    filled: Path, tmp_path: Path, failure: str, operation: str
) -> None:
    prepare, do, count = OPERATIONS[operation]
    seed = zlib.crc32(f"{operation}/{failure}".encode())
    with a_till(filled, tmp_path, seed) as till:
        prepare(till)
        FAILURES[failure](till)
        with suppress(PosError):  # the cashier is told no, and nothing was sold
            do(till)
        assert proof.found(till) == [], "broken"
        mend(till, operation)
        assert proof.found(till) == [], "mended"
        assert proof.unfinished(till) == []
        assert len(receipts(till)) == count


def mend(till: Wired, operation: str) -> None:
    """Everything is well again; people look at what was left to them, and repeat the closing."""
    till.heal()
    till.file_all()
    for trouble in fiscal_settle.troubles(till.shop):
        assert trouble.reason, trouble
        assert trouble.state is FiscalState.DISPUTED, trouble
        fiscal_settle.look_again(till.shop, MANAGER, trouble.receipt)
    till.file_all()
    till.shop.clock.sleep(120)
    till.file_all()
    if len(receipts(till)) < OPERATIONS[operation][2]:
        OPERATIONS[operation][1](till)
    day = fiscal_day.standing(till.shop)
    if operation == "closing the day" and day.state is not DayState.CLOSED:
        assert day.step is not None
        assert day.step.problem, "why it is not closed is said"
        close_day(till)
        assert fiscal_day.standing(till.shop).state is DayState.CLOSED
    assert fiscal_standing.standing(till.shop).stop == ""
