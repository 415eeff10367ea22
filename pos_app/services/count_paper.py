"""A sheet to count a warehouse with: every item and batch there is, and room to write."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping

from pos_app.domain.item import Item
from pos_app.domain.permission import Actor, Permission, require
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import item as items
from pos_app.store import stock
from printing.stock import CountSheet, StockLine


def sheet_of(shop: Shop, actor: Actor, warehouse: str, *, is_blind: bool) -> CountSheet:
    """The sheet of a warehouse as the books stand now, by name; a blind one tells no quantities.

    Raises:
        RecordNotFound: nothing is kept there.
    """
    require(actor, Permission.STOCK_COUNT)
    with shop.store.read() as connection:
        rows = _stock(connection, warehouse)
        batches = _batches(connection, warehouse)
        known = items.find_by_codes(connection, [row["item"] for row in rows])
    if not rows:
        raise RecordNotFound("stock of a warehouse", warehouse)
    lines: list[StockLine] = []
    for row in sorted(rows, key=lambda row: (_name(known, row), row["item"])):
        own = batches.get(row["item"], [row])
        lines += [_line(known, batch, is_blind=is_blind) for batch in own]
    now = shop.local(shop.clock.now())
    return CountSheet(
        shop=shop.rules.seller.name,
        number=f"{warehouse}-{now:%Y%m%d-%H%M}",
        warehouse=warehouse,
        made_at=now,
        made_by=actor.username,
        lines=tuple(lines),
    )


def _stock(connection: Connection, warehouse: str) -> list[RowMapping]:
    """All pages of the stock of a warehouse."""
    rows: list[RowMapping] = []
    while page := stock.of_warehouse(connection, warehouse, after=rows[-1]["item"] if rows else ""):
        rows += page
    return rows


def _batches(connection: Connection, warehouse: str) -> dict[str, list[RowMapping]]:
    """The batches of each item that has any goods left of them."""
    found: dict[str, list[RowMapping]] = {}
    for row in stock.batches_in(connection, warehouse):
        if row["on_hand"]:
            found.setdefault(row["item"], []).append(row)
    return found


def _name(known: dict[str, Item], row: RowMapping) -> str:
    return known[row["item"]].name if row["item"] in known else row["item"]


def _line(known: dict[str, Item], row: RowMapping, *, is_blind: bool) -> StockLine:
    item = known.get(row["item"])
    return StockLine(
        code=row["item"],
        name=_name(known, row),
        quantity=None if is_blind else row["on_hand"],
        uom=item.uom if item else "",
        batch=row.get("batch") or "",
    )
