"""Deals from their first to their last route, in a shop that keeps its own books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from pos_app.services.check import invariants
from pos_app.services.posting.work import work
from pos_app.store.engine import Store
from tests.api.house import OTHER, WAREHOUSE, House, build, on_hand

DESKTOP = "/api/DesktopIntegration"


@contextmanager
def ruled(store: Store) -> Iterator[House]:
    """No SAP, no fiscal device, and transfers that somebody else has to approve."""
    house = build(store, has_sap=False)
    usual = house.shop.rules
    changed = replace(
        usual,
        fiscal=replace(usual.fiscal, is_required=False),
        stock=replace(usual.stock, needs_approval=True),
    )
    object.__setattr__(house.shop, "rules", changed)
    yield house
    object.__setattr__(house.shop, "rules", usual)


@pytest.fixture
def either(store: Store) -> Iterator[House]:
    """Such a shop on each database."""
    with ruled(store) as house:
        yield house


@pytest.fixture
def shop(sqlite_store: Store) -> Iterator[House]:
    """Such a shop on SQLite."""
    with ruled(sqlite_store) as house:
        yield house


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def book(house: House) -> None:
    """The worker's turn: everything that waits gets its number and its entry."""
    while work(house.shop, None, owner="w").done:
        pass


def sound(house: House) -> None:
    assert invariants.check(house.shop, is_server=True) == []


def test_quote_to_cash(either: House) -> None:
    cashier, boss = either.as_role("Cashier"), either.as_role("Manager")
    milk = {"itemCode": "MILK", "quantity": 10, "warehouseCode": WAREHOUSE}
    quote = done(cashier.post("/api/Quotation", {"cardCode": "C0001", "lines": [milk]}), 201)
    done(boss.post(f"/api/Quotation/{quote['id']}/approve"))
    order = done(cashier.post(f"/api/Quotation/{quote['id']}/convert-to-sales-order"), 200)
    done(cashier.post(f"/api/SalesOrder/{order['id']}/approve"))
    book(either)

    part = {"salesOrderId": order["id"], "externalReferenceId": "DEAL-1"}
    part["lines"] = [{"lineNum": 0, "itemCode": "MILK", "quantity": 4}]
    first = done(cashier.post(f"{DESKTOP}/sales-orders/convert-to-invoice", part), 202)["invoice"]
    rest = done(cashier.post(f"/api/SalesOrder/{order['id']}/convert-to-invoice"), 200)
    book(either)
    assert (first["docTotal"], rest["docTotal"]) == (7.96, 11.94)
    assert on_hand(either.shop, "MILK") == 90
    assert done(cashier.get(f"{DESKTOP}/queue/DEAL-1"))["isComplete"] is True

    one, two = (done(cashier.get(f"/api/Invoice/{row['id']}")) for row in (first, rest))
    money = {
        "cardCode": "C0001",
        "docCurrency": "USD",
        "cashSum": 17.96,
        "paymentInvoices": [
            {"docEntry": one["docEntry"], "sumApplied": 7.96},
            {"docEntry": two["docEntry"], "sumApplied": 10},
        ],
    }
    assert cashier.post("/api/IncomingPayment", money).status_code in {201, 202}
    note = {"reason": "sour", "lines": [{"itemCode": "MILK", "quantity": 1}]}
    back = cashier.post(f"/api/CreditNote/from-invoice/{two['id']}", note)
    assert back.status_code in {201, 202}, back.text
    book(either)
    assert back.json()["docTotal"] == 1.99
    done(cashier.get(f"{DESKTOP}/credit-notes/by-docnum/{back.json()['id']}"))
    states = [done(cashier.get(f"/api/Invoice/{row['id']}"))["docStatus"] for row in (first, rest)]
    told = cashier.get("/api/Statement/generate/C0001", format="json").json()
    assert states[0] == "Closed"
    assert told["closingBalance"] == -0.05, "19.90 less 17.96 paid and 1.99 credited"
    sound(either)


def test_purchase_to_stock_to_sale(shop: House) -> None:
    boss, till = shop.as_role("Manager"), shop.as_role("ApiUser")
    goods = {"itemCode": "YOGHURT", "quantity": 20, "unitPrice": 1}
    bought = {"cardCode": "S0001", "warehouseCode": WAREHOUSE, "lines": [goods]}
    order = done(boss.post("/api/PurchaseOrder", bought), 201)
    done(boss.post(f"/api/PurchaseOrder/{order['id']}/approve"))
    place = f"{DESKTOP}/stock/{WAREHOUSE}/YOGHURT"
    assert done(till.get(place))["availableQuantity"] == 35, "what is ordered is not there"
    arrival = {"lineNum": 0, "itemCode": "YOGHURT", "quantityReceived": 20}
    arrival |= {"batchNumber": "Y-NEW", "expiryDate": "2026-11-10"}
    done(boss.post(f"/api/PurchaseOrder/{order['id']}/receive", {"lines": [arrival]}))
    lots = {row["batchNumber"]: row for row in done(till.get(f"{place}/batches"))}
    assert (lots["Y-NEW"]["availableQuantity"], lots["Y-NEW"]["expiryDate"]) == (20, "2026-11-10")

    hold = {
        "externalReferenceId": "BASKET",
        "sourceSystem": "Till",
        "cardCode": "C0001",
        "lines": [{"itemCode": "YOGHURT", "quantity": 22, "warehouseCode": WAREHOUSE}],
    }
    held = done(till.post(f"{DESKTOP}/reservations", hold), 201)["reservation"]
    taken = {
        row["batchNumber"]: row["reservedQuantity"] for row in held["lines"][0]["batchAllocations"]
    }
    assert taken == {"Y-NEW": 20, "Y-SOON": 2}, "what goes bad first goes first"
    assert done(till.get(place))["availableQuantity"] == 33
    told = done(till.post(f"{DESKTOP}/reservations/confirm", {"reservationId": "BASKET"}))
    assert told["success"] is True
    book(shop)
    seen = done(till.get(place))
    assert (seen["physicalQuantity"], seen["activeReservationCount"]) == (33, 0)
    sound(shop)


def test_a_transfer_with_approval(shop: House) -> None:
    keeper, boss = shop.as_role("StockController"), shop.as_role("Manager")
    ask = {
        "fromWarehouse": WAREHOUSE,
        "toWarehouse": OTHER,
        "lines": [{"itemCode": "MILK", "quantity": 20}],
    }
    asked = done(keeper.post(f"{DESKTOP}/transfer-requests", ask), 201)
    path = f"/api/InventoryTransfer/request/{asked['docEntry']}"
    convert = f"{DESKTOP}/transfer-requests/{asked['docEntry']}/convert"
    assert (
        keeper.post(f"{DESKTOP}/transfer-requests/{asked['docEntry']}/convert").status_code >= 400
    )
    assert on_hand(shop.shop, "MILK") == 100, "nothing moves before somebody agreed"
    done(boss.post(f"{path}/approve", {"comments": "before Friday"}))
    sent = keeper.post(convert)
    assert sent.status_code in {201, 202}, sent.text
    assert (
        keeper.post(f"{DESKTOP}/transfer-requests/{asked['docEntry']}/convert").status_code == 409
    )
    book(shop)
    here, there = (
        done(keeper.get(f"{DESKTOP}/stock/{place}/MILK"))["availableQuantity"]
        for place in (WAREHOUSE, OTHER)
    )
    assert (here, there) == (80, 27)
    sold = {"cardCode": "C0001", "docCurrency": "USD"}
    sold["lines"] = [{"itemCode": "MILK", "quantity": 27, "warehouseCode": OTHER}]  # type: ignore[assignment]
    answer = shop.as_role("Admin").post(f"{DESKTOP}/invoices", sold)
    assert answer.status_code in {201, 202}, answer.text
    assert on_hand(shop.shop, "MILK", OTHER) == 0
    sound(shop)
