"""Goods between warehouses: moved at once or by way of transit, asked for, approved, received."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.services.check import invariants
from pos_app.services.posting.work import work
from pos_app.store import movement as movements
from pos_app.store import stock
from tests.api.house import OTHER, WAREHOUSE, House, build, on_hand

PATH = "/api/InventoryTransfer"
DESKTOP = "/api/DesktopIntegration"
SEED = {"docEntry", "docNum", "docDate", "dueDate", "fromWarehouse", "toWarehouse", "comments"}
SEED_LINE = {
    "lineNum", "itemCode", "itemDescription", "quantity", "fromWarehouseCode", "toWarehouseCode",
    "uoMCode",
}  # fmt: skip


def body(item: str = "MILK", quantity: Any = 20, **more: Any) -> dict[str, Any]:
    line = {"itemCode": item, "quantity": quantity} | more.pop("line", {})
    return {"fromWarehouse": WAREHOUSE, "toWarehouse": OTHER, "lines": [line]} | more


@pytest.fixture
def strict(house: House) -> Iterator[House]:
    """A shop whose transfers need an approval."""
    usual = house.shop.rules
    wanted = replace(usual.stock, needs_approval=True)
    object.__setattr__(house.shop, "rules", replace(usual, stock=wanted))
    yield house
    object.__setattr__(house.shop, "rules", usual)


def lots(house: House, place: str) -> dict[str, Decimal]:
    with house.shop.store.read() as connection:
        rows = stock.batches_of(connection, [("YOGHURT", place)])
    return {row["batch"]: row["on_hand"] for row in rows}


def sound(house: House) -> None:
    assert invariants.check(house.shop, is_server=True) == []


def test_goods_move_at_once_and_are_answered_as_documented(house: House) -> None:
    given = body(docDate="2026-11-01", dueDate="2026-11-05", comments="Restock")
    answer = house.as_role("StockController").post(PATH, given)
    told = answer.json()
    assert answer.status_code == 202, "SAP has not heard of it yet"
    assert set(told["transfer"]) >= SEED | {"lines"}
    assert set(told["transfer"]["lines"][0]) >= SEED_LINE
    assert (told["wasQueued"], told["queueStatus"]) == (True, "Pending")
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "MILK", OTHER)) == (80, 27)
    for path in ("", "/detail"):
        seen = house.as_role("User").get(f"{PATH}{path}/{told['transfer']['docEntry']}").json()
        assert seen == told["transfer"]
    status = house.as_role("User").get(f"{PATH}/status/{told['transfer']['docEntry']}").json()
    assert (status["status"], status["postedAt"]) == ("Pending", None)
    sound(house)


def test_batches_leave_by_first_expiry_and_keep_their_last_day(house: House) -> None:
    told = house.as_role("Admin").post(PATH, body("YOGHURT", 7)).json()["transfer"]
    assert told["lines"][0]["batchNumbers"] == [
        {"batchNumber": "Y-SOON", "quantity": 5},
        {"batchNumber": "Y-LATE", "quantity": 2},
    ]
    assert lots(house, WAREHOUSE) == {"Y-SOON": 0, "Y-LATE": 28}
    assert lots(house, OTHER) == {"Y-SOON": 5, "Y-LATE": 2}
    with house.shop.store.read() as connection:
        rows = stock.batches_of(connection, [("YOGHURT", OTHER)])
        here = stock.batches_of(connection, [("YOGHURT", WAREHOUSE)])
    assert [row["expiry"] for row in rows] == [row["expiry"] for row in here]
    sound(house)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (body(toWarehouse=WAREHOUSE), "same_warehouse"),
        (body(toWarehouse="NOWHERE"), "warehouse_invalid"),
        (body(toWarehouse="OLD"), "warehouse_invalid"),
        (body("NOTHING"), "items_unknown"),
        (body(quantity=0.5), "quantity_invalid"),
        (body(quantity=101), "insufficient_stock"),
        (
            body("YOGHURT", 3, line={"batchNumbers": [{"batchNumber": "Y-LATE", "quantity": 2}]}),
            "insufficient_stock",
        ),
        (
            body("YOGHURT", 3, line={"batchNumbers": [{"batchNumber": "NONE", "quantity": 3}]}),
            "insufficient_stock",
        ),
    ],
)
def test_what_cannot_move_is_400_and_leaves_nothing(
    house: House, given: dict[str, Any], code: str
) -> None:
    answer = house.as_role("Admin").post(PATH, given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert on_hand(house.shop, "MILK") == 100
    assert house.as_role("Admin").get(f"{PATH}/{WAREHOUSE}").json()["totalCount"] == 0


def test_wrong_fields_are_named(quick: House) -> None:
    cases = [
        ({"toWarehouse": OTHER, "lines": [{"itemCode": "MILK", "quantity": 1}]}, "lines[0].from"),
        (body(quantity=-1), "lines[0].quantity"),
        (body(lines=[]), "lines"),
        (body(line={"serialNumbers": [{"internalSerialNumber": "S"}]}), "lines[0].serialNumbers"),
    ]
    for given, name in cases:
        answer = quick.as_role("Admin").post(PATH, given)
        assert answer.status_code == 400
        assert next(iter(answer.json()["errors"])).startswith(name)


def test_a_controller_moves_goods_out_of_their_own_warehouses_only(house: House) -> None:
    answer = house.as_role("DepotController").post(PATH, body())
    assert (answer.status_code, answer.json()["code"]) == (403, "warehouse_not_yours")


def test_transit_takes_goods_out_and_brings_them_in_when_received(house: House) -> None:
    sent = house.as_role("StockController").post(PATH, body(inTransit=True))
    assert (sent.status_code, sent.json()["queueId"]) == (201, None)
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "MILK", OTHER)) == (80, 7)
    sound(house)
    entry = sent.json()["transfer"]["docEntry"]
    path = f"{PATH}/{entry}/receive"
    assert house.as_role("StockController").post(path).json()["code"] == "warehouse_not_yours"
    got = house.as_role("DepotController").post(path)
    assert (got.status_code, got.json()["queueStatus"]) == (200, "Pending")
    assert got.json()["transfer"]["lines"][0]["quantityReceived"] == 20
    assert on_hand(house.shop, "MILK", OTHER) == 27
    assert house.as_role("DepotController").post(path).status_code == 409
    sound(house)


def test_what_did_not_arrive_is_issued_for_its_reason(house: House) -> None:
    sent = house.as_role("Admin").post(PATH, body("YOGHURT", 7, inTransit=True)).json()
    path = f"{PATH}/{sent['transfer']['docEntry']}/receive"
    short = {"lineNum": 0, "quantityReceived": 4}
    caller = house.as_role("Admin")
    for line, why in (
        (short, "say why"),
        (short | {"reason": "weather"}, "no reason"),
        (short | {"reason": "damaged"}, "each batch"),
        (short | {"quantityReceived": 9, "reason": "damaged"}, "goods receipt"),
        (short | {"lineNum": 4}, "was not sent"),
    ):
        answer = caller.post(path, {"lines": [line]})
        assert answer.status_code == 400
        assert why in answer.json()["error"]
    arrived = [{"batchNumber": "Y-SOON", "quantity": 4}]
    line = short | {"reason": "damaged", "batchNumbers": arrived}
    told = caller.post(path, {"lines": [line]}).json()["transfer"]["lines"][0]
    assert (told["quantity"], told["quantityReceived"], told["reason"]) == (7, 4, "damaged")
    assert lots(house, OTHER) == {"Y-SOON": 4}
    assert lots(house, WAREHOUSE) == {"Y-SOON": 0, "Y-LATE": 28}
    with house.shop.store.read() as connection:
        total, [issue] = movements.page(connection, "issue", offset=0, limit=9)
        moves = stock.moves_of(connection, issue["id"])
    assert (total, issue["reason"]) == (1, "damaged")
    assert {(move["batch"], move["quantity"]) for move in moves} == {("Y-SOON", -1), ("Y-LATE", -2)}
    sound(house)


def test_a_transfer_comes_back_until_sap_has_heard_of_it(house: House) -> None:
    caller = house.as_role("StockController")
    for given in (body(), body(inTransit=True)):
        entry = caller.post(PATH, given).json()["transfer"]["docEntry"]
        answer = caller.post(f"{PATH}/{entry}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "Cancelled")
        assert caller.post(f"{PATH}/{entry}/cancel").status_code == 409
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "MILK", OTHER)) == (100, 7)
    sound(house)


def test_a_request_becomes_a_transfer_once(house: House) -> None:
    caller = house.as_role("Admin")
    asked = caller.post(f"{PATH}/request", body(requesterName="Rudo")).json()["transferRequest"]
    assert (asked["documentStatus"], asked["requesterName"]) == ("Open", "Rudo")
    assert on_hand(house.shop, "MILK") == 100
    path = f"{PATH}/request/{asked['docEntry']}"
    made = caller.post(f"{path}/convert").json()
    assert made["requestDocEntry"] == asked["docEntry"]
    assert on_hand(house.shop, "MILK") == 80
    assert caller.get(path).json()["documentStatus"] == "Closed"
    assert caller.post(f"{path}/convert").status_code == 409
    assert caller.post(f"{path}/close").status_code == 409
    other = caller.post(f"{DESKTOP}/transfer-requests", body()).json()
    assert caller.post(f"{DESKTOP}/transfer-requests/{other['docEntry']}/close").status_code == 204
    listed = caller.get(f"{PATH}/requests/{OTHER}").json()
    assert [row["status"] for row in listed["transferRequests"]] == ["Closed", "Converted"]
    assert caller.get(f"{PATH}/requests", openOnly=True).json()["totalCount"] == 0
    sound(house)


def test_of_two_who_convert_at_once_one_does(house: House) -> None:
    caller = house.as_role("Admin")
    asked = caller.post(f"{PATH}/request", body(quantity=5)).json()["transferRequest"]
    path = f"{PATH}/request/{asked['docEntry']}/convert"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: caller.post(path).status_code, range(6)))
    assert sorted(answers) == [202] + [409] * 5
    assert on_hand(house.shop, "MILK") == 95


def test_where_approval_is_needed_somebody_else_decides(strict: House) -> None:
    asker, boss = strict.as_role("StockController"), strict.as_role("Manager")
    assert asker.post(PATH, body()).json()["code"] == "transfer_request_needed"
    asked = asker.post(f"{PATH}/request", body()).json()["transferRequest"]
    path = f"{PATH}/request/{asked['docEntry']}"
    assert asker.post(f"{path}/convert").json()["code"] == "transfer_approval_needed"
    assert asker.post(f"{path}/approve").status_code == 403
    told = boss.post(f"{path}/approve", {"comments": "before Friday"}).json()
    assert (told["status"], told["decision"]) == ("Approved", "before Friday")
    assert asker.post(f"{path}/convert").status_code == 202
    own = boss.post(f"{PATH}/request", body()).json()["transferRequest"]
    answer = boss.post(f"{PATH}/request/{own['docEntry']}/approve")
    assert (answer.status_code, answer.json()["code"]) == (403, "own_approval")
    answer = boss.post(f"{PATH}/request/{own['docEntry']}/reject", {"comments": "no"})
    assert answer.json()["status"] == "Rejected"
    sound(strict)


def test_a_repeated_reference_is_the_same_transfer(house: House) -> None:
    caller = house.as_role("Admin")
    given = body(externalReference="TRF-1", isTransferRequest=False)
    first = caller.post(f"{DESKTOP}/transfers", given).json()
    again = caller.post(f"{DESKTOP}/transfers", given).json()
    assert first["transfer"] == again["transfer"]
    assert on_hand(house.shop, "MILK") == 80
    answer = caller.post(f"{DESKTOP}/transfers", given | {"comments": "other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_conflict")


def test_a_queued_transfer_is_followed_cancelled_and_counted(house: House) -> None:
    caller = house.as_role("Admin")
    given = body(externalReference="TRF/1", isTransferRequest=False, priority=5)
    told = caller.post(f"{DESKTOP}/transfers/queued", given).json()
    assert (told["success"], told["status"]) == (True, "Pending")
    seen = caller.get(told["statusUrl"]).json()
    assert (seen["totalQuantity"], seen["isTransferRequest"]) == (20, False)
    assert (seen["fromWarehouse"], seen["toWarehouse"]) == (WAREHOUSE, OTHER)
    asked = caller.post(f"{DESKTOP}/transfers/queued", body(sourceSystem="VAN")).json()
    assert asked["externalReference"].startswith("DESKTOP-TRF-")
    rows = caller.get(f"{DESKTOP}/transfer-queue").json()
    assert [row["isTransferRequest"] for row in rows] == [False, True], "the urgent one first"
    mine = caller.get(f"{DESKTOP}/transfer-queue", sourceSystem="VAN").json()
    assert [row["externalReference"] for row in mine] == [asked["externalReference"]]
    stats = caller.get(f"{DESKTOP}/transfer-queue/stats").json()
    assert (stats["pending"], stats["totalQuantityPending"]) == (2, 40)
    assert caller.get(f"{DESKTOP}/transfer-queue/review").json() == []
    for row in rows:
        path = f"{DESKTOP}/transfer-queue/{row['queueId']}"
        assert caller.post(f"{path}/retry").json()["status"] == "Pending"
        assert caller.delete(path).status_code == 204
        assert caller.delete(path).status_code == 409
        assert caller.post(f"{path}/retry").status_code == 409
    assert on_hand(house.shop, "MILK") == 100
    assert caller.get(f"{DESKTOP}/transfer-queue/NOTHING").status_code == 404
    sound(house)


def test_a_transfer_can_be_judged_without_moving_anything(house: House) -> None:
    caller = house.as_role("Admin")
    good = caller.post(f"{DESKTOP}/transfers/validate", body()).json()
    assert (good["isValid"], good["errors"], good["linesValidated"]) == (True, [], 1)
    for given in (body(quantity=101), body(toWarehouse="NOWHERE"), body("NOTHING")):
        bad = caller.post(f"{DESKTOP}/transfers/validate", given)
        assert (bad.status_code, bad.json()["isValid"]) == (200, False)
        assert bad.json()["errors"][0]["message"]
    assert on_hand(house.shop, "MILK") == 100


def test_lists_are_of_a_warehouse_and_of_days(house: House) -> None:
    caller = house.as_role("Admin")
    for day in ("2026-11-01", "2026-11-02"):
        caller.post(PATH, body(quantity=1, docDate=day))
    for place in (WAREHOUSE, OTHER):
        assert caller.get(f"{PATH}/{place}").json()["totalCount"] == 2
    page = caller.get(f"{PATH}/{OTHER}/paged", page=2, pageSize=1).json()
    assert ([row["docDate"] for row in page["transfers"]], page["hasMore"]) == (
        ["2026-11-01"],
        False,
    )
    day = caller.get(f"{PATH}/{OTHER}/date/2026-11-02").json()
    assert (day["date"], day["count"]) == ("2026-11-02", 1)
    days = caller.get(f"{PATH}/{OTHER}/daterange", fromDate="2026-11-02").json()
    assert (days["fromDate"], days["count"]) == ("2026-11-02", 1)
    rows = caller.get(f"{DESKTOP}/transfers/warehouse/{OTHER}/date-range", toDate="2026-11-01")
    assert [row["docDate"] for row in rows.json()] == ["2026-11-01"]
    assert len(caller.get(f"{DESKTOP}/transfers/warehouse/{OTHER}").json()) == 2
    assert len(caller.get(f"{DESKTOP}/transfers/warehouse/{OTHER}/paged").json()) == 2
    assert caller.get(f"{PATH}/NOWHERE").status_code == 404
    assert caller.get(f"{PATH}/{OTHER}/date/yesterday").status_code == 400
    assert caller.get(f"{PATH}/99999999999999999999").status_code == 404


def test_without_sap_a_transfer_goes_by_the_same_queue_into_the_books(sqlite_store: Any) -> None:
    house = build(sqlite_store, has_sap=False)
    caller = house.as_role("Admin")
    answer = caller.post(PATH, body())
    assert (answer.status_code, answer.json()["wasQueued"]) == (202, True)
    work(house.shop, None, owner="w")
    entry = answer.json()["transfer"]["docEntry"]
    status = caller.get(f"{PATH}/status/{entry}").json()
    assert (status["status"], status["postedAt"] is None) == ("Completed", False)
    sound(house)


def test_goods_that_cross_each_other_never_lock_each_other_out(house: House) -> None:
    """Both warehouses of each item are locked in one order, whoever sends what where."""
    caller = house.as_role("Admin")
    caller.post(PATH, body("BREAD", 50))
    caller.post(PATH, body("MILK", 50))

    def send(turn: int) -> int:
        ends = (WAREHOUSE, OTHER) if turn % 2 else (OTHER, WAREHOUSE)
        items = ("MILK", "BREAD") if turn % 3 else ("BREAD", "MILK")
        lines = [{"itemCode": item, "quantity": 1} for item in items]
        given = {"fromWarehouse": ends[0], "toWarehouse": ends[1], "lines": lines}
        return int(caller.post(PATH, given).status_code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    assert answers == [202] * 24
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "MILK", OTHER)) == (50, 57)
    sound(house)
