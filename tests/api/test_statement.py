"""Statements of account over HTTP, and the papers of quotations and orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api.house import WAREHOUSE, House, invoice_body
from tests.api.test_credit_note import credit, without_device
from tests.api.test_trade import ORDER, QUOTATION, body, line, order

PATH = "/api/Statement/generate"


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def invoice(house: House, quantity: int, **changes: Any) -> Any:
    lines = [{"itemCode": "MILK", "quantity": quantity, "warehouseCode": WAREHOUSE}]
    return house.as_role().post("/api/Invoice", invoice_body(lines=lines, **changes)).json()


def pay(house: House, amount: str, *applied: tuple[int, str], **changes: Any) -> Any:
    told = {
        "cardCode": "C0001",
        "cashSum": amount,
        "paymentInvoices": [{"docEntry": entry, "sumApplied": sum_} for entry, sum_ in applied],
    }
    answer = house.as_role().post("/api/IncomingPayment", told | changes)
    assert answer.status_code in {201, 202}, answer.text
    return answer.json()


def told_of(house: House, code: str = "C0001", **query: Any) -> Any:
    answer = house.as_role().get(f"{PATH}/{code}", format="json", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_statement_adds_up_and_ages(house: House) -> None:
    old = invoice(house, 10, docDate="2026-07-01")
    invoice(house, 5, docDate="2026-09-20")
    new = invoice(house, 2)
    pay(house, "5.00", (old["id"], "5.00"))
    pay(house, "1.00")
    told = told_of(house)
    assert (told["fromDate"], told["toDate"]) == ("2026-08-02", "2026-11-02")
    assert (told["currency"], told["openingBalance"]) == ("USD", 19.90)
    rows = [(row["documentType"], row["debit"], row["credit"]) for row in told["transactions"]]
    assert rows == [
        ("Invoice", 9.95, 0),
        ("Invoice", 3.98, 0),
        ("Payment", 0, 5.00),
        ("Payment", 0, 1.00),
    ]
    assert told["closingBalance"] == told["transactions"][-1]["balance"] == 27.83
    assert told["aging"] == {
        "current": 3.98,
        "days31To60": 9.95,
        "days61To90": 0,
        "over90Days": 14.90,
        "unapplied": -1.00,
        "total": 27.83,
    }
    assert told["transactions"][1]["documentNumber"] == new["receiptNumber"]
    assert told["fileName"].startswith("Statement_C0001_20261102")
    assert told["sapBalance"] is None
    early = told_of(house, fromDate="2026-06-01", toDate="2026-07-31")
    assert (early["openingBalance"], early["closingBalance"]) == (0, 19.90)
    assert early["aging"]["current"] == 19.90, "as it stood on that day"


def test_currencies_have_accounts_of_their_own(house: House) -> None:
    invoice(house, 1, cardCode="C0002")
    zig = invoice(house, 1, cardCode="C0002", docCurrency="ZIG")
    lines = [{"itemCode": "MILK", "quantity": 1, "warehouseCode": WAREHOUSE}]
    body = invoice_body(cardCode="C0002", docCurrency="ZIG", lines=lines)
    assert house.as_role().post("/api/Invoice", body).status_code == 201
    told = told_of(house, "C0002")
    assert [row["currency"] for row in told["accounts"]] == ["USD", "ZIG"]
    assert told["accounts"][1]["closingBalance"] == zig["docTotal"] * 2
    text = text_of(house.as_role().get(f"{PATH}/C0002"))
    assert text.count("Closing balance") + text.count("CLOSING BALANCE") >= 2


def test_a_statement_is_a_page_or_data(house: House) -> None:
    made = invoice(house, 3)
    admin = house.as_role()
    answer = admin.get(f"{PATH}/C0001")
    text = text_of(answer)
    assert made["receiptNumber"] in text
    assert "5.97" in text
    assert 'filename="Statement_C0001_' in answer.headers["content-disposition"]
    headers = admin.headers | {"Accept": "application/json"}
    assert house.client.get(f"{PATH}/C0001", headers=headers).json()["closingBalance"] == 5.97
    assert admin.get(f"{PATH}/C0001").content == answer.content, "the same document, the same bytes"


def test_an_empty_account_says_so(quick: House) -> None:
    told = told_of(quick)
    assert (told["closingBalance"], told["transactions"], told["aging"]["total"]) == (0, [], 0)
    assert "0.00" in text_of(quick.as_role().get(f"{PATH}/C0001"))


@pytest.mark.parametrize(
    ("code", "query", "status"),
    [
        ("NOBODY", {}, 404),
        ("S0001", {}, 404),
        ("C0001", {"fromDate": "2026-11-02", "toDate": "2026-11-01"}, 400),
        ("C0001", {"fromDate": "2027-01-01"}, 400),
        ("C0001", {"fromDate": "yesterday"}, 400),
        ("C0001", {"format": "xml"}, 400),
        ("../C0001", {}, 404),
    ],
)
def test_wrong_statements_are_refused(
    quick: House, code: str, query: dict[str, Any], status: int
) -> None:
    assert quick.as_role().get(f"{PATH}/{code}", **query).status_code == status


def test_very_early_days_are_no_trouble(quick: House) -> None:
    told = told_of(quick, toDate="0001-02-01")
    assert told["fromDate"] == "0001-01-01"


def test_quotations_and_orders_have_a_paper(house: House) -> None:
    admin = house.as_role()
    lines = [line("MILK", 10, discountPercent=10), line("BOOK", 2)]
    quoted = admin.post(QUOTATION, body(*lines, termsAndConditions="Half on order")).json()
    text = text_of(admin.get(f"{QUOTATION}/{quoted['id']}/pdf"))
    for word in (quoted["quotationNumber"], "QUOTATION", "Half on order", "10 % and 5 %", "exempt"):
        assert word in text
    assert f"{quoted['docTotal']:.2f}" in text
    made = order(house, *lines, shipToAddress="Celebration Hall, Borrowdale Road")
    for path in (f"{ORDER}/{made['id']}/pdf", f"{ORDER}/local/{made['id']}/pdf"):
        text = text_of(admin.get(path))
        assert made["orderNumber"] in text
        assert "Borrowdale Road" in text
    assert admin.get(f"{QUOTATION}/99/pdf").status_code == 404
    assert admin.get(f"{QUOTATION}/sap/99/pdf").status_code == 404


def test_papers_change_with_the_day_only_where_they_must(quick: House) -> None:
    made = order(quick)
    path = f"{ORDER}/{made['id']}/pdf"
    first = quick.as_role().get(path).content
    quick.clock._now += timedelta(days=3)
    assert quick.as_role().get(path).content == first


@pytest.fixture
def own(house: House) -> Iterator[House]:
    """Where no device is waited for before a note."""
    yield from without_device(house)


def test_a_statement_of_a_day_is_the_same_for_ever(own: House) -> None:
    """Whatever comes later, a day's balance and ages stay; one day opens as the one before ends."""
    own.shop.clock._now += timedelta(days=1)  # type: ignore[attr-defined]
    made, told = [], {}
    for day in range(1, 9):
        made.append(invoice(own, 5 + day))
        if day in (2, 4, 7):
            pay(own, "3.00", (made[0]["id"], "1.00"), (made[day - 2]["id"], "1.50"))
        if day == 5:
            pay(own, "14.42", (made[2]["id"], "14.42"))
        if day in (3, 6):
            credited = credit(own, made[day - 2], line_of(1))
            assert credited.status_code in {201, 202}, credited.text
        today = own.shop.today.isoformat()
        told[today] = told_of(own, fromDate=today, toDate=today)
        own.shop.clock._now += timedelta(days=1)  # type: ignore[attr-defined]
    before = 0
    for today, seen in told.items():
        again = told_of(own, fromDate=today, toDate=today)
        assert again | {"generatedAt": ""} | names(seen) == seen | {"generatedAt": ""}, today
        assert again["openingBalance"] == pytest.approx(before)
        before = again["closingBalance"]
        assert sum(again["aging"].values()) == pytest.approx(2 * before), "bands, and their total"
    whole = told_of(own, fromDate="2026-01-01")
    assert (whole["openingBalance"], whole["closingBalance"]) == (0, pytest.approx(before))
    assert len(whole["transactions"]) == sum(len(seen["transactions"]) for seen in told.values())


def names(seen: Any) -> dict[str, Any]:
    return {"fileName": seen["fileName"]}


def line_of(quantity: int) -> dict[str, Any]:
    return {"itemCode": "MILK", "quantity": quantity, "unitPrice": 1.99}
