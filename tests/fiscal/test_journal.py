"""The journal of the simulated box: a whole line happened, a torn tail did not."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from fiscal import wire
from fiscal.errors import OutcomeUnknown
from fiscal.profile import PERCENT
from fiscal.signing import KeyKind
from fiscal.simulator.assembly import stored_device
from fiscal.simulator.device import Device, DeviceAnother
from fiscal.simulator.journal import FileJournal, JournalDamaged, JournalInUse
from fiscal.simulator.proof import violations
from fiscal.simulator.settings import DeviceSettings
from tests.fiscal.samples import VirtualClock, make_box, request


def file(device: Device, number: str) -> str:
    body = wire.transact_body(request(number), PERCENT)
    return str(device.answer("TransactM", body)["Code"])


def test_events_come_back_in_order(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "j")
    events = [{"event": "a", "text": "ü\n\\"}, {"event": "b"}]
    for event in events:
        journal.append(event)
    journal.close()
    assert list(FileJournal(tmp_path / "j").read()) == events


@pytest.mark.parametrize("cut", range(1, 30, 3))
def test_a_torn_tail_did_not_happen(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j"
    journal = FileJournal(path)
    journal.append({"event": "first"})
    whole = path.stat().st_size
    journal.append({"event": "second"})
    journal.close()
    os.truncate(path, path.stat().st_size - cut)
    again = FileJournal(path)
    assert list(again.read()) == [{"event": "first"}]
    assert path.stat().st_size == whole
    again.append({"event": "third"})
    assert list(again.read()) == [{"event": "first"}, {"event": "third"}]


def test_damage_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = FileJournal(path)
    for name in ("first", "second"):
        journal.append({"event": name})
    journal.close()
    path.write_bytes(path.read_bytes().replace(b"first", b"fxrst"))
    with pytest.raises(JournalDamaged, match="Line 1"):
        list(FileJournal(path).read())


def test_one_process_per_directory(tmp_path: Path) -> None:
    first = FileJournal(tmp_path / "j")
    with pytest.raises(JournalInUse, match="in use by another process"):
        FileJournal(tmp_path / "j")
    first.close()
    FileJournal(tmp_path / "j").close()


def test_the_same_directory_resumes_the_same_device(tmp_path: Path) -> None:
    clock = VirtualClock()
    device = stored_device(tmp_path, clock)
    for number in range(3):
        assert file(device, f"A{number}") == "1"
    device.answer("ZReport")
    device.note_asked("A9")
    before = device.ledger()
    device.close()
    again = stored_device(tmp_path, clock)
    assert again.ledger() == before
    again.answer("ZReport")
    assert file(again, "A0") == "0"
    assert file(again, "A3") == "1"
    assert again.ledger()["receipts"][-1]["receipt_global_no"] == 4
    assert violations(again.ledger()) == []
    again.close()


def test_a_folder_belongs_to_one_device(tmp_path: Path) -> None:
    stored_device(tmp_path, VirtualClock()).close()
    with pytest.raises(DeviceAnother, match="state of device 99001, not of 7"):
        stored_device(tmp_path, VirtualClock(), settings=DeviceSettings(device_id="7"))


@pytest.mark.parametrize(("kind", "length"), [("rsa", {256}), ("ecdsa", {70, 71, 72})])
def test_a_new_device_is_given_a_key_and_keeps_it(
    tmp_path: Path, kind: KeyKind, length: set[int]
) -> None:
    for number in ("A", "B"):
        device = stored_device(tmp_path, VirtualClock(), key=kind)
        assert file(device, number) == "1"
        device.close()
        kind = "rsa"  # what is made when there is none; there is one
    ledger = stored_device(tmp_path, VirtualClock()).ledger()
    signatures = [base64.b64decode(row["signature"]) for row in ledger["receipts"]]
    assert {len(signature) for signature in signatures} <= length
    assert violations(ledger) == []


def test_a_full_disk_files_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = stored_device(tmp_path, VirtualClock())
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        real(descriptor, bytes(data)[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    body = wire.transact_body(request("A"), PERCENT)
    answer = device.answer("TransactM", body)
    assert (answer["Code"], answer["Message"]) == ("0", "init error - No space left on device")
    monkeypatch.undo()
    assert device.ledger()["receipts"] == []
    assert file(device, "A") == "1"
    device.close()
    assert len(stored_device(tmp_path, VirtualClock()).ledger()["receipts"]) == 1


def test_a_disk_that_takes_nothing_back_makes_the_box_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line may be whole on the disk: a refusal would be a lie, so nothing is answered."""
    clock = VirtualClock()
    box = make_box(clock, device=stored_device(tmp_path, clock))
    body = wire.transact_body(request("A"), PERCENT)
    box.answer("GetDayStatus")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        refused = box.answer("TransactM", body)
    assert (refused["Code"], refused["Message"]) == ("0", "init error - Input/output error")
    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "ftruncate", fail)
    with pytest.raises(OutcomeUnknown):
        box.answer("TransactM", body)
    monkeypatch.undo()
    with pytest.raises(OutcomeUnknown):
        box.answer("TransactM", body)
    assert box.device.answer("GetInvoice", {"InvoiceNumber": "A"})["Code"] == "0"
    box.device.close()
    again = stored_device(tmp_path, clock)
    assert again.answer("GetInvoice", {"InvoiceNumber": "A"})["Code"] == "1"
    assert violations(again.ledger()) == []
    again.close()
