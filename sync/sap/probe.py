"""Which of the fields we write exist in this company; asked before the first document is sent.

User-defined fields exist per company and table, and a body that names a missing one fails whole,
so that after an upgrade every document would be refused (production lesson L56).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sync.sap.client import ServiceLayer
from sync.sap.errors import SapRejected
from sync.sap.query import Query
from sync.sap.settings import SapSettings

DOCUMENTS = (
    "Invoices",
    "CreditNotes",
    "Orders",
    "Quotations",
    "PurchaseOrders",
    "PurchaseDeliveryNotes",
    "InventoryTransferRequests",
    "StockTransfers",
    "InventoryGenExits",
    "InventoryGenEntries",
    "Drafts",
)
PAYMENTS = ("IncomingPayments", "VendorPayments")
COUNTS = ("InventoryCountings", "InventoryPostings")
UNKNOWN_PROPERTY = frozenset({"-1000", "201"})


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field of the settings that a set of this company does not have."""

    set_name: str
    field: str

    def __str__(self) -> str:
        return f"SAP has no field {self.field} on {self.set_name}: create it, or name another."


def missing_fields(sl: ServiceLayer) -> tuple[MissingField, ...]:
    """Fields that carry our keys and are missing, one read per set; empty when all is well.

    Raises:
        SapRejected, Unavailable: SAP could not be asked.
    """
    return tuple(
        MissingField(set_name, name)
        for set_name, name in _wanted(sl.settings)
        if not _exists(sl, set_name, name)
    )


def _wanted(settings: SapSettings) -> Iterator[tuple[str, str]]:
    for sets, name in (
        (DOCUMENTS, settings.key_field),
        (PAYMENTS, settings.payment_key_field),
        (COUNTS, settings.count_key_field),
    ):
        if name:
            yield from ((set_name, name) for set_name in sets)


def _exists(sl: ServiceLayer, set_name: str, name: str) -> bool:
    try:
        sl.get(f"{set_name}?{Query(select=(name,), top=1).options()}")
    except SapRejected as refusal:
        # The same code with another text is another fault, such as a missing permission.
        if refusal.code in UNKNOWN_PROPERTY and name in refusal.text:
            return False
        raise
    return True
