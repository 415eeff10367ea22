"""A look-up is not scoped to one device: sisters answer, and so may credit notes."""

from __future__ import annotations

import pytest

from fiscal import wire
from fiscal.messages import ForeignOriginal, ReceiptRequest
from fiscal.profile import PERCENT
from fiscal.simulator.assembly import add_sister, memory_device, memory_sister
from fiscal.simulator.box import Box
from fiscal.simulator.device import Device
from fiscal.simulator.proof import violations
from fiscal.simulator.settings import DeviceSettings
from fiscal.simulator.world import WorldInvalid
from tests.fiscal.samples import VirtualClock, line, make_box, request


@pytest.fixture
def device() -> Device:
    return memory_device(VirtualClock())


@pytest.fixture
def sister(device: Device) -> Device:
    made = memory_sister(device, "99002")
    add_sister(device, made)
    return made


def file(device: Device, asked: ReceiptRequest) -> str:
    op = "TransactMExt" if asked.foreign else "TransactM"
    answer = device.answer(op, wire.transact_body(asked, PERCENT))
    return f"{answer['Code']} {answer['Message']}"


def look_up(device: Device, number: str) -> tuple[str, str, str]:
    answer = device.answer("GetInvoice", {"InvoiceNumber": number})
    data = answer["Data"] or {"receiptType": "", "invoiceNo": ""}
    return answer["DeviceID"], data["receiptType"], data["invoiceNo"]


def problems(device: Device) -> list[str]:
    return list(device.ledger()["receipts"][-1]["problems"])


def test_sisters_share_owner_and_box_and_not_their_numbers(device: Device, sister: Device) -> None:
    file(device, request("A"))
    file(sister, request("B"))
    file(sister, request("C"))
    ledger = device.ledger()
    assert list(ledger["authority"]["devices"]) == ["99001", "99002"]
    assert [row["receipt_global_no"] for row in ledger["sisters"]["99002"]["receipts"]] == [1, 2]
    assert sister.greeting()["serial"] == device.greeting()["serial"]
    assert violations(ledger) == violations(sister.ledger()) == []


def test_a_sister_answers_for_what_she_filed(device: Device, sister: Device) -> None:
    assert look_up(device, "A") == ("99001", "", "")
    file(sister, request("A"))
    assert look_up(device, "A") == ("99002", "FiscalInvoice", "99002-A")
    device.clock.sleep(5)
    assert file(device, request("A")).startswith("1"), "only its own numbers are duplicates"
    assert look_up(device, "A") == look_up(sister, "A") == ("99001", "FiscalInvoice", "99001-A")


def test_a_credit_note_of_a_sister_answers_for_an_invoice_number(
    device: Device, sister: Device
) -> None:
    file(sister, request("S"))
    file(device, request("A"))
    file(sister, request("A", kind="credit", original="S"))
    file(sister, request("Z"))
    assert look_up(device, "A") == ("99002", "CreditNote", "99002-A")


def test_some_boxes_answer_with_the_note_about_an_invoice() -> None:
    device = memory_device(VirtualClock(), settings=DeviceSettings(is_answered_by_notes=True))
    file(device, request("A"))
    file(device, request("C", kind="credit", original="A"))
    assert look_up(device, "A") == ("99001", "CreditNote", "99001-C")


def test_a_note_about_a_sisters_receipt_needs_the_long_call(device: Device, sister: Device) -> None:
    file(sister, request("S"))
    foreign = ForeignOriginal(device_id="99002", receipt_global_no=1, fiscal_day_no=1)
    asked = request("C", kind="credit", foreign=foreign)
    short = device.answer("TransactM", wire.transact_body(asked, PERCENT))
    assert (short["Code"], short["Message"]) == (
        "0",
        "Original Invoice Number () not found in your Device",
    )
    assert file(device, asked).startswith("1")
    assert problems(device) == []


def test_only_the_authority_knows_what_is_left_of_a_sisters_receipt(
    device: Device, sister: Device
) -> None:
    file(sister, request("S", line(price="10", quantity="1")))
    foreign = ForeignOriginal(device_id="99002", receipt_global_no=1, fiscal_day_no=1)
    part = line(price="6", quantity="1")
    for number, codes in (("C1", []), ("C2", ["RCPT035"])):
        assert file(device, request(number, part, kind="credit", foreign=foreign)).startswith("1")
        assert problems(device) == codes
    nowhere = ForeignOriginal(device_id="99002", receipt_global_no=9, fiscal_day_no=1)
    file(device, request("C3", part, kind="credit", foreign=nowhere))
    assert problems(device) == ["RCPT032"]


def test_a_reference_to_the_device_itself_is_its_own_receipt(device: Device) -> None:
    file(device, request("A"))
    mine = ForeignOriginal(device_id="99001", receipt_global_no=1, fiscal_day_no=1)
    assert file(device, request("C", kind="credit", foreign=mine)).startswith("1")
    assert "exceeds" in file(device, request("D", kind="credit", foreign=mine))
    assert device.ledger()["receipts"][1]["original"]["number"] == "A"


def test_a_box_makes_sisters_on_demand() -> None:
    box: Box = make_box(VirtualClock())
    body = wire.transact_body(request("A"), PERCENT)
    assert box.ask_sister("99007", "TransactM", body)["DeviceID"] == "99007"
    assert box.answer("GetInvoice", {"InvoiceNumber": "A"})["DeviceID"] == "99007"
    for name in ("99001", "x", "", "12345678901"):
        with pytest.raises(WorldInvalid):
            box.ask_sister(name, "TransactM", body)
    box.reset()
    assert box.ledger()["sisters"] == {}
    assert box.answer("GetInvoice", {"InvoiceNumber": "A"})["Code"] == "0"
