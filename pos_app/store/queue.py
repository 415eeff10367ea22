"""The posting queue as it is asked about: where a document stands on its way to SAP."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, select

from pos_app.store.posting import posting_steps, postings


def by_id(connection: Connection, queue_id: int) -> RowMapping | None:
    """One row of the queue."""
    query = select(postings).where(postings.c.queue_id == queue_id)
    return connection.execute(query).mappings().first()


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """The newest row with this reference."""
    query = select(postings).where(postings.c.reference == reference)
    newest = query.order_by(postings.c.queue_id.desc()).limit(1)
    return connection.execute(newest).mappings().first()


def of_documents(connection: Connection, document_ids: Iterable[str]) -> dict[str, RowMapping]:
    """The rows of these documents."""
    query = select(postings).where(postings.c.document_id.in_(list(document_ids)))
    rows = connection.execute(query.order_by(postings.c.queue_id)).mappings()
    return {row["document_id"]: row for row in rows}


def results(
    connection: Connection, queue_ids: Iterable[int], *, kind: str
) -> dict[int, RowMapping]:
    """What SAP called the documents these rows became, for one kind of document."""
    steps = posting_steps
    where = steps.c.queue_id.in_(list(queue_ids)) & (steps.c.kind == kind)
    query = select(steps).where(where, steps.c.doc_entry.is_not(None))
    rows = connection.execute(query.order_by(steps.c.queue_id, steps.c.step.desc())).mappings()
    return {row["queue_id"]: row for row in rows}
