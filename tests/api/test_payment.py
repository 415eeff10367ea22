"""Incoming payments: counted on their invoices at once, never more than is open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pos_app.services.posting.work import work
from pos_app.store import payment as payments
from pos_app.store import queue
from tests.api.house import House, build, invoice_body

PATH = "/api/IncomingPayment"
SEED = {
    "docEntry", "docNum", "docDate", "docDueDate", "cardCode", "cardName", "docCurrency",
    "cashSum", "checkSum", "transferSum", "creditSum", "docTotal", "remarks", "transferReference",
    "transferDate", "transferAccount", "paymentInvoices",
}  # fmt: skip


@pytest.fixture
def invoice(house: House) -> dict[str, Any]:
    """An open invoice over 19.90 USD of C0001."""
    told: dict[str, Any] = house.as_role("Admin").post("/api/Invoice", invoice_body()).json()
    return told


def applied(invoice: dict[str, Any], amount: Any) -> list[dict[str, Any]]:
    return [{"docEntry": invoice["docEntry"], "sumApplied": amount, "invoiceType": "it_Invoice"}]


def pay(house: House, role: str = "Admin", **body: Any) -> Any:
    return house.as_role(role).post(PATH, {"cardCode": "C0001"} | body)


def test_a_payment_is_answered_whole_and_counts_at_once(
    house: House, invoice: dict[str, Any]
) -> None:
    answer = pay(
        house,
        docDate="2026-11-01",
        transferSum=19.90,
        transferReference="TRF-1",
        transferDate="2026-11-01",
        transferAccount="_SYS00000000089",
        remarks="Bank transfer payment",
        paymentInvoices=applied(invoice, 19.90),
    )
    told = answer.json()
    assert answer.status_code == 202, "SAP has not heard of it yet"
    assert told["wasQueued"] is True
    assert told["queueStatus"] == "Pending"
    assert set(told) >= SEED | {"message", "payment"}
    assert told["payment"] == {key: told[key] for key in told["payment"]}
    assert (told["docTotal"], told["transferSum"], told["cashSum"]) == (19.90, 19.90, 0)
    assert told["paymentInvoices"] == [
        {
            "lineNum": 0,
            "docEntry": invoice["docEntry"],
            "sumApplied": 19.90,
            "invoiceType": "it_Invoice",
        }
    ]
    seen = house.as_role("User").get(f"/api/Invoice/{invoice['id']}").json()
    assert (seen["paidToDate"], seen["docStatus"]) == (19.90, "Closed")


def test_it_is_queued_for_sap_in_the_same_transaction(
    house: House, invoice: dict[str, Any]
) -> None:
    told = pay(house, cashSum=5, paymentInvoices=applied(invoice, 5)).json()
    with house.shop.store.read() as connection:
        row = payments.by_entry(connection, told["id"] - 10**9)
        assert row is not None
        queued = queue.of_documents(connection, [row["id"]])[row["id"]]
    assert (queued["kind"], queued["total"], queued["reference"]) == (
        "payment",
        500,
        f"PAY-{told['id']}",
    )
    assert queued["queue_id"] == told["queueId"]


def test_payments_are_found_by_number_invoice_and_customer(
    house: House, invoice: dict[str, Any]
) -> None:
    ids = [
        pay(house, cashSum=amount, paymentInvoices=applied(invoice, amount)).json()["id"]
        for amount in (1, 2, 3)
    ]
    caller = house.as_role("User")
    for path in (f"{PATH}/{ids[0]}", f"{PATH}/docnum/{ids[0]}"):
        assert caller.get(path).json()["cashSum"] == 1
    of_invoice = caller.get(f"{PATH}/by-invoice/{invoice['docEntry']}").json()
    assert (of_invoice["invoiceDocEntry"], of_invoice["count"]) == (invoice["docEntry"], 3)
    assert [row["id"] for row in of_invoice["payments"]] == ids
    page = caller.get(f"{PATH}/customer/C0001", page=1, pageSize=2).json()
    assert [row["id"] for row in page["items"]] == ids[:0:-1]
    assert page["payments"] == page["items"]
    assert (page["totalCount"], page["totalPages"], page["hasMore"]) == (3, 2, True)
    empty = caller.get(f"{PATH}/customer/C0001", toDate="2026-11-01").json()
    assert empty["totalCount"] == 0
    assert caller.get(f"{PATH}/{10**9 + 99}").status_code == 404
    assert caller.get(f"{PATH}/customer/NOBODY").status_code == 404
    assert caller.get(f"{PATH}/by-invoice/{10**9 + 99}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "payment_empty"),
        ({"cashSum": 0}, "payment_empty"),
        ({"cashSum": 30, "apply": 25}, "payment_over_applied"),
        ({"cashSum": 5, "apply": 6}, "payment_over_applied"),
        ({"cashSum": 5, "cardCode": "NOBODY"}, "customer_unusable"),
        ({"cashSum": 5, "cardCode": "C0002", "apply": 5}, "invoice_unpayable"),
        ({"cashSum": 5, "docCurrency": "ZIG"}, "customer_unusable"),
        ({"cashSum": 5, "entry": 99}, "invoice_unpayable"),
        (
            {"checkSum": 5, "paymentChecks": [{"checkNumber": 1, "checkSum": 4}]},
            "payment_mismatch",
        ),
    ],
)
def test_what_cannot_be_booked_is_400_and_leaves_nothing(
    house: House, invoice: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    body = dict(body)
    amount, entry = body.pop("apply", 5), body.pop("entry", None)
    if entry or code in {"payment_over_applied", "invoice_unpayable"}:
        body["paymentInvoices"] = [{"docEntry": entry or invoice["docEntry"], "sumApplied": amount}]
    answer = pay(house, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    seen = house.as_role("User").get(f"/api/Invoice/{invoice['id']}").json()
    assert seen["paidToDate"] == 0
    assert house.as_role("User").get(f"{PATH}/customer/C0001").json()["totalCount"] == 0


@pytest.mark.parametrize("amount", [-1, "x", 0.001, 1e30, True, None])
def test_odd_amounts_are_named(quick: House, amount: Any) -> None:
    answer = pay(quick, cashSum=amount)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["cashSum"]


def test_a_user_takes_only_the_means_they_are_allowed(house: House) -> None:
    assert pay(house, "Cashier", cashSum=1, transferSum=1).status_code == 202
    for means in ("creditSum", "checkSum"):
        answer = pay(house, "Cashier", **{means: 1})
        assert (answer.status_code, answer.json()["code"]) == (403, "method_not_yours")


def test_a_draft_cannot_be_paid(house: House) -> None:
    draft = house.as_role("Admin").post("/api/Invoice", invoice_body(status="Draft")).json()
    answer = pay(house, cashSum=1, paymentInvoices=applied(draft, 1))
    assert answer.json()["code"] == "invoice_unpayable"


def test_money_may_come_on_account(house: House) -> None:
    told = pay(house, cashSum=10, creditSum=5.50, checkSum=1).json()
    assert (told["docTotal"], told["paymentInvoices"]) == (16.50, [])


def test_ten_at_once_never_pay_more_than_is_open(house: House, invoice: dict[str, Any]) -> None:
    caller = house.as_role("Admin")
    body = {"cardCode": "C0001", "cashSum": 5, "paymentInvoices": applied(invoice, 5)}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: caller.post(PATH, body), range(10)))
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [400] * 7
    seen = caller.get(f"/api/Invoice/{invoice['id']}").json()
    assert (seen["paidToDate"], seen["docStatus"]) == (15, "Open")


def test_a_cards_number_is_never_kept(house: House) -> None:
    card = {"creditCard": 1, "creditCardNumber": "4111 1111 1111 1234", "creditSum": 5}
    told = pay(house, creditSum=5, paymentCreditCards=[card]).json()
    with house.shop.store.read() as connection:
        row = payments.by_entry(connection, told["id"] - 10**9)
    assert row is not None
    assert row["details"]["cards"][0]["last_digits"] == "1234"
    assert "4111" not in str(dict(row))


def test_without_sap_a_payment_is_in_the_books_at_once(sqlite_store: Any) -> None:
    house = build(sqlite_store, has_sap=False, post_soon=lambda: work(house.shop, None, owner="w"))
    answer = pay(house, cashSum=5)
    assert (answer.status_code, answer.json()["wasQueued"]) == (201, False)
    told = answer.json()
    assert (told["sapStatus"], told["docNum"]) == ("Posted", 1)


def test_lists_tell_all_of_a_period_and_of_today(house: House) -> None:
    days = ("2026-10-30", "2026-11-01", None)
    ids = [pay(house, cashSum=1, **({"docDate": day} if day else {})).json()["id"] for day in days]
    pay(house, cashSum=2, cardCode="C0002", docDate="2026-10-29", docCurrency="ZIG")
    caller = house.as_role("User")
    everything = caller.get(PATH, page=1, pageSize=2).json()
    assert [row["id"] for row in everything["payments"]] == ids[:0:-1]
    assert (everything["count"], everything["totalCount"], everything["hasMore"]) == (2, 4, True)
    period = caller.get(f"{PATH}/daterange", fromDate="2026-10-30", toDate="2026-11-01").json()
    assert [row["id"] for row in period["payments"]] == ids[1::-1]
    assert (period["fromDate"], period["toDate"], period["date"]) == (
        "2026-10-30",
        "2026-11-01",
        None,
    )
    today = caller.get(f"{PATH}/today").json()
    assert [row["id"] for row in today["payments"]] == ids[2:]
    assert today["date"] == today["fromDate"] == today["toDate"] == "2026-11-02"
    assert caller.get(PATH, page=10**30).json()["payments"] == []
    wrong = caller.get(f"{PATH}/daterange", fromDate="2026-11-02", toDate="2026-11-01")
    assert list(wrong.json()["errors"]) == ["fromDate"]


def test_the_lines_of_a_payment_keep_their_order(house: House, invoice: dict[str, Any]) -> None:
    second = house.as_role("Admin").post("/api/Invoice", invoice_body(numAtCard="PO-3")).json()
    numbers = [invoice["docEntry"], second["docEntry"]]
    for order in (numbers, numbers[::-1]):
        rows = [{"docEntry": number, "sumApplied": 1} for number in order]
        told = pay(house, cashSum=2, paymentInvoices=rows).json()["payment"]
        assert [row["docEntry"] for row in told["paymentInvoices"]] == order


def test_one_payment_settles_several_invoices_and_leaves_the_rest_on_account(
    house: House, invoice: dict[str, Any]
) -> None:
    second = house.as_role("Admin").post("/api/Invoice", invoice_body(numAtCard="PO-2")).json()
    cheque = {"checkNumber": 7, "bankCode": "CBZ", "dueDate": "2026-12-01", "checkSum": 10}
    rows = applied(invoice, 19.90) + applied(second, 5)
    told = pay(house, cashSum=20, checkSum=10, paymentChecks=[cheque], paymentInvoices=rows).json()
    read = house.as_role("User").get(f"{PATH}/{told['id']}").json()
    assert read == told["payment"]
    assert [row["sumApplied"] for row in read["paymentInvoices"]] == [19.90, 5]
    assert (read["docTotal"], read["paymentChecks"][0]["dueDate"]) == (30, "2026-12-01")
    assert read["paymentChecks"][0]["checkSum"] == 10
    caller = house.as_role("User")
    left = [caller.get(f"/api/Invoice/{row['id']}").json() for row in (invoice, second)]
    assert [(row["paidToDate"], row["docStatus"]) for row in left] == [
        (19.9, "Closed"),
        (5, "Open"),
    ]
