"""One till with its device through days of mischief: it sells, takes back, dies, and goes on."""

from __future__ import annotations

import random
from collections import Counter as Counts
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy import update

from fiscal.port import Transport
from fiscal.simulator.assembly import stored_device
from fiscal.simulator.box import Box
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.virtual_port import VirtualLine
from pos_app.domain.fiscal import FiscalState
from pos_app.domain.fiscal_day import DayState
from pos_app.domain.money import Money
from pos_app.domain.note import WantedLine
from pos_app.errors import PosError
from pos_app.services import (
    basket,
    fiscal,
    fiscal_day,
    fiscal_settle,
    original,
    refund,
    sale,
    shift,
    spool,
    spool_question,
    tender,
)
from pos_app.services.fiscal_settle import Deed
from pos_app.services.refund import AskedNote
from pos_app.simulation.mischief import Fault as Mishap
from pos_app.simulation.mischief import Mischief
from pos_app.simulation.step import Crash, Steps, StepStore
from pos_app.store.engine import Store
from pos_app.store.stock import stock
from printing import escpos
from printing.simulator.core import SimulatedPrinter
from printing.simulator.machine import MACHINES
from sandbox.log import RequestLog
from tests import shops
from tests.campaign.trouble import CountedFaults, MortalTransport, ShakyLine, armed, mortal
from tests.counter import PROFILE
from tests.wired import Wired

GOODS = ("MILK", "BREAD", "BOOK", "BANANA", "NAME")
MANAGER = shops.actor("manager")
BOSS = replace(MANAGER, role="Admin")
CASHIER = shops.actor()
NOTES = 0.08
SUPERVISED = 0.1
"""How often somebody looks at what was left to people, per customer."""

CLOSE_TRIES = 60
MENDED_AFTER = 40
TRIES = 200


@dataclass
class House(Wired):
    """The till, its counter and its bad luck.

    Attributes:
        folder: where the device keeps its state.
        rate: of every kind of trouble, 0 to 1.
        paid: receipt and total of every sale that was shown as paid, by its id.
        struck: what went wrong, how often.
        told: what the line was asked and how that ended.
        refused: how often a rule of the shop said no.
    """

    folder: Path = Path()
    rate: float = 0.0
    paid: dict[str, tuple[str, Money]] = field(default_factory=dict)
    struck: Counts[str] = field(default_factory=Counts)
    told: Counts[str] = field(default_factory=Counts)
    refused: Counts[str] = field(default_factory=Counts)
    is_calm: bool = True
    dark_for: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}/house")
        self.mischief = Mischief(random.Random(f"{self.seed}/mischief"), self.rate)
        self.steps = Steps("till", self.mischief, Mishap.CRASH)
        self.shop = replace(self.shop, store=StepStore(self.shop.store, self.steps, self.mischief))
        self.ups = ShakyLine(random.Random(f"{self.seed}/up"), 0.0, self.struck)
        self.downs = ShakyLine(random.Random(f"{self.seed}/down"), 0.0, self.struck)
        self.is_first = True
        super().__post_init__()
        self._lay_line()

    def transport(self) -> Transport:
        """The port, on which the program may die."""
        return MortalTransport(super().transport(), self.steps, self.told)

    def begin(self) -> None:
        """From now on everything goes wrong now and then."""
        self.is_calm = False
        self.mischief.begin()
        self.ups.rate = self.downs.rate = self.rate
        self.box.faults.replace(armed(self.rate))

    def mend(self) -> None:
        """From now on nothing goes wrong."""
        self.is_calm = True
        self.mischief.stop()
        self.ups.rate = self.downs.rate = 0.0
        self.box.faults.replace([])
        self.box.change({"network": True})
        self.dark_for = 0

    def sell_day(self, count: int) -> None:
        """A shift of so many customers, and the closing of the fiscal day."""
        self._insist(lambda: shops.open_till(self.shop), unless=self._has_shift)
        for _ in range(count):
            self._weather()
            self.event("sell", self._serve)
            self.event("file", self._file)
            self.event("print", self._print)
            if self.rng.random() < SUPERVISED:
                self._resolve()
            self.shop.clock.sleep(self.rng.randint(15, 90))
        self._insist(
            lambda: shift.close_shift(self.shop, CASHIER, []), unless=lambda: not self._has_shift()
        )
        self._close_day()

    def drain(self) -> None:
        """Everything is well: let whatever waits come to its end, people's questions too."""
        self.mend()
        for _ in range(TRIES):
            self.event("file", self._file)
            self._resolve()
            self.event("print", self._print)
            with self.shop.store.read() as connection:
                waits = fiscal.journal.unsettled(connection)[0]
            if not waits and not fiscal_settle.troubles(self.shop):
                break
            self.shop.clock.sleep(60)
        self._close_day()
        self.event("print", self._print)

    def event(self, what: str, deed: Callable[[], object]) -> bool:
        """Let the program do something; it may be told no, and it may die and start anew."""
        self.steps.begin()
        try:
            deed()
        except Crash:
            self.struck[f"till: killed, {what}"] += 1
            self.restart()
            self.is_first = True
            return False
        except PosError as error:
            self.refused[error.code] += 1
            return False
        finally:
            self.steps.end()
        return True

    def _serve(self) -> None:
        if self.paid and self.rng.random() < NOTES:
            self._give_back()
        else:
            self._sell()

    def _sell(self) -> None:
        made = basket.start(self.shop, CASHIER, currency=self._currency())
        for _ in range(self.rng.randint(1, 4)):
            code = self.rng.choice(GOODS)
            made = basket.add(self.shop, CASHIER, made, code, quantity=Decimal(1))
        given = [tender.make(self.shop, "cash", made.total)]
        posted = sale.post(self.shop, CASHIER, made, given)
        self.paid[posted.sale_id] = (posted.receipt, posted.total)

    def _currency(self) -> str:
        return "ZIG" if self.rng.random() < 0.25 else "USD"

    def _give_back(self) -> None:
        receipt, total = self.rng.choice(list(self.paid.values()))
        if total.minor <= 0:
            return
        seen = original.show(self.shop, receipt)
        left = [row for row in seen.sold if row.returnable > 0]
        lines: tuple[WantedLine, ...] = ()
        if left and self.rng.random() < 0.6:
            row = self.rng.choice(left)
            lines = (WantedLine(line=row.number, quantity=row.returnable),)
        asked = AskedNote(id=self.shop.ids.new(), receipt=receipt, reason="came back", lines=lines)
        posted = refund.post(self.shop, BOSS, asked)
        self.paid[posted.sale_id] = (posted.receipt, posted.total)

    def _file(self) -> None:
        is_first, self.is_first = self.is_first, False
        fiscal.work(self.shop, self.driver, is_first=is_first)

    def _print(self) -> None:
        self.print()
        for job in spool_question.unconfirmed(self.shop):
            code = escpos.process_code(job.id)
            is_there = any(code in paper["jobs"] for paper in self.machine.ledger()["receipts"])
            spool.answer(self.shop, CASHIER, job.id, is_there=is_there)

    def _close_day(self) -> None:
        """Ask for the closing until the day is closed; late at night everything is mended."""
        for number in range(CLOSE_TRIES):
            self.event("file", self._file)
            self._resolve()
            day = fiscal_day.standing(self.shop)
            if day.state in {DayState.CLOSED, DayState.UNKNOWN}:
                return
            if day.step is None or day.step.is_over:
                self.event("close", lambda: fiscal_day.close_day(self.shop, MANAGER))
                self.event("file", self._file)
            if number == MENDED_AFTER // 2:
                self._light()
            if number == MENDED_AFTER:
                self.mend()
            self.shop.clock.sleep(120)
        self.refused["day stayed open"] += 1

    def _resolve(self) -> None:
        """A supervisor looks at what was left to people."""
        for trouble in fiscal_settle.troubles(self.shop):
            if trouble.state is FiscalState.REFUSED or trouble.may == (Deed.SEND_AGAIN,):
                deed = fiscal_settle.send_again
            elif trouble.state is FiscalState.DISPUTED:
                deed = (
                    fiscal_settle.look_again
                    if self.rng.random() < 0.5
                    else fiscal_settle.send_again
                )
            else:
                continue
            name = f"person: {deed.__name__.replace('_', ' ')} at {trouble.state}"
            if self.event(
                "settle",
                lambda d=deed, t=trouble: d(  # type: ignore[misc]
                    self.shop, MANAGER, t.receipt, reason="looked at it"
                ),
            ):
                self.struck[name] += 1

    def _weather(self) -> None:
        """What happens around the till between two customers."""
        if self.is_calm:
            return
        if self.dark_for:
            self.dark_for -= 1
            if not self.dark_for:
                self._light()
        chance = self.rng.random() / self.rate
        if chance < 0.2:
            self.line.unplug(self.rng.uniform(1, 60))
            self.struck["line: unplugged"] += 1
        elif chance < 0.4:
            self.line.reboot()
            self.struck["device: rebooted"] += 1
        elif chance < 0.6:
            self._reopen()
        elif chance < 0.7 and not self.dark_for:
            self.box.change({"network": False})
            self.dark_for = self.rng.randint(2, 40)
            self.struck["authority: network cut"] += 1

    def _light(self) -> None:
        self.box.change({"network": True})
        self.dark_for = 0

    def _reopen(self) -> None:
        """The box is switched off and starts anew on what is in its folder."""
        self.struck["device: started anew from its disk"] += 1
        self.box.device.close()
        faults, log = self.box.faults, self.box.log
        self.box = make_box(self.folder, self.shop.clock, faults=faults, log=log)
        self.line.unplug(0)
        self._lay_line()
        self.restart()

    def _lay_line(self) -> None:
        self.line = VirtualLine(self.box, self.shop.clock, seed=self.seed)
        self.line.to_device = mortal(self.ups, self.steps)
        self.line.to_host = self.downs
        self.restart()

    def _has_shift(self) -> bool:
        return shift.current(self.shop) is not None

    def _insist(self, deed: Callable[[], object], *, unless: Callable[[], bool]) -> None:
        while not unless():
            self.event("shift", deed)


def make_box(folder: Path, clock: shops.FixedClock, **how: object) -> Box:
    """The box of a folder."""
    device = stored_device(folder, clock, settings=DeviceSettings(), key="ecdsa")
    return Box(device, clock, **how)  # type: ignore[arg-type]


def make_house(store: Store, folder: Path, *, seed: int, rate: float) -> House:
    """A filled till with plenty in stock, and a box with its state in a folder."""
    shop = shops.open_shop(store)
    with store.write() as connection:
        plenty = Decimal(1_000_000)
        connection.execute(update(stock).values(base=plenty, on_hand=plenty))
    clock = shop.clock
    assert isinstance(clock, shops.FixedClock)
    struck = Counts[str]()
    faults = CountedFaults(random.Random(f"{seed}/box"), struck)
    box = make_box(folder, clock, faults=faults, log=RequestLog(clock.now))
    machine = SimulatedPrinter(MACHINES[PROFILE], clock=clock)
    return House(shop, box, machine, seed, folder=folder, rate=rate, struck=struck)
