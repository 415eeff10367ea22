"""Setting a printer up at the till: chosen, tried, answered, confirmed, written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.domain.permission import Role, effective
from pos_app.services import printer_setup
from pos_app.services.printer_setup import Attempt, Choice, PrinterInUse
from printing.ports import FoundPort
from printing.printer import Printer
from printing.profile import PROFILES
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES, Sensor
from printing.status import PrinterStatus
from printing.trial import Trial
from sandbox.fault import Fault
from tests.printing.samples import VirtualClock

PORTS = [FoundPort("/dev/serial/by-id/usb-thermal", "usb-thermal")]


class Bench:
    """A simulated printer on every address, and a settings file in memory."""

    profiles = tuple(PROFILES)

    def __init__(self) -> None:
        self.clock = VirtualClock()
        machine = replace(MACHINES["58mm"], drawer_sensor=Sensor.OPEN_LOW)
        self.sim = SimulatedPrinter(machine, clock=self.clock)
        self.written = Choice()
        self.is_in_use = False
        self.tries: list[tuple[str, str]] = []

    def ports(self) -> list[FoundPort]:
        return PORTS

    def current(self) -> Choice:
        return self.written

    def _printer(self, choice: Choice) -> Printer:
        if self.is_in_use:
            raise PrinterInUse
        profile = printer_setup.rules_of(choice).profile
        return Printer(Desk(self.sim, self.clock), profile, clock=self.clock)

    def ask(self, choice: Choice) -> PrinterStatus:
        return self._printer(choice).status()

    def attempt(self, choice: Choice, kind: Trial, *, by: str) -> Attempt:
        self.tries.append((kind.value, by))
        return printer_setup.attempt(
            self._printer(choice), printer_setup.rules_of(choice), kind,
            clock=self.clock, job_id=f"t{len(self.tries)}",
        )  # fmt: skip

    def save(self, choice: Choice) -> None:
        self.written = choice


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def set_up(person, bench):
    async def come(size=(120, 40), role=Role.MANAGER):
        till = await person(size=size)
        till.app.desk.actor = replace(till.app.desk.actor, role=role, permissions=effective(role))
        till.app._interior = replace(till.app._interior, bench=bench)
        await till.press("f10")
        await till.at("ShiftScreen")
        return till

    return come


async def open_it(till):
    await till.press("ctrl+e")
    await till.at("PrinterScreen")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_new_printer_from_its_address_to_the_file(set_up, bench, size) -> None:
    till = await set_up(size=size)
    await open_it(till)
    await till.sees("none yet")
    await till.press("f2", "1")
    await till.sees("usb-thermal", "Not saved yet")
    await till.press("f5")
    await till.sees("What number ends")
    await till.type("47\r")
    await till.sees("That is no answer")
    await till.press("backspace", "backspace")
    await till.type("32\r")
    await till.sees("columns = 32")
    await till.press("f10")
    await till.sees("Did the drawer open")
    await till.type("y\r")
    await till.sees('open_level = "low"')
    await till.press("f9")
    await till.sees("Write this into")
    assert bench.written == Choice()
    await till.press("y")
    await till.sees("started again")
    assert bench.written.url == PORTS[0].address
    assert bench.written.settings["columns"] == 32
    assert bench.written.open_level == "low"
    assert bench.tries == [("ruler", "thandi"), ("drawer", "thandi")]
    await till.press("escape")
    await till.at("ShiftScreen")


async def test_a_typed_address_is_checked_where_it_is_typed(set_up) -> None:
    till = await set_up()
    await open_it(till)
    await till.press("f2", "2")
    await till.type("ftp://x\r")
    await till.sees("is not usable")
    await till.press(*["backspace"] * 7)
    await till.type("tcp://192.0.2.11\r")
    await till.sees("tcp://192.0.2.11")


async def test_a_printer_without_paper_is_said_and_nothing_asked(set_up, bench) -> None:
    bench.written = Choice(url=PORTS[0].address)
    bench.sim.faults.replace([Fault(do="paper_out")])
    till = await set_up()
    await open_it(till)
    await till.press("f5")
    await till.until(lambda: "no paper" in till.notice)
    bench.sim.faults.replace([])
    await till.press("f4")
    await till.until(lambda: "ready" in till.notice)
    bench.is_in_use = True
    await till.press("f7")
    await till.until(lambda: "till is printing" in till.notice)


async def test_leaving_asks_when_something_is_not_saved(set_up, bench) -> None:
    bench.written = Choice(url=PORTS[0].address)
    till = await set_up()
    await open_it(till)
    await till.press("f3", "3")
    await till.sees("58mm")
    await till.press("escape")
    await till.sees("not written down")
    await till.press("n", "escape")
    await till.sees("not written down")
    await till.press("y")
    await till.at("ShiftScreen")
    assert bench.written.profile == "80mm"


async def test_a_cashier_cannot_set_printers_up(set_up) -> None:
    till = await set_up(role=Role.CASHIER)
    await till.press("ctrl+e")
    await till.at("ShiftScreen")
