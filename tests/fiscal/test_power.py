"""Power cut at any byte: what was committed is whole, what was not never happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fiscal import wire
from fiscal.profile import PERCENT
from fiscal.signing import seeded_signer
from fiscal.simulator.authority.gateway import Gateway
from fiscal.simulator.device import Device
from fiscal.simulator.journal import FileJournal
from fiscal.simulator.proof import violations
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.world import change
from tests.fiscal.samples import VirtualClock, request

SIGNER = seeded_signer("power")


@contextmanager
def running(folder: Path) -> Iterator[Device]:
    """The device of a folder with the books of its authority beside it."""
    clock = VirtualClock()
    gateway = Gateway(clock, journal=FileJournal(folder / "authority"))
    journal = FileJournal(folder / "device")
    device = Device(DeviceSettings(), clock, signer=SIGNER, journal=journal, gateway=gateway)
    yield device
    device.close()


def file(device: Device, number: str) -> None:
    answer = device.answer("TransactM", wire.transact_body(request(number), PERCENT))
    assert answer["Code"] == "1", answer["Message"]


def cuts(data: bytes, records: int) -> Iterator[tuple[int, int]]:
    """Every length within the last records, and how many whole records it leaves."""
    starts = [0, *(place + 1 for place, byte in enumerate(data) if byte == ord("\n"))]
    for length in range(starts[-1 - records], len(data) + 1):
        yield length, sum(start <= length for start in starts[1:])


def test_a_journal_cut_at_any_byte_of_its_last_records(tmp_path: Path) -> None:
    with running(tmp_path) as device:
        file(device, "A")
        change(device, {"network": False})
        file(device, "B")
        file(device, "C")
    path = tmp_path / "device"
    whole, books = path.read_bytes(), (tmp_path / "authority").read_bytes()
    before = whole.count(b"\n") - 2
    last = len(whole) - whole.rindex(b"\n", 0, -1)
    for length, kept in [*[*cuts(whole, 2)][:-last:4], *cuts(whole, 1)]:
        path.write_bytes(whole[:length])
        (tmp_path / "authority").write_bytes(books)
        with running(tmp_path) as device:
            ledger = device.ledger()
            names = [row["number"] for row in ledger["receipts"]]
            assert names == ["A", "B", "C"][: 1 + kept - before], length
            if length % 97 == 0:
                file(device, "D")
                change(device, {"network": True})
                assert device.answer("ZReport")["Message"] == "Fiscal Day Closed"
                assert violations(device.ledger()) == []


def test_the_authoritys_books_cut_before_they_were_confirmed(tmp_path: Path) -> None:
    """The box has not noted an answer, so it delivers again; nothing is lost or counted twice."""
    with running(tmp_path) as device:
        file(device, "A")
        device.deliver()
        file(device, "B")
        unheard = (tmp_path / "device").read_bytes()
        device.deliver()
    whole = (tmp_path / "authority").read_bytes()
    for length, _ in [*cuts(whole, 1)][::3]:
        (tmp_path / "authority").write_bytes(whole[:length])
        (tmp_path / "device").write_bytes(unheard)
        with running(tmp_path) as device:
            rows = device.ledger()["authority"]["devices"]["99001"]["receipts"]
            assert [row["number"] for row in rows] == ["A", "B"]
            assert {row["colour"] for row in rows} == {""}


@pytest.mark.parametrize("message", ["Fiscal Day Closed", "Fiscal Day Opened"])
def test_a_toggle_of_the_day_cut_at_any_byte(tmp_path: Path, message: str) -> None:
    """What was begun ends by itself, whether the authority heard of it or not."""
    paths = (tmp_path / "device", tmp_path / "authority")
    with running(tmp_path) as device:
        file(device, "A")
        if message.endswith("Opened"):
            device.answer("ZReport")
        device.deliver()
        before, unheard = (path.read_bytes() for path in paths)
        assert device.answer("ZReport")["Message"] == message
        device.deliver()
    whole, heard = (path.read_bytes() for path in paths)
    first = whole.index(b"\n", len(before)) + 1
    second = whole.index(b"\n", first) + 1
    for length in range(len(before), len(whole) + 1, 3):
        paths[0].write_bytes(whole[:length])
        paths[1].write_bytes(heard if length >= (first, second)[length % 2] else unheard)
        with running(tmp_path) as device:
            device.deliver()
            if length < first:
                assert device.answer("ZReport")["Message"] == message
            status = device.answer("GetDayStatus")["Data"]["fiscalDayStatus"]
            assert status == message.replace(" ", ""), length
            assert violations(device.ledger()) == []
