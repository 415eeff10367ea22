"""Incoming payments booked at the server, and which invoices they settle."""

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
from pos_app.store.posting import posting_steps, postings
from pos_app.store.schema import BusinessDate, Instant, Json, Minor, autokey, table
from pos_app.store.tally import Asked

payments = table(
    "payments",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cash", Minor, nullable=False),
    Column("transfer", Minor, nullable=False),
    Column("cheque", Minor, nullable=False),
    Column("card", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("remarks", Text, nullable=False, server_default=""),
    Column("transfer_reference", Text, nullable=False, server_default=""),
    Column("transfer_date", BusinessDate),
    Column("transfer_account", Text, nullable=False, server_default=""),
    Column("cash_account", Text, nullable=False, server_default=""),
    Column("details", Json, nullable=False),  # cheques and cards one by one
    Column("content_hash", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("payments_by_partner", "partner", "doc_date", "entry"),
    Index("payments_by_date", "doc_date", "entry"),
)

_COUNTED = tally.tally(payments, day="doc_date", key="entry", who="partner")

payment_invoices = table(
    "payment_invoices",
    Column("payment_id", Text, ForeignKey("payments.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("invoice_id", Text, nullable=False),
    Column("applied", Minor, nullable=False),
    Index("payment_invoices_by_invoice", "invoice_id"),
)


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> int:
    """Store a payment and return its number; raises UniqueViolation when it is there."""
    made = insert(payments).values(dict(header)).returning(payments.c.entry)
    entry = int(connection.execute(made).scalar_one())
    if lines:
        connection.execute(insert(payment_invoices), [dict(line) for line in lines])
    return entry


def by_id(connection: Connection, payment_id: str) -> RowMapping | None:
    """One payment."""
    return _first(connection, payments.c.id == payment_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One payment by our own number."""
    return _first(connection, payments.c.entry == entry)


def by_sap(
    connection: Connection, *, doc_entry: int | None = None, doc_num: int | None = None
) -> RowMapping | None:
    """One payment by what SAP calls it."""
    known = posting_steps.c.doc_num if doc_entry is None else posting_steps.c.doc_entry
    number = doc_num if doc_entry is None else doc_entry
    query = (
        select(payments)
        .join(postings, postings.c.document_id == payments.c.id)
        .join(posting_steps, posting_steps.c.queue_id == postings.c.queue_id)
        .where(known == number, posting_steps.c.kind == "payment")
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def of_invoice(connection: Connection, invoice_id: str) -> list[RowMapping]:
    """The payments that settle one invoice, oldest first."""
    query = (
        select(payments)
        .join(payment_invoices, payment_invoices.c.payment_id == payments.c.id)
        .where(payment_invoices.c.invoice_id == invoice_id)
        .order_by(payments.c.entry)
        .distinct()
    )
    return list(connection.execute(query).mappings())


def lines_of(connection: Connection, payment_ids: Iterable[str]) -> list[RowMapping]:
    """What of these payments goes to which invoice."""
    lines = payment_invoices
    query = select(lines).where(lines.c.payment_id.in_(list(payment_ids)))
    return list(connection.execute(query.order_by(*lines.primary_key)).mappings())


def page(
    connection: Connection,
    *,
    partner: str | None,
    since: date | None,
    until: date | None,
    offset: int,
    limit: int,
) -> tuple[int, list[RowMapping]]:
    """How many payments there are, of a partner or of all, and some from the newest back."""
    row = payments.c
    where = [row.partner == partner] if partner is not None else []
    where += [row.doc_date >= since] if since else []
    where += [row.doc_date <= until] if until else []
    asked = Asked(who=partner, since=since, until=until)
    query = select(payments).where(*where)
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(payments).where(condition)).mappings().first()
