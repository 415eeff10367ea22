"""A till: its process, which may die, and its database, device and printer, which stay."""

from __future__ import annotations

from decimal import Decimal

from pos_app.ids import SeededIds
from pos_app.services import fiscal, spool, spool_question, spool_work, sync
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.simulation.bug import Planted
from pos_app.simulation.clock import LocalClock
from pos_app.simulation.device import FiscalDesk, PrinterDesk
from pos_app.simulation.line import Line
from pos_app.simulation.mischief import Fault
from pos_app.simulation.people import cashier
from pos_app.simulation.rules import rules
from pos_app.simulation.schedule import Loop
from pos_app.simulation.server import Server
from pos_app.simulation.step import Steps
from pos_app.simulation.world import World
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade

IDLE_SECONDS = 1800
AGAIN_SECONDS = 150


class Till:
    """One till with everything on its counter."""

    def __init__(self, world: World, number: int, *, server: Server, planted: Planted) -> None:
        self.code = f"T{number:02d}"
        self.clock = LocalClock(world.clock)
        self.steps = Steps(self.code, world.mischief, Fault.CRASH)
        self.fiscal_desk = FiscalDesk(world, self.code, number, self._filed)
        self.printer_desk = PrinterDesk(world, self.code)
        self._world = world
        self._server = server
        self._planted = planted
        self._path = world.folder / f"{self.code}.db"
        self._ids = SeededIds(world.rng(f"{self.code} ids"), self.clock.now)
        self._rules = rules(self.code, is_server=False)
        self._store = self._opened()
        upgrade(self._store)
        self._begin()
        self.filing = Loop(world.schedule, self._file, idle_seconds=IDLE_SECONDS)
        self.printing = Loop(world.schedule, self._print, idle_seconds=IDLE_SECONDS)
        self.syncing = Loop(
            world.schedule, self._sync, idle_seconds=IDLE_SECONDS, least_seconds=AGAIN_SECONDS
        )

    def start(self) -> None:
        """Fetch what the server has, and begin to work."""
        synced = sync.work(self.shop, self._line, is_forced=True)
        if synced.problem:
            self._world.report("program_fault", self.code, f"The first fetch: {synced.problem}")
        self.wake()

    def wake(self) -> None:
        """Something new was sold."""
        self.filing.wake(0.5)
        self.syncing.wake(1)

    def revive(self) -> None:
        """Start the program anew on what is on disk."""
        self._store.close()
        self._store = self._opened()
        self._begin()
        self.wake()

    def close(self) -> None:
        """Give the database back."""
        self._store.close()

    def sync_now(self) -> sync.Synced:
        """Deliver and fetch at once, whatever back-off is running."""
        return sync.work(self.shop, self._line, is_forced=True)

    def _opened(self) -> Store:
        return open_store(self._path, synchronous="OFF")

    def _begin(self) -> None:
        self._steps_store = self._planted.till_store(self._store, self.steps, self._world.mischief)
        self.shop = Shop(
            store=self._steps_store, clock=self.clock, ids=self._ids, rules=self._rules
        )
        self.driver = self._planted.driver(self.fiscal_desk.transport(self.clock))
        self._printers = {self._rules.printers[0].url: self.printer_desk.printer()}
        self._has_looked_back = False
        self._has_met = False
        self._line = Line(self._world, self._server, self.code, self.steps)

    def _file(self) -> float:
        worked = Worked()
        self.fiscal_desk.misbehave()
        with self._world.event(self.code, "file", self.steps, revive=self.revive):
            is_first, self._has_met = not self._has_met, True
            worked = fiscal.work(self.shop, self.driver, is_first=is_first)
            self._note("filed", worked)
            if worked.done:
                self.printing.wake(0.2)
                self.syncing.wake(1)
        return self._pause(worked)

    def _print(self) -> float:
        worked = Worked()
        with self._world.event(self.code, "print", self.steps, revive=self.revive):
            if not self._has_looked_back:
                spool_work.recover(self.shop)
                self._has_looked_back = True
            worked = spool_work.work(self.shop, self._printers)
            self._note("printed", worked)
            self._ask_cashier()
        return self._pause(worked)

    def _ask_cashier(self) -> None:
        """A paper nobody could prove: the cashier looks."""
        for job in spool_question.unconfirmed(self.shop):
            is_there = self.printer_desk.has_printed(job.id)
            self._world.trace.note(self.code, "cashier looks", is_there=is_there)
            spool.answer(self.shop, cashier(), job.id, is_there=is_there)
            if not is_there:
                self.printing.wake(5)

    def _sync(self) -> float:
        worked = Worked()
        with self._world.event(self.code, "sync", self.steps, revive=self.revive):
            synced = sync.work(self.shop, self._line)
            worked = synced
            self._note("synced", worked)
            if synced.delivered:
                self._server.posting.wake(2)
        return self._pause(worked)

    def _note(self, what: str, worked: Worked) -> None:
        if worked.done or worked.problem:
            self._world.trace.note(
                self.code, what, done=worked.done, left=worked.waiting, why=worked.problem
            )

    def _pause(self, worked: Worked) -> float:
        """Seconds to the next try, by this till's own clock; 0 when nothing asks for one."""
        if worked.next_at is None:
            return 60 if worked.waiting else 0
        return max((worked.next_at - self.clock.now()).total_seconds(), 1)

    def _filed(self, number: str, total: Decimal, currency: str) -> None:
        """The device has filed a receipt: it must be one of ours, to the cent, once."""
        self._world.trace.note(self.code, "device filed", number=number, total=total, in_=currency)
        if self._steps_store.is_writing:
            words = f"The device was called for {number} inside a transaction."
            self._world.report("call_in_transaction", number, words)
        with self._store.read() as connection:
            header = sales.by_receipt(connection, number)
        if header is None:
            words = f"The device filed {number} over {total} {currency}, which nobody sold."
            self._world.report("filed_unknown", number, words)
