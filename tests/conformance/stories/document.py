"""Papers of documents: their templates, made, sent and signed, and the files beside them."""

from __future__ import annotations

from typing import Any

from tests.api.house import invoice_body
from tests.conformance.step import Look, Step

PAPER, FILES = "/api/Document", "/api/Document/attachments"
TEMPLATE: dict[str, Any] = {
    "name": "Ours",
    "documentType": "Invoice",
    "htmlContent": "<h1>{{DocumentNumber}}</h1>",
    "cssStyles": "h1 { color: green; }",
    "headerContent": "<div>{{CompanyName}}</div>",
    "footerContent": "<p>{{Total}} {{Currency}}</p>",
    "paperSize": "A4",
    "orientation": "Portrait",
    "isDefault": True,
    "isActive": True,
}
LETTER: dict[str, Any] = {
    "name": "Bill",
    "templateCode": "BILL",
    "subject": "Your {{DocumentType}} {{DocumentNumber}}",
    "bodyContent": "<p>{{MessageBody}}</p>",
    "ccEmails": "books@example.com",
    "isActive": True,
}
OF_INVOICE = {"documentType": "Invoice", "entityId": "$invoice"}
THE_FILES = {"entityType": "Invoice", "entityId": "$invoice"}
SIGNED = {"documentType": "Invoice", "documentId": "$invoice"}
ORDER_LINE = {"itemCode": "MILK", "quantity": 5, "unitPrice": 1, "warehouseCode": "SHOP1"}
OF_ORDER = {"poReferenceNumber": "$order number"}
PDF = {"file": ("order.pdf", b"%PDF-1.7 an order")}
NOTE = {"file": ("note.txt", b"Ten litres were delivered.")}


def _template(which: str, **says: Any) -> Look:
    return Look(route=f"GET {PAPER}/templates/{{id}}", at={"id": f"${which}"}, says=says)


def _history(action: str, count: int) -> Look:
    return Look(
        route=f"GET {PAPER}/history",
        query=OF_INVOICE,
        says={"totalCount": count, "history.0.action": action},
    )


def _files(count: int) -> Look:
    return Look(
        route=f"GET {FILES}/{{entityType}}/{{entityId}}", at=THE_FILES, says={"totalCount": count}
    )


def _signed(is_verified: bool) -> Look:
    return Look(
        route=f"GET {PAPER}/signatures",
        query=SIGNED,
        says={"totalCount": 1, "signatures.0.isVerified": is_verified},
    )


SCENE = (
    Step(route="POST /api/Invoice", body=invoice_body(), keep={"invoice": "docEntry"}),
    Step(
        route="POST /api/PurchaseOrder",
        body={"cardCode": "S0001", "lines": [ORDER_LINE]},
        keep={"order": "id", "order number": "orderNumber"},
    ),
)

TEMPLATES = (
    Step(
        route=f"POST {PAPER}/templates",
        body=TEMPLATE,
        keep={"template": "id"},
        says=TEMPLATE,
        then=(_template("template", **TEMPLATE),),
    ),
    Step(
        route=f"POST {PAPER}/templates",
        body=TEMPLATE | {"name": "Plain", "isDefault": False},
        keep={"plain": "id"},
        then=(_template("plain", name="Plain", isDefault=False),),
    ),
    Step(
        route=f"GET {PAPER}/templates",
        query={"documentType": "Invoice", "pageSize": 5},
        says={"totalCount": 2, "templates.0.name": "Ours"},
    ),
    Step(route=f"GET {PAPER}/templates/{{id}}", at={"id": "$template"}, says={"name": "Ours"}),
    Step(
        route=f"GET {PAPER}/templates/default/{{documentType}}",
        at={"documentType": "Invoice"},
        missing={"documentType": "Quotation"},
        says={"id": "$template"},
    ),
    Step(
        route=f"GET {PAPER}/templates/placeholders/{{documentType}}",
        at={"documentType": "Invoice"},
        missing_status=400,  # the kinds of documents are a fixed list, and this is none of them
        says={"documentType": "Invoice", "placeholders.0.key": "CompanyName"},
    ),
    Step(
        route=f"PUT {PAPER}/templates/{{id}}",
        at={"id": "$plain"},
        body=TEMPLATE | {"name": "Plain", "htmlContent": "<p>{{Total}}</p>", "isDefault": False},
        says={"htmlContent": "<p>{{Total}}</p>"},
        then=(_template("plain", htmlContent="<p>{{Total}}</p>"),),
    ),
    Step(
        route=f"POST {PAPER}/templates/{{id}}/set-default",
        at={"id": "$plain"},
        then=(_template("plain", isDefault=True), _template("template", isDefault=False)),
    ),
    Step(
        route=f"DELETE {PAPER}/templates/{{id}}",
        at={"id": "$template"},
        then=(
            Look(
                route=f"GET {PAPER}/templates",
                query={"activeOnly": False},
                says={"totalCount": 1, "templates.0.id": "$plain"},
            ),
        ),
    ),
    Step(
        route=f"POST {PAPER}/email-templates",
        body=LETTER,
        keep={"letter": "id"},
        says=LETTER,
        then=(
            Look(
                route=f"GET {PAPER}/email-templates/{{templateCode}}",
                at={"templateCode": "bill"},
                says=LETTER,
            ),
        ),
    ),
    Step(
        route=f"GET {PAPER}/email-templates",
        says={"totalCount": 1, "templates.0.templateCode": "BILL"},
    ),
    Step(
        route=f"GET {PAPER}/email-templates/{{templateCode}}",
        at={"templateCode": "BILL"},
        says={"id": "$letter"},
    ),
    Step(
        route=f"PUT {PAPER}/email-templates/{{id}}",
        at={"id": "$letter"},
        body=LETTER | {"subject": "Your bill"},
        then=(
            Look(
                route=f"GET {PAPER}/email-templates/{{templateCode}}",
                at={"templateCode": "BILL"},
                says={"subject": "Your bill"},
            ),
        ),
    ),
)

PAPERS = (
    Step(
        route=f"POST {PAPER}/generate",
        body=OF_INVOICE | {"templateId": "$plain", "saveToHistory": True},
        says={"success": True},
        then=(_history("Generated", 1),),
    ),
    Step(
        route=f"POST {PAPER}/generate/download",
        body=OF_INVOICE,
        then=(_history("Downloaded", 2),),
    ),
    Step(
        route=f"POST {PAPER}/email",
        body=OF_INVOICE
        | {"recipientEmail": "anna@example.com", "emailTemplateId": "$letter"}
        | {"messageBody": "Thank you for your order."},
        says={"success": True},
        then=(_history("Emailed", 3),),
    ),
    Step(
        route=f"GET {PAPER}/history",
        query=OF_INVOICE | {"page": 1, "pageSize": 2},
        says={"totalCount": 3, "history.0.recipientEmail": "anna@example.com"},
    ),
    Step(
        route=f"POST {PAPER}/signatures",
        body=SIGNED
        | {"signerName": "Anna", "signerEmail": "anna@example.com", "signerRole": "Buyer"}
        | {"signatureData": "iVBORw0KGgo="},
        keep={"signature": "id"},
        says={"signerName": "Anna", "isVerified": False},
        then=(_signed(is_verified=False),),
    ),
    Step(
        route=f"GET {PAPER}/signatures",
        query=SIGNED,
        says={"totalCount": 1, "signatures.0.signerRole": "Buyer"},
    ),
    Step(
        route=f"POST {PAPER}/signatures/{{id}}/verify",
        at={"id": "$signature"},
        says={"message": "The signature holds; the document says the same today."},
        then=(_signed(is_verified=True),),
    ),
)

ATTACHED = (
    Step(
        route=f"POST {FILES}",
        form={"entityType": "Invoice", "entityId": "$invoice", "description": "Their order"},
        files=PDF,
        keep={"file": "id"},
        says={"fileName": "order.pdf", "mimeType": "application/pdf", "entityId": "$invoice"},
        then=(_files(1),),
    ),
    Step(
        route=f"GET {FILES}",
        query=THE_FILES,
        says={"totalCount": 1, "attachments.0.description": "Their order"},
    ),
    Step(
        route=f"GET {FILES}/{{entityType}}/{{entityId}}",
        at=THE_FILES,
        missing={"entityType": "Invoice", "entityId": 999999},
        says={"attachments.0.id": "$file"},
    ),
    Step(route=f"GET {FILES}/{{id}}/download", at={"id": "$file"}),
    Step(
        route="GET /api/Invoice/{docEntry}/attachments",
        at={"docEntry": "$invoice"},
        says={"totalCount": 1, "attachments.0.id": "$file"},
    ),
    Step(
        route="GET /api/Invoice/{docEntry}/attachments/{attachmentId}/download",
        at={"docEntry": "$invoice", "attachmentId": "$file"},
        missing={"docEntry": "$invoice", "attachmentId": 999999},
    ),
    Step(
        route=f"DELETE {FILES}/{{attachmentId}}",
        at={"attachmentId": "$file"},
        then=(_files(0),),
    ),
    Step(
        route="POST /api/PurchaseOrder/documents/upload",
        form=OF_ORDER | {"description": "Signed by the driver"},
        files=NOTE,
        says={"externalReference": "$order number", "mimeType": "text/plain"},
        then=(
            Look(
                route=f"GET {FILES}",
                query={"entityType": "PurchaseOrder", "entityId": "$order"},
                says={"totalCount": 1, "attachments.0.fileName": "note.txt"},
            ),
        ),
    ),
    Step(
        route="GET /api/PurchaseOrder/documents",
        query=OF_ORDER,
        says={"totalCount": 1, "attachments.0.description": "Signed by the driver"},
    ),
)

STEPS = (*SCENE, *TEMPLATES, *PAPERS, *ATTACHED)
