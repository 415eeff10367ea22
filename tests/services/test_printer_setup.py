"""A printer is tried with papers, and what people see on them becomes its settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.services import printer_setup
from pos_app.services.printer_setup import Attempt, Choice, PrinterSettingWrong
from printing.printer import Printer
from printing.simulator.core import SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES, Sensor
from printing.trial import Trial
from sandbox.fault import Fault
from tests.printing.samples import VirtualClock

CHOICE = Choice(url="/dev/usb/lp0")


def tried(
    choice: Choice, kind: Trial, *, fault: str = "", sensor: Sensor = Sensor.OPEN_HIGH, pin: int = 0
) -> Attempt:
    clock = VirtualClock()
    machine = replace(MACHINES["80mm"], drawer_sensor=sensor, drawer_pin=pin)
    sim = SimulatedPrinter(machine, clock=clock)
    sim.faults.replace([Fault(do=fault)] if fault else [])
    wanted = printer_setup.rules_of(choice)
    printer = Printer(Desk(sim, clock), wanted.profile, clock=clock)
    return printer_setup.attempt(printer, wanted, kind, clock=clock, job_id="t")


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(url="ftp://x"),
        Choice(url="/dev/usb/lp0", profile="90mm"),
        Choice(url="/dev/usb/lp0", settings={"colour": "red"}),
        Choice(url="/dev/usb/lp0", settings={"columns": 2}),
    ],
)
def test_what_is_no_printer_is_refused_in_one_sentence(choice: Choice) -> None:
    with pytest.raises(PrinterSettingWrong) as refused:
        printer_setup.rules_of(choice)
    assert refused.value.sentence.endswith(".")


def test_a_paper_that_is_out_and_one_that_is_not() -> None:
    assert tried(CHOICE, Trial.RULER) == Attempt(
        is_out=True, sentence="The printer says that the test paper is printed."
    )
    refused = tried(CHOICE, Trial.RULER, fault="cover_open")
    assert not refused.is_out
    assert "cover" in refused.sentence


@pytest.mark.parametrize(
    ("sensor", "level"),
    [(Sensor.OPEN_HIGH, "high"), (Sensor.OPEN_LOW, "low"), (Sensor.NONE, "")],
)
def test_the_drawer_teaches_how_it_says_that_it_is_open(sensor: Sensor, level: str) -> None:
    seen = tried(CHOICE, Trial.DRAWER, sensor=sensor)
    assert seen.open_level == level
    assert printer_setup.taught(CHOICE, Trial.DRAWER, "y", seen).open_level == level


def test_a_drawer_on_the_other_pin_is_found_in_two_steps() -> None:
    first = tried(CHOICE, Trial.DRAWER, pin=1)
    assert first.open_level == ""
    other = printer_setup.taught(CHOICE, Trial.DRAWER, "n", first)
    assert other.settings == {"drawer_pin": 1}
    second = tried(other, Trial.DRAWER, pin=1)
    assert printer_setup.taught(other, Trial.DRAWER, "y", second).open_level == "high"


def test_without_a_drawer_nothing_is_sent() -> None:
    none = replace(CHOICE, settings={"drawer_pin": "none"})
    seen = tried(none, Trial.DRAWER)
    assert not seen.is_out
    assert "no drawer" in seen.sentence


def test_answers_add_up_and_differences_name_them() -> None:
    learnt = printer_setup.taught(CHOICE, Trial.QR, "b")
    learnt = printer_setup.taught(learnt, Trial.RULER, "42")
    assert printer_setup.differences(CHOICE, CHOICE) == []
    assert printer_setup.differences(CHOICE, replace(learnt, open_level="low")) == [
        'drawer.open_level = "low"',
        "printer.settings.columns = 42",
        "printer.settings.columns_b = 56",
        "printer.settings.dots = 512",
        'printer.settings.qr = "raster"',
    ]
    assert printer_setup.differences(learnt, CHOICE)[-1] == (
        "printer.settings.qr = (as the profile has it)"
    )


def test_a_wrong_answer_teaches_nothing() -> None:
    with pytest.raises(PrinterSettingWrong, match="type a, b, both or none"):
        printer_setup.taught(CHOICE, Trial.QR, "perhaps")
