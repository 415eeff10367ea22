"""Credit limits: balance, this invoice, and what the balance does not hold yet (lesson L69)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.domain.partner import AboveLimit
from pos_app.services.shop import Shop
from pos_app.store import audit, partner
from pos_app.store import sale as sales
from tests.api.house import House, invoice_body, on_hand

DESKTOP = "/api/DesktopIntegration"


def limited(house: House, *, limit: str = "100", balance: str | None = "50") -> None:
    """Let the customer owe so much, as SAP tells it now."""
    with house.shop.store.write() as connection:
        known = partner.by_code(connection, "C0001")
        assert known is not None
        owes = None if balance is None else Money.of(balance, "USD")
        told = replace(known, credit_limit=Money.of(limit, "USD"), balance=owes)
        partner.put(connection, [told], at=house.clock.now())


@contextmanager
def ruled(shop: Shop, **changes: Any) -> Iterator[None]:
    before = shop.rules
    object.__setattr__(shop, "rules", replace(before, **changes))
    try:
        yield
    finally:
        object.__setattr__(shop, "rules", before)


def invoice(house: House, quantity: int = 20, role: str = "Cashier", **changes: Any) -> Any:
    """So many litres of milk at 1.99."""
    line = {"itemCode": "MILK", "quantity": quantity, "warehouseCode": "SHOP1"}
    return house.as_role(role).post("/api/Invoice", invoice_body(lines=[line], **changes))


def test_l69_what_is_not_in_the_balance_counts_beside_it(house: House) -> None:
    limited(house)
    assert invoice(house).status_code == 201, "39.80 of the 50.00 that are left"
    refused = invoice(house)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_needed")
    assert "29.60 USD" in refused.json()["error"]
    assert on_hand(house.shop, "MILK") == 80, "nothing was taken"
    assert invoice(house, 5).status_code == 201, "9.95 of the 10.20 that are left"


def test_what_sap_took_counts_until_it_tells_the_balance(house: House) -> None:
    limited(house)
    made = invoice(house).json()
    house.clock.sleep(60)
    with house.shop.store.write() as connection:
        row = sales.by_receipt(connection, made["receiptNumber"])
        assert row is not None
        at = house.clock.now()
        sales.set_status(
            connection, sale_id=row["id"], in_sap="done", at=at, doc_entry=7, doc_num=7
        )
    assert invoice(house).status_code == 403, "the balance is older than that"
    house.clock.sleep(60)
    limited(house, balance="60")
    assert invoice(house).status_code == 201


def test_somebody_whose_limit_reaches_makes_it_and_it_is_written_down(house: House) -> None:
    limited(house)
    made = invoice(house, 30, role="Admin")
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["aboveCreditLimit"], told["creditLimitCurrency"]) == (9.70, "USD")
    assert house.as_role().get(f"/api/Invoice/{told['id']}").json()["aboveCreditLimit"] == 9.70
    with house.shop.store.read() as connection:
        last = audit.about(connection, told["receiptNumber"])[-1]
    assert last["details"]["above_credit_limit"] == "9.70 USD"
    assert last["actor"] == "the-admin"


def test_a_draft_is_kept_for_somebody_who_may_confirm_it(house: House) -> None:
    limited(house)
    draft = invoice(house, 30, status="Draft").json()
    ask = {"invoiceId": draft["id"]}
    assert house.as_role("Cashier").post("/api/Invoice/confirm", ask).status_code == 403
    told = house.as_role("Admin").post("/api/Invoice/confirm", ask).json()
    assert (told["docStatus"], told["aboveCreditLimit"]) == ("Open", 9.70)


def test_an_order_agreed_above_the_limit_is_billed_by_anybody_and_no_further(house: House) -> None:
    limited(house)
    line = {"itemCode": "MILK", "quantity": 30, "warehouseCode": "SHOP1"}
    body = {"cardCode": "C0001", "lines": [line]}
    order = house.as_role("Cashier").post("/api/SalesOrder", body).json()
    path = f"/api/SalesOrder/{order['id']}"
    assert house.as_role("Cashier").post(f"{path}/approve").status_code == 403
    assert house.as_role("Admin").post(f"{path}/approve").status_code == 200
    assert invoice(house, 10).status_code == 201, "somebody else used some of it meanwhile"
    whole = house.as_role("Cashier").post(f"{path}/convert-to-invoice")
    assert (whole.status_code, whole.json()["code"]) == (403, "approval_needed")
    part = {"lines": [{"lineNum": 0, "quantity": 20}]}
    told = house.as_role("Cashier").post(f"{path}/convert-to-invoice", part).json()
    assert told["aboveCreditLimit"] == 9.70


def test_every_way_to_an_invoice_asks(house: House) -> None:
    limited(house, limit="10", balance="0")
    line = {"itemCode": "MILK", "quantity": 30, "warehouseCode": "SHOP1"}
    body = {"cardCode": "C0001", "lines": [line], "sourceSystem": "D"}
    caller = house.as_role("Cashier")
    for path in ("invoices", "invoices/queued"):
        assert caller.post(f"{DESKTOP}/{path}", body).status_code == 403, path
    held = caller.post(f"{DESKTOP}/reservations", body | {"externalReferenceId": "R"})
    assert held.status_code == 201
    assert caller.put(f"{DESKTOP}/reservations/R/confirm").status_code == 403
    assert caller.get(f"{DESKTOP}/reservations/R").json()["status"] == "Pending", "not lost"
    assert house.as_role("Admin").put(f"{DESKTOP}/reservations/R/confirm").status_code == 200


@pytest.mark.parametrize(("above", "told"), [(AboveLimit.WARN, 29.60), (AboveLimit.IGNORE, None)])
def test_a_shop_may_only_warn_or_not_look(
    quick: House, above: AboveLimit, told: float | None
) -> None:
    limited(quick)
    with ruled(quick.shop, above_limit=above):
        assert invoice(quick).json()["aboveCreditLimit"] is None
        made = invoice(quick)
        assert (made.status_code, made.json()["aboveCreditLimit"]) == (201, told)


def test_an_unknown_balance_is_not_zero(quick: House) -> None:
    limited(quick, balance=None)
    assert invoice(quick, 1).status_code == 403
    quick.clock.sleep(timedelta(minutes=1).total_seconds())
    limited(quick, balance="0")
    assert invoice(quick, 1).status_code == 201


def test_many_at_once_never_share_what_is_left(house: House) -> None:
    limited(house)
    caller = house.as_role("Cashier")
    line = {"itemCode": "MILK", "quantity": 5, "warehouseCode": "SHOP1"}
    body = invoice_body(lines=[line])
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _: caller.post("/api/Invoice", body), range(12)))
    assert sorted(row.status_code for row in made) == [201] * 5 + [403] * 7


def test_a_desktop_sale_asks_for_what_goes_on_account(house: House) -> None:
    limited(house, limit="10", balance="0")
    cash = next(row for row in house.shop.rules.tender_types if row.code == "cash")
    account = replace(cash, code="account", sap_means="account", gives_change=False)
    line = {"itemCode": "MILK", "quantity": 10, "warehouseCode": "SHOP1"}
    sale = {"cardCode": "C0001", "warehouseCode": "SHOP1", "docCurrency": "USD", "lines": [line]}
    with ruled(house.shop, tender_types=(*house.shop.rules.tender_types, account)):
        for method, role, status in (
            ("account", "User", 403),
            ("account", "Manager", 403),
            ("Cash", "Manager", 201),
            ("account", "Admin", 201),
        ):
            body = sale | {"externalReferenceId": method + role, "paymentMethod": method}
            made = house.as_role(role).post(f"{DESKTOP}/sales", body | {"amountPaid": 19.90})
            assert made.status_code == status, made.text
            if role == "User":
                assert made.json()["code"] == "permission_missing", "not sale.on_account"
        nobody = sale | {
            "externalReferenceId": "N",
            "paymentMethod": "account",
            "cardCode": "C0000",
        }
        made = house.as_role("Admin").post(f"{DESKTOP}/sales", nobody | {"amountPaid": 19.90})
        assert (made.status_code, made.json()["code"]) == (400, "account_needs_customer")
    rows = house.as_role().get("/api/Invoice").json()["items"]
    told = [(row["paidToDate"], row["docStatus"], row["aboveCreditLimit"]) for row in rows]
    assert told == [(0, "Open", 9.90), (19.90, "Closed", None)]
