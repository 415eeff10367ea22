"""Goods in the built-in books: what each entry did, what is on the shelf, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from pos_app.domain.ledger import REVENUE, VAT
from pos_app.services.check.violation import Books, Violation, money, quantity
from pos_app.services.rate import BASE
from pos_app.store import ledger, posting, stock, valuation, wire
from pos_app.store.schema import to_microseconds

_ENTRIES = wire.plain(ledger.ledger_entries)
_LINES = wire.plain(ledger.ledger_lines)
_GOODS = wire.plain(valuation.ledger_goods)
_HELD = wire.plain(valuation.stock_values)
_MOVES = wire.plain(stock.stock_moves)
_STOCK = wire.plain(stock.stock)
_POSTINGS = wire.plain(posting.postings)
_STEPS = wire.plain(posting.posting_steps)
_MOVED = func.sum(_MOVES.c.quantity)


def valued(books: Books) -> Iterator[Violation]:
    """What a document moved stands in its entry; entries make up the shelf, and its worth."""
    opened = None if books.rules.has_sap else valuation.opened_at(books.connection)
    if opened is None:
        return
    since = to_microseconds(opened)
    yield from _moved(books, since)
    yield from _worth(books)
    yield from _summed(books)
    yield from _shelf(books, since)


def _moved(books: Books, since: int) -> Iterator[Violation]:
    """Of documents with an entry of their own; members of a list stand in that of the list."""
    place = (_MOVES.c.document_id, _MOVES.c.item, _MOVES.c.warehouse)
    moved = select(*place, _MOVED.label("moved")).group_by(*place).having(_MOVED != 0).subquery()
    booked = (
        select(
            _ENTRIES.c.document_id,
            _GOODS.c.item,
            _GOODS.c.warehouse,
            func.sum(_GOODS.c.quantity).label("booked"),
        )
        .join_from(_GOODS, _ENTRIES, _ENTRIES.c.entry == _GOODS.c.entry)
        .group_by(_ENTRIES.c.document_id, _GOODS.c.item, _GOODS.c.warehouse)
        .subquery()
    )
    same = and_(*(moved.c[key.name] == booked.c[key.name] for key in place))
    parts = select(_STEPS.c.queue_id).where(_STEPS.c.kind == "consolidated")
    query = (
        select(_POSTINGS.c.reference, moved.c.item, moved.c.warehouse, moved.c.moved)
        .add_columns(booked.c.booked)
        .join_from(moved, _POSTINGS, _POSTINGS.c.document_id == moved.c.document_id)
        .outerjoin(booked, same)
        .where(_POSTINGS.c.state == "Completed", _POSTINGS.c.ended_at >= since)
        .where(_POSTINGS.c.queue_id.not_in(parts))
        .where(func.coalesce(booked.c.booked, 0) != moved.c.moved)
    )
    for row in books.rows(query):
        words = (
            f"{row['reference']} moved {quantity(int(row['moved']))} of item {row['item']} in "
            f"{row['warehouse']} and stands in the books with {quantity(int(row['booked'] or 0))}."
        )
        yield Violation("ledger_goods_differ", row["reference"], words)


def _worth(books: Books) -> Iterator[Violation]:
    """The lines of the stock come to what the goods of the entry are worth."""
    counted = (
        select(_GOODS.c.entry, func.sum(_GOODS.c.value).label("counted"))
        .group_by(_GOODS.c.entry)
        .subquery()
    )
    # Stock lines are told by their warehouse, those of sales by their tax group.
    is_stock = and_(_LINES.c.tag != "", _LINES.c.account.not_in((VAT.code, REVENUE.code)))
    lines = (
        select(_LINES.c.entry, func.sum(_LINES.c.debit - _LINES.c.credit).label("booked"))
        .where(is_stock)
        .group_by(_LINES.c.entry)
        .subquery()
    )
    query = (
        select(_ENTRIES.c.reference, counted.c.counted, lines.c.booked)
        .join_from(_ENTRIES, counted, counted.c.entry == _ENTRIES.c.entry)
        .outerjoin(lines, lines.c.entry == _ENTRIES.c.entry)
        .where(func.coalesce(lines.c.booked, 0) != counted.c.counted)
    )
    for row in books.rows(query):
        words = (
            f"The goods of {row['reference']} are worth {money(int(row['counted']), BASE)} and "
            f"its lines move {money(int(row['booked'] or 0), BASE)} of stock."
        )
        yield Violation("ledger_worth_differs", row["reference"], words)


def _summed(books: Books) -> Iterator[Violation]:
    """What the books have at a place is what all entries brought there."""
    sums = (
        select(
            _GOODS.c.item,
            _GOODS.c.warehouse,
            func.sum(_GOODS.c.quantity).label("quantity"),
            func.sum(_GOODS.c.value).label("value"),
        )
        .group_by(_GOODS.c.item, _GOODS.c.warehouse)
        .subquery()
    )
    same = and_(sums.c.item == _HELD.c.item, sums.c.warehouse == _HELD.c.warehouse)
    there = _HELD.c.quantity + _HELD.c.unvalued
    query = (
        select(_HELD.c.item, _HELD.c.warehouse, there.label("there"), _HELD.c.value)
        .add_columns(sums.c.quantity, sums.c.value.label("due"))
        .outerjoin_from(_HELD, sums, same)
        .where(
            or_(
                func.coalesce(sums.c.quantity, 0) != there,
                func.coalesce(sums.c.value, 0) != _HELD.c.value,
            )
        )
    )
    for row in books.rows(query):
        words = (
            f"The books have {quantity(row['there'])} of item {row['item']} in "
            f"{row['warehouse']} worth {money(row['value'], BASE)}, and their entries brought "
            f"{quantity(int(row['quantity'] or 0))} worth {money(int(row['due'] or 0), BASE)}."
        )
        yield Violation("ledger_stock_differs", row["item"], words)


def _shelf(books: Books, since: int) -> Iterator[Violation]:
    """Where all that moved is booked, the books have what is there.

    A place where something is on its way, or was given up since they began, is passed over.
    """
    row = _POSTINGS.c
    before = and_(row.state == "Cancelled", row.ended_at < since)
    is_over = or_(row.state == "Completed", before)
    over = select(row.document_id).where(row.document_id == _MOVES.c.document_id, is_over)
    at = and_(_MOVES.c.item == _STOCK.c.item, _MOVES.c.warehouse == _STOCK.c.warehouse)
    moving = select(_MOVES.c.seq).where(at, ~over.exists())
    same = and_(_HELD.c.item == _STOCK.c.item, _HELD.c.warehouse == _STOCK.c.warehouse)
    there = func.coalesce(_HELD.c.quantity + _HELD.c.unvalued, 0)
    query = (
        select(_STOCK.c.item, _STOCK.c.warehouse, _STOCK.c.on_hand, there.label("there"))
        .outerjoin_from(_STOCK, _HELD, same)
        .where(_STOCK.c.on_hand != there, ~moving.exists())
    )
    for found in books.rows(query):
        words = (
            f"Item {found['item']} in warehouse {found['warehouse']} has "
            f"{quantity(found['on_hand'])} on hand and {quantity(found['there'])} in the books."
        )
        yield Violation("ledger_stock_differs", found["item"], words)
