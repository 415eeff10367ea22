"""Goods that move without a sale: transit ends at nothing, and each difference has a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, or_, select

from pos_app.services.check.violation import Books, Violation, quantity
from pos_app.store import count, movement, posting, stock, transfer, wire

_MOVES = wire.plain(stock.stock_moves)
_TRANSFERS = wire.plain(transfer.transfers)
_LINES = wire.plain(transfer.transfer_lines)
_MOVEMENTS = wire.plain(movement.movements)
_MOVED = wire.plain(movement.movement_lines)
_COUNTS = wire.plain(count.counts)
_COUNTED = wire.plain(count.count_lines)
_POSTINGS = wire.plain(posting.postings)


def arrived(books: Books) -> Iterator[Violation]:
    """What left a warehouse is on its way, arrived, came back, or is missing for a reason."""
    yield from _transit(books)
    yield from _received(books)
    yield from _named(books)


def issued(books: Books) -> Iterator[Violation]:
    """A goods issue or receipt moved what it says, and in its own direction."""
    sign = case((_MOVEMENTS.c.kind == "issue", -1), else_=1)
    moves = _sums(_MOVES.c.document_id, _MOVES.c.line)
    query = (
        select(_MOVEMENTS.c.number, _MOVED.c.item, _MOVED.c.quantity, moves.c.moved)
        .join_from(_MOVED, _MOVEMENTS, _MOVEMENTS.c.id == _MOVED.c.movement_id)
        .outerjoin(moves, _same(moves, _MOVED.c.movement_id, _MOVED.c.line))
        .where(func.coalesce(moves.c.moved, 0) != sign * _MOVED.c.quantity)
    )
    for row in books.rows(query):
        words = (
            f"{row['number']} says {quantity(row['quantity'])} of item {row['item']} and moved "
            f"{quantity(row['moved'] or 0)}."
        )
        yield Violation("movement_differs", row["number"], words)


def counted(books: Books) -> Iterator[Violation]:
    """A booked count moved the difference of each line, and nothing else did."""
    moves = _lots()
    due = case((_COUNTS.c.state == "Posted", _COUNTED.c.counted - _COUNTED.c.book), else_=0)
    same = and_(
        moves.c.document_id == _COUNTED.c.count_id,
        moves.c.item == _COUNTED.c.item,
        moves.c.batch == _COUNTED.c.batch,
    )
    query = (
        select(_COUNTS.c.number, _COUNTED.c.item, due.label("due"), moves.c.moved)
        .join_from(_COUNTED, _COUNTS, _COUNTS.c.id == _COUNTED.c.count_id)
        .outerjoin(moves, same)
        .where(func.coalesce(moves.c.moved, 0) != due)
    )
    for row in books.rows(query):
        words = (
            f"{row['number']} found a difference of {quantity(row['due'])} of item {row['item']} "
            f"and moved {quantity(row['moved'] or 0)}."
        )
        yield Violation("count_differs", row["number"], words)


def queued(books: Books) -> Iterator[Violation]:
    """What moved goods for good is on its way to SAP or into our own books, once."""
    some = select(_LINES.c.line).where(
        _LINES.c.transfer_id == _TRANSFERS.c.id, _LINES.c.received > 0
    )
    done = and_(_TRANSFERS.c.state == "Received", some.exists())
    yield from _unqueued(books, select(_TRANSFERS.c.id, _TRANSFERS.c.number).where(done))
    yield from _unqueued(books, select(_MOVEMENTS.c.id, _MOVEMENTS.c.number))
    off = select(_COUNTED.c.item).where(
        _COUNTED.c.count_id == _COUNTS.c.id, _COUNTED.c.counted != _COUNTED.c.book
    )
    booked = and_(_COUNTS.c.state == "Posted", off.exists())
    yield from _unqueued(books, select(_COUNTS.c.id, _COUNTS.c.number).where(booked))


def _unqueued(books: Books, documents: Select[*tuple[Any, ...]]) -> Iterator[Violation]:
    wanted = documents.subquery()
    query = (
        select(wanted.c.number, func.count(_POSTINGS.c.queue_id).label("times"))
        .select_from(wanted.outerjoin(_POSTINGS, _POSTINGS.c.document_id == wanted.c.id))
        .group_by(wanted.c.number)
        .having(func.count(_POSTINGS.c.queue_id) != 1)
    )
    for row in books.rows(query):
        words = f"{row['number']} is in the queue for SAP {row['times']} times instead of once."
        yield Violation("goods_not_queued", row["number"], words)


def _transit(books: Books) -> Iterator[Violation]:
    """Per line: all moves of a transfer together are what is still on its way."""
    moves = _sums(_MOVES.c.document_id, _MOVES.c.line)
    due = case((_TRANSFERS.c.state == "InTransit", -_LINES.c.quantity), else_=0)
    query = (
        select(
            _TRANSFERS.c.number,
            _TRANSFERS.c.state,
            _LINES.c.item,
            moves.c.moved,
            due.label("due"),
        )
        .join_from(_LINES, _TRANSFERS, _TRANSFERS.c.id == _LINES.c.transfer_id)
        .outerjoin(moves, _same(moves, _LINES.c.transfer_id, _LINES.c.line))
        .where(func.coalesce(moves.c.moved, 0) != due)
    )
    for row in books.rows(query):
        words = (
            f"Transfer {row['number']} is {row['state']} with "
            f"{quantity(-(row['moved'] or 0))} of item {row['item']} on its way instead of "
            f"{quantity(-row['due'])}."
        )
        yield Violation("transit_differs", row["number"], words)


def _received(books: Books) -> Iterator[Violation]:
    """What a received line says has come into its warehouse."""
    moves = _sums(_MOVES.c.document_id, _MOVES.c.line, _MOVES.c.warehouse)
    here = and_(
        _same(moves, _LINES.c.transfer_id, _LINES.c.line),
        moves.c.warehouse == _LINES.c.to_warehouse,
    )
    query = (
        select(_TRANSFERS.c.number, _LINES.c.item, _LINES.c.received, moves.c.moved)
        .join_from(_LINES, _TRANSFERS, _TRANSFERS.c.id == _LINES.c.transfer_id)
        .outerjoin(moves, here)
        .where(
            _TRANSFERS.c.state == "Received",
            or_(_LINES.c.received.is_(None), func.coalesce(moves.c.moved, 0) != _LINES.c.received),
        )
    )
    for row in books.rows(query):
        words = (
            f"Transfer {row['number']} says {quantity(row['received'] or 0)} of item "
            f"{row['item']} arrived, and {quantity(row['moved'] or 0)} came in."
        )
        yield Violation("arrival_differs", row["number"], words)


def _named(books: Books) -> Iterator[Violation]:
    """What did not arrive is issued for a reason, to the last unit."""
    lost = (
        select(_MOVEMENTS.c.transfer_id, _MOVED.c.item, func.sum(_MOVED.c.quantity).label("named"))
        .join_from(_MOVED, _MOVEMENTS, _MOVEMENTS.c.id == _MOVED.c.movement_id)
        .where(_MOVEMENTS.c.transfer_id.is_not(None))
        .group_by(_MOVEMENTS.c.transfer_id, _MOVED.c.item)
        .subquery()
    )
    short = func.sum(_LINES.c.quantity - _LINES.c.received)
    query = (
        select(_TRANSFERS.c.number, _LINES.c.item, short.label("short"), lost.c.named)
        .join_from(_LINES, _TRANSFERS, _TRANSFERS.c.id == _LINES.c.transfer_id)
        .outerjoin(
            lost,
            and_(lost.c.transfer_id == _LINES.c.transfer_id, lost.c.item == _LINES.c.item),
        )
        .where(_TRANSFERS.c.state == "Received")
        .group_by(_TRANSFERS.c.number, _LINES.c.item, lost.c.named)
        .having(short != func.coalesce(lost.c.named, 0))
    )
    for row in books.rows(query):
        words = (
            f"Transfer {row['number']} is short of {quantity(row['short'] or 0)} of item "
            f"{row['item']}, and {quantity(row['named'] or 0)} of that have a reason."
        )
        yield Violation("difference_unnamed", row["number"], words)


def _sums(*keys: Any) -> Subquery:
    moved = func.sum(_MOVES.c.quantity).label("moved")
    return select(*keys, moved).group_by(*keys).subquery()


def _lots() -> Subquery:
    return _sums(_MOVES.c.document_id, _MOVES.c.item, _MOVES.c.batch)


def _same(moves: Subquery, document: Any, line: Any) -> Any:
    return and_(moves.c.document_id == document, moves.c.line == line)
