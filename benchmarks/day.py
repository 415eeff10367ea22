"""A till that sells all day behind its real screen, and then says how large it has become.

``python -m benchmarks.day FILE SALES ITEMS REPORT``: a child process of a measurement. Every sale
is filed on a simulated fiscal device and printed on a simulated printer in the same process.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import shop as shops
from benchmarks.till import BenchTill
from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.box import Box
from pos_app.services import fiscal, sale, spool_work
from pos_app.services.shop import Shop
from pos_app.store.engine import open_store
from printing.printer import Printer
from printing.profile import profile_named
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES

MODEL = "80mm"
LINES = 5


class Hurried:
    """The machine's clock for people in a hurry: whoever waits finds the time gone at once."""

    def __init__(self) -> None:
        self._passed = timedelta()

    def now(self) -> datetime:
        """The current instant, with all the waiting there was."""
        return datetime.now(UTC) + self._passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += timedelta(seconds=seconds)


class Day:
    """The sales of one day, one after another."""

    def __init__(self, shop: Shop, *, sales: int, items: int) -> None:
        self._shop, self._sales, self._items = shop, sales, items
        self._rng = random.Random(shops.SEED)
        self._driver = Driver(
            DirectTransport(Box(memory_device(shop.clock), shop.clock), shop.clock)
        )
        machine = SimulatedPrinter(MACHINES[MODEL], clock=shop.clock)
        printer = Printer(Desk(machine, shop.clock), profile_named(MODEL), clock=shop.clock)
        self._printers = {shop.rules.printers[0].url: printer}

    def run(self) -> None:
        """Sell, file and print them all."""
        for _ in range(self._sales):
            made = shops.fill_basket(self._shop, lines=LINES, items=self._items, rng=self._rng)
            sale.post(self._shop, shops.actor(), made, shops.tenders_for(self._shop, made))
            fiscal.work(self._shop, self._driver)
            spool_work.work(self._shop, self._printers)


class BusyTill(BenchTill):
    """The till with a cashier who sells as fast as it goes."""

    def __init__(self, shop: Shop, day: Day, report: Path) -> None:
        super().__init__(shop)
        self._day, self._report = day, report

    def on_ready(self) -> None:
        """Go to work."""
        self.enter(shops.actor())
        self.run_worker(self._sell())

    async def _sell(self) -> None:
        await self.lanes.perform("day", self._day.run)
        self._report.with_suffix(".part").write_text(json.dumps(memory()))
        self._report.with_suffix(".part").rename(self._report)


def memory() -> dict[str, float]:
    """What of this process is in memory now, and the most that ever was, in MB of 10**6 bytes."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: int(told[field].split()[0]) * 1024 / 1e6
        for name, field in (("now", "VmRSS"), ("peak", "VmHWM"))
    }


def main(path: Path, sales: int, items: int, report: Path) -> None:
    """Run the till until its terminal goes away."""
    with open_store(path) as store:
        shop = replace(shops.at_work(store), clock=Hurried())
        BusyTill(shop, Day(shop, sales=sales, items=items), report).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
