"""What other programs hear of an invoice: that it was made, and that nothing of it is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.money import Money
from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.services.webhook import event
from pos_app.store import invoice as invoices

Row = Mapping[str, Any] | RowMapping


def created(shop: Shop, connection: Connection, header: Row) -> None:
    """Tell of a new invoice, from the row of its sale."""
    _tell(shop, connection, WebhookEvent.INVOICE_CREATED, header, number=header["receipt"])


def paid(shop: Shop, connection: Connection, invoice_id: str) -> None:
    """Tell that an invoice is settled, if nothing is open of it now."""
    row = invoices.held(connection, invoice_id)
    if row is not None and row["paid"] >= row["total"]:
        _tell(shop, connection, WebhookEvent.INVOICE_PAID, row)


def _tell(shop: Shop, connection: Connection, kind: WebhookEvent, row: Row, **more: str) -> None:
    data = {
        "id": row["id"],
        **more,
        "cardCode": row["partner"],
        "docCurrency": row["currency"],
        "docTotal": Money(row["total"], row["currency"]),
    }
    event.tell(shop, connection, kind, subject=row["id"], data=data)
