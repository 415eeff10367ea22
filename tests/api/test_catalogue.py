"""Goods, stock, prices, partners and rates as other programs read them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.currency import Rate
from pos_app.domain.money import Money
from pos_app.domain.partner import Partner
from pos_app.domain.price import SpecialPrice
from pos_app.services import reservation
from pos_app.services.reservation import Ask, AskLine
from pos_app.store import currency, partner, price
from tests.api.house import OTHER, WAREHOUSE, House, build
from tests.shops import actor

PRODUCT = {
    "itemCode", "itemName", "barCode", "itemType", "managesBatches", "quantityInStock",
    "quantityAvailable", "quantityCommitted", "quantityOnStock", "price", "defaultWarehouse",
    "uoM", "category", "batches",
}  # fmt: skip


def read(house: House, path: str, **query: Any) -> Any:
    answer = house.as_role("User").get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_products_are_listed_with_their_stock_everywhere(house: House) -> None:
    told = read(house, "/api/Product")
    assert told["count"] == len(told["products"]) == 8
    assert set(told["products"][0]) == PRODUCT
    codes = [row["itemCode"] for row in told["products"]]
    assert codes == sorted(codes)
    milk = next(row for row in told["products"] if row["itemCode"] == "MILK")
    assert (milk["quantityInStock"], milk["price"]) == (107, 1.99)
    assert milk["itemType"] == "itItems"


def test_one_product_has_its_batches(house: House) -> None:
    told = read(house, "/api/Product/YOGHURT")
    assert told["managesBatches"] is True
    assert [(row["batchNumber"], row["quantity"]) for row in told["batches"]] == [
        ("Y-LATE", 30),
        ("Y-SOON", 5),
    ]
    assert told["batches"][1]["expiryDate"] == "2026-11-20"
    assert told["batches"][1]["status"] == "Released"


def test_a_warehouse_shows_only_what_lies_there(house: House) -> None:
    here = read(house, f"/api/Product/warehouse/{WAREHOUSE}")
    there = read(house, f"/api/Product/warehouse/{OTHER}")
    assert (here["totalProducts"], here["productsWithBatches"]) == (8, 1)
    assert [row["itemCode"] for row in there["products"]] == ["MILK"]
    assert there["products"][0]["quantityInStock"] == 7
    stock = read(house, f"/api/Stock/warehouse/{OTHER}")
    assert (stock["totalItems"], stock["itemsInStock"]) == (1, 1)
    assert stock["items"][0]["available"] == 7
    assert stock["queryDate"] == "2026-11-02T06:00:00Z"


def test_reservations_do_not_change_what_these_routes_show(house: House) -> None:
    line = AskLine(number=0, item="MILK", warehouse=WAREHOUSE, quantity=Decimal(5))
    ask = Ask(reference="R", source="T", partner="C0001", lines=(line,))
    reservation.create(house.shop, actor("manager"), ask)
    assert read(house, "/api/Product/MILK")["quantityAvailable"] == 107


def test_batches_of_an_item_by_both_routes(house: House) -> None:
    everywhere = read(house, "/api/Product/YOGHURT/batches")
    here = read(house, f"/api/Stock/batch/{WAREHOUSE}/YOGHURT")
    there = read(house, "/api/Product/YOGHURT/batches", warehouseCode=OTHER)
    assert everywhere["warehouseCode"] is None
    assert (everywhere["totalQuantity"], everywhere["batchCount"]) == (35, 2)
    assert (here["warehouseCode"], here["totalQuantity"]) == (WAREHOUSE, 35)
    assert (there["totalQuantity"], there["batches"]) == (0, [])


@pytest.mark.parametrize(
    "path",
    [
        "/api/Product/NOPE",
        "/api/Product/NOPE/batches",
        "/api/Product/YOGHURT/batches?warehouseCode=NOPE",
        "/api/Product/warehouse/NOPE",
        "/api/Stock/warehouse/NOPE",
        f"/api/Stock/batch/{WAREHOUSE}/NOPE",
        "/api/Stock/batch/NOPE/YOGHURT",
        "/api/BusinessPartner/NOPE",
        "/api/Price/by-customer/NOPE",
        "/api/ExchangeRate/USD/EUR",
        "/api/ExchangeRate/USD/EUR/history",
        "/api/ExchangeRate/convert?from=USD&to=EUR&amount=1",
    ],
)
def test_what_is_not_there_is_404_and_never_an_empty_list(quick: House, path: str) -> None:
    assert quick.as_role("User").get(path).status_code == 404


def test_warehouses_hide_the_closed_ones(house: House) -> None:
    told = read(house, "/api/Stock/warehouses")
    assert told["totalWarehouses"] == 2
    assert told["warehouses"][1] == {
        "warehouseCode": WAREHOUSE,
        "warehouseName": "Shop one",
        "location": "Harare",
        "street": "1 First Street",
        "city": "Harare",
        "country": "ZW",
        "isActive": True,
    }
    assert read(house, "/api/Stock/warehouse-codes") == [OTHER, WAREHOUSE]
    assert len(read(house, "/api/Stock/warehouse-codes", includeInactive="true")) == 3


def test_prices_of_all_lists(house: House) -> None:
    told = read(house, "/api/Price")
    assert (told["totalCount"], told["usdPriceCount"], told["zigPriceCount"]) == (14, 7, 7)
    assert told["prices"][3] == {
        "itemCode": "MILK",
        "itemName": "Milk 1 l",
        "price": 1.99,
        "currency": "USD",
        "priceListNum": 1,
        "priceListName": "Retail USD",
    }
    assert "NOPRICE" not in {row["itemCode"] for row in told["prices"]}
    assert read(house, "/api/Price/cached") == told


def test_a_customer_pays_special_prices_of_the_day(house: House) -> None:
    today = house.shop.today
    special = SpecialPrice(
        item="MILK",
        partner="C0001",
        price=Decimal("1.75"),
        currency="USD",
        valid_from=today,
        valid_to=today,
    )
    with house.shop.store.write() as connection:
        price.replace_specials(connection, ["MILK"], [special])
    told = read(house, "/api/Price/by-customer/C0001", itemCodes="MILK,BREAD")
    assert [(row["itemCode"], row["price"]) for row in told["prices"]] == [
        ("BREAD", 1.00),
        ("MILK", 1.75),
    ]
    assert (told["priceListNum"], told["currency"], told["totalCount"]) == (1, "USD", 2)
    other = read(house, "/api/Price/by-customer/C0002")
    assert {row["itemCode"]: row["price"] for row in other["prices"]}["MILK"] == 1.99
    assert "NOPRICE" not in {row["itemCode"] for row in other["prices"]}
    house.clock.sleep(86_400)
    later = house.as_role("User").get("/api/Price/by-customer/C0001?itemCodes=MILK").json()
    assert later["prices"][0]["price"] == 1.99


def test_price_sync_fetches_or_says_that_there_is_nowhere_to_fetch(sqlite_store: Any) -> None:
    fetched = []

    def fetch() -> None:
        fetched.append(1)

    house = build(sqlite_store, fetch_prices=fetch)
    told = house.as_role("Admin").post("/api/Price/sync").json()
    assert told == {
        "message": "14 prices were fetched.",
        "count": 14,
        "syncedAt": "2026-11-02T06:00:00Z",
    }
    assert fetched == [1]
    assert read(house, "/api/Price/cached")["lastSyncedAt"] == "2026-11-02T06:00:00Z"


def test_price_sync_without_sap_is_503(quick: House) -> None:
    answer = quick.as_role("Admin").post("/api/Price/sync")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_price_source")


def test_partners_by_type_and_search(house: House) -> None:
    everybody = read(house, "/api/BusinessPartner")
    assert everybody["totalCount"] == 5
    suppliers = read(house, "/api/BusinessPartner/type/cSupplier")["businessPartners"]
    assert [row["cardCode"] for row in suppliers] == ["S0001"]
    assert read(house, "/api/BusinessPartner/type/cLead")["totalCount"] == 0
    found = read(house, "/api/BusinessPartner/search", query="canteen")["businessPartners"]
    assert {row["cardCode"] for row in found} == {"C0001", "C0002"}
    same = read(house, "/api/BusinessPartner/search", q="canteen")["businessPartners"]
    assert same == found
    caller = house.as_role("User")
    assert caller.get("/api/BusinessPartner/search", query="  ").status_code == 400
    assert caller.get("/api/BusinessPartner/type/cFriend").status_code == 400


def test_one_partner_as_the_contract_prints_it(house: House) -> None:
    known = Partner(
        "C0100", "ABC Trading", "1", "USD", Money(100_000, "USD"), Money(150_000, "USD"),
        tin="2000123456", vat_number="220123456", address="1 Main St", phone="+263771234567",
        email="a@abc.example",
    )  # fmt: skip
    with house.shop.store.write() as connection:
        partner.put(connection, [known], at=house.clock.now())
    assert read(house, "/api/BusinessPartner/C0100") == {
        "cardCode": "C0100",
        "cardName": "ABC Trading",
        "cardType": "cCustomer",
        "groupCode": None,
        "phone1": "+263771234567",
        "phone2": None,
        "email": "a@abc.example",
        "address": "1 Main St",
        "city": None,
        "country": "ZW",
        "currency": "USD",
        "balance": 1500.00,
        "isActive": True,
        "priceListNum": 1,
        "priceListName": "Retail USD",
        "vatRegNo": "220123456",
        "tinNumber": "2000123456",
    }
    assert read(house, "/api/BusinessPartner/C0001")["balance"] is None


def test_rates_both_ways_and_between_equals(house: House) -> None:
    with house.shop.store.write() as connection:
        rate = Rate("USD", "ZIG", Decimal("25.75"), house.clock.now())
        currency.add_rate(connection, rate, source="RBZ")
    forth = read(house, "/api/ExchangeRate/usd/ZWG")
    assert (forth["fromCurrency"], forth["toCurrency"]) == ("USD", "ZIG")
    assert (forth["rate"], forth["inverseRate"]) == (25.75, 0.038835)
    assert (forth["source"], forth["effectiveDate"]) == ("RBZ", "2026-11-02")
    back = read(house, "/api/ExchangeRate/ZIG/USD")
    assert (back["rate"], back["inverseRate"]) == (0.038835, 25.75)
    same = read(house, "/api/ExchangeRate/USD/USD")
    assert (same["rate"], same["inverseRate"]) == (1, 1)
    assert [row["rate"] for row in read(house, "/api/ExchangeRate")] == [25.75]


@pytest.mark.parametrize(
    ("base", "quote", "amount", "result"),
    [
        ("USD", "ZIG", "5230.50", 134685.38),
        ("USD", "ZIG", "125000.50", 3218762.88),
        ("ZIG", "USD", "25.75", 1.00),
        ("USD", "USD", "7.125", 7.13),
        ("USD", "ZIG", "-0.01", -0.26),
        ("USD", "ZIG", "0", 0.00),
    ],
)
def test_amounts_are_converted_to_the_cent(
    quick: House, base: str, quote: str, amount: str, result: float
) -> None:
    with quick.shop.store.write() as connection:
        rate = Rate("USD", "ZIG", Decimal("25.75"), quick.clock.now())
        currency.add_rate(connection, rate, source="RBZ")
    query = {"from": base, "to": quote, "amount": amount}
    assert read(quick, "/api/ExchangeRate/convert", **query)["convertedAmount"] == result


@pytest.mark.parametrize("amount", ["", "x", "NaN", "1e400", "1" * 30, "0.0000001", "Infinity"])
def test_odd_amounts_are_400(quick: House, amount: str) -> None:
    query = {"from": "USD", "to": "ZIG", "amount": amount}
    answer = quick.as_role("User").get("/api/ExchangeRate/convert", **query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["amount"]


def test_history_has_the_days_asked_for_and_the_rate_they_began_with(house: House) -> None:
    now = house.clock.now()
    with house.shop.store.write() as connection:
        for days, value in ((40, "24"), (20, "25"), (10, "26")):
            rate = Rate("USD", "ZIG", Decimal(value), now - timedelta(days=days))
            currency.add_rate(connection, rate, source="sap")
    told = read(house, "/api/ExchangeRate/USD/ZIG/history")
    assert [row["rate"] for row in told["history"]] == [26.5, 26, 25, 24]
    week = read(house, "/api/ExchangeRate/ZIG/USD/history", days=7)
    assert [row["inverseRate"] for row in week["history"]] == [26.5, 26]
    caller = house.as_role("User")
    for days in ("0", "-1", "99999", "x"):
        path = f"/api/ExchangeRate/USD/ZIG/history?days={days}"
        assert caller.get(path).status_code == 400
