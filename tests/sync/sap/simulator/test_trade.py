"""Deliveries, returns, bills of suppliers, and a discount on a whole document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sap.errors import SapRejected
from tests.sync.sap.conftest import DAY

CUSTOMER = {"CardCode": "C0001", "DocDate": DAY.isoformat(), "DocDueDate": "2026-08-31"}
SUPPLIER = CUSTOMER | {"CardCode": "V0001"}


def bread(quantity: int, **more: Any) -> dict[str, Any]:
    return {"ItemCode": "BREAD", "Quantity": quantity, "WarehouseCode": "SHOP1", **more}


def on_hand(local: Any, item: str = "BREAD") -> Decimal:
    held: Decimal = local.core.books.on_hand(item, "SHOP1")
    return held


def based(kind: int, entry: int, quantity: int) -> dict[str, Any]:
    return {"BaseType": kind, "BaseEntry": entry, "BaseLine": 0, "Quantity": quantity}


def test_what_was_delivered_is_billed_without_moving_again(local: Any) -> None:
    order = local.sl.post("Orders", CUSTOMER | {"DocumentLines": [bread(5, PriceAfterVAT=1)]})
    lines = [based(17, order["DocEntry"], 5)]
    delivery = local.sl.post("DeliveryNotes", CUSTOMER | {"DocumentLines": lines})
    assert on_hand(local) == 5
    back = [based(15, delivery["DocEntry"], 1)]
    local.sl.post("Returns", CUSTOMER | {"DocumentLines": back})
    assert on_hand(local) == 6
    rest = [based(15, delivery["DocEntry"], 4)]
    invoice = local.sl.post("Invoices", CUSTOMER | {"DocumentLines": rest})
    assert (on_hand(local), Decimal(invoice["DocTotal"])) == (6, 4)
    assert local.core.books.balances["C0001"] == 4
    with pytest.raises(SapRejected, match="already been closed"):
        local.sl.post("Invoices", CUSTOMER | {"DocumentLines": rest})


def test_what_was_received_is_billed_by_the_supplier_without_moving_again(local: Any) -> None:
    line = {"ItemCode": "SUGAR", "Quantity": 10, "WarehouseCode": "SHOP1", "UnitPrice": 2}
    order = local.sl.post("PurchaseOrders", SUPPLIER | {"DocumentLines": [line]})
    lines = [based(22, order["DocEntry"], 10)]
    receipt = local.sl.post("PurchaseDeliveryNotes", SUPPLIER | {"DocumentLines": lines})
    bill = [based(20, receipt["DocEntry"], 10)]
    told = local.sl.post("PurchaseInvoices", SUPPLIER | {"DocumentLines": bill})
    assert on_hand(local, "SUGAR") == 1010
    assert local.core.books.balances["V0001"] == -Decimal(told["DocTotal"])
    local.sl.post("PurchaseInvoices", SUPPLIER | {"DocumentLines": [line]})
    assert on_hand(local, "SUGAR") == 1020


@pytest.mark.parametrize(
    ("line", "total", "vat"),
    [
        ({"ItemCode": "SUGAR", "Quantity": 3, "PriceAfterVAT": "1.99"}, "5.37", "0.72"),
        ({"ItemCode": "SUGAR", "Quantity": 4, "UnitPrice": "2.50"}, "10.40", "1.40"),
    ],
    ids=["gross", "net"],
)
def test_a_discount_on_the_document_lowers_total_and_vat(
    local: Any, line: dict[str, Any], total: str, vat: str
) -> None:
    numbers = {name: Decimal(line[name]) for name in ("PriceAfterVAT", "UnitPrice") if name in line}
    row = {**line, **numbers, "WarehouseCode": "SHOP1"}
    body = CUSTOMER | {"DiscountPercent": 10, "DocumentLines": [row]}
    told = local.sl.post("Invoices", body)
    assert (Decimal(told["DocTotal"]), Decimal(told["VatSum"])) == (Decimal(total), Decimal(vat))
    assert Decimal(told["DiscountPercent"]) == 10
    full = local.sl.post("Orders", CUSTOMER | {"DocumentLines": [row]})
    net = Decimal(full["DocTotal"]) - Decimal(full["VatSum"])
    left = Decimal(told["DocTotal"]) - Decimal(told["VatSum"])
    assert Decimal(told["TotalDiscount"]) == net - left
