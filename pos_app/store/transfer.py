"""Goods between warehouses: what was sent, and what arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    literal,
    or_,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.schema import BusinessDate, Instant, Micro, autokey, table
from pos_app.store.tally import KINDS, Asked

transfers = table(
    "transfers",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # InTransit | Received | Cancelled
    Column("source", Text, nullable=False),
    Column("reference", Text, unique=True),  # the caller's own
    Column("request_id", Text, unique=True),
    Column("from_warehouse", Text, nullable=False),
    Column("to_warehouse", Text, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("due_date", BusinessDate),
    Column("comments", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", Instant),
    Index("transfers_by_source", "from_warehouse", "doc_date"),
    Index("transfers_by_target", "to_warehouse", "doc_date"),
    Index("transfers_by_date", "doc_date", "entry"),
    Index("transfers_by_state", "state", "doc_date", "entry"),
)

_COUNTED = tally.tally(
    transfers,
    day="doc_date",
    key="entry",
    kinds=("{row}.from_warehouse", "{row}.to_warehouse", "{row}.state"),
)

transfer_lines = table(
    "transfer_lines",
    Column("transfer_id", Text, ForeignKey("transfers.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("from_warehouse", Text, nullable=False),
    Column("to_warehouse", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("received", Micro),  # None while it is on its way
    Column("reason", Text, nullable=False, server_default=""),  # why less arrived
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents a list is of; None asks for all. The warehouse is either end."""

    warehouse: str | None = None
    states: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> int:
    """Store a transfer and return its number; raises UniqueViolation when it is there."""
    made = insert(transfers).values(dict(header)).returning(transfers.c.entry)
    entry = int(connection.execute(made).scalar_one())
    connection.execute(insert(transfer_lines), [dict(line) for line in lines])
    return entry


def by_id(connection: Connection, transfer_id: str) -> RowMapping | None:
    """One transfer."""
    return _first(connection, transfers.c.id == transfer_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One transfer by our own entry."""
    return _first(connection, transfers.c.entry == entry)


def by_name(connection: Connection, name: str) -> RowMapping | None:
    """One transfer by its number, or by its caller's reference."""
    return _first(connection, or_(transfers.c.number == name, transfers.c.reference == name))


def end(connection: Connection, transfer_id: str, *, was: str, values: Mapping[str, Any]) -> bool:
    """Change a transfer; False when it is no longer in the state it was read in."""
    where = (transfers.c.id == transfer_id) & (transfers.c.state == was)
    return connection.execute(update(transfers).where(where).values(dict(values))).rowcount == 1


def change_line(
    connection: Connection, transfer_id: str, line: int, values: Mapping[str, Any]
) -> None:
    """Note what became of one line."""
    where = (transfer_lines.c.transfer_id == transfer_id) & (transfer_lines.c.line == line)
    connection.execute(update(transfer_lines).where(where).values(dict(values)))


def lines_of(connection: Connection, transfer_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these transfers, in order."""
    query = select(transfer_lines).where(transfer_lines.c.transfer_id.in_(list(transfer_ids)))
    return list(connection.execute(query.order_by(*transfer_lines.primary_key)).mappings())


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many transfers are wanted in all, and some of them from the newest back."""
    asked = Asked(kinds=kinds(wanted), since=wanted.since, until=wanted.until)
    query = select(transfers).where(*_conditions(wanted))
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def kinds(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    """What is wanted in the words of a tally by source, target and state."""
    source, target, state = KINDS
    where = [either(wanted.warehouse, source, target)] if wanted.warehouse is not None else []
    return (*where, state.in_(wanted.states)) if wanted.states else tuple(where)


def either(
    warehouse: str, source: ColumnElement[str], target: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a warehouse is one of two; so that a list is walked in its order until it is full.

    Said with OR, databases would fetch all of one end and all of the other, and sort them.
    """
    return literal(warehouse).in_([source, target])


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(transfers).where(condition).limit(1)).mappings().first()


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = transfers.c
    if wanted.warehouse is not None:
        yield either(wanted.warehouse, row.from_warehouse, row.to_warehouse)
    if wanted.states:
        yield row.state.in_(wanted.states)
    if wanted.since is not None:
        yield row.doc_date >= wanted.since
    if wanted.until is not None:
        yield row.doc_date <= wanted.until
