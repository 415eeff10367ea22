"""Quotations and orders into SAP: each once, invoices on their order, nothing open for ever."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from pos_app.domain.move import MoveRefused
from pos_app.domain.trade import (
    NotConvertible,
    Part,
    PartlyInvoiced,
    PromiseInDoubt,
    TradeKind,
    TradeState,
)
from pos_app.services.posting import review
from pos_app.services.posting import work as posting_work
from pos_app.services.shop import FiscalRules
from pos_app.services.trade import convert, make, move, promise, view
from pos_app.services.trade.asked import AskedLine, AskedTrade
from pos_app.services.trade.convert import AskedInvoice
from pos_app.services.trade.view import Trade
from pos_app.store import posting, warehouse
from pos_app.store import trade as trades
from pos_app.store.engine import Store
from pos_app.store.warehouse import Warehouse
from sandbox.fault import Fault
from tests import shops
from tests.office import Office, office

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
BOSS = replace(shops.actor("manager"), role="Admin", permissions=frozenset({"system.admin"}))
QUOTATION, ORDER = TradeKind.QUOTATION, TradeKind.SALES_ORDER
D = Decimal


def opened(store: Store, **changes: Any) -> Office:
    books = office(store, fiscal=NO_DEVICE, **changes)
    with books.shop.store.write() as connection:
        warehouse.put(connection, [Warehouse("SHOP1", "Shop")])
    return books


@pytest.fixture
def books(store: Store) -> Office:
    return opened(store)


@pytest.fixture
def quick(sqlite_store: Store) -> Office:
    return opened(sqlite_store)


def promised(books: Office, kind: TradeKind = ORDER, **changes: Any) -> Trade:
    """Ten litres of milk and three cups of yoghurt, 5 % off the whole, agreed to."""
    asked = AskedTrade(
        kind=kind,
        partner="C0001",
        lines=(
            AskedLine(item="MILK", quantity=Decimal(10)),
            AskedLine(item="YOGHURT", quantity=Decimal(3)),
        ),
        discount_percent=Decimal(5),
        reference="REF-1",
        source="Web",
    )
    return make.create(books.shop, BOSS, replace(asked, **changes))


def documents(books: Office, kind: str) -> list[dict[str, Any]]:
    rows = books.gate.core.ledger()["documents"]
    return [row for row in rows if row["set"] == kind]


def row_of(books: Office, kind: str, made: Trade) -> dict[str, Any]:
    entry = view.get(books.shop, made.id).booked.doc_entry
    assert entry is not None
    found = books.gate.core.books.row(kind, entry)
    assert found is not None
    return dict(found)


def state_of(books: Office, key: str) -> str:
    with books.shop.store.read() as connection:
        row = posting.by_key(connection, key)
    return str(row and row["state"])


def test_an_agreed_order_is_in_sap_once_to_the_cent(books: Office) -> None:
    made = promised(books)
    assert (made.state, made.booked.state) == (TradeState.APPROVED, "pending")
    assert books.work_on().waiting == 0
    known = view.get(books.shop, made.id)
    row = row_of(books, "Orders", made)
    assert known.booked.state == "done"
    assert (row["NumAtCard"], row["DocTotal"]) == (made.number, known.total.amount)
    assert row["DocumentStatus"] == "bost_Open"
    again = move.approve(books.shop, BOSS, ORDER, made.entry)
    assert again.booked == known.booked
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.ON_HOLD)
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.APPROVED)
    books.work_on()
    assert len(documents(books, "Orders")) == 1, "held and let go is the same promise"


@pytest.mark.parametrize(
    "fault", ["commit_then_drop", "commit_then_502", "drop_before", "stall", "truncate_json"]
)
def test_whatever_happens_to_the_line_there_is_one_order(quick: Office, fault: str) -> None:
    quick.arm(Fault(on="POST Orders", do=fault, seconds=400))
    made = promised(quick)
    assert quick.work_on().waiting == 0
    assert len(documents(quick, "Orders")) == 1
    assert view.get(quick.shop, made.id).booked.state == "done"


def test_from_quotation_to_cash_each_follows_the_other(books: Office) -> None:
    shop = books.shop
    quoted = promised(books, QUOTATION)
    ordered = convert.to_order(shop, BOSS, quoted.entry)
    move.approve(shop, BOSS, ORDER, ordered.entry)
    part = AskedInvoice(parts=(Part(1, Decimal(4)),))
    convert.to_invoice(shop, BOSS, ordered.entry, part)
    convert.to_invoice(shop, BOSS, ordered.entry, AskedInvoice())
    assert books.work_on().waiting == 0
    quotation, order = row_of(books, "Quotations", quoted), row_of(books, "Orders", ordered)
    assert quotation["DocumentStatus"] == order["DocumentStatus"] == "bost_Close"
    assert {line["BaseEntry"] for line in order["DocumentLines"]} == {quotation["DocEntry"]}
    invoices = documents(books, "Invoices")
    assert len(invoices) == 2
    bases = [
        line["BaseEntry"]
        for invoice in invoices
        for line in books.gate.core.books.row("Invoices", invoice["DocEntry"])["DocumentLines"]  # type: ignore[index]
    ]
    assert set(bases) == {order["DocEntry"]}
    assert len(bases) == 3
    assert books.calls(f"POST Orders({order['DocEntry']})/") == 0, "nothing was left to close"


def test_an_order_given_up_is_cancelled_in_sap(books: Office) -> None:
    made = promised(books)
    books.work_on()
    entry = row_of(books, "Orders", made)["DocEntry"]
    books.arm(Fault(on=f"POST Orders({entry})/Cancel", do="commit_then_drop"))
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert books.work_on().waiting == 0
    row = books.gate.core.books.row("Orders", entry)
    assert row is not None
    assert row["Cancelled"] == "tYES"
    assert books.calls(f"POST Orders({entry})/Cancel") == 1
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.DRAFT)
    move.approve(books.shop, BOSS, ORDER, made.entry)
    assert books.work_on().waiting == 0
    assert row_of(books, "Orders", made)["DocEntry"] != entry, "promised again, it is another"


def test_an_order_changed_after_its_promise_is_promised_anew(books: Office) -> None:
    made = promised(books)
    books.work_on()
    for state in (TradeState.ON_HOLD, TradeState.PENDING):
        move.to_state(books.shop, BOSS, ORDER, made.entry, new=state)
    less = AskedTrade(
        kind=ORDER, partner="C0001", lines=(AskedLine(item="MILK", quantity=Decimal(4)),)
    )
    make.change(books.shop, BOSS, made.entry, less)
    move.approve(books.shop, BOSS, ORDER, made.entry)
    assert books.work_on().waiting == 0
    known = view.get(books.shop, made.id)
    first, second = documents(books, "Orders")
    assert first["Cancelled"] == "tYES"
    assert D(second["DocTotal"]) == known.total.amount
    assert known.booked.doc_entry == second["DocEntry"]


@pytest.mark.postgres
def test_an_order_given_up_while_its_posting_ends_is_ended_in_sap(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one does not see yet that SAP has it, the other not yet that it is given up."""
    books = opened(postgres_store)
    made = promised(books)
    posted, given_up, booking = (threading.Event() for _ in range(3))
    complete, book = posting_work._complete, trades.book

    def late(*args: Any) -> None:
        posted.set()
        assert given_up.wait(20)
        complete(*args)

    def told(*args: Any) -> None:
        booking.set()
        book(*args)

    monkeypatch.setattr(posting_work, "_complete", late)
    monkeypatch.setattr(trades, "book", told)
    worker = threading.Thread(target=books.work)
    worker.start()
    assert posted.wait(20)
    with books.shop.store.write() as connection:
        row = move.held(connection, ORDER, made.entry)
        move.shift(books.shop, connection, BOSS, row, new=TradeState.CANCELLED)
        given_up.set()
        booking.wait(1)
    worker.join(20)
    books.work_on()
    [order] = documents(books, "Orders")
    assert order["Cancelled"] == "tYES"


def test_an_order_deleted_on_its_way_is_ended_in_sap(quick: Office) -> None:
    quick.arm(Fault(on="POST Orders", do="commit_then_drop"))
    made = promised(quick)
    quick.work()
    move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    move.drop(quick.shop, BOSS, ORDER, made.entry)
    assert quick.work_on().waiting == 0
    [order] = documents(quick, "Orders")
    assert order["Cancelled"] == "tYES"


LESS = AskedTrade(kind=ORDER, partner="C0001", lines=(AskedLine(item="MILK", quantity=D(4)),))


@pytest.mark.parametrize("is_there", [True, False])
def test_an_order_whose_promise_may_be_in_sap_gets_no_other_content(
    books: Office, is_there: bool
) -> None:
    books.arm(Fault(on="POST Orders", do="commit_then_drop" if is_there else "drop_before"))
    made = promised(books)
    books.work()
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.ON_HOLD)
    with pytest.raises(PromiseInDoubt, match="SAP may hold"):
        move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.PENDING)
    assert view.get(books.shop, made.id).state is TradeState.ON_HOLD
    assert books.work_on().waiting == 0
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.PENDING)
    make.change(books.shop, BOSS, made.entry, LESS)
    known = move.approve(books.shop, BOSS, ORDER, made.entry)
    assert books.work_on().waiting == 0
    *ended, open_one = documents(books, "Orders")
    assert {row["Cancelled"] for row in ended} == {"tYES"}
    assert D(open_one["DocTotal"]) == known.total.amount


@pytest.mark.parametrize("is_there", [True, False])
def test_an_order_given_up_is_not_sent_to_sap_only_to_be_cancelled(
    books: Office, is_there: bool
) -> None:
    books.arm(Fault(on="POST Orders", do="commit_then_drop" if is_there else "drop_before"))
    made = promised(books)
    books.work()
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert books.work_on().waiting == 0
    assert [row["Cancelled"] for row in documents(books, "Orders")] == ["tYES"] * is_there
    assert state_of(books, f"{made.id}-1") == ("Completed" if is_there else "Cancelled")
    known = view.get(books.shop, made.id)
    assert (known.booked.state, known.booked.reason) == ("done" if is_there else "", "")


def test_an_order_taken_out_of_the_queue_can_be_promised_anew(quick: Office) -> None:
    quick.arm(Fault(on="POST Orders", do="error", code=-5002, message="Account is locked", times=9))
    made = promised(quick)
    quick.work_on()
    quick.arm()
    review.cancel(quick.shop, BOSS, made.number, reason="the account is wrong")
    with pytest.raises(promise.NotPostable, match="out of the queue"):
        move.post_to_sap(quick.shop, BOSS, ORDER, made.entry)
    for state in (TradeState.ON_HOLD, TradeState.PENDING, TradeState.APPROVED):
        move.to_state(quick.shop, BOSS, ORDER, made.entry, new=state)
    assert quick.work_on().waiting == 0
    assert view.get(quick.shop, made.id).booked.state == "done"
    assert len(documents(quick, "Orders")) == 1


def test_an_order_that_was_partly_invoiced_is_not_made_anew(quick: Office) -> None:
    """Its lines say how much is left; as a draft they could be others."""
    made = promised(quick)
    convert.to_invoice(quick.shop, BOSS, made.entry, AskedInvoice(parts=(Part(1, D(4)),)))
    move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    with pytest.raises(PartlyInvoiced, match="make another"):
        move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.DRAFT)


def test_what_is_left_of_an_order_is_closed_in_sap(books: Office) -> None:
    made = promised(books)
    convert.to_invoice(books.shop, BOSS, made.entry, AskedInvoice(parts=(Part(1, Decimal(4)),)))
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.INVOICED)
    assert books.work_on().waiting == 0
    row = row_of(books, "Orders", made)
    assert (row["DocumentStatus"], row.get("Cancelled", "tNO")) == ("bost_Close", "tNO")


def test_what_sap_never_heard_of_is_not_told_only_to_be_cancelled(books: Office) -> None:
    made = promised(books)
    move.to_state(books.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert books.work_on().waiting == 0
    assert documents(books, "Orders") == []
    assert view.get(books.shop, made.id).booked.state == ""
    assert state_of(books, f"{made.id}-1") == "Cancelled"


def test_a_draft_of_an_order_given_up_is_not_forgotten(quick: Office) -> None:
    quick.gate.core.change_company({"approval": ["Orders"]})
    made = promised(quick)
    quick.work_on(seconds=60)
    move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert state_of(quick, f"{made.id}-1") == "Pending", "approved there, it is ended there"


def test_an_order_sap_holds_at_another_total_is_not_called_unheard(quick: Office) -> None:
    made = promised(quick)
    with quick.shop.store.write() as connection:
        connection.execute(text("UPDATE trades SET total = total + 1"))
    quick.work_on(seconds=60)
    assert len(documents(quick, "Orders")) == 1
    move.to_state(quick.shop, BOSS, ORDER, made.entry, new=TradeState.CANCELLED)
    assert state_of(quick, f"{made.id}-1") == "RequiresReview"


def test_an_order_sap_refuses_never_holds_its_invoice_up(books: Office) -> None:
    books.arm(Fault(on="POST Orders", do="error", code=-5002, message="Account is locked", times=9))
    made = promised(books)
    sold = convert.to_invoice(books.shop, BOSS, made.entry, AskedInvoice())
    books.work_on()
    known = view.get(books.shop, made.id)
    assert known.booked.state == "review"
    assert known.booked.reason
    [invoice] = documents(books, "Invoices")
    assert invoice["U_Van_saleorder"] == sold.id
    books.arm()
    with pytest.raises(Exception, match="approve it first"):
        move.post_to_sap(books.shop, BOSS, ORDER, made.entry)


def test_an_order_in_review_is_tried_again_by_hand(books: Office) -> None:
    books.arm(Fault(on="POST Orders", do="error", code=-5002, message="Account is locked", times=9))
    made = promised(books)
    books.work_on()
    books.arm()
    again = move.post_to_sap(books.shop, BOSS, ORDER, made.entry)
    assert again.booked.state == "pending"
    assert books.work_on().waiting == 0
    assert len(documents(books, "Orders")) == 1


def test_an_invoice_of_an_order_closed_in_sap_by_hand_stands_alone(books: Office) -> None:
    made = promised(books)
    books.work_on()
    entry = row_of(books, "Orders", made)["DocEntry"]
    books.sap.post(f"Orders({entry})/Close")
    convert.to_invoice(books.shop, BOSS, made.entry, AskedInvoice())
    assert books.work_on().waiting == 0
    [invoice] = documents(books, "Invoices")
    row = books.gate.core.books.row("Invoices", invoice["DocEntry"])
    assert row is not None
    assert all(line.get("BaseEntry") is None for line in row["DocumentLines"])


def test_a_zig_order_goes_at_its_own_rate(quick: Office) -> None:
    made = promised(quick, partner="C0000", currency="ZIG")
    assert quick.work_on().waiting == 0
    row = row_of(quick, "Orders", made)
    assert (row["DocCurrency"], row["DocTotalFc"]) == ("ZiG", made.total.amount)


def test_a_shop_without_sap_has_the_same_queue_and_a_number_of_its_own(
    sqlite_store: Store,
) -> None:
    books = opened(sqlite_store, has_sap=False)
    made = promised(books)
    assert (made.state, made.booked.state) == (TradeState.APPROVED, "pending")
    assert posting_work.work(books.shop, None, owner="w").waiting == 0
    known = view.get(books.shop, made.id).booked
    assert (known.state, known.doc_entry, known.doc_num) == ("done", 1, 1)
    move.post_to_sap(books.shop, BOSS, ORDER, made.entry)
    assert view.get(books.shop, made.id).booked.state == "done"
    assert documents(books, "Orders") == []


def test_an_order_nothing_was_invoiced_of_is_not_said_to_be_invoiced(quick: Office) -> None:
    made = promised(quick)
    for new in (TradeState.INVOICED, TradeState.PARTIALLY_INVOICED):
        with pytest.raises(MoveRefused):
            move.to_state(quick.shop, BOSS, ORDER, made.entry, new=new)
    assert view.get(quick.shop, made.id).state == TradeState.APPROVED


def test_a_conversion_whose_answer_was_lost_is_answered_again(quick: Office) -> None:
    quoted = promised(quick, QUOTATION)
    first = convert.to_order(quick.shop, BOSS, quoted.entry, document_id="the-order")
    again = convert.to_order(quick.shop, BOSS, quoted.entry, document_id="the-order")
    assert (again.id, again.number) == (first.id, first.number) == ("the-order", first.number)
    with pytest.raises(NotConvertible):
        convert.to_order(quick.shop, BOSS, quoted.entry, document_id="another")
