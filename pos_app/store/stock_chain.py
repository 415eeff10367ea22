"""The chain of moves that explains a quantity, and what holds or awaits goods at a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, func, select, type_coerce, union_all

from pos_app.store.count import counts
from pos_app.store.movement import movements
from pos_app.store.purchase import purchase_receipts
from pos_app.store.reservation import reservation_lines, reservations
from pos_app.store.sale import sales
from pos_app.store.schema import Micro
from pos_app.store.stock import Place, stock_moves
from pos_app.store.transfer import transfer_lines, transfers


def before(
    connection: Connection, place: Place, *, until: datetime, limit: int
) -> list[RowMapping]:
    """The last moves at a place up to a moment, oldest first."""
    row = stock_moves.c
    here = (row.item == place[0], row.warehouse == place[1], row.at <= until)
    query = select(stock_moves).where(*here).order_by(row.seq.desc()).limit(limit)
    return list(connection.execute(query).mappings())[::-1]


def after(connection: Connection, place: Place, *, since: datetime) -> Decimal:
    """What moved at a place after a moment."""
    row = stock_moves.c
    moved = type_coerce(func.coalesce(func.sum(row.quantity), 0), Micro)
    here = (row.item == place[0], row.warehouse == place[1], row.at > since)
    found: Decimal = connection.execute(select(moved).where(*here)).scalar_one()
    return found


def holds(connection: Connection, place: Place, at: datetime) -> list[RowMapping]:
    """Pending, unexpired reservations of a place."""
    line, head = reservation_lines.c, reservations.c
    query = (
        select(
            head.external_reference,
            head.expires_at,
            type_coerce(func.sum(line.quantity), Micro).label("quantity"),
        )
        .join_from(reservation_lines, reservations, head.id == line.reservation_id)
        .where(line.item == place[0], line.warehouse == place[1])
        .where(head.state == "Pending", head.expires_at > at)
        .group_by(head.external_reference, head.expires_at)
        .order_by(head.expires_at)
    )
    return list(connection.execute(query).mappings())


def on_their_way(connection: Connection, item: str) -> list[RowMapping]:
    """Lines of an item that were sent and are not received, of every warehouse."""
    line, head = transfer_lines.c, transfers.c
    query = (
        select(head.number, line.from_warehouse, line.to_warehouse, line.quantity, head.sent_at)
        .join_from(transfer_lines, transfers, head.id == line.transfer_id)
        .where(line.item == item, head.state == "InTransit")
        .order_by(head.entry)
    )
    return list(connection.execute(query).mappings())


def names(connection: Connection, document_ids: Iterable[str]) -> dict[str, str]:
    """What people call these documents, whatever they are."""
    ids = list(document_ids)
    tables = (
        (sales, sales.c.receipt),
        (transfers, transfers.c.number),
        (movements, movements.c.number),
        (counts, counts.c.number),
        (purchase_receipts, purchase_receipts.c.number),
    )
    parts = [select(table.c.id, name).where(table.c.id.in_(ids)) for table, name in tables]
    return {row[0]: row[1] for row in connection.execute(union_all(*parts))}
