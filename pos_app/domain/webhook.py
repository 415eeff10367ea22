"""Webhooks: what other programs can be told of, and what one may ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import InvalidInput


class WebhookEvent(StrEnum):
    """Everything another program can be told of; each is written with its cause or not at all."""

    INVOICE_CREATED = "invoice.created"
    INVOICE_PAID = "invoice.paid"
    CREDIT_NOTE_CREATED = "credit_note.created"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    SALE_RECEIVED = "sale.received"
    QUOTATION_CHANGED = "quotation.changed"
    SALES_ORDER_CHANGED = "sales_order.changed"
    RESERVATION_CREATED = "reservation.created"
    RESERVATION_RENEWED = "reservation.renewed"
    RESERVATION_CONFIRMED = "reservation.confirmed"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_EXPIRED = "reservation.expired"
    PURCHASE_APPROVED = "purchase_order.approved"
    PURCHASE_RECEIVED = "purchase_order.received"
    TRANSFER_CREATED = "transfer.created"
    TRANSFER_RECEIVED = "transfer.received"
    STOCK_LOW = "stock.low"
    STOCK_OUT = "stock.out"
    STOCK_REPLENISHED = "stock.replenished"
    INVENTORY_ADJUSTED = "inventory.adjusted"
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_UPDATED = "customer.updated"
    PRICE_CHANGED = "price.changed"
    FISCAL_FILED = "fiscal.filed"
    FISCAL_FAILED = "fiscal.failed"
    DOCUMENT_POSTED = "document.posted"
    DOCUMENT_REVIEW = "document.review"
    SAP_LOST = "sap.connection.lost"
    SAP_RESTORED = "sap.connection.restored"
    BACKUP_COMPLETED = "backup.completed"
    BACKUP_FAILED = "backup.failed"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in the words of a list: what it belongs to, and when it comes."""

    category: str
    description: str


MEANING: Mapping[WebhookEvent, Told] = {
    WebhookEvent.INVOICE_CREATED: Told("Invoices", "An invoice was made over HTTP."),
    WebhookEvent.INVOICE_PAID: Told("Invoices", "Nothing is open of an invoice any more."),
    WebhookEvent.CREDIT_NOTE_CREATED: Told("Credit notes", "A credit note was approved."),
    WebhookEvent.PAYMENT_RECEIVED: Told("Payments", "Money came in: a payment or mobile money."),
    WebhookEvent.PAYMENT_FAILED: Told("Payments", "Mobile money was refused, stopped or too late."),
    WebhookEvent.PAYMENT_REFUNDED: Told("Payments", "All of the mobile money was given back."),
    WebhookEvent.SALE_RECEIVED: Told("Sales", "A till has delivered a sale or a credit note."),
    WebhookEvent.QUOTATION_CHANGED: Told("Orders", "A quotation was made or changed its state."),
    WebhookEvent.SALES_ORDER_CHANGED: Told("Orders", "An order was made or changed its state."),
    WebhookEvent.RESERVATION_CREATED: Told("Reservations", "Stock is held for a document."),
    WebhookEvent.RESERVATION_RENEWED: Told("Reservations", "Stock is held for longer."),
    WebhookEvent.RESERVATION_CONFIRMED: Told("Reservations", "Held stock became its invoice."),
    WebhookEvent.RESERVATION_CANCELLED: Told("Reservations", "Held stock was let go."),
    WebhookEvent.RESERVATION_EXPIRED: Told("Reservations", "The time of held stock ran out."),
    WebhookEvent.PURCHASE_APPROVED: Told("Purchasing", "A purchase order was approved."),
    WebhookEvent.PURCHASE_RECEIVED: Told("Purchasing", "Goods of a purchase order arrived."),
    WebhookEvent.TRANSFER_CREATED: Told("Stock", "Goods went to another warehouse."),
    WebhookEvent.TRANSFER_RECEIVED: Told("Stock", "Goods on their way have arrived."),
    WebhookEvent.STOCK_LOW: Told("Stock", "An item fell to its level in a warehouse."),
    WebhookEvent.STOCK_OUT: Told("Stock", "Nothing is left of an item in a warehouse."),
    WebhookEvent.STOCK_REPLENISHED: Told("Stock", "An item that ran low is above its level again."),
    WebhookEvent.INVENTORY_ADJUSTED: Told("Stock", "A count or an issue has changed the stock."),
    WebhookEvent.CUSTOMER_CREATED: Told("Customers", "A customer came from SAP."),
    WebhookEvent.CUSTOMER_UPDATED: Told("Customers", "A customer was changed in SAP."),
    WebhookEvent.PRICE_CHANGED: Told("Prices", "Prices of these items were changed in SAP."),
    WebhookEvent.FISCAL_FILED: Told("Fiscal", "The fiscal device has filed a receipt."),
    WebhookEvent.FISCAL_FAILED: Told("Fiscal", "A receipt is not filed: a person has to look."),
    WebhookEvent.DOCUMENT_POSTED: Told("SAP", "A document is in SAP, or in the shop's own books."),
    WebhookEvent.DOCUMENT_REVIEW: Told("SAP", "A document waits for a person to look at it."),
    WebhookEvent.SAP_LOST: Told("SAP", "SAP does not answer any more."),
    WebhookEvent.SAP_RESTORED: Told("SAP", "SAP answers again."),
    WebhookEvent.BACKUP_COMPLETED: Told("System", "A backup was made and proven."),
    WebhookEvent.BACKUP_FAILED: Told("System", "A backup came to nothing."),
}

NEVER_TOLD: Mapping[str, str] = {
    "invoice.cancelled": "an invoice is never cancelled but credited: ask for credit_note.created",
    "stock.transfer": "ask for transfer.created and transfer.received",
    "inventory.received": "ask for purchase_order.received",
    "sap.sync.success": "each document is told by itself: ask for document.posted",
    "sap.sync.failed": "each document is told by itself: ask for document.review",
}
"""Events other programs may know the shop by that nothing causes here, and what to ask for."""

HEADERS_MOST = 20
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,1000}")
_OURS = (
    "host", "accept-encoding", "connection", "content-length", "content-type", "content-encoding",
    "expect", "te",
    "trailer", "transfer-encoding", "upgrade", "keep-alive", "user-agent",
)  # fmt: skip
_OUR_PREFIXES = ("x-webhook-", "webhook-", "proxy-")


class WebhookInvalid(InvalidInput):
    """A webhook cannot be as it is asked for.

    Attributes:
        field: which part of it, in the contract's word.
    """

    code = "webhook_invalid"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"The webhook cannot be so, {problem}: correct it.", field=field)
        self.field = field
        self.problem = problem


def events_of(names: Iterable[str]) -> tuple[WebhookEvent, ...]:
    """The events of these names, each once.

    Raises:
        WebhookInvalid: one is none, or there is none.
    """
    found = []
    for name in names:
        try:
            found.append(WebhookEvent(name.strip()))
        except ValueError as error:
            known = NEVER_TOLD.get(name.strip(), "GET /api/Webhook/event-types names them")
            raise WebhookInvalid("events", f"{name[:50]!r} is no event ({known})") from error
    if not found:
        raise WebhookInvalid("events", "it names no event")
    return tuple(dict.fromkeys(found))


def check_headers(headers: Mapping[str, str]) -> None:
    """Let headers pass that a receiver may want and that are not ours to set.

    Raises:
        WebhookInvalid: one is none, is ours, or carries more than a line.
    """
    if len(headers) > HEADERS_MOST:
        raise WebhookInvalid("customHeaders", f"it has more than {HEADERS_MOST} headers")
    for name, value in headers.items():
        lowered = name.lower()
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise WebhookInvalid("customHeaders", f"{name[:50]!r} is no header of one plain line")
        if lowered in _OURS or lowered.startswith(_OUR_PREFIXES):
            raise WebhookInvalid("customHeaders", f"{name} is set by this server")
