"""The fiscal device behind the server: reads passed on, every write done once or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from fiscal.direct import DirectTransport
from fiscal.driver import Driver
from fiscal.simulator.box import Box
from fiscal.simulator.proof import violations
from pos_app.api.shopinventory.codec_revmax import camel
from pos_app.services import fiscal_proxy
from pos_app.store import audit
from pos_app.store import fiscal_proxy as proxy
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.api.house import House, fit, make
from tests.fiscal.samples import make_box

BASE = "/api/revmax"
ITEMS = (
    "<items><item><HH>1</HH><ITEMCODE>PRD001</ITEMCODE><ITEMNAME1>Milk &amp; honey</ITEMNAME1>"
    "<ITEMNAME2>1 l</ITEMNAME2><QTY>10</QTY><PRICE>25.99</PRICE><AMT>259.90</AMT><TAX>1</TAX>"
    "<TAXR>0.155</TAXR></item></items>"
)
MONEY = "<Currencies><Currency><Name>ZWL</Name><Amount>1</Amount></Currency></Currencies>"
ENVELOPE = {
    "code", "message", "qrCode", "verificationCode", "verificationLink", "deviceID",
    "deviceSerialNumber", "fiscalDay", "data",
}  # fmt: skip


def body(number: str = "INV-1001", **changes: Any) -> dict[str, Any]:
    """The contract's own example, with items a device can file."""
    return {
        "currency": "USD",
        "branchName": "Main",
        "invoiceNumber": number,
        "originalInvoiceNumber": None,
        "customerName": "ABC Trading",
        "customerVatNumber": "VAT123456",
        "customerAddress": "123 Main St",
        "customerTelephone": "+263771234567",
        "customerEmail": "accounts@abc.co.zw",
        "customerBPN": "2000123456",
        "invoiceAmount": 259.9,
        "invoiceTaxAmount": 34.88,
        "istatus": "01",
        "cashier": "jdoe",
        "invoiceComment": "",
        "itemsXml": ITEMS,
        "currenciesXml": "",
    } | changes


class Way:
    """The way to a simulated box in this process; `is_lent` while somebody else has it."""

    def __init__(self) -> None:
        self.driver: Driver | None = None
        self.is_lent = False
        self.is_kept = False

    @contextmanager
    def use(self, wait_seconds: float = 0) -> Iterator[Driver | None]:
        assert wait_seconds > 0
        yield None if self.is_lent else self.driver

    look = use

    def keep(self, is_kept: bool) -> None:
        self.is_kept = is_kept


WAY = Way()


@cache
def _made() -> Any:
    return make(True, fiscal=WAY)


class Desk:
    """A server with a fiscal device, and the device itself."""

    def __init__(self, store: Store) -> None:
        self.house = fit(_made(), store)
        self.box: Box = make_box(self.house.clock, delivery_seconds=60)
        WAY.driver = Driver(DirectTransport(self.box, self.house.clock))
        WAY.is_lent = WAY.is_kept = False

    def breaks(self, do: str, on: str = "", **how: Any) -> None:
        self.box.faults.replace([Fault(do=do, on=on, **how)])

    def get(self, path: str, **query: Any) -> Any:
        return self.house.as_role("ApiUser").get(BASE + path, **query)

    def post(self, path: str, sent: Any, **headers: str) -> Any:
        return self.house.as_role("ApiUser").post(BASE + path, sent, **headers)

    def filed(self) -> list[str]:
        ledger = self.box.ledger()
        assert violations(ledger) == []
        return [row["number"] for row in ledger["receipts"]]

    def row(self, number: str) -> dict[str, Any]:
        with self.house.shop.store.read() as connection:
            found = proxy.by_number(connection, number)
        assert found is not None
        return dict(found)

    def deeds(self, subject: str) -> list[str]:
        with self.house.shop.store.read() as connection:
            return [row["action"] for row in audit.about(connection, subject)]


@pytest.fixture
def desk(store: Store) -> Desk:
    """On each database in turn."""
    return Desk(store)


@pytest.fixture
def one(sqlite_store: Store) -> Desk:
    """On SQLite alone, for what no database has a say in."""
    return Desk(sqlite_store)


def test_the_card_is_told_in_the_contracts_words(one: Desk) -> None:
    told = one.get("/card-details").json()
    assert set(told) == ENVELOPE
    assert (told["code"], told["message"], told["deviceID"]) == (0, "Success", "99001")
    assert told["fiscalDay"] == 1
    assert told["data"] == {
        "tin": "2000123456",
        "bpn": "0200123456",
        "vat": "220123456",
        "companyname": "Sample Shop (Pvt) Ltd",
        "address": "12 Market Street, Harare",
        "registrationnumber": "1234/2020",
        "serialnumber": "5B0C6E2A9901",
    }


def test_the_day_and_the_licence_are_told(one: Desk) -> None:
    day = one.get("/day-status")
    assert day.headers["cache-control"] == "no-store"
    assert set(day.json()["data"]) == {
        "fiscalDayStatus", "lastReceiptGlobalNo", "lastFiscalDayNo", "operationID",
    }  # fmt: skip
    assert day.json()["data"]["fiscalDayStatus"] == "FiscalDayOpened"
    licence = one.get("/license").json()["data"]
    assert (licence["status"], licence["start"]) == ("Active", "2026-11-02")


def test_a_receipt_is_filed_and_can_be_read(desk: Desk) -> None:
    answer = desk.post("/transact", body())
    told = answer.json()
    assert answer.status_code == 200, told
    assert set(told) == ENVELOPE | {"statusUrl"}
    assert (told["code"], told["message"], told["statusUrl"]) == (0, "Success", None)
    assert told["data"] == {
        "receiptGlobalNo": 1, "receiptCounter": 1, "fiscalDayNo": 1, "invoiceNo": "INV-1001",
    }  # fmt: skip
    assert told["qrCode"].startswith("https://fdmstest.zimra.co.zw/0000099001")
    assert len(told["verificationCode"]) == 19
    assert desk.filed() == ["INV-1001"]
    found = desk.get("/invoices/INV-1001").json()
    assert found["qrCode"] == told["qrCode"]
    receipt = found["data"]
    assert receipt["invoiceNo"] == "99001-INV-1001"
    assert (receipt["receiptGlobalNo"], receipt["receiptTotal"]) == (1, 259.9)
    assert receipt["receiptLines"][0]["receiptLineName"] == "Milk & honey"
    assert {"receiptLineName", "taxID", "taxPercent"} <= set(receipt["receiptLines"][0])
    assert receipt["buyerData"] is not None
    assert desk.deeds("INV-1001") == ["fiscal.file"]
    assert not WAY.is_kept


def test_numbers_with_slashes_and_blanks_are_found(one: Desk) -> None:
    assert one.post("/transact", body("A/1 2026")).status_code == 200
    assert one.get("/invoices/A%2F1%202026").json()["data"]["invoiceNo"] == "99001-A/1 2026"
    missing = one.get("/invoices/NONE")
    assert (missing.status_code, missing.json()["code"]) == (404, "fiscal_invoice_not_found")


def test_the_same_number_and_content_hears_the_first_answer(desk: Desk) -> None:
    first = desk.post("/transact", body())
    again = desk.post("/transact", body())
    assert (again.status_code, again.json()) == (200, first.json())
    other = desk.post("/transact", body(cashier="somebody else"))
    assert (other.status_code, other.json()["code"]) == (409, "fiscal_number_taken")
    assert desk.filed() == ["INV-1001"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"itemsXml": "<items><item>...</item></items>"}, 400, "invalid_items"),
        ({"itemsXml": "[]"}, 400, "invalid_request"),
        ({"itemsXml": ITEMS.replace("<TAX>1<", "<TAX>77<")}, 400, "invalid_items"),
        ({"itemsXml": ITEMS.replace("0.155", "15")}, 400, "invalid_items"),
        ({"itemsXml": ITEMS.replace("<QTY>10<", "<QTY>ten<")}, 400, "invalid_items"),
        ({"itemsXml": ITEMS.replace("<QTY>10<", "<QTY>0<")}, 400, "invalid_request"),
        ({"invoiceAmount": 259.89}, 400, "invalid_request"),
        ({"invoiceTaxAmount": 300}, 400, "invalid_request"),
        ({"currency": "EUR"}, 400, "unmapped_currency"),
        ({"istatus": "09"}, 400, "invalid_request"),
        ({"istatus": "02"}, 400, "invalid_request"),
        ({"currenciesXml": MONEY.replace("1<", "x<")}, 400, "invalid_request"),
        ({"originalInvoiceNumber": "INV-0990"}, 404, "original_not_fiscalised"),
    ],
    ids=str,
)
def test_what_cannot_be_filed_is_refused_before_a_byte_is_sent(
    one: Desk, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = one.post("/transact", body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert one.filed() == []
    assert not [row for row in one.box.log.rows() if row["call"].startswith("POST")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"invoiceNumber": " "}, "invoiceNumber"),
        ({"invoiceNumber": "x" * 51}, "invoiceNumber"),
        ({"invoiceAmount": -1}, "invoiceAmount"),
        ({"invoiceAmount": "much"}, "invoiceAmount"),
        ({"itemsXml": "<items><item></items>"}, "itemsXml"),
        ({"itemsXml": '<!DOCTYPE x [<!ENTITY a "b">]><items/>'}, "itemsXml"),
        ({"itemsXml": "[{]"}, "itemsXml"),
        ({"itemsXml": [{"QTY": {"deep": 1}}]}, "itemsXml"),
        ({"itemsXml": [{"QTY": 1}] * 501}, "itemsXml"),
    ],
    ids=str,
)
def test_a_bad_body_names_its_field(one: Desk, changes: dict[str, Any], field: str) -> None:
    answer = one.post("/transact", body(**changes))
    assert answer.status_code == 400
    named = list(answer.json()["errors"])
    assert [name for name in named if name.startswith(field)], named
    assert one.filed() == []


@pytest.mark.parametrize(
    "items",
    [
        ITEMS.replace("items>", "ITEMS>").replace("item>", "ITEM>"),
        [{"hh": 1, "itemCode": "P", "ItemName1": "Milk", "qty": 10, "price": 25.99, "tax": "O1"}],
        '[{"ITEMCODE":"P","ITEMNAME2":"Milk","QTY":"10","PRICE":"25.99","TAX":"1","TAXR":"15.5"}]',
    ],
    ids=["capitals", "array", "text"],
)
def test_items_come_in_every_form_clients_use(one: Desk, items: Any) -> None:
    paid = "<currencies><currency><Name>usd</Name><Amount>259.90</Amount></currency></currencies>"
    answer = one.post("/transact", body(itemsXml=items, currenciesXml=paid))
    assert answer.status_code == 200, answer.text
    assert one.box.ledger()["receipts"][0]["total"] == "259.90"


def test_defaults_are_filled_in_and_the_spoken_currency_is_told_as_the_law_wants_it(
    one: Desk,
) -> None:
    sent = body(currency="ZiG", branchName=None, cashier=None, currenciesXml=None)
    assert one.post("/transact", sent).status_code == 200
    assert one.box.ledger()["receipts"][0]["currency"] == "ZWG"
    assert '"cashier":"the-apiuser"' in one.row("INV-1001")["request"]


LOST = ("commit_then_silence", "flip_byte", "old_reply", "qr_empty", "data_empty", "code_number")


@pytest.mark.parametrize("do", LOST)
def test_a_lost_answer_is_settled_by_reading(one: Desk, do: str) -> None:
    assert one.post("/transact", body("INV-1000")).status_code == 200
    one.breaks(do, "POST TransactM")
    answer = one.post("/transact", body())
    assert (answer.status_code, answer.json()["data"]["receiptGlobalNo"]) == (200, 2)
    assert one.filed() == ["INV-1000", "INV-1001"]
    assert one.row("INV-1001")["qr"] == answer.json()["qrCode"]


@pytest.mark.parametrize("do", ["drop_before", "nak"])
def test_what_never_arrived_is_sent_once_more_after_reading(one: Desk, do: str) -> None:
    one.breaks(do, "POST TransactM")
    assert one.post("/transact", body()).status_code == 200
    assert one.filed() == ["INV-1001"]
    assert one.row("INV-1001")["resends"] == 1


def test_what_never_arrives_twice_is_given_back(one: Desk) -> None:
    one.breaks("drop_before", "POST TransactM", times=2)
    answer = one.post("/transact", body())
    assert (answer.status_code, answer.json()["code"]) == (503, "device_unavailable")
    assert one.row("INV-1001")["state"] == "refused"
    assert one.post("/transact", body()).status_code == 200
    assert one.filed() == ["INV-1001"]


def test_nobody_knows_is_an_answer_of_its_own(desk: Desk) -> None:
    desk.box.faults.replace(
        [
            Fault(do="commit_then_silence", on="POST TransactM"),
            Fault(do="drop_before", on="GET GetInvoice", times=50),
        ]
    )
    answer = desk.post("/transact", body(), Idempotency_Key="k-1")
    told = answer.json()
    assert (answer.status_code, told["code"], told["qrCode"]) == (202, -1, None)
    assert answer.headers["location"] == told["statusUrl"] == "/api/revmax/invoices/INV-1001"
    assert answer.headers["retry-after"] == "5"
    assert "never filed twice" in told["message"]
    assert WAY.is_kept, "nobody else may file in between"
    other = desk.post("/transact", body("INV-1002"))
    assert (other.status_code, other.json()["code"]) == (503, "fiscal_unsettled")
    closing = desk.get("/z-report")
    assert (closing.status_code, closing.json()["code"]) == (503, "fiscal_unsettled")
    same = desk.post("/transact", body(), Idempotency_Key="k-1")
    assert same.status_code == 202
    assert "idempotency-replayed" not in same.headers, "it was not the last word"
    desk.box.faults.replace([])
    settled = desk.post("/transact", body(), Idempotency_Key="k-1")
    assert (settled.status_code, settled.json()["code"]) == (200, 0)
    assert desk.filed() == ["INV-1001"]
    assert not WAY.is_kept


def test_a_doubt_is_settled_behind_the_scenes(one: Desk) -> None:
    one.box.faults.replace(
        [
            Fault(do="commit_then_silence", on="POST TransactM"),
            Fault(do="drop_before", on="GET GetInvoice", times=50),
        ]
    )
    one.post("/transact", body())
    shop, driver = one.house.shop, WAY.driver
    assert driver is not None
    waiting = fiscal_proxy.settle(shop, driver)
    assert (waiting.done, waiting.waiting) == (0, 1)
    one.box.faults.replace([])
    assert fiscal_proxy.settle(shop, driver).done == 1
    assert one.row("INV-1001")["state"] == "fiscalised"


def test_an_intent_without_a_first_byte_is_given_back_after_a_crash(one: Desk) -> None:
    shop, driver = one.house.shop, WAY.driver
    assert driver is not None
    one.post("/transact", body())
    with shop.store.write() as connection:
        values = {"sent_at": None, "baseline": None}
        proxy.move(connection, "INV-1001", was="fiscalised", state="intent", values=values)
    assert fiscal_proxy.settle(shop, driver).waiting == 0
    assert one.row("INV-1001")["state"] == "refused"
    assert one.post("/transact", body()).status_code == 200, "the device's own duplicate"
    assert one.filed() == ["INV-1001"]


def test_another_receipt_under_the_number_is_disputed_and_never_sent_again(desk: Desk) -> None:
    rows = [{"ITEMNAME1": "Bread", "QTY": 1, "PRICE": 3, "TAX": "2", "ITEMCODE": "B"}]
    small = body(itemsXml=rows, invoiceAmount=3, invoiceTaxAmount=0)
    desk.post("/transact", small)
    with desk.house.shop.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM fiscal_proxy")
    answer = desk.post("/transact", body())
    assert (answer.status_code, answer.json()["code"]) == (409, "fiscal_disputed")
    assert "3.00" in answer.json()["error"]
    again = desk.post("/transact", body())
    assert (again.status_code, again.json()["code"]) == (409, "fiscal_disputed")
    assert desk.deeds("INV-1001")[-1] == "fiscal.dispute"
    assert desk.post("/transact", body("INV-1002")).status_code == 200, "others go on"


def test_a_receipt_of_nobody_we_know_stops_the_repetition(one: Desk) -> None:
    one.box.faults.replace(
        [
            Fault(do="drop_before", on="POST TransactM"),
            Fault(do="drop_before", on="GET GetInvoice", times=4),
        ]
    )
    assert one.post("/transact", body()).status_code == 202
    one.box.faults.replace([])
    with one.house.shop.store.write() as connection:
        connection.exec_driver_sql(
            'UPDATE fiscal_proxy SET baseline = \'{"device_id":"99001",'
            '"last_global_number":-1,"fiscal_day":1}\''
        )
    answer = one.post("/transact", body())
    assert (answer.status_code, answer.json()["code"]) == (409, "fiscal_disputed")
    assert one.filed() == []


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ("init_error", 503, "fiscal_device_not_ready"),
        ("certificate_expired", 503, "fiscal_device_not_ready"),
        ("day_closed", 503, "fiscal_device_not_ready"),
    ],
)
def test_a_device_that_is_not_ready_files_nothing(
    one: Desk, do: str, status: int, code: str
) -> None:
    one.breaks(do, "POST TransactM")
    answer = one.post("/transact", body())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert one.post("/transact", body()).status_code == 200
    assert one.filed() == ["INV-1001"]


def test_a_credit_note_of_our_own_receipt(one: Desk) -> None:
    one.post("/transact", body())
    note = body("CN-1", originalInvoiceNumber="INV-1001", istatus=None, invoiceComment="damaged")
    assert one.post("/transact", note).status_code == 200
    again = body("CN-2", originalInvoiceNumber="INV-1001")
    refused = one.post("/transact", again)
    assert (refused.status_code, refused.json()["code"]) == (400, "fiscal_device_refused")
    assert "exceeds the original" in refused.json()["error"]
    assert [row["type"] for row in one.box.ledger()["receipts"]] == ["FiscalInvoice", "CreditNote"]


def test_a_note_of_another_devices_receipt(desk: Desk) -> None:
    note = body(
        "CN-9",
        originalInvoiceNumber="INV-0990",
        istatus="02",
        invoiceComment="returned",
        refDeviceId=22862,
        refReceiptGlobalNo=1234,
        refFiscalDayNo=245,
    )
    answer = desk.post("/transact-ext", note)
    assert answer.status_code == 200, answer.text
    assert desk.box.ledger()["receipts"][0]["type"] == "CreditNote"
    half = desk.post("/transact-ext", note | {"refFiscalDayNo": None, "invoiceNumber": "CN-8"})
    assert list(half.json()["errors"]) == ["refFiscalDayNo"]


def test_the_z_report_closes_once_and_is_given_again(desk: Desk) -> None:
    desk.post("/transact", body())
    first = desk.get("/z-report")
    told = first.json()
    assert (first.status_code, told["code"], told["message"]) == (200, 0, "Fiscal Day Closed")
    assert first.headers["cache-control"] == "no-store"
    [row] = told["data"]["zReports"]
    [total] = row["vatTotals"]
    assert (row["currency"], row["date"], Decimal(total["vatrate"])) == (
        "USD", "2026-11-02", Decimal("15.5"),
    )  # fmt: skip
    assert (total["nettamount"], total["taxamount"]) == (225.02, 34.88)
    again = desk.get("/z-report")
    assert again.json() == told
    assert desk.box.ledger()["days"][-1]["status"] == "FiscalDayClosed"
    assert len(desk.box.ledger()["days"]) == 1, "nothing was opened"
    assert desk.deeds("99001/1") == ["fiscal.close_day"]
    assert desk.post("/transact", body("INV-1002")).json()["fiscalDay"] == 2


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_only_a_get_closes_the_day(one: Desk, method: str) -> None:
    headers = one.house.as_role("ApiUser").headers
    answer = one.house.client.request(method, f"{BASE}/z-report", headers=headers)
    assert answer.status_code == 405
    assert one.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


@pytest.mark.parametrize("name", ["Sec-Purpose", "Purpose"])
def test_a_prefetch_closes_nothing(one: Desk, name: str) -> None:
    headers = one.house.as_role("ApiUser").headers | {name: "prefetch;anonymous-client-ip"}
    answer = one.house.client.get(f"{BASE}/z-report", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "fiscal_prefetched")
    assert one.box.ledger()["days"][-1]["status"] == "FiscalDayOpened"


def test_a_lost_z_report_is_settled_by_reading_the_day(one: Desk) -> None:
    one.breaks("commit_then_silence", "GET ZReport")
    told = one.get("/z-report").json()
    assert (told["code"], told["data"]) == (0, None)
    assert "was lost" in told["message"]
    assert one.get("/z-report").json() == told
    assert len(one.box.ledger()["days"]) == 1


def test_a_z_report_nobody_can_settle_now_is_unclear(one: Desk) -> None:
    one.box.faults.replace(
        [
            Fault(do="commit_then_silence", on="GET ZReport"),
            Fault(do="drop_before", on="GET GetDayStatus", after=2, times=9),
        ]
    )
    answer = one.get("/z-report")
    assert (answer.status_code, answer.json()["code"]) == (502, "fiscal_day_unclear")
    one.box.faults.replace([])
    assert one.get("/z-report").json()["data"] is None
    assert len(one.box.ledger()["days"]) == 1


def test_a_day_somebody_else_closed_is_not_opened_for_a_report(one: Desk) -> None:
    assert WAY.driver is not None
    WAY.driver.close_day()
    answer = one.get("/z-report")
    assert (answer.status_code, answer.json()["code"]) == (404, "z_report_unknown")
    assert one.box.ledger()["days"][-1]["status"] == "FiscalDayClosed"


def test_the_backlog_is_of_this_day_unless_another_is_named(one: Desk) -> None:
    one.post("/transact", body())
    path = "/unprocessed-invoices/summary"
    rows = one.get(path).json()["data"]
    assert [(row["invoiceNumber"], row["invoiceAmount"], row["currency"]) for row in rows] == [
        ("INV-1001", 259.9, "USD")
    ]
    assert set(rows[0]) == {"invoiceNumber", "invoiceAmount", "currency", "status", "createdDate"}
    assert one.get(path, fiscalDayNumber="7").json()["data"] == []
    assert one.get(path, fiscalDate="2026-11-02").json()["data"] == rows
    assert one.get(path, fiscalDate="today").status_code == 400


def test_a_licence_key_goes_to_the_device_and_nowhere_else(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "ABCD-EFGH-9876"
    answer = desk.post("/license", {"license": key}, Idempotency_Key="l-1")
    assert answer.status_code == 200
    assert answer.json()["data"]["status"] == "Active"
    assert key not in answer.text
    assert key not in caplog.text
    with desk.house.shop.store.read() as connection:
        kept = [dict(row) for row in audit.walk(connection)]
        answers = connection.exec_driver_sql("SELECT * FROM idempotency").all()
    assert any(row["action"] == "fiscal.license" for row in kept)
    assert key not in f"{kept} {answers}"
    for blank in ({"license": "  "}, {"license": None}, {}):
        assert list(desk.post("/license", blank).json()["errors"]) == ["license"]
    short = desk.post("/license", {"license": "x"})
    assert (short.status_code, short.json()["code"]) == (400, "fiscal_device_refused")


def test_an_unclear_licence_is_not_sent_again(one: Desk) -> None:
    one.breaks("commit_then_silence", "GET SetLicense")
    answer = one.post("/license", {"license": "ABCD-EFGH-9876"})
    assert (answer.status_code, answer.json()["code"]) == (502, "fiscal_license_unclear")


READS = ("/card-details", "/day-status", "/license", "/invoices/X", "/unprocessed-invoices/summary")


@pytest.mark.parametrize("path", [*READS, "/z-report"])
def test_a_device_that_is_away_is_503_and_never_an_empty_answer(one: Desk, path: str) -> None:
    one.breaks("drop_before", times=50)
    answer = one.get(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "device_unavailable")


def test_writes_to_a_device_that_is_away_change_nothing(one: Desk) -> None:
    one.box.faults.replace([Fault(do="drop_before", on="GET GetDayStatus", times=50)])
    WAY.driver = Driver(NoGreeting(one.box, one.house.clock))
    answer = one.post("/transact", body())
    assert (answer.status_code, answer.json()["code"]) == (503, "device_unavailable")
    assert one.row("INV-1001")["state"] == "refused"
    assert one.filed() == []


class NoGreeting(DirectTransport):
    """As a box on the network, which is greeted by reading its day."""

    def hello(self, *, timeout: float) -> None:
        del timeout


@pytest.mark.parametrize("path", [*READS, "/z-report"])
def test_a_device_the_till_has_is_told_in_words(one: Desk, path: str) -> None:
    WAY.is_lent = True
    answer = one.get(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "fiscal_device_held")
    assert "till" in answer.json()["error"]
    held = one.post("/transact", body())
    assert (held.status_code, held.json()["code"]) == (503, "fiscal_device_held")


ROUTES = [("GET", path) for path in [*READS, "/z-report"]] + [
    ("POST", "/transact"), ("POST", "/transact-ext"), ("POST", "/license"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_server_without_a_device_says_so(quick: House, method: str, path: str) -> None:
    caller = quick.as_role("Admin")
    sent = {"license": "k"} if path == "/license" else body()
    answer = caller.get(BASE + path) if method == "GET" else caller.post(BASE + path, sent)
    assert (answer.status_code, answer.json()["code"]) == (503, "fiscal_not_configured")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_door_is_the_contracts(one: Desk, method: str, path: str) -> None:
    client = one.house.client
    assert client.request(method, BASE + path).status_code == 401
    wrong = client.request(method, BASE + path, headers={"X-API-Key": "wrong"})
    assert wrong.status_code == 401
    viewer = one.house.as_role("ReadOnly").headers
    assert client.request(method, BASE + path, headers=viewer).status_code == 403
    assert one.filed() == []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/transact", "TransactMRequest"),
        ("/transact-ext", "TransactMExtRequest"),
        ("/license", "SetLicenseRequest"),
    ],
)
def test_the_described_example_can_be_sent_as_it_is(one: Desk, path: str, schema: str) -> None:
    described = one.house.client.get("/openapi.json").json()
    route = described["paths"][f"/api/revmax{path}"]["post"]
    told = route["requestBody"]["content"]["application/json"]
    assert told["schema"]["$ref"].endswith(schema)
    assert one.post(path, told["example"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("TIN", "tin"), ("COMPANYNAME", "companyname"), ("No", "no"), ("HSCode", "hsCode"),
        ("taxID", "taxID"), ("ZReports", "zReports"), ("InvoiceNumber", "invoiceNumber"),
        ("", ""), ("A", "a"),
    ],
)  # fmt: skip
def test_keys_are_spelt_as_the_contract_spells_them(name: str, told: str) -> None:
    assert camel(name) == told


def test_amounts_stay_exact(one: Desk) -> None:
    rows = [{"ITEMNAME1": "Sugar", "QTY": 3, "PRICE": "0.637", "TAX": "2", "ITEMCODE": "S"}]
    sent = body(itemsXml=rows, invoiceAmount="1.91", invoiceTaxAmount=0)
    assert one.post("/transact", sent).status_code == 200
    assert Decimal(one.box.ledger()["receipts"][0]["total"]) == Decimal("1.91")
