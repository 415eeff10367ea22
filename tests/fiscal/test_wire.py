"""Bodies as a box wants them, and records out of real answers."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fiscal import decimal_json, envelope, wire
from fiscal.messages import Buyer, ForeignOriginal
from fiscal.profile import AMOUNT, FRACTION, NEGATIVE_CREDIT, PERCENT
from tests.fiscal.samples import DATA, line, request

FOUND: dict[str, Any] = decimal_json.loads((DATA / "get_invoice.json").read_text())
KEYS = [
    "Currency",
    "BranchName",
    "InvoiceNumber",
    "OriginalInvoiceNumber",
    "CustomerName",
    "CustomerVatNumber",
    "CustomerAddress",
    "CustomerTelephone",
    "CustomerEmail",
    "CustomerBPN",
    "InvoiceAmount",
    "InvoiceTaxAmount",
    "Istatus",
    "Cashier",
    "InvoiceComment",
    "ItemsXml",
    "CurrenciesXml",
]


def scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for entry in value.values() for leaf in scalars(entry)]
    if isinstance(value, list):
        return [leaf for entry in value for leaf in scalars(entry)]
    return [value]


def test_body_has_exact_keys_and_only_texts() -> None:
    asked = request("A", line(), line(2, tax_id="3"), buyer=Buyer(name="N", tin="1"))
    body = wire.transact_body(asked, PERCENT)
    assert list(body) == KEYS
    assert all(isinstance(leaf, str) for leaf in scalars(body))
    assert json.loads(json.dumps(body)) == body
    assert (body["CustomerName"], body["CustomerBPN"], body["CustomerVatNumber"]) == ("N", "1", "")


@pytest.mark.parametrize(
    ("profile", "tax", "rate"),
    [(PERCENT, "1", "15.5"), (FRACTION, "1", "0.155"), (AMOUNT, "0.40", "0.155")],
    ids=lambda value: getattr(value, "name", value),
)
def test_tax_dialects(profile: Any, tax: str, rate: str) -> None:
    item = wire.transact_body(request(), profile)["ItemsXml"][0]
    assert (item["TAX"], item["TAXR"]) == (tax, rate)


@pytest.mark.parametrize("tax_id", ["2", "3"])
def test_zero_and_exempt_have_rate_zero_and_ids_of_their_own(tax_id: str) -> None:
    item = wire.transact_body(request("A", line(tax_id=tax_id)), PERCENT)["ItemsXml"][0]
    assert (item["TAX"], item["TAXR"]) == (tax_id, "0")


def test_item_figures_are_what_the_device_will_compute() -> None:
    asked = request("A", line(price="7.217", quantity="20"))
    item = wire.transact_body(asked, PERCENT)["ItemsXml"][0]
    assert (item["HH"], item["QTY"], item["PRICE"], item["AMT"]) == ("1", "20", "7.217", "144.34")
    assert item["ITEMNAME1"] == item["ITEMNAME2"] == "Bread roll"


def test_credit_notes_are_magnitudes_unless_the_box_wants_otherwise() -> None:
    note = request("C", kind="credit", original="A")
    body = wire.transact_body(note, PERCENT)
    assert (body["Istatus"], body["InvoiceAmount"]) == ("02", "3.00")
    assert body["OriginalInvoiceNumber"] == "A"
    negative = wire.transact_body(note, NEGATIVE_CREDIT)
    assert negative["InvoiceAmount"] == "-3.00"
    assert negative["ItemsXml"][0]["PRICE"] == "-1.50"
    assert negative["CurrenciesXml"][0]["Amount"] == "-3.00"
    assert wire.transact_body(request(), NEGATIVE_CREDIT)["InvoiceAmount"] == "3.00"


def test_foreign_original_stands_before_the_items() -> None:
    foreign = ForeignOriginal(device_id="3180", receipt_global_no=7, fiscal_day_no=2)
    body = wire.transact_body(request("C", kind="credit", foreign=foreign), PERCENT)
    assert list(body)[-5:] == [
        "refDeviceId", "refReceiptGlobalNo", "refFiscalDayNo", "ItemsXml", "CurrenciesXml"
    ]  # fmt: skip
    assert body["refReceiptGlobalNo"] == "7"


def test_hs_code_is_sent_only_under_a_named_key() -> None:
    asked = request("A", replace(line(), hs_code="19059090"))
    assert "19059090" not in json.dumps(wire.transact_body(asked, PERCENT))
    named = wire.transact_body(asked, replace(PERCENT, hs_key="HSCODE"))
    assert named["ItemsXml"][0]["HSCODE"] == "19059090"


def test_real_answer_is_read_whole() -> None:
    record = wire.filed(envelope.read(FOUND))
    assert record.number == "S-004711"
    assert (record.device_id, record.device_serial) == ("22862", "8DE6996C0188")
    assert (record.receipt_global_no, record.receipt_counter) == (219735, 193)
    assert record.total == Decimal("0.43")
    assert (record.kind, record.currency) == ("invoice", "USD")
    assert record.filed_at == "2026-09-17T12:15:43"
    assert record.fiscal_day is None
    assert record.device_day == 535
    assert record.is_complete
    assert wire.agrees_with_qr(record)
    json.dumps(record.raw)


@pytest.mark.parametrize(
    "change",
    [
        {"DeviceID": "22863"},
        {"QRcode": "https://fdms.zimra.co.zw/0000022862170920260000219736FA614C42F679520B"},
        {"QRcode": "https://fdms.zimra.co.zw/0000022862180920260000219735FA614C42F679520B"},
        {"VerificationCode": "FA61-4C42-F679-520C"},
        {"QRcode": ""},
    ],
    ids=["device", "number", "day", "code", "none"],
)
def test_disagreement_with_the_qr_data_shows(change: dict[str, str]) -> None:
    assert not wire.agrees_with_qr(wire.filed(envelope.read(FOUND | change)))


@pytest.mark.parametrize("data", ["", None, [], {"receipt": None}, {"receipt": "x"}])
def test_global_number_comes_from_the_qr_data_when_the_answer_is_thin(data: object) -> None:
    record = wire.filed(envelope.read(FOUND | {"Data": data}))
    assert record.receipt_global_no == 219735
    assert record.number == ""
    assert record.total is None
    assert not record.is_complete


@pytest.mark.parametrize("wrapper", ["receipt", "Receipt"])
def test_wrapped_receipts_are_found(wrapper: str) -> None:
    record = wire.filed(envelope.read(FOUND | {"Data": {wrapper: FOUND["Data"]}}))
    assert record.number == "S-004711"


def test_credit_total_is_a_magnitude() -> None:
    data = FOUND["Data"] | {"receiptType": "CreditNote", "receiptTotal": Decimal("-0.43")}
    record = wire.filed(envelope.read(FOUND | {"Data": data}))
    assert (record.kind, record.total) == ("credit", Decimal("0.43"))


def test_z_report_amounts_are_cents_unless_told_otherwise() -> None:
    data = {
        "ZReports": [
            {
                "Currency": "USD",
                "Date": "2026-10-05",
                "VatTotals": [{"VATRATE": "15.5", "NETTAMOUNT": 35730, "TAXAMOUNT": 5538}],
            }
        ]
    }
    answer = envelope.read({"Code": "1", "Message": "Fiscal Day Closed", "Data": data})
    report = wire.z_report(answer, PERCENT, fiscal_day=7)
    total = report.currencies[0].totals[0]
    assert (total.net, total.tax, report.fiscal_day) == (Decimal("357.30"), Decimal("55.38"), 7)
    whole = wire.z_report(answer, replace(PERCENT, is_z_in_cents=False), fiscal_day=7)
    assert whole.currencies[0].totals[0].net == Decimal(35730)


@pytest.mark.parametrize(
    "data",
    [
        "",
        None,
        [],
        {"ZReports": "none"},
        {"ZReports": ["USD"]},
        {"ZReports": [{"Currency": "USD"}]},
        {"ZReports": [{"Currency": "USD", "VatTotals": [{"VATRATE": "15.5", "NETTAMOUNT": 1}]}]},
        {"ZReports": [{"VatTotals": [{"NETTAMOUNT": 1, "TAXAMOUNT": "n/a"}]}]},
    ],
)
def test_totals_that_cannot_be_read_are_not_zero(data: Any) -> None:
    answer = envelope.read({"Code": "1", "Message": "Fiscal Day Closed", "Data": data})
    report = wire.z_report(answer, PERCENT, fiscal_day=7)
    assert (report.currencies, report.is_recovered) == ((), True)


def test_a_day_without_receipts_has_no_totals_and_is_read() -> None:
    answer = envelope.read({"Code": "1", "Data": {"ZReports": []}})
    report = wire.z_report(answer, PERCENT, fiscal_day=7)
    assert (report.currencies, report.is_recovered) == ((), False)


def test_taxes_of_a_receipt_are_read_whole_or_not_at_all() -> None:
    rows = [{"salesAmountWithTax": -6, "taxAmount": -0.81, "taxCode": "A", "taxPercent": 15.5}]
    data = {"receipt": {"receiptTaxes": rows}}
    (tax,) = wire.filed(envelope.read({"Code": "1", "Data": data})).taxes
    assert (tax.code, tax.percent, tax.sales) == ("A", Decimal("15.5"), Decimal(6))
    rows.append({"salesAmountWithTax": "?", "taxAmount": 0})
    assert wire.filed(envelope.read({"Code": "1", "Data": data})).taxes == ()


def test_a_contact_the_authority_has_no_room_for_is_left_out() -> None:
    buyer = Buyer(name="Chipo Stores", phone="+263 242 000000 / 0772 000000", email="a" * 101)
    body = wire.transact_body(request(buyer=buyer), PERCENT)
    assert (body["CustomerName"], body["CustomerTelephone"], body["CustomerEmail"]) == (
        "Chipo Stores",
        "",
        "",
    )
    short = replace(buyer, phone="0772 000 000", email="shop@example.com")
    body = wire.transact_body(request(buyer=short), PERCENT)
    assert (body["CustomerTelephone"], body["CustomerEmail"]) == (short.phone, short.email)
