"""Goods issues and receipts with reasons, and counts that somebody else books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pos_app.services.check import invariants
from pos_app.store import stock
from tests.api.house import OTHER, WAREHOUSE, House, invoice_body, on_hand

COUNT = "/api/StockCount"


def movement(item: str = "MILK", quantity: Any = 3, **more: Any) -> dict[str, Any]:
    line = {"itemCode": item, "quantity": quantity} | more.pop("line", {})
    return {"warehouseCode": WAREHOUSE, "reason": "damaged", "lines": [line]} | more


def sound(house: House) -> None:
    assert invariants.check(house.shop, is_server=True) == []


def lots(house: House) -> dict[str, Decimal]:
    with house.shop.store.read() as connection:
        rows = stock.batches_of(connection, [("YOGHURT", WAREHOUSE)])
    return {row["batch"]: row["on_hand"] for row in rows}


def test_goods_leave_for_a_reason(house: House) -> None:
    boss = house.as_role("Manager")
    told = boss.post("/api/GoodsIssue", movement(comments="fell down")).json()
    assert (told["number"], told["kind"], told["sapStatus"]) == ("GI-000001", "issue", "Pending")
    assert on_hand(house.shop, "MILK") == 97
    assert boss.get(f"/api/GoodsIssue/{told['id']}").json() == told
    assert boss.get(f"/api/GoodsReceipt/{told['id']}").status_code == 404
    told = boss.post("/api/GoodsIssue", movement("YOGHURT", 7)).json()
    assert [row["batchNumber"] for row in told["lines"][0]["batchNumbers"]] == ["Y-SOON", "Y-LATE"]
    assert boss.get("/api/GoodsIssue", warehouseCode=WAREHOUSE).json()["totalCount"] == 2
    assert boss.get("/api/GoodsIssue", warehouseCode=OTHER).json()["totalCount"] == 0
    assert {row["code"] for row in boss.get("/api/GoodsIssue/reasons").json()} == {
        "missing",
        "damaged",
    }
    sound(house)


def test_goods_come_in_with_their_batches(house: House) -> None:
    boss = house.as_role("Manager")
    lot = {"batchNumber": "Y-FOUND", "quantity": 4, "expiryDate": "2027-02-01"}
    given = movement("YOGHURT", 4, reason="found", line={"batchNumbers": [lot], "unitCost": 0.9})
    told = boss.post("/api/GoodsReceipt", given).json()
    assert (told["number"], told["lines"][0]["unitCost"]) == ("GR-000001", 0.9)
    assert lots(house)["Y-FOUND"] == 4
    bare = movement("YOGHURT", 4, reason="found")
    assert boss.post("/api/GoodsReceipt", bare).json()["code"] == "batches_wanted"
    odd = movement("MILK", 4, reason="found", line={"batchNumbers": [lot]})
    assert boss.post("/api/GoodsReceipt", odd).json()["code"] == "batches_not_wanted"
    sound(house)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (movement(reason="weather"), "reason_unknown"),
        (movement(reason="found"), "reason_unknown"),
        (movement(quantity=101), "insufficient_stock"),
        (movement(warehouseCode="OLD"), "warehouse_invalid"),
        (movement("NOTHING"), "items_unknown"),
        (movement(quantity=0.5), "quantity_invalid"),
    ],
)
def test_what_cannot_leave_stays(house: House, given: dict[str, Any], code: str) -> None:
    answer = house.as_role("Manager").post("/api/GoodsIssue", given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert on_hand(house.shop, "MILK") == 100


def test_the_same_reference_is_the_same_issue(house: House) -> None:
    boss = house.as_role("Manager")
    given = movement(externalReference="GI/7")
    numbers = {boss.post("/api/GoodsIssue", given).json()["number"] for _ in range(2)}
    assert (numbers, on_hand(house.shop, "MILK")) == ({"GI-000001"}, 97)
    answer = boss.post("/api/GoodsIssue", given | {"reason": "missing"})
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_conflict")


def entered(*lines: tuple[str, Any, str]) -> dict[str, Any]:
    return {
        "lines": [
            {"itemCode": item, "quantity": quantity, "batchNumber": batch or None}
            for item, quantity, batch in lines
        ]
    }


def test_a_count_goes_on_while_the_shop_sells(house: House) -> None:
    counter, boss = house.as_role("StockController"), house.as_role("Manager")
    made = counter.post(COUNT, {"warehouseCode": WAREHOUSE}).json()
    path = f"{COUNT}/{made['id']}"
    assert (made["number"], made["status"], made["isBlind"]) == ("CNT-000001", "Open", True)
    assert counter.post(f"{path}/lock").json()["code"] == "count_empty"
    counter.put(f"{path}/lines", entered(("MILK", 99, ""), ("YOGHURT", 4, "Y-SOON")))
    told = counter.put(f"{path}/lines", entered(("MILK", 98, ""), ("BREAD", 100, ""))).json()
    assert {(row["itemCode"], row["quantity"], row["book"]) for row in told["lines"]} == {
        ("BREAD", 100, None),
        ("MILK", 98, None),
        ("YOGHURT", 4, None),
    }
    house.as_role("Admin").post("/api/Invoice", invoice_body())
    told = counter.post(f"{path}/lock").json()
    assert [row["difference"] for row in told["lines"]] == [0, -2, -1]
    answer = counter.put(f"{path}/lines", entered(("MILK", 1, "")))
    assert (answer.status_code, answer.json()["code"]) == (409, "count_closed")
    assert counter.post(f"{path}/post").status_code == 403
    told = boss.post(f"{path}/post").json()
    assert (told["status"], told["sapStatus"]) == ("Posted", "Pending")
    assert on_hand(house.shop, "MILK") == 88, "sold ten meanwhile, two were missing"
    assert lots(house)["Y-SOON"] == 4
    assert boss.post(f"{path}/post").status_code == 409
    assert boss.post(f"{path}/cancel").status_code == 409
    sound(house)


def test_nobody_books_what_they_counted(house: House) -> None:
    boss = house.as_role("Manager")
    made = boss.post(COUNT, {"warehouseCode": WAREHOUSE, "isBlind": False}).json()
    path = f"{COUNT}/{made['id']}"
    told = boss.put(f"{path}/lines", entered(("MILK", 90, ""))).json()
    assert told["lines"][0]["book"] == 100
    boss.post(f"{path}/lock")
    answer = boss.post(f"{path}/post")
    assert (answer.status_code, answer.json()["code"]) == (409, "own_count")
    assert boss.post(f"{path}/recount").json()["status"] == "Open"
    assert boss.post(f"{path}/cancel").json()["status"] == "Cancelled"
    assert on_hand(house.shop, "MILK") == 100
    assert boss.get(COUNT).json()["totalCount"] == 1
    sound(house)


def test_a_count_that_finds_nothing_off_is_not_told_to_sap(house: House) -> None:
    counter = house.as_role("StockController")
    made = counter.post(COUNT, {"warehouseCode": WAREHOUSE}).json()
    path = f"{COUNT}/{made['id']}"
    counter.put(f"{path}/lines", entered(("MILK", 100, "")))
    counter.post(f"{path}/lock")
    told = house.as_role("Manager").post(f"{path}/post").json()
    assert (told["status"], told["sapStatus"]) == ("Posted", None)
    sound(house)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("NOTHING", 1, ""), "items_unknown"),
        (("YOGHURT", 1, ""), "batches_wanted"),
        (("MILK", 1, "B"), "batches_not_wanted"),
        (("MILK", 0.5, ""), "quantity_invalid"),
    ],
)
def test_what_makes_no_sense_is_not_entered(
    house: House, line: tuple[str, Any, str], code: str
) -> None:
    counter = house.as_role("StockController")
    made = counter.post(COUNT, {"warehouseCode": WAREHOUSE}).json()
    answer = counter.put(f"{COUNT}/{made['id']}/lines", entered(line))
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_controller_counts_their_own_warehouses(house: House) -> None:
    answer = house.as_role("DepotController").post(COUNT, {"warehouseCode": WAREHOUSE})
    assert (answer.status_code, answer.json()["code"]) == (403, "warehouse_not_yours")
