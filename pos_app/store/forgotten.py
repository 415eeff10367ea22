"""References of callers that were used after the backup a server was restored from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Text, select

from pos_app.store.schema import table
from pos_app.store.upsert import upsert

# Taken over from the books kept aside, of documents these books do not hold.
forgotten_references = table(
    "forgotten_references",
    Column("kind", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("document_id", Text, nullable=False),
    Column("number", Text, nullable=False),  # what people know the document by
)


def keep(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep references, each with the document it belongs to."""
    found = list(rows)
    if found:
        upsert(connection, forgotten_references, found)


def by_reference(connection: Connection, kind: str, reference: str) -> RowMapping | None:
    """The forgotten document of a reference."""
    row = forgotten_references.c
    mine = (row.kind == kind) & (row.reference == reference)
    return connection.execute(select(forgotten_references).where(mine)).mappings().first()
