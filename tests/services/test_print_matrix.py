"""Every fault of a printer at places all over a receipt, through the real services; killed tills.

``python -m tests.print_campaign`` does the same at every place, on every kind of printer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from pos_app.services import spool, spool_question, spool_work
from pos_app.store.engine import Store
from printing.link import Link
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator import fault
from printing.simulator.desk import Desk, DeskLink
from tests import shops
from tests.counter import PROFILE, Counter, counter
from tests.print_ordeal import FAULTS, LASTING, ordeal
from tests.services.test_spool import print_all, sold

STEP = 64
LONGEST = 1600
COARSE = (0, 40, 900, 1500)
STEPS_MOST = 80


def test_paper_out_at_every_64th_byte_of_a_receipt(sqlite_store: Store) -> None:
    found = ordeal(sqlite_store)
    for at in range(0, LONGEST, STEP):
        found.suffer(fault.PAPER_OUT, at)
    assert found.found == []
    assert found.outcomes["unconfirmed"] > LONGEST // STEP / 2, "the fault was not felt"


@pytest.mark.parametrize("kind", ["80mm", "80mm-clone", "58mm-clone", "xonxoff"])
def test_every_fault_leaves_the_sale_done_and_the_state_true(
    sqlite_store: Store, kind: str
) -> None:
    found = ordeal(sqlite_store, kind)
    for do in FAULTS:
        for at in COARSE if kind == "80mm" else COARSE[1:3]:
            found.suffer(do, at)
    assert found.found == []
    assert found.outcomes["unconfirmed"]


def test_a_second_printer_takes_what_was_not_begun_and_nothing_else(sqlite_store: Store) -> None:
    found = ordeal(sqlite_store, has_second=True)
    for do in LASTING:
        for at in COARSE:
            found.suffer(do, at)
    assert found.found == []
    assert found.second is not None
    assert found.second.ledger()["receipts"]


def test_what_is_checked_is_checked(sqlite_store: Store) -> None:
    """A spool that sends a doubtful paper again by itself is found out at once."""
    found = ordeal(sqlite_store)
    honest = found.till.printer

    class Eager:
        """Prints again what it could not prove, and says that all is well."""

        unfinished = None
        settle = honest.settle
        look = honest.look
        give_up = honest.give_up

        def print(self, job: bytes, job_id: str) -> Any:
            outcome = honest.print(job, job_id)
            return honest.print(job, job_id) if outcome.reason else outcome

    found.till.printer = Eager()  # type: ignore[assignment]
    for at in (64, 700, 1500):
        found.suffer(fault.SILENCE, at)
    assert any("unmarked papers" in words for words in found.found)


class Dead(BaseException):
    """The process is gone; nothing of it catches this."""


class Steps:
    """Counts the steps of a till, and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def reach(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Dead


class Mortal(Store):
    """The till's database, with a step before, within and after every commit."""

    def __init__(self, inner: Store, steps: Steps) -> None:
        self.__dict__ |= inner.__dict__
        self.inner, self.steps = inner, steps

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.steps.reach()
        with self.inner.write() as connection:
            yield connection
            self.steps.reach()
        self.steps.reach()


class MortalDesk(Desk):
    """The till's line, with a step around every piece that leaves."""

    def __init__(self, till: Counter, steps: Steps) -> None:
        super().__init__(till.machine, till.shop.clock)
        self._steps = steps

    def __call__(self) -> Link:
        steps = self._steps

        class Watched(DeskLink):
            def write(self, data: bytes, wait_seconds: float) -> int:
                steps.reach()
                taken = super().write(data, wait_seconds)
                steps.reach()
                return taken

        self._steps.reach()
        return Watched(self.printer, self._clock)


def test_a_till_killed_at_every_step_of_a_print_prints_one_original(sqlite_store: Store) -> None:
    till = counter(sqlite_store, may_oversell=True)
    done = 0
    for at in range(1, STEPS_MOST):
        row = sold(till)
        steps = Steps(at)
        shop = replace(till.shop, store=Mortal(till.shop.store, steps))
        actor = Printer(MortalDesk(till, steps), profile_named(PROFILE), clock=till.shop.clock)
        try:
            spool_work.work(shop, {shop.rules.printers[0].url: actor})
        except Dead:
            pass
        else:
            done = at
        till.restart()
        print_all(till)
        whole = _whole(till, row.receipt)
        for asked in spool_question.unconfirmed(till.shop):
            spool.answer(till.shop, shops.actor(), asked.id, is_there=bool(whole))
        print_all(till)
        papers = _whole(till, row.receipt)
        assert sum("COPY" not in text for text in papers) <= 1, f"step {at}"
        assert len(papers) == 1, f"step {at}: an original, or a copy in its place"
        assert [job["state"] for job in till.jobs(row)][-1] == "confirmed", f"step {at}"
        if done:
            break
    assert done > 20, "it was not killed at every step"


def _whole(till: Counter, receipt: str) -> list[str]:
    """Papers with their first and last line, one that still hangs out of the printer as well."""
    hanging = till.machine.ledger()["hanging"]
    papers = [*till.papers(), *([hanging] if hanging else [])]
    return [text for text in papers if receipt in text and "Thank you for shopping" in text]
