"""Answers that go wrong, the drawer and its sensor, and what is reported unasked."""

from __future__ import annotations

import pytest

from printing.escpos import ask_process_id
from printing.simulator import fault
from printing.simulator.core import GARBAGE_BYTES, SimulatedPrinter
from printing.simulator.desk import Desk
from printing.simulator.machine import MACHINES, Machine, Sensor
from sandbox.fault import Fault
from tests.printing.samples import VirtualClock
from tests.printing.test_simulator import CUT, printer, say

ASK = b"\x10\x04\x01"
PULSE = b"\x1bp\x00\x32\xfa"


def timed(machine: Machine) -> tuple[SimulatedPrinter, VirtualClock]:
    clock = VirtualClock()
    return SimulatedPrinter(machine, clock=clock), clock


def test_one_byte_of_an_answer_is_wrong_once() -> None:
    sim = printer()
    sim.faults.replace([Fault(do="wrong_byte", on="status")])
    (wrong,) = say(sim, ASK)
    assert (wrong ^ 0x12).bit_count() == 1
    assert say(sim, ASK) == b"\x12"


def test_an_answer_comes_twice_or_late_and_none_overtakes_it() -> None:
    sim, clock = timed(MACHINES["80mm"])
    sim.faults.replace([Fault(do="double_reply", on="status")])
    assert say(sim, ASK) == b"\x12\x12"
    sim.faults.replace([Fault(do="late_reply", on="status", seconds=1)])
    assert say(sim, ASK + b"\x10\x04\x02") == b""
    clock.sleep(1)
    assert say(sim, b"") == b"\x12\x12"


def test_the_answer_before_comes_instead() -> None:
    sim = printer()
    say(sim, b"one\n" + CUT + ask_process_id("AB12"))
    sim.faults.replace([Fault(do="old_reply", on="print")])
    assert say(sim, b"two\n" + CUT + ask_process_id("CD34")) == b"\x37\x22AB12\x00"
    assert say(sim, b"six\n" + CUT + ask_process_id("EF56")) == b"\x37\x22EF56\x00"


def test_noise_when_the_port_is_opened_has_to_be_asked_for_by_name() -> None:
    sim, clock = timed(MACHINES["80mm"])
    sim.faults.replace([Fault(do="garbage", on="open"), Fault(do="near_end")])
    link = Desk(sim, clock)()
    assert sim.ledger()["conditions"] == []
    assert len(link.read(1)) == GARBAGE_BYTES
    assert Desk(sim, clock)().read(0) == b""


@pytest.mark.parametrize(
    ("sensor", "shut", "pulled"),
    [
        (Sensor.OPEN_HIGH, b"\x12", b"\x16"),
        (Sensor.OPEN_LOW, b"\x16", b"\x12"),
        (Sensor.NONE, b"\x12", b"\x12"),
    ],
)
def test_pin_three_says_how_the_drawer_stands(sensor: Sensor, shut: bytes, pulled: bytes) -> None:
    sim, clock = timed(Machine(name="t", columns=20, dots=240, drawer_sensor=sensor))
    assert say(sim, ASK) == shut
    say(sim, PULSE)
    assert say(sim, ASK) == pulled
    assert sim.ledger()["drawer"] == {"is_open": True, "openings": 1}
    clock.sleep(sim.machine.drawer_seconds)
    assert say(sim, ASK) == shut


def test_a_drawer_on_the_other_connector_and_a_jammed_one_stay_shut() -> None:
    sim = printer(drawer_pin=1)
    say(sim, PULSE)
    assert sim.ledger()["drawer"] == {"is_open": False, "openings": 0}
    sim.set_condition(fault.DRAWER_JAM, is_on=True)
    say(sim, b"\x1bp\x01\x32\xfa")
    assert sim.ledger()["drawer"]["openings"] == 0
    sim.set_condition(fault.DRAWER_JAM, is_on=False)
    say(sim, b"\x1bp\x01\x32\xfa")
    assert sim.ledger()["drawer"]["openings"] == 1
    assert sim.ledger()["drawer_pulses"] == 3


def test_a_drawer_opened_with_its_key_is_reported_until_shut() -> None:
    sim = printer()
    assert say(sim, b"\x1da\x01") == b"\x10\x00\x00\x0f"
    sim.set_condition(fault.DRAWER_OPEN, is_on=True)
    assert sim.take_replies() == b"\x14\x00\x00\x0f"
    assert say(sim, b"\x1dr\x02") == b"\x01"
    sim.set_condition(fault.DRAWER_OPEN, is_on=False)
    assert sim.take_replies() == b"\x10\x00\x00\x0f"


def test_only_what_the_mask_names_is_reported() -> None:
    sim = printer()
    say(sim, b"\x1da\x01")
    sim.set_condition(fault.NEAR_END, is_on=True)
    assert sim.take_replies() == b""
    say(sim, b"\x1da\x08")
    sim.set_condition(fault.NEAR_END, is_on=False)
    assert sim.take_replies() == b"\x10\x00\x00\x0f"


def test_the_handshake_some_drivers_make_gets_one_byte() -> None:
    """ESC @, ESC = 1, DLE EOT 1 in one write."""
    assert say(printer(), b"\x1b@\x1b=\x01\x10\x04\x01") == b"\x12"
    assert say(SimulatedPrinter(MACHINES["80mm-clone"], clock=VirtualClock()), ASK) == b"\x16"
