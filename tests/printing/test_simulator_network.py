"""The simulated printer behind a serial server of the network, with its modem lines."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from printing.errors import Offline
from printing.outcome import OutcomeKind
from printing.printer import Printer
from printing.simulator import fault
from printing.simulator.machine import Machine
from printing.simulator.sandbox import PrinterSandbox, build
from printing.transport import link_factory
from sandbox.fault import Fault
from tests.printing.test_transport import (
    JOB,
    PROFILE,
    QUICK,
    TEXT,
    RealClock,
    papers,
    read_all,
    start,
    wait_until,
)

# The serial library's client of this protocol starts its thread in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[PrinterSandbox]:
    made = start(tmp_path)
    yield made
    made.stop()


def actor(sandbox: PrinterSandbox) -> Printer:
    factory = link_factory(sandbox.network.address, PROFILE)
    return Printer(factory, PROFILE, clock=RealClock(), timing=QUICK)


def set_condition(sandbox: PrinterSandbox, name: str, *, is_on: bool) -> None:
    sandbox.line.locked(lambda: sandbox.printer.set_condition(name, is_on=is_on))
    sandbox.line.wake()


def test_a_receipt_over_the_network(sandbox: PrinterSandbox) -> None:
    printer = actor(sandbox)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    assert [row["text"] for row in papers(sandbox)] == [TEXT]
    printer.close()


def test_modem_lines_tell_of_stuck_wires_and_of_power(sandbox: PrinterSandbox) -> None:
    port = serial.serial_for_url(sandbox.network.address)
    wait_until(lambda: bool(port.cts and port.dsr and port.cd))
    set_condition(sandbox, fault.STUCK, is_on=True)
    wait_until(lambda: not port.cts)
    assert port.dsr
    set_condition(sandbox, fault.STUCK, is_on=False)
    wait_until(lambda: bool(port.cts))
    set_condition(sandbox, fault.POWER_CYCLE, is_on=True)
    wait_until(lambda: not port.dsr)
    port.close()


def test_pulling_the_cable_ends_the_connection(sandbox: PrinterSandbox) -> None:
    printer = actor(sandbox)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    set_condition(sandbox, fault.UNPLUG, is_on=True)
    wait_until(lambda: not printer.status().is_known)
    with pytest.raises(Offline):
        link_factory(sandbox.network.address, PROFILE)()
    set_condition(sandbox, fault.UNPLUG, is_on=False)
    wait_until(lambda: printer.status().is_known)
    assert printer.print(JOB, "b").kind is OutcomeKind.CONFIRMED
    printer.close()


def test_a_second_caller_is_turned_away(sandbox: PrinterSandbox) -> None:
    link = link_factory(sandbox.network.address, PROFILE)()
    with socket.create_connection(("127.0.0.1", sandbox.network.port), timeout=5) as second:
        assert second.recv(1) == b""
    link.write(b"\x10\x04\x01", 1)
    assert read_all(link, 1) == b"\x12"
    link.close()


def test_at_another_speed_it_hears_noise(tmp_path: Path) -> None:
    sandbox = build(
        serial_link=tmp_path / "printer",
        directory=tmp_path,
        machine=Machine(name="t", columns=48, dots=576, baud=38400),
    )
    sandbox.start()
    for address in (str(tmp_path / "printer"), sandbox.network.address):
        right = link_factory(f"{address}?baud=38400", PROFILE)()
        right.write(b"\x10\x04\x01", 1)
        assert read_all(right, 1) == b"\x12"
        right.close()
        wrong = replace(PROFILE, baud=9600)
        printer = Printer(link_factory(address, wrong), wrong, clock=RealClock(), timing=QUICK)
        assert not printer.status().is_known
        printer.close()
        wait_until(lambda: sandbox.network.baud is None)
    sandbox.stop()


def test_noise_on_opening_the_terminal(sandbox: PrinterSandbox) -> None:
    """The kernel tells the far end that a program dropped old input, as all do that open a port."""
    sandbox.printer.faults.replace([Fault(do="garbage", on="open")])
    link = link_factory(str(sandbox.paper.parent / "printer"), PROFILE)()
    assert len(read_all(link, 12)) == 12
    link.close()
    sandbox.printer.faults.replace([Fault(do="garbage", on="open")])
    printer = actor(sandbox)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    printer.close()
