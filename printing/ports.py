"""Where a printer may be plugged in: serial lines by their lasting names, and line printers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serial.tools import list_ports

NOTHING_THERE = "n/a"
"""What the serial library says of the hardware behind a built-in port that is not connected."""


@dataclass(frozen=True, slots=True)
class FoundPort:
    """An address to write into the settings, and what the machine calls what is there."""

    address: str
    name: str


def found_ports(
    devices: Path = Path("/dev"), serial_ports: Callable[[], Iterable[Any]] = list_ports.comports
) -> list[FoundPort]:
    """Every port that something may print on, the lasting names first.

    Args:
        devices: the folder of the system's devices.
        serial_ports: lists the serial ports of the machine.
    """
    named = [FoundPort(str(link), link.name) for link in _entries(devices / "serial/by-id", "*")]
    taken = {str(Path(port.address).resolve()) for port in named}
    others = [
        FoundPort(port.device, port.description or port.device)
        for port in serial_ports()
        if port.device not in taken and port.hwid != NOTHING_THERE
    ]
    lines = [
        FoundPort(
            str(path), "printer on USB" if "usb" in str(path) else "printer on a parallel port"
        )
        for path in (*_entries(devices / "usb", "lp*"), *_entries(devices, "lp*"))
    ]
    return [*named, *sorted(others, key=lambda port: port.address), *lines]


def _entries(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []
