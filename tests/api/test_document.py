"""Papers by template, sent and signed: what is made is what the document says."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from pos_app.store import partner
from pos_app.store.file import files
from pos_app.store.mail import mails
from tests.api.house import Caller, House, invoice_body

EVIL = "{{7*7}}<script>alert(1)</script>"
TEMPLATE = {
    "name": "Ours",
    "documentType": "Invoice",
    "htmlContent": "<h1>Bill {{DocumentNumber}}</h1><p>{{PartnerName}}: {{Comments}}</p><table>"
    "<tr><th>Item</th><th>Sum</th></tr>{% for line in Lines %}<tr><td>{{line.ItemCode}}</td>"
    "<td>{{line.LineTotal}}</td></tr>{% endfor %}</table>",
    "cssStyles": "h1 { color: green; }",
    "headerContent": "<div>{{CompanyName}}</div>",
    "footerContent": "<p>{{Total}} {{Currency}}</p>",
    "isDefault": True,
}
LETTER = {
    "name": "Bill",
    "templateCode": "bill",
    "subject": "Your {{DocumentType}} {{DocumentNumber}}",
    "bodyContent": "<p>Dear {{RecipientName}}</p><p>{{MessageBody}}</p>",
    "ccEmails": "books@example.com",
}


@pytest.fixture
def admin(quick: House) -> Caller:
    return quick.as_role("Admin")


@pytest.fixture
def offer(admin: Caller) -> int:
    line = {"itemCode": "MILK", "quantity": 5, "unitPrice": 1.99, "warehouseCode": "SHOP1"}
    return int(admin.post("/api/Quotation", {"cardCode": "C0001", "lines": [line]}).json()["id"])


@pytest.fixture
def entry(admin: Caller) -> int:
    made = admin.post("/api/Invoice", invoice_body(comments=EVIL, fiscalize=False))
    return int(made.json()["docEntry"])


def words(pdf: bytes) -> str:
    return " ".join(
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def generate(caller: Caller, kind: str, entity: int | str, **more: Any) -> Any:
    body = {"documentType": kind, "entityId": entity} | more
    return caller.post("/api/Document/generate", body)


def test_a_template_is_kept_and_one_is_the_default(house: House) -> None:
    path, manager = "/api/Document/templates", house.as_role("Manager")
    first, second = (manager.post(path, TEMPLATE | {"name": name}).json() for name in "AB")
    assert manager.get(f"{path}/default/invoice").json()["id"] == second["id"]
    listed = manager.get(path, type="Invoice").json()
    assert [(row["name"], row["isDefault"]) for row in listed["templates"]] == [
        ("A", False), ("B", True),
    ]  # fmt: skip
    told = manager.post(f"{path}/{first['id']}/set-default")
    assert (told.status_code, list(told.json())) == (200, ["message"])
    off = manager.put(f"{path}/{second['id']}", TEMPLATE | {"isActive": False, "isDefault": False})
    assert (off.status_code, off.json()["isActive"]) == (200, False)
    assert manager.get(path, documentType="Invoice").json()["totalCount"] == 1
    assert manager.get(path, activeOnly="false").json()["totalCount"] == 2
    assert manager.post(f"{path}/{second['id']}/set-default").status_code == 400
    assert manager.delete(f"{path}/{first['id']}").status_code == 403
    admin = house.as_role("Admin")
    assert admin.delete(f"{path}/{first['id']}").status_code == 204
    assert admin.get(f"{path}/{first['id']}").status_code == 404
    assert admin.get(f"{path}/default/Invoice").status_code == 404
    keys = admin.get(f"{path}/placeholders/Invoice").json()["placeholders"]
    assert {"key", "description", "example", "category"} == set(keys[0])


def test_a_paper_says_what_the_document_says_and_markup_in_it_is_text(
    admin: Caller, entry: int
) -> None:
    admin.post("/api/Document/templates", TEMPLATE)
    made = generate(admin, "Invoice", entry).json()
    said = words(base64.b64decode(made["fileContent"]))
    assert (made["success"], made["fileName"].endswith(".pdf")) == (True, True)
    for part in ("Sunrise Grocers", "Bill ", "Corner Canteen", EVIL, "MILK", "19.90 USD"):
        assert part in said
    assert "NOT A FISCAL" in said.upper()
    page = admin.post(
        "/api/Document/generate/download",
        {"documentType": "Invoice", "entityId": entry, "format": "html"},
    )
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-disposition"].startswith("attachment")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    history = admin.get("/api/Document/history", documentType="Invoice", entityId=entry).json()
    assert [(row["action"], row["templateName"]) for row in history["history"]] == [
        ("Downloaded", "Ours"), ("Generated", "Ours"),
    ]  # fmt: skip


def test_every_kind_of_document_has_a_paper(admin: Caller, entry: int) -> None:
    admin.post("/api/Document/templates", TEMPLATE)
    line = {"itemCode": "MILK", "quantity": 5, "unitPrice": 1.99, "warehouseCode": "SHOP1"}
    sold = {"cardCode": "C0001", "lines": [line]}
    quotation = admin.post("/api/Quotation", sold).json()["id"]
    order = admin.post("/api/SalesOrder", sold).json()["id"]
    bought = admin.post("/api/PurchaseOrder", sold | {"cardCode": "S0001"}).json()["id"]
    moved = {"fromWarehouse": "SHOP1", "toWarehouse": "DEPOT", "lines": [
        {"itemCode": "MILK", "quantity": 1, "fromWarehouseCode": "SHOP1",
         "toWarehouseCode": "DEPOT"}]}  # fmt: skip
    transfer = admin.post("/api/InventoryTransfer", moved).json()
    wanted = {
        "Invoice": entry, "Quotation": quotation, "SalesOrder": order, "PurchaseOrder": bought,
        "Statement": "C0001",
        "InventoryTransfer": transfer.get("transfer", transfer)["docEntry"],
    }  # fmt: skip
    for kind, entity in wanted.items():
        answer = generate(admin, kind, entity)
        assert answer.status_code == 200, (kind, answer.text)
        said = words(base64.b64decode(answer.json()["fileContent"]))
        assert "C0001" in said if kind == "Statement" else "MILK" in said or "Milk" in said, kind


def test_a_letter_waits_with_its_paper_and_its_files(
    quick: House, admin: Caller, offer: int
) -> None:
    parts = {"file": ("order.pdf", b"%PDF-1.7", "")}
    form = {"entityType": "Quotation", "entityId": offer, "includeInEmail": "true"}
    quick.client.post("/api/Document/attachments", files=parts, data=form, headers=admin.headers)
    made = admin.post("/api/Document/email-templates", LETTER)
    assert (made.status_code, made.json()["templateCode"]) == (201, "BILL")
    assert admin.post("/api/Document/email-templates", LETTER).status_code == 409
    assert admin.get("/api/Document/email-templates/Bill").json() == made.json()
    asked = {"documentType": "Quotation", "entityId": offer, "recipientEmail": "anna@example.com",
             "recipientName": EVIL, "messageBody": "See <b>it</b>",
             "emailTemplateId": made.json()["id"]}  # fmt: skip
    assert admin.post("/api/Document/email", asked).status_code == 200
    with quick.shop.store.read() as connection:
        letter = connection.execute(mails.select()).mappings().one()
    assert letter["recipients"] == ["anna@example.com", "books@example.com"]
    assert letter["subject"].startswith("Your Quotation ")
    said = letter["message"].decode()
    assert said.count('filename="') == 2
    assert 'filename="order.pdf"' in said
    assert "Dear {{7*7}}<script>alert(1)</script>" in said
    assert "Dear {{7*7}}&lt;script&gt;" in said
    (row,) = admin.get("/api/Document/history").json()["history"]
    assert (row["action"], row["recipientEmail"], row["emailSent"]) == (
        "Emailed", "anna@example.com", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"recipientEmail": "anna@example.com\r\nBcc: ben@example.com"},
        {"recipientEmail": "Anna <anna@example.com>"},
        {"subject": "Hi\r\nBcc: ben@example.com"},
        {"ccEmails": ["nobody"]},
        {"documentType": "Letter"},
        {"templateId": 2**63},
    ],
)
def test_a_letter_that_cannot_be_sent_is_400(
    quick: House, admin: Caller, offer: int, changes: dict[str, Any]
) -> None:
    asked = {"documentType": "Quotation", "entityId": offer, "recipientEmail": "anna@example.com"}
    answer = admin.post("/api/Document/email", asked | changes)
    assert answer.status_code == 400, answer.text
    with quick.shop.store.read() as connection:
        assert connection.execute(mails.select()).first() is None


def test_a_signature_holds_until_somebody_changes_what_was_signed(
    quick: House, admin: Caller, offer: int
) -> None:
    path = "/api/Document/signatures"
    signing = {"signerName": "Anna", "signerRole": "Buyer", "signatureData": "iVBOR"}
    signed = admin.post(path, {"documentType": "Quotation", "documentId": offer} | signing)
    assert (signed.status_code, signed.json()["isVerified"]) == (201, False)
    key = signed.json()["id"]
    told = admin.post(f"{path}/{key}/verify").json()["message"]
    assert told == "The signature holds; the document says the same today."
    listed = admin.get(path, documentType="Quotation", documentId=offer).json()
    assert (listed["totalCount"], listed["signatures"][0]["isVerified"]) == (1, True)
    admin.post("/api/Document/templates", TEMPLATE | {"documentType": "Quotation"})
    assert "has changed since" in admin.post(f"{path}/{key}/verify").json()["message"]
    with quick.shop.store.write() as connection:
        connection.execute(update(files).values(data=b"forged"))
    broken = admin.post(f"{path}/{key}/verify")
    assert (broken.status_code, broken.json()["code"]) == (409, "signature_broken")
    assert admin.post(f"{path}/999/verify").status_code == 404


def test_who_may_not_see_a_document_gets_no_paper_of_it(quick: House, entry: int) -> None:
    stock = quick.as_role("StockController")
    assert generate(stock, "Invoice", entry).status_code == 403
    quick.as_role("Admin").post("/api/Document/templates", TEMPLATE)
    assert generate(quick.as_role("Admin"), "Invoice", entry).status_code == 200
    assert stock.get("/api/Document/history").json()["totalCount"] == 0
    assert stock.get("/api/Document/history", documentType="Invoice").status_code == 403
    assert generate(quick.as_role("Admin"), "Invoice", 999).status_code == 404
    assert generate(quick.as_role("Admin"), "Invoice", entry, templateId=9).status_code == 404


def test_a_name_of_markup_reaches_no_page(quick: House, admin: Caller) -> None:
    with quick.shop.store.write() as connection:
        connection.execute(update(partner.partners).values(name=EVIL))
    answer = admin.post(
        "/api/Document/generate/download",
        {"documentType": "Statement", "entityId": "C0001", "format": "html"},
    )
    assert answer.status_code == 200
    assert "<script>" not in answer.text
