"""Sales of desktop programs and their end of day over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from pos_app.services.check.invariants import check
from pos_app.services.posting import work as posting_work
from pos_app.services.shop import MailRules
from pos_app.store.mail import mails
from tests.api.house import WAREHOUSE, House, on_hand

SALES = "/api/DesktopIntegration/sales"
DAY = "/api/DesktopIntegration/end-of-day"


def line(item: str = "MILK", quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"itemCode": item, "quantity": quantity, "warehouseCode": WAREHOUSE} | more


def ask(reference: str | None = "TILL1-1", **changes: Any) -> dict[str, Any]:
    return {
        "externalReferenceId": reference,
        "sourceSystem": "DESKTOP_APP",
        "cardCode": "C0001",
        "docCurrency": "USD",
        "warehouseCode": WAREHOUSE,
        "paymentMethod": "Cash",
        "amountPaid": 5,
        "lines": [line(unitPrice=1.99, lineNum=1), line("YOGHURT")],
    } | changes


@pytest.fixture
def evening(house: House) -> Any:
    """The shop consolidates."""
    rules = house.shop.rules
    changed = replace(rules, sap=replace(rules.sap, consolidates=True))
    object.__setattr__(house.shop, "rules", changed)
    yield house
    object.__setattr__(house.shop, "rules", rules)


def test_a_sale_is_stored_whole_with_its_money_and_change(house: House) -> None:
    before = on_hand(house.shop, "MILK")
    answer = house.as_role("Cashier").post(SALES, ask())
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["totalAmount"], told["currency"]) == (4.34, "USD")
    assert told["change"] == [{"currency": "USD", "amount": 0.66}]
    assert told["fiscalizationStatus"] in {"Pending", "Skipped"}
    assert before - on_hand(house.shop, "MILK") == 1
    again = house.as_role("Cashier").post(SALES, ask())
    assert (again.status_code, again.json()) == (200, told)
    other = house.as_role("Cashier").post(SALES, ask(amountPaid=6))
    assert other.status_code == 409
    [row] = house.as_role().get(SALES).json()["sales"]
    assert (row["externalReferenceId"], row["amountPaid"]) == ("TILL1-1", 4.34)
    assert (row["consolidationStatus"], row["paymentMethod"]) == ("Excluded", "cash")
    assert [one["itemCode"] for one in row["lines"]] == ["MILK", "YOGHURT"]
    assert check(house.shop, is_server=True) == []


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "too little money": ({"amountPaid": 1}, 400, "are still due"),
    "no money": ({"amountPaid": None}, 400, "amountPaid"),
    "unknown tender": ({"paymentMethod": "Cowries"}, 400, "Cowries"),
    "method not allowed": ({"paymentMethod": "EcoCash", "paymentReference": "1"}, 403, "EcoCash"),
    "no lines": ({"lines": []}, 400, "lines"),
    "too much": ({"lines": [line(quantity=9999)], "amountPaid": 99999}, 400, "MILK"),
    "unknown item": ({"lines": [line("NIX")]}, 400, "NIX"),
    "unknown customer": ({"cardCode": "NOBODY"}, 400, "NOBODY"),
    "a discount of 101": ({"lines": [line(discountPercent=101)]}, 400, "discountPercent"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_sold_says_why_and_takes_nothing(quick: House, case: str) -> None:
    changes, status, words = BAD[case]
    before = on_hand(quick.shop, "MILK")
    role = "Cashier" if case == "method not allowed" else "Admin"
    answer = quick.as_role(role).post(SALES, ask(**changes))
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert on_hand(quick.shop, "MILK") == before
    assert quick.as_role().get(SALES).json()["totalCount"] == 0


def test_several_tenders_pay_one_sale(quick: House) -> None:
    money = [
        {"method": "Cash", "amount": 2, "currency": "USD"},
        {"method": "Mobile Money", "amount": 2.34, "reference": "MP-1"},
    ]
    answer = quick.as_role("Admin").post(SALES, ask(None, payments=money))
    assert answer.status_code == 201, answer.text
    assert answer.json()["externalReferenceId"].startswith("DS-20261102")
    assert answer.json()["change"] == []


def test_a_day_is_consolidated_reported_and_listed(evening: House) -> None:
    admin = evening.as_role()
    assert admin.post(DAY + "/consolidate").status_code == 404
    assert admin.get(DAY + "/report").status_code == 404
    for number in range(3):
        assert admin.post(SALES, ask(f"R-{number}")).status_code == 201
    assert [row["consolidationStatus"] for row in admin.get(SALES).json()["sales"]] == [
        "Pending"
    ] * 3
    told = admin.post(DAY + "/consolidate", {"consolidationDate": "2026-11-02"}).json()
    assert (told["totalSalesProcessed"], told["successfulPostings"]) == (3, 0)
    [group] = told["groups"]
    assert (group["saleCount"], group["totalAmount"], group["status"]) == (3, 13.02, "Pending")
    posting_work.work(evening.shop, None, owner="w")
    again = admin.post(DAY + "/consolidate").json()
    assert (again["successfulPostings"], again["groups"][0]["status"]) == (1, "Posted")
    late = admin.post(SALES, ask("R-late"))
    assert late.status_code == 201
    report = admin.get(DAY + "/report", reportDate="2026-11-02").json()
    assert (report["totalSalesCount"], report["totalSalesAmount"]) == (4, 17.36)
    assert (report["postedInvoiceCount"], report["unpostedInvoiceCount"]) == (1, 0)
    assert [row["externalReferenceId"] for row in report["unpostedSales"]] == ["R-late"]
    [customer] = report["businessPartnerSummaries"]
    assert customer["consolidatedInvoice"]["sapDocNum"] == again["groups"][0]["sapDocNum"]
    done = admin.get(SALES, consolidationStatus="Consolidated", pageSize=2).json()
    assert (done["totalCount"], done["hasMore"], len(done["sales"])) == (3, True, 2)
    assert check(evening.shop, is_server=True) == []


def test_no_day_to_come_is_consolidated(quick: House) -> None:
    answer = quick.as_role().post(DAY + "/consolidate", {"consolidationDate": "2026-11-03"})
    assert answer.status_code == 400
    assert "not over yet" in answer.text


def test_the_end_of_a_day_goes_by_mail(evening: House) -> None:
    admin = evening.as_role()
    admin.post(SALES, ask())
    nobody = admin.post(DAY + "/email-report")
    assert (nobody.status_code, "sap.report_to" in nobody.text) == (409, True)
    rules = evening.shop.rules
    changed = replace(
        rules,
        sap=replace(rules.sap, report_to=("owner@example.com",)),
        mail=MailRules(sender="shop@example.com", sender_name="Shop"),
    )
    object.__setattr__(evening.shop, "rules", changed)
    told = admin.post(DAY + "/email-report")
    assert told.status_code == 200, told.text
    assert "owner@example.com" in told.json()["message"]
    with evening.shop.store.read() as connection:
        [letter] = connection.execute(select(mails)).mappings().all()
    assert letter["kind"] == "end-of-day"
    assert letter["subject"] == "End of day 2026-11-02"
