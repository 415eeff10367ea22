"""Portal accounts: made by Admins, good for the own documents and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pos_app.domain.user import SignInRefused
from pos_app.services import feed_kind, sign_in
from pos_app.services import user as user_service
from pos_app.store import user as users
from tests.api.house import Caller, House, invoice_body
from tests.api.test_auth import login
from tests.api.test_credit_note import without_device
from tests.api.test_user import NEW, number_of
from tests.cheap import cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.usefixtures("cheap")
PATH = "/api/CustomerPortal"
PASSWORD = "Str0ng!Pass"
MAIL = "accounts@abc.co.zw"
ASKED = {"cardCode": "C0001", "cardName": "ABC Trading", "email": MAIL, "password": PASSWORD}


@pytest.fixture
def plain(house: House) -> Iterator[House]:
    yield from without_device(house)


def register(house: House, **changes: Any) -> Any:
    return house.as_role().post(f"{PATH}/register", ASKED | changes)


def signed_in(house: House, email: str = MAIL, password: str = PASSWORD) -> Caller:
    answer = login(house, email, password)
    assert answer.status_code == 200, answer.text
    return Caller(house.client, {"Authorization": f"Bearer {answer.json()['accessToken']}"})


def test_a_customer_signs_in_and_sees_its_own(house: House) -> None:
    made = register(house)
    assert made.json() == {
        "success": True,
        "cardCode": "C0001",
        "email": MAIL,
        "message": f"{MAIL} sees the documents of C0001.",
    }
    assert made.status_code == 200
    office = house.as_role()
    for card, number in (("C0001", "PO-1"), ("C0002", "PO-2")):
        sent = office.post("/api/Invoice", invoice_body(cardCode=card, numAtCard=number))
        assert sent.status_code in {201, 202}, sent.text
    customer = signed_in(house, MAIL.upper())
    who = customer.get("/api/Auth/me").json()
    assert (who["role"], who["cardCode"], who["email"]) == ("Customer", "C0001", MAIL)
    mine = customer.get("/api/Invoice/customer/C0001").json()
    assert [row["numAtCard"] for row in mine["items"]] == ["PO-1"]
    told = customer.get("/api/Statement/generate/C0001", format="json").json()
    assert len(told["transactions"]) == 1
    assert customer.get("/api/IncomingPayment/customer/C0001").status_code == 200
    listed = office.get("/api/User", search="abc.co.zw").json()["items"]
    assert [(row["role"], row["assignedCustomerCodes"]) for row in listed] == [
        ("Customer", ["C0001"])
    ]


def test_a_customer_sees_what_it_was_told_and_no_draft(plain: House) -> None:
    register(plain)
    office, customer = plain.as_role(), signed_in(plain)
    line = {"itemCode": "MILK", "quantity": 1, "warehouseCode": "SHOP1"}
    quoted = {"cardCode": "C0001", "currency": "USD", "lines": [line]}
    office.post("/api/Invoice", invoice_body(status="Draft"))
    office.post("/api/Quotation", quoted)
    told = office.post("/api/Quotation", quoted).json()["id"]
    office.post(f"/api/Quotation/{told}/approve")
    assert customer.get("/api/Invoice/customer/C0001").json()["totalCount"] == 0
    for query in ({}, {"status": "Draft"}):
        seen = customer.get("/api/Quotation", **query).json()
        assert [row["id"] for row in seen["items"]] == ([] if query else [told])
    made = office.post("/api/Invoice", invoice_body(numAtCard="PO-2")).json()
    asked = {
        "cardCode": "C0001", "type": "Return", "originalInvoiceId": made["id"], "reason": "Sour",
        "lines": [{"itemCode": "MILK", "quantity": 1, "unitPrice": 1.99}],
    }  # fmt: skip
    office.post("/api/CreditNote", asked)
    with plain.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE credit_notes SET state = 'Pending'")
    assert customer.get("/api/CreditNote").json()["totalCount"] == 0
    with plain.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE credit_notes SET state = 'Applied'")
    assert customer.get("/api/CreditNote").json()["totalCount"] == 1
    assert customer.get("/api/Invoice/customer/C0001").json()["totalCount"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/Invoice/customer/C0002",
        "/api/Invoice/customer/c0001",
        "/api/Invoice/customer/NOBODY",
        "/api/Statement/generate/C0002",
        "/api/IncomingPayment/customer/C0002",
        "/api/IncomingPayment?cardCode=C0001",
        "/api/IncomingPayment/daterange?cardCode=C0001",
        "/api/CreditNote?cardCode=C0002",
        "/api/CreditNote?cardCode=C0001&cardCode=C0002",
        "/api/CreditNote?cardCode=",
        "/api/Quotation?cardCode=C0002",
        "/api/Quotation/sap?cardCode=C0001",
        "/api/Invoice?cardCode=C0001",
        "/api/BusinessPartner/C0001",
        "/api/Price/by-customer/C0001",
        "/api/DesktopIntegration/invoices/customer/C0001",
        "/api/Notification",
        "/api/Document/history",
    ],
)
def test_what_is_not_its_own_stays_shut(quick: House, path: str) -> None:
    answer = quick.as_role("Customer").get(path)
    assert answer.status_code == 403
    assert "C0002" not in answer.text


def test_a_customer_gets_its_own_documents_one_by_one_and_no_others(plain: House) -> None:
    office, customer = plain.as_role(), plain.as_role("Customer")
    line = {"itemCode": "MILK", "quantity": 1, "warehouseCode": "SHOP1"}
    paths: dict[str, list[str]] = {}
    for card in ("C0001", "C0002"):
        invoice = office.post("/api/Invoice", invoice_body(cardCode=card, numAtCard=card)).json()
        number = invoice["id"]
        note = office.post(f"/api/CreditNote/from-invoice/{number}", {"reason": "Sour"}).json()
        quoted = office.post("/api/Quotation", {"cardCode": card, "lines": [line]}).json()
        office.post(f"/api/Quotation/{quoted['id']}/approve")
        paths[card] = [
            f"/api/Invoice/{number}",
            f"/api/Invoice/{number}/pdf",
            f"/api/Invoice/docnum/{number}",
            f"/api/Invoice/by-docnum/{number}",
            f"/api/CreditNote/{note['id']}",
            f"/api/CreditNote/number/{note['creditNoteNumber']}",
            f"/api/CreditNote/by-invoice/{number}",
            f"/api/Quotation/{quoted['id']}",
            f"/api/Quotation/{quoted['id']}/pdf",
            f"/api/Quotation/number/{quoted['quotationNumber']}",
        ]
    for path in paths["C0001"]:
        told = customer.get(path)
        assert told.status_code == 200, (path, told.text)
        assert path.endswith("pdf") == told.content.startswith(b"%PDF"), path
    for path in paths["C0002"]:
        assert office.get(path).status_code == 200
        told = customer.get(path)
        assert (told.status_code, "C0002" in told.json()["error"]) == (404, False), path
        assert told.json()["code"] == customer.get("/api/Invoice/999").json()["code"]


def test_a_customer_is_not_shown_what_the_house_has_not_said(plain: House) -> None:
    office, customer = plain.as_role(), plain.as_role("Customer")
    line = {"itemCode": "MILK", "quantity": 1, "warehouseCode": "SHOP1"}
    draft = office.post("/api/Invoice", invoice_body(status="Draft")).json()["id"]
    quoted = office.post("/api/Quotation", {"cardCode": "C0001", "lines": [line]}).json()["id"]
    made = office.post("/api/Invoice", invoice_body(numAtCard="PO-2")).json()["id"]
    note = office.post(f"/api/CreditNote/from-invoice/{made}", {"reason": "Sour"}).json()["id"]
    with plain.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE credit_notes SET state = 'Pending'")
    for path in (
        f"/api/Invoice/{draft}",
        f"/api/Invoice/{draft}/pdf",
        f"/api/Quotation/{quoted}",
        f"/api/Quotation/{quoted}/pdf",
        f"/api/CreditNote/{note}",
        f"/api/CreditNote/by-invoice/{draft}",
    ):
        assert customer.get(path).status_code == 404, path
    told = customer.get(f"/api/CreditNote/by-invoice/{made}").json()
    assert (told["creditNotes"], told["hasExistingCreditNotes"]) == ([], False)


@pytest.mark.parametrize("path", ["/api/CreditNote", "/api/Quotation"])
def test_a_list_is_its_own_whether_it_says_so_or_not(plain: House, path: str) -> None:
    office, customer = plain.as_role(), plain.as_role("Customer")
    for card in ("C0001", "C0002"):
        body = invoice_body(cardCode=card) | {"numAtCard": f"PO-{card}"}
        if path == "/api/Quotation":
            made = office.post(path, {"cardCode": card, "lines": body["lines"]})
            office.post(f"{path}/{made.json()['id']}/approve")
        else:
            invoice = office.post("/api/Invoice", body).json()
            note = {"reason": "Returned"}
            made = office.post(f"{path}/from-invoice/{invoice['id']}", note)
        assert made.status_code == 201, made.text
    assert office.get(path).json()["totalCount"] == 2
    for query in ({}, {"cardCode": "C0001"}):
        told = customer.get(path, **query).json()
        assert [row["cardCode"] for row in told["items"]] == ["C0001"]


def test_it_is_nobody_at_a_till_and_no_member_of_the_staff(house: House) -> None:
    register(house)
    shop = house.shop
    with shop.store.read() as connection:
        account = users.by_username(connection, MAIL)
        assert account is not None
        told = feed_kind.KINDS["user"].load(connection, [account.user.id, "U-Cashier"])
    assert set(told) == {"U-Cashier"}
    assert MAIL not in {person.username for person in sign_in.people(shop)}
    with pytest.raises(SignInRefused):
        sign_in.with_password(shop, MAIL, PASSWORD)
    admin, number = house.as_role(), account.number
    for change in ({"role": "Cashier"}, {"permissions": ["invoices.view"]}):
        assert admin.put(f"/api/UserManagement/{number}", change).status_code == 400
    promoted = admin.put(f"/api/User/{number_of(house, 'Cashier')}", {"role": "Customer"})
    assert promoted.status_code == 400
    assert admin.post("/api/User", NEW | {"role": "Customer"}).status_code == 400
    assert "Customer" not in admin.get("/api/User/roles").json()


def test_lock_and_deactivation_hold_for_it(house: House) -> None:
    register(house)
    customer = signed_in(house)
    for _ in range(5):
        assert login(house, MAIL, "wrong").status_code == 401
    assert login(house, MAIL, PASSWORD).json()["code"] == "password_locked"
    with house.shop.store.read() as connection:
        account = users.by_username(connection, MAIL)
    assert account is not None
    house.as_role().post(f"/api/User/{account.number}/deactivate")
    assert customer.get("/api/Invoice/customer/C0001").status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"cardCode": "NOBODY"}, 404, None),
        ({"cardCode": "S0001"}, 404, None),
        ({"cardCode": "C0009"}, 400, "partner_inactive"),
        ({"email": "cashier@example.com"}, 409, "user_taken"),
        ({"cardCode": "C0000"}, 400, "walk_in_customer"),
        ({"password": "password"}, 400, "secret_too_weak"),
        ({"password": "Passw0rd!"}, 400, "secret_too_weak"),
        ({"email": "no address"}, 400, None),
        ({"email": "a\u202e@b.c"}, 400, None),
        ({"cardCode": ""}, 400, None),
        ({"cardCode": 7}, 400, None),
        ({"cardName": "x" * 201}, 400, None),
    ],
)
def test_who_cannot_be_registered(
    quick: House, changes: dict[str, Any], status: int, code: str | None
) -> None:
    answer = register(quick, **changes)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code


def test_one_bad_row_spoils_no_other(house: House) -> None:
    rows = [
        {"cardCode": "C0001", "email": "one@abc.co.zw"},
        {"cardCode": "NOBODY", "email": "two@abc.co.zw"},
        {"cardCode": "C0002", "cardName": "Canteen", "email": "three"},
        {"cardCode": "C0002", "cardName": "x" * 500, "email": "ONE@abc.co.zw"},
        {},
        {"cardCode": "C0002", "email": "four@abc.co.zw"},
    ]
    admin = house.as_role()
    answer = admin.post(f"{PATH}/bulk-register", {"defaultPassword": PASSWORD, "customers": rows})
    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert (told["success"], told["count"]) == (False, 2)
    assert [row["success"] for row in told["customers"]] == [True, False, False, False, False, True]
    problems = [row["message"] for row in told["customers"] if not row["success"]]
    for problem, word in zip(problems, ("NOBODY", "three", "taken", "customer"), strict=True):
        assert word in problem
    assert signed_in(house, "four@abc.co.zw").get("/api/Auth/me").json()["cardCode"] == "C0002"


def test_a_password_several_were_given_is_good_for_choosing_another(quick: House) -> None:
    rows = [{"cardCode": "C0001", "email": MAIL}, {"cardCode": "C0002", "email": "pay@b.co.zw"}]
    body = {"defaultPassword": PASSWORD, "customers": rows}
    assert quick.as_role().post(f"{PATH}/bulk-register", body).json()["success"] is True
    customer = signed_in(quick)
    assert customer.get("/api/Auth/me").json()["mustChangePassword"] is True
    for path in ("/api/Statement/generate/C0001", "/api/Quotation", "/api/Invoice/1"):
        told = customer.get(path)
        assert (told.status_code, told.json()["code"]) == (403, "password_change_needed")
    new = "0wn-Pass-of-ABC!"
    chosen = {"currentPassword": PASSWORD, "newPassword": new, "confirmPassword": new}
    assert customer.post("/api/Password/change", chosen).status_code == 200
    customer = signed_in(quick, password=new)
    assert customer.get("/api/Auth/me").json()["mustChangePassword"] is False
    assert customer.get("/api/Quotation").status_code == 200
    quick.clock.sleep(8 * 86_400)
    assert login(quick, "pay@b.co.zw", PASSWORD).status_code == 401, "nobody chose one in time"
    assert login(quick, MAIL, new).status_code == 200


def test_many_without_a_password_know_none(house: House) -> None:
    row = {"cardCode": "C0001", "cardName": "ABC", "email": MAIL}
    admin = house.as_role()
    assert admin.post(f"{PATH}/bulk-register", {"customers": [row]}).json()["count"] == 1
    assert login(house, MAIL, PASSWORD).status_code == 401
    user_service.set_password(house.shop, MAIL, PASSWORD, by="console")
    signed_in(house)


@pytest.mark.parametrize(
    "body",
    [
        {"customers": []},
        {"customers": [{}] * 101},
        {"customers": ["C0001"]},
        {"defaultPassword": "weak", "customers": [{"cardCode": "C0001", "email": MAIL}]},
    ],
)
def test_what_is_no_list_of_customers_is_refused_whole(quick: House, body: Any) -> None:
    assert quick.as_role().post(f"{PATH}/bulk-register", body).status_code == 400
    assert quick.as_role().get("/api/User", search=MAIL).json()["totalCount"] == 0


def test_a_shop_hashes_nothing_on_demand(quick: House) -> None:
    answer = quick.as_role().post(f"{PATH}/generate-hash", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "demo_only")
    assert "argon2" not in answer.text
