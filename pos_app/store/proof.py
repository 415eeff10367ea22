"""The documents of one business date with what became of each, for the daily proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select

from pos_app.store.among import among
from pos_app.store.fiscal import fiscal_journal
from pos_app.store.outbox import outbox
from pos_app.store.payment import payments
from pos_app.store.posting import posting_steps, postings
from pos_app.store.sale import sale_status, sale_tenders, sales
from pos_app.store.stock import stock_moves


def sales_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """Headers of the sales and notes of a day, of one till or of all."""
    query = select(sales).where(*_of(day, till)).order_by(sales.c.till, sales.c.number)
    return connection.execute(query).mappings().all()


def missing_of(connection: Connection, day: date, till: str | None) -> list[tuple[str, int]]:
    """Numbers that no receipt has, below one of the day and above the till's receipt before."""
    found: list[tuple[str, int]] = []
    row = sales.c
    ours = row.origin != "api"
    span = select(row.till, func.min(row.number), func.max(row.number)).where(ours, *_of(day, till))
    for code, first, last in connection.execute(span.group_by(row.till).order_by(row.till)):
        mine = (row.till == code) & ours
        below = select(func.max(row.number)).where(mine, row.number < first)
        since = connection.execute(below).scalar() or first - 1
        between = select(row.number).where(mine, row.number > since, row.number <= last)
        known = set(connection.execute(between).scalars())
        found += [(code, number) for number in range(since + 1, last) if number not in known]
    return found


def tenders_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """What was settled by each tender of those sales."""
    query = select(sale_tenders).join(sales, sales.c.id == sale_tenders.c.sale_id)
    return _all(connection, query.where(*_of(day, till)))


def batches_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """What those sales moved of batches; below zero for what left."""
    move = stock_moves.c
    query = (
        select(move.document_id, move.item, move.batch, func.sum(move.quantity).label("quantity"))
        .join(sales, sales.c.id == move.document_id)
        .where(move.batch != "", *_of(day, till))
        .group_by(move.document_id, move.item, move.batch)
    )
    return _all(connection, query)


def journal_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """The fiscal journal of those sales."""
    query = select(fiscal_journal).join(sales, sales.c.id == fiscal_journal.c.sale_id)
    return _all(connection, query.where(*_of(day, till)))


def outbox_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """What of those sales has not been delivered to the server."""
    query = (
        select(outbox)
        .join(sales, sales.c.id == outbox.c.key)
        .where(outbox.c.kind == "sale", outbox.c.state != "delivered")
    )
    return _all(connection, query.where(*_of(day, till)))


def postings_of(connection: Connection, day: date, till: str | None) -> Sequence[RowMapping]:
    """The queue rows of those sales, and of the payments of the day unless of one till."""
    columns = (*postings.c, sale_status.c.doc_entry, sale_status.c.doc_num)
    query = (
        select(*columns)
        .join(sales, sales.c.id == postings.c.document_id)
        .outerjoin(sale_status, sale_status.c.sale_id == sales.c.id)
    )
    found = list(_all(connection, query.where(*_of(day, till))))
    if till is None:
        paid = select(postings).join(payments, payments.c.id == postings.c.document_id)
        found += _all(connection, paid.where(payments.c.doc_date == day))
    return found


def others_of(connection: Connection, since: datetime, until: datetime) -> Sequence[RowMapping]:
    """Rows of other kinds, such as orders and goods, queued in a time and not at their end."""
    row = postings.c
    query = select(postings).where(
        row.kind.not_in(("invoice", "credit_note", "debit_note", "payment")),
        row.created_at >= since,
        row.created_at < until,
        row.state.not_in(("Completed", "Cancelled")),
    )
    return _all(connection, query.order_by(row.queue_id))


def queued_of(
    connection: Connection, since: datetime, until: datetime, *, kinds: Iterable[str]
) -> Sequence[RowMapping]:
    """Rows of these kinds that were queued in a time."""
    row = postings.c
    where = (row.kind.in_(list(kinds)), row.created_at >= since, row.created_at < until)
    return _all(connection, select(postings).where(*where).order_by(row.queue_id))


def queued_by_keys(connection: Connection, keys: Iterable[str]) -> Sequence[RowMapping]:
    """Rows by the keys SAP is asked for."""
    query = select(postings).where(among(postings.c.key, "keys")).order_by(postings.c.queue_id)
    return connection.execute(query, {"keys": sorted(keys)}).mappings().all()


def entries_of(
    connection: Connection, since: datetime, until: datetime, *, kinds: Iterable[str]
) -> dict[tuple[int, str], RowMapping]:
    """What SAP called the documents such rows became, by row and kind of document.

    Beside it what is remembered of each: its total in SAP's own currency, and what SAP was told.
    """
    row, step = postings.c, posting_steps.c
    query = (
        select(step.queue_id, step.kind, step.doc_entry, step.doc_total, step.request)
        .join(postings, row.queue_id == step.queue_id)
        .where(row.kind.in_(list(kinds)), row.created_at >= since, row.created_at < until)
        .where(step.doc_entry.is_not(None))
    )
    found = connection.execute(query).mappings()
    return {(one["queue_id"], one["kind"]): one for one in found}


def steps_of(connection: Connection, day: date) -> Sequence[RowMapping]:
    """The steps of the payments of a day."""
    query = (
        select(posting_steps, postings.c.document_id)
        .join(postings, postings.c.queue_id == posting_steps.c.queue_id)
        .join(payments, payments.c.id == postings.c.document_id)
        .where(payments.c.doc_date == day)
    )
    return _all(connection, query)


def payments_of(connection: Connection, day: date) -> Sequence[RowMapping]:
    """The payments booked over the API on a day."""
    query = select(payments).where(payments.c.doc_date == day).order_by(payments.c.entry)
    return _all(connection, query)


def _of(day: date, till: str | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [sales.c.business_date == day]
    return where if till is None else [*where, sales.c.till == till]


def _all(connection: Connection, query: Select[*tuple[Any, ...]]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()
