"""Purchase orders and what arrived of them, all the way into SAP, each arrival once."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import RowMapping

from pos_app.domain.purchase import PurchaseState
from pos_app.domain.trade import TradeKind, TradeState
from pos_app.services.posting import work as posting_work
from pos_app.services.posting.purchase import PURCHASE_END, PURCHASE_ORDER, PURCHASE_RECEIPT
from pos_app.services.posting.transfer import TRANSFER
from pos_app.services.purchase import make, receive, view
from pos_app.services.purchase.asked import Arrived, AskedLine, AskedPurchase, Receipt
from pos_app.services.purchase.view import Purchase
from pos_app.services.trade import make as make_trade
from pos_app.services.trade import move
from pos_app.services.trade.asked import AskedLine as AskedSale
from pos_app.services.trade.asked import AskedTrade
from pos_app.services.transfer import send
from pos_app.store import partner
from pos_app.store import purchase as purchases
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.stockroom import BOSS, SHOP, Stockroom, stockroom, to_depot

D = Decimal


@pytest.fixture
def room(store: Store) -> Stockroom:
    return supplied(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Stockroom:
    return supplied(sqlite_store)


def supplied(store: Store) -> Stockroom:
    from pos_app.domain.partner import Partner

    made = stockroom(store)
    with made.shop.store.write() as connection:
        dairy = Partner("V0001", "Dairy", "1", "USD", kind="supplier")
        partner.put(connection, [dairy], at=made.shop.clock.now())
    return made


def ordered(room: Stockroom, **more: Any) -> Purchase:
    lines = (
        AskedLine(item="MILK", quantity=D(100), unit_price=D("1.10"), tax_percent=D("15.5")),
        AskedLine(item="YOGHURT", quantity=D(20), unit_price=D("0.95"), tax_percent=D("15.5")),
    )
    asked = AskedPurchase(partner="V0001", warehouse=SHOP, lines=lines, **more)
    made = make.create(room.shop, BOSS, asked)
    return make.to_state(room.shop, BOSS, made.entry, PurchaseState.APPROVED)


def arrive(room: Stockroom, order: Purchase, quantity: str, *lots: tuple[str, str]) -> str:
    lines = [Arrived(line=0, item="MILK", quantity=D(quantity))]
    lines += [
        Arrived(line=1, item="YOGHURT", quantity=D(part), batch=lot, expiry=date(2027, 5, 31))
        for lot, part in lots
    ]
    receive.receive(room.shop, BOSS, order.entry, Receipt(lines=tuple(lines)))
    with room.shop.store.read() as connection:
        return str(purchases.receipts_of(connection, order.id)[-1]["id"])


def test_an_order_and_its_arrivals_are_each_booked_once(room: Stockroom) -> None:
    order = ordered(room, discount_percent=D(5))
    arrive(room, order, "45", ("Y-A", "6"), ("Y-B", "4"))
    arrive(room, order, "55")
    room.work()
    [kept] = room.documents("PurchaseOrders")
    assert (kept["NumAtCard"], D(kept["DocTotal"])) == (order.number, order.total.amount)
    first, second = room.documents("PurchaseDeliveryNotes")
    assert [
        (line["ItemCode"], line["Quantity"], line["BaseEntry"], line["BaseLine"])
        for line in first["DocumentLines"]
    ] == [("MILK", "45", kept["DocEntry"], 0), ("YOGHURT", "10", kept["DocEntry"], 1)]
    lots = first["DocumentLines"][1]["BatchNumbers"]
    assert {(row["BatchNumber"], row["Quantity"]) for row in lots} == {("Y-A", "6"), ("Y-B", "4")}
    assert [line["Quantity"] for line in second["DocumentLines"]] == ["55"]
    seen = view.by_sap(room.shop, kept["DocEntry"])
    assert (seen.id, seen.way.state) == (order.id, "Completed")
    assert view.page(room.shop, in_sap=True, offset=0, limit=9).total == 1
    assert room.in_sap("MILK", SHOP) == room.on_hand("MILK", SHOP) == 200
    room.sound()


@pytest.mark.parametrize("on", ["PurchaseOrders", "PurchaseDeliveryNotes"])
@pytest.mark.parametrize("do", ["commit_then_drop", "commit_then_502", "drop_before", "hide"])
def test_a_lost_answer_is_looked_for_and_never_repeated(quick: Stockroom, do: str, on: str) -> None:
    order = ordered(quick)
    quick.arm(Fault(do=do, on=f"POST {on}", times=2, seconds=90))
    arrive(quick, order, "45")
    arrive(quick, order, "45")
    quick.work()
    assert len(quick.documents("PurchaseOrders")) == 1
    assert len(quick.documents("PurchaseDeliveryNotes")) == 2
    assert quick.in_sap("MILK", SHOP) == quick.on_hand("MILK", SHOP) == 190
    quick.sound()


@pytest.mark.parametrize("is_there", [True, False])
def test_an_order_cancelled_while_its_answer_is_lost_is_open_nowhere(
    room: Stockroom, is_there: bool
) -> None:
    room.arm(Fault(do="commit_then_drop" if is_there else "drop_before", on="POST PurchaseOrders"))
    order = ordered(room)
    posting_work.work(room.shop, room.sap, owner="w", limit=1)
    make.to_state(room.shop, BOSS, order.entry, PurchaseState.CANCELLED)
    room.work()
    assert [row["Cancelled"] for row in room.documents("PurchaseOrders")] == ["tYES"] * is_there
    wanted = "Completed" if is_there else "Cancelled"
    assert room.row(order.id, PURCHASE_ORDER)["state"] == wanted
    assert room.row(order.id, PURCHASE_END)["state"] == wanted
    room.sound()


def test_a_tax_nobody_mapped_waits_for_a_person_and_goes_on(quick: Stockroom) -> None:
    rules = quick.shop.rules
    bare = replace(rules, sap=replace(rules.sap, purchase_groups={}))
    object.__setattr__(quick.shop, "rules", bare)
    order = ordered(quick)
    receipt = arrive(quick, order, "45")
    quick.work()
    row = quick.row(order.id, PURCHASE_ORDER)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "purchase_tax_unmapped")
    waiting = quick.row(receipt, PURCHASE_RECEIPT)
    assert waiting["state"] == "Pending"
    assert "goes first" in waiting["reason"]


def test_arrivals_of_an_order_in_review_do_not_keep_later_documents_back(quick: Stockroom) -> None:
    rules = quick.shop.rules
    bare = replace(rules, sap=replace(rules.sap, purchase_groups={}))
    object.__setattr__(quick.shop, "rules", bare)
    order = ordered(quick)
    for _ in range(3):
        arrive(quick, order, "5")
    later = send.send(quick.shop, BOSS, to_depot(("MILK", "1")))
    turns = itertools.count(1)

    def takes_a_second(row: RowMapping) -> None:
        quick.shop.clock.sleep(1)
        if next(turns) > 30:
            pytest.fail(f"Always the same documents have a turn, {row['kind']} now.")

    posting_work.work(quick.shop, quick.sap, owner="w", limit=1, hold=takes_a_second)
    assert quick.row(later.id, TRANSFER)["state"] == "Completed"


def test_what_sap_does_not_expect_any_more_is_not_received_twice(quick: Stockroom) -> None:
    order = ordered(quick)
    quick.work()
    [kept] = quick.documents("PurchaseOrders")
    base = {"BaseType": 22, "BaseEntry": kept["DocEntry"], "BaseLine": 0}
    line = base | {"ItemCode": "MILK", "Quantity": 90, "WarehouseCode": SHOP}
    quick.sap.post("PurchaseDeliveryNotes", {"CardCode": "V0001", "DocumentLines": [line]})
    receipt = arrive(quick, order, "45")
    quick.work()
    row = quick.row(receipt, PURCHASE_RECEIPT)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "over_receipt")
    assert len(quick.documents("PurchaseDeliveryNotes")) == 1


def test_an_order_ended_before_sap_heard_of_it_still_carries_its_arrival(quick: Stockroom) -> None:
    order = ordered(quick)
    receipt = arrive(quick, order, "45")
    make.to_state(quick.shop, BOSS, order.entry, PurchaseState.RECEIVED)
    quick.work()
    assert quick.row(receipt, PURCHASE_RECEIPT)["state"] == "Completed"
    [ended] = quick.documents("PurchaseOrders")
    assert ended["DocumentStatus"] == "bost_Close"
    assert quick.in_sap("MILK", SHOP) == quick.on_hand("MILK", SHOP) == 145
    quick.sound()


def test_an_order_that_expects_nothing_more_is_closed_in_sap(room: Stockroom) -> None:
    used, unused, unheard = ordered(room), ordered(room), None
    arrive(room, used, "45")
    room.work()
    unheard = ordered(room)
    make.to_state(room.shop, BOSS, used.entry, PurchaseState.RECEIVED)
    for order in (unused, unheard):
        make.to_state(room.shop, BOSS, order.entry, PurchaseState.CANCELLED)
    room.work()
    ended = {row["NumAtCard"]: row for row in room.documents("PurchaseOrders")}
    assert set(ended) == {used.number, unused.number}
    assert ended[used.number]["DocumentStatus"] == "bost_Close"
    assert ended[unused.number]["Cancelled"] == "tYES"
    assert room.row(used.id, PURCHASE_END)["state"] == "Completed"
    assert room.row(unheard.id, PURCHASE_ORDER)["state"] == "Cancelled"
    room.sound()


def test_ends_of_an_order_of_each_side_are_not_taken_for_one(quick: Stockroom) -> None:
    """Both are SAP's first of their kind, and each end names the first of its own."""
    bought = ordered(quick)
    asked = AskedTrade(
        kind=TradeKind.SALES_ORDER,
        partner="C0001",
        lines=(AskedSale(item="MILK", quantity=D(2)),),
        source="Web",
    )
    sold = make_trade.create(quick.shop, BOSS, asked)
    quick.work()
    make.to_state(quick.shop, BOSS, bought.entry, PurchaseState.CANCELLED)
    move.to_state(quick.shop, BOSS, TradeKind.SALES_ORDER, sold.entry, new=TradeState.CANCELLED)
    quick.work()
    assert [row["Cancelled"] for row in quick.documents("Orders")] == ["tYES"]
    assert [row["Cancelled"] for row in quick.documents("PurchaseOrders")] == ["tYES"]
    quick.sound()


@pytest.mark.parametrize(
    ("quantity", "lot", "part"), [("44", "Y-A", "6"), ("45", "Y-B", "6"), ("45", "Y-A", "5")]
)
def test_an_arrival_of_other_goods_under_our_key_is_not_adopted(
    quick: Stockroom, quantity: str, lot: str, part: str
) -> None:
    order = ordered(quick)
    quick.work()
    [kept] = quick.documents("PurchaseOrders")
    receipt = arrive(quick, order, "45", ("Y-A", "6"))
    with quick.shop.store.read() as connection:
        number = purchases.receipts_of(connection, order.id)[-1]["number"]
    base = {"BaseType": 22, "BaseEntry": kept["DocEntry"]}
    lots = [{"BatchNumber": lot, "Quantity": D(part)}]
    quick.sap.post(
        "PurchaseDeliveryNotes",
        {
            "CardCode": "V0001",
            "NumAtCard": number,
            "U_Van_saleorder": receipt,
            "DocumentLines": [
                base | {"BaseLine": 0, "Quantity": D(quantity)},
                base | {"BaseLine": 1, "Quantity": D(part), "BatchNumbers": lots},
            ],
        },
    )
    quick.work()
    row = quick.row(receipt, PURCHASE_RECEIPT)
    assert (row["state"], row["reason_code"]) == ("RequiresReview", "mismatch")
    assert "other goods" in row["reason"]


def test_cents_of_rounding_are_tolerated_up_to_the_cap(quick: Stockroom) -> None:
    from pos_app.domain.money import Money
    from pos_app.services.posting.purchase import PurchaseOrderStep
    from pos_app.services.posting.step import Mismatch
    from sync.sap.goods_requests import OrderKind, OrderLine, OrderRequest
    from sync.sap.requests import Posted

    line = OrderLine(item_code="MILK", quantity=D(1), warehouse=SHOP, vat_group="I1")
    day = date(2026, 1, 5)
    request = OrderRequest(
        kind=OrderKind.PURCHASE_ORDER,
        key="po",
        card_code="V0001",
        doc_date=day,
        due_date=day,
        num_at_card="PO-1",
        lines=(line,) * 40,
    )
    step = PurchaseOrderStep(request, Money.of("100.00", "USD"))

    def held(total: str) -> Posted:
        return Posted(
            doc_entry=1,
            doc_num=1,
            doc_total=D(total),
            doc_total_fc=D(0),
            vat_sum=D(0),
            paid_to_date=D(0),
            paid_to_date_fc=D(0),
            currency="USD",
            card_code="V0001",
            num_at_card="PO-1",
            doc_date=day,
            status="open",
            cancelled=False,
        )

    step.check(held("100.05"))
    with pytest.raises(Mismatch):
        step.check(held("100.06"))
