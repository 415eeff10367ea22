"""Requests for goods of another warehouse: they move nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    update,
)

from pos_app.store import tally
from pos_app.store.schema import BusinessDate, Instant, Micro, autokey, table
from pos_app.store.tally import Asked
from pos_app.store.transfer import Wanted, either, kinds

transfer_requests = table(
    "transfer_requests",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # Open | Approved | Rejected | Converted | Closed
    Column("source", Text, nullable=False),
    Column("reference", Text, unique=True),  # the caller's own
    Column("from_warehouse", Text, nullable=False),
    Column("to_warehouse", Text, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("due_date", BusinessDate),
    Column("comments", Text, nullable=False, server_default=""),
    Column("requester_name", Text, nullable=False, server_default=""),
    Column("requester_email", Text, nullable=False, server_default=""),
    Column("requester_branch", Integer),
    Column("requester_department", Integer),
    Column("content_hash", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("decision", Text, nullable=False, server_default=""),  # in the decider's own words
    Index("transfer_requests_by_source", "from_warehouse", "state"),
    Index("transfer_requests_by_target", "to_warehouse", "state"),
    Index("transfer_requests_by_state", "state", "entry"),
)

_COUNTED = tally.tally(
    transfer_requests,
    key="entry",
    kinds=("{row}.from_warehouse", "{row}.to_warehouse", "{row}.state"),
)

transfer_request_lines = table(
    "transfer_request_lines",
    Column("request_id", Text, ForeignKey("transfer_requests.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("from_warehouse", Text, nullable=False),
    Column("to_warehouse", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
)


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> int:
    """Store a request and return its number; raises UniqueViolation when it is there."""
    made = insert(transfer_requests).values(dict(header)).returning(transfer_requests.c.entry)
    entry = int(connection.execute(made).scalar_one())
    connection.execute(insert(transfer_request_lines), [dict(line) for line in lines])
    return entry


def by_id(connection: Connection, request_id: str) -> RowMapping | None:
    """One request."""
    return _first(connection, transfer_requests.c.id == request_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One request by our own entry."""
    return _first(connection, transfer_requests.c.entry == entry)


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """One request by its caller's reference."""
    return _first(connection, transfer_requests.c.reference == reference)


def change(connection: Connection, request_id: str, *, was: str, values: Mapping[str, Any]) -> bool:
    """Change a request; False when it is no longer in the state it was read in."""
    where = (transfer_requests.c.id == request_id) & (transfer_requests.c.state == was)
    changed = connection.execute(update(transfer_requests).where(where).values(dict(values)))
    return changed.rowcount == 1


def lines_of(connection: Connection, request_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these requests, in order."""
    lines = transfer_request_lines
    query = select(lines).where(lines.c.request_id.in_(list(request_ids)))
    return list(connection.execute(query.order_by(*lines.primary_key)).mappings())


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many requests are wanted in all, and some of them from the newest back."""
    row = transfer_requests.c
    where: list[ColumnElement[bool]] = []
    if wanted.warehouse is not None:
        where.append(either(wanted.warehouse, row.from_warehouse, row.to_warehouse))
    if wanted.states:
        where.append(row.state.in_(wanted.states))
    query, asked = select(transfer_requests).where(*where), Asked(kinds=kinds(wanted))
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    query = select(transfer_requests).where(condition).limit(1)
    return connection.execute(query).mappings().first()
