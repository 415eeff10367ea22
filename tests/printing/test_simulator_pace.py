"""How fast a simulated printer takes bytes and moves paper, and what a small buffer does."""

from __future__ import annotations

from printing.simulator import fault
from printing.simulator.core import SimulatedPrinter
from printing.simulator.machine import Intake, Machine
from printing.simulator.voice import XOFF, XON
from tests.printing.samples import VirtualClock
from tests.printing.test_simulator import CUT, printer, say, texts


def test_bytes_arrive_no_faster_than_the_line() -> None:
    clock = VirtualClock()
    machine = Machine(name="t", columns=48, dots=576, baud=9600)
    sim = SimulatedPrinter(machine, clock=clock)
    data, sent, began = b"x" * 960, 0, clock.now()
    while sent < len(data):
        clock.sleep(0.01)
        sent += sim.receive(data[sent:])
    assert 0.95 <= (clock.now() - began).total_seconds() <= 1.1


def test_paper_moves_no_faster_than_the_motor() -> None:
    clock = VirtualClock()
    machine = Machine(name="t", columns=48, dots=576, lines_per_second=10)
    sim = SimulatedPrinter(machine, clock=clock)
    sim.receive(b"line\n" * 20 + CUT)
    began = clock.now()
    while not texts(sim):
        clock.sleep(0.02)
        sim.run()
    assert 1.8 <= (clock.now() - began).total_seconds() <= 2.2


def test_questions_are_answered_at_once_while_it_prints() -> None:
    sim = printer(lines_per_second=1)
    say(sim, b"one\ntwo\nthree\n")
    assert say(sim, b"\x1dr\x01") == b""
    assert say(sim, b"\x10\x04\x01") == b"\x12"


def test_the_small_buffer_says_xoff_at_its_own_marks() -> None:
    sim = printer(buffer=45, intake=Intake.XONXOFF)
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert say(sim, b"x" * 29) == b""
    assert say(sim, b"x") == XOFF
    say(sim, b"x" * 40)
    assert sim.ledger()["buffered"] == 45
    assert [row["outcome"] for row in sim.log.rows() if row["call"] == "overflow"] == [
        "25 bytes lost"
    ]
    sim.set_condition(fault.COVER_OPEN, is_on=False)
    assert sim.take_replies() == XON
