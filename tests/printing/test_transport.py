"""Real ports: pseudo-terminals, sockets, files, and what happens when they vanish."""

from __future__ import annotations

import os
import pty
import select
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import serial
from serial.rfc2217 import PortManager

from printing import escpos, text
from printing.conversation import Timing
from printing.errors import InvalidAddress, Offline
from printing.layouts.receipt import layout
from printing.link import LINK_ERRORS, DescriptorLink, Link, close_serial
from printing.outcome import OutcomeKind
from printing.printer import Printer
from printing.profile import Flow, Profile, profile_named
from printing.simulator import fault
from printing.simulator.machine import Intake, Machine
from printing.simulator.port import LinkTaken
from printing.simulator.sandbox import PrinterSandbox, build
from printing.transport import link_factory
from sandbox.fault import Fault
from tests.printing.samples import INVOICE

PROFILE = profile_named("80mm")
JOB = escpos.encode(layout(INVOICE, 48), PROFILE)
TEXT = text.encode(layout(INVOICE, 48)).rstrip("\n") + "\n"
QUICK = Timing(settle=0.05, reply=0.3, patience=1.0, stall=0.7, trouble=0.2, probe=0.5)
DEADLINE = 5.0


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def read_all(link: Link, count: int) -> bytes:
    data = b""
    deadline = time.monotonic() + DEADLINE
    while len(data) < count and time.monotonic() < deadline:
        data += link.read(0.05)
    return data


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The far end of a pseudo-terminal, and the name of the near one."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for end in (master, slave):
        try:
            os.close(end)
        except OSError:
            continue


def start(folder: Path, machine: Machine | None = None) -> PrinterSandbox:
    kind = machine or Machine(name="t", columns=48, dots=576)
    sandbox = build(serial_link=folder / "printer", directory=folder, machine=kind)
    sandbox.start()
    return sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[PrinterSandbox]:
    made = start(tmp_path)
    yield made
    made.stop()


def actor(sandbox: PrinterSandbox, profile: Profile = PROFILE, timing: Timing = QUICK) -> Printer:
    address = str(sandbox.paper.parent / "printer")
    return Printer(link_factory(address, profile), profile, clock=RealClock(), timing=timing)


def fault_of(do: str, at: int) -> Fault:
    return Fault(do=do, bytes=at)


def papers(sandbox: PrinterSandbox) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = sandbox.line.locked(sandbox.printer.ledger)["receipts"]
    return rows


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://x",
        "tcp://",
        "tcp://host:99999",
        "/dev/ttyUSB0?baud=fast",
        "/dev/ttyUSB0?flow=magic",
        "/dev/ttyUSB0?parity=N",
    ],
)
def test_a_wrong_address_is_named_at_once(address: str) -> None:
    with pytest.raises(InvalidAddress, match="is not usable"):
        link_factory(address, PROFILE)


def test_bytes_go_both_ways_over_a_terminal(terminal: tuple[int, str]) -> None:
    master, name = terminal
    link = link_factory(name, PROFILE)()
    assert link.write(b"\x00\x0a\x0d\x11\x13\xff", 1) == 6
    assert os.read(master, 100) == b"\x00\x0a\x0d\x11\x13\xff"
    os.write(master, b"\x12\x0a\x0d")
    assert read_all(link, 3) == b"\x12\x0a\x0d"
    link.close()


def test_speed_and_flow_come_from_the_address(terminal: tuple[int, str]) -> None:
    _, name = terminal
    link = link_factory(f"{name}?baud=19200&flow=xonxoff", PROFILE)()
    assert isinstance(link, DescriptorLink)
    assert (link.serial_port.baudrate, link.serial_port.xonxoff) == (19200, True)
    assert link.has_xonxoff
    link.close()


def test_a_port_belongs_to_one_program(terminal: tuple[int, str]) -> None:
    _, name = terminal
    link = link_factory(name, PROFILE)()
    with pytest.raises(Offline, match="another program holds"):
        link_factory(name, PROFILE)()
    link.close()
    link_factory(name, PROFILE)().close()


def test_a_printer_that_does_not_read_stalls_us_and_counts(terminal: tuple[int, str]) -> None:
    _, name = terminal
    link = link_factory(name, PROFILE)()
    sent = 0
    started = time.monotonic()
    while taken := link.write(b"x" * 256, 0.05):
        sent += taken
    assert 0 < sent < 100_000
    assert time.monotonic() - started < DEADLINE
    link.discard()
    link.close()


def test_a_port_that_vanishes_is_offline_whatever_we_do(terminal: tuple[int, str]) -> None:
    master, name = terminal
    link = link_factory(name, PROFILE)()
    os.close(master)
    with pytest.raises(Offline):
        read_all(link, 1)
    with pytest.raises(Offline):
        link.write(b"x", 0.1)
    with pytest.raises(Offline):
        link.urgent(b"x")
    link.discard()
    link.close()
    link.close()


def test_an_empty_packet_of_a_usb_printer_is_no_end() -> None:
    reader, writer = os.pipe()
    os.close(writer)  # from now on reading gives nothing, at once
    silent = DescriptorLink(reader, lambda: os.close(reader), may_read_nothing=True)
    assert silent.read(0.01) == b""
    silent.may_read_nothing = False
    with pytest.raises(Offline, match="closed the line"):
        silent.read(0.01)
    silent.close()


def test_missing_ports_are_offline(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "tcp://127.0.0.1:1", f"file://{tmp_path}/no/file"):
        with pytest.raises(Offline):
            link_factory(address, PROFILE)()
    plain = tmp_path / "plain"
    plain.write_text("not a port")
    with pytest.raises(Offline, match="cannot be opened"):
        link_factory(str(plain), PROFILE)()


def test_a_link_left_over_from_a_dead_printer_leads_to_no_stranger(
    terminal: tuple[int, str], tmp_path: Path
) -> None:
    link = tmp_path / "printer"
    link.symlink_to(terminal[1])
    made = Path(terminal[1]).stat().st_ctime_ns
    os.utime(link, ns=(made - 1, made - 1), follow_symlinks=False)
    with pytest.raises(Offline, match="left over"):
        link_factory(str(link), PROFILE)()
    os.utime(link, ns=(made, made), follow_symlinks=False)
    link_factory(str(link), PROFILE)().close()


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    profile = profile_named("one-way")
    printer = Printer(
        link_factory(f"file://{tmp_path}/out.bin", profile), profile, clock=RealClock()
    )
    assert printer.print(JOB, "a").kind is OutcomeKind.PROBABLY
    assert printer.print(JOB, "b").kind is OutcomeKind.PROBABLY
    printer.close()
    assert (tmp_path / "out.bin").read_bytes() == JOB * 2


def test_a_network_printer_is_reached_and_its_end_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = link_factory(f"tcp://127.0.0.1:{server.getsockname()[1]}", PROFILE)()
        far, _ = server.accept()
        assert link.write(b"job", 1) == 3
        assert far.recv(10) == b"job"
        far.sendall(b"\x12")
        assert read_all(link, 1) == b"\x12"
        far.close()
        with pytest.raises(Offline, match="closed"):
            read_all(link, 1)
        link.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
def test_a_serial_server_in_the_network() -> None:
    """RFC 2217 through pyserial: the far end sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=echo_rfc2217, args=(server,), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        link = link_factory(f"rfc2217://127.0.0.1:{port}?baud=19200", PROFILE)()
        assert link.write(b"\xff\x10\x04\x01", 1) == 4
        assert read_all(link, 4) == b"\xff\x10\x04\x01"
        link.close()
        thread.join(DEADLINE)
        assert not thread.is_alive()


def echo_rfc2217(server: socket.socket) -> None:
    connection, _ = server.accept()

    class Wire:
        def write(self, data: bytes) -> None:
            connection.sendall(data)

    with serial.serial_for_url("loop://") as port, connection:
        manager = PortManager(port, Wire())
        while data := connection.recv(1024):
            for byte in manager.filter(data):
                connection.sendall(b"".join(manager.escape(byte)))
        assert port.baudrate == 19200


def test_a_loop_answers_itself() -> None:
    link = link_factory("loop://", PROFILE)()
    assert link.write(b"\x12" * 300, 1) == 256
    assert read_all(link, 256) == b"\x12" * 256
    link.discard()
    link.urgent(b"z")
    link.resume()
    assert read_all(link, 1) == b"z"
    link.close()
    link.close()


def test_every_known_failure_is_caught() -> None:
    names = {kind.__module__ + "." + kind.__name__ for kind in LINK_ERRORS}
    assert "termios.error" in names
    assert issubclass(serial.SerialTimeoutException, LINK_ERRORS)


def test_print_over_a_terminal(sandbox: PrinterSandbox) -> None:
    printer = actor(sandbox)
    outcomes = [printer.print(JOB, f"job {number}").kind for number in range(5)]
    assert outcomes == [OutcomeKind.CONFIRMED] * 5
    assert [row["jobs"] for row in papers(sandbox)] == [
        [escpos.process_code(f"job {number}")] for number in range(5)
    ]
    printer.close()


def test_paper_out_in_the_middle_goes_on_after_the_refill(sandbox: PrinterSandbox) -> None:
    printer = actor(sandbox)
    sandbox.printer.faults.replace([fault_of("paper_out", 500)])
    outcome = printer.print(JOB, "a")
    assert outcome.kind is OutcomeKind.UNCONFIRMED
    assert "no paper" in str(outcome.reason)
    sandbox.printer.faults.replace([])
    wait_until(lambda: len(papers(sandbox)) == 1)
    late = printer.settle("a")
    assert late is not None
    assert late.kind is OutcomeKind.CONFIRMED
    printer.close()


def test_unplugged_and_plugged_in_again_under_another_number(sandbox: PrinterSandbox) -> None:
    printer, link = actor(sandbox), sandbox.paper.parent / "printer"
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    sandbox.printer.faults.replace([fault_of("unplug", 500)])
    assert printer.print(JOB, "b").kind is OutcomeKind.UNCONFIRMED
    wait_until(lambda: not os.path.lexists(link))
    assert printer.print(JOB, "c").kind is OutcomeKind.REFUSED
    sandbox.printer.faults.replace([])
    wait_until(lambda: os.path.lexists(link))
    assert printer.print(JOB, "c").kind is OutcomeKind.CONFIRMED
    whole = [row for row in papers(sandbox) if row["cut"]]
    assert [row["jobs"] for row in whole] == [
        [escpos.process_code("a")],
        [escpos.process_code("c")],
    ]
    printer.close()


def test_xoff_for_ever_over_a_terminal(tmp_path: Path) -> None:
    """Our question cannot leave through the kernel; it is forced past, and the hold respected."""
    machine = Machine(name="t", columns=48, dots=576, intake=Intake.XONXOFF)
    sandbox = start(tmp_path, machine)
    profile = replace(PROFILE, flow=Flow.XONXOFF)
    printer = actor(sandbox, profile)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    sandbox.printer.machine = replace(machine, bytes_per_second=0.01)
    sandbox.line.locked(lambda: sandbox.printer.set_condition(fault.STUCK, is_on=True))
    sandbox.line.wake()
    wait_until(lambda: printer.print(JOB, "b").kind is OutcomeKind.REFUSED)
    outcome = printer.print(JOB, "b")
    assert (outcome.kind, outcome.sent) == (OutcomeKind.REFUSED, 0)
    assert "wait" in str(outcome.reason)
    sandbox.printer.machine = machine
    sandbox.line.locked(lambda: sandbox.printer.set_condition(fault.STUCK, is_on=False))
    sandbox.line.wake()
    wait_until(lambda: printer.status().problem is None)
    assert printer.print(JOB, "c").kind is OutcomeKind.CONFIRMED
    printer.close()
    sandbox.stop()


def test_a_slow_printer_with_a_small_buffer_over_a_terminal(tmp_path: Path) -> None:
    machine = Machine(name="t", columns=48, dots=576, buffer=128, bytes_per_second=4000)
    sandbox = start(tmp_path, machine)
    printer = actor(sandbox)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    assert [row["text"] for row in papers(sandbox)] == [TEXT]
    printer.close()
    sandbox.stop()


def test_a_program_that_sets_nothing_up_is_understood(sandbox: PrinterSandbox) -> None:
    """Not everybody speaks through a serial library: the terminal is raw from the start."""
    descriptor = os.open(sandbox.paper.parent / "printer", os.O_RDWR | os.O_NOCTTY)
    os.write(descriptor, b"\x10\x04\x01")
    ready, _, _ = select.select([descriptor], [], [], DEADLINE)
    assert ready
    assert os.read(descriptor, 10) == b"\x12"
    os.close(descriptor)


def test_no_link_is_left_behind_and_no_file_overwritten(tmp_path: Path) -> None:
    sandbox = start(tmp_path)
    assert (tmp_path / "printer").is_symlink()
    sandbox.stop()
    assert not os.path.lexists(tmp_path / "printer")
    (tmp_path / "printer").write_text("mine")
    with pytest.raises(LinkTaken):
        start(tmp_path)
    assert (tmp_path / "printer").read_text() == "mine"


def test_a_dangling_link_of_a_killed_run_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "printer").symlink_to("/dev/pts/99999")
    sandbox = start(tmp_path)
    printer = actor(sandbox)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    printer.close()
    sandbox.stop()


class GonePort:
    """A port of pyserial whose other end is gone: it gives up before it closes its socket."""

    def __init__(self, line: socket.socket) -> None:
        self._socket = line

    def close(self) -> None:
        del self


def test_the_socket_of_a_port_whose_other_end_is_gone_is_closed() -> None:
    near, far = socket.socketpair()
    far.close()
    close_serial(GonePort(near))
    assert near.fileno() == -1
