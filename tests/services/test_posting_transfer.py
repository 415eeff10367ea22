"""Transfers, requests and what did not arrive, all the way into SAP, each once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.move import MoveRefused
from pos_app.domain.transfer import Count
from pos_app.services.posting import by_hand, review
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.movement import GOODS_ISSUE
from pos_app.services.posting.transfer import REQUEST_CLOSE, TRANSFER, TRANSFER_REQUEST
from pos_app.services.transfer import receive, request, send, view
from pos_app.store import movement as movements
from pos_app.store import queue
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.stockroom import BOSS, DEPOT, SHOP, Stockroom, stockroom, to_depot

LOST = ["commit_then_drop", "commit_then_502", "hide", "drop_before", "lookup_fails"]


@pytest.fixture
def room(store: Store) -> Stockroom:
    return stockroom(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Stockroom:
    return stockroom(sqlite_store)


def issue_of(room: Stockroom, transfer_id: str) -> dict[str, Any]:
    with room.shop.store.read() as connection:
        [row] = movements.of_transfer(connection, transfer_id)
        return dict(row)


def test_a_transfer_is_booked_once_with_its_batches(room: Stockroom) -> None:
    made = send.send(room.shop, BOSS, to_depot(("MILK", "20"), ("YOGHURT", "7")))
    room.work()
    [booked] = room.documents("StockTransfers")
    assert booked["U_Van_saleorder"] == made.id
    assert [
        (line["ItemCode"], line["Quantity"], line["FromWarehouseCode"], line["WarehouseCode"])
        for line in booked["StockTransferLines"]
    ] == [("MILK", "20", SHOP, DEPOT), ("YOGHURT", "7", SHOP, DEPOT)]
    lots = booked["StockTransferLines"][1]["BatchNumbers"]
    assert {(row["BatchNumber"], row["Quantity"]) for row in lots} == {
        ("Y-SOON", "5"),
        ("Y-LATE", "2"),
    }
    seen = view.get(room.shop, made.id)
    assert (seen.way.state, seen.doc_entry) == ("Completed", booked["DocEntry"])
    assert view.by_number(room.shop, booked["DocEntry"]).id == made.id
    assert (room.in_sap("MILK", DEPOT), room.unheard(made.id)) == (20, 0)
    room.sound()


def test_sap_hears_of_goods_in_transit_when_they_arrived(room: Stockroom) -> None:
    made = send.send(room.shop, BOSS, to_depot(("MILK", "20"), in_transit=True))
    room.work()
    assert room.documents("StockTransfers") == []
    receive.arrive(room.shop, BOSS, made.id)
    room.work()
    assert len(room.documents("StockTransfers")) == 1
    assert room.in_sap("MILK", DEPOT) == room.on_hand("MILK", DEPOT) == 20
    room.sound()


def test_what_is_missing_is_issued_in_sap_for_its_account(room: Stockroom) -> None:
    made = send.send(room.shop, BOSS, to_depot(("MILK", "20"), ("BREAD", "3"), in_transit=True))
    short = [
        Count(line=0, quantity=Decimal(18), lots={}, reason="damaged"),
        Count(line=1, quantity=Decimal(0), lots={}, reason="missing"),
    ]
    receive.arrive(room.shop, BOSS, made.id, short)
    room.work()
    [booked] = room.documents("StockTransfers")
    assert [line["Quantity"] for line in booked["StockTransferLines"]] == ["18"]
    issues = room.documents("InventoryGenExits")
    assert {
        (line["ItemCode"], line["Quantity"], line["WarehouseCode"], line["AccountCode"])
        for issue in issues
        for line in issue["DocumentLines"]
    } == {("MILK", "2", SHOP, "6400"), ("BREAD", "3", SHOP, "6400")}
    for item in ("MILK", "BREAD"):
        for place in (SHOP, DEPOT):
            assert room.in_sap(item, place) == room.on_hand(item, place)
    room.sound()


def test_a_transfer_of_which_nothing_arrived_is_a_loss_alone(quick: Stockroom) -> None:
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20"), in_transit=True))
    lost = [Count(line=0, quantity=Decimal(0), lots={}, reason="missing")]
    receive.arrive(quick.shop, BOSS, made.id, lost)
    quick.work()
    assert quick.documents("StockTransfers") == []
    assert quick.row(issue_of(quick, made.id)["id"], GOODS_ISSUE)["state"] == "Completed"
    assert quick.in_sap("MILK", SHOP) == quick.on_hand("MILK", SHOP) == 80
    quick.sound()


def test_a_request_goes_first_and_its_transfer_follows_it(room: Stockroom) -> None:
    asked = request.ask(room.shop, BOSS, to_depot(("MILK", "20")))
    room.arm(Fault(do="drop_before", on="POST InventoryTransferRequests", times=1))
    made = request.convert(room.shop, BOSS, asked.id)
    room.work()
    [kept] = room.documents("InventoryTransferRequests")
    [booked] = room.documents("StockTransfers")
    line = booked["StockTransferLines"][0]
    assert (line["BaseEntry"], line["BaseLine"]) == (kept["DocEntry"], 0)
    assert kept["DocumentStatus"] == "bost_Close"
    assert room.row(made.id, TRANSFER)["state"] == "Completed"
    assert view.request_by_number(room.shop, kept["DocEntry"]).id == asked.id
    room.sound()


def test_a_transfer_taken_out_of_the_queue_can_be_taken_back(room: Stockroom) -> None:
    made = send.send(room.shop, BOSS, to_depot(("MILK", "5")))
    review.cancel(room.shop, BOSS, made.number, reason="sent by mistake")
    receive.take_back(room.shop, BOSS, made.id)
    room.work()
    assert room.documents("StockTransfers") == []
    assert (room.on_hand("MILK", SHOP), room.on_hand("MILK", DEPOT)) == (100, 0)
    with pytest.raises(review.MoveNotAllowed):
        by_hand.settle(room.shop, room.sap, BOSS, made.number, number=1)
    room.sound()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_request_closed_while_its_answer_is_lost_is_open_nowhere(
    room: Stockroom, is_there: bool
) -> None:
    do = "commit_then_drop" if is_there else "drop_before"
    room.arm(Fault(do=do, on="POST InventoryTransferRequests"))
    known = request.ask(room.shop, BOSS, to_depot(("MILK", "5")))
    posting_work.work(room.shop, room.sap, owner="w", limit=1)
    request.close(room.shop, BOSS, known.id)
    room.work()
    closed = [row["DocumentStatus"] for row in room.documents("InventoryTransferRequests")]
    assert closed == ["bost_Close"] * is_there
    wanted = "Completed" if is_there else "Cancelled"
    assert room.row(known.id, TRANSFER_REQUEST)["state"] == wanted
    assert room.row(known.id, REQUEST_CLOSE)["state"] == wanted
    room.sound()


def test_a_closed_request_is_closed_in_sap_or_never_gets_there(room: Stockroom) -> None:
    known = request.ask(room.shop, BOSS, to_depot(("MILK", "20")))
    room.work()
    unknown = request.ask(room.shop, BOSS, to_depot(("BREAD", "2")))
    for asked in (known, unknown):
        request.close(room.shop, BOSS, asked.id)
    room.work()
    [kept] = room.documents("InventoryTransferRequests")
    assert kept["DocumentStatus"] == "bost_Close"
    assert room.row(known.id, REQUEST_CLOSE)["state"] == "Completed"
    assert room.row(unknown.id, TRANSFER_REQUEST)["state"] == "Cancelled"
    room.sound()


@pytest.mark.parametrize("on", ["StockTransfers", "InventoryTransferRequests", "InventoryGenExits"])
@pytest.mark.parametrize("do", LOST)
def test_a_lost_answer_is_looked_for_and_never_repeated(quick: Stockroom, do: str, on: str) -> None:
    asked = request.ask(quick.shop, BOSS, to_depot(("MILK", "20")))
    made = request.convert(quick.shop, BOSS, asked.id, in_transit=True)
    short = [Count(line=0, quantity=Decimal(19), lots={}, reason="missing")]
    receive.arrive(quick.shop, BOSS, made.id, short)
    verb = "GET" if do == "lookup_fails" else "POST"
    quick.arm(Fault(do=do, on=f"{verb} {on}", times=2, seconds=90))
    quick.work()
    for kind in ("StockTransfers", "InventoryTransferRequests", "InventoryGenExits"):
        assert len(quick.documents(kind)) == 1
    assert quick.in_sap("MILK", DEPOT) == quick.on_hand("MILK", DEPOT) == 19
    assert quick.in_sap("MILK", SHOP) == quick.on_hand("MILK", SHOP) == 80
    quick.sound()


@pytest.mark.parametrize("do", ["commit_then_drop", "drop_before", "hide"])
def test_a_closing_whose_answer_is_lost_is_read_back(quick: Stockroom, do: str) -> None:
    asked = request.ask(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    quick.arm(Fault(do=do, on="POST InventoryTransferRequests(", times=1, seconds=90))
    request.close(quick.shop, BOSS, asked.id)
    quick.work()
    [kept] = quick.documents("InventoryTransferRequests")
    assert kept["DocumentStatus"] == "bost_Close"
    assert quick.row(asked.id, REQUEST_CLOSE)["state"] == "Completed"


def test_a_stranger_under_our_key_is_not_adopted(quick: Stockroom) -> None:
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    body = {
        "U_Van_saleorder": made.id,
        "StockTransferLines": [
            {
                "ItemCode": "MILK",
                "Quantity": 3,
                "FromWarehouseCode": SHOP,
                "WarehouseCode": DEPOT,
            }
        ],
    }
    quick.sap.post("StockTransfers", body)
    quick.work()
    row = quick.row(made.id, TRANSFER)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert len(quick.documents("StockTransfers")) == 1


def test_a_transfer_waits_as_a_draft_for_its_approval(quick: Stockroom) -> None:
    quick.gate.core.change_company({"approval": ["StockTransfers"]})
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    row = quick.row(made.id, TRANSFER)
    assert (row["state"], row["waits_for"]) == ("Pending", "approval")
    assert len(quick.documents("StockTransferDrafts")) == 1


def test_a_draft_somebody_may_still_approve_cannot_be_taken_back(quick: Stockroom) -> None:
    quick.gate.core.change_company({"approval": ["StockTransfers"]})
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    with pytest.raises(receive.AlreadyInSap):
        receive.take_back(quick.shop, BOSS, made.id)
    assert quick.row(made.id, TRANSFER)["waits_for"] == "approval"
    assert quick.on_hand("MILK", SHOP) == 80


def test_a_transfer_sap_may_have_cannot_be_taken_back(quick: Stockroom) -> None:
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    with pytest.raises(receive.AlreadyInSap):
        receive.take_back(quick.shop, BOSS, made.id)
    other = send.send(quick.shop, BOSS, to_depot(("MILK", "1")))
    receive.take_back(quick.shop, BOSS, other.id)
    quick.work()
    assert len(quick.documents("StockTransfers")) == 1
    quick.sound()


REFUSED: dict[str, Any] = {"do": "error", "code": "-5002", "message": "no", "times": 9}


def test_a_transfer_sap_refused_for_good_can_be_taken_back(quick: Stockroom) -> None:
    quick.arm(Fault(on="POST StockTransfers", **REFUSED))
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    assert quick.row(made.id, TRANSFER)["state"] == "RequiresReview"
    receive.take_back(quick.shop, BOSS, made.id)
    assert quick.row(made.id, TRANSFER)["state"] == "Cancelled"
    assert (quick.on_hand("MILK", SHOP), quick.documents("StockTransfers")) == (100, [])
    quick.sound()


def test_the_end_of_a_request_that_was_cancelled_in_the_queue_is_nobodys_work(
    quick: Stockroom,
) -> None:
    quick.arm(Fault(on="POST InventoryTransferRequests", **REFUSED))
    known = request.ask(quick.shop, BOSS, to_depot(("MILK", "20")))
    quick.work()
    review.cancel(quick.shop, BOSS, known.number, reason="not wanted in SAP")
    request.close(quick.shop, BOSS, known.id)
    with quick.shop.store.read() as connection:
        assert queue.of_kind(connection, known.id, REQUEST_CLOSE) is None


def test_an_issue_of_other_goods_under_our_key_is_not_adopted(quick: Stockroom) -> None:
    made = send.send(quick.shop, BOSS, to_depot(("MILK", "20"), in_transit=True))
    short = [Count(line=0, quantity=Decimal(19), lots={}, reason="missing")]
    receive.arrive(quick.shop, BOSS, made.id, short)
    issue = issue_of(quick, made.id)
    line = {"ItemCode": "MILK", "Quantity": 2, "WarehouseCode": SHOP, "AccountCode": "6400"}
    day = issue["doc_date"].isoformat()
    body = {"U_Van_saleorder": issue["id"], "DocDate": day, "DocumentLines": [line]}
    quick.sap.post("InventoryGenExits", body)
    quick.work()
    row = quick.row(issue["id"], GOODS_ISSUE)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert len(quick.documents("InventoryGenExits")) == 1


def test_a_conversion_whose_answer_was_lost_is_answered_again(quick: Stockroom) -> None:
    asked = request.ask(quick.shop, BOSS, to_depot(("MILK", "20")))
    first = request.convert(quick.shop, BOSS, asked.id, document_id="the-transfer")
    again = request.convert(quick.shop, BOSS, asked.id, document_id="the-transfer")
    assert again == first
    assert quick.on_hand("MILK", SHOP) == 80
    with pytest.raises(MoveRefused):
        request.convert(quick.shop, BOSS, asked.id, document_id="another")
