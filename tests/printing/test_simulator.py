"""The simulated printer behaves as the manuals say, and its own ledger can be trusted."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.escpos import ask_process_id
from printing.simulator import fault
from printing.simulator.command import next_command
from printing.simulator.core import SimulatedPrinter
from printing.simulator.fault import PrinterFaults
from printing.simulator.folder import PaperFolder
from printing.simulator.machine import MACHINES, Intake, Machine, Replies
from printing.simulator.realtime import RealTimeCommand, RealTimeScanner
from printing.simulator.store import MemoryPaper
from printing.simulator.voice import XOFF, XON
from sandbox.fault import Fault, FaultInvalid
from tests.printing.samples import VirtualClock

CUT = b"\x1dV\x42\x00"
WELL = (b"\x12", b"\x12", b"\x12", b"\x12")


def printer(**how: Any) -> SimulatedPrinter:
    machine = Machine(**{"name": "t", "columns": 20, "dots": 240, **how})
    return SimulatedPrinter(machine, clock=VirtualClock())


def say(sim: SimulatedPrinter, data: bytes) -> bytes:
    assert sim.receive(data) == len(data)
    return sim.take_replies()


def statuses(sim: SimulatedPrinter) -> tuple[bytes, ...]:
    return tuple(say(sim, bytes([0x10, 0x04, number])) for number in (1, 2, 3, 4))


def texts(sim: SimulatedPrinter) -> list[str]:
    return [row["text"] for row in sim.ledger()["receipts"]]


def test_text_cut_and_ledger() -> None:
    sim = printer()
    say(sim, b"\x1b@Hello\n\x1ba\x01mid\n\x1ba\x02end\n" + CUT)
    (row,) = sim.ledger()["receipts"]
    assert row["text"] == "Hello\n        mid\n                 end\n"
    assert row["cut"] is True
    assert (row["number"], row["ended_by"], row["bytes"]) == (1, "cut", 26)


def test_an_empty_cut_is_no_paper() -> None:
    sim = printer()
    say(sim, b"\x1b@\n\n" + CUT)
    assert texts(sim) == []


def test_too_long_a_line_is_broken_and_counted() -> None:
    sim = printer()
    say(sim, b"x" * 25 + b"\n\x1d!\x11" + b"y" * 11 + b"\n" + CUT)
    (row,) = sim.ledger()["receipts"]
    assert row["text"] == "x" * 20 + "\nxxxxx\nyyyyyyyyyy\ny\n"
    assert row["overruns"] == 2


def test_codes_and_pictures() -> None:
    sim = printer()
    store = b"\x1d(k\x07\x001P0abcd"
    say(sim, store + b"\x1d(k\x03\x001Q0\x1dk\x04XYZ\x00\x1cp\x01\x00\x1cp\x02\x00")
    say(sim, b"\x1dv0\x00\x02\x00\x03\x00" + bytes(6) + CUT)
    (row,) = sim.ledger()["receipts"]
    lines = [line.strip() for line in row["text"].splitlines()]
    assert lines == ["[QR: abcd]", "[BARCODE: XYZ]", "[LOGO 1]", "[IMAGE 16x3]"]
    assert row["qr"] == ["abcd"]


def test_process_id_is_answered_when_printed_and_noted_with_its_paper() -> None:
    sim = printer()
    assert say(sim, b"one\n" + CUT + ask_process_id("AB12")) == b"\x37\x22AB12\x00"
    assert say(sim, b"two\n" + ask_process_id("CD34")) == b"\x37\x22CD34\x00"
    say(sim, CUT)
    assert [row["jobs"] for row in sim.ledger()["receipts"]] == [["AB12"], ["CD34"]]


def test_a_drawer_job_is_no_paper_and_belongs_to_none() -> None:
    sim = printer()
    say(sim, b"one\n" + CUT)
    say(sim, b"\x1b@\x1bp\x00\x32\xfa" + ask_process_id("DRAW"))
    ledger = sim.ledger()
    assert ledger["drawer_pulses"] == 1
    assert ledger["jobs_without_paper"] == ["DRAW"]
    assert [row["jobs"] for row in ledger["receipts"]] == [[]]


def test_real_time_questions_are_answered_off_line_and_in_any_pieces() -> None:
    sim = printer()
    assert statuses(sim) == WELL
    sim.set_condition(fault.PAPER_OUT, is_on=True)
    assert statuses(sim) == (b"\x1a", b"\x32", b"\x12", b"\x7e")
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert statuses(sim)[1] == b"\x36"
    assert say(sim, b"\x10") == b""
    assert say(sim, b"\x04") == b""
    assert say(sim, b"\x01") == b"\x1a"


def test_buffered_questions_wait_for_the_paper() -> None:
    sim = printer()
    sim.set_condition(fault.PAPER_OUT, is_on=True)
    assert say(sim, b"\x1dr\x01") == b""
    sim.set_condition(fault.PAPER_OUT, is_on=False)
    assert sim.take_replies() == b"\x00"


def test_reports_come_unasked_when_asked_for() -> None:
    sim = printer()
    assert say(sim, b"\x1da\x0f") == b"\x10\x00\x00\x0f"
    sim.set_condition(fault.PAPER_OUT, is_on=True)
    assert sim.take_replies() == b"\x18\x00\x0f\x0f"
    sim.set_condition(fault.PAPER_OUT, is_on=False)
    assert sim.take_replies() == b"\x10\x00\x00\x0f"
    say(sim, b"\x1b@")
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert sim.take_replies() == b""


def test_a_roll_ends_by_itself_and_a_new_one_goes_on() -> None:
    sim = printer(roll_lines=3, near_end_lines=1)
    say(sim, b"1\n2\n3\n4\n" + CUT)
    assert texts(sim) == []
    assert sim.ledger()["hanging"] == "1\n2\n3\n"
    assert sim.ledger()["conditions"] == ["paper_out"]
    sim.faults.replace([])
    sim.run()
    sim.faults.replace([])
    assert texts(sim) == ["1\n2\n3\n4\n"]


def test_a_full_buffer_holds_the_sender() -> None:
    sim = printer(buffer=100)
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert sim.receive(b"x" * 300) == 100
    assert sim.receive(b"x") == 0
    sim.set_condition(fault.COVER_OPEN, is_on=False)
    assert sim.receive(b"x\n" + CUT) == 6


def test_a_full_buffer_without_brakes_loses_bytes() -> None:
    sim = printer(buffer=100, intake=Intake.NONE)
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert sim.receive(b"x" * 300) == 300
    assert sim.ledger()["buffered"] == 100


def test_xoff_before_full_and_xon_when_free() -> None:
    sim = printer(buffer=1000, intake=Intake.XONXOFF)
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    assert say(sim, b"x" * 800) == b""
    assert say(sim, b"x" * 100) == XOFF
    sim.set_condition(fault.COVER_OPEN, is_on=False)
    assert sim.take_replies() == XON


def test_paced_printing_takes_its_time() -> None:
    clock = VirtualClock()
    machine = Machine(name="t", columns=20, dots=240, bytes_per_second=10)
    sim = SimulatedPrinter(machine, clock=clock)
    sim.receive(b"abcdefghij\n" + CUT)
    assert texts(sim) == []
    for _ in range(20):
        clock.sleep(0.1)
        sim.run()
    assert texts(sim) == ["abcdefghij\n"]


def test_clones_say_well_whatever_happens_and_the_silent_say_nothing() -> None:
    sim = printer(replies=Replies.CLONE, has_asb=False, has_process_id=False)
    sim.set_condition(fault.PAPER_OUT, is_on=True)
    assert statuses(sim) == (b"\x16", b"\x12", b"\x12", b"\x12")
    sim.set_condition(fault.PAPER_OUT, is_on=False)
    assert say(sim, b"\x1da\x0fx\n" + ask_process_id("AB12")) == b""
    assert statuses(printer(replies=Replies.SILENT)) == (b"", b"", b"", b"")


def test_real_time_pulse_clear_and_enquiry() -> None:
    sim = printer()
    sim.set_condition(fault.COVER_OPEN, is_on=True)
    say(sim, b"\x10\x14\x01\x00\x02")
    assert sim.ledger()["drawer_pulses"] == 1
    say(sim, b"lost")
    assert say(sim, b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08") == b"\x37\x25\x00"
    assert sim.ledger()["buffered"] == 0
    say(sim, b"lost")
    say(sim, b"\x10\x05\x02")
    assert sim.ledger()["buffered"] == 0


def test_faults_strike_when_they_should_and_last_as_told() -> None:
    clock = VirtualClock()
    sim = SimulatedPrinter(MACHINES["80mm"], clock=clock)
    sim.faults.replace([Fault(do="offline", on="print", after=1, seconds=3)])
    say(sim, b"\x1b@one\n" + CUT)
    assert say(sim, b"\x10\x04\x01") == b"\x12"
    say(sim, b"\x1b@two\n" + CUT)
    assert say(sim, b"\x10\x04\x01") == b"\x1a"
    assert texts(sim) == ["one\n"]
    clock.sleep(3)
    assert say(sim, b"\x10\x04\x01") == b"\x12"
    assert texts(sim) == ["one\n", "two\n"]


def test_a_fault_with_bytes_waits_for_the_job() -> None:
    sim = printer()
    sim.faults.replace([Fault(do="paper_out", bytes=6)])
    assert statuses(sim) == WELL
    say(sim, b"\x1b@abcdefgh\n" + CUT)
    assert sim.ledger()["hanging"] == "abcd\n"
    sim.faults.replace([])
    sim.run()
    assert texts(sim) == ["abcdefgh\n"]


def test_several_faults_strike_together_and_often() -> None:
    sim = printer()
    sim.faults.replace([Fault(do="near_end"), Fault(do="garbage", on="status", times=2)])
    assert len(say(sim, b"\x10\x04\x04")) == 12
    assert len(say(sim, b"\x10\x04\x04")) == 12
    assert say(sim, b"\x10\x04\x04") == b"\x1e"


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(FaultInvalid, match="cannot explode"):
        PrinterFaults(random.Random(1)).replace([Fault(do="explode")])


def test_the_same_seed_makes_the_same_noise() -> None:
    noise = []
    for _ in range(2):
        sim = SimulatedPrinter(
            MACHINES["80mm"], clock=VirtualClock(), faults=PrinterFaults(random.Random(7))
        )
        sim.faults.replace([Fault(do="garbage", times=3, probability=0.5)])
        noise.append([say(sim, b"\x10\x04\x01") for _ in range(10)])
    assert noise[0] == noise[1]


def test_paper_and_roll_survive_a_restart(tmp_path: Path) -> None:
    sim = SimulatedPrinter(MACHINES["80mm"], clock=VirtualClock(), store=PaperFolder(tmp_path))
    say(sim, b"\x1b@Caf\x82\n" + CUT + ask_process_id("AB12"))
    say(sim, b"\x1bp\x00\x32\xfatorn off")
    left = sim.ledger()["lines_left"]
    sim.stop()
    again = SimulatedPrinter(MACHINES["80mm"], clock=VirtualClock(), store=PaperFolder(tmp_path))
    ledger = again.ledger()
    assert [(row["text"], row["cut"], row["jobs"]) for row in ledger["receipts"]] == [
        ("Café\n", True, ["AB12"]),
        ("torn off\n", False, []),
    ]
    assert (ledger["lines_left"], ledger["drawer_pulses"]) == (left, 1)
    say(again, b"next\n" + CUT)
    assert sorted(path.name for path in (tmp_path / "paper").iterdir()) == [
        f"000{number}.{ending}" for number in (1, 2, 3) for ending in ("bin", "png", "txt")
    ]
    assert (tmp_path / "paper" / "0001.txt").read_text(encoding="utf-8") == "Café\n"
    assert (tmp_path / "paper" / "0001.bin").read_bytes().endswith(b"AB12")


def test_a_ledger_cut_off_in_its_last_line_is_read(tmp_path: Path) -> None:
    sim = SimulatedPrinter(MACHINES["80mm"], clock=VirtualClock(), store=PaperFolder(tmp_path))
    say(sim, b"one\n" + CUT)
    with (tmp_path / "ledger.jsonl").open("a") as ledger:
        ledger.write('{"number": 2, "te')
    rows = PaperFolder(tmp_path).rows()
    assert [row["number"] for row in rows] == [1]
    again = SimulatedPrinter(MACHINES["80mm"], clock=VirtualClock(), store=PaperFolder(tmp_path))
    say(again, b"two\n" + CUT)
    assert [row["number"] for row in PaperFolder(tmp_path).rows()] == [1, 2]


def test_reset_empties_everything(tmp_path: Path) -> None:
    for store in (PaperFolder(tmp_path), MemoryPaper()):
        sim = SimulatedPrinter(MACHINES["80mm"], clock=VirtualClock(), store=store)
        say(sim, b"one\n" + CUT + b"two")
        sim.set_condition(fault.COVER_OPEN, is_on=True)
        sim.reset()
        ledger = sim.ledger()
        assert (ledger["receipts"], ledger["hanging"], ledger["conditions"]) == ([], None, [])
        say(sim, b"three\n" + CUT)
        assert [row["number"] for row in sim.ledger()["receipts"]] == [1]
    assert json.loads((tmp_path / "printer.json").read_text())["count"] == 1


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_in_any_pieces_do_the_same(data: bytes, size: int) -> None:
    """Neither noise nor the way it is cut up upsets the interpreter or its real-time ear."""
    whole, pieces = printer(buffer=10_000), printer(buffer=10_000)
    whole.receive(data)
    for start in range(0, len(data), size):
        pieces.receive(data[start : start + size])
    ledgers = [sim.ledger() for sim in (whole, pieces)]
    assert ledgers[0]["receipts"] == ledgers[1]["receipts"]
    assert ledgers[0]["hanging"] == ledgers[1]["hanging"]
    assert ledgers[0]["drawer_pulses"] == ledgers[1]["drawer_pulses"]


@given(st.binary(max_size=60))
def test_the_splitter_always_gets_on(data: bytes) -> None:
    while data:
        command = next_command(data, 1024)
        if command is None:
            break
        assert command.size > 0
        data = data[command.size :]


def test_the_scanner_takes_commands_out_in_order() -> None:
    parts = RealTimeScanner().feed(b"ab\x10\x04\x02cd\x10\x05\x01")
    assert parts == [
        b"ab",
        RealTimeCommand("DLE EOT", b"\x02"),
        b"cd",
        RealTimeCommand("DLE ENQ", b"\x01"),
    ]
