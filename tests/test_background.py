"""A till's background work on real threads, with a fiscal device over HTTP and a printer's file."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fiscal.simulator.box import Box
from pos_app.background import TillBackground
from pos_app.bootstrap import Installation, install
from pos_app.domain.lamp import Lamp
from pos_app.services import basket, receipt, sale, tender
from pos_app.services.sale import Posted
from sandbox.fault import Fault
from tests import shops
from tests.fiscal.samples import make_box, served

PATIENCE = 30.0
HOLDS = """
import sys
from pathlib import Path
from pos_app.holder import Holder
holders = [Holder(Path(sys.argv[1]) / f"{name}.lock") for name in ("fiscal", "printer", "sync")]
print(*[holder.take() for holder in holders], flush=True)
sys.stdin.read()
"""


class RunningClock:
    """Begins on a day of the tests and then runs."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return shops.MORNING + timedelta(seconds=time.monotonic() - self._began)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass
class Place:
    """One till's folder and the box it signs with."""

    folder: Path
    box: Box
    config: Path
    paper: Path

    def install(self) -> Installation:
        return install(self.config, clock=RunningClock())

    def papers(self) -> int:
        return self.paper.read_bytes().count(b"FISCAL TAX INVOICE") if self.paper.exists() else 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    box = make_box(RunningClock())
    paper, config = tmp_path / "paper", tmp_path / "till.toml"
    with served(box, tmp_path, ways=("http",)) as faces:
        text = shops.EXAMPLE.read_text(encoding="utf-8")
        for before, after in (
            ("/dev/serial/by-id/usb-revmax", faces.http),
            ("/dev/serial/by-id/usb-printer", f"file://{paper}"),
            ("http://127.0.0.1:8080", ""),
            ('profile = "80mm"', 'profile = "one-way"'),
        ):
            assert before in text
            text = text.replace(before, after)
        config.write_text(text, encoding="utf-8")
        yield Place(tmp_path, box, config, paper)


@pytest.fixture
def installation(place: Place) -> Iterator[Installation]:
    made = place.install()
    shops.fill(made.shop)
    shops.open_till(made.shop)
    yield made
    made.close()


@pytest.fixture
def background(installation: Installation) -> Iterator[TillBackground]:
    made = TillBackground(installation)
    made.start()
    yield made
    made.stop()


def sell(installation: Installation, code: str = "BREAD") -> Posted:
    shop, actor = installation.shop, shops.actor()
    made = basket.add(shop, actor, basket.start(shop, actor), code)
    return sale.post(shop, actor, made, [tender.make(shop, "cash", made.total)])


def until(is_so: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def lamp(installation: Installation, posted: Posted, name: str) -> Lamp:
    found: Lamp = getattr(receipt.lamps(installation.shop, posted.sale_id), name)
    return found


def test_lamps_turn_on_by_themselves(
    place: Place, installation: Installation, background: TillBackground
) -> None:
    told: list[int] = []
    end = background.watch(lambda: told.append(1))
    posted = sell(installation)
    background.wake()
    until(lambda: lamp(installation, posted, "printed") is Lamp.DONE)
    assert lamp(installation, posted, "fiscalised") is Lamp.DONE
    assert [row["number"] for row in place.box.ledger()["receipts"]] == [posted.receipt]
    assert place.papers() == 1
    until(lambda: background.snapshot().queues["fiscal"].waiting == 0)
    until(lambda: told)
    end()
    end()


def test_trouble_is_shown_and_goes_by_itself(
    place: Place, installation: Installation, background: TillBackground
) -> None:
    place.box.faults.replace([Fault(on="GET GetDayStatus", do="drop_before", times=50)])
    posted = sell(installation)
    background.wake()
    until(lambda: background.snapshot().queues["fiscal"].problem)
    assert lamp(installation, posted, "fiscalised") is not Lamp.DONE
    place.box.faults.replace([])
    until(lambda: lamp(installation, posted, "printed") is Lamp.DONE)
    until(lambda: not background.snapshot().queues["fiscal"].problem)
    assert place.papers() == 1


def test_a_watcher_that_fails_hides_nothing_from_the_others(
    installation: Installation, background: TillBackground
) -> None:
    told: list[int] = []

    def fails() -> None:
        raise RuntimeError("the screen is closed")

    background.watch(fails)
    background.watch(lambda: told.append(1))
    posted = sell(installation)
    background.wake()
    until(lambda: lamp(installation, posted, "printed") is Lamp.DONE)
    until(lambda: told)


@pytest.mark.process
def test_stopping_gives_every_device_back(place: Place, installation: Installation) -> None:
    background = TillBackground(installation)
    background.start()
    posted = sell(installation)
    background.wake()
    until(lambda: lamp(installation, posted, "printed") is Lamp.DONE)
    assert holds(place.folder) == "True False True", "an idle fiscal device is for everybody"
    background.stop()
    assert holds(place.folder) == "True True True"


@pytest.mark.process
def test_another_process_that_holds_the_devices_is_left_to_it(
    place: Place, installation: Installation
) -> None:
    """Its lanes file and print; ours only look."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(place.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "True True True"
    posted = sell(installation)
    assert installation.devices.work_fiscal().problem == ""
    assert installation.devices.work_printer().problem == ""
    assert lamp(installation, posted, "fiscalised") is Lamp.PENDING
    assert place.box.log.rows() == []
    child.kill()
    child.communicate()
    installation.devices.settle(posted.sale_id)
    assert lamp(installation, posted, "printed") is Lamp.DONE


def test_one_sale_is_brought_as_far_as_its_devices_go(
    place: Place, installation: Installation
) -> None:
    posted = sell(installation)
    installation.devices.settle(posted.sale_id)
    assert lamp(installation, posted, "printed") is Lamp.DONE
    place.box.faults.replace([Fault(on="GET GetDayStatus", do="drop_before", times=50)])
    waiting = sell(installation)
    began = time.monotonic()
    installation.devices.settle(waiting.sale_id)
    assert time.monotonic() - began < 20
    assert lamp(installation, waiting, "fiscalised") is Lamp.PENDING


def test_devices_can_be_closed_twice_and_used_again(
    place: Place, installation: Installation
) -> None:
    installation.devices.settle(sell(installation).sale_id)
    installation.devices.close()
    installation.devices.close()
    posted = sell(installation)
    installation.devices.settle(posted.sale_id)
    assert lamp(installation, posted, "printed") is Lamp.DONE
    assert place.papers() == 2


def holds(folder: Path) -> str:
    """Which locks another process gets: fiscal device, printer, line to the server."""
    answer = subprocess.run(
        [sys.executable, "-c", HOLDS, str(folder)],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()
