"""Everything a customer owed, paid and was credited, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, RowMapping, func, select

from pos_app.store.invoice import POSTED, invoices
from pos_app.store.payment import payment_invoices, payments
from pos_app.store.sale import sale_status, sale_tenders, sales


def invoices_of(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """The posted invoices of a customer up to a day, with the receipt's and SAP's numbers."""
    row = invoices.c
    query = (
        select(invoices, sales.c.receipt, sale_status.c.doc_num)
        .join(sales, sales.c.id == row.id)
        .outerjoin(sale_status, sale_status.c.sale_id == row.id)
        .where(row.partner == partner, row.state == POSTED, row.doc_date <= until)
        .order_by(row.doc_date, row.entry)
    )
    return list(connection.execute(query).mappings())


def notes_of(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """The credit and debit notes of a customer up to a day."""
    row = sales.c
    query = (
        select(row.id, row.kind, row.receipt, row.original_id, row.currency, row.total)
        .add_columns(row.business_date, row.posted_at, sale_status.c.doc_num)
        .outerjoin(sale_status, sale_status.c.sale_id == row.id)
        .where(row.partner == partner, row.kind != "invoice", row.business_date <= until)
        .order_by(row.business_date, row.posted_at)
    )
    return list(connection.execute(query).mappings())


def settled(connection: Connection, sale_ids: Iterable[str]) -> list[RowMapping]:
    """What was handed over or paid back with these, by tender type, in the document's currency."""
    row = sale_tenders.c
    query = (
        select(row.sale_id, row.type, func.sum(row.in_document).label("in_document"))
        .where(row.sale_id.in_(list(sale_ids)))
        .group_by(row.sale_id, row.type)
        .order_by(row.sale_id, row.type)
    )
    return list(connection.execute(query).mappings())


def payments_of(connection: Connection, partner: str, *, until: date) -> list[RowMapping]:
    """The payments of a customer up to a day, with what of each settles invoices."""
    row = payments.c
    applied = func.coalesce(func.sum(payment_invoices.c.applied), 0).label("applied")
    query = (
        select(row.id, row.entry, row.currency, row.total, row.doc_date, row.transfer_reference)
        .add_columns(applied)
        .outerjoin(payment_invoices, payment_invoices.c.payment_id == row.id)
        .where(row.partner == partner, row.doc_date <= until)
        .group_by(row.id, row.entry, row.currency, row.total, row.doc_date, row.transfer_reference)
        .order_by(row.doc_date, row.entry)
    )
    return list(connection.execute(query).mappings())


def applied_until(
    connection: Connection, invoice_ids: Iterable[str], *, until: date
) -> dict[str, int]:
    """What payments up to a day settle of each invoice, in minor units."""
    lines = payment_invoices.c
    query = (
        select(lines.invoice_id, func.sum(lines.applied))
        .join(payments, payments.c.id == lines.payment_id)
        .where(lines.invoice_id.in_(list(invoice_ids)), payments.c.doc_date <= until)
        .group_by(lines.invoice_id)
    )
    return {invoice: int(applied) for invoice, applied in connection.execute(query)}
