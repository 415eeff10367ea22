"""What a customer owed, paid and was credited: the sum before a day, and each document since.

Only the sum costs as much as the customer's history is long, and it is made by the database.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    func,
    literal_column,
    select,
)

from pos_app.store.invoice import POSTED, invoices, is_open
from pos_app.store.payment import payment_invoices, payments
from pos_app.store.sale import sale_status, sale_tenders, sales

DEBIT_NOTE = "debit_note"


def invoices_of(
    connection: Connection, partner: str, *, since: date, until: date
) -> list[RowMapping]:
    """The posted invoices of a customer of some days, with the receipt's and SAP's numbers."""
    row = invoices.c
    query = (
        select(invoices, sales.c.receipt, sale_status.c.doc_num)
        .join(sales, sales.c.id == row.id)
        .outerjoin(sale_status, sale_status.c.sale_id == row.id)
        .where(*_invoiced(partner), row.doc_date.between(since, until))
        .order_by(row.doc_date, row.entry)
    )
    return list(connection.execute(query).mappings())


def notes_of(connection: Connection, partner: str, *, since: date, until: date) -> list[RowMapping]:
    """The credit and debit notes of a customer of some days."""
    row = sales.c
    query = (
        select(row.id, row.kind, row.receipt, row.currency, row.total)
        .add_columns(row.business_date, sale_status.c.doc_num)
        .outerjoin(sale_status, sale_status.c.sale_id == row.id)
        .where(*_noted(partner), row.business_date.between(since, until))
        .order_by(row.business_date, row.posted_at)
    )
    return list(connection.execute(query).mappings())


def settled(connection: Connection, partner: str, *, since: date, until: date) -> list[RowMapping]:
    """What was handed over, or paid back, with each document of some days, by tender type."""
    invoiced = select(invoices.c.id).where(
        *_invoiced(partner), invoices.c.doc_date.between(since, until)
    )
    noted = select(sales.c.id).where(*_noted(partner), sales.c.business_date.between(since, until))
    found = [*connection.execute(_settled(invoiced)).mappings()]
    return [*found, *connection.execute(_settled(noted)).mappings()]


def payments_of(
    connection: Connection, partner: str, *, since: date, until: date
) -> list[RowMapping]:
    """The payments of a customer of some days."""
    row = payments.c
    query = (
        select(row.id, row.entry, row.currency, row.total, row.doc_date, row.transfer_reference)
        .where(row.partner == partner, row.doc_date.between(since, until))
        .order_by(row.doc_date, row.entry)
    )
    return list(connection.execute(query).mappings())


def before(connection: Connection, partner: str, *, day: date) -> list[tuple[str, str | None, int]]:
    """What a customer's documents before a day come to, in minor units.

    Returns:
        Currency, tender type and sum: without a type of documents, which are owed, and of payments
        below zero; with one of what was handed over with the documents, which is not owed where
        the tender is money.
    """
    row, tender = sales.c, sale_tenders.c
    handed = func.sum(tender.in_document)
    invoiced = (*_invoiced(partner), invoices.c.doc_date < day)
    noted = (*_noted(partner), row.business_date < day)
    sums: list[Select[Any]] = [
        select(invoices.c.currency, func.sum(invoices.c.total)).where(*invoiced),
        select(row.currency, func.sum(row.total)).where(*noted),
        select(payments.c.currency, -func.sum(payments.c.total)).where(
            payments.c.partner == partner, payments.c.doc_date < day
        ),
    ]
    of_invoices = invoices.join(sale_tenders, tender.sale_id == invoices.c.id)
    of_notes = sales.join(sale_tenders, tender.sale_id == row.id)
    by_type: list[Select[Any]] = [
        select(invoices.c.currency, tender.type, handed).select_from(of_invoices).where(*invoiced),
        select(row.currency, tender.type, handed).select_from(of_notes).where(*noted),
    ]
    found: list[tuple[str, str | None, int]] = []
    for query in sums:
        currency = query.selected_columns[0]
        for code, total in connection.execute(query.group_by(currency)):
            found.append((code, None, int(total)))
    for query in by_type:
        currency, kind = query.selected_columns[0], query.selected_columns[1]
        for code, type_, total in connection.execute(query.group_by(currency, kind)):
            found.append((code, type_, int(total)))
    return found


def maybe_open(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """The invoices that may have been open on a day: all others were settled by then.

    Each with what payments up to that day settle of it.
    """
    row, lines = invoices.c, payment_invoices.c
    applied = (
        select(func.coalesce(func.sum(lines.applied), 0))
        .join(payments, payments.c.id == lines.payment_id)
        .where(lines.invoice_id == row.id, payments.c.doc_date <= until)
        .scalar_subquery()
    )
    query = select(row.id, row.currency, row.doc_date, row.total, applied.label("applied"))
    query = query.add_columns(row.state, row.partner)
    # The rest is looked at here: asked in SQL, it may lead SQLite along all of the customer.
    rows = connection.execute(query.where(row.id.in_(_maybe_open(partner, until)))).mappings()
    wanted = (POSTED, partner)
    return [
        row for row in rows if (row["state"], row["partner"]) == wanted and row["doc_date"] <= until
    ]


def notes_on_open(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """The notes up to a day on invoices that may have been open on it."""
    row = sales.c
    on_them = row.original_id.in_(_maybe_open(partner, until))
    query = select(row.id, row.original_id, row.total)
    query = query.where(on_them, _is_note(), row.partner == partner, row.business_date <= until)
    return list(connection.execute(query).mappings())


def settled_of_open(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """What was handed over with invoices that may have been open on a day, and with their notes."""
    row = sales.c
    of_them = _maybe_open(partner, until)
    of_notes = select(row.id).where(row.original_id.in_(of_them), _is_note())
    found = [*connection.execute(_settled(of_them)).mappings()]
    return [*found, *connection.execute(_settled(of_notes)).mappings()]


def _maybe_open(partner: str, until: date) -> Select[Any]:
    """Identities of invoices open now, settled in part after a day, or raised by a debit note."""
    row, lines, note = invoices.c, payment_invoices.c, sales.c
    paid_later = (
        select(lines.invoice_id)
        .join(payments, payments.c.id == lines.payment_id)
        .where(payments.c.partner == partner, payments.c.doc_date > until)
    )
    noted = select(note.original_id).where(*_noted(partner), note.business_date > until)
    raised = select(note.original_id).where(
        *_noted(partner), note.business_date <= until, note.kind == DEBIT_NOTE
    )
    open_now = select(row.id).where(row.partner == partner, is_open(), row.doc_date <= until)
    return select(open_now.union_all(paid_later, noted, raised).subquery().c[0])


def _settled(of: Select[Any]) -> Select[Any]:
    row = sale_tenders.c
    return (
        select(row.sale_id, row.type, func.sum(row.in_document).label("in_document"))
        .where(row.sale_id.in_(of))
        .group_by(row.sale_id, row.type)
    )


def _invoiced(partner: str) -> tuple[ColumnElement[bool], ...]:
    return invoices.c.partner == partner, invoices.c.state == POSTED


def _noted(partner: str) -> tuple[ColumnElement[bool], ...]:
    return sales.c.partner == partner, _is_note()


def _is_note() -> ColumnElement[bool]:
    """In the words of the index of notes, so that SQLite knows it is meant."""
    return sales.c.kind != literal_column("'invoice'")
