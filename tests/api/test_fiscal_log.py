"""The log of what was filed, and the report of fiscalised sales."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.store import fiscal as journal
from pos_app.store import sale as sales
from tests.api.house import House, invoice_body

LOG = "/api/DesktopIntegration/fiscal-transactions"
REPORT = "/api/DesktopIntegration/reports/fiscalized-sales"


def body(key: str = "PC1-1", **changes: Any) -> dict[str, Any]:
    return {
        "clientTransactionId": key,
        "timestampUtc": "2026-11-02T05:00:00Z",
        "docNum": 5001,
        "documentType": "Invoice",
        "status": "Fiscalised",
        "verificationCode": "4C8B",
        "deviceId": "12345",
        "fiscalDay": 28,
        "receiptGlobalNo": 417,
        "cardCode": "C0001",
        "docTotal": 1155,
        "vatSum": "155.00",
        "currency": "ZiG",
    } | changes


def tell(house: House, key: str = "PC1-1", **changes: Any) -> Any:
    return house.as_role("User").post(LOG, body(key, **changes))


def listed(house: House, **query: Any) -> Any:
    answer = house.as_role("User").get(LOG, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_a_program_filed_is_kept_and_found(house: House) -> None:
    made = tell(house, status="Failed", verificationCode=None, receiptGlobalNo=None)
    assert made.status_code == 200, made.text
    house.clock.sleep(60)
    again = tell(house).json()
    assert (again["id"], again["status"], again["fiscalDay"]) == (
        made.json()["id"],
        "Fiscalised",
        "28",
    )
    assert (again["currency"], again["docTotal"], again["vatSum"]) == ("ZIG", 1155, 155)
    assert again["createdAtUtc"] == "2026-11-02T06:00:00Z"
    assert again["lastSyncedAtUtc"] == "2026-11-02T06:01:00Z"
    tell(
        house, "PC1-2", docNum=5002, status="not fiscalised", cardName="100% off_", message="no net"
    )
    told = listed(house)
    assert [row["docNum"] for row in told["transactions"]] == [5002, 5001]
    assert told["summary"] == {
        "totalTransactions": 2,
        "successCount": 0,
        "fiscalisedCount": 1,
        "notFiscalisedCount": 1,
        "failedCount": 0,
        "uniqueOperators": 1,
        "latestTransactionAtUtc": "2026-11-02T05:00:00Z",
    }
    for query, found in (
        ({"search": "5001"}, [5001]),
        ({"search": "100%"}, [5002]),
        ({"search": "%"}, [5002]),
        ({"search": "4c8b"}, [5002, 5001]),
        ({"status": "FISCALISED"}, [5001]),
        ({"documentType": "CreditNote"}, []),
        ({"sourceSystem": "InvoiceFiscalisation"}, [5002, 5001]),
        ({"fromUtc": "2026-11-02T05:00:01Z"}, []),
        ({"toUtc": "2026-11-02T07:00:00+02:00"}, [5002, 5001]),
        ({"pageSize": 1, "page": 2}, [5001]),
    ):
        rows = listed(house, **query)["transactions"]
        assert [row["docNum"] for row in rows] == found, query


def test_a_filed_record_is_final(house: House) -> None:
    assert tell(house).status_code == 200
    assert tell(house, message="told again").status_code == 200
    for change in (
        {"docNum": 5002},
        {"documentType": "CreditNote"},
        {"receiptGlobalNo": 418},
        {"verificationCode": None},
        {"status": "Failed"},
    ):
        refused = tell(house, **change)
        assert (refused.status_code, refused.json()["code"]) == (409, "fiscal_log_conflict"), change
    assert tell(house, "sale:1").status_code == 409
    assert listed(house)["totalCount"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"docNum": 0},
        {"docNum": 2**60},
        {"status": " "},
        {"docTotal": "1e40"},
        {"docTotal": 1.005},
        {"currency": "EUR"},
        {"timestampUtc": "0001-01-01T00:00:00+14:00"},
        {"timestampUtc": 5},
        {"fiscalDay": True},
        {"qrCode": "x" * 2001},
        {"documentType": "x" * 41},
        {"clientTransactionId": None},
    ],
)
def test_what_the_log_refuses(quick: House, change: dict[str, Any]) -> None:
    assert tell(quick, **change).status_code == 400


@pytest.mark.parametrize("query", ["fromUtc=now", "fromUtc=2026-11-03&toUtc=2026-11-02", "page=x"])
def test_odd_questions_are_refused(quick: House, query: str) -> None:
    assert quick.as_role("User").get(f"{LOG}?{query}").status_code == 400


def filed(house: House, number: int, **changes: Any) -> dict[str, Any]:
    """An invoice the device has signed."""
    made = house.as_role("Admin").post("/api/Invoice", invoice_body(**changes))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    with house.shop.store.write() as connection:
        sale = sales.by_receipt(connection, told["receiptNumber"])
        assert sale is not None
        record = {"device_id": "777", "receipt_global_no": number, "fiscal_day": 5, "qr": "QR"}
        record |= {"settled_at": house.clock.now()}
        journal.move(connection, sale["id"], was="intent", state="fiscalised", values=record)
    return told


def test_the_log_is_filled_from_our_own_journal_once(house: House) -> None:
    first = filed(house, 1)
    filed(house, 2)
    house.as_role("Admin").post("/api/Invoice", invoice_body())
    caller = house.as_role("Manager")
    told = caller.post(f"{LOG}/backfill", {"maxInvoices": 1}).json()
    assert (told["availableInvoiceCount"], told["scannedInvoiceCount"]) == (3, 1)
    told = caller.post(f"{LOG}/backfill").json()
    counts = {name: count for name, count in told.items() if name.endswith("Count")}
    assert counts == {
        "availableInvoiceCount": 3,
        "scannedInvoiceCount": 2,
        "alreadyTrackedCount": 1,
        "fiscalisedFoundCount": 1,
        "transactionsSyncedCount": 1,
        "notFiscalisedCount": 0,
        "lookupFailedCount": 1,
        "syncFailedCount": 0,
    }
    assert caller.post(f"{LOG}/backfill").json()["transactionsSyncedCount"] == 0
    rows = listed(house, search=str(first["docNum"]))["transactions"]
    assert [(row["receiptGlobalNo"], row["documentType"]) for row in rows] == [(1, "Invoice")]
    assert caller.post(f"{LOG}/backfill", {"maxInvoices": 1001}).status_code == 400
    reversed_ = {"fromUtc": "2026-11-03", "toUtc": "2026-11-02"}
    assert caller.post(f"{LOG}/backfill", reversed_).status_code == 400
    assert house.as_role("User").post(f"{LOG}/backfill").status_code == 403


def test_fiscalised_sales_are_summed_in_one_currency(house: House) -> None:
    filed(house, 1)
    house.clock.sleep(86_400)
    filed(
        house,
        2,
        cardCode="C0002",
        docCurrency="ZIG",
        lines=[{"itemCode": "BREAD", "quantity": 1, "warehouseCode": "SHOP1"}],
    )
    house.as_role("Admin").post("/api/Invoice", invoice_body())

    def report(**query: Any) -> Any:
        answer = house.as_role("User").get(REPORT, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    week = report(period="weekly")
    summary = week["summary"]
    assert (week["fromDate"], week["toDate"]) == ("2026-11-02", "2026-11-08")
    assert (summary["totalFiscalizedSales"], summary["awaitingConsolidationCount"]) == (2, 2)
    assert set(summary["amountByCurrency"]) == {"USD", "ZIG"}
    usd, zig = (summary["amountByCurrency"][code] for code in ("USD", "ZIG"))
    assert usd < summary["totalSalesAmount"] < usd + zig, "converted, not added as it is"
    assert sum(summary["amountByCustomer"].values()) == pytest.approx(summary["totalSalesAmount"])
    assert [day["salesCount"] for day in week["dailyBreakdown"]] == [1, 1]
    assert [row["currency"] for row in week["sales"]] == ["ZIG", "USD"]
    assert week["sales"][1]["lines"][0]["itemCode"] == "MILK"
    assert report()["totalCount"] == 1
    assert report(date="2026-11-02")["summary"]["uniqueCustomers"] == 1
    assert report(period="Monthly", cardCode="C0001")["totalCount"] == 1
    assert report(period="Monthly", isConsolidated="true")["totalCount"] == 0
    assert report(period="Monthly", warehouseCode="DEPOT")["sales"] == []
    assert report(period="Weekly", page=2, pageSize=1)["sales"][0]["currency"] == "USD"
    custom = {"period": "Custom", "fromDate": "2026-11-02", "toDate": "2026-11-02"}
    assert report(**custom)["totalCount"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "period=Yearly",
        "period=Custom",
        "period=Custom&fromDate=2024-01-01&toDate=2026-01-01",
        "period=Custom&fromDate=2026-01-02&toDate=2026-01-01",
        "period=Weekly&date=9999-12-31",
        "period=Monthly&date=9999-12-31",
        "date=yesterday",
    ],
)
def test_odd_periods_are_refused(quick: House, query: str) -> None:
    assert quick.as_role("User").get(f"{REPORT}?{query}").status_code == 400
