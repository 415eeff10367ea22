"""Documents queued in the transaction that makes them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pos_app.domain.money import Money
from pos_app.domain.posting import RETRY, PostingState
from pos_app.errors import RecordNotFound
from pos_app.services.consolidation import collect
from pos_app.services.shop import Shop
from pos_app.store import feed, posting
from pos_app.store import sale as sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Queueing:
    """A document on its way to SAP.

    Attributes:
        kind: one of `kinds.KINDS`.
        document_id: its identity for ever, and the key SAP is asked for before every attempt.
        reference: what people know it by.
        source: who made it: the code of a till, or the name of a program.
        partner: empty for a document without one.
        total: zero for a document of goods alone.
        created_by: the user.
        reservation_id: the reservation it came from.
        priority: lower comes first.
        key: another one than the document's identity, for a document that goes to SAP again.
        state: Collected for what waits for the end of the day.
    """

    kind: str
    document_id: str
    reference: str
    source: str
    total: Money
    created_by: str
    partner: str = ""
    reservation_id: str | None = None
    priority: int = 0
    key: str = ""
    state: PostingState = PostingState.PENDING


def enqueue(shop: Shop, connection: Connection, document: Queueing) -> int:
    """Queue a document for SAP, or for the built-in books of a shop without it.

    Args:
        shop: the server.
        connection: the transaction that stores the document.
        document: what is to be posted.

    Returns:
        Its number in the queue.

    Raises:
        UniqueViolation: the document is queued already.
    """
    now = shop.clock.now()
    return posting.add(
        connection,
        {
            "key": document.key or document.document_id,
            "kind": document.kind,
            "document_id": document.document_id,
            "reference": document.reference,
            "source": document.source,
            "reservation_id": document.reservation_id,
            "partner": document.partner,
            "currency": document.total.currency,
            "total": document.total.minor,
            "state": document.state.value,
            "priority": document.priority,
            "attempts": 0,
            "attempts_max": RETRY.attempts,
            "request": {},
            "lease_token": 0,
            "try_at": now,
            "created_at": now,
            "created_by": document.created_by,
        },
    )


def enqueue_sale(
    shop: Shop,
    connection: Connection,
    *,
    sale_id: str,
    source: str,
    reference: str,
    reservation_id: str | None = None,
    priority: int = 0,
) -> int:
    """Queue a stored sale or note for SAP and say so on its lamp; as `enqueue`.

    Where the shop consolidates, what was paid at once waits for the end of the day.

    Raises:
        RecordNotFound: there is no such sale.
    """
    header = sales.by_id(connection, sale_id)
    if header is None:
        raise RecordNotFound("sale", sale_id)
    document = Queueing(
        kind=header["kind"],
        document_id=sale_id,
        reference=reference,
        source=source,
        partner=header["partner"],
        total=Money(header["total"], header["currency"]),
        created_by=header["username"],
        reservation_id=reservation_id,
        priority=priority,
        state=collect.state_of(shop, connection, header),
    )
    number = enqueue(shop, connection, document)
    sales.set_status(connection, sale_id=sale_id, in_sap="pending", at=shop.clock.now())
    feed.changed(connection, "sale_status", sale_id)
    return number
