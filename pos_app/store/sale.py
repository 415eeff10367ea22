"""Posted sales: header, lines, batches, tenders; and the baskets put aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.item_table import chunks
from pos_app.store.schema import (
    BusinessDate,
    Flag,
    Instant,
    Json,
    Micro,
    Minor,
    index_where,
    table,
)
from pos_app.store.upsert import upsert

sales = table(
    "sales",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # invoice | credit_note | debit_note
    Column("origin", Text, nullable=False),  # till | api
    Column("receipt", Text, nullable=False, unique=True),
    Column("till", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("shift_id", Text),
    Column("reference", Text, unique=True),
    Column("content_hash", Text, nullable=False),
    Column("original_id", Text),  # of a note: a sale, or one of `originals`
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rate", Micro),  # ZIG per USD, frozen at posting
    Column("is_gross", Flag, nullable=False),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("paid", Minor, nullable=False),
    Column("business_date", BusinessDate, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("taxes", Json, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("is_fiscal", Flag, nullable=False, server_default="0"),  # its till files it
    UniqueConstraint("till", "number"),
    CheckConstraint("net + vat = total", name="sale_adds_up"),
    Index("sales_by_time", "posted_at"),
    Index("sales_by_date", "business_date", "till"),
    Index("sales_by_partner", "partner", "posted_at"),
    Index("sales_by_original", "original_id"),
    index_where("sales_notes", "partner", "business_date", where="kind != 'invoice'"),
)

sale_lines = table(
    "sale_lines",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Column("tax_group", Text, nullable=False),
    Column("tax_percent", Micro),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("gross", Minor, nullable=False),
    Column("hs_code", Text, nullable=False, server_default=""),
    Column("price_list", Text, nullable=False),
    Column("price_rule", Text, nullable=False),
    Column("original_line", Integer),
    Column("warehouse", Text, nullable=False),
    Index("sale_lines_by_item", "item"),
)

sale_tenders = table(
    "sale_tenders",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("tendered", Minor, nullable=False),
    Column("settled", Minor, nullable=False),
    Column("in_document", Minor, nullable=False),
    Column("reference", Text, nullable=False, server_default=""),
    Index("sale_tenders_by_reference", "reference"),
)

sale_change = table(
    "sale_change",
    Column("sale_id", Text, ForeignKey("sales.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", Minor, nullable=False),
)

# What is known of the sale's documents in SAP: told by the posting queue, and to tills by the feed.
sale_status = table(
    "sale_status",
    Column("sale_id", Text, primary_key=True),
    Column("in_sap", Text, nullable=False),  # pending | done | review | unknown
    Column("doc_entry", Integer),
    Column("doc_num", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed_at", Instant, nullable=False),
)

held_sales = table(
    "held_sales",
    Column("id", Text, primary_key=True),  # the sale's own identity, kept through recall
    Column("till", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("state", Text, nullable=False),  # held | recalled | voided
    Column("note", Text, nullable=False, server_default=""),
    Column("partner", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("basket", Json, nullable=False),
    Column("reservation_id", Text),
    Column("held_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("held_sales_by_state", "till", "state"),
)


def on_account(
    connection: Connection, partner: str, *, kinds: Sequence[str], told_at: datetime | None
) -> dict[str, int]:
    """What a till's own documents left a partner to owe that the balance does not hold.

    Those not in the books, and those that came into them after `told_at`, when the balance was
    told; by currency, in minor units, notes taken off.

    Args:
        connection: of a till.
        partner: the customer.
        kinds: the tender types nothing is paid by.
        told_at: None where the books are as new as the word that a document is in them.
    """
    is_missing = func.coalesce(sale_status.c.in_sap, "") != "done"
    if told_at is not None:
        is_missing = or_(is_missing, sale_status.c.changed_at > told_at)
    query = (
        select(sales.c.currency, func.sum(sale_tenders.c.in_document))
        .join(sale_tenders, sale_tenders.c.sale_id == sales.c.id)
        .outerjoin(sale_status, sale_status.c.sale_id == sales.c.id)
        .where(sales.c.partner == partner, sale_tenders.c.type.in_(list(kinds)), is_missing)
        .group_by(sales.c.currency)
    )
    return {currency: int(owed or 0) for currency, owed in connection.execute(query)}


def add(
    connection: Connection,
    *,
    header: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    tenders: Sequence[Mapping[str, Any]],
    change: Sequence[Mapping[str, Any]],
) -> None:
    """Store a posted sale whole; raises UniqueViolation when its identity or number is taken."""
    _ADD_SALE.run(connection, header)
    _ADD_LINES.run_many(connection, lines)
    _ADD_TENDERS.run_many(connection, tenders)
    _ADD_CHANGE.run_many(connection, change)


def by_id(connection: Connection, sale_id: str) -> Mapping[str, Any] | None:
    """The header of one sale."""
    return _BY_ID.first_mapping(connection, {"of_id": sale_id})


def by_receipt(connection: Connection, receipt: str) -> RowMapping | None:
    """The header of the sale with this receipt number."""
    return connection.execute(select(sales).where(sales.c.receipt == receipt)).mappings().first()


def by_reference(connection: Connection, reference: str) -> Mapping[str, Any] | None:
    """The header of the sale a caller knows by its own reference."""
    return _BY_REFERENCE.first_mapping(connection, {"of_reference": reference})


def lines_of(connection: Connection, sale_id: str) -> list[RowMapping]:
    """The lines of one sale in their order."""
    query = select(sale_lines).where(sale_lines.c.sale_id == sale_id).order_by(sale_lines.c.line)
    return list(connection.execute(query).mappings())


def by_tender_reference(connection: Connection, tender: str, reference: str) -> RowMapping | None:
    """The sale that was paid with a confirmation, by tender type and reference in either case."""
    cases = sorted({reference, reference.upper(), reference.lower()})
    query = (
        select(sales)
        .join(sale_tenders, sale_tenders.c.sale_id == sales.c.id)
        .where(sale_tenders.c.reference.in_(cases), sale_tenders.c.type == tender)
        .where(sales.c.kind == "invoice")
    )
    return connection.execute(query).mappings().first()


def tenders_of(connection: Connection, sale_id: str) -> list[RowMapping]:
    """The tenders of one sale in the order they were taken."""
    query = select(sale_tenders).where(sale_tenders.c.sale_id == sale_id)
    return list(connection.execute(query.order_by(sale_tenders.c.line)).mappings())


def change_of(connection: Connection, sale_id: str) -> list[RowMapping]:
    """The change given on one sale, per currency."""
    query = select(sale_change).where(sale_change.c.sale_id == sale_id)
    return list(connection.execute(query.order_by(sale_change.c.currency)).mappings())


def receipts_of(connection: Connection, sale_ids: Iterable[str]) -> dict[str, str]:
    """The receipt numbers of these sales, by their identities."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(sale_ids))):
        query = select(sales.c.id, sales.c.receipt).where(sales.c.id.in_(chunk))
        found |= {row.id: row.receipt for row in connection.execute(query)}
    return found


def notes_of(connection: Connection, original_id: str) -> list[RowMapping]:
    """The credit and debit notes made against one receipt, oldest first."""
    query = select(sales).where(sales.c.original_id == original_id)
    return list(connection.execute(query.order_by(sales.c.posted_at, sales.c.number)).mappings())


def note_lines_of(connection: Connection, original_id: str) -> list[RowMapping]:
    """The lines of all notes made against one receipt."""
    query = (
        select(sale_lines)
        .join(sales, sales.c.id == sale_lines.c.sale_id)
        .where(sales.c.original_id == original_id)
        .order_by(sales.c.posted_at, sales.c.number, sale_lines.c.line)
    )
    return list(connection.execute(query).mappings())


def recent(
    connection: Connection, *, limit: int, before: datetime | None = None, text: str = ""
) -> list[RowMapping]:
    """Sales from the newest back; `text` is looked for in receipt, partner and reference."""
    query = select(sales).order_by(sales.c.posted_at.desc(), sales.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(sales.c.posted_at < before)
    if text:
        parts = (sales.c.receipt, sales.c.partner, sales.c.partner_name, sales.c.reference)
        query = query.where(or_(*(part.icontains(text, autoescape=True) for part in parts)))
    return list(connection.execute(query).mappings())


def of_shift(connection: Connection, shift_id: str) -> list[RowMapping]:
    """The sales of one shift, oldest first."""
    query = select(sales).where(sales.c.shift_id == shift_id).order_by(sales.c.number)
    return list(connection.execute(query).mappings())


def of_till(connection: Connection, till: str, sale_ids: Iterable[str]) -> set[str]:
    """Which of these sales a till has made."""
    query = select(sales.c.id).where(sales.c.till == till, sales.c.id.in_(list(sale_ids)))
    return set(connection.execute(query).scalars())


def last_number(connection: Connection, till: str) -> int:
    """The highest receipt number of a till, 0 before the first."""
    query = select(func.max(sales.c.number)).where(sales.c.till == till)
    return int(connection.execute(query).scalar() or 0)


def status_of(connection: Connection, sale_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """What is known in SAP of these sales."""
    rows = _STATUS_OF.all_mappings(connection, {"of_ids": sale_ids})
    return {row["sale_id"]: row for row in rows}


def set_status(
    connection: Connection,
    *,
    sale_id: str,
    in_sap: str,
    at: datetime,
    doc_entry: int | None = None,
    doc_num: int | None = None,
    reason: str = "",
) -> None:
    """Note how far a sale has come in SAP, replacing what was known."""
    values = {"in_sap": in_sap, "doc_entry": doc_entry, "doc_num": doc_num, "reason": reason}
    upsert(connection, sale_status, [{"sale_id": sale_id, "changed_at": at, **values}])


def hold(connection: Connection, row: Mapping[str, Any]) -> None:
    """Put a basket aside, replacing an earlier state of the same sale."""
    connection.execute(delete(held_sales).where(held_sales.c.id == row["id"]))
    connection.execute(insert(held_sales).values(row))


def held(connection: Connection, till: str, state: str = "held") -> list[RowMapping]:
    """The baskets put aside on a till, oldest first."""
    query = select(held_sales).where(held_sales.c.till == till, held_sales.c.state == state)
    return list(connection.execute(query.order_by(held_sales.c.held_at)).mappings())


def held_by_id(connection: Connection, held_id: str) -> RowMapping | None:
    """One basket put aside, whatever became of it."""
    query = select(held_sales).where(held_sales.c.id == held_id)
    return connection.execute(query).mappings().first()


def move_held(connection: Connection, held_id: str, *, state: str, was: str, at: datetime) -> bool:
    """Change the state of a basket put aside; False when another hand was faster."""
    where = (held_sales.c.id == held_id) & (held_sales.c.state == was)
    changed = connection.execute(update(held_sales).where(where).values(state=state, changed_at=at))
    return changed.rowcount == 1


_BY_ID = Prepared(select(sales).where(sales.c.id == bindparam("of_id")))
_STATUS_OF = Prepared(select(sale_status).where(among(sale_status.c.sale_id, "of_ids")))
_BY_REFERENCE = Prepared(select(sales).where(sales.c.reference == bindparam("of_reference")))
_ADD_SALE = Prepared(insert(sales))
_ADD_LINES = Prepared(insert(sale_lines))
_ADD_TENDERS = Prepared(insert(sale_tenders))
_ADD_CHANGE = Prepared(insert(sale_change))
