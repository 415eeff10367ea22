"""What the queue says of a document, and how it says it on the lamp of a sale."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pos_app.services.shop import Shop
from pos_app.store import feed
from pos_app.store import sale as sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a document has come.

    Attributes:
        lamp: ``pending``, ``unknown``, ``review`` or ``done``; empty for what was given up before
            SAP held anything of it.
        doc_entry, doc_num: what SAP calls its first document, once that is done.
        reason: why it is not done; empty when it is.
    """

    lamp: str
    doc_entry: int | None = None
    doc_num: int | None = None
    reason: str = ""


def light(shop: Shop, connection: Connection, row: RowMapping, told: Told) -> None:
    """Say so on the sale's lamp, here and on its till."""
    light_sale(shop, connection, row["document_id"], told)


def light_sale(shop: Shop, connection: Connection, sale_id: str, told: Told) -> None:
    """Say on the lamp of one sale how far it has come."""
    sales.set_status(
        connection,
        sale_id=sale_id,
        in_sap=told.lamp,
        at=shop.clock.now(),
        doc_entry=told.doc_entry,
        doc_num=told.doc_num,
        reason=told.reason,
    )
    feed.changed(connection, "sale_status", sale_id)
