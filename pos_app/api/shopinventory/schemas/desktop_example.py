"""What is asked of ``/api/DesktopIntegration`` by example."""

from __future__ import annotations

from typing import Any

LINE: dict[str, Any] = {
    "lineNum": 0,
    "itemCode": "PRD001",
    "quantity": 10,
    "uoMCode": "Each",
    "warehouseCode": "WH01",
    "unitPrice": 25.99,
    "taxCode": "VAT",
    "discountPercent": 0,
    "autoAllocateBatches": True,
}
BATCHES = [{"batchNumber": "B2026-001", "quantity": 4}, {"batchNumber": "B2026-002", "quantity": 6}]

RESERVATION: dict[str, Any] = {
    "externalReferenceId": "DESK-1001",
    "sourceSystem": "DESKTOP_APP",
    "documentType": "Invoice",
    "cardCode": "C0001",
    "currency": "USD",
    "reservationDurationMinutes": 60,
    "requiresFiscalization": True,
    "notes": "Called for at noon",
    "lines": [LINE | {"batchNumbers": BATCHES}],
}
CONFIRM: dict[str, Any] = {
    "docDate": "2026-04-01",
    "docDueDate": "2026-05-01",
    "numAtCard": "PO-1001",
    "comments": "Leave at the gate",
    "fiscalize": True,
}
CONFIRM_BY_ID: dict[str, Any] = {"reservationId": "DESK-1001"} | CONFIRM
CANCEL: dict[str, Any] = {"reservationId": "DESK-1001", "reason": "The customer changed their mind"}
RENEW: dict[str, Any] = {"reservationId": "DESK-1001", "extensionMinutes": 60}
INVOICE: dict[str, Any] = {
    "externalReferenceId": "DESK-INV-1001",
    "sourceSystem": "DESKTOP_APP",
    "cardCode": "C0001",
    "docDate": "2026-04-01",
    "docDueDate": "2026-05-01",
    "numAtCard": "PO-1001",
    "comments": "Leave at the gate",
    "docCurrency": "USD",
    "fiscalize": True,
    "priority": 0,
    "lines": [LINE],
}
CONVERT: dict[str, Any] = {
    "salesOrderId": 42,
    "externalReferenceId": "DESK-SO-42-1",
    "sourceSystem": "DESKTOP_APP",
    "docDate": "2026-04-01",
    "numAtCard": "PO-1001",
    "docCurrency": "USD",
    "fiscalize": True,
    "lines": [{"lineNum": 0, "itemCode": "PRD001", "quantity": 4}],
}
ALLOCATION: dict[str, Any] = {
    "lines": [
        {
            "lineNumber": 0,
            "itemCode": "PRD001",
            "warehouseCode": "WH01",
            "quantity": 10,
            "uoMCode": "Each",
            "batchAllocations": BATCHES,
        }
    ],
    "autoAllocate": True,
    "strategy": "FEFO",
}
