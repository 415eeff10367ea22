"""The serial way: one holder, ports that vanish and come back, time limits that hold."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscal.driver import Driver, Timeouts
from fiscal.errors import (
    LinkBusy,
    NotThere,
    OutcomeUnknown,
    RequestInvalid,
    Unavailable,
    WrongDevice,
)
from fiscal.operations import Op
from fiscal.serial_port import Line, SerialPort
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.pseudo_port import LinkTaken, PseudoPort
from fiscal.simulator.serial_face import SerialFace
from fiscal.simulator.virtual_port import VirtualLine, untouched
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
from tests.fiscal.serial_server import serial_server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Served]:
    with served(make_box(real_clock()), tmp_path, ways=("serial",)) as up:
        yield up


def driver(address: str) -> Driver:
    transport = SerialTransport(address, real_clock(), timers=QUICK)
    return Driver(transport, timeouts=Timeouts(read=3, submit=2, day=2))


def test_a_missing_port_is_unavailable_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(NotThere, match="nothing is there"):
        driver(str(tmp_path / "none")).submit(request())
    assert time.monotonic() - began < 1


def test_a_link_left_over_from_a_dead_device_leads_to_no_stranger(tmp_path: Path) -> None:
    link = tmp_path / "box"
    port = PseudoPort(link)
    made = link.stat().st_ctime_ns
    os.utime(link, ns=(made - 1, made - 1), follow_symlinks=False)
    try:
        with pytest.raises(NotThere):
            driver(str(link)).submit(request())
        assert port.read(0) == b""
    finally:
        port.close()


def test_l16_one_holder_at_a_time(world: Served) -> None:
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


def test_a_line_that_only_echoes_is_no_device() -> None:
    asking = driver("loop://")
    with pytest.raises(Unavailable, match="does not acknowledge"):
        asking.submit(request())
    asking.close()


def test_an_address_nobody_understands_is_named() -> None:
    with pytest.raises(Unavailable, match="sockt://box is not understood"):
        driver("sockt://box").submit(request())


def by_pattern(folder: Path, device_id: str = "99001") -> SerialTransport:
    return SerialTransport(
        str(folder / "usb*"),
        real_clock(),
        timers=QUICK,
        device_id=device_id,
        line=Line(bauds=(9600,)),
    )


def test_a_device_is_found_again_under_another_name(tmp_path: Path) -> None:
    box = make_box(real_clock())
    asking = Driver(by_pattern(tmp_path), timeouts=Timeouts(read=3, submit=2, day=2))
    with pytest.raises(NotThere):
        asking.submit(request("A"))
    for name, number in (("usb0", "A"), ("usb1", "B")):
        face = SerialFace(box, tmp_path / name, rng=random.Random(1), timers=QUICK)
        face.start()
        assert asking.submit(request(number)).is_complete
        face.stop()
    asking.close()
    assert box.ledger()["asked"] == {"A": 1, "B": 1}


def test_of_several_ports_the_one_with_our_device_is_taken(tmp_path: Path) -> None:
    boxes = {
        "usb0": make_box(real_clock(), device_id="99002"),
        "usb1": make_box(real_clock()),
    }
    mute = PseudoPort(tmp_path / "usb2")
    faces = [
        SerialFace(box, tmp_path / name, rng=random.Random(1), timers=QUICK)
        for name, box in boxes.items()
    ]
    for face in faces:
        face.start()
    asking = Driver(by_pattern(tmp_path), timeouts=Timeouts(read=3, submit=2, day=2))
    assert asking.submit(request("A")).device_id == "99001"
    asking.close()
    nobody = Driver(by_pattern(tmp_path, "1"), timeouts=Timeouts(read=5, submit=5, day=2))
    with pytest.raises(WrongDevice, match="device ID is 99002 where 1 is expected"):
        nobody.submit(request("B"))
    nobody.close()
    for face in faces:
        face.stop()
    mute.close()
    assert [box.ledger()["asked"] for box in boxes.values()] == [{}, {"A": 1}]


def test_a_device_that_was_swapped_is_sent_nothing_until_it_is_greeted(tmp_path: Path) -> None:
    link = tmp_path / "revmax"
    asking = driver(str(link))
    ours = SerialFace(make_box(real_clock()), link, rng=random.Random(1), timers=QUICK)
    ours.start()
    asking.hello()
    ours.stop()
    other = make_box(real_clock(), device_id="99002")
    theirs = SerialFace(other, link, rng=random.Random(1), timers=QUICK)
    theirs.start()
    for ask in (lambda: asking.submit(request("A")), lambda: asking.look_up("A")):
        with pytest.raises(WrongDevice, match="99002 where 99001"):
            ask()
    assert other.log.rows() == []
    assert asking.hello().device_id == "99002"
    assert asking.submit(request("A")).device_id == "99002"
    asking.close()
    theirs.stop()


def test_a_port_on_the_network_has_one_holder_by_its_lock_file(
    world: Served, tmp_path: Path
) -> None:
    locks = tmp_path / "locks"
    code = (
        "import sys; from pathlib import Path; from fiscal.serial_port import Line, SerialPort; "
        "port = SerialPort(sys.argv[1], Line(locks=Path(sys.argv[2])), 115200); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with serial_server(world.serial, is_telnet=False) as url:
        holder = subprocess.Popen(
            [sys.executable, "-c", code, url, str(locks)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        transport = SerialTransport(url, real_clock(), timers=QUICK, line=Line(locks=locks))
        with pytest.raises(LinkBusy):
            transport.request(Op.TRANSACT, {}, timeout=2)
        holder.kill()
        holder.communicate()
        wait_until(lambda: _answers(transport))
        transport.close()
    assert world.box.log.rows() == []


def _answers(transport: SerialTransport) -> bool:
    try:
        return transport.hello(timeout=2) is not None
    except Unavailable:
        return False


def test_two_names_of_one_port_are_one_lock(world: Served, tmp_path: Path) -> None:
    line = Line(locks=tmp_path / "locks")
    held = SerialPort(world.serial, line, 115200)
    with pytest.raises(LinkBusy):
        SerialPort(os.path.realpath(world.serial), line, 115200)
    held.close()
    SerialPort(os.path.realpath(world.serial), line, 115200).close()


def test_a_silent_device_is_waited_for_once(tmp_path: Path) -> None:
    clock = VirtualClock()
    line = VirtualLine(make_box(clock), clock)
    line.to_device = lambda _data: ()
    transport = SerialTransport(
        "/dev/box", clock, monotonic=line.monotonic, open_port=line.open_port
    )
    asking = Driver(transport)
    with pytest.raises(Unavailable, match="does not acknowledge"):
        asking.hello()
    waited = line.monotonic()
    assert waited < 4, "at two speeds, and a till answers within five seconds"
    for ask in (asking.hello, lambda: asking.submit(request("A"))):
        with pytest.raises(
            Unavailable, match="does not acknowledge; it is asked again in 2 seconds"
        ):
            ask()
    assert line.monotonic() == waited
    line.to_device = untouched
    clock.sleep(1)
    assert asking.submit(request("A")).receipt_counter == 1
