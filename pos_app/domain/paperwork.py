"""The documents that papers, attachments and signatures belong to, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pos_app.domain.permission import Permission
from pos_app.errors import InvalidInput


class DocumentKindUnknown(InvalidInput):
    """A kind of document that does not exist."""

    code = "document_kind_unknown"

    def __init__(self, kind: str) -> None:
        known = ", ".join(DocumentKind)
        super().__init__(
            f"There is no kind of document {kind[:40]!r}: use one of {known}.", kind=kind[:40]
        )


class DocumentKind(StrEnum):
    """Which documents there are, by the contract's names."""

    INVOICE = "Invoice"
    CREDIT_NOTE = "CreditNote"
    QUOTATION = "Quotation"
    SALES_ORDER = "SalesOrder"
    PURCHASE_ORDER = "PurchaseOrder"
    PAYMENT = "IncomingPayment"
    TRANSFER = "InventoryTransfer"
    STATEMENT = "Statement"


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may look at documents of a kind and who may add to them: any one of each."""

    view: tuple[Permission, ...]
    edit: tuple[Permission, ...]


_SALES = Doors((Permission.INVOICES_VIEW,), (Permission.INVOICES_EDIT, Permission.INVOICES_CREATE))
_TRADE = Doors(
    (Permission.INVOICES_VIEW, Permission.SALESORDERS_VIEW),
    (Permission.INVOICES_EDIT, Permission.INVOICES_CREATE, Permission.SALESORDERS_EDIT),
)

DOORS: Mapping[DocumentKind, Doors] = {
    DocumentKind.INVOICE: _SALES,
    DocumentKind.CREDIT_NOTE: _SALES,
    DocumentKind.QUOTATION: _TRADE,
    DocumentKind.SALES_ORDER: _TRADE,
    DocumentKind.PURCHASE_ORDER: Doors(
        (Permission.PURCHASING_VIEW,),
        (Permission.PURCHASING_UPLOAD_DOCUMENTS, Permission.PURCHASING_EDIT),
    ),
    DocumentKind.PAYMENT: Doors((Permission.PAYMENTS_VIEW,), (Permission.PAYMENTS_CREATE,)),
    DocumentKind.TRANSFER: Doors(
        (Permission.STOCK_VIEW, Permission.INVENTORY_VIEW),
        (Permission.STOCK_TRANSFER, Permission.INVENTORY_TRANSFER),
    ),
    DocumentKind.STATEMENT: Doors((Permission.CUSTOMERS_VIEW,), (Permission.CUSTOMERS_EDIT,)),
}

_SYNONYMS = {
    "payment": DocumentKind.PAYMENT,
    "transfer": DocumentKind.TRANSFER,
    "customerstatement": DocumentKind.STATEMENT,
}


def kind_of(name: str) -> DocumentKind:
    """The kind a name means, whatever its case, spaces, dashes or underscores.

    Raises:
        DocumentKindUnknown: none has this name.
    """
    plain = "".join(mark for mark in name.lower() if mark not in " _-")
    for kind in DocumentKind:
        if kind.value.lower() == plain:
            return kind
    if plain in _SYNONYMS:
        return _SYNONYMS[plain]
    raise DocumentKindUnknown(name)
