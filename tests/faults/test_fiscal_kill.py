"""Real processes killed in the middle of a receipt: the till once, the device once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pos_app.bootstrap import install
from pos_app.services import fiscal_standing
from pos_app.store.engine import open_store
from tests import shops
from tests.cli.till import milk
from tests.fiscal.samples import wait_until

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

POS = [sys.executable, "-m", "pos_app.cli.run"]
SLOW = {"do": "busy", "on": "POST TransactM", "times": 1, "seconds": 3}


class Rig:
    """A till's folder, and a box in a process of its own."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        shutil.copy(template, folder / "pos.db")
        with open_store(folder / "pos.db") as store:
            now = shops.FixedClock(datetime.now(UTC))
            shops.open_till(shops.open_shop(store, clock=now))
        self.box = self.start_box()
        self.configure()

    def start_box(self) -> subprocess.Popen[str]:
        command = ["sandbox", "revmax", "--port", "0", "--serial", str(self.folder / "link")]
        child = subprocess.Popen(
            [*POS, *command, "--dir", str(self.folder / "box")], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        self.url = json.loads(child.stdout.readline())["sandbox"]
        return child

    def configure(self) -> None:
        text = shops.EXAMPLE.read_text(encoding="utf-8")
        device = f'device = "{self.folder / "link"}"'
        text = text.replace('device = "/dev/serial/by-id/usb-revmax"', device)
        text = text.replace('url = "http://127.0.0.1:8080"', 'url = ""')
        text = text.replace('url = "/dev/serial/by-id/usb-printer"', 'url = ""')
        (self.folder / "till.toml").write_text(text, encoding="utf-8")

    def sell(self) -> subprocess.Popen[str]:
        asked = self.folder / "sale.json"
        asked.write_text(json.dumps(milk()), encoding="utf-8")
        command = [*POS, "sell", "--config", str(self.folder / "till.toml"), str(asked)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def ledger(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/ledger", timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def arm(self, *faults: dict[str, Any]) -> None:
        body = json.dumps(list(faults)).encode()
        ask = urllib.request.Request(f"{self.url}/faults", data=body, method="POST")
        ask.add_header("Content-Type", "application/json")
        urllib.request.urlopen(ask, timeout=10).close()

    def asked(self, number: str) -> int:
        return int(self.ledger()["asked"].get(number, 0))

    def filed(self) -> list[str]:
        return [row["number"] for row in self.ledger()["receipts"]]

    def settle(self) -> None:
        """A new process of the till works until nothing waits."""
        till = install(self.folder / "till.toml", role="till")
        try:
            wait_until(lambda: not till.devices.work_fiscal().waiting and not _waits(till), 60)
        finally:
            till.close()


def _waits(till: Any) -> int:
    return fiscal_standing.standing(till.shop).waiting


@pytest.fixture
def rig(tmp_path: Path, sqlite_template: Path) -> Iterator[Rig]:
    made = Rig(tmp_path, sqlite_template)
    try:
        yield made
    finally:
        made.box.kill()
        made.box.communicate()


def end(child: subprocess.Popen[str]) -> dict[str, Any]:
    """What a sale answered."""
    out, _ = child.communicate(timeout=60)
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_till_and_a_device_killed_in_the_middle_of_a_receipt(rig: Rig) -> None:
    rig.arm(SLOW)
    first = rig.sell()
    wait_until(lambda: rig.asked("T01-000001") == 1, 60)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = end(rig.sell())
    assert second["receipt"] == "T01-000002"
    rig.settle()
    assert rig.filed() == ["T01-000001", "T01-000002"]
    assert rig.ledger()["asked"] == {"T01-000001": 1, "T01-000002": 1}

    rig.arm(SLOW)
    third = rig.sell()
    wait_until(lambda: rig.asked("T01-000003") == 1, 60)
    rig.box.kill()
    rig.box.communicate()
    rig.box = rig.start_box()
    assert end(third)["receipt"] == "T01-000003"
    rig.settle()
    assert rig.filed() == ["T01-000001", "T01-000002", "T01-000003"]


def test_two_programs_of_one_till_take_turns_at_the_device(rig: Rig) -> None:
    """One writer at a time, by a lock between processes (production lesson L16)."""
    rig.arm({**SLOW, "seconds": 1, "times": 2})
    both = [rig.sell(), rig.sell()]
    numbers = {end(child)["receipt"] for child in both}
    rig.settle()
    receipts = rig.ledger()["receipts"]
    assert {row["number"] for row in receipts} == numbers == {"T01-000001", "T01-000002"}
    assert [row["receipt_global_no"] for row in receipts] == [1, 2]
    assert set(rig.ledger()["asked"].values()) == {1}
