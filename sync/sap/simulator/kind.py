"""The kinds of documents: what tells one set from another, and what a document may follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.sap.simulator.books import Change
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.table import Row

INVOICES, CREDIT_NOTES = "Invoices", "CreditNotes"
DELIVERIES, RETURNS, PURCHASE_INVOICES = "DeliveryNotes", "Returns", "PurchaseInvoices"
ORDERS, QUOTATIONS, PURCHASE_ORDERS = "Orders", "Quotations", "PurchaseOrders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What makes one set of documents differ from another.

    Attributes:
        code: SAP's name of the object.
        goods: 1 when goods come in, -1 when they leave, 0 when nothing moves yet.
        partner: card type wanted, None for documents without a partner.
        balance: 1 when the partner owes more afterwards, -1 when less.
        is_purchase: its VAT groups are those of purchases.
        needs_due: refused without a due date.
    """

    code: str
    goods: int = 0
    partner: str | None = None
    balance: int = 0
    is_purchase: bool = False
    needs_due: bool = False


KINDS: Mapping[str, Kind] = {
    INVOICES: Kind(code="oInvoices", goods=-1, partner="cCustomer", balance=1),
    CREDIT_NOTES: Kind(code="oCreditNotes", goods=1, partner="cCustomer", balance=-1),
    ORDERS: Kind(code="oOrders", partner="cCustomer", needs_due=True),
    QUOTATIONS: Kind(code="oQuotations", partner="cCustomer", needs_due=True),
    PURCHASE_ORDERS: Kind(
        code="oPurchaseOrders", partner="cSupplier", is_purchase=True, needs_due=True
    ),
    "PurchaseDeliveryNotes": Kind(
        code="oPurchaseDeliveryNotes", goods=1, partner="cSupplier", is_purchase=True
    ),
    DELIVERIES: Kind(code="oDeliveryNotes", goods=-1, partner="cCustomer"),
    RETURNS: Kind(code="oReturns", goods=1, partner="cCustomer"),
    PURCHASE_INVOICES: Kind(
        code="oPurchaseInvoices", goods=1, partner="cSupplier", balance=-1, is_purchase=True
    ),
    "InventoryGenEntries": Kind(code="oInventoryGenEntry", goods=1),
    "InventoryGenExits": Kind(code="oInventoryGenExit", goods=-1),
}

WITHOUT_REVERSAL = frozenset({ORDERS, QUOTATIONS, PURCHASE_ORDERS})
"""Sets whose cancelled documents need no second document, since nothing was booked."""

BASES: Mapping[str, Mapping[Any, str]] = {
    INVOICES: {15: DELIVERIES, 17: ORDERS, 23: QUOTATIONS},
    DELIVERIES: {17: ORDERS, 23: QUOTATIONS},
    RETURNS: {15: DELIVERIES},
    PURCHASE_INVOICES: {20: "PurchaseDeliveryNotes", 22: PURCHASE_ORDERS},
    CREDIT_NOTES: {13: INVOICES},
    ORDERS: {23: QUOTATIONS},
    "PurchaseDeliveryNotes": {22: PURCHASE_ORDERS},
    "StockTransfers": {"InventoryTransferRequest": "InventoryTransferRequests"},
}
"""The sets a document may follow, by the base type its lines name."""


MOVED_BY_BASE: Mapping[str, frozenset[int]] = {
    INVOICES: frozenset({15}),
    PURCHASE_INVOICES: frozenset({20}),
}
"""Base types whose document has moved the goods already."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a request leads to.

    Attributes:
        row: the entity to show, None when there is nothing to show.
        change: what to commit.
        refusal: answered after committing: an approval draft exists, yet SAP says no.
    """

    row: Row | None
    change: Change
    refusal: Refusal | None = None


def lines_of(set_name: str) -> str:
    """The name of a set's lines."""
    return "StockTransferLines" if "Transfer" in set_name else "DocumentLines"
