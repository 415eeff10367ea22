"""Stock per item and warehouse, per batch, and the chain of moves that explains it.

Each quantity stands on a base told from above (the server for a till, SAP for the server) and on
our own moves that the base does not contain yet. `base_seq` says how far up the base reaches; a
move counts on top of it while its `upstream_seq` is unknown or later. So `on_hand` is always
``base + sum(moves that count)``, whatever was lost, repeated or overtaken on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    RowMapping,
    ScalarSelect,
    Table,
    Text,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from pos_app.domain.batch import InsufficientBatch
from pos_app.errors import InsufficientStock
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.reservation import reservation_lines, reservations
from pos_app.store.schema import BusinessDate, Instant, Micro, autokey, big, table
from pos_app.store.upsert import add_to

Place = tuple[str, str]
"""Item code and warehouse code."""

Lot = tuple[str, str, str]
"""Item code, warehouse code and batch number."""

stock = table(
    "stock",
    Column("item", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("on_hand", Micro, nullable=False),
    Column("base", Micro, nullable=False),
    Column("base_seq", big(), nullable=False),
    Column("committed", Micro, nullable=False),
    Column("ordered", Micro, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

batches = table(
    "batches",
    Column("item", Text, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("on_hand", Micro, nullable=False),
    Column("base", Micro, nullable=False),
    Column("base_seq", big(), nullable=False),
    Column("status", Text, nullable=False),
    Column("expiry", BusinessDate),
    Column("admission", BusinessDate),
    Column("manufactured", BusinessDate),
    Column("changed_at", Instant, nullable=False),
)

# document_kind: sale | return | transfer | count | receipt | issue | purchase
stock_moves = table(
    "stock_moves",
    autokey("seq"),
    Column("document_kind", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("line", big(), nullable=False),
    Column("item", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("quantity", Micro, nullable=False),
    Column("at", Instant, nullable=False),
    Column("upstream_seq", big()),
    Index("stock_moves_by_place", "item", "warehouse", "upstream_seq"),
    Index("stock_moves_by_document", "document_id"),
)

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement of stock; out of the warehouse is negative."""

    document_kind: str
    document_id: str
    line: int
    item: str
    warehouse: str
    quantity: Decimal
    batch: str = ""


class StockUnknown(InsufficientStock):
    """Nobody has told us how much of the item is in the warehouse (production lesson L39)."""

    code = "stock_unknown"

    def __init__(self, item: str, warehouse: str, requested: Decimal) -> None:
        super().__init__(item, warehouse, requested, _NOTHING)
        self.sentence = (
            f"The stock of item {item} in warehouse {warehouse} is not known here: "
            "fetch the stock or choose another warehouse."
        )
        self.args = (self.sentence,)


def take(
    connection: Connection,
    moves: Sequence[Move],
    at: datetime,
    *,
    reservation: str = "",
    allow_negative: bool = False,
) -> None:
    """Book the moves of one document: stock, batches, and the rows that explain them.

    A place that loses stock keeps what others have reserved and never goes below nothing; a place
    that gains, and every place when a rule allows negative stock, takes it as it is. Places are
    locked in one fixed order. After an error the transaction must be rolled back.

    Args:
        connection: the transaction of the document.
        moves: all moves of the document, in and out.
        at: when; reservations that ran out before count no more.
        reservation: the document's own, by its identity or the document's.
        allow_negative: book whatever happened, even where nothing is known of the stock.

    Raises:
        InsufficientStock, StockUnknown: a place cannot give what is asked of it.
        InsufficientBatch: one of its batches cannot.
    """
    claim = {"p_at": at, "p_exclude": reservation}
    places = _summed((move.quantity, move.item, move.warehouse) for move in moves)
    lots = _summed(
        (move.quantity, move.item, move.warehouse, move.batch) for move in moves if move.batch
    )
    if not allow_negative:
        lock(connection, [(key[0], key[1]) for key in places])
        _lower(connection, _STOCK, places, claim=claim)
        _lower(connection, _BATCH, lots, claim=claim)
    _add(connection, _STOCK, _rest(places, allow_negative), at=at)
    _add(connection, _BATCH, _rest(lots, allow_negative), at=at)
    _RECORD.run_many(connection, [_row(move, at) for move in moves])


def lock(connection: Connection, places: Iterable[Place]) -> None:
    """Hold the stock rows of these places until the transaction ends, in one fixed order.

    Whoever checks stock against reservations holds them first, or two would see the same goods
    free. SQLite has one writer at a time and needs no more.
    """
    if connection.dialect.name == "postgresql":
        wanted = sorted(set(places))
        key = tuple_(stock.c.item, stock.c.warehouse)
        query = (
            select(stock.c.item).where(key.in_(wanted)).order_by(stock.c.item, stock.c.warehouse)
        )
        connection.execute(query.with_for_update()).all()


def reserved(
    connection: Connection, places: Iterable[Place], at: datetime, *, reservation: str = ""
) -> dict[Place, Decimal]:
    """What pending, unexpired reservations of others hold at each place; absent is nothing."""
    wanted = set(places)
    told = {"p_at": at, "p_exclude": reservation, "of_items": sorted({item for item, _ in wanted})}
    rows = _RESERVED.all(connection, told)
    return {(item, place): held for item, place, held in rows if (item, place) in wanted}


def of_places(connection: Connection, places: Iterable[Place]) -> dict[Place, Mapping[str, Any]]:
    """The stock rows of these places; a place nobody told us of is absent, which is not zero."""
    wanted: dict[str, set[str]] = {}
    for item, warehouse in places:
        wanted.setdefault(warehouse, set()).add(item)
    return {
        (row["item"], warehouse): row
        for warehouse in sorted(wanted)
        for row in _OF_ITEMS.all_mappings(
            connection, {"of_items": sorted(wanted[warehouse]), "of_warehouse": warehouse}
        )
    }


def of_item(connection: Connection, item: str) -> list[RowMapping]:
    """The stock of one item in every warehouse that is known."""
    query = select(stock).where(stock.c.item == item).order_by(stock.c.warehouse)
    return list(connection.execute(query).mappings())


def of_warehouse(
    connection: Connection, warehouse: str, *, after: str = "", limit: int = 1000
) -> list[RowMapping]:
    """A page of the stock of one warehouse, by item code."""
    where = (stock.c.warehouse == warehouse) & (stock.c.item > after)
    query = select(stock).where(where).order_by(stock.c.item).limit(limit)
    return list(connection.execute(query).mappings())


def batches_of(connection: Connection, places: Iterable[Place]) -> list[RowMapping]:
    """The batch rows at these places, by item, warehouse and number."""
    key = tuple_(batches.c.item, batches.c.warehouse)
    query = select(batches).where(key.in_(sorted(set(places)))).order_by(*batches.primary_key)
    return list(connection.execute(query).mappings())


def batches_in(connection: Connection, warehouse: str) -> list[RowMapping]:
    """The batch rows of one warehouse."""
    query = select(batches).where(batches.c.warehouse == warehouse).order_by(*batches.primary_key)
    return list(connection.execute(query).mappings())


def moves_of(connection: Connection, document_id: str) -> list[RowMapping]:
    """What one document moved."""
    query = select(stock_moves).where(stock_moves.c.document_id == document_id)
    return list(connection.execute(query.order_by(stock_moves.c.seq)).mappings())


def own(table: Table) -> ScalarSelect[Any]:
    """Our moves that the base of a row of `stock` or `batches` does not contain."""
    moves = stock_moves.c
    same = [moves[key.name] == key for key in table.primary_key]
    counts = or_(moves.upstream_seq.is_(None), moves.upstream_seq > table.c.base_seq)
    query = select(func.coalesce(func.sum(moves.quantity), 0)).where(*same, counts)
    return query.correlate(table).scalar_subquery()


def _holding() -> list[ColumnElement[bool]]:
    """Reservations that count now and are not the document's own."""
    row = reservations.c
    mine = bindparam("p_exclude", type_=Text)
    return [
        row.state == "Pending",
        row.expires_at > bindparam("p_at", type_=Instant),
        row.id != mine,
        func.coalesce(row.document_id, row.id) != mine,
    ]


def held(table: Table) -> ScalarSelect[Any]:
    """What pending, unexpired reservations of others hold of a row of `stock` or `batches`."""
    lines = reservation_lines.c
    query = (
        select(func.coalesce(func.sum(lines.quantity), 0))
        .join(reservations, reservations.c.id == lines.reservation_id)
        .where(*(lines[key.name] == key for key in table.primary_key), *_holding())
    )
    return query.correlate(table).scalar_subquery()


def _is_it(table: Table) -> list[ColumnElement[bool]]:
    return [key == bindparam(f"p_{key.name}") for key in table.primary_key]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is done alike to places and lots."""

    table: Table
    keys: tuple[str, ...]
    lower: Prepared
    before: Prepared
    fresh: Mapping[str, Any]


def _kind(table: Table, **fresh: Any) -> _Kind:
    after = table.c.on_hand + bindparam("p_by", type_=Micro)
    lower = (
        update(table)
        .where(*_is_it(table), after >= held(table))
        .values(on_hand=after, changed_at=bindparam("p_at", type_=Instant))
    )
    # The moves of the document that failed are not recorded yet: this is what was there before it.
    on_hand = type_coerce(table.c.base + own(table), Micro)
    before = select(on_hand, type_coerce(held(table), Micro)).where(*_is_it(table))
    keys = tuple(key.name for key in table.primary_key)
    return _Kind(
        table, keys, Prepared(lower), Prepared(before), {"base": _NOTHING, "base_seq": 0, **fresh}
    )


_STOCK = _kind(stock, committed=_NOTHING, ordered=_NOTHING)
_BATCH = _kind(batches, status="Released")
_RECORD = Prepared(insert(stock_moves))
_RESERVED = Prepared(
    select(
        reservation_lines.c.item,
        reservation_lines.c.warehouse,
        type_coerce(func.sum(reservation_lines.c.quantity), Micro),
    )
    .join(reservations, reservations.c.id == reservation_lines.c.reservation_id)
    .where(among(reservation_lines.c.item, "of_items"), *_holding())
    .group_by(reservation_lines.c.item, reservation_lines.c.warehouse)
)
_OF_ITEMS = Prepared(
    select(stock).where(
        among(stock.c.item, "of_items"), stock.c.warehouse == bindparam("of_warehouse")
    )
)


def _summed(moves: Iterable[tuple[Any, ...]]) -> dict[tuple[str, ...], Decimal]:
    """The net change per key, in the one order in which rows are locked."""
    sums: dict[tuple[str, ...], Decimal] = {}
    for quantity, *key in moves:
        sums[tuple(key)] = sums.get(tuple(key), _NOTHING) + quantity
    return {key: sums[key] for key in sorted(sums)}


def _rest(
    changes: Mapping[tuple[str, ...], Decimal], everything: bool
) -> dict[tuple[str, ...], Decimal]:
    return {key: by for key, by in changes.items() if everything or by >= 0}


def _lower(
    connection: Connection,
    kind: _Kind,
    changes: Mapping[tuple[str, ...], Decimal],
    *,
    claim: Mapping[str, Any],
) -> None:
    names = [f"p_{name}" for name in kind.keys]
    rows = [
        dict(zip(names, key, strict=True)) | {"p_by": by, **claim}
        for key, by in changes.items()
        if by < 0
    ]
    if kind.lower.run_many(connection, rows) != len(rows):
        raise _short(connection, kind, rows)


def _short(
    connection: Connection, kind: _Kind, rows: Sequence[Mapping[str, Any]]
) -> InsufficientStock | InsufficientBatch:
    found = [kind.before.first(connection, row) for row in rows]
    free = [max(row[0] - row[1], _NOTHING) if row else _NOTHING for row in found]
    short = [at for at, row in enumerate(rows) if free[at] < -row["p_by"]]
    at = short[0] if short else 0
    item, warehouse, wanted = rows[at]["p_item"], rows[at]["p_warehouse"], -rows[at]["p_by"]
    if kind is _BATCH:
        return InsufficientBatch(item, rows[at]["p_batch"], wanted, free[at])
    if found[at] is None:
        return StockUnknown(item, warehouse, wanted)
    return InsufficientStock(item, warehouse, wanted, free[at])


def _add(
    connection: Connection, kind: _Kind, changes: Mapping[tuple[str, ...], Decimal], *, at: datetime
) -> None:
    rows = [
        dict(zip(kind.keys, key, strict=True)) | {"on_hand": by, "changed_at": at, **kind.fresh}
        for key, by in changes.items()
    ]
    add_to(connection, kind.table, column="on_hand", touched="changed_at", rows=rows)


def _row(move: Move, at: datetime) -> dict[str, Any]:
    return {
        "document_kind": move.document_kind,
        "document_id": move.document_id,
        "line": move.line,
        "item": move.item,
        "warehouse": move.warehouse,
        "batch": move.batch,
        "quantity": move.quantity,
        "at": at,
    }
