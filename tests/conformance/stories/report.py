"""Every report about one day on which something of each kind happened."""

from __future__ import annotations

from typing import Any

from pos_app.store.engine import Store
from tests.api.house import OTHER, WAREHOUSE, House
from tests.api.test_purchase import arrived
from tests.api.test_purchase import order as purchase
from tests.api.test_report import credit
from tests.api.test_statement import invoice, pay
from tests.api.test_trade import order
from tests.conformance.neighbours import server_apart, without_device
from tests.conformance.step import Act, Step

REPORT = "/api/Report"
DAY = {"fromDate": "2026-11-01", "toDate": "2026-11-02"}
MILK = {"itemCode": "MILK", "quantity": 4, "warehouseCode": WAREHOUSE}
SENT = {
    "fromWarehouse": WAREHOUSE,
    "toWarehouse": OTHER,
    "lines": [{"itemCode": "MILK", "quantity": 3}],
}


def server(store: Store) -> House:
    """A shop without a fiscal device, so that a note follows its invoice at once."""
    return server_apart(store, without_device)


def _a_day(house: House, _known: dict[str, Any]) -> None:
    """Ten sold, four come back, five dollars paid; ordered, bought and sent to the depot."""
    made = invoice(house, 10)
    credit(house, made["id"], 4)
    pay(house, "5.00", (made["id"], "5.00"))
    order(house, lines=[MILK])
    bought = purchase(house, {"itemCode": "MILK", "quantity": 10, "unitPrice": 2})
    boss = house.as_role("Manager")
    assert boss.post(f"/api/PurchaseOrder/{bought}/receive", arrived(4)).status_code == 200
    assert boss.post("/api/InventoryTransfer", SENT).status_code in {201, 202}


def _of_days(name: str, **says: Any) -> Step:
    said = {name.replace("__", "."): value for name, value in says.items()}
    return Step(route=f"GET {REPORT}/{name}", role="Manager", query=DAY, says=DAY | said)


def _of_now(name: str, **says: Any) -> Step:
    said = {name.replace("__", "."): value for name, value in says.items()}
    return Step(route=f"GET {REPORT}/{name}", role="Manager", says=said)


OWED = {"totalCustomers": 1, "totalOutstandingUSD": 6.94, "current__invoiceCount": 1}
STOCK = {"productsBelowReorderLevel": 1}
LOW = {"totalAlerts": 1, "items__0__itemCode": "MILK", "items__0__warehouseCode": OTHER}

STEPS = (
    Act(_a_day),
    _of_days("sales-summary", totalInvoices=1, totalSalesUSD=11.94, dailySales__0__invoiceCount=1),
    _of_days("top-products", topProducts__0__itemCode="MILK", topProducts__0__totalQuantitySold=6),
    _of_now("slow-moving-products", products__0__daysSinceLastSale=90),
    _of_days("stock-movement", totalTransfers=1, totalQuantityMoved=3),
    _of_days("payment-summary", totalPayments=1, totalAmountUSD=5, totalAmountZIG=0),
    _of_days("top-customers", topCustomers__0__cardCode="C0001"),
    _of_days("order-fulfillment", totalOrders=1, openOrders=1, undeliveredLines=1),
    _of_days("credit-notes", totalCreditNotes=1, totalCreditAmountUSD=7.96),
    _of_days("purchase-orders", totalOrderValueUSD=20, totalPendingValueUSD=12),
    _of_days("profit-overview", netRevenueUSD=11.94, totalPurchaseCostUSD=8, totalCollectedUSD=5),
    _of_now("aging-analysis", **OWED),
    _of_now("receivables-aging", **OWED),
    _of_now("low-stock", **LOW),
    _of_now("low-stock-alerts", **LOW),
    _of_now("inventory-value", **STOCK),
    _of_now("stock-summary", **STOCK),
)
