"""Set stock on a new base and let the moves above it count again, in whatever order things come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from pos_app.store.schema import big
from pos_app.store.stock import Place, batches, lock, own, stock, stock_moves
from pos_app.store.upsert import upsert

_NOTHING = Decimal(0)
_CHUNK = 500


def rebase(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set places on a base told from above; the last word on each place wins.

    Args:
        connection: a writing transaction.
        rows: ``item``, ``warehouse``, ``base``, ``base_seq``, ``committed``, ``ordered`` and
            ``changed_at`` each; the base contains every move up to its `base_seq`.
    """
    if not rows:
        return
    told = {(row["item"], row["warehouse"]): {**row, "on_hand": row["base"]} for row in rows}
    places = sorted(told)
    upsert(connection, stock, [told[place] for place in places])
    # Few places have moves that their base lacks; the others are right as they are.
    lowest = min(row["base_seq"] for row in rows)
    counts = or_(stock_moves.c.upstream_seq.is_(None), stock_moves.c.upstream_seq > lowest)
    _recompute(connection, _STOCK, _present(connection, stock_moves, places, only=counts))


def rebase_batches(
    connection: Connection,
    places: Iterable[tuple[Place, int]],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Set all batches of these places on a base; a batch that is not among the rows holds nothing.

    Args:
        connection: a writing transaction.
        places: each place with the number its base reaches up to.
        rows: ``item``, ``warehouse``, ``batch``, ``base``, ``base_seq``, ``status``, ``expiry``,
            ``admission``, ``manufactured`` and ``changed_at`` each.
    """
    reach = dict(places)
    kept = {(row["item"], row["warehouse"]) for row in rows}
    kept |= set(_present(connection, batches, sorted(reach)))
    managed = [place for place in sorted(kept) if place in reach]
    if managed:
        named = [{**_named(place), "p_seq": reach[place]} for place in managed]
        connection.execute(_EMPTIED, named)
    upsert(connection, batches, [{**row, "on_hand": _NOTHING} for row in rows])
    _recompute(connection, _BATCH, managed)


def reached(connection: Connection, upstream: Mapping[str, int]) -> list[Place]:
    """Note from which number on a base contains what documents moved; return their places.

    Args:
        connection: a writing transaction.
        upstream: per document the number told with the acknowledgement; told again, it replaces
            what was known.
    """
    if not upstream:
        return []
    connection.execute(
        _REACHED, [{"p_document": document, "p_seq": seq} for document, seq in upstream.items()]
    )
    columns = (stock_moves.c.item, stock_moves.c.warehouse)
    query = select(*columns).where(stock_moves.c.document_id.in_(list(upstream))).distinct()
    places = sorted((row.item, row.warehouse) for row in connection.execute(query))
    recompute(connection, places)
    return places


def reached_lines(connection: Connection, lines: Sequence[tuple[str, int]], seq: int) -> None:
    """As `reached`, of these lines of documents alone: the others follow with another document."""
    if not lines:
        return
    connection.execute(
        _REACHED_LINE,
        [{"p_document": document, "p_line": line, "p_seq": seq} for document, line in lines],
    )
    ids = sorted({document for document, _line in lines})
    places: set[Place] = set()
    for start in range(0, len(ids), _CHUNK):
        these = stock_moves.c.document_id.in_(ids[start : start + _CHUNK])
        query = select(stock_moves.c.item, stock_moves.c.warehouse).where(these).distinct()
        places |= {(row.item, row.warehouse) for row in connection.execute(query)}
    recompute(connection, places)


def unreached(connection: Connection, warehouse: str) -> set[str]:
    """Items of a warehouse with moves that are booked above and that a base lacks so far."""
    found: set[str] = set()
    for base in (stock, batches):
        query = (
            select(base.c.item)
            .join(stock_moves, and_(*(stock_moves.c[key.name] == key for key in base.primary_key)))
            .where(base.c.warehouse == warehouse, stock_moves.c.upstream_seq > base.c.base_seq)
            .distinct()
        )
        found.update(connection.execute(query).scalars())
    return found


def recompute(connection: Connection, places: Iterable[Place]) -> None:
    """Put on hand back to base plus own moves at these places and in their batches."""
    wanted = sorted(set(places))
    _recompute(connection, _STOCK, wanted)
    _recompute(connection, _BATCH, wanted)


def forget(connection: Connection, since: int) -> None:
    """Take back what a restored server does not remember; what is on hand stays as it is.

    The bases contain moves it has lost: these leave the base and count on top of it again, until
    they are delivered anew.

    Args:
        connection: a writing transaction.
        since: the last number of the feed that the server still knows.
    """
    for statement in _FORGET:
        connection.execute(statement, {"p_since": since})
    connection.execute(
        update(stock_moves).where(stock_moves.c.upstream_seq > since).values(upstream_seq=None)
    )


def _present(
    connection: Connection,
    table: Table,
    places: Sequence[Place],
    *,
    only: ColumnElement[bool] | None = None,
) -> list[Place]:
    """Those of the places a table has rows of."""
    found: set[Place] = set()
    for start in range(0, len(places), _CHUNK):
        key = tuple_(table.c.item, table.c.warehouse)
        query = select(table.c.item, table.c.warehouse).distinct()
        query = query.where(key.in_(places[start : start + _CHUNK]))
        rows = connection.execute(query if only is None else query.where(only))
        found |= {(item, warehouse) for item, warehouse in rows}
    return sorted(found)


def _recompute(connection: Connection, statement: Update, places: Sequence[Place]) -> None:
    if places:
        # On PostgreSQL the sum must be taken after the row is ours, or it misses a late move.
        lock(connection, places)
        connection.execute(statement, [_named(place) for place in places])


def _named(place: Place) -> dict[str, Any]:
    return {"p_item": place[0], "p_warehouse": place[1]}


def _at_place(table: Table) -> list[Any]:
    return [
        table.c.item == bindparam("p_item"),
        table.c.warehouse == bindparam("p_warehouse"),
    ]


def _recomputed(table: Table) -> Update:
    return update(table).where(*_at_place(table)).values(on_hand=table.c.base + own(table))


def _forgotten(table: Table) -> Update:
    """Take the moves the server has lost out of the bases that contain them."""
    since = bindparam("p_since", type_=big())
    moves = stock_moves.c
    lost = (
        select(func.coalesce(func.sum(moves.quantity), 0))
        .where(
            *(moves[key.name] == key for key in table.primary_key),
            moves.upstream_seq > since,
            moves.upstream_seq <= table.c.base_seq,
        )
        .correlate(table)
        .scalar_subquery()
    )
    return (
        update(table)
        .where(table.c.base_seq > since)
        .values(base=table.c.base - lost, base_seq=since)
    )


_STOCK = _recomputed(stock)
_BATCH = _recomputed(batches)
_FORGET = (_forgotten(stock), _forgotten(batches))
_EMPTIED = (
    update(batches)
    .where(*_at_place(batches))
    .values(base=_NOTHING, base_seq=bindparam("p_seq", type_=big()))
)
_REACHED = (
    update(stock_moves)
    .where(stock_moves.c.document_id == bindparam("p_document"))
    .values(upstream_seq=bindparam("p_seq", type_=big()))
)
_REACHED_LINE = _REACHED.where(stock_moves.c.line == bindparam("p_line", type_=big()))
