"""The hard claim of a posted document on stock: which batch of which line leaves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from pos_app.domain.batch import BatchNeed, allocate
from pos_app.domain.sale import Sale
from pos_app.services.shop import Shop
from pos_app.store import batch as batches
from pos_app.store import stock
from pos_app.store.stock import Move


def moves(shop: Shop, connection: Connection, sale: Sale, now: datetime) -> list[Move]:
    """One stock move per line and batch, out of the sale's warehouse.

    Raises:
        InsufficientStock, InsufficientBatch, BatchNotFound, BatchNotReleased, BatchNeeded: the
            batches cannot serve the document (production lesson L43).
    """
    chosen = _batches(shop, connection, sale, now)
    return [
        Move(
            document_kind="sale",
            document_id=sale.id,
            line=line.number,
            item=line.item.code,
            warehouse=sale.warehouse,
            batch=batch,
            quantity=-quantity,
        )
        for line in sale.lines
        for batch, quantity in chosen.get(line.number, [("", line.quantity)])
    ]


def _batches(
    shop: Shop, connection: Connection, sale: Sale, now: datetime
) -> dict[int, list[tuple[str, Decimal]]]:
    managed = [line for line in sale.lines if line.item.is_batch_managed]
    if not managed:
        return {}
    places = {(line.item.code, sale.warehouse) for line in managed}
    stock.lock(connection, places)
    free = batches.free(connection, places, now)
    needs = [
        BatchNeed(line.number, line.item.code, sale.warehouse, line.quantity, line.batch or None)
        for line in managed
    ]
    chosen: dict[int, list[tuple[str, Decimal]]] = {}
    for row in allocate(needs, free, strategy=shop.rules.batches, on=sale.business_date):
        chosen.setdefault(row.line, []).append((row.batch, row.quantity))
    return chosen
