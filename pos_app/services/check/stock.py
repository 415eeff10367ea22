"""Stock: base + counting moves = on hand, per place and per batch, and nothing is sold twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import RowMapping, Select, Table, and_, case, func, or_, select

from pos_app.services.check.violation import Books, Violation, quantity
from pos_app.store import audit, feed, intake, reservation, sale, stock, wire
from pos_app.store.schema import to_microseconds

_STOCK = wire.plain(stock.stock)
_BATCHES = wire.plain(stock.batches)
_MOVES = wire.plain(stock.stock_moves)
_INTAKE = wire.plain(intake.intake)
_CHECKPOINTS = wire.plain(feed.checkpoints)
_AUDIT = wire.plain(audit.audit)
_SALES = wire.plain(sale.sales)


def explained(books: Books) -> Iterator[Violation]:
    """On hand is what the moves say; a move happened at a place that is known."""
    yield from _sums(books, _STOCK)
    yield from _sums(books, _BATCHES)
    yield from _placeless(books, _STOCK)
    yield from _placeless(books, _BATCHES)


def _sums(books: Books, table: Table) -> Iterator[Violation]:
    keys = list(table.primary_key)
    same = and_(*(_MOVES.c[key.name] == key for key in keys))
    counts = or_(_MOVES.c.upstream_seq.is_(None), _MOVES.c.upstream_seq > table.c.base_seq)
    moved = func.coalesce(func.sum(case((counts, _MOVES.c.quantity), else_=0)), 0)
    query = (
        select(*keys, table.c.base, table.c.on_hand, moved.label("moved"))
        .select_from(table.outerjoin(_MOVES, same))
        .group_by(*keys, table.c.base, table.c.on_hand)
        .having(table.c.base + moved != table.c.on_hand)
    )
    for row in books.rows(query):
        base, due = quantity(row["base"]), quantity(row["base"] + row["moved"])
        words = (
            f"{_place(row)} has {quantity(row['on_hand'])} on hand where its base of {base} "
            f"and its moves make {due}."
        )
        yield Violation("stock_differs", row["item"], words)


def _placeless(books: Books, table: Table) -> Iterator[Violation]:
    """Moves at a place or in a batch that has no row of its own."""
    names = [key.name for key in table.primary_key]
    moved = [_MOVES.c[name] for name in names]
    same = and_(*(_MOVES.c[name] == table.c[name] for name in names))
    query = (
        select(*moved, func.sum(_MOVES.c.quantity).label("moved"))
        .where(~select(table.c.item).where(same).exists())
        .group_by(*moved)
    )
    if "batch" in names:
        query = query.where(_MOVES.c.batch != "")
    for row in books.rows(query):
        words = f"{_place(row)} has moves of {quantity(row['moved'])} and no stock of its own."
        yield Violation("stock_missing", row["item"], words)


def covered(books: Books) -> Iterator[Violation]:
    """On hand less reserved is not below nothing, unless it is known why.

    A shop may allow it by its settings. A server takes what tills have sold and flags it. And who
    is told from above that there is less than it thought stands below nothing without any fault.
    """
    if books.rules.may_oversell:
        return
    for table in (_STOCK, _BATCHES):
        for row in books.rows(_short(books, table)):
            if not _is_flagged(books, row) and not _is_told_from_above(books, row):
                words = (
                    f"{_place(row)} has {quantity(row['on_hand'])} on hand "
                    f"and {quantity(row['held'])} reserved."
                )
                yield Violation("stock_oversold", row["item"], words)


def _short(books: Books, table: Table) -> Select[*tuple[Any, ...]]:
    lines = wire.plain(reservation.reservation_lines)
    holds = wire.plain(reservation.reservations)
    keys = list(table.primary_key)
    held = (
        select(func.coalesce(func.sum(lines.c.quantity), 0))
        .join(holds, holds.c.id == lines.c.reservation_id)
        .where(
            *(lines.c[key.name] == key for key in keys),
            holds.c.state == "Pending",
            holds.c.expires_at > to_microseconds(books.now),
        )
        .correlate(table)
        .scalar_subquery()
    )
    return select(*keys, table.c.on_hand, held.label("held")).where(table.c.on_hand < held)


def _is_flagged(books: Books, row: RowMapping) -> bool:
    """Whether the server said so when it took a sale that was made all the same."""
    query = select(_INTAKE.c.flags).where(_INTAKE.c.flags.like('%"negative_stock"%'))
    what = f"Batch {row['batch']} of item" if row.get("batch") else "Item"
    start, end = f"{what} {row['item']} is at ", f" in warehouse {row['warehouse']}."
    return any(
        flag["sentence"].startswith(start) and flag["sentence"].endswith(end)
        for found in books.connection.execute(query)
        for flag in json.loads(found.flags)
        if flag["code"] == "negative_stock"
    )


def _is_told_from_above(books: Books, row: RowMapping) -> bool:
    """Whether a base came after the last move out of the place, or out of this very batch."""
    place = (_MOVES.c.item == row["item"]) & (_MOVES.c.warehouse == row["warehouse"])
    if row.get("batch"):
        place &= _MOVES.c.batch == row["batch"]
    last = (
        select(_MOVES.c.at, _MOVES.c.document_id)
        .where(place, _MOVES.c.quantity < 0)
        .order_by(_MOVES.c.seq.desc())
        .limit(1)
    )
    moved = books.connection.execute(last).first()
    came = books.connection.execute(select(func.max(_CHECKPOINTS.c.changed_at))).scalar()
    if came is None or moved is None:
        return came is not None
    return bool(came >= min(moved.at, _earliest_after(books, moved.document_id, moved.at)))


def _earliest_after(books: Books, document: str, at: int) -> int:
    """The earliest time that was noted after a document was: clocks are set back, too."""
    noted = (
        select(_AUDIT.c.seq)
        .join(_SALES, _SALES.c.receipt == _AUDIT.c.subject)
        .where(_SALES.c.id == document, _AUDIT.c.action.in_(("sale.post", "invoice.post")))
        .limit(1)
    )
    seq = books.connection.execute(noted).scalar()
    later = select(func.min(_AUDIT.c.at)).where(_AUDIT.c.seq > seq)
    found = books.connection.execute(later).scalar() if seq is not None else None
    return at if found is None else int(found)


def _place(row: RowMapping) -> str:
    batch = f"Batch {row['batch']} of item" if row.get("batch") else "Item"
    return f"{batch} {row['item']} in warehouse {row['warehouse']}"
