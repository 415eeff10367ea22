"""The daily stock snapshot, transfers told of, and a warehouse's sales over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pos_app.services import stock_snapshot
from tests.api.house import OTHER, WAREHOUSE, House

STOCK = "/api/DesktopIntegration/stock"
EVENT = "/api/DesktopIntegration/webhook/transfer-event"
SALE = {
    "cardCode": "C0001",
    "docCurrency": "USD",
    "warehouseCode": WAREHOUSE,
    "amountPaid": 50,
    "lines": [{"itemCode": "YOGHURT", "quantity": 6}, {"itemCode": "MILK", "quantity": 2}],
}


@pytest.fixture
def morning(house: House) -> Any:
    """Both warehouses are monitored."""
    rules = house.shop.rules
    stock = replace(rules.stock, monitored=(WAREHOUSE, OTHER))
    object.__setattr__(house.shop, "rules", replace(rules, stock=stock))
    yield house
    object.__setattr__(house.shop, "rules", rules)


def item(house: House, code: str, place: str = WAREHOUSE) -> dict[str, Any]:
    rows = house.as_role().get(f"{STOCK}/{place}/local").json()["items"]
    found: dict[str, Any] = next(row for row in rows if row["itemCode"] == code)
    return found


def event(**changes: Any) -> dict[str, Any]:
    return {
        "itemCode": "YOGHURT",
        "sourceWarehouse": WAREHOUSE,
        "destinationWarehouse": OTHER,
        "quantity": 7,
        "sapDocEntry": 100,
    } | changes


def test_a_snapshot_is_taken_kept_and_followed(morning: House) -> None:
    admin = morning.as_role()
    assert admin.get(f"{STOCK}/monitored-warehouses").json() == [WAREHOUSE, OTHER]
    assert admin.get(f"{STOCK}/{WAREHOUSE}/local").status_code == 404
    told = admin.post(f"{STOCK}/fetch-daily")
    assert (told.status_code, told.json()["warehouses"]) == (202, [WAREHOUSE, OTHER])
    yoghurt = item(morning, "YOGHURT")
    assert (yoghurt["originalQuantity"], yoghurt["availableQuantity"]) == (35, 35)
    assert [lot["batchNumber"] for lot in yoghurt["batches"]] == ["Y-SOON", "Y-LATE"]
    assert item(morning, "MILK")["batches"][0]["batchNumber"] is None
    morning.shop.clock.sleep(60)
    assert admin.post("/api/DesktopIntegration/sales", SALE).status_code == 201
    yoghurt = item(morning, "YOGHURT")
    assert (yoghurt["originalQuantity"], yoghurt["availableQuantity"]) == (35, 29)
    assert [lot["availableQuantity"] for lot in yoghurt["batches"]] == [0, 29]
    admin.post(f"{STOCK}/fetch-daily", {"warehouses": [WAREHOUSE]})
    assert item(morning, "YOGHURT")["originalQuantity"] == 35, "taken once a day"


def test_a_transfer_is_told_of_once(morning: House) -> None:
    admin = morning.as_role()
    nothing = admin.post(EVENT, event()).json()
    assert (nothing["adjusted"], nothing["adjustments"]) == (False, [])
    admin.post(f"{STOCK}/fetch-daily")
    told = admin.post(EVENT, event()).json()
    assert [(one["direction"], one["adjustmentQuantity"]) for one in told["adjustments"]] == [
        ("OUT", 7),
        ("IN", 7),
    ]
    assert told["adjustments"][0]["newAvailableQuantity"] == 28
    assert admin.post(EVENT, event()).json()["adjusted"] is False
    yoghurt = item(morning, "YOGHURT")
    assert (yoghurt["availableQuantity"], yoghurt["transferAdjustment"]) == (28, -7)
    assert [lot["availableQuantity"] for lot in yoghurt["batches"]] == [0, 28]
    assert item(morning, "YOGHURT", OTHER)["transferAdjustment"] == 7
    assert admin.post(EVENT, event(destinationWarehouse=WAREHOUSE)).status_code == 400


def test_a_snapshot_that_is_not_there_says_why(morning: House) -> None:
    admin, shop = morning.as_role(), morning.shop
    assert admin.post(f"{STOCK}/fetch-daily", {"warehouses": ["NOWHERE"]}).status_code == 404
    other = admin.post(f"{STOCK}/fetch-daily", {"snapshotDate": "2026-01-01"})
    assert (other.status_code, "leave the date out" in other.text) == (400, True)
    stock_snapshot.ask(shop)
    waits = admin.get(f"{STOCK}/{WAREHOUSE}/local")
    assert (waits.status_code, "ask again" in waits.text) == (409, True)
    assert stock_snapshot.work(shop) == 2
    assert stock_snapshot.work(shop) == 0


def test_the_morning_takes_them_by_itself(morning: House) -> None:
    shop = morning.shop
    stock_snapshot.due(shop)
    if not stock_snapshot.work(shop):
        shop.clock.sleep(timedelta(hours=3).total_seconds())
        stock_snapshot.due(shop)
        assert stock_snapshot.work(shop) == 2
    stock_snapshot.due(shop)
    assert stock_snapshot.work(shop) == 0


def test_what_was_sold_from_a_warehouse(house: House) -> None:
    admin = house.as_role()
    admin.post("/api/DesktopIntegration/sales", SALE)
    path = f"/api/Stock/warehouse/{WAREHOUSE}/sales"
    days = {"fromDate": "2026-11-02", "toDate": "2026-11-02"}
    answer = admin.post(path, days)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert admin.get(path, **days).json() == told
    assert (told["totalItemsSold"], told["totalInvoices"]) == (2, 1)
    assert told["totalSalesValue"] == 18.08
    assert [(row["itemCode"], row["totalQuantitySold"]) for row in told["items"]] == [
        ("YOGHURT", 6),
        ("MILK", 2),
    ]
    assert admin.get(path).status_code == 400
    assert admin.post(path, {"fromDate": "2026-11-03", "toDate": "2026-11-02"}).status_code == 400
    assert admin.get("/api/Stock/warehouse/NOWHERE/sales", **days).status_code == 404
