"""Where a printer may be plugged in: lasting names first, nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from printing.ports import FoundPort, found_ports


@dataclass
class Listed:
    device: str
    description: str
    hwid: str


def test_lasting_names_come_first_and_empty_ports_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    by_id = tmp_path / "serial/by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-printer").symlink_to(tmp_path / "ttyUSB0")
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb/lp0").touch()
    (tmp_path / "lp0").touch()
    listed = [
        Listed(str(tmp_path / "ttyUSB0"), "Printer", "USB 1"),
        Listed("COM3", "Printer on COM3", "USB 2"),
        Listed("/dev/ttyS0", "ttyS0", "n/a"),
    ]
    assert found_ports(tmp_path, lambda: listed) == [
        FoundPort(str(by_id / "usb-printer"), "usb-printer"),
        FoundPort("COM3", "Printer on COM3"),
        FoundPort(str(tmp_path / "usb/lp0"), "printer on USB"),
        FoundPort(str(tmp_path / "lp0"), "printer on a parallel port"),
    ]


def test_a_machine_without_any(tmp_path: Path) -> None:
    assert found_ports(tmp_path / "nowhere", list) == []
