"""Invoices over HTTP: made whole or not at all, drafted, read, and on their way to SAP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.services.posting.work import work
from pos_app.store import audit, feed, queue, sale
from pos_app.store import user as users
from tests.api.house import OTHER, WAREHOUSE, House, build, invoice_body, name_of, on_hand

PATH = "/api/Invoice"
SEED = {
    "docEntry", "docNum", "docDate", "docDueDate", "cardCode", "cardName", "numAtCard", "comments",
    "docStatus", "docTotal", "paidToDate", "vatSum", "docCurrency", "customerVatNo",
    "customerTinNumber", "lines",
}  # fmt: skip
SEED_LINE = {
    "lineNum", "itemCode", "itemDescription", "quantity", "unitPrice", "lineTotal",
    "warehouseCode", "discountPercent",
}  # fmt: skip


def line(item: str, quantity: Any, **more: Any) -> dict[str, Any]:
    return {"itemCode": item, "quantity": quantity, "warehouseCode": WAREHOUSE} | more


def make(house: House, role: str = "Admin", **changes: Any) -> Any:
    return house.as_role(role).post(PATH, invoice_body(**changes))


def test_a_new_invoice_is_answered_whole(house: House) -> None:
    answer = make(house, docDate="2026-11-01", docDueDate="2026-11-30", comments="Standard order")
    told = answer.json()
    assert answer.status_code == 201
    assert set(told) >= SEED | {"message", "fiscalization", "id", "sapStatus"}
    assert set(told["lines"][0]) >= SEED_LINE
    assert told["docStatus"] == "Open"
    assert (told["docTotal"], told["vatSum"], told["paidToDate"]) == (19.90, 2.67, 0)
    assert (told["docDate"], told["docDueDate"]) == ("2026-11-01", "2026-11-30")
    assert (told["customerVatNo"], told["customerTinNumber"]) == ("220111222", "2000111222")
    assert told["lines"][0]["lineTotal"] == 19.90
    assert (told["sapStatus"], told["sapDocEntry"]) == ("Pending", None)
    assert told["docEntry"] == told["docNum"] == told["id"] > 10**9
    assert told["receiptNumber"] == "SRV-000001"


def test_everything_stands_in_one_transaction(house: House) -> None:
    told = make(house).json()
    with house.shop.store.read() as connection:
        header = sale.by_receipt(connection, told["receiptNumber"])
        assert header is not None
        queued = queue.of_documents(connection, [header["id"]])[header["id"]]
        assert (queued["kind"], queued["state"], queued["total"]) == ("invoice", "Pending", 1990)
        status = sale.status_of(connection, [header["id"]])[header["id"]]
        assert status["in_sap"] == "pending"
        changed = {(row["kind"], row["key"]) for row in feed_rows(connection)}
        assert ("stock", f"MILK|{WAREHOUSE}") in changed
        assert ("sale_status", header["id"]) in changed
        last = list(audit.walk(connection))[-1]
        assert (last["action"], last["subject"]) == ("invoice.post", told["receiptNumber"])
    assert header["origin"] == "api"
    assert on_hand(house.shop, "MILK") == 90


def feed_rows(connection: Any) -> list[Any]:
    from sqlalchemy import select

    return list(connection.execute(select(feed.feed)).mappings())


def test_a_refused_invoice_leaves_nothing_behind(house: House) -> None:
    lines = [line("BREAD", 3), line("MILK", 1000), line("YOGHURT", 36)]
    answer = make(house, lines=lines)
    told = answer.json()
    assert answer.status_code == 400
    assert told["code"] == "insufficient_stock"
    assert [(row["lineNumber"], row["itemCode"]) for row in told["errors"]] == [
        (1, "MILK"),
        (2, "YOGHURT"),
    ]
    assert told["errors"][0] == {
        "errorCode": "InsufficientTotalStock",
        "lineNumber": 1,
        "itemCode": "MILK",
        "itemName": "Milk 1 l",
        "warehouseCode": WAREHOUSE,
        "requestedQuantity": 1000,
        "availableQuantity": 100,
        "shortage": 900,
        "batchNumber": None,
        "message": told["errors"][0]["message"],
        "suggestedAction": "Ask for less, or receive stock first.",
    }
    assert on_hand(house.shop, "BREAD") == 100
    assert house.as_role("Admin").get(PATH).json()["totalCount"] == 0
    assert make(house).json()["receiptNumber"] == "SRV-000001", "no number was lost"


def test_batches_are_taken_first_expired_first_over_the_whole_document(house: House) -> None:
    lines = [line("YOGHURT", 3), line("YOGHURT", 4)]
    told = make(house, lines=lines).json()
    taken = [
        [(row["batchNumber"], row["quantity"]) for row in found["batchNumbers"]]
        for found in told["lines"]
    ]
    assert taken == [[("Y-SOON", 3)], [("Y-SOON", 2), ("Y-LATE", 2)]]


def test_batches_named_by_the_caller_are_taken(house: House) -> None:
    named = [{"batchNumber": "y-late", "quantity": 2}, {"batchNumber": "Y-SOON", "quantity": 1}]
    told = make(house, lines=[line("YOGHURT", 3, batchNumbers=named)]).json()
    assert {(row["batchNumber"], row["quantity"]) for row in told["lines"][0]["batchNumbers"]} == {
        ("Y-LATE", 2),
        ("Y-SOON", 1),
    }
    wrong = make(house, lines=[line("YOGHURT", 3, batchNumbers=named[:1])])
    assert wrong.json()["errors"][0]["errorCode"] == "BatchQuantityMismatch"


def test_without_allocation_a_batch_must_be_named(house: House) -> None:
    caller = house.as_role("Admin")
    body = invoice_body(lines=[line("YOGHURT", 1)])
    answer = caller.post(f"{PATH}?autoAllocateBatches=false", body)
    assert answer.json()["errors"][0]["errorCode"] == "BatchAllocationRequired"
    assert caller.post(f"{PATH}?allocationStrategy=LIFO", body).status_code == 400
    assert caller.post(f"{PATH}?allocationStrategy=fifo", body).status_code == 201


def test_the_warehouse_may_stand_in_the_query(house: House) -> None:
    caller = house.as_role("Admin")
    body = invoice_body(lines=[{"itemCode": "MILK", "quantity": 2}])
    assert caller.post(PATH, body).json()["errors"][0]["errorCode"] == "WarehouseRequired"
    told = caller.post(f"{PATH}?warehouseCode={OTHER}", body).json()
    assert told["lines"][0]["warehouseCode"] == OTHER
    assert on_hand(house.shop, "MILK", OTHER) == 5


def test_lines_may_leave_from_two_warehouses(house: House) -> None:
    lines = [line("MILK", 1), line("MILK", 2, warehouseCode=OTHER)]
    told = make(house, lines=lines).json()
    assert [row["warehouseCode"] for row in told["lines"]] == [WAREHOUSE, OTHER]
    assert (on_hand(house.shop, "MILK"), on_hand(house.shop, "MILK", OTHER)) == (99, 5)


def test_somebody_of_one_warehouse_sells_from_that_one(house: House) -> None:
    with house.shop.store.write() as connection:
        stored = users.by_username(connection, name_of("Cashier"))
        assert stored is not None
        user = replace(stored.user, warehouses=(OTHER,))
        users.change(connection, replace(stored, user=user))
    answer = make(house, "Cashier")
    assert (answer.status_code, answer.json()["code"]) == (403, "warehouse_not_yours")
    assert make(house, "Cashier", lines=[line("MILK", 1, warehouseCode=OTHER)]).status_code == 201


def test_an_order_is_invoiced_once(house: House) -> None:
    first = make(house, u_Van_saleorder="VSO-1").json()
    again = make(house, u_Van_saleorder="VSO-1")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_order")
    assert str(first["docNum"]) in again.json()["error"]
    assert on_hand(house.shop, "MILK") == 90


def test_ten_at_once_for_one_order_make_one_invoice(house: House) -> None:
    caller = house.as_role("Admin")
    body = invoice_body(u_Van_saleorder="VSO-9")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: caller.post(PATH, body), range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert on_hand(house.shop, "MILK") == 90


def test_two_never_get_the_last_goods(house: House) -> None:
    caller = house.as_role("Admin")
    body = invoice_body(lines=[line("YOGHURT", 10)])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.post(PATH, body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [400] * 5
    assert on_hand(house.shop, "YOGHURT") == 5


def test_goods_reserved_by_others_are_not_sold(house: House) -> None:
    held = {
        "externalReferenceId": "R1",
        "sourceSystem": "T",
        "cardCode": "C0001",
        "lines": [line("MILK", 95)],
    }
    caller = house.as_role("Admin")
    assert caller.post("/api/DesktopIntegration/reservations", held).status_code == 201
    assert make(house).json()["errors"][0]["availableQuantity"] == 5
    house.clock.sleep(3600)
    assert make(house).status_code == 201


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cardCode": "NOBODY"}, "customer_unusable"),
        ({"cardCode": "S0001"}, "customer_unusable"),
        ({"cardCode": "C0009"}, "partner_inactive"),
        ({"docCurrency": "ZIG"}, "customer_unusable"),
        ({"docCurrency": "EUR"}, "unmapped_currency"),
        ({"docDate": "2026-11-02", "docDueDate": "2026-11-01"}, "dates_invalid"),
        ({"lines": [line("NOPE", 1)]}, "items_unknown"),
        ({"lines": [line("NOPRICE", 1)]}, "price_unusable"),
        ({"lines": [line("ODDTAX", 1)]}, "unmapped_tax_group"),
        ({"lines": [line("MILK", 1.5)]}, "quantity_invalid"),
        ({"lines": [line("MILK", 1, discountPercent=100)]}, "line_worthless"),
        ({"lines": [line("MILK", 1, warehouseCode="NOPE")]}, "insufficient_stock"),
    ],
)
def test_what_cannot_be_invoiced_is_400_with_a_code(
    house: House, change: dict[str, Any], code: str
) -> None:
    answer = make(house, **change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert house.as_role("Admin").get(PATH).json()["totalCount"] == 0


def test_prices_are_the_customers_unless_somebody_may_set_them(house: House) -> None:
    lines = [line("MILK", 2, unitPrice=1.00)]
    refused = make(house, "Cashier", lines=lines)
    assert (refused.status_code, refused.json()["code"]) == (400, "price_unusable")
    assert "MILK costs 1.99 USD" in refused.json()["error"]
    near = make(house, "Cashier", lines=[line("MILK", 2, unitPrice=1.985)])
    assert near.json()["lines"][0]["unitPrice"] == 1.99
    silent = make(house, "Cashier", lines=[line("MILK", 2)])
    assert silent.json()["docTotal"] == 3.98
    assert make(house, "Admin", lines=lines).json()["docTotal"] == 2.00


def test_a_discount_counts_per_line(house: House) -> None:
    told = make(house, lines=[line("MILK", 3, discountPercent=10), line("BREAD", 1)]).json()
    assert [row["lineTotal"] for row in told["lines"]] == [5.37, 1.00]
    assert told["docTotal"] == 6.37
    assert told["lines"][0]["discountPercent"] == 10


def test_a_customer_of_all_currencies_may_be_invoiced_in_zig(house: House) -> None:
    told = make(house, cardCode="C0002", docCurrency="ZWG", lines=[line("MILK", 1)]).json()
    assert (told["docCurrency"], told["docTotal"]) == ("ZIG", 51.74)


def test_invoices_are_found_by_every_number_they_have(house: House) -> None:
    made = make(house).json()
    caller = house.as_role("PodOperator")
    with house.shop.store.write() as connection:
        header = sale.by_receipt(connection, made["receiptNumber"])
        assert header is not None
        now = house.clock.now()
        sale.set_status(
            connection, sale_id=header["id"], in_sap="done", at=now, doc_entry=77, doc_num=5001
        )
    by_sap = caller.get(f"{PATH}/77").json()
    assert (by_sap["docEntry"], by_sap["docNum"], by_sap["sapStatus"]) == (77, 5001, "Posted")
    assert by_sap["id"] == made["id"]
    for path in (f"{PATH}/{made['id']}", f"{PATH}/docnum/5001", f"{PATH}/docnum/{made['id']}"):
        assert caller.get(path).json() == by_sap
    assert caller.get(f"{PATH}/5001").status_code == 404
    assert caller.get(f"{PATH}/docnum/77").status_code == 404


def test_lists_filter_and_page(house: House) -> None:
    caller = house.as_role("Admin")
    for day in ("2026-10-30", "2026-10-31", "2026-11-01"):
        caller.post(PATH, invoice_body(docDate=day, lines=[line("MILK", 1)]))
    caller.post(PATH, invoice_body(cardCode="C0002", lines=[line("MILK", 1, warehouseCode=OTHER)]))
    caller.post(PATH, invoice_body(status="Draft"))

    def dates(**query: Any) -> list[str]:
        return [row["docDate"] for row in caller.get(PATH, **query).json()["items"]]

    assert dates(cardCode="C0001", status="Open") == ["2026-11-01", "2026-10-31", "2026-10-30"]
    assert dates(fromDate="2026-10-31", toDate="2026-11-01") == ["2026-11-01", "2026-10-31"]
    assert dates(warehouseCode=OTHER) == ["2026-11-02"]
    assert len(dates(status="draft")) == 1
    assert dates(status="Closed") == []
    page = caller.get(PATH, page=2, pageSize=2).json()
    assert (page["page"], page["pageSize"], page["count"]) == (2, 2, 2)
    assert (page["totalCount"], page["totalPages"], page["hasMore"]) == (5, 3, True)
    period = caller.get(f"{PATH}/date-range?fromDate=2026-10-30&toDate=2026-10-31").json()
    assert (period["fromDate"], period["toDate"], period["totalCount"]) == (
        "2026-10-30",
        "2026-10-31",
        2,
    )
    missing = caller.get(f"{PATH}/date-range?fromDate=2026-10-30")
    assert list(missing.json()["errors"]) == ["toDate"]


def test_a_draft_takes_nothing_until_it_is_confirmed(house: House) -> None:
    caller = house.as_role("Admin")
    draft = caller.post(PATH, invoice_body(status="Draft", u_Van_saleorder="V1")).json()
    assert (draft["docStatus"], draft["docTotal"], draft["sapStatus"]) == ("Draft", 19.90, "Draft")
    assert on_hand(house.shop, "MILK") == 100
    changed = caller.put(
        f"{PATH}/{draft['id']}",
        invoice_body(u_Van_saleorder="V1", comments="more", lines=[line("MILK", 20)]),
    ).json()
    assert (changed["docTotal"], changed["comments"], changed["id"]) == (39.80, "more", draft["id"])
    assert caller.get(f"{PATH}/{draft['id']}").json() == changed
    posted = caller.post(f"{PATH}/confirm", {"invoiceId": draft["id"]}).json()
    assert (posted["docStatus"], posted["id"], posted["docTotal"]) == ("Open", draft["id"], 39.80)
    assert on_hand(house.shop, "MILK") == 80
    for answer in (
        caller.post(f"{PATH}/confirm", {"invoiceId": draft["id"]}),
        caller.put(f"{PATH}/{draft['id']}", invoice_body()),
        caller.delete(f"{PATH}/{draft['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")


def test_a_draft_may_be_deleted_or_stay_when_it_cannot_be_posted(house: House) -> None:
    caller = house.as_role("Admin")
    draft = caller.post(PATH, invoice_body(status="draft", lines=[line("MILK", 1000)])).json()
    refused = caller.post(f"{PATH}/confirm", {"invoiceId": draft["id"]})
    assert refused.json()["errors"][0]["shortage"] == 900
    assert caller.get(f"{PATH}/{draft['id']}").json()["docStatus"] == "Draft"
    assert caller.delete(f"{PATH}/{draft['id']}").status_code == 204
    assert caller.get(f"{PATH}/{draft['id']}").status_code == 404
    assert caller.delete(f"{PATH}/{draft['id']}").status_code == 404


def test_the_answer_waits_a_moment_for_sap_and_no_longer(sqlite_store: Any) -> None:
    woken: list[int] = []
    house = build(sqlite_store, post_soon=lambda: woken.append(1), posting_seconds=2.0)
    before = house.clock.now()
    told = make(house).json()
    assert (told["sapStatus"], woken) == ("Pending", [1])
    assert 2 <= (house.clock.now() - before).total_seconds() < 3


def test_the_answer_carries_saps_numbers_when_they_come_in_time(sqlite_store: Any) -> None:
    def post() -> None:
        with house.shop.store.write() as connection:
            header = sale.by_receipt(connection, "SRV-000001")
            assert header is not None
            now = house.clock.now()
            sale.set_status(
                connection, sale_id=header["id"], in_sap="done", at=now, doc_entry=7, doc_num=8
            )

    house = build(sqlite_store, post_soon=post)
    told = make(house).json()
    assert (told["docEntry"], told["docNum"], told["sapStatus"]) == (7, 8, "Posted")
    assert told["message"] == "Invoice 8 is posted."


def test_a_shop_without_sap_keeps_its_own_books(sqlite_store: Any) -> None:
    house = build(sqlite_store, has_sap=False, post_soon=lambda: work(house.shop, None, owner="w"))
    first, second = make(house).json(), make(house).json()
    assert (first["sapStatus"], first["docNum"], second["docNum"]) == ("Posted", 1, 2)
    assert first["message"] == "Invoice 1 is posted."
    assert house.as_role("Admin").get(f"/api/Invoice/{first['docEntry']}").json()["docNum"] == 1


def test_weighed_goods_and_cents_add_up(house: House) -> None:
    lines = [line("BANANA", "0.333"), line("BANANA", 1.005), line("MILK", 7)]
    told = make(house, lines=lines).json()
    total = sum(Decimal(str(row["lineTotal"])) for row in told["lines"])
    assert Decimal(str(told["docTotal"])) == total
    assert [row["lineTotal"] for row in told["lines"]] == [1.15, 3.47, 13.93]
