"""Credit notes over HTTP: never more than is left, posted once, beside those of the tills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from pos_app.store import audit, queue, sale
from pos_app.store.stock import stock_moves
from tests.api.house import OTHER, WAREHOUSE, House, invoice_body, on_hand

PATH = "/api/CreditNote"
SEED = {
    "id", "sapDocEntry", "sapDocNum", "creditNoteNumber", "creditNoteDate", "cardCode", "cardName",
    "type", "typeName", "status", "statusName", "originalInvoiceId", "originalInvoiceDocEntry",
    "reason", "comments", "currency", "exchangeRate", "subTotal", "taxAmount", "docTotal",
    "appliedAmount", "balance", "restockItems", "restockWarehouseCode", "isFiscalized", "lines",
}  # fmt: skip


@pytest.fixture
def house(house: House) -> Iterator[House]:
    """A shop without a fiscal device: a note follows its invoice at once."""
    yield from without_device(house)


@pytest.fixture
def quick(quick: House) -> Iterator[House]:
    yield from without_device(quick)


def without_device(house: House) -> Iterator[House]:
    rules = house.shop.rules
    plain = replace(rules, fiscal=replace(rules.fiscal, is_required=False))
    object.__setattr__(house.shop, "rules", plain)
    yield house
    object.__setattr__(house.shop, "rules", rules)


def invoice(house: House, *lines: dict[str, Any], **changes: Any) -> Any:
    rows = list(lines) or [{"itemCode": "MILK", "quantity": 10, "warehouseCode": WAREHOUSE}]
    answer = house.as_role().post("/api/Invoice", invoice_body(lines=rows, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def body(of: Any, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "cardCode": "C0001",
        "type": "Return",
        "originalInvoiceId": of["id"],
        "reason": "Damaged in transit",
        "lines": list(lines) or [{"itemCode": "MILK", "quantity": 2, "unitPrice": 1.99}],
    } | changes


def credit(house: House, of: Any, *lines: dict[str, Any], role: str = "Admin", **how: Any) -> Any:
    return house.as_role(role).post(PATH, body(of, *lines, **how))


def moves(house: House, receipt: str) -> list[tuple[str, str, str, Decimal]]:
    with house.shop.store.read() as connection:
        header = sale.by_receipt(connection, receipt)
        assert header is not None
        query = select(stock_moves).where(stock_moves.c.document_id == header["id"])
        rows = connection.execute(query.order_by(stock_moves.c.seq)).mappings()
        return [(row["item"], row["warehouse"], row["batch"], row["quantity"]) for row in rows]


def test_a_return_is_posted_whole(house: House) -> None:
    made = invoice(house)
    answer = credit(house, made)
    told = answer.json()
    assert answer.status_code == 201
    assert set(told) >= SEED
    assert told["creditNoteNumber"] == "CN-20261102-0001"
    assert told["receiptNumber"] == "SRV-000002"
    assert (told["docTotal"], told["taxAmount"], told["status"]) == (3.98, 0.53, "Applied")
    assert (told["appliedAmount"], told["balance"]) == (3.98, 0)
    assert told["originalInvoiceId"] == made["id"]
    assert told["lines"][0]["isRestocked"] is True
    assert on_hand(house.shop, "MILK") == 92
    known = house.as_role().get(f"/api/Invoice/{made['id']}").json()
    assert known["paidToDate"] == 3.98
    with house.shop.store.read() as connection:
        header = sale.by_receipt(connection, told["receiptNumber"])
        assert header is not None
        queued = queue.of_documents(connection, [header["id"]])[header["id"]]
        assert (queued["kind"], queued["state"]) == ("credit_note", "Pending")
        deeds = [row["action"] for row in audit.about(connection, told["creditNoteNumber"])]
    assert deeds == ["credit_note.create", "credit_note.approved"]
    admin = house.as_role()
    for path in (
        f"{PATH}/{told['id']}",
        f"{PATH}/number/{told['creditNoteNumber']}",
    ):
        assert admin.get(path).json() == told
    listed = admin.get(PATH, status="Applied", cardCode="C0001").json()
    assert (listed["totalCount"], listed["creditNotes"]) == (1, [told])
    by = admin.get(f"{PATH}/by-invoice/{made['id']}").json()
    assert (by["totalCreditedAmount"], by["hasExistingCreditNotes"]) == (3.98, True)


def test_never_more_than_is_left(house: House) -> None:
    made = invoice(house)
    assert credit(house, made, {"itemCode": "MILK", "quantity": 8}).status_code == 201
    beyond = credit(house, made, {"itemCode": "MILK", "quantity": 3})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "return_too_much")
    rest = house.as_role().post(f"{PATH}/from-invoice/{made['id']}")
    assert (rest.status_code, rest.json()["docTotal"]) == (201, 3.98)
    assert on_hand(house.shop, "MILK") == 100
    nothing = house.as_role().post(f"{PATH}/from-invoice/{made['id']}", {"reason": "again"})
    assert (nothing.status_code, nothing.json()["code"]) == (400, "nothing_left")
    told = house.as_role().get(f"{PATH}/by-invoice/{made['id']}").json()
    assert told["totalCreditedAmount"] == made["docTotal"]


def test_an_adjustment_corrects_a_price_and_moves_no_goods(house: House) -> None:
    made = invoice(house)
    price = {"itemCode": "MILK", "quantity": 10, "unitPrice": 0.5}
    told = credit(house, made, price, type="PriceAdjustment").json()
    assert (told["type"], told["docTotal"]) == ("Adjustment", 5)
    assert on_hand(house.shop, "MILK") == 90
    other = {"itemCode": "MILK", "quantity": 1, "unitPrice": 0.5}
    refused = credit(house, made, other)
    assert (refused.status_code, refused.json()["code"]) == (400, "line_uncreditable")
    too_much = credit(house, made, price | {"unitPrice": 1.6}, type=2)
    assert (too_much.status_code, too_much.json()["code"]) == (400, "credit_too_much")


def test_goods_come_back_where_they_are_wanted_or_not_at_all(house: House) -> None:
    lots = {"itemCode": "YOGHURT", "quantity": 7, "warehouseCode": WAREHOUSE}
    made = invoice(house, lots)
    back = {"itemCode": "YOGHURT", "quantity": 6}
    told = credit(house, made, back, restockWarehouseCode=OTHER).json()
    assert moves(house, told["receiptNumber"]) == [
        ("YOGHURT", OTHER, "Y-SOON", 5),
        ("YOGHURT", OTHER, "Y-LATE", 1),
    ]
    gone = credit(house, made, back | {"quantity": 1}, restockItems=False, type="Damaged").json()
    assert (gone["type"], gone["restockItems"]) == ("Damage", False)
    assert moves(house, gone["receiptNumber"]) == []
    assert gone["lines"][0]["isRestocked"] is False


def test_a_batch_that_never_left_does_not_come_back(house: House) -> None:
    made = invoice(house, {"itemCode": "YOGHURT", "quantity": 2, "warehouseCode": WAREHOUSE})
    back = {"itemCode": "YOGHURT", "quantity": 1, "batchNumber": "Y-LATE"}
    refused = credit(house, made, back)
    assert (refused.status_code, refused.json()["code"]) == (404, "batch_not_found")
    assert house.as_role().get(PATH).json()["totalCount"] == 0, "nothing half made"


def test_what_somebody_may_not_pay_back_waits(house: House) -> None:
    many = {"itemCode": "MILK", "quantity": 95, "warehouseCode": WAREHOUSE}
    made = invoice(house, many)
    answer = credit(house, made, {"itemCode": "MILK", "quantity": 90}, role="Cashier")
    told = answer.json()
    assert (answer.status_code, told["status"], told["receiptNumber"]) == (201, "Pending", None)
    assert told["lines"][0]["quantity"] == 90
    assert on_hand(house.shop, "MILK") == 5
    assert house.as_role().get(f"{PATH}/by-invoice/{made['id']}").json()["totalCreditedAmount"] == 0
    refused = house.as_role("Cashier").post(f"{PATH}/{told['id']}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_needed")
    agreed = house.as_role("Admin").post(f"{PATH}/{told['id']}/approve").json()
    assert (agreed["status"], agreed["approvedByUserName"]) == ("Applied", "the-admin")
    assert agreed["createdByUserName"] == "the-cashier"
    assert on_hand(house.shop, "MILK") == 95
    again = house.as_role("Admin").post(f"{PATH}/{told['id']}/approve").json()
    assert again == agreed
    posted = house.as_role().patch(f"{PATH}/{told['id']}/status", {"status": "Cancelled"})
    assert (posted.status_code, posted.json()["code"]) == (409, "move_refused")
    assert (
        house.as_role().delete(f"{PATH}/{told['id']}").json()["code"] == "credit_note_not_deletable"
    )


def test_approval_counts_what_was_credited_meanwhile(house: House) -> None:
    made = invoice(house)
    all_of_it = {"itemCode": "MILK", "quantity": 10}
    waits = credit(house, made, all_of_it, role="User").json()
    assert credit(house, made).status_code == 201
    late = house.as_role().post(f"{PATH}/{waits['id']}/approve")
    assert (late.status_code, late.json()["code"]) == (400, "return_too_much")
    assert house.as_role().get(f"{PATH}/{waits['id']}").json()["status"] == "Pending"


def test_several_are_cancelled_and_made_anew(house: House) -> None:
    made = invoice(house)
    waits = credit(house, made, role="User").json()
    posted = credit(house, made).json()
    admin = house.as_role()
    asked = {"creditNoteDocEntries": [waits["id"], posted["id"], 77], "reason": "by mistake"}
    told = admin.post(f"{PATH}/bulk-cancel", asked).json()
    assert (told["requestedCount"], told["successCount"], told["failedCount"]) == (3, 1, 2)
    assert [row["status"] for row in told["results"]] == ["Cancelled", "Failed", "Failed"]
    again = admin.post(f"{PATH}/duplicate-cancelled", asked).json()
    assert [row["success"] for row in again["results"]] == [True, False, False]
    new = admin.get(f"{PATH}/{again['results'][0]['newId']}").json()
    assert (new["reason"], new["status"], new["docTotal"]) == ("by mistake", "Applied", 3.98)
    assert admin.delete(f"{PATH}/{waits['id']}").status_code == 204
    assert admin.get(f"{PATH}/{waits['id']}").status_code == 404


def test_the_same_key_credits_once(house: House) -> None:
    made = invoice(house)
    admin = house.as_role()
    one, two = (admin.post(PATH, body(made), Idempotency_Key="C-1") for _ in range(2))
    assert one.json() == two.json()
    assert admin.get(PATH).json()["totalCount"] == 1


def test_what_is_paid_and_credited_is_the_customers(house: House) -> None:
    made = invoice(house)
    pay = {
        "cardCode": "C0001",
        "cashSum": 19.90,
        "paymentInvoices": [{"docEntry": made["id"], "sumApplied": 19.90}],
    }
    assert house.as_role().post("/api/IncomingPayment", pay).status_code in {201, 202}
    told = credit(house, made).json()
    assert (told["status"], told["appliedAmount"], told["balance"]) == ("Approved", 0, 3.98)
    query = {"format": "json"}
    account = house.as_role().get("/api/Statement/generate/C0001", **query).json()
    assert account["closingBalance"] == -3.98
    assert account["aging"]["unapplied"] == -3.98


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"originalInvoiceId": None}, "invoice_uncreditable"),
        ({"originalInvoiceId": 123}, "invoice_uncreditable"),
        ({"cardCode": "C0002"}, "invoice_uncreditable"),
        ({"currency": "ZIG"}, "invoice_uncreditable"),
        ({"lines": [{"itemCode": "BREAD", "quantity": 1}]}, "line_uncreditable"),
        ({"restockWarehouseCode": "OLD"}, "line_uncreditable"),
        ({"reason": "   "}, "note_reason_missing"),
        ({"lines": [{"itemCode": "MILK", "quantity": 1, "originalInvoiceLineId": 4}]}, "line_unc"),
    ],
)
def test_what_is_none_of_the_invoice_is_refused(
    quick: House, changes: dict[str, Any], code: str
) -> None:
    answer = credit(quick, invoice(quick), **changes)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith(code)
    assert quick.as_role().get(PATH).json()["totalCount"] == 0


@pytest.mark.parametrize(
    "changes", [{"type": "Gift"}, {"type": 9}, {"lines": []}, {"reason": ""}, {"cardCode": None}]
)
def test_wrong_fields_are_named(quick: House, changes: dict[str, Any]) -> None:
    answer = credit(quick, invoice(quick), **changes)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_both_numbers_of_the_invoice_are_tried(quick: House) -> None:
    made = invoice(quick)
    told = credit(quick, made, originalInvoiceId=5, originalInvoiceDocEntry=made["docEntry"])
    assert told.status_code == 201


def test_a_draft_is_not_credited(quick: House) -> None:
    made = invoice(quick, status="Draft")
    told = credit(quick, made)
    assert (told.status_code, told.json()["code"]) == (400, "invoice_uncreditable")
