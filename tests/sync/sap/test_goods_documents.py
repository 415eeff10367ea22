from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync.errors import OutcomeUnknown
from sync.sap.documents import find_by_key, get_invoice, post_invoice
from sync.sap.errors import AwaitingApproval, FieldTooLong, Kind, MoreThanOne, RequestInvalid
from sync.sap.errors import SapRejected as Rejected
from sync.sap.goods_documents import (
    OverReceipt,
    document_lines,
    find_count,
    find_count_posting,
    find_movement,
    find_order,
    find_purchase_receipt,
    find_transfer,
    post_count,
    post_count_posting,
    post_movement,
    post_order,
    post_purchase_receipt,
    post_transfer,
)
from sync.sap.goods_requests import (
    BaseLine,
    CountedLine,
    CountLine,
    CountPostingRequest,
    CountRequest,
    MovementKind,
    MovementLine,
    MovementRequest,
    OrderKind,
    OrderLine,
    OrderRequest,
    PurchaseReceiptRequest,
    ReceivedLine,
    StockTransferRequest,
    TransferKind,
    TransferLine,
)
from sync.sap.query import Query
from sync.sap.requests import BatchPick, NewBatch
from sync.sap.taking_back import cancel, close

DAY = date(2026, 8, 20)
D = Decimal


def refusal(call: Any, *arguments: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        call(*arguments)
    return caught.value


def order(kind: OrderKind = OrderKind.ORDER, key: str = "so-1", **more: Any) -> OrderRequest:
    is_purchase = kind is OrderKind.PURCHASE_ORDER
    price = {"unit_price": D("0.80")} if is_purchase else {"price_after_vat": D("1.00")}
    line = OrderLine(
        item_code="BREAD",
        quantity=D(10),
        warehouse="SHOP1",
        vat_group="I01" if is_purchase else "O0",
        **price,
    )
    values: dict[str, Any] = {
        "card_code": "V0001" if is_purchase else "C0001",
        "doc_date": DAY,
        "due_date": DAY + timedelta(days=1),
        "num_at_card": f"N-{key}",
        "lines": (line,),
    } | more
    return OrderRequest(kind=kind, key=key, **values)


def receipt(entry: int, quantity: str, key: str = "gr-1", **more: Any) -> PurchaseReceiptRequest:
    line = ReceivedLine(
        item_code="BREAD", quantity=D(quantity), warehouse="SHOP1", base=BaseLine(entry, 0)
    )
    values: dict[str, Any] = {
        "card_code": "V0001",
        "doc_date": DAY,
        "num_at_card": "DN-77",
        "lines": (line,),
    } | more
    return PurchaseReceiptRequest(key=key, **values)


def transfer(kind: TransferKind = TransferKind.TRANSFER, key: str = "t-1", **more: Any) -> Any:
    line = TransferLine(
        item_code="BREAD", quantity=D(24), from_warehouse="MAIN", to_warehouse="SHOP1"
    )
    values = {"doc_date": DAY, "lines": (replace(line, **more),)}
    return StockTransferRequest(kind=kind, key=key, **values)


def movement(kind: MovementKind, key: str = "m-1", *lines: MovementLine, **more: Any) -> Any:
    line = MovementLine(item_code="BREAD", quantity=D(2), warehouse="SHOP1", account="6400")
    return MovementRequest(kind=kind, key=key, doc_date=DAY, lines=lines or (line,), **more)


def count(key: str = "c-1", counted: str = "8", **more: Any) -> CountRequest:
    line = CountLine(item_code="BREAD", warehouse="SHOP1", counted=D(counted))
    values = {"lines": (line,)} | more
    return CountRequest(key=key, count_date=DAY, count_time=time(18, 0), counter=1, **values)


def posting(entry: int, counted: str, key: str = "cp-1", **more: Any) -> CountPostingRequest:
    line = CountedLine(
        item_code="BREAD", warehouse="SHOP1", counted=D(counted), base=BaseLine(entry, 1), **more
    )
    return CountPostingRequest(key=key, posting_date=DAY, count_date=DAY, lines=(line,))


def level(world: Any, item: str = "BREAD", place: str = "SHOP1") -> Any:
    [row] = world.sl.rows(
        "Items",
        Query(select=("ItemCode", "ItemWarehouseInfoCollection"), where=f"ItemCode eq '{item}'"),
    )
    return next(
        (one["InStock"], one["Committed"], one["Ordered"])
        for one in row["ItemWarehouseInfoCollection"]
        if one["WarehouseCode"] == place
    )


def documents(world: Any, set_name: str) -> list[Any]:
    return [row for row in world.core.ledger()["documents"] if row["set"] == set_name]


@pytest.mark.parametrize("kind", list(OrderKind))
def test_an_order_is_posted_once_and_found_by_its_key(world: Any, kind: OrderKind) -> None:
    assert find_order(world.sl, kind, "so-1") is None
    posted = post_order(world.sl, order(kind))
    assert find_order(world.sl, kind, "so-1") == posted
    assert posted.doc_total == (D("9.24") if kind is OrderKind.PURCHASE_ORDER else 10)
    [document] = documents(world, kind)
    assert (document["U_Van_saleorder"], document["NumAtCard"]) == ("so-1", "N-so-1")
    assert document["DocDueDate"] == "2026-08-21"
    assert document["moves"] == []


@pytest.mark.parametrize("kind", list(OrderKind))
def test_l01_an_order_whose_answer_got_lost_is_found(world: Any, kind: OrderKind) -> None:
    world.arm("commit_then_drop", f"POST {kind}")
    with pytest.raises(OutcomeUnknown):
        post_order(world.sl, order(kind))
    assert find_order(world.sl, kind, "so-1") is not None
    assert len(documents(world, kind)) == 1


def test_orders_promise_goods_until_they_are_invoiced_closed_or_cancelled(
    world: Any, make: Any
) -> None:
    first = post_order(world.sl, order(key="so-1"))
    second = post_order(world.sl, order(key="so-2"))
    assert level(world) == (10, 20, 0)
    line = replace(make.line("BREAD", "4", "1.00"), base_line=0)
    post_invoice(world.sl, make.invoice("k-1", line, order_entry=first.doc_entry))
    assert level(world) == (6, 16, 0)
    [state] = document_lines(world.sl, OrderKind.ORDER, first.doc_entry) or ()
    assert (state.quantity, state.open_quantity, state.is_open) == (10, 6, True)
    close(world.sl, "Orders", first.doc_entry)
    cancel(world.sl, "Orders", second.doc_entry)
    assert level(world) == (6, 0, 0)
    late = make.invoice("k-2", line, order_entry=first.doc_entry)
    assert refusal(post_invoice, world.sl, late).kind is Kind.BASE_CLOSED
    assert find_order(world.sl, OrderKind.ORDER, "so-2") is None


def test_a_quotation_becomes_an_order(local: Any) -> None:
    quoted = post_order(local.sl, order(OrderKind.QUOTATION, "q-1"))
    line = replace(order().lines[0], base=BaseLine(quoted.doc_entry, 0))
    post_order(local.sl, order(key="so-1", lines=(line,)))
    again = find_order(local.sl, OrderKind.QUOTATION, "q-1")
    assert again is not None
    assert again.status == "closed"
    second = order(key="so-2", lines=(line,))
    assert refusal(post_order, local.sl, second).kind is Kind.BASE_CLOSED
    stranger = order(key="so-3", card_code="C0003", lines=(line,))
    assert refusal(post_order, local.sl, stranger).kind is Kind.BASE_CLOSED


def test_l61_a_partial_receipt_whose_answer_got_lost_is_one_receipt(world: Any) -> None:
    ordered = post_order(world.sl, order(OrderKind.PURCHASE_ORDER, "po-1"))
    assert level(world) == (10, 0, 10)
    world.arm("commit_then_drop", "POST PurchaseDeliveryNotes")
    with pytest.raises(OutcomeUnknown):
        post_purchase_receipt(world.sl, receipt(ordered.doc_entry, "6"))
    found = find_purchase_receipt(world.sl, "gr-1")
    assert found is not None
    assert (found.num_at_card, found.card_code) == ("DN-77", "V0001")
    assert level(world) == (16, 0, 4)
    [state] = document_lines(world.sl, OrderKind.PURCHASE_ORDER, ordered.doc_entry) or ()
    assert state.open_quantity == 4
    seen = world.calls("POST PurchaseDeliveryNotes")
    with pytest.raises(OverReceipt):
        post_purchase_receipt(world.sl, receipt(ordered.doc_entry, "5", "gr-2"))
    assert world.calls("POST PurchaseDeliveryNotes") == seen
    post_purchase_receipt(world.sl, receipt(ordered.doc_entry, "4", "gr-2"))
    closed = find_order(world.sl, OrderKind.PURCHASE_ORDER, "po-1")
    assert closed is not None
    assert closed.status == "closed"
    with pytest.raises(OverReceipt):
        post_purchase_receipt(world.sl, receipt(ordered.doc_entry, "1", "gr-3"))
    assert level(world) == (20, 0, 0)


def test_more_than_ordered_is_the_companys_choice(local: Any) -> None:
    ordered = post_order(local.sl, order(OrderKind.PURCHASE_ORDER, "po-1"))
    more = receipt(ordered.doc_entry, "12")
    with pytest.raises(Rejected) as caught:
        post_purchase_receipt(local.sl, more, may_exceed=True)
    assert caught.value.code == "-5002"
    local.core.change_company({"allow_over_receipt": True})
    post_purchase_receipt(local.sl, more, may_exceed=True)
    assert level(local) == (22, 0, 0)


def test_a_receipt_brings_new_batches_and_its_cancellation_takes_them_back(world: Any) -> None:
    line = ReceivedLine(
        item_code="MILK1",
        quantity=D(96),
        warehouse="MAIN",
        vat_group="I01",
        unit_price=D("1.10"),
        batches=(NewBatch("B9", D(96), expiry=date(2026, 9, 30)),),
    )
    posted = post_purchase_receipt(world.sl, receipt(0, "1", lines=(line,)))
    assert posted.doc_total == D("121.97")
    [batch] = world.sl.rows(
        "BatchNumberDetails", Query(select=("ExpirationDate",), where="Batch eq 'B9'")
    )
    assert batch["ExpirationDate"][:10] == "2026-09-30"
    cancel(world.sl, "PurchaseDeliveryNotes", posted.doc_entry)
    assert find_purchase_receipt(world.sl, "gr-1") is None
    assert world.core.books.on_hand("MILK1", "MAIN") == 7


@pytest.mark.parametrize("kind", list(TransferKind))
def test_l01_a_transfer_whose_answer_got_lost_is_found(world: Any, kind: TransferKind) -> None:
    assert find_transfer(world.sl, kind, "t-1") is None
    world.arm("commit_then_502", f"POST {kind}")
    with pytest.raises(OutcomeUnknown):
        post_transfer(world.sl, transfer(kind))
    found = find_transfer(world.sl, kind, "t-1")
    assert found is not None
    assert [(line.item_code, line.quantity) for line in found.lines] == [("BREAD", 24)]
    moved = 0 if kind is TransferKind.REQUEST else 24
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10 + moved
    assert len(documents(world, kind)) == 1


def test_a_transfer_follows_its_request_until_nothing_is_open(world: Any) -> None:
    asked = post_transfer(world.sl, transfer(TransferKind.REQUEST, "tr-1"))
    assert level(world) == (10, 0, 24)
    assert level(world, place="MAIN") == (100, 24, 0)
    base = BaseLine(asked.doc_entry, 0)
    sent = post_transfer(world.sl, transfer(key="t-1", quantity=D(20), base=base))
    again = find_transfer(world.sl, TransferKind.REQUEST, "tr-1")
    assert again is not None
    assert (again.status, again.lines[0].open_quantity) == ("open", 4)
    assert level(world) == (30, 0, 4)
    too_much = transfer(key="t-2", quantity=D(5), base=base)
    assert refusal(post_transfer, world.sl, too_much).code == "-5002"
    cancel(world.sl, "StockTransfers", sent.doc_entry)
    assert level(world) == (10, 0, 24)
    close(world.sl, "InventoryTransferRequests", asked.doc_entry)
    assert level(world) == (10, 0, 0)
    assert find_transfer(world.sl, TransferKind.TRANSFER, "t-1") is not None


def test_batches_go_along_with_a_transfer(world: Any) -> None:
    pick = (BatchPick("B1", D(3)),)
    post_transfer(world.sl, transfer(item_code="MILK1", quantity=D(3), batches=pick))
    assert world.core.books.batch_stock[1] == {"SHOP1": 8, "MAIN": 4}
    short = transfer(key="t-2", item_code="MILK1", quantity=D(2))
    assert refusal(post_transfer, world.sl, short).code == "-4014"


def test_l57_an_approved_transfer_is_one_draft_and_then_one_transfer(world: Any) -> None:
    world.core.change_company({"approval": ["StockTransfers"]})
    with pytest.raises(AwaitingApproval) as caught:
        post_transfer(world.sl, transfer())
    draft = caught.value.draft_entry
    assert find_transfer(world.sl, TransferKind.TRANSFER, "t-1") is None
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10
    world.sl.post(f"StockTransferDrafts({draft})/SaveDraftToDocument")
    assert find_transfer(world.sl, TransferKind.TRANSFER, "t-1") is not None
    assert world.core.books.on_hand("BREAD", "SHOP1") == 34
    world.arm("lookup_fails", "GET StockTransferDrafts", times=9)
    with pytest.raises(OutcomeUnknown):
        post_transfer(world.sl, transfer(key="t-2"))


@pytest.mark.parametrize("kind", list(OrderKind))
def test_l57_an_order_that_waits_for_approval_is_one_draft(local: Any, kind: OrderKind) -> None:
    local.core.change_company({"approval": [str(kind)]})
    with pytest.raises(AwaitingApproval) as caught:
        post_order(local.sl, order(kind))
    document = {"Document": {"DocEntry": caught.value.draft_entry}}
    local.sl.post("DraftsService_SaveDraftToDocument", document)
    assert find_order(local.sl, kind, "so-1") is not None


def test_goods_leave_and_come_in_for_a_reason(world: Any) -> None:
    assert find_movement(world.sl, MovementKind.ISSUE, "m-1") is None
    issued = post_movement(world.sl, movement(MovementKind.ISSUE, comments="Breakage"))
    assert find_movement(world.sl, MovementKind.ISSUE, "m-1") == issued
    assert world.core.books.on_hand("BREAD", "SHOP1") == 8
    line = MovementLine(
        item_code="MILK1",
        quantity=D(3),
        warehouse="SHOP1",
        account="6400",
        unit_price=D("1.10"),
        batches=(NewBatch("B1", D(1)), NewBatch("B9", D(2), expiry=DAY)),
    )
    found = post_movement(world.sl, movement(MovementKind.RECEIPT, "m-2", line))
    assert found.doc_total == D("3.30")
    [document] = documents(world, "InventoryGenEntries")
    assert document["DocumentLines"][0]["AccountCode"] == "6400"
    assert document["moves"] == [{"item": "MILK1", "warehouse": "SHOP1", "quantity": "3"}]
    cancel(world.sl, "InventoryGenExits", issued.doc_entry)
    assert world.core.books.on_hand("BREAD", "SHOP1") == 10


@pytest.mark.parametrize("kind", list(MovementKind))
def test_l01_a_movement_whose_answer_got_lost_is_found(world: Any, kind: MovementKind) -> None:
    world.arm("truncate_json", f"POST {kind}")
    with pytest.raises(OutcomeUnknown):
        post_movement(world.sl, movement(kind))
    assert find_movement(world.sl, kind, "m-1") is not None
    assert len(documents(world, kind)) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": "4711"}, "-5002"),
        ({"account": "1199"}, "-5002"),
        ({"quantity": D(11)}, "-10"),
        ({"warehouse": "SHUT"}, "-5002"),
        ({"costing_code": "GONE"}, "-5002"),
        ({"uom_entry": 7}, "-5002"),
    ],
)
def test_an_issue_sap_would_refuse(local: Any, change: dict[str, Any], code: str) -> None:
    line = replace(movement(MovementKind.ISSUE).lines[0], **change)
    wrong = movement(MovementKind.ISSUE, "m-1", line)
    assert refusal(post_movement, local.sl, wrong).code == code
    assert world_is_untouched(local)


def world_is_untouched(world: Any) -> bool:
    return bool(world.core.books.on_hand("BREAD", "SHOP1") == 10) and not documents(
        world, "InventoryGenExits"
    )


def test_l62_sales_after_the_count_do_not_count_twice(world: Any, make: Any) -> None:
    counted = post_count(world.sl, count(counted="8"))
    assert find_count(world.sl, "c-1") == counted
    assert (counted.lines[0].quantity, counted.lines[0].open_quantity) == (8, -2)
    post_invoice(world.sl, make.invoice("k-1", make.line("BREAD", "3")))
    assert world.core.books.on_hand("BREAD", "SHOP1") == 7
    posted = post_count_posting(world.sl, posting(counted.doc_entry, "8"))
    assert find_count_posting(world.sl, "cp-1") == posted
    assert posted.lines[0].open_quantity == -2
    assert world.core.books.on_hand("BREAD", "SHOP1") == 5
    done = find_count(world.sl, "c-1")
    assert done is not None
    assert (done.status, done.lines[0].is_open) == ("closed", False)
    again = posting(counted.doc_entry, "8", "cp-2")
    assert refusal(post_count_posting, world.sl, again).kind is Kind.BASE_CLOSED


def test_l01_a_count_and_its_posting_whose_answers_got_lost_are_found(world: Any) -> None:
    world.arm("commit_then_drop", "POST Inventory", times=2)
    with pytest.raises(OutcomeUnknown):
        post_count(world.sl, count())
    counted = find_count(world.sl, "c-1")
    assert counted is not None
    with pytest.raises(OutcomeUnknown):
        post_count_posting(world.sl, posting(counted.doc_entry, "8"))
    assert find_count_posting(world.sl, "cp-1") is not None
    assert len(documents(world, "InventoryPostings")) == 1
    assert world.core.books.on_hand("BREAD", "SHOP1") == 8


def test_one_batch_rises_while_another_falls(world: Any) -> None:
    batches = (BatchPick("B1", D(4)), BatchPick("B2", D(7)), BatchPick("B3", D(9)))
    line = CountLine(item_code="MILK1", warehouse="SHOP1", counted=D(20), batches=batches)
    counted = post_count(world.sl, count(lines=(line,)))
    assert counted.lines[0].open_quantity == 1
    differences = (BatchPick("B1", D(-1)), BatchPick("B2", D(2)))
    request = posting(counted.doc_entry, "20")
    line_posted = replace(request.lines[0], item_code="MILK1")
    bare = replace(request, lines=(line_posted,))
    assert refusal(post_count_posting, world.sl, bare).code == "-4014"
    full = replace(request, lines=(replace(line_posted, batches=differences),))
    post_count_posting(world.sl, full)
    assert world.core.books.on_hand("MILK1", "SHOP1") == 20
    assert [world.core.books.batch_stock[entry]["SHOP1"] for entry in (1, 2, 3)] == [4, 7, 9]


def test_a_frozen_item_stands_still_until_its_count_is_posted(local: Any, make: Any) -> None:
    line = CountLine(item_code="BREAD", warehouse="SHOP1", counted=D(9), is_frozen=True)
    counted = post_count(local.sl, count(lines=(line,)))
    sale = make.invoice("k-1", make.line("BREAD", "1"))
    assert refusal(post_invoice, local.sl, sale).code == "-10"
    assert refusal(post_count, local.sl, count("c-2")).code == "-10"
    post_count_posting(local.sl, posting(counted.doc_entry, "9"))
    assert post_invoice(local.sl, sale).doc_entry == 1


def test_a_count_that_is_closed_unposted_moves_nothing(local: Any, make: Any) -> None:
    counted = post_count(local.sl, count())
    close(local.sl, "InventoryCountings", counted.doc_entry)
    close(local.sl, "InventoryCountings", counted.doc_entry)
    done = find_count(local.sl, "c-1")
    assert done is not None
    assert done.status == "closed"
    assert local.core.books.on_hand("BREAD", "SHOP1") == 10
    assert post_count(local.sl, count("c-2")).doc_entry == 2


def test_counts_carry_their_key_in_a_field_of_their_own_where_there_is_one(local: Any) -> None:
    fields = {"OINV": ["U_Van_saleorder"], "OINC": ["U_Key"], "OIQR": ["U_Key"]}
    local.core.change_company({"user_fields": fields})
    sl = local.client(count_key_field="U_Key")
    counted = post_count(sl, count(comments="Evening count"))
    assert find_count(sl, "c-1") == counted
    assert find_count(local.sl, "c-1") is None
    [document] = documents(local, "InventoryCountings")
    assert (document["U_Key"], document["Remarks"]) == ("c-1", "Evening count")


def test_l59_a_cancellation_is_believed_only_when_it_shows(world: Any) -> None:
    posted = post_order(world.sl, order())
    world.arm("commit_then_drop", "POST Orders(")
    cancel(world.sl, "Orders", posted.doc_entry)
    cancel(world.sl, "Orders", posted.doc_entry)
    assert world.calls(f"POST Orders({posted.doc_entry})/Cancel") == ["dropped after 204"]
    second = post_order(world.sl, order(key="so-2"))
    world.arm("drop_before", "POST Orders(")
    with pytest.raises(OutcomeUnknown):
        cancel(world.sl, "Orders", second.doc_entry)
    assert refusal(cancel, world.sl, "Orders", 99).kind is Kind.MISSING
    assert refusal(close, world.sl, "Invoices", 99).kind is Kind.MISSING


def test_an_invoice_is_not_closed_by_hand(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1"))
    assert refusal(close, local.sl, "Invoices", posted.doc_entry).kind is Kind.PERMANENT
    left = get_invoice(local.sl, posted.doc_entry)
    assert left is not None
    assert left.status == "open"


def test_a_closed_order_opens_again(local: Any) -> None:
    posted = post_order(local.sl, order())
    close(local.sl, "Orders", posted.doc_entry)
    local.sl.post(f"Orders({posted.doc_entry})/Reopen")
    assert level(local) == (10, 10, 0)
    assert refusal(local.sl.post, f"Orders({posted.doc_entry})/Reopen").code == "-5006"


def test_two_documents_under_one_key_are_an_alarm(local: Any) -> None:
    post_transfer(local.sl, transfer())
    post_transfer(local.sl, transfer())
    error = refusal(find_transfer, local.sl, TransferKind.TRANSFER, "t-1")
    assert isinstance(error, MoreThanOne)
    assert error.entries == (2, 1)


def test_purchases_and_sales_do_not_share_vat_groups_or_partners(local: Any) -> None:
    sold = order(lines=(replace(order().lines[0], vat_group="I01"),))
    assert refusal(post_order, local.sl, sold).code == "-5002"
    bought = order(OrderKind.PURCHASE_ORDER)
    wrong = replace(bought, lines=(replace(bought.lines[0], vat_group="O0"),))
    assert refusal(post_order, local.sl, wrong).code == "-5002"
    assert refusal(post_order, local.sl, replace(bought, card_code="C0001")).code == "-5002"
    body = {"CardCode": "C0001", "DocumentLines": [{"ItemCode": "BREAD"}]}
    assert refusal(local.sl.post, "Orders", body).text == "Due date is missing  [DocDueDate]"


@pytest.mark.parametrize(
    ("post", "request_", "error"),
    [
        (post_order, order(key="k" * 101), FieldTooLong),
        (post_order, order(key=""), RequestInvalid),
        (post_order, order(lines=()), RequestInvalid),
        (post_order, order(card_code=""), RequestInvalid),
        (post_purchase_receipt, receipt(1, "0"), RequestInvalid),
        (post_transfer, transfer(to_warehouse="MAIN"), RequestInvalid),
        (post_transfer, transfer(to_warehouse="WAREHOUSE9"), FieldTooLong),
        (post_transfer, transfer(batches=(BatchPick("B1", D(1)),)), RequestInvalid),
        (
            post_transfer,
            transfer(TransferKind.REQUEST, batches=(BatchPick("B1", D(24)),)),
            RequestInvalid,
        ),
        (post_movement, movement(MovementKind.ISSUE, reference="r" * 12), FieldTooLong),
        (post_movement, movement(MovementKind.ISSUE, comments="r" * 255), FieldTooLong),
        (post_count, count(counted="-1"), RequestInvalid),
        (post_count, count(comments="no room for it"), RequestInvalid),
    ],
)
def test_what_can_never_be_posted_is_not_sent(
    local: Any, post: Any, request_: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        post(local.sl, request_)
    assert local.gate.log.rows() == []


@pytest.mark.parametrize("set_name", ["Orders", "PurchaseDeliveryNotes", "InventoryGenExits"])
def test_l02_could_not_ask_is_not_a_no(world: Any, set_name: str) -> None:
    world.arm("lookup_fails", f"GET {set_name}", code=-1000, message="broken guard")
    assert refusal(find_by_key, world.sl, set_name, "k").text == "broken guard"
