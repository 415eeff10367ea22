"""Ordered goods: what arrived is what came in, and never more than was ordered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from pos_app.services.check.violation import Books, Violation, quantity
from pos_app.store import posting, purchase, stock, wire

_ORDERS = wire.plain(purchase.purchases)
_LINES = wire.plain(purchase.purchase_lines)
_RECEIPTS = wire.plain(purchase.purchase_receipts)
_ARRIVED = wire.plain(purchase.purchase_receipt_lines)
_MOVES = wire.plain(stock.stock_moves)
_POSTINGS = wire.plain(posting.postings)


def received(books: Books) -> Iterator[Violation]:
    """Each line counts its arrivals, within what was ordered; each arrival came into stock."""
    yield from _counted(books)
    yield from _in_stock(books)


def queued(books: Books) -> Iterator[Violation]:
    """Each arrival is on its way to SAP or into our own books, once."""
    times = func.count(_POSTINGS.c.queue_id)
    query = (
        select(_RECEIPTS.c.number, times.label("times"))
        .outerjoin_from(_RECEIPTS, _POSTINGS, _POSTINGS.c.document_id == _RECEIPTS.c.id)
        .group_by(_RECEIPTS.c.number)
        .having(times != 1)
    )
    for row in books.rows(query):
        words = f"{row['number']} is in the queue for SAP {row['times']} times instead of once."
        yield Violation("goods_not_queued", row["number"], words)


def _counted(books: Books) -> Iterator[Violation]:
    arrived = (
        select(
            _RECEIPTS.c.purchase_id,
            _ARRIVED.c.purchase_line,
            func.sum(_ARRIVED.c.quantity).label("arrived"),
        )
        .join_from(_ARRIVED, _RECEIPTS, _RECEIPTS.c.id == _ARRIVED.c.receipt_id)
        .group_by(_RECEIPTS.c.purchase_id, _ARRIVED.c.purchase_line)
        .subquery()
    )
    same = and_(
        arrived.c.purchase_id == _LINES.c.purchase_id, arrived.c.purchase_line == _LINES.c.line
    )
    query = (
        select(
            _ORDERS.c.number, _LINES.c.item, _LINES.c.quantity, _LINES.c.received, arrived.c.arrived
        )
        .join_from(_LINES, _ORDERS, _ORDERS.c.id == _LINES.c.purchase_id)
        .outerjoin(arrived, same)
        .where(
            or_(
                func.coalesce(arrived.c.arrived, 0) != _LINES.c.received,
                _LINES.c.received > _LINES.c.quantity,
            )
        )
    )
    for row in books.rows(query):
        words = (
            f"{row['number']} counts {quantity(row['received'])} of {quantity(row['quantity'])} "
            f"of item {row['item']} as received, and {quantity(row['arrived'] or 0)} arrived."
        )
        yield Violation("purchase_differs", row["number"], words)


def _in_stock(books: Books) -> Iterator[Violation]:
    moved = func.coalesce(func.sum(_MOVES.c.quantity), 0)
    same = and_(
        _MOVES.c.document_id == _ARRIVED.c.receipt_id,
        _MOVES.c.line == _ARRIVED.c.line,
        _MOVES.c.warehouse == _ARRIVED.c.warehouse,
    )
    query = (
        select(_RECEIPTS.c.number, _ARRIVED.c.item, _ARRIVED.c.quantity, moved.label("moved"))
        .join_from(_ARRIVED, _RECEIPTS, _RECEIPTS.c.id == _ARRIVED.c.receipt_id)
        .outerjoin(_MOVES, same)
        .group_by(
            _RECEIPTS.c.number,
            _ARRIVED.c.receipt_id,
            _ARRIVED.c.line,
            _ARRIVED.c.item,
            _ARRIVED.c.quantity,
        )
        .having(moved != _ARRIVED.c.quantity)
    )
    for row in books.rows(query):
        words = (
            f"{row['number']} says {quantity(row['quantity'])} of item {row['item']} arrived, "
            f"and {quantity(row['moved'])} came in."
        )
        yield Violation("arrival_differs", row["number"], words)
