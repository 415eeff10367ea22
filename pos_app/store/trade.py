"""Quotations and sales orders, their lines, and which invoice took how much of an order."""

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
    UniqueConstraint,
    insert,
    literal,
    or_,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.schema import BusinessDate, Flag, Instant, Json, Micro, Minor, autokey, table
from pos_app.store.tally import KINDS, Asked

DELETED = "Deleted"

trades = table(
    "trades",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # quotation | sales_order
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("partner", Text, nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("contact", Text, nullable=False, server_default=""),
    Column("reference", Text, nullable=False, server_default=""),  # the customer's own
    Column("warehouse", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rate", Micro),  # ZIG per USD, when it was made
    Column("is_gross", Flag, nullable=False),
    Column("discount_percent", Micro, nullable=False),
    Column("subtotal", Minor, nullable=False),  # of the lines, before the discount of the whole
    Column("discount", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("total", Minor, nullable=False),
    Column("taxes", Json, nullable=False),
    Column("doc_date", BusinessDate, nullable=False),
    Column("due_date", BusinessDate),  # last day of a quotation, delivery of an order
    Column("comments", Text, nullable=False, server_default=""),
    Column("terms", Text, nullable=False, server_default=""),
    Column("ship_to", Text, nullable=False, server_default=""),
    Column("bill_to", Text, nullable=False, server_default=""),
    Column("sales_person", Integer),
    Column("sales_person_name", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("has_other_prices", Flag, nullable=False),  # than the customer's own
    Column("client_request", Text),
    Column("content_hash", Text, nullable=False),
    Column("base_id", Text),  # the quotation an order was made from
    Column("in_sap", Text, nullable=False, server_default=""),
    Column("sap_key", Text),
    Column("doc_entry", Integer),
    Column("doc_num", Integer),
    Column("sap_reason", Text, nullable=False, server_default=""),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("above_limit", Minor),  # how far above the credit limit it was agreed to go
    Column("limit_currency", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "client_request"),
    Index("trades_by_date", "kind", "doc_date", "entry"),
    Index("trades_by_partner", "partner", "kind", "doc_date", "entry"),
    Index("trades_by_state", "kind", "state", "doc_date", "entry"),
    Index("trades_by_base", "base_id"),
    Index("trades_by_sap", "kind", "doc_entry"),
)

trade_lines = table(
    "trade_lines",
    Column("trade_id", Text, ForeignKey("trades.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("quantity", Micro, nullable=False),
    Column("fulfilled", Micro, nullable=False),
    Column("unit_price", Micro, nullable=False),
    Column("discount_percent", Micro, nullable=False),  # of the line alone
    Column("amount", Minor, nullable=False),  # before the discount of the whole, as the list says
    Column("tax_group", Text, nullable=False),
    Column("tax_percent", Micro),
    Column("net", Minor, nullable=False),
    Column("vat", Minor, nullable=False),
    Column("gross", Minor, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("batch", Text, nullable=False, server_default=""),
    Column("price_list", Text, nullable=False),
    Column("price_rule", Text, nullable=False),
)

trade_invoices = table(
    "trade_invoices",
    Column("invoice_id", Text, primary_key=True),
    Column("invoice_line", Integer, primary_key=True),
    Column("trade_id", Text, ForeignKey("trades.id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("quantity", Micro, nullable=False),
    Index("trade_invoices_by_trade", "trade_id"),
)

_COUNTED = tally.tally(
    trades,
    day="doc_date",
    key="entry",
    who="partner",
    kinds=("{row}.kind", "{row}.state", "{row}.source"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of them a list is of; None and empty ask for all."""

    kind: str
    states: tuple[str, ...] = ()
    partner: str | None = None
    since: date | None = None
    until: date | None = None
    source: str | None = None
    search: str | None = None
    in_sap: bool = False
    hidden: tuple[str, ...] = ()


def add(connection: Connection, row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> int:
    """Enter one and return its number; raises UniqueViolation for a client's key used before."""
    made = insert(trades).values(row).returning(trades.c.entry)
    entry = int(connection.execute(made).scalar_one())
    _put_lines(connection, lines)
    return entry


def replace_lines(
    connection: Connection, trade_id: str, lines: Iterable[Mapping[str, Any]]
) -> None:
    """Give one other lines; nothing of it was invoiced."""
    connection.execute(trade_lines.delete().where(trade_lines.c.trade_id == trade_id))
    _put_lines(connection, lines)


def _put_lines(connection: Connection, lines: Iterable[Mapping[str, Any]]) -> None:
    connection.execute(insert(trade_lines), [dict(line) for line in lines])


def by_id(connection: Connection, trade_id: str) -> RowMapping | None:
    """One by its identity."""
    return _first(connection, trades.c.id == trade_id)


def by_ids(connection: Connection, trade_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Several by their identities."""
    query = _living(trades.c.id.in_(list(trade_ids)))
    return {row["id"]: row for row in connection.execute(query).mappings()}


def by_entry(connection: Connection, kind: str, entry: int) -> RowMapping | None:
    """One by our own number."""
    return _first(connection, (trades.c.kind == kind) & (trades.c.entry == entry))


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """One by the number people know it by, of whichever kind."""
    return _first(connection, trades.c.number == number)


def by_sap(connection: Connection, kind: str, doc_entry: int) -> RowMapping | None:
    """One by what SAP calls it."""
    return _first(connection, (trades.c.kind == kind) & (trades.c.doc_entry == doc_entry))


def by_client_request(connection: Connection, kind: str, key: str) -> RowMapping | None:
    """One by its maker's own key, also a deleted one: a key is used once for ever."""
    where = (trades.c.kind == kind) & (trades.c.client_request == key)
    return connection.execute(select(trades).where(where)).mappings().first()


def made_from(connection: Connection, base_ids: Iterable[str]) -> dict[str, RowMapping]:
    """The order each of these quotations became, by the quotation's identity."""
    query = _living(trades.c.base_id.in_(list(base_ids)))
    return {row["base_id"]: row for row in connection.execute(query).mappings()}


def held(connection: Connection, trade_id: str) -> RowMapping | None:
    """One, kept from other writers until the transaction ends."""
    query = _living(trades.c.id == trade_id).with_for_update()
    return connection.execute(query).mappings().first()


def ever(connection: Connection, trade_id: str, *, is_held: bool = False) -> RowMapping | None:
    """One, also a deleted one: what was on its way to SAP may get there after that.

    Args:
        connection: within a transaction.
        trade_id: its identity.
        is_held: keep it from other writers until the transaction ends.
    """
    query = select(trades).where(trades.c.id == trade_id)
    found = connection.execute(query.with_for_update() if is_held else query)
    return found.mappings().first()


def change(
    connection: Connection, trade_id: str, *, version: int, values: Mapping[str, Any]
) -> bool:
    """Change one; False when somebody else was faster."""
    where = (trades.c.id == trade_id) & (trades.c.version == version)
    told = dict(values) | {"version": version + 1}
    return connection.execute(update(trades).where(where).values(told)).rowcount == 1


def book(connection: Connection, trade_id: str, values: Mapping[str, Any]) -> None:
    """Write down what SAP knows of one; that is no change of its content."""
    connection.execute(update(trades).where(trades.c.id == trade_id).values(dict(values)))


def fulfil(connection: Connection, trade_id: str, line: int, quantity: Decimal) -> bool:
    """Count what an invoice takes of a line, unless it is more than is left; False then."""
    row = trade_lines.c
    done = row.fulfilled + literal(quantity, Micro())
    where = (row.trade_id == trade_id) & (row.line == line) & (done <= row.quantity)
    return connection.execute(update(trade_lines).where(where).values(fulfilled=done)).rowcount == 1


def link(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say which line of which invoice took how much of an order."""
    connection.execute(insert(trade_invoices), [dict(row) for row in rows])


def links_of_invoice(connection: Connection, invoice_id: str) -> list[RowMapping]:
    """What an invoice took, by its lines."""
    where = trade_invoices.c.invoice_id == invoice_id
    query = select(trade_invoices).where(where).order_by(trade_invoices.c.invoice_line)
    return list(connection.execute(query).mappings())


def links_of(connection: Connection, trade_id: str) -> list[RowMapping]:
    """What invoices took of an order, by invoice and line."""
    row = trade_invoices.c
    query = select(trade_invoices).where(row.trade_id == trade_id)
    return list(connection.execute(query.order_by(row.invoice_id, row.invoice_line)).mappings())


def invoices_of(connection: Connection, trade_ids: Iterable[str]) -> dict[str, list[str]]:
    """The invoices of each order, in the order they were made."""
    row = trade_invoices.c
    query = (
        select(row.trade_id, row.invoice_id)
        .where(row.trade_id.in_(list(trade_ids)))
        .distinct()
        .order_by(row.trade_id, row.invoice_id)
    )
    found: dict[str, list[str]] = {}
    for trade_id, invoice_id in connection.execute(query):
        found.setdefault(trade_id, []).append(invoice_id)
    return found


def lines_of(connection: Connection, trade_ids: Iterable[str]) -> list[RowMapping]:
    """The lines of these, in order."""
    query = select(trade_lines).where(trade_lines.c.trade_id.in_(list(trade_ids)))
    return list(connection.execute(query.order_by(*trade_lines.primary_key)).mappings())


def run_out(connection: Connection, *, states: Iterable[str], today: date) -> list[RowMapping]:
    """Quotations in these states whose last day is over."""
    row = trades.c
    where = (row.kind == "quotation") & row.state.in_(list(states)) & (row.due_date < today)
    return list(connection.execute(_living(where).order_by(row.entry)).mappings())


def page(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many are wanted in all, and some of them from the newest back."""
    kind, state, source = KINDS
    asked = Asked(
        who=wanted.partner,
        kinds=tuple(_kinds(wanted, kind=kind, state=state, source=source)),
        since=wanted.since,
        until=wanted.until,
    )
    return tally.page(
        connection,
        _COUNTED,
        select(trades).where(*_conditions(wanted)),
        None if wanted.search or wanted.in_sap else asked,
        offset=offset,
        limit=limit,
    )


def _living(condition: ColumnElement[bool]) -> Any:
    return select(trades).where(condition, trades.c.state != DELETED)


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(_living(condition)).mappings().first()


def _kinds(
    wanted: Wanted, *, kind: Column[Any], state: Column[Any], source: Column[Any]
) -> Iterable[ColumnElement[bool]]:
    yield kind == wanted.kind
    yield state.in_(wanted.states) if wanted.states else state != DELETED
    if wanted.hidden:
        yield state.not_in(wanted.hidden)
    if wanted.source is not None:
        yield source == wanted.source


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = trades.c
    yield from _kinds(wanted, kind=row.kind, state=row.state, source=row.source)
    if wanted.in_sap:
        yield row.doc_entry.is_not(None)
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.since is not None:
        yield row.doc_date >= wanted.since
    if wanted.until is not None:
        yield row.doc_date <= wanted.until
    if wanted.search:
        yield or_(
            *(
                column.icontains(wanted.search, autoescape=True)
                for column in (row.number, row.partner, row.partner_name, row.reference)
            )
        )
