"""Purchase orders, and what arrived of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.posting import posting_steps, postings
from pos_app.store.schema import BusinessDate, Flag, Instant, Micro, Minor, autokey, table
from pos_app.store.tally import KINDS, Asked

purchases = table(
    "purchases",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("is_deleted", Flag, nullable=False, server_default="0"),  # its number stays explained
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("reference", Text, nullable=False, server_default=""),  # the supplier's own
    Column("warehouse", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Column("subtotal", Minor, nullable=False),
    Column("discount", Minor, nullable=False),
    Column("tax", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("due_date", BusinessDate),
    Column("comments", Text, nullable=False, server_default=""),
    Column("buyer_code", Integer),
    Column("buyer_name", Text, nullable=False, server_default=""),
    Column("ship_to", Text, nullable=False, server_default=""),
    Column("bill_to", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("changed_at", Instant, nullable=False),
    Index("purchases_by_partner", "partner", "doc_date", "entry"),
    Index("purchases_by_state", "state", "doc_date", "entry"),
    Index("purchases_by_date", "doc_date", "entry"),
)

purchase_lines = table(
    "purchase_lines",
    Column("purchase_id", Text, ForeignKey("purchases.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("received", Micro, nullable=False, server_default="0"),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Column("tax_percent", Micro, nullable=False),
    Column("net", Minor, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),  # expected; the receipt says it anew
)

purchase_receipts = table(
    "purchase_receipts",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("purchase_id", Text, ForeignKey("purchases.id"), nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("comments", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False),
    Column("received_by", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("purchase_receipts_by_purchase", "purchase_id"),
    Index("purchase_receipts_by_date", "doc_date"),
)

purchase_receipt_lines = table(
    "purchase_receipt_lines",
    Column("receipt_id", Text, ForeignKey("purchase_receipts.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("purchase_line", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("expiry", BusinessDate),
)

_COUNTED = tally.tally(
    purchases,
    day="doc_date",
    key="entry",
    who="partner",
    kinds=("{row}.state", "CAST({row}.is_deleted AS TEXT)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders a list is of; None asks for all."""

    states: tuple[str, ...] = ()
    partner: str | None = None
    since: date | None = None
    until: date | None = None
    in_sap: bool = False


def add(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Store an order; raises UniqueViolation when it is there."""
    connection.execute(insert(purchases).values(dict(header)))
    connection.execute(insert(purchase_lines), [dict(line) for line in lines])


def rewrite(
    connection: Connection,
    purchase_id: str,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> None:
    """Put other content into an order whose row is held."""
    change(connection, purchase_id, values)
    connection.execute(delete(purchase_lines).where(purchase_lines.c.purchase_id == purchase_id))
    connection.execute(insert(purchase_lines), [dict(line) for line in lines])


def by_id(connection: Connection, purchase_id: str) -> RowMapping | None:
    """One order, deleted or not."""
    return _first(connection, purchases.c.id == purchase_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One order by its number in lists."""
    return _first(connection, purchases.c.entry == entry)


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """One order as it is printed."""
    return _first(connection, purchases.c.number == number)


def held(connection: Connection, entry: int) -> RowMapping | None:
    """One order, kept from other writers until the transaction ends."""
    query = select(purchases).where(purchases.c.entry == entry).with_for_update()
    return connection.execute(query).mappings().first()


def change(connection: Connection, purchase_id: str, values: Mapping[str, Any]) -> None:
    """Change an order whose row is held."""
    where = purchases.c.id == purchase_id
    connection.execute(update(purchases).where(where).values(dict(values)))


def receive(connection: Connection, purchase_id: str, line: int, quantity: Decimal) -> bool:
    """Count goods on their line, unless more would come than was ordered; False then."""
    row = purchase_lines.c
    received = row.received + literal(quantity, Micro())
    where = (row.purchase_id == purchase_id) & (row.line == line) & (received <= row.quantity)
    counted = update(purchase_lines).where(where).values(received=received)
    return connection.execute(counted).rowcount == 1


def lines_of(connection: Connection, purchase_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these orders, in order."""
    query = select(purchase_lines).where(purchase_lines.c.purchase_id.in_(list(purchase_ids)))
    return list(connection.execute(query.order_by(*purchase_lines.primary_key)).mappings())


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many orders are wanted in all, and some of them from the newest back."""
    state, is_deleted, _ = KINDS
    kinds = [is_deleted == "0"] + ([state.in_(wanted.states)] if wanted.states else [])
    asked = Asked(who=wanted.partner, kinds=tuple(kinds), since=wanted.since, until=wanted.until)
    query = select(purchases).where(*_conditions(wanted))
    told = None if wanted.in_sap else asked
    return tally.page(connection, _COUNTED, query, told, offset=offset, limit=limit)


def add_receipt(
    connection: Connection, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Store what arrived; raises UniqueViolation when it is there."""
    connection.execute(insert(purchase_receipts).values(dict(header)))
    connection.execute(insert(purchase_receipt_lines), [dict(line) for line in lines])


def receipt_by_id(connection: Connection, receipt_id: str) -> RowMapping | None:
    """One receipt of goods."""
    query = select(purchase_receipts).where(purchase_receipts.c.id == receipt_id)
    return connection.execute(query).mappings().first()


def receipts_of(connection: Connection, purchase_id: str) -> list[RowMapping]:
    """What arrived of an order, oldest first."""
    row = purchase_receipts.c
    query = select(purchase_receipts).where(row.purchase_id == purchase_id).order_by(row.entry)
    return list(connection.execute(query).mappings())


def receipt_lines_of(connection: Connection, receipt_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these receipts, in order."""
    lines = purchase_receipt_lines
    query = select(lines).where(lines.c.receipt_id.in_(list(receipt_ids)))
    return list(connection.execute(query.order_by(*lines.primary_key)).mappings())


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(purchases).where(condition)).mappings().first()


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = purchases.c
    yield row.is_deleted.in_([False])
    if wanted.states:
        yield row.state.in_(wanted.states)
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.since is not None:
        yield row.doc_date >= wanted.since
    if wanted.until is not None:
        yield row.doc_date <= wanted.until
    if wanted.in_sap:
        posted = (
            select(posting_steps.c.step)
            .join(postings, postings.c.queue_id == posting_steps.c.queue_id)
            .where(postings.c.document_id == row.id, postings.c.kind == "purchase_order")
            .where(posting_steps.c.state == "done")
        )
        yield exists(posted)
