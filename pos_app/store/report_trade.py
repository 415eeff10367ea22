"""Sums for reports on orders, purchases and goods on their way, over a range of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, case, func, literal, select

from pos_app.store.item_table import items
from pos_app.store.level import stock_levels
from pos_app.store.purchase import (
    purchase_lines,
    purchase_receipt_lines,
    purchase_receipts,
    purchases,
)
from pos_app.store.report import Scope, last_sold
from pos_app.store.schema import Flag
from pos_app.store.stock import stock
from pos_app.store.trade import DELETED, trade_lines, trades
from pos_app.store.transfer import transfer_lines, transfers
from pos_app.store.warehouse import warehouses

CANCELLED = "Cancelled"
ORDERS_OFF = (CANCELLED, "Rejected")
"""Sales orders that came to nothing."""


@dataclass(frozen=True, slots=True)
class Range:
    """Days, both included."""

    since: date
    until: date


def orders(connection: Connection, within: Range, *by: str) -> list[RowMapping]:
    """Sales orders: how many and what they come to, by currency, state and these columns."""
    return _counted(connection, trades, _orders(within), by)


def order_lines(connection: Connection, within: Range, *by: str) -> list[RowMapping]:
    """Lines of living orders by how far each is delivered: ``none``, ``part`` or ``full``."""
    line = trade_lines.c
    how = _how_far(line.fulfilled, line.quantity)
    key = [trades.c[name] for name in ("currency", *by)]
    query = (
        select(*key, how.label("how"), func.count().label("lines"))
        .add_columns(func.sum(line.gross).label("gross"))
        .select_from(trades.join(trade_lines, trade_lines.c.trade_id == trades.c.id))
        .where(*_orders(within), trades.c.state.not_in(ORDERS_OFF))
        .group_by(*key, how)
    )
    return list(connection.execute(query).mappings())


def orders_partly(connection: Connection, within: Range) -> list[RowMapping]:
    """The lines that are delivered in part, which no database divides to the cent."""
    line = trade_lines.c
    query = (
        select(trades.c.currency, trades.c.partner, trades.c.doc_date, trades.c.id)
        .add_columns(line.gross, line.fulfilled, line.quantity)
        .select_from(trades.join(trade_lines, trade_lines.c.trade_id == trades.c.id))
        .where(*_orders(within), trades.c.state.not_in(ORDERS_OFF))
        .where(line.fulfilled > 0, line.fulfilled < line.quantity)
    )
    return list(connection.execute(query).mappings())


def newest_orders(connection: Connection, within: Range, *, limit: int) -> list[RowMapping]:
    """The newest orders, each with its lines counted by how far they are delivered."""
    line = trade_lines.c
    full = case((line.fulfilled >= line.quantity, 1), else_=0)
    chosen = (
        select(trades)
        .where(*_orders(within))
        .order_by(trades.c.doc_date.desc(), trades.c.entry.desc())
        .limit(limit)
        .subquery()
    )
    counted = (
        select(line.trade_id, func.count().label("lines"), func.sum(full).label("full"))
        .add_columns(func.sum(case((line.fulfilled > 0, 1), else_=0)).label("begun"))
        .where(line.trade_id.in_(select(chosen.c.id)))
        .group_by(line.trade_id)
        .subquery()
    )
    each = (
        select(chosen, counted.c.lines, counted.c.full, counted.c.begun)
        .outerjoin(counted, counted.c.trade_id == chosen.c.id)
        .order_by(chosen.c.doc_date.desc(), chosen.c.entry.desc())
    )
    return list(connection.execute(each).mappings())


def bought(connection: Connection, within: Range, *by: str) -> list[RowMapping]:
    """Purchase orders: how many and what they come to, by currency, state and these columns."""
    return _counted(connection, purchases, _purchases(within), by)


def suppliers(connection: Connection, within: Range) -> int:
    """How many suppliers there are orders to."""
    query = select(func.count(purchases.c.partner.distinct())).where(*_purchases(within))
    return int(connection.execute(query).scalar() or 0)


def bought_partly(connection: Connection, within: Range) -> list[RowMapping]:
    """Lines of orders that have arrived in part."""
    line = purchase_lines.c
    query = (
        select(purchases.c.id, purchases.c.currency, purchases.c.total, purchases.c.partner)
        .add_columns(purchases.c.doc_date, line.net, line.quantity, line.received)
        .select_from(purchases.join(purchase_lines, line.purchase_id == purchases.c.id))
        .where(*_purchases(within), purchases.c.state == "PartiallyReceived")
        .order_by(purchases.c.id)
    )
    return list(connection.execute(query).mappings())


def top_bought(connection: Connection, within: Range, *, limit: int) -> list[RowMapping]:
    """Items ordered most, by quantity, of orders that were not cancelled."""
    line, row = purchase_lines.c, purchases.c
    quantity = func.sum(line.quantity)
    query = (
        select(line.item, func.max(line.name).label("name"), quantity.label("quantity"))
        .add_columns(func.sum(line.received).label("received"))
        .add_columns(func.count(row.id.distinct()).label("orders"))
        .select_from(purchases.join(purchase_lines, line.purchase_id == row.id))
        .where(*_purchases(within), row.state != CANCELLED)
        .group_by(line.item)
        .order_by(quantity.desc(), line.item)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def bought_worth(connection: Connection, within: Range, wanted: Sequence[str]) -> list[RowMapping]:
    """What orders of these items come to before tax, by currency."""
    line, row = purchase_lines.c, purchases.c
    query = (
        select(line.item, row.currency, func.sum(line.net).label("net"))
        .select_from(purchases.join(purchase_lines, line.purchase_id == row.id))
        .where(*_purchases(within), row.state != CANCELLED, line.item.in_(wanted))
        .group_by(line.item, row.currency)
    )
    return list(connection.execute(query).mappings())


def arrived(connection: Connection, within: Range, *, warehouse: str | None) -> list[RowMapping]:
    """What arrived of each line of a purchase order, per month."""
    receipt, part, line = purchase_receipts.c, purchase_receipt_lines.c, purchase_lines.c
    month = func.substr(receipt.doc_date, 1, 7)
    is_line = (line.purchase_id == receipt.purchase_id) & (line.line == part.purchase_line)
    key = (receipt.purchase_id, part.purchase_line, month, purchases.c.currency)
    worth = (line.unit_price, line.discount_percent, purchases.c.discount_percent)
    query = (
        select(month.label("month"), purchases.c.currency, line.unit_price)
        .add_columns(line.discount_percent, purchases.c.discount_percent.label("of_whole"))
        .add_columns(func.sum(part.quantity).label("quantity"))
        .select_from(
            purchase_receipts.join(purchase_receipt_lines, part.receipt_id == receipt.id)
            .join(purchases, purchases.c.id == receipt.purchase_id)
            .join(purchase_lines, is_line)
        )
        .where(receipt.doc_date.between(within.since, within.until))
        .where(*([] if warehouse is None else [part.warehouse == warehouse]))
        .group_by(*key, *worth)
    )
    return list(connection.execute(query).mappings())


def moved(
    connection: Connection, within: Range, *, warehouse: str | None, limit: int
) -> list[RowMapping]:
    """Lines of transfers, newest first; those that were cancelled moved nothing."""
    head, line = transfers.c, transfer_lines.c
    query = (
        select(head.doc_date, head.number, head.state, line.item, line.name, line.quantity)
        .add_columns(line.received, line.from_warehouse, line.to_warehouse)
        .select_from(_MOVED)
        .where(*_transfers(within, warehouse))
        .order_by(head.doc_date.desc(), head.entry.desc(), line.line)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def flows(connection: Connection, within: Range, *, warehouse: str | None) -> list[RowMapping]:
    """What went from where to where: transfers, quantity sent, quantity that arrived."""
    line = transfer_lines.c
    key = (line.from_warehouse, line.to_warehouse)
    query = (
        select(*key, func.count(transfers.c.id.distinct()).label("transfers"))
        .add_columns(func.sum(line.quantity).label("sent"))
        .add_columns(func.sum(func.coalesce(line.received, 0)).label("received"))
        .select_from(_MOVED)
        .where(*_transfers(within, warehouse))
        .group_by(*key)
        .order_by(*key)
    )
    return list(connection.execute(query).mappings())


def transfer_count(connection: Connection, within: Range, *, warehouse: str | None) -> int:
    """How many transfers."""
    query = select(func.count(transfers.c.id.distinct())).select_from(_MOVED)
    query = query.where(*_transfers(within, warehouse))
    return int(connection.execute(query).scalar() or 0)


def unsold(
    connection: Connection, scope: Scope, *, since: date, limit: int
) -> tuple[int, list[RowMapping]]:
    """Items in stock that were last sold before a day, or not at all, the longest first.

    Args:
        connection: to read with.
        scope: the period looked through.
        since: sold on this day or later is no slow mover.
        limit: how many at most; the count is of all.
    """
    last = last_sold(scope).subquery()
    held = (
        select(stock.c.item, func.sum(stock.c.on_hand).label("on_hand"))
        .join(warehouses, warehouses.c.code == stock.c.warehouse)
        .where(stock.c.on_hand > 0, warehouses.c.is_active == _YES)
        .where(*([] if scope.warehouse is None else [stock.c.warehouse == scope.warehouse]))
        .group_by(stock.c.item)
        .subquery()
    )
    found = held.join(items, items.c.code == held.c.item).outerjoin(
        last, last.c.item == held.c.item
    )
    slow = (last.c.last.is_(None)) | (last.c.last < since)
    where = (items.c.is_active == _YES) & slow
    count = select(func.count()).select_from(found).where(where)
    # Those never sold in the period stand first on both databases, whatever each thinks of NULL.
    never = case((last.c.last.is_(None), 0), else_=1)
    query = (
        select(items.c.code, items.c.name, held.c.on_hand, last.c.last)
        .select_from(found)
        .where(where)
        .order_by(never, last.c.last, items.c.code)
        .limit(limit)
    )
    rows = list(connection.execute(query).mappings())
    return int(connection.execute(count).scalar() or 0), rows


def held_of(connection: Connection, wanted: Sequence[str]) -> list[RowMapping]:
    """What is in stock of these items and what one costs, per warehouse."""
    is_level = (stock_levels.c.item == stock.c.item) & (
        stock_levels.c.warehouse == stock.c.warehouse
    )
    query = (
        select(stock.c.item, stock.c.warehouse, stock.c.on_hand, stock_levels.c.cost)
        .select_from(stock.outerjoin(stock_levels, is_level))
        .where(stock.c.item.in_(wanted), stock.c.on_hand > 0)
    )
    return list(connection.execute(query).mappings())


_YES = literal(True, Flag())
_MOVED = transfers.join(transfer_lines, transfer_lines.c.transfer_id == transfers.c.id)


def _counted(
    connection: Connection, table: Table, where: list[ColumnElement[bool]], by: Sequence[str]
) -> list[RowMapping]:
    row = table.c
    key = [row[name] for name in ("currency", "state", *by)]
    query = select(*key, func.count().label("documents"), func.sum(row.total).label("total"))
    query = query.add_columns(func.max(row.partner_name).label("name"))
    return list(connection.execute(query.where(*where).group_by(*key).order_by(*key)).mappings())


def _orders(within: Range) -> list[ColumnElement[bool]]:
    row = trades.c
    is_order = row.kind == "sales_order"
    return [is_order, row.doc_date.between(within.since, within.until), row.state != DELETED]


def _purchases(within: Range) -> list[ColumnElement[bool]]:
    row = purchases.c
    return [
        row.doc_date.between(within.since, within.until),
        row.is_deleted == literal(False, Flag()),
    ]


def _transfers(within: Range, warehouse: str | None) -> list[ColumnElement[bool]]:
    line = transfer_lines.c
    found = [
        transfers.c.doc_date.between(within.since, within.until),
        transfers.c.state != CANCELLED,
    ]
    if warehouse is not None:
        found.append((line.from_warehouse == warehouse) | (line.to_warehouse == warehouse))
    return found


def _how_far(done: Any, whole: Any) -> Any:
    return case((done >= whole, "full"), (done > 0, "part"), else_="none")
