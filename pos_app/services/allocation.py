"""The hard claim of a posted document on stock: which batch of which line leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.batch import BatchNeed, allocate
from pos_app.domain.sale import Sale, SaleLine
from pos_app.services.shop import Shop
from pos_app.store import stock


def moves(shop: Shop, connection: Connection, sale: Sale, now: datetime) -> list[dict[str, Any]]:
    """One stock move per line and batch, out of the sale's warehouse.

    Raises:
        InsufficientStock, InsufficientBatch, BatchNotFound, BatchNotReleased, BatchNeeded: the
            batches cannot serve the document (production lesson L43).
    """
    chosen = _batches(shop, connection, sale)
    rows = []
    for line in sale.lines:
        for batch, quantity in chosen.get(line.number, [("", line.quantity)]):
            rows.append(
                {
                    "document_kind": "sale",
                    "document_id": sale.id,
                    "line": line.number,
                    "item": line.item.code,
                    "warehouse": sale.warehouse,
                    "batch": batch,
                    "quantity": -quantity,
                    "at": now,
                }
            )
    return rows


def _batches(
    shop: Shop, connection: Connection, sale: Sale
) -> dict[int, list[tuple[str, Decimal]]]:
    managed = [line for line in sale.lines if line.item.is_batch_managed]
    if not managed:
        return {}
    codes = sorted({line.item.code for line in managed})
    available = stock.batches_of(connection, sale.warehouse, codes, exclude=sale.id)
    chosen: dict[int, list[tuple[str, Decimal]]] = {}
    needs = _needs(managed, sale.warehouse)
    for row in allocate(needs, available, strategy=shop.rules.batches, on=sale.business_date):
        chosen.setdefault(row.line, []).append((row.batch, row.quantity))
    return chosen


def _needs(lines: Sequence[SaleLine], warehouse: str) -> list[BatchNeed]:
    return [
        BatchNeed(line.number, line.item.code, warehouse, line.quantity, line.batch or None)
        for line in lines
    ]
