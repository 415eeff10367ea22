"""Counted differences all the way into SAP, whatever moved there meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from pos_app.domain.user import WarehouseNotYours
from pos_app.services import count
from pos_app.services.count import CountedTwice, Entered
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.count import COUNT
from pos_app.services.transfer import send
from pos_app.store.engine import Store
from pos_app.store.posting import postings
from sandbox.fault import Fault
from sync.sap import goods_documents
from sync.sap.client import ServiceLayer
from sync.sap.goods_requests import CountRequest, PostedGoods
from tests.stockroom import BOSS, QUIET_SECONDS, SHOP, Stockroom, stockroom, to_depot

COUNTER = replace(BOSS, username="helper")


@pytest.fixture
def room(store: Store) -> Stockroom:
    return stockroom(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Stockroom:
    return stockroom(sqlite_store)


def counted(room: Stockroom, *lines: tuple[str, str, str]) -> str:
    """A count that somebody made and somebody else booked."""
    shop = room.shop
    made = count.start(shop, BOSS, SHOP)
    entered = [Entered(item=item, counted=Decimal(many), batch=lot) for item, many, lot in lines]
    count.enter(shop, COUNTER, made.entry, entered)
    count.lock(shop, COUNTER, made.entry)
    return count.book(shop, BOSS, made.entry).id


def levels(room: Stockroom, item: str) -> tuple[Decimal, Decimal]:
    return room.in_sap(item, SHOP), room.on_hand(item, SHOP)


def test_differences_are_counted_and_posted_once(room: Stockroom) -> None:
    made = counted(
        room,
        ("MILK", "98", ""),
        ("BREAD", "100", ""),
        ("BANANA", "101.5", ""),
        ("YOGHURT", "4", "Y-SOON"),
        ("YOGHURT", "32", "Y-LATE"),
    )
    room.work()
    [counting] = room.documents("InventoryCountings")
    [posted] = room.documents("InventoryPostings")
    assert counting["DocumentStatus"] == "cdsClosed"
    assert {
        line["ItemCode"]: Decimal(line["Variance"]) for line in posted["InventoryPostingLines"]
    } == {"MILK": -2, "BANANA": Decimal("1.5"), "YOGHURT": 1}
    assert [step["state"] for step in room.steps(made, COUNT)] == ["done", "done"]
    assert levels(room, "MILK") == (98, 98)
    assert levels(room, "YOGHURT") == (36, 36)
    assert room.unheard(made) == 0
    room.sound()


def test_batches_that_were_mixed_up_are_put_right_though_nothing_is_missing(
    quick: Stockroom,
) -> None:
    made = counted(quick, ("YOGHURT", "4", "Y-SOON"), ("YOGHURT", "31", "Y-LATE"))
    quick.work()
    assert quick.row(made, COUNT)["state"] == "Completed"
    lots = goods_documents.batch_levels(quick.sap, ["YOGHURT"], SHOP)["YOGHURT"]
    assert lots == {"Y-SOON": 4, "Y-LATE": 31}
    quick.sound()


def test_what_sap_has_not_heard_of_does_not_count_twice(room: Stockroom) -> None:
    """Our stock is 80 and SAP's still 100: two are missing, not twenty-two."""
    room.arm(Fault(do="refuse", on="POST StockTransfers", times=1))
    send.send(room.shop, BOSS, to_depot(("MILK", "20")))
    counted(room, ("MILK", "78", ""))
    room.work()
    [posted] = room.documents("InventoryPostings")
    assert posted["InventoryPostingLines"][0]["Variance"] == "-2"
    assert levels(room, "MILK") == (78, 78)
    room.sound()


@pytest.mark.parametrize("on", ["InventoryCountings", "InventoryPostings"])
@pytest.mark.parametrize("do", ["commit_then_drop", "commit_then_502", "drop_before", "hide"])
def test_a_lost_answer_is_looked_for_and_never_repeated(quick: Stockroom, do: str, on: str) -> None:
    quick.arm(Fault(do=do, on=f"POST {on}", times=2, seconds=90))
    counted(quick, ("MILK", "98", ""), ("YOGHURT", "3", "Y-SOON"))
    quick.work()
    assert len(quick.documents("InventoryCountings")) == 1
    assert len(quick.documents("InventoryPostings")) == 1
    assert levels(quick, "MILK") == (98, 98)
    quick.sound()


def test_stock_that_moves_while_it_is_entered_is_counted_again(
    room: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(room, ("MILK", "98", ""), ("YOGHURT", "3", "Y-SOON"))
    post, left = goods_documents.post_count, iter((7, 5))

    def late(sap: ServiceLayer, request: CountRequest) -> PostedGoods:
        pieces = next(left, 0)
        if pieces:
            gone = {"ItemCode": "MILK", "WarehouseCode": SHOP, "AccountCode": "6400"}
            sap.post("InventoryGenExits", {"DocumentLines": [gone | {"Quantity": pieces}]})
        return post(sap, request)

    monkeypatch.setattr(goods_documents, "post_count", late)
    room.work()
    first, second, last = room.documents("InventoryCountings")
    assert [row["Remarks"] for row in (first, second, last)] == [f"{made}:aside"] * 2 + [made]
    assert {row["DocumentStatus"] for row in (first, second, last)} == {"cdsClosed"}
    [posted] = room.documents("InventoryPostings")
    variances = [line["Variance"] for line in posted["InventoryPostingLines"]]
    assert variances == ["-2", "-2"]
    assert room.in_sap("MILK", SHOP) == 100 - 7 - 5 - 2
    assert room.row(made, COUNT)["state"] == "Completed"


@pytest.mark.parametrize(
    "call", ["PATCH InventoryCountings(1)", "POST InventoryCountings(1)/Close"]
)
@pytest.mark.parametrize("do", ["commit_then_drop", "drop_before", "refuse"])
def test_taking_a_count_back_survives_a_lost_answer(quick: Stockroom, do: str, call: str) -> None:
    made = counted(quick, ("MILK", "98", ""))
    line = {"ItemCode": "MILK", "WarehouseCode": SHOP, "Counted": "tYES", "UoMCountedQuantity": 90}
    quick.sap.post("InventoryCountings", {"Remarks": made, "InventoryCountingLines": [line]})
    quick.arm(Fault(do=do, on=call, times=1))
    quick.work()
    aside, kept = quick.documents("InventoryCountings")
    assert (aside["Remarks"], aside["DocumentStatus"]) == (f"{made}:aside", "cdsClosed")
    assert kept["Remarks"] == made
    assert levels(quick, "MILK") == (98, 98)
    quick.sound()


def test_a_count_waits_for_an_open_counting_of_the_same_goods(quick: Stockroom) -> None:
    made = counted(quick, ("MILK", "98", ""))
    line = {"ItemCode": "MILK", "WarehouseCode": SHOP, "Counted": "tYES", "UoMCountedQuantity": 90}
    quick.sap.post("InventoryCountings", {"Remarks": "by hand", "InventoryCountingLines": [line]})
    quick.work()
    row = quick.row(made, COUNT)
    assert (row["state"], row["waits_for"], row["attempts"]) == ("Pending", "count", 0)
    quick.sap.post("InventoryCountings(1)/Close")
    quick.work()
    assert quick.row(made, COUNT)["state"] == "Completed"
    assert levels(quick, "MILK") == (98, 98)
    quick.sound()


def test_counts_of_the_same_goods_follow_each_other_without_a_pause(room: Stockroom) -> None:
    made = [counted(room, ("MILK", str(left), "")) for left in (98, 97, 96, 95, 94, 93)]
    line = {"ItemCode": "MILK", "WarehouseCode": SHOP, "Counted": "tYES", "UoMCountedQuantity": 90}
    room.sap.post("InventoryCountings", {"Remarks": "by hand", "InventoryCountingLines": [line]})
    posting_work.work(room.shop, room.sap, owner="w")
    assert {room.row(one, COUNT)["waits_for"] for one in made} == {"count"}
    room.sap.post("InventoryCountings(1)/Close")
    later = room.shop.clock.now() + timedelta(hours=1)
    with room.shop.store.write() as connection:
        those = postings.c.document_id.in_(made[1:])
        connection.execute(update(postings).where(those).values(try_at=later))
    room.shop.clock.sleep(QUIET_SECONDS)
    posting_work.work(room.shop, room.sap, owner="w")
    assert {room.row(one, COUNT)["state"] for one in made} == {"Completed"}
    assert levels(room, "MILK") == (93, 93)


def test_a_count_that_keeps_goods_from_others_goes_on_soon(
    quick: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(quick, ("MILK", "98", ""))
    with quick.shop.store.write() as connection:
        connection.execute(update(postings).values(failures=20))
    post = goods_documents.post_count

    def late(sap: ServiceLayer, request: CountRequest) -> PostedGoods:
        gone = {"ItemCode": "MILK", "WarehouseCode": SHOP, "AccountCode": "6400", "Quantity": 1}
        sap.post("InventoryGenExits", {"DocumentLines": [gone]})
        return post(sap, request)

    monkeypatch.setattr(goods_documents, "post_count", late)
    posting_work.work(quick.shop, quick.sap, owner="w")
    row = quick.row(made, COUNT)
    assert row["waits_for"] == "moved"
    assert row["try_at"] - quick.shop.clock.now() == timedelta(seconds=2)


def test_a_count_is_not_believed_on_other_differences(quick: Stockroom) -> None:
    made = counted(quick, ("MILK", "98", ""))
    line = {"ItemCode": "BOOK", "WarehouseCode": SHOP, "Counted": "tYES", "UoMCountedQuantity": 90}
    quick.sap.post("InventoryCountings", {"Remarks": made, "InventoryCountingLines": [line]})
    quick.work()
    row = quick.row(made, COUNT)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert quick.documents("InventoryPostings") == []


def test_more_than_sap_has_is_not_missing_there(quick: Stockroom) -> None:
    made = counted(quick, ("MILK", "1", ""))
    line = {"ItemCode": "MILK", "Quantity": 50, "WarehouseCode": SHOP, "AccountCode": "6400"}
    quick.sap.post("InventoryGenExits", {"DocumentLines": [line]})
    quick.work()
    row = quick.row(made, COUNT)
    assert row["state"] == "RequiresReview"
    assert "compare the two" in row["reason"]


@pytest.mark.parametrize("deed", [count.lock, count.cancel, count.reopen])
def test_only_who_may_go_to_a_warehouse_ends_its_count(quick: Stockroom, deed: Any) -> None:
    made = count.start(quick.shop, BOSS, SHOP)
    count.enter(quick.shop, COUNTER, made.entry, [Entered(item="MILK", counted=Decimal(98))])
    if deed is count.reopen:
        count.lock(quick.shop, COUNTER, made.entry)
    stranger = replace(COUNTER, role="StockController")
    with pytest.raises(WarehouseNotYours):
        deed(quick.shop, stranger, made.entry, allowed=["DEPOT"])
    deed(quick.shop, stranger, made.entry, allowed=[SHOP])


def test_what_is_entered_twice_at_once_is_refused_and_not_lost(quick: Stockroom) -> None:
    made = count.start(quick.shop, BOSS, SHOP)
    entered = [Entered(item="MILK", counted=Decimal(part)) for part in (40, 58)]
    with pytest.raises(CountedTwice, match="MILK is entered twice"):
        count.enter(quick.shop, COUNTER, made.entry, entered)
    lots = [Entered(item="YOGHURT", counted=Decimal(4), batch="Y-SOON")] * 2
    with pytest.raises(CountedTwice, match="Batch Y-SOON"):
        count.enter(quick.shop, COUNTER, made.entry, lots)
