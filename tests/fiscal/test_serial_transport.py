"""The serial way: one holder, ports that vanish and come back, time limits that hold."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscal.driver import Driver, Timeouts
from fiscal.errors import LinkBusy, OutcomeUnknown, RequestInvalid, Unavailable
from fiscal.operations import Op
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.pseudo_port import LinkTaken, PseudoPort
from sandbox.fault import Fault
from tests.fiscal.samples import (
    QUICK,
    Served,
    VirtualClock,
    line,
    make_box,
    real_clock,
    request,
    served,
    wait_until,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Served]:
    with served(make_box(real_clock()), tmp_path, ways=("serial",)) as up:
        yield up


def driver(address: str) -> Driver:
    transport = SerialTransport(address, real_clock(), timers=QUICK)
    return Driver(transport, timeouts=Timeouts(read=3, submit=2, day=2))


def test_a_missing_port_is_unavailable_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="cannot be opened") as caught:
        driver(str(tmp_path / "none")).submit(request())
    assert not isinstance(caught.value, LinkBusy)
    assert time.monotonic() - began < 1


def test_a_link_left_over_from_a_dead_device_leads_to_no_stranger(tmp_path: Path) -> None:
    link = tmp_path / "box"
    port = PseudoPort(link)
    made = link.stat().st_ctime_ns
    os.utime(link, ns=(made - 1, made - 1), follow_symlinks=False)
    try:
        with pytest.raises(Unavailable, match="is gone") as caught:
            driver(str(link)).submit(request())
        assert not isinstance(caught.value, LinkBusy)
        assert port.read(0) == b""
    finally:
        port.close()


def test_one_holder_at_a_time(world: Served) -> None:
    first, second = driver(world.serial), driver(world.serial)
    first.hello()
    with pytest.raises(LinkBusy, match="another program"):
        second.submit(request())
    first.close()
    assert second.submit(request()).receipt_counter == 1
    second.close()


def test_another_process_holds_it(world: Served) -> None:
    code = (
        "import serial, sys; "
        f"port = serial.Serial({world.serial!r}, exclusive=True); "
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    asking = driver(world.serial)
    with pytest.raises(LinkBusy):
        asking.look_up("A")
    holder.kill()
    holder.communicate()
    assert asking.look_up("A") is None
    asking.close()


def test_the_device_is_found_again_under_its_link(world: Served) -> None:
    asking = driver(world.serial)
    asking.submit(request("A"))
    boot = asking.hello().boot_id
    world.box.faults.replace([Fault(do="power_cut_before_commit", seconds=0.3)])
    with pytest.raises(OutcomeUnknown):
        asking.submit(request("B"))
    assert not Path(world.serial).exists()
    wait_until(lambda: Path(world.serial).exists())
    assert asking.submit(request("B")).receipt_global_no == 2
    assert asking.hello().boot_id != boot
    asking.close()


def test_an_unplugged_port_is_noticed_before_anything_is_sent(tmp_path: Path) -> None:
    box = make_box(real_clock())
    with served(box, tmp_path, ways=("serial",)) as up:
        asking = driver(up.serial)
        asking.submit(request("A"))
    with pytest.raises(Unavailable):
        asking.submit(request("B"))
    with served(box, tmp_path, ways=("serial",)):
        assert asking.submit(request("B")).receipt_global_no == 2
        asking.close()
    assert box.ledger()["asked"] == {"A": 1, "B": 1}


def test_a_silent_port_is_given_up_in_time(tmp_path: Path) -> None:
    port = PseudoPort(tmp_path / "mute")
    asking = driver(str(tmp_path / "mute"))
    began = time.monotonic()
    with pytest.raises(Unavailable, match="does not acknowledge"):
        asking.submit(request())
    assert time.monotonic() - began < 2
    asking.close()
    port.close()


def test_a_port_that_only_babbles_is_given_up_in_time(tmp_path: Path) -> None:
    port = PseudoPort(tmp_path / "noise")
    stop = threading.Event()

    def babble() -> None:
        while not stop.is_set():
            port.write(b"\x16\x02\x10\x41garbage\x05\x16")
            time.sleep(0.005)

    thread = threading.Thread(target=babble)
    thread.start()
    asking = driver(str(tmp_path / "noise"))
    began = time.monotonic()
    with pytest.raises(Unavailable):
        asking.look_up("A")
    assert time.monotonic() - began < 5
    stop.set()
    thread.join()
    asking.close()
    port.close()


def test_a_busy_device_past_the_time_allowed_is_unknown(world: Served) -> None:
    world.box.faults.replace([Fault(do="busy", seconds=3)])
    asking = driver(world.serial)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="in time"):
        asking.submit(request("A"))
    assert time.monotonic() - began < 3
    asking.close()
    wait_until(lambda: len(world.box.ledger()["receipts"]) == 1)
    assert asking.look_up("A") is not None
    asking.close()


def test_five_hundred_lines_pass_and_more_than_the_link_carries_does_not(world: Served) -> None:
    asking = driver(world.serial)
    rows = [line(number, price="0.01", quantity="1") for number in range(1, 501)]
    assert asking.submit(request("A", *rows)).is_complete
    transport = SerialTransport(world.serial, real_clock(), timers=QUICK)
    asking.close()
    with pytest.raises(RequestInvalid, match="more than the link carries"):
        transport.request(Op.TRANSACT, {"Cashier": "x" * 300_000}, timeout=5)
    transport.close()
    assert world.box.ledger()["asked"] == {"A": 1}


def test_reads_share_a_session_and_writes_greet_anew(world: Served) -> None:
    sessions: list[int] = []

    def next_session() -> int:
        sessions.append(len(sessions) + 1)
        return sessions[-1]

    transport = SerialTransport(world.serial, real_clock(), timers=QUICK, new_session=next_session)
    for _ in range(3):
        transport.request(Op.DAY_STATUS, timeout=3)
    assert len(sessions) == 1
    transport.request(Op.Z_REPORT, timeout=3)
    assert len(sessions) == 2
    transport.close()


def test_a_session_that_was_taken_over_is_opened_again_for_reads(world: Served) -> None:
    asking = driver(world.serial)
    assert asking.look_up("A") is None
    asking.close()
    other = driver(world.serial)
    other.hello()
    other.close()
    assert asking.look_up("A") is None
    asking.close()


def test_a_link_that_is_a_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(LinkTaken, match="is not a symbolic link"):
        PseudoPort(path)
    assert path.read_text() == "mine"


def test_closing_leaves_the_link_of_a_later_port(tmp_path: Path) -> None:
    link = tmp_path / "port"
    old = PseudoPort(link)
    new = PseudoPort(link)
    old.close()
    assert link.is_symlink()
    new.close()
    assert not link.is_symlink()


def test_pauses_of_reads_pass_on_the_given_clock(tmp_path: Path) -> None:
    clock = VirtualClock()
    asking = Driver(SerialTransport(str(tmp_path / "none"), clock, timers=QUICK))
    with pytest.raises(Unavailable):
        asking.look_up("A")
    assert clock.slept == pytest.approx(1.7)
