"""The printer sandbox as people's scripts meet it: a process, a line of JSON, HTTP, a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from printing import escpos
from printing.layouts.receipt import layout
from printing.outcome import OutcomeKind
from printing.printer import Printer
from printing.profile import profile_named
from printing.transport import link_factory
from tests.printing.samples import INVOICE
from tests.printing.test_transport import QUICK, RealClock

pytestmark = pytest.mark.process
PROFILE = profile_named("80mm")
JOB = escpos.encode(layout(INVOICE, 48), PROFILE)
START = """
import sys
from pathlib import Path
from printing.simulator.sandbox import run
folder = Path(sys.argv[1])
run(port=0, serial_link=folder / "printer", directory=folder, ready_extra={"pid": 1})
"""


class Process:
    """A sandbox in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def call(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.ready["sandbox"] + path, data, timeout=5) as reply:
            return json.load(reply)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Process]]:
    started: list[Process] = []

    def make() -> Process:
        started.append(Process(tmp_path))
        return started[-1]

    yield make
    for process in started:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


def actor(process: Process) -> Printer:
    factory = link_factory(process.ready["serial"], PROFILE)
    return Printer(factory, PROFILE, clock=RealClock(), timing=QUICK)


def test_a_day_with_the_sandbox(start: Callable[[], Process], tmp_path: Path) -> None:
    process = start()
    assert set(process.ready) == {"serial", "rfc2217", "paper", "sandbox", "pid"}
    printer = actor(process)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    (row,) = process.call("/ledger")["receipts"]
    paper = Path(process.ready["paper"])
    assert (paper / "0001.txt").read_text(encoding="utf-8") == row["text"]
    assert (paper / "0001.bin").read_bytes().startswith(JOB)
    assert "[QR: https://fdms.zimra.co.zw/" in row["text"]
    assert row["jobs"] == [escpos.process_code("a")]
    assert [entry["call"] for entry in process.call("/requests")][:2] == ["status 1", "status 2"]

    process.call("/faults", [{"do": "cover_open", "seconds": 60}])
    assert printer.print(JOB, "b").kind is OutcomeKind.REFUSED
    process.call("/clock", {"advance_seconds": 61})
    assert printer.print(JOB, "b").kind is OutcomeKind.CONFIRMED

    process.call("/faults", [{"do": "offline"}])
    assert printer.print(JOB, "c").kind is OutcomeKind.REFUSED
    process.call("/faults", [])
    assert printer.print(JOB, "c").kind is OutcomeKind.CONFIRMED
    printer.close()

    assert process.end() == 0
    assert not os.path.lexists(tmp_path / "printer")
    again = start()
    assert [row["number"] for row in again.call("/ledger")["receipts"]] == [1, 2, 3]
    again.call("/reset", {})
    assert again.call("/ledger")["receipts"] == []
    assert list(paper.iterdir()) == []
    assert again.end(signal.SIGINT) == 0


def test_an_unknown_fault_is_one_sentence(start: Callable[[], Process]) -> None:
    process = start()
    with pytest.raises(urllib.error.HTTPError) as refused:
        process.call("/faults", [{"do": "dance"}])
    with refused.value as reply:
        assert reply.code == 400
        assert "cannot dance" in json.load(reply)["error"]


def test_a_killed_sandbox_starts_again_where_it_was(start: Callable[[], Process]) -> None:
    process = start()
    printer = actor(process)
    assert printer.print(JOB, "a").kind is OutcomeKind.CONFIRMED
    process.end(signal.SIGKILL)
    assert printer.print(JOB, "b").kind is OutcomeKind.REFUSED
    again = start()
    assert printer.print(JOB, "b").kind is OutcomeKind.CONFIRMED
    assert [row["jobs"] for row in again.call("/ledger")["receipts"]] == [
        [escpos.process_code("a")],
        [escpos.process_code("b")],
    ]
    printer.close()


def test_an_idle_sandbox_costs_little(start: Callable[[], Process]) -> None:
    process = start()
    before = _cpu_seconds(process.process.pid)
    time.sleep(0.5)
    assert _cpu_seconds(process.process.pid) - before < 0.1


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
