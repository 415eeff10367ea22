"""Orders: what invoices took of each line is what the order counts, and never more than it has."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from pos_app.domain.trade import PROMISED
from pos_app.services.check.violation import Books, Violation, money, quantity
from pos_app.store import posting, trade, wire

_POSTINGS = wire.plain(posting.postings)
_TRADES = wire.plain(trade.trades)
_LINES = wire.plain(trade.trade_lines)
_INVOICES = wire.plain(trade.trade_invoices)


def queued(books: Books) -> Iterator[Violation]:
    """What is promised is on its way to SAP or into our own books."""
    row = _TRADES.c
    on_its_way = select(_POSTINGS.c.queue_id).where(_POSTINGS.c.key == row.sap_key)
    promised = row.state.in_([state.value for state in PROMISED])
    for found in books.rows(select(row.number, row.state).where(promised, ~on_its_way.exists())):
        words = f"{found['number']} is {found['state']} and is not in the queue for SAP."
        yield Violation("promise_not_queued", found["number"], words)


def fulfilled(books: Books) -> Iterator[Violation]:
    """Each line of an order against the lines of the invoices made of it."""
    taken = (
        select(
            _INVOICES.c.trade_id, _INVOICES.c.line, func.sum(_INVOICES.c.quantity).label("taken")
        )
        .group_by(_INVOICES.c.trade_id, _INVOICES.c.line)
        .subquery()
    )
    own = (taken.c.trade_id == _LINES.c.trade_id) & (taken.c.line == _LINES.c.line)
    counted = func.coalesce(taken.c.taken, 0)
    query = (
        select(_TRADES.c.number, _LINES.c.line, _LINES.c.quantity, _LINES.c.fulfilled)
        .add_columns(counted.label("taken"))
        .join_from(_LINES, _TRADES, _TRADES.c.id == _LINES.c.trade_id)
        .outerjoin(taken, own)
        .where((_LINES.c.fulfilled != counted) | (_LINES.c.fulfilled > _LINES.c.quantity))
    )
    for row in books.rows(query):
        taken_by_all = quantity(int(row["taken"]))
        words = (
            f"Line {row['line']} of {row['number']} is over {quantity(row['quantity'])}, counts "
            f"{quantity(row['fulfilled'])} as invoiced, and invoices took {taken_by_all}."
        )
        yield Violation("order_miscounted", row["number"], words)


def summed(books: Books) -> Iterator[Violation]:
    """A quotation or order comes to what its lines come to."""
    query = (
        select(_TRADES.c.number, _TRADES.c.total, _TRADES.c.currency)
        .add_columns(func.sum(_LINES.c.gross).label("lines"))
        .join_from(_TRADES, _LINES, _TRADES.c.id == _LINES.c.trade_id)
        .group_by(_TRADES.c.number, _TRADES.c.total, _TRADES.c.currency)
        .having(func.sum(_LINES.c.gross) != _TRADES.c.total)
    )
    for row in books.rows(query):
        words = (
            f"{row['number']} comes to {money(row['total'], row['currency'])} and its lines to "
            f"{money(int(row['lines']), row['currency'])}."
        )
        yield Violation("trade_differs", row["number"], words)
