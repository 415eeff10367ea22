"""Invoices as the API knows them: a number of their own, what is written on them, and drafts.

A posted one is a sale; its amounts, lines and stock moves stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from pos_app.domain.money import Money
from pos_app.store import tally
from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.sale import sale_lines, sale_status, sales
from pos_app.store.schema import (
    BusinessDate,
    Flag,
    Instant,
    Json,
    Minor,
    autokey,
    index_where,
    table,
)
from pos_app.store.stock import stock_moves
from pos_app.store.tally import KINDS, Asked

DRAFT, POSTED = "Draft", "Posted"

invoices = table(
    "invoices",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),  # of the sale, which a draft keeps
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
    Column("paid", Minor, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("due_date", BusinessDate),
    Column("num_at_card", Text, nullable=False, server_default=""),
    Column("van_order", Text, unique=True),  # u_Van_saleorder, the caller's own key in SAP
    Column("comments", Text, nullable=False, server_default=""),
    Column("sales_person", Integer),
    Column("fiscalize", Flag, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("draft", Json),
    Column("above_limit", Minor),  # how far it took the customer above the credit limit
    Column("limit_currency", Text, nullable=False, server_default=""),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("invoices_by_date", "doc_date", "entry"),
    Index("invoices_by_partner", "partner", "doc_date", "entry"),
    Index("invoices_by_warehouse", "warehouse", "doc_date", "entry"),
    index_where("invoices_drafts", "doc_date", "entry", where="state = 'Draft'"),
    index_where("invoices_due", "doc_date", "entry", where="state = 'Posted' AND paid < total"),
    index_where("invoices_paid", "doc_date", "entry", where="state = 'Posted' AND paid >= total"),
    index_where("invoices_open", "partner", "doc_date", where="state = 'Posted' AND paid < total"),
)

_COUNTED = tally.tally(
    invoices,
    day="doc_date",
    key="entry",
    who="partner",
    kinds=(
        (
            "CASE WHEN {row}.state = 'Draft' THEN 'Draft' "
            "WHEN {row}.paid >= {row}.total THEN 'Closed' ELSE 'Open' END"
        ),
        "{row}.warehouse",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which invoices a list is of; None asks for all."""

    statuses: tuple[str, ...] = ()
    partner: str | None = None
    warehouse: str | None = None
    since: date | None = None
    until: date | None = None


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Enter an invoice and return its number; raises UniqueViolation for a key used before."""
    made = _ADD.first(connection, row)
    assert made is not None  # noqa: S101 - an INSERT gives its key back, or fails
    return int(made[0])


def by_id(connection: Connection, invoice_id: str) -> Mapping[str, Any] | None:
    """One invoice by the identity of its sale."""
    return _BY_ID.first_mapping(connection, {"of_id": invoice_id})


def held(connection: Connection, invoice_id: str) -> Mapping[str, Any] | None:
    """One invoice, kept from other writers until the transaction ends."""
    return _HELD.first_mapping(connection, {"of_id": invoice_id})


def by_ids(connection: Connection, invoice_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Several invoices by the identities of their sales."""
    query = _one(invoices.c.id.in_(list(invoice_ids)))
    return {row["id"]: row for row in connection.execute(query).mappings()}


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One invoice by our own number."""
    return connection.execute(_one(invoices.c.entry == entry)).mappings().first()


def by_van_order(connection: Connection, van_order: str) -> RowMapping | None:
    """The invoice made for a caller's own order."""
    return connection.execute(_one(invoices.c.van_order == van_order)).mappings().first()


def mark_above_limit(connection: Connection, invoice_id: str, over: Money) -> None:
    """Note how far an invoice took its customer above the credit limit."""
    mine = invoices.c.id == invoice_id
    values = {"above_limit": over.minor, "limit_currency": over.currency}
    connection.execute(update(invoices).where(mine).values(values))


def by_sap(
    connection: Connection, *, doc_entry: int | None = None, doc_num: int | None = None
) -> RowMapping | None:
    """One invoice by what SAP calls it."""
    known = sale_status.c.doc_num if doc_entry is None else sale_status.c.doc_entry
    number = doc_num if doc_entry is None else doc_entry
    query = (
        select(invoices)
        .join(sale_status, sale_status.c.sale_id == invoices.c.id)
        .where(known == number)
        .order_by(invoices.c.entry)
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def change(connection: Connection, invoice_id: str, *, was: str, values: Mapping[str, Any]) -> bool:
    """Change an invoice; False when it is no longer in the state it was read in."""
    where = (invoices.c.id == invoice_id) & (invoices.c.state == was)
    return connection.execute(update(invoices).where(where).values(dict(values))).rowcount == 1


def add_paid(connection: Connection, invoice_id: str, minor: int) -> bool:
    """Count a payment, unless it would go beyond the total; False then."""
    paid = invoices.c.paid + literal(minor, Minor())
    where = (invoices.c.id == invoice_id) & (paid <= invoices.c.total)
    return connection.execute(update(invoices).where(where).values(paid=paid)).rowcount == 1


def unposted(
    connection: Connection, partner: str, *, told_at: datetime | None = None
) -> dict[str, int]:
    """What a partner owes on invoices the balance does not hold, by currency, in minor units.

    Those SAP does not hold yet, and those it took after `told_at`, when it told the balance.
    """
    row = invoices.c
    is_missing = func.coalesce(sale_status.c.in_sap, "") != "done"
    if told_at is not None:
        is_missing = or_(is_missing, sale_status.c.changed_at > told_at)
    query = (
        select(row.currency, func.sum(row.total - row.paid))
        .outerjoin(sale_status, sale_status.c.sale_id == row.id)
        .where(
            row.partner == partner,
            row.state == POSTED,
            is_missing,
        )
        .group_by(row.currency)
    )
    return {currency: int(owed or 0) for currency, owed in connection.execute(query)}


def is_open() -> ColumnElement[bool]:
    """Whether something is owed on an invoice, in the words of the index of such invoices."""
    return and_(invoices.c.state == literal_column("'Posted'"), invoices.c.paid < invoices.c.total)


def drop_draft(connection: Connection, invoice_id: str) -> bool:
    """Delete a draft; False when it is none."""
    where = (invoices.c.id == invoice_id) & (invoices.c.state == DRAFT)
    return connection.execute(delete(invoices).where(where)).rowcount == 1


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many invoices are wanted in all, and some of them from the newest back."""
    status, warehouse, _ = KINDS
    kinds: list[ColumnElement[bool]] = []
    kinds += [status.in_(wanted.statuses)] if wanted.statuses else []
    kinds += [warehouse == wanted.warehouse] if wanted.warehouse is not None else []
    asked = Asked(who=wanted.partner, kinds=tuple(kinds), since=wanted.since, until=wanted.until)
    query = select(invoices).where(*_conditions(wanted))
    return tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)


def _one(condition: ColumnElement[bool]) -> Any:
    return select(invoices).where(condition)


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = invoices.c
    if wanted.statuses:
        yield or_(*(_has(status) for status in wanted.statuses))
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.warehouse is not None:
        yield row.warehouse == wanted.warehouse
    if wanted.since is not None:
        yield row.doc_date >= wanted.since
    if wanted.until is not None:
        yield row.doc_date <= wanted.until


def _has(status: str) -> ColumnElement[bool]:
    """Whether an invoice is Draft, Open or Closed, in the words of the index of those."""
    if status == "Draft":
        return invoices.c.state == literal_column("'Draft'")
    if status == "Closed":
        is_posted = invoices.c.state == literal_column("'Posted'")
        return and_(is_posted, invoices.c.paid >= invoices.c.total)
    return is_open() if status == "Open" else false()


def sales_of(connection: Connection, invoice_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The sales behind these invoices; drafts have none."""
    rows = _SALES_OF.all_mappings(connection, {"of_ids": invoice_ids})
    return {row["id"]: row for row in rows}


def lines_of(connection: Connection, invoice_ids: Iterable[str]) -> list[dict[str, Any]]:
    """The lines of these invoices, in order."""
    return _LINES_OF.all_mappings(connection, {"of_ids": invoice_ids})


def lots_of(connection: Connection, invoice_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Which batches left with the lines of these invoices."""
    return _LOTS_OF.all_mappings(connection, {"of_ids": invoice_ids})


_ADD = Prepared(insert(invoices).returning(invoices.c.entry))
_OF_ID = select(invoices).where(invoices.c.id == bindparam("of_id"))
_BY_ID, _HELD = Prepared(_OF_ID), Prepared(_OF_ID.with_for_update())
_SALES_OF = Prepared(select(sales).where(among(sales.c.id, "of_ids")))
_LINES_OF = Prepared(
    select(sale_lines)
    .where(among(sale_lines.c.sale_id, "of_ids"))
    .order_by(*sale_lines.primary_key)
)
_LOTS_OF = Prepared(
    select(stock_moves)
    .where(among(stock_moves.c.document_id, "of_ids"), stock_moves.c.batch != "")
    .order_by(stock_moves.c.seq)
)
