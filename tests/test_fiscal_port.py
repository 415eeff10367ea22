"""One device, one user at a time: between threads, between programs, and kept while in doubt."""

from __future__ import annotations

import threading
from pathlib import Path

from pos_app.clock import SystemClock
from pos_app.config import Fiscal
from pos_app.fiscal_port import FiscalPort


def port(folder: Path, device: str = "/dev/nowhere") -> FiscalPort:
    return FiscalPort(Fiscal(device=device), folder, SystemClock())


def test_two_programs_take_turns(tmp_path: Path) -> None:
    till, server = port(tmp_path), port(tmp_path)
    with till.use() as driver, server.use() as other:
        assert driver is not None
        assert other is None
    with server.use() as driver:
        assert driver is not None
    assert not till.is_held
    assert not server.is_held


def test_a_doubt_keeps_the_device_until_it_is_settled(tmp_path: Path) -> None:
    till, server = port(tmp_path), port(tmp_path)
    with till.use() as first:
        till.keep(True)
    with server.use() as other:
        assert other is None
    with till.use() as again:
        assert again is first, "the port stays open meanwhile"
        till.keep(False)
    with server.use() as other:
        assert other is not None


def test_who_stops_gives_back_what_was_kept(tmp_path: Path) -> None:
    till, server = port(tmp_path), port(tmp_path)
    with till.use():
        till.keep(True)
    till.close()
    with server.use() as other:
        assert other is not None


def test_two_threads_take_turns(tmp_path: Path) -> None:
    till = port(tmp_path)
    seen: list[object] = []

    def other() -> None:
        with till.use() as driver:
            seen.append(driver)

    with till.use() as driver:
        assert driver is not None
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_failure_gives_the_turn_back(tmp_path: Path) -> None:
    till, server = port(tmp_path), port(tmp_path)
    try:
        with till.use():
            raise RuntimeError
    except RuntimeError:
        pass
    with server.use() as driver:
        assert driver is not None


def test_a_box_on_the_network_is_read_beside_its_writer_and_a_serial_one_is_not(
    tmp_path: Path,
) -> None:
    for device, is_shared in (("http://192.0.2.10:8001", True), ("COM3", False)):
        till, server = port(tmp_path, device), port(tmp_path, device)
        with till.use(), server.look() as driver:
            assert (driver is not None) is is_shared


def test_programs_may_name_one_lock_from_different_folders(tmp_path: Path) -> None:
    (tmp_path / "till").mkdir()
    (tmp_path / "server").mkdir()
    shared = Fiscal(device="http://192.0.2.10:8001", lock="../fiscal.lock")
    till = FiscalPort(shared, tmp_path / "till", SystemClock())
    server = FiscalPort(shared, tmp_path / "server", SystemClock())
    with till.use(), server.use() as other:
        assert other is None
