"""From a quotation over an order to its invoice, and what becomes of those nobody wants."""

from __future__ import annotations

from typing import Any

from tests.conformance.neighbours import post_to_sap
from tests.conformance.step import Act, Look, Step

ORDER, QUOTATION = "/api/SalesOrder", "/api/Quotation"
MILK = {"itemCode": "MILK", "quantity": 10, "warehouseCode": "SHOP1"}
BODY: dict[str, Any] = {
    "cardCode": "C0001",
    "customerRefNo": "REF-001",
    "currency": "USD",
    "discountPercent": 5,
    "lines": [MILK],
}
QUOTED = BODY | {"contactPerson": "Jane", "termsAndConditions": "30 days"}
REPRICED = QUOTED | {"lines": [MILK | {"unitPrice": 1.5}]}


def _shown(path: str, name: str, **says: Any) -> Look:
    return Look(route=f"GET {path}/{{id}}", at={"id": f"${name}"}, says=says)


def _quoted(**says: Any) -> tuple[Look, ...]:
    return (_shown(QUOTATION, "quotation", **says),)


def _ordered(**says: Any) -> tuple[Look, ...]:
    return (_shown(ORDER, "order", **says),)


OF_QUOTATION, OF_ORDER = {"id": "$quotation"}, {"id": "$order"}

STEPS = (
    Step(
        route=f"POST {QUOTATION}",
        body=QUOTED,
        keep={"quotation": "id", "quotation number": "quotationNumber"},
        says={"status": "Draft", "docTotal": 18.91},
        then=_quoted(contactPerson="Jane"),
    ),
    Step(
        route=f"GET {QUOTATION}",
        query={"cardCode": "C0001"},
        says={"totalCount": 1, "quotations.0.id": "$quotation"},
    ),
    Step(route=f"GET {QUOTATION}/{{id}}", at=OF_QUOTATION, says={"status": "Draft"}),
    Step(
        route=f"GET {QUOTATION}/number/{{quotationNumber}}",
        at={"quotationNumber": "$quotation number"},
        says={"id": "$quotation"},
    ),
    Step(
        route=f"PUT {QUOTATION}/{{id}}",
        at=OF_QUOTATION,
        body=QUOTED | {"contactPerson": "Joan"},
        says={"contactPerson": "Joan"},
        then=_quoted(contactPerson="Joan"),
    ),
    Step(
        route=f"PUT {QUOTATION}/{{id}}/reprice",
        at=OF_QUOTATION,
        body=REPRICED,
        says={"lines.0.unitPrice": 1.5},
        then=_quoted(docTotal=14.25),
    ),
    Step(
        route=f"POST {QUOTATION}/{{id}}/apply-standard-vat",
        at=OF_QUOTATION,
        then=_quoted(docTotal=14.25),
    ),
    Step(
        route=f"POST {QUOTATION}/{{id}}/approve",
        at=OF_QUOTATION,
        says={"status": "Approved"},
        then=_quoted(status="Approved"),
    ),
    Act(post_to_sap),
    Step(
        route=f"GET {QUOTATION}/sap",
        says={"totalCount": 1, "quotations.0.id": "$quotation"},
        keep={"quotation in SAP": "quotations.0.sapDocEntry"},
    ),
    Step(
        route=f"GET {QUOTATION}/sap/{{docEntry}}",
        at={"docEntry": "$quotation in SAP"},
        says={"id": "$quotation"},
    ),
    Step(route=f"GET {QUOTATION}/sap/{{docEntry}}/pdf", at={"docEntry": "$quotation in SAP"}),
    Step(route=f"GET {QUOTATION}/{{id}}/pdf", at=OF_QUOTATION),
    Step(
        route=f"PATCH {QUOTATION}/{{id}}/status",
        at=OF_QUOTATION,
        body={"status": "Accepted", "comments": "By telephone."},
        says={"status": "Accepted"},
        then=_quoted(status="Accepted"),
    ),
    Step(
        route=f"POST {QUOTATION}/{{id}}/convert-to-sales-order",
        at=OF_QUOTATION,
        keep={"order of quotation": "id"},
        then=_quoted(status="Converted"),
    ),
    Step(route=f"POST {QUOTATION}", body=QUOTED, keep={"unwanted quotation": "id"}),
    Step(
        route=f"DELETE {QUOTATION}/{{id}}",
        at={"id": "$unwanted quotation"},
        then=(Look(route=f"GET {QUOTATION}", query={"status": "Draft"}, says={"totalCount": 0}),),
    ),
    Step(
        route=f"POST {ORDER}",
        body=BODY | {"deliveryDate": "2026-12-15"},
        keep={"order": "id", "order number": "orderNumber"},
        says={"status": "Draft", "docTotal": 18.91},
        then=_ordered(deliveryDate="2026-12-15"),
    ),
    Step(
        route=f"GET {ORDER}",
        query={"search": "$order number"},
        says={"totalCount": 1, "orders.0.id": "$order"},
    ),
    Step(route=f"GET {ORDER}/{{id}}", at=OF_ORDER, says={"status": "Draft"}),
    Step(route=f"GET {ORDER}/local/{{id}}", at=OF_ORDER, says={"status": "Draft"}),
    Step(
        route=f"GET {ORDER}/number/{{orderNumber}}",
        at={"orderNumber": "$order number"},
        says={"id": "$order"},
    ),
    Step(
        route=f"PUT {ORDER}/{{id}}",
        at=OF_ORDER,
        body=BODY | {"comments": "By the back door."},
        then=_ordered(comments="By the back door."),
    ),
    Step(
        route=f"PATCH {ORDER}/{{id}}/status",
        at=OF_ORDER,
        body={"status": "Pending"},
        then=_ordered(status="Pending"),
    ),
    Step(
        route=f"POST {ORDER}/{{id}}/approve",
        at=OF_ORDER,
        says={"status": "Approved"},
        then=_ordered(status="Approved"),
    ),
    Step(route=f"POST {ORDER}/{{id}}/post-to-sap", at=OF_ORDER, then=_ordered(status="Approved")),
    Step(route=f"GET {ORDER}/{{id}}/pdf", at=OF_ORDER),
    Step(route=f"GET {ORDER}/local/{{id}}/pdf", at=OF_ORDER),
    Step(
        route=f"POST {ORDER}/{{id}}/convert-to-invoice",
        at=OF_ORDER,
        body={"fiscalize": False},
        keep={"invoice": "docEntry"},
        says={"docTotal": 18.91},
        then=(
            *_ordered(status="Invoiced"),
            Look(route="GET /api/Invoice/{id}", at={"id": "$invoice"}, says={"docTotal": 18.91}),
        ),
    ),
    Step(route=f"POST {ORDER}", body=BODY, keep={"unwanted order": "id"}),
    Step(
        route=f"DELETE {ORDER}/{{id}}",
        at={"id": "$unwanted order"},
        then=(Look(route=f"GET {ORDER}", query={"status": "Draft"}, says={"totalCount": 1}),),
    ),
)
