"""The numbers SAP gives its kinds of documents."""

from __future__ import annotations

from collections.abc import Mapping

NUMBERS: Mapping[str, int] = {
    "Invoices": 13,
    "CreditNotes": 14,
    "DeliveryNotes": 15,
    "Returns": 16,
    "Orders": 17,
    "PurchaseInvoices": 18,
    "PurchaseDeliveryNotes": 20,
    "PurchaseOrders": 22,
    "Quotations": 23,
    "IncomingPayments": 24,
    "VendorPayments": 46,
    "InventoryGenEntries": 59,
    "InventoryGenExits": 60,
    "StockTransfers": 67,
    "Drafts": 112,
    "StockTransferDrafts": 112,
    "InventoryPostings": 10000071,
    "InventoryTransferRequests": 1250000001,
    "InventoryCountings": 1470000065,
}
"""SAP's object numbers, which name series and base documents."""
