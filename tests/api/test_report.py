"""Reports over HTTP: each figure is added up a second way, by another document of the same day."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.api.house import OTHER, WAREHOUSE, House, invoice_body
from tests.api.test_credit_note import without_device
from tests.api.test_purchase import arrived
from tests.api.test_purchase import order as purchase
from tests.api.test_statement import invoice, pay, told_of
from tests.api.test_trade import body as trade_body
from tests.api.test_trade import order

PATH = "/api/Report"
OVER_DAYS = (
    "sales-summary",
    "top-products",
    "slow-moving-products",
    "stock-movement",
    "payment-summary",
    "top-customers",
    "order-fulfillment",
    "credit-notes",
    "purchase-orders",
    "profit-overview",
)
TODAY = {"fromDate": "2026-11-02", "toDate": "2026-11-02"}


@pytest.fixture
def house(house: House) -> Iterator[House]:
    """A shop without a fiscal device: a note follows its invoice at once."""
    yield from without_device(house)


def read(house: House, name: str, **query: Any) -> Any:
    answer = house.as_role("Manager").get(f"{PATH}/{name}", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def credit(house: House, entry: int, quantity: int) -> Any:
    told = {
        "reason": "damaged",
        "lines": [{"lineNum": 0, "itemCode": "MILK", "quantity": quantity}],
    }
    answer = house.as_role().post(f"/api/CreditNote/from-invoice/{entry}", told)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_sales_of_a_day_agree_with_its_statements(house: House) -> None:
    first = invoice(house, 10)
    second = invoice(house, 3, cardCode="C0002")
    zig = invoice(house, 1, cardCode="C0002", docCurrency="ZIG")
    invoice(house, 7, docDate="2026-09-01")
    note = credit(house, first["id"], 4)
    told = read(house, "sales-summary")
    assert (told["fromDate"], told["toDate"]) == ("2026-10-04", "2026-11-02")
    assert (told["totalInvoices"], told["uniqueCustomers"], told["totalCreditNotes"]) == (3, 2, 1)
    statements = [told_of(house, code, **TODAY) for code in ("C0001", "C0002")]
    lines = [
        (account["currency"], line)
        for statement in statements
        for account in statement["accounts"]
        for line in account["transactions"]
    ]
    for currency in ("USD", "ZIG"):
        added = sum(line["debit"] - line["credit"] for name, line in lines if name == currency)
        assert told[f"totalSales{currency}"] == round(added, 2)
    assert told["totalCreditNotesUSD"] == abs(note["docTotal"]) == 7.96
    assert told["averageInvoiceValueUSD"] == 8.96, "17.91 over two invoices, half up"
    assert told["averageInvoiceValueZIG"] == zig["docTotal"]
    by_currency = {row["currency"]: row for row in told["salesByCurrency"]}
    assert by_currency["USD"]["invoiceCount"] == 2
    assert by_currency["USD"]["totalVat"] == told["totalVatUSD"] == 2.40
    assert [row["date"] for row in told["dailySales"]] == ["2026-11-02"]
    assert second["docTotal"] == 5.97


def test_what_sells_is_ranked_with_returns_taken_off(house: House) -> None:
    milk = invoice(house, 10)
    credit(house, milk["id"], 4)
    bread = {"itemCode": "BREAD", "quantity": 8, "warehouseCode": WAREHOUSE}
    book = {"itemCode": "BOOK", "quantity": 1, "warehouseCode": WAREHOUSE}
    sold = house.as_role().post("/api/Invoice", invoice_body(lines=[bread, book]))
    assert sold.status_code == 201, sold.text
    told = read(house, "top-products", top=2)
    rows = [(row["rank"], row["itemCode"], row["totalQuantitySold"]) for row in told["topProducts"]]
    assert rows == [(1, "BREAD", 8), (2, "MILK", 6)]
    assert told["topProducts"][1]["totalRevenueUSD"] == 11.94
    assert told["topProducts"][1]["timesOrdered"] == 1
    assert (told["totalProductsSold"], told["exchangeRate"]) == (3, None)
    worth = read(house, "top-products", topCount=5, orderBy="revenue")
    assert [row["itemCode"] for row in worth["topProducts"]] == ["BOOK", "MILK", "BREAD"]
    assert worth["exchangeRate"] == 26.5
    assert read(house, "top-products", warehouseCode=OTHER)["topProducts"] == []
    whole = read(house, "sales-summary")["totalSalesUSD"]
    assert sum(row["totalRevenueUSD"] for row in worth["topProducts"]) == pytest.approx(whole)


def test_what_lies_in_stock_is_named_the_longest_first(house: House) -> None:
    invoice(house, 1, docDate="2026-09-01")
    bread = [{"itemCode": "BREAD", "quantity": 1, "warehouseCode": WAREHOUSE}]
    assert house.as_role().post("/api/Invoice", invoice_body(lines=bread)).status_code == 201
    told = read(house, "slow-moving-products")
    names = [row["itemCode"] for row in told["products"]]
    assert names[-1] == "MILK"
    assert "BREAD" not in names, "sold today"
    [milk] = [row for row in told["products"] if row["itemCode"] == "MILK"]
    assert (milk["lastSoldDate"], milk["daysSinceLastSale"]) == ("2026-09-01", 62)
    assert milk["currentStock"] == 106, "99 here, 7 there"
    never = told["products"][0]
    assert (never["lastSoldDate"], never["daysSinceLastSale"]) == (None, 90)
    assert told["totalProducts"] == len(told["products"])
    assert "MILK" not in str(read(house, "slow-moving-products", daysThreshold=63))
    assert "2026-09-01" in str(read(house, "slow-moving-products", daysThreshold=62))
    short = read(house, "slow-moving-products", **TODAY, daysThreshold=62)
    [milk] = [row for row in short["products"] if row["itemCode"] == "MILK"]
    assert (milk["lastSoldDate"], milk["daysSinceLastSale"]) == (None, 62), "not in these 62 days"
    short = read(house, "slow-moving-products", **TODAY, daysThreshold=63)
    assert "MILK" not in str(short), "sold since, and not to be guessed from the period alone"
    assert short["products"][0]["daysSinceLastSale"] == 63
    [only] = read(house, "slow-moving-products", warehouseCode=OTHER)["products"]
    assert (only["itemCode"], only["currentStock"]) == ("MILK", 7)


def test_ages_agree_with_the_statements(house: House) -> None:
    old = invoice(house, 10, docDate="2026-07-01")
    invoice(house, 5, docDate="2026-09-20")
    invoice(house, 2)
    invoice(house, 1, cardCode="C0002", docCurrency="ZIG")
    pay(house, "5.00", (old["id"], "5.00"))
    credit(house, old["id"], 1)
    told = read(house, "aging-analysis")
    assert told == read(house, "receivables-aging")
    debtors = {row["cardCode"]: row for row in told["customerAging"]}
    for code, currency in (("C0001", "USD"), ("C0002", "ZIG")):
        accounts = told_of(house, code)["accounts"]
        [account] = [row for row in accounts if row["currency"] == currency]
        for name in ("current", "days31To60", "days61To90", "over90Days"):
            assert debtors[code][f"{name}{currency}"] == account["aging"][name], name
    assert told["totalOutstandingUSD"] == 3.98 + 9.95 + 14.90 - 1.99
    assert told["over90Days"]["invoiceCount"] == 1
    parts = (told[name] for name in ("current", "days31To60", "days61To90", "over90Days"))
    assert sum(part["percentOfTotal"] for part in parts) == pytest.approx(100, abs=0.02)
    best = read(house, "top-customers", fromDate="2026-07-01")
    assert [row["cardCode"] for row in best["topCustomers"]] == ["C0001", "C0002"]
    assert best["topCustomers"][0]["outstandingBalanceUSD"] == told["totalOutstandingUSD"]
    assert best["topCustomers"][0]["totalPaymentsUSD"] == 5


def test_payments_and_profit_add_up(house: House) -> None:
    made = invoice(house, 10)
    pay(house, "5.00", (made["id"], "5.00"))
    pay(house, "2.00", transferSum="3.00", docDate="2026-11-01")
    credit(house, made["id"], 2)
    entry = purchase(house, {"itemCode": "MILK", "quantity": 10, "unitPrice": 0.5})
    boss = house.as_role("Manager")
    assert boss.post(f"/api/PurchaseOrder/{entry}/receive", arrived(4)).status_code == 200
    paid = read(house, "payment-summary")
    assert (paid["totalPayments"], paid["totalAmountUSD"], paid["totalAmountZIG"]) == (3, 10, 0)
    means = {row["paymentMethod"]: row for row in paid["paymentsByMethod"]}
    assert (means["Cash"]["totalAmountUSD"], means["Cash"]["percentageOfTotal"]) == (7, 70)
    assert [row["date"] for row in paid["dailyPayments"]] == ["2026-11-01", "2026-11-02"]
    told, sales = read(house, "profit-overview"), read(house, "sales-summary")
    assert told["netRevenueUSD"] == sales["totalSalesUSD"] == 15.92
    assert (told["totalRevenueUSD"], told["totalCreditNotesUSD"]) == (19.90, 3.98)
    assert told["totalPurchaseCostUSD"] == 2, "what arrived, before tax"
    profit = Decimal(str(sales["totalSalesUSD"])) - Decimal(str(sales["totalVatUSD"])) - 2
    assert Decimal(str(told["grossProfitUSD"])) == profit
    assert told["totalCollectedUSD"] == paid["totalAmountUSD"]
    assert told["outstandingReceivablesUSD"] == read(house, "aging-analysis")["totalOutstandingUSD"]
    [month] = told["monthlyBreakdown"]
    assert (month["month"], month["grossProfitUSD"]) == ("2026-11", told["grossProfitUSD"])
    assert told["itemsWithoutCost"] == 1
    assert told["tradingProfitUSD"] == pytest.approx(15.92 - sales["totalVatUSD"])


def test_orders_purchases_and_transfers_are_followed(house: House) -> None:
    boss = house.as_role("Manager")
    made = order(house, lines=[{"itemCode": "MILK", "quantity": 4, "warehouseCode": WAREHOUSE}])
    assert boss.post("/api/SalesOrder", trade_body()).status_code == 201
    part = {"lines": [{"lineNum": 0, "quantity": 1}]}
    converted = boss.post(f"/api/SalesOrder/{made['id']}/convert-to-invoice", part)
    assert converted.status_code == 200, converted.text
    told = read(house, "order-fulfillment")
    assert (told["totalOrders"], told["openOrders"], told["fulfillmentRatePercent"]) == (2, 2, 0)
    assert told["totalDeliveredValueUSD"] == 1.89, "with 5 % off"
    assert told["partiallyDeliveredLines"] == 1
    whole = told["totalDeliveredValueUSD"] + told["totalPendingValueUSD"]
    assert whole == pytest.approx(told["totalOrderValueUSD"])
    assert len(told["orders"]) == 2
    entry = purchase(house, {"itemCode": "MILK", "quantity": 10, "unitPrice": 2})
    assert boss.post(f"/api/PurchaseOrder/{entry}/receive", arrived(4)).status_code == 200
    bought = read(house, "purchase-orders")
    assert (bought["totalOrderValueUSD"], bought["totalPendingValueUSD"]) == (20, 12)
    assert (bought["bySupplier"][0]["cardCode"], bought["uniqueSuppliers"]) == ("S0001", 1)
    assert bought["topProducts"][0]["totalQuantityReceived"] == 4
    sent = {
        "fromWarehouse": WAREHOUSE,
        "toWarehouse": OTHER,
        "lines": [{"itemCode": "MILK", "quantity": 3}],
    }
    assert boss.post("/api/InventoryTransfer", sent).status_code in {201, 202}
    moved = read(house, "stock-movement", warehouseCode=WAREHOUSE)
    assert (moved["totalTransfers"], moved["totalQuantityMoved"]) == (1, 3)
    [line] = moved["movements"]
    assert (line["fromWarehouse"], line["toWarehouse"], line["quantity"]) == (WAREHOUSE, OTHER, 3)
    flows = {row["warehouseCode"]: row["totalOutflow"] for row in moved["warehouseFlows"]}
    assert flows == {WAREHOUSE: 3, OTHER: 0}


def test_credit_notes_are_told_apart(house: House) -> None:
    made = invoice(house, 10)
    credit(house, made["id"], 4)
    told = read(house, "credit-notes")
    assert (told["totalCreditNotes"], told["totalCreditAmountUSD"]) == (1, 7.96)
    assert told["creditToSalesRatioPercent"] == 40
    assert told["byCustomer"][0]["totalAmountUSD"] == 7.96
    assert told["topProductsReturned"][0]["quantityReturned"] == 4
    assert told["averageCreditNoteValueUSD"] == 7.96


def test_nothing_is_a_report_too_and_odd_days_are_refused(quick: House) -> None:
    boss = quick.as_role("Manager")
    for name in OVER_DAYS:
        told = read(quick, name, fromDate="2020-01-01", toDate="2020-01-31")
        assert not any(
            value for key, value in told.items() if key.startswith("total") and "roducts" not in key
        ), name
        for odd in (
            {"fromDate": "2026-11-02", "toDate": "2026-11-01"},
            {"fromDate": "yesterday"},
            {"fromDate": "1900-01-01"},
            {"toDate": "0001-01-01", "fromDate": "0001-01-02"},
        ):
            assert boss.get(f"{PATH}/{name}", **odd).status_code == 400, (name, odd)
        assert boss.get(f"{PATH}/{name}", toDate="0001-01-01").status_code in {200, 400}
        assert boss.get(f"{PATH}/{name}", fromDate="9999-12-31").status_code in {200, 400}
        if name not in {"order-fulfillment", "purchase-orders"}:
            assert boss.get(f"{PATH}/{name}", warehouseCode="NOPE").status_code == 404
    for path in ("top-products?top=-1", "top-customers?topCount=99999999999999999999"):
        assert boss.get(f"{PATH}/{path}").status_code == 200
    assert boss.get(f"{PATH}/slow-moving-products?daysThreshold=0").status_code == 400


def test_a_file_for_spreadsheets_runs_no_formula(quick: House) -> None:
    from pos_app.api.shopinventory.table import text

    invoice(quick, 2)
    admin = quick.as_role("Admin")
    answer = admin.get(f"{PATH}/top-products", format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "top-products.csv" in answer.headers["content-disposition"]
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["itemCode"], row["totalRevenueUSD"]) == ("MILK", "3.98")
    empty = admin.get(f"{PATH}/credit-notes", format="csv").text
    assert empty.lstrip("\ufeff").startswith("cardCode,")
    assert quick.as_role("Cashier").get(f"{PATH}/top-products", format="csv").status_code == 403
    marks = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", 'a"b,c\n']
    rows = [{"name": mark, "amount": Decimal("-1.50")} for mark in marks]
    cells = list(csv.reader(io.StringIO(text(["name", "amount"], rows))))[1:]
    assert all(cell[0].startswith("'") for cell in cells[:6])
    assert (cells[6][0], cells[6][1]) == ('a"b,c\n', "-1.50")


def test_a_report_is_kept_by_its_reader_alone(quick: House) -> None:
    answer = quick.as_role().get(f"{PATH}/sales-summary")
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert answer.headers["vary"] == "Authorization, X-API-Key"
    refused = quick.as_role("User").get(f"{PATH}/sales-summary")
    assert (refused.status_code, refused.headers["cache-control"]) == (403, "no-store")


def test_the_description_shows_both_forms_and_true_examples(quick: House) -> None:
    described = quick.app.openapi()
    for name in OVER_DAYS:
        content = described["paths"][f"{PATH}/{name}"]["get"]["responses"]["200"]["content"]
        assert set(content) == {"application/json", "text/csv"}, name
    schema = described["components"]["schemas"]["SalesSummary"]
    told = described["paths"][f"{PATH}/sales-summary"]["get"]["responses"]["200"]["content"]
    shown = told["application/json"]["example"]
    assert set(shown) == set(schema["properties"]) == set(read(quick, "sales-summary"))
