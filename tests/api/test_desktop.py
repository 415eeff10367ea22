"""Reservations, queued invoices and judged batches over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_app.services import reservation
from pos_app.store import reservation as reservations
from tests.api.house import WAREHOUSE, House, build, on_hand

RESERVATIONS = "/api/DesktopIntegration/reservations"
QUEUE = "/api/DesktopIntegration/invoices/queue"
STATUS = "/api/DesktopIntegration/invoices/queue-status"
VALIDATE = "/api/DesktopIntegration/validate-batch-allocation"


def line(item: str, quantity: Any, **more: Any) -> dict[str, Any]:
    return {"itemCode": item, "quantity": quantity, "warehouseCode": WAREHOUSE} | more


def ask(reference: str = "R-1", **changes: Any) -> dict[str, Any]:
    return {
        "externalReferenceId": reference,
        "externalReference": "Desktop Invoice",
        "sourceSystem": "DesktopApp",
        "documentType": "Invoice",
        "cardCode": "C0001",
        "currency": "USD",
        "requiresFiscalization": True,
        "priority": 1,
        "notes": "",
        "lines": [line("MILK", 10, lineNum=0, unitPrice=1.99), line("YOGHURT", 7, lineNum=1)],
    } | changes


def reserve(house: House, *given: Any, role: str = "ApiUser", **changes: Any) -> Any:
    return house.as_role(role).post(RESERVATIONS, ask(*given, **changes))


def test_a_reservation_is_answered_whole(house: House) -> None:
    answer = reserve(house)
    told = answer.json()
    assert answer.status_code == 201
    assert (told["success"], told["errors"], told["warnings"]) == (True, [], [])
    held = told["reservation"]
    assert (held["status"], held["renewalCount"], held["createdBy"]) == (
        "Pending",
        0,
        "the-apiuser",
    )
    assert held["expiresAt"] == "2026-11-02T07:00:00Z"
    assert held["totalValue"] == 36.35, "10 x 1.99 as asked, 7 x 2.35 as the customer pays"
    assert held["cardName"] == "Corner Canteen"
    assert [row["lineNum"] for row in held["lines"]] == [0, 1]
    taken = {row["batchNumber"]: row["reservedQuantity"] for row in
             held["lines"][1]["batchAllocations"]}  # fmt: skip
    assert taken == {"Y-SOON": 5, "Y-LATE": 2}
    assert on_hand(house.shop, "MILK") == 100, "held, not taken"
    for key in (held["reservationId"], "R-1"):
        assert house.as_role("User").get(f"{RESERVATIONS}/{key}").json() == held
    assert house.as_role("User").get(f"{RESERVATIONS}/nothing").status_code == 404


def test_the_same_reference_gives_the_first_while_it_is_pending(house: House) -> None:
    first = reserve(house).json()["reservation"]
    again = reserve(house, lines=[line("BREAD", 1)])
    assert again.status_code == 200
    assert again.json()["reservation"] == first
    assert len(again.json()["warnings"]) == 1
    house.clock.sleep(3600)
    over = reserve(house)
    assert (over.status_code, over.json()["code"]) == (409, "duplicate_reference")


def test_pending_reservations_stand_in_each_others_way(house: House) -> None:
    assert reserve(house, "A", lines=[line("YOGHURT", 30)]).status_code == 201
    refused = reserve(house, "B", lines=[line("YOGHURT", 6), line("MILK", 101), line("NO", 1)])
    told = refused.json()
    assert (refused.status_code, told["success"], told["reservation"]) == (400, False, None)
    assert [(row["errorCode"], row["itemCode"]) for row in told["errors"]] == [
        ("INSUFFICIENT_STOCK", "YOGHURT"),
        ("INSUFFICIENT_STOCK", "MILK"),
        ("ITEM_NOT_FOUND", "NO"),
    ]
    assert told["errors"][0]["availableQuantity"] == 5
    assert told["error"] == told["message"]
    house.clock.sleep(3600)
    assert reserve(house, "B", lines=[line("YOGHURT", 35)]).status_code == 201


def test_ten_at_once_with_one_reference_make_one(house: House) -> None:
    caller = house.as_role("ApiUser")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: caller.post(RESERVATIONS, ask()), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["reservation"]["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"reservationDurationMinutes": 0}, 400),
        ({"reservationDurationMinutes": 1441}, 400),
        ({"reservationDurationMinutes": 1}, 201),
        ({"documentType": "Party"}, 400),
        ({"cardCode": "NOBODY"}, 400),
        ({"currency": "EUR"}, 400),
        ({"externalReferenceId": " "}, 400),
        ({"sourceSystem": None}, 400),
        ({"lines": []}, 400),
        ({"lines": [line("MILK", 1.5)]}, 400),
    ],
)
def test_what_a_reservation_takes(quick: House, change: dict[str, Any], status: int) -> None:
    assert reserve(quick, **change).status_code == status


def test_confirming_makes_an_invoice_of_the_very_batches(house: House) -> None:
    held = reserve(house).json()["reservation"]
    path = f"{RESERVATIONS}/{held['reservationId']}/confirm"
    answer = house.as_role("Cashier").put(path, {"numAtCard": "PO-7", "comments": "thanks"})
    told = answer.json()
    assert (answer.status_code, told["success"], told["wasQueued"]) == (200, True, True)
    made = told["invoice"]
    assert (made["numAtCard"], made["comments"], made["docTotal"]) == ("PO-7", "thanks", 36.35)
    taken = {row["batchNumber"]: row["quantity"] for row in made["lines"][1]["batchNumbers"]}
    assert taken == {"Y-SOON": 5, "Y-LATE": 2}
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "YOGHURT")) == (90, 28)
    seen = house.as_role("User").get(f"{RESERVATIONS}/{held['reservationId']}").json()
    assert (seen["status"], seen["confirmedAt"]) == ("Confirmed", "2026-11-02T06:00:00Z")
    status = house.as_role("User").get(told["statusUrl"]).json()
    assert (status["queueId"], status["externalReference"]) == (told["queueId"], "R-1")
    for again in (house.as_role("Cashier").put(path), cancel(house, held)):
        assert (again.status_code, again.json()["code"]) == (409, "move_refused")
    assert on_hand(house.shop, "MILK") == 90


def test_confirming_needs_no_body_and_takes_the_reference_along(house: House) -> None:
    held = reserve(house).json()["reservation"]
    told = house.as_role("Cashier").put(f"{RESERVATIONS}/R-1/confirm").json()
    assert told["invoice"]["numAtCard"] == "R-1"
    assert told["reservationId"] == held["reservationId"]


def test_a_reservation_that_ran_out_is_not_confirmed(house: House) -> None:
    held = reserve(house, reservationDurationMinutes=5).json()["reservation"]
    house.clock.sleep(300)
    late = house.as_role("Cashier").put(f"{RESERVATIONS}/R-1/confirm")
    assert (late.status_code, late.json()["code"]) == (409, "reservation_expired")
    seen = house.as_role("User").get(f"{RESERVATIONS}/{held['reservationId']}").json()
    assert seen["status"] == "Expired"
    with house.shop.store.read() as connection:
        row = reservations.by_id(connection, held["reservationId"])
    assert row is not None
    assert row["state"] == "Expired", "and it is stored so"
    assert house.as_role("Cashier").put(f"{RESERVATIONS}/nothing/confirm").status_code == 404


def test_ten_confirmations_at_once_make_one_invoice(house: House) -> None:
    reserve(house)
    caller = house.as_role("Admin")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: caller.put(f"{RESERVATIONS}/R-1/confirm"), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert on_hand(house.shop, "MILK") == 90


def cancel(house: House, held: dict[str, Any], **query: Any) -> Any:
    return house.as_role("User").delete(f"{RESERVATIONS}/{held['reservationId']}", **query)


def test_cancelling_frees_the_goods_and_is_idempotent(house: House) -> None:
    held = reserve(house, lines=[line("MILK", 100)]).json()["reservation"]
    first = cancel(house, held, reason="changed their mind").json()
    assert first["reservation"]["status"] == "Cancelled"
    assert first["reservation"]["cancellationReason"] == "changed their mind"
    assert cancel(house, held).json()["reservation"] == first["reservation"]
    assert reserve(house, "R-2", lines=[line("MILK", 100)]).status_code == 201
    assert reserve(house, "R-1").status_code == 409


def test_the_sweep_marks_what_ran_out(house: House) -> None:
    reserve(house)
    assert reservation.sweep(house.shop) == 0
    house.clock.sleep(3600)
    assert reservation.sweep(house.shop) == 1


def queued(house: House, **changes: Any) -> Any:
    body = {
        "externalReferenceId": "Q-1",
        "cardCode": "C0001",
        "docCurrency": "USD",
        "lines": [line("YOGHURT", 7)],
    }
    return house.as_role("ApiUser").post(QUEUE, body | changes)


def test_a_queued_invoice_takes_its_goods_now(house: House) -> None:
    answer = queued(house, numAtCard="PO-1", priority=5)
    told = answer.json()
    assert answer.status_code == 202
    assert (told["success"], told["status"], told["externalReference"]) == (True, "Pending", "Q-1")
    assert on_hand(house.shop, "YOGHURT") == 28
    status = house.as_role("User").get(told["statusUrl"]).json()
    assert (status["status"], status["statusCode"], status["totalAmount"]) == ("Pending", 0, 16.45)
    assert (status["canCancel"], status["isComplete"], status["isFailed"]) == (True, False, False)
    assert status["currency"] == "USD"
    for key in ("Q-1", told["reservationId"], str(told["queueId"])):
        assert house.as_role("User").get(f"{STATUS}/{key}").json() == status
    house.clock.sleep(7200)
    later = house.as_role("User").get(f"{STATUS}/Q-1").json()
    assert later["waitTimeSeconds"] == 7200
    assert on_hand(house.shop, "YOGHURT") == 28, "no hold runs out under it"
    made = house.as_role("Admin").get("/api/Invoice").json()["items"]
    assert [row["numAtCard"] for row in made] == ["PO-1"]


def test_a_reference_is_queued_once(house: House) -> None:
    queued(house)
    again = queued(house)
    assert (again.status_code, again.json()["code"]) == (409, "already_queued")
    reserve(house, "R-1")
    assert queued(house, externalReferenceId="R-1").status_code == 409
    unnamed = queued(house, externalReferenceId=None).json()["externalReference"]
    assert unnamed.startswith("DESKTOP-202611")


def test_ten_at_once_queue_one(house: House) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: queued(house), range(10)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    assert on_hand(house.shop, "YOGHURT") == 28


@pytest.mark.parametrize("key", ["0", "99999", "9" * 40, "nothing", "%27%20OR%201"])
def test_unknown_queue_entries_are_404(house: House, key: str) -> None:
    assert house.as_role("User").get(f"{STATUS}/{key}").status_code == 404


def test_a_queued_invoice_that_cannot_be_served_is_refused_whole(house: House) -> None:
    answer = queued(house, lines=[line("YOGHURT", 36)])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["errorCode"] == "INSUFFICIENT_STOCK"
    assert queued(house).status_code == 202, "the reference is still free"


def judge(house: House, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = house.as_role("User").post(VALIDATE, {"lines": list(lines)} | changes)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_contracts_example_of_two_given_batches(house: House) -> None:
    shares = [
        {"batchNumber": "Y-SOON", "quantity": 4},
        {"batchNumber": "Y-LATE", "quantity": 6},
    ]
    told = judge(
        house,
        line("YOGHURT", 10, lineNumber=0, uoMCode="Each", batchAllocations=shares),
        autoAllocate=True,
        strategy="FEFO",
    )
    assert told["isValid"] is True
    assert (told["totalLinesValidated"], told["linesPassedValidation"]) == (1, 1)
    assert (told["batchesAutoAllocated"], told["strategyUsed"]) == (2, "FEFO")
    assert told["allocatedLines"][0]["totalQuantityAllocated"] == 10
    assert told["allocatedLines"][0]["batches"][0] == {
        "batchNumber": "Y-SOON",
        "quantityAllocated": 4,
        "availableBeforeAllocation": 5,
        "remainingAfterAllocation": 1,
        "expiryDate": "2026-11-20",
        "allocationOrder": 1,
    }
    assert on_hand(house.shop, "YOGHURT") == 35


def test_given_batches_are_charged_before_automatic_lines(house: House) -> None:
    told = judge(
        house,
        line("YOGHURT", 5),
        line("YOGHURT", 5, batchAllocations=[{"batchNumber": "Y-SOON", "quantity": 5}]),
    )
    taken = [[row["batchNumber"] for row in found["batches"]] for found in told["allocatedLines"]]
    assert taken == [["Y-LATE"], ["Y-SOON"]]


@pytest.mark.parametrize(
    ("asked", "changes", "code"),
    [
        ({"warehouseCode": None}, {}, "WarehouseRequired"),
        ({"quantity": 0}, {}, "InvalidQuantity"),
        ({"quantity": -3}, {}, "InvalidQuantity"),
        ({"quantity": 1.5}, {}, "InvalidQuantity"),
        ({"itemCode": "NOPE"}, {}, "ItemNotFound"),
        ({"warehouseCode": "NOPE"}, {}, "ItemNotFound"),
        ({"quantity": 36}, {}, "InsufficientTotalStock"),
        ({"itemCode": "MILK", "quantity": 101}, {}, "InsufficientTotalStock"),
        ({}, {"autoAllocate": False}, "BatchAllocationRequired"),
        ({}, {"strategy": "manual"}, "BatchAllocationRequired"),
        ({}, {"strategy": 2}, "BatchAllocationRequired"),
        ({"batchAllocations": [("Y-SOON", 1)]}, {}, "BatchQuantityMismatch"),
        ({"batchAllocations": [("NOPE", 3)]}, {}, "BatchNotFound"),
        ({"quantity": 6, "batchAllocations": [("Y-SOON", 6)]}, {}, "InsufficientBatchQuantity"),
        ({"itemCode": "MILK", "batchAllocations": [("Y-SOON", 3)]}, {}, "ItemNotBatchManaged"),
    ],
)
def test_each_problem_has_its_code(
    quick: House, asked: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    shares = [
        {"batchNumber": number, "quantity": quantity}
        for number, quantity in asked.get("batchAllocations", ())
    ]
    told = judge(
        quick, line("YOGHURT", 3) | asked | {"batchAllocations": shares or None}, **changes
    )
    assert told["isValid"] is False
    assert [row["errorCode"] for row in told["validationErrors"]] == [code]
    assert (told["linesPassedValidation"], told["allocatedLines"]) == (0, [])


def test_expired_batches_are_named_only_by_hand_and_with_a_warning(house: House) -> None:
    house.clock.sleep(30 * 86_400)
    automatic = judge(house, line("YOGHURT", 31))
    assert automatic["validationErrors"][0]["errorCode"] == "InsufficientTotalStock"
    by_hand = judge(
        house, line("YOGHURT", 2, batchAllocations=[{"batchNumber": "Y-SOON", "quantity": 2}])
    )
    assert by_hand["isValid"] is True
    assert "expired" in by_hand["warnings"][0]


def test_an_unknown_strategy_is_400(quick: House) -> None:
    answer = quick.as_role("User").post(VALIDATE, {"lines": [line("MILK", 1)], "strategy": "LIFO"})
    assert (answer.status_code, answer.json()["code"]) == (400, "strategy_unknown")


quantities = st.lists(st.integers(1, 20), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Any:
    """One server for many judgements, which change nothing."""
    import shutil

    from pos_app.domain.rate_limit import Rule, Rules
    from pos_app.store.engine import open_store

    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("judge") / "shop.db")
    with open_store(path) as store:
        yield build(store, limits=Rules(everything=Rule(10**6, 60)))


@settings(max_examples=60, deadline=None)
@given(wanted=quantities, strategy=st.sampled_from(["FEFO", "FIFO"]))
def test_no_unit_is_ever_given_twice(shared: House, wanted: list[int], strategy: str) -> None:
    caller = getattr(shared, "caller", None) or shared.as_role("User")
    shared.caller = caller  # type: ignore[attr-defined]
    body = {"lines": [line("YOGHURT", quantity) for quantity in wanted], "strategy": strategy}
    told = caller.post(VALIDATE, body).json()
    taken: dict[str, Decimal] = {}
    for found in told["allocatedLines"]:
        for row in found["batches"]:
            number = row["batchNumber"]
            before = {"Y-SOON": 5, "Y-LATE": 30}[number] - taken.get(number, Decimal(0))
            assert row["availableBeforeAllocation"] == before
            taken[number] = taken.get(number, Decimal(0)) + Decimal(str(row["quantityAllocated"]))
    assert taken.get("Y-SOON", 0) <= 5
    assert taken.get("Y-LATE", 0) <= 30
    assert told["isValid"] is (sum(wanted) <= 35)
    if told["isValid"]:
        assert sum(taken.values()) == sum(wanted)
