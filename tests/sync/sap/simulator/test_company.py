from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sync.sap.approval import find_draft
from sync.sap.documents import find_invoice, post_invoice, post_payment
from sync.sap.errors import AwaitingApproval, Kind, SapRejected
from sync.sap.goods_documents import (
    MovementKind,
    OrderKind,
    find_transfer,
    post_movement,
    post_order,
    post_transfer,
)
from sync.sap.goods_requests import TransferKind
from sync.sap.query import Query
from sync.sap.simulator.company import CompanyInvalid
from tests.sync.sap.test_goods_documents import movement, order, transfer


def refusal(call: Any, *arguments: Any) -> SapRejected:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value


def test_each_kind_of_document_counts_in_its_own_series(local: Any, make: Any) -> None:
    series = [
        {"number": 71, "document": 13, "name": "2026", "first": 26000001},
        {"number": 72, "document": 13, "name": "Till 2", "first": 500},
    ]
    local.core.change_company({"series": series})
    first = post_invoice(local.sl, make.invoice("k-1"))
    second = post_invoice(local.sl, make.invoice("k-2"))
    assert (first.doc_num, second.doc_num) == (26000001, 26000002)
    body = {"CardCode": "C0001", "Series": 72, "DocumentLines": [{"ItemCode": "DELIVERY"}]}
    body["DocumentLines"][0]["WarehouseCode"] = "SHOP1"
    assert local.sl.post("Invoices", body)["DocNum"] == 500
    assert local.sl.post("Invoices", body)["DocNum"] == 501
    local.core.change_company({"series": [series[0], series[1] | {"last": 501}]})
    assert "10000521" in refusal(local.sl.post, "Invoices", body).text
    assert post_order(local.sl, order()).doc_num == 100001


def test_l56_a_locked_series_or_one_of_another_period_stops_documents(
    local: Any, make: Any
) -> None:
    one = {"number": 71, "document": 13, "indicator": "25"}
    periods = [{"from": "2026-08-01", "to": "2026-08-31", "indicator": "26"}]
    local.core.change_company({"series": [one], "periods": periods})
    error = refusal(post_invoice, local.sl, make.invoice("k-1"))
    assert (error.code, error.text.split(" ")[0]) == ("-10", "10000521")
    assert error.kind is Kind.WAITING_FOR_PERIOD
    local.core.change_company({"series": [one | {"indicator": "26", "locked": True}]})
    assert refusal(post_invoice, local.sl, make.invoice("k-1")).code == "-10"
    local.core.change_company({"series": [one | {"indicator": "26"}]})
    assert post_invoice(local.sl, make.invoice("k-1")).doc_num == 100001


def test_a_period_closed_to_sales_still_takes_goods(local: Any, make: Any) -> None:
    period = {"from": "2026-08-01", "to": "2026-08-31", "sales": False}
    local.core.change_company({"periods": [period]})
    assert refusal(post_invoice, local.sl, make.invoice("k-1")).kind is Kind.WAITING_FOR_PERIOD
    post_movement(local.sl, movement(MovementKind.ISSUE))


def test_a_credit_limit_is_refused_or_waits_or_is_nobodys_business(local: Any, make: Any) -> None:
    beyond = make.invoice(
        "k-1", make.line("SUGAR", "100", "200.00"), card_code="C0002", currency="ZiG"
    )
    local.core.change_company({"credit_limit": "refuse"})
    assert refusal(post_invoice, local.sl, beyond).code == "-10"
    within = replace(beyond, key="k-2", lines=(make.line("SUGAR", "1", "200.00"),))
    post_invoice(local.sl, within)
    local.core.change_company({"credit_limit": "draft"})
    with pytest.raises(AwaitingApproval):
        post_invoice(local.sl, beyond)
    assert find_draft(local.sl, "Invoices", "k-1") is not None
    local.core.change_company({"credit_limit": "off"})
    post_invoice(local.sl, replace(beyond, key="k-3"))
    assert find_invoice(local.sl, "k-1") is None


def test_a_rule_of_the_company_stops_every_kind(local: Any) -> None:
    kinds = ("Orders", "StockTransfers", "InventoryGenExits")
    local.core.change_company({"refuse": dict.fromkeys(kinds, "(7) Not on a Thursday")})
    for call, request in (
        (post_order, order()),
        (post_transfer, transfer()),
        (post_movement, movement(MovementKind.ISSUE)),
    ):
        error = refusal(call, local.sl, request)
        assert (error.code, error.text) == ("-1116", "(7) Not on a Thursday")
    assert find_transfer(local.sl, TransferKind.TRANSFER, "t-1") is None
    assert local.core.books.on_hand("BREAD", "SHOP1") == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"credit_limit": "sometimes"},
        {"series": [{"number": "x", "document": 13}]},
        {"series": [{"document": 13}]},
        {"periods": [{"from": "2026-13-01", "to": "2026-12-31"}]},
    ],
)
def test_a_setting_nobody_can_obey_is_refused_and_changes_nothing(
    local: Any, changes: dict[str, Any]
) -> None:
    before = local.core.books.company
    with pytest.raises(CompanyInvalid):
        local.core.change_company(changes)
    assert local.core.books.company == before


def test_a_line_in_boxes_moves_and_batches_single_units(local: Any, make: Any) -> None:
    [box] = local.sl.rows(
        "UnitOfMeasurements", Query(select=("AbsEntry",), where="Code eq 'BOX12'")
    )
    line = make.line("SUGAR", "2", "37.20", uom_entry=box["AbsEntry"])
    posted = post_invoice(local.sl, make.invoice("k-1", line))
    assert posted.doc_total == Decimal("74.40")
    assert local.core.books.on_hand("SUGAR", "SHOP1") == 976
    foreign = make.line("BREAD", "2", uom_entry=box["AbsEntry"])
    assert refusal(post_invoice, local.sl, make.invoice("k-2", foreign)).code == "-5002"
    boxes = replace(order().lines[0], item_code="SUGAR", vat_group="O01", quantity=Decimal(3))
    asked = order(lines=(replace(boxes, uom_entry=box["AbsEntry"], price_after_vat=None),))
    assert post_order(local.sl, asked).doc_total == Decimal("111.60")
    assert local.core.books.committed["SUGAR", "SHOP1"] == 36


def test_an_order_answers_what_a_document_without_a_price_costs(local: Any) -> None:
    line = replace(
        order().lines[0],
        item_code="SUGAR",
        vat_group="O01",
        quantity=Decimal(10),
        price_after_vat=None,
    )
    posted = post_order(local.sl, order(card_code="C0003", lines=(line,)))
    # Ten of them, in the period, at the special price of C0003.
    assert posted.doc_total == Decimal("27.00")


def test_one_payment_settles_no_more_invoices_than_the_company_allows(
    local: Any, make: Any
) -> None:
    local.core.change_company({"max_invoices_in_payment": 1})
    one, two = (post_invoice(local.sl, make.invoice(key)) for key in ("k-1", "k-2"))
    request = make.payment(one, "1.00")
    both = replace(request, others=(replace(request.settles[0], invoice_entry=two.doc_entry),))
    assert refusal(post_payment, local.sl, both).code == "-5002"


def test_documents_of_tomorrow_wait_for_tomorrow_s_rate(local: Any) -> None:
    wanted = order(card_code="C0002", currency="ZiG", doc_date=date(2026, 8, 21))
    assert refusal(post_order, local.sl, wanted).kind is Kind.WAITING_FOR_RATE
    kind = OrderKind.PURCHASE_ORDER
    bought = replace(order(kind), currency="ZiG", rate=Decimal(25))
    assert post_order(local.sl, bought).currency == "ZiG"


def test_a_preview_prices_a_document_and_books_nothing(local: Any) -> None:
    line = {"ItemCode": "BREAD", "Quantity": 4, "WarehouseCode": "SHOP1", "PriceAfterVAT": 1}
    body = {"CardCode": "C0001", "DocDueDate": "2026-08-21", "DocumentLines": [line]}
    for set_name in ("Orders", "Invoices"):
        told = local.sl.ask(f"{set_name}Service_Preview", {"Document": body})
        assert told["DocTotal"] == 4
        assert local.sl.count(set_name) == 0
    wrong = {"Document": body | {"CardCode": "C0404"}}
    assert refusal(local.sl.ask, "OrdersService_Preview", wrong).code == "-2028"
