"""Accounts, cost centres, price lists and stock reports as other programs read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from pos_app.store import level, payment_terms, warehouse
from pos_app.store.level import Level
from pos_app.store.payment_terms import PaymentTerms
from pos_app.store.tables import all_tables
from pos_app.store.warehouse import Account, CostCentre
from tests.api.house import OTHER, WAREHOUSE, House, build

ACCOUNTS = [
    Account("1110", "Till", kind="at_Other", currency="USD", balance=12345),
    Account("4000", "Sales", kind="at_Revenues", currency="", balance=-500),
]
CENTRES = [CostCentre("SHOP1", "Shop one", 1), CostCentre("VAN", "Van", 2, is_active=False)]


@pytest.fixture
def full(house: House) -> House:
    with house.shop.store.write() as connection:
        warehouse.put_accounts(connection, ACCOUNTS)
        warehouse.put_cost_centres(connection, CENTRES)
        level.put(
            connection,
            [
                Level("MILK", WAREHOUSE, Decimal(150), Decimal("1.10")),
                Level("BREAD", WAREHOUSE, Decimal(240), Decimal("0.50")),
                Level("MILK", OTHER, Decimal(0), Decimal("1.20")),
            ],
        )
    return house


def read(house: House, path: str, role: str = "Manager", **query: Any) -> Any:
    answer = house.as_role(role).get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_accounts_as_the_contract_prints_them(full: House) -> None:
    told = read(full, "/api/GLAccount")
    assert told["totalCount"] == 2
    assert told["accounts"][0] == {
        "code": "1110",
        "name": "Till",
        "accountType": "at_Other",
        "currency": "USD",
        "balance": 123.45,
        "isActive": True,
    }
    assert read(full, "/api/GLAccount/type/at_revenues")["accounts"][0]["code"] == "4000"
    assert read(full, "/api/GLAccount/4000")["currency"] is None


def test_terms_of_payment(full: House) -> None:
    with full.shop.store.write() as connection:
        payment_terms.put(connection, [PaymentTerms(2, "30 days", 30, 0)])
    assert read(full, "/api/BusinessPartner/paymentterms/2") == {
        "groupNumber": 2,
        "paymentTermsGroupName": "30 days",
        "numberOfAdditionalDays": 30,
        "numberOfAdditionalMonths": 0,
    }


def test_cost_centres_by_dimension(full: House) -> None:
    assert read(full, "/api/CostCentre")["totalCount"] == 2
    [van] = read(full, "/api/CostCentre/dimension/2")["costCentres"]
    assert van == {
        "centerCode": "VAN",
        "centerName": "Van",
        "dimension": 2,
        "isActive": False,
        "validFrom": None,
        "validTo": None,
        "displayName": "VAN - Van",
    }
    assert read(full, "/api/CostCentre/SHOP1")["dimension"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/GLAccount/NOPE", 404),
        ("/api/GLAccount/type/at_Nothing", 400),
        ("/api/CostCentre/NOPE", 404),
        ("/api/BusinessPartner/paymentterms/99", 404),
        ("/api/CostCentre/dimension/6", 400),
        ("/api/CostCentre/dimension/x", 400),
        ("/api/Price/NOPE", 404),
        ("/api/Price/currency/EUR", 400),
        ("/api/Price/pricelists?forceRefresh=true", 400),
        ("/api/Price/pricelists/99/items", 404),
        ("/api/Price/pricelists/1/items/NOPRICE", 404),
        ("/api/Price/pricelists/1/items/NOPE", 404),
        ("/api/Price/businesspartner/NOPE", 404),
        ("/api/DesktopIntegration/prices/pricelists/99", 404),
        ("/api/Report/low-stock?warehouseCode=NOPE", 404),
        ("/api/Report/low-stock?threshold=-1", 400),
        ("/api/Report/inventory-value?warehouseCode=NOPE", 404),
        ("/api/Stock/warehouse/NOPE/paged", 404),
        ("/api/Stock/warehouse/NOPE/items?itemCodes=MILK", 404),
        ("/api/Product/warehouse/NOPE/paged", 404),
        (f"/api/Product/warehouse/{WAREHOUSE}/item/NOPE/batches", 404),
    ],
)
def test_what_is_not_there_or_wrong_says_so(quick: House, path: str, status: int) -> None:
    answer = quick.as_role("Manager").get(path)
    assert answer.status_code == status
    assert answer.json()


def test_price_lists_and_what_is_on_them(full: House) -> None:
    told = read(full, "/api/Price/pricelists")
    assert [(row["listNum"], row["currency"]) for row in told["priceLists"]] == [
        (1, "USD"),
        (2, "ZIG"),
    ]
    assert read(full, "/api/DesktopIntegration/prices/pricelists") == told
    listed = read(full, "/api/Price/pricelists/1/items")
    assert (listed["totalCount"], listed["priceListNum"], listed["currency"]) == (7, 1, "USD")
    assert read(full, "/api/DesktopIntegration/prices/pricelists/1") == listed
    milk = read(full, "/api/Price/pricelists/2/items/MILK")
    assert (milk["price"], milk["priceListName"]) == (51.74, "Retail ZIG")
    assert read(full, "/api/Price/MILK") == {
        "itemCode": "MILK",
        "itemName": "Milk 1 l",
        "usdPrice": 1.99,
        "zigPrice": 51.74,
    }
    grouped = read(full, "/api/Price/grouped")
    assert grouped["totalItems"] == 7
    assert read(full, "/api/Price/NOPRICE")["usdPrice"] is None
    assert read(full, "/api/Price/currency/ZiG")["totalCount"] == 7
    assert read(full, "/api/Price/businesspartner/C0001", itemCodes="MILK")["totalCount"] == 1


def test_a_list_is_fetched_by_an_admin_alone(sqlite_store: Any) -> None:
    fetched: list[int] = []
    house = build(sqlite_store, fetch_prices=lambda: fetched.append(1))
    told = house.as_role("Admin").post("/api/Price/pricelists/1/sync").json()
    assert (told["count"], told["priceListNum"], fetched) == (7, 1, [1])
    told = house.as_role("Admin").post("/api/DesktopIntegration/prices/pricelists/sync").json()
    assert (told["count"], fetched) == (2, [1, 1])
    assert house.as_role("Admin").post("/api/Price/pricelists/9/sync").status_code == 404
    assert house.as_role("Manager").post("/api/DesktopIntegration/prices/sync").status_code == 403
    assert fetched == [1, 1]


def test_what_runs_out_by_its_own_level_and_else_by_the_threshold(full: House) -> None:
    told = read(full, "/api/Report/low-stock", warehouseCode=WAREHOUSE)
    by_item = {row["itemCode"]: row for row in told["items"]}
    assert set(by_item) == {"MILK", "BREAD"}
    assert by_item["MILK"]["alertLevel"] == "Warning"
    assert by_item["BREAD"] == {
        "itemCode": "BREAD",
        "itemName": "Bread brown",
        "warehouseCode": WAREHOUSE,
        "currentStock": 100,
        "reorderLevel": 240,
        "minimumStock": 120,
        "alertLevel": "Critical",
        "suggestedReorderQty": 480,
    }
    assert (told["totalAlerts"], told["criticalCount"], told["warningCount"]) == (2, 1, 1)
    assert [row["itemCode"] for row in told["items"]] == ["BREAD", "MILK"]
    everywhere = read(full, "/api/Report/low-stock-alerts")
    assert ("MILK", OTHER) in {
        (row["itemCode"], row["warehouseCode"]) for row in everywhere["items"]
    }
    assert read(full, "/api/Report/low-stock", warehouseCode=OTHER, threshold=5)["items"] == []


def test_the_stock_is_worth_its_average_cost(full: House) -> None:
    told = read(full, "/api/Report/inventory-value")
    worth = Decimal("110.00") + Decimal("50.00") + Decimal("8.40")
    assert Decimal(str(told["totalStockValueUSD"])) == worth
    assert Decimal(str(told["totalStockValueZIG"])) == Decimal("4462.60")
    places = {row["warehouseCode"]: row for row in told["stockByWarehouse"]}
    assert places[OTHER]["totalValueUSD"] == 8.40
    assert places[WAREHOUSE]["productsWithoutCost"] == places[WAREHOUSE]["productCount"] - 2
    assert read(full, "/api/Report/stock-summary") == told
    [only] = read(full, "/api/Report/inventory-value", warehouseCode=OTHER)["stockByWarehouse"]
    assert only["warehouseCode"] == OTHER


def test_pages_of_a_warehouse_and_some_of_its_items(full: House) -> None:
    first = read(full, f"/api/Stock/warehouse/{WAREHOUSE}/paged", pageSize=3)
    assert (first["page"], first["pageSize"], first["count"], first["hasMore"]) == (1, 3, 3, True)
    last = read(full, f"/api/Stock/warehouse/{WAREHOUSE}/paged", page=3, pageSize=3)
    assert (last["count"], last["hasMore"]) == (2, False)
    codes = [row["itemCode"] for row in first["items"]]
    assert codes == sorted(codes)
    some = read(full, f"/api/Stock/warehouse/{WAREHOUSE}/items", itemCodes="MILK,NOPE,BREAD")
    assert [row["itemCode"] for row in some["items"]] == ["BREAD", "MILK"]
    none = read(full, f"/api/Stock/warehouse/{WAREHOUSE}/items")
    assert (none["totalItems"], none["items"]) == (0, [])
    goods = read(full, f"/api/Product/warehouse/{WAREHOUSE}/paged", pageSize=100)
    assert goods["count"] == 8
    yoghurt = next(row for row in goods["products"] if row["itemCode"] == "YOGHURT")
    assert len(yoghurt["batches"]) == 2
    path = f"/api/Product/warehouse/{WAREHOUSE}/item/YOGHURT/batches"
    assert read(full, path) == read(full, f"/api/Stock/batch/{WAREHOUSE}/YOGHURT")


def test_l59_reading_twice_changes_nothing(sqlite_store: Any) -> None:
    """Every route that reads and needs no name in its address."""
    house = build(sqlite_store)
    described = house.app.openapi()["paths"]
    paths = [path for path, methods in described.items() if "get" in methods and "{" not in path]
    paths.remove(TAKEN_OUT)
    caller = house.as_role("Admin")
    before = _everything(house)
    for path in sorted(paths) * 2:
        assert caller.get(path).status_code != 500, path
    assert _everything(house) == before


COUNTED = {"rate_days", "rate_clients", "rate_windows"}
"""Where requests are counted, whatever they ask."""

TAKEN_OUT = "/api/UserActivity/export"
"""Reads, and is written down: who takes the audit trail out of the house stands in it."""


def _everything(house: House) -> dict[str, list[Any]]:
    with house.shop.store.read() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in all_tables().sorted_tables
            if table.name not in COUNTED
        }
