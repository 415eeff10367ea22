from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sync.sap.documents import post_invoice
from sync.sap.errors import Kind, SapRejected
from sync.sap.goods_documents import OrderKind, document_lines, post_order
from sync.sap.query import Query, entity
from tests.sync.sap.test_goods_documents import level, order, post_transfer, transfer

NAME = Query(select=("ItemCode", "ItemName"))


def refusal(call: Any, *arguments: Any, **named: Any) -> SapRejected:
    with pytest.raises(SapRejected) as caught:
        call(*arguments, **named)
    return caught.value


def test_an_entity_somebody_else_changed_is_not_overwritten(world: Any) -> None:
    seen = world.sl.find_version("Items", "BREAD", NAME)
    assert seen is not None
    assert seen.etag is not None
    assert seen.etag.startswith('W/"')
    path = entity("Items", "BREAD")
    world.sl.patch(path, {"ItemName": "Brown bread"}, etag=seen.etag)
    stale = refusal(world.sl.patch, path, {"ItemName": "White bread"}, etag=seen.etag)
    assert (stale.kind, stale.http_status, stale.code) == (Kind.STALE, 412, "-2039")
    again = world.sl.find_version("Items", "BREAD", NAME)
    assert again is not None
    assert again.row["ItemName"] == "Brown bread"
    world.sl.patch(path, {"ItemName": "White bread"}, etag=again.etag)
    world.sl.patch(path, {"ItemName": "Bread"})


def test_documents_carry_versions_and_transfers_do_not(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1"))
    seen = local.sl.find_version("Invoices", posted.doc_entry, Query(select=("DocEntry",)))
    assert seen.etag
    local.sl.patch(f"Invoices({posted.doc_entry})", {"U_OrderNumber": "7"}, etag=seen.etag)
    changed = local.sl.find("Invoices", posted.doc_entry, Query(select=("U_OrderNumber",)))
    assert changed["U_OrderNumber"] == "7"
    stale = {"If-Match": seen.etag}
    with pytest.raises(SapRejected):
        local.sl._write("POST", f"Invoices({posted.doc_entry})/Cancel", None, headers=stale)
    sent = post_transfer(local.sl, transfer())
    query = Query(select=("DocEntry",))
    assert local.sl.find_version("StockTransfers", sent.doc_entry, query).etag is None


def test_lines_of_an_order_change_by_their_number(local: Any) -> None:
    two = tuple(replace(order().lines[0], quantity=Decimal(number)) for number in (4, 6))
    posted = post_order(local.sl, order(lines=two))
    path = f"Orders({posted.doc_entry})"
    local.sl.patch(path, {"DocumentLines": [{"LineNum": 1, "Quantity": 1}], "DocTotal": 999})
    lines = document_lines(local.sl, OrderKind.ORDER, posted.doc_entry) or ()
    assert [line.quantity for line in lines] == [4, 1]
    assert level(local) == (10, 5, 0)
    added = {"ItemCode": "SUGAR", "Quantity": 1, "PriceAfterVAT": 1, "WarehouseCode": "SHOP1"}
    local.sl.patch(path, {"DocumentLines": [added]})
    assert len(document_lines(local.sl, OrderKind.ORDER, posted.doc_entry) or ()) == 3
    whole = {"B1S-ReplaceCollectionsOnPatch": "true"}
    local.sl._write("PATCH", path, {"DocumentLines": [added]}, headers=whole)
    [only] = document_lines(local.sl, OrderKind.ORDER, posted.doc_entry) or ()
    assert only.item_code == "SUGAR"
    assert level(local) == (10, 0, 0)
    again = local.sl.find("Orders", posted.doc_entry, Query(select=("DocNum", "DocTotal")))
    assert (again["DocNum"], again["DocTotal"]) == (posted.doc_num, 1)


@pytest.mark.parametrize(
    ("lines", "replaces", "code"),
    [
        ([{"LineNum": 0, "Quantity": 3}], False, "-5002"),
        ([{"LineNum": 1, "Quantity": 5}], False, "-5006"),
        ([{"LineNum": 1, "Quantity": 6}], True, "-5006"),
    ],
    ids=["below what was delivered", "of a closed row", "without the delivered row"],
)
def test_a_delivered_or_closed_row_of_an_order_does_not_change(
    local: Any, make: Any, lines: list[dict[str, Any]], replaces: bool, code: str
) -> None:
    two = tuple(replace(order().lines[0], quantity=Decimal(number)) for number in (10, 6))
    posted = post_order(local.sl, order(lines=two))
    path = f"Orders({posted.doc_entry})"
    [line] = make.invoice("k-1").lines
    taken = replace(line, item_code="BREAD", quantity=Decimal(4), batches=(), base_line=0)
    post_invoice(
        local.sl, replace(make.invoice("k-1"), order_entry=posted.doc_entry, lines=(taken,))
    )
    local.sl.patch(path, {"DocumentLines": [{"LineNum": 1, "LineStatus": "bost_Close"}]})
    before = document_lines(local.sl, OrderKind.ORDER, posted.doc_entry)
    headers = {"B1S-ReplaceCollectionsOnPatch": "true"} if replaces else {}
    body = {"DocumentLines": lines}
    refused = refusal(local.sl._write, "PATCH", path, body, headers=headers)
    assert refused.code == code, refused
    assert document_lines(local.sl, OrderKind.ORDER, posted.doc_entry) == before
    assert level(local)[1] == 6, "what is closed commits nothing"
    local.sl.patch(path, {"DocumentLines": [{"LineNum": 0, "Quantity": 4}]})
    status = local.sl.find("Orders", posted.doc_entry, Query(select=("DocumentStatus",)))
    assert status["DocumentStatus"] == "bost_Close"
    assert level(local)[1] == 0


def test_rows_left_out_of_a_collection_stay(local: Any) -> None:
    group = entity("VatGroups", "O01")
    line = {"Effectivefrom": "2027-01-01", "Rate": 16}
    local.sl.patch(group, {"VatGroups_Lines": [line]})
    query = Query(select=("VatGroups_Lines",))
    assert len(local.sl.find("VatGroups", "O01", query)["VatGroups_Lines"]) == 3
    local.sl.patch(group, {"VatGroups_Lines": [line | {"Rate": 17}]})
    rates = [row["Rate"] for row in local.sl.find("VatGroups", "O01", query)["VatGroups_Lines"]]
    assert rates == [15, Decimal("15.5"), 17]
    headers = {"B1S-ReplaceCollectionsOnPatch": "true"}
    local.sl._write("PATCH", group, {"VatGroups_Lines": [line]}, headers=headers)
    assert len(local.sl.find("VatGroups", "O01", query)["VatGroups_Lines"]) == 1


def test_case_matters_in_filters_unless_it_is_not_to(local: Any) -> None:
    for where in ("ItemCode eq 'bread'", "contains(ItemName,'bREA')"):
        path = f"Items?$select=ItemCode&$filter={where.replace(' ', '%20')}"
        assert local.sl.get(path)["value"] == []
        found, _ = local.sl._read(
            "GET", path, None, timeout=60, headers={"B1S-CaseInsensitive": "true"}
        )
        assert [row["ItemCode"] for row in found["value"]] == ["BREAD"]
