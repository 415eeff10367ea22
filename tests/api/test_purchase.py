"""Purchase orders: drafted, approved, received with batches and never above what was ordered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pos_app.services.check import invariants
from pos_app.store import stock
from tests.api.house import OTHER, WAREHOUSE, House, on_hand

PATH = "/api/PurchaseOrder"
SEED = {
    "id", "sapDocEntry", "sapDocNum", "orderNumber", "orderDate", "deliveryDate", "cardCode",
    "cardName", "supplierRefNo", "status", "statusName", "comments", "currency", "exchangeRate",
    "subTotal", "taxAmount", "discountPercent", "discountAmount", "docTotal", "warehouseCode",
    "lines",
}  # fmt: skip


def body(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    usual = {"itemCode": "MILK", "quantity": 100, "unitPrice": 15.0, "taxPercent": 15.5}
    return {"cardCode": "S0001", "warehouseCode": WAREHOUSE, "lines": lines or [usual]} | more


def order(house: House, *lines: dict[str, Any], **more: Any) -> int:
    """An approved order."""
    boss = house.as_role("Manager")
    made: int = boss.post(PATH, body(*lines, **more)).json()["id"]
    assert boss.post(f"{PATH}/{made}/approve").status_code == 200
    return made


def arrived(quantity: Any, item: str = "MILK", line: int = 0, **more: Any) -> dict[str, Any]:
    return {"lines": [{"lineNum": line, "itemCode": item, "quantityReceived": quantity} | more]}


def test_a_draft_is_answered_as_documented(house: House) -> None:
    answer = house.as_role("Manager").post(PATH, body(supplierRefNo="SREF-1"))
    told = answer.json()
    assert answer.status_code == 201
    assert set(told) >= SEED
    assert told["orderNumber"] == "PO-20261102-0001"
    assert (told["subTotal"], told["taxAmount"], told["docTotal"]) == (1500, 232.5, 1732.5)
    assert (told["status"], told["lines"][0]["quantityRemaining"]) == ("Draft", 100)
    caller = house.as_role("Manager")
    for path in (f"{PATH}/{told['id']}", f"{PATH}/number/{told['orderNumber']}"):
        assert caller.get(path).json() == told
    second = caller.post(PATH, body()).json()
    assert second["orderNumber"] == "PO-20261102-0002"


def test_discounts_lie_before_the_tax(quick: House) -> None:
    line = {"itemCode": "MILK", "quantity": 50, "unitPrice": 25.99, "taxPercent": 15.5}
    told = quick.as_role("Manager").post(PATH, body(line, discountPercent=5)).json()
    assert (told["subTotal"], told["discountAmount"]) == (1299.50, 64.97)
    assert told["taxAmount"] == 191.35
    assert told["docTotal"] == 1425.88


def test_a_draft_is_changed_and_moved_on_and_nothing_else(house: House) -> None:
    caller = house.as_role("Manager")
    made = caller.post(PATH, body()).json()
    line = {"itemCode": "BREAD", "quantity": 2, "unitPrice": 1}
    told = caller.put(f"{PATH}/{made['id']}", body(line, comments="two")).json()
    assert ([row["itemCode"] for row in told["lines"]], told["comments"]) == (["BREAD"], "two")
    told = caller.put(f"{PATH}/{made['id']}", body(status="Approved")).json()
    assert (told["status"], told["approvedByUserName"]) == ("Approved", "the-manager")
    assert told["sapStatus"] == "Pending"
    answer = caller.put(f"{PATH}/{made['id']}", body())
    assert (answer.status_code, answer.json()["code"]) == (409, "purchase_not_draft")
    assert caller.post(f"{PATH}/{made['id']}/approve").status_code == 409


def test_states_go_where_they_may(house: House) -> None:
    caller = house.as_role("Admin")
    made = caller.post(PATH, body()).json()["id"]
    path = f"{PATH}/{made}/status"

    def move(state: Any) -> Any:
        return caller.client.patch(path, json={"status": state}, headers=caller.headers)

    assert move("pending").json()["status"] == "Pending"
    assert move(6).json()["status"] == "OnHold"
    assert move("Approved").status_code == 409
    assert move("Pending").status_code == 200
    assert move("nonsense").status_code == 400
    assert move("Received").status_code == 409
    assert move("Cancelled").status_code == 200
    assert caller.delete(f"{PATH}/{made}").status_code == 204
    assert caller.get(f"{PATH}/{made}").status_code == 404
    kept = order(house)
    assert caller.delete(f"{PATH}/{kept}").status_code == 409


def test_goods_come_in_up_to_what_was_ordered(house: House) -> None:
    made = order(house)
    path, boss = f"{PATH}/{made}/receive", house.as_role("Manager")
    told = boss.post(path, arrived(45)).json()
    assert (told["status"], told["lines"][0]["quantityReceived"]) == ("PartiallyReceived", 45)
    assert on_hand(house.shop, "MILK") == 145
    answer = boss.post(path, arrived(56))
    assert (answer.status_code, answer.json()["code"]) == (400, "over_received")
    assert on_hand(house.shop, "MILK") == 145
    told = boss.post(path, arrived(55, warehouseCode=OTHER)).json()
    assert (told["status"], on_hand(house.shop, "MILK", OTHER)) == ("Received", 62)
    assert boss.post(path, arrived(1)).status_code == 409
    assert invariants.check(house.shop, is_server=True) == []


def test_batches_are_born_where_they_arrive(house: House) -> None:
    line = {"itemCode": "YOGHURT", "quantity": 20, "unitPrice": 1}
    path = f"{PATH}/{order(house, line)}/receive"
    boss = house.as_role("Manager")
    assert boss.post(path, arrived(5, "YOGHURT")).json()["code"] == "batches_wanted"
    parts = [
        arrived(5, "YOGHURT", batchNumber="Y-NEW", expiryDate="2027-03-31")["lines"][0],
        arrived(2, "YOGHURT", batchNumber="Y-SOON")["lines"][0],
    ]
    assert boss.post(path, {"lines": parts}).status_code == 200
    with house.shop.store.read() as connection:
        rows = {row["batch"]: row for row in stock.batches_of(connection, [("YOGHURT", WAREHOUSE)])}
    assert (rows["Y-NEW"]["on_hand"], str(rows["Y-NEW"]["expiry"])) == (5, "2027-03-31")
    assert (rows["Y-SOON"]["on_hand"], str(rows["Y-SOON"]["expiry"])) == (7, "2026-11-20")
    assert invariants.check(house.shop, is_server=True) == []


def test_a_batch_number_of_other_goods_is_only_written_down(house: House) -> None:
    path = f"{PATH}/{order(house)}/receive"
    answer = house.as_role("Manager").post(path, arrived(5, batchNumber="B2026-005"))
    assert (answer.status_code, on_hand(house.shop, "MILK")) == (200, 105)
    assert invariants.check(house.shop, is_server=True) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (arrived(1, line=7), "purchase_line_unknown"),
        (arrived(1, item="BREAD"), "purchase_line_unknown"),
        (arrived(0.5), "quantity_invalid"),
        (arrived(1, warehouseCode="NOWHERE"), "warehouse_invalid"),
    ],
)
def test_what_does_not_fit_the_order_is_refused(
    house: House, given: dict[str, Any], code: str
) -> None:
    path = f"{PATH}/{order(house)}/receive"
    answer = house.as_role("Manager").post(path, given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert on_hand(house.shop, "MILK") == 100


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (body(cardCode="NOBODY"), "supplier_unusable"),
        (body(cardCode="C0001"), "supplier_unusable"),
        (body(currency="XXX"), "unmapped_currency"),
        (body(warehouseCode=None), "warehouse_missing"),
        (body(warehouseCode="OLD"), "warehouse_invalid"),
        (body({"itemCode": "NOTHING", "quantity": 1}), "items_unknown"),
        (body({"itemCode": "MILK", "quantity": 0.5}), "quantity_invalid"),
    ],
)
def test_what_makes_no_sense_is_not_kept(house: House, given: dict[str, Any], code: str) -> None:
    answer = house.as_role("Manager").post(PATH, given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert house.as_role("Manager").get(PATH).json()["totalCount"] == 0


def test_a_draft_is_not_received(house: House) -> None:
    made = house.as_role("Manager").post(PATH, body()).json()["id"]
    answer = house.as_role("Manager").post(f"{PATH}/{made}/receive", arrived(1))
    assert (answer.status_code, answer.json()["code"]) == (409, "purchase_not_receivable")


def test_ten_at_once_never_receive_too_much(house: House) -> None:
    path = f"{PATH}/{order(house)}/receive"
    caller = house.as_role("Manager")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: caller.post(path, arrived(15)).status_code, range(10)))
    assert sorted(found) == [200] * 6 + [400] * 4
    assert on_hand(house.shop, "MILK") == 190


def test_the_same_arrival_twice_is_one(house: House) -> None:
    path, boss = f"{PATH}/{order(house)}/receive", house.as_role("Manager")
    for _ in range(2):
        assert boss.post(path, arrived(15), Idempotency_Key="gr-1").status_code == 200
    assert on_hand(house.shop, "MILK") == 115


def test_lists_are_filtered(house: House) -> None:
    caller = house.as_role("Manager")
    order(house)
    caller.post(PATH, body())
    assert caller.get(PATH).json()["totalCount"] == 2
    page = caller.get(PATH, status="approved", cardCode="S0001", pageSize=1).json()
    assert ([row["status"] for row in page["orders"]], page["hasMore"]) == (["Approved"], False)
    assert caller.get(PATH, fromDate="2026-11-03").json()["totalCount"] == 0
    assert caller.get(f"{PATH}/sap").json()["totalCount"] == 0
    assert caller.get(PATH, status="odd").status_code == 400
    for number in (1, 2**31, 2**63 - 1):
        assert caller.get(f"{PATH}/sap/{number}").status_code == 404
    assert caller.get(f"{PATH}/number/PO-1").status_code == 404
