"""Invoices of desktop programs: made at once, queued, judged, read, and made of orders."""

from __future__ import annotations

from tests.api.test_desktop_more import invoice_body
from tests.conformance.neighbours import post_to_sap
from tests.conformance.step import Act, Look, Step
from tests.conformance.stories import invoice

DESKTOP = "/api/DesktopIntegration"
INVOICES = f"{DESKTOP}/invoices"
CONVERT = f"{DESKTOP}/sales-orders/convert-to-invoice"
OF_INVOICE = {"docEntry": "$invoice"}
server = invoice.server
"""A shop without a fiscal device, so that a note follows its invoice at once."""

ORDER = {
    "cardCode": "C0001",
    "lines": [{"itemCode": "MILK", "quantity": 10, "warehouseCode": "SHOP1"}],
}


def _in_stock(count: int) -> Look:
    return Look(
        route="GET /api/Stock/warehouse/{warehouseCode}/items",
        at={"warehouseCode": "SHOP1"},
        query={"itemCodes": "YOGHURT"},
        says={"items.0.inStock": count},
    )


def _queued(reference: str) -> Look:
    return Look(
        route=f"GET {DESKTOP}/queue/{{externalReference}}",
        at={"externalReference": reference},
        says={"status": "Pending", "customerCode": "C0001"},
    )


MADE = (
    Step(
        route=f"POST {INVOICES}/validate",
        body=invoice_body(),
        says={"isValid": True, "batchesAllocated": 2, "strategy": "FEFO"},
        then=(_in_stock(35),),
    ),
    Step(
        route=f"POST {INVOICES}",
        body=invoice_body("D-1", numAtCard="PO-1"),
        # SAP is told later by the posting worker: 202, as the contract has it for that.
        status=202,
        keep={"invoice": "invoice.docEntry"},
        says={"success": True, "wasQueued": True, "invoice.docTotal": 16.45},
        then=(
            _in_stock(28),
            _queued("D-1"),
            Look(
                route="GET /api/Invoice/{id}",
                at={"id": "$invoice"},
                says={"numAtCard": "PO-1", "docTotal": 16.45},
            ),
        ),
    ),
    Step(
        route=f"POST {INVOICES}/queue",
        body=invoice_body("D-2"),
        says={"success": True, "externalReference": "D-2", "status": "Pending"},
        then=(_in_stock(21), _queued("D-2")),
    ),
    Step(
        route=f"POST {INVOICES}/queued",
        body=invoice_body("D-3"),
        says={"externalReference": "D-3", "status": "Pending"},
        then=(_in_stock(14), _queued("D-3")),
    ),
)

READ = (
    Step(route=f"GET {INVOICES}/{{docEntry}}/pdf", at=OF_INVOICE),
    Step(route=f"GET {INVOICES}/{{docEntry}}", at=OF_INVOICE, says={"numAtCard": "PO-1"}),
    Step(route=f"GET {INVOICES}/paged", query={"page": 1, "pageSize": 2}, says={"#": 2}),
    Step(
        route=f"GET {INVOICES}/date-range",
        query={"fromDate": "2026-11-01", "toDate": "2026-11-02"},
        says={"#": 3},
    ),
    Step(
        route=f"GET {INVOICES}/customer/{{cardCode}}",
        at={"cardCode": "C0001"},
        query={"fromDate": "2026-11-01", "toDate": "2026-11-02"},
        says={"#": 3, "2.docEntry": "$invoice"},
    ),
    Step(
        route="POST /api/CreditNote",
        body={
            "cardCode": "C0001",
            "type": "Return",
            "originalInvoiceId": "$invoice",
            "reason": "Damaged in transit",
            "lines": [{"itemCode": "YOGHURT", "quantity": 2, "unitPrice": 2.35}],
        },
        keep={"note": "id"},
        says={"docTotal": 4.7},
    ),
    Act(post_to_sap),
    Step(
        route="GET /api/Invoice/{id}",
        at={"id": "$invoice"},
        keep={"invoice in SAP": "docNum"},
    ),
    Step(
        route=f"GET {INVOICES}/by-docnum/{{docNum}}",
        at={"docNum": "$invoice in SAP"},
        says={"numAtCard": "PO-1", "docTotal": 16.45},
    ),
    Step(
        route="GET /api/CreditNote/{id}",
        at={"id": "$note"},
        keep={"note in SAP": "sapDocNum"},
    ),
    Step(
        route=f"GET {DESKTOP}/credit-notes/by-docnum/{{docNum}}",
        at={"docNum": "$note in SAP"},
        says={"id": "$note", "reason": "Damaged in transit"},
    ),
)

CONVERTED = (
    Step(route="POST /api/SalesOrder", body=ORDER, keep={"order": "id", "number": "orderNumber"}),
    Step(route="POST /api/SalesOrder/{id}/approve", at={"id": "$order"}),
    Step(
        route=f"POST {CONVERT}",
        body={
            "salesOrderId": "$order",
            "externalReferenceId": "CONV-1",
            "docCurrency": "USD",
            "lines": [{"lineNum": 0, "itemCode": "MILK", "quantity": 4}],
        },
        says={"success": True, "salesOrderNumber": "$number", "externalReference": "CONV-1"},
        then=(
            _queued("CONV-1"),
            Look(
                route="GET /api/SalesOrder/{id}",
                at={"id": "$order"},
                says={"status": "PartiallyInvoiced"},
            ),
        ),
    ),
)

STEPS = (*MADE, *READ, *CONVERTED)
