from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sap.documents import get_invoice, post_invoice, post_payment
from sync.sap.errors import SapRejected
from sync.sap.query import Query

DAY = "2026-08-20"


def goods(item: str = "BREAD", quantity: int = 2, **more: Any) -> dict[str, Any]:
    return {"ItemCode": item, "Quantity": quantity, "WarehouseCode": "SHOP1"} | more


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value.code


def on_hand(world: Any, item: str, warehouse: str = "SHOP1") -> Decimal:
    return world.core.books.on_hand(item, warehouse)


def test_goods_come_in_and_bring_new_batches(local: Any) -> None:
    rows = [{"BatchNumber": "NEW", "Quantity": 4, "ExpiryDate": "2026-12-01"}]
    body = {"DocDate": DAY, "DocumentLines": [goods("MILK1", 4, BatchNumbers=rows), goods()]}
    local.sl.post("InventoryGenEntries", body)
    assert (on_hand(local, "MILK1"), on_hand(local, "BREAD")) == (23, 12)
    query = Query(select=("DocEntry", "ExpirationDate"), where="Batch eq 'NEW'")
    [batch] = local.sl.rows("BatchNumberDetails", query)
    assert batch["ExpirationDate"] == "2026-12-01"
    local.sl.post("InventoryGenEntries", body)
    assert local.sl.count("BatchNumberDetails") == 4


def test_goods_go_out_and_need_their_batches(local: Any) -> None:
    body = {"DocDate": DAY, "DocumentLines": [goods("MILK1", 2)]}
    assert code_of(local.sl.post, "InventoryGenExits", body) == "-4014"
    body["DocumentLines"] = [goods("MILK1", 2, BatchNumbers=[{"BatchNumber": "B1", "Quantity": 2}])]
    local.sl.post("InventoryGenExits", body)
    assert on_hand(local, "MILK1") == 17


def test_a_transfer_moves_goods_and_batches(local: Any) -> None:
    row = goods("MILK1", 3, BatchNumbers=[{"BatchNumber": "B1", "Quantity": 3}])
    row |= {"FromWarehouseCode": "MAIN", "WarehouseCode": "SHOP1"}
    body = {"DocDate": DAY, "StockTransferLines": [row], "U_Van_saleorder": "t-1"}
    local.sl.post("StockTransfers", body)
    assert (on_hand(local, "MILK1", "MAIN"), on_hand(local, "MILK1")) == (4, 22)
    same = {"StockTransferLines": [row | {"FromWarehouseCode": "SHOP1"}]}
    assert code_of(local.sl.post, "StockTransfers", same) == "-5002"
    more = {"StockTransferLines": [row | {"Quantity": 5, "BatchNumbers": row["BatchNumbers"]}]}
    assert code_of(local.sl.post, "StockTransfers", more) == "-4014"
    assert code_of(local.sl.post, "StockTransfers", {"StockTransferLines": []}) == "-5002"
    keyed = Query(select=("DocEntry",), where="U_Van_saleorder eq 't-1'")
    assert len(list(local.sl.rows("StockTransfers", keyed))) == 1


def test_a_credit_note_brings_goods_back_and_settles_an_open_invoice(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1", make.line("BREAD", "4")))
    based = goods(quantity=1, BaseType=13, BaseEntry=posted.doc_entry, BaseLine=0)
    based |= {"PriceAfterVAT": Decimal("1.00")}
    local.sl.post("CreditNotes", {"CardCode": "C0001", "DocDate": DAY, "DocumentLines": [based]})
    after = get_invoice(local.sl, posted.doc_entry)
    assert after is not None
    assert (after.paid_to_date, after.status) == (1, "open")
    assert on_hand(local, "BREAD") == 7
    post_payment(local.sl, make.payment(posted, "3.00"))
    again = {"CardCode": "C0001", "DocDate": DAY, "DocumentLines": [based]}
    assert code_of(local.sl.post, "CreditNotes", again) == "-10"


def test_price_only_lines_move_no_goods(local: Any) -> None:
    row = goods("MILK1", 1, WithoutInventoryMovement="tYES", PriceAfterVAT=Decimal("0.50"))
    local.sl.post("CreditNotes", {"CardCode": "C0001", "DocDate": DAY, "DocumentLines": [row]})
    assert on_hand(local, "MILK1") == 19


def test_an_invoice_with_a_payment_cannot_be_cancelled(local: Any, make: Any) -> None:
    posted = post_invoice(local.sl, make.invoice("k-1"))
    post_payment(local.sl, make.payment(posted, "1.00"))
    assert code_of(local.sl.post, "Invoices(1)/Cancel") == "-5006"
    assert code_of(local.sl.post, "Invoices(99)/Cancel") == "-2028"
    assert code_of(local.sl.post, "Invoices(1)/Close") == "-5006"
    assert code_of(local.sl._write, "DELETE", "Invoices(1)", None) == "-5006"
    lines = {"DocumentLines": [{"LineNum": 0, "Quantity": 9}]}
    assert code_of(local.sl.patch, "Invoices(1)", lines) == "-1029"


def test_a_cancelled_invoice_cannot_be_cancelled_again(local: Any, make: Any) -> None:
    post_invoice(local.sl, make.invoice("k-1"))
    local.sl.post("Invoices(1)/Cancel")
    assert code_of(local.sl.post, "Invoices(1)/Cancel") == "-5002"
    assert local.core.ledger()["balances"] == {"C0001": "0.00", "C0002": "12.50"}


def test_negative_stock_is_a_setting(local: Any, make: Any) -> None:
    local.core.change_company({"block_negative_stock": False})
    post_invoice(local.sl, make.invoice("k-1", make.line("BREAD", "11")))
    assert on_hand(local, "BREAD") == -1


def test_services_need_no_stock(local: Any, make: Any) -> None:
    post_invoice(local.sl, make.invoice("k-1", make.line("DELIVERY", "100", "5.00")))


def test_vat_per_line_or_per_group_is_a_setting(local: Any, make: Any) -> None:
    lines = [make.line("SUGAR", "1", "0.10")] * 3
    assert post_invoice(local.sl, make.invoice("k-1", *lines)).vat_sum == Decimal("0.04")
    local.core.change_company({"group_vat": False})
    assert post_invoice(local.sl, make.invoice("k-2", *lines)).vat_sum == Decimal("0.03")


def test_sap_prices_what_brings_no_price(local: Any) -> None:
    own = {"CardCode": "C0001", "DocDate": DAY, "DocumentLines": [goods()]}
    assert local.sl.post("Invoices", own)["DocTotal"] == Decimal("1.80")
    picks = [{"BatchNumber": "B1", "Quantity": 2}]
    net = {"CardCode": "C0003", "DocDate": DAY}
    net["DocumentLines"] = [goods("MILK1", BatchNumbers=picks)]
    assert local.sl.post("Invoices", net)["DocTotal"] == Decimal("3.47")
    row = goods("SUGAR", UnitPrice=Decimal(10), DiscountPercent=Decimal(5))
    off = {"CardCode": "C0001", "DocDate": DAY, "DocumentLines": [row]}
    assert local.sl.post("Invoices", off)["DocTotal"] == Decimal("21.95")


def test_vat_follows_the_day_of_the_document(local: Any) -> None:
    row = goods("SUGAR", 1, PriceAfterVAT=Decimal("115.00"))
    body = {"CardCode": "C0001", "DocDate": "2025-12-31", "DocumentLines": [row]}
    assert local.sl.post("Invoices", body)["VatSum"] == Decimal("15.00")


@pytest.mark.parametrize("direct", [True, False])
def test_the_direction_of_rates_is_a_setting(local: Any, make: Any, direct: bool) -> None:
    local.core.change_company({"direct_rate": direct})
    posted = post_invoice(local.sl, make.invoice("k-1", make.line(price="50.00"), currency="ZiG"))
    assert posted.doc_total == (Decimal(1250) if direct else Decimal(2))


def test_a_partner_of_one_currency_gets_documents_in_it(local: Any, make: Any) -> None:
    posted = post_invoice(
        local.sl, make.invoice("k-1", make.line(price="25.00"), card_code="C0002")
    )
    assert (posted.currency, posted.doc_total_fc, posted.doc_total) == ("ZiG", 25, 1)


def test_user_fields_can_be_switched_off(local: Any, make: Any) -> None:
    post_invoice(local.sl, make.invoice("k-1"))
    local.core.change_company({"user_fields": {"OINV": []}})
    assert code_of(post_invoice, local.sl, make.invoice("k-2")) == "-1000"
    local.core.change_company({"user_fields": {"OINV": ["U_Van_saleorder"]}})
    assert local.sl.count("Invoices", "U_Van_saleorder eq 'k-1'") == 1
