"""The way to SAP: documents queued in the transaction that makes them."""

from __future__ import annotations

from sqlalchemy import Connection

from pos_app.domain.posting import RETRY, PostingState
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import feed, posting
from pos_app.store import sale as sales


def enqueue_invoice(
    shop: Shop,
    connection: Connection,
    *,
    sale_id: str,
    source: str,
    reference: str,
    reservation_id: str | None = None,
    priority: int = 0,
) -> int | None:
    """Queue a stored sale for SAP and say so on its lamp; a shop without SAP queues nothing.

    The sale's identity is the key SAP is asked for before every attempt.

    Args:
        shop: the server.
        connection: the transaction that stores the sale.
        sale_id: the sale.
        source: who made it: the code of a till, or the name of a program.
        reference: what people know it by.
        reservation_id: the reservation it came from.
        priority: lower comes first.

    Returns:
        Its number in the queue.

    Raises:
        RecordNotFound: there is no such sale.
    """
    if not shop.rules.has_sap:
        return None
    header = sales.by_id(connection, sale_id)
    if header is None:
        raise RecordNotFound("sale", sale_id)
    now = shop.clock.now()
    number = posting.add(
        connection,
        {
            "key": sale_id,
            "kind": header["kind"],
            "document_id": sale_id,
            "reference": reference,
            "source": source,
            "reservation_id": reservation_id,
            "partner": header["partner"],
            "currency": header["currency"],
            "total": header["total"],
            "state": PostingState.PENDING.value,
            "priority": priority,
            "attempts": 0,
            "attempts_max": RETRY.attempts,
            "request": {},
            "lease_token": 0,
            "try_at": now,
            "created_at": now,
            "created_by": header["username"],
        },
    )
    sales.set_status(connection, sale_id=sale_id, in_sap="pending", at=now)
    feed.changed(connection, "sale_status", sale_id)
    return number
