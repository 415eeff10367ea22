"""Documents without goods: services, payments to suppliers, and money of accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sap.errors import SapRejected
from tests.sync.sap.conftest import DAY

CUSTOMER = {"CardCode": "C0001", "DocDate": DAY.isoformat(), "DocDueDate": "2026-08-31"}
SUPPLIER = CUSTOMER | {"CardCode": "V0001"}
RENT = {"ItemDescription": "Rent of August", "AccountCode": "6400", "VatGroup": "O01"}


def service(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return CUSTOMER | {"DocType": "dDocument_Service", "DocumentLines": list(lines)} | more


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value.code


def balance(local: Any, card: str) -> Decimal:
    held: Decimal = local.core.books.balances.get(card, Decimal(0))
    return held


@pytest.mark.parametrize(
    ("amount", "total", "vat"),
    [
        ({"LineTotal": 100}, "115.50", "15.50"),
        ({"PriceAfterVAT": 100}, "100.00", "13.42"),
        ({"GrossTotal": 100}, "100.00", "13.42"),
    ],
)
def test_a_service_is_billed_by_account_and_amount_and_moves_nothing(
    local: Any, amount: dict[str, Any], total: str, vat: str
) -> None:
    before = local.core.ledger()["stock"]
    told = local.sl.post("Invoices", service(RENT | amount))
    assert (told["DocType"], told["DocTotal"], told["VatSum"]) == (
        "dDocument_Service", Decimal(total), Decimal(vat),
    )  # fmt: skip
    [line] = told["DocumentLines"]
    assert (line["ItemCode"], line["AccountCode"]) == (None, "6400")
    assert local.core.ledger()["stock"] == before
    assert balance(local, "C0001") == Decimal(total)
    local.sl.post("Invoices(1)/Cancel")
    assert balance(local, "C0001") == 0


def test_a_service_sap_would_refuse(local: Any) -> None:
    for wrong in ({"ItemCode": "BREAD"}, {"AccountCode": None}, {"AccountCode": "1199"},
                  {"VatGroup": None}, {"LineTotal": -1}, {"CostingCode": "GONE"}):  # fmt: skip
        assert code_of(local.sl.post, "Invoices", service(RENT | {"LineTotal": 5} | wrong)) == (
            "-5002"
        )
    goods = {"DocType": "dDocument_Service", "DocumentLines": [RENT | {"LineTotal": 5}]}
    assert code_of(local.sl.post, "InventoryGenExits", goods) == "-5002"
    assert local.core.ledger()["documents"] == []


def test_an_order_of_a_service_is_taken_whole_by_its_invoice(local: Any) -> None:
    order = local.sl.post("Orders", service(RENT | {"LineTotal": 100}))
    assert local.core.books.committed == {}
    [partner] = local.sl.get("BusinessPartners?$select=OpenOrdersBalance&$top=1")["value"]
    assert partner["OpenOrdersBalance"] == Decimal("115.50")
    based = {"BaseType": 17, "BaseEntry": order["DocEntry"], "BaseLine": 0}
    told = local.sl.post("Invoices", service(based))
    assert told["DocTotal"] == Decimal("115.50")
    assert local.sl.get("Orders(1)/DocumentStatus")["value"] == "bost_Close"
    assert code_of(local.sl.post, "Invoices", service(based)) == "-10"
    local.sl.post("Invoices(1)/Cancel")
    assert local.sl.get("Orders(1)/DocumentStatus")["value"] == "bost_Open"


def test_the_total_of_a_line_without_vat_makes_its_price(local: Any) -> None:
    line = {"ItemCode": "SUGAR", "Quantity": 4, "WarehouseCode": "SHOP1", "LineTotal": 10}
    told = local.sl.post("Invoices", CUSTOMER | {"DocumentLines": [line]})
    assert told["DocTotal"] == Decimal("11.55")
    assert told["DocumentLines"][0]["Price"] == Decimal("2.5")


def test_a_bill_of_a_supplier_is_paid_once_and_a_cancelled_payment_opens_it(local: Any) -> None:
    rent = RENT | {"LineTotal": 100, "VatGroup": "I01"}
    body = SUPPLIER | {"DocType": "dDocument_Service", "DocumentLines": [rent]}
    bill = local.sl.post("PurchaseInvoices", body)
    assert balance(local, "V0001") == Decimal("-115.50")
    applied = {"DocEntry": bill["DocEntry"], "InvoiceType": "it_PurchaseInvoice"}
    pay = SUPPLIER | {
        "DocType": "rSupplier", "TransferAccount": "1120", "TransferSum": Decimal("115.50"),
        "PaymentInvoices": [applied | {"SumApplied": Decimal("115.50")}],
    }  # fmt: skip
    pay.pop("DocDueDate")
    assert code_of(local.sl.post, "IncomingPayments", pay) == "-5006"
    paid = local.sl.post("VendorPayments", pay)
    assert balance(local, "V0001") == 0
    assert local.sl.get("PurchaseInvoices(1)/DocumentStatus")["value"] == "bost_Close"
    assert code_of(local.sl.post, "VendorPayments", pay) == "-10"
    assert code_of(local.sl.post, "VendorPayments", pay | {"CardCode": "C0001"}) == "-5002"
    local.sl.post(f"VendorPayments({paid['DocEntry']})/CancelbyCurrentSystemDate")
    assert local.sl.get("PurchaseInvoices(1)/DocumentStatus")["value"] == "bost_Open"
    assert balance(local, "V0001") == Decimal("-115.50")


def test_money_of_accounts_has_no_partner_and_adds_up(local: Any) -> None:
    row = {"AccountCode": "6400", "SumPaid": 5}
    body = {
        "DocType": "rAccount", "DocDate": DAY.isoformat(), "CashAccount": "1110", "CashSum": 5,
        "PaymentAccounts": [row],
    }  # fmt: skip
    told = local.sl.post("VendorPayments", body)
    assert told["PaymentAccounts"][0]["LineNum"] == 0
    for wrong in ({"CashSum": 6}, {"CardCode": "C0001"}, {"PaymentAccounts": [{"SumPaid": 5}]}):
        assert code_of(local.sl.post, "VendorPayments", body | wrong) == "-5002"
    local.sl.post("VendorPayments(1)/Cancel")
    assert local.sl.get("VendorPayments(1)/Cancelled")["value"] == "tYES"
    assert local.core.books.balances == {"C0002": Decimal("12.50")}


def test_a_rule_of_the_company_stops_payments_too(local: Any) -> None:
    local.core.change_company({"refuse": {"IncomingPayments": "(9) Not today"}})
    body = {"CardCode": "C0001", "CashAccount": "1110", "CashSum": 5}
    with pytest.raises(SapRejected, match="Not today"):
        local.sl.post("IncomingPayments", body)


def test_a_cancellation_may_be_answered_with_its_document(local: Any) -> None:
    local.sl.post("Invoices", service(RENT | {"LineTotal": 100}))
    told = local.sl.post("Invoices(1)/CreateCancellationDocument")
    assert (told["DocEntry"], told["CancelStatus"]) == (2, "csCancellation")
    assert local.sl.get("Invoices(1)/CancelStatus")["value"] == "csYes"
    assert code_of(local.sl.post, "Orders(1)/CreateCancellationDocument") == "-5006"
