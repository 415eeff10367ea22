"""The simulated box as a process: its line, its control door, and what kill -9 leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fiscal import wire
from fiscal.driver import Driver, Timeouts
from fiscal.errors import FiscalError, Rejected
from fiscal.profile import PERCENT
from fiscal.simulator.proof import violations
from fiscal.transport import open_transport
from tests.fiscal.samples import real_clock, request, wait_until

pytestmark = pytest.mark.process
CODE = (
    "import sys; from fiscal.simulator.sandbox import run; "
    "run(port=int(sys.argv[1]), serial_link=sys.argv[2] or None, directory=sys.argv[3])"
)


class Process:
    """One run of the sandbox after another, on one directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = folder / "revmax"
        self.port = 0
        self._running: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, Any]:
        arguments = [str(self.port), str(self.link), str(self.folder / "box")]
        self._running = subprocess.Popen(
            [sys.executable, "-c", CODE, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._running.stdout is not None
        ready: dict[str, Any] = json.loads(self._running.stdout.readline())
        self.port = int(ready["http"].rpartition(":")[2])
        return ready

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self._running is not None
        self._running.send_signal(number)
        code = self._running.wait(timeout=15)
        if self._running.stdout is not None:
            self._running.stdout.close()
        return code

    @property
    def door(self) -> str:
        return f"http://127.0.0.1:{self.port}/_sandbox"

    def ledger(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx2.get(f"{self.door}/ledger").json()
        return found


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path)
    yield made
    with contextlib.suppress(ProcessLookupError, AssertionError):
        made.end(signal.SIGKILL)


def driver(address: str) -> Driver:
    times = Timeouts(read=8, submit=8, day=8)
    return Driver(open_transport(address, real_clock()), timeouts=times)


def test_ready_line_stop_and_resume(process: Process) -> None:
    ready = process.start()
    base = f"http://127.0.0.1:{process.port}"
    assert ready == {"http": base, "serial": str(process.link), "sandbox": f"{base}/_sandbox"}
    over_http, over_serial = driver(ready["http"]), driver(ready["serial"])
    assert over_http.submit(request("A")).fiscal_day == 1
    assert over_serial.submit(request("B")).receipt_global_no == 2
    over_serial.close()
    before = process.ledger()
    assert process.end() == 0
    assert not process.link.is_symlink()
    process.start()
    assert process.ledger() == before
    assert violations(before) == []
    assert over_serial.submit(request("C")).receipt_global_no == 3
    over_serial.close()
    assert process.end(signal.SIGINT) == 0


def test_control_door(process: Process) -> None:
    ready = process.start()
    asking = driver(ready["http"])
    door = process.door
    bad = httpx2.post(f"{door}/faults", json=[{"do": "explode"}])
    assert bad.status_code == 400
    assert "There is no fault 'explode'" in bad.json()["error"]
    httpx2.post(f"{door}/faults", json=[{"on": "POST TransactM", "do": "day_closed"}])
    with pytest.raises(Rejected):
        asking.submit(request("A"))
    asking.submit(request("A"))
    rows = httpx2.get(f"{door}/requests").json()
    posts = [(row["number"], row["code"]) for row in rows if row["call"] == "POST TransactM"]
    assert posts == [("A", "0"), ("A", "1")]
    assert process.ledger()["asked"] == {"A": 2}
    httpx2.post(f"{door}/clock", json={"advance_seconds": 25 * 3600})
    with pytest.raises(Rejected, match="open for more than 24 hours"):
        asking.submit(request("B"))
    process.end(signal.SIGKILL)
    process.start()
    asking.close_day()
    asking.open_day()
    assert asking.submit(request("B")).fiscal_day == 2
    assert httpx2.post(f"{door}/world", json={"close_day": True}).status_code == 200
    assert asking.day_status().is_open is False
    assert httpx2.post(f"{door}/reset").json() == {"reset": True}
    assert process.ledger()["receipts"] == []


def test_a_second_process_on_the_directory_is_refused(process: Process) -> None:
    process.start()
    second = subprocess.run(
        [sys.executable, "-c", CODE, "0", "", str(process.folder / "box")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode != 0
    assert "in use by another process" in second.stderr


def settle(asking: Driver, number: str) -> None:
    """What a till does: send, and after anything but a yes only read."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with contextlib.suppress(FiscalError):
            if asking.look_up(number) is None:
                asking.submit(request(number))
            return
        time.sleep(0.02)
    raise AssertionError(f"{number} was never settled")


@pytest.mark.parametrize("way", ["http", "serial"])
def test_killed_again_and_again_it_files_each_number_once(process: Process, way: str) -> None:
    """kill -9 between requests and during them: no gap, no fork, nothing acknowledged is lost."""
    ready = process.start()
    asking = driver(ready[way])
    rng = random.Random(way)
    numbers = [f"K-{number:03d}" for number in range(1000)]
    settled: list[str] = []

    def kill() -> None:
        for _ in range(3):
            enough = len(settled) + 3
            wait_until(lambda enough=enough: len(settled) >= enough, 60)  # type: ignore[misc]
            time.sleep(rng.random() * 0.02)  # somewhere in the next request
            process.end(signal.SIGKILL)
            process.start()

    killer = threading.Thread(target=kill)
    killer.start()
    while killer.is_alive():
        number = numbers[len(settled)]
        settle(asking, number)
        settled.append(number)
    killer.join()
    ledger = process.ledger()
    assert violations(ledger) == []
    assert [row["number"] for row in ledger["receipts"]] == settled
    assert len(settled) >= 9
    asking.close()
    assert os.path.lexists(process.link)
    assert process.end() == 0


def test_the_world_around_the_box_and_its_sisters_survive_a_kill(process: Process) -> None:
    ready = process.start()
    asking = driver(ready["http"])
    door = process.door

    def post(path: str, sent: Any) -> Any:
        return httpx2.post(f"{door}/{path}", json=sent)

    body = wire.transact_body(request("S"), PERCENT)
    sent = {"device_id": "99002", "op": "TransactM", "body": body}
    assert post("sister", sent).json()["DeviceID"] == "99002"
    assert post("world", {"network": False, "clock_ahead_seconds": 60.5}).json()["network"] is False
    asking.submit(request("A"))
    process.end(signal.SIGKILL)
    process.start()
    ledger = process.ledger()
    assert ledger["violations"] == []
    assert ledger["backlog"] == {"messages": 1, "trouble": "no network"}
    assert ledger["device"]["clock_ahead_seconds"] == 60.5
    assert ledger["authority"]["devices"]["99001"]["receipts"] == []
    found = asking.look_up("S")
    assert found is not None
    assert found.device_id == "99002"
    assert post("world", {"network": True}).json()["backlog"]["messages"] == 0
    rows = process.ledger()["authority"]["devices"]["99001"]["receipts"]
    assert [(row["number"], row["colour"]) for row in rows] == [("A", "")]
    for path, bad in (
        ("world", {"moon": 1}),
        ("world", [1]),
        ("sister", {"device_id": "99001", "op": "GetDayStatus"}),
        ("sister", {"device_id": "99002", "op": "Nonsense"}),
    ):
        answer = post(path, bad)
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(".")
