"""Attachments: which file belongs to which document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    select,
)

from pos_app.store.schema import Flag, Id, Instant, autokey, big, table

attachments = table(
    "attachments",
    autokey(),
    Column("kind", Text, nullable=False),  # of document, see services.paperwork.subject
    Column("document_id", Id, nullable=False),
    Column("number", big(), nullable=False),  # the document's own, as it was asked for
    Column("reference", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size", big(), nullable=False),
    Column("hash", Id, ForeignKey("files.hash"), nullable=False),
    Column("description", Text, nullable=False),
    Column("goes_with_mail", Flag, nullable=False),
    Column("username", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("attachments_by_document", "document_id"),
    Index("attachments_by_hash", "hash"),
)


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Attach a file; returns the attachment's number."""
    made = connection.execute(insert(attachments).values(dict(row)).returning(attachments.c.id))
    return int(made.scalar_one())


def by_id(connection: Connection, attachment_id: int) -> RowMapping | None:
    """One attachment."""
    query = select(attachments).where(attachments.c.id == attachment_id)
    return connection.execute(query).mappings().first()


def of_document(connection: Connection, document_id: str) -> list[RowMapping]:
    """Every attachment of a document, oldest first."""
    query = select(attachments).where(attachments.c.document_id == document_id)
    return list(connection.execute(query.order_by(attachments.c.id)).mappings())


def total(connection: Connection, document_id: str) -> tuple[int, int]:
    """How many files a document has, and how many bytes they are."""
    row = attachments.c
    query = select(func.count(), func.coalesce(func.sum(row.size), 0))
    count, size = connection.execute(query.where(row.document_id == document_id)).one()
    return int(count), int(size)


def remove(connection: Connection, attachment_id: int) -> bool:
    """Take an attachment off; its file stays, see `file_use`."""
    where = attachments.c.id == attachment_id
    return connection.execute(delete(attachments).where(where)).rowcount == 1
