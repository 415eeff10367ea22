"""Files of documents: kept once, handed out to who may see the document, gone when taken off."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import func, select

from pos_app.errors import DatabaseBusy
from pos_app.services.paperwork import attachment
from pos_app.store import attachment as attachments
from pos_app.store import audit
from pos_app.store.file import files
from tests.api.house import Caller, House, invoice_body

PDF = b"%PDF-1.7 a paper"
TEXT = "text/plain"


def send(caller: Caller, path: str, name: str = "order.pdf", data: bytes = PDF, **form: Any) -> Any:
    """Send a file as a form, with a wrong media type that nobody believes."""
    parts = {"file": (name, data, TEXT)}
    return caller.client.post(path, files=parts, data=form, headers=caller.headers)


@pytest.fixture
def admin(house: House) -> Caller:
    return house.as_role("Admin")


@pytest.fixture
def entry(admin: Caller) -> int:
    return int(admin.post("/api/Invoice", invoice_body()).json()["docEntry"])


def kept(house: House) -> int:
    with house.shop.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(files)).scalar_one())


def test_a_file_comes_back_as_it_was_sent(house: House, admin: Caller, entry: int) -> None:
    path = "/api/Document/attachments"
    made = send(admin, path, "Bestellung für Zoë.pdf", entityType="invoice", entityId=entry,
                description="Their order", includeInEmail="true")  # fmt: skip
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["entityType"], told["entityId"], told["mimeType"]) == (
        "Invoice", entry, "application/pdf",
    )  # fmt: skip
    assert (told["fileSizeBytes"], told["includeInEmail"], told["uploadedByUserName"]) == (
        len(PDF), True, "the-admin",
    )  # fmt: skip
    by_path = admin.get(f"{path}/Invoice/{entry}").json()
    assert by_path == {"attachments": [told], "totalCount": 1}
    assert admin.get(path, entityType="INVOICE", entityId=entry).json() == by_path
    assert admin.get(f"/api/Invoice/{entry}/attachments").json() == by_path
    for where in (told["downloadUrl"], f"/api/Invoice/{entry}/attachments/{told['id']}/download"):
        answer = admin.get(where)
        assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
        assert answer.headers["x-content-type-options"] == "nosniff"
        said = answer.headers["content-disposition"]
        assert said.startswith('attachment; filename="Bestellung f_r Zo_.pdf"; filename*=UTF-8')
    with house.shop.store.read() as connection:
        deeds = [row for row in audit.walk(connection) if row["action"].startswith("attachment.")]
    assert [row["action"] for row in deeds] == ["attachment.add", *["attachment.read"] * 2]
    assert deeds[0]["details"]["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_l76_one_content_is_kept_once_and_goes_with_its_last_document(
    house: House, admin: Caller, entry: int
) -> None:
    path = "/api/Document/attachments"
    ids = [send(admin, path, entityType="Invoice", entityId=entry).json()["id"] for _ in range(2)]
    assert kept(house) == 1
    assert admin.delete(f"{path}/{ids[0]}").status_code == 204
    assert (kept(house), admin.get(f"{path}/{ids[1]}/download").content) == (1, PDF)
    assert admin.delete(f"{path}/{ids[1]}").status_code == 204
    assert kept(house) == 0
    assert admin.delete(f"{path}/{ids[1]}").status_code == 404
    assert admin.get(f"{path}/{ids[1]}/download").status_code == 404


def test_l95_a_store_that_is_away_keeps_nothing_and_says_to_come_again(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    path = "/api/Document/attachments"

    def away(*_: object, **__: object) -> None:
        raise DatabaseBusy(5)

    with monkeypatch.context() as broken:
        # The file is written already, and what says whose it is cannot be.
        broken.setattr(attachments, "add", away)
        answer = send(admin, path, entityType="Invoice", entityId=entry)
    assert (answer.status_code, answer.headers.get("retry-after") is not None) == (503, True)
    assert kept(quick) == 0
    made = send(admin, path, entityType="Invoice", entityId=entry).json()["id"]
    assert admin.get(f"{path}/{made}/download").content == PDF


def test_who_may_not_see_the_document_does_not_see_its_files(house: House, entry: int) -> None:
    path = "/api/Document/attachments"
    admin = house.as_role("Admin")
    made = send(admin, path, entityType="Invoice", entityId=entry).json()
    stock, pod = house.as_role("StockController"), house.as_role("PodOperator")
    assert stock.get(f"{path}/Invoice/{entry}").status_code == 403
    assert stock.get(made["downloadUrl"]).status_code == 403
    assert stock.delete(f"{path}/{made['id']}").status_code == 403
    assert pod.get(made["downloadUrl"]).content == PDF
    assert send(pod, path, entityType="Invoice", entityId=entry).status_code == 403
    assert pod.delete(f"{path}/{made['id']}").status_code == 403
    other = int(admin.post("/api/Invoice", invoice_body(numAtCard="PO-2")).json()["docEntry"])
    wrong = admin.get(f"/api/Invoice/{other}/attachments/{made['id']}/download")
    assert wrong.status_code == 404


def test_orders_and_payments_have_paths_of_their_own(house: House, admin: Caller) -> None:
    line = {"itemCode": "MILK", "quantity": 5, "unitPrice": 1, "warehouseCode": "SHOP1"}
    order = admin.post("/api/PurchaseOrder", {"cardCode": "S0001", "lines": [line]}).json()
    path, number = "/api/PurchaseOrder/documents", order["orderNumber"]
    made = send(admin, f"{path}/upload", poReferenceNumber=number, description="Offer")
    assert (made.status_code, made.json()["externalReference"]) == (201, number), made.text
    assert admin.get(path, poReferenceNumber=number).json()["totalCount"] == 1
    assert admin.get(path, poReferenceNumber="PO-0").status_code == 404
    invoice = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    paid = {"cardCode": "C0001", "cashSum": 5, "paymentInvoices": [
        {"docEntry": invoice, "sumApplied": 5}]}  # fmt: skip
    payment = admin.post("/api/IncomingPayment", paid).json()
    entry = payment.get("payment", payment)["docEntry"]
    proof = f"/api/IncomingPayment/{entry}/attachment"
    assert send(admin, proof).json()["entityType"] == "IncomingPayment"
    assert send(admin, proof, "a.txt", b"paid").status_code == 400


@pytest.mark.parametrize(
    ("name", "data", "form", "status"),
    [
        ("a.exe", b"MZ", {}, 400),
        ("a.pdf", b"MZ", {}, 400),
        ("a.pdf", b"", {}, 400),
        ("a.pdf", PDF, {"entityType": "Letter"}, 400),
        ("a.pdf", PDF, {"entityId": "999999"}, 404),
        ("a.pdf", PDF, {"entityId": "9" * 40}, 404),
        ("a.pdf", PDF, {"entityId": "-1"}, 404),
        ("a.pdf", PDF, {"entityId": "x\x00y"}, 400),
        ("a.pdf", PDF, {"entityId": "9" * 60}, 400),
        ("a.pdf", PDF, {"description": "x" * 501}, 400),
        ("a.pdf", PDF, {"description": "a\x00b"}, 400),
        ("a.pdf", PDF, {"includeInEmail": "perhaps"}, 400),
        ("a.pdf", b"%PDF-" + bytes(25 * 2**20), {}, 413),
        ("a.pdf", b"%PDF-" + bytes(27 * 2**20), {}, 413),
    ],
)
def test_what_cannot_be_attached(
    quick: House, name: str, data: bytes, form: dict[str, str], status: int
) -> None:
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    fields = {"entityType": "Invoice", "entityId": entry} | form
    answer = send(admin, "/api/Document/attachments", name, data, **fields)
    assert answer.status_code == status, answer.text
    assert kept(quick) == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"", "multipart/form-data", 400),
        (b"--x\r\ntorn", "multipart/form-data; boundary=x", 400),
        (b"x" * (2**20 + 1), "application/json", 413),
    ],
)
def test_bodies_that_are_no_form(quick: House, body: bytes, kind: str, status: int) -> None:
    admin = quick.as_role("Admin")
    headers = admin.headers | {"Content-Type": kind}
    answer = quick.client.post("/api/Document/attachments", content=body, headers=headers)
    assert answer.status_code == status, answer.text


def test_a_document_takes_only_so_many(quick: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    monkeypatch.setattr(attachment, "MOST_FILES", 1)
    answers = [
        send(admin, "/api/Document/attachments", entityType="Invoice", entityId=entry)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 400]
    assert answers[1].json()["code"] == "attachments_full"


def test_an_upload_with_a_key_is_kept_once(quick: House) -> None:
    admin = quick.as_role("Admin")
    entry = admin.post("/api/Invoice", invoice_body()).json()["docEntry"]
    keyed = Caller(admin.client, admin.headers | {"Idempotency-Key": "k1"})
    parts = {"entityType": "Invoice", "entityId": entry}
    boundary = {"Content-Type": "multipart/form-data; boundary=fixed"}
    body = b"".join(
        f'--fixed\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts.items()
    )
    body += b'--fixed\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body += PDF + b"\r\n--fixed--\r\n"
    path, headers = "/api/Document/attachments", keyed.headers | boundary
    answers = [quick.client.post(path, content=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
