"""Goods that left or came in for a reason: issues and receipts without a partner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    insert,
    select,
)

from pos_app.store import tally
from pos_app.store.schema import BusinessDate, Instant, Micro, autokey, table
from pos_app.store.tally import KINDS, Asked

movements = table(
    "movements",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # issue | receipt
    Column("source", Text, nullable=False),
    Column("reference", Text, unique=True),  # the caller's own
    Column("transfer_id", Text),  # the transfer whose difference this names
    Column("warehouse", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("comments", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("movements_by_date", "kind", "doc_date", "entry"),
    Index("movements_by_place", "kind", "warehouse", "doc_date", "entry"),
    Index("movements_by_transfer", "transfer_id"),
)

_COUNTED = tally.tally(
    movements, day="doc_date", key="entry", kinds=("{row}.kind", "{row}.warehouse")
)

movement_lines = table(
    "movement_lines",
    Column("movement_id", Text, ForeignKey("movements.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("unit_cost", Micro),  # of goods that came in; None leaves it to SAP
)


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> int:
    """Store a movement and return its number; raises UniqueViolation when it is there."""
    made = insert(movements).values(dict(header)).returning(movements.c.entry)
    entry = int(connection.execute(made).scalar_one())
    connection.execute(insert(movement_lines), [dict(line) for line in lines])
    return entry


def by_id(connection: Connection, movement_id: str) -> RowMapping | None:
    """One movement."""
    return _first(connection, movements.c.id == movement_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One movement by our own entry."""
    return _first(connection, movements.c.entry == entry)


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """One movement by its caller's reference."""
    return _first(connection, movements.c.reference == reference)


def of_transfer(connection: Connection, transfer_id: str) -> list[RowMapping]:
    """What names the difference of a transfer."""
    query = select(movements).where(movements.c.transfer_id == transfer_id)
    return list(connection.execute(query.order_by(movements.c.entry)).mappings())


def lines_of(connection: Connection, movement_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these movements, in order."""
    query = select(movement_lines).where(movement_lines.c.movement_id.in_(list(movement_ids)))
    return list(connection.execute(query.order_by(*movement_lines.primary_key)).mappings())


def page(
    connection: Connection,
    kind: str,
    *,
    warehouse: str | None = None,
    since: date | None = None,
    until: date | None = None,
    offset: int,
    limit: int,
) -> tuple[int, list[RowMapping]]:
    """How many movements of a kind there are, and some of them from the newest back."""
    row = movements.c
    where = [row.kind == kind]
    where += [row.warehouse == warehouse] if warehouse is not None else []
    where += [row.doc_date >= since] if since is not None else []
    where += [row.doc_date <= until] if until is not None else []
    kinds = [KINDS[0] == kind]
    kinds += [KINDS[1] == warehouse] if warehouse is not None else []
    asked = Asked(kinds=tuple(kinds), since=since, until=until)
    query = select(movements).where(*where)
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(movements).where(condition).limit(1)).mappings().first()
