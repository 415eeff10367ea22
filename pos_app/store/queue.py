"""The posting queue as it is asked about: where a document stands on its way to SAP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from pos_app.domain.posting import (
    CLAIMABLE,
    CONSOLIDATED,
    FINAL,
    TAKEN_OUT,
    UNTOUCHED,
    PostingState,
)
from pos_app.store import tally
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.posting import COUNTED, heard, posting_steps, postings
from pos_app.store.tally import KINDS, Asked

LARGEST_ENTRY = 2**31 - 1
"""SAP's numbers have 32 bits, and so have the columns that keep them."""


def by_id(connection: Connection, queue_id: int) -> RowMapping | None:
    """One row of the queue."""
    query = select(postings).where(postings.c.queue_id == queue_id)
    return connection.execute(query).mappings().first()


def by_reference(connection: Connection, reference: str) -> RowMapping | None:
    """The newest row with this reference."""
    query = select(postings).where(postings.c.reference == reference)
    newest = query.order_by(postings.c.queue_id.desc()).limit(1)
    return connection.execute(newest).mappings().first()


def of_documents(
    connection: Connection, document_ids: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    """The rows of these documents."""
    rows = _OF_DOCUMENTS.all_mappings(connection, {"of_documents": document_ids})
    return {row["document_id"]: row for row in rows}


def of_kind(connection: Connection, document_id: str, kind: str) -> RowMapping | None:
    """The row of one document for one deed."""
    row = postings.c
    query = select(postings).where(row.document_id == document_id, row.kind == kind)
    return connection.execute(query.order_by(row.queue_id.desc()).limit(1)).mappings().first()


def results(
    connection: Connection, queue_ids: Iterable[int], *, kind: str
) -> dict[int, RowMapping]:
    """What SAP called the documents these rows became, for one kind of document."""
    return results_of(connection, queue_ids, kinds=[kind])


def rows_of(
    connection: Connection, document_ids: Iterable[str], *, kinds: Iterable[str]
) -> list[RowMapping]:
    """The rows of these documents for deeds of these kinds, oldest first."""
    row = postings.c
    where = (row.document_id.in_(list(document_ids)), row.kind.in_(list(kinds)))
    query = select(postings).where(*where).order_by(row.queue_id)
    return list(connection.execute(query).mappings())


def results_of(
    connection: Connection, queue_ids: Iterable[int], *, kinds: Iterable[str]
) -> dict[int, RowMapping]:
    """What SAP called the documents these rows became, for several kinds of document."""
    steps = posting_steps
    where = steps.c.queue_id.in_(list(queue_ids)) & steps.c.kind.in_(list(kinds))
    query = select(steps).where(where, steps.c.doc_entry.is_not(None))
    rows = connection.execute(query.order_by(steps.c.queue_id, steps.c.step.desc())).mappings()
    return {row["queue_id"]: row for row in rows}


def by_ids(connection: Connection, queue_ids: Iterable[int]) -> dict[int, RowMapping]:
    """These rows of the queue."""
    query = select(postings).where(postings.c.queue_id.in_(list(queue_ids)))
    return {row["queue_id"]: row for row in connection.execute(query).mappings()}


def standing(connection: Connection) -> list[RowMapping]:
    """Rows that are not final, counted by what holds them up; no cause: nobody tried them yet."""
    row = postings.c
    in_review = func.count().filter(row.state == PostingState.REQUIRES_REVIEW)
    query = (
        select(
            row.cause,
            func.count().label("rows"),
            in_review.label("in_review"),
            func.min(func.coalesce(row.failed_since, row.created_at)).label("since"),
            func.min(row.created_at).label("oldest"),
            func.min(row.queue_id).label("first"),
            func.min(row.try_at).filter(row.state.in_(CLAIMABLE)).label("next_at"),
        )
        .where(row.state.not_in(FINAL | CONSOLIDATED))
        .group_by(row.cause)
    )
    return list(connection.execute(query).mappings())


def is_moving(connection: Connection, *, now: datetime, since: datetime) -> bool:
    """Whether a worker has a row now, or has ended one lately."""
    row = postings.c
    query = select(row.queue_id).where(or_(row.lease_until > now, row.ended_at > since)).limit(1)
    return connection.execute(query).first() is not None


def counts(connection: Connection, *, kinds: Sequence[str] = ()) -> dict[str, int]:
    """How many rows are in each state."""
    state, kind, _ = KINDS
    asked = Asked(kinds=(kind.in_(kinds),) if kinds else ())
    return tally.many_by(connection, COUNTED, asked, by=state)


def page(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    kinds: Sequence[str] = (),
    source: str = "",
    cause: str | None = None,
    offset: int = 0,
    limit: int = 100,
) -> tuple[int, list[RowMapping]]:
    """How many rows these are, and some of them in the order in which they are taken."""
    row = postings.c
    where = _among(kinds, states, kind=row.kind, state=row.state)
    where += [row.source == source] if source else []
    where += [row.cause == cause] if cause is not None else []
    if cause is None:
        told = tuple(_among(kinds, states, kind=KINDS[1], state=KINDS[0]))
        total = tally.many(connection, COUNTED, Asked(who=source or None, kinds=told))
    else:
        counted = select(func.count()).select_from(postings).where(*where)
        total = int(connection.execute(counted).scalar_one())
    query = select(postings).where(*where).order_by(row.priority, row.queue_id)
    rows = connection.execute(query.offset(offset).limit(limit)).mappings()
    return total, list(rows)


def _of_kinds(kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    return [postings.c.kind.in_(kinds)] if kinds else []


def _among(
    kinds: Sequence[str], states: Sequence[str], *, kind: Column[Any], state: Column[Any]
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [kind.in_(kinds)] if kinds else []
    return [*where, state.in_(states)] if states else where


def first_documents(connection: Connection, queue_ids: Iterable[int]) -> dict[int, RowMapping]:
    """What SAP called the first document of each of these rows, where it has it."""
    steps = posting_steps.c
    where = (steps.queue_id.in_(list(queue_ids)), steps.step == 1, steps.state == "done")
    rows = connection.execute(select(posting_steps).where(*where)).mappings()
    return {row["queue_id"]: row for row in rows}


def unfinished(
    connection: Connection, *, kinds: Sequence[str] = ()
) -> tuple[datetime | None, dict[str, int]]:
    """When the oldest row that is not final was queued, and what they come to by currency."""
    row = postings.c
    query = select(row.currency, func.min(row.created_at), func.sum(row.total))
    where = [row.state.not_in(FINAL | CONSOLIDATED), *_of_kinds(kinds)]
    found = list(connection.execute(query.where(*where).group_by(row.currency)))
    oldest = min((at for _currency, at, _minor in found), default=None)
    return oldest, {currency: int(minor) for currency, _at, minor in found}


def mean_wait(connection: Connection, *, kinds: Sequence[str] = ()) -> timedelta:
    """How long completed rows took on average; nothing where none is completed."""
    row = postings.c
    took = func.sum(type_coerce(row.ended_at, BigInteger) - type_coerce(row.created_at, BigInteger))
    where = [row.state == PostingState.COMPLETED, *_of_kinds(kinds)]
    total, count = connection.execute(select(took, func.count()).where(*where)).one()
    return timedelta(microseconds=int(total) // count) if count else timedelta()


def document_of(
    connection: Connection,
    *,
    kinds: Iterable[str],
    doc_entry: int | None = None,
    doc_num: int | None = None,
) -> str | None:
    """Which document became this one in SAP; the newest, where a number was given twice."""
    known = posting_steps.c.doc_num if doc_entry is None else posting_steps.c.doc_entry
    number = doc_num if doc_entry is None else doc_entry
    if number is not None and number > LARGEST_ENTRY:
        return None
    query = (
        select(postings.c.document_id)
        .join(posting_steps, posting_steps.c.queue_id == postings.c.queue_id)
        .where(known == number, posting_steps.c.kind.in_(list(kinds)))
        .order_by(postings.c.queue_id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def of_entry(connection: Connection, kind: str, doc_entry: int) -> RowMapping | None:
    """The row whose step became this document in SAP."""
    step = posting_steps.c
    query = select(postings).join(posting_steps, postings.c.queue_id == step.queue_id)
    where = (step.kind == kind, step.doc_entry == doc_entry, step.state == "done")
    return connection.execute(query.where(*where).limit(1)).mappings().first()


def named(connection: Connection, name: str, *, kinds: Sequence[str]) -> RowMapping | None:
    """The newest row of these kinds by its reference, or by its number in the queue."""
    row = postings.c
    query = select(postings).where(row.reference == name, *_of_kinds(kinds))
    found = connection.execute(query.order_by(row.queue_id.desc()).limit(1)).mappings().first()
    if found is None and name.isascii() and name.isdecimal() and len(name) <= 18:
        found = by_id(connection, int(name))
    return found if found is not None and found["kind"] in kinds else None


def is_out(row: RowMapping | None) -> bool:
    """Whether SAP never gets a document from here: never queued, or cancelled in the queue."""
    return row is None or row["state"] == PostingState.CANCELLED.value


def withdraw(connection: Connection, queue_id: int, *, at: datetime, reason: str) -> bool:
    """Take a row back; False when SAP has heard of it, may have, or hears of it now.

    One that a person took out of the queue is taken back, too, and cannot be told to be in SAP.
    """
    row = postings.c
    of_it = posting_steps.c.queue_id == queue_id
    sent = select(posting_steps.c.step).where(of_it, heard()).exists()
    was_taken_out = (row.state == PostingState.CANCELLED.value) & (row.reason_code == TAKEN_OUT)
    is_free = or_(row.state.in_(UNTOUCHED), was_taken_out)
    where = (row.queue_id == queue_id) & is_free & ~sent
    ended = {
        "state": PostingState.CANCELLED.value,
        "ended_at": at,
        "reason": reason,
        "reason_code": "",
        "waits_for": "",
        "cause": "",
        "lease_token": row.lease_token + 1,
    }
    return connection.execute(update(postings).where(where).values(ended)).rowcount == 1


def oldest_pending(connection: Connection, kinds: Sequence[str]) -> datetime | None:
    """Since when the oldest row of these kinds waits."""
    mine = (*_of_kinds(kinds), postings.c.state == PostingState.PENDING.value)
    found: datetime | None = connection.execute(
        select(func.min(postings.c.created_at)).where(*mine)
    ).scalar()
    return found


def documents_in(connection: Connection, kinds: Sequence[str], *, state: PostingState) -> list[str]:
    """The documents of these kinds in one state."""
    mine = (*_of_kinds(kinds), postings.c.state == state.value)
    return list(connection.execute(select(postings.c.document_id).where(*mine)).scalars())


_OF_DOCUMENTS = Prepared(
    select(postings)
    .where(among(postings.c.document_id, "of_documents"))
    .order_by(postings.c.queue_id)
)
