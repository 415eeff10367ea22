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
    CREDIT_NOTE_CREATED = "credit_note.created"
    PAYMENT_RECEIVED = "payment.received"
    SALE_RECEIVED = "sale.received"
    QUOTATION_CHANGED = "quotation.changed"
    SALES_ORDER_CHANGED = "sales_order.changed"
    CHARGE_RECEIVED = "charge.received"
    CHARGE_FAILED = "charge.failed"
    CHARGE_REFUNDED = "charge.refunded"
    PURCHASE_APPROVED = "purchase_order.approved"
    PURCHASE_RECEIVED = "purchase_order.received"
    TRANSFER_CREATED = "transfer.created"
    TRANSFER_RECEIVED = "transfer.received"
    DOCUMENT_POSTED = "document.posted"
    DOCUMENT_REVIEW = "document.review"
    STOCK_LOW = "stock.low"
    STOCK_OUT = "stock.out"
    BACKUP_COMPLETED = "backup.completed"
    BACKUP_FAILED = "backup.failed"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in the words of a list: what it belongs to, and when it comes."""

    category: str
    description: str


MEANING: Mapping[WebhookEvent, Told] = {
    WebhookEvent.INVOICE_CREATED: Told("Invoices", "An invoice was made over HTTP."),
    WebhookEvent.CREDIT_NOTE_CREATED: Told("Credit notes", "A credit note was approved."),
    WebhookEvent.PAYMENT_RECEIVED: Told("Payments", "A payment was received."),
    WebhookEvent.SALE_RECEIVED: Told("Sales", "A till has delivered a sale or a credit note."),
    WebhookEvent.QUOTATION_CHANGED: Told("Orders", "A quotation was made or changed its state."),
    WebhookEvent.SALES_ORDER_CHANGED: Told("Orders", "An order was made or changed its state."),
    WebhookEvent.CHARGE_RECEIVED: Told("Payments", "Mobile money that was asked for was paid."),
    WebhookEvent.CHARGE_FAILED: Told("Payments", "Mobile money was refused, stopped or too late."),
    WebhookEvent.CHARGE_REFUNDED: Told("Payments", "All of a charge was given back."),
    WebhookEvent.PURCHASE_APPROVED: Told("Purchasing", "A purchase order was approved."),
    WebhookEvent.PURCHASE_RECEIVED: Told("Purchasing", "Goods of a purchase order arrived."),
    WebhookEvent.TRANSFER_CREATED: Told("Stock", "Goods went to another warehouse."),
    WebhookEvent.TRANSFER_RECEIVED: Told("Stock", "Goods on their way have arrived."),
    WebhookEvent.DOCUMENT_POSTED: Told("SAP", "A document is in SAP, or in the shop's own books."),
    WebhookEvent.DOCUMENT_REVIEW: Told("SAP", "A document waits for a person to look at it."),
    WebhookEvent.STOCK_LOW: Told("Stock", "An item fell to its level in a warehouse."),
    WebhookEvent.STOCK_OUT: Told("Stock", "Nothing is left of an item in a warehouse."),
    WebhookEvent.BACKUP_COMPLETED: Told("System", "A backup was made and proven."),
    WebhookEvent.BACKUP_FAILED: Told("System", "A backup came to nothing."),
}

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
            known = "GET /api/Webhook/event-types names them"
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
