"""Invoices, what is credited of them, what is paid of them, and the customer's statement."""

from __future__ import annotations

from typing import Any

from pos_app.store.engine import Store
from tests.api.house import House, invoice_body
from tests.conformance.neighbours import post_to_sap, server_apart, without_device
from tests.conformance.step import Act, Look, Step

INVOICE, NOTE, PAYMENT = "/api/Invoice", "/api/CreditNote", "/api/IncomingPayment"
PROOF = {"file": ("proof.pdf", b"%PDF-1.7 five dollars")}
OF_INVOICE, OF_DRAFT, OF_NOTE = {"id": "$invoice"}, {"id": "$draft"}, {"id": "$note"}
DAYS = {"fromDate": "2026-11-01", "toDate": "2026-11-03"}
WANTED: dict[str, Any] = {
    "cardCode": "C0001",
    "type": "Return",
    "originalInvoiceId": "$invoice",
    "reason": "Damaged in transit",
    "lines": [{"itemCode": "MILK", "quantity": 2, "unitPrice": 1.99}],
}


def server(store: Store) -> House:
    """A shop without a fiscal device, so that a note follows its invoice at once."""
    return server_apart(store, without_device)


MANY = invoice_body(
    numAtCard="PO-95",
    lines=[{"itemCode": "BOOK", "quantity": 95, "unitPrice": 12.5, "warehouseCode": "SHOP1"}],
)
TOO_MUCH = WANTED | {
    "originalInvoiceId": "$big",
    "lines": [{"itemCode": "BOOK", "quantity": 90, "unitPrice": 12.5}],
}
"""More than a cashier may pay back."""


def _invoice(**says: Any) -> Look:
    return Look(route=f"GET {INVOICE}/{{id}}", at=OF_INVOICE, says=says)


def _note(name: str = "note", **says: Any) -> Look:
    return Look(route=f"GET {NOTE}/{{id}}", at={"id": f"${name}"}, says=says)


def _name_payment(_house: House, known: dict[str, Any]) -> None:
    known["payment reference"] = f"PAY-{known['payment']}"


INVOICES = (
    Step(
        route=f"POST {INVOICE}/validate",
        body=invoice_body(),
        says={"isValid": True, "linesValidated": 1},
    ),
    Step(
        route=f"POST {INVOICE}",
        body=invoice_body(),
        keep={"invoice": "docEntry"},
        says={"docTotal": 19.90, "docStatus": "Open"},
        then=(
            _invoice(numAtCard="PO-1"),
            Look(
                route="GET /api/Stock/warehouse/{warehouseCode}/items",
                at={"warehouseCode": "SHOP1"},
                query={"itemCodes": "MILK"},
                says={"items.0.inStock": 90},
            ),
        ),
    ),
    Step(route=f"GET {INVOICE}", query={"cardCode": "C0001"}, says={"totalCount": 1}),
    Step(route=f"GET {INVOICE}/paged", query={"pageSize": 5}, says={"totalCount": 1}),
    Step(route=f"GET {INVOICE}/{{id}}", at=OF_INVOICE, says={"docTotal": 19.90}),
    Step(route=f"GET {INVOICE}/date-range", query=DAYS, says={"totalCount": 1}),
    Step(
        route=f"GET {INVOICE}/customer/{{cardCode}}",
        at={"cardCode": "C0001"},
        says={"invoices.0.docEntry": "$invoice"},
    ),
    Step(
        route=f"GET {INVOICE}/{{itemCode}}/batches/{{warehouseCode}}",
        at={"itemCode": "YOGHURT", "warehouseCode": "SHOP1"},
        says={"batches.0.batchNumber": "Y-SOON"},
    ),
    Step(route=f"GET {INVOICE}/{{docEntry}}/pdf", at={"docEntry": "$invoice"}),
    Step(
        route=f"POST {INVOICE}",
        body=invoice_body(status="Draft", u_Van_saleorder="V1"),
        keep={"draft": "id"},
        says={"docStatus": "Draft"},
    ),
    Step(
        route=f"PUT {INVOICE}/{{id}}",
        at=OF_DRAFT,
        body=invoice_body(u_Van_saleorder="V1", comments="By the back door."),
        then=(
            Look(
                route=f"GET {INVOICE}/{{id}}",
                at=OF_DRAFT,
                says={"comments": "By the back door."},
            ),
        ),
    ),
    Step(
        route=f"POST {INVOICE}/confirm",
        body={"invoiceId": "$draft"},
        says={"docStatus": "Open"},
        then=(Look(route=f"GET {INVOICE}/{{id}}", at=OF_DRAFT, says={"docStatus": "Open"}),),
    ),
    Step(
        route=f"POST {INVOICE}",
        body=invoice_body(status="Draft", numAtCard="PO-9"),
        keep={"unwanted": "id"},
    ),
    Step(
        route=f"DELETE {INVOICE}/{{id}}",
        at={"id": "$unwanted"},
        then=(Look(route=f"GET {INVOICE}", query={"status": "Draft"}, says={"totalCount": 0}),),
    ),
)

NOTES = (
    Step(
        route=f"POST {NOTE}",
        body=WANTED,
        keep={"note": "id", "note number": "creditNoteNumber"},
        says={"docTotal": 3.98, "status": "Applied"},
        then=(_note(status="Applied"), _invoice(paidToDate=3.98)),
    ),
    Step(route=f"GET {NOTE}", query={"cardCode": "C0001"}, says={"totalCount": 1}),
    Step(route=f"GET {NOTE}/{{id}}", at=OF_NOTE, says={"docTotal": 3.98}),
    Step(
        route=f"GET {NOTE}/number/{{creditNoteNumber}}",
        at={"creditNoteNumber": "$note number"},
        says={"id": "$note"},
    ),
    Step(
        route=f"GET {NOTE}/by-invoice/{{invoiceId}}",
        at={"invoiceId": "$invoice"},
        says={"totalCreditedAmount": 3.98},
    ),
    Step(route=f"POST {INVOICE}", body=MANY, keep={"big": "id"}),
    Step(route=f"POST {NOTE}", body=TOO_MUCH, role="Cashier", keep={"asked last": "id"}),
    Step(
        route=f"POST {NOTE}/bulk-cancel",
        body={"creditNoteDocEntries": ["$asked last"], "reason": "By mistake"},
        says={"successCount": 1},
        then=(_note("asked last", status="Cancelled"),),
    ),
    Step(
        route=f"POST {NOTE}",
        body=TOO_MUCH,
        role="Cashier",
        keep={"asked": "id"},
        says={"status": "Pending"},
    ),
    Step(
        route=f"PATCH {NOTE}/{{id}}/status",
        at={"id": "$asked"},
        body={"status": "Cancelled"},
        then=(_note("asked", status="Cancelled"),),
    ),
    Step(
        route=f"POST {NOTE}/duplicate-cancelled",
        body={"creditNoteDocEntries": ["$asked"], "reason": "After all"},
        role="Cashier",
        keep={"asked again": "results.0.newId"},
        says={"successCount": 1},
        then=(_note("asked again", status="Pending"),),
    ),
    Step(
        route=f"POST {NOTE}/{{id}}/approve",
        at={"id": "$asked again"},
        says={"status": "Applied"},
        then=(_note("asked again", status="Applied"),),
    ),
    Step(
        route=f"DELETE {NOTE}/{{id}}",
        at={"id": "$asked"},
        then=(Look(route=f"GET {NOTE}", query={"status": "Cancelled"}, says={"totalCount": 1}),),
    ),
    Step(
        route=f"POST {NOTE}/from-invoice/{{invoiceId}}",
        at={"invoiceId": "$draft"},
        body={"reason": "All of it came back"},
        says={"docTotal": 19.90},
        then=(Look(route=f"GET {INVOICE}/{{id}}", at=OF_DRAFT, says={"paidToDate": 19.90}),),
    ),
)

PAYMENTS = (
    Step(
        route=f"POST {PAYMENT}",
        body={
            "cardCode": "C0001",
            "cashSum": 5,
            "paymentInvoices": [{"docEntry": "$invoice", "sumApplied": 5}],
        },
        status=202,
        keep={"payment": "id"},
        then=(_invoice(paidToDate=8.98),),
    ),
    Act(_name_payment),
    Step(route=f"GET {PAYMENT}", says={"payments.0.cashSum": 5}),
    Step(route=f"GET {PAYMENT}/{{docEntry}}", at={"docEntry": "$payment"}, says={"cashSum": 5}),
    Step(route=f"GET {PAYMENT}/today", says={"count": 1}),
    Step(route=f"GET {PAYMENT}/daterange", query=DAYS, says={"count": 1}),
    Step(
        route=f"GET {PAYMENT}/by-invoice/{{invoiceDocEntry}}",
        at={"invoiceDocEntry": "$invoice"},
        says={"count": 1},
    ),
    Step(
        route=f"GET {PAYMENT}/customer/{{cardCode}}",
        at={"cardCode": "C0001"},
        says={"payments.0.id": "$payment"},
    ),
    Step(
        route=f"GET {PAYMENT}/queue/{{externalReference}}",
        at={"externalReference": "$payment reference"},
        says={"status": "Pending"},
    ),
    Step(
        route=f"POST {PAYMENT}/{{docEntry}}/attachment",
        at={"docEntry": "$payment"},
        form={"description": "Proof of payment"},
        files=PROOF,
        keep={"proof": "id"},
        says={"entityType": "IncomingPayment", "mimeType": "application/pdf"},
        then=(
            Look(
                route="GET /api/Document/attachments/{entityType}/{entityId}",
                at={"entityType": "IncomingPayment", "entityId": "$payment"},
                says={"attachments.0.id": "$proof"},
            ),
        ),
    ),
    Act(post_to_sap),
    Step(
        route=f"GET {INVOICE}/{{id}}",
        at=OF_INVOICE,
        keep={"invoice in SAP": "docNum"},
        says={"paidToDate": 8.98},
    ),
    Step(
        route=f"GET {INVOICE}/docnum/{{docNum}}",
        at={"docNum": "$invoice in SAP"},
        says={"docTotal": 19.90},
    ),
    Step(
        route=f"GET {INVOICE}/by-docnum/{{docNum}}",
        at={"docNum": "$invoice in SAP"},
        says={"docTotal": 19.90},
    ),
    Step(
        route=f"GET {PAYMENT}/{{docEntry}}",
        at={"docEntry": "$payment"},
        keep={"payment in SAP": "docNum"},
    ),
    Step(
        route=f"GET {PAYMENT}/docnum/{{docNum}}",
        at={"docNum": "$payment in SAP"},
        says={"cashSum": 5},
    ),
    Step(route="GET /api/Statement/generate/{cardCode}", at={"cardCode": "C0001"}, query=DAYS),
)

STEPS = (*INVOICES, *NOTES, *PAYMENTS)
