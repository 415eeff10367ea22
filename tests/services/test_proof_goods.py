"""The daily proof of goods and promises: each deed seeded alone in SAP, and it alone is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.movement import MovementKind
from pos_app.domain.partner import Partner
from pos_app.domain.proof import Proof, Side
from pos_app.domain.purchase import PurchaseState
from pos_app.domain.trade import TradeKind, TradeState
from pos_app.services import count, movement
from pos_app.services.count import Entered
from pos_app.services.proof import day as proofs
from pos_app.services.proof import form
from pos_app.services.purchase import make as make_purchase
from pos_app.services.purchase import receive
from pos_app.services.purchase.asked import Arrived, AskedPurchase, Receipt
from pos_app.services.purchase.asked import AskedLine as AskedPart
from pos_app.services.trade import make, move
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.transfer import request, send
from pos_app.store import partner
from pos_app.store.engine import Store
from sandbox.fault import Fault
from sync.sap.goods_documents import ASIDE
from tests.stockroom import BOSS, SHOP, Stockroom, stockroom, to_depot

COUNTER = replace(BOSS, username="helper")
D = Decimal
MONEY = ("Quotations", "Orders", "PurchaseOrders")
PARTNERS = (*MONEY, "PurchaseDeliveryNotes")
MOVED = ("InventoryTransferRequests", "StockTransfers")
COUNTED = ("InventoryCountings", "InventoryPostings")
ISSUED = ("InventoryGenExits", "InventoryGenEntries")
TRADES = ("Quotations", "Orders")
VALUED = (*PARTNERS, *ISSUED)
BATCHED = ("PurchaseDeliveryNotes", "StockTransfers", *COUNTED, *ISSUED)
LOTS = ("BatchNumbers", "InventoryPostingBatchNumbers", "InventoryCountingBatchNumbers")
SETS = (*PARTNERS, *MOVED, *COUNTED, *ISSUED)


@pytest.fixture
def room(sqlite_store: Store) -> Stockroom:
    return filled(stockroom(sqlite_store))


def filled(room: Stockroom) -> Stockroom:
    """A day with one document of each kind, all of them in SAP."""
    shop = room.shop
    with shop.store.write() as connection:
        dairy = Partner("V0001", "Dairy", "1", "USD", kind="supplier")
        partner.put(connection, [dairy], at=shop.clock.now())
        buyer = Partner("C0001", "Corner Canteen", "1", "USD")
        partner.put(connection, [buyer], at=shop.clock.now())
    for kind in TradeKind:
        promise(room, kind)
    part = AskedPart(item="YOGHURT", quantity=D(10), unit_price=D("1.10"), tax_percent=D("15.5"))
    asked = AskedPurchase(partner="V0001", warehouse=SHOP, lines=(part,))
    order = make_purchase.create(shop, BOSS, asked)
    make_purchase.to_state(shop, BOSS, order.entry, PurchaseState.APPROVED)
    came = Receipt(lines=(Arrived(line=0, item="YOGHURT", quantity=D(4), batch="Y-NEW"),))
    receive.receive(shop, BOSS, order.entry, came)
    wanted = request.ask(shop, BOSS, to_depot(("YOGHURT", "3")))
    request.convert(shop, BOSS, wanted.id)
    out = movement.Line(item="YOGHURT", quantity=D(2), batches=(("Y-LATE", D(2)),))
    lot = movement.NewLot(batch="Y-FOUND", quantity=D(2))
    back = movement.Line(item="YOGHURT", quantity=D(2), lots=(lot,), unit_cost=D("1.25"))
    for kind, reason, line in (
        (MovementKind.ISSUE, "damaged", out),
        (MovementKind.RECEIPT, "found", back),
    ):
        moved = movement.Asked(kind=kind, warehouse=SHOP, reason=reason, lines=(line,))
        movement.book(shop, BOSS, moved)
    room.work()
    made = count.start(shop, BOSS, SHOP)
    count.enter(shop, COUNTER, made.entry, [Entered(item="YOGHURT", counted=D(27), batch="Y-LATE")])
    count.lock(shop, COUNTER, made.entry)
    count.book(shop, BOSS, made.entry)
    room.work()
    return room


def promise(room: Stockroom, kind: TradeKind) -> int:
    line = AskedLine(item="MILK", quantity=D(2))
    asked = AskedTrade(kind=kind, partner="C0001", lines=(line,), source="Web")
    made = make.create(room.shop, BOSS, asked)
    if made.state != TradeState.APPROVED:
        move.approve(room.shop, BOSS, kind, made.entry)
    return made.entry


def prove(room: Stockroom) -> Proof:
    return proofs.of_server(room.shop, room.shop.today, books=room.sap)


def row_of(room: Stockroom, set_name: str) -> dict[str, Any]:
    [row] = room.gate.core.books.tables[set_name].rows()
    return dict(row)


def lines_of(row: dict[str, Any]) -> str:
    return next(name for name in row if name.endswith("Lines") and row[name])


def key_of(set_name: str) -> str:
    return "Remarks" if set_name in COUNTED else "U_Van_saleorder"


Deed = tuple[str, dict[str, Any], set[str]]
"""The code a change gives, the change, and the figures that are named."""


def of_batches(set_name: str, lines: str, first: dict[str, Any], here: str) -> Iterator[Deed]:
    if set_name in BATCHED:
        lots = next(name for name in LOTS if first.get(name))
        lot, *others = first[lots]
        was, other = (f"batch {batch} of {here}" for batch in (lot["BatchNumber"], "B9"))
        changed = [{**lot, "Quantity": D(lot["Quantity"]) + 1}, *others]
        yield "sap_differs", {lines: [{**first, lots: changed}]}, {was}
        swapped = [{**lot, "BatchNumber": "B9"}, *others]
        yield "sap_differs", {lines: [{**first, lots: swapped}]}, {was, other}


def of_money(set_name: str, lines: str, row: dict[str, Any]) -> Iterator[Deed]:
    [first] = row[lines]
    if set_name in ISSUED:
        yield "sap_differs", {lines: [{**first, "AccountCode": "1110"}]}, {"account"}
    if set_name in TRADES:
        yield "sap_differs", {lines: [{**first, "VatGroup": "O2"}]}, {"tax O1", "tax O2"}
    if set_name in PARTNERS:
        yield "sap_differs", {"VatSum": D(row["VatSum"]) + D("0.10")}, {"VAT"}
    if set_name in VALUED:
        yield "sap_differs", {"DocTotal": D(row["DocTotal"]) + D("0.10")}, {"total"}


def deeds(set_name: str, row: dict[str, Any]) -> Iterator[Deed]:
    """Everything somebody might change in a document: the code it gives and the figures named."""
    lines = lines_of(row)
    [first] = row[lines]
    quantity = "Variance" if set_name in COUNTED else "Quantity"
    item, place = first["ItemCode"], first["WarehouseCode"]
    source = f"from {first['FromWarehouseCode']} to" if set_name in MOVED else "in"
    here = f"{item} {source} {place}"
    lots = next((name for name in LOTS if first.get(name)), "")
    batches = [lot["BatchNumber"] for lot in first.get(lots) or ()]

    def told(words: str) -> set[str]:
        return {words} | {f"batch {batch} of {words}" for batch in batches}

    yield "sap_differs", {lines: [{**first, quantity: D(first[quantity]) + 1}]}, {here}
    other = {**first, "ItemCode": "BOOK"}
    yield "sap_differs", {lines: [other]}, told(here) | told(f"BOOK {source} {place}")
    moved = {**first, "WarehouseCode": "ELSE"}
    yield "sap_differs", {lines: [moved]}, told(here) | told(f"{item} {source} ELSE")
    more = {"tax O1"} if set_name in TRADES else {"account"} if set_name in ISSUED else set()
    yield "sap_differs", {lines: []}, told(here) | more
    yield from of_batches(set_name, lines, first, here)
    yield from of_money(set_name, lines, row)
    day = {"InventoryCountings": "CountDate", "InventoryPostings": "PostingDate"}
    yield "sap_differs", {day.get(set_name, "DocDate"): "2026-10-31"}, {"day"}
    if set_name in PARTNERS:
        yield "sap_differs", {"CardCode": "C0000"}, {"partner"}
    if set_name in MONEY:
        yield "sap_differs", {"DocCurrency": "ZiG"}, {"currency"}
    if set_name in (*PARTNERS, *ISSUED):
        yield "sap_cancelled", {"Cancelled": "tYES", "CancelStatus": "csYes"}, set()
    yield "sap_missing", {key_of(set_name): None}, set()


def test_a_day_of_goods_that_is_in_sap_is_proven(store: Store) -> None:
    room = filled(stockroom(store))
    proof = prove(room)
    assert [row.sentence for row in proof.differences] == []
    assert proof.is_equal
    counts = {row.name: row.values for row in proof.sums if row.is_count}
    assert len(counts) == len(SETS)
    assert set(map(str, counts.values())) == {str({Side.SERVER: 1, Side.SAP: 1})}
    totals = {row.name for row in proof.sums if not row.is_count}
    assert totals == {
        "quotations total", "sales orders total", "purchase orders total",
        "purchase receipts total", "goods issues total", "goods receipts total",
    }  # fmt: skip
    assert "Till SRV, goods" in form.as_text(proof)


@pytest.mark.parametrize("set_name", SETS)
def test_each_deed_in_sap_is_the_one_difference(room: Stockroom, set_name: str) -> None:
    row = row_of(room, set_name)
    table = room.gate.core.books.tables[set_name]
    for code, change, figures in deeds(set_name, row):
        table.put(row | change)
        [difference] = prove(room).differences
        assert difference.code == code, difference.sentence
        assert {figure.name for figure in difference.figures} == figures, change
        assert difference.reference in difference.sentence
        assert code == "sap_missing" or "SAP" in difference.name
    names = ("DocumentEntry", "DocumentNumber") if set_name in COUNTED else ("DocEntry", "DocNum")
    another = dict.fromkeys(names, 999)
    table.put(row)
    table.put(row | another)
    [difference] = prove(room).differences
    assert difference.code == "sap_twice"
    table.put(row | another | {key_of(set_name): "somebody"})
    told = prove(room).differences
    # Where a count has no field of its own for the key, people write their words in its place.
    assert [one.code for one in told] == ([] if set_name in COUNTED else ["sap_extra"])


def test_a_counting_set_aside_is_no_unknown_document(room: Stockroom) -> None:
    row = row_of(room, "InventoryCountings")
    aside = {"DocumentEntry": 999, "Remarks": row["Remarks"] + ASIDE, "DocumentStatus": "cdsClosed"}
    room.gate.core.books.tables["InventoryCountings"].put(row | aside)
    assert prove(room).is_equal


def test_an_order_that_was_ended_here_is_cancelled_there(room: Stockroom) -> None:
    entry = promise(room, TradeKind.SALES_ORDER)
    room.work()
    move.to_state(room.shop, BOSS, TradeKind.SALES_ORDER, entry, new=TradeState.CANCELLED)
    room.work()
    assert sorted(row["Cancelled"] for row in room.documents("Orders")) == ["tNO", "tYES"]
    assert prove(room).is_equal


def test_what_waits_is_named_once(room: Stockroom) -> None:
    room.arm(Fault(do="error", code="-5002", message="no", on="POST StockTransfers", times=9))
    made = send.send(room.shop, BOSS, to_depot(("MILK", "1")))
    room.work()
    [difference] = prove(room).differences
    assert (difference.code, difference.reference) == ("sap_waiting", made.number)


def test_a_read_that_fails_leaves_sap_unread(room: Stockroom) -> None:
    room.arm(Fault(on="GET InventoryPostings", do="error", code="-1", times=9))
    proof = prove(room)
    assert [read.side for read in proof.unread] == [Side.SAP]
    assert proof.differences == ()


def test_more_documents_are_not_more_requests(room: Stockroom) -> None:
    def requests() -> int:
        before = len(room.gate.log.rows())
        assert prove(room).is_equal
        return len(room.gate.log.rows()) - before

    few = requests()
    for _ in range(5):
        send.send(room.shop, BOSS, to_depot(("MILK", "1")))
    room.work()
    assert requests() == few <= 32
