"""What was made of a document: its papers and letters, and who has signed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Text,
    func,
    insert,
    select,
    update,
)

from pos_app.store.schema import Id, Instant, autokey, big, table

made_papers = table(
    "made_papers",
    autokey(),
    Column("kind", Text, nullable=False),
    Column("document_id", Id, nullable=False),
    Column("number", big(), nullable=False),
    Column("name", Text, nullable=False),
    Column("template_id", big()),  # None: the shop's own page
    Column("template_name", Text, nullable=False),
    Column("action", Text, nullable=False),  # Generated | Downloaded | Emailed
    Column("hash", Text, nullable=False),  # SHA-256 of what was made; the bytes are not kept
    Column("mail_id", Text, nullable=False),  # in the spool; empty for papers
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("made_papers_by_document", "document_id"),
    Index("made_papers_by_kind", "kind", "id"),
)

signatures = table(
    "signatures",
    autokey(),
    Column("kind", Text, nullable=False),
    Column("document_id", Id, nullable=False),
    Column("number", big(), nullable=False),
    Column("name", Text, nullable=False),
    Column("signer_name", Text, nullable=False),
    Column("signer_email", Text, nullable=False),
    Column("signer_role", Text, nullable=False),
    Column("data", Text, nullable=False),  # the signature itself, as it was drawn
    Column("hash", Id, ForeignKey("files.hash"), nullable=False),  # of what was signed
    Column("seal", Text, nullable=False),  # see services.paperwork.signature
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("verified_by", Text, nullable=False),
    Column("verified_at", Instant),
    Index("signatures_by_document", "document_id"),
    Index("signatures_by_hash", "hash"),
)


def add_paper(connection: Connection, row: Mapping[str, Any]) -> int:
    """Note that something was made."""
    statement = insert(made_papers).values(dict(row)).returning(made_papers.c.id)
    return int(connection.execute(statement).scalar_one())


def papers(
    connection: Connection, *, kinds: Sequence[str], document_id: str, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How much was made of documents of these kinds, or of one, and some of it, newest first."""
    row = made_papers.c
    query = select(made_papers).where(row.kind.in_(list(kinds)))
    if document_id:
        query = query.where(row.document_id == document_id)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    some = query.order_by(row.id.desc()).offset(offset).limit(limit)
    return int(total), list(connection.execute(some).mappings())


def add_signature(connection: Connection, row: Mapping[str, Any]) -> int:
    """Keep a signature."""
    statement = insert(signatures).values(dict(row)).returning(signatures.c.id)
    return int(connection.execute(statement).scalar_one())


def signature(connection: Connection, signature_id: int) -> RowMapping | None:
    """One signature."""
    query = select(signatures).where(signatures.c.id == signature_id)
    return connection.execute(query).mappings().first()


def signatures_of(connection: Connection, document_id: str) -> list[RowMapping]:
    """Every signature of a document, oldest first."""
    query = select(signatures).where(signatures.c.document_id == document_id)
    return list(connection.execute(query.order_by(signatures.c.id)).mappings())


def verified(connection: Connection, signature_id: int, values: Mapping[str, Any]) -> None:
    """Note who has looked at a signature and found it whole."""
    where = signatures.c.id == signature_id
    connection.execute(update(signatures).where(where).values(dict(values)))
