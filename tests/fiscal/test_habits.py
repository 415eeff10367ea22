"""How boxes differ: dialects of taxes and credit notes, shapes of answers, taxes by date."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fiscal import decimal_json, envelope, wire
from fiscal.messages import Buyer, ReceiptRequest
from fiscal.profile import AMOUNT, FRACTION, NEGATIVE_CREDIT, PERCENT, Profile
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.device import Device
from fiscal.simulator.proof import violations
from fiscal.simulator.settings import TAXES, DeviceSettings
from tests.fiscal.samples import DATA, VirtualClock, line, make_box, request, vectors

SAMPLE = decimal_json.loads((DATA / "get_invoice.json").read_text())


def make(*, now: datetime | None = None, **habits: Any) -> Device:
    clock = VirtualClock(now) if now else VirtualClock()
    return memory_device(clock, settings=DeviceSettings(**habits))


def file(device: Device, asked: ReceiptRequest, profile: Profile = PERCENT) -> dict[str, Any]:
    return device.answer("TransactM", wire.transact_body(asked, profile))


def last(device: Device) -> dict[str, Any]:
    row: dict[str, Any] = device.ledger()["receipts"][-1]
    return row


def shape(value: Any) -> Any:
    """Keys in their order, and the kind of each value."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value]
    return "number" if isinstance(value, int | Decimal) else type(value).__name__


def test_a_look_up_has_the_shape_of_a_real_one_key_for_key() -> None:
    device = make(device_id="22862", serial="8DE6996C0188", qr_url="https://fdms.zimra.co.zw")
    file(device, request("S-004711", line(price="0.43", quantity="1")))
    answer = device.answer("GetInvoice", {"InvoiceNumber": "S-004711"})
    signature = answer["Data"].pop("receiptDeviceSignature")
    assert list(signature) == ["hash", "signature"]
    found, real = json.dumps(shape(answer)), json.dumps(shape(SAMPLE))
    assert found == real
    figures = ("receiptTaxes", "receiptPayments", "receiptTotal", "invoiceNo", "receiptNotes")
    for name in figures:
        assert answer["Data"][name] == SAMPLE["Data"][name]
    assert list(answer) == list(SAMPLE)


def refused(name: str) -> str:
    device = make()
    body = wire.transact_body(request("T01-000001"), PERCENT)
    item = body["ItemsXml"][0]
    device.answer("TransactM", body)
    over = request("C", line(price="3.01", quantity="1"), kind="credit", original="T01-000001")
    asked: dict[str, tuple[str, Any]] = {
        "duplicate": ("TransactM", body),
        "missing": ("GetInvoice", {"InvoiceNumber": "X"}),
        "null_field": ("TransactM", body | {"CustomerName": None}),
        "blank_comment": ("TransactM", body | {"InvoiceComment": ""}),
        "blank_name": ("TransactM", body | {"ItemsXml": [item | {"ITEMNAME2": ""}]}),
        "credit_exceeds": ("TransactM", wire.transact_body(over, PERCENT)),
        "backlog": ("GetUnProcessedInvoicesSummary", None),
    }
    answer = device.answer(*asked[name])
    assert (answer["Code"], answer["Data"], answer["QRcode"]) == ("0", "", "")
    assert len(device.ledger()["receipts"]) == 1
    return str(answer["Message"])


@pytest.mark.parametrize("vector", vectors("refusals"), ids=lambda vector: vector["name"])
def test_refusals_in_the_words_of_real_boxes(vector: dict[str, Any]) -> None:
    assert refused(vector["name"]) == vector["message"]


@pytest.mark.parametrize("profile", [PERCENT, FRACTION, AMOUNT], ids=lambda entry: entry.name)
def test_each_dialect_of_taxes_files_the_same(profile: Profile) -> None:
    device = make(profile=profile)
    rows = (line(), line(2, tax_id="2"))
    assert file(device, request("A", *rows), profile)["Code"] == "1"
    taxes = [(row["tax_id"], row["percent"], row["tax"]) for row in last(device)["taxes"]]
    assert taxes == [(2, "0", "0.00"), (515, "15.5", "0.40")]


def test_a_box_that_wants_ids_does_not_read_amounts() -> None:
    assert "Invalid TAX.." in file(make(), request("A"), AMOUNT)["Message"]


def test_a_box_that_turns_credits_round_itself_refuses_negative_prices() -> None:
    device = make()
    file(device, request("A"))
    answer = file(device, request("C", kind="credit", original="A"), NEGATIVE_CREDIT)
    assert (answer["Code"], answer["Message"]) == (
        "0",
        "Invalid PRICE.. Price cannot be negative",
    )


def test_a_box_that_wants_negative_credits_files_positive_ones_as_they_come() -> None:
    """And the authority marks them red: know the profile of a box before its first note."""
    device = make(profile=NEGATIVE_CREDIT)
    file(device, request("A"))
    assert file(device, request("C", kind="credit", original="A"))["Code"] == "1"
    assert last(device)["total"] == "3.00"
    assert last(device)["problems"] == ["RCPT022", "RCPT028", "RCPT040"]
    good = file(device, request("D", kind="credit", original="A"), NEGATIVE_CREDIT)
    assert (good["Code"], last(device)["problems"]) == ("1", [])


def test_a_thin_answer_has_nothing_but_the_qr_data() -> None:
    answer = file(make(is_terse=True), request("A"))
    assert (answer["Data"], answer["Message"]) == ("", "Upload Success")
    assert answer["QRcode"].startswith("https://fdmstest.zimra.co.zw/0000099001")


def test_some_boxes_name_the_numbers_beside_the_data() -> None:
    answer = file(make(is_terse=True, has_numbers=True), request("A"))
    assert {key: answer[key] for key in list(answer)[9:]} == {
        "FiscalDayNo": "1",
        "ReceiptGlobalNo": "1",
        "ReceiptCounter": "1",
        "DeviceSerial": "5B0C6E2A9901",
        "FiscalDayDate": "2026-10-05",
        "ReceiptDate": "2026-10-05T08:00:01",
    }


def test_keys_in_camel_case_are_read_as_any_other() -> None:
    box = make_box(VirtualClock(), is_camel_case=True)
    answer = box.answer("TransactM", wire.transact_body(request("A"), PERCENT))
    names = ["code", "message", "verificationCode", "verificationLink", "deviceID"]
    names += ["deviceSerialNumber", "fiscalDay", "data", "qrCode"]
    assert list(answer) == names
    assert list(answer["data"]) == ["Receipt"]
    filed = wire.filed(envelope.read(answer))
    assert filed.is_complete
    assert wire.agrees_with_qr(filed)


def test_z_totals_are_cents_or_amounts() -> None:
    for is_in_cents, net in ((True, 260), (False, Decimal("2.60"))):
        device = make(profile=replace(PERCENT, is_z_in_cents=is_in_cents))
        file(device, request("A"))
        (row,) = device.answer("ZReport")["Data"]["ZReports"]
        assert row["Date"] == "2026-10-05"
        assert row["VatTotals"][0]["NETTAMOUNT"] == net


def test_the_standard_rate_changes_with_the_year() -> None:
    device = make(now=datetime(2025, 12, 31, 21, 59, 0, tzinfo=UTC))
    old = replace(line(), tax_percent=Decimal(15))
    assert file(device, request("A", old))["Code"] == "1"
    assert [(row["tax_id"], row["percent"]) for row in last(device)["taxes"]] == [(3, "15")]
    too_early = file(device, request("B"))
    assert "Tax rate 15.5 is not valid on 2025-12-31" in too_early["Message"]
    device.clock.sleep(120)
    assert file(device, request("B"))["Code"] == "1"
    assert [(row["tax_id"], row["percent"]) for row in last(device)["taxes"]] == [(515, "15.5")]
    assert "not valid on 2026-01-01" in file(device, request("C", old))["Message"]
    assert violations(device.ledger()) == []


def test_a_note_may_carry_the_rate_of_its_original_and_the_authority_judges() -> None:
    """15 % of 2025 on a note of 2026: the law of the two codes is not known, so it shows."""
    device = make(now=datetime(2025, 12, 31, 8, 0, 0, tzinfo=UTC))
    old = replace(line(), tax_percent=Decimal(15))
    file(device, request("A", old))
    device.answer("ZReport")
    device.clock.sleep(timedelta(days=2).total_seconds())
    device.answer("ZReport")
    assert file(device, request("C", old, kind="credit", original="A"))["Code"] == "1"
    assert last(device)["taxes"][0]["percent"] == "15"
    assert last(device)["problems"] == ["RCPT025"]
    assert file(device, request("D", kind="debit", original="A"))["Code"] == "1"
    assert last(device)["problems"] == ["RCPT036"]


def test_ids_of_taxes_are_configuration() -> None:
    taxes = tuple(replace(tax, filed_id=517) if tax.filed_id == 515 else tax for tax in TAXES)
    device = make(taxes=taxes)
    file(device, request("A"))
    assert (last(device)["taxes"][0]["tax_id"], last(device)["problems"]) == (517, [])


@pytest.mark.parametrize(
    ("buyer", "codes"),
    [
        (Buyer(name="Known", tin="2000000001"), []),
        (Buyer(name="No tax number"), ["RCPT043"]),
        (Buyer(name="", tin="2000000001"), ["RCPT043"]),
        (Buyer(name="", phone="0770000000"), []),
    ],
)
def test_a_buyer_is_sent_with_name_and_number_or_not_at_all(buyer: Buyer, codes: list[str]) -> None:
    device = make()
    file(device, request("A", buyer=buyer))
    assert last(device)["problems"] == codes


def test_a_taxpayer_without_vat_files_red_when_taxed() -> None:
    device = make(vat_number="")
    file(device, request("A"))
    assert last(device)["problems"] == ["RCPT021"]
    file(device, request("B", line(tax_id="2")))
    assert last(device)["problems"] == []


def test_a_line_that_costs_nothing_is_red() -> None:
    device = make()
    assert file(device, request("A", line(price="0")))["Code"] == "1"
    assert last(device)["problems"] == ["RCPT022"]
