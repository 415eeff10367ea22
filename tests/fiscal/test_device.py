"""The core of the simulated box: numbers, chain, arithmetic, refusals, days, and its ledger."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal import wire
from fiscal.amount import included_tax
from fiscal.chain import Counter, CounterType
from fiscal.messages import Buyer, ForeignOriginal, ReceiptRequest
from fiscal.profile import AMOUNT, FRACTION, NEGATIVE_CREDIT, PERCENT, Profile
from fiscal.simulator.answers import z_reports
from fiscal.simulator.assembly import memory_device
from fiscal.simulator.device import Device
from fiscal.simulator.draft import tax_rows
from fiscal.simulator.proof import violations
from fiscal.simulator.receipt import FiledLine
from fiscal.simulator.settings import DeviceSettings
from tests.fiscal.samples import VirtualClock, line, request, vectors

GOLDEN: dict[str, Any] = vectors("golden_day")  # type: ignore[assignment]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def device(clock: VirtualClock) -> Device:
    return memory_device(clock)


def file(device: Device, asked: ReceiptRequest, profile: Profile = PERCENT) -> dict[str, Any]:
    return device.answer("TransactM", wire.transact_body(asked, profile))


def body(**changes: Any) -> dict[str, Any]:
    return wire.transact_body(request(), PERCENT) | changes


def item(**changes: Any) -> list[dict[str, Any]]:
    return [wire.transact_body(request(), PERCENT)["ItemsXml"][0] | changes]


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def receipts(device: Device) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = device.ledger()["receipts"]
    return rows


def test_answers_are_texts_and_get_invoice_has_numbers(device: Device) -> None:
    answer = file(device, request("T01-000001", line(price="0.43", quantity="1")))
    assert all(isinstance(value, str) for key, value in answer.items() if key != "Data")
    assert answer["Code"] == "1"
    data = device.answer("GetInvoice", {"InvoiceNumber": "T01-000001"})["Data"]
    assert data["invoiceNo"] == "99001-T01-000001"
    assert data["receiptNotes"] == "99001- Counter sale"
    assert data["receiptTotal"] == Decimal("0.43")
    assert data["receiptTaxes"] == [
        {
            "salesAmountWithTax": Decimal("0.43"),
            "taxAmount": Decimal("0.06"),
            "taxID": 515,
            "taxCode": "A",
            "taxPercent": Decimal("15.5"),
        }
    ]
    assert data["receiptLines"][0]["receiptLineHSCode"] == "99001000"
    assert data["receiptPayments"] == [
        {"moneyTypeCode": "Cash", "paymentAmount": Decimal("0.43")},
    ]


def test_exempt_lines_have_no_percent(device: Device) -> None:
    data = file(device, request("A", line(tax_id="3")))["Data"]["receipt"]
    assert "taxPercent" not in data["receiptLines"][0]
    assert "taxPercent" not in data["receiptTaxes"][0]
    assert data["receiptTaxes"][0]["taxID"] == 1


def test_an_answer_names_the_day_the_device_is_on(device: Device) -> None:
    file(device, request("A"))
    device.answer("ZReport")
    device.answer("ZReport")
    assert device.answer("GetInvoice", {"InvoiceNumber": "A"})["FiscalDay"] == "2"
    assert receipts(device)[0]["fiscal_day"] == 1


REFUSALS: list[tuple[dict[str, Any], str]] = [
    *((without(body(), key), "Object reference not set") for key in body()),
    (body(CustomerName=None), "Object reference not set"),
    (body(InvoiceAmount=3), "Object reference not set"),
    (body(ItemsXml=None), "Object reference not set"),
    (body(ItemsXml=[1]), "Object reference not set"),
    (body(ItemsXml=item(AMT=None)), "Object reference not set"),
    (body(InvoiceComment=" "), "InvoiceComment is null or empty"),
    (body(InvoiceNumber=""), "InvoiceNumber is null or empty"),
    (body(InvoiceNumber="A" * 45), "Invalid InvoiceNumber"),
    (body(Istatus="9"), "Invalid Istatus"),
    (body(ItemsXml=[]), "Invalid ItemsXml"),
    (body(CurrenciesXml=[]), "Invalid CurrenciesXml"),
    (body(ItemsXml=item(ITEMNAME1=" ")), "Invalid ITEMNAME1.. Item Name cannot be empty"),
    (body(ItemsXml=item(ITEMNAME2="")), "Invalid ITEMNAME2.. Item Name cannot be empty"),
    (body(ItemsXml=item(QTY="0")), "Invalid QTY"),
    (body(ItemsXml=item(QTY="-1")), "Invalid QTY"),
    (body(ItemsXml=item(QTY="two")), "Invalid QTY"),
    (body(ItemsXml=item(PRICE="NaN")), "Invalid PRICE"),
    (body(ItemsXml=item(PRICE="1e30")), "Invalid PRICE"),
    (body(ItemsXml=item(TAX="9")), "Invalid TAX.."),
    (body(ItemsXml=item(TAXR="15")), "Invalid TAXR"),
    (body(Istatus="02", OriginalInvoiceNumber="never"), "not found in your Device"),
    ([], "Object reference not set"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("sent", "text"), REFUSALS)
def test_refusals_file_nothing(device: Device, sent: dict[str, Any], text: str) -> None:
    answer = device.answer("TransactM", sent)
    assert answer["Code"] == "0"
    assert text in answer["Message"]
    assert receipts(device) == []


def test_the_till_amounts_are_ignored_and_remembered(device: Device) -> None:
    sent = body(InvoiceAmount="1.91", ItemsXml=item(QTY="3", PRICE="0.63", AMT="1.91"))
    assert device.answer("TransactM", sent)["Code"] == "1"
    (row,) = receipts(device)
    assert (row["total"], row["amount_sent"], row["paid_sent"]) == ("1.89", "1.91", "3.00")


def test_taxes_are_rounded_once_per_group(device: Device) -> None:
    lines = [line(number, price="1.005", quantity="1") for number in (1, 2)]
    file(device, request("A", *lines))
    (row,) = receipts(device)
    assert row["total"] == "2.02"
    assert [(tax["sales"], tax["tax"]) for tax in row["taxes"]] == [("2.02", "0.27")]


@pytest.mark.parametrize("profile", [PERCENT, FRACTION], ids=lambda entry: entry.name)
def test_both_ways_of_writing_the_rate_are_read(device: Device, profile: Profile) -> None:
    assert file(device, request("A"), profile)["Code"] == "1"
    assert receipts(device)[0]["taxes"][0]["percent"] == "15.5"


def test_a_box_of_the_old_dialect_goes_by_the_rate(clock: VirtualClock) -> None:
    device = memory_device(clock, settings=DeviceSettings(profile=AMOUNT))
    assert file(device, request("A", line(), line(2, tax_id="2")), AMOUNT)["Code"] == "1"
    assert [row["tax_id"] for row in receipts(device)[0]["taxes"]] == [2, 515]


@pytest.mark.parametrize(
    ("items", "currencies"),
    [
        (
            (
                "<items><item><HH>1</HH><ITEMCODE>P</ITEMCODE><ITEMNAME1>Salt &amp; tea</ITEMNAME1>"
                "<ITEMNAME2>x</ITEMNAME2><QTY>2</QTY><PRICE>1.5</PRICE><AMT>3</AMT><TAX>1</TAX>"
                "<TAXR>15.5</TAXR></item></items>"
            ),
            (
                "<currencies><currency><Name>USD</Name><Amount>3.00</Amount><Rate>1</Rate></currency>"
                "</currencies>"
            ),
        ),
        (
            (
                "<ITEMS><ITEM><HH>0</HH><ITEMCODE>P</ITEMCODE><ITEMNAME1>Salt &amp; tea</ITEMNAME1>"
                "<ITEMNAME2>x</ITEMNAME2><QTY>2</QTY><PRICE>1.5</PRICE><AMT>3</AMT><TAX>1</TAX>"
                "<TAXR>0.155</TAXR></ITEM></ITEMS>"
            ),
            (
                "<CurrenciesReceived><Currency><Name>USD</Name><Amount>3.00</Amount><Rate>1</Rate>"
                "</Currency></CurrenciesReceived>"
            ),
        ),
    ],
    ids=["lower case", "upper case"],
)
def test_the_old_xml_is_read_too(device: Device, items: str, currencies: str) -> None:
    answer = device.answer("TransactM", body(ItemsXml=items, CurrenciesXml=currencies))
    assert answer["Code"] == "1"
    (row,) = receipts(device)
    assert (row["lines"][0]["name"], row["lines"][0]["number"]) == ("Salt & tea", 1)
    assert row["total"] == "3.00"


@pytest.mark.parametrize("profile", [PERCENT, NEGATIVE_CREDIT], ids=lambda entry: entry.name)
def test_credit_notes_are_filed_negative(clock: VirtualClock, profile: Profile) -> None:
    device = memory_device(clock, settings=DeviceSettings(profile=profile))
    file(device, request("A"))
    assert file(device, request("C", kind="credit", original="A"), profile)["Code"] == "1"
    note = receipts(device)[1]
    assert (note["total"], note["tax"], note["paid"]) == ("-3.00", "-0.40", "-3.00")
    assert note["lines"][0]["quantity"] == "2"
    assert note["original"]["number"] == "A"


def test_two_credits_cannot_take_more_than_was_filed(device: Device) -> None:
    file(device, request("A", line(price="10", quantity="1")))
    part = line(price="6", quantity="1")
    assert file(device, request("C1", part, kind="credit", original="A"))["Code"] == "1"
    refused = file(device, request("C2", part, kind="credit", original="A"))
    assert refused["Message"] == (
        "Credit Note Amount 6.00 exceeds the original Invoice Amount 10.00"
    )
    debit = request("D1", line(price="2", quantity="1"), kind="debit", original="A")
    assert file(device, debit)["Code"] == "1"
    assert file(device, request("C2", part, kind="credit", original="A"))["Code"] == "1"
    assert violations(device.ledger()) == []


def test_a_credit_note_is_no_original(device: Device) -> None:
    file(device, request("A"))
    file(device, request("C", kind="credit", original="A"))
    again = file(device, request("C2", kind="credit", original="C"))
    assert "not found in your Device" in again["Message"]


def test_a_note_in_another_currency_is_filed_and_red(device: Device) -> None:
    file(device, request("A"))
    answer = file(device, request("C", kind="credit", original="A", currency="ZWG"))
    assert answer["Code"] == "1"
    assert receipts(device)[1]["problems"] == ["RCPT042"]


def test_an_original_of_another_device_is_taken_by_its_reference(device: Device) -> None:
    foreign = ForeignOriginal(device_id="3180", receipt_global_no=9, fiscal_day_no=4)
    asked = request("C", kind="credit", foreign=foreign)
    answer = device.answer("TransactMExt", wire.transact_body(asked, PERCENT))
    assert answer["Data"]["receipt"]["creditDebitNote"] == {
        "deviceID": 3180,
        "receiptGlobalNo": 9,
        "fiscalDayNo": 4,
    }


PROBLEMS: list[tuple[ReceiptRequest, list[str]]] = [
    (request("A"), []),
    (replace(request("A"), currency="ZIG"), ["RCPT010"]),
    (request("A", buyer=Buyer(name="No tax number")), ["RCPT043"]),
    (request("A", buyer=Buyer(name="Known", tin="2000000001")), []),
]


@pytest.mark.parametrize(("asked", "codes"), PROBLEMS)
def test_validation_codes(device: Device, asked: ReceiptRequest, codes: list[str]) -> None:
    assert file(device, asked)["Code"] == "1"
    assert receipts(device)[0]["problems"] == codes


@pytest.mark.parametrize(
    ("code", "tax_id", "codes"),
    [("19059090", "2", []), ("1905", "1", []), ("1905", "2", ["RCPT048"]), ("x", "1", ["RCPT048"])],
)
def test_lengths_of_customs_codes(device: Device, code: str, tax_id: str, codes: list[str]) -> None:
    named = replace(PERCENT, hs_key="HSCODE")
    file(device, request("A", replace(line(tax_id=tax_id), hs_code=code)), named)
    assert receipts(device)[0]["problems"] == codes


@pytest.mark.parametrize(("days", "codes"), [(365, []), (366, ["RCPT033"])])
def test_notes_on_old_receipts(
    device: Device, clock: VirtualClock, days: int, codes: list[str]
) -> None:
    file(device, request("A"))
    device.answer("ZReport")
    clock.at += timedelta(days=days)
    device.answer("SetLicense", {"license": "ABCD-EFGH-1234"})
    device.answer("ZReport")
    file(device, request("C", kind="credit", original="A"))
    assert receipts(device)[1]["problems"] == codes


def test_a_tax_that_was_not_in_the_original_is_noted(device: Device) -> None:
    file(device, request("A"))
    file(device, request("C", line(tax_id="2"), kind="credit", original="A"))
    assert receipts(device)[1]["problems"] == ["RCPT036"]


def test_a_red_receipt_keeps_its_day_open_until_the_authority_closes_it(device: Device) -> None:
    file(device, replace(request("A"), currency="ZIG"))
    for _ in range(2):
        answer = device.answer("ZReport")
        assert answer["Code"] == "0"
        assert "ReceiptsWithValidationErrors" in answer["Message"]
    assert device.answer("GetDayStatus")["Data"]["fiscalDayStatus"] == "FiscalDayCloseFailed"
    assert file(device, request("B"))["Code"] == "1"
    device.close_by_authority()
    assert device.answer("GetDayStatus")["Data"]["fiscalDayStatus"] == "FiscalDayClosed"
    assert device.ledger()["days"][0]["reconciliation"] == "Manual"
    assert violations(device.ledger()) == []


def test_dates_grow_by_a_second_at_least_and_bursts_wait(clock: VirtualClock) -> None:
    device = memory_device(clock, settings=DeviceSettings(lead_seconds=3))
    for number in range(10):
        assert file(device, request(f"A{number}"))["Code"] == "1"
    dates = [row["date"] for row in receipts(device)]
    assert dates[0] == "2026-10-05T08:00:01"
    assert dates == sorted(set(dates))
    assert clock.slept == 7


def test_a_clock_set_back_refuses_and_a_later_one_heals(
    device: Device, clock: VirtualClock
) -> None:
    file(device, request("A"))
    clock.at -= timedelta(hours=1)
    refused = file(device, request("B"))
    assert "Device clock is behind the last receipt" in refused["Message"]
    clock.at += timedelta(hours=1, seconds=1)
    assert file(device, request("B"))["Code"] == "1"


def test_a_day_beyond_its_legal_length_takes_no_receipt(
    device: Device, clock: VirtualClock
) -> None:
    clock.at += timedelta(hours=24)
    assert file(device, request("A"))["Code"] == "1"
    clock.at += timedelta(seconds=2)
    assert "open for more than 24 hours" in file(device, request("B"))["Message"]
    device.answer("ZReport")
    device.answer("ZReport")
    assert file(device, request("B"))["Code"] == "1"


def test_an_expired_licence_is_an_init_error(device: Device, clock: VirtualClock) -> None:
    device.answer("ZReport")
    clock.at += timedelta(days=400)
    assert device.answer("GetLicense")["Data"]["Status"] == "Expired"
    assert device.answer("ZReport")["Message"] == "init error"
    device.answer("SetLicense", {"license": "ABCD-EFGH-1234"})
    assert device.answer("ZReport")["Message"] == "Fiscal Day Opened"


def test_backlog_needs_a_day(device: Device) -> None:
    refused = device.answer("GetUnProcessedInvoicesSummary", {})
    assert refused["Message"] == "Either Fiscal Day Number or Fiscal Date must be provided"
    assert device.answer("Nonsense")["Message"] == "Unknown operation"


def test_the_same_seed_makes_the_same_device(clock: VirtualClock) -> None:
    one, two = memory_device(clock, seed="a"), memory_device(VirtualClock(), seed="a")
    for device in (one, two):
        file(device, request("A"))
        device.answer("ZReport")
    assert one.ledger() == two.ledger()
    json.dumps(one.ledger())


def test_reset_forgets_everything(device: Device) -> None:
    file(device, request("A"))
    device.reset()
    assert receipts(device) == []
    assert file(device, request("A"))["Code"] == "1"
    assert device.ledger()["last_receipt_global_no"] == 1


@pytest.mark.parametrize("receipt", GOLDEN["receipts"], ids=lambda row: row["hash"][:6])
def test_tax_groups_of_the_golden_day(receipt: dict[str, Any]) -> None:
    lines = [
        FiledLine(
            number=number,
            code="",
            name="x",
            quantity=Decimal(row["quantity"]),
            price=Decimal(row["price"]),
            total=Decimal(row["total"]),
            tax_id=row["tax_id"],
            tax_code=row["tax_code"],
            tax_percent=None if row["percent"] is None else Decimal(row["percent"]),
            hs_code="",
        )
        for number, row in enumerate(receipt["lines"], 1)
    ]
    found = [(row.tax_id, row.tax, row.sales) for row in tax_rows(lines)]
    expected = [(row["id"], Decimal(row["tax"]), Decimal(row["sales"])) for row in receipt["taxes"]]
    assert found == expected


def golden_counter(row: dict[str, str]) -> Counter:
    type_ = {entry.text.lower(): entry for entry in CounterType}[row["type"].lower()]
    return Counter(
        type=type_,
        currency=row["currency"],
        value=Decimal(row["value"]),
        tax_id={"": 1, "0.00": 2, "15.50": 515}[row["key"]],
        percent=Decimal(row["key"]) if row["key"] else None,
    )


def test_z_figures_of_the_golden_day() -> None:
    by_tax = [row for row in GOLDEN["counters"] if not row["type"].startswith("Balance")]
    data = z_reports([golden_counter(row) for row in by_tax], date="2026-10-05", is_in_cents=True)
    found = {row["Currency"]: row["VatTotals"] for row in data["ZReports"]}
    assert found["USD"] == [
        {"VATRATE": "15.5", "NETTAMOUNT": 35730, "TAXAMOUNT": 5538},
        {"VATRATE": "0", "NETTAMOUNT": 99, "TAXAMOUNT": 0},
        {"VATRATE": "EXEMPT", "NETTAMOUNT": 500, "TAXAMOUNT": 0},
    ]
    assert found["ZWG"] == [{"VATRATE": "15.5", "NETTAMOUNT": 29957, "TAXAMOUNT": 4643}]


DAMAGE: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("filed more than once", lambda row: row.update(number="T0")),
    ("global number", lambda row: row.update(receipt_global_no=9)),
    ("counter", lambda row: row.update(receipt_counter=9)),
    ("chain is broken", lambda row: row.update(previous_hash="")),
    ("not after", lambda row: row.update(date="2026-10-05T08:00:01")),
    ("hash is not over", lambda row: row.update(currency="ZWG")),
    ("signature does not verify", lambda row: row.update(signature="AAAA")),
    ("QR data is not its own", lambda row: row.update(qr=row["qr"][:-1] + "x")),
    ("verification code", lambda row: row.update(verification_code="0000")),
    ("line 1 is", lambda row: row["lines"][0].update(total="2.99")),
    ("do not add up", lambda row: row.update(lines=[])),
    ("taxes do not follow", lambda row: row["taxes"][0].update(tax="0.41")),
    ("paid", lambda row: row["payments"][0].update(amount="1.00")),
]


@pytest.mark.parametrize(("sentence", "damage"), DAMAGE, ids=[entry[0] for entry in DAMAGE])
def test_the_proof_finds_every_kind_of_damage(
    device: Device, sentence: str, damage: Callable[[dict[str, Any]], object]
) -> None:
    for number in range(3):
        file(device, request(f"T{number}"))
    ledger = copy.deepcopy(device.ledger())
    assert violations(ledger) == []
    damage(ledger["receipts"][1])
    assert any(sentence in problem for problem in violations(ledger))


@pytest.mark.parametrize(
    ("key", "value"),
    [("receipts", 9), ("counters", []), ("text", "x"), ("hash", "x"), ("signature", "AAAA")],
)
def test_the_proof_finds_damaged_days(device: Device, key: str, value: object) -> None:
    file(device, request("A"))
    device.answer("ZReport")
    ledger = copy.deepcopy(device.ledger())
    assert violations(ledger) == []
    ledger["days"][0][key] = value
    assert violations(ledger)


LINES = st.lists(
    st.builds(
        lambda price, quantity, tax_id: line(price=price, quantity=quantity, tax_id=tax_id),
        st.decimals("0", "999", places=4).map(str),
        st.decimals("0.001", "99", places=3).map(str),
        st.sampled_from(["1", "2", "3"]),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LINES, st.sampled_from(["USD", "ZWG"])), min_size=1, max_size=6))
def test_any_day_of_sales_proves(day: list[tuple[list[Any], str]]) -> None:
    device = memory_device(VirtualClock())
    for number, (lines, currency) in enumerate(day):
        asked = request(f"A{number}", *lines, currency=currency)
        answer = file(device, asked)
        assert answer["Data"]["receipt"]["receiptTotal"] == asked.total
    device.answer("ZReport")
    assert violations(device.ledger()) == []
    for row in receipts(device):
        for tax in row["taxes"]:
            percent = None if tax["percent"] is None else Decimal(tax["percent"])
            assert included_tax(Decimal(tax["sales"]), percent) == Decimal(tax["tax"])
