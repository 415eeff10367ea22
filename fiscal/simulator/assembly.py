"""Boxes put together: in memory or in a directory, with an authority, alone or with sisters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fiscal.clock import Clock
from fiscal.signing import KeyKind, seeded_signer, stored_signer
from fiscal.simulator.authority.gateway import Gateway
from fiscal.simulator.device import Device
from fiscal.simulator.journal import FileJournal
from fiscal.simulator.settings import DeviceSettings


def memory_device(
    clock: Clock,
    *,
    settings: DeviceSettings | None = None,
    gateway: Gateway | None = None,
    seed: str = "device",
) -> Device:
    """A box that lives as long as its process and is the same for the same seed and clock."""
    signer = seeded_signer(seed)
    return Device(settings or DeviceSettings(), clock, signer=signer, gateway=gateway)


def stored_device(
    directory: Path,
    clock: Clock,
    *,
    settings: DeviceSettings | None = None,
    gateway: Gateway | None = None,
    key: KeyKind = "rsa",
    boot_ids: Iterator[str] | None = None,
) -> Device:
    """The box of a directory, with a key of its own made once; the same directory resumes it.

    Args:
        directory: keeps its journal, its key and, unless one is given, the authority's books.
        clock: the true time.
        settings: the fixed facts of the box.
        gateway: the authority it shares with others.
        key: the kind of key to make when there is none.
        boot_ids: names for its starts.

    Raises:
        JournalInUse: another process has the directory.
        JournalDamaged: a committed event cannot be read any more.
        DeviceAnother: it is the state of a device with another number.
        OSError: the directory cannot be made or written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    journal = FileJournal(directory / "journal.jsonl")
    books = gateway or Gateway(clock, journal=FileJournal(directory / "authority.jsonl"))
    return Device(
        settings or DeviceSettings(),
        clock,
        signer=stored_signer(directory / "key.pem", kind=key),
        journal=journal,
        gateway=books,
        boot_ids=boot_ids,
    )


def add_sister(device: Device, sister: Device) -> None:
    """Put another device of the same owner on the same box: each finds the other's receipts."""
    for known in (device, *device.sisters):
        known.sisters.append(sister)
        sister.sisters.append(known)


def memory_sister(device: Device, device_id: str) -> Device:
    """Another device of the same owner and authority, with the same habits."""
    settings, clock = replace(device.settings, device_id=device_id), device.clock
    return memory_device(clock, settings=settings, gateway=device.gateway, seed=device_id)


def stored_sister(directory: Path, device: Device, device_id: str) -> Device:
    """The same, kept in a folder beside the box's own; raises as `stored_device`."""
    settings, clock = replace(device.settings, device_id=device_id), device.clock
    folder = directory / "sisters" / device_id
    return stored_device(folder, clock, settings=settings, gateway=device.gateway)
