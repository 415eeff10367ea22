"""Credit notes under numbers of their own: the back office's, and those tills made.

A posted one is a sale of its kind; its amounts, lines and stock moves stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    RowMapping,
    Text,
    insert,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.sale import sale_status
from pos_app.store.schema import BusinessDate, Flag, Instant, Json, Minor, autokey, table
from pos_app.store.stock import stock_moves
from pos_app.store.tally import KINDS, Asked

DELETED = "Deleted"

credit_notes = table(
    "credit_notes",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),  # of the sale it is once it is posted
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("original_id", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),  # positive
    Column("vat", Minor, nullable=False),
    Column("applied", Minor, nullable=False),  # to its invoice, or paid out
    Column("doc_date", BusinessDate, nullable=False),
    Column("reason", Text, nullable=False),
    Column("comments", Text, nullable=False, server_default=""),
    Column("is_restocked", Flag, nullable=False),
    Column("warehouse", Text, nullable=False, server_default=""),
    Column("asked", Json),  # what a note that waits was asked to be
    Column("content_hash", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Index("credit_notes_by_date", "doc_date", "entry"),
    Index("credit_notes_by_partner", "partner", "doc_date", "entry"),
    Index("credit_notes_by_state", "state", "doc_date", "entry"),
    Index("credit_notes_by_original", "original_id"),
)

_COUNTED = tally.tally(
    credit_notes, day="doc_date", key="entry", who="partner", kinds=("{row}.state",)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which notes a list is of; None asks for all."""

    state: str | None = None
    hidden: tuple[str, ...] = ()
    partner: str | None = None
    original_id: str | None = None
    since: date | None = None
    until: date | None = None


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Enter a note and return its number; raises UniqueViolation when it is there."""
    made = insert(credit_notes).values(row).returning(credit_notes.c.entry)
    return int(connection.execute(made).scalar_one())


def by_id(connection: Connection, note_id: str) -> RowMapping | None:
    """One note by its identity."""
    return _first(connection, credit_notes.c.id == note_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One note by our own number."""
    return _first(connection, credit_notes.c.entry == entry)


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """One note by the number people know it by."""
    return _first(connection, credit_notes.c.number == number)


def by_sap(
    connection: Connection, doc_entry: int | None = None, *, doc_num: int | None = None
) -> RowMapping | None:
    """One note by what SAP calls it."""
    known = sale_status.c.doc_num if doc_entry is None else sale_status.c.doc_entry
    query = (
        select(credit_notes)
        .join(sale_status, sale_status.c.sale_id == credit_notes.c.id)
        .where(known == (doc_num if doc_entry is None else doc_entry))
        .order_by(credit_notes.c.entry)
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def held(connection: Connection, note_id: str) -> RowMapping | None:
    """One note, kept from other writers until the transaction ends."""
    query = select(credit_notes).where(credit_notes.c.id == note_id).with_for_update()
    return connection.execute(query).mappings().first()


def change(connection: Connection, note_id: str, *, was: str, values: Mapping[str, Any]) -> bool:
    """Change a note; False when it is no longer in the state it was read in."""
    where = (credit_notes.c.id == note_id) & (credit_notes.c.state == was)
    return connection.execute(update(credit_notes).where(where).values(dict(values))).rowcount == 1


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many are wanted in all, and some of them from the newest back."""
    asked = Asked(
        who=wanted.partner,
        kinds=tuple(_states(wanted, KINDS[0])),
        since=wanted.since,
        until=wanted.until,
    )
    return tally.page(
        connection,
        _COUNTED,
        select(credit_notes).where(*_conditions(wanted)),
        asked if wanted.original_id is None else None,
        offset=offset,
        limit=limit,
    )


def of_original(connection: Connection, original_id: str) -> list[RowMapping]:
    """Every note of a receipt, oldest first."""
    where = (credit_notes.c.original_id == original_id) & (credit_notes.c.state != DELETED)
    query = select(credit_notes).where(where).order_by(credit_notes.c.entry)
    return list(connection.execute(query).mappings())


def moves_of(connection: Connection, note_ids: Iterable[str]) -> list[RowMapping]:
    """What came back into stock with these."""
    query = select(stock_moves).where(stock_moves.c.document_id.in_(list(note_ids)))
    return list(connection.execute(query.order_by(stock_moves.c.seq)).mappings())


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    query = select(credit_notes).where(condition, credit_notes.c.state != DELETED)
    return connection.execute(query).mappings().first()


def _states(wanted: Wanted, state: Column[Any]) -> Iterable[ColumnElement[bool]]:
    yield state == wanted.state if wanted.state else state != DELETED
    if wanted.hidden:
        yield state.not_in(wanted.hidden)


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = credit_notes.c
    yield from _states(wanted, row.state)
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.original_id is not None:
        yield row.original_id == wanted.original_id
    if wanted.since is not None:
        yield row.doc_date >= wanted.since
    if wanted.until is not None:
        yield row.doc_date <= wanted.until
